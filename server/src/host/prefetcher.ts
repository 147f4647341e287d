// Entry of the thread that reads files ahead of those who want them, and forgets what it has read.

import { workerData } from "node:worker_threads";
import type { PrefetcherData } from "./messages.js";
import { readAhead } from "./prefetching.js";
import { readSource, sourcePath } from "./readSource.js";

const { root, paths } = workerData as PrefetcherData;

readAhead(paths.split("\0"), read, () => performance.now());

function read(path: string): void {
	try {
		readSource(sourcePath(root, path));
	} catch {
		// who wants it will tell
	}
}
