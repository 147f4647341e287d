// Is a context that of an NMI? It has no bit of its own: the chain that brings it tells.

import { NONE } from "../ir/ops.js";
import { type CallState, CONTEXT_QUESTIONS, PREDICATE } from "./summary.js";
import type { Contexts, RecordId } from "./topDown.js";
import type { World } from "./world.js";

const ASKS_NMI = PREDICATE + CONTEXT_QUESTIONS.indexOf("in_nmi");

/** Is a call in this state of a record made in an NMI, and has nobody on the way asked whether it is one? */
export function isInNmi(world: World, contexts: Contexts, record: RecordId, state: CallState): boolean {
	const kind = world.kinds.section("nmi");
	const isSection = (one: CallState) => one.ctx.items.some((item) => item.kind === kind);
	const asks = (one: CallState) => one.guards.some((guard) => guard.param === ASKS_NMI);
	if (asks(state)) return false;
	if (isSection(state)) return true;
	let at = record;
	for (; contexts.records.parent(at) !== NONE; at = contexts.records.parent(at)) {
		const states = contexts.statesOf(contexts.records.fn(contexts.records.parent(at)), contexts.records.op(at));
		if (states.some(asks)) return false;
		if (states.length > 0 && states.every(isSection)) return true;
	}
	return contexts.runOf(at)?.level === "nmi";
}
