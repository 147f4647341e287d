// Which way a branch goes: the truth of its condition, what is asked when nobody knows, and which answer
// is the likely one. Also the shape of loops, as far as a sensible default needs it.

import { BinaryOp, EXPR_SIZE, ExprKind, OP_SIZE, Op, OpField, OpFlag, UnaryOp } from "../ir/ops.js";
import { FnField } from "../ir/unit.js";
import { type Choice, FALSE_OPTION, isTrueOption, TRUE_FALSE, TRUE_OPTION } from "./choice.js";
import { evaluate } from "./evaluate.js";
import { hasRound } from "./loops.js";
import { isMacroFrame, type Machine } from "./machine.js";
import { textOf, type Unknown } from "./value.js";
import type { SourcePlace } from "./world.js";

/** Truth of a branch's condition in the running frame. `op` and `target` are relative to the function. */
export function decideBranch(machine: Machine, op: number, condition: number, target: number, flags: number): boolean {
	const at = machine.placeOfFrame(machine.depth);
	const isLoop = (flags & OpFlag.BackEdge) !== 0 || isLoopCondition(machine, op, target);
	const question = { op, target, flags, isLoop, isInverted: false, at };
	return truthOf(machine, condition, question);
}

interface Question {
	readonly op: number;
	readonly target: number;
	readonly flags: number;
	readonly isLoop: boolean;
	/** what is asked is the opposite of the branch's condition */
	readonly isInverted: boolean;
	readonly at: SourcePlace;
}

/** && and || are asked one side at a time, as the processor does. */
function truthOf(machine: Machine, expr: number, question: Question): boolean {
	const { program } = machine.world;
	const { exprs } = program.unit(program.fnFile(machine.frame.fn));
	const at = expr * EXPR_SIZE;
	if (exprs[at] === ExprKind.Binary && exprs[at + 1] === BinaryOp.LogAnd) {
		return truthOf(machine, exprs[at + 2]!, question) && truthOf(machine, exprs[at + 3]!, question);
	}
	if (exprs[at] === ExprKind.Binary && exprs[at + 1] === BinaryOp.LogOr) {
		return truthOf(machine, exprs[at + 2]!, question) || truthOf(machine, exprs[at + 3]!, question);
	}
	if (exprs[at] === ExprKind.Unary && exprs[at + 1] === UnaryOp.Not) {
		return !truthOf(machine, exprs[at + 2]!, { ...question, isInverted: !question.isInverted });
	}
	const value = evaluate(machine, machine.depth, expr);
	const known = machine.truth(value);
	if (known !== undefined) return known;
	return value.kind === "unknown" ? askTruth(machine, value, question) : true;
}

function askTruth(machine: Machine, value: Unknown, question: Question): boolean {
	const choice: Choice = {
		kind: "condition",
		text: textOf(value),
		options: TRUE_FALSE,
		default: defaultTruth(machine, value, question) ? TRUE_OPTION : FALSE_OPTION,
		isOptional: false,
		at: question.at,
	};
	const isTrue = isTrueOption(machine.ask(choice));
	noteRound(machine, question.op);
	noteAsked(machine, question.op);
	machine.learn(value, isTrue);
	learnMore(machine, value, isTrue);
	return isTrue;
}

/** A value below zero, or equal to something else than zero, is not zero. */
function learnMore(machine: Machine, value: Unknown, isTrue: boolean): void {
	if (isTrue === value.negated) return;
	const match = /^\((.+)(<|==)(-?\d+)\)$/.exec(value.key);
	if (match === null) return;
	const number = Number(match[3]);
	const of: Unknown = { kind: "unknown", key: match[1]!, text: "", negated: false, shared: value.shared };
	if (machine.factOf(of) !== undefined) return;
	if (match[2] === "==") machine.learnValue(of, number);
	else if (number <= 0) machine.learn(of, true);
}

/** Times a condition is asked before its default begins to change. */
const PATIENCE = 4;

/** The likely answer; where it was given often, and others asked again, every second time the other one. */
function defaultTruth(machine: Machine, value: Unknown, question: Question): boolean {
	const likely = likelyTruth(machine, value, question) !== question.isInverted;
	const nAsked = machine.state.asked.get(questionKey(machine, question.op)) ?? 0;
	return nAsked >= PATIENCE && nAsked % 2 === 0 ? !likely : likely;
}

function noteAsked(machine: Machine, op: number): void {
	const key = questionKey(machine, op);
	const { asked } = machine.state;
	machine.update({ asked: asked.set(key, (asked.get(key) ?? 0) + 1) });
}

/** One key for each place in the source that asks: a macro's condition is another one wherever it is used. */
function questionKey(machine: Machine, op: number): string {
	const { world, task } = machine;
	let key = `${machine.frame.fn}/${op}`;
	for (let depth = machine.depth; isMacroFrame(world, task, depth); depth--) {
		key += `<${task.frames[depth - 1]!.fn}/${task.frames[depth]!.callOp}`;
	}
	return key;
}

/** The likely truth of the branch's own condition. */
function likelyTruth(machine: Machine, value: Unknown, question: Question): boolean {
	const round = machine.frame.rounds.get(question.op) ?? 0;
	if (question.isLoop) {
		const isBack = (question.flags & OpFlag.BackEdge) !== 0;
		// One round, then out. A branch back leaves the loop by falling through, which is "true".
		return isBack ? leavesBackwards(question) : round === 0;
	}
	if ((question.flags & OpFlag.Unlikely) !== 0) return false;
	if ((question.flags & OpFlag.Likely) !== 0) return true;
	if (endsThere(machine, question.op, question.target)) return false;
	const before = round === 0 ? machine.formerTruth(value) : undefined;
	if (before !== undefined) return before !== question.isInverted;
	// A way out is not taken at first; in a loop it then is.
	if (leavesEarly(machine, question.op, question.target)) return round > 0;
	return value.negated === question.isInverted;
}

function leavesBackwards(question: Question): boolean {
	return question.target <= question.op;
}

function noteRound(machine: Machine, op: number): void {
	const { rounds } = machine.frame;
	machine.updateFrame(machine.depth, { rounds: rounds.set(op, (rounds.get(op) ?? 0) + 1) });
}

/** Does some op between a branch and its target jump back to before the branch? Then it is a loop's condition. */
export function isLoopCondition(machine: Machine, op: number, target: number): boolean {
	if (target <= op) return false;
	const { ops, first } = opsOf(machine);
	for (let at = op + 1; at < target; at++) {
		const record = (first + at) * OP_SIZE;
		const code = ops[record + OpField.Code]! & 0xff;
		if (code === Op.Jump && ops[record + OpField.A]! <= op) return true;
		if (code === Op.Branch && ops[record + OpField.B]! <= op) return true;
	}
	return false;
}

/** Does the true arm hold a place that control does not get past, or begin with a complaint: is something broken there? */
function endsThere(machine: Machine, op: number, target: number): boolean {
	const { ops, first } = opsOf(machine);
	let isFirst = true;
	for (let at = op + 1; at < target; at++) {
		const record = (first + at) * OP_SIZE;
		const code = (ops[record + OpField.Code]! & 0xff) as Op;
		if (code === Op.Unreachable) return true;
		if (code !== Op.Call || !isFirst) continue;
		const role = roleOf(machine, ops[record + OpField.A]!);
		if (role === "complains") return true;
		isFirst = role === "prints";
	}
	return false;
}

/** What a call tells of the arm that it is in. */
function roleOf(machine: Machine, callee: number): "complains" | "prints" | "works" {
	const value = evaluate(machine, machine.depth, callee);
	const primitive = value.kind === "function" ? machine.world.primitive(value.name) : undefined;
	if (primitive?.noReturn !== undefined || primitive?.predicate?.asks === "warn") return "complains";
	return primitive?.neutral?.does === "prints" ? "prints" : "works";
}

/** Does the true arm do nothing but set values and leave: an error path, or a shortcut? */
function leavesEarly(machine: Machine, op: number, target: number): boolean {
	const { ops, first, count } = opsOf(machine);
	const end = target > op ? target : count;
	let nCalls = 0;
	for (let at = op + 1; at < end; at++) {
		const record = (first + at) * OP_SIZE;
		const code = (ops[record + OpField.Code]! & 0xff) as Op;
		if (code === Op.Return || code === Op.Unreachable) return true;
		if (code === Op.Jump) return ops[record + OpField.A]! > target && nCalls === 0;
		if (code === Op.Call && (ops[record + OpField.Code]! & (OpFlag.Cleanup << 8)) === 0) nCalls++;
		if (code === Op.Branch || code === Op.Switch) return false;
	}
	return false;
}

function opsOf(machine: Machine) {
	const { program } = machine.world;
	const { fn } = machine.frame;
	return {
		ops: program.unit(program.fnFile(fn)).ops,
		first: program.fnField(fn, FnField.OpStart),
		count: program.fnField(fn, FnField.OpCount),
	};
}

/** One of several targets that nothing decides. */
export function chooseTarget(machine: Machine, op: number, targets: readonly number[]): number {
	const isAnother = hasRound(machine, op - 1);
	if (isAnother !== undefined) return isAnother ? Math.min(...targets) : Math.max(...targets);
	const loop = loopHeadAt(machine, op - 1);
	if (loop !== null && targets.length === 2) return chooseRound(machine, op, targets, loop);
	const at = machine.placeOfFrame(machine.depth);
	const options = targets.map((target) => `go on at line ${lineOfOp(machine, target)}`);
	const text = "where control goes on";
	// Falling through comes last in the list, and is the likely way.
	const likely = Math.max(targets.indexOf(op + 1), 0);
	const index = machine.ask({ kind: "jump", text, options, default: likely, isOptional: false, at });
	return targets[index] ?? targets[0]!;
}

/** The loop of a macro: into the body by default, once. */
function chooseRound(machine: Machine, op: number, targets: readonly number[], loop: string): number {
	const at = machine.placeOfFrame(machine.depth);
	const round = machine.frame.rounds.get(op) ?? 0;
	const text = round === 0 ? `a first round of ${loop}()` : `another round of ${loop}()`;
	const likely = round === 0 ? TRUE_OPTION : FALSE_OPTION;
	const choice: Choice = { kind: "jump", text, options: TRUE_FALSE, default: likely, isOptional: false, at };
	const isAnother = isTrueOption(machine.ask(choice));
	noteRound(machine, op);
	const body = Math.min(...targets);
	return isAnother ? body : targets.find((target) => target !== body)!;
}

/** Name of the macro whose loop the call at `op` heads, or null. */
function loopHeadAt(machine: Machine, op: number): string | null {
	const { ops, first } = opsOf(machine);
	if (op < 0) return null;
	const record = (first + op) * OP_SIZE;
	const code = ops[record + OpField.Code]!;
	if ((code & 0xff) !== Op.Call || ((code >> 8) & OpFlag.LoopHead) === 0) return null;
	return textOf(evaluate(machine, machine.depth, ops[record + OpField.A]!));
}

export function lineOfOp(machine: Machine, op: number): number {
	return machine.world.placeOfOp(machine.frame.fn, op).line;
}
