// Integer values of expressions in unit scope or without variables: literals, enumerators, object-like macros.

import { BinaryOp, EXPR_SIZE, ExprKind, NONE, UnaryOp } from "./ops.js";
import type { FileId, Program } from "./program.js";
import { CONST_SIZE, ConstField } from "./unit.js";

const MAX_DEPTH = 24;

/** What the language's own words are where no header of the kernel's says it: a module may be read without any. */
const LANGUAGE: readonly (readonly [word: string, value: number])[] = [
	["false", 0],
	["true", 1],
	["NULL", 0],
];

/** Value of an expression (32-bit signed), or undefined when it is not a constant of the tree. */
export function constantOf(program: Program, file: FileId, expr: number, depth = 0): number | undefined {
	if (expr < 0 || depth > MAX_DEPTH) return undefined;
	const exprs = program.unit(file).exprs;
	const at = expr * EXPR_SIZE;
	switch (exprs[at]!) {
		case ExprKind.Int:
			return exprs[at + 1]!;
		case ExprKind.Name:
			return constantNamed(program, file, program.globalName(file, exprs[at + 1]!), depth + 1);
		case ExprKind.Cast:
			return constantOf(program, file, exprs[at + 2]!, depth + 1);
		case ExprKind.Unary: {
			const value = constantOf(program, file, exprs[at + 2]!, depth + 1);
			return value === undefined ? undefined : unary(exprs[at + 1]!, value);
		}
		case ExprKind.Binary: {
			const left = constantOf(program, file, exprs[at + 2]!, depth + 1);
			if (left === undefined) return undefined;
			const right = constantOf(program, file, exprs[at + 3]!, depth + 1);
			return right === undefined ? undefined : binary(exprs[at + 1]!, left, right);
		}
		case ExprKind.Cond: {
			const condition = constantOf(program, file, exprs[at + 1]!, depth + 1);
			if (condition === undefined) return undefined;
			return constantOf(program, file, exprs[at + (condition !== 0 ? 2 : 3)]!, depth + 1);
		}
		default:
			return undefined;
	}
}

/** Value of the constant that a program-wide name means in a file. */
export function constantNamed(program: Program, file: FileId, name: number, depth = 0): number | undefined {
	if (depth > 0) return findConstant(program, file, name, depth);
	const { constants } = program;
	const slot = constants.slotOf(file, name);
	if (!constants.has(slot, file, name)) constants.put(slot, file, name, findConstant(program, file, name, 0));
	return constants.value(slot);
}

/** Value of a constant by name as the tree's own headers define it. */
export function treeConstant(program: Program, name: string): number | undefined {
	const id = program.names.lookupText(name);
	const symbol = program.firstSymbol(program.consts, id);
	return symbol === NONE ? undefined : constantNamed(program, program.consts.file(symbol), id);
}

function findConstant(program: Program, file: FileId, name: number, depth: number): number | undefined {
	const symbol = program.bestSymbol(program.consts, file, name);
	if (symbol === NONE) return LANGUAGE.find(([word]) => program.names.spells(name, word))?.[1];
	if (depth > MAX_DEPTH) return undefined;
	const value = valueAt(program, symbol, depth);
	return value !== undefined && isDisputed(program, file, name, symbol, value, depth) ? undefined : value;
}

function valueAt(program: Program, symbol: number, depth: number): number | undefined {
	const home = program.consts.file(symbol);
	const value = program.unit(home).consts[program.consts.index(symbol) * CONST_SIZE + ConstField.Value]!;
	return constantOf(program, home, value, depth + 1);
}

/** Is it zero by one of equally near headers and not by another (one per machine, say)? Then no branch on it is dead. */
function isDisputed(program: Program, file: FileId, name: number, best: number, value: number, depth: number): boolean {
	const { consts } = program;
	const home = consts.file(best);
	if (home === file) return false;
	const rank = program.rank(file, home);
	for (let at = consts.first(name); at !== NONE; at = consts.next(at)) {
		const other = consts.file(at);
		if (other === home || program.rank(file, other) !== rank) continue;
		const rival = valueAt(program, at, depth);
		if (rival !== undefined && (rival === 0) !== (value === 0)) return true;
	}
	return false;
}

export function unary(op: UnaryOp, value: number): number {
	switch (op) {
		case UnaryOp.Neg:
			return -value | 0;
		case UnaryOp.Not:
			return value === 0 ? 1 : 0;
		case UnaryOp.BitNot:
			return ~value;
	}
}

/** C arithmetic on 32-bit values; undefined for a division by zero. */
export function binary(op: BinaryOp, a: number, b: number): number | undefined {
	switch (op) {
		case BinaryOp.Add:
			return (a + b) | 0;
		case BinaryOp.Sub:
			return (a - b) | 0;
		case BinaryOp.Mul:
			return Math.imul(a, b);
		case BinaryOp.Div:
			return b === 0 ? undefined : (a / b) | 0;
		case BinaryOp.Mod:
			return b === 0 ? undefined : (a % b) | 0;
		case BinaryOp.Shl:
			return a << b;
		case BinaryOp.Shr:
			return a >> b;
		case BinaryOp.And:
			return a & b;
		case BinaryOp.Or:
			return a | b;
		case BinaryOp.Xor:
			return a ^ b;
		case BinaryOp.Eq:
		case BinaryOp.Ne:
		case BinaryOp.Lt:
		case BinaryOp.Le:
		case BinaryOp.Gt:
		case BinaryOp.Ge:
			return compare(op, a, b);
		case BinaryOp.LogAnd:
			return a !== 0 && b !== 0 ? 1 : 0;
		case BinaryOp.LogOr:
			return a !== 0 || b !== 0 ? 1 : 0;
	}
}

/** 1 or 0 for a comparison of two numbers of any width; undefined for other operators. */
export function compare(op: BinaryOp, a: number, b: number): number | undefined {
	switch (op) {
		case BinaryOp.Eq:
			return a === b ? 1 : 0;
		case BinaryOp.Ne:
			return a !== b ? 1 : 0;
		case BinaryOp.Lt:
			return a < b ? 1 : 0;
		case BinaryOp.Le:
			return a <= b ? 1 : 0;
		case BinaryOp.Gt:
			return a > b ? 1 : 0;
		case BinaryOp.Ge:
			return a >= b ? 1 : 0;
		default:
			return undefined;
	}
}
