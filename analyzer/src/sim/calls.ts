// Calls: a primitive of the model, a body to step into, a guard class without its header, or a function
// that nobody knows, of which the result is unknown and the context unchanged.

import { NONE, OpFlag } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { Primitive } from "../model/schema.js";
import { newFrame } from "./activation.js";
import type { Call } from "./call.js";
import { isTrueOption, TRUE_OPTION } from "./choice.js";
import { evaluate, placeOf, restKey, write } from "./evaluate.js";
import { isLoopMacro } from "./loops.js";
import type { Machine, Wait } from "./machine.js";
import { runPrimitive } from "./primitives.js";
import { callsOf, isAlternative } from "./reach.js";
import { target, textOf, unknown, type Value } from "./value.js";

interface CallOp {
	readonly op: number;
	readonly flags: number;
	/** ExprId of what is called */
	readonly callee: number;
	/** ExprIds */
	readonly args: readonly number[];
}

/** Frames a run may have before calls are no longer followed. */
const MAX_DEPTH = 200;

export function callFunction(machine: Machine, call: CallOp): void {
	const callee = evaluate(machine, machine.depth, call.callee);
	if (callee.kind !== "function") {
		const text = textOf(callee);
		if ((call.flags & OpFlag.LoopHead) !== 0) startRound(machine, call);
		else if (!callGuard(machine, call, text)) callUnknown(machine, call, text, true);
		return;
	}
	const { name } = callee;
	const { program } = machine.world;
	const own = callee.fn !== NONE && program.isOwnStatic(program.fnFile(machine.frame.fn), callee.fn);
	const primitive = own ? undefined : primitiveNamed(machine, name);
	if (primitive !== undefined) {
		callPrimitive(machine, call, primitive, []);
		return;
	}
	if ((call.flags & OpFlag.LoopHead) !== 0) {
		const isKnown = callee.fn !== NONE && isLoopMacro(machine, callee.fn) && machine.depth < MAX_DEPTH;
		isKnown ? enterFunction(machine, call, callee.fn) : startRound(machine, call);
		return;
	}
	if (hasBody(machine, callee.fn)) {
		if (machine.depth < MAX_DEPTH) {
			if (isFollowed(machine, callee.fn, name)) enterFunction(machine, call, callee.fn);
			else passBy(machine, call, name);
			return;
		}
		machine.note(`${name}(): calls nest too deep, not followed`, machine.placeOfFrame(machine.depth));
	} else if (callGuard(machine, call, name)) return;
	if (isPlainDrop(machine, call, callee.fn)) {
		returnTo(machine, call.op, freshResult(machine, name));
		return;
	}
	callUnknown(machine, call, name, callee.fn === NONE || program.fnField(callee.fn, FnField.OpCount) > 0);
}

/** The end of a value of Rust whose type drops nothing that is known. */
function isPlainDrop(machine: Machine, call: CallOp, fn: FnId): boolean {
	const { program } = machine.world;
	return fn === NONE && (call.flags & OpFlag.Cleanup) !== 0 && program.isRust(program.fnFile(machine.frame.fn));
}

function primitiveNamed(machine: Machine, name: string): Primitive | undefined {
	const { world } = machine;
	return world.primitive(name) ?? (world.isActive(name) ? { name } : undefined);
}

/** Is a function with a body stepped into? Asked only where the world says that one may do without. */
function isFollowed(machine: Machine, fn: FnId, name: string): boolean {
	const { world } = machine;
	if (!world.shortcuts.mayPassBy(name) || world.isMacro(fn)) return true;
	const at = machine.placeOfFrame(machine.depth);
	return isTrueOption(
		machine.ask({ kind: "call", text: name, options: FOLLOW_OPTIONS, default: TRUE_OPTION, isOptional: true, at }),
	);
}

const FOLLOW_OPTIONS: readonly string[] = ["step into it", "pass it by"];

/** What a function does is left out: its result is unknown. */
function passBy(machine: Machine, call: CallOp, name: string): void {
	const text = `${name}(): not stepped into; its result is unknown, the context is taken to stay as it is`;
	machine.note(text, machine.placeOfFrame(machine.depth));
	callUnknown(machine, call, name, false);
}

/**
 * A body of this configuration. One in the other branch of an #if is entered from that branch, and where it
 * is a stub that calls nothing.
 */
function hasBody(machine: Machine, fn: FnId): boolean {
	const { world } = machine;
	if (fn === NONE || world.program.fnField(fn, FnField.OpCount) === 0) return false;
	return !isAlternative(world, fn) || isAlternative(world, machine.frame.fn) || callsOf(world, fn).length === 0;
}

function callPrimitive(machine: Machine, call: CallOp, primitive: Primitive, values: readonly Value[]): void {
	const at = machine.placeOfFrame(machine.depth);
	const seen: Call = { machine, primitive, at, depth: machine.depth, args: call.args, values };
	const before = machine.frame.wait;
	const { depth } = machine;
	const result = runPrimitive(seen) ?? freshResult(machine, primitive.name);
	// A call that does not come back leaves the machine standing in it, and so does one that waits or calls back.
	if (machine.state.outcome === null && machine.depth === depth && !isWaiting(machine, before))
		returnTo(machine, call.op, result);
}

/** Has the call that runs begun to wait, once more perhaps? */
function isWaiting(machine: Machine, before: Wait | null): boolean {
	const { wait } = machine.frame;
	return wait !== null && wait !== before;
}

function freshResult(machine: Machine, name: string): Value {
	return unknown(`call${machine.newId()}`, `${name}()`);
}

function returnTo(machine: Machine, op: number, result: Value): void {
	const { results } = machine.frame;
	machine.updateFrame(machine.depth, { pc: op + 1, results: results.set(op, result) });
}

function enterFunction(machine: Machine, call: CallOp, fn: FnId): void {
	const { world, depth } = machine;
	const { program } = world;
	const frame = newFrame(world, fn, machine.newId(), call.op);
	if ((program.flagsOf(fn) & FnFlag.Macro) !== 0) {
		machine.updateTask({ frames: [...machine.task.frames, { ...frame, macroArgs: call.args }] });
		return;
	}
	const locals = frame.locals.slice();
	const nParams = program.fnField(fn, FnField.ParamCount);
	for (let i = 0; i < nParams && i < call.args.length; i++) locals[i] = evaluate(machine, depth, call.args[i]!);
	machine.updateTask({ frames: [...machine.task.frames, { ...frame, locals }] });
}

/** No body, no row: what it was given by address may have changed, and so may shared memory. */
function callUnknown(machine: Machine, call: CallOp, name: string, isWorthSaying: boolean): void {
	for (const arg of call.args) {
		const value = evaluate(machine, machine.depth, arg);
		if (value.kind !== "pointer" || value.place.local === undefined) continue;
		write(machine, value.place, unknown(`out${machine.newId()}`, value.place.text));
	}
	if (machine.world.shortcuts.isHurried) forgetMembers(machine, call, name);
	machine.lapse();
	const key = `assumed ${name}`;
	if (isWorthSaying && !machine.state.warned.get(key)) {
		machine.update({ warned: machine.state.warned.set(key, true) });
		const text = `${name}(): no body and no model row; its result is unknown, the context is taken to stay as it is`;
		machine.note(text, machine.placeOfFrame(machine.depth));
	}
	returnTo(machine, call.op, freshResult(machine, name));
}

/** What is written in objects that a function without a body was handed, it may have changed: a chain may rest on that. */
function forgetMembers(machine: Machine, call: CallOp, name: string): void {
	const prefixes = call.args.flatMap((arg) => {
		const value = evaluate(machine, machine.depth, arg);
		const isHanded = value.kind === "unknown" || (value.kind === "pointer" && value.place.local === undefined);
		const { key } = target(value);
		return isHanded ? [`${key}.`, restKey(key)] : [];
	});
	if (prefixes.length === 0) return;
	let { memory } = machine.state;
	for (const [key] of memory.entries()) {
		if (!prefixes.some((prefix) => key.startsWith(prefix))) continue;
		memory = memory.set(key, unknown(`@${key}~${machine.newId()}`, `what ${name}() has left`, true));
	}
	machine.update({ memory });
}

// ---- loop macros without a definition ----

/** The head of `for_each_x(pos, …) { }`: the iterator gets another value, the ops after it decide on the round. */
function startRound(machine: Machine, call: CallOp): void {
	const first = call.args[0];
	const place = first === undefined ? null : placeOf(machine, machine.depth, first);
	if (place?.local !== undefined) write(machine, place, unknown(`each${machine.newId()}`, place.text));
	returnTo(machine, call.op, freshResult(machine, "another round"));
}

// ---- guard classes whose header is not at hand ----

const CONSTRUCTOR = /^class_(\w+)_constructor$/;
const DESTRUCTOR = /^class_(\w+)_destructor$/;

/** Runs the primitive that a guard's constructor or destructor stands for. False: no guard of the model. */
function callGuard(machine: Machine, call: CallOp, name: string): boolean {
	const { model } = machine.world;
	const opened = CONSTRUCTOR.exec(name);
	const closed = DESTRUCTOR.exec(name);
	const row = model.guards.get((opened ?? closed)?.[1] ?? "");
	if (row === undefined) return false;
	const primitive = machine.world.primitive(opened ? row.enter : row.exit);
	if (primitive === undefined) return false;
	const first = call.args[0];
	const given = first === undefined ? undefined : evaluate(machine, machine.depth, first);
	if (opened) {
		callPrimitive(machine, call, primitive, []);
		const tookIt = primitive.lock?.does !== "try" || isTaken(machine, call.op, primitive);
		// The guard's value is its lock; a failed try gives NULL, and the destructor then does nothing.
		const lock: Value = given ?? { kind: "int", value: 1 };
		returnTo(machine, call.op, tookIt ? lock : { kind: "int", value: 0 });
		return true;
	}
	const guarded = given?.kind === "pointer" && given.place.local !== undefined ? readLocal(machine, given) : given;
	if (guarded === undefined || machine.truth(guarded) === false) returnTo(machine, call.op, freshResult(machine, name));
	else callPrimitive(machine, { ...call, args: [] }, primitive, primitive.lock ? [guarded] : []);
	return true;
}

function isTaken(machine: Machine, op: number, primitive: Primitive): boolean {
	const result = machine.frame.results.get(op);
	const isNonzero = result !== undefined && machine.truth(result) === true;
	return primitive.lock?.success === "zero" ? !isNonzero : isNonzero;
}

function readLocal(machine: Machine, pointer: Extract<Value, { kind: "pointer" }>): Value | undefined {
	const { local } = pointer.place;
	const frame = machine.task.frames.find((candidate) => candidate.id === local?.frame);
	return local === undefined ? undefined : frame?.locals[local.index];
}
