// A unit in one buffer, as threads share it and the disk cache gives it back: a header, the tables, names and lines.
// The header: byte length of the file, unparsed body bytes, name bytes, line lengths, then the length of each table.

import { UNIT_HEADER_INTS, UNIT_TABLES, type Unit } from "./unit.js";

const NO_INTS = new Int32Array(0);

/** A unit as the front end made it in one buffer that all threads can read: header, tables, names, lines. */
export function flattenUnit(unit: Unit): SharedArrayBuffer {
	const buffer = unit.nameBytes.buffer as SharedArrayBuffer;
	const header = new Int32Array(buffer, 0, UNIT_HEADER_INTS);
	header[0] = unit.byteLength;
	header[1] = unit.unparsedBodyBytes;
	header[2] = unit.nameBytes.length;
	header[3] = unit.lineLengths.length;
	for (let i = 0; i < UNIT_TABLES.length; i++) header[4 + i] = unit[UNIT_TABLES[i]!].length;
	return buffer;
}

/** A unit whose tables are views of its flat form. */
export function unitOf(buffer: SharedArrayBuffer): Unit {
	const header = new Int32Array(buffer, 0, UNIT_HEADER_INTS);
	const tables: Partial<Record<(typeof UNIT_TABLES)[number], Int32Array>> = {};
	let offset = UNIT_HEADER_INTS * 4;
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
