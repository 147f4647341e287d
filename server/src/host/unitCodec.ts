// hot: a unit as bytes, for the disk cache: each table is a run of differences to the record before, as
// variable-length integers, which makes a unit about a quarter of its size in memory. No I/O here.

import type { Unit } from "@might-sleep/analyzer";
import { UNIT_HEADER_INTS, UNIT_TABLES } from "@might-sleep/analyzer";

/** Ints per record of each table; a difference is taken to the same field of the record before. */
const STRIDES: Record<(typeof UNIT_TABLES)[number], number> = {
	fns: 18,
	vars: 4,
	ops: 6,
	exprs: 4,
	lists: 1,
	types: 4,
	structs: 5,
	members: 3,
	typedefs: 2,
	globals: 4,
	protos: 5,
	consts: 3,
	inits: 7,
	invocations: 6,
	annotations: 3,
	suppressions: 3,
	unparsed: 2,
	includes: 1,
	nameEnds: 1,
	usedNames: 1,
};

/** Byte length of the file, unparsed body bytes, name bytes, line lengths, then the length of each table. */
const HEADER_INTS = UNIT_HEADER_INTS;

/** A difference takes at most five bytes. */
const MAX_INT_BYTES = 5;

const NO_INTS = new Int32Array(0);

let scratch = new Uint8Array(1 << 20);

/** The bytes are a view of a buffer that the next call uses again. */
export function encodeUnit(unit: Unit): Uint8Array {
	let ints = HEADER_INTS;
	for (const table of UNIT_TABLES) ints += unit[table].length;
	const bound = ints * MAX_INT_BYTES + unit.nameBytes.length + unit.lineLengths.length;
	if (bound > scratch.length) scratch = new Uint8Array(bound * 2);
	const out = scratch;
	let at = putUint(out, 0, unit.byteLength);
	at = putUint(out, at, unit.unparsedBodyBytes);
	at = putUint(out, at, unit.nameBytes.length);
	at = putUint(out, at, unit.lineLengths.length);
	for (const table of UNIT_TABLES) at = putUint(out, at, unit[table].length);
	for (const table of UNIT_TABLES) at = putTable(out, at, unit[table], STRIDES[table]);
	out.set(unit.nameBytes, at);
	at += unit.nameBytes.length;
	out.set(unit.lineLengths, at);
	return out.subarray(0, at + unit.lineLengths.length);
}

/** The flat form of the unit that was encoded; null when the bytes are not those of a unit. */
export function decodeUnit(bytes: Uint8Array): ArrayBuffer | null {
	const cursor: Cursor = { bytes, at: 0 };
	const header = new Int32Array(HEADER_INTS);
	for (let i = 0; i < HEADER_INTS; i++) header[i] = takeUint(cursor);
	const size = flatSize(header);
	if (size === null || size > bytes.length * 4 + HEADER_INTS * 4) return null;
	const buffer = new ArrayBuffer(size);
	new Int32Array(buffer, 0, HEADER_INTS).set(header);
	let offset = HEADER_INTS * 4;
	for (let i = 0; i < UNIT_TABLES.length; i++) {
		const table = new Int32Array(buffer, offset, header[4 + i]!);
		takeTable(cursor, table, STRIDES[UNIT_TABLES[i]!]);
		offset += table.length * 4;
	}
	if (cursor.at + (size - offset) !== bytes.length) return null;
	new Uint8Array(buffer, offset).set(bytes.subarray(cursor.at));
	return buffer;
}

/** A unit as the front end made it in one buffer that can be moved to another thread: header, tables, names, lines. */
export function flattenUnit(unit: Unit): ArrayBuffer {
	const buffer = unit.nameBytes.buffer as ArrayBuffer;
	const header = new Int32Array(buffer, 0, HEADER_INTS);
	header[0] = unit.byteLength;
	header[1] = unit.unparsedBodyBytes;
	header[2] = unit.nameBytes.length;
	header[3] = unit.lineLengths.length;
	for (let i = 0; i < UNIT_TABLES.length; i++) header[4 + i] = unit[UNIT_TABLES[i]!].length;
	return buffer;
}

/** A unit whose tables are views of its flat form. */
export function unitOf(buffer: ArrayBuffer): Unit {
	const header = new Int32Array(buffer, 0, HEADER_INTS);
	const tables: Partial<Record<(typeof UNIT_TABLES)[number], Int32Array>> = {};
	let offset = HEADER_INTS * 4;
	for (let i = 0; i < UNIT_TABLES.length; i++) {
		const length = header[4 + i]!;
		tables[UNIT_TABLES[i]!] = length === 0 ? NO_INTS : new Int32Array(buffer, offset, length);
		offset += length * 4;
	}
	const nameLength = header[2]!;
	return {
		...(tables as Record<(typeof UNIT_TABLES)[number], Int32Array>),
		nameBytes: new Uint8Array(buffer, offset, nameLength),
		lineLengths: new Uint8Array(buffer, offset + nameLength, header[3]!),
		byteLength: header[0]!,
		unparsedBodyBytes: header[1]!,
	};
}

/** Bytes of the flat form, or null when the header makes no sense. */
function flatSize(header: Int32Array): number | null {
	let size = HEADER_INTS * 4;
	for (let i = 0; i < HEADER_INTS; i++) {
		const length = header[i]!;
		if (length < 0) return null;
		if (i >= 4) size += length * 4;
		else if (i >= 2) size += length;
	}
	return size;
}

interface Cursor {
	readonly bytes: Uint8Array;
	at: number;
}

function putUint(out: Uint8Array, start: number, value: number): number {
	let at = start;
	let rest = value >>> 0;
	while (rest > 127) {
		out[at++] = (rest & 127) | 128;
		rest >>>= 7;
	}
	out[at++] = rest;
	return at;
}

function takeUint(cursor: Cursor): number {
	const bytes = cursor.bytes;
	let at = cursor.at;
	let value = 0;
	let shift = 0;
	for (;;) {
		const byte = at < bytes.length ? bytes[at]! : 0;
		at++;
		value |= (byte & 127) << shift;
		shift += 7;
		if (byte < 128 || shift > 28) break;
	}
	cursor.at = at;
	return value;
}

function putTable(out: Uint8Array, start: number, table: Int32Array, stride: number): number {
	let at = start;
	for (let i = 0; i < table.length; i++) {
		const delta = (i < stride ? table[i]! : table[i]! - table[i - stride]!) | 0;
		let rest = ((delta << 1) ^ (delta >> 31)) >>> 0;
		while (rest > 127) {
			out[at++] = (rest & 127) | 128;
			rest >>>= 7;
		}
		out[at++] = rest;
	}
	return at;
}

function takeTable(cursor: Cursor, table: Int32Array, stride: number): void {
	const bytes = cursor.bytes;
	const end = bytes.length;
	let at = cursor.at;
	for (let i = 0; i < table.length; i++) {
		let byte = at < end ? bytes[at]! : 0;
		at++;
		let value = byte & 127;
		for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
			byte = at < end ? bytes[at]! : 0;
			at++;
			value |= (byte & 127) << shift;
		}
		const delta = (value >>> 1) ^ -(value & 1);
		table[i] = (i < stride ? delta : delta + table[i - stride]!) | 0;
	}
	cursor.at = at;
}
