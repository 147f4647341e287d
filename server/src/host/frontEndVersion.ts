// What the cache goes by to know what another build made: digests of the front end's own code for units, of all the
// analyzer's for findings, so that nobody has to remember to raise a number. A bundle is digested as a whole, the grammar
// of Rust always.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rustGrammarFiles } from "./rustGrammar.js";

/** Folders of the built analyzer that decide what a unit holds. */
const FOLDERS = ["base", "c", "ir", "rust", "source"];

let version: string | null = null;
let wholeVersion: string | null = null;

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
		// bundled: there is no such package
	}
	return files;
}

/** The code that lays out what is on disk; the whole bundle when it is part of one. */
function layoutFiles(): string[] {
	const self = fileURLToPath(import.meta.url);
	const folder = join(self, "..");
	const names = ["pack.js", "unitCodec.js"];
	return names.every((name) => existsSync(join(folder, name))) ? names.map((name) => join(folder, name)) : [self];
}
