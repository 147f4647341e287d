// What the worker threads have in common. Their scripts are beside this file as built by tsc, or as bundled.

import { existsSync } from "node:fs";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

export type ThreadScript = "host/worker" | "host/analysisThread" | "host/assistant" | "host/storer" | "host/prefetcher";

/**
 * What a thread makes of a file or a function is mostly dead when that is done: V8 begins with room for 1 MB of young
 * objects, and copies much of them. And every thread compiles for itself: all code is hot soon, so the interpreter is
 * not worth its time. Measured on a kernel tree: an eighth of the time of a cold run. The optimiser waits four times
 * as long as by default: of what it compiles early much has to be thrown away, when the first file comes that differs.
 * That is another twentieth.
 */
export const V8_FLAGS = ["--min-semi-space-size=16", "--always-sparkplug", "--interrupt-budget=270336"];

/** For the threads that are started from now on. */
export function tuneThreads(): void {
	for (const flag of V8_FLAGS) setFlagsFromString(flag);
}

export function threadScript(name: ThreadScript): URL {
	const file = name.slice(name.indexOf("/") + 1);
	const places = [`./${file}.js`, `./${name}.js`, `../${name}.js`];
	for (const place of places) {
		const url = new URL(place, import.meta.url);
		if (existsSync(fileURLToPath(url))) return url;
	}
	return new URL(places[0]!, import.meta.url);
}

/** On Linux this is the priority of the calling thread alone. */
export function yieldToOthers(priority: number): void {
	if (process.platform !== "linux") return;
	try {
		setPriority(0, priority);
	} catch {
		// then it competes
	}
}
