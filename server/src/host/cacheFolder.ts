// Where the cache of a tree is: a folder for each tree and version of the front end in the user's cache folder.
// Opening one clears what is of no use to anybody any more, so that the whole stays small.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, unlinkSync, utimesSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { isAbandoned } from "./pack.js";
import { errorCode } from "./walk.js";

const DAY_MS = 24 * 3600 * 1000;
/** A folder that nobody has opened for so long goes. */
const UNUSED_AFTER_MS = 30 * DAY_MS;
/** The same for another version of the front end than the one that runs: it was most likely replaced. */
const REPLACED_AFTER_MS = DAY_MS;
/** Folder in that of a tree: what runs over it have found (answers.ts). */
export const ANSWERS_FOLDER = "answers";
/** All trees together; beyond that the ones go that were opened the longest time ago. */
const MAX_HOME_BYTES = 2e9;

/** The folder, or null and why there is none. */
export type CacheFolder =
	| { readonly path: string; readonly problem: null }
	| { readonly path: null; readonly problem: string };

/** $XDG_CACHE_HOME/might-sleep, or ~/.cache/might-sleep; null when neither is named by an absolute path. */
export function cacheHome(): string | null {
	const xdg = process.env.XDG_CACHE_HOME;
	if (xdg && isAbsolute(xdg)) return join(xdg, "might-sleep");
	const home = userHome();
	return home !== null && isAbsolute(home) ? join(home, ".cache", "might-sleep") : null;
}

/** The folder for what one version of the front end makes of one tree; made if need be. */
export function openCacheFolder(root: string, version: string): CacheFolder {
	const home = cacheHome();
	if (home === null) return { path: null, problem: "neither XDG_CACHE_HOME nor HOME says where" };
	const name = `${digest(root)}-${digest(version)}`;
	const path = join(home, name);
	try {
		mkdirSync(path, { recursive: true, mode: 0o700 });
	} catch (error) {
		return { path: null, problem: `${path}: ${errorCode(error)}` };
	}
	// a cache that may only be read is one, too
	attempt(() => utimesSync(path, new Date(), new Date()));
	for (const folder of [path, join(path, ANSWERS_FOLDER)]) attempt(() => dropAbandoned(folder));
	attempt(() => dropUnused(home, name));
	return { path, problem: null };
}

function userHome(): string | null {
	try {
		return homedir();
	} catch {
		// a user without an entry in the password file
		return null;
	}
}

function digest(text: string): string {
	return createHash("sha1").update(text).digest("hex").slice(0, 12);
}

function dropAbandoned(folder: string): void {
	for (const name of readdirSync(folder)) {
		if (name.endsWith(".tmp") && isAbandoned(folder, name)) unlinkSync(join(folder, name));
	}
}

interface OldFolder {
	readonly name: string;
	readonly age: number;
	readonly bytes: number;
}

/** Drops the folders of other trees and versions that are not used any more. */
function dropUnused(home: string, current: string): void {
	const [tree] = current.split("-");
	let total = folderBytes(join(home, current));
	const others = readdirSync(home)
		.filter((name) => name !== current && /^[0-9a-f]{12}-[0-9a-f]{12}$/.test(name))
		.map((name) => measure(home, name))
		.sort((a, b) => a.age - b.age || (a.name < b.name ? -1 : 1));
	for (const { name, age, bytes } of others) {
		total += bytes;
		const isReplaced = name.startsWith(`${tree}-`) && age > REPLACED_AFTER_MS;
		if (!isReplaced && age <= UNUSED_AFTER_MS && total <= MAX_HOME_BYTES) continue;
		attempt(() => dropFolder(join(home, name)));
		total -= bytes;
	}
}

function measure(home: string, name: string): OldFolder {
	const folder = join(home, name);
	const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0);
	return { name, age, bytes: folderBytes(folder) };
}

/** Bytes of the files of a folder. */
export function folderBytes(folder: string): number {
	let total = 0;
	attempt(() => {
		for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
			total += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
	});
	return total;
}

function dropFolder(folder: string): void {
	const answers = join(folder, ANSWERS_FOLDER);
	if (existsSync(answers)) dropFolder(answers);
	for (const name of readdirSync(folder)) if (/\.(?:pack|tmp)$/.test(name)) unlinkSync(join(folder, name));
	rmdirSync(folder);
}

/** Another process may be faster, or the folder be closed to us: then it stays as it is. */
function attempt(work: () => void): void {
	try {
		work();
	} catch {
		// nothing is lost
	}
}
