// What the package ships besides code: its version and the rules' pages.

import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isFolder, readText } from "../host/roots.js";

const HERE = dirname(fileURLToPath(import.meta.url));

export function packageVersion(): string {
	for (const folder of foldersAbove(HERE)) {
		const text = readText(join(folder, "package.json"));
		const version = text === null ? null : /"version"\s*:\s*"([^"]+)"/.exec(text);
		if (version) return version[1]!;
	}
	return "unknown";
}

/** The folder of the rules' pages: shipped with the package, or at the top of the repository. */
export function rulePages(): string | null {
	for (const folder of foldersAbove(HERE)) {
		const pages = join(folder, "docs", "rules");
		if (isFolder(pages)) return pages;
	}
	return null;
}

export function rulePage(id: string): string | null {
	const folder = rulePages();
	return folder !== null && /^[a-z0-9-]+$/.test(id) ? readText(join(folder, `${id}.md`)) : null;
}

/** Ids of the rules that have a page. */
export function documentedRules(): string[] {
	const folder = rulePages();
	if (folder === null) return [];
	const names = readdirSync(folder).filter((name) => /^[a-z0-9-]+\.md$/.test(name));
	return names.map((name) => name.slice(0, -".md".length)).sort();
}

function* foldersAbove(start: string): Generator<string> {
	for (let folder = start; dirname(folder) !== folder; folder = dirname(folder)) yield folder;
}
