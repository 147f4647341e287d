// What a user types while the machine stands still: names and member paths, the kernel's predicates, gfp
// masks, preempt_count, and C's operators over them. Also gives a variable another value.

import { NONE } from "../ir/ops.js";
import { FnField } from "../ir/unit.js";
import { gfpMask } from "../model/gfp.js";
import { known, read, write } from "./evaluate.js";
import { evaluateText } from "./expression.js";
import { Machine, type State } from "./machine.js";
import { answerContext } from "./predicates.js";
import { answerMachine } from "./questions.js";
import { addressText, fieldOf, globalKey, int, type Place, target, unknown, type Value } from "./value.js";
import { cpuOf, gfpText, taskOf, valueText } from "./view.js";
import type { World } from "./world.js";

export const COUNT_NAME = "preempt_count";
const NO_TYPE = { name: "", pointers: 0 };

/** The answer as text, or null when the text is nothing the machine knows. */
export function answerQuestion(world: World, state: State, depth: number, text: string): string | null {
	const question = text.trim().replace(/;$/, "").trim();
	const call = CALL.exec(question);
	if (call !== null) return answerCall(world, state, depth, call[1]!, call[2]!);
	const file = world.program.fnFile(taskOf(state).frames[depth]!.fn);
	const path = valueOfPath(world, state, depth, question);
	if (path !== null) return valueText(world, file, path.value, path.type);
	const mask = gfpMask(question, (name) => world.constant(file, name));
	if (mask !== undefined && mask.names.length > 0) {
		const bits = world.gfpBits(file);
		const sleeps = (mask.bits & bits.directReclaim) !== 0 ? "may sleep" : "does not sleep";
		return `${gfpText(world, file, mask.bits)}, ${sleeps}`;
	}
	const value = valueOfText(world, state, depth, question);
	return value === null ? null : valueText(world, file, value, NO_TYPE);
}

/** The first answer to a question is a call alone: `in_atomic()`. */
const CALL = /^(\w+)\s*\(\s*([^()]*?)\s*\)$/s;

/** Does a condition hold? Undefined: nobody knows. Null: the text is no expression here. */
export function conditionHolds(world: World, state: State, depth: number, text: string): boolean | undefined | null {
	const value = valueOfText(world, state, depth, text.trim());
	return value === null ? null : new Machine(world, state, []).truth(value);
}

function valueOfText(world: World, state: State, depth: number, text: string): Value | null {
	const machine = new Machine(world, state, []);
	const file = world.program.fnFile(taskOf(state).frames[depth]!.fn);
	return evaluateText(machine, text, (operand) => {
		const call = CALL.exec(operand);
		if (call !== null) {
			const answer = answerCall(world, state, depth, call[1]!, call[2]!);
			return answer === null ? null : int(Number(answer));
		}
		if (operand.startsWith("&")) {
			const found = valueOfPath(world, state, depth, operand.slice(1));
			return found === null ? null : { kind: "pointer", place: found.place };
		}
		if (operand === "NULL") return int(0);
		const found = valueOfPath(world, state, depth, operand);
		if (found !== null) return known(machine, found.value);
		const constant = world.constant(file, operand);
		return constant === undefined ? null : int(constant);
	});
}

function answerCall(world: World, state: State, depth: number, name: string, arg: string): string | null {
	if (name === COUNT_NAME && arg === "") return `0x${cpuOf(state).preemptCount.toString(16).padStart(8, "0")}`;
	const machine = new Machine(world, state, []);
	const question = world.question(name);
	if (question !== undefined) {
		const answer = answerMachine(machine, question, lockNamed(world, state, depth, arg)?.key ?? "");
		// nobody has asked for the CPU so far; who has a lock that the run has not seen is not known
		return answer === undefined ? (question.asks === "need-resched" ? "0" : null) : String(answer);
	}
	const predicate = world.primitive(name)?.predicate;
	if (predicate === undefined) return null;
	switch (predicate.asks) {
		case "lock_held":
			return taskOf(state).locks.some((lock) => lock.text === arg || lock.text === lockText(world, state, depth, arg))
				? "1"
				: "0";
		case "gfp-blocks": {
			const file = world.program.fnFile(taskOf(state).frames[depth]!.fn);
			const value = valueOfPath(world, state, depth, arg)?.value;
			const bits = value?.kind === "int" ? value.value : gfpMask(arg, (part) => world.constant(file, part))?.bits;
			return bits === undefined ? null : (bits & world.gfpBits(file).directReclaim) !== 0 ? "1" : "0";
		}
		case "is-err":
		case "is-err-or-null":
		case "identity":
		case "warn":
			return null;
		default:
			return String(answerContext(machine, predicate.asks));
	}
}

/** The place that a name or a member path means, for a watch on it. */
export function placeNamed(world: World, state: State, depth: number, text: string): Place | null {
	return valueOfPath(world, state, depth, text.trim().replace(/^&/, ""))?.place ?? null;
}

/** `&x->lock` in a callee's words, in the words that the lock was taken with. */
function lockText(world: World, state: State, depth: number, arg: string): string | null {
	const place = lockNamed(world, state, depth, arg);
	return place === null ? null : addressText(place);
}

function lockNamed(world: World, state: State, depth: number, arg: string): Place | null {
	const isAddress = arg.startsWith("&");
	const found = valueOfPath(world, state, depth, isAddress ? arg.slice(1).trim() : arg);
	if (found === null) return null;
	return isAddress ? found.place : target(found.value);
}

interface Found {
	readonly value: Value;
	readonly place: Place;
	readonly type: { readonly name: string; readonly pointers: number };
}

/** `name`, `name->member`, `name.member`, `*name`. */
function valueOfPath(world: World, state: State, depth: number, text: string): Found | null {
	const match = /^(\*?)\s*([A-Za-z_]\w*)((?:\s*(?:->|\.)\s*[A-Za-z_]\w*)*)$/.exec(text);
	if (match === null) return null;
	const machine = new Machine(world, state, []);
	const local = localNamed(world, state, depth, match[2]!);
	const isThere = local !== null || match[3] !== "" || isTouched(state, globalKey(match[2]!));
	if (!isThere && !isGlobal(world, state, depth, match[2]!)) return null;
	let place: Place = local?.place ?? { key: globalKey(match[2]!), text: match[2]! };
	let type = local?.type ?? NO_TYPE;
	for (const [, arrow, name] of match[3]!.matchAll(/(->|\.)\s*(\w+)/g)) {
		place = fieldOf(arrow === "->" ? target(read(machine, place)) : place, name!);
		type = NO_TYPE;
	}
	if (match[1] === "*") {
		place = target(read(machine, place));
		type = NO_TYPE;
	}
	return { value: read(machine, place), place, type };
}

/** Has the run written to this variable of a file, or used it as a lock? */
function isTouched(state: State, key: string): boolean {
	return state.memory.get(key) !== undefined || state.usage.get(key) !== undefined;
}

/** Is it a variable that the code of the frame can see? */
function isGlobal({ program }: World, state: State, depth: number, name: string): boolean {
	const id = program.names.lookupText(name);
	return id >= 0 && program.bestGlobal(program.fnFile(taskOf(state).frames[depth]!.fn), id) !== NONE;
}

function localNamed(world: World, state: State, depth: number, name: string) {
	const frame = taskOf(state).frames[depth]!;
	const nVars = world.program.fnField(frame.fn, FnField.VarCount);
	for (let index = nVars - 1; index >= 0; index--) {
		if (world.varName(frame.fn, index) !== name) continue;
		const place: Place = { key: `L${frame.id}.${index}`, text: name, local: { frame: frame.id, index } };
		return { place, type: world.varType(frame.fn, index) };
	}
	return null;
}

/** The state with another value in a variable; null when there is no such variable or the text is no value. */
export function withVariable(world: World, state: State, depth: number, name: string, text: string): State | null {
	const local = localNamed(world, state, depth, name);
	const value = local === null ? null : parseValue(world, state, depth, text);
	if (local === null || value === null) return null;
	const machine = new Machine(world, state, []);
	write(machine, local.place, value);
	return machine.state;
}

function parseValue(world: World, state: State, depth: number, text: string): Value | null {
	const word = text.trim();
	if (/^-?(0[xX][0-9a-fA-F]+|\d+)$/.test(word)) {
		const isNegative = word.startsWith("-");
		const size = Number(isNegative ? word.slice(1) : word);
		return int(isNegative ? -size : size);
	}
	if (word === "true" || word === "false") return int(word === "true" ? 1 : 0);
	if (word === "NULL") return int(0);
	const error = /^(\w+)\((-\d+)\)$/.exec(word);
	if (error !== null) return error[1] === world.errorPointerName ? int(Number(error[2])) : null;
	if (word === "unknown") return unknown(`set${state.nSteps}`, "unknown");
	const file = world.program.fnFile(taskOf(state).frames[depth]!.fn);
	const mask = gfpMask(word, (name) => world.constant(file, name));
	return mask === undefined ? (valueOfPath(world, state, depth, word)?.value ?? null) : int(mask.bits);
}
