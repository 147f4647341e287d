// What is done with a flag where it stands in an expression: is it part of a mask, taken away from one, or asked for?

import type { FlagReport } from "../api.js";
import { isLiteralMask } from "../flow/violations.js";
import type { World } from "../flow/world.js";
import { BinaryOp, EXPR_SIZE, ExprKind, UnaryOp } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";

export type FlagRole = FlagReport["role"];

/** The role of a name (program-wide) in an expression; null where it does not stand there. */
export function roleIn(world: World, fn: FnId, expr: number, name: number): FlagRole | null {
	if (expr < 0) return null;
	const { program } = world;
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	const at = expr * EXPR_SIZE;
	const inner = (field: number) => roleIn(world, fn, exprs[at + field]!, name);
	switch (exprs[at]!) {
		case ExprKind.Name:
			return program.globalName(file, exprs[at + 1]!) === name ? "part" : null;
		case ExprKind.Cast:
			return inner(2);
		case ExprKind.Unary:
			return roleBelow(inner(2), exprs[at + 1] === UnaryOp.BitNot ? "taken" : "asked");
		case ExprKind.Binary:
			return binaryRole(world, fn, exprs[at + 1]!, exprs[at + 2]!, exprs[at + 3]!, name);
		case ExprKind.Cond:
			return roleBelow(inner(1), "asked") ?? inner(2) ?? inner(3);
		default:
			return null;
	}
}

function binaryRole(
	world: World,
	fn: FnId,
	operator: number,
	left: number,
	right: number,
	name: number,
): FlagRole | null {
	const [ofLeft, ofRight] = [roleIn(world, fn, left, name), roleIn(world, fn, right, name)];
	const own = ofLeft ?? ofRight;
	if (operator === BinaryOp.Or) return own;
	if (operator !== BinaryOp.And) return roleBelow(own, "asked");
	// what is left of something that is no mask of its own
	const other = ofLeft === null ? left : right;
	return own === "part" && !isLiteralMask(world, fn, other) ? "asked" : own;
}

/** The role of what is a part below an operator that makes it another thing. */
function roleBelow(own: FlagRole | null, made: FlagRole): FlagRole | null {
	return own === "part" ? made : own;
}
