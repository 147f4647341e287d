// What the cache goes by to know units of another build: a digest of the front end's own code, so that
// nobody has to remember to raise a number. A bundle is digested as a whole.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folders of the built analyzer that decide what a unit holds. */
const FOLDERS = ["base", "c", "ir", "source"];

let version: string | null = null;

export function frontEndVersion(): string {
	version ??= digest();
	return version;
}

function digest(): string {
	const hash = createHash("sha1");
	for (const file of [...analyzerFiles(), ...codecFiles()]) hash.update(readFileSync(file));
	return hash.digest("hex");
}

function analyzerFiles(): string[] {
	const files: string[] = [];
	try {
		const index = fileURLToPath(import.meta.resolve("@might-sleep/analyzer"));
		for (const folder of FOLDERS) {
			const path = join(index, "..", folder);
			for (const name of readdirSync(path).sort()) if (name.endsWith(".js")) files.push(join(path, name));
		}
	} catch {
		// bundled: there is no such package
	}
	return files;
}

/** This module and the codec; the whole bundle when they are part of one. */
function codecFiles(): string[] {
	const self = fileURLToPath(import.meta.url);
	const codec = join(self, "..", "unitCodec.js");
	return readdirSync(join(self, "..")).includes("unitCodec.js") ? [codec] : [self];
}
