// The pool of lowering workers: order, and files that kill or hang a worker.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { LoweredFile } from "../src/host/messages.js";
import { readAhead } from "../src/host/prefetching.js";
import { lowerFiles, type PoolOptions } from "../src/host/workerPool.js";
import { tempFolder } from "./tempFolder.js";

const DATA = {
	root: "/",
	config: { known: false, values: new Map() },
	cacheFolder: null,
	cacheSalt: "",
	macros: [],
	isBackground: false,
};

/** A worker that answers with empty units, dies on files named `dies…` and never answers on `hangs…`. */
const FRAGILE_WORKER = `
import { parentPort, workerData } from "node:worker_threads";
parentPort.on("message", (message) => {
	if (message.kind === "finish") { parentPort.close(); return; }
	const files = message.paths.map((path, i) => {
		Atomics.store(workerData.progress, 0, i);
		if (path.startsWith("dies")) process.exit(7);
		if (path.startsWith("throws")) throw new Error("cannot bear it");
		if (path.startsWith("eats")) for (const all = []; ; ) all.push(new Array(1e6).fill(all.length));
		if (path.startsWith("hangs")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
		return { path, hit: false, key: null };
	});
	const flats = { buffers: [new SharedArrayBuffer(4)], places: new Int32Array(files.flatMap(() => [0, 0, 1])) };
	parentPort.postMessage({ batch: message.batch, files, flats });
});`;

async function run(t: TestContext, names: readonly string[], options: Partial<PoolOptions>): Promise<LoweredFile[]> {
	const script = join(tempFolder(t), "worker.mjs");
	writeFileSync(script, FRAGILE_WORKER);
	const files = names.map((path, i) => ({ path, size: 1000 - i }));
	const results: LoweredFile[] = [];
	await lowerFiles(files, {
		jobs: 2,
		data: DATA,
		script: pathToFileURL(script),
		onBatch: (batch) => results.push(...batch),
		...options,
	});
	return results;
}

test("the order of results is the same for any number of workers", async (t) => {
	const names = Array.from({ length: 500 }, (_, i) => `f${i}.c`);
	const one = await run(t, names, { jobs: 1 });
	const four = await run(t, names, { jobs: 4 });
	assert.equal(one.length, 500);
	assert.deepEqual(
		four.map((file) => file.path),
		one.map((file) => file.path),
	);
});

test("a file that kills its worker is named, and every other file is read", async (t) => {
	const names = Array.from({ length: 200 }, (_, i) => `f${i}.c`);
	names[3] = "dies.c";
	names[70] = "throws.c";
	names[71] = "dies-too.c";
	const results = await run(t, names, {});
	assert.deepEqual(results.map((file) => file.path).sort(), [...names].sort());
	const problems = results.filter((file) => "problem" in file);
	assert.deepEqual(problems.map((file) => file.path).sort(), ["dies-too.c", "dies.c", "throws.c"]);
	assert.match((problems.find((file) => file.path === "throws.c") as { problem: string }).problem, /cannot bear it/);
});

test("a file that takes all memory costs itself only", async (t) => {
	const results = await run(t, ["a.c", "eats.c", "b.c"], { maxHeapMb: 32 });
	assert.equal(results.length, 3);
	const problems = results.filter((file) => "problem" in file);
	assert.deepEqual(
		problems.map((file) => file.path),
		["eats.c"],
	);
	assert.match((problems[0] as { problem: string }).problem, /memory/);
});

test("a file that takes for ever is given up", async (t) => {
	const results = await run(t, ["a.c", "hangs.c", "b.c"], { fileTimeoutMs: 200 });
	assert.deepEqual(
		results.filter((file) => "problem" in file),
		[{ path: "hangs.c", problem: "took too long to read" }],
	);
	assert.equal(results.length, 3);
});

test("cancelling stops early, and the pool still ends", async (t) => {
	const names = Array.from({ length: 2000 }, (_, i) => `f${i}.c`);
	let seen = 0;
	const results = await run(t, names, { jobs: 1, isCancelled: () => seen++ > 3 });
	assert.ok(results.length > 0 && results.length < names.length, `${results.length}`);
});

test("files that are not there are read ahead of nobody", async (t) => {
	const names = Array.from({ length: 2500 }, (_, i) => `nowhere/f${i}.c`);
	assert.equal((await run(t, names, {})).length, names.length);
});

test("what a disk is asked for is read ahead, of what is in memory one file in a group", () => {
	const files = Array.from({ length: 100 }, (_, i) => `f${i}.c`);
	const read: string[] = [];
	let time = 0;
	const onDisk = new Set(files.slice(40));
	const readOne = (path: string) => {
		read.push(path);
		time += onDisk.has(path) ? 1 : 0.01;
	};
	readAhead(files, readOne, () => time);
	assert.deepEqual(read, [files[0], files[32], ...files.slice(64)]);
	readAhead([], readOne, () => time);
	assert.equal(read.length, 38);
});

test("no files is no work", async (t) => {
	assert.deepEqual(await run(t, [], {}), []);
});
