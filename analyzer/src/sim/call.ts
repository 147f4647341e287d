// One call of a kernel primitive, as the effects see it: where it is, its arguments, its answer.

import { type GfpBits, gfpMask } from "../model/gfp.js";
import type { ArgTest, Primitive } from "../model/schema.js";
import { type Choice, isTrueOption, TRUE_FALSE } from "./choice.js";
import { evaluate, placeOf, write } from "./evaluate.js";
import type { Machine } from "./machine.js";
import { keyOf, type Place, target, textOf, type Value } from "./value.js";
import type { SourcePlace } from "./world.js";

export interface Call {
	readonly machine: Machine;
	readonly primitive: Primitive;
	readonly at: SourcePlace;
	/** frame the arguments are expressions of */
	readonly depth: number;
	readonly args: readonly number[];
	/** arguments that are values already (a guard's destructor gets the lock its constructor took) */
	readonly values: readonly Value[];
}

export function nArgs(call: Call): number {
	return Math.max(call.args.length, call.values.length);
}

export function argValue(call: Call, index: number): Value | undefined {
	const given = call.values[index];
	if (given !== undefined) return given;
	const expr = call.args[index];
	return expr === undefined ? undefined : evaluate(call.machine, call.depth, expr);
}

/** What a pointer argument points to. */
export function argTarget(call: Call, index: number): Place | undefined {
	const value = argValue(call, index);
	return value === undefined ? undefined : target(value);
}

/** Writes to an argument of a macro (`flags` of an irqsave); a guard keeps it with its lock. */
export function writeArg(call: Call, index: number, value: Value): void {
	const expr = call.args[index];
	const place = expr === undefined ? null : placeOf(call.machine, call.depth, expr);
	write(call.machine, place ?? hiddenFlags(call), value);
}

/** Saved flags as given, or as a guard kept them. */
export function savedArg(call: Call, index: number): Value | undefined {
	return argValue(call, index) ?? call.machine.state.memory.get(hiddenFlags(call).key);
}

function hiddenFlags(call: Call): Place {
	const first = argValue(call, 0);
	return { key: `flags:${first === undefined ? "" : keyOf(first)}`, text: "flags" };
}

/** Asks a yes/no question. */
export function askWhether(
	call: Call,
	choice: Omit<Choice, "options" | "default" | "at">,
	byDefault: boolean,
): boolean {
	const full = { ...choice, options: TRUE_FALSE, default: byDefault ? 0 : 1, at: call.at };
	return isTrueOption(call.machine.ask(full));
}

/** Do all tests of a row hold for this call? What is not known is asked. */
export function testsHold(call: Call, tests: readonly ArgTest[] | undefined): boolean {
	for (const test of tests ?? []) if (!testHolds(call, test)) return false;
	return true;
}

function testHolds(call: Call, test: ArgTest): boolean {
	const value = argValue(call, test.arg);
	if (value === undefined) return false;
	const { machine } = call;
	if (test.is === "nonzero" || test.is === "zero") {
		const truth = machine.truth(value) ?? askArgument(call, value, textOf(value));
		return truth === (test.is === "nonzero");
	}
	if (test.is === "gfp-blocks") return gfpBlocks(call, value);
	const wanted = constantOf(call, test.is === "equals" ? test.value : test.bits);
	if (value.kind === "int" && wanted !== undefined) {
		if (test.is === "equals") return value.value === wanted;
		return ((value.value & wanted) !== 0) === (test.is === "has-bits");
	}
	const sign = test.is === "equals" ? "==" : "&";
	const isSet = askArgument(call, value, `${textOf(value)} ${sign} ${test.is === "equals" ? test.value : test.bits}`);
	return isSet === (test.is !== "lacks-bits");
}

function constantOf(call: Call, given: string | number | undefined): number | undefined {
	if (given === undefined || typeof given === "number") return given;
	const { world } = call.machine;
	return gfpMask(given, (name) => world.constant(call.at.file, name))?.bits;
}

/** Asks about an argument and keeps the answer where it is the argument's truth. */
function askArgument(call: Call, value: Value, text: string): boolean {
	const answer = askWhether(call, { kind: "argument", text, isOptional: false }, false);
	if (value.kind === "unknown" && text === textOf(value)) call.machine.learn(value, answer);
	return answer;
}

/** May an allocation with this mask sleep, before scopes are looked at? */
export function gfpBlocks(call: Call, mask: Value): boolean {
	const bits: GfpBits = call.machine.world.gfpBits(call.at.file);
	if (mask.kind === "int") return (mask.value & bits.directReclaim) !== 0;
	const known = call.machine.state.facts.get(`blocks(${keyOf(mask)})`);
	if (known !== undefined) return known.is !== 0;
	const text = `${textOf(mask)} allows blocking`;
	const answer = askWhether(call, { kind: "argument", text, isOptional: false }, true);
	const { facts, epoch } = call.machine.state;
	call.machine.update({ facts: facts.set(`blocks(${keyOf(mask)})`, { epoch, is: answer ? 1 : 0 }) });
	return answer;
}
