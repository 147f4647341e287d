// The base: interning, vectors, components, lines, fingerprints, cancellation, broken invariants.

import assert from "node:assert/strict";
import { test } from "node:test";
import { never, setStrict, unreachable } from "../src/base/assert.js";
import { Cancelled, sharedCheckpoint } from "../src/base/cancel.js";
import { fingerprint } from "../src/base/hash.js";
import { hashBytes, NamePool } from "../src/base/intern.js";
import { grow } from "../src/base/ints.js";
import { countLines, lineRange, placeOf } from "../src/base/lineIndex.js";
import { findComponents } from "../src/base/scc.js";
import { IntVec } from "../src/base/vec.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("equal names get one id, in order of arrival", () => {
	const pool = new NamePool();
	assert.equal(pool.internText("spin_lock"), 0);
	assert.equal(pool.internText("spin_unlock"), 1);
	assert.equal(pool.internText("spin_lock"), 0);
	assert.equal(pool.lookupText("spin_unlock"), 1);
	assert.equal(pool.lookupText("mutex_lock"), -1);
	assert.equal(pool.size, 2);
	assert.equal(pool.text(1), "spin_unlock");
	assert.equal(pool.text(2), "");
	assert.equal(pool.text(-1), "");
});

test("names by bytes and by text are the same names", () => {
	const pool = new NamePool();
	const bytes = bytesOf("x = kmalloc(size)");
	const id = pool.intern(bytes, 4, 11);
	assert.equal(pool.text(id), "kmalloc");
	assert.equal(pool.internText("kmalloc"), id);
	assert.equal(pool.lookup(bytes, 4, 11), id);
	assert.equal(pool.lookup(bytes, 4, 10), -1);
	assert.equal(pool.spells(id, "kmalloc"), true);
	for (const other of ["kmallox", "kmallo", "kmalloc2", ""]) assert.equal(pool.spells(id, other), false);
	assert.equal(pool.spells(-1, ""), false);
	assert.equal(pool.internText(""), pool.internText(""));
});

test("the pool keeps every name while it grows", () => {
	const pool = new NamePool();
	const ids = new Map<string, number>();
	for (let i = 0; i < 20_000; i++) ids.set(`name_${i * 7919}_${"x".repeat(i % 13)}`, 0);
	for (const name of ids.keys()) ids.set(name, pool.internText(name));
	assert.equal(pool.size, ids.size);
	for (const [name, id] of ids) {
		assert.equal(pool.lookupText(name), id);
		assert.equal(pool.text(id), name);
	}
});

test("names that are no ASCII stay distinct", () => {
	const pool = new NamePool();
	const names = ["ä", "ö", "€", "𝄞", "ä€"];
	const ids = names.map((name) => pool.internText(name));
	assert.equal(new Set(ids).size, names.length);
	const bytes = bytesOf("€");
	assert.equal(pool.intern(bytes, 0, bytes.length), ids[2]);
});

test("hashes depend on every byte of the range and on nothing else", () => {
	const bytes = bytesOf("abcabc");
	assert.equal(hashBytes(bytes, 0, 3), hashBytes(bytes, 3, 6));
	assert.notEqual(hashBytes(bytes, 0, 3), hashBytes(bytes, 0, 4));
	assert.notEqual(hashBytes(bytes, 0, 3), hashBytes(bytes, 1, 4));
});

test("grow copies and at least doubles", () => {
	const grown = grow(Int32Array.of(1, 2, 3));
	assert.ok(grown.length >= 6);
	assert.deepEqual([...grown.subarray(0, 4)], [1, 2, 3, 0]);
	assert.ok(grow(new Int32Array(0)).length > 0);
	assert.ok(grow(new Int32Array(4), 1000).length >= 1000);
});

test("what is not small grows in place, and is copied when what is reserved is used up", () => {
	let row = grow(Int32Array.of(7), 1 << 18);
	const { buffer } = row;
	row[row.length - 1] = 9;
	const places = [0, row.length - 1];
	while (row.buffer === buffer) {
		const before = row;
		row = grow(row);
		assert.ok(row.length > before.length);
		assert.equal(row[before.length], 0);
	}
	assert.deepEqual(
		places.map((at) => row[at]),
		[7, 9],
	);
	assert.ok(row.length > 16 << 18, "it had grown in place several times");
});

test("a vector grows, extends and clears", () => {
	const vec = new IntVec(1);
	for (let i = 0; i < 100; i++) assert.equal(vec.push(i * 3), i);
	assert.equal(vec.length, 100);
	assert.equal(vec.at(99), 297);
	vec.extend(150, -1);
	assert.equal(vec.at(100), -1);
	assert.equal(vec.at(149), -1);
	vec.extend(10, 5);
	assert.equal(vec.length, 150);
	vec.clear();
	assert.equal(vec.length, 0);
	vec.extend(3, 7);
	assert.deepEqual([...vec.data.subarray(0, 3)], [7, 7, 7]);
});

interface Edges {
	readonly nNodes: number;
	readonly edges: readonly (readonly [number, number])[];
}

function componentsOf({ nNodes, edges }: Edges) {
	const sorted = [...edges].sort((a, b) => a[0] - b[0]);
	const starts = new Int32Array(nNodes + 1);
	for (const [from] of sorted) starts[from + 1]!++;
	for (let i = 0; i < nNodes; i++) starts[i + 1]! += starts[i]!;
	return findComponents({ nNodes, starts, targets: Int32Array.from(sorted.map(([, to]) => to)) });
}

/** What components must satisfy, checked against plain reachability. */
function assertComponents(graph: Edges): void {
	const { nNodes, edges } = graph;
	const { order, componentOf, nComponents } = componentsOf(graph);
	const reach = Array.from({ length: nNodes }, (_, i) => new Set([i]));
	for (let changed = true; changed; ) {
		changed = false;
		for (const [from, to] of edges) {
			for (const node of reach[to]!) {
				if (!reach[from]!.has(node)) {
					reach[from]!.add(node);
					changed = true;
				}
			}
		}
	}
	assert.deepEqual(
		[...order].sort((a, b) => a - b),
		[...Array(nNodes).keys()],
	);
	assert.equal(new Set(componentOf).size, nComponents);
	for (let a = 0; a < nNodes; a++) {
		for (let b = 0; b < nNodes; b++) {
			const together = reach[a]!.has(b) && reach[b]!.has(a);
			assert.equal(componentOf[a] === componentOf[b], together, `${a} and ${b}`);
			if (!together && reach[a]!.has(b)) assert.ok(componentOf[b]! < componentOf[a]!, `${b} comes before ${a}`);
		}
	}
	const positions = [...order].map((node) => componentOf[node]!);
	assert.deepEqual(
		positions,
		[...positions].sort((a, b) => a - b),
		"members of a component stand together, callees first",
	);
}

test("components: chains, cycles, self loops, islands", () => {
	assertComponents({ nNodes: 0, edges: [] });
	assertComponents({ nNodes: 3, edges: [] });
	assertComponents({
		nNodes: 4,
		edges: [
			[0, 1],
			[1, 2],
			[2, 3],
		],
	});
	assertComponents({
		nNodes: 4,
		edges: [
			[3, 2],
			[2, 1],
			[1, 0],
		],
	});
	assertComponents({
		nNodes: 2,
		edges: [
			[0, 0],
			[1, 0],
		],
	});
	assertComponents({
		nNodes: 6,
		edges: [
			[0, 1],
			[1, 2],
			[2, 0],
			[2, 3],
			[3, 4],
			[4, 3],
			[5, 0],
		],
	});
});

test("components of many small graphs agree with reachability", () => {
	let seed = 12345;
	const random = (n: number): number => {
		seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
		return (seed >> 8) % n;
	};
	for (let round = 0; round < 300; round++) {
		const nNodes = 1 + random(9);
		const edges = Array.from({ length: random(18) }, () => [random(nNodes), random(nNodes)] as const);
		assertComponents({ nNodes, edges });
	}
});

test("a long chain of calls does not overflow the stack", () => {
	const nNodes = 200_000;
	const starts = Int32Array.from({ length: nNodes + 1 }, (_, i) => Math.min(i, nNodes - 1));
	const targets = Int32Array.from({ length: nNodes - 1 }, (_, i) => i + 1);
	assert.equal(findComponents({ nNodes, starts, targets }).nComponents, nNodes);
});

/** Line lengths as a unit keeps them: 255 means 255 and go on. */
function lengthsOf(text: string): Uint8Array {
	const lengths: number[] = [];
	for (const line of text.split(/(?<=\n)/)) {
		let left = bytesOf(line).length;
		for (; left >= 255; left -= 255) lengths.push(255);
		lengths.push(left);
	}
	return Uint8Array.from(lengths);
}

test("offsets and lines agree, with long lines too", () => {
	for (const text of [
		"a\nbc\n\nd",
		"x",
		"\n\n",
		`${"y".repeat(255)}\nz\n`,
		`${"y".repeat(700)}\n${"z".repeat(254)}\nend`,
	]) {
		const lengths = lengthsOf(text);
		const bytes = bytesOf(text);
		let line = 1;
		let column = 1;
		for (let offset = 0; offset < bytes.length; offset++) {
			assert.deepEqual(placeOf(lengths, offset), { line, column }, `offset ${offset}`);
			const range = lineRange(lengths, line);
			assert.equal(range.start, offset - column + 1);
			assert.ok(range.end > offset);
			if (bytes[offset] === 10) {
				line++;
				column = 1;
			} else column++;
		}
		assert.equal(countLines(lengths), text.split(/(?<=\n)/).length);
	}
});

test("a line past the end is an empty range there", () => {
	const lengths = lengthsOf("one\ntwo\n");
	assert.deepEqual(lineRange(lengths, 9), { start: 8, end: 8 });
});

test("fingerprints are 16 hex digits, stable and different", () => {
	assert.match(fingerprint(""), /^[0-9a-f]{16}$/);
	assert.equal(fingerprint("sleep-in-atomic a.c f"), fingerprint("sleep-in-atomic a.c f"));
	const seen = new Set(Array.from({ length: 5000 }, (_, i) => fingerprint(`rule file_${i}.c`)));
	assert.equal(seen.size, 5000);
});

test("a checkpoint throws once another thread asks for it", () => {
	const flag = new Int32Array(new SharedArrayBuffer(4));
	const checkpoint = sharedCheckpoint(flag);
	checkpoint();
	Atomics.store(flag, 0, 1);
	assert.throws(checkpoint, Cancelled);
});

test("broken invariants throw under test and are reported otherwise", () => {
	setStrict(true);
	assert.throws(() => never(true, "two owners"), /two owners/);
	assert.throws(() => unreachable(1 as never));
	assert.equal(never(false, "fine"), false);
	setStrict(false);
	assert.equal(never(true, "two owners"), true);
	assert.equal(unreachable(1 as never), undefined);
});
