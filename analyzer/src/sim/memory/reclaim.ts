// What reclaim does to the pages of a zone: takes clean ones, and once their callbacks have run, those that had
// to be written or swapped out. Which callbacks that are is in reclaimCalls.ts; shrinkers free what they free.

import { allocatorLimits } from "../../model/allocator.js";
import type { AllocatorBits } from "../../model/gfp.js";
import { mayFs, mayIo } from "../../model/gfp.js";
import { counted, type MemoryState, withZone, zonesBelow } from "./memoryState.js";
import { freePages, type Zone } from "./zone.js";

/** What a pass of reclaim has left to do after the clean pages. */
export interface PassNeeds {
	/** pages that it may swap out: needs I/O */
	readonly swap: number;
	/** dirty pages that it may have written: needs the file system */
	readonly write: number;
}

export interface Reclaimed {
	readonly memory: MemoryState;
	readonly pages: number;
}

/** One pass over the zones that an allocation may use: clean pages first. */
export function reclaimClean(memory: MemoryState, highest: number, target: number): Reclaimed {
	return reclaimOf(memory, highest, target, "clean");
}

/** What the mask allows beyond that, of the pages there are. */
export function passNeeds(memory: MemoryState, highest: number, mask: number, bits: AllocatorBits): PassNeeds {
	const sum = (of: (zone: Zone) => number) =>
		zonesBelow(memory, highest).reduce((pages, place) => pages + of(memory.zones[place]!), 0);
	const { cluster } = allocatorLimits;
	const anon = sum((zone) => zone.anon);
	return {
		swap: mayIo(mask, bits) ? Math.min(anon, memory.swap, cluster) : 0,
		write: mayFs(mask, bits)
			? Math.min(
					sum((zone) => zone.dirty),
					cluster,
				)
			: 0,
	};
}

/** So many dirty or anonymous pages have been written: they are free. */
export function reclaimWritten(memory: MemoryState, highest: number, target: number, of: "dirty" | "anon"): Reclaimed {
	const done = reclaimOf(memory, highest, target, of);
	return of === "anon" ? { ...done, memory: { ...done.memory, swap: done.memory.swap - done.pages } } : done;
}

function reclaimOf(memory: MemoryState, highest: number, target: number, of: "clean" | "dirty" | "anon"): Reclaimed {
	let next = memory;
	let left = target;
	for (const place of zonesBelow(memory, highest)) {
		const zone = next.zones[place]!;
		const pages = Math.min(zone[of], left);
		if (pages <= 0) continue;
		next = withZone(next, place, { ...freePages(zone, pages), [of]: zone[of] - pages });
		left -= pages;
	}
	const pages = target - left;
	return { memory: counted(next, "reclaimed", pages), pages };
}

/** Pages that reclaim could take in a zone at most, whatever it takes. */
export function reclaimableIn(memory: MemoryState, place: number): number {
	const zone = memory.zones[place]!;
	return zone.clean + zone.dirty + Math.min(zone.anon, memory.swap);
}
