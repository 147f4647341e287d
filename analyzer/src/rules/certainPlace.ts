// A call in an atomic context that is certain: the first that has what a rule looks for.

import { opSpan } from "../fixes/span.js";
import { isAtomic } from "../flow/context.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import type { RecordId } from "../flow/topDown.js";
import { contextInfo } from "../flow/witness.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { Draft } from "./rule.js";

type Placed = Pick<Draft, "start" | "end" | "context" | "enter">;

/** Where a call is made in such a context, and by which chain; null when none is certain. */
export function certainPlace(
	solved: Solved,
	fn: FnId,
	op: number,
	isWanted: (record: RecordId, state: CallState, ac: number) => boolean,
): Placed | null {
	const { world, contexts } = solved;
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.records.doubt(record) !== 0) continue;
		for (const state of contexts.statesOf(fn, op)) {
			const ac = contexts.contextAt(record, state);
			if (ac === NONE || !isAtomic(ac) || contexts.unprovedAt(record, state) !== 0) continue;
			if (!isWanted(record, state, ac)) continue;
			const context = contextInfo(world, contexts, record, { fn, op }, state);
			return { ...opSpan(world, fn, op)(), context, enter: context.enter };
		}
	}
	return null;
}
