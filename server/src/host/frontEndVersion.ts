// What the cache goes by to know what another build made: digests of the front end's own code for units, of all the
// analyzer's for findings, so that nobody has to remember to raise a number, and of the grammar of Rust. Bundles hold the
// digests of what they are made of: whichever of them runs, and however, knows the others' cache.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rustGrammarFiles } from "./rustGrammar.js";

/** Folders of the built analyzer that decide what a unit holds. */
const FOLDERS = ["base", "c", "ir", "rust", "source"];

/** In bundles, what these functions gave when they were made (scripts/bundle.mjs). */
declare const BUNDLED_FRONT_END_VERSION: string | undefined;
declare const BUNDLED_BUILD_VERSION: string | undefined;

let version = typeof BUNDLED_FRONT_END_VERSION === "undefined" ? null : BUNDLED_FRONT_END_VERSION;
let wholeVersion = typeof BUNDLED_BUILD_VERSION === "undefined" ? null : BUNDLED_BUILD_VERSION;

/** Changes with what makes units of files. */
export function frontEndVersion(): string {
	version ??= digest(FOLDERS);
	return version;
}

/** Changes with what makes findings of them, too. */
export function buildVersion(): string {
	wholeVersion ??= digest(["."]);
	return wholeVersion;
}

function digest(folders: readonly string[]): string {
	const hash = createHash("sha1");
	for (const file of [...analyzerFiles(folders), ...layoutFiles(), ...rustGrammarFiles()])
		hash.update(readFileSync(file));
	return hash.digest("hex");
}

function analyzerFiles(folders: readonly string[]): string[] {
	const files: string[] = [];
	try {
		const index = fileURLToPath(import.meta.resolve("@might-sleep/analyzer"));
		for (const folder of folders) {
			const path = join(index, "..", folder);
			const names = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
			for (const name of names) if (name.endsWith(".js")) files.push(join(path, name));
		}
	} catch {
		// a bundle that is made anew as tsc writes, and copied elsewhere: there is no such package
	}
	return files;
}

/** The code that lays out what is on disk; all of this script where they are one. */
function layoutFiles(): string[] {
	const self = fileURLToPath(import.meta.url);
	const folder = join(self, "..");
	const names = ["pack.js", "unitCodec.js"];
	return names.every((name) => existsSync(join(folder, name))) ? names.map((name) => join(folder, name)) : [self];
}
