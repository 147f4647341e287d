// A file as it is typed on the command line: relative to the working directory, or to the root of the tree.

import { existsSync, realpathSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { UsageError } from "./command.js";

/** Its path in the tree, with `/`. */
export function fileInRoot(command: string, root: string, file: string): string {
	const realRoot = realpathSync(root);
	for (const base of [process.cwd(), root]) {
		const full = resolve(base, file);
		if (!existsSync(full)) continue;
		const path = relative(realRoot, realpathSync(full));
		if (path.startsWith("..")) throw new UsageError(`${command}: ${file} is not in the tree ${root}`);
		return path.split(sep).join("/");
	}
	throw new UsageError(`${command}: no such file: ${file}`);
}
