// Puts units into the cache on a thread of its own, while whoever has read them goes on.

import { Worker } from "node:worker_threads";
import { shareViews } from "@might-sleep/analyzer";
import type { FreshUnit, FromStorer, StorerData, ToStorer } from "./messages.js";
import { threadScript } from "./threads.js";

/** Resolves when they are on the disk: why they could not be stored, or null. */
export function storeUnits(cacheFolder: string, units: readonly FreshUnit[]): Promise<string | null> {
	if (units.length === 0) return Promise.resolve(null);
	const workerData: StorerData = { cacheFolder };
	const worker = new Worker(threadScript("host/storer"), { workerData });
	const message: ToStorer = {
		keys: units.map(({ key }) => key),
		flats: shareViews(units.map(({ flat }) => flat)),
	};
	worker.postMessage(message);
	return new Promise((resolve) => {
		worker.on("message", ({ problem }: FromStorer) => resolve(problem));
		worker.on("error", (error) => resolve(error.message));
		worker.on("exit", () => resolve("the thread that stores has died"));
	});
}
