// Facts of the page allocator for the simulator: zones, allocation flags, who may go how far below the minimum
// watermark, limits, preallocated pools, and what reclaim hands to the code it calls back.
import { since } from "./row.js";
import type { Source, Versions } from "./schema.js";

// ---- zones ----

export type ZoneName = "DMA" | "DMA32" | "Normal" | "HighMem" | "Movable";

export interface ZoneKind {
	readonly zone: ZoneName;
	/** masks with all of these bits may use this zone and those before it */
	readonly flags: readonly ("dma" | "dma32" | "highmem" | "movable")[];
	/** sysctl_lowmem_reserve_ratio: pages of the zones above it, divided by this, are kept from who could use those; 0: none */
	readonly reserveRatio: number;
	readonly source: Source;
}

const RATIO = "mm/page_alloc.c:sysctl_lowmem_reserve_ratio";

/** Lowest first: an allocation that may use one may use those before it. */
export const zoneKinds: readonly ZoneKind[] = [
	{ zone: "DMA", flags: ["dma"], reserveRatio: 256, source: RATIO },
	{ zone: "DMA32", flags: ["dma32"], reserveRatio: 256, source: RATIO },
	{ zone: "Normal", flags: [], reserveRatio: 32, source: RATIO },
	{ zone: "HighMem", flags: ["highmem"], reserveRatio: 0, source: RATIO },
	{ zone: "Movable", flags: ["highmem", "movable"], reserveRatio: 0, source: RATIO },
];

// ---- what an allocation may do, apart from its mask ----

/** Bits of alloc_flags, mm/internal.h. The two lowest name the watermark. */
export const enum AllocFlag {
	WmarkMin = 0,
	WmarkLow = 1,
	WmarkHigh = 2,
	WmarkMask = 3,
	NoWatermarks = 0x04,
	Oom = 0x08,
	/** cannot block; by the rules "harder" this bit is ALLOC_HARDER */
	NonBlock = 0x10,
	/** the bit of __GFP_HIGH; formerly ALLOC_HIGH */
	MinReserve = 0x20,
	Cpuset = 0x40,
	Cma = 0x80,
	NoFragment = 0x100,
	HighAtomic = 0x200,
	Kswapd = 0x800,
}

export type WatermarkRuleId = "reserves" | "harder";

/** `min -= min / divisor`, in integers, where all bits of `flags` and none of `unless` are set. */
export interface ReserveCut {
	readonly flags: number;
	readonly unless?: number;
	readonly divisor: number;
	readonly source: Source;
}

export interface WatermarkRules {
	readonly id: WatermarkRuleId;
	/** in this order */
	readonly cuts: readonly ReserveCut[];
	/** for allocations with one of these the highatomic reserve counts as free */
	readonly countsHighatomic: number;
	/** what else does not count is the reserved pageblocks, or those pages of them that are free */
	readonly highatomicHeld: "reserved" | "free";
	/** for allocations with one of these a free block of the highatomic reserve will do */
	readonly usesHighatomic: number;
	/** with one of these a block is taken from there first, or when there is none elsewhere */
	readonly takesHighatomicFirst: number;
	readonly takesHighatomicLast: number;
	/** a high-order allocation with all of these has the reserve grow */
	readonly growsHighatomic: number;
	/** where it has `NonBlock` from */
	readonly nonBlock: "cannot-reclaim" | "atomic-bit";
	/** such an allocation of a high order may use the highatomic reserve where it has this too */
	readonly highOrder: number;
	/** a real-time task in task context gets this */
	readonly realtime: number;
	/** what an allocation that must not fail is helped with */
	readonly nofail: number;
	readonly source: Source;
	readonly versions?: Versions;
}

const OK = "mm/page_alloc.c:__zone_watermark_ok";
const half = (flags: number): ReserveCut => ({ flags, divisor: 2, source: OK });
const quarter = (flags: number, unless?: number): ReserveCut => ({
	flags,
	...(unless === undefined ? {} : { unless }),
	divisor: 4,
	source: OK,
});

const RESERVES = AllocFlag.NonBlock | AllocFlag.MinReserve | AllocFlag.HighAtomic | AllocFlag.Oom;

/**
 * Linux 6.1 as maintained (6.1.192) and 6.3 on. 6.1 and 6.2 as released follow "harder", which a run may ask for.
 * The first row that holds for the version is taken.
 */
export const watermarkRules: readonly WatermarkRules[] = [
	{
		id: "reserves",
		cuts: [half(AllocFlag.MinReserve), quarter(AllocFlag.MinReserve | AllocFlag.NonBlock), half(AllocFlag.Oom)],
		countsHighatomic: RESERVES,
		highatomicHeld: "free",
		usesHighatomic: AllocFlag.HighAtomic | AllocFlag.Oom,
		takesHighatomicFirst: AllocFlag.HighAtomic,
		takesHighatomicLast: AllocFlag.Oom | AllocFlag.NonBlock,
		growsHighatomic: AllocFlag.HighAtomic,
		nonBlock: "cannot-reclaim",
		highOrder: AllocFlag.MinReserve,
		realtime: AllocFlag.MinReserve,
		nofail: AllocFlag.MinReserve,
		source: "mm/page_alloc.c:__zone_watermark_unusable_free (6.12, nr_free_highatomic)",
		...since(6, 12),
	},
	{
		id: "reserves",
		cuts: [half(AllocFlag.MinReserve), quarter(AllocFlag.MinReserve | AllocFlag.NonBlock), half(AllocFlag.Oom)],
		countsHighatomic: RESERVES,
		highatomicHeld: "reserved",
		usesHighatomic: AllocFlag.HighAtomic | AllocFlag.Oom,
		takesHighatomicFirst: AllocFlag.HighAtomic,
		takesHighatomicLast: AllocFlag.Oom | AllocFlag.NonBlock,
		growsHighatomic: AllocFlag.HighAtomic,
		nonBlock: "cannot-reclaim",
		highOrder: AllocFlag.MinReserve,
		realtime: AllocFlag.MinReserve,
		nofail: AllocFlag.MinReserve,
		source: "mm/page_alloc.c:__zone_watermark_ok (6.1.192:4030)",
		...since(6, 1),
	},
	{
		id: "harder",
		cuts: [half(AllocFlag.MinReserve), half(AllocFlag.Oom), quarter(AllocFlag.NonBlock, AllocFlag.Oom)],
		countsHighatomic: AllocFlag.NonBlock | AllocFlag.Oom,
		highatomicHeld: "reserved",
		usesHighatomic: AllocFlag.NonBlock | AllocFlag.Oom,
		takesHighatomicFirst: AllocFlag.NonBlock,
		takesHighatomicLast: 0,
		growsHighatomic: AllocFlag.NonBlock,
		nonBlock: "atomic-bit",
		highOrder: 0,
		realtime: AllocFlag.NonBlock,
		nofail: AllocFlag.NonBlock,
		source: "mm/page_alloc.c:__zone_watermark_ok (6.1 as released)",
	},
];

/** Numbers of the allocator and of reclaim. */
export const allocatorLimits = {
	/** SWAP_CLUSTER_MAX: pages that one pass of reclaim looks for (include/linux/swap.h) */
	cluster: 32,
	/** MAX_RECLAIM_RETRIES without progress before the OOM killer (mm/internal.h) */
	reclaimRetries: 16,
	/** PAGE_ALLOC_COSTLY_ORDER: above it an allocation may fail rather than have others killed (include/linux/mmzone.h) */
	costlyOrder: 3,
	/** MAX_ORDER of 6.1 less one: the largest free block (include/linux/mmzone.h) */
	maxOrder: 10,
	/** pageblock_nr_pages of x86-64 (include/linux/pageblock-flags.h) */
	pageblock: 512,
	/** SHRINK_BATCH: objects that a shrinker is asked to scan at once (mm/vmscan.c) */
	shrinkBatch: 128,
	pageSize: 4096,
	/** KMALLOC_MAX_CACHE_SIZE: larger objects come from the page allocator (include/linux/slab.h) */
	largestSlabObject: 8192,
	/** watermark_scale_factor, in ten thousandths of a zone (mm/page_alloc.c) */
	scaleFactor: 10,
	/** bounds of min_free_kbytes (mm/page_alloc.c:calculate_min_free_kbytes) */
	minFreeKbytes: [128, 262144],
} as const;

/** What user space allocates its pages with (include/linux/gfp_types.h). */
export const userMask = "GFP_HIGHUSER_MOVABLE";

/** kmalloc-N, include/linux/slab.h:__kmalloc_index. */
export const slabSizes: readonly number[] = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192];

// ---- pools that keep elements for when there is no memory ----

/** Makes a pool: of how many elements, and what they are. */
export interface PoolRow {
	readonly name: string;
	/** argument that points to the pool; none: the result does */
	readonly pool?: number;
	/** argument with the number of elements that are kept */
	readonly min: number;
	readonly source: Source;
}

const MEMPOOL = "include/linux/mempool.h";
const made = (name: string): PoolRow => ({ name, min: 0, source: MEMPOOL });
const initialised = (name: string): PoolRow => ({ name, pool: 0, min: 1, source: MEMPOOL });

export const pools: ReadonlyMap<string, PoolRow> = new Map(
	[
		made("mempool_create"),
		made("mempool_create_node"),
		made("mempool_create_slab_pool"),
		made("mempool_create_kmalloc_pool"),
		made("mempool_create_page_pool"),
		initialised("mempool_init"),
		initialised("mempool_init_node"),
		initialised("mempool_init_slab_pool"),
		initialised("mempool_init_kmalloc_pool"),
		initialised("mempool_init_page_pool"),
		{ name: "bioset_init", pool: 0, min: 1, source: "include/linux/bio.h" },
	].map((row) => [row.name, row]),
);

/** BIO_POOL_SIZE (include/linux/bio.h): elements of a pool that was made before the run. */
export const usualPoolSize = 2;

// ---- reclaim ----

/** What lockdep calls reclaim (mm/page_alloc.c:__fs_reclaim_map). */
export const reclaimLockName = "fs_reclaim";

/** What a callback of reclaim is told, and how it says that it cannot go on. */
export interface ReclaimArgs {
	readonly struct: string;
	/** asked first how much there is; nothing is done when it says none */
	readonly count: string;
	readonly field: string;
	/** argument that points to the request, and its fields */
	readonly control: number;
	readonly mask: string;
	readonly number: string;
	/** results that say: nothing to do, or not now */
	readonly stops: readonly number[];
	readonly source: Source;
}

/** Shrinkers. SHRINK_STOP and SHRINK_EMPTY are -1 and -2 as signed numbers. */
export const reclaimArgs: readonly ReclaimArgs[] = [
	{
		struct: "shrinker",
		count: "count_objects",
		field: "scan_objects",
		control: 1,
		mask: "gfp_mask",
		number: "nr_to_scan",
		stops: [-1, -2],
		source: "mm/vmscan.c:do_shrink_slab",
	},
];

/** Run contexts (by id) that reclaim waits for but does not call, or keeps away from. */
export const reclaimAvoids: ReadonlyMap<string, Source> = new Map([
	["inode-writeback", "fs/inode.c:inode_lru_isolate"],
	["rpc-task", "net/sunrpc/sched.c:rpc_async_schedule"],
	["scsi-eh", "drivers/scsi/scsi_error.c:scsi_error_handler"],
]);
