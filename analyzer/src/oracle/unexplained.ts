// Why no context explains a literal mask: one reason for each call, from what the solved state can tell. The
// climb goes up direct calls and pointer calls until it comes to functions that nothing known enters.

import { forbidsSleep } from "../flow/context.js";
import type { Solved } from "../flow/solved.js";
import { MAX_CHAIN, type RecordId } from "../flow/topDown.js";
import { isDescribed } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { WaysIn } from "./waysIn.js";

export type Unexplained =
	| "never-reached"
	| "described"
	| "excluded"
	| "released"
	| "chain-too-long"
	| "too-many-contexts"
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
	"never-reached": "no path of the function leads to the call",
	described: "the function is described by a model row, not judged by its body",
	excluded: "the function is entered in such a context, but with values that exclude the call",
	released: "the function is entered in such a context, but what makes it so has ended before the call",
	"chain-too-long": "a caller is in such a context, but the chain of calls is cut as too long",
	"too-many-contexts": "a caller is in such a context, but the function has too many contexts already",
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
	/** a caller is in a context that would explain the mask */
	cut: Unexplained | null;
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
	const lost = whyLost(solved, fn, op, callsFor);
	if (lost !== null) return lost;
	const above = climb(solved, ways, fn, callsFor);
	if (above.cut !== null) return above.cut;
	if (!above.isOutsideInit && above.hasOrigin && above.ends.size === 0) return "init";
	const isSomewhatKnown = above.hasOrigin || isEntered(solved, fn);
	const isFullyKnown = above.ends.size === 0 && !above.isFar;
	if (isSomewhatKnown) return isFullyKnown ? "process" : "process-or-unknown";
	for (const end of ENDS) if (above.ends.has(end)) return end;
	return above.isFar ? "far" : "cycle";
}

/** Of several ends, the one that tells most. */
const ENDS: readonly Unexplained[] = [
	"callback-row-missing",
	"pointer-not-followed",
	"exported",
	"arch",
	"unused-macro",
	"other-configuration",
	"no-caller",
];

/** The function is entered in a context that explains the mask, and the call is not made in it. */
function whyLost(solved: Solved, fn: FnId, op: number, callsFor: (ac: number) => boolean): Unexplained | null {
	const { contexts } = solved;
	let isEnteredSo = false;
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (!callsFor(contexts.acs.data[record]!)) continue;
		isEnteredSo = true;
		if (contexts.statesOf(fn, op).some((state) => contexts.contextAt(record, state) !== NONE)) return "released";
	}
	return isEnteredSo ? "excluded" : null;
}

/** Is the function entered from an entry point or from a region of a caller? */
function isEntered({ contexts }: Solved, fn: FnId): boolean {
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.parents.data[record] !== NONE || contexts.ops.data[record] !== NONE) return true;
	}
	return false;
}

function climb(solved: Solved, ways: WaysIn, from: FnId, callsFor: (ac: number) => boolean): Above {
	const above: Above = { ends: new Set(), cut: null, isFar: false, hasOrigin: false, isOutsideInit: false };
	const queue: FnId[] = [from];
	const seen = new Set<FnId>(queue);
	for (let at = 0; at < queue.length; at++) {
		if (at >= MAX_CLIMBED) {
			above.isFar = true;
			break;
		}
		const fn = queue[at]!;
		const pointers = ways.pointersTo(fn);
		const callers = [...solved.graph.callersOf(fn), ...pointers.calls];
		const isOrigin = ways.originsAt(fn).length > 0;
		if (isOrigin) {
			above.hasOrigin = true;
			if (!isInit(solved, fn)) above.isOutsideInit = true;
		}
		if (pointers.isNeverCalled) above.ends.add("callback-row-missing");
		else if (pointers.isLost) above.ends.add("pointer-not-followed");
		else if (callers.length === 0 && !isOrigin) above.ends.add(whyNotCalled(solved, ways, fn));
		for (const { caller, op } of callers) {
			above.cut ??= whyCut(solved, caller, op, callsFor);
			if (seen.has(caller)) continue;
			seen.add(caller);
			queue.push(caller);
		}
	}
	return above;
}

/** The call is made in a context that explains the mask; it did not come down to the callee. */
function whyCut({ contexts }: Solved, caller: FnId, op: number, callsFor: (ac: number) => boolean): Unexplained | null {
	for (let record = contexts.first(caller); record !== NONE; record = contexts.next(record)) {
		for (const state of contexts.statesOf(caller, op)) {
			const ac = contexts.contextAt(record, state);
			if (ac === NONE || !callsFor(ac)) continue;
			return chainLength(contexts, record) >= MAX_CHAIN ? "chain-too-long" : "too-many-contexts";
		}
	}
	return null;
}

/** Calls since the context of a record became atomic. */
function chainLength(contexts: Solved["contexts"], record: RecordId): number {
	let length = 0;
	let at = contexts.parents.data[record]!;
	for (; at !== NONE && forbidsSleep(contexts.acs.data[at]!); at = contexts.parents.data[at]!) length++;
	return length;
}

function isInit({ world }: Solved, fn: FnId): boolean {
	return (world.program.fnField(fn, FnField.Flags) & FnFlag.Init) !== 0;
}

function whyNotCalled({ world }: Solved, ways: WaysIn, fn: FnId): Unexplained {
	const { program } = world;
	const flags = program.fnField(fn, FnField.Flags);
	if ((flags & FnFlag.Macro) !== 0) return "unused-macro";
	const isAlone = program.bind(program.fnFile(fn), program.fnGlobalName(fn)) === fn;
	if ((flags & FnFlag.Alternative) !== 0 || !isAlone) return "other-configuration";
	if (ways.isExported(fn)) return "exported";
	if (program.pathInfo(program.fnFile(fn)).arch !== "") return "arch";
	return "no-caller";
}
