// Entry of the thread that puts units into the cache.

import { constants } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { unitOf, viewAt } from "@might-sleep/analyzer";
import type { FromStorer, StorerData, ToStorer } from "./messages.js";
import { PackWriter } from "./pack.js";
import { yieldToOthers } from "./threads.js";
import { encodeUnit } from "./unitCodec.js";

// the tree is being solved meanwhile, part of the time on all processors
yieldToOthers(constants.priority.PRIORITY_LOW);

const writer = new PackWriter((workerData as StorerData).cacheFolder);

parentPort!.on("message", ({ keys, flats }: ToStorer) => {
	for (const [i, key] of keys.entries()) writer.add(key, encodeUnit(unitOf(viewAt(flats, i)!)));
	writer.finish();
	const ended: FromStorer = { problem: writer.problem };
	parentPort!.postMessage(ended);
	parentPort!.close();
});
