// The answer for a place: contexts with their chains, whether what is there sleeps, which flag is right.

import type { ContextReport, GfpAdvice, MaySleep as MaySleepInfo } from "../api.js";
import { argumentOf } from "../flow/callGraph.js";
import { applyCtx, forbidsSleep, isAtomic } from "../flow/context.js";
import type { Intra } from "../flow/intra.js";
import { MaskParams } from "../flow/maskParams.js";
import { primitiveSleeps } from "../flow/sleeping.js";
import type { Solved } from "../flow/solved.js";
import { callSleeps } from "../flow/summarise.js";
import { type CallState, MaySleep } from "../flow/summary.js";
import { TOP } from "../flow/values.js";
import { calleeText, lockText, opPlace, placeAt, scopeNames, sleepSteps } from "../flow/witness.js";
import {
	isDescribed,
	isPrimitive,
	primitiveAt,
	primitiveNamed,
	staticCallee,
	summaryOf,
	type World,
} from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { sourceText } from "../ir/sourceText.js";
import { FnField, unitName, VAR_SIZE, VarField } from "../ir/unit.js";
import { COMMON_NAMES, commonNamesThat } from "../model/gfp.js";
import type { AllocRow } from "../model/schema.js";
import { callersOf } from "./calls.js";
import { countedOf, type FoundContext, findContexts, infoOf, isUnknown } from "./contexts.js";
import { flagReport, type Here } from "./flag.js";
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
		...{ verdict: "outside functions", contexts: [], counts: { contexts: 0, atomic: 0, doubtful: 0 } },
		...{ maySleep: { value: "no" as const, sleep: [] } },
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
	const isSleeper = isSleepingByRow(world, fn);
	const found = findContexts(solved, target, states, isSleeper);
	const counted = countedOf(solved, found);
	const verdict = verdictOf(counted, isSleeper);
	const place = { fn, states, found, counted, isSleeper };
	const contexts = shownOf(found, counted).map((one) => infoOf(solved, { fn, op }, one));
	const callee = target.kind === "call" ? staticCallee(world, fn, op) : NONE;
	const callers = callersOf(solved, fn);
	return {
		function: program.fnName(fn),
		file: program.fnPath(fn),
		line: (target.op === NONE
			? placeAt(world, program.fnFile(fn), program.fnField(fn, FnField.NameStart))
			: opPlace(world, fn, op)
		).line,
		verdict,
		contexts,
		counts: countsOf(found, counted),
		maySleep: sleepOf(solved, target, callee),
		gfp: gfpAdvice(solved, place, callers.length),
		callers: callers.slice(0, MAX_CALLERS).map(({ file, line, column, function: name, contexts: names }) => ({
			file,
			line,
			column,
			function: name,
			contexts: names,
		})),
		confidence: verdict === "unknown" ? "low" : (contexts[0]?.confidence ?? "high"),
		notes: notesFor(solved, target, states),
		...subjectOf(solved, target, callee),
		...more(counted),
		partial: false,
	};
}

/** What an answer is made of. */
interface Place {
	readonly fn: FnId;
	readonly states: readonly CallState[];
	readonly found: readonly FoundContext[];
	/** those that the answer goes by */
	readonly counted: readonly FoundContext[];
	readonly isSleeper: boolean;
}

function countsOf(found: readonly FoundContext[], counted: readonly FoundContext[]): ContextReport["counts"] {
	const nAtomic = (some: readonly FoundContext[]) => some.filter(({ ac }) => forbidsSleep(ac)).length;
	const atomic = nAtomic(counted);
	return { contexts: counted.length, atomic, doubtful: nAtomic(found) - atomic };
}

/** Some of the contexts: those that the answer goes by first, and of these one at least of each kind. */
function shownOf(found: readonly FoundContext[], counted: readonly FoundContext[]): readonly FoundContext[] {
	const shown = found.slice(0, MAX_CONTEXTS);
	const sleeping = counted.find(({ ac }) => !forbidsSleep(ac));
	if (sleeping !== undefined && !shown.includes(sleeping)) shown[shown.length - 1] = sleeping;
	return shown;
}

function verdictOf(counted: readonly FoundContext[], isSleeper: boolean): string {
	const nAtomic = counted.filter(({ ac }) => forbidsSleep(ac)).length;
	if (counted.length === 0) return "never reached";
	if (nAtomic === counted.length) return "atomic";
	if (nAtomic > 0) return "mixed";
	return isUnknown(counted) && !isSleeper ? "unknown" : "process";
}

/** Does a model row say of a function that it sleeps, whatever it is called with? */
function isSleepingByRow(world: World, fn: FnId): boolean {
	if (!isDescribed(world, fn)) return false;
	const primitive = world.primitives[primitiveNamed(world, world.program.fnGlobalName(fn))]!;
	const { sleep } = primitive;
	const isSometimes = sleep?.certainty === "may" || sleep?.defersIn !== undefined || sleep?.unlessFlagged !== undefined;
	return !isSometimes && primitiveSleeps(world, primitive, () => TOP).value === MaySleep.Yes;
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

function dependsOn({ world }: Solved, fn: FnId, sleep: { value: MaySleep; param: number }): { on?: string } {
	const name = sleep.value === MaySleep.Depends && sleep.param >= 0 ? paramName(world.program, fn, sleep.param) : null;
	return name === null ? {} : { on: name };
}

function paramName(program: Program, fn: FnId, param: number): string | null {
	const unit = program.unit(program.fnFile(fn));
	const name = unit.vars[(program.fnField(fn, FnField.VarStart) + param) * VAR_SIZE + VarField.Name]!;
	return name < 0 ? null : unitName(unit, name);
}

function gfpAdvice(solved: Solved, place: Place, nCallers: number): GfpAdvice {
	const { fn, states, found, counted } = place;
	const nonBlocking = commonNamesThat("cannot-sleep");
	const own = ownMask(solved.world, place);
	if (own !== null) return { allowed: [own], recommended: own, why: "its callers say which mask is right" };
	const atomic = counted.find(({ ac }) => forbidsSleep(ac));
	if (atomic !== undefined) {
		const isMixed = counted.some(({ ac }) => !forbidsSleep(ac));
		const why = isMixed
			? "some of its contexts are atomic"
			: `the context is ${isAtomic(atomic.ac) ? "atomic" : "an RCU read-side section"}`;
		return { allowed: nonBlocking, recommended: nonBlocking[0]!, why };
	}
	return (
		reclaimAdvice(solved, fn, states) ?? {
			allowed: COMMON_NAMES,
			recommended: commonNamesThat("can-sleep")[0]!,
			why: whySleeping(place, found.length > counted.length, nCallers),
		}
	);
}

/** The function's own gfp parameter, where the function itself does nothing that speaks against it; else null. */
function ownMask(world: World, { fn, states }: Place): string | null {
	const param = new MaskParams(world.program).of(fn);
	if (param === NONE || states.some(({ ctx }) => forbidsSleep(applyCtx(world.kinds, 0, ctx)))) return null;
	return paramName(world.program, fn, param);
}

function whySleeping({ counted, isSleeper }: Place, hasDoubtful: boolean, nCallers: number): string {
	if (isSleeper) return "it is known to sleep: whoever calls it must be allowed to";
	const scopes = counted.flatMap(({ ac }) => scopeNames(ac));
	if (scopes.length > 0) return `it may sleep; the ${scopes[0]} scope restricts the allocation by itself`;
	if (!isUnknown(counted)) return hasDoubtful ? "it may sleep, as far as is certain" : "it may sleep here";
	const of = nCallers === 0 ? "no caller is known" : "nothing is known of the contexts of its callers";
	return `${of}: process context is assumed`;
}

function notesFor(solved: Solved, target: Target, states: readonly CallState[]): string[] {
	const notes: string[] = [];
	const summary = summaryOf(solved.world, target.fn);
	if (summary.imprecise) notes.push("too many paths to keep apart: some states were merged");
	if (states.length === 0) notes.push("no path leads here");
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
