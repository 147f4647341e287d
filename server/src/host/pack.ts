// A pack: an immutable file of many entries. Entries lie one after another in blocks, which are compressed; an
// index at the end says which entry is where. A pack is written under a temporary name and renamed when it is
// complete, so that readers never see a half-written one. Index and blocks carry checksums.

import { createHash, randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync, unlinkSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { errorCode } from "./walk.js";

/** Start and end of a pack; the digit is the version of its layout. */
const MAGIC = Buffer.from("MSPACK3\n", "latin1");
export const KEY_BYTES = 20;
/** offset (float64), length (uint32), length before compression (uint32), checksum of the compressed bytes (uint32) */
const BLOCK_RECORD_BYTES = 20;
/** key, block (uint32), offset in the block (uint32), length (uint32) */
const ENTRY_RECORD_BYTES = KEY_BYTES + 12;
/** number of blocks, of entries, checksum of the index (uint32 each), offset of the index (float64), magic */
const FOOTER_BYTES = 20 + MAGIC.length;

/** Entries are collected up to this size: what one reader wants at a time lies together, and much repeats in it. */
export const BLOCK_BYTES = 256 << 10;
/** A damaged length must not make us ask for more memory than any block can have. */
const MAX_BLOCK_BYTES = 1 << 30;
/** The fastest level: the units of a kernel tree shrink to little more than half. */
const COMPRESSION = {
	params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 18 },
};

/** A file that is being written by nobody known to us is given up after this time. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;
/** Process numbers mean something on one machine only. */
const HOST = createHash("sha1").update(hostname()).digest("hex").slice(0, 8);

interface BlockRecord {
	readonly offset: number;
	readonly length: number;
	readonly rawLength: number;
	readonly checksum: number;
}

export interface PackEntry {
	/** latin1 text of the key's bytes */
	readonly key: string;
	readonly block: number;
	readonly start: number;
	readonly length: number;
}

export class PackReader {
	private constructor(
		private readonly fd: number,
		private readonly blocks: readonly BlockRecord[],
		/** in the order they were written */
		readonly entries: readonly PackEntry[],
	) {}

	/** Null when it is gone, or cannot be read, or is no pack; that last one is removed. */
	static open(path: string): PackReader | null {
		let fd: number;
		try {
			fd = openSync(path, "r");
		} catch {
			return null;
		}
		try {
			const index = readIndex(fd);
			if (index !== null) return new PackReader(fd, index.blocks, index.entries);
			removeFile(path);
		} catch {
			// the disk fails: perhaps not the next time
		}
		closeSync(fd);
		return null;
	}

	/** A block as it is in the file, or null when it is damaged. */
	compressed(block: number): Buffer | null {
		const record = this.blocks[block];
		if (record === undefined || record.length > MAX_BLOCK_BYTES) return null;
		try {
			const bytes = readAt(this.fd, record.offset, record.length);
			return bytes !== null && checksum(bytes) === record.checksum ? bytes : null;
		} catch {
			return null;
		}
	}

	/** The entries' bytes of a block, or null when it is damaged. */
	block(block: number): Buffer | null {
		const bytes = this.compressed(block);
		if (bytes === null) return null;
		const { rawLength } = this.blocks[block]!;
		try {
			const raw = brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, rawLength) });
			return raw.length === rawLength ? raw : null;
		} catch {
			return null;
		}
	}

	rawLength(block: number): number {
		return this.blocks[block]!.rawLength;
	}

	close(): void {
		closeSync(this.fd);
	}
}

/** Writes a new pack into a folder. After a problem nothing is written any more: a disk that is full or read-only loses entries, not the run. */
export class PackWriter {
	/** why nothing can be written, or null */
	problem: string | null = null;
	private readonly entries: PackEntry[] = [];
	private readonly blocks: BlockRecord[] = [];
	private buffer = Buffer.alloc(BLOCK_BYTES);
	private buffered = 0;
	private offset = 0;
	private fd = -1;
	private readonly path: string;

	constructor(private readonly folder: string) {
		this.path = join(folder, `${HOST}-${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
		this.attempt(() => {
			this.fd = openSync(this.path, "wx", 0o600);
			this.write(MAGIC);
		});
	}

	add(key: string, bytes: Uint8Array): void {
		if (this.problem !== null) return;
		if (this.buffered + bytes.length > BLOCK_BYTES) this.flush();
		if (bytes.length > this.buffer.length) this.buffer = Buffer.alloc(bytes.length);
		this.entries.push({ key, block: this.blocks.length, start: this.buffered, length: bytes.length });
		this.buffer.set(bytes, this.buffered);
		this.buffered += bytes.length;
	}

	/** A whole block of another pack with its entries. */
	addBlock(compressed: Buffer, rawLength: number, entries: readonly PackEntry[]): void {
		this.flush();
		for (const entry of entries) this.entries.push({ ...entry, block: this.blocks.length });
		this.writeBlock(compressed, rawLength);
	}

	/** Publishes the pack; false when it could not be written, and nothing of it is left then. */
	finish(): boolean {
		this.flush();
		this.attempt(() => {
			const index = this.index();
			const footer = Buffer.alloc(FOOTER_BYTES);
			footer.writeUInt32LE(this.blocks.length, 0);
			footer.writeUInt32LE(this.entries.length, 4);
			footer.writeUInt32LE(checksum(index), 8);
			footer.writeDoubleLE(this.offset, 12);
			MAGIC.copy(footer, 20);
			this.write(index);
			this.write(footer);
		});
		const { fd } = this;
		if (fd >= 0) this.attempt(() => closeSync(fd));
		this.attempt(() => renameSync(this.path, join(this.folder, `${randomBytes(8).toString("hex")}.pack`)));
		if (this.problem !== null && fd >= 0) removeFile(this.path);
		return this.problem === null;
	}

	private flush(): void {
		if (this.buffered === 0) return;
		const raw = this.buffer.subarray(0, this.buffered);
		this.buffered = 0;
		this.writeBlock(brotliCompressSync(raw, COMPRESSION), raw.length);
	}

	private writeBlock(bytes: Buffer, rawLength: number): void {
		this.blocks.push({ offset: this.offset, length: bytes.length, rawLength, checksum: checksum(bytes) });
		this.attempt(() => this.write(bytes));
	}

	private index(): Buffer {
		const index = Buffer.alloc(this.blocks.length * BLOCK_RECORD_BYTES + this.entries.length * ENTRY_RECORD_BYTES);
		let at = 0;
		for (const { offset, length, rawLength, checksum: sum } of this.blocks) {
			index.writeDoubleLE(offset, at);
			index.writeUInt32LE(length, at + 8);
			index.writeUInt32LE(rawLength, at + 12);
			index.writeUInt32LE(sum, at + 16);
			at += BLOCK_RECORD_BYTES;
		}
		for (const { key, block, start, length } of this.entries) {
			index.write(key, at, KEY_BYTES, "latin1");
			index.writeUInt32LE(block, at + KEY_BYTES);
			index.writeUInt32LE(start, at + KEY_BYTES + 4);
			index.writeUInt32LE(length, at + KEY_BYTES + 8);
			at += ENTRY_RECORD_BYTES;
		}
		return index;
	}

	private write(bytes: Buffer): void {
		for (let done = 0; done < bytes.length; ) done += writeSync(this.fd, bytes, done);
		this.offset += bytes.length;
	}

	private attempt(work: () => void): void {
		if (this.problem !== null) return;
		try {
			work();
		} catch (error) {
			this.problem = `${this.folder}: ${errorCode(error)}`;
		}
	}
}

/** Is a temporary file of a folder one that nobody writes any more? */
export function isAbandoned(folder: string, name: string): boolean {
	const [host, pid] = name.split("-");
	if (host === HOST && !isAlive(Number(pid))) return true;
	const stat = statSync(join(folder, name), { throwIfNoEntry: false });
	return stat !== undefined && Date.now() - stat.mtimeMs > ABANDONED_AFTER_MS;
}

export function removeFile(path: string): void {
	try {
		unlinkSync(path);
	} catch {
		// another process was faster, or may not
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

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return errorCode(error) !== "ESRCH";
	}
}

function readIndex(fd: number): { blocks: BlockRecord[]; entries: PackEntry[] } | null {
	const size = fstatSync(fd).size;
	const footer = readAt(fd, size - FOOTER_BYTES, FOOTER_BYTES);
	if (!footer?.subarray(20).equals(MAGIC)) return null;
	const blockBytes = footer.readUInt32LE(0) * BLOCK_RECORD_BYTES;
	const entryBytes = footer.readUInt32LE(4) * ENTRY_RECORD_BYTES;
	const start = footer.readDoubleLE(12);
	if (start + blockBytes + entryBytes + FOOTER_BYTES !== size) return null;
	const index = readAt(fd, start, blockBytes + entryBytes);
	if (index === null || checksum(index) !== footer.readUInt32LE(8)) return null;
	const blocks: BlockRecord[] = [];
	for (let at = 0; at < blockBytes; at += BLOCK_RECORD_BYTES) {
		blocks.push({
			offset: index.readDoubleLE(at),
			length: index.readUInt32LE(at + 8),
			rawLength: index.readUInt32LE(at + 12),
			checksum: index.readUInt32LE(at + 16),
		});
	}
	const entries: PackEntry[] = [];
	for (let at = blockBytes; at < index.length; at += ENTRY_RECORD_BYTES) {
		entries.push({
			key: index.toString("latin1", at, at + KEY_BYTES),
			block: index.readUInt32LE(at + KEY_BYTES),
			start: index.readUInt32LE(at + KEY_BYTES + 4),
			length: index.readUInt32LE(at + KEY_BYTES + 8),
		});
	}
	return { blocks, entries };
}

/** Null when there is not as much. */
function readAt(fd: number, offset: number, length: number): Buffer | null {
	if (!(offset >= 0)) return null;
	const bytes = Buffer.allocUnsafeSlow(length);
	return readSync(fd, bytes, 0, length, offset) === length ? bytes : null;
}
