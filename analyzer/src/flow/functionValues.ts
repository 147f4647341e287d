// hot: where code names functions without calling them, and which parameters may hold one.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FnField, TYPE_SIZE, TYPEDEF_SIZE, TypeField, TypeKind, type Unit, VAR_SIZE, VarField } from "../ir/unit.js";

const NO_FUNCTIONS: readonly FnId[] = [];
const MAX_DEPTH = 4;
/** Parameters beyond these are not followed. */
export const MAX_PARAMS = 32;

/** The functions that an expression names: one, or the two arms of a condition. Constants and variables are none. */
export function functionsNamed(program: Program, file: FileId, unit: Unit, expr: number, depth = 0): readonly FnId[] {
	if (expr < 0 || depth > MAX_DEPTH) return NO_FUNCTIONS;
	const at = expr * EXPR_SIZE;
	switch (unit.exprs[at]!) {
		case ExprKind.Name: {
			const fn = program.bindLocal(file, unit.exprs[at + 1]!);
			return fn === NONE ? NO_FUNCTIONS : [fn];
		}
		case ExprKind.AddrOf:
			return functionsNamed(program, file, unit, unit.exprs[at + 1]!, depth + 1);
		case ExprKind.Cast:
			return functionsNamed(program, file, unit, unit.exprs[at + 2]!, depth + 1);
		case ExprKind.Cond:
			return [
				...functionsNamed(program, file, unit, unit.exprs[at + 2]!, depth + 1),
				...functionsNamed(program, file, unit, unit.exprs[at + 3]!, depth + 1),
			];
		default:
			return NO_FUNCTIONS;
	}
}

/** Index of the parameter that an expression is when that may hold a function, else NONE. */
export function functionParam(program: Program, fn: FnId, unit: Unit, expr: number): number {
	if (expr < 0 || unit.exprs[expr * EXPR_SIZE] !== ExprKind.Local) return NONE;
	const index = unit.exprs[expr * EXPR_SIZE + 1]!;
	if (index >= program.fnField(fn, FnField.ParamCount) || index >= MAX_PARAMS) return NONE;
	return isFunctionPointer(program, program.fnFile(fn), typeOf(program, fn, unit, index)) ? index : NONE;
}

/** The functions that a variable of a function is set to, where an expression is such a variable and no parameter. */
export function functionsHeld(program: Program, fn: FnId, unit: Unit, expr: number): readonly FnId[] {
	if (expr < 0 || unit.exprs[expr * EXPR_SIZE] !== ExprKind.Local) return NO_FUNCTIONS;
	const index = unit.exprs[expr * EXPR_SIZE + 1]!;
	if (index < program.fnField(fn, FnField.ParamCount)) return NO_FUNCTIONS;
	const file = program.fnFile(fn);
	const type = typeOf(program, fn, unit, index);
	if (type < 0 || !isFunctionPointer(program, file, type)) return NO_FUNCTIONS;
	const first = program.fnField(fn, FnField.OpStart);
	const held: FnId[] = [];
	for (let op = first; op < first + program.fnField(fn, FnField.OpCount); op++) {
		const at = op * OP_SIZE;
		if ((unit.ops[at]! & 255) !== Op.Assign || !isLocal(unit, unit.ops[at + OpField.A]!, index)) continue;
		held.push(...functionsNamed(program, file, unit, unit.ops[at + OpField.B]!));
	}
	return held;
}

function isLocal({ exprs }: Unit, expr: number, index: number): boolean {
	return expr >= 0 && exprs[expr * EXPR_SIZE] === ExprKind.Local && exprs[expr * EXPR_SIZE + 1] === index;
}

function typeOf(program: Program, fn: FnId, { vars }: Unit, index: number): number {
	return vars[(program.fnField(fn, FnField.VarStart) + index) * VAR_SIZE + VarField.Type]!;
}

function isFunctionPointer(program: Program, file: FileId, type: number): boolean {
	// A macro's parameters have no types: anything may be handed through.
	return type < 0 || isFunctionType(program, file, type);
}

/** Is a type that of pointers to functions, by itself or by a typedef? */
export function isFunctionType(program: Program, file: FileId, type: number): boolean {
	const { types } = program.unit(file);
	if (type < 0) return false;
	const kind = types[type * TYPE_SIZE];
	if (kind !== TypeKind.Typedef) return kind === TypeKind.FnPointer;
	const name = program.globalName(file, types[type * TYPE_SIZE + TypeField.Name]!);
	const symbol = program.bestSymbol(program.typedefs, file, name);
	if (symbol === NONE) return false;
	const home = program.unit(program.typedefs.file(symbol));
	const inner = home.typedefs[program.typedefs.index(symbol) * TYPEDEF_SIZE + 1]!;
	return inner >= 0 && home.types[inner * TYPE_SIZE] === TypeKind.FnPointer;
}
