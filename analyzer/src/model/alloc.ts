// Allocators with the index of their gfp argument. Wrappers with an ordinary body (devm_kzalloc, kasprintf,
// skb_clone) have no rows: what they allocate with is inferred from what they pass on.
import { since } from "./row.js";
import type { AllocRow } from "./schema.js";

type Columns = Partial<Pick<AllocRow, "implicit" | "alwaysSleeps" | "size" | "freedBy" | "versions">>;

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
const kmem = allocator("null", { freedBy: "kfree" });
const sized = (name: string, gfp: number, size: number): AllocRow => kmem(name, gfp, SLAB, { size });
const cache = allocator("null", { freedBy: "kmem_cache_free" });

const slab: readonly AllocRow[] = [
	sized("kmalloc", 1, 0),
	sized("kzalloc", 1, 0),
	sized("__kmalloc", 1, 0),
	sized("kmalloc_node", 1, 0),
	sized("kzalloc_node", 1, 0),
	sized("__kmalloc_node", 1, 0),
	sized("kmalloc_trace", 1, 2),
	sized("kmalloc_large", 1, 0),
	sized("kmalloc_array", 2, 1),
	sized("kcalloc", 2, 1),
	sized("kmalloc_array_node", 2, 1),
	sized("kcalloc_node", 2, 1),
	sized("krealloc", 2, 1),
	sized("krealloc_array", 3, 2),
	sized("kmalloc_node_track_caller", 1, 0),
	sized("__kmalloc_node_track_caller", 1, 0),
	sized("kmalloc_track_caller", 1, 0),
	kmem("kmemdup", 2, "include/linux/string.h", { size: 1 }),
	kmem("kmemdup_nul", 2, "include/linux/string.h", { size: 1 }),
	kmem("kstrdup", 1, "include/linux/string.h"),
	kmem("kstrndup", 2, "include/linux/string.h"),
	cache("kmem_cache_alloc", 1, SLAB),
	cache("kmem_cache_zalloc", 1, SLAB),
	cache("kmem_cache_alloc_node", 1, SLAB),
	cache("kmem_cache_alloc_lru", 2, SLAB),
	cache("kmem_cache_alloc_bulk", 1, SLAB),
];

const VMALLOC = "include/linux/vmalloc.h";
const virtual = allocator("null", { freedBy: "vfree", implicit: "GFP_KERNEL", alwaysSleeps: true, size: 0 });
const either = allocator("null", { freedBy: "kvfree" });
const virtuals: readonly AllocRow[] = [
	virtual("vmalloc", -1, VMALLOC),
	virtual("vzalloc", -1, VMALLOC),
	virtual("vmalloc_user", -1, VMALLOC),
	virtual("vmalloc_node", -1, VMALLOC),
	virtual("vzalloc_node", -1, VMALLOC),
	virtual("vmalloc_32", -1, VMALLOC),
	virtual("vmalloc_32_user", -1, VMALLOC),
	virtual("__vmalloc", 1, VMALLOC),
	either("kvmalloc", 1, SLAB, { size: 0 }),
	either("kvzalloc", 1, SLAB, { size: 0 }),
	either("kvmalloc_node", 1, SLAB, { size: 0 }),
	either("kvzalloc_node", 1, SLAB, { size: 0 }),
	either("kvmalloc_array", 2, SLAB, { size: 1 }),
	either("kvcalloc", 2, SLAB, { size: 1 }),
];

const GFP_H = "include/linux/gfp.h";
const page = allocator("null", { freedBy: "__free_pages" });
const pageAddress = allocator("null", { freedBy: "free_pages" });
const pages: readonly AllocRow[] = [
	page("alloc_pages", 0, GFP_H),
	page("alloc_page", 0, GFP_H),
	page("__alloc_pages", 0, GFP_H),
	page("__alloc_pages_node", 1, GFP_H),
	page("alloc_pages_node", 1, GFP_H),
	page("folio_alloc", 0, GFP_H, { freedBy: "folio_put" }),
	pageAddress("__get_free_pages", 0, GFP_H),
	pageAddress("__get_free_page", 0, GFP_H),
	pageAddress("get_zeroed_page", 0, GFP_H),
	pageAddress("alloc_pages_exact", 1, GFP_H, { freedBy: "free_pages_exact", size: 0 }),
];

const DMA = "include/linux/dma-mapping.h";
const other = allocator("null");
const others: readonly AllocRow[] = [
	other("dma_alloc_coherent", 3, DMA, { freedBy: "dma_free_coherent", size: 1 }),
	other("dma_alloc_attrs", 3, DMA, { freedBy: "dma_free_attrs", size: 1 }),
	other("dma_pool_alloc", 1, "include/linux/dmapool.h", { freedBy: "dma_pool_free" }),
	other("dma_pool_zalloc", 1, "include/linux/dmapool.h", { freedBy: "dma_pool_free" }),
	other("mempool_alloc", 1, "include/linux/mempool.h", { freedBy: "mempool_free" }),
	other("alloc_percpu", -1, "include/linux/percpu.h", { implicit: "GFP_KERNEL", freedBy: "free_percpu" }),
	other("alloc_percpu_gfp", 1, "include/linux/percpu.h", { freedBy: "free_percpu" }),
	other("__alloc_percpu", -1, "include/linux/percpu.h", { implicit: "GFP_KERNEL", freedBy: "free_percpu" }),
	other("__alloc_percpu_gfp", 2, "include/linux/percpu.h", { freedBy: "free_percpu" }),
	other("alloc_skb", 1, "include/linux/skbuff.h", { freedBy: "kfree_skb", size: 0 }),
	other("__alloc_skb", 1, "include/linux/skbuff.h", { freedBy: "kfree_skb", size: 0 }),
	other("usb_alloc_urb", 1, "include/linux/usb.h", { freedBy: "usb_free_urb" }),
	other("bio_alloc", 3, "include/linux/bio.h", { freedBy: "bio_put", ...since(5, 18) }),
];

const errno = allocator("errno");
const xa = allocator("err");
const indices: readonly AllocRow[] = [
	errno("idr_alloc", 4, "include/linux/idr.h"),
	errno("idr_alloc_u32", 4, "include/linux/idr.h"),
	errno("idr_alloc_cyclic", 4, "include/linux/idr.h"),
	errno("ida_alloc", 1, "include/linux/idr.h"),
	errno("ida_alloc_min", 2, "include/linux/idr.h"),
	errno("ida_alloc_max", 2, "include/linux/idr.h"),
	errno("ida_alloc_range", 3, "include/linux/idr.h"),
	errno("ida_simple_get", 3, "include/linux/idr.h"),
	errno("radix_tree_preload", 0, "include/linux/radix-tree.h"),
	xa("xa_store", 3, "include/linux/xarray.h"),
	errno("xa_insert", 3, "include/linux/xarray.h"),
	errno("xa_alloc", 4, "include/linux/xarray.h"),
];

export const allocators: readonly AllocRow[] = [...slab, ...virtuals, ...pages, ...others, ...indices];
