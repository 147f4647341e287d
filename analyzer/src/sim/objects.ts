// What a function is given that the surrounding kernel calls on top of a task: the object that the task is busy with,
// where it is of the type that the function wants. So a driver's handler is about the device at hand.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { isKswapd, type Machine, type Task } from "./machine.js";
import { unknown, type Value } from "./value.js";
import type { World } from "./world.js";

/** What the task is busy with: the innermost parameter or variable that is a pointer to this type. */
export function sameObject(machine: Machine, type: string, pointers: number): Value | null {
	if (type === "" || pointers !== 1) return null;
	const { task, state } = machine;
	const own = objectOn(machine, task, type);
	// kswapd is busy with nothing of its own.
	if (own !== null || !isKswapd(task)) return own;
	for (const other of state.tasks) {
		const found = other === task ? null : objectOn(machine, other, type);
		if (found !== null) return found;
	}
	return null;
}

function objectOn(machine: Machine, { frames }: Task, type: string): Value | null {
	for (let depth = frames.length - 1; depth >= 0; depth--) {
		const frame = frames[depth]!;
		if (frame.macroArgs !== null || frame.fn === NONE) continue;
		for (let i = 0; i < frame.locals.length; i++) {
			const local = machine.world.varType(frame.fn, i);
			const value = frame.locals[i];
			if (value === undefined || local.name !== type || local.pointers !== 1) continue;
			if (machine.truth(value) !== false) return value;
		}
	}
	return null;
}

/** Parameters of one name and type are the same thing in every run of a function. */
export function ownUnknown(machine: Machine, fn: FnId, index: number): Value {
	const name = machine.world.varName(fn, index) || `arg${index}`;
	return unknown(`p:${name}`, name);
}

/** Arguments of a handler: `void *data` is of the type of the variable that it is assigned to. */
export function handlerArguments(machine: Machine, fn: FnId): Value[] {
	const { world } = machine;
	const n = world.program.fnField(fn, FnField.ParamCount);
	return Array.from({ length: n }, (_, i): Value => {
		const own = world.varType(fn, i);
		const { name, pointers } = own.name === "" && own.pointers === 1 ? typeBehind(world, fn, i) : own;
		return sameObject(machine, name, pointers) ?? ownUnknown(machine, fn, i);
	});
}

/** The type of the first variable that a parameter is copied to. */
function typeBehind(world: World, fn: FnId, param: number): { readonly name: string; readonly pointers: number } {
	const { program } = world;
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const start = program.fnField(fn, FnField.OpStart);
	const end = start + program.fnField(fn, FnField.OpCount);
	const localOf = (expr: number): number => {
		if (expr < 0) return NONE;
		const kind = exprs[expr * EXPR_SIZE];
		if (kind === ExprKind.Cast) return localOf(exprs[expr * EXPR_SIZE + 2]!);
		return kind === ExprKind.Local ? exprs[expr * EXPR_SIZE + 1]! : NONE;
	};
	for (let at = start * OP_SIZE; at < end * OP_SIZE; at += OP_SIZE) {
		if ((ops[at + OpField.Code]! & 0xff) !== Op.Assign || localOf(ops[at + OpField.B]!) !== param) continue;
		const target = localOf(ops[at + OpField.A]!);
		if (target === NONE) continue;
		const type = world.varType(fn, target);
		if (type.name !== "") return type;
	}
	return { name: "", pointers: 0 };
}
