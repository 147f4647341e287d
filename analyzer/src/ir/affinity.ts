// Which definition of a name can be linked with a file, judged by paths alone: no include graph and no
// Kbuild. Headers of the tree's include/ and of one's own directory come first, code of another
// architecture last.
// Which of several equally near files is meant is up to the program.

export interface PathInfo {
	readonly path: string;
	/** file name without folders */
	readonly base: string;
	/** folders from the root */
	readonly folders: readonly string[];
	/** the X of arch/X/, else "" */
	readonly arch: string;
	readonly isHeader: boolean;
	readonly isRust: boolean;
}

/** Architecture whose definitions stand for all where generic code calls into arch/. */
const DEFAULT_ARCH = "x86";

export function describePath(path: string): PathInfo {
	const folders = path.split("/");
	const base = folders.pop() ?? "";
	const arch = folders[0] === "arch" ? (folders[1] ?? "") : "";
	return { path, base, folders, arch, isHeader: base.endsWith(".h"), isRust: base.endsWith(".rs") };
}

/** 1 (unlikely) … 999 (certain) for two different files. */
export function affinity(from: PathInfo, to: PathInfo): number {
	const common = commonFolders(from.folders, to.folders);
	if (to.arch !== "" && to.arch !== from.arch) {
		if (from.arch === "um" && to.arch === "x86") return 500;
		if (from.arch !== "") return 5;
		return to.arch === DEFAULT_ARCH ? (to.isHeader ? 540 : 300) : 10;
	}
	if (to.arch !== "" && to.isHeader) return 620 + common;
	if (to.isHeader) return headerAffinity(to, common);
	const isSameFolder = common === from.folders.length && common === to.folders.length;
	return (isSameFolder ? 400 : 100) + Math.min(common, 20) * 10;
}

function headerAffinity(to: PathInfo, common: number): number {
	if (to.folders[0] === "include") {
		if (to.folders[1] === "asm-generic") return 450;
		return to.folders[1] === "linux" ? 560 : 550;
	}
	// A header of one's own folder or of a folder above it is nearer than one of a sibling.
	if (common === to.folders.length) return 600 + Math.min(common, 50);
	return 20 + Math.min(common, 30) * 10;
}

function commonFolders(a: readonly string[], b: readonly string[]): number {
	const limit = Math.min(a.length, b.length);
	let n = 0;
	while (n < limit && a[n] === b[n]) n++;
	return n;
}
