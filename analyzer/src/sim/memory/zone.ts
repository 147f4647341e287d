// A zone: its watermarks, its free blocks and what could be reclaimed in it. Immutable; the functions give
// the next zone. How watermarks and reserves follow from the zones' sizes is here too.

import { allocatorLimits, type ZoneName, zoneKinds } from "../../model/allocator.js";
import { type FreeBlocks, giveBlock, givePages, pagesIn, takeBlock, takePages } from "./blocks.js";

/** Where a block was taken from, and goes back to. */
export type BlockKind = "ordinary" | "cma" | "highatomic";

export interface Zone {
	readonly name: ZoneName;
	/** place in the order of zones, lowest first */
	readonly index: number;
	/** pages, in use or not */
	readonly managed: number;
	readonly min: number;
	readonly low: number;
	readonly high: number;
	/** pages kept from allocations that could use a higher zone, by that zone's index */
	readonly lowmemReserve: readonly number[];
	readonly ordinary: FreeBlocks;
	readonly cma: FreeBlocks;
	readonly highatomic: FreeBlocks;
	/** free pages of all three */
	readonly free: number;
	/** nr_reserved_highatomic: pages of the pageblocks that are kept for it, free or not */
	readonly reservedHighatomic: number;
	/** pages that reclaim may take: of the page cache, clean or to be written first, and anonymous, to be swapped out first */
	readonly clean: number;
	readonly dirty: number;
	readonly anon: number;
}

export function zoneIndex(name: ZoneName): number {
	return zoneKinds.findIndex(({ zone }) => zone === name);
}

/** The zone without a block of this order and kind; null when there is none. */
export function takeFrom(zone: Zone, kind: BlockKind, order: number): Zone | null {
	const blocks = takeBlock(zone[kind], order);
	return blocks === null ? null : { ...zone, [kind]: blocks, free: zone.free - 2 ** order };
}

export function giveTo(zone: Zone, kind: BlockKind, order: number): Zone {
	return { ...zone, [kind]: giveBlock(zone[kind], order), free: zone.free + 2 ** order };
}

/** Single pages that become free: reclaimed, or given back by a process. */
export function freePages(zone: Zone, pages: number): Zone {
	return pages <= 0 ? zone : { ...zone, ordinary: givePages(zone.ordinary, pages), free: zone.free + pages };
}

/** As many single pages as there are, up to so many. */
export function usePages(zone: Zone, pages: number): { readonly zone: Zone; readonly taken: number } {
	const { blocks, taken } = takePages(zone.ordinary, pages);
	return { zone: taken === 0 ? zone : { ...zone, ordinary: blocks, free: zone.free - taken }, taken };
}

/** A zone with another number of free pages, for a person who turns the dial. */
export function withFree(zone: Zone, free: number): Zone {
	const wanted = Math.max(0, Math.min(Math.floor(free), zone.managed));
	if (wanted >= zone.free) return freePages(zone, wanted - zone.free);
	const { zone: less } = usePages(zone, zone.free - wanted);
	return less;
}

/**
 * reserve_highatomic_pageblock(): after a high-order atomic allocation its pageblock is kept for others like it,
 * within one pageblock more than a hundredth of the zone.
 */
export function reserveHighatomic(zone: Zone, order: number): Zone {
	const { pageblock } = allocatorLimits;
	if (zone.reservedHighatomic >= Math.floor(zone.managed / 100) + pageblock) return zone;
	const { blocks, taken } = takePages(zone.ordinary, Math.max(pageblock - 2 ** order, 0));
	return {
		...zone,
		ordinary: blocks,
		highatomic: givePages(zone.highatomic, taken),
		reservedHighatomic: zone.reservedHighatomic + pageblock,
	};
}

/** unreserve_highatomic_pageblock(): one pageblock goes back, the last one only by force; null when none does. */
export function unreserveHighatomic(zone: Zone, isForced: boolean): Zone | null {
	const { pageblock } = allocatorLimits;
	if (!isForced && zone.reservedHighatomic <= pageblock) return null;
	const { blocks, taken } = takePages(zone.highatomic, pageblock);
	if (taken === 0) return null;
	return {
		...zone,
		ordinary: givePages(zone.ordinary, taken),
		highatomic: blocks,
		reservedHighatomic: Math.max(zone.reservedHighatomic - pageblock, 0),
	};
}

export function freeHighatomic(zone: Zone): number {
	return pagesIn(zone.highatomic);
}
export function freeCma(zone: Zone): number {
	return pagesIn(zone.cma);
}

// ---- from sizes to watermarks ----

/** calculate_min_free_kbytes() */
export function minFreeKbytes(lowmemKbytes: number): number {
	const [least, most] = allocatorLimits.minFreeKbytes;
	return Math.min(Math.max(Math.floor(Math.sqrt(lowmemKbytes * 16)), least), most);
}

const KB_PER_PAGE = allocatorLimits.pageSize / 1024;

export interface Watermarks {
	readonly min: number;
	readonly low: number;
	readonly high: number;
}

/** Bounds of the minimum of a zone of high memory, in pages (__setup_per_zone_wmarks()). */
const HIGHMEM_MIN = [allocatorLimits.cluster, 128] as const;

/** __setup_per_zone_wmarks(), for zones by their managed pages. */
export function watermarksOf(
	zones: readonly { readonly name: ZoneName; readonly managed: number }[],
): readonly Watermarks[] {
	const isHigh = (name: ZoneName) => name === "HighMem";
	const lowmem = zones.reduce((sum, { name, managed }) => sum + (isHigh(name) ? 0 : managed), 0);
	const pagesMin = Math.floor(minFreeKbytes(lowmem * KB_PER_PAGE) / KB_PER_PAGE);
	return zones.map(({ name, managed }) => {
		const share = lowmem === 0 ? 0 : Math.floor((pagesMin * managed) / lowmem);
		const few = Math.min(Math.max(Math.floor(managed / 1024), HIGHMEM_MIN[0]), HIGHMEM_MIN[1]);
		const min = isHigh(name) ? few : share;
		return marksAbove(min, managed, share);
	});
}

/** low and high above a minimum; `share` is the part of the minimum that the distance is made of. */
export function marksAbove(min: number, managed: number, share = min): Watermarks {
	const scaled = Math.floor((managed * allocatorLimits.scaleFactor) / 10000);
	const distance = Math.max(Math.floor(share / 4), scaled);
	return { min, low: min + distance, high: min + 2 * distance };
}

/** setup_per_zone_lowmem_reserve(): for each zone, by the index of the highest zone that an allocation may use. */
export function lowmemReserves(
	zones: readonly { readonly name: ZoneName; readonly managed: number }[],
): readonly (readonly number[])[] {
	const managedAt = (index: number) => zones.find(({ name }) => zoneIndex(name) === index)?.managed ?? 0;
	return zones.map(({ name, managed }) => {
		const own = zoneIndex(name);
		const ratio = zoneKinds[own]!.reserveRatio;
		let above = 0;
		return zoneKinds.map((_, index) => {
			if (index <= own) return 0;
			above += managedAt(index);
			return ratio === 0 || managed === 0 ? 0 : Math.floor(above / ratio);
		});
	});
}
