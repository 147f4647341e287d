// Entry of the thread that puts units into the cache: it takes them as they come, until it is told that these were all.

import { constants } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { unitOf } from "@might-sleep/analyzer";
import type { FromStorer, StorerData, ToStorer } from "./messages.js";
import { PackWriter } from "./pack.js";
import { yieldToOthers } from "./threads.js";
import { encodeUnit } from "./unitCodec.js";

// the tree is being solved meanwhile, part of the time on all processors
yieldToOthers(constants.priority.PRIORITY_LOW);

const writer = new PackWriter((workerData as StorerData).cacheFolder);

parentPort!.on("message", (message: ToStorer) => {
	if (message.kind === "units") {
		for (const { key, flat } of message.units) writer.add(key, encodeUnit(unitOf(flat)));
		return;
	}
	writer.finish();
	const ended: FromStorer = { problem: writer.problem };
	parentPort!.postMessage(ended);
	parentPort!.close();
});
