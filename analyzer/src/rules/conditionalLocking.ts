// Code that runs with a lock held or without it, depending on a condition that is asked again for the release.

import { opSpan } from "../fixes/span.js";
import { argumentOf } from "../flow/callGraph.js";
import type { Item } from "../flow/context.js";
import type { Solved } from "../flow/solved.js";
import type { CallState, Summary } from "../flow/summary.js";
import { Touch } from "../flow/touches.js";
import { deciderOf, waysOf } from "../flow/ways.js";
import { calleeText, lockText, opPlace } from "../flow/witness.js";
import { isPrimitive, primitiveAt, staticCallee, type World } from "../flow/world.js";
import { constantOf } from "../ir/consts.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, OpField } from "../ir/ops.js";
import { exprText } from "../ir/print.js";
import type { FnId } from "../ir/program.js";
import { isPointerValue } from "../ir/typing.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { Draft, Rule } from "./rule.js";

export const conditionalLocking: Rule = {
	id: "conditional-locking",
	severity: "warning",
	title: "code that runs with a lock held or without it, depending on a condition",
	eachFunction(solved, report) {
		const { program, summaries } = solved.world;
		return (fn) => {
			if (!solved.touches.has(fn, Touch.Locks)) return;
			const summary = summaries[fn];
			if (summary === undefined || summary.calls.ops.length < 2 || summary.imprecise) return;
			if ((program.flagsOf(fn) & (FnFlag.Macro | FnFlag.Partial)) !== 0) return;
			for (const found of findMixed(solved.world, fn, summary)) {
				const decider = deciderOf(program, fn, found.item.op, found.between);
				if (decider < 0 || isHeldElse(solved.world, fn, decider, found.item)) continue;
				if (isChoice(solved.world, fn, decider, found.item)) report(draftOf(solved, fn, found, decider));
			}
		};
	},
};

/** A lock that is held in some states of a call only, and in all of a later one that releases it. */
interface Mixed {
	readonly item: Item;
	readonly between: number;
	readonly release: number;
}

function findMixed(world: World, fn: FnId, { calls }: Summary): Mixed[] {
	const found: Mixed[] = [];
	const seen = new Set<number>();
	calls.states.forEach((states, i) => {
		if (states.length < 2) return;
		for (const { ctx } of states) {
			for (const item of ctx.items) {
				if (seen.has(item.op) || !world.kinds.isLock[item.kind] || item.op >= calls.ops[i]!) continue;
				if (!states.some((state) => lacksOnly(world, state, ctx.items, item)) || !isTaken(world, fn, item.op)) continue;
				seen.add(item.op);
				const release = calls.ops.find(
					(op, k) => k > i && calls.states[k]!.every((state) => holds(state, item)) && isRelease(world, fn, op, item),
				);
				if (release !== undefined) found.push({ item, between: calls.ops[i]!, release });
			}
		}
	});
	return found;
}

function holds({ ctx }: CallState, item: Item): boolean {
	return ctx.items.some((held) => held.op === item.op);
}

/** Does a state hold nothing else instead of the lock, nor one of that name of another object? Two may be one. */
function lacksOnly({ paths }: World, state: CallState, items: readonly Item[], item: Item): boolean {
	if (holds(state, item)) return false;
	const tail = paths.tail(item.path);
	return state.ctx.items.every((held) => {
		const isAnother = held.kind === item.kind && paths.tail(held.path) === tail;
		return !isAnother && items.some((other) => other.op === held.op);
	});
}

/** Is the lock taken there, without a try and not by an assertion? */
function isTaken(world: World, fn: FnId, op: number): boolean {
	const callee = staticCallee(world, fn, op);
	return isPrimitive(callee) && primitiveAt(world, callee).lock?.does === "acquire";
}

function isRelease(world: World, fn: FnId, op: number, item: Item): boolean {
	const callee = staticCallee(world, fn, op);
	const lock = isPrimitive(callee) ? primitiveAt(world, callee).lock : undefined;
	return lock?.does === "release" && world.kinds.lock(lock.lock) === item.kind;
}

/** Does the way that does not take the lock assert that it is held? Then it always is. */
function isHeldElse(world: World, fn: FnId, branch: number, item: Item): boolean {
	const { program } = world;
	const { whenTrue, whenFalse } = waysOf(program, fn, branch);
	const lock = argumentOf(program, fn, item.op, 0);
	return (whenTrue.includes(item.op) ? whenFalse : whenTrue).some((op) => {
		const callee = staticCallee(world, fn, op);
		const assertion = isPrimitive(callee) ? primitiveAt(world, callee).assertion : undefined;
		return assertion?.asserts === "held" && argumentOf(program, fn, op, assertion.arg ?? 0) === lock;
	});
}

/** Is the condition one that could as well be the caller's choice? Not whether the lock is there, or another one is meant. */
function isChoice(world: World, fn: FnId, branch: number, item: Item): boolean {
	const { program } = world;
	const { ops, exprs, lists } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const condition = stripped(exprs, ops[(first + branch) * OP_SIZE + OpField.A]!);
	if (constantOf(program, program.fnFile(fn), condition) !== undefined) return false;
	if (readsSettled(world, fn, condition)) return false;
	const taking = (first + item.op) * OP_SIZE;
	const nArgs = ops[taking + OpField.C]!;
	for (let i = 0; i < nArgs; i++) if (contains(exprs, lists[ops[taking + OpField.B]! + i]!, condition)) return false;
	if (exprs[condition * EXPR_SIZE] !== ExprKind.Binary) return true;
	const [left, right] = [exprs[condition * EXPR_SIZE + 2]!, exprs[condition * EXPR_SIZE + 3]!];
	if (isSize(exprs, left) && (isSize(exprs, right) || constantOf(program, program.fnFile(fn), right) !== undefined))
		return false;
	const operator = exprs[condition * EXPR_SIZE + 1]!;
	const isSame = operator === BinaryOp.Eq || operator === BinaryOp.Ne;
	return !(isSame && isPointerValue(program, fn, left));
}

/** A size that the compiler knows, and the analysis does not. */
function isSize(exprs: Int32Array, expr: number): boolean {
	return exprs[expr * EXPR_SIZE] === ExprKind.SizeOf;
}

/** A condition without `!`, and without a comparison with zero. */
function stripped(exprs: Int32Array, expr: number): number {
	const at = expr * EXPR_SIZE;
	if (exprs[at] === ExprKind.Unary || exprs[at] === ExprKind.Cast) return stripped(exprs, exprs[at + 2]!);
	const isComparison =
		exprs[at] === ExprKind.Binary && (exprs[at + 1] === BinaryOp.Ne || exprs[at + 1] === BinaryOp.Eq);
	const right = exprs[at + 3]! * EXPR_SIZE;
	return isComparison && exprs[right] === ExprKind.Int && exprs[right + 1] === 0
		? stripped(exprs, exprs[at + 2]!)
		: expr;
}

/** Is `part` what an access path goes through? */
function contains(exprs: Int32Array, expr: number, part: number): boolean {
	if (expr < 0) return false;
	if (expr === part) return true;
	const at = expr * EXPR_SIZE;
	switch (exprs[at]!) {
		case ExprKind.Field:
		case ExprKind.Deref:
		case ExprKind.AddrOf:
		case ExprKind.Index:
		case ExprKind.ContainerOf:
			return contains(exprs, exprs[at + 1]!, part);
		case ExprKind.Cast:
		case ExprKind.Binary:
			return contains(exprs, exprs[at + 2]!, part);
		default:
			return false;
	}
}

function readsSettled(world: World, fn: FnId, expr: number): boolean {
	const { program } = world;
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	const at = expr * EXPR_SIZE;
	if (exprs[at] === ExprKind.Name) return world.settled.has(program.globalName(file, exprs[at + 1]!));
	if (exprs[at] !== ExprKind.Binary) return false;
	return [exprs[at + 2]!, exprs[at + 3]!].some((side) => side !== NONE && readsSettled(world, fn, side));
}

function draftOf(solved: Solved, fn: FnId, { item, between, release }: Mixed, decider: number): Draft {
	const { world } = solved;
	const { program } = world;
	const name = program.fnName(fn);
	const lock = withCalls(world, fn, lockText(world, fn, item));
	const taken = conditionText(world, fn, decider, item.op);
	const back = deciderOf(program, fn, release, NONE);
	const released = back < 0 ? taken : conditionText(world, fn, back, release);
	const middle = opPlace(world, fn, between);
	const end = opPlace(world, fn, release);
	return {
		...opSpan(world, fn, item.op)(),
		function: name,
		confidence: "high",
		message: `\`${lock}\` is taken only where \`${taken}\`, and released where \`${released}\` (line ${end.line}): ${calleeText(world, fn, between)}() (line ${middle.line}) runs with it or without`,
		context: null,
		enter: [],
		sleep: [],
		related: [
			{ ...middle, function: name, note: `runs with \`${lock}\` held or without it` },
			{ ...end, function: name, note: `${calleeText(world, fn, release)}() releases \`${lock}\`` },
		],
		fixes: [],
		key: `${calleeText(world, fn, item.op)}|${lock}|${taken}`,
	};
}

/** What holds on the way of a branch that leads to `op`. */
function conditionText(world: World, fn: FnId, branch: number, op: number): string {
	const { program } = world;
	const unit = program.unit(program.fnFile(fn));
	const at = (program.fnField(fn, FnField.OpStart) + branch) * OP_SIZE;
	const text = withCalls(world, fn, exprText(unit, program.fnLocal(fn), unit.ops[at + OpField.A]!));
	if (waysOf(program, fn, branch).whenTrue.includes(op)) return text;
	return negated(text);
}

/** The negation of a condition's text, without a second `!` before one that is there. */
function negated(text: string): string {
	if (/^![\w>.-]+$/.test(text)) return text.slice(1);
	return /^[\w>.-]+$/.test(text) ? `!${text}` : `!(${text})`;
}

/** The text of an expression with the names of the calls whose results it reads. */
function withCalls(world: World, fn: FnId, text: string): string {
	return text.replace(/%(\d+)/g, (_, op) => `${calleeText(world, fn, Number(op))}(…)`);
}
