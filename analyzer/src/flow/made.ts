// By whom what a pointer leads to has been made, where a chain hands it down: an iterator of the kernel's own memory, say.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { SleepRow } from "../model/schema.js";
import { argumentOf } from "./callGraph.js";
import type { Link } from "./link.js";

/**
 * Has what the last call of a chain is given as an argument been made as the row says, and in no other way, by the
 * function that hands it down?
 */
export function isMade(program: Program, links: readonly Link[], row: NonNullable<SleepRow["unlessMade"]>): boolean {
	let arg = row.arg;
	for (let i = links.length - 1; i >= 0; i--) {
		const { fn, op } = links[i]!;
		const expr = argumentOf(program, fn, op, arg);
		if (expr < 0) return false;
		const { exprs } = program.unit(program.fnFile(fn));
		const index = exprs[expr * EXPR_SIZE] === ExprKind.Local ? exprs[expr * EXPR_SIZE + 1]! : NONE;
		if (index >= 0 && index < program.fnField(fn, FnField.ParamCount)) arg = index;
		else return isMadeIn(program, fn, expr, row.by) && !isMadeIn(program, fn, expr, row.others);
	}
	return false;
}

/** Does the function call one of these with the same expression as argument 0? */
function isMadeIn(program: Program, fn: FnId, expr: number, makers: string): boolean {
	const names = new Set(makers.split(" ").map((name) => program.names.lookupText(name)));
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const start = program.fnField(fn, FnField.OpStart);
	const count = program.fnField(fn, FnField.OpCount);
	for (let op = 0; op < count; op++) {
		const at = (start + op) * OP_SIZE;
		if ((unit.ops[at]! & 255) !== Op.Call || argumentOf(program, fn, op, 0) !== expr) continue;
		const callee = unit.ops[at + OpField.A]!;
		if (callee < 0 || unit.exprs[callee * EXPR_SIZE] !== ExprKind.Name) continue;
		if (names.has(program.globalName(file, unit.exprs[callee * EXPR_SIZE + 1]!))) return true;
	}
	return false;
}
