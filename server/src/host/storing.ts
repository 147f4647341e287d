// Puts units into the cache on a thread of its own, while whoever has read them goes on.

import { Worker } from "node:worker_threads";
import type { FreshUnit, FromStorer, StorerData, ToStorer } from "./messages.js";
import { BUFFERS_PER_MESSAGE, threadScript } from "./threads.js";

/** Resolves when they are on the disk: why they could not be stored, or null. */
export function storeUnits(cacheFolder: string, units: readonly FreshUnit[]): Promise<string | null> {
	if (units.length === 0) return Promise.resolve(null);
	const workerData: StorerData = { cacheFolder };
	const worker = new Worker(threadScript("host/storer"), { workerData });
	const post = (message: ToStorer) => worker.postMessage(message);
	for (let at = 0; at < units.length; at += BUFFERS_PER_MESSAGE) {
		post({ kind: "units", units: units.slice(at, at + BUFFERS_PER_MESSAGE) });
	}
	post({ kind: "end" });
	return new Promise((resolve) => {
		worker.on("message", ({ problem }: FromStorer) => resolve(problem));
		worker.on("error", (error) => resolve(error.message));
		worker.on("exit", () => resolve("the thread that stores has died"));
	});
}
