// Which files of a tree are read. Folders that cannot be read, links that loop and names that cannot be
// source are said once and skipped; nothing here throws.

import type { Dirent, Stats } from "node:fs";
import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { isKernelTree } from "./roots.js";

export interface TreeFile {
	/** relative to the root, with `/`; absolute for a file outside the root */
	readonly path: string;
	readonly size: number;
	/** milliseconds of the system's clock: when its bytes, its name or its rights changed last */
	readonly changedMs: number;
	readonly inode: number;
}

/** Something of the tree that was skipped, and why. */
export interface Problem {
	readonly path: string;
	readonly text: string;
}

export interface TreeFiles {
	/** sorted by path */
	readonly files: readonly TreeFile[];
	/** source files of folders that hold userland code, by folder */
	readonly excluded: ReadonlyMap<string, number>;
	readonly problems: readonly Problem[];
}

/** Folders of a kernel tree that hold programs for the build machine or for userland. */
const USERLAND_FOLDERS = ["Documentation", "scripts", "tools"];

/** A folder of this name is never source, wherever it is. */
const SKIPPED_FOLDERS = new Set(["node_modules", "__pycache__"]);

interface Walk {
	readonly root: string;
	/** the root with its links resolved */
	readonly realRoot: string;
	readonly files: TreeFile[];
	readonly problems: Problem[];
	/** real paths of the folders outside the root that links led to */
	readonly linkedFolders: Set<string>;
	readonly followLinks: boolean;
}

/** All source files below `root`. Links that leave the root are followed only when `followLinks` says so. */
export function walkTree(root: string, options: { followLinks: boolean }): TreeFiles {
	const walk = newWalk(root, options.followLinks);
	const excluded = new Map<string, number>();
	const top = readFolder(walk, "");
	const userland = isKernelTree(root) ? USERLAND_FOLDERS : [];
	for (const entry of top) {
		const before = walk.files.length;
		visitEntry(walk, "", entry);
		if (!userland.includes(entry.name)) continue;
		const count = walk.files.length - before;
		walk.files.length = before;
		if (count > 0) excluded.set(entry.name, count);
	}
	return { files: sorted(walk.files), excluded, problems: walk.problems };
}

/** The headers of a kernel tree or header package, with absolute paths: for code outside of it. */
export function walkHeaders(folder: string): TreeFiles {
	const walk = newWalk(folder, false);
	visitFolder(walk, "");
	const files = walk.files
		.filter((file) => file.path.endsWith(".h"))
		.map((file) => ({ ...file, path: join(folder, file.path) }));
	return { files: sorted(files), excluded: new Map(), problems: walk.problems };
}

export function isRustName(name: string): boolean {
	return name.endsWith(".rs");
}

export function isSourceName(name: string): boolean {
	return (name.endsWith(".c") && !name.endsWith(".mod.c")) || name.endsWith(".h") || isRustName(name);
}

function newWalk(root: string, followLinks: boolean): Walk {
	let realRoot = root;
	try {
		realRoot = realpathSync(root);
	} catch {
		// the root's own folder is reported when it is read
	}
	return { root, realRoot, files: [], problems: [], linkedFolders: new Set(), followLinks };
}

function sorted(files: TreeFile[]): TreeFile[] {
	return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function readFolder(walk: Walk, folder: string): Dirent[] {
	try {
		return readdirSync(join(walk.root, folder), { withFileTypes: true });
	} catch (error) {
		walk.problems.push({ path: folder || ".", text: `cannot read the folder: ${errorCode(error)}` });
		return [];
	}
}

function visitFolder(walk: Walk, folder: string): void {
	const stack = [folder];
	for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
		const entries = readFolder(walk, next);
		if (isBuildOutput(entries) && next !== "") continue;
		for (const entry of entries) {
			if (entry.isDirectory()) {
				if (!isSkippedFolder(entry.name)) stack.push(next === "" ? entry.name : `${next}/${entry.name}`);
			} else {
				visitLeaf(walk, next, entry);
			}
		}
	}
}

function visitEntry(walk: Walk, folder: string, entry: Dirent): void {
	const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
	if (!entry.isDirectory()) visitLeaf(walk, folder, entry);
	else if (!isSkippedFolder(entry.name)) visitFolder(walk, path);
}

function visitLeaf(walk: Walk, folder: string, entry: Dirent): void {
	const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
	if (entry.isSymbolicLink()) visitLink(walk, path);
	else if (entry.isFile() && isSourceName(entry.name)) addFile(walk, path);
}

function addFile(walk: Walk, path: string): void {
	const stat = lstatSync(join(walk.root, path), { throwIfNoEntry: false });
	if (stat) walk.files.push(fileOf(path, stat));
	else walk.problems.push({ path, text: "vanished while the tree was read" });
}

function fileOf(path: string, { size, mtimeMs, ctimeMs, ino }: Stats): TreeFile {
	return { path, size, changedMs: Math.max(mtimeMs, ctimeMs), inode: ino };
}

/**
 * What a link inside the root names is visited under its own name. A link that leaves the root is followed
 * once; one that leads back above the root, or to itself, is a loop.
 */
function visitLink(walk: Walk, path: string): void {
	let target: string;
	let stat: Stats;
	try {
		target = realpathSync(join(walk.root, path));
		stat = statSync(target);
	} catch (error) {
		if (errorCode(error) === "ELOOP") walk.problems.push({ path, text: "the link loops" });
		return;
	}
	if (target === walk.realRoot || (walk.realRoot + sep).startsWith(target.endsWith(sep) ? target : target + sep)) {
		walk.problems.push({ path, text: "the link loops: it leads to a folder it is in" });
		return;
	}
	if (target.startsWith(walk.realRoot + sep)) {
		if (stat.isDirectory() && isAbove(target, join(walk.realRoot, path))) {
			walk.problems.push({ path, text: "the link loops: it leads to a folder it is in" });
		}
		return;
	}
	if (stat.isFile() && isSourceName(path)) {
		if (walk.followLinks) walk.files.push(fileOf(path, stat));
	} else if (stat.isDirectory()) {
		followFolder(walk, path, target);
	}
}

function followFolder(walk: Walk, path: string, target: string): void {
	if (!walk.followLinks || walk.linkedFolders.has(target)) return;
	for (const known of walk.linkedFolders) if (isAbove(known, target) || isAbove(target, known)) return;
	walk.linkedFolders.add(target);
	visitFolder(walk, path);
}

function isAbove(folder: string, path: string): boolean {
	return path === folder || path.startsWith(folder + sep);
}

function isSkippedFolder(name: string): boolean {
	return name.startsWith(".") || SKIPPED_FOLDERS.has(name);
}

/** `make O=folder` leaves a link `source` to the tree beside its .config. */
function isBuildOutput(entries: readonly Dirent[]): boolean {
	return (
		entries.some((entry) => entry.name === "source" && entry.isSymbolicLink()) &&
		entries.some((entry) => entry.name === ".config")
	);
}

/** "EACCES", or the message when there is no code. */
export function errorCode(error: unknown): string {
	if (error instanceof Error) return (error as NodeJS.ErrnoException).code ?? error.message;
	return String(error);
}
