// How deep an allocation may eat into the memory that is kept free: the share of a zone's min watermark that must be
// left for it to succeed. The page allocator halves, then takes a quarter; the first row whose bits fit decides.
import type { ReserveRow } from "./schema.js";

type Columns = Pick<ReserveRow, "has" | "lacks" | "highatomic" | "where">;

const reserve = (keeps: ReserveRow["keeps"], says: string, columns: Columns = {}): ReserveRow => ({
	keeps,
	says,
	...columns,
	source: "mm/page_alloc.c:__zone_watermark_ok",
});

const ALL = "no watermark is checked: it may take the last free page";
/** Before the allocator asked whether a request may block, it asked for a flag of its own. */
const OLD: Columns = { where: "ALLOC_HARDER" };

export const reserves: readonly ReserveRow[] = [
	reserve([0, 1], ALL, { has: "__GFP_MEMALLOC", lacks: "__GFP_NOMEMALLOC" }),
	reserve([3, 8], "a request of high priority", {
		...OLD,
		...{ has: "__GFP_HIGH|__GFP_ATOMIC", lacks: "__GFP_NOMEMALLOC", highatomic: true },
	}),
	reserve([3, 4], "a request that may not wait", {
		...OLD,
		...{ has: "__GFP_ATOMIC", lacks: "__GFP_NOMEMALLOC", highatomic: true },
	}),
	reserve([1, 2], "a request of high priority", { ...OLD, has: "__GFP_HIGH" }),
	reserve([3, 8], "a request of high priority that may not wait", {
		has: "__GFP_HIGH",
		lacks: "__GFP_DIRECT_RECLAIM|__GFP_NOMEMALLOC",
		highatomic: true,
	}),
	reserve([1, 2], "a request of high priority", { has: "__GFP_HIGH" }),
	reserve([1, 1], "the whole reserve is left to others"),
];

/** What a scope that stands for reclaim itself (PF_MEMALLOC) makes of a mask that does not refuse it. */
export const reclaimersReserve: ReserveRow = reserve([0, 1], ALL, { lacks: "__GFP_NOMEMALLOC" });
