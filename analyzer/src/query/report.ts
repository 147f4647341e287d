// The answer for a place: contexts with their chains, whether what is there sleeps, which flag is right.

import type { Confidence, ContextInfo, ContextReport, GfpAdvice, MaySleep as MaySleepInfo } from "../api.js";
import { Ac, applyCtx, forbidsSleep, isAtomic, Level } from "../flow/context.js";
import type { Intra } from "../flow/intra.js";
import type { Solved } from "../flow/solved.js";
import { callSleeps } from "../flow/summarise.js";
import { type CallState, MaySleep } from "../flow/summary.js";
import type { RecordId } from "../flow/topDown.js";
import { calleeText, contextInfo, lockText, opPlace, placeAt, sleepSteps, staticCallee } from "../flow/witness.js";
import { isPrimitive, primitiveAt, summaryOf } from "../flow/world.js";
import { NONE, OP_SIZE, OpField } from "../ir/ops.js";
import { sourceText } from "../ir/sourceText.js";
import { FnField, unitName, VAR_SIZE, VarField } from "../ir/unit.js";
import { COMMON_NAMES, commonNamesThat } from "../model/gfp.js";
import { callersOf } from "./calls.js";
import type { Target } from "./locate.js";
import { reclaimAdvice } from "./reclaimAdvice.js";

const MAX_CONTEXTS = 12;
const MAX_CALLERS = 50;

interface Found {
	readonly record: RecordId;
	readonly state: CallState;
	readonly ac: number;
}

export function reportFor(solved: Solved, intra: Intra, target: Target): ContextReport {
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
		partial: false,
	};
}

/** The absolute contexts of a place: every record of the function in every state. */
function findContexts(solved: Solved, target: Target, states: readonly CallState[]): Found[] {
	const { contexts } = solved;
	const found: Found[] = [];
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
	const rank = ({ ac }: Found) => (isAtomic(ac) ? 0 : forbidsSleep(ac) ? 1 : 2);
	found.sort((a, b) => rank(a) - rank(b) || contexts.records.doubt(a.record) - contexts.records.doubt(b.record));
	return found.slice(0, MAX_CONTEXTS);
}

function verdictOf(found: readonly Found[]): string {
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
	found: readonly Found[],
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
	found: readonly Found[],
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
	if (primitive.alloc !== undefined && primitive.alloc.gfp >= 0) {
		const unit = program.unit(program.fnFile(target.fn));
		const at = (program.fnField(target.fn, FnField.OpStart) + target.op) * OP_SIZE;
		const index = primitive.alloc.gfp;
		if (index < unit.ops[at + OpField.C]!) {
			const mask = sourceText(unit, program.fnLocal(target.fn), unit.lists[unit.ops[at + OpField.B]! + index]!);
			return { subject: { kind: "flag", name: mask, text: `${name}() allocates with ${mask}` } };
		}
	}
	return { subject: { kind: "call", name, text: primitive.sleep?.note ?? "" } };
}
