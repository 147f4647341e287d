// Structures that a function clears, fills in part and hands to what it calls: a way that goes on only where another of
// their fields is set is none of the chain's.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, UnaryOp } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { argumentOf, type CallGraph } from "./callGraph.js";
import { decisionsOf } from "./ways.js";
import type { World } from "./world.js";

interface Link {
	readonly fn: FnId;
	readonly op: number;
}

/** By variable that points to such a structure: the names of the fields that are set. */
type Cleared = ReadonlyMap<number, ReadonlySet<number>>;
const NOTHING: Cleared = new Map();

/** Functions have fewer ops. */
const MAX_OPS = 1 << 20;

export class ClearedStructs {
	/** by call: what it hands on of its own function's variables */
	private readonly own = new Map<number, Cleared>();

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
	) {}

	/** Does a chain go on only where a field is set that is zero in the structure which its callers hand down? */
	excludes(links: readonly Link[]): boolean {
		const { program } = this.world;
		let cleared = NOTHING;
		for (const { fn, op } of links) {
			if (cleared === NOTHING) cleared = this.ownAt(fn, op);
			else if (asksUnset(program, this.graph, fn, op, cleared)) return true;
			else cleared = handedOn(program, fn, op, cleared);
		}
		return false;
	}

	private ownAt(fn: FnId, op: number): Cleared {
		const key = fn * MAX_OPS + op;
		let known = this.own.get(key);
		if (known === undefined) {
			known = handedOn(this.world.program, fn, op, NOTHING);
			this.own.set(key, known);
		}
		return known;
	}
}

/** Is the op reached only where a field that is not set is not zero? */
function asksUnset(program: Program, graph: CallGraph, fn: FnId, op: number, cleared: Cleared): boolean {
	return decisionsOf(program, fn, op).some(({ condition, isSo }) => {
		const field = fieldAsked(program, fn, condition, isSo);
		if (field === null || cleared.get(field.local)?.has(field.name) !== false) return false;
		return !isSetBefore(program, graph, fn, op, field.local, field.name);
	});
}

/** The field of a pointer's structure that must not be zero for a condition to be as it is; null for others. */
function fieldAsked(program: Program, fn: FnId, expr: number, isSo: boolean): { local: number; name: number } | null {
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	const at = expr * EXPR_SIZE;
	if (exprs[at] === ExprKind.Unary && exprs[at + 1] === UnaryOp.Not)
		return fieldAsked(program, fn, exprs[at + 2]!, !isSo);
	if (!isSo || exprs[at] !== ExprKind.Field) return null;
	const local = localOf(program, fn, exprs[at + 1]!);
	return local === NONE ? null : { local, name: program.globalName(file, exprs[at + 2]!) };
}

/** What the callee's parameters point to of what is known to be cleared. */
function handedOn(program: Program, fn: FnId, op: number, cleared: Cleared): Cleared {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const count = ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.C]!;
	let handed: Map<number, ReadonlySet<number>> | null = null;
	for (let i = 0; i < count; i++) {
		const argument = argumentOf(program, fn, op, i);
		const isAddress = argument >= 0 && exprs[argument * EXPR_SIZE] === ExprKind.AddrOf;
		const local = localOf(program, fn, isAddress ? exprs[argument * EXPR_SIZE + 1]! : argument);
		const known = isAddress ? undefined : cleared.get(local);
		if (local === NONE || (known === undefined && !(isAddress && isCleared(program, fn, op, local)))) continue;
		handed ??= new Map();
		handed.set(i, new Set([...(known ?? []), ...fieldsSet(program, fn, op, local)]));
	}
	return handed ?? NOTHING;
}

/** Is a variable initialised as empty, and given to nobody else before `op`? */
function isCleared(program: Program, fn: FnId, op: number, local: number): boolean {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	let isEmpty = false;
	for (let before = 0; before < op; before++) {
		const at = (first + before) * OP_SIZE;
		if ((ops[at]! & 255) === Op.Assign && localOf(program, fn, ops[at + OpField.A]!) === local) {
			const value = ops[at + OpField.B]! * EXPR_SIZE;
			isEmpty = exprs[value] === ExprKind.Literal && exprs[value + 3] === 0;
		} else if ((ops[at]! & 255) === Op.Call && isGiven(program, fn, before, local)) return false;
	}
	return isEmpty;
}

/** The fields of a variable, or of what it points to, that are assigned to before `op`. */
function fieldsSet(program: Program, fn: FnId, op: number, local: number): Set<number> {
	const file = program.fnFile(fn);
	const { ops, exprs } = program.unit(file);
	const first = program.fnField(fn, FnField.OpStart);
	const found = new Set<number>();
	for (let before = 0; before < op; before++) {
		const at = (first + before) * OP_SIZE;
		if ((ops[at]! & 255) !== Op.Assign) continue;
		for (let expr = ops[at + OpField.A]!; expr >= 0; expr = exprs[expr * EXPR_SIZE + 1]!) {
			const kind = exprs[expr * EXPR_SIZE]!;
			if (kind !== ExprKind.Field && kind !== ExprKind.Index) break;
			if (localOf(program, fn, exprs[expr * EXPR_SIZE + 1]!) !== local) continue;
			if (kind === ExprKind.Field) found.add(program.globalName(file, exprs[expr * EXPR_SIZE + 2]!));
			break;
		}
	}
	return found;
}

/** Is the field set here before `op`, or by a function that is given the structure before? */
function isSetBefore(program: Program, graph: CallGraph, fn: FnId, op: number, local: number, name: number): boolean {
	if (fieldsSet(program, fn, op, local).has(name)) return true;
	return graph.hasSite(
		fn,
		(callee, before) =>
			before < op && callee >= 0 && isGiven(program, fn, before, local) && setsField(program, callee, name),
	);
}

/** Does a function assign to a field of that name? */
function setsField(program: Program, fn: FnId, name: number): boolean {
	const file = program.fnFile(fn);
	const { ops, exprs } = program.unit(file);
	const first = program.fnField(fn, FnField.OpStart);
	for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
		const at = (first + op) * OP_SIZE;
		if ((ops[at]! & 255) !== Op.Assign) continue;
		const target = ops[at + OpField.A]! * EXPR_SIZE;
		if (exprs[target] === ExprKind.Field && program.globalName(file, exprs[target + 2]!) === name) return true;
	}
	return false;
}

/** Is a variable, or its address, an argument of a call? */
function isGiven(program: Program, fn: FnId, op: number, local: number): boolean {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const count = ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.C]!;
	for (let i = 0; i < count; i++) {
		let argument = argumentOf(program, fn, op, i);
		if (argument >= 0 && exprs[argument * EXPR_SIZE] === ExprKind.AddrOf) argument = exprs[argument * EXPR_SIZE + 1]!;
		if (localOf(program, fn, argument) === local) return true;
	}
	return false;
}

/** The local variable that an expression is, or NONE. */
function localOf(program: Program, fn: FnId, expr: number): number {
	if (expr < 0) return NONE;
	const { exprs } = program.unit(program.fnFile(fn));
	return exprs[expr * EXPR_SIZE] === ExprKind.Local ? exprs[expr * EXPR_SIZE + 1]! : NONE;
}
