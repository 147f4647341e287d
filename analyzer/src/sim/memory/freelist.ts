// get_page_from_freelist() and its opposite: a block from the first zone that may give one, and back. Pure
// functions of the memory's state; lists per CPU are left out, so that a freed page is free at once.

import { AllocFlag, type WatermarkRules } from "../../model/allocator.js";
import { type Block, counted, type MemoryState, withZone, zonesBelow } from "./memoryState.js";
import { type Request, watermark, watermarkOk } from "./watermarks.js";
import { type BlockKind, giveTo, reserveHighatomic, takeFrom, unreserveHighatomic, type Zone } from "./zone.js";

export interface Taken {
	readonly memory: MemoryState;
	readonly block: Block;
}

/** A block for this request, or null: no zone's watermark lets it, or none has such a block. */
export function takeFreeBlock(memory: MemoryState, request: Request, rules: WatermarkRules): Taken | null {
	for (const place of zonesBelow(memory, request.highestZone)) {
		const zone = memory.zones[place]!;
		const isFree = (request.flags & AllocFlag.NoWatermarks) !== 0;
		if (!isFree && !watermarkOk(zone, request, watermark(zone, request.flags), rules)) continue;
		const found = takeBlockOf(zone, request, rules);
		if (found === null) continue;
		const grows = request.order > 0 && (request.flags & rules.growsHighatomic) !== 0;
		const left = grows ? reserveHighatomic(found.zone, request.order) : found.zone;
		const wasLow = zone.free <= zone.min;
		const next = counted(withZone(memory, place, left), "fromReserve", wasLow ? 2 ** request.order : 0);
		return { memory: next, block: { zone: place, kind: found.kind, order: request.order } };
	}
	return null;
}

/** rmqueue_buddy(): where the block comes from. */
function takeBlockOf(
	zone: Zone,
	{ order, flags }: Request,
	rules: WatermarkRules,
): { readonly zone: Zone; readonly kind: BlockKind } | null {
	const kinds: BlockKind[] = [];
	if (order > 0 && (flags & rules.takesHighatomicFirst) !== 0) kinds.push("highatomic");
	kinds.push("ordinary");
	if ((flags & AllocFlag.Cma) !== 0) kinds.push("cma");
	if ((flags & rules.takesHighatomicLast) !== 0) kinds.push("highatomic");
	for (const kind of kinds) {
		const left = takeFrom(zone, kind, order);
		if (left !== null) return { zone: left, kind };
	}
	return null;
}

/** The memory with these blocks free again. */
export function giveBlocks(memory: MemoryState, blocks: readonly Block[]): MemoryState {
	let next = memory;
	for (const { zone, kind, order } of blocks) next = withZone(next, zone, giveTo(next.zones[zone]!, kind, order));
	return next;
}

export function pagesOf(blocks: readonly Block[]): number {
	return blocks.reduce((sum, { order }) => sum + 2 ** order, 0);
}

/** A pageblock of the highatomic reserve for everybody again; null when no zone has one to give. */
export function unreserveBlock(memory: MemoryState, highest: number, isForced: boolean): MemoryState | null {
	for (const place of zonesBelow(memory, highest)) {
		const zone = unreserveHighatomic(memory.zones[place]!, isForced);
		if (zone !== null) return withZone(memory, place, zone);
	}
	return null;
}
