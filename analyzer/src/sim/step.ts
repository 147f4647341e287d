// Executes one op of the running task: the interpreter's only entry. Pure: program, model, configuration,
// state and answers in, the next state (or a question) out.

import { OP_SIZE, Op, OpField, OpFlag } from "../ir/ops.js";
import { FnField } from "../ir/unit.js";
import { type Action, takeTurn } from "./actions.js";
import { chooseTarget, decideBranch, lineOfOp } from "./branches.js";
import { callFunction } from "./calls.js";
import type { Choice } from "./choice.js";
import { evaluate, placeOf, write } from "./evaluate.js";
import { isLoopMacro, isUserStatement, resumeRound, spinsForEver, yieldRound } from "./loops.js";
import { isMacroFrame, Machine, type SimEvent, type State } from "./machine.js";
import { tickMemory } from "./memory/pressure.js";
import { finishActivation } from "./run.js";
import { settle } from "./scheduler.js";
import type { Shares } from "./shares.js";
import { textOf, unknown, type Value, ZERO } from "./value.js";
import type { World } from "./world.js";

export type StepResult =
	| { readonly kind: "stepped"; readonly state: State; readonly events: readonly SimEvent[] }
	/** nothing happened: call again with the answer appended */
	| { readonly kind: "ask"; readonly choice: Choice };

/**
 * Runs the next op, or does what `action` says instead of what the schedule would. `answers` belong to the
 * questions that this asks, in order.
 */
export function step(
	world: World,
	state: State,
	answers: readonly number[],
	action?: Action,
	shares?: Shares,
): StepResult {
	if (state.outcome !== null) return { kind: "stepped", state, events: [] };
	const machine = new Machine(world, state, answers, shares);
	machine.update({ nSteps: state.nSteps + 1 });
	tickMemory(machine);
	if (!takeTurn(machine, action)) execute(machine);
	if (machine.isUnsettled || machine.cpu.needResched || machine.state.rcu.isActive) settle(machine);
	if (machine.pending !== null) return { kind: "ask", choice: machine.pending };
	return { kind: "stepped", state: machine.state, events: machine.events };
}

/** An op of the running frame, decoded. */
interface Fields {
	readonly op: number;
	readonly code: Op;
	readonly flags: number;
	readonly a: number;
	readonly b: number;
	readonly c: number;
}

function execute(machine: Machine): void {
	const { frame } = machine;
	const { program } = machine.world;
	if (frame.pc >= program.fnField(frame.fn, FnField.OpCount)) {
		leaveFunction(machine, null);
		return;
	}
	const { ops } = program.unit(program.fnFile(frame.fn));
	const at = (program.fnField(frame.fn, FnField.OpStart) + frame.pc) * OP_SIZE;
	const code = ops[at + OpField.Code]!;
	const fields: Fields = {
		op: frame.pc,
		code: (code & 0xff) as Op,
		flags: code >> 8,
		a: ops[at + OpField.A]!,
		b: ops[at + OpField.B]!,
		c: ops[at + OpField.C]!,
	};
	executeOp(machine, fields);
}

function executeOp(machine: Machine, fields: Fields): void {
	const { op, a, b } = fields;
	switch (fields.code) {
		case Op.Nop:
			if (isUserStatement(machine, fields.flags)) yieldRound(machine);
			else goTo(machine, op + 1);
			return;
		case Op.Call:
			callFunction(machine, { op, flags: fields.flags, callee: a, args: listOf(machine, b, fields.c) });
			return;
		case Op.Assign: {
			const isAsm = (fields.flags & OpFlag.Asm) !== 0;
			const value = isAsm
				? unknown(`asm${machine.newId()}`, "what assembly leaves")
				: evaluate(machine, machine.depth, b);
			const place = placeOf(machine, machine.depth, a);
			if (place !== null) write(machine, place, value);
			goTo(machine, op + 1);
			return;
		}
		case Op.Branch:
			goTo(machine, decideBranch(machine, op, a, b, fields.flags) ? op + 1 : b);
			return;
		case Op.Jump:
			// Round a loop the rest of the machine may have moved on.
			if (a <= op) {
				machine.lapse();
				if (spinsForEver(machine, a, op)) return;
			}
			if ((fields.flags & OpFlag.BackEdge) !== 0 && resumeRound(machine, a)) return;
			goTo(machine, a);
			return;
		case Op.Switch:
			goTo(machine, switchTarget(machine, fields));
			return;
		case Op.Return:
			leaveFunction(machine, a < 0 ? null : evaluate(machine, machine.depth, a));
			return;
		case Op.Choice: {
			const named = listOf(machine, a, b);
			goTo(machine, chooseTarget(machine, op, fields.c === 1 ? [...named, op + 1] : named));
			return;
		}
		case Op.Unreachable:
			machine.note("control does not come here: the run ends", machine.placeOfFrame(machine.depth));
			machine.end({ kind: "halted", by: machine.world.program.fnName(machine.frame.fn) });
			return;
		case Op.Declare:
			declare(machine, fields);
			return;
		case Op.Unknown:
			machine.note("source that the interpreter could not read is skipped", machine.placeOfFrame(machine.depth));
			goTo(machine, op + 1);
			return;
	}
}

function declare(machine: Machine, fields: Fields): void {
	const locals = machine.frame.locals.slice();
	locals[fields.a] = undefined;
	machine.updateFrame(machine.depth, { locals });
	goTo(machine, fields.op + 1);
}

function goTo(machine: Machine, pc: number): void {
	machine.updateFrame(machine.depth, { pc });
}

function listOf(machine: Machine, start: number, count: number): readonly number[] {
	return machine.world.list(machine.frame.fn, start, count);
}

/** Ints per case of a switch. */
const CASE_SIZE = 3;

function switchTarget(machine: Machine, fields: Fields): number {
	const { depth } = machine;
	const cases = listOf(machine, fields.b, fields.c * CASE_SIZE);
	const value = evaluate(machine, depth, fields.a);
	let fallback = fields.op + 1;
	const options: string[] = [];
	const targets: number[] = [];
	for (let i = 0; i < cases.length; i += CASE_SIZE) {
		const to = cases[i + 2]!;
		if (cases[i]! < 0) {
			fallback = to;
			continue;
		}
		const low = evaluate(machine, depth, cases[i]!);
		const high = evaluate(machine, depth, cases[i + 1]!);
		if (value.kind === "int" && low.kind === "int" && high.kind === "int") {
			if (value.value >= low.value && value.value <= high.value) return to;
			continue;
		}
		targets.push(to);
		options.push(cases[i] === cases[i + 1] ? `case ${textOf(low)}` : `case ${textOf(low)} ... ${textOf(high)}`);
	}
	if (targets.length === 0) return fallback;
	options.push(`default (line ${lineOfOp(machine, fallback)})`);
	targets.push(fallback);
	const at = machine.placeOfFrame(depth);
	const text = `switch (${textOf(value)})`;
	// Which size a type has is no question for a person.
	const isOptional = value.kind === "unknown" && value.key.startsWith("sizeof");
	const index = machine.ask({ kind: "switch", text, options, default: 0, isOptional, at });
	learnCase(machine, value, cases, index);
	return targets[index]!;
}

/** A case of one constant tells the value. */
function learnCase(machine: Machine, value: Value, cases: readonly number[], index: number): void {
	if (value.kind !== "unknown") return;
	const at = index * CASE_SIZE;
	if (at >= cases.length || cases[at]! < 0 || cases[at] !== cases[at + 1]) return;
	const constant = evaluate(machine, machine.depth, cases[at]!);
	if (constant.kind === "int") machine.learnValue(value, constant.value);
}

/**
 * Leaves the running function; its caller goes on after the call with the value. A macro ends at its last
 * op; a `return` before that is one of the function that uses the macro.
 */
function leaveFunction(machine: Machine, value: Value | null): void {
	const { world, task } = machine;
	let depth = machine.depth;
	while (depth > 0 && isReturnOfUser(machine, depth)) depth--;
	const frame = task.frames[depth]!;
	const name = world.program.fnName(frame.fn);
	if (frame.activation !== null) {
		machine.sharesCpu();
		finishActivation(machine, value, machine.placeOfFrame(machine.depth));
		return;
	}
	const frames = task.frames.slice(0, depth);
	const caller = frames[depth - 1]!;
	// A loop macro that has come to its end says that there is no further round.
	const isLoop = isLoopMacro(machine, frame.fn) && value === null;
	const result = isLoop ? ZERO : (value ?? unknown(`v${frame.id}`, `${name}()`));
	frames[depth - 1] = {
		...caller,
		wait: null,
		pc: frame.callOp + 1,
		results: caller.results.set(frame.callOp, result),
	};
	machine.updateTask({ frames });
}

/** Does the op that runs return from more than the macro at this depth? */
function isReturnOfUser(machine: Machine, depth: number): boolean {
	if (!isMacroFrame(machine.world, machine.task, depth)) return false;
	const { fn } = machine.task.frames[depth]!;
	return depth < machine.depth || machine.frame.pc < machine.world.program.fnField(fn, FnField.OpCount) - 1;
}
