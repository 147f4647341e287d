// Macros that other files may use: found in a file's text without its tree, so that a host can collect them before it
// reads any file. Only those that define items matter to others; what one makes of an expression is not looked at.

import { type Arm, armsOf, endOfGroup, type Tree, treesOf } from "./macroRules.js";

/** Plain data, so that it can be sent to a worker. */
export interface ExportedMacro {
	readonly name: string;
	/** the file that defines it */
	readonly path: string;
	/** its arms, in brackets */
	readonly text: string;
}

/** `#[macro_export]` where an item may begin, further attributes and comments, and the name. */
const DEFINITION =
	/^[ \t]*#\[macro_export\b[^\]\n]*\](?:\s*(?:#\[[^\]\n]*\]|\/\/[^\n]*\n))*\s*macro_rules!\s*(\w+)\s*(?=[{([])/gm;
const ITEM = /^(struct|enum|union|impl|fn|static|const|trait|mod|type|extern)$/;
/** Tokens of a definition stand nowhere in the file that uses it: before its beginning. */
const ELSEWHERE = -(2 ** 30);
/** Deeper folders are not compared. */
const MAX_FOLDERS = 64;

/** The macros that a file exports; `text` has one character a byte. */
export function exportedMacros(path: string, text: string): ExportedMacro[] {
	const found: ExportedMacro[] = [];
	for (const match of text.matchAll(DEFINITION)) {
		const start = match.index + match[0].length;
		const end = endOfGroup(text, start);
		if (end > start) found.push({ name: match[1]!, path, text: text.slice(start, end) });
	}
	return found;
}

/** Those of some macros that define items, themselves or by another one, and those that they use. */
export function itemMacros(macros: readonly ExportedMacro[]): ExportedMacro[] {
	const kept = new Set<string>();
	const bodies = macros.map((macro) => ({ macro, arms: armsFrom(macro).map(({ body }) => body) }));
	for (let size = -1; size !== kept.size; ) {
		size = kept.size;
		for (const { macro, arms } of bodies) if (arms.some((body) => hasItem(body, kept))) kept.add(macro.name);
	}
	for (let size = -1; size !== kept.size; ) {
		size = kept.size;
		for (const { name, text } of macros) if (kept.has(name)) for (const used of macrosUsed(text)) kept.add(used);
	}
	return macros.filter(({ name }) => kept.has(name));
}

/** Has a body an item at its own depth, or in what it repeats there? */
function hasItem(body: readonly Tree[], definers: ReadonlySet<string>): boolean {
	return body.some(({ text, open, inner }, i) => {
		if (open !== "") return open === "(" && body[i - 1]?.text === "$" && hasItem(inner, definers);
		return ITEM.test(text) || (body[i + 1]?.text === "!" && definers.has(text));
	});
}

/** The names that a text invokes as macros. */
export function macrosUsed(text: string): Set<string> {
	return new Set([...text.matchAll(/\b(\w+)\s*!\s*[{([]/g)].map((match) => match[1]!));
}

/** By name, the arms of the macros that a file may use; of several of a name those of the nearest file. */
export function armsFor(path: string, macros: readonly ExportedMacro[]): (name: string) => readonly Arm[] | undefined {
	const parsed = new Map<string, readonly Arm[]>();
	return (name) => {
		let arms = parsed.get(name);
		const nearest = arms === undefined ? nearestOf(path, macros, name) : undefined;
		if (nearest !== undefined) {
			arms = armsFrom(nearest);
			parsed.set(name, arms);
		}
		return arms;
	};
}

function nearestOf(path: string, macros: readonly ExportedMacro[], name: string): ExportedMacro | undefined {
	let best: ExportedMacro | undefined;
	for (const macro of macros) {
		if (macro.name !== name || macro.path === path) continue;
		const nearer = best === undefined ? 1 : shared(macro.path, path) - shared(best.path, path);
		if (nearer > 0 || (nearer === 0 && macro.path < best!.path)) best = macro;
	}
	return best;
}

/** The folders that two paths have in common from the root on. */
function shared(a: string, b: string): number {
	const [x, y] = [a.split("/", MAX_FOLDERS), b.split("/", MAX_FOLDERS)];
	let n = 0;
	while (n < x.length - 1 && n < y.length - 1 && x[n] === y[n]) n++;
	return n;
}

function armsFrom({ text }: ExportedMacro): Arm[] {
	return armsOf(treesOf(text, ELSEWHERE)?.[0]?.inner ?? []);
}
