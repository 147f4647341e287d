// Return paths that leave a lock held, or a section open, while other paths of the same outcome do not.

import { CONFIDENCES, type Step } from "../api.js";
import { type Ctx, forbidsSleep, Irq, type Item } from "../flow/context.js";
import { contradicts } from "../flow/guards.js";
import { Root } from "../flow/paths.js";
import { returnPlan } from "../flow/replayPlan.js";
import type { Solved } from "../flow/solved.js";
import type { Exit, Guard, Summary } from "../flow/summary.js";
import { calleeText, itemText, namePlace, opEnd, opPlace, staticCallee } from "../flow/witness.js";
import { summaryOf } from "../flow/world.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag, TYPE_SIZE, TypeField, TypeKind } from "../ir/unit.js";
import { type Draft, type Rule, STEP } from "./rule.js";

const SIGN = 1 << 31;

export const lockImbalance: Rule = {
	id: "lock-imbalance",
	severity: "warning",
	title: "a return path that leaks a lock, or lacks one",
	*check(solved, report) {
		const { program } = solved.world;
		let seen = 0;
		for (const fn of solved.fns) {
			if (++seen % STEP === 0) yield;
			const summary = summaryOf(solved.world, fn);
			if (summary.returns.length < 2 || !program.isLive(fn) || summary.imprecise) continue;
			const flags = program.flagsOf(fn);
			if ((flags & (FnFlag.Macro | FnFlag.Partial | FnFlag.GuardEnter | FnFlag.GuardExit)) !== 0) continue;
			if (program.fnField(fn, FnField.AnnotationCount) > 0) continue;
			checkFunction(solved, fn, summary, report);
		}
	},
};

function checkFunction(solved: Solved, fn: FnId, summary: Summary, report: (draft: Draft) => void): void {
	const reported = new Set<number>();
	for (const exit of summary.returns) {
		for (const item of exit.ctx.items) {
			if (reported.has(item.op) || !isCounted(solved, fn, item)) continue;
			// The same acquisition is released on another return: the function is no lock wrapper.
			const free = summary.returns.filter((other) => isBalanced(other.ctx) && (other.op === -1 || other.op > item.op));
			const held = summary.returns.filter((other) => holds(other.ctx, item));
			const leak = held.find((h) => free.length > 0 && free.every((f) => !isTold(solved, fn, h, f)));
			if (leak === undefined) continue;
			reported.add(item.op);
			report(draftOf(solved, fn, leak, item, free[0]!));
		}
	}
}

/** Locks and atomic sections; what a callee took on some condition of its own does not count. */
function isCounted(solved: Solved, fn: FnId, item: Item): boolean {
	const { world } = solved;
	if (!world.kinds.isLock[item.kind] && !forbidsSleep(world.kinds.bits[item.kind]!)) return false;
	const callee = staticCallee(world, fn, item.op);
	if (callee < 0) return true;
	const { exits } = summaryOf(world, callee);
	return exits.length > 0 && exits.every((exit) => exit.ctx.items.length > 0);
}

function holds(ctx: Ctx, item: Item): boolean {
	return ctx.items.some((held) => held.kind === item.kind && held.op === item.op);
}

function isBalanced(ctx: Ctx): boolean {
	return ctx.items.length === 0 && ctx.gone.length === 0;
}

/**
 * Does a caller know which of two returns it got, so that it can release what is held? By an argument of its own, or
 * by the value: a flag, a pointer, a state. Not when the lock is kept on failure and let go on success, nor when
 * the saved interrupt flags are lost with the function.
 */
function isTold(solved: Solved, fn: FnId, held: Exit, free: Exit): boolean {
	const { values, paths } = solved.world;
	const contradicting = (g: Guard) =>
		free.guards.some((f) => f.param === g.param && contradicts(values, g.value, f.value));
	if (held.guards.some(contradicting)) return true;
	if (held.ctx.saved.some((saved) => paths.kind(paths.root(saved.flags)) === Root.Local)) return false;
	if (!contradicts(values, held.value, free.value)) return false;
	const isInteger = returnsInteger(solved, fn);
	const isSuccess = isInteger && values.truth(free.value) === 0;
	const isFailure = values.anyBit(held.value, SIGN) === 1 || (isInteger && !values.isInt(held.value));
	return !(isSuccess && isFailure);
}

function returnsInteger(solved: Solved, fn: FnId): boolean {
	const { program } = solved.world;
	const { types } = program.unit(program.fnFile(fn));
	const type = program.fnField(fn, FnField.ReturnType);
	return type >= 0 && types[type * TYPE_SIZE] === TypeKind.Int && types[type * TYPE_SIZE + TypeField.Pointers] === 0;
}

function draftOf(solved: Solved, fn: FnId, exit: Exit, item: Item, balanced: Exit): Draft {
	const { world } = solved;
	const name = world.program.fnName(fn);
	const by = calleeText(world, fn, item.op);
	const lock = itemText(world, fn, item);
	const taken = opPlace(world, fn, item.op);
	const start = exit.op < 0 ? namePlace(world, fn) : opPlace(world, fn, exit.op);
	const end = exit.op < 0 ? start : opEnd(world, fn, exit.op);
	const enter: Step[] = [{ ...taken, function: name, note: `${by}() takes ${lock}` }];
	const other = balanced.op < 0 ? namePlace(world, fn) : opPlace(world, fn, balanced.op);
	return {
		start,
		end,
		function: name,
		confidence: CONFIDENCES[world.kinds.isLock[item.kind] && exit.ctx.irq !== Irq.Restored ? 1 : 2]!,
		message: `${name}() returns with ${lock} held (${by}, line ${taken.line}); the return at line ${other.line} does not`,
		context: null,
		enter,
		sleep: [],
		related: [{ ...other, function: name, note: "returns without the lock" }],
		fixes: [],
		key: `${by}|${lock}`,
		replay: returnPlan(world.program, fn, { takes: [item.op], last: exit.op }, "as usual"),
	};
}
