// Structures that a function clears, fills in part and hands to what it calls: a way that goes on only where another of
// their fields, or another flag of one, is set is none of the chain's.

import { constantOf } from "../ir/consts.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, UnaryOp } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { argumentOf, type CallGraph } from "./callGraph.js";
import { CallMap } from "./callMap.js";
import { ANY_BIT, bitsAssigned, bitsSetIn } from "./fieldWrites.js";
import type { Link } from "./link.js";
import { decisionsOf } from "./ways.js";
import type { World } from "./world.js";

/** By name of a field: the bits that may be set in it; none in others. */
type Fields = Map<number, number>;

/** By variable that points to such a structure: what is set in it. */
type Cleared = ReadonlyMap<number, Fields>;
const NOTHING: Cleared = new Map();

export class ClearedStructs {
	/** by call: what it hands on of its own function's variables */
	private readonly own = new CallMap<Cleared>();

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
		return this.own.get(fn, op) ?? this.own.add(fn, op, handedOn(this.world.program, fn, op, NOTHING));
	}
}

/** Is the op reached only where a field that is not set is not zero? */
function asksUnset(program: Program, graph: CallGraph, fn: FnId, op: number, cleared: Cleared): boolean {
	return decisionsOf(program, fn, op).some(({ condition, isSo }) =>
		bitsAsked(program, fn, condition, isSo).some(({ local, name, bits }) => {
			const known = cleared.get(local);
			if (known === undefined || ((known.get(name) ?? 0) & bits) !== 0) return false;
			return (bitsSetBefore(program, graph, fn, op, local, name) & bits) === 0;
		}),
	);
}

/** A field of what a variable points to, and the bits of which one at least must be set. */
interface Asked {
	readonly local: number;
	readonly name: number;
	readonly bits: number;
}

/** What must be set for a condition to be as it is. */
function bitsAsked(program: Program, fn: FnId, expr: number, isSo: boolean): Asked[] {
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	if (expr < 0) return [];
	const at = expr * EXPR_SIZE;
	const operator = exprs[at + 1]!;
	switch (exprs[at]!) {
		case ExprKind.Unary:
			return operator === UnaryOp.Not ? bitsAsked(program, fn, exprs[at + 2]!, !isSo) : [];
		case ExprKind.Binary:
			if (operator === (isSo ? BinaryOp.LogAnd : BinaryOp.LogOr))
				return [2, 3].flatMap((side) => bitsAsked(program, fn, exprs[at + side]!, isSo));
			if (operator !== BinaryOp.And) return [];
			return bitsAsked(program, fn, exprs[at + 2]!, isSo).map((asked) => ({
				...asked,
				bits: asked.bits & (constantOf(program, file, exprs[at + 3]!) ?? ANY_BIT),
			}));
		case ExprKind.Field: {
			const local = isSo ? localOf(program, fn, exprs[at + 1]!) : NONE;
			return local === NONE ? [] : [{ local, name: program.globalName(file, exprs[at + 2]!), bits: ANY_BIT }];
		}
		default:
			return [];
	}
}

/** What the callee's parameters point to of what is known to be cleared. */
function handedOn(program: Program, fn: FnId, op: number, cleared: Cleared): Cleared {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const count = ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.C]!;
	let handed: Map<number, Fields> | null = null;
	for (let i = 0; i < count; i++) {
		const argument = argumentOf(program, fn, op, i);
		const isAddress = argument >= 0 && exprs[argument * EXPR_SIZE] === ExprKind.AddrOf;
		const local = localOf(program, fn, isAddress ? exprs[argument * EXPR_SIZE + 1]! : argument);
		const known = isAddress ? undefined : cleared.get(local);
		if (local === NONE || (known === undefined && !(isAddress && isCleared(program, fn, op, local)))) continue;
		handed ??= new Map();
		handed.set(i, fieldsSet(program, fn, op, local, known));
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

/** The fields of a variable, or of what it points to, as they may be at `op`, by what is known of them and assigned before. */
function fieldsSet(program: Program, fn: FnId, op: number, local: number, known?: Fields): Fields {
	const file = program.fnFile(fn);
	const { ops, exprs } = program.unit(file);
	const first = program.fnField(fn, FnField.OpStart);
	const found: Fields = new Map(known);
	for (let before = 0; before < op; before++) {
		const at = (first + before) * OP_SIZE;
		if ((ops[at]! & 255) !== Op.Assign) continue;
		for (let expr = ops[at + OpField.A]!; expr >= 0; expr = exprs[expr * EXPR_SIZE + 1]!) {
			const kind = exprs[expr * EXPR_SIZE]!;
			if (kind !== ExprKind.Field && kind !== ExprKind.Index) break;
			if (localOf(program, fn, exprs[expr * EXPR_SIZE + 1]!) !== local) continue;
			if (kind !== ExprKind.Field) break;
			const bits = expr === ops[at + OpField.A]! ? bitsAssigned(program, fn, first + before) : ANY_BIT;
			addBits(found, program.globalName(file, exprs[expr * EXPR_SIZE + 2]!), bits);
			break;
		}
	}
	return found;
}

function addBits(fields: Fields, name: number, bits: number): void {
	fields.set(name, (fields.get(name) ?? 0) | bits);
}

/** The bits of a field that are set here before `op`, or by a function that is given the structure before. */
function bitsSetBefore(program: Program, graph: CallGraph, fn: FnId, op: number, local: number, name: number): number {
	let bits = fieldsSet(program, fn, op, local).get(name) ?? 0;
	graph.eachSite(fn, (before, callee) => {
		if (before < op && callee >= 0 && isGiven(program, fn, before, local)) bits |= bitsSetIn(program, callee, name);
	});
	return bits;
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
