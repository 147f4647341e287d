// One pass of reclaim, __perform_reclaim() or one of kswapd: clean pages at once, then the callbacks that the mask
// allows, one after the other in the reclaiming task, with PF_MEMALLOC set. Without memory reclaim would wait for itself:
// a callback that needs a lock that its caller holds is how GFP_KERNEL on an I/O path hangs.

import { NONE } from "../../ir/ops.js";
import { allocatorLimits } from "../../model/allocator.js";
import type { Machine } from "../machine.js";
import { plainTruth, type Value } from "../value.js";
import type { Asking } from "./asking.js";
import { enterScope, leaveScope, runCallback } from "./callback.js";
import { dropReclaim, holdReclaim, isReclaimTaken } from "./fsReclaim.js";
import { counted, type Pass, type PlannedCall } from "./memoryState.js";
import { passNeeds, reclaimClean, reclaimWritten } from "./reclaim.js";
import { type ReclaimFunction, type ReclaimStage, reclaimFunctions } from "./reclaimCalls.js";

/** Callbacks of one pass at most; further ones are for another pass. */
const MAX_CALLS = 12;

/** Who reclaims, with which mask, up to which zone. */
export interface Passing {
	readonly by: string;
	readonly mask: number;
	readonly highest: number;
}

/** The pass of an allocation. */
export function beginPass(asking: Asking, passing: Passing): Pass {
	const { machine, at } = asking;
	if (isReclaimTaken(asking, passing.mask)) holdReclaim(machine, at);
	enterScope(machine, at);
	machine.updateMemory(counted(machine.state.mem, "directReclaims"));
	return planPass(asking, passing, allocatorLimits.cluster, pathsOnStack(machine));
}

/** Takes clean pages, so many at most, and says what is to be called: code of the folders of these files. */
export function planPass(asking: Asking, passing: Passing, pages: number, paths: readonly string[]): Pass {
	const { machine, by } = asking;
	const clean = reclaimClean(machine.state.mem, passing.highest, pages);
	machine.updateMemory(clean.memory);
	const needs = passNeeds(clean.memory, passing.highest, passing.mask, by.bits);
	const isEnough = clean.pages >= pages;
	const swap = isEnough ? 0 : needs.swap;
	const write = isEnough ? 0 : needs.write;
	const stages: ReclaimStage[] = ["slab"];
	if (swap > 0) stages.push("swap");
	if (write > 0) stages.push("write");
	const calls = reclaimFunctions(machine.world, paths)
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
export function pathsOnStack({ task, world }: Machine): string[] {
	return task.frames.map(({ fn }) => world.program.fnPath(fn)).reverse();
}

/** Runs the next callback; null when there is none left. */
export function continuePass(asking: Asking, passing: Passing, pass: Pass): Pass | null {
	const { machine, at } = asking;
	const { by, mask } = passing;
	const last = pass.calls[pass.next - 1];
	// A shrinker that has something is asked to free it.
	if (last?.role === "count" && mayGoOn(last.of, pass.returned)) {
		const scan: PlannedCall = { of: last.of, role: "scan" };
		runCallback({ machine, at, by, mask, number: countOf(pass.returned) }, scan);
		machine.updateMemory(counted(machine.state.mem, "callbacks"));
		const calls = [...pass.calls.slice(0, pass.next - 1), scan, ...pass.calls.slice(pass.next)];
		return { ...pass, calls, returned: null };
	}
	const call = pass.calls[pass.next];
	if (call === undefined) return null;
	runCallback({ machine, at, by, mask, number: allocatorLimits.shrinkBatch }, call);
	machine.updateMemory(counted(machine.state.mem, "callbacks"));
	return { ...pass, next: pass.next + 1, returned: null };
}

/** The pass of an allocation is over. Gives its pages. */
export function endPass({ machine }: Asking, passing: Passing, pass: Pass): number {
	leaveScope(machine);
	dropReclaim(machine);
	return reapPass(machine, passing, pass);
}

/** What the callbacks have written is free now. Gives the pages of the whole pass. */
export function reapPass(machine: Machine, { highest }: Passing, pass: Pass): number {
	const swapped = reclaimWritten(machine.state.mem, highest, pass.swap, "anon");
	const written = reclaimWritten(swapped.memory, highest, pass.write, "dirty");
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
