// Why no context explains a literal mask: one reason for each call, from what the solved state can tell. The
// climb goes up direct calls and pointer calls until it comes to functions that nothing known enters.

import type { Call } from "../flow/callGraph.js";
import { forbidsSleep } from "../flow/context.js";
import type { Solved } from "../flow/solved.js";
import { MAX_CHAIN, type RecordId } from "../flow/topDown.js";
import { isDescribed } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnFlag } from "../ir/unit.js";
import type { WaysIn } from "../statements/waysIn.js";

export type Unexplained =
	| "never-reached"
	| "described"
	| "excluded"
	| "released"
	| "chain-too-long"
	| "not-handed-on"
	| "init"
	| "process"
	| "process-or-unknown"
	| "callback-row-missing"
	| "pointer-not-followed"
	| "exported"
	| "unused-macro"
	| "other-configuration"
	| "arch"
	| "no-caller"
	| "cycle"
	| "far";

export const UNEXPLAINED_TEXTS: Readonly<Record<Unexplained, string>> = {
	"never-reached": "no path leads to the call, or to any call of its function",
	described: "the function is described by a model row, not judged by its body",
	excluded: "it, or a caller, is entered in such a context, but with values that exclude the call",
	released: "it, or a caller, is entered in such a context, but what makes it so has ended before the call",
	"chain-too-long": "a caller is in such a context, but the chain of calls is cut as too long",
	"not-handed-on": "a caller is in such a context, but hands it on neither directly nor through its pointers",
	init: "initialisation or exit code only",
	process: "every way in is known, and none is such a context",
	"process-or-unknown": "the ways in that are known are no such context; others are not known",
	"callback-row-missing": "kept in a field of a struct that no row describes and no call goes through",
	"pointer-not-followed": "its address goes where it is not followed, or is one of very many",
	exported: "exported, and nothing in the tree calls it",
	"unused-macro": "a macro that nothing in the tree uses",
	"other-configuration": "a definition for another configuration, so that no call means it",
	arch: "code of an architecture without a caller (assembly, or generic code that means another architecture)",
	"no-caller": "nothing in the tree calls it",
	cycle: "its callers only call each other",
	far: "too many functions lie above it to look through",
};

const MAX_CLIMBED = 600;

/** What a climb from a function found above it. */
interface Above {
	/** functions that nothing known enters, with why */
	readonly ends: Set<Unexplained>;
	/** a caller is in a context that would explain the mask: how it is lost on the way down */
	readonly lost: Set<Unexplained>;
	isFar: boolean;
	hasOrigin: boolean;
	/** some way in is no code that runs once, at the start or end */
	isOutsideInit: boolean;
}

export function whyUnexplained(
	solved: Solved,
	ways: WaysIn,
	fn: FnId,
	op: number,
	callsFor: (ac: number) => boolean,
): Unexplained {
	const { contexts, world } = solved;
	if (contexts.statesOf(fn, op).length === 0) return "never-reached";
	if (isDescribed(world, fn)) return "described";
	const above = climb(solved, ways, { caller: fn, op }, callsFor);
	for (const loss of LOSSES) if (above.lost.has(loss)) return loss;
	if (!above.isOutsideInit && above.hasOrigin && above.ends.size === 0) return "init";
	const isSomewhatKnown = above.hasOrigin || isEntered(solved, fn);
	const isFullyKnown = above.ends.size === 0 && !above.isFar;
	if (isSomewhatKnown) return isFullyKnown ? "process" : "process-or-unknown";
	for (const end of ENDS) if (above.ends.has(end)) return end;
	return above.isFar ? "far" : "cycle";
}

/** Of several ways to lose a context, the one that tells most. */
const LOSSES: readonly Unexplained[] = ["chain-too-long", "not-handed-on", "released", "excluded"];

/** Of several ends, the one that tells most. */
const ENDS: readonly Unexplained[] = [
	"callback-row-missing",
	"pointer-not-followed",
	"exported",
	"arch",
	"unused-macro",
	"other-configuration",
	"no-caller",
	"never-reached",
];

/** Is the function entered from an entry point or from a region of a caller? */
function isEntered({ contexts }: Solved, fn: FnId): boolean {
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (!contexts.isSeed(record)) return true;
	}
	return false;
}

/** Goes up from a call over all callers of its function, and theirs. */
function climb(solved: Solved, ways: WaysIn, from: Call, callsFor: (ac: number) => boolean): Above {
	const above: Above = { ends: new Set(), lost: new Set(), isFar: false, hasOrigin: false, isOutsideInit: false };
	const queue: FnId[] = [from.caller];
	const seen = new Set<FnId>(queue);
	noteLoss(solved, above, from, NONE, callsFor);
	for (let at = 0; at < queue.length; at++) {
		if (at >= MAX_CLIMBED) {
			above.isFar = true;
			break;
		}
		const fn = queue[at]!;
		noteEntry(solved, ways, above, fn);
		for (const call of callersOf(solved, ways, fn)) {
			noteLoss(solved, above, call, fn, callsFor);
			if (seen.has(call.caller)) continue;
			seen.add(call.caller);
			queue.push(call.caller);
		}
	}
	return above;
}

/** The calls of a function, direct and through pointers, that some path leads to. */
function callersOf(solved: Solved, ways: WaysIn, fn: FnId): Call[] {
	const calls = [...solved.graph.callersOf(fn), ...ways.pointersTo(fn).calls];
	return calls.filter(({ caller, op }) => solved.contexts.statesOf(caller, op).length > 0);
}

/** How a function is entered other than by a call that is known, or that it is not. */
function noteEntry(solved: Solved, ways: WaysIn, above: Above, fn: FnId): void {
	const pointers = ways.pointersTo(fn);
	const isOrigin = ways.originsAt(fn).length > 0;
	if (isOrigin) {
		above.hasOrigin = true;
		if (!isInit(solved, fn)) above.isOutsideInit = true;
	}
	if (pointers.isNeverCalled) above.ends.add("callback-row-missing");
	else if (pointers.isLost) above.ends.add("pointer-not-followed");
	else if (!isOrigin && callersOf(solved, ways, fn).length === 0) {
		const isCalled = solved.graph.callersOf(fn).length + pointers.calls.length > 0;
		above.ends.add(isCalled ? "never-reached" : whyNotCalled(solved, ways, fn));
	}
}

/**
 * Notes how a context that explains the mask is lost at a call: made in it, and the callee is not entered so; or the
 * caller is entered in it, and the call is not made so. `callee` NONE: the allocation itself.
 */
function noteLoss(
	solved: Solved,
	above: Above,
	{ caller, op }: Call,
	callee: FnId,
	callsFor: (ac: number) => boolean,
): void {
	const { contexts } = solved;
	let made: Unexplained | null = null;
	let unmade: Unexplained | null = null;
	for (let record = contexts.first(caller); record !== NONE; record = contexts.next(record)) {
		const acs = contexts.statesOf(caller, op).map((state) => contexts.contextAt(record, state));
		if (acs.some((ac) => ac !== NONE && callsFor(ac))) {
			made ??= chainLength(contexts, record) >= MAX_CHAIN ? "chain-too-long" : "not-handed-on";
		} else if (callsFor(contexts.records.context(record))) {
			unmade = acs.some((ac) => ac !== NONE) ? "released" : (unmade ?? "excluded");
		}
	}
	if (made === null && unmade !== null) above.lost.add(unmade);
	if (made !== null && callee !== NONE && !isEnteredSo(solved, callee, callsFor)) above.lost.add(made);
}

function isEnteredSo({ contexts }: Solved, fn: FnId, callsFor: (ac: number) => boolean): boolean {
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (callsFor(contexts.records.context(record))) return true;
	}
	return false;
}

/** Calls since the context of a record became atomic. */
function chainLength(contexts: Solved["contexts"], record: RecordId): number {
	let length = 0;
	let at = contexts.records.parent(record);
	for (; at !== NONE && forbidsSleep(contexts.records.context(at)); at = contexts.records.parent(at)) length++;
	return length;
}

function isInit({ world }: Solved, fn: FnId): boolean {
	return (world.program.flagsOf(fn) & FnFlag.Init) !== 0;
}

function whyNotCalled({ world }: Solved, ways: WaysIn, fn: FnId): Unexplained {
	const { program } = world;
	const flags = program.flagsOf(fn);
	if ((flags & FnFlag.Macro) !== 0) return "unused-macro";
	const isAlone = program.bind(program.fnFile(fn), program.fnGlobalName(fn)) === fn;
	if ((flags & FnFlag.Alternative) !== 0 || !isAlone) return "other-configuration";
	if (ways.isExported(fn)) return "exported";
	if (program.pathInfo(program.fnFile(fn)).arch !== "") return "arch";
	return "no-caller";
}
