// __alloc_pages_may_oom() and the OOM killer: who is killed gives its anonymous pages back at once, which in the
// kernel takes the oom reaper a moment. Without a process to kill the kernel panics.

import { AllocFlag, allocatorLimits, zoneKinds } from "../../model/allocator.js";
import type { Asking } from "./asking.js";
import { takeFreeBlock } from "./freelist.js";
import { type Block, counted, type MemoryState, type PageWait, withZone, zonesBelow } from "./memoryState.js";
import { oomKilled, oomPanic } from "./messages.js";
import { freePages } from "./zone.js";

export interface OomResult {
	/** a block that somebody else has freed in the meantime, or a last one for what must not fail */
	readonly block: Block | null;
	readonly isProgress: boolean;
}

const NOTHING: OomResult = { block: null, isProgress: false };
const PROGRESS: OomResult = { block: null, isProgress: true };

/** Highest zone index below which nobody is killed. */
const NORMAL = zoneKinds.findIndex(({ flags }) => flags.length === 0);

export function outOfMemory(asking: Asking, wait: PageWait): OomResult {
	const { machine, by } = asking;
	const { bits, rules } = by;
	const parallel = { order: wait.order, flags: AllocFlag.WmarkHigh | AllocFlag.Cpuset, highestZone: wait.highest };
	const taken = takeFreeBlock(machine.state.mem, parallel, rules);
	if (taken !== null) {
		machine.updateMemory(taken.memory);
		return { block: taken.block, isProgress: true };
	}
	if (wait.order > allocatorLimits.costlyOrder || wait.highest < NORMAL) return NOTHING;
	if (wait.mask & (bits.retryMayfail | bits.thisnode)) return NOTHING;
	// Without the file system not all has been tried: it is taken for progress, and nobody is killed.
	if ((wait.mask & bits.fs) === 0) return PROGRESS;
	const victim = machine.world.memory.panicsOnOom ? null : biggest(machine.state.mem, wait.highest);
	if (victim === null) {
		oomPanic(asking, wait);
		return NOTHING;
	}
	oomKilled(asking, wait, victim);
	machine.updateMemory(counted(killed(machine.state.mem, wait.highest, victim), "oomKills"));
	if ((wait.mask & bits.nofail) === 0) return PROGRESS;
	const last = takeFreeBlock(machine.state.mem, { ...parallel, flags: AllocFlag.NoWatermarks }, rules);
	if (last === null) return PROGRESS;
	machine.updateMemory(last.memory);
	return { block: last.block, isProgress: true };
}

export interface Victim {
	readonly name: string;
	readonly pages: number;
	/** place among the consumers, or -1: a process that was there before the run */
	readonly consumer: number;
}

/** The process that has the most memory: a consumer, or one of those that the pages in use belong to. */
function biggest(memory: MemoryState, highest: number): Victim | null {
	const anon = zonesBelow(memory, highest).reduce((sum, place) => sum + memory.zones[place]!.anon, 0);
	if (anon === 0) return null;
	let most = { name: "process", pages: Math.ceil(anon / 2), consumer: -1 };
	memory.consumers.forEach(({ name, as }, consumer) => {
		const pages = Math.min(memory.consumed[consumer] ?? 0, anon);
		if (as === "anon" && pages >= Math.min(most.pages, anon) && pages > 0) most = { name, pages, consumer };
	});
	return most;
}

/** Its anonymous pages are free, and it takes no more. */
function killed(memory: MemoryState, highest: number, victim: Victim): MemoryState {
	let next = memory;
	let left = victim.pages;
	for (const place of zonesBelow(memory, highest)) {
		const zone = next.zones[place]!;
		const pages = Math.min(zone.anon, left);
		next = withZone(next, place, { ...freePages(zone, pages), anon: zone.anon - pages });
		left -= pages;
	}
	if (victim.consumer < 0) return next;
	const without = <T>(list: readonly T[]) => list.filter((_, i) => i !== victim.consumer);
	return { ...next, consumers: without(next.consumers), consumed: without(next.consumed) };
}
