// A call in an atomic context that is certain: the first that has what a rule looks for.

import { opSpan } from "../fixes/span.js";
import { applyCtx, isAtomic } from "../flow/context.js";
import type { Link } from "../flow/link.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import type { RecordId } from "../flow/topDown.js";
import { chainTo, contextInfo } from "../flow/witness.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { Draft } from "./rule.js";

type Placed = Pick<Draft, "start" | "end" | "context" | "enter">;

/**
 * Where a call is made in such a context, and by which chain: from where it became one in which `isMeant` holds. Null
 * when none is certain.
 */
export function certainPlace(
	solved: Solved,
	fn: FnId,
	op: number,
	isMeant: (ac: number) => boolean,
	isWanted: (record: RecordId, state: CallState, ac: number) => boolean,
): Placed | null {
	const { world, contexts } = solved;
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.records.doubt(record) !== 0) continue;
		for (const state of contexts.statesOf(fn, op)) {
			const ac = contexts.contextAt(record, state);
			if (ac === NONE || !isAtomic(ac) || contexts.unprovedAt(record, state) !== 0) continue;
			if (!isWanted(record, state, ac)) continue;
			const chain = chainTo(contexts, record, { fn, op }, isMeant);
			if (!isOnEveryWay(solved, chain.head, chain.links[0]!, isMeant)) continue;
			const context = contextInfo(world, contexts, record, { fn, op }, state, chain);
			return { ...opSpan(world, fn, op)(), context, enter: context.enter };
		}
	}
	return null;
}

/** Is the chain's first call made in such a context on all ways to it, as far as nothing tells them apart? */
function isOnEveryWay(
	{ world, contexts }: Solved,
	head: RecordId,
	{ fn, op }: Link,
	isMeant: (ac: number) => boolean,
): boolean {
	const ac = contexts.records.context(head);
	return (
		isMeant(ac) ||
		contexts.statesOf(fn, op).every((state) => state.told || isMeant(applyCtx(world.kinds, ac, state.ctx)))
	);
}
