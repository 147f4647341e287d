// Where the scripts of the worker threads are: beside this file as built by tsc, or as bundled.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type ThreadScript = "host/worker" | "host/analysisThread" | "host/assistant";

export function threadScript(name: ThreadScript): URL {
	const file = name.slice(name.indexOf("/") + 1);
	const places = [`./${file}.js`, `./${name}.js`, `../${name}.js`];
	for (const place of places) {
		const url = new URL(place, import.meta.url);
		if (existsSync(fileURLToPath(url))) return url;
	}
	return new URL(places[0]!, import.meta.url);
}
