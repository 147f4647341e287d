// A check of a whole tree, as a user runs it: everything that is found, as JSON.

import { COMMAND } from "./lspClient.js";
import { type Cost, measureCommand } from "./processTree.js";
import { ScriptError } from "./script.js";

/** Fails when the command itself does; that it finds something is no failure. */
export async function checkTree(
	tree: string,
	options: readonly string[] = [],
	env: Readonly<Record<string, string>> = {},
): Promise<Cost> {
	const args = [COMMAND, "check", "--root", tree, "--format", "json", "--confidence", "low", ...options];
	const cost = await measureCommand(process.execPath, args, { env });
	if (cost.status !== 0 && cost.status !== 1) throw new ScriptError(`might-sleep check failed: ${cost.stderr.trim()}`);
	return cost;
}
