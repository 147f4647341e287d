// Is a summary, after an edit of its function, the same for all that follows from it: contexts, paths of reclaim, and what
// callers are told? Ops count by the call that they are now, paths of locks by the name they end with.

import { areAlike } from "../base/lists.js";
import { isSameGuards, isSameList } from "./calls.js";
import type { Ctx, Item } from "./context.js";
import type { PathTable } from "./paths.js";
import type { CallState, Exit, ParamCall, Summary } from "./summary.js";

/** The op that a call has now. */
export type CallNow = (op: number) => number;

export function isSameSummary(paths: PathTable, before: Summary, after: Summary, now: CallNow): boolean {
	return (
		before.passesFunctions === after.passesFunctions &&
		before.relevant === after.relevant &&
		before.zeroSleeps === after.zeroSleeps &&
		before.maySleep === after.maySleep &&
		before.callsPointers === after.callsPointers &&
		before.imprecise === after.imprecise &&
		areAlike(before.calls.ops, after.calls.ops, (a, b) => now(a) === b) &&
		areAlike(before.calls.states, after.calls.states, (a, b) =>
			areAlike(a, b, (one, other) => isSameState(paths, one, other, now)),
		) &&
		areAlike(before.paramCalls, after.paramCalls, (a, b) => isSameParamCall(paths, a, b, now)) &&
		areAlike(before.exits, after.exits, (a, b) => isSameExit(paths, a, b, now)) &&
		areAlike(before.returns, after.returns, (a, b) => isSameExit(paths, a, b, now))
	);
}

function isSameState(paths: PathTable, a: CallState, b: CallState, now: CallNow): boolean {
	if (a === b && a.ctx.items.length + a.ctx.gone.length === 0) return true;
	return (
		a.callee === b.callee &&
		a.conditional === b.conditional &&
		a.merged === b.merged &&
		a.told === b.told &&
		isSameGuards(a.guards, b.guards) &&
		isSameList(a.args, b.args) &&
		isSameCtx(paths, a.ctx, b.ctx, now)
	);
}

function isSameCtx(paths: PathTable, a: Ctx, b: Ctx, now: CallNow): boolean {
	if (a.irq !== b.irq || a.irqBefore !== b.irqBefore) return false;
	const isItem = (one: Item, other: Item) => isSameItem(paths, one, other, now);
	return areAlike(a.items, b.items, isItem) && areAlike(a.gone, b.gone, isItem);
}

function isSameItem(paths: PathTable, a: Item, b: Item, now: CallNow): boolean {
	return (
		a.kind === b.kind &&
		a.irq === b.irq &&
		a.asserted === b.asserted &&
		paths.tail(a.path) === paths.tail(b.path) &&
		now(a.op) === b.op
	);
}

export function isSameParamCall(paths: PathTable, a: ParamCall, b: ParamCall, now: CallNow): boolean {
	const isSameCall = a.param === b.param && a.isLast === b.isLast && isSameGuards(a.guards, b.guards);
	return isSameCall && isSameCtx(paths, a.ctx, b.ctx, now) && now(a.op) === b.op;
}

/** But for the op that returns. */
function isSameExit(paths: PathTable, a: Exit, b: Exit, now: CallNow): boolean {
	return a.value === b.value && isSameGuards(a.guards, b.guards) && isSameCtx(paths, a.ctx, b.ctx, now);
}
