// Return paths that leave a lock held, or a section open, while other paths of the same outcome do not.

import type { Step } from "../api.js";
import { type Ctx, Irq, type Item } from "../flow/context.js";
import type { Solved } from "../flow/solved.js";
import type { Exit, Summary } from "../flow/summary.js";
import { calleeText, lockText, namePlace, opEnd, opPlace } from "../flow/witness.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import { CONFIDENCES, type Draft, type Rule } from "./rule.js";

export const lockImbalance: Rule = {
	id: "lock-imbalance",
	severity: "warning",
	title: "a return path that leaks a lock, or lacks one",
	check(solved, report) {
		const { program, summaries } = solved.world;
		for (const fn of solved.fns) {
			const summary = summaries[fn];
			if (summary === undefined || summary.returns.length < 2 || !program.isLive(fn) || summary.imprecise) continue;
			const flags = program.fnField(fn, FnField.Flags);
			if ((flags & (FnFlag.Macro | FnFlag.Partial | FnFlag.GuardEnter | FnFlag.GuardExit)) !== 0) continue;
			if (program.fnField(fn, FnField.AnnotationCount) > 0) continue;
			checkFunction(solved, fn, summary, report);
		}
	},
};

function checkFunction(solved: Solved, fn: FnId, summary: Summary, report: (draft: Draft) => void): void {
	const { world } = solved;
	const reported = new Set<string>();
	for (const exit of summary.returns) {
		for (const item of exit.ctx.items) {
			if (!world.kinds.isLock[item.kind]) continue;
			const key = `${item.op}`;
			if (reported.has(key)) continue;
			// The same acquisition is released on another return: the function is no lock wrapper.
			const balanced = summary.returns.filter((other) => isBalanced(other.ctx) && releasedBefore(summary, item, other));
			if (balanced.length === 0) continue;
			const others = summary.returns.filter((other) => holds(other.ctx, item));
			if (isExplained(solved, others, balanced)) continue;
			reported.add(key);
			report(draftOf(solved, fn, exit, item, balanced[0]!));
		}
	}
}

function holds(ctx: Ctx, item: Item): boolean {
	return ctx.items.some((held) => held.kind === item.kind && held.op === item.op);
}

function isBalanced(ctx: Ctx): boolean {
	return ctx.items.length === 0 && ctx.gone.length === 0;
}

/** The other return comes after the acquisition: it did take the lock and let it go. */
function releasedBefore(_summary: Summary, item: Item, other: Exit): boolean {
	return other.op === -1 || other.op > item.op;
}

/** Do the values returned tell a caller whether the lock is held? Then it is a conditional lock function. */
function isExplained(solved: Solved, held: readonly Exit[], free: readonly Exit[]): boolean {
	const { values } = solved.world;
	return held.every((h) =>
		free.every((f) => {
			const a = values.truth(h.value);
			const b = values.truth(f.value);
			if (a >= 0 && b >= 0 && a !== b) return true;
			return (values.set(h.value) & values.clear(f.value)) !== 0 || (values.clear(h.value) & values.set(f.value)) !== 0;
		}),
	);
}

function draftOf(solved: Solved, fn: FnId, exit: Exit, item: Item, balanced: Exit): Draft {
	const { world } = solved;
	const name = world.program.fnName(fn);
	const by = calleeText(world, fn, item.op);
	const lock = lockText(world, fn, item);
	const taken = opPlace(world, fn, item.op);
	const start = exit.op < 0 ? namePlace(world, fn) : opPlace(world, fn, exit.op);
	const end = exit.op < 0 ? start : opEnd(world, fn, exit.op);
	const enter: Step[] = [{ ...taken, function: name, note: `${by}() takes \`${lock}\`` }];
	const other = balanced.op < 0 ? namePlace(world, fn) : opPlace(world, fn, balanced.op);
	return {
		start,
		end,
		function: name,
		confidence: CONFIDENCES[world.kinds.isLock[item.kind] && exit.ctx.irq !== Irq.Restored ? 1 : 2]!,
		message: `${name}() returns with \`${lock}\` held (${by}, line ${taken.line}); the return at line ${other.line} does not`,
		context: null,
		enter,
		sleep: [],
		related: [{ ...other, function: name, note: "returns without the lock" }],
		fixes: [],
		key: `${by}|${lock}`,
	};
}
