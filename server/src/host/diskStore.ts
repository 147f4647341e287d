// The cache of units on disk: immutable packs of many entries. A thread appends to a pack of its own under a
// temporary name and renames it when it is complete, so that readers never see a half-written one and two
// processes do not meet. Whatever does not check is a miss. What the entries mean is the caller's business.

import { createHash, randomBytes } from "node:crypto";
import {
	closeSync,
	fstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	readSync,
	renameSync,
	statSync,
	unlinkSync,
	utimesSync,
	writeSync,
} from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Start and end of a pack; the digit is the version of its layout. */
const MAGIC = Buffer.from("MSPACK2\n", "latin1");
const KEY_BYTES = 20;
/** key, offset (float64), length (uint32), checksum (uint32) */
const ENTRY_BYTES = KEY_BYTES + 16;
/** number of entries (uint32), checksum of the index (uint32), offset of the index (float64), magic */
const FOOTER_BYTES = 16 + MAGIC.length;
const WRITE_BUFFER_BYTES = 1 << 20;
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;
const UNUSED_AFTER_MS = 30 * ABANDONED_AFTER_MS;
/** A start with more packs than this, or with more dead bytes than live ones, writes them anew as one. */
const MAX_PACKS = 12;

interface Entry {
	readonly fd: number;
	readonly offset: number;
	readonly length: number;
	readonly checksum: number;
}

/** $XDG_CACHE_HOME/might-sleep, or ~/.cache/might-sleep. */
export function cacheHome(): string {
	const xdg = process.env.XDG_CACHE_HOME;
	return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "might-sleep");
}

/** The folder for what one version of the front end makes of one tree; made if need be. Null: no cache. */
export function openCacheFolder(root: string, version: string): string | null {
	const name = createHash("sha1").update(`${version}\0${root}`).digest("hex").slice(0, 20);
	const folder = join(cacheHome(), name);
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		const now = new Date();
		utimesSync(folder, now, now);
		dropUnused(cacheHome(), name);
		return folder;
	} catch {
		return null;
	}
}

/** Any key for the cache: a digest of what the entry depends on. */
export function cacheKey(parts: readonly (string | Uint8Array)[]): Buffer {
	const hash = createHash("sha1");
	for (const part of parts) hash.update(part);
	return hash.digest();
}

/** Reader of all packs of a folder and writer of one more. One thread uses it. */
export class DiskStore {
	private readonly entries = new Map<string, Entry>();
	private readonly fds: number[] = [];
	private writer: PackWriter | null = null;
	private readonly folder: string;

	constructor(folder: string) {
		this.folder = folder;
		for (const pack of packsIn(folder)) this.addPack(join(folder, pack));
	}

	get(key: Buffer): Uint8Array | null {
		const entry = this.entries.get(key.toString("latin1"));
		if (!entry) return null;
		const bytes = readAt(entry.fd, entry.offset, entry.length);
		return bytes !== null && checksum(bytes) === entry.checksum ? bytes : null;
	}

	/** A disk that is full or read-only loses the entry, not the run. */
	put(key: Buffer, bytes: Uint8Array): void {
		this.writer ??= PackWriter.create(this.folder);
		this.writer?.add(key, bytes);
	}

	/** Publishes what was put and lets go of the packs. */
	close(): void {
		this.writer?.finish();
		for (const fd of this.fds) closeSync(fd);
		this.fds.length = 0;
		this.entries.clear();
	}

	private addPack(path: string): void {
		let fd: number;
		try {
			fd = openSync(path, "r");
		} catch {
			return;
		}
		const index = readIndex(fd);
		if (index === null) {
			closeSync(fd);
			remove(path);
			return;
		}
		this.fds.push(fd);
		for (const { key, offset, length, sum } of index) this.entries.set(key, { fd, offset, length, checksum: sum });
	}
}

/**
 * Keeps the cache of a tree small: when the packs became many, or hold more dead bytes than live ones, the
 * live entries are copied into one pack and the old ones go. `isLive` is asked with a key's latin1 text.
 */
export function tidyPacks(folder: string, isLive: (key: string) => boolean): void {
	const packs = packsIn(folder);
	const live = new Map<string, { path: string; entry: IndexEntry }>();
	let total = 0;
	let liveBytes = 0;
	for (const pack of packs) {
		const path = join(folder, pack);
		const index = withFile(path, readIndex) ?? [];
		for (const entry of index) {
			total += entry.length;
			if (!isLive(entry.key)) continue;
			if (!live.has(entry.key)) liveBytes += entry.length;
			live.set(entry.key, { path, entry });
		}
	}
	if (packs.length <= MAX_PACKS && total <= 2 * liveBytes + WRITE_BUFFER_BYTES) return;
	const writer = PackWriter.create(folder);
	if (!writer) return;
	const files = new Map<string, number | null>();
	for (const [key, { path, entry }] of live) {
		if (!files.has(path)) files.set(path, openForReading(path));
		const fd = files.get(path) ?? null;
		const bytes = fd === null ? null : readAt(fd, entry.offset, entry.length);
		if (bytes && checksum(bytes) === entry.sum) writer.add(Buffer.from(key, "latin1"), bytes);
	}
	for (const fd of files.values()) if (fd !== null) closeSync(fd);
	if (writer.finish()) for (const pack of packs) remove(join(folder, pack));
}

/** Bytes of the packs of a folder. */
export function packBytes(folder: string): number {
	let total = 0;
	for (const pack of packsIn(folder)) total += statSync(join(folder, pack), { throwIfNoEntry: false })?.size ?? 0;
	return total;
}

class PackWriter {
	private readonly index: Buffer[] = [];
	private readonly buffer = Buffer.alloc(WRITE_BUFFER_BYTES);
	private buffered = 0;
	private offset = 0;
	private failed = false;
	private readonly fd: number;
	private readonly path: string;

	private constructor(fd: number, path: string) {
		this.fd = fd;
		this.path = path;
		this.write(MAGIC);
	}

	static create(folder: string): PackWriter | null {
		const path = join(folder, `${randomBytes(8).toString("hex")}.tmp`);
		try {
			return new PackWriter(openSync(path, "wx", 0o600), path);
		} catch {
			return null;
		}
	}

	add(key: Buffer, bytes: Uint8Array): void {
		if (this.failed) return;
		const entry = Buffer.alloc(ENTRY_BYTES);
		key.copy(entry, 0, 0, KEY_BYTES);
		entry.writeDoubleLE(this.offset, KEY_BYTES);
		entry.writeUInt32LE(bytes.length, KEY_BYTES + 8);
		entry.writeUInt32LE(checksum(bytes), KEY_BYTES + 12);
		this.index.push(entry);
		this.write(bytes);
	}

	/** Whether the pack is there for others now. */
	finish(): boolean {
		const index = Buffer.concat(this.index);
		const footer = Buffer.alloc(FOOTER_BYTES);
		footer.writeUInt32LE(this.index.length, 0);
		footer.writeUInt32LE(checksum(index), 4);
		footer.writeDoubleLE(this.offset, 8);
		MAGIC.copy(footer, 16);
		this.write(index);
		this.write(footer);
		this.flush();
		closeSync(this.fd);
		try {
			if (!this.failed) renameSync(this.path, this.path.replace(/\.tmp$/, ".pack"));
		} catch {
			this.failed = true;
		}
		if (this.failed) remove(this.path);
		return !this.failed;
	}

	private write(bytes: Uint8Array): void {
		this.offset += bytes.length;
		if (this.buffered + bytes.length > this.buffer.length) this.flush();
		if (bytes.length > this.buffer.length) {
			this.writeOut(bytes);
		} else {
			this.buffer.set(bytes, this.buffered);
			this.buffered += bytes.length;
		}
	}

	private flush(): void {
		if (this.buffered > 0) this.writeOut(this.buffer.subarray(0, this.buffered));
		this.buffered = 0;
	}

	private writeOut(bytes: Uint8Array): void {
		try {
			for (let done = 0; done < bytes.length && !this.failed; ) done += writeSync(this.fd, bytes, done);
		} catch {
			this.failed = true;
		}
	}
}

interface IndexEntry {
	/** latin1 text of the key's bytes */
	readonly key: string;
	readonly offset: number;
	readonly length: number;
	readonly sum: number;
}

function readIndex(fd: number): IndexEntry[] | null {
	const size = fstatSync(fd).size;
	const footer = readAt(fd, size - FOOTER_BYTES, FOOTER_BYTES);
	if (!footer?.subarray(16).equals(MAGIC)) return null;
	const count = footer.readUInt32LE(0);
	const start = footer.readDoubleLE(8);
	if (start + count * ENTRY_BYTES + FOOTER_BYTES !== size) return null;
	const index = readAt(fd, start, count * ENTRY_BYTES);
	if (!index || checksum(index) !== footer.readUInt32LE(4)) return null;
	const entries: IndexEntry[] = [];
	for (let at = 0; at < index.length; at += ENTRY_BYTES) {
		entries.push({
			key: index.toString("latin1", at, at + KEY_BYTES),
			offset: index.readDoubleLE(at + KEY_BYTES),
			length: index.readUInt32LE(at + KEY_BYTES + 8),
			sum: index.readUInt32LE(at + KEY_BYTES + 12),
		});
	}
	return entries;
}

function readAt(fd: number, offset: number, length: number): Buffer | null {
	if (offset < 0 || length < 0) return null;
	const bytes = Buffer.allocUnsafeSlow(length);
	try {
		return readSync(fd, bytes, 0, length, offset) === length ? bytes : null;
	} catch {
		return null;
	}
}

/** Four bytes a step, so that checking costs little beside reading. */
export function checksum(bytes: Uint8Array): number {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const words = bytes.length >> 2;
	let sum = 0x811c9dc5 ^ bytes.length;
	for (let i = 0; i < words; i++) {
		sum = Math.imul(sum ^ view.getInt32(i << 2, true), 0x01000193);
		sum ^= sum >>> 15;
	}
	for (let i = words << 2; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, 0x01000193);
	return (sum ^ (sum >>> 16)) >>> 0;
}

function packsIn(folder: string): string[] {
	let names: string[];
	try {
		names = readdirSync(folder);
	} catch {
		return [];
	}
	for (const name of names) {
		if (name.endsWith(".tmp")) removeIfOlder(join(folder, name), ABANDONED_AFTER_MS);
	}
	return names.filter((name) => name.endsWith(".pack")).sort();
}

/** Folders of trees and versions that nobody has opened for a month; opening one touches it. */
function dropUnused(home: string, current: string): void {
	for (const name of readdirSync(home)) {
		const folder = join(home, name);
		if (name === current || !/^[0-9a-f]{20}$/.test(name)) continue;
		if (!isOlder(folder, UNUSED_AFTER_MS)) continue;
		for (const pack of packsIn(folder)) remove(join(folder, pack));
	}
}

function isOlder(path: string, age: number): boolean {
	const stat = statSync(path, { throwIfNoEntry: false });
	return stat !== undefined && Date.now() - stat.mtimeMs > age;
}

function removeIfOlder(path: string, age: number): void {
	if (isOlder(path, age)) remove(path);
}

function remove(path: string): void {
	try {
		unlinkSync(path);
	} catch {
		// another process was faster
	}
}

function openForReading(path: string): number | null {
	try {
		return openSync(path, "r");
	} catch {
		return null;
	}
}

function withFile<T>(path: string, read: (fd: number) => T): T | null {
	const fd = openForReading(path);
	if (fd === null) return null;
	try {
		return read(fd);
	} finally {
		closeSync(fd);
	}
}
