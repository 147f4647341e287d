// Under which CONFIG_* symbols a file of a tree is built, by the Makefiles of its folders: a folder that `obj-$(CONFIG_X)`
// leads to, an object that one names, itself or as part of another. What make computes in another way counts as built.

import { addTo } from "../base/lists.js";
import { ALWAYS, and, type Condition, or } from "./kconfigFile.js";
import { mayHold } from "./kconfigReach.js";

/** The text of a folder's Makefile or Kbuild, or null. */
export type ReadMakefile = (folder: string) => string | null;

/** What a Makefile says of the objects and folders it names: when, and as part of which other object. */
type Mentions = ReadonlyMap<string, readonly Mention[]>;

interface Mention {
	readonly when: Condition;
	/** the object that it is linked into, or null */
	readonly part: string | null;
}

/** Objects in objects; deeper ones are taken to be built. */
const MAX_NESTING = 4;

/** Tells of files whether they are built when only the symbols of one of some sets may be on. */
export class BuiltFiles {
	private readonly makefiles = new Map<string, Mentions | null>();
	private readonly folders = new Map<string, Condition>();

	constructor(
		private readonly read: ReadMakefile,
		private readonly possible: readonly ReadonlySet<string>[],
	) {}

	isBuilt(path: string): boolean {
		const slash = path.lastIndexOf("/");
		if (slash < 0) return true;
		const folder = path.slice(0, slash);
		const dot = path.lastIndexOf(".");
		const isSource = path.endsWith(".c") || path.endsWith(".rs");
		const when = isSource ? this.whenBuilt(folder, `${path.slice(slash + 1, dot)}.o`) : this.whenEntered(folder);
		return this.possible.some((symbols) => mayHold(when, symbols));
	}

	/** When make goes into a folder. */
	private whenEntered(folder: string): Condition {
		const known = this.folders.get(folder);
		if (known !== undefined) return known;
		const slash = folder.lastIndexOf("/");
		const when = slash < 0 ? ALWAYS : this.whenBuilt(folder.slice(0, slash), `${folder.slice(slash + 1)}/`);
		this.folders.set(folder, when);
		return when;
	}

	/** When an object or folder is made that the Makefile of a folder, or of the nearest above that has one, may name. */
	private whenBuilt(folder: string, name: string): Condition {
		const mentions = this.mentionsOf(folder);
		if (mentions !== null) return and(this.whenEntered(folder), whenMade(mentions, name, 0));
		const slash = folder.lastIndexOf("/");
		if (slash < 0) return ALWAYS;
		const above = this.whenBuilt(folder.slice(0, slash), `${folder.slice(slash + 1)}/${name}`);
		return and(this.whenEntered(folder), above);
	}

	private mentionsOf(folder: string): Mentions | null {
		let mentions = this.makefiles.get(folder);
		if (mentions === undefined) {
			const text = this.read(folder);
			mentions = text === null ? null : parseMakefile(text);
			this.makefiles.set(folder, mentions);
		}
		return mentions;
	}
}

function whenMade(mentions: Mentions, name: string, nesting: number): Condition {
	const found = mentions.get(name);
	if (found === undefined || nesting > MAX_NESTING) return ALWAYS;
	return found
		.map(({ when, part }) => (part === null || part === name ? when : and(when, whenMade(mentions, part, nesting + 1))))
		.reduce(or);
}

/** Every assignment to a variable counts, whatever conditional it stands in. */
function parseMakefile(text: string): Mentions {
	const mentions = new Map<string, Mention[]>();
	for (const line of text.replace(/\\\r?\n/g, " ").split("\n")) {
		const match = /^\s*([^\s:+?=#]+(?:\$\([^()]*\))?)\s*[:+?]?:?=([^#]*)/.exec(line);
		if (match === null) continue;
		const mention = mentionOf(match[1]!);
		for (const word of match[2]!.split(/\s+/)) {
			if (!word.endsWith(".o") && !word.endsWith("/")) continue;
			const name = word.replace(/^\.\//, "").replace(/^\$\(obj\)\//, "");
			addTo(mentions, name, mention);
		}
	}
	return mentions;
}

/** What a variable of Kbuild means for the objects that are assigned to it. */
function mentionOf(variable: string): Mention {
	const match = /^([\w.+-]+?)-(?:\$\((CONFIG_\w+)\)|y|m|objs)$/.exec(variable);
	if (match === null) return { when: ALWAYS, part: null };
	const [, target, symbol] = match;
	const when: Condition = symbol === undefined ? ALWAYS : { kind: "symbol", name: symbol };
	return { when, part: target === "obj" || target === "lib" ? null : `${target}.o` };
}
