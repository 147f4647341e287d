// Can a call be made earlier, before another op of the function? Its arguments must have their values there already,
// and it must not be made more than once after it.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField, VAR_SIZE, VarField, VarFlag } from "../ir/unit.js";
import { argumentOf } from "./callGraph.js";
import { applyCtx, forbidsSleep } from "./context.js";
import type { CallState } from "./summary.js";
import type { World } from "./world.js";

/** Is the call at `op` made at most once after `to`, with arguments that are known at `to`? */
export function isMovable(world: World, fn: FnId, op: number, to: number): boolean {
	const { program } = world;
	if (isRepeated(program, fn, op, to)) return false;
	const unit = program.unit(program.fnFile(fn));
	const call = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const list = unit.ops[call + OpField.B]!;
	for (let i = 0; i < unit.ops[call + OpField.C]!; i++) {
		if (!isKnownAt(world, fn, unit.lists[list + i]!, to, op)) return false;
	}
	return true;
}

/** Is one argument of the call at `op`, which is made at most once after `to`, the same at `to` already? */
export function isArgumentThere(world: World, fn: FnId, op: number, to: number, index: number): boolean {
	const { program } = world;
	return !isRepeated(program, fn, op, to) && isKnownAt(world, fn, argumentOf(program, fn, op, index), to, op);
}

/** Is the op in a loop that begins after `to`? */
function isRepeated(program: Program, fn: FnId, op: number, to: number): boolean {
	const { ops } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	for (let at = op; at < program.fnField(fn, FnField.OpCount); at++) {
		const record = (first + at) * OP_SIZE;
		const code = ops[record]! & 255;
		const target = code === Op.Jump ? ops[record + OpField.A]! : code === Op.Branch ? ops[record + OpField.B]! : at + 1;
		if (target > to && target <= op) return true;
	}
	return false;
}

/** The op that takes the outermost spinning lock of a state that is atomic by spinning locks alone; NONE for others. */
export function firstTaken({ kinds }: World, state: CallState): number {
	if (!forbidsSleep(applyCtx(kinds, 0, state.ctx)) || state.ctx.items.some((item) => item.asserted)) return NONE;
	const spinning = state.ctx.items.filter((item) => kinds.spins[item.kind]);
	const isOther = state.ctx.items.some((item) => !kinds.spins[item.kind] && kinds.bits[item.kind] !== 0);
	if (isOther || spinning.length === 0) return NONE;
	const taken = Math.min(...spinning.map((item) => item.op));
	return state.ctx.irqOp >= 0 && state.ctx.irqOp < taken ? NONE : taken;
}

/** Is an expression made of constants, of what was passed, and of variables that are set before `to`? */
function isKnownAt(world: World, fn: FnId, expr: number, to: number, op: number): boolean {
	if (expr < 0) return false;
	const { program } = world;
	const { exprs } = program.unit(program.fnFile(fn));
	const at = expr * EXPR_SIZE;
	switch (exprs[at]!) {
		case ExprKind.Int:
		case ExprKind.Str:
		case ExprKind.SizeOf:
			return true;
		case ExprKind.Name: {
			const name = program.globalName(program.fnFile(fn), exprs[at + 1]!);
			return world.flags.has(name) || program.bestSymbol(program.consts, program.fnFile(fn), name) !== NONE;
		}
		case ExprKind.Local:
			return isSetBefore(program, fn, exprs[at + 1]!, to, op);
		case ExprKind.Unary:
		case ExprKind.Cast:
			return isKnownAt(world, fn, exprs[at + 2]!, to, op);
		case ExprKind.Binary:
			return isKnownAt(world, fn, exprs[at + 2]!, to, op) && isKnownAt(world, fn, exprs[at + 3]!, to, op);
		default:
			return false;
	}
}

/** Does a variable keep its value from `to` on to `op`? */
function isSetBefore(program: Program, fn: FnId, variable: number, to: number, op: number): boolean {
	const unit = program.unit(program.fnFile(fn));
	const flags = unit.vars[(program.fnField(fn, FnField.VarStart) + variable) * VAR_SIZE + VarField.Flags]!;
	if ((flags & VarFlag.AddressTaken) !== 0) return false;
	const first = program.fnField(fn, FnField.OpStart);
	for (let at = to; at < op; at++) {
		const record = (first + at) * OP_SIZE;
		if ((unit.ops[record]! & 255) !== Op.Assign) continue;
		const target = unit.ops[record + OpField.A]! * EXPR_SIZE;
		if (unit.exprs[target] === ExprKind.Local && unit.exprs[target + 1] === variable) return false;
	}
	return true;
}
