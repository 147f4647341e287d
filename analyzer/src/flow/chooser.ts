// Where the mask of an allocation was written that came down to it as a parameter.

import { EXPR_SIZE, ExprKind } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { Primitive } from "../model/schema.js";
import { argumentOf } from "./callGraph.js";
import type { Link } from "./link.js";
import type { Solved } from "./solved.js";
import { gfpArgument, isLiteralMask } from "./violations.js";

/** A call that passes a mask written out, down to an allocator. */
export interface Chooser {
	/** index of the call in the chain */
	readonly link: number;
	/** the argument that is the mask */
	readonly argument: number;
}

/** A chain that ends at an allocator. */
interface AllocatingChain {
	readonly fn: FnId;
	readonly op: number;
	readonly primitive: Primitive;
	readonly links: readonly Link[];
}

/** Where the mask of an allocation was chosen, when it came down as a parameter; null when it did not, or nobody knows. */
export function findChooser(solved: Solved, { fn, op, primitive, links }: AllocatingChain): Chooser | null {
	const { program } = solved.world;
	let at = links.length - 1;
	let argument = primitive.alloc?.gfp ?? -1;
	let expr = gfpArgument(solved.world, fn, op, primitive);
	while (expr >= 0 && !isLiteralMask(solved.world, links[at]!.fn, expr)) {
		const param = paramIn(program.unit(program.fnFile(links[at]!.fn)).exprs, expr);
		if (param < 0 || param >= program.fnField(links[at]!.fn, FnField.ParamCount) || at === 0) return null;
		at--;
		argument = param;
		expr = argumentOf(program, links[at]!.fn, links[at]!.op, param);
	}
	return expr >= 0 && at < links.length - 1 ? { link: at, argument } : null;
}

/** The variable that a mask expression is built from, or -1. */
function paramIn(exprs: Int32Array, expr: number): number {
	switch (exprs[expr * EXPR_SIZE]!) {
		case ExprKind.Local:
			return exprs[expr * EXPR_SIZE + 1]!;
		case ExprKind.Cast:
			return paramIn(exprs, exprs[expr * EXPR_SIZE + 2]!);
		case ExprKind.Binary: {
			const left = paramIn(exprs, exprs[expr * EXPR_SIZE + 2]!);
			return left >= 0 ? left : paramIn(exprs, exprs[expr * EXPR_SIZE + 3]!);
		}
		default:
			return -1;
	}
}
