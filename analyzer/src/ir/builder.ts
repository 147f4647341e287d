// Builds a unit: growable tables over one name pool, hash-consed expressions and types. Both front ends fill
// units through it. One builder serves many files: `reset` keeps its buffers, `finish` copies them out.

import { takeFlat, unitOf } from "./flat.js";
import { markUsedNames } from "./names.js";
import { EXPR_SIZE, ExprKind, OP_SIZE, type Op } from "./ops.js";
import { TYPE_SIZE, UNIT_HEADER_INTS, UNIT_TABLES, type Unit } from "./unit.js";

/** A growable array of ints. */
export class IntTable {
	data: Int32Array;
	length = 0;

	constructor(capacity: number) {
		this.data = new Int32Array(capacity);
	}

	push(value: number): void {
		if (this.length === this.data.length) this.grow(1);
		this.data[this.length++] = value;
	}

	push3(a: number, b: number, c: number): void {
		if (this.length + 3 > this.data.length) this.grow(3);
		const at = this.length;
		this.data[at] = a;
		this.data[at + 1] = b;
		this.data[at + 2] = c;
		this.length = at + 3;
	}

	push4(a: number, b: number, c: number, d: number): void {
		if (this.length + 4 > this.data.length) this.grow(4);
		const at = this.length;
		this.data[at] = a;
		this.data[at + 1] = b;
		this.data[at + 2] = c;
		this.data[at + 3] = d;
		this.length = at + 4;
	}

	/** Makes room for `count` more ints. */
	grow(count: number): void {
		let capacity = this.data.length * 2;
		while (capacity < this.length + count) capacity *= 2;
		const data = new Int32Array(capacity);
		data.set(this.data);
		this.data = data;
	}
}

const HASH_SIZE = 4096;

export class Builder {
	readonly fns = new IntTable(1024);
	readonly vars = new IntTable(4096);
	readonly ops = new IntTable(16384);
	readonly exprs = new IntTable(16384);
	readonly lists = new IntTable(16384);
	readonly types = new IntTable(1024);
	readonly structs = new IntTable(256);
	readonly members = new IntTable(1024);
	readonly typedefs = new IntTable(256);
	readonly globals = new IntTable(256);
	readonly protos = new IntTable(1024);
	readonly consts = new IntTable(1024);
	readonly inits = new IntTable(1024);
	readonly invocations = new IntTable(256);
	readonly annotations = new IntTable(256);
	readonly suppressions = new IntTable(64);
	readonly unparsed = new IntTable(64);
	readonly includes = new IntTable(64);
	readonly nameEnds = new IntTable(1024);
	readonly usedNames = new IntTable(64);
	unparsedBodyBytes = 0;

	private nameBytes = new Uint8Array(16384);
	private nameBytesLength = 0;
	private nameHashes = new IntTable(1024);
	/** open addressing: name + 1, 0 when free */
	private nameTable = new Int32Array(HASH_SIZE);
	/** expressions of the current scope: id + 1 with the scope's number beside it */
	private exprTable = new Int32Array(HASH_SIZE);
	private exprScopes = new Int32Array(HASH_SIZE);
	private exprCount = 0;
	private scope = 1;
	private typeTable = new Int32Array(1024);

	/** Forgets the last file, keeps the buffers. */
	reset(): void {
		for (const table of UNIT_TABLES) this[table].length = 0;
		this.unparsedBodyBytes = 0;
		this.nameBytesLength = 0;
		this.nameHashes.length = 0;
		if (this.nameTable.length > 16 * HASH_SIZE) this.nameTable = new Int32Array(HASH_SIZE);
		else this.nameTable.fill(0);
		this.typeTable.fill(0);
		this.beginScope();
	}

	/** Expressions from here on share ids among themselves only: called before each function or file-scope item. */
	beginScope(): void {
		this.exprCount = 0;
		this.scope++;
	}

	/** The name spelt bytes[start, end). */
	name(bytes: Uint8Array, start: number, end: number): number {
		let hash = 0;
		for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]) | 0;
		const length = end - start;
		const ends = this.nameEnds;
		const mask = this.nameTable.length - 1;
		let slot = (hash ^ (hash >>> 15)) & mask;
		for (;;) {
			const id = this.nameTable[slot] - 1;
			if (id < 0) break;
			const from = id === 0 ? 0 : ends.data[id - 1];
			if (this.nameHashes.data[id] === hash && ends.data[id] - from === length) {
				let i = 0;
				while (i < length && this.nameBytes[from + i] === bytes[start + i]) i++;
				if (i === length) return id;
			}
			slot = (slot + 1) & mask;
		}
		const id = ends.length;
		this.appendBytes(bytes, start, end);
		ends.push(this.nameBytesLength);
		this.nameHashes.push(hash);
		this.nameTable[slot] = id + 1;
		if (ends.length * 2 > this.nameTable.length) this.growNames();
		return id;
	}

	/** The name spelt `text`, as UTF-8. */
	nameOf(text: string): number {
		const bytes = encodeUtf8(text);
		return this.name(bytes, 0, bytes.length);
	}

	/** The first byte of a name, 0 for the empty one. */
	firstByte(name: number): number {
		const start = name === 0 ? 0 : this.nameEnds.data[name - 1];
		return start < this.nameEnds.data[name] ? this.nameBytes[start] : 0;
	}

	expr(kind: ExprKind, a: number, b: number, c: number): number {
		const table = this.exprTable;
		const scopes = this.exprScopes;
		const scope = this.scope;
		const mask = table.length - 1;
		const exprs = this.exprs;
		let slot = hash4(kind, a, b, c) & mask;
		while (scopes[slot] === scope) {
			const id = table[slot];
			const at = id * EXPR_SIZE;
			const data = exprs.data;
			if (
				data[at] === kind &&
				data[at + 1] === a &&
				data[at + 2] === b &&
				data[at + 3] === c &&
				id * EXPR_SIZE < exprs.length
			)
				return id;
			slot = (slot + 1) & mask;
		}
		const id = exprs.length / EXPR_SIZE;
		exprs.push4(kind, a, b, c);
		table[slot] = id;
		scopes[slot] = scope;
		if (++this.exprCount * 2 > table.length) this.growExprs();
		return id;
	}

	/** An integer as 64 bits, two's complement. */
	int(low: number, high: number): number {
		return this.expr(ExprKind.Int, low | 0, high | 0, 0);
	}

	/** An integer that fits in 53 bits. */
	intOf(value: number): number {
		return this.int(value | 0, Math.floor(value / 4294967296) | 0);
	}

	opaque(): number {
		return this.expr(ExprKind.Opaque, 0, 0, 0);
	}

	/** The type with these fields; equal ones share an index. */
	type(kind: number, name: number, pointers: number, extra: number): number {
		const mask = this.typeTable.length - 1;
		const types = this.types;
		let slot = hash4(kind, name, pointers, extra) & mask;
		for (;;) {
			const id = this.typeTable[slot] - 1;
			if (id < 0) break;
			const at = id * TYPE_SIZE;
			const data = types.data;
			if (data[at] === kind && data[at + 1] === name && data[at + 2] === pointers && data[at + 3] === extra) return id;
			slot = (slot + 1) & mask;
		}
		const id = types.length / TYPE_SIZE;
		types.push4(kind, name, pointers, extra);
		this.typeTable[slot] = id + 1;
		if ((id + 1) * 2 > this.typeTable.length) this.growTypes();
		return id;
	}

	/** Appends an op record and answers its index in the table. */
	op(code: Op | number, start: number, end: number, a: number, b: number, c: number): number {
		const ops = this.ops;
		if (ops.length + OP_SIZE > ops.data.length) ops.grow(OP_SIZE);
		const at = ops.length;
		const data = ops.data;
		data[at] = code;
		data[at + 1] = start;
		data[at + 2] = end;
		data[at + 3] = a;
		data[at + 4] = b;
		data[at + 5] = c;
		ops.length = at + OP_SIZE;
		return at / OP_SIZE;
	}

	/** Copies everything into a unit, which any thread may read. */
	finish(bytes: Uint8Array): Unit {
		this.markNames();
		let ints = UNIT_HEADER_INTS;
		for (const table of UNIT_TABLES) ints += this[table].length;
		const lineBytes = measureLines(bytes);
		const nBytes = this.nameBytesLength + lineBytes;
		const flat = takeFlat(ints + ((nBytes + 3) >> 2));
		flat[0] = bytes.length;
		flat[1] = this.unparsedBodyBytes;
		flat[2] = this.nameBytesLength;
		flat[3] = lineBytes;
		let at = UNIT_HEADER_INTS;
		for (let i = 0; i < UNIT_TABLES.length; i++) {
			const { data, length } = this[UNIT_TABLES[i]!];
			flat[4 + i] = length;
			copyInts(data, length, flat, at);
			at += length;
		}
		const text = new Uint8Array(flat.buffer, flat.byteOffset + ints * 4, nBytes);
		text.set(this.nameBytes.subarray(0, this.nameBytesLength));
		text.set(lineScratch.subarray(0, lineBytes), this.nameBytesLength);
		return unitOf(flat);
	}

	private markNames(): void {
		const { usedNames } = this;
		const nWords = (this.nameEnds.length + 31) >> 5;
		if (nWords > usedNames.data.length) usedNames.grow(nWords);
		usedNames.data.fill(0, 0, nWords);
		usedNames.length = nWords;
		markUsedNames(this, usedNames.data);
	}

	private appendBytes(bytes: Uint8Array, start: number, end: number): void {
		const length = this.nameBytesLength + end - start;
		if (length > this.nameBytes.length) {
			const grown = new Uint8Array(Math.max(length, this.nameBytes.length * 2));
			grown.set(this.nameBytes.subarray(0, this.nameBytesLength));
			this.nameBytes = grown;
		}
		let to = this.nameBytesLength;
		for (let i = start; i < end; i++) this.nameBytes[to++] = bytes[i];
		this.nameBytesLength = to;
	}

	private growNames(): void {
		const table = new Int32Array(this.nameTable.length * 2);
		const mask = table.length - 1;
		for (let id = 0; id < this.nameEnds.length; id++) {
			const hash = this.nameHashes.data[id];
			let slot = (hash ^ (hash >>> 15)) & mask;
			while (table[slot] !== 0) slot = (slot + 1) & mask;
			table[slot] = id + 1;
		}
		this.nameTable = table;
	}

	private growExprs(): void {
		const from = this.exprTable;
		const fromScopes = this.exprScopes;
		const table = new Int32Array(from.length * 2);
		const scopes = new Int32Array(from.length * 2);
		const mask = table.length - 1;
		const data = this.exprs.data;
		for (let i = 0; i < from.length; i++) {
			if (fromScopes[i] !== this.scope) continue;
			const at = from[i] * EXPR_SIZE;
			let slot = hash4(data[at], data[at + 1], data[at + 2], data[at + 3]) & mask;
			while (scopes[slot] === this.scope) slot = (slot + 1) & mask;
			table[slot] = from[i];
			scopes[slot] = this.scope;
		}
		this.exprTable = table;
		this.exprScopes = scopes;
	}

	private growTypes(): void {
		const table = new Int32Array(this.typeTable.length * 2);
		const mask = table.length - 1;
		const data = this.types.data;
		for (let at = 0; at < this.types.length; at += TYPE_SIZE) {
			let slot = hash4(data[at], data[at + 1], data[at + 2], data[at + 3]) & mask;
			while (table[slot] !== 0) slot = (slot + 1) & mask;
			table[slot] = at / TYPE_SIZE + 1;
		}
		this.typeTable = table;
	}
}

function hash4(a: number, b: number, c: number, d: number): number {
	let hash = Math.imul(a + 0x9e37, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35);
	hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f) ^ Math.imul(c + 0x165667b1, 0x9e3779b1);
	hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ Math.imul(d + 0x3c6ef372, 0xc2b2ae35);
	return (hash ^ (hash >>> 14)) >>> 0;
}

function encodeUtf8(text: string): Uint8Array {
	const bytes: number[] = [];
	for (const char of text) {
		const code = char.codePointAt(0) ?? 0;
		if (code < 0x80) bytes.push(code);
		else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
		else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
		else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
	}
	return Uint8Array.from(bytes);
}

/** Scratch space for the line lengths of one file. */
let lineScratch = new Uint8Array(4096);

/** Writes Unit.lineLengths of the file into lineScratch; answers how many bytes they take. */
function measureLines(bytes: Uint8Array): number {
	const { length } = bytes;
	const head = Math.min(-bytes.byteOffset & 3, length);
	const words = new Int32Array(bytes.buffer, bytes.byteOffset + head, (length - head) >> 2);
	// a line takes no more than its own bytes, the last one perhaps one more
	if (lineScratch.length <= length) lineScratch = new Uint8Array(Math.max(length + 1, lineScratch.length * 2));
	const lines = lineScratch;
	let at = 0;
	let start = 0;
	for (let i = 0; ; ) {
		if (((i - head) & 3) === 0) {
			let word = (i - head) >> 2;
			while (word < words.length && !hasNewline(words[word]!)) word++;
			i = head + word * 4;
		}
		if (i >= length) return putLength(lines, at, length - start);
		if (bytes[i++] !== NEWLINE) continue;
		at = putLength(lines, at, i - start);
		start = i;
	}
}

/** Adds the length of a line at a place; answers the next one. */
function putLength(lines: Uint8Array, at: number, length: number): number {
	let rest = length;
	let next = at;
	for (; rest >= 255; rest -= 255) lines[next++] = 255;
	lines[next++] = rest;
	return next;
}

const NEWLINE = 10;
const NEWLINES = 0x0a0a0a0a;

function hasNewline(word: number): boolean {
	// a byte of it is zero where the word has a newline: the next line sees that
	const other = word ^ NEWLINES;
	return ((other - 0x01010101) & ~other & 0x80808080) !== 0;
}

/** For less than this, a view of it costs more than a loop. */
const SHORT = 48;

function copyInts(from: Int32Array, length: number, to: Int32Array, at: number): void {
	if (length > SHORT) to.set(from.subarray(0, length), at);
	else for (let i = 0; i < length; i++) to[at + i] = from[i]!;
}
