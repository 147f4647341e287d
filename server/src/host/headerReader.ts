// For answers before the index is up: finds and reads the headers that a file names, and those they name,
// up to a bound.

import { existsSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { type Analysis, type Unit, unitName, unitOf } from "@might-sleep/analyzer";
import { type LowerSettings, lowerFile } from "./lowering.js";
import type { Tree } from "./treeIndex.js";

/** More headers than this cost more time than their answers are worth before the index is there. */
const MAX_HEADERS = 300;

export class HeaderReader {
	private readonly lowering: LowerSettings;
	/** folders that `<…>` is looked for in, relative to the root or absolute */
	private readonly folders: readonly string[];
	private readonly root: string;

	constructor(tree: Tree, lowering: LowerSettings) {
		this.lowering = lowering;
		this.root = tree.root;
		const base = tree.isKernel ? "" : tree.headers;
		this.folders = base === null ? [] : includeFolders(tree.root, base);
	}

	/** Breadth first, so that the nearest headers are in when the bound is met. */
	addHeadersOf(path: string, unit: Unit, analysis: Pick<Analysis, "setUnit">, paths: Set<string>): void {
		const queue = [{ path, unit }];
		let budget = MAX_HEADERS;
		for (let next = queue.shift(); next && budget > 0; next = queue.shift()) {
			for (const name of next.unit.includes) {
				const found = this.find(next.path, unitName(next.unit, name));
				if (found === null || paths.has(found) || budget-- <= 0) continue;
				const lowered = lowerFile(found, this.lowering);
				if ("problem" in lowered) continue;
				const header = unitOf(lowered.flat);
				paths.add(found);
				analysis.setUnit(found, header);
				queue.push({ path: found, unit: header });
			}
		}
	}

	/** `spelled` begins with `"` or `<`. */
	private find(from: string, spelled: string): string | null {
		const name = spelled.slice(1).replace(/[">]$/, "");
		const folders = spelled.startsWith('"') ? [dirname(from), ...this.folders] : this.folders;
		for (const folder of folders) {
			const path = folder === "." || folder === "" ? posix.normalize(name) : posix.join(folder, name);
			const full = path.startsWith("/") ? path : join(this.root, path);
			if (!path.startsWith("..") && existsSync(full)) return path;
		}
		return null;
	}
}

function includeFolders(root: string, base: string): string[] {
	const at = (name: string) => (base === "" ? name : join(base, name));
	const folders = ["include", "include/uapi", "arch/x86/include", "arch/x86/include/uapi"].map(at);
	const isThere = (folder: string) => existsSync(folder.startsWith("/") ? folder : join(root, folder));
	if (isThere(at("arch/x86/include"))) return folders.filter(isThere);
	return [...folders, ...otherArch(root, at("arch"))].filter(isThere);
}

function otherArch(root: string, folder: string): string[] {
	try {
		const [first] = readdirSync(folder.startsWith("/") ? folder : join(root, folder));
		return first === undefined ? [] : [`${folder}/${first}/include`];
	} catch {
		return [];
	}
}
