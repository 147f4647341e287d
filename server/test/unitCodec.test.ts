// Units survive the cache's coding and the flat form, and damaged bytes are refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { flattenUnit, takeFlat, UNIT_TABLES, type Unit, unitOf } from "@might-sleep/analyzer";
import { decodeUnit, encodeUnit } from "../src/host/unitCodec.js";

/** A unit in its flat form, and what it is made of. */
function sampleUnit(seed: number): { flat: Int32Array; parts: Unit } {
	let state = seed;
	const next = () => {
		state = (Math.imul(state, 1103515245) + 12345) | 0;
		return state;
	};
	const extremes = [0, -1, 1, 0x7fffffff, -0x80000000, 300_000_000];
	const columns = UNIT_TABLES.map((_, i) =>
		Array.from({ length: i === 3 ? 0 : 36 * (i + 1) }, (_, at) => extremes[at] ?? next() >> (at % 31)),
	);
	const nameBytes = Uint8Array.from([107, 109, 97, 108, 108, 111, 99]);
	const lineLengths = Uint8Array.from([255, 12, 0, 80]);
	const sizes = [123_456_789, 77, nameBytes.length, lineLengths.length, ...columns.map(({ length }) => length)];
	const ints = [...sizes, ...columns.flat()];
	const flat = takeFlat(ints.length + 3);
	flat.set(ints);
	new Uint8Array(flat.buffer, flat.byteOffset + ints.length * 4).set([...nameBytes, ...lineLengths]);
	const tables = UNIT_TABLES.map((name, i) => [name, Int32Array.from(columns[i]!)]);
	return {
		flat,
		parts: {
			...(Object.fromEntries(tables) as Record<(typeof UNIT_TABLES)[number], Int32Array>),
			nameBytes,
			lineLengths,
			byteLength: sizes[0]!,
			unparsedBodyBytes: sizes[1]!,
		},
	};
}

test("a unit comes back from the flat form and from the cache's bytes", () => {
	for (const seed of [1, 2, 3]) {
		const { flat, parts } = sampleUnit(seed);
		const unit = unitOf(flat);
		assert.deepEqual(partsOf(unit), parts);
		assert.equal(flattenUnit(unit), flat);
		const decoded = decodeUnit(Uint8Array.from(encodeUnit(unit)));
		assert.ok(decoded);
		assert.deepEqual(partsOf(unitOf(decoded)), parts);
	}
});

/** All that a unit has: most views are made when they are asked for. */
function partsOf(unit: Unit): Unit {
	const { byteLength, unparsedBodyBytes, nameBytes, lineLengths } = unit;
	const tables = Object.fromEntries(UNIT_TABLES.map((table) => [table, unit[table]]));
	return { ...tables, byteLength, unparsedBodyBytes, nameBytes, lineLengths } as unknown as Unit;
}

test("bytes that are cut or that never were a unit are refused", () => {
	const bytes = Uint8Array.from(encodeUnit(unitOf(sampleUnit(9).flat)));
	for (const length of [0, 1, 5, 40, bytes.length >> 1, bytes.length - 1]) {
		assert.equal(decodeUnit(bytes.subarray(0, length)), null, `${length} bytes`);
	}
	assert.equal(decodeUnit(new Uint8Array(1000).fill(255)), null);
});
