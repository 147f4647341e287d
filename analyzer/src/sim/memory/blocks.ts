// Free blocks by order, as counts: which pages they are is not known, so that of two free blocks nobody can
// say whether they are buddies. A block that was split leaves pairs behind; when more blocks are free than
// there are pairs, both halves of some pair must be free, and they merge.

import { allocatorLimits } from "../../model/allocator.js";

export interface FreeBlocks {
	/** free blocks, by order */
	readonly free: readonly number[];
	/** pairs of which at least one half is in use, by order */
	readonly pairs: readonly number[];
}

const N_ORDERS = allocatorLimits.maxOrder + 1;

/** So many pages in blocks as large as can be. */
export function blocksOf(pages: number): FreeBlocks {
	const free = new Array<number>(N_ORDERS).fill(0);
	let rest = pages;
	for (let order = N_ORDERS - 1; order >= 0; order--) {
		free[order] = Math.floor(rest / 2 ** order);
		rest %= 2 ** order;
	}
	return blocksFrom(free);
}

/** Blocks as given; each is taken to be half of a pair, the largest apart. */
export function blocksFrom(free: readonly number[]): FreeBlocks {
	const counts = Array.from({ length: N_ORDERS }, (_, order) => free[order] ?? 0);
	const pairs = counts.slice();
	pairs[N_ORDERS - 1] = 0;
	return { free: counts, pairs };
}

export function pagesIn(blocks: FreeBlocks): number {
	let pages = 0;
	for (let order = 0; order < N_ORDERS; order++) pages += blocks.free[order]! * 2 ** order;
	return pages;
}

/** Is there a free block of at least this order? */
export function hasBlock(blocks: FreeBlocks, order: number): boolean {
	for (let o = order; o < N_ORDERS; o++) if (blocks.free[o]! > 0) return true;
	return false;
}

/** Without a block of this order, split from the smallest that will do; null when there is none. */
export function takeBlock(blocks: FreeBlocks, order: number): FreeBlocks | null {
	let from = order;
	while (from < N_ORDERS && blocks.free[from]! === 0) from++;
	if (from >= N_ORDERS) return null;
	const free = blocks.free.slice();
	const pairs = blocks.pairs.slice();
	free[from]!--;
	for (let o = from - 1; o >= order; o--) {
		free[o]!++;
		pairs[o]!++;
	}
	return { free, pairs };
}

/** With a block of this order, merged as far as it must. */
export function giveBlock(blocks: FreeBlocks, order: number): FreeBlocks {
	const free = blocks.free.slice();
	const pairs = blocks.pairs.slice();
	free[order]!++;
	for (let o = order; o < N_ORDERS - 1 && free[o]! > pairs[o]! && pairs[o]! > 0; o++) {
		free[o]! -= 2;
		pairs[o]!--;
		free[o + 1]!++;
	}
	return { free, pairs };
}

/** Takes so many single pages, or as many as there are. */
export function takePages(blocks: FreeBlocks, pages: number): { readonly blocks: FreeBlocks; readonly taken: number } {
	let left = blocks;
	let taken = 0;
	while (taken < pages) {
		const order = largestWithin(left, pages - taken);
		const next = takeBlock(left, order);
		if (next === null) break;
		left = next;
		taken += 2 ** order;
	}
	return { blocks: left, taken };
}

/** The largest order of which there is a free block, or that can be split off, within so many pages. */
function largestWithin(blocks: FreeBlocks, pages: number): number {
	let order = Math.min(Math.floor(Math.log2(pages)), N_ORDERS - 1);
	while (order > 0 && !hasBlock(blocks, order)) order--;
	return order;
}

/** Gives so many pages, in blocks as large as they make. */
export function givePages(blocks: FreeBlocks, pages: number): FreeBlocks {
	let all = blocks;
	let rest = pages;
	while (rest > 0) {
		const order = Math.min(Math.floor(Math.log2(rest)), N_ORDERS - 1);
		all = giveBlock(all, order);
		rest -= 2 ** order;
	}
	return all;
}
