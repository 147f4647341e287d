// What functions write into fields, as bits: which flags of a field an assignment may set.

import { constantOf } from "../ir/consts.js";
import { BinaryOp, EXPR_SIZE, ExprKind, OP_SIZE, Op, OpField, OpFlag } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";

export const ANY_BIT = -1;

/** The bits that an assignment (by its place among the file's ops) may set. */
export function bitsAssigned(program: Program, fn: FnId, assign: number): number {
	const file = program.fnFile(fn);
	const { ops, exprs } = program.unit(file);
	const at = assign * OP_SIZE;
	const value = ops[at + OpField.B]!;
	if (((ops[at]! >> 8) & OpFlag.Update) === 0) return constantOf(program, file, value) ?? ANY_BIT;
	const operator = exprs[value * EXPR_SIZE + 1]!;
	if (operator === BinaryOp.And) return 0;
	return operator === BinaryOp.Or ? (constantOf(program, file, exprs[value * EXPR_SIZE + 3]!) ?? ANY_BIT) : ANY_BIT;
}

/** The bits that a function sets in fields of that name. */
export function bitsSetIn(program: Program, fn: FnId, name: number): number {
	const file = program.fnFile(fn);
	const { ops, exprs } = program.unit(file);
	const first = program.fnField(fn, FnField.OpStart);
	let bits = 0;
	for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
		const at = (first + op) * OP_SIZE;
		if ((ops[at]! & 255) !== Op.Assign) continue;
		const target = ops[at + OpField.A]! * EXPR_SIZE;
		if (exprs[target] !== ExprKind.Field || program.globalName(file, exprs[target + 2]!) !== name) continue;
		bits |= bitsAssigned(program, fn, first + op);
	}
	return bits;
}
