// Which mask a place on a reclaim path asks for, and why.

import type { GfpAdvice } from "../api.js";
import { Need, RECLAIM_LEVELS } from "../flow/need.js";
import type { PathId } from "../flow/reclaimPaths.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import { itemText, sectionText } from "../flow/witness.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { AVOIDING, COMMON_NAMES } from "../model/gfp.js";

interface Found {
	readonly path: PathId;
	readonly state: CallState;
	readonly need: Need;
}

/** The advice for a place by the certain paths that lead to it; null when there is none. */
export function reclaimAdvice(solved: Solved, fn: FnId, states: readonly CallState[]): GfpAdvice | null {
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
	const { flag, avoids } = AVOIDING[RECLAIM_LEVELS[best.need]!];
	return {
		allowed: COMMON_NAMES.slice(COMMON_NAMES.indexOf(flag)),
		recommended: flag,
		why: `reclaim must not ${avoids} here: ${beginning(solved, best)}`,
	};
}

/** How the path begins, in the words of its row. */
function beginning({ world, contexts, reclaim }: Solved, { path, state, need }: Found): string {
	const origin = contexts.origins[reclaim.records.op(reclaim.headOf(path))];
	if (origin !== undefined) return `${world.program.fnName(origin.fn)}() is entered: ${origin.run.label}`;
	let below = path;
	while (reclaim.records.parent(below) !== NONE && reclaim.records.parent(reclaim.records.parent(below)) !== NONE)
		below = reclaim.records.parent(below);
	const head = reclaim.records.parent(below);
	const fn = reclaim.records.fn(head === NONE ? path : head);
	const states = head === NONE ? [state] : contexts.statesOf(fn, reclaim.records.op(below));
	const held = states.flatMap(({ ctx }) => ctx.items).find((item) => reclaim.needOf(fn, item) >= need);
	if (held === undefined) return "it may wait for this path";
	const taken = reclaim.lockTaken(fn, held);
	if (taken === undefined) return sectionText(world, held);
	return `${taken.by}() takes ${itemText(world, fn, held)} in reclaim`;
}
