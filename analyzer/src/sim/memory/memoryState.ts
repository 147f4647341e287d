// What the machine knows of its memory at one moment: zones, who holds what, pools, kswapd, allocations that
// are on their way, and counters. Never changes; every function gives the next state.

import { PersistentMap } from "../persistentMap.js";
import type { Value } from "../value.js";
import type { SourcePlace } from "../world.js";
import { blocksFrom, blocksOf, pagesIn } from "./blocks.js";
import type { Consumer, MemoryConfig, ZoneSetup } from "./memoryConfig.js";
import type { ReclaimFunction } from "./reclaimCalls.js";
import { type BlockKind, lowmemReserves, marksAbove, watermarksOf, type Zone, zoneIndex } from "./zone.js";

/** A block of pages that is in use. */
export interface Block {
	/** place in `zones` */
	readonly zone: number;
	readonly kind: BlockKind;
	readonly order: number;
}

/** What an allocator gave. */
export interface HeapObject {
	readonly by: string;
	readonly at: SourcePlace;
	readonly mask: number;
	/** the slab it is part of, or "" */
	readonly slab: string;
	/** pages of its own */
	readonly blocks: readonly Block[];
	/** the pool that it goes back to, or "" */
	readonly pool: string;
}

/** A slab cache: objects of one size. */
export interface Slab {
	readonly name: string;
	/** objects of one page (or larger block) */
	readonly perBlock: number;
	readonly inUse: number;
	readonly free: number;
	/** blocks that it has */
	readonly blocks: readonly Block[];
}

export interface Pool {
	readonly name: string;
	/** elements that it keeps, and those that are there now */
	readonly min: number;
	readonly left: number;
}

/** A callback that a pass of reclaim runs, and for a pair of functions which of the two. */
export interface PlannedCall {
	readonly of: ReclaimFunction;
	readonly role: "count" | "scan";
}

/** A pass of reclaim that is under way. */
export interface Pass {
	readonly calls: readonly PlannedCall[];
	/** the next of them */
	readonly next: number;
	/** pages that are to be swapped out and written once their callbacks have run */
	readonly swap: number;
	readonly write: number;
	/** pages reclaimed so far, and pages that had ever been freed when it began */
	readonly pages: number;
	readonly freedBefore: number;
	/** what the last callback returned */
	readonly returned: Value | null;
}

/** Pages that an allocation wants, and how far it has come. */
export interface PageWait {
	readonly mask: number;
	readonly order: number;
	/** index of the highest zone that the mask allows */
	readonly highest: number;
	/** blocks still wanted, and those that are there */
	readonly left: number;
	readonly blocks: readonly Block[];
	/** is the fast path through for the block that comes next? */
	readonly isSlow: boolean;
	/** passes of reclaim in a row that got nowhere */
	readonly noProgress: number;
	/** times it has begun again */
	readonly rounds: number;
	/** the pass of reclaim that is under way */
	readonly pass: Pass | null;
}

/** What an allocator is to make: an object of a slab, or blocks of pages. */
export interface Want {
	readonly mask: number;
	/** key of its slab, or "" */
	readonly slab: string;
	readonly slabName: string;
	readonly objectSize: number;
	readonly order: number;
	readonly blocks: number;
}

/** An allocation that runs its op again until it has what it wants, or has failed. */
export interface AllocationWait {
	/** what is tried, in this order: the next when one has failed */
	readonly wants: readonly Want[];
	readonly pages: PageWait | null;
	/** key of the pool that helps out, or "" */
	readonly pool: string;
	/** the step in which it began to wait for an element of the pool, or -1 */
	readonly waitsSince: number;
}

export interface MemoryCounts {
	readonly allocations: number;
	readonly failures: number;
	readonly injected: number;
	readonly fastPath: number;
	readonly slowPath: number;
	readonly kswapdWakes: number;
	readonly directReclaims: number;
	/** pages that reclaim has taken, and its callbacks */
	readonly reclaimed: number;
	readonly callbacks: number;
	/** pages that the program has given back */
	readonly freed: number;
	readonly oomKills: number;
	/** pages that were given out while a zone stood at or below its minimum */
	readonly fromReserve: number;
	/** allocations whose mask the machine changed, because of a lock, or because it asked for its context */
	readonly turnedAtomic: number;
	/** of those that could sleep: with a spinning lock held or in another atomic context, unseen */
	readonly contextMissed: number;
}

const NO_COUNTS: MemoryCounts = {
	allocations: 0,
	failures: 0,
	injected: 0,
	fastPath: 0,
	slowPath: 0,
	kswapdWakes: 0,
	directReclaims: 0,
	reclaimed: 0,
	callbacks: 0,
	freed: 0,
	oomKills: 0,
	fromReserve: 0,
	turnedAtomic: 0,
	contextMissed: 0,
};

export interface Kswapd {
	readonly isAwake: boolean;
	/** passes in a row that brought no page */
	readonly failures: number;
	/** what those who have woken it want: highest zone by index, largest order */
	readonly highest: number;
	readonly order: number;
	/** files of the functions on the stack of who woke it: reclaim comes back to the code of their folders */
	readonly paths: readonly string[];
	/** pages since it was woken */
	readonly reclaimed: number;
	/** the pass that is under way */
	readonly pass: Pass | null;
}

const KSWAPD_ASLEEP: Kswapd = {
	isAwake: false,
	failures: 0,
	highest: 0,
	order: 0,
	paths: [],
	reclaimed: 0,
	pass: null,
};

export interface MemoryState {
	readonly zones: readonly Zone[];
	/** free pages of swap space */
	readonly swap: number;
	readonly kswapd: Kswapd;
	readonly consumers: readonly Consumer[];
	/** pages that each of them has taken */
	readonly consumed: readonly number[];
	readonly slabs: PersistentMap<string, Slab>;
	readonly pools: PersistentMap<string, Pool>;
	/** by the key of what the pointer leads to */
	readonly objects: PersistentMap<string, HeapObject>;
	/** allocations that are on their way, by the frame that waits for them */
	readonly waits: PersistentMap<number, AllocationWait>;
	/** lowest number of free pages so far, by zone */
	readonly lowest: readonly number[];
	readonly counts: MemoryCounts;
	/** random state of injected failures */
	readonly seed: number;
	/** step at which consumers are to be looked at next */
	readonly nextTick: number;
}

/** The state at the start of a run. */
export function startMemory(config: MemoryConfig): MemoryState {
	const zones = setUpZones(config.zones);
	const { failures } = config;
	return {
		zones,
		swap: config.swap,
		kswapd: KSWAPD_ASLEEP,
		consumers: config.consumers,
		consumed: config.consumers.map(() => 0),
		slabs: PersistentMap.empty<string, Slab>(),
		pools: PersistentMap.empty<string, Pool>(),
		objects: PersistentMap.empty<string, HeapObject>(),
		waits: PersistentMap.empty<number, AllocationWait>(),
		lowest: zones.map(({ free }) => free),
		counts: NO_COUNTS,
		seed: failures.kind === "chance" ? failures.seed : 1,
		nextTick: config.consumers.length > 0 ? 0 : Number.POSITIVE_INFINITY,
	};
}

function setUpZones(setups: readonly ZoneSetup[]): readonly Zone[] {
	const sorted = [...setups].sort((a, b) => zoneIndex(a.name) - zoneIndex(b.name));
	const derived = watermarksOf(sorted);
	const reserves = lowmemReserves(sorted);
	return sorted.map((setup, i): Zone => {
		const min = setup.min ?? derived[i]!.min;
		const marks = setup.min === undefined ? derived[i]! : marksAbove(min, setup.managed);
		const highatomic = blocksOf(setup.highatomic ?? 0);
		const cma = blocksOf(setup.cma ?? 0);
		const apart = pagesIn(highatomic) + pagesIn(cma);
		const ordinary =
			setup.blocks === undefined
				? blocksOf(Math.max((setup.free ?? Math.floor(setup.managed / 4)) - apart, 0))
				: blocksFrom(setup.blocks);
		return {
			name: setup.name,
			index: zoneIndex(setup.name),
			managed: setup.managed,
			min,
			low: setup.low ?? marks.low,
			high: setup.high ?? marks.high,
			lowmemReserve: reserves[i]!,
			ordinary,
			cma,
			highatomic,
			free: pagesIn(ordinary) + apart,
			reservedHighatomic: setup.highatomic ?? 0,
			clean: setup.clean ?? 0,
			dirty: setup.dirty ?? 0,
			anon: setup.anon ?? 0,
		};
	});
}

/** The highest of the machine's zones that a mask's highest zone allows: a zone that it lacks is the next lower one. */
export function highestPresent(memory: MemoryState, highest: number): number {
	let found = -1;
	memory.zones.forEach((zone, i) => {
		if (zone.index <= highest) found = i;
	});
	// A machine without the lowest zones has Normal in their place.
	return Math.max(found, 0);
}

/** Zones that an allocation may use, by place in `zones`, the preferred one first. */
export function zonesBelow(memory: MemoryState, highest: number): number[] {
	const places: number[] = [];
	for (let place = highestPresent(memory, highest); place >= 0; place--) places.push(place);
	return places;
}

export function withZone(memory: MemoryState, place: number, zone: Zone): MemoryState {
	const zones = memory.zones.slice();
	zones[place] = zone;
	if (zone.free >= memory.lowest[place]!) return { ...memory, zones };
	const lowest = memory.lowest.slice();
	lowest[place] = zone.free;
	return { ...memory, zones, lowest };
}

export function counted(memory: MemoryState, what: keyof MemoryCounts, by = 1): MemoryState {
	return by === 0 ? memory : { ...memory, counts: { ...memory.counts, [what]: memory.counts[what] + by } };
}
