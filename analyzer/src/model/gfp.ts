// GFP masks: evaluates a flag name or an expression of flag names to its bits, from the tree's own header
// through the caller's `resolve`, with a table per version to fall back on. Only numbers below 2^31 occur.
import { since, until } from "./row.js";
import type { GfpRow, ReclaimLevel, SectionKind } from "./schema.js";

/** What the caller knows of a name: an expression in C, a number, or nothing. */
export type Resolve = (name: string) => string | number | undefined;

export interface GfpMask {
	readonly bits: number;
	/** the names the expression was written with, outermost only */
	readonly names: readonly string[];
}

const GFP_H = "include/linux/gfp_types.h";
/** What flags ask of an allocation. */
const SAYS: Readonly<Record<string, string>> = {
	__GFP_DMA: "asks for memory of the DMA zone",
	__GFP_HIGHMEM: "lets the memory be high memory, which has no address of the kernel's",
	__GFP_DMA32: "asks for memory below 4 GiB",
	__GFP_MOVABLE: "says that the pages can be moved",
	__GFP_RECLAIMABLE: "says that a shrinker can free the memory",
	__GFP_HIGH: "has high priority: it may use half of the reserve, more where it does not wait",
	__GFP_IO: "lets reclaim start I/O",
	__GFP_FS: "lets reclaim enter the filesystem",
	__GFP_ZERO: "zeroes the memory",
	__GFP_ATOMIC: "says that it cannot wait and has high priority",
	__GFP_DIRECT_RECLAIM: "lets the caller reclaim memory itself: the call may sleep",
	__GFP_KSWAPD_RECLAIM: "wakes kswapd, which reclaims memory in the background",
	__GFP_WRITE: "says that the page is going to be written to",
	__GFP_NOWARN: "does not warn when the allocation fails",
	__GFP_RETRY_MAYFAIL: "tries hard, but does not kill a task for the memory: it may fail",
	__GFP_NOFAIL: "never fails, however long it takes",
	__GFP_NORETRY: "gives up after one light attempt at reclaim",
	__GFP_MEMALLOC: "uses all of the reserve: for code that is about to free more memory",
	__GFP_COMP: "makes a compound page",
	__GFP_NOMEMALLOC: "keeps off the reserve, whatever else would allow it",
	__GFP_HARDWALL: "keeps to the memory nodes of the task's cpuset",
	__GFP_THISNODE: "takes memory of the given node only",
	__GFP_ACCOUNT: "charges the memory to the task's memory cgroup",
	__GFP_ZEROTAGS: "zeroes the memory tags together with the memory",
	__GFP_SKIP_ZERO: "leaves out the zeroing on allocation",
	__GFP_SKIP_KASAN_UNPOISON: "leaves out the unpoisoning by KASAN",
	__GFP_SKIP_KASAN_POISON: "leaves out the poisoning by KASAN",
	__GFP_SKIP_KASAN: "leaves out KASAN's tags",
	__GFP_NOLOCKDEP: "tells lockdep not to look at reclaim here",
	__GFP_NO_OBJ_EXT: "makes no extension of the slab objects",
	__GFP_RECLAIM: "reclaims memory directly and wakes kswapd",
	GFP_ATOMIC: "for where nothing may sleep and failure would hurt: does not wait, has a part of the reserve",
	GFP_KERNEL: "the usual choice where the call may sleep",
	GFP_KERNEL_ACCOUNT: "GFP_KERNEL, charged to the task's memory cgroup",
	GFP_NOWAIT: "for where nothing may sleep and failure is handled: does not wait, has nothing of the reserve",
	GFP_NOIO: "for paths that I/O waits for: reclaim starts no I/O",
	GFP_NOFS: "for paths that a filesystem waits for: reclaim does not enter filesystems",
	GFP_USER: "for memory of a task that the kernel addresses too",
	GFP_DMA: "asks for memory of the DMA zone",
	GFP_DMA32: "asks for memory below 4 GiB",
	GFP_HIGHUSER: "for memory of a task that the kernel need not address",
	GFP_HIGHUSER_MOVABLE: "for memory of a task that can be moved",
	GFP_TRANSHUGE_LIGHT: "for huge pages: no reclaim, no compaction",
	GFP_TRANSHUGE: "for huge pages: with direct reclaim",
};
const flag = (name: string, is: string | number, versions: Pick<GfpRow, "versions"> = {}): GfpRow => ({
	name,
	is,
	...(SAYS[name] === undefined ? {} : { says: SAYS[name] }),
	...versions,
	source: GFP_H,
});

export const gfp: readonly GfpRow[] = [
	flag("__GFP_DMA", 0x01),
	flag("__GFP_HIGHMEM", 0x02),
	flag("__GFP_DMA32", 0x04),
	flag("__GFP_MOVABLE", 0x08),
	flag("__GFP_RECLAIMABLE", 0x10),
	flag("__GFP_HIGH", 0x20),
	flag("__GFP_IO", 0x40),
	flag("__GFP_FS", 0x80),
	flag("__GFP_ZERO", 0x100),
	flag("__GFP_ATOMIC", 0x200, until(6, 2)),
	flag("__GFP_DIRECT_RECLAIM", 0x400),
	flag("__GFP_KSWAPD_RECLAIM", 0x800),
	flag("__GFP_WRITE", 0x1000),
	flag("__GFP_NOWARN", 0x2000),
	flag("__GFP_RETRY_MAYFAIL", 0x4000),
	flag("__GFP_NOFAIL", 0x8000),
	flag("__GFP_NORETRY", 0x10000),
	flag("__GFP_MEMALLOC", 0x20000),
	flag("__GFP_COMP", 0x40000),
	flag("__GFP_NOMEMALLOC", 0x80000),
	flag("__GFP_HARDWALL", 0x100000),
	flag("__GFP_THISNODE", 0x200000),
	flag("__GFP_ACCOUNT", 0x400000),
	flag("__GFP_ZEROTAGS", 0x800000),
	flag("__GFP_SKIP_ZERO", 0x1000000),
	flag("__GFP_SKIP_KASAN_UNPOISON", 0x2000000, until(6, 3)),
	flag("__GFP_SKIP_KASAN_POISON", 0x4000000, until(6, 3)),
	flag("__GFP_SKIP_KASAN", 0x2000000, since(6, 4)),
	flag("__GFP_NOLOCKDEP", 0x8000000, until(6, 3)),
	flag("__GFP_NOLOCKDEP", 0x4000000, since(6, 4)),
	flag("__GFP_NO_OBJ_EXT", 0x8000000, since(6, 10)),
	flag("__GFP_RECLAIM", "__GFP_DIRECT_RECLAIM|__GFP_KSWAPD_RECLAIM"),
	flag("GFP_ATOMIC", "__GFP_HIGH|__GFP_ATOMIC|__GFP_KSWAPD_RECLAIM", until(6, 2)),
	flag("GFP_ATOMIC", "__GFP_HIGH|__GFP_KSWAPD_RECLAIM", since(6, 3)),
	flag("GFP_KERNEL", "__GFP_RECLAIM|__GFP_IO|__GFP_FS"),
	flag("GFP_KERNEL_ACCOUNT", "GFP_KERNEL|__GFP_ACCOUNT"),
	flag("GFP_NOWAIT", "__GFP_KSWAPD_RECLAIM", until(6, 6)),
	flag("GFP_NOWAIT", "__GFP_KSWAPD_RECLAIM|__GFP_NOWARN", since(6, 7)),
	flag("GFP_NOIO", "__GFP_RECLAIM"),
	flag("GFP_NOFS", "__GFP_RECLAIM|__GFP_IO"),
	flag("GFP_USER", "__GFP_RECLAIM|__GFP_IO|__GFP_FS|__GFP_HARDWALL"),
	flag("GFP_DMA", "__GFP_DMA"),
	flag("GFP_DMA32", "__GFP_DMA32"),
	flag("GFP_HIGHUSER", "GFP_USER|__GFP_HIGHMEM"),
	flag("GFP_HIGHUSER_MOVABLE", "GFP_HIGHUSER|__GFP_MOVABLE"),
	flag("GFP_TRANSHUGE_LIGHT", "(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_NOMEMALLOC|__GFP_NOWARN)&~__GFP_RECLAIM"),
	flag("GFP_TRANSHUGE", "GFP_TRANSHUGE_LIGHT|__GFP_DIRECT_RECLAIM"),
];

/** The type of masks. */
export const GFP_TYPE = "gfp_t";

/** The combined names people write, widest first; used to name a mask and to offer one. */
export const COMMON_NAMES: readonly string[] = ["GFP_KERNEL", "GFP_NOFS", "GFP_NOIO", "GFP_NOWAIT", "GFP_ATOMIC"];

/** Names whose own value never changes through another header: their expansion ends the recursion. */
const DEPTH_LIMIT = 32;

type Token = { readonly kind: "name" | "number" | "sign"; readonly text: string };

function tokens(text: string): Token[] | undefined {
	const found: Token[] = [];
	const pattern = /\s*(?:([A-Za-z_]\w*)|(0[xX][0-9a-fA-F]+|\d+)[uUlL]*|(<<|>>|[|&~()?:,!+\-^]))/gy;
	let end = 0;
	for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
		end = pattern.lastIndex;
		if (match[1] !== undefined) found.push({ kind: "name", text: match[1] });
		else if (match[2] !== undefined) found.push({ kind: "number", text: match[2] });
		else found.push({ kind: "sign", text: match[3]! });
	}
	return text.slice(end).trim() === "" ? found : undefined;
}

/** Recursive descent over the few operators that masks are written with; undefined when it is anything else. */
class Evaluator {
	private at = 0;

	constructor(
		private readonly input: readonly Token[],
		private readonly resolve: Resolve,
		private readonly depth: number,
	) {}

	run(): number | undefined {
		const value = this.either();
		return this.at === this.input.length ? value : undefined;
	}

	private take(sign: string): boolean {
		const token = this.input[this.at];
		if (token?.kind !== "sign" || token.text !== sign) return false;
		this.at++;
		return true;
	}

	private either(): number | undefined {
		let left = this.both();
		while (left !== undefined) {
			if (this.take("|")) left = combine(left, this.both(), (a, b) => a | b);
			else if (this.take("^")) left = combine(left, this.both(), (a, b) => a ^ b);
			else break;
		}
		return left;
	}

	private both(): number | undefined {
		let left = this.shifted();
		while (left !== undefined && this.take("&")) left = combine(left, this.shifted(), (a, b) => a & b);
		return left;
	}

	private shifted(): number | undefined {
		let left = this.summed();
		while (left !== undefined && this.take("<<")) left = combine(left, this.summed(), (a, b) => a << b);
		return left;
	}

	private summed(): number | undefined {
		let left = this.primary();
		while (left !== undefined) {
			if (this.take("+")) left = combine(left, this.primary(), (a, b) => a + b);
			else if (this.take("-")) left = combine(left, this.primary(), (a, b) => a - b);
			else break;
		}
		return left;
	}

	private primary(): number | undefined {
		if (this.take("~")) return map(this.primary(), (a) => ~a);
		if (this.take("(")) {
			if (this.skipCast()) return this.primary();
			const inner = this.either();
			return this.take(")") ? inner : undefined;
		}
		const token = this.input[this.at++];
		if (token === undefined || token.kind === "sign") return undefined;
		if (token.kind === "number") return Number(token.text);
		if (token.text === "BIT" && this.take("(")) {
			const bit = this.either();
			return this.take(")") ? map(bit, (a) => 1 << a) : undefined;
		}
		return this.named(token.text);
	}

	/** After "(": a cast such as `__force gfp_t)` or `gfp_t)`. */
	private skipCast(): boolean {
		const first = this.input[this.at]?.text;
		const length = first === "__force" ? 2 : first === "gfp_t" ? 1 : 0;
		if (length === 0 || this.input[this.at + length]?.text !== ")") return false;
		this.at += length + 1;
		return true;
	}

	private named(name: string): number | undefined {
		if (this.depth >= DEPTH_LIMIT) return undefined;
		const value = this.resolve(name);
		if (typeof value === "number") return value;
		return value === undefined ? undefined : evaluate(value, this.resolve, this.depth + 1);
	}
}

function combine(a: number, b: number | undefined, op: (a: number, b: number) => number): number | undefined {
	return b === undefined ? undefined : op(a, b);
}

function map(a: number | undefined, op: (a: number) => number): number | undefined {
	return a === undefined ? undefined : op(a);
}

function evaluate(text: string, resolve: Resolve, depth: number): number | undefined {
	const input = tokens(text);
	return input === undefined ? undefined : new Evaluator(input, resolve, depth).run();
}

/** The bits of a flag name or an expression in C of flag names; undefined when a part of it is not known. */
export function gfpMask(text: string, resolve: Resolve): GfpMask | undefined {
	const bits = evaluate(text, resolve, 0);
	if (bits === undefined) return undefined;
	const names = (tokens(text) ?? []).filter((token) => token.kind === "name" && /GFP/.test(token.text));
	return { bits, names: names.map((token) => token.text) };
}

/** Looks a name up in the tree first, then in the table of the model's version. */
export function withFallback(tree: Resolve, rows: ReadonlyMap<string, GfpRow>): Resolve {
	return (name) => tree(name) ?? rows.get(name)?.is;
}

/** The bits that the questions about a mask need, once per tree. */
export interface GfpBits {
	readonly directReclaim: number;
	readonly kswapd: number;
	readonly io: number;
	readonly fs: number;
	readonly high: number;
	readonly memalloc: number;
	readonly nomemalloc: number;
	readonly nofail: number;
	readonly nolockdep: number;
}

/** All that the page allocator asks of a mask, once per tree. */
export interface AllocatorBits extends GfpBits {
	/** 0 where GFP_ATOMIC has no bit of its own */
	readonly atomic: number;
	readonly nowarn: number;
	readonly noretry: number;
	readonly retryMayfail: number;
	readonly thisnode: number;
	readonly dma: number;
	readonly dma32: number;
	readonly highmem: number;
	readonly movable: number;
}

export function gfpBits(resolve: Resolve): GfpBits {
	const bits = (name: string): number => gfpMask(name, resolve)?.bits ?? 0;
	return {
		directReclaim: bits("__GFP_DIRECT_RECLAIM"),
		kswapd: bits("__GFP_KSWAPD_RECLAIM"),
		io: bits("__GFP_IO"),
		fs: bits("__GFP_FS"),
		high: bits("__GFP_HIGH"),
		memalloc: bits("__GFP_MEMALLOC"),
		nomemalloc: bits("__GFP_NOMEMALLOC"),
		nofail: bits("__GFP_NOFAIL"),
		nolockdep: bits("__GFP_NOLOCKDEP"),
	};
}

export function allocatorBits(resolve: Resolve): AllocatorBits {
	const bits = (name: string): number => gfpMask(name, resolve)?.bits ?? 0;
	return {
		...gfpBits(resolve),
		atomic: bits("__GFP_ATOMIC"),
		nowarn: bits("__GFP_NOWARN"),
		noretry: bits("__GFP_NORETRY"),
		retryMayfail: bits("__GFP_RETRY_MAYFAIL"),
		thisnode: bits("__GFP_THISNODE"),
		dma: bits("__GFP_DMA"),
		dma32: bits("__GFP_DMA32"),
		highmem: bits("__GFP_HIGHMEM"),
		movable: bits("__GFP_MOVABLE"),
	};
}

/** May an allocation with this mask sleep? */
export const blocks = (mask: number, of: GfpBits): boolean => (mask & of.directReclaim) !== 0;
/** May it start I/O, or call into a file system, to get memory? Only direct reclaim can. */
export const mayIo = (mask: number, of: GfpBits): boolean => blocks(mask, of) && (mask & of.io) !== 0;
export const mayFs = (mask: number, of: GfpBits): boolean => mayIo(mask, of) && (mask & of.fs) !== 0;
/** Does it draw on the reserve below the minimum watermark? */
export const usesReserve = (mask: number, of: GfpBits): boolean =>
	(mask & (of.high | of.memalloc)) !== 0 && (mask & of.nomemalloc) === 0;

/** What an allocation does about reclaim that may come back to it: the mask, the scope for a whole path, what both avoid. */
export const AVOIDING: Readonly<Record<ReclaimLevel, { flag: string; scope: SectionKind; avoids: string }>> = {
	fs: { flag: "GFP_NOFS", scope: "nofs", avoids: "enter the file system" },
	io: { flag: "GFP_NOIO", scope: "noio", avoids: "start I/O and wait for it" },
	any: { flag: "GFP_NOWAIT", scope: "memalloc", avoids: "run" },
};

/** Common names by what an allocation with them does; the first is the usual choice. */
export function commonNamesThat(does: "can-sleep" | "cannot-sleep"): readonly string[] {
	return does === "can-sleep" ? ["GFP_KERNEL"] : ["GFP_ATOMIC", "GFP_NOWAIT"];
}
