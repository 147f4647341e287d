// The kernel that an out-of-tree module is built against: told by a setting, by its Makefile, or by the
// environment, and the folders of that kernel that hold headers.

import { readdirSync } from "node:fs";
import { arch, release } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { isFolder, readText } from "./roots.js";
import { type TreeFiles, walkHeaders } from "./walk.js";

/** Makefile variables that by habit name the kernel's build folder. */
const VARIABLES = ["KDIR", "KERNELDIR", "KERNEL_DIR", "KERNEL_SRC", "KSRC", "KBUILD_DIR", "KERNEL_PATH", "LINUX_DIR"];

const ARCH_FOLDERS: Readonly<Record<string, string>> = {
	x64: "x86",
	ia32: "x86",
	arm64: "arm64",
	arm: "arm",
	riscv64: "riscv",
	ppc64: "powerpc",
	s390x: "s390",
	loong64: "loongarch",
	mips: "mips",
	mipsel: "mips",
};

/** Null when none is named, or what is named is not there. */
export function kernelTreeOfModule(root: string, setting: string | null): string | null {
	if (setting) return isFolder(resolve(root, setting)) ? resolve(root, setting) : null;
	const makefiles = ["Makefile", "Kbuild", "GNUmakefile", "src/Makefile"];
	for (const name of makefiles) {
		const text = readText(join(root, name));
		const named = text === null ? null : namedInMakefile(text, root);
		if (named !== null && isFolder(named)) return named;
	}
	return null;
}

/** The headers in `include` and in the architecture's own `include`, of a tree or of installed header packages. */
export function moduleHeaders(kernelTree: string): TreeFiles {
	const files: TreeFiles["files"][number][] = [];
	const problems: TreeFiles["problems"][number][] = [];
	for (const folder of headerFolders(kernelTree)) {
		const found = walkHeaders(folder);
		files.push(...found.files);
		problems.push(...found.problems);
	}
	return { files, excluded: new Map(), problems };
}

function headerFolders(kernelTree: string): string[] {
	const trees = [kernelTree, ...includedMakefiles(kernelTree)];
	const folders: string[] = [];
	for (const tree of trees) {
		for (const name of ["include", ...archIncludes(tree)]) {
			if (isFolder(join(tree, name))) folders.push(join(tree, name));
		}
	}
	return folders;
}

/** Debian splits its headers: the build folder's Makefile includes that of the common part. */
function includedMakefiles(kernelTree: string): string[] {
	const text = readText(join(kernelTree, "Makefile")) ?? "";
	const trees: string[] = [];
	for (const match of text.matchAll(/^include\s+(\/\S+)\/Makefile\s*$/gm)) {
		if (isFolder(match[1]!)) trees.push(match[1]!);
	}
	return trees;
}

function archIncludes(tree: string): string[] {
	const folder = ARCH_FOLDERS[arch()] ?? "x86";
	const arches = isFolder(join(tree, "arch", folder)) ? [folder] : firstArch(tree);
	return arches.map((name) => `arch/${name}/include`);
}

function firstArch(tree: string): string[] {
	try {
		return readdirSync(join(tree, "arch"), { withFileTypes: true })
			.filter((entry) => entry.isDirectory())
			.map((entry) => entry.name)
			.slice(0, 1);
	} catch {
		return [];
	}
}

/** What `KDIR ?= …` or `make -C …` says, with the usual variables expanded. */
export function namedInMakefile(text: string, root: string): string | null {
	const values = new Map<string, string>();
	for (const match of text.matchAll(/^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*(?:\?|:{1,2})?=[ \t]*(.*)$/gm)) {
		if (!values.has(match[1]!)) values.set(match[1]!, match[2]!.replace(/\s+#.*$/, "").trim());
	}
	for (const name of VARIABLES) {
		const value = process.env[name] ?? values.get(name);
		const path = value && expand(value, values, root);
		if (path) return resolve(root, path);
	}
	const direct = /\$\(MAKE\)\s+-C\s+(\S+(?:\([^)]*\)\S*)*)/.exec(text);
	const path = direct && expand(direct[1]!, values, root);
	return path ? resolve(root, path) : null;
}

/** Null when something stays unknown. Commands are never run; `uname -r` is answered from here. */
function expand(value: string, values: ReadonlyMap<string, string>, root: string): string | null {
	let text = value;
	for (let round = 0; round < 8 && text.includes("$"); round++) {
		text = text
			.replaceAll(/\$[({]shell\s+uname\s+-r\s*[)}]/g, release())
			.replaceAll(/\$[({]shell\s+pwd\s*[)}]/g, root)
			.replaceAll(/\$[({](?:PWD|CURDIR|M)[)}]/g, root)
			.replaceAll(/\$[({](\w+)[)}]/g, (whole, name: string) => values.get(name) ?? process.env[name] ?? whole);
	}
	if (text.includes("$") || text.trim() === "") return null;
	return isAbsolute(text) || text.startsWith(".") || text.includes("/") ? text : null;
}
