// Slab accounting, simple and stated: one slab cache per size (kmalloc-N) and per kmem_cache, slabs of one page
// (of the order an object needs), a page goes back when as many objects are free as it holds. No debugging
// space, no per-CPU lists. An object from a slab with room costs no page, so no watermark is asked.

import { allocatorLimits, slabSizes } from "../../model/allocator.js";
import { giveBlocks } from "./freelist.js";
import type { Block, MemoryState, Slab } from "./memoryState.js";

/** Order of the smallest block that holds so many bytes. */
export function orderOf(bytes: number): number {
	let order = 0;
	while (allocatorLimits.pageSize * 2 ** order < bytes) order++;
	return order;
}

/** The kmalloc cache for a size, or null: such objects come from the page allocator. */
export function kmallocSize(bytes: number): number | null {
	if (bytes > allocatorLimits.largestSlabObject) return null;
	return slabSizes.find((size) => size >= bytes) ?? null;
}

export function newSlab(name: string, objectSize: number): Slab {
	const block = allocatorLimits.pageSize * 2 ** orderOf(objectSize);
	return { name, perBlock: Math.max(Math.floor(block / objectSize), 1), inUse: 0, free: 0, blocks: [] };
}

/** The slab's memory with one object more in use; null when it has to get a block first. */
export function takeObject(memory: MemoryState, key: string): MemoryState | null {
	const slab = memory.slabs.get(key);
	if (slab === undefined || slab.free === 0) return null;
	return withSlab(memory, key, { ...slab, inUse: slab.inUse + 1, free: slab.free - 1 });
}

/** With a further block, cut into objects. */
export function growSlab(memory: MemoryState, key: string, slab: Slab, blocks: readonly Block[]): MemoryState {
	const free = slab.free + slab.perBlock * blocks.length;
	return withSlab(memory, key, { ...slab, free, blocks: [...slab.blocks, ...blocks] });
}

/** With one object less in use. A block's worth of free objects goes back to the page allocator. */
export function giveObject(memory: MemoryState, key: string): MemoryState {
	const slab = memory.slabs.get(key);
	if (slab === undefined) return memory;
	const free = slab.free + 1;
	const inUse = Math.max(slab.inUse - 1, 0);
	const last = slab.blocks.at(-1);
	if (last === undefined || free < slab.perBlock) return withSlab(memory, key, { ...slab, inUse, free });
	const rest = withSlab(memory, key, { ...slab, inUse, free: free - slab.perBlock, blocks: slab.blocks.slice(0, -1) });
	return giveBlocks(rest, [last]);
}

function withSlab(memory: MemoryState, key: string, slab: Slab): MemoryState {
	return { ...memory, slabs: memory.slabs.set(key, slab) };
}
