// What a person sees of the memory: zones against their watermarks, how far each flag may go, who holds what,
// what the allocator has done. Plain readonly data for debuggers and panels; also the dials.

import { AllocFlag } from "../../model/allocator.js";
import { COMMON_NAMES, gfpMask } from "../../model/gfp.js";
import type { State } from "../machine.js";
import type { World } from "../world.js";
import { highestZone, plainTask, slowFlags } from "./allocFlags.js";
import { hasGivenUp } from "./kswapd.js";
import { type MemoryCounts, type MemoryState, type PageWait, withZone } from "./memoryState.js";
import { reach } from "./watermarks.js";
import { withFree, type Zone } from "./zone.js";

/** How far a flag may go in a zone. */
export interface ReachView {
	/** a mask as in the source, or who allocates */
	readonly flag: string;
	/** the lowest number of free pages at which a page is still given */
	readonly lowest: number;
	/** would it get one now? */
	readonly isAllowed: boolean;
}

export interface ZoneView {
	readonly name: string;
	readonly managed: number;
	readonly free: number;
	readonly min: number;
	readonly low: number;
	readonly high: number;
	/** lowest number of free pages so far */
	readonly lowest: number;
	readonly reservedHighatomic: number;
	readonly clean: number;
	readonly dirty: number;
	readonly anon: number;
	/** by the pages that they leave, the most modest first */
	readonly reaches: readonly ReachView[];
}

export interface MemoryView {
	readonly zones: readonly ZoneView[];
	readonly kswapd: "asleep" | "awake" | "has given up";
	readonly swap: number;
	readonly counts: MemoryCounts;
	readonly slabs: readonly {
		readonly name: string;
		readonly inUse: number;
		readonly free: number;
		readonly pages: number;
	}[];
	readonly pools: readonly { readonly name: string; readonly min: number; readonly left: number }[];
	/** what the allocation of the running task waits for, or null */
	readonly waiting: string | null;
	readonly consumers: readonly { readonly name: string; readonly taken: number }[];
}

export function memoryOf(world: World, state: State): MemoryView {
	const { mem } = state;
	return {
		zones: mem.zones.map((zone, place) => zoneView(world, zone, mem.lowest[place]!)),
		kswapd: kswapdText(mem),
		swap: mem.swap,
		counts: mem.counts,
		slabs: [...mem.slabs.entries()].map(([, { name, inUse, free, blocks }]) => ({
			name,
			inUse,
			free,
			pages: blocks.reduce((sum, { order }) => sum + 2 ** order, 0),
		})),
		pools: [...mem.pools.entries()].map(([, { name, min, left }]) => ({ name, min, left })),
		waiting: waitingText(state),
		consumers: mem.consumers.map(({ name }, i) => ({ name, taken: mem.consumed[i] ?? 0 })),
	};
}

function zoneView(world: World, zone: Zone, lowest: number): ZoneView {
	const { name, managed, free, min, low, high, reservedHighatomic, clean, dirty, anon } = zone;
	const reaches = reachesOf(world, zone);
	return { name, managed, free, min, low, high, lowest, reservedHighatomic, clean, dirty, anon, reaches };
}

/** Every common mask that may use the zone, a victim of the OOM killer, and who frees memory itself. */
export function reachesOf(world: World, zone: Zone): readonly ReachView[] {
	const by = plainTask(world);
	const view = (flag: string, flags: number, highest: number): ReachView => {
		const lowest = reach(zone, flags, by.rules, highest);
		return { flag, lowest, isAllowed: zone.free >= lowest };
	};
	const views = COMMON_NAMES.flatMap((name): ReachView[] => {
		const mask = gfpMask(name, (part) => world.constant(0, part))?.bits;
		if (mask === undefined) return [];
		const highest = Math.max(highestZone(mask, by.bits), zone.index);
		return [view(name, slowFlags(mask, 0, by), highest)];
	});
	views.push(view("OOM victim", AllocFlag.WmarkMin | AllocFlag.Oom, zone.index));
	views.push(view("PF_MEMALLOC", AllocFlag.NoWatermarks, zone.index));
	return views.sort((a, b) => b.lowest - a.lowest);
}

function kswapdText({ kswapd }: MemoryState): MemoryView["kswapd"] {
	if (kswapd.isAwake) return "awake";
	return hasGivenUp(kswapd) ? "has given up" : "asleep";
}

/** The innermost allocation of the running task that is on its way. */
function waitingText(state: State): string | null {
	const { frames } = state.tasks[state.cpus[state.cpu]!.task]!;
	for (let depth = frames.length - 1; depth >= 0; depth--) {
		const waiting = state.mem.waits.get(frames[depth]!.id);
		if (waiting === undefined) continue;
		return waiting.pages === null ? "waits for an element of a pool" : pagesText(waiting.pages);
	}
	return null;
}

function pagesText({ pass, rounds, noProgress }: PageWait): string {
	const tries = rounds === 0 ? "" : `, try ${rounds + 1}, ${noProgress} in a row without progress`;
	if (pass === null) return `is about to reclaim${tries}`;
	const call = pass.calls[pass.next - 1];
	const at = call === undefined ? "" : ` in ${call.of.struct}.${call.of.field}`;
	return `direct reclaim${at}, ${pass.pages} pages so far${tries}`;
}

/** The state with so many free pages in a zone; null when there is no such zone. */
export function withFreePages(state: State, zoneName: string, free: number): State | null {
	const place = state.mem.zones.findIndex(({ name }) => name === zoneName);
	if (place < 0) return null;
	return { ...state, mem: withZone(state.mem, place, withFree(state.mem.zones[place]!, free)) };
}
