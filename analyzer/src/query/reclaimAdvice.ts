// Which mask a place on a reclaim path asks for, and why.

import type { GfpAdvice, Step } from "../api.js";
import { Need, RECLAIM_LEVELS } from "../flow/need.js";
import type { PathId } from "../flow/reclaimPaths.js";
import { callsTo } from "../flow/recursions.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import { acquisitionText, callSteps, entrySteps, itemText, opPlace, sectionText } from "../flow/witness.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { AVOIDING, COMMON_NAMES } from "../model/gfp.js";
import type { ReclaimLevel } from "../model/schema.js";

/** What reclaim must not do for an allocation at a place. */
export interface ReclaimAdvice {
	readonly level: ReclaimLevel;
	readonly why: string;
	/** the chain of calls from where the path begins */
	readonly enter: () => Step[];
}

interface Found {
	readonly path: PathId;
	readonly state: CallState;
	readonly need: Need;
}

/** The advice for a place by the certain paths that lead to it; null when there is none. */
export function reclaimAdvice(solved: Solved, fn: FnId, states: readonly CallState[]): GfpAdvice | null {
	const found = onReclaimPath(solved, fn, states);
	if (found === null) return null;
	const { flag } = AVOIDING[found.level];
	return { allowed: COMMON_NAMES.slice(COMMON_NAMES.indexOf(flag)), recommended: flag, why: found.why };
}

/** The certain path to a place that asks for most; null when none leads there. */
export function onReclaimPath(solved: Solved, fn: FnId, states: readonly CallState[]): ReclaimAdvice | null {
	const { reclaim } = solved;
	let best: Found | null = null;
	for (let path = reclaim.first(fn); path !== NONE; path = reclaim.next(path)) {
		if (reclaim.isStale(path)) continue;
		for (const state of states) {
			const need = reclaim.needAt(path, state);
			const isSure = reclaim.records.doubt(path) === 0 && reclaim.doubtAt(path, state) === 0;
			if (isSure && need > (best?.need ?? Need.None)) best = { path, state, need };
		}
	}
	if (best === null) return null;
	const sure = best;
	const level = RECLAIM_LEVELS[sure.need]!;
	const why = `reclaim must not ${AVOIDING[level].avoids} here: ${beginning(solved, sure)}`;
	return { level, why, enter: () => chainOf(solved, sure) };
}

/** How the path begins, in the words of its row. */
function beginning(solved: Solved, found: Found): string {
	const { world, contexts, reclaim } = solved;
	const origin = contexts.origins[reclaim.records.op(reclaim.headOf(found.path))];
	if (origin !== undefined) return `${world.program.fnName(origin.fn)}() is entered: ${origin.run.label}`;
	const { fn, held } = heldAtHead(solved, found);
	if (held === undefined) return "it may wait for this path";
	const taken = reclaim.lockTaken(fn, held);
	if (taken === undefined) return sectionText(world, held);
	return `${taken.by}() takes ${itemText(world, fn, held)} in reclaim`;
}

/** What the function holds that a path begins in, for which the path asks so much. */
function heldAtHead({ contexts, reclaim }: Solved, { path, state, need }: Found) {
	let below = path;
	while (reclaim.records.parent(below) !== NONE && reclaim.records.parent(reclaim.records.parent(below)) !== NONE)
		below = reclaim.records.parent(below);
	const head = reclaim.records.parent(below);
	const fn = reclaim.records.fn(head === NONE ? path : head);
	const states = head === NONE ? [state] : contexts.statesOf(fn, reclaim.records.op(below));
	const held = states.flatMap(({ ctx }) => ctx.items).find((item) => reclaim.needOf(fn, item) >= need);
	return { fn, held };
}

/** From where the path begins to the function of the place. */
function chainOf(solved: Solved, found: Found): Step[] {
	const { world, contexts, reclaim } = solved;
	const calls = callSteps(world, callsTo(reclaim, found.path));
	const origin = contexts.origins[reclaim.records.op(reclaim.headOf(found.path))];
	if (origin !== undefined) return [...entrySteps(world, origin), ...calls];
	const { fn, held } = heldAtHead(solved, found);
	if (held === undefined) return calls;
	const place = opPlace(world, fn, held.op);
	return [{ ...place, function: world.program.fnName(fn), note: acquisitionText(world, fn, held) }, ...calls];
}
