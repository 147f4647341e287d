// Entry of a lowering worker: files in, units out, until it is told to finish. What was not in the cache is stored
// then: the threads that need the units have them already.

import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { unitOf } from "@might-sleep/analyzer";
import { DiskStore } from "./diskStore.js";
import { type LowerSettings, lowerFile } from "./lowering.js";
import type { FromLowerWorker, LoweredFile, LowerWorkerData, ToLowerWorker } from "./messages.js";
import { loadRustGrammar } from "./rustGrammar.js";
import { encodeUnit } from "./unitCodec.js";
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

/** what is to be stored */
const fresh: { readonly key: string; readonly flat: SharedArrayBuffer }[] = [];

if (data.isBackground) yieldToOthers(constants.priority.PRIORITY_BELOW_NORMAL);

/** Batches are worked off one after another; the grammar of Rust takes several turns of the event loop to load. */
let work: Promise<void> = Promise.resolve();

parentPort!.on("message", (message: ToLowerWorker) => {
	work = work.then(() => handle(message));
});

async function handle(message: ToLowerWorker): Promise<void> {
	if (message.kind === "finish") {
		// the tree is being solved meanwhile, part of the time on all processors
		yieldToOthers(constants.priority.PRIORITY_LOW);
		for (const { key, flat } of fresh) store?.put(key, encodeUnit(unitOf(flat)));
		post({ kind: "finished", cacheProblem: store?.close() ?? null });
		parentPort!.close();
		return;
	}
	if (message.paths.some(isRustName)) await loadRustGrammar();
	const files: LoweredFile[] = [];
	for (let i = 0; i < message.paths.length; i++) {
		Atomics.store(data.progress, 0, i);
		const file = lowerFile(message.paths[i]!, settings);
		files.push(file);
		if ("flat" in file && file.key !== null && !file.hit) fresh.push({ key: file.key, flat: file.flat });
	}
	post({ kind: "batch", batch: message.batch, files });
}

function post(message: FromLowerWorker): void {
	parentPort!.postMessage(message);
}

/** On Linux this is the priority of the calling thread alone. */
function yieldToOthers(priority: number): void {
	if (process.platform !== "linux") return;
	try {
		setPriority(0, priority);
	} catch {
		// then it competes
	}
}
