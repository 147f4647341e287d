// Does a function, or what it hands a parameter on to, look at bits of it? Then they say something there, whatever the
// allocators make of them.

import { BinaryOp, EXPR_SIZE, ExprKind, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { literalBits } from "./masks.js";
import { isPrimitive, staticCallee, type World } from "./world.js";

/** Calls that a mask is followed through. */
const MAX_DEPTH = 4;

/** Does a branch of `fn`, or of what it passes `param` on to, test one of `bits` in that parameter? */
export function testsBits(world: World, fn: FnId, param: number, bits: number): boolean {
	return looks(world, fn, param, bits, 0);
}

function looks(world: World, fn: FnId, param: number, bits: number, depth: number): boolean {
	const { program } = world;
	if (depth > MAX_DEPTH || param >= program.fnField(fn, FnField.ParamCount)) return false;
	const { ops, exprs, lists } = program.unit(program.fnFile(fn));
	const isParam = (expr: number) =>
		expr >= 0 && exprs[expr * EXPR_SIZE] === ExprKind.Local && exprs[expr * EXPR_SIZE + 1] === param;
	const first = program.fnField(fn, FnField.OpStart);
	for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
		const at = (first + op) * OP_SIZE;
		const code = ops[at]! & 255;
		if (code === Op.Branch && hasTest(world, fn, ops[at + OpField.A]!, isParam, bits)) return true;
		if (code !== Op.Call) continue;
		const callee = staticCallee(world, fn, op);
		if (callee < 0 || isPrimitive(callee) || callee === fn) continue;
		for (let index = 0; index < ops[at + OpField.C]!; index++) {
			const isHanded = isParam(lists[ops[at + OpField.B]! + index]!);
			if (isHanded && looks(world, callee, index, bits, depth + 1)) return true;
		}
	}
	return false;
}

/** Is there `parameter & mask` in a condition, with a mask that has one of `bits`? */
function hasTest(world: World, fn: FnId, expr: number, isParam: (expr: number) => boolean, bits: number): boolean {
	if (expr < 0) return false;
	const { exprs } = world.program.unit(world.program.fnFile(fn));
	const at = expr * EXPR_SIZE;
	switch (exprs[at]!) {
		case ExprKind.Unary:
		case ExprKind.Cast:
			return hasTest(world, fn, exprs[at + 2]!, isParam, bits);
		case ExprKind.Binary: {
			const [left, right] = [exprs[at + 2]!, exprs[at + 3]!];
			if (exprs[at + 1] === BinaryOp.And && (isParam(left) || isParam(right))) {
				const mask = literalBits(world, fn, isParam(left) ? right : left);
				return mask !== undefined && (mask & bits) !== 0;
			}
			return hasTest(world, fn, left, isParam, bits) || hasTest(world, fn, right, isParam, bits);
		}
		default:
			return false;
	}
}
