// Calls that sleep where they may not: every primitive that sleeps, in every atomic context that reaches it.
// One violation per call site, with the context that is most certain and nearest.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { Primitive } from "../model/schema.js";
import type { CallGraph } from "./callGraph.js";
import { Ac, applyCtx, forbidsSleep, isAtomic, Level } from "./context.js";
import type { Pointers } from "./pointers.js";
import { allocationSleeps, primitiveSleeps } from "./sleeping.js";
import { type CallState, MaySleep } from "./summary.js";
import type { Contexts, RecordId } from "./topDown.js";
import { TOP, type ValueId } from "./values.js";
import { isPrimitive, primitiveAt, type World } from "./world.js";

export interface Violation {
	/** function and op of the call to the primitive */
	readonly fn: FnId;
	readonly op: number;
	readonly primitive: Primitive;
	/** the context record of `fn`, and the state of the call */
	readonly record: RecordId;
	readonly state: CallState;
	/** absolute context of the call */
	readonly ac: number;
	/** the primitive sleeps because of its gfp mask */
	readonly isAllocation: boolean;
	/** 0 high, 1 medium, 2 low */
	readonly doubt: number;
	/** calls from the origin to here */
	readonly depth: number;
	/** how many contexts reach it */
	readonly count: number;
}

/** Chains longer than this are believed less. */
const LONG_CHAIN = 7;

export function findViolations(
	world: World,
	graph: CallGraph,
	pointers: Pointers,
	contexts: Contexts,
	fns: Iterable<FnId>,
): Violation[] {
	const { program } = world;
	const found: Violation[] = [];
	for (const fn of fns) {
		if (contexts.first(fn) === NONE || !program.isLive(fn)) continue;
		if ((program.fnField(fn, FnField.Flags) & FnFlag.Macro) !== 0 && isUnused(contexts, fn)) continue;
		graph.eachSite(fn, (op, callee) => {
			if (!isPrimitive(callee)) return;
			const primitive = primitiveAt(world, callee);
			if (primitive.sleep === undefined && primitive.alloc === undefined && primitive.lock?.sleeps !== true) return;
			const violation = judgeSite(world, pointers, contexts, fn, op, primitive);
			if (violation !== null) found.push(violation);
		});
		if (fn % 8192 === 0) world.checkpoint();
	}
	return found;
}

/** A macro's own region is judged where it is used; only records of callers count. */
function isUnused(contexts: Contexts, fn: FnId): boolean {
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.parents.data[record] !== NONE) return false;
	}
	return true;
}

function judgeSite(
	world: World,
	pointers: Pointers,
	contexts: Contexts,
	fn: FnId,
	op: number,
	primitive: Primitive,
): Violation | null {
	let best: Violation | null = null;
	let count = 0;
	const states = contexts.statesOf(fn, op);
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		for (const state of states) {
			const ac = contexts.contextAt(record, state);
			if (ac === NONE || !forbidsSleep(ac)) continue;
			const verdict = judgeState(world, contexts, record, state, primitive);
			if (verdict === null || !sleepsIn(primitive, ac)) continue;
			const depth = chainLength(contexts, record);
			let doubt = Math.max(contexts.doubts.data[record]!, state.merged ? 1 : 0, depth > LONG_CHAIN ? 1 : 0, contexts.unprovedAt(record, state));
			doubt = Math.max(doubt, regionDoubt(world, contexts, record, fn, op));
			const marker = primitive.sleep?.unlessFlagged;
			if (marker !== undefined && isMarkedOnTheWay(world, pointers, contexts, record, marker)) doubt = 2;
			count++;
			if (best !== null && (best.doubt < doubt || (best.doubt === doubt && best.depth <= depth))) continue;
			best = { fn, op, primitive, record, state, ac, isAllocation: verdict, doubt, depth, count };
		}
	}
	return best === null ? null : { ...best, count };
}

/** Does the primitive sleep with these arguments? null: no, or nobody knows; true: because of its mask. */
function judgeState(
	world: World,
	contexts: Contexts,
	record: RecordId,
	state: CallState,
	primitive: Primitive,
): boolean | null {
	const binding = contexts.bindings.data[record]!;
	const arg = (index: number): ValueId => contexts.bindingTable.resolve(state.args?.[index] ?? TOP, binding);
	if (primitiveSleeps(world, primitive, arg).value !== MaySleep.Yes) return null;
	return (
		primitive.alloc !== undefined &&
		primitive.alloc.gfp >= 0 &&
		allocationSleeps(world, primitive, arg).value === MaySleep.Yes
	);
}

/** Some primitives put the work off where they may not sleep. */
function sleepsIn(primitive: Primitive, ac: number): boolean {
	// With page faults disabled, a user access fails instead of waiting for the page.
	if (primitive.sleep?.how === "faults" && (ac & Ac.NoFault) !== 0) return false;
	switch (primitive.sleep?.defersIn) {
		case "interrupt":
			return (ac & Ac.LevelMask) < Level.Softirq && (ac & Ac.BhOff) === 0;
		case "atomic":
			return !isAtomic(ac);
		default:
			return true;
	}
}

function chainLength(contexts: Contexts, record: RecordId): number {
	let length = 0;
	for (let at = record; contexts.parents.data[at] !== NONE; at = contexts.parents.data[at]!) length++;
	return length;
}

/** A region that only some paths to the call are in is believed less. */
function regionDoubt(world: World, contexts: Contexts, record: RecordId, fn: FnId, op: number): number {
	let at = record;
	let callFn = fn;
	let callOp = op;
	// The region is in the function where the chain turns atomic.
	while (forbidsSleep(contexts.acs.data[at]!) && contexts.parents.data[at] !== NONE) {
		callOp = contexts.ops.data[at]!;
		at = contexts.parents.data[at]!;
		callFn = contexts.fns.data[at]!;
	}
	if (forbidsSleep(contexts.acs.data[at]!)) return 0;
	const states = contexts.statesOf(callFn, callOp);
	return states.every((state) => forbidsSleep(applyCtx(world.kinds, 0, state.ctx))) ? 0 : 1;
}

function isMarkedOnTheWay(
	world: World,
	pointers: Pointers,
	contexts: Contexts,
	record: RecordId,
	marker: string,
): boolean {
	for (let at = record; at !== NONE; at = contexts.parents.data[at]!) {
		if (pointers.isMarked(world.program.fnFile(contexts.fns.data[at]!), marker)) return true;
	}
	return false;
}

/** The gfp argument's expression of an allocation, or NONE. */
export function gfpArgument(world: World, fn: FnId, op: number, primitive: Primitive): number {
	const unit = world.program.unit(world.program.fnFile(fn));
	const at = (world.program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const index = primitive.alloc?.gfp ?? -1;
	return index >= 0 && index < unit.ops[at + OpField.C]! ? unit.lists[unit.ops[at + OpField.B]! + index]! : NONE;
}

/** Is the expression written without variables (a literal mask)? */
export function isLiteralMask(world: World, fn: FnId, expr: number): boolean {
	const { exprs } = world.program.unit(world.program.fnFile(fn));
	switch (exprs[expr * EXPR_SIZE]!) {
		case ExprKind.Name:
		case ExprKind.Int:
			return true;
		case ExprKind.Unary:
		case ExprKind.Cast:
			return isLiteralMask(world, fn, exprs[expr * EXPR_SIZE + 2]!);
		case ExprKind.Binary:
			return (
				isLiteralMask(world, fn, exprs[expr * EXPR_SIZE + 2]!) && isLiteralMask(world, fn, exprs[expr * EXPR_SIZE + 3]!)
			);
		default:
			return false;
	}
}
