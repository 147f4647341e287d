// Masks as they are written: the bits of a literal one, and the flags it names.

import { constantOf } from "../ir/consts.js";
import { BinaryOp, EXPR_SIZE, ExprKind, UnaryOp } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { namedConstant, type World } from "./world.js";

/** The bits of a literal mask; a tree without the kernel's headers has the model's value of a flag's name. */
export function literalBits(world: World, fn: FnId, mask: number): number | undefined {
	const { program } = world;
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	const at = mask * EXPR_SIZE;
	if (exprs[at] === ExprKind.Name) return namedConstant(world, file, program.globalName(file, exprs[at + 1]!));
	if (exprs[at] === ExprKind.Cast) return literalBits(world, fn, exprs[at + 2]!);
	if (exprs[at] === ExprKind.Unary && exprs[at + 1] === UnaryOp.BitNot) {
		const inner = literalBits(world, fn, exprs[at + 2]!);
		return inner === undefined ? undefined : ~inner;
	}
	if (exprs[at] !== ExprKind.Binary || (exprs[at + 1] !== BinaryOp.Or && exprs[at + 1] !== BinaryOp.And))
		return constantOf(program, file, mask);
	const left = literalBits(world, fn, exprs[at + 2]!);
	const right = left === undefined ? undefined : literalBits(world, fn, exprs[at + 3]!);
	if (left === undefined || right === undefined) return undefined;
	return exprs[at + 1] === BinaryOp.Or ? left | right : left & right;
}

/** Visits the names (program-wide) that a mask is put together from by `|`; what `& ~` takes away again is left aside. */
export function eachJoinedName(world: World, fn: FnId, mask: number, visit: (name: number) => void): void {
	const { program } = world;
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	const at = mask * EXPR_SIZE;
	if (exprs[at] === ExprKind.Name) visit(program.globalName(file, exprs[at + 1]!));
	else if (exprs[at] === ExprKind.Cast) eachJoinedName(world, fn, exprs[at + 2]!, visit);
	else if (exprs[at] === ExprKind.Binary) {
		eachJoinedName(world, fn, exprs[at + 2]!, visit);
		if (exprs[at + 1] === BinaryOp.Or) eachJoinedName(world, fn, exprs[at + 3]!, visit);
	}
}
