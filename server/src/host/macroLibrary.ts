// The macros that a tree's Rust files export for each other, as far as they define items, and which files use them: the
// unit of a file rests on these beside its own text.

import { isAbsolute, join } from "node:path";
import { type ExportedMacro, exportedMacros, itemMacros, macrosUsed } from "@might-sleep/analyzer";
import { readSource } from "./readSource.js";
import { isRustName } from "./walk.js";

/** What lowering needs of it. */
export interface Macros {
	readonly macros: readonly ExportedMacro[];
}

export const NO_MACROS: Macros = { macros: [] };

export class MacroLibrary implements Macros {
	macros: readonly ExportedMacro[] = [];
	/** by file: what it exports, and the names that it invokes */
	private readonly exported = new Map<string, readonly ExportedMacro[]>();
	private readonly used = new Map<string, ReadonlySet<string>>();

	/** Of the Rust files among some of a tree. */
	constructor(root: string, paths: readonly string[]) {
		for (const path of paths) {
			if (!isRustName(path)) continue;
			try {
				this.note(path, readSource(isAbsolute(path) ? path : join(root, path)));
			} catch {
				// it is reported when it is read
			}
		}
		this.collect();
	}

	/** Takes a file as it is now, null when it is gone: the other files whose units may be others now. */
	update(path: string, bytes: Uint8Array | null): string[] {
		if (!isRustName(path)) return [];
		const before = this.exported.get(path) ?? [];
		if (bytes === null) {
			this.exported.delete(path);
			this.used.delete(path);
		} else this.note(path, bytes);
		if (isSame(before, this.exported.get(path) ?? [])) return [];
		const old = this.macros;
		this.collect();
		const changed = withUsers(old, withUsers(this.macros, differing(old, this.macros)));
		return [...this.used].filter(([user, names]) => user !== path && meets(names, changed)).map(([user]) => user);
	}

	private note(path: string, bytes: Uint8Array): void {
		const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
		this.exported.set(path, exportedMacros(path, text));
		this.used.set(path, macrosUsed(text));
	}

	private collect(): void {
		const paths = [...this.exported.keys()].sort();
		this.macros = itemMacros(paths.flatMap((path) => this.exported.get(path)!));
	}
}

/** Those of some macros that a text may come to use, by way of others too. */
export function macrosFor(bytes: Uint8Array, { macros }: Macros): readonly ExportedMacro[] {
	if (macros.length === 0) return macros;
	const names = macrosUsed(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1"));
	for (let size = -1; size !== names.size; ) {
		size = names.size;
		for (const { name, text } of macros) if (names.has(name)) for (const inner of macrosUsed(text)) names.add(inner);
	}
	return macros.filter(({ name }) => names.has(name));
}

/** The names that do not mean the same in two lists. */
function differing(a: readonly ExportedMacro[], b: readonly ExportedMacro[]): Set<string> {
	const texts = (list: readonly ExportedMacro[]) =>
		new Set(list.map(({ name, path, text }) => `${name}\0${path}\0${text}`));
	const [x, y] = [texts(a), texts(b)];
	const names = [...x, ...y].filter((one) => !(x.has(one) && y.has(one))).map((one) => one.slice(0, one.indexOf("\0")));
	return new Set(names);
}

/** Names of macros, and those of the macros that use them. */
function withUsers(macros: readonly ExportedMacro[], names: Set<string>): Set<string> {
	for (let size = -1; size !== names.size; ) {
		size = names.size;
		for (const { name, text } of macros) if (meets(macrosUsed(text), names)) names.add(name);
	}
	return names;
}

function meets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
	for (const one of a) if (b.has(one)) return true;
	return false;
}

function isSame(a: readonly ExportedMacro[], b: readonly ExportedMacro[]): boolean {
	return a.length === b.length && a.every(({ name, text }, i) => name === b[i]!.name && text === b[i]!.text);
}
