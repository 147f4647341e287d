// The cache on disk: what was put is got, damage is a miss, two writers do not meet, old packs go.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { cacheKey, DiskStore, tidyPacks } from "../src/host/diskStore.js";
import { tempFolder } from "./tempFolder.js";

const KEYS = ["a", "b", "c", "d"].map((name) => cacheKey([name]));

function bytesOf(i: number): Uint8Array {
	return new Uint8Array(1000 + i).fill(i + 1);
}

function fill(folder: string, indices: readonly number[]): void {
	const store = new DiskStore(folder);
	for (const i of indices) store.put(KEYS[i]!, bytesOf(i));
	store.close();
}

function known(folder: string): number[] {
	const store = new DiskStore(folder);
	const found = KEYS.flatMap((key, i) => (store.get(key) ? [i] : []));
	for (const i of found) assert.deepEqual(new Uint8Array(store.get(KEYS[i]!)!), bytesOf(i));
	store.close();
	return found;
}

function onePack(t: TestContext): { folder: string; pack: string } {
	const folder = tempFolder(t);
	fill(folder, [0, 1, 2]);
	const [name] = readdirSync(folder);
	return { folder, pack: join(folder, name!) };
}

test("what was put is got by the next reader, and nothing else", (t) => {
	const { folder } = onePack(t);
	assert.deepEqual(known(folder), [0, 1, 2]);
});

test("a flipped byte loses its entry only", (t) => {
	const { folder, pack } = onePack(t);
	const bytes = readFileSync(pack);
	bytes[8 + 1000 + 500]! ^= 4;
	writeFileSync(pack, bytes);
	assert.deepEqual(known(folder), [0, 2]);
});

test("a pack that is cut or damaged in its index is a miss, and goes", (t) => {
	for (const damage of [truncated, scribbled]) {
		const { folder, pack } = onePack(t);
		damage(pack);
		assert.deepEqual(known(folder), []);
		assert.deepEqual(readdirSync(folder), []);
	}
});

function truncated(pack: string): void {
	truncateSync(pack, 2000);
}

function scribbled(pack: string): void {
	const bytes = readFileSync(pack);
	bytes[bytes.length - 40]! ^= 1;
	writeFileSync(pack, bytes);
}

test("two writers at once both count", (t) => {
	const folder = tempFolder(t);
	const [first, second] = [new DiskStore(folder), new DiskStore(folder)];
	first.put(KEYS[0]!, bytesOf(0));
	second.put(KEYS[1]!, bytesOf(1));
	second.close();
	first.close();
	assert.deepEqual(known(folder), [0, 1]);
});

test("a writer that never closes leaves nothing that a reader sees", (t) => {
	const folder = tempFolder(t);
	new DiskStore(folder).put(KEYS[0]!, bytesOf(0));
	assert.deepEqual(known(folder), []);
});

test("many packs become one that holds the live entries", (t) => {
	const folder = tempFolder(t);
	for (let round = 0; round < 14; round++) fill(folder, [round % 4]);
	const live = new Set([0, 2].map((i) => KEYS[i]!.toString("latin1")));
	tidyPacks(folder, (key) => live.has(key));
	assert.equal(readdirSync(folder).length, 1);
	assert.deepEqual(known(folder), [0, 2]);
});
