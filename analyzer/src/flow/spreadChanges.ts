// Which functions may hand on their contexts otherwise than before, after edits: those whose calls are others, or are made
// in other states, and those that call what takes its arguments otherwise, or may be entered otherwise.

import { areAlike } from "../base/lists.js";
import type { FileId, FnId } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import { isSameParamCall, isSameSummary } from "./sameSummary.js";
import { MaySleep, type Summary } from "./summary.js";
import type { Contexts } from "./topDown.js";
import { Callee, summaryOf, type World } from "./world.js";

export interface SpreadChanges {
	/** by function: 1 when its records may hand on something else */
	readonly isReal: Uint8Array;
	/** functions of which it may be known otherwise how they are entered, whatever their records say */
	readonly entered: ReadonlySet<FnId>;
}

/** What has changed since the contexts `before`, whose summaries are those that were replaced. */
export interface Since {
	/** files that were looked at anew */
	readonly files: Iterable<FileId>;
	readonly haveSameTargets: boolean;
}

export function spreadChanges(
	world: World,
	graph: CallGraph,
	before: Contexts,
	now: Contexts,
	{ files, haveSameTargets }: Since,
): SpreadChanges {
	const { program } = world;
	const isReal = new Uint8Array(program.fnLimit);
	const mark = (fn: FnId) => {
		isReal[fn] = 1;
	};
	let arePointersReal = false;
	const markCallers = (fn: FnId) => {
		graph.eachCaller(fn, mark);
		arePointersReal ||= before.pointerCalls.isTo(fn);
	};
	for (const file of files) for (const fn of program.fnsOf(file)) mark(fn);
	for (const [fn, summary] of world.replaced.summaries ?? []) {
		const after = summaryOf(world, fn);
		if (after === summary) continue;
		if (!isSameSummary(world.paths, summary, after, (op) => op)) mark(fn);
		if (!isTakenAlike(world, summary, after)) markCallers(fn);
	}
	const entered = new Set<FnId>();
	for (let fn = 0; fn < program.fnLimit; fn++) {
		if (before.entered.isSame(now.entered, fn)) continue;
		entered.add(fn);
		if (before.entered.maySleep(fn) === now.entered.maySleep(fn)) continue;
		mark(fn);
		markCallers(fn);
	}
	if (arePointersReal || !haveSameTargets) {
		for (const fn of program.inOrder)
			if (before.pointerCalls.isFrom(fn) || graph.hasSite(fn, (callee) => callee === Callee.Indirect)) mark(fn);
	}
	return { isReal, entered };
}

/** Do callers hand on the same to a function of such summaries? */
function isTakenAlike({ paths }: World, a: Summary, b: Summary): boolean {
	return (
		a.relevant === b.relevant &&
		a.zeroSleeps === b.zeroSleeps &&
		(a.maySleep === MaySleep.No) === (b.maySleep === MaySleep.No) &&
		areAlike(a.paramCalls, b.paramCalls, (x, y) => isSameParamCall(paths, x, y, (op) => op))
	);
}
