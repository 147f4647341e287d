// hot: a unit as bytes, for the disk cache. Tables are written column by column; of each value the difference to
// what is expected there, as a variable-length integer: most take one byte, and their columns compress well. Any
// tables come back as they were, expected or not. No I/O here.

import type { Unit } from "@might-sleep/analyzer";
import { takeFlat, UNIT_HEADER_INTS, UNIT_TABLES } from "@might-sleep/analyzer";

type TableName = (typeof UNIT_TABLES)[number];

/** A value is expected to be near another one that was written before: of the same record, or of the one before. */
interface Column {
	readonly field: number;
	/** how many ints before it that one is; 0: near zero */
	readonly back: (stride: number) => number;
}

const near = (field: number, base: number): Column => ({ field, back: () => field - base });
const small = (field: number): Column => ({ field, back: () => 0 });
/** Fields `from` to `to`, each near that of the record before. */
const steady = (from: number, to: number): Column[] =>
	Array.from({ length: to - from + 1 }, (_, i) => ({ field: from + i, back: (stride) => stride }));

/** The columns of each table in the order they are written. */
const COLUMNS: Record<TableName, readonly Column[]> = {
	// most places in a definition follow from that of its name
	fns: [
		...steady(0, 1),
		near(2, 1),
		near(3, 1),
		near(16, 2),
		near(4, 16),
		near(17, 4),
		...steady(5, 12),
		small(13),
		...steady(14, 14),
		near(15, 14),
	],
	vars: steady(0, 3),
	ops: [small(0), ...steady(1, 1), near(2, 1), ...steady(3, 4), small(5)],
	exprs: [small(0), ...steady(1, 3)],
	lists: steady(0, 0),
	types: steady(0, 3),
	structs: steady(0, 4),
	members: steady(0, 2),
	typedefs: steady(0, 1),
	globals: steady(0, 3),
	protos: steady(0, 4),
	consts: steady(0, 2),
	inits: [...steady(0, 5), near(6, 5)],
	invocations: [...steady(0, 3), near(4, 3), ...steady(5, 5)],
	annotations: steady(0, 2),
	suppressions: steady(0, 2),
	unparsed: [...steady(0, 0), near(1, 0)],
	includes: steady(0, 0),
	nameEnds: steady(0, 0),
	usedNames: steady(0, 0),
};

/** Byte length of the file, unparsed body bytes, name bytes, line lengths, then the length of each table. */
const HEADER_INTS = UNIT_HEADER_INTS;

/** A difference takes at most five bytes. */
const MAX_INT_BYTES = 5;

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
	for (const table of UNIT_TABLES) at = putTable(out, at, unit[table], COLUMNS[table]);
	out.set(unit.nameBytes, at);
	at += unit.nameBytes.length;
	out.set(unit.lineLengths, at);
	return out.subarray(0, at + unit.lineLengths.length);
}

/** The flat form of the unit that was encoded; null when the bytes are not those of a unit. */
export function decodeUnit(bytes: Uint8Array): Int32Array | null {
	const cursor: Cursor = { bytes, at: 0 };
	const header = new Int32Array(HEADER_INTS);
	for (let i = 0; i < HEADER_INTS; i++) header[i] = takeUint(cursor);
	const size = flatSize(header);
	if (size === null || size > bytes.length * 4 + HEADER_INTS * 4) return null;
	const flat = takeFlat((size + 3) >> 2);
	flat.set(header);
	let at = HEADER_INTS;
	for (let i = 0; i < UNIT_TABLES.length; i++) {
		const table = flat.subarray(at, at + header[4 + i]!);
		takeTable(cursor, table, COLUMNS[UNIT_TABLES[i]!]);
		at += table.length;
	}
	if (cursor.at + (size - at * 4) !== bytes.length) return null;
	new Uint8Array(flat.buffer, flat.byteOffset + at * 4).set(bytes.subarray(cursor.at));
	return flat;
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

function putTable(out: Uint8Array, start: number, table: Int32Array, columns: readonly Column[]): number {
	const stride = columns.length;
	let at = start;
	for (const column of columns) {
		const { field } = column;
		const back = column.back(stride);
		for (let i = field; i < table.length; i += stride) {
			const expected = back !== 0 && i >= back ? table[i - back]! : 0;
			const delta = (table[i]! - expected) | 0;
			let rest = ((delta << 1) ^ (delta >> 31)) >>> 0;
			while (rest > 127) {
				out[at++] = (rest & 127) | 128;
				rest >>>= 7;
			}
			out[at++] = rest;
		}
	}
	return at;
}

function takeTable(cursor: Cursor, table: Int32Array, columns: readonly Column[]): void {
	const stride = columns.length;
	const bytes = cursor.bytes;
	const end = bytes.length;
	let at = cursor.at;
	for (const column of columns) {
		const { field } = column;
		const back = column.back(stride);
		for (let i = field; i < table.length; i += stride) {
			let byte = at < end ? bytes[at]! : 0;
			at++;
			let value = byte & 127;
			for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
				byte = at < end ? bytes[at]! : 0;
				at++;
				value |= (byte & 127) << shift;
			}
			const expected = back !== 0 && i >= back ? table[i - back]! : 0;
			table[i] = (((value >>> 1) ^ -(value & 1)) + expected) | 0;
		}
	}
	cursor.at = at;
}
