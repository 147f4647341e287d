// Entry of the thread that puts units into the cache: it takes them as they come, until it is told that these were all.

import { constants } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { unitOf } from "@might-sleep/analyzer";
import { DiskStore } from "./diskStore.js";
import type { FromStorer, StorerData, ToStorer } from "./messages.js";
import { yieldToOthers } from "./threads.js";
import { encodeUnit } from "./unitCodec.js";

// the tree is being solved meanwhile, part of the time on all processors
yieldToOthers(constants.priority.PRIORITY_LOW);

const store = new DiskStore((workerData as StorerData).cacheFolder);

parentPort!.on("message", (message: ToStorer) => {
	if (message.kind === "units") {
		for (const { key, flat } of message.units) store.put(key, encodeUnit(unitOf(flat)));
		return;
	}
	const ended: FromStorer = { problem: store.close() };
	parentPort!.postMessage(ended);
	parentPort!.close();
});
