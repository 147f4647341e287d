// What the analysis keeps of a function: how it may leave its caller's context, in which states it makes its
// calls, whether it may sleep, and which parameters decide. A summary depends on the function's IR, its
// callees' summaries and the model, on nothing else.

import { noneOf } from "../base/lists.js";
import type { Ctx, Irq, IrqCode, Item } from "./context.js";
import type { ValueId } from "./values.js";

/** A condition on a parameter (or, from PREDICATE on, on what a context question answers): its value is within `value`. */
export interface Guard {
	readonly param: number;
	readonly value: ValueId;
}

/** Guard.param of context questions: PREDICATE + index in CONTEXT_QUESTIONS. */
export const PREDICATE = 1 << 16;
export const CONTEXT_QUESTIONS = [
	"in_atomic",
	"in_interrupt",
	"in_hardirq",
	"in_softirq",
	"in_task",
	"in_nmi",
	"irqs_disabled",
	"preemptible",
] as const;

/** One way to return. Paths in `ctx` have roots a caller understands: parameters, globals, unknown. */
export interface Exit {
	readonly ctx: Ctx;
	/** value returned, in terms of the parameters; TOP when not known or void */
	readonly value: ValueId;
	readonly guards: readonly Guard[];
	/** the Return op (-1: end of the body) */
	readonly op: number;
}

/** A return from the same place, in another context or with another value. Written out, as contexts are. */
export function exitLike({ guards, op }: Exit, ctx: Ctx, value: ValueId): Exit {
	return { ctx, value, guards, op };
}

/** A state in which a call is made. */
export interface CallState {
	readonly ctx: Ctx;
	readonly guards: readonly Guard[];
	/** argument values in terms of the parameters, null: as written, no local decides */
	readonly args: readonly ValueId[] | null;
	/** the function that a called variable is known to be here, NONE (-1) when the name says it or nobody knows */
	readonly callee: number;
	/** made only where a field, whose value nobody knows, says so */
	readonly conditional: boolean;
	/** the merging of paths lost which state goes with which value */
	readonly merged: boolean;
	/** of a call made in atomic context and outside of it: a condition that the function asks tells the two apart */
	readonly told: boolean;
}

/**
 * The calls whose states are not just the neutral one, by rising op, and beside them their states; an empty list:
 * never reached. Two short lists take a third of what a Map does, and there are hundreds of thousands.
 */
export interface CallTable {
	readonly ops: readonly number[];
	readonly states: readonly (readonly CallState[])[];
}

export const NO_CALLS: CallTable = { ops: [], states: noneOf() };

/** The states of the call at `op`, or undefined when they are just the neutral one. */
export function statesAt({ ops, states }: CallTable, op: number): readonly CallState[] | undefined {
	let low = 0;
	let high = ops.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (ops[middle]! < op) low = middle + 1;
		else high = middle;
	}
	return ops[low] === op ? states[low] : undefined;
}

export const enum MaySleep {
	No = 0,
	Depends = 1,
	Yes = 2,
}

export interface Summary {
	/** empty: returns as it was entered, with a value nobody knows */
	readonly exits: readonly Exit[];
	/** every return by itself, where any of them leaves the context changed */
	readonly returns: readonly Exit[];
	readonly mispairings: readonly Mispairing[];
	/** does not return */
	readonly noReturn: boolean;
	readonly calls: CallTable;
	readonly maySleep: MaySleep;
	/** op of the call that sleeps, by the shortest way; -1 */
	readonly sleepOp: number;
	/** parameter that decides when maySleep is Depends; -1 when it is not one parameter */
	readonly sleepParam: number;
	/** it sleeps where that parameter is within this value; TOP when that is not known */
	readonly sleepWhen: ValueId;
	/** calls from here to the primitive that sleeps */
	readonly sleepDepth: number;
	/** bit i: the value of parameter i decides something here or below */
	readonly relevant: number;
	/** bit i: some call that may sleep, here or below, is made only where parameter i is 0 */
	readonly zeroSleeps: number;
	/** macros: bit i: parameter i is assigned to */
	readonly written: number;
	/** does nothing but tell what a field holds: what it returns is known as little as the field is */
	readonly readsField: boolean;
	/** does nothing but find out what is in memory, be it by several steps */
	readonly tells: boolean;
	/** where it does: the fields that it reads, by program-wide name */
	readonly reads: readonly number[];
	/** makes a call through a pointer, here or below: what that does is not in `maySleep` */
	readonly callsPointers: boolean;
	/** hands a function to a callee that calls it in an atomic region of its own */
	readonly passesFunctions: boolean;
	/** parameters that are called, in which context change */
	readonly paramCalls: readonly ParamCall[];
	/** the analysis gave up on paths (too many states) */
	readonly imprecise: boolean;
}

/** A release that treats interrupts otherwise than the acquisition did. */
export interface Mispairing {
	/** the release */
	readonly op: number;
	readonly held: Item;
	readonly irq: IrqCode;
	/** interrupts after it, relative to the entry */
	readonly after: Irq;
}

export interface ParamCall {
	readonly param: number;
	readonly ctx: Ctx;
	/** the call op in this function that calls it or passes it on */
	readonly op: number;
	/** called when the last reference goes */
	readonly isLast: boolean;
	/** what other parameters must be within for it */
	readonly guards: readonly Guard[];
}

export const emptySummary: Summary = {
	exits: noneOf(),
	returns: noneOf(),
	mispairings: noneOf(),
	noReturn: false,
	calls: NO_CALLS,
	maySleep: MaySleep.No,
	sleepOp: -1,
	sleepParam: -1,
	sleepWhen: 0,
	sleepDepth: 0,
	relevant: 0,
	zeroSleeps: 0,
	written: 0,
	readsField: false,
	tells: false,
	reads: noneOf(),
	callsPointers: false,
	passesFunctions: false,
	paramCalls: noneOf(),
	imprecise: false,
};

/** Lets go, in place, of what callers do not ask for: to copy what a tree has takes a thread more than a second. */
export function forgetOwn(summary: { -readonly [key in keyof Summary]: Summary[key] }): void {
	summary.returns = emptySummary.returns;
	summary.mispairings = emptySummary.mispairings;
	summary.calls = NO_CALLS;
}

/** Stands for a summary that another thread has made and nobody here has asked for yet. */
export const unread: Summary = { ...emptySummary };
