// Where the configuration of a tree is: .config, or include/generated/autoconf.h.

import { join } from "node:path";
import { type ConfigView, defaultConfig, type Profile, parseConfig, rtConfig } from "@might-sleep/analyzer";
import { readText } from "./roots.js";

export function readConfig(tree: string, profile: Profile): ConfigView {
	for (const name of [".config", "include/generated/autoconf.h"]) {
		const text = readText(join(tree, name));
		if (text !== null) return parseConfig(text);
	}
	return configWithout(profile);
}

/** The view where there is no configuration. */
export function configWithout(profile: Profile): ConfigView {
	return profile === "rt" ? rtConfig : defaultConfig;
}

/** The configuration as text, for the key of the cache. */
export function configText(config: ConfigView): string {
	const values = [...config.values].map(([name, value]) => `${name}=${value}`).join("\n");
	return config.known ? values : `unconfigured${values}`;
}
