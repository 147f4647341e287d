// What a folder is: the root that a path belongs to, whether it is a kernel tree, and of which version.

import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** Files that only the top of a kernel tree has together. */
const KERNEL_MARKS = ["Kbuild", "Kconfig", "MAINTAINERS"];

/** The version that is assumed where none can be read: the newest one the model's rows were checked against. */
export const FALLBACK_VERSION: readonly [number, number] = [6, 12];

export function isKernelTree(folder: string): boolean {
	return KERNEL_MARKS.every((name) => existsSync(join(folder, name)));
}

/** The nearest kernel tree at or above `from`, or null. */
export function kernelTreeAbove(from: string): string | null {
	for (let folder = resolve(from); ; folder = dirname(folder)) {
		if (isKernelTree(folder)) return folder;
		if (dirname(folder) === folder) return null;
	}
}

/** Root when none is named: the kernel tree above the working directory, else the working directory. */
export function defaultRoot(cwd: string): string {
	return kernelTreeAbove(cwd) ?? resolve(cwd);
}

export function isFolder(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

export function realPath(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return resolve(path);
	}
}

/** Does a file or folder lie in a folder, wherever links on the way lead? */
export function isBelow(path: string, folder: string): boolean {
	const way = relative(realPath(folder), realPath(path));
	return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** VERSION and PATCHLEVEL of the tree's top Makefile, or what an installed header package says. */
export function kernelVersion(tree: string): readonly [number, number] | null {
	const makefile = readText(join(tree, "Makefile"));
	const version = /^VERSION\s*=\s*(\d+)/m.exec(makefile ?? "");
	const patch = /^PATCHLEVEL\s*=\s*(\d+)/m.exec(makefile ?? "");
	if (version && patch) return [Number(version[1]), Number(patch[1])];
	const release = readText(join(tree, "include/config/kernel.release")) ?? "";
	const match = /^(\d+)\.(\d+)/.exec(release);
	return match ? [Number(match[1]), Number(match[2])] : null;
}

export function readText(path: string): string | null {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return null;
	}
}

/** A file's bytes; a relative path counts from the root. */
export function readBytes(path: string, root: string | null): Buffer | null {
	try {
		return readFileSync(root === null ? path : resolve(root, path));
	} catch {
		return null;
	}
}
