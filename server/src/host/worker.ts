// Entry of a lowering worker: files in, units out, until it is told to finish.

import { constants } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { shareViews } from "@might-sleep/analyzer";
import { DiskStore } from "./diskStore.js";
import { type LowerSettings, lowerFile } from "./lowering.js";
import type { FromLowerWorker, LoweredFile, LowerWorkerData, ToLowerWorker } from "./messages.js";
import { loadRustGrammar } from "./rustGrammar.js";
import { yieldToOthers } from "./threads.js";
import { isRustName } from "./walk.js";

const data = workerData as LowerWorkerData;
const store = data.cacheFolder === null ? null : new DiskStore(data.cacheFolder);
const settings: LowerSettings = {
	root: data.root,
	config: data.config,
	store,
	cacheSalt: data.cacheSalt,
	library: { macros: data.macros },
};

if (data.isBackground) yieldToOthers(constants.priority.PRIORITY_BELOW_NORMAL);

/** Batches are worked off one after another; the grammar of Rust takes several turns of the event loop to load. */
let work: Promise<void> = Promise.resolve();

parentPort!.on("message", (message: ToLowerWorker) => {
	work = work.then(() => handle(message));
});

async function handle(message: ToLowerWorker): Promise<void> {
	if (message.kind === "finish") {
		store?.close();
		parentPort!.close();
		return;
	}
	if (message.paths.some(isRustName)) await loadRustGrammar();
	const files: LoweredFile[] = [];
	for (let i = 0; i < message.paths.length; i++) {
		Atomics.store(data.progress, 0, i);
		files.push(lowerFile(message.paths[i]!, settings));
	}
	parentPort!.postMessage(sent(message.batch, files));
}

/** What crosses: views are written and read one by one, as a few buffers with places in them they are not. */
function sent(batch: number, files: readonly LoweredFile[]): FromLowerWorker {
	return {
		batch,
		files: files.map((file) => ("flat" in file ? { path: file.path, hit: file.hit, key: file.key } : file)),
		flats: shareViews(files.map((file) => ("flat" in file ? file.flat : undefined))),
	};
}
