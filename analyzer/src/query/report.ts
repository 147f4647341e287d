// The answer for a place: contexts with their chains, whether what is there sleeps, which flag is right.

import type { Confidence, ContextInfo, ContextReport, GfpAdvice, MaySleep as MaySleepInfo } from "../api.js";
import { argumentOf } from "../flow/callGraph.js";
import { Ac, applyCtx, forbidsSleep, isAtomic, Level } from "../flow/context.js";
import type { Intra } from "../flow/intra.js";
import type { Solved } from "../flow/solved.js";
import { callSleeps } from "../flow/summarise.js";
import { type CallState, MaySleep } from "../flow/summary.js";
import type { RecordId } from "../flow/topDown.js";
import { calleeText, contextInfo, lockText, opPlace, placeAt, sleepSteps } from "../flow/witness.js";
import { isPrimitive, primitiveAt, staticCallee, summaryOf } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import { sourceText } from "../ir/sourceText.js";
import { FnField, unitName, VAR_SIZE, VarField } from "../ir/unit.js";
import { COMMON_NAMES, commonNamesThat } from "../model/gfp.js";
import type { AllocRow } from "../model/schema.js";
import { callersOf } from "./calls.js";
import { type FoundContext, flagReport, type Here } from "./flag.js";
import type { Target } from "./locate.js";
import { reclaimAdvice } from "./reclaimAdvice.js";

const MAX_CONTEXTS = 12;
const MAX_CALLERS = 50;

export function reportFor(solved: Solved, intra: Intra, target: Target): ContextReport {
	return reportWith(solved, intra, target, () => ({}));
}

/** The answer for a place where a word names a gfp flag. */
export function reportForFlag(solved: Solved, intra: Intra, target: Target, here: Here, word: string): ContextReport {
	return reportWith(solved, intra, target, (found) => ({ flag: flagReport(solved, here, word, found) }));
}

/** The answer for a flag outside functions: it has no context. */
export function reportOutside(solved: Solved, here: Here, word: string): ContextReport {
	const flag = flagReport(solved, here, word, []);
	const { program } = solved.world;
	return {
		...{ function: "", file: program.paths[here.file]!, line: placeAt(solved.world, here.file, here.offset).line },
		...{ verdict: "outside functions", contexts: [], maySleep: { value: "no", sleep: [] } },
		...{ gfp: { allowed: [], recommended: "", why: "" }, callers: [], confidence: "high", notes: [] },
		...{ flag, partial: false },
	};
}

function reportWith(
	solved: Solved,
	intra: Intra,
	target: Target,
	more: (found: readonly FoundContext[]) => Pick<ContextReport, "flag">,
): ContextReport {
	const { world } = solved;
	const { program } = world;
	const { fn } = target;
	const op = target.op === NONE ? 0 : target.op;
	const states = intra.probe(fn, op);
	const found = findContexts(solved, target, states);
	const contexts = found.map(({ record, state }) => contextInfo(world, solved.contexts, record, { fn, op }, state));
	const callee = target.kind === "call" ? staticCallee(world, fn, op) : NONE;
	const callers = callersOf(solved, fn);
	return {
		function: program.fnName(fn),
		file: program.fnPath(fn),
		line: (target.op === NONE
			? placeAt(world, program.fnFile(fn), program.fnField(fn, FnField.NameStart))
			: opPlace(world, fn, op)
		).line,
		verdict: verdictOf(found),
		contexts,
		maySleep: sleepOf(solved, target, callee),
		gfp: gfpAdvice(found, contexts, () => reclaimAdvice(solved, fn, states)),
		callers: callers.slice(0, MAX_CALLERS).map(({ file, line, column, function: name, contexts: names }) => ({
			file,
			line,
			column,
			function: name,
			contexts: names,
		})),
		confidence: worst(contexts),
		notes: notesFor(solved, target, states, found, callers.length),
		...subjectOf(solved, target, callee),
		...more(found),
		partial: false,
	};
}

/** The absolute contexts of a place: every record of the function in every state. */
function findContexts(solved: Solved, target: Target, states: readonly CallState[]): FoundContext[] {
	const { contexts } = solved;
	const found: FoundContext[] = [];
	const seen = new Set<string>();
	const collect = (record: RecordId, isSeed: boolean) => {
		for (const state of states) {
			const ac = contexts.contextAt(record, state);
			if (ac === NONE || (isSeed && !forbidsSleep(ac))) continue;
			const key = `${ac}|${state.ctx.items.map((item) => `${item.kind}.${item.path}`).join()}`;
			if (seen.has(key)) continue;
			seen.add(key);
			found.push({ record, state, ac });
		}
	};
	const seeds: RecordId[] = [];
	for (let at = contexts.first(target.fn); at !== NONE; at = contexts.next(at)) {
		const isSeed = contexts.isSeed(at);
		if (isSeed) seeds.push(at);
		else collect(at, false);
	}
	if (found.length === 0) for (const seed of seeds) collect(seed, true);
	if (found.length === 0) {
		const record = contexts.seed(target.fn);
		const [state] = states;
		if (state !== undefined) found.push({ record, state, ac: applyCtx(solved.world.kinds, 0, state.ctx) });
	}
	const rank = ({ ac }: FoundContext) => (isAtomic(ac) ? 0 : forbidsSleep(ac) ? 1 : 2);
	found.sort((a, b) => rank(a) - rank(b) || contexts.records.doubt(a.record) - contexts.records.doubt(b.record));
	return found.slice(0, MAX_CONTEXTS);
}

function verdictOf(found: readonly FoundContext[]): string {
	const nAtomic = found.filter(({ ac }) => forbidsSleep(ac)).length;
	if (found.length === 0) return "never reached";
	if (nAtomic === found.length) return "atomic";
	if (nAtomic > 0) return "mixed";
	return found.every(({ ac }) => (ac & Ac.LevelMask) === Level.Any) ? "unknown" : "process";
}

/** Does the call, or the function, sleep? */
function sleepOf(solved: Solved, target: Target, callee: number): MaySleepInfo {
	const { world } = solved;
	if (target.kind === "call") {
		const states = solved.contexts.statesOf(target.fn, target.op);
		let best: { value: MaySleep; param: number } = { value: MaySleep.No, param: -1 };
		for (const state of states) {
			if (callee === NONE) break;
			const one = callSleeps(world, callee, state);
			if (one.value > best.value) best = one;
		}
		const sleep = best.value === MaySleep.No ? [] : sleepSteps(world, target.fn, target.op, callee);
		return { value: SLEEP_NAMES[best.value], ...dependsOn(solved, target.fn, best), sleep };
	}
	const summary = summaryOf(world, target.fn);
	const sleep =
		summary.sleepOp < 0
			? []
			: sleepSteps(world, target.fn, summary.sleepOp, staticCallee(world, target.fn, summary.sleepOp));
	return {
		value: SLEEP_NAMES[summary.maySleep],
		...dependsOn(solved, target.fn, { value: summary.maySleep, param: summary.sleepParam }),
		sleep,
	};
}

const SLEEP_NAMES = { [MaySleep.No]: "no", [MaySleep.Depends]: "depends", [MaySleep.Yes]: "yes" } as const;

function dependsOn(solved: Solved, fn: number, sleep: { value: MaySleep; param: number }): { on?: string } {
	if (sleep.value !== MaySleep.Depends || sleep.param < 0) return {};
	const { program } = solved.world;
	const unit = program.unit(program.fnFile(fn));
	const name = unit.vars[(program.fnField(fn, FnField.VarStart) + sleep.param) * VAR_SIZE + VarField.Name]!;
	return name < 0 ? {} : { on: unitName(unit, name) };
}

function gfpAdvice(
	found: readonly FoundContext[],
	contexts: readonly ContextInfo[],
	onReclaimPath: () => GfpAdvice | null,
): GfpAdvice {
	const nonBlocking = commonNamesThat("cannot-sleep");
	const atomic = found.findIndex(({ ac }) => forbidsSleep(ac));
	if (atomic >= 0) {
		const isMixed = found.some(({ ac }) => !forbidsSleep(ac));
		const why = isMixed
			? "some of its contexts are atomic"
			: `the context is ${contexts[atomic]!.atomic ? "atomic" : "an RCU read-side section"}`;
		return { allowed: nonBlocking, recommended: nonBlocking[0]!, why };
	}
	const advice = onReclaimPath();
	if (advice !== null) return advice;
	const scopes = contexts.flatMap((context) => context.scopes);
	const [usual] = commonNamesThat("can-sleep");
	const why =
		scopes.length > 0 ? `it may sleep; the ${scopes[0]} scope restricts the allocation by itself` : "it may sleep here";
	return { allowed: COMMON_NAMES, recommended: usual!, why };
}

function worst(contexts: readonly ContextInfo[]): Confidence {
	if (contexts.some((context) => context.confidence === "low")) return "low";
	return contexts.some((context) => context.confidence === "medium") ? "medium" : "high";
}

function notesFor(
	solved: Solved,
	target: Target,
	states: readonly CallState[],
	found: readonly FoundContext[],
	nCallers: number,
): string[] {
	const notes: string[] = [];
	const summary = summaryOf(solved.world, target.fn);
	if (summary.imprecise) notes.push("too many paths to keep apart: some states were merged");
	if (states.length === 0) notes.push("no path leads here");
	const isUnknown = found.every(({ ac }) => (ac & Ac.LevelMask) === Level.Any);
	if (isUnknown && nCallers === 0) notes.push("no caller is known: process context is assumed");
	if (solved.pointers.escaped.has(target.fn))
		notes.push("its address is taken where it is not followed: there may be more callers");
	return notes;
}

/** A name at the place that has a meaning of its own. */
function subjectOf(solved: Solved, target: Target, callee: number): Pick<ContextReport, "subject"> {
	const { world } = solved;
	const { program } = world;
	if (target.kind === "function") return { subject: { kind: "function", name: program.fnName(target.fn), text: "" } };
	if (target.kind !== "call") return { subject: { kind: "line", name: "", text: "" } };
	const name = calleeText(world, target.fn, target.op);
	if (!isPrimitive(callee)) return { subject: { kind: "call", name, text: "" } };
	const primitive = primitiveAt(world, callee);
	if (primitive.lock !== undefined) {
		const item = {
			kind: world.kinds.lock(primitive.lock.lock),
			path: world.paths.unknown,
			op: target.op,
			irq: 0,
			asserted: false,
		};
		const text = `${primitive.lock.does === "release" ? "releases" : "takes"} \`${lockText(world, target.fn, item)}\` (${primitive.lock.lock})`;
		return { subject: { kind: "lock", name, text } };
	}
	if (primitive.alloc !== undefined) {
		const subject = maskSubject(solved, target, name, primitive.alloc);
		if (subject !== null) return { subject };
	}
	return { subject: { kind: "call", name, text: primitive.sleep?.note ?? "" } };
}

type Subject = NonNullable<ContextReport["subject"]>;

/** The mask of a call to an allocator: as it is written, or what the allocator takes where none is. */
function maskSubject({ world }: Solved, { fn, op }: Target, name: string, { gfp, implicit }: AllocRow): Subject | null {
	const { program } = world;
	const mask = argumentOf(program, fn, op, gfp);
	if (mask !== NONE) {
		const text = sourceText(program.unit(program.fnFile(fn)), program.fnLocal(fn), mask);
		return { kind: "flag", name: text, text: `${name}() allocates with ${text}` };
	}
	if (implicit === undefined) return null;
	const why = gfp >= 0 ? "no mask is given, so it takes its default" : "it takes no mask, this one is built in";
	return { kind: "flag", name: implicit, text: `${name}() allocates with ${implicit}: ${why}` };
}
