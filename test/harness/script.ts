// What the repository's own scripts share: their arguments, and where they keep their last result: outside the
// repository, in the user's cache folder unless a file is named.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { cacheHome } from "@might-sleep/server/host/cacheFolder";

/** Wrong usage of a script of the repository: said on stderr, exit status 2. */
export class ScriptError extends Error {}

export interface ScriptArguments {
	readonly tree: string;
	/** by name, without the dashes */
	readonly options: ReadonlyMap<string, string>;
}

/** Reads `TREE` and options that each take a value. */
export function readScriptArguments(usage: string, args: readonly string[], known: readonly string[]): ScriptArguments {
	const options = new Map<string, string>();
	const positionals: string[] = [];
	for (let i = 0; i < args.length; i++) {
		const argument = args[i]!;
		if (!argument.startsWith("--")) {
			positionals.push(argument);
			continue;
		}
		const [name, inline] = argument.slice(2).split(/=(.*)/s);
		const value = inline ?? args[++i];
		if (!known.includes(name!)) throw new ScriptError(`unknown option '${argument}'\nusage: ${usage}`);
		if (value === undefined) throw new ScriptError(`option '${argument}' needs a value\nusage: ${usage}`);
		options.set(name!, value);
	}
	const [tree, ...more] = positionals;
	if (tree === undefined || more.length > 0) throw new ScriptError(`usage: ${usage}`);
	if (!statSync(tree, { throwIfNoEntry: false })?.isDirectory()) throw new ScriptError(`no such folder: ${tree}`);
	return { tree: resolve(tree), options };
}

/** An option that is a number from 1 up. */
export function countOption(
	usage: string,
	options: ReadonlyMap<string, string>,
	name: string,
	fallback: number,
): number {
	const text = options.get(name);
	if (text === undefined) return fallback;
	const count = Number(text);
	if (!Number.isInteger(count) || count < 1) {
		throw new ScriptError(`--${name} must be a number from 1 up, not '${text}'\nusage: ${usage}`);
	}
	return count;
}

/** The file that the last result of a tree is kept in, unless it is named. */
export function storeFile(kind: string, tree: string, named: string | undefined): string {
	if (named !== undefined) return resolve(named);
	const key = createHash("sha1").update(realpathSync(tree)).digest("hex").slice(0, 12);
	const home = cacheHome();
	if (home === null) throw new ScriptError("neither XDG_CACHE_HOME nor HOME says where results are kept: name a file");
	return join(home, "reports", `${kind}-${key}.json`);
}

/** The last result; null when there is none that can be read, or it is of another shape. */
export function readStored<Result extends { readonly shape: number }>(file: string, shape: number): Result | null {
	try {
		const stored = JSON.parse(readFileSync(file, "utf8")) as Result;
		return stored.shape === shape ? stored : null;
	} catch {
		return null;
	}
}

export function writeStored<Result extends { readonly shape: number }>(file: string, result: Result): void {
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, `${JSON.stringify(result, null, "\t")}\n`);
}

/** Runs a script's main function; wrong usage is one message and status 2, not a trace. */
export async function runScript(main: () => Promise<void>): Promise<void> {
	try {
		await main();
	} catch (error) {
		if (!(error instanceof ScriptError)) throw error;
		process.stderr.write(`${error.message}\n`);
		process.exitCode = 2;
	}
}
