// Allocators with the index of their gfp argument. Wrappers with an ordinary body (devm_kzalloc, kasprintf,
// skb_clone) have no rows: what they allocate with is inferred from what they pass on.
import { since, until } from "./row.js";
import type { AllocRow } from "./schema.js";

type Columns = Partial<
	Pick<
		AllocRow,
		"implicit" | "alwaysSleeps" | "size" | "order" | "pool" | "freedBy" | "versions" | "family" | "zero" | "cleared"
	>
>;

/** Makes the row constructor for allocators that fail in the same way and are freed by the same function. */
function allocator(fails: AllocRow["fails"], defaults: Columns = {}) {
	return (name: string, gfp: number, source: string, columns: Columns = {}): AllocRow => ({
		name,
		gfp,
		...defaults,
		...columns,
		fails,
		source,
	});
}
const SLAB = "include/linux/slab.h";
const CLEARED = { cleared: true } as const;
const kmem = allocator("null", { freedBy: "kfree", family: "slab" });
const sized = (name: string, gfp: number, size: number, bounds: Columns = {}): AllocRow =>
	kmem(name, gfp, SLAB, { size, ...bounds });
const cache = allocator("null", { freedBy: "kmem_cache_free", family: "slab" });

const slab: readonly AllocRow[] = [
	sized("kmalloc", 1, 0),
	sized("kzalloc", 1, 0, CLEARED),
	sized("__kmalloc", 1, 0, until(6, 9)),
	sized("kmalloc_node", 1, 0),
	sized("kzalloc_node", 1, 0, CLEARED),
	sized("__kmalloc_node", 1, 0, until(6, 9)),
	sized("kmalloc_trace", 1, 2, until(6, 9)),
	sized("kmalloc_large", 1, 0),
	sized("kmalloc_array", 2, 1),
	sized("kcalloc", 2, 1, CLEARED),
	sized("kmalloc_array_node", 2, 1),
	sized("kcalloc_node", 2, 1, CLEARED),
	sized("krealloc", 2, 1),
	sized("krealloc_array", 3, 2),
	sized("kmalloc_node_track_caller", 1, 0),
	sized("__kmalloc_node_track_caller", 1, 0, until(6, 9)),
	sized("kmalloc_track_caller", 1, 0),
	kmem("kmemdup", 2, "include/linux/string.h", { size: 1 }),
	kmem("kmemdup_nul", 2, "include/linux/string.h", { size: 1 }),
	kmem("kstrdup", 1, "include/linux/string.h"),
	kmem("kstrndup", 2, "include/linux/string.h"),
	cache("kmem_cache_alloc", 1, SLAB),
	cache("kmem_cache_zalloc", 1, SLAB, CLEARED),
	cache("kmem_cache_alloc_node", 1, SLAB),
	cache("kmem_cache_alloc_lru", 2, SLAB),
	cache("kmem_cache_alloc_bulk", 1, SLAB),
	kmem("kstrdup_const", 1, "include/linux/string.h"),
	kmem("kasprintf", 0, "lib/kasprintf.c:kasprintf"),
	kmem("kvasprintf", 0, "lib/kasprintf.c:kvasprintf"),
	kmem("kvasprintf_const", 0, "lib/kasprintf.c:kvasprintf_const"),
];

/** The mask may be left out: it is the argument after the object and, for arrays, their numbers. */
const object = (name: string, gfp: number, freedBy: string): AllocRow =>
	kmem(name, gfp, SLAB, { implicit: "GFP_KERNEL", freedBy, ...since(6, 12) });
const objects: readonly AllocRow[] = [
	object("kmalloc_obj", 1, "kfree"),
	object("kmalloc_objs", 2, "kfree"),
	object("kmalloc_flex", 3, "kfree"),
	object("kzalloc_obj", 1, "kfree"),
	object("kzalloc_objs", 2, "kfree"),
	object("kzalloc_flex", 3, "kfree"),
	object("kvmalloc_obj", 1, "kvfree"),
	object("kvmalloc_objs", 2, "kvfree"),
	object("kvmalloc_flex", 3, "kvfree"),
	object("kvzalloc_obj", 1, "kvfree"),
	object("kvzalloc_objs", 2, "kvfree"),
	object("kvzalloc_flex", 3, "kvfree"),
];

const VMALLOC = "include/linux/vmalloc.h";
const virtual = allocator("null", {
	freedBy: "vfree",
	implicit: "GFP_KERNEL",
	alwaysSleeps: true,
	size: 0,
	family: "vmalloc",
});
const either = allocator("null", { freedBy: "kvfree", family: "kvmalloc" });
const virtuals: readonly AllocRow[] = [
	virtual("vmalloc", -1, VMALLOC),
	virtual("vzalloc", -1, VMALLOC, CLEARED),
	virtual("vmalloc_user", -1, VMALLOC),
	virtual("vmalloc_node", -1, VMALLOC),
	virtual("vzalloc_node", -1, VMALLOC, CLEARED),
	virtual("vmalloc_32", -1, VMALLOC),
	virtual("vmalloc_32_user", -1, VMALLOC),
	virtual("__vmalloc", 1, VMALLOC),
	either("kvmalloc", 1, SLAB, { size: 0 }),
	either("kvzalloc", 1, SLAB, { size: 0, ...CLEARED }),
	either("kvmalloc_node", 1, SLAB, { size: 0 }),
	either("kvzalloc_node", 1, SLAB, { size: 0, ...CLEARED }),
	either("kvmalloc_array", 2, SLAB, { size: 1 }),
	either("kvcalloc", 2, SLAB, { size: 1 }),
];

const GFP_H = "include/linux/gfp.h";
const page = allocator("null", { freedBy: "__free_pages" });
const pageAddress = allocator("null", { freedBy: "free_pages", family: "page-address" });
const pages: readonly AllocRow[] = [
	page("alloc_pages", 0, GFP_H, { order: 1 }),
	page("alloc_page", 0, GFP_H),
	page("__alloc_pages", 0, GFP_H, { order: 1 }),
	page("__alloc_pages_node", 1, GFP_H, { order: 2 }),
	page("alloc_pages_node", 1, GFP_H, { order: 2 }),
	page("alloc_pages_bulk_array", 0, GFP_H),
	page("folio_alloc", 0, GFP_H, { freedBy: "folio_put", order: 1 }),
	pageAddress("__get_free_pages", 0, GFP_H, { order: 1 }),
	pageAddress("__get_free_page", 0, GFP_H),
	pageAddress("get_zeroed_page", 0, GFP_H),
	pageAddress("alloc_pages_exact", 1, GFP_H, { freedBy: "free_pages_exact", size: 0, family: "page-exact" }),
];

const DMA = "include/linux/dma-mapping.h";
const other = allocator("null");
const others: readonly AllocRow[] = [
	other("dma_alloc_coherent", 3, DMA, { freedBy: "dma_free_coherent", size: 1, family: "dma" }),
	other("dma_alloc_attrs", 3, DMA, { freedBy: "dma_free_attrs", size: 1, family: "dma" }),
	other("dma_pool_alloc", 1, "include/linux/dmapool.h", { freedBy: "dma_pool_free" }),
	other("dma_pool_zalloc", 1, "include/linux/dmapool.h", { freedBy: "dma_pool_free" }),
	other("mempool_alloc", 1, "include/linux/mempool.h", { freedBy: "mempool_free", family: "mempool", pool: 0 }),
	other("alloc_percpu", -1, "include/linux/percpu.h", { implicit: "GFP_KERNEL", freedBy: "free_percpu" }),
	other("alloc_percpu_gfp", 1, "include/linux/percpu.h", { freedBy: "free_percpu" }),
	other("__alloc_percpu", -1, "include/linux/percpu.h", { implicit: "GFP_KERNEL", freedBy: "free_percpu" }),
	other("__alloc_percpu_gfp", 2, "include/linux/percpu.h", { freedBy: "free_percpu" }),
	other("alloc_skb", 1, "include/linux/skbuff.h", { freedBy: "kfree_skb", size: 0 }),
	other("__alloc_skb", 1, "include/linux/skbuff.h", { freedBy: "kfree_skb", size: 0 }),
	other("skb_clone", 1, "include/linux/skbuff.h", { freedBy: "kfree_skb" }),
	other("skb_copy", 1, "include/linux/skbuff.h", { freedBy: "kfree_skb" }),
	other("skb_copy_expand", 3, "include/linux/skbuff.h", { freedBy: "kfree_skb" }),
	other("__netdev_alloc_skb", 2, "include/linux/skbuff.h", { freedBy: "kfree_skb", size: 1 }),
	other("nlmsg_new", 1, "include/net/netlink.h", { freedBy: "kfree_skb", size: 0 }),
	other("genlmsg_new", 1, "include/net/genetlink.h", { freedBy: "kfree_skb", size: 0 }),
	other("usb_alloc_coherent", 2, "include/linux/usb.h", { freedBy: "usb_free_coherent", size: 1 }),
	other("usb_ep_alloc_request", 1, "include/linux/usb/gadget.h", { freedBy: "usb_ep_free_request" }),
	other("aead_request_alloc", 1, "include/crypto/aead.h", { freedBy: "aead_request_free" }),
	other("skcipher_request_alloc", 1, "include/crypto/skcipher.h", { freedBy: "skcipher_request_free" }),
	other("ahash_request_alloc", 1, "include/crypto/hash.h", { freedBy: "ahash_request_free" }),
	other("usb_alloc_urb", 1, "include/linux/usb.h", { freedBy: "usb_free_urb" }),
	other("bio_alloc", 3, "include/linux/bio.h", { freedBy: "bio_put", pool: "fs_bio_set", ...since(5, 18) }),
	other("bio_alloc_bioset", 3, "include/linux/bio.h", { freedBy: "bio_put", pool: 4, ...since(5, 18) }),
	other("bio_alloc_clone", 2, "include/linux/bio.h", { freedBy: "bio_put", pool: 3, ...since(5, 18) }),
	other("bio_kmalloc", 1, "include/linux/bio.h", { freedBy: "kfree" }),
];

const errno = allocator("errno");
const xaErrno = allocator("errno", { zero: "no-allocation" });
const xa = allocator("err", { zero: "no-allocation" });
const indices: readonly AllocRow[] = [
	errno("idr_alloc", 4, "include/linux/idr.h"),
	errno("idr_alloc_u32", 4, "include/linux/idr.h"),
	errno("idr_alloc_cyclic", 4, "include/linux/idr.h"),
	errno("ida_alloc", 1, "include/linux/idr.h"),
	errno("ida_alloc_min", 2, "include/linux/idr.h"),
	errno("ida_alloc_max", 2, "include/linux/idr.h"),
	errno("ida_alloc_range", 3, "include/linux/idr.h"),
	errno("ida_simple_get", 3, "include/linux/idr.h"),
	errno("idr_preload", 0, "include/linux/idr.h"),
	errno("radix_tree_preload", 0, "include/linux/radix-tree.h"),
	errno("radix_tree_maybe_preload", 0, "include/linux/radix-tree.h"),
	xa("xa_store", 3, "include/linux/xarray.h"),
	xa("xa_store_bh", 3, "include/linux/xarray.h"),
	xa("xa_store_irq", 3, "include/linux/xarray.h"),
	xa("xa_store_range", 4, "include/linux/xarray.h"),
	xa("xa_cmpxchg", 4, "include/linux/xarray.h"),
	xa("xa_cmpxchg_bh", 4, "include/linux/xarray.h"),
	xa("xa_cmpxchg_irq", 4, "include/linux/xarray.h"),
	xaErrno("xa_insert", 3, "include/linux/xarray.h"),
	xaErrno("xa_insert_bh", 3, "include/linux/xarray.h"),
	xaErrno("xa_insert_irq", 3, "include/linux/xarray.h"),
	xaErrno("xa_reserve", 2, "include/linux/xarray.h"),
	xaErrno("xa_alloc", 4, "include/linux/xarray.h"),
	xaErrno("xa_alloc_bh", 4, "include/linux/xarray.h"),
	xaErrno("xa_alloc_irq", 4, "include/linux/xarray.h"),
	xaErrno("xa_alloc_cyclic", 5, "include/linux/xarray.h"),
	xaErrno("xa_alloc_cyclic_bh", 5, "include/linux/xarray.h"),
	xaErrno("xa_alloc_cyclic_irq", 5, "include/linux/xarray.h"),
];

/** Functions that are no allocators but take a mask for what they allocate on the way. */
const passes: readonly AllocRow[] = [
	errno("usb_submit_urb", 1, "drivers/usb/core/urb.c"),
	errno("usb_ep_queue", 2, "drivers/usb/gadget/udc/core.c"),
	errno("pskb_expand_head", 3, "net/core/skbuff.c"),
	errno("netlink_broadcast", 4, "net/netlink/af_netlink.c"),
	errno("netlink_broadcast_filtered", 4, "net/netlink/af_netlink.c", since(6, 6)),
	errno("sg_alloc_table", 2, "lib/scatterlist.c"),
	errno("blkdev_issue_discard", 3, "block/blk-lib.c"),
	errno("blkdev_issue_zeroout", 3, "block/blk-lib.c"),
];

/** From 6.10 on each of these is a macro that accounts the allocation, over a function `<name>_noprof`. */
const ACCOUNTED: ReadonlySet<string> = new Set([
	...["kmalloc", "kzalloc", "kmalloc_node", "kmalloc_array", "kmalloc_array_node", "krealloc", "krealloc_array"],
	...["kmalloc_node_track_caller", "kmalloc_track_caller", "kmemdup", "kvmalloc", "kvmalloc_node", "kvmalloc_array"],
	...["kvcalloc", "kmem_cache_alloc", "kmem_cache_alloc_node", "kmem_cache_alloc_lru", "kmem_cache_alloc_bulk"],
	...["vmalloc", "vzalloc", "vmalloc_user", "vmalloc_node", "vzalloc_node", "vmalloc_32", "vmalloc_32_user"],
	...["__vmalloc", "alloc_pages", "__alloc_pages", "alloc_pages_node", "__alloc_pages_node", "folio_alloc"],
	...["get_zeroed_page", "alloc_pages_exact", "mempool_alloc", "alloc_percpu"],
]);
const accounted = (rows: readonly AllocRow[]): AllocRow[] =>
	rows.filter((row) => ACCOUNTED.has(row.name)).map((row) => ({ ...row, name: `${row.name}_noprof`, ...since(6, 10) }));
const accountedOnly: readonly AllocRow[] = [
	sized("__kmalloc_noprof", 1, 0, since(6, 10)),
	sized("__kmalloc_node_noprof", 1, 0, since(6, 10)),
	sized("__kmalloc_cache_noprof", 1, 2, since(6, 10)),
	sized("__kmalloc_large_noprof", 1, 0, since(6, 10)),
	pageAddress("get_free_pages_noprof", 0, GFP_H, { order: 1, ...since(6, 10) }),
	virtual("__vmalloc_node_noprof", 2, VMALLOC, since(6, 10)),
	virtual("__vmalloc_node", 2, VMALLOC),
];

const tables: readonly AllocRow[] = [
	...slab,
	...objects,
	...virtuals,
	...pages,
	...others,
	...indices,
	...passes,
	...accountedOnly,
];

export const allocators: readonly AllocRow[] = [...tables, ...accounted(tables)];

/** Functions that free a pointer that is their only argument, and those that take where it came from first; in any context. */
const FREE_POINTER: ReadonlySet<string> = new Set(["kfree", "folio_put"]);
const FREE_TO: ReadonlySet<string> = new Set(["kmem_cache_free"]);
/** Those of them that may be given NULL. */
const FREE_NULL: ReadonlySet<string> = new Set(["kfree"]);

/**
 * The lines that give back what an allocation gave, or nothing where it gave nothing, also under a spinning lock; null
 * when it takes more to know.
 */
export function freeLines({ freedBy }: AllocRow, pointer: string, firstArgument: string): string[] | null {
	if (freedBy === undefined || !(FREE_POINTER.has(freedBy) || FREE_TO.has(freedBy))) return null;
	const call = FREE_TO.has(freedBy) ? `${freedBy}(${firstArgument}, ${pointer});` : `${freedBy}(${pointer});`;
	return FREE_NULL.has(freedBy) ? [call] : [`if (${pointer})`, `\t${call}`];
}
