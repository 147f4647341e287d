// One pass of reclaim, __perform_reclaim(): clean pages at once, then the callbacks that the mask allows, one
// after the other in the reclaiming task, with PF_MEMALLOC set. Without memory reclaim would wait for itself:
// a callback that needs a lock that its caller holds is how GFP_KERNEL on an I/O path hangs.

import { NONE } from "../../ir/ops.js";
import { allocatorLimits } from "../../model/allocator.js";
import type { Machine } from "../machine.js";
import { plainTruth, type Value } from "../value.js";
import type { Asking } from "./asking.js";
import { enterScope, leaveScope, runCallback } from "./callback.js";
import { dropReclaim, holdReclaim } from "./fsReclaim.js";
import { counted, type PageWait, type Pass, type PlannedCall } from "./memoryState.js";
import { passNeeds, reclaimClean, reclaimWritten } from "./reclaim.js";
import { type ReclaimFunction, type ReclaimStage, reclaimFunctions } from "./reclaimCalls.js";

/** Callbacks of one pass at most; further ones are for another pass. */
const MAX_CALLS = 12;

export function beginPass(asking: Asking, wait: PageWait): Pass {
	const { machine, at, by } = asking;
	holdReclaim(asking, wait.mask);
	enterScope(machine, at);
	const clean = reclaimClean(counted(machine.state.mem, "directReclaims"), wait.highest, allocatorLimits.cluster);
	machine.updateMemory(clean.memory);
	const needs = passNeeds(clean.memory, wait.highest, wait.mask, by.bits);
	const isEnough = clean.pages >= allocatorLimits.cluster;
	const swap = isEnough ? 0 : needs.swap;
	const write = isEnough ? 0 : needs.write;
	const stages: ReclaimStage[] = ["slab"];
	if (swap > 0) stages.push("swap");
	if (write > 0) stages.push("write");
	const calls = reclaimFunctions(machine.world, pathsOnStack(machine))
		.filter(({ stage }) => stages.includes(stage))
		.slice(0, MAX_CALLS)
		.map((of): PlannedCall => ({ of, role: of.count === NONE ? "scan" : "count" }));
	return {
		calls,
		next: 0,
		swap,
		write,
		pages: clean.pages,
		freedBefore: machine.state.mem.counts.freed,
		returned: null,
	};
}

/** Files of the functions on the task's stack, innermost first. */
function pathsOnStack({ task, world }: Machine): string[] {
	return task.frames.map(({ fn }) => world.program.fnPath(fn)).reverse();
}

/** Runs the next callback; null when there is none left. */
export function continuePass(asking: Asking, wait: PageWait, pass: Pass): Pass | null {
	const { machine, at } = asking;
	const last = pass.calls[pass.next - 1];
	// A shrinker that has something is asked to free it.
	if (last?.role === "count" && mayGoOn(last.of, pass.returned)) {
		const scan: PlannedCall = { of: last.of, role: "scan" };
		runCallback({ machine, at, mask: wait.mask, number: countOf(pass.returned) }, scan);
		machine.updateMemory(counted(machine.state.mem, "callbacks"));
		const calls = [...pass.calls.slice(0, pass.next - 1), scan, ...pass.calls.slice(pass.next)];
		return { ...pass, calls, returned: null };
	}
	const call = pass.calls[pass.next];
	if (call === undefined) return null;
	runCallback({ machine, at, mask: wait.mask, number: allocatorLimits.shrinkBatch }, call);
	machine.updateMemory(counted(machine.state.mem, "callbacks"));
	return { ...pass, next: pass.next + 1, returned: null };
}

/** What the callbacks have written is free now. Gives the pages of the whole pass. */
export function endPass({ machine }: Asking, wait: PageWait, pass: Pass): number {
	leaveScope(machine);
	dropReclaim(machine);
	const swapped = reclaimWritten(machine.state.mem, wait.highest, pass.swap, "anon");
	const written = reclaimWritten(swapped.memory, wait.highest, pass.write, "dirty");
	machine.updateMemory(written.memory);
	const freed = machine.state.mem.counts.freed - pass.freedBefore;
	return pass.pages + swapped.pages + written.pages + freed;
}

/** Is there something to free? What nobody knows counts as something. */
function mayGoOn(of: ReclaimFunction, returned: Value | null): boolean {
	if (returned === null || plainTruth(returned) === false) return false;
	return returned.kind !== "int" || !(of.args?.stops ?? []).includes(returned.value);
}

function countOf(returned: Value | null): number {
	const { shrinkBatch } = allocatorLimits;
	return returned?.kind === "int" && returned.value > 0 ? Math.min(returned.value, shrinkBatch) : shrinkBatch;
}
