// Is a summary, after an edit of its function, the same for all that follows from it: contexts, paths of reclaim, and what
// callers are told? Ops count by the call that they are now, paths of locks by the name they end with.

import type { Ctx, Item } from "./context.js";
import type { PathTable } from "./paths.js";
import type { CallState, Exit, Guard, ParamCall, Summary } from "./summary.js";

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
		areSame(before.calls.ops, after.calls.ops, (a, b) => now(a) === b) &&
		areSame(before.calls.states, after.calls.states, (a, b) =>
			areSame(a, b, (one, other) => isSameState(paths, one, other, now)),
		) &&
		areSame(before.paramCalls, after.paramCalls, (a, b) => isSameParamCall(paths, a, b, now)) &&
		areSame(before.exits, after.exits, (a, b) => isSameExit(paths, a, b, now)) &&
		areSame(before.returns, after.returns, (a, b) => isSameExit(paths, a, b, now))
	);
}

function isSameState(paths: PathTable, a: CallState, b: CallState, now: CallNow): boolean {
	if (a === b && a.ctx.items.length + a.ctx.gone.length === 0) return true;
	return (
		a.callee === b.callee &&
		a.conditional === b.conditional &&
		a.merged === b.merged &&
		a.told === b.told &&
		areSame(a.guards, b.guards, isSameGuard) &&
		(a.args === null || b.args === null ? a.args === b.args : areSame(a.args, b.args, isSame)) &&
		isSameCtx(paths, a.ctx, b.ctx, now)
	);
}

function isSameCtx(paths: PathTable, a: Ctx, b: Ctx, now: CallNow): boolean {
	if (a.irq !== b.irq || a.irqBefore !== b.irqBefore) return false;
	const isItem = (one: Item, other: Item) => isSameItem(paths, one, other, now);
	return areSame(a.items, b.items, isItem) && areSame(a.gone, b.gone, isItem);
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
	return a.param === b.param && a.isLast === b.isLast && isSameCtx(paths, a.ctx, b.ctx, now) && now(a.op) === b.op;
}

/** But for the op that returns. */
function isSameExit(paths: PathTable, a: Exit, b: Exit, now: CallNow): boolean {
	return a.value === b.value && areSame(a.guards, b.guards, isSameGuard) && isSameCtx(paths, a.ctx, b.ctx, now);
}

function isSameGuard(a: Guard, b: Guard): boolean {
	return a.param === b.param && a.value === b.value;
}

function isSame(a: number, b: number): boolean {
	return a === b;
}

function areSame<T>(a: readonly T[], b: readonly T[], test: (a: T, b: T) => boolean): boolean {
	return a.length === b.length && a.every((one, i) => test(one, b[i]!));
}
