// Masks that contradict themselves, and flags that an allocator ignores, warns of or cannot keep.
import { since, until } from "./row.js";
import type { AllocFamily, MaskFaultRow } from "./schema.js";

type Test = Pick<MaskFaultRow, "written" | "has" | "lacks" | "drop" | "versions">;

const fault = (source: string, says: string, test: Test, family?: AllocFamily): MaskFaultRow => ({
	...(family === undefined ? {} : { family }),
	...test,
	says,
	source,
});

const GFP_H = "include/linux/gfp_types.h";
const SLOW_PATH = "mm/page_alloc.c:__alloc_pages_slowpath";

/** A name that says what reclaim must not do, beside bits that let it. */
const denied = (written: string, has: string, says: string): MaskFaultRow =>
	fault(GFP_H, says, { written, has, drop: written });

const contradictions: readonly MaskFaultRow[] = [
	denied("GFP_ATOMIC", "__GFP_DIRECT_RECLAIM", "GFP_ATOMIC says that it must not sleep, but the mask lets it sleep"),
	denied("GFP_NOWAIT", "__GFP_DIRECT_RECLAIM", "GFP_NOWAIT says that it must not sleep, but the mask lets it sleep"),
	denied("GFP_NOIO", "__GFP_IO", "GFP_NOIO says that reclaim must not start I/O, but the mask lets it"),
	denied("GFP_NOFS", "__GFP_FS", "GFP_NOFS says that reclaim must not enter filesystems, but the mask lets it"),
	fault(GFP_H, "of __GFP_NOFAIL and __GFP_NORETRY one says never to fail, the other to fail at once", {
		has: "__GFP_NOFAIL|__GFP_NORETRY",
		drop: "__GFP_NORETRY",
	}),
	fault(GFP_H, "of __GFP_NOFAIL and __GFP_RETRY_MAYFAIL one says never to fail, the other that it may", {
		has: "__GFP_NOFAIL|__GFP_RETRY_MAYFAIL",
		drop: "__GFP_RETRY_MAYFAIL",
	}),
	fault(GFP_H, "of __GFP_NORETRY and __GFP_RETRY_MAYFAIL one says not to retry, the other to retry", {
		has: "__GFP_NORETRY|__GFP_RETRY_MAYFAIL",
		drop: "__GFP_RETRY_MAYFAIL",
	}),
	fault(GFP_H, "__GFP_NOMEMALLOC takes precedence over __GFP_MEMALLOC, which says nothing here", {
		has: "__GFP_MEMALLOC|__GFP_NOMEMALLOC",
		drop: "__GFP_MEMALLOC",
	}),
];

const ignored = (flag: string): MaskFaultRow =>
	fault(GFP_H, `${flag} is for requests that may sleep, and ignored where they may not`, {
		has: flag,
		lacks: "__GFP_DIRECT_RECLAIM",
		drop: flag,
	});

const reclaim: readonly MaskFaultRow[] = [
	fault(SLOW_PATH, "__GFP_NOFAIL needs direct reclaim: without it the kernel warns, and the allocation may fail", {
		has: "__GFP_NOFAIL",
		lacks: "__GFP_DIRECT_RECLAIM",
		drop: "__GFP_NOFAIL",
	}),
	ignored("__GFP_NORETRY"),
	ignored("__GFP_RETRY_MAYFAIL"),
];

/** Of the three zone flags one may be given. */
const zones = (first: string, second: string): MaskFaultRow =>
	fault("include/linux/gfp.h:GFP_ZONE_BAD", `${first} and ${second} name two zones, of which one can be meant`, {
		has: `${first}|${second}`,
	});

const twoZones: readonly MaskFaultRow[] = [
	zones("__GFP_DMA", "__GFP_DMA32"),
	zones("__GFP_DMA", "__GFP_HIGHMEM"),
	zones("__GFP_DMA32", "__GFP_HIGHMEM"),
];

/** One row for each of some flags that a family of allocators does not take. */
function refused(
	family: AllocFamily,
	source: string,
	flags: readonly string[],
	says: (flag: string) => string,
	versions: Pick<MaskFaultRow, "versions"> = {},
): readonly MaskFaultRow[] {
	return flags.map((flag) => fault(source, says(flag), { has: flag, drop: flag, ...versions }, family));
}

const SLAB = "mm/slab_common.c:kmalloc_fix_flags";
const DMA = "kernel/dma/mapping.c:dma_alloc_attrs";
const EXACT = "mm/page_alloc.c:alloc_pages_exact";
const VMALLOC = "mm/vmalloc.c:__vmalloc_node_range";
const KVMALLOC = "mm/util.c:kvmalloc_node";

const byAllocator: readonly MaskFaultRow[] = [
	...refused(
		"slab",
		SLAB,
		["__GFP_HIGHMEM", "__GFP_DMA32"],
		(f) => `slab allocators do not take ${f}: they warn and drop it`,
	),
	...refused(
		"page-address",
		"mm/page_alloc.c:__get_free_pages",
		["__GFP_HIGHMEM"],
		(f) => `${f} is dropped: the result is an address, and high memory has none`,
	),
	...refused(
		"page-exact",
		EXACT,
		["__GFP_HIGHMEM", "__GFP_COMP"],
		(f) => `alloc_pages_exact() does not take ${f}: it warns and drops it`,
	),
	...refused(
		"dma",
		DMA,
		["__GFP_DMA", "__GFP_DMA32", "__GFP_HIGHMEM"],
		(f) => `${f} is dropped: the DMA API takes the zone from the device's mask`,
	),
	...refused("dma", DMA, ["__GFP_COMP"], (f) => `the DMA API does not take ${f}: it warns and fails`, since(6, 2)),
	...refused(
		"mempool",
		"mm/mempool.c:mempool_alloc",
		["__GFP_ZERO"],
		(f) => `mempool_alloc() does not take ${f}: an element from the pool is not zeroed`,
	),
	...refused(
		"vmalloc",
		VMALLOC,
		["__GFP_NORETRY", "__GFP_RETRY_MAYFAIL"],
		(f) => `vmalloc does not support ${f}: its page tables are allocated with GFP_KERNEL`,
	),
	fault(
		VMALLOC,
		"vmalloc needs direct reclaim: it may sleep whatever the mask says",
		{ lacks: "__GFP_DIRECT_RECLAIM" },
		"vmalloc",
	),
	fault(
		VMALLOC,
		"vmalloc allocates its page tables with GFP_KERNEL whatever the mask says: use a memalloc_nofs_save() or memalloc_noio_save() scope",
		{ has: "__GFP_DIRECT_RECLAIM", lacks: "__GFP_FS", ...until(5, 16) },
		"vmalloc",
	),
	...refused(
		"kvmalloc",
		KVMALLOC,
		["__GFP_NORETRY"],
		(f) => `kvmalloc does not support ${f}: vmalloc, to which it falls back, cannot keep it`,
	),
	fault(
		KVMALLOC,
		"kvmalloc needs direct reclaim: without it there is no fallback to vmalloc",
		{ lacks: "__GFP_DIRECT_RECLAIM" },
		"kvmalloc",
	),
	fault(
		KVMALLOC,
		"kvmalloc needs GFP_KERNEL to fall back to vmalloc",
		{ has: "__GFP_DIRECT_RECLAIM", lacks: "__GFP_FS", ...until(5, 16) },
		"kvmalloc",
	),
];

export const maskFaults: readonly MaskFaultRow[] = [...contradictions, ...reclaim, ...twoZones, ...byAllocator];
