// What a branch looks at, as far as the code of its function says: the calls whose results its condition reads,
// by itself or in a variable that was assigned one, and the variables and memory that it reads.

import { EXPR_SIZE, ExprKind, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField, type Unit } from "../ir/unit.js";
import { placeOf } from "./evaluate.js";
import { Machine, type State } from "./machine.js";
import { keyOf, type Value } from "./value.js";
import { taskOf } from "./view.js";
import type { World } from "./world.js";

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

/** What the condition of a frame's next op reads, with the frame it belongs to. */
export interface Read {
	readonly frame: number;
	/** variables of the frame, by index, and places in memory, by key */
	readonly locals: ReadonlySet<number>;
	readonly memory: ReadonlySet<string>;
}

/** null: the op decides nothing, or its condition reads nothing. */
export function readBy(world: World, state: State, depth: number): Read | null {
	const { program } = world;
	const frame = taskOf(state).frames[depth]!;
	const unit = program.unit(program.fnFile(frame.fn));
	const op = program.fnField(frame.fn, FnField.OpStart) + frame.pc;
	if (frame.pc >= program.fnField(frame.fn, FnField.OpCount) || !isDecision(unit, op)) return null;
	const machine = new Machine(world, state, []);
	const locals = new Set<number>();
	const memory = new Set<string>();
	const visit = (expr: number): void => {
		if (expr < 0) return;
		const at = expr * EXPR_SIZE;
		switch (unit.exprs[at] as ExprKind) {
			case ExprKind.Local:
				locals.add(unit.exprs[at + 1]!);
				return;
			case ExprKind.Name:
			case ExprKind.Field:
			case ExprKind.Deref:
			case ExprKind.Index: {
				const place = placeOf(machine, depth, expr);
				if (place !== null) memory.add(place.key);
				return;
			}
			case ExprKind.Unary:
			case ExprKind.Cast:
				visit(unit.exprs[at + 2]!);
				return;
			case ExprKind.Cond:
				for (let i = 1; i <= 3; i++) visit(unit.exprs[at + i]!);
				return;
			case ExprKind.Binary:
				visit(unit.exprs[at + 2]!);
				visit(unit.exprs[at + 3]!);
				return;
			default:
				return;
		}
	};
	visit(unit.ops[op * OP_SIZE + OpField.A]!);
	return locals.size + memory.size === 0 ? null : { frame: frame.id, locals, memory };
}

/** Is something of it other in the second state than in the first? */
export function isChanged(read: Read, [before, after]: readonly [State, State], depth: number): boolean {
	for (const key of read.memory) if (!isSame(before.memory.get(key), after.memory.get(key))) return true;
	const one = taskOf(before).frames[depth];
	const other = taskOf(after).frames[depth];
	if (one?.id !== read.frame || other?.id !== read.frame) return false;
	for (const index of read.locals) if (!isSame(one.locals[index], other.locals[index])) return true;
	return false;
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
	if (a === undefined || b === undefined) return a === b;
	return a === b || keyOf(a) === keyOf(b);
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
