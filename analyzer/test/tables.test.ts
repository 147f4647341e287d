// The tables that hot code looks things up in, against the Map and the lists that they stand for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ListPool } from "../src/base/listPool.js";
import { noneOf } from "../src/base/lists.js";
import { fixedVec } from "../src/base/vec.js";
import { CallMap } from "../src/flow/callMap.js";
import { ExprTable } from "../src/flow/exprTable.js";

/** Numbers that repeat, in an order that does not. */
function* numbers(count: number): Generator<number> {
	let state = 1;
	for (let i = 0; i < count; i++) {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		yield state >>> 16;
	}
}

test("a map of calls knows what a Map knows, while it grows and after it was cleared", () => {
	const map = new CallMap<number>();
	for (let round = 0; round < 2; round++) {
		const expected = new Map<string, number>();
		for (const n of numbers(5000)) {
			const [fn, op] = [n % 311, n % 97];
			const known = expected.get(`${fn}/${op}`);
			assert.equal(map.get(fn, op), known);
			if (known !== undefined) continue;
			assert.equal(map.add(fn, op, n), n);
			expected.set(`${fn}/${op}`, n);
		}
		assert.ok(expected.size > 1000);
		assert.equal(map.get(97, 311), undefined);
		map.clear();
		assert.equal(map.get(0, 0), undefined);
	}
});

test("null is a value of a map of calls", () => {
	const map = new CallMap<string | null>();
	map.add(1, 2, null);
	assert.equal(map.get(1, 2), null);
	assert.equal(map.get(2, 1), undefined);
});

test("what is found of expressions is forgotten at once", () => {
	const table = new ExprTable();
	for (const expr of [5000, 0, 7]) table.set(expr, expr + 1);
	assert.deepEqual(
		[5000, 0, 7, 8, 100_000].map((expr) => table.get(expr)),
		[5001, 1, 8, -1, -1],
	);
	table.clear();
	table.set(7, 3);
	assert.deepEqual(
		[5000, 0, 7].map((expr) => table.get(expr)),
		[-1, -1, 3],
	);
});

test("equal lists of integers have one number, counted from 0; what lies behind the list does not count", () => {
	const pool = new ListPool();
	const lists = new Map<string, number>();
	for (const n of numbers(3000)) {
		const list = fixedVec(Int32Array.of(n % 5, n % 7, n % 11, n));
		list.length = n % 4;
		const key = list.data.subarray(0, list.length).join();
		const expected = lists.get(key) ?? lists.size;
		assert.equal(pool.intern(list), expected);
		lists.set(key, expected);
	}
	assert.equal(pool.size, lists.size);
});

test("the empty list of all stays empty", () => {
	const none = noneOf<object>();
	assert.equal(none, noneOf<string>());
	assert.deepEqual(none.concat([{}]).length, 1);
	assert.equal(none.length, 0);
});
