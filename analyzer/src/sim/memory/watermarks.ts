// The arithmetic that decides whether an allocation may take a page: __zone_watermark_ok(), with the rules of
// the kernel's version as rows, and its inverse: down to how few free pages a flag may go.

import { AllocFlag, type WatermarkRules } from "../../model/allocator.js";
import { hasBlock } from "./blocks.js";
import { freeCma, freeHighatomic, type Zone } from "./zone.js";

export interface Request {
	readonly order: number;
	/** bits of AllocFlag */
	readonly flags: number;
	/** index of the highest zone that the mask allows */
	readonly highestZone: number;
}

/** Free pages that this allocation cannot use. */
export function unusableFree(zone: Zone, request: Request, rules: WatermarkRules): number {
	let pages = 2 ** request.order - 1;
	if ((request.flags & rules.countsHighatomic) === 0) {
		pages += rules.highatomicHeld === "free" ? freeHighatomic(zone) : zone.reservedHighatomic;
	}
	if ((request.flags & AllocFlag.Cma) === 0) pages += freeCma(zone);
	return pages;
}

/** What is left of a watermark for allocations with these flags: each cut in integers, one after the other. */
export function markFor(mark: number, flags: number, rules: WatermarkRules): number {
	let min = mark;
	for (const { flags: all, unless, divisor } of rules.cuts) {
		if ((flags & all) !== all || (unless !== undefined && (flags & unless) !== 0)) continue;
		min -= Math.trunc(min / divisor);
	}
	return min;
}

/** The watermark that a request is held to. */
export function watermark(zone: Zone, flags: number): number {
	switch (flags & AllocFlag.WmarkMask) {
		case AllocFlag.WmarkMin:
			return zone.min;
		case AllocFlag.WmarkLow:
			return zone.low;
		default:
			return zone.high;
	}
}

/** __zone_watermark_ok(), for so many free pages (the zone's own, or what it would have after reclaim). */
export function watermarkOk(
	zone: Zone,
	request: Request,
	mark: number,
	rules: WatermarkRules,
	free: number = zone.free,
): boolean {
	const usable = free - unusableFree(zone, request, rules);
	const reserve = zone.lowmemReserve[request.highestZone] ?? 0;
	if (usable <= markFor(mark, request.flags, rules) + reserve) return false;
	if (request.order === 0 || hasBlock(zone.ordinary, request.order)) return true;
	if ((request.flags & AllocFlag.Cma) !== 0 && hasBlock(zone.cma, request.order)) return true;
	return (request.flags & rules.usesHighatomic) !== 0 && hasBlock(zone.highatomic, request.order);
}

/**
 * The lowest number of free pages at which an order-0 allocation with these flags still succeeds. Without
 * watermarks it is one page: the last.
 */
export function reach(zone: Zone, flags: number, rules: WatermarkRules, highestZone: number = zone.index): number {
	if ((flags & AllocFlag.NoWatermarks) !== 0) return 1;
	const request: Request = { order: 0, flags, highestZone };
	const min = markFor(watermark(zone, flags), flags, rules);
	return min + (zone.lowmemReserve[highestZone] ?? 0) + unusableFree(zone, request, rules) + 1;
}
