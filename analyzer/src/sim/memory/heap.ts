// Objects that allocators gave: kept by the key of what the pointer leads to, and given back by it. Elements of a
// pool go back to the pool while it is not full. What was allocated before the run is not known here: freeing it
// gives nothing back.

import { giveBlocks, pagesOf } from "./freelist.js";
import { counted, type HeapObject, type MemoryState, type Pool } from "./memoryState.js";
import { giveObject } from "./slab.js";

export function withObject(memory: MemoryState, key: string, object: HeapObject): MemoryState {
	return { ...memory, objects: memory.objects.set(key, object) };
}

/** The memory without an object; the same when nobody knows it. */
export function freeHeap(memory: MemoryState, key: string): MemoryState {
	const object = memory.objects.get(key);
	if (object === undefined) return memory;
	const without = { ...memory, objects: memory.objects.set(key, undefined) };
	const pool = object.pool === "" ? undefined : memory.pools.get(object.pool);
	if (pool !== undefined && pool.left < pool.min) {
		return { ...without, pools: memory.pools.set(object.pool, { ...pool, left: pool.left + 1 }) };
	}
	return giveBack(without, object);
}

function giveBack(memory: MemoryState, object: HeapObject): MemoryState {
	const before = memory.zones.reduce((sum, { free }) => sum + free, 0);
	const next = object.slab === "" ? giveBlocks(memory, object.blocks) : giveObject(memory, object.slab);
	const pages =
		object.slab === "" ? pagesOf(object.blocks) : next.zones.reduce((sum, { free }) => sum + free, 0) - before;
	return counted(next, "freed", pages);
}

/** With a pool of so many elements, which are made at once. */
export function withPool(memory: MemoryState, key: string, pool: Pool): MemoryState {
	return { ...memory, pools: memory.pools.set(key, pool) };
}

/** Has somebody given an element back to a pool? */
export function isMemoryThere(memory: MemoryState, pool: string): boolean {
	return (memory.pools.get(pool)?.left ?? 0) > 0;
}

/** An element that the pool has kept; null when there is none. */
export function takeElement(memory: MemoryState, key: string): MemoryState | null {
	const pool = memory.pools.get(key);
	if (pool === undefined || pool.left === 0) return null;
	return { ...memory, pools: memory.pools.set(key, { ...pool, left: pool.left - 1 }) };
}
