// Units survive the cache's coding and the flat form, and damaged bytes are refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { flattenUnit, UNIT_HEADER_INTS, UNIT_TABLES, type Unit, unitOf } from "@might-sleep/analyzer";
import { decodeUnit, encodeUnit } from "../src/host/unitCodec.js";

function sampleUnit(seed: number): Unit {
	let state = seed;
	const next = () => {
		state = (Math.imul(state, 1103515245) + 12345) | 0;
		return state;
	};
	const extremes = [0, -1, 1, 0x7fffffff, -0x80000000, 300_000_000];
	const columns = UNIT_TABLES.map((_, i) =>
		Array.from({ length: i === 3 ? 0 : 36 * (i + 1) }, (_, at) => extremes[at] ?? next() >> (at % 31)),
	);
	// in one buffer behind room for a header, as front ends lay units out
	const nameBytes = [107, 109, 97, 108, 108, 111, 99];
	const lineLengths = [255, 12, 0, 80];
	let at = UNIT_HEADER_INTS * 4;
	const nInts = columns.reduce((sum, column) => sum + column.length, 0);
	const buffer = new SharedArrayBuffer(at + nInts * 4 + nameBytes.length + lineLengths.length);
	const tables = UNIT_TABLES.map((name, i) => {
		const table = new Int32Array(buffer, at, columns[i]!.length);
		table.set(columns[i]!);
		at += table.byteLength;
		return [name, table];
	});
	new Uint8Array(buffer, at).set([...nameBytes, ...lineLengths]);
	return {
		...(Object.fromEntries(tables) as Record<(typeof UNIT_TABLES)[number], Int32Array>),
		nameBytes: new Uint8Array(buffer, at, nameBytes.length),
		lineLengths: new Uint8Array(buffer, at + nameBytes.length),
		byteLength: 123_456_789,
		unparsedBodyBytes: 77,
	};
}

test("a unit comes back from the flat form and from the cache's bytes", () => {
	for (const seed of [1, 2, 3]) {
		const unit = sampleUnit(seed);
		assert.deepEqual(partsOf(unitOf(flattenUnit(unit))), unit);
		const flat = decodeUnit(Uint8Array.from(encodeUnit(unit)));
		assert.ok(flat);
		assert.deepEqual(partsOf(unitOf(flat)), unit);
	}
});

/** All that a unit has: most views are made when they are asked for. */
function partsOf(unit: Unit): Unit {
	const { byteLength, unparsedBodyBytes, nameBytes, lineLengths } = unit;
	const tables = Object.fromEntries(UNIT_TABLES.map((table) => [table, unit[table]]));
	return { ...tables, byteLength, unparsedBodyBytes, nameBytes, lineLengths } as unknown as Unit;
}

test("bytes that are cut or that never were a unit are refused", () => {
	const bytes = Uint8Array.from(encodeUnit(sampleUnit(9)));
	for (const length of [0, 1, 5, 40, bytes.length >> 1, bytes.length - 1]) {
		assert.equal(decodeUnit(bytes.subarray(0, length)), null, `${length} bytes`);
	}
	assert.equal(decodeUnit(new Uint8Array(1000).fill(255)), null);
});
