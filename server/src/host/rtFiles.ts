// Which files of a kernel tree no kernel with PREEMPT_RT is built from: those of architectures that it cannot be chosen on,
// and what only such an architecture builds. The tree's Kconfig files and Makefiles say it.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
	BuiltFiles,
	type KconfigFile,
	parseKconfig,
	possibleSymbols,
	rtArchitectures,
	rtSupport,
} from "@might-sleep/analyzer";
import { readText } from "./roots.js";

const ARCHITECTURE = /^arch\/([^/]+)\//;

/** Tells of a path of the tree whether a kernel with PREEMPT_RT may have been built from it. */
export function filesWithRt(tree: string): (path: string) => boolean {
	const read = kconfigReader(tree);
	const architectures = architecturesWithRt(tree, read);
	const possible = architectures.map((name) => possibleSymbols(read, name, [rtSupport.symbol]));
	const makefileOf = (folder: string) =>
		readText(join(tree, folder, "Kbuild")) ?? readText(join(tree, folder, "Makefile"));
	const files = new BuiltFiles(makefileOf, possible);
	return (path) => {
		const architecture = ARCHITECTURE.exec(path);
		if (architecture !== null && !architectures.includes(architecture[1]!)) return false;
		return possible.length === 0 || files.isBuilt(path);
	};
}

/** Folders below arch/; those of the model where the tree does not say. */
function architecturesWithRt(tree: string, read: (path: string) => KconfigFile | null): readonly string[] {
	const selects = (name: string) =>
		read(`arch/${name}/Kconfig`)?.entries.some((entry) => entry.selects.some((one) => one.name === rtSupport.symbol));
	const told = foldersIn(join(tree, "arch")).filter(selects);
	return told.length > 0 ? told : rtArchitectures.map(({ name }) => name);
}

function kconfigReader(tree: string): (path: string) => KconfigFile | null {
	const parsed = new Map<string, KconfigFile | null>();
	return (path) => {
		let file = parsed.get(path);
		if (file === undefined) {
			const text = readText(join(tree, path));
			file = text === null ? null : parseKconfig(text);
			parsed.set(path, file);
		}
		return file;
	};
}

function foldersIn(folder: string): string[] {
	try {
		return readdirSync(folder).sort();
	} catch {
		return [];
	}
}
