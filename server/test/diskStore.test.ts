// The cache on disk: what was put is got, damage is a miss, two writers do not meet, old packs go.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { cacheKey, DiskStore, tidyPacks } from "../src/host/diskStore.js";
import { PackWriter } from "../src/host/pack.js";
import { tempFolder } from "./tempFolder.js";

const N_KEYS = 200;
const KEYS = Array.from({ length: N_KEYS }, (_, i) => cacheKey([`entry ${i}`]));
const ALL = KEYS.map((_, i) => i);

/** Bytes that do not compress, so that a few entries fill a block. */
function bytesOf(i: number): Uint8Array {
	const bytes = new Uint8Array(5000 + i);
	let state = i + 1;
	for (let at = 0; at < bytes.length; at++) {
		state = (Math.imul(state, 1103515245) + 12345) | 0;
		bytes[at] = state >>> 16;
	}
	return bytes;
}

function fill(folder: string, indices: readonly number[]): string | null {
	const writer = new PackWriter(folder);
	for (const i of indices) writer.add(KEYS[i]!, bytesOf(i));
	writer.finish();
	return writer.problem;
}

function known(folder: string): number[] {
	const store = new DiskStore(folder);
	const found = ALL.filter((i) => store.get(KEYS[i]!) !== null);
	for (const i of found) assert.deepEqual(new Uint8Array(store.get(KEYS[i]!)!), bytesOf(i));
	store.close();
	return found;
}

function onePack(t: TestContext): { folder: string; pack: string } {
	const folder = tempFolder(t);
	fill(folder, ALL);
	const [name] = readdirSync(folder);
	return { folder, pack: join(folder, name!) };
}

function tidy(folder: string, live: readonly number[]): void {
	const keys = new Set(live.map((i) => KEYS[i]!));
	tidyPacks(folder, (key) => keys.has(key));
}

test("what was put is got by the next reader, and nothing else", (t) => {
	const { folder } = onePack(t);
	assert.deepEqual(known(folder), ALL);
	const store = new DiskStore(folder);
	assert.equal(store.get(cacheKey(["another"])), null);
	store.close();
});

test("an entry larger than a block is one by itself", (t) => {
	const folder = tempFolder(t);
	const writer = new PackWriter(folder);
	const large = new Uint8Array(3_000_000).fill(7);
	writer.add(KEYS[0]!, bytesOf(0));
	writer.add(KEYS[1]!, large);
	writer.add(KEYS[2]!, bytesOf(2));
	writer.finish();
	assert.equal(writer.problem, null);
	const reader = new DiskStore(folder);
	assert.deepEqual(new Uint8Array(reader.get(KEYS[1]!)!), large);
	assert.deepEqual(new Uint8Array(reader.get(KEYS[2]!)!), bytesOf(2));
	reader.close();
});

test("a flipped bit loses no more than the entries of its block", (t) => {
	const { folder, pack } = onePack(t);
	const bytes = readFileSync(pack);
	bytes[bytes.length >> 1]! ^= 4;
	writeFileSync(pack, bytes);
	const found = known(folder);
	assert.ok(found.length > N_KEYS / 2 && found.length < N_KEYS, `${found.length}`);
});

test("what was damaged is there again when it was put again", (t) => {
	const { folder, pack } = onePack(t);
	const bytes = readFileSync(pack);
	bytes[bytes.length >> 1]! ^= 4;
	writeFileSync(pack, bytes);
	const lost = ALL.filter((i) => !known(folder).includes(i));
	fill(folder, lost);
	assert.deepEqual(known(folder), ALL);
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
	truncateSync(pack, 200_000);
}

function scribbled(pack: string): void {
	const bytes = readFileSync(pack);
	bytes[bytes.length - 40]! ^= 1;
	writeFileSync(pack, bytes);
}

test("wherever a small pack is cut or flipped, an entry is right or missing", (t) => {
	const folder = tempFolder(t);
	const writer = new PackWriter(folder);
	const text = Buffer.from("what is kept ".repeat(9));
	writer.add(KEYS[0]!, text);
	writer.add(KEYS[1]!, text.subarray(1));
	writer.finish();
	const pack = join(folder, readdirSync(folder)[0]!);
	const sound = readFileSync(pack);
	const check = (bytes: Uint8Array) => {
		writeFileSync(pack, bytes);
		const reader = new DiskStore(folder);
		for (const [i, expected] of [text, text.subarray(1)].entries()) {
			const found = reader.get(KEYS[i]!);
			assert.ok(found === null || expected.equals(found));
		}
		reader.close();
	};
	for (let at = 0; at < sound.length; at++) {
		check(sound.subarray(0, at));
		const flipped = Buffer.from(sound);
		flipped[at]! ^= 1 << (at % 8);
		check(flipped);
	}
});

test("two writers at once both count", (t) => {
	const folder = tempFolder(t);
	const [first, second] = [new PackWriter(folder), new PackWriter(folder)];
	first.add(KEYS[0]!, bytesOf(0));
	second.add(KEYS[1]!, bytesOf(1));
	second.finish();
	first.finish();
	assert.deepEqual(known(folder), [0, 1]);
});

test("a writer that never closes leaves nothing that a reader sees", (t) => {
	const folder = tempFolder(t);
	new PackWriter(folder).add(KEYS[0]!, bytesOf(0));
	assert.deepEqual(known(folder), []);
});

test("a folder that cannot be written to says why, and answers what it has", (t) => {
	const { folder } = onePack(t);
	assert.match(fill(join(folder, "missing"), [0]) ?? "", /missing: ENOENT$/);
	assert.deepEqual(known(join(folder, "missing")), []);
});

test("many small packs become one that holds the live entries", (t) => {
	const { folder, pack } = onePack(t);
	for (let round = 0; round < 14; round++) fill(folder, [round]);
	tidy(folder, ALL);
	assert.equal(readdirSync(folder).length, 1, "the large pack has all of them");
	assert.ok(pack.endsWith(readdirSync(folder)[0]!), "it was not written anew");
	const other = tempFolder(t);
	for (let round = 0; round < 14; round++) fill(other, [round]);
	tidy(other, [2, 3, 5]);
	assert.equal(readdirSync(other).length, 1);
	assert.deepEqual(known(other), [2, 3, 5]);
});

test("dead entries go when they are more than half", (t) => {
	const { folder, pack } = onePack(t);
	const most = ALL.slice(0, (N_KEYS * 2) / 3);
	tidy(folder, most);
	assert.ok(pack.endsWith(readdirSync(folder)[0]!));
	assert.deepEqual(known(folder), ALL);
	const few = ALL.filter((i) => i % 3 === 0 || i < 60);
	tidy(folder, few.slice(0, N_KEYS / 3));
	assert.deepEqual(known(folder), few.slice(0, N_KEYS / 3));
	tidy(folder, []);
	assert.deepEqual(readdirSync(folder), []);
});

test("what two processes wrote both is kept once", (t) => {
	const { folder } = onePack(t);
	fill(folder, ALL);
	tidy(folder, ALL);
	assert.equal(readdirSync(folder).length, 1);
	assert.deepEqual(known(folder), ALL);
});
