// Interrupt handlers, timers and the like near a file, for runs that one may have interrupted.

import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { builtinRows, type ContextInfo, entriesFor, type FunctionInfo } from "@might-sleep/analyzer";
import type { KnownHandler } from "../debug/provider.js";
import type { Workspace } from "../lsp/workspace.js";

/** More than this are no help. */
const MAX_HANDLERS = 8;
/** Files of the folder that are read, and of those that belong to the same driver, when the file has no handler. */
const MAX_READ = 300;
const MAX_FILES = 60;

/** Those that are entered in the file; when there are none, those of the files in its folder that belong to it. */
export async function handlersNear(workspace: Workspace, path: string): Promise<KnownHandler[]> {
	const own = await handlersIn(workspace, path);
	if (own.length > 0) return own.slice(0, MAX_HANDLERS);
	const found: KnownHandler[] = [];
	for (const file of filesOfDriver(workspace, path)) {
		if (found.length >= MAX_HANDLERS) break;
		found.push(...(await handlersIn(workspace, file)));
	}
	return found.slice(0, MAX_HANDLERS);
}

/** The other C files of its folder that include a header of the folder which this one includes, too. */
function filesOfDriver({ root }: Workspace, path: string): string[] {
	if (root === null) return [];
	const folder = dirname(path);
	const headers = ownHeaders(join(root, path));
	if (headers.size === 0) return [];
	const names = namesIn(join(root, folder)).filter((name) => name.endsWith(".c") && name !== basename(path));
	return names
		.slice(0, MAX_READ)
		.filter((name) => [...ownHeaders(join(root, folder, name))].some((header) => headers.has(header)))
		.slice(0, MAX_FILES)
		.map((name) => (folder === "." ? name : `${folder}/${name}`));
}

function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder).sort();
	} catch {
		return [];
	}
}

/** What a file includes with quotes. */
function ownHeaders(file: string): ReadonlySet<string> {
	try {
		const text = readFileSync(file, "latin1");
		return new Set([...text.matchAll(/^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"/gm)].map((match) => match[1]!));
	} catch {
		return new Set();
	}
}

async function handlersIn(workspace: Workspace, path: string): Promise<KnownHandler[]> {
	const { value } = await workspace.ask("functionsIn", { path }, []);
	const handlers: KnownHandler[] = [];
	for (const info of value) {
		if (!entriesFor(builtinRows, info.contexts).some((id) => levelOf(id) !== "process")) continue;
		const level = await interruptLevel(workspace, path, info);
		const entry = entriesFor(builtinRows, info.contexts).find((id) => levelOf(id) === level);
		if (entry !== undefined) handlers.push({ function: info.name, path, entry });
	}
	return handlers;
}

function levelOf(entry: string): ContextInfo["level"] | undefined {
	return builtinRows.runContexts.find(({ id }) => id === entry)?.level;
}

/**
 * The level of an atomic context that begins with this function and comes on top of whatever runs: whoever calls it
 * has locked nothing and is no reader. What a handler calls has its contexts, too, but does not begin them.
 */
async function interruptLevel(workspace: Workspace, path: string, info: FunctionInfo) {
	const { value } = await workspace.ask("contextAt", { path, line: info.line, column: info.column }, null);
	const interrupting = (value?.contexts ?? []).find(({ level, enter, bhOff, rcu, locks }) => {
		const isBare = !bhOff && rcu === 0 && locks.length === 0;
		return level !== "process" && isBare && enter.at(-1)?.function === info.name;
	});
	return interrupting?.level;
}
