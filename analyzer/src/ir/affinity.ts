// Which definition of a name can be linked with a file, judged by paths alone: no include graph and no
// Kbuild. Headers of the tree's include/ and of one's own directory come first, code of another
// architecture last.
// Which of several equally near files is meant is up to the program.

export interface PathInfo {
	readonly path: string;
	/** file name without folders */
	readonly base: string;
	/** the path without the name */
	readonly folder: string;
	/** folders from the root */
	readonly folders: readonly string[];
	/** numbers of these folders: that of the outermost one first */
	readonly chain: readonly number[];
	/** the X of arch/X/, else "" */
	readonly arch: string;
	readonly isHeader: boolean;
	readonly isRust: boolean;
}

/** Architecture whose definitions stand for all where generic code calls into arch/. */
const DEFAULT_ARCH = "x86";
/** Names of folders in which a part of the tree keeps its headers. */
const HEADER_FOLDERS: ReadonlySet<string> = new Set(["include", "inc"]);

type InFolder = Pick<PathInfo, "folder" | "folders" | "chain" | "arch">;

const AT_ROOT: InFolder = { folder: "", folders: [], chain: [], arch: "" };

/** Describes the paths of one program. Those of one folder share what is said of it. */
export class PathDescriber {
	private readonly known = new Map<string, InFolder>();
	private readonly numbers = new Map<string, number>();

	describe(path: string): PathInfo {
		const slash = path.lastIndexOf("/");
		const base = path.slice(slash + 1);
		const inFolder = slash < 0 ? AT_ROOT : this.inFolder(path.slice(0, slash));
		return { path, base, ...inFolder, isHeader: base.endsWith(".h"), isRust: base.endsWith(".rs") };
	}

	private inFolder(folder: string): InFolder {
		const known = this.known.get(folder);
		if (known !== undefined) return known;
		const folders = folder.split("/");
		const chain = folders.map((_, i) => this.numberOf(folders.slice(0, i + 1).join("/")));
		const made = { folder, folders, chain, arch: folders[0] === "arch" ? (folders[1] ?? "") : "" };
		this.known.set(folder, made);
		return made;
	}

	private numberOf(folder: string): number {
		const number = this.numbers.get(folder) ?? this.numbers.size;
		this.numbers.set(folder, number);
		return number;
	}
}

/** 1 (unlikely) … 999 (certain) for two different files. */
export function affinity(from: PathInfo, to: PathInfo): number {
	const common = commonFolders(from.chain, to.chain);
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
	// Folders of headers only are there for all of the folder that they are in.
	if (common > 0 && HEADER_FOLDERS.has(to.folders[common]!)) return 600 + Math.min(common, 50);
	return 20 + Math.min(common, 30) * 10;
}

function commonFolders(a: readonly number[], b: readonly number[]): number {
	if (a === b) return a.length;
	const limit = Math.min(a.length, b.length);
	let n = 0;
	while (n < limit && a[n] === b[n]) n++;
	return n;
}
