// What a branch looks at, as far as the code of its function says: the calls whose results its condition reads,
// by itself or in a variable that was assigned one.

import { EXPR_SIZE, ExprKind, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField, type Unit } from "../ir/unit.js";

/** Ops of the calls, relative to the function's first. */
export function callsBehind(program: Program, fn: FnId, branch: number): ReadonlySet<number> {
	const unit = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const count = program.fnField(fn, FnField.OpCount);
	const calls = new Set<number>();
	const locals = new Set<number>();
	if (branch >= count || !isDecision(unit, first + branch)) return calls;
	collect(unit, unit.ops[(first + branch) * OP_SIZE + OpField.A]!, calls, locals);
	for (let op = first; op < first + count && locals.size > 0; op++) {
		const at = op * OP_SIZE;
		if ((unit.ops[at + OpField.Code]! & 0xff) !== Op.Assign) continue;
		const target = unit.ops[at + OpField.A]! * EXPR_SIZE;
		if (unit.exprs[target] !== ExprKind.Local || !locals.has(unit.exprs[target + 1]!)) continue;
		collect(unit, unit.ops[at + OpField.B]!, calls, new Set());
	}
	return calls;
}

function isDecision(unit: Unit, op: number): boolean {
	const code = unit.ops[op * OP_SIZE + OpField.Code]! & 0xff;
	return code === Op.Branch || code === Op.Switch;
}

function collect(unit: Unit, expr: number, calls: Set<number>, locals: Set<number>): void {
	if (expr < 0) return;
	const at = expr * EXPR_SIZE;
	const a = unit.exprs[at + 1]!;
	const b = unit.exprs[at + 2]!;
	switch (unit.exprs[at] as ExprKind) {
		case ExprKind.CallResult:
			calls.add(a);
			return;
		case ExprKind.Local:
			locals.add(a);
			return;
		case ExprKind.Unary:
		case ExprKind.Cast:
			collect(unit, b, calls, locals);
			return;
		case ExprKind.Binary:
			collect(unit, b, calls, locals);
			collect(unit, unit.exprs[at + 3]!, calls, locals);
			return;
		case ExprKind.Cond:
			collect(unit, a, calls, locals);
			collect(unit, b, calls, locals);
			collect(unit, unit.exprs[at + 3]!, calls, locals);
			return;
		default:
			return;
	}
}
