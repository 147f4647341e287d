// Expressions as the source would have them, for messages: C as the printer writes it, Rust with its own signs.

import { EXPR_SIZE, ExprKind, OP_SIZE, OpField } from "./ops.js";
import { exprText } from "./print.js";
import { FN_SIZE, FnField, FnFlag, type Unit, unitName, VAR_SIZE, VarField } from "./unit.js";

const MAX_DEPTH = 20;

/** An expression of a function (by its index in the unit). */
export function sourceText(unit: Unit, fn: number, expr: number): string {
	return isRust(unit, fn) ? rustText(unit, fn, expr, 0) : exprText(unit, fn, expr);
}

export function isRust(unit: Unit, fn: number): boolean {
	return fn >= 0 && (unit.fns[fn * FN_SIZE + FnField.Flags]! & FnFlag.Rust) !== 0;
}

/** The function that a name of a Rust unit calls, without the term of what it is called on: `Foo.inner#lock` is `lock`. */
export function rustCallee(name: string): string {
	return name.slice(name.lastIndexOf("#") + 1).replace(/;.*$/s, "");
}

/** References, and what they lead to, are not told apart: field access does not either. */
function rustText(unit: Unit, fn: number, expr: number, depth: number): string {
	if (expr < 0 || depth > MAX_DEPTH) return "…";
	const at = expr * EXPR_SIZE;
	const a = unit.exprs[at + 1]!;
	const sub = (inner: number) => rustText(unit, fn, inner, depth + 1);
	switch (unit.exprs[at]!) {
		case ExprKind.Name:
			return rustCallee(unitName(unit, a));
		case ExprKind.Local: {
			const name = unit.vars[(unit.fns[fn * FN_SIZE + FnField.VarStart]! + a) * VAR_SIZE + VarField.Name]!;
			return name < 0 ? "…" : unitName(unit, name);
		}
		case ExprKind.Field:
			return `${sub(a)}.${unitName(unit, unit.exprs[at + 2]!)}`;
		case ExprKind.Deref:
		case ExprKind.AddrOf:
			return sub(a);
		case ExprKind.Cast:
			return sub(unit.exprs[at + 2]!);
		case ExprKind.Index:
			return `${sub(a)}[…]`;
		case ExprKind.CallResult:
			return callText(unit, fn, a, depth);
		case ExprKind.Opaque:
			return "…";
		default:
			return exprText(unit, fn, expr);
	}
}

function callText(unit: Unit, fn: number, op: number, depth: number): string {
	const at = (unit.fns[fn * FN_SIZE + FnField.OpStart]! + op) * OP_SIZE;
	const callee = unit.ops[at + OpField.A]!;
	const text = rustText(unit, fn, callee, depth + 1);
	const isMethod =
		callee >= 0 &&
		unit.exprs[callee * EXPR_SIZE] === ExprKind.Name &&
		unitName(unit, unit.exprs[callee * EXPR_SIZE + 1]!).includes("#");
	if (!isMethod || unit.ops[at + OpField.C] === 0) return `${text}()`;
	return `${rustText(unit, fn, unit.lists[unit.ops[at + OpField.B]!]!, depth + 1)}.${text}()`;
}
