// Where the configuration of a tree is: .config, or include/generated/autoconf.h.

import { join } from "node:path";
import { type ConfigView, defaultConfig, parseConfig } from "@might-sleep/analyzer";
import { readText } from "./roots.js";

export function readConfig(tree: string): ConfigView {
	for (const name of [".config", "include/generated/autoconf.h"]) {
		const text = readText(join(tree, name));
		if (text !== null) return parseConfig(text);
	}
	return defaultConfig;
}

/** The configuration as text, for the key of the cache. */
export function configText(config: ConfigView): string {
	if (!config.known) return "unconfigured";
	return [...config.values].map(([name, value]) => `${name}=${value}`).join("\n");
}
