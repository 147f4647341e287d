// The pages of docs/scenarios as the walkthrough shows them. A walkthrough follows no links to files, only to commands:
// a link to what comes with the extension becomes the command that opens it, scenarios as a person's copy.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";

const PAGES = "docs/scenarios";
const COMMAND = "might-sleep.openShipped";

/** Writes them below `dist`. */
export function writeWalkthrough(root) {
	const folder = join(root, "dist/walkthrough");
	mkdirSync(folder, { recursive: true });
	for (const name of readdirSync(join(root, PAGES))) {
		if (name === "README.md") continue;
		writeFileSync(join(folder, name), withCommands(readFileSync(join(root, PAGES, name), "utf8")));
	}
}

function withCommands(text) {
	return text.replaceAll(/\]\((?![a-z]+:|#)([^)#]+)(?:#[^)]*)?\)/g, (_, link) => {
		const path = posix.join(PAGES, link);
		return `](command:${COMMAND}?${encodeURIComponent(JSON.stringify([path]))})`;
	});
}
