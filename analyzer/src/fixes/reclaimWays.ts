// The ways on which reclaim may come back from one allocation: a scope on one of them leaves the others as they are.

import { keyOf } from "../flow/link.js";
import { Need } from "../flow/need.js";
import { type Recursion, recurses } from "../flow/recursions.js";
import type { Solved } from "../flow/solved.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";

interface Call {
	readonly fn: FnId;
	readonly op: number;
}

/** A call where such a way begins. */
export interface Way extends Call {
	readonly need: Need;
}

/** Functions on ways to one allocation that are looked at. */
const MAX_FUNCTIONS = 400;

/** Where ways of high and medium confidence begin that lead to the allocation, that of the recursion first. */
export function waysInto(solved: Solved, recursion: Recursion): readonly Way[] {
	const { graph } = solved;
	const [head] = recursion.links;
	const found = new Map<number, Way>([[keyOf(head!), { ...head!, need: recursion.need }]]);
	const seen = new Set<FnId>();
	const open: Call[] = [{ fn: recursion.fn, op: recursion.op }];
	for (let call = open.pop(); call !== undefined && seen.size < MAX_FUNCTIONS; call = open.pop()) {
		const { onWay, beginning } = needsAt(solved, recursion, call.fn, call.op);
		if (beginning !== Need.None && !found.has(keyOf(call))) found.set(keyOf(call), { ...call, need: beginning });
		if (onWay === Need.None || seen.has(call.fn)) continue;
		seen.add(call.fn);
		for (const { caller, op } of graph.callersOf(call.fn)) open.push({ fn: caller, op });
		open.push(...callsOnPaths(solved, call.fn));
	}
	return [...found.values()];
}

/** The calls by which paths come to a function: those through pointers are among them. */
function callsOnPaths({ reclaim: { records }, reclaim }: Solved, fn: FnId): Call[] {
	const found: Call[] = [];
	for (let path = reclaim.first(fn); path !== NONE; path = reclaim.next(path)) {
		const parent = records.parent(path);
		if (parent !== NONE && !reclaim.isStale(path)) found.push({ fn: records.fn(parent), op: records.op(path) });
	}
	return found;
}

/** What reclaim must not do at a call, by all paths of its function and by those that begin there, as far as the mask allows it. */
function needsAt({ world, reclaim, contexts }: Solved, { mask }: Recursion, fn: FnId, op: number) {
	let [onWay, beginning] = [Need.None, Need.None];
	for (let path = reclaim.first(fn); path !== NONE; path = reclaim.next(path)) {
		if (reclaim.isStale(path) || reclaim.records.doubt(path) > 1) continue;
		for (const state of contexts.statesOf(fn, op)) {
			const need = reclaim.needAt(path, state);
			if (need === Need.None || !recurses(world, mask, need)) continue;
			onWay = Math.max(onWay, need);
			if (reclaim.records.parent(path) === NONE) beginning = Math.max(beginning, need);
		}
	}
	return { onWay, beginning };
}
