// The model of a tree: the built-in rows, and those of its .might-sleep.json when the tree is trusted.

import { join } from "node:path";
import { builtinRows, checkRows, mergeRows, type Rows } from "@might-sleep/analyzer";
import { readText } from "./roots.js";
import type { Problem } from "./walk.js";

export const PROJECT_FILE = ".might-sleep.json";

/** What is wrong in the project's file is added to `problems`, and the file is left out as a whole. */
export function loadRows(root: string, trusted: boolean, problems: Problem[]): Rows {
	const text = readText(join(root, PROJECT_FILE));
	if (text === null) return builtinRows;
	if (!trusted) {
		problems.push({ path: PROJECT_FILE, text: "not used: the workspace is not trusted" });
		return builtinRows;
	}
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		problems.push({ path: PROJECT_FILE, text: `not valid JSON: ${error instanceof Error ? error.message : error}` });
		return builtinRows;
	}
	const checked = checkRows(value);
	if (checked.ok) return mergeRows(builtinRows, checked.value);
	problems.push({ path: PROJECT_FILE, text: checked.error });
	return builtinRows;
}
