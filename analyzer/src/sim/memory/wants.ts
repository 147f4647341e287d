// What an allocator is to make, from its row and its arguments: an object of a slab or blocks of pages, and what
// it tries next when that fails. A size that the source does not tell is taken to be the usual one.

import { allocatorLimits } from "../../model/allocator.js";
import type { AllocRow } from "../../model/schema.js";
import { argTarget, argValue, type Call } from "../call.js";
import type { Asking } from "./asking.js";
import type { Want } from "./memoryState.js";
import { kmallocSize, orderOf } from "./slab.js";

/** What an allocation tries, in this order. */
export function wantsOf(call: Call, row: AllocRow, asking: Asking, mask: number): Want[] {
	const bytes = sizeOf(call, row);
	switch (row.family) {
		case "vmalloc":
			return [pagesWant(mask, bytes)];
		case "kvmalloc":
			return kvmallocWants(asking, mask, bytes);
		case "mempool":
			return poolWants(asking, mask, bytes);
		case "page-address":
			return [blockWant(mask, orderArg(call, row))];
		case "page-exact":
		case "dma":
			return [blockWant(mask, orderOf(bytes))];
		case "slab":
			return [objectWant(mask, bytes, cacheName(call, row))];
		default:
			if (row.pool !== undefined) return poolWants(asking, mask, bytes);
			return row.freedBy !== undefined && PAGES.test(row.freedBy)
				? [blockWant(mask, orderArg(call, row))]
				: [objectWant(mask, bytes, null)];
	}
}

/** Whoever frees pages says so. */
const PAGES = /pages?$|folio/;

/** Bytes that the call asks for: a size, times the number of an array where that is known. */
function sizeOf(call: Call, row: AllocRow): number {
	const usual = call.machine.world.memory.objectSize;
	if (row.size === undefined || row.size < 0) return usual;
	const size = argValue(call, row.size);
	if (size?.kind !== "int" || size.value <= 0) return usual;
	const before = row.size === 1 && row.gfp === 2 ? argValue(call, 0) : undefined;
	return before?.kind === "int" && before.value > 1 ? size.value * before.value : size.value;
}

function orderArg(call: Call, row: AllocRow): number {
	const order = row.order === undefined ? undefined : argValue(call, row.order);
	return order?.kind === "int" ? Math.min(Math.max(order.value, 0), allocatorLimits.maxOrder) : 0;
}

/** A kmem_cache by the pointer to it; null: a kmalloc cache by size. */
function cacheName(call: Call, row: AllocRow): { readonly key: string; readonly name: string } | null {
	if (row.size !== undefined || row.gfp < 1) return null;
	const cache = argTarget(call, 0);
	return cache === undefined ? null : { key: cache.key, name: cache.pointer ?? cache.text };
}

function objectWant(mask: number, bytes: number, cache: { readonly key: string; readonly name: string } | null): Want {
	const size = cache === null ? kmallocSize(bytes) : bytes;
	if (size === null) return blockWant(mask, orderOf(bytes));
	return {
		mask,
		slab: cache?.key ?? `kmalloc-${size}`,
		slabName: cache?.name ?? `kmalloc-${size}`,
		objectSize: size,
		order: orderOf(size),
		blocks: 1,
	};
}

function blockWant(mask: number, order: number): Want {
	return { mask, slab: "", slabName: "", objectSize: 0, order: Math.min(order, allocatorLimits.maxOrder), blocks: 1 };
}

/** Single pages: they need not lie side by side. */
function pagesWant(mask: number, bytes: number): Want {
	const blocks = Math.max(Math.ceil(bytes / allocatorLimits.pageSize), 1);
	return { mask, slab: "", slabName: "", objectSize: 0, order: 0, blocks };
}

/** kvmalloc_node(): a block first, without trying hard where single pages would do. */
function kvmallocWants({ by }: Asking, mask: number, bytes: number): Want[] {
	if (bytes <= allocatorLimits.pageSize) return [objectWant(mask, bytes, null)];
	const { noretry, nowarn, retryMayfail, directReclaim } = by.bits;
	const lazy = mask | nowarn | ((mask & retryMayfail) === 0 ? noretry : 0);
	const first = objectWant(lazy, bytes, null);
	return (mask & directReclaim) === 0 ? [first] : [first, pagesWant(mask, bytes)];
}

/** mempool_alloc(): without reclaim and I/O first, so that an element of the pool comes before a long wait. */
function poolWants({ by }: Asking, mask: number, bytes: number): Want[] {
	const { nomemalloc, noretry, nowarn, directReclaim, io } = by.bits;
	const modest = mask | nomemalloc | noretry | nowarn;
	const first = modest & ~(directReclaim | io);
	return first === modest
		? [objectWant(modest, bytes, null)]
		: [objectWant(first, bytes, null), objectWant(modest, bytes, null)];
}
