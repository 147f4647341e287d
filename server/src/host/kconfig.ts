// The configuration of a tree, from .config or include/generated/autoconf.h. A name that is missing is off.

import { join } from "node:path";
import { readText } from "./roots.js";

/** CONFIG_… → "y", "m" or a value; null when the tree was never configured. */
export type Kconfig = ReadonlyMap<string, string>;

export function readKconfig(tree: string): Kconfig | null {
	const dotConfig = readText(join(tree, ".config"));
	if (dotConfig !== null) return parseDotConfig(dotConfig);
	const autoconf = readText(join(tree, "include/generated/autoconf.h"));
	return autoconf === null ? null : parseAutoconf(autoconf);
}

export function parseDotConfig(text: string): Kconfig | null {
	const values = new Map<string, string>();
	for (const match of text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)) values.set(match[1]!, unquote(match[2]!));
	return values.size === 0 ? null : values;
}

/** `#define CONFIG_FOO 1` is y, `#define CONFIG_FOO_MODULE 1` is m. */
export function parseAutoconf(text: string): Kconfig | null {
	const values = new Map<string, string>();
	for (const match of text.matchAll(/^#define\s+(CONFIG_\w+)\s+(.*)$/gm)) {
		const name = match[1]!;
		const value = unquote(match[2]!);
		if (value !== "1") values.set(name, value);
		else if (name.endsWith("_MODULE")) values.set(name.slice(0, -"_MODULE".length), "m");
		else values.set(name, "y");
	}
	return values.size === 0 ? null : values;
}

function unquote(text: string): string {
	const trimmed = text.trim();
	return trimmed.startsWith('"') && trimmed.endsWith('"') ? trimmed.slice(1, -1) : trimmed;
}
