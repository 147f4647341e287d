// hot: the program-wide name pool. Names are UTF-8 byte strings; equal names get one id, ids count up
// from 0 and are never given back. Lookups by bytes do not allocate.

import { growShared, sharedBytes, sharedInts } from "./ints.js";

/** FNV-1a over bytes[start, end). */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
	let hash = 0x811c9dc5;
	for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
	return hash | 0;
}

/** A pool as another thread sees it. */
export interface SharedNames {
	readonly bytes: Uint8Array;
	readonly ends: Int32Array;
	readonly slots: Int32Array;
	readonly count: number;
}

export class NamePool {
	private bytes: Uint8Array = sharedBytes(1 << 16);
	private ends: Int32Array = sharedInts(1 << 12);
	/** id + 1 and hash of each slot, side by side: most lookups look no further; 0 for free */
	private slots: Int32Array = sharedInts(1 << 14);
	private texts: (string | undefined)[] = [];
	private nBytes = 0;
	private nNames = 0;
	private isFrozen = false;
	private hashes: Int32Array = new Int32Array(1 << 8);
	private places: Int32Array = new Int32Array(1 << 8);
	/** what was read ahead: kept, so that reading it is not left out */
	protected warmed = 0;
	private readonly encoder = new Utf8();

	/** What another thread makes the same pool of; names that come later are not in it. */
	share(): SharedNames {
		return { bytes: this.bytes, ends: this.ends, slots: this.slots, count: this.nNames };
	}

	/** The pool of another thread, to be looked up in only. */
	static of({ bytes, ends, slots, count }: SharedNames): NamePool {
		const pool = new NamePool();
		pool.bytes = bytes;
		pool.ends = ends;
		pool.slots = slots;
		pool.nNames = count;
		pool.isFrozen = true;
		return pool;
	}

	/** Number of names. */
	get size(): number {
		return this.nNames;
	}

	/** Id of the name in bytes[start, end); added when it is new. */
	intern(bytes: Uint8Array, start: number, end: number): number {
		const hash = hashBytes(bytes, start, end);
		const slot = this.find(bytes, start, end, hash);
		const found = this.slots[slot * 2]!;
		return found !== 0 ? found - 1 : this.add(bytes, start, end, hash, slot);
	}

	/**
	 * Ids of the names of a unit whose bit is set in `wanted`, into `ids`. A large pool lies in no cache: all that the
	 * lookups will read is asked for first, in loops so short that the processor waits for many answers at once.
	 */
	internAll(bytes: Uint8Array, ends: Int32Array, wanted: Int32Array, ids: Int32Array): void {
		if (ends.length > this.hashes.length) {
			this.hashes = new Int32Array(ends.length * 2);
			this.places = new Int32Array(ends.length * 2);
		}
		const { hashes } = this;
		let count = 0;
		for (let i = 0; i < ends.length; i++)
			if (hasBit(wanted, i)) hashes[count++] = hashBytes(bytes, i === 0 ? 0 : ends[i - 1]!, ends[i]!);
		this.warm(count);
		for (let i = 0, k = 0; i < ends.length; i++) {
			if (!hasBit(wanted, i)) continue;
			const start = i === 0 ? 0 : ends[i - 1]!;
			const hash = hashes[k++]!;
			const slot = this.find(bytes, start, ends[i]!, hash);
			const found = this.slots[slot * 2]!;
			ids[i] = found !== 0 ? found - 1 : this.add(bytes, start, ends[i]!, hash, slot);
		}
	}

	/** Reads what `find` will read for the first `count` hashes. */
	private warm(count: number): void {
		const { slots, ends, bytes, hashes, places } = this;
		const mask = slots.length / 2 - 1;
		for (let k = 0; k < count; k++) places[k] = slots[(hashes[k]! & mask) * 2]!;
		for (let k = 0; k < count; k++) places[k] = places[k]! > 1 ? ends[places[k]! - 2]! : 0;
		let seen = 0;
		for (let k = 0; k < count; k++) seen ^= bytes[places[k]!]!;
		this.warmed = seen;
	}

	/** Id of the name in bytes[start, end), or -1. */
	lookup(bytes: Uint8Array, start: number, end: number): number {
		return this.slots[this.find(bytes, start, end, hashBytes(bytes, start, end)) * 2]! - 1;
	}

	internText(text: string): number {
		const bytes = this.encoder.encode(text);
		return this.intern(bytes, 0, bytes.length);
	}

	/** Id of a text, or -1. */
	lookupText(text: string): number {
		const bytes = this.encoder.encode(text);
		return this.lookup(bytes, 0, bytes.length);
	}

	/** The text of a name; "" for ids out of range. */
	text(id: number): string {
		if (id < 0 || id >= this.nNames) return "";
		const known = this.texts[id];
		if (known !== undefined) return known;
		const start = id === 0 ? 0 : this.ends[id - 1]!;
		const text = this.encoder.decode(this.bytes, start, this.ends[id]!);
		this.texts[id] = text;
		return text;
	}

	/** Is a name this text, of ASCII alone? Makes no text of the name. */
	spells(id: number, text: string): boolean {
		const start = id === 0 ? 0 : this.ends[id - 1]!;
		if (id < 0 || id >= this.nNames || this.ends[id]! - start !== text.length) return false;
		for (let i = 0; i < text.length; i++) if (this.bytes[start + i] !== text.charCodeAt(i)) return false;
		return true;
	}

	private find(bytes: Uint8Array, start: number, end: number, hash: number): number {
		const { slots } = this;
		const mask = slots.length / 2 - 1;
		let slot = hash & mask;
		for (;;) {
			const id = slots[slot * 2]! - 1;
			if (id < 0) return slot;
			if (slots[slot * 2 + 1] === hash && this.equals(id, bytes, start, end)) return slot;
			slot = (slot + 1) & mask;
		}
	}

	private equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
		const from = id === 0 ? 0 : this.ends[id - 1]!;
		if (this.ends[id]! - from !== end - start) return false;
		for (let i = start, j = from; i < end; i++, j++) if (this.bytes[j] !== bytes[i]) return false;
		return true;
	}

	private add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
		if (this.isFrozen) throw new Error("a name that the thread which shares the pool does not know");
		const length = end - start;
		if (this.nBytes + length > this.bytes.length) {
			const grown = sharedBytes(Math.max(this.bytes.length * 2, this.nBytes + length));
			grown.set(this.bytes);
			this.bytes = grown;
		}
		for (let i = start; i < end; i++) this.bytes[this.nBytes++] = bytes[i]!;
		const id = this.nNames++;
		if (id >= this.ends.length) this.ends = growShared(this.ends);
		this.ends[id] = this.nBytes;
		this.slots[slot * 2] = id + 1;
		this.slots[slot * 2 + 1] = hash;
		if (this.nNames * 4 > this.slots.length) this.rehash();
		return id;
	}

	private rehash(): void {
		const before = this.slots;
		const slots = sharedInts(before.length * 2);
		const mask = slots.length / 2 - 1;
		for (let from = 0; from < before.length; from += 2) {
			if (before[from] === 0) continue;
			let slot = before[from + 1]! & mask;
			while (slots[slot * 2] !== 0) slot = (slot + 1) & mask;
			slots[slot * 2] = before[from]!;
			slots[slot * 2 + 1] = before[from + 1]!;
		}
		this.slots = slots;
	}
}

/** Is bit `index` set in a row of bits? */
export function hasBit(bits: Int32Array, index: number): boolean {
	return (bits[index >> 5]! & (1 << (index & 31))) !== 0;
}

/** UTF-8 without TextEncoder, which a pure library does not have. */
class Utf8 {
	encode(text: string): Uint8Array {
		const out: number[] = [];
		for (const char of text) {
			const code = char.codePointAt(0)!;
			if (code < 0x80) out.push(code);
			else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
			else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
			else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
		}
		return Uint8Array.from(out);
	}

	decode(bytes: Uint8Array, start: number, end: number): string {
		let text = "";
		for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
		// Kernel names are ASCII; anything else is shown byte by byte, which keeps names distinct.
		return text;
	}
}
