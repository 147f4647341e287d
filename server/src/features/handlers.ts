// Interrupt handlers, timers and the like near a file, for runs that one may have interrupted.

import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FunctionInfo } from "@might-sleep/analyzer";
import type { KnownHandler } from "../debug/provider.js";
import type { Workspace } from "../lsp/workspace.js";

/** More than this are no help. */
const MAX_HANDLERS = 8;
/** Files of the folder that are looked at, when the file has none. */
const MAX_FILES = 60;

/** Those that are entered in the file; when there are none, those of its folder. */
export async function handlersNear(workspace: Workspace, path: string): Promise<KnownHandler[]> {
	const own = await handlersIn(workspace, path);
	if (own.length > 0) return own.slice(0, MAX_HANDLERS);
	const found: KnownHandler[] = [];
	for (const file of filesBeside(workspace, path).slice(0, MAX_FILES)) {
		if (found.length >= MAX_HANDLERS) break;
		found.push(...(await handlersIn(workspace, file)));
	}
	return found.slice(0, MAX_HANDLERS);
}

/** The other C files of its folder. */
function filesBeside({ root }: Workspace, path: string): string[] {
	if (root === null) return [];
	const folder = dirname(path);
	try {
		const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(".c") && name !== basename(path));
		return names.sort().map((name) => (folder === "." ? name : `${folder}/${name}`));
	} catch {
		return [];
	}
}

async function handlersIn(workspace: Workspace, path: string): Promise<KnownHandler[]> {
	const { value } = await workspace.ask("functionsIn", { path }, []);
	const handlers: KnownHandler[] = [];
	for (const info of value) {
		if (info.contexts.every((context) => context === "process")) continue;
		if (await isEntered(workspace, path, info)) handlers.push({ function: info.name, path, contexts: info.contexts });
	}
	return handlers;
}

/** Does some atomic context begin with this function? What a handler calls has its contexts, too. */
async function isEntered(workspace: Workspace, path: string, info: FunctionInfo): Promise<boolean> {
	const { value } = await workspace.ask("contextAt", { path, line: info.line, column: info.column }, null);
	return (value?.contexts ?? []).some(
		({ level, enter }) => level !== "process" && enter.at(-1)?.function === info.name,
	);
}
