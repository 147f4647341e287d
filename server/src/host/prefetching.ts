// Has files brought into memory that will be read soon, on a thread of its own: who reads a tree waits for a disk one file
// at a time, and there are no more readers than processors. The system keeps what has been read.

import { Worker } from "node:worker_threads";
import type { PrefetcherData } from "./messages.js";
import { threadScript } from "./threads.js";

/** For fewer files a thread is not worth its start. */
const MIN_FILES = 2000;
/** Files that follow each other: where the first is in memory, the others most likely are. */
const GROUP = 32;
/** A file in memory is read in a tenth of this; no disk is as fast. */
const IN_MEMORY_MS = 0.2;

/** Begins with the first of the files; answers what ends it. */
export function prefetch(root: string, files: readonly string[]): () => void {
	if (files.length < MIN_FILES) return () => {};
	const workerData: PrefetcherData = { root, paths: files.join("\0") };
	const worker = new Worker(threadScript("host/prefetcher"), { workerData });
	worker.on("error", () => {
		// then those who want the files wait for them
	});
	return () => void worker.terminate();
}

/** Reads files one after another; of those that are in memory already, just one in so many. `now` gives milliseconds. */
export function readAhead(files: readonly string[], read: (path: string) => void, now: () => number): void {
	for (let first = 0; first < files.length; first += GROUP) {
		const begun = now();
		read(files[first]!);
		if (now() - begun < IN_MEMORY_MS) continue;
		for (const path of files.slice(first + 1, first + GROUP)) read(path);
	}
}
