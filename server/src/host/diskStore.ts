// The cache of units on disk: the packs of a folder. Each process writes packs of its own (pack.ts), so that they
// do not meet. Whatever does not check is a miss. What the entries mean is the caller's business.

import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { BLOCK_BYTES, type PackEntry, PackReader, PackWriter, removeFile } from "./pack.js";

/** With more packs than this, the small ones become one. */
const MAX_PACKS = 12;
/** A pack is small when this many of them would hold less than all packs together. */
const SMALL_SHARE = 4;
/** Blocks kept as they were before compression: readers ask in about the order of writing. */
const MAX_OPEN_BLOCKS = 4;

interface Entry {
	readonly pack: PackReader;
	readonly block: number;
	readonly start: number;
	readonly length: number;
	/** the same entry in another pack, for when this one is damaged */
	readonly other: Entry | null;
}

/** Any key for the cache: a digest of what the entry depends on. */
export function cacheKey(parts: readonly (string | Uint8Array)[]): string {
	const hash = createHash("sha1");
	for (const part of parts) hash.update(part);
	return hash.digest("binary");
}

/** Reader of all packs of a folder. One thread uses it. */
export class DiskStore {
	private readonly entries = new Map<string, Entry>();
	private readonly packs: PackReader[] = [];
	private readonly openBlocks: { pack: PackReader; block: number; bytes: Buffer }[] = [];

	constructor(folder: string) {
		for (const name of packsIn(folder)) {
			const pack = PackReader.open(join(folder, name));
			if (pack === null) continue;
			this.packs.push(pack);
			for (const { key, block, start, length } of pack.entries) {
				this.entries.set(key, { pack, block, start, length, other: this.entries.get(key) ?? null });
			}
		}
	}

	/** The bytes are a view of memory that other entries lie in, too. */
	get(key: string): Uint8Array | null {
		for (let entry = this.entries.get(key) ?? null; entry !== null; entry = entry.other) {
			const bytes = this.blockOf(entry.pack, entry.block);
			const end = entry.start + entry.length;
			if (bytes !== null && end <= bytes.length) return bytes.subarray(entry.start, end);
		}
		return null;
	}

	/** Lets go of the packs. */
	close(): void {
		for (const pack of this.packs) pack.close();
		this.packs.length = 0;
		this.entries.clear();
	}

	private blockOf(pack: PackReader, block: number): Buffer | null {
		const open = this.openBlocks.find((one) => one.block === block && one.pack === pack);
		if (open !== undefined) return open.bytes;
		const bytes = pack.block(block);
		if (bytes === null) return null;
		if (this.openBlocks.length >= MAX_OPEN_BLOCKS) this.openBlocks.shift();
		this.openBlocks.push({ pack, block, bytes });
		return bytes;
	}
}

interface JudgedPack {
	readonly path: string;
	readonly reader: PackReader;
	readonly bytes: number;
	/** live entries that are in none of the packs before */
	readonly live: ReadonlySet<PackEntry>;
	readonly liveBytes: number;
}

/**
 * Keeps the cache of a tree small. Packs with more dead bytes than live ones, and the small ones when there are
 * many, are written anew as one. What another branch of the tree has brought is dead only, and stays meanwhile.
 */
export function tidyPacks(folder: string, isLive: (key: string) => boolean): void {
	const packs = judgePacks(folder, isLive);
	const total = packs.reduce((sum, pack) => sum + pack.bytes, 0);
	const isWorn = (pack: JudgedPack) =>
		pack.bytes > 2 * pack.liveBytes || (packs.length > MAX_PACKS && pack.bytes * SMALL_SHARE < total);
	const worn = packs.filter(isWorn);
	if (worn.length > 0 && copyLive(folder, worn)) for (const { path } of worn) removeFile(path);
	for (const { reader } of packs) reader.close();
}

/** The packs, those with the most live bytes first. */
function judgePacks(folder: string, isLive: (key: string) => boolean): JudgedPack[] {
	const readers = packsIn(folder).flatMap((name) => {
		const path = join(folder, name);
		const reader = PackReader.open(path);
		return reader === null ? [] : [{ path, reader, bytes: sumOf(reader.entries) }];
	});
	const seen = new Set<string>();
	return readers
		.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
		.map(({ path, reader, bytes }) => {
			const live = new Set<PackEntry>();
			for (const entry of reader.entries) {
				if (seen.has(entry.key) || !isLive(entry.key)) continue;
				seen.add(entry.key);
				live.add(entry);
			}
			return { path, reader, bytes, live, liveBytes: sumOf(live) };
		});
}

/** Are the live entries of the packs in a new one now? */
function copyLive(folder: string, packs: readonly JudgedPack[]): boolean {
	if (packs.every((pack) => pack.live.size === 0)) return true;
	const writer = new PackWriter(folder);
	for (const { reader, live } of packs) {
		for (const [block, entries] of byBlock(reader.entries)) copyBlock(writer, reader, block, entries, live);
	}
	return writer.finish();
}

function byBlock(entries: readonly PackEntry[]): Map<number, PackEntry[]> {
	const blocks = new Map<number, PackEntry[]>();
	for (const entry of entries) {
		const known = blocks.get(entry.block);
		if (known) known.push(entry);
		else blocks.set(entry.block, [entry]);
	}
	return blocks;
}

function copyBlock(
	writer: PackWriter,
	reader: PackReader,
	block: number,
	entries: readonly PackEntry[],
	live: ReadonlySet<PackEntry>,
): void {
	const wanted = entries.filter((entry) => live.has(entry));
	if (wanted.length === 0) return;
	if (wanted.length === entries.length && reader.rawLength(block) >= BLOCK_BYTES / 2) {
		const compressed = reader.compressed(block);
		if (compressed !== null) writer.addBlock(compressed, reader.rawLength(block), entries);
		return;
	}
	const bytes = reader.block(block);
	if (bytes === null) return;
	for (const { key, start, length } of wanted) writer.add(key, bytes.subarray(start, start + length));
}

function sumOf(entries: Iterable<PackEntry>): number {
	let sum = 0;
	for (const { length } of entries) sum += length;
	return sum;
}

function packsIn(folder: string): string[] {
	try {
		return readdirSync(folder)
			.filter((name) => name.endsWith(".pack"))
			.sort();
	} catch {
		return [];
	}
}
