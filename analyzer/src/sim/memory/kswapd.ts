// kswapd: woken when a zone is below its low watermark, frees until all are at their high one. It works a
// little every few steps, as an actor of its own, and never holds up who woke it.

import { allocatorLimits } from "../../model/allocator.js";
import type { Machine } from "../machine.js";
import { counted, type MemoryState, withZone } from "./memoryState.js";
import { freePages, type Zone } from "./zone.js";

/** wake_all_kswapds() */
export function wakeKswapd(machine: Machine): void {
	const { mem, nSteps } = machine.state;
	const { pages, every } = machine.world.memory.kswapd;
	if (mem.kswapd.isAwake || pages === 0 || hasGivenUp(mem) || mem.zones.every(isBalanced)) return;
	const next = Math.min(mem.nextTick, nSteps + every);
	machine.updateMemory({ ...counted(mem, "kswapdWakes"), kswapd: { ...mem.kswapd, isAwake: true }, nextTick: next });
}

/** A share of the pages for each zone that lacks some; asleep again when none does, or when nothing can be freed. */
export function runKswapd(memory: MemoryState, pages: number): MemoryState {
	let next = memory;
	let freed = 0;
	for (let place = 0; place < next.zones.length; place++) {
		const zone = next.zones[place]!;
		if (isBalanced(zone)) continue;
		const wanted = Math.min(pages, zone.high - zone.free);
		const done = freeSome(zone, wanted, next.swap);
		next = { ...withZone(next, place, done.zone), swap: next.swap - done.swapped };
		freed += done.pages;
	}
	const failures = freed > 0 ? 0 : next.kswapd.failures + 1;
	const isAwake = failures <= allocatorLimits.reclaimRetries && !next.zones.every(isBalanced);
	return { ...counted(next, "reclaimed", freed), kswapd: { isAwake, failures } };
}

function hasGivenUp({ kswapd }: MemoryState): boolean {
	return kswapd.failures > allocatorLimits.reclaimRetries;
}

function isBalanced(zone: Zone): boolean {
	return zone.free >= zone.high;
}

/** Clean pages, then written ones, then swapped ones: it may do all of it. */
function freeSome(zone: Zone, wanted: number, swap: number): { zone: Zone; pages: number; swapped: number } {
	const clean = Math.min(zone.clean, wanted);
	const dirty = Math.min(zone.dirty, wanted - clean);
	const swapped = Math.min(zone.anon, swap, wanted - clean - dirty);
	const pages = clean + dirty + swapped;
	const left = { clean: zone.clean - clean, dirty: zone.dirty - dirty, anon: zone.anon - swapped };
	return { zone: { ...freePages(zone, pages), ...left }, pages, swapped };
}
