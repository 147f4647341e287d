// From a mask to what the allocator does with it: the zones it may use, its alloc_flags on the fast and on the
// slow path, and what PF_MEMALLOC, an OOM victim or a real-time task change. As mm/page_alloc.c has it.

import { AllocFlag, type WatermarkRules, zoneKinds } from "../../model/allocator.js";
import type { AllocatorBits } from "../../model/gfp.js";
import type { World } from "../world.js";

/** What the allocator asks of the task and CPU that allocate. */
export interface Allocating {
	readonly bits: AllocatorBits;
	readonly rules: WatermarkRules;
	/** in_task(), in_interrupt() (bottom halves off count), in_serving_softirq() */
	readonly inTask: boolean;
	readonly inInterrupt: boolean;
	readonly servesSoftirq: boolean;
	/** PF_MEMALLOC: the task frees memory itself */
	readonly memalloc: boolean;
	readonly isOomVictim: boolean;
	readonly isRealtime: boolean;
}

/** gfp_zone(): index of the highest zone that a mask allows. */
export function highestZone(mask: number, bits: AllocatorBits): number {
	let highest = -1;
	zoneKinds.forEach(({ flags }, index) => {
		if (flags.length > 0 && flags.every((flag) => bits[flag] !== 0 && (mask & bits[flag]) !== 0)) highest = index;
	});
	return highest < 0 ? zoneKinds.findIndex(({ flags }) => flags.length === 0) : highest;
}

/** gfp_to_alloc_flags_cma(): movable pages may lie in areas that are kept for contiguous memory. */
function cmaFlag(mask: number, bits: AllocatorBits): number {
	return bits.movable !== 0 && (mask & bits.movable) !== 0 ? AllocFlag.Cma : 0;
}

/** The first try: the low watermark, and no reserve. */
export function fastFlags(mask: number, { bits }: Allocating): number {
	return AllocFlag.WmarkLow | cmaFlag(mask, bits) | (mask & bits.kswapd ? AllocFlag.Kswapd : 0);
}

/** gfp_to_alloc_flags(): the slow path. */
export function slowFlags(mask: number, order: number, by: Allocating): number {
	const { bits, rules } = by;
	let flags = AllocFlag.WmarkMin | AllocFlag.Cpuset | cmaFlag(mask, bits);
	if (mask & bits.high) flags |= AllocFlag.MinReserve;
	if (mask & bits.kswapd) flags |= AllocFlag.Kswapd;
	const wantsMore = rules.nonBlock === "atomic-bit" ? (mask & bits.atomic) !== 0 : (mask & bits.directReclaim) === 0;
	if (!wantsMore) return by.isRealtime && by.inTask ? flags | rules.realtime : flags;
	if ((mask & bits.nomemalloc) === 0) {
		flags |= AllocFlag.NonBlock;
		const mayReserve = rules.highOrder !== 0 && (flags & rules.highOrder) === rules.highOrder;
		if (order > 0 && mayReserve) flags |= AllocFlag.HighAtomic;
	}
	if (rules.nonBlock === "atomic-bit" || (flags & AllocFlag.MinReserve) !== 0) flags &= ~AllocFlag.Cpuset;
	return flags;
}

/** __gfp_pfmemalloc_flags(): who may ignore the watermarks altogether, or as an OOM victim most of them. */
export function reserveFlags(mask: number, by: Allocating): number {
	const { bits } = by;
	if (mask & bits.nomemalloc) return 0;
	if (mask & bits.memalloc) return AllocFlag.NoWatermarks;
	if (by.servesSoftirq && by.memalloc) return AllocFlag.NoWatermarks;
	if (by.inInterrupt) return 0;
	if (by.memalloc) return AllocFlag.NoWatermarks;
	return by.isOomVictim ? AllocFlag.Oom : 0;
}

/** The flags of the slow path's retries: reserve rights replace the others. */
export function retryFlags(mask: number, order: number, by: Allocating): number {
	const flags = slowFlags(mask, order, by);
	const reserve = reserveFlags(mask, by);
	return reserve === 0 ? flags : reserve | cmaFlag(mask, by.bits) | (flags & AllocFlag.Kswapd);
}

/** Flags as the kernel calls them, for a person. */
export function flagsText(flags: number, rules: WatermarkRules): string {
	const isOld = rules.id === "harder";
	const marks = ["WMARK_MIN", "WMARK_LOW", "WMARK_HIGH"];
	const names: string[] = [];
	if (flags & AllocFlag.NoWatermarks) names.push("NO_WATERMARKS");
	else names.push(marks[flags & AllocFlag.WmarkMask] ?? "WMARK_HIGH");
	if (flags & AllocFlag.Oom) names.push("OOM");
	if (flags & AllocFlag.NonBlock) names.push(isOld ? "HARDER" : "NON_BLOCK");
	if (flags & AllocFlag.MinReserve) names.push(isOld ? "HIGH" : "MIN_RESERVE");
	if (flags & AllocFlag.HighAtomic) names.push("HIGHATOMIC");
	if (flags & AllocFlag.Cma) names.push("CMA");
	if (flags & AllocFlag.Kswapd) names.push("KSWAPD");
	return names.map((name) => `ALLOC_${name}`).join("|");
}

/** A task in process context that nothing sets apart. */
export function plainTask(world: World): Allocating {
	return {
		bits: world.gfpBits(0),
		rules: world.watermarkRules,
		inTask: true,
		inInterrupt: false,
		servesSoftirq: false,
		memalloc: false,
		isOomVictim: false,
		isRealtime: false,
	};
}
