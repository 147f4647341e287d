// Expressions: their values and the places they name, in one frame of the running task. Has no effect on
// the machine. Parameters of macros stand for expressions of the frame below.

import { type BinaryOp, EXPR_SIZE, ExprKind, NONE, type UnaryOp } from "../ir/ops.js";
import { FnField, unitName } from "../ir/unit.js";
import { checkAccess } from "./freed.js";
import { type Frame, isMacroFrame, type Machine } from "./machine.js";
import {
	applyBinary,
	applyUnary,
	elementOf,
	fieldOf,
	globalKey,
	int,
	keyOf,
	type Place,
	target,
	textOf,
	type Unknown,
	unknown,
	type Value,
	ZERO,
} from "./value.js";

/** How sizes are called, which the IR does not hold. */
const SIZE = "the size";

/** Value of an expression in the frame at `depth`. */
export function evaluate(machine: Machine, depth: number, expr: number): Value {
	if (expr < 0) return unknown("void", "nothing");
	const frame = machine.task.frames[depth]!;
	const { program } = machine.world;
	const file = program.fnFile(frame.fn);
	const unit = program.unit(file);
	const at = expr * EXPR_SIZE;
	const a = unit.exprs[at + 1]!;
	const b = unit.exprs[at + 2]!;
	const c = unit.exprs[at + 3]!;
	switch (unit.exprs[at] as ExprKind) {
		case ExprKind.Int:
			return int(wide(a, b));
		case ExprKind.Name:
			return nameValue(machine, depth, expr);
		case ExprKind.Local:
			return localValue(machine, depth, a);
		case ExprKind.Str: {
			const text = a === NONE ? "…" : unitName(unit, a);
			return { kind: "pointer", place: { key: `"${text}"`, text: `"${text}"`, pointer: `"${text}"` } };
		}
		case ExprKind.CallResult:
			return known(machine, frame.results.get(a) ?? unknown(`r${frame.id}.${a}`, "result of a call"));
		case ExprKind.Field:
		case ExprKind.Deref:
		case ExprKind.Index: {
			const place = placeOf(machine, depth, expr);
			return place === null ? opaque(machine, depth, expr) : read(machine, place);
		}
		case ExprKind.AddrOf: {
			const place = placeOf(machine, depth, a);
			if (place !== null) return addressOf(place);
			const value = evaluate(machine, depth, a);
			return value.kind === "function" ? value : unknown(`&${keyOf(value)}`, `&${textOf(value)}`);
		}
		case ExprKind.Unary:
			return known(machine, applyUnary(a as UnaryOp, evaluate(machine, depth, b)));
		case ExprKind.Binary:
			return known(machine, applyBinary(a as BinaryOp, evaluate(machine, depth, b), evaluate(machine, depth, c)));
		case ExprKind.Cond: {
			const condition = machine.truth(evaluate(machine, depth, a));
			if (condition !== undefined) return evaluate(machine, depth, condition ? b : c);
			return eitherOf(evaluate(machine, depth, a), evaluate(machine, depth, b), evaluate(machine, depth, c));
		}
		case ExprKind.Cast:
			return evaluate(machine, depth, b);
		case ExprKind.ContainerOf: {
			const member = memberName(machine, depth, unitName(unit, c));
			return container(evaluate(machine, depth, a), member);
		}
		case ExprKind.Literal:
			return record(machine, depth, b, c);
		case ExprKind.SizeOf:
			return known(machine, unknown(`sizeof${file}.${a}`, a < 0 ? SIZE : `${SIZE} of a type`));
		case ExprKind.Opaque:
			return opaque(machine, depth, expr);
	}
}

/** The place an expression names, or null for one that is no lvalue. */
export function placeOf(machine: Machine, depth: number, expr: number): Place | null {
	if (expr < 0) return null;
	const frame = machine.task.frames[depth]!;
	const { program } = machine.world;
	const file = program.fnFile(frame.fn);
	const unit = program.unit(file);
	const at = expr * EXPR_SIZE;
	const a = unit.exprs[at + 1]!;
	const b = unit.exprs[at + 2]!;
	switch (unit.exprs[at] as ExprKind) {
		case ExprKind.Local:
			if (frame.macroArgs !== null && a < frame.macroArgs.length && depth > 0) {
				return placeOf(machine, depth - 1, frame.macroArgs[a]!);
			}
			return {
				key: `L${frame.id}.${a}`,
				text: machine.world.varName(frame.fn, a) || "temporary",
				local: { frame: frame.id, index: a },
			};
		case ExprKind.Name: {
			const meaning = machine.world.meaning(file, a);
			const outer = macroCallerLocal(machine, depth, meaning.name);
			if (outer !== null) return outer;
			return meaning.kind === "variable" ? { key: globalKey(meaning.name), text: meaning.name } : null;
		}
		case ExprKind.Deref:
			return target(evaluate(machine, depth, a));
		case ExprKind.Field: {
			const name = memberName(machine, depth, unitName(unit, b));
			if (unit.exprs[at + 3] === 1) return fieldOf(target(evaluate(machine, depth, a)), name);
			const base = placeOf(machine, depth, a) ?? target(evaluate(machine, depth, a));
			return fieldOf(base, name);
		}
		case ExprKind.Index: {
			const index = evaluate(machine, depth, b);
			return elementOf(arrayOf(machine, depth, a), index);
		}
		case ExprKind.Cast:
			return placeOf(machine, depth, b);
		default:
			return null;
	}
}

/** Writes to a place. */
export function write(machine: Machine, place: Place, value: Value): void {
	if (value.kind === "record") {
		machine.update({ memory: machine.state.memory.set(restKey(place.key), ZERO) });
		for (const [name, field] of value.fields) write(machine, fieldOf(place, name), field);
		return;
	}
	// an object as a whole is a list of fields, or unknown
	if (value.kind === "unknown") forgetRest(machine, place, value);
	if (place.local !== undefined) {
		const { frame, index } = place.local;
		const depth = machine.task.frames.findIndex((candidate) => candidate.id === frame);
		if (depth < 0) {
			writeToOther(machine, place.local, value);
			return;
		}
		const locals = machine.task.frames[depth]!.locals.slice();
		locals[index] = value;
		machine.updateFrame(depth, { locals });
		return;
	}
	machine.sharesWrite(place.key);
	if (machine.state.nFreed > 0) checkAccess(machine, place, "Write");
	machine.update({ memory: machine.state.memory.set(place.key, value) });
}

/** A variable on the stack of another task, which was given its address. */
function writeToOther(machine: Machine, local: NonNullable<Place["local"]>, value: Value): void {
	machine.sharesWrite(`frame ${local.frame}`);
	const owner = machine.state.tasks.findIndex(({ frames }) => frames.some(({ id }) => id === local.frame));
	if (owner < 0) return;
	const { frames } = machine.state.tasks[owner]!;
	const written = frames.map((frame): Frame => {
		if (frame.id !== local.frame) return frame;
		const locals = frame.locals.slice();
		locals[local.index] = value;
		return { ...frame, locals };
	});
	machine.updateTaskAt(owner, { frames: written });
}

/** What is at a place; memory nobody wrote to is an unknown named after the place. */
export function read(machine: Machine, place: Place): Value {
	if (place.local !== undefined) {
		const { frame, index } = place.local;
		const owner = machine.task.frames.find((candidate) => candidate.id === frame) ?? frameOfOther(machine, frame);
		return known(machine, owner?.locals[index] ?? unknown(place.key, place.text));
	}
	machine.sharesRead(place.key);
	if (machine.state.nFreed > 0) checkAccess(machine, place, "Read");
	return known(machine, machine.state.memory.get(place.key) ?? restAt(machine, place) ?? unknownAt(machine, place));
}

/** Structures within each other that are set as one. */
const MAX_NESTED = 4;

/** Where memory keeps what the fields of an object are that nobody wrote to since all of it was written. */
export function restKey(key: string): string {
	return `${key}{}`;
}

/** Nobody knows what the fields of an object are any more. */
function forgetRest(machine: Machine, place: Place, value: Unknown): void {
	const rest = restKey(place.key);
	if (machine.state.memory.get(rest) === ZERO) machine.update({ memory: machine.state.memory.set(rest, value) });
}

/** Zero for a field of an object that was set to a list of other fields; undefined for all else. */
function restAt(machine: Machine, place: Place): Value | undefined {
	const { memory } = machine.state;
	let at = place.key.lastIndexOf(".");
	for (let nested = 0; nested < MAX_NESTED && at > 0; nested++, at = place.key.lastIndexOf(".", at - 1)) {
		const rest = memory.get(restKey(place.key.slice(0, at)));
		if (rest !== undefined) return rest === ZERO ? ZERO : undefined;
	}
	return undefined;
}

function frameOfOther(machine: Machine, id: number): Frame | undefined {
	machine.sharesRead(`frame ${id}`);
	for (const { frames } of machine.state.tasks) {
		const found = frames.find((frame) => frame.id === id);
		if (found !== undefined) return found;
	}
	return undefined;
}

/** What nobody wrote to. Where an object was reached that is freed by now, something else is found. */
function unknownAt(machine: Machine, place: Place): Unknown {
	const { nFreed, freed } = machine.state;
	let key = `@${place.key}`;
	if (nFreed > 0) while (freed.get(`*${key}`) !== undefined) key += "'";
	return unknown(key, place.text, true);
}

/** Puts a value that was learnt in the place of an unknown. */
export function known(machine: Machine, value: Value): Value {
	if (value.kind !== "unknown") return value;
	const fact = machine.factOf(value);
	if (fact === undefined || fact.is === "nonzero") return fact !== undefined && value.negated ? int(0) : value;
	return value.negated ? int(fact.is === 0 ? 1 : 0) : int(fact.is);
}

function addressOf(place: Place): Value {
	// &*p and &p->first keep the pointer's own identity only for the whole object.
	return memberPointer(place) ?? { kind: "pointer", place };
}

/** The address of the very member that an object was named after is the pointer that it was named by. */
function memberPointer(place: Place): Value | null {
	const key = /^\*container\((.*),(\w+)\)\.(\w+)$/.exec(place.key);
	if (key === null || key[2] !== key[3]) return null;
	const text = /^container_of\((.*), \w+\)->\w+$/.exec(place.text)?.[1] ?? place.text;
	const [, pointer] = key as unknown as [string, string];
	if (pointer.startsWith("&"))
		return { kind: "pointer", place: { key: pointer.slice(1), text: text.replace(/^&/, "") } };
	return unknownFromKey(pointer, text);
}

function nameValue(machine: Machine, depth: number, expr: number): Value {
	const frame = machine.task.frames[depth]!;
	const { program } = machine.world;
	const file = program.fnFile(frame.fn);
	const local = program.unit(file).exprs[expr * EXPR_SIZE + 1]!;
	const meaning = machine.world.meaning(file, local);
	const outer = macroCallerLocal(machine, depth, meaning.name);
	if (outer !== null) return read(machine, outer);
	switch (meaning.kind) {
		case "constant":
			return int(meaning.value);
		case "function":
			return { kind: "function", name: meaning.name, fn: meaning.fn };
		case "variable":
			return read(machine, { key: globalKey(meaning.name), text: meaning.name });
	}
}

/** A macro's body may name a variable of the function that uses it. */
function macroCallerLocal(machine: Machine, depth: number, name: string): Place | null {
	const { program } = machine.world;
	for (let at = depth; at > 0; at--) {
		if (!isMacroFrame(machine.world, machine.task, at)) return null;
		const caller = machine.task.frames[at - 1]!;
		const nVars = program.fnField(caller.fn, FnField.VarCount);
		for (let index = 0; index < nVars; index++) {
			if (machine.world.varName(caller.fn, index) !== name) continue;
			return { key: `L${caller.id}.${index}`, text: name, local: { frame: caller.id, index } };
		}
	}
	return null;
}

/** A member that a macro's body names by a parameter is the one its user names. */
function memberName(machine: Machine, depth: number, name: string): string {
	const { macroArgs, fn } = machine.task.frames[depth]!;
	if (macroArgs === null || depth === 0) return name;
	const { program } = machine.world;
	for (let i = 0; i < macroArgs.length; i++) {
		if (machine.world.varName(fn, i) !== name) continue;
		const unit = program.unit(program.fnFile(machine.task.frames[depth - 1]!.fn));
		const at = macroArgs[i]! * EXPR_SIZE;
		if (unit.exprs[at] !== ExprKind.Name) return name;
		return memberName(machine, depth - 1, unitName(unit, unit.exprs[at + 1]!));
	}
	return name;
}

function localValue(machine: Machine, depth: number, index: number): Value {
	const frame = machine.task.frames[depth]!;
	if (frame.macroArgs !== null && index < frame.macroArgs.length && depth > 0) {
		return evaluate(machine, depth - 1, frame.macroArgs[index]!);
	}
	const value = frame.locals[index];
	if (value !== undefined) return known(machine, value);
	const name = machine.world.varName(frame.fn, index) || "temporary";
	return known(machine, unknown(`L${frame.id}.${index}`, name));
}

/** An array, or what a pointer points to. */
function arrayOf(machine: Machine, depth: number, expr: number): Place {
	const value = evaluate(machine, depth, expr);
	if (value.kind === "pointer") return value.place;
	return target(value);
}

function eitherOf(condition: Value, whenTrue: Value, whenFalse: Value): Value {
	if (keyOf(whenTrue) === keyOf(whenFalse)) return whenTrue;
	const key = `(${keyOf(condition)}?${keyOf(whenTrue)}:${keyOf(whenFalse)})`;
	return unknown(key, `${textOf(condition)} ? ${textOf(whenTrue)} : ${textOf(whenFalse)}`);
}

/** container_of(pointer, type, member): the way back from `&object->member`, or an object named after it. */
function container(pointer: Value, member: string): Value {
	if (pointer.kind === "pointer" && pointer.place.key.endsWith(`.${member}`)) {
		const key = pointer.place.key.slice(0, -member.length - 1);
		const { text } = pointer.place;
		const arrow = text.endsWith(`->${member}`);
		const owner = text.slice(0, -member.length - (arrow ? 2 : 1));
		if (arrow && key.startsWith("*")) return unknownFromKey(key.slice(1), owner);
		return { kind: "pointer", place: arrow ? { key, text: `*${owner}`, pointer: owner } : { key, text: owner } };
	}
	return unknown(`container(${keyOf(pointer)},${member})`, `container_of(${textOf(pointer)}, ${member})`);
}

function unknownFromKey(key: string, text: string): Unknown {
	return unknown(key, text, key.startsWith("@"));
}

function record(machine: Machine, depth: number, start: number, count: number): Value {
	const { program } = machine.world;
	const unit = program.unit(program.fnFile(machine.task.frames[depth]!.fn));
	const fields: (readonly [string, Value])[] = [];
	for (let i = 0; i < count; i++) {
		const name = unit.lists[start + 2 * i]!;
		const value = evaluate(machine, depth, unit.lists[start + 2 * i + 1]!);
		fields.push([name === NONE ? String(i) : unitName(unit, name), value]);
	}
	return { kind: "record", fields };
}

/** A value that the IR does not hold: one unknown per expression and activation. */
function opaque(machine: Machine, depth: number, expr: number): Value {
	const frame = machine.task.frames[depth]!;
	return known(machine, unknown(`x${frame.id}.${expr}`, "a value the interpreter does not compute"));
}

function wide(low: number, high: number): number {
	return high * 2 ** 32 + (low >>> 0);
}
