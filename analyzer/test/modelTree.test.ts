// Are the names of the model's rows in a real kernel tree? Runs with RUN_SLOW=1 and TREE=<kernel tree>; the
// version is the one of the tree's Makefile. Fields are looked for in their struct, names as macro or function.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { builtinRows, holdsFor } from "../src/model/compile.js";
import type { Versions } from "../src/model/schema.js";

const tree = process.env.RUN_SLOW === "1" ? process.env.TREE : undefined;

/** Where functions and macros of rows are declared or defined. */
const SOURCE_FOLDERS = [
	"include",
	"kernel",
	"mm",
	"lib",
	"block",
	"fs",
	"net",
	"crypto",
	"sound/core",
	"sound/soc",
	"drivers/base",
];
const SOURCE_FILES = ["arch/x86", "arch/arm64", "drivers"];
/** generated register lists: large, and without a single row */
const SKIPPED = /^drivers\/gpu\/drm\/(amd|nouveau|i915)|^tools|^scripts/;

/** The kernel whose files the `source` columns cite. */
const SOURCES_FROM = "6.1";

/** Rows that are right although the tree does not have the name, with the reason. */
const NOT_IN_TREE: ReadonlySet<string> = new Set([
	"__builtin_expect", // the compiler's
	"__builtin_unreachable", // the compiler's
]);

function filesBelow(folder: string, ending: RegExp): string[] {
	if (!existsSync(join(tree!, folder))) return [];
	return readdirSync(join(tree!, folder), { recursive: true, encoding: "utf8" })
		.map((path) => `${folder}/${path}`)
		.filter((path) => ending.test(path) && !SKIPPED.test(path))
		.sort();
}

function treeVersion(): readonly [number, number] {
	const makefile = readFileSync(join(tree!, "Makefile"), "utf8");
	const part = (name: string): number => Number(new RegExp(`^${name} = (\\d+)`, "m").exec(makefile)![1]);
	return [part("VERSION"), part("PATCHLEVEL")];
}

interface Found {
	/** every word of a header or source that comes before "(" or after #define */
	readonly names: Set<string>;
	/** words in the body of each struct of that name */
	readonly members: Map<string, Set<string>>;
}

function readTree(structs: ReadonlySet<string>): Found {
	const names = new Set<string>();
	const members = new Map<string, Set<string>>();
	const sources = SOURCE_FOLDERS.flatMap((folder) => filesBelow(folder, /\.[ch]$/));
	const others = SOURCE_FILES.flatMap((folder) =>
		filesBelow(
			folder,
			/\.h$|^drivers\/(tty\/serial|pci|i2c|spi|clk|regulator|gpio|acpi|dma|iio|usb\/core|hv)\/.*\.c$|kernel\/fpu|kernel\/fpsimd|kernel\/nmi|dumpstack/,
		),
	);
	const more = ["sound", "security"].flatMap((folder) => filesBelow(folder, /\.h$/));
	for (const path of new Set([...sources, ...others, ...more])) {
		let text: string;
		try {
			text = readFileSync(join(tree!, path), "latin1");
		} catch {
			continue; // a link into a folder that is not there
		}
		for (const match of text.matchAll(/\b([A-Za-z_]\w*)\s*\(|^#\s*define\s+(\w+)/gm))
			names.add((match[1] ?? match[2])!);
		for (const match of text.matchAll(/^\s*(?:typedef )?struct (\w+)\s*\{/gm)) {
			if (!structs.has(match[1]!)) continue;
			const words = members.get(match[1]!) ?? new Set();
			for (const word of structBody(text, match.index).matchAll(/[A-Za-z_]\w*/g)) words.add(word[0]);
			members.set(match[1]!, words);
		}
	}
	return { names, members };
}

/** From the struct's name to the brace that closes it; comments do not count. */
function structBody(text: string, start: number): string {
	const body = text.slice(start, start + 60_000).replace(/\/\*[\s\S]*?\*\//g, "");
	let depth = 0;
	for (let i = 0; i < body.length; i++) {
		if (body[i] === "{") depth++;
		else if (body[i] === "}" && --depth === 0) return body.slice(0, i);
	}
	return body;
}

test("names, structs, fields and sources of the rows are in the tree", { skip: tree === undefined }, () => {
	const version = treeVersion();
	const holds = (row: { versions?: Versions }): boolean => holdsFor(row.versions, version);
	const structs = new Set(builtinRows.callbacks.flatMap((row) => (row.via === "field" ? [row.struct] : [])));
	const { names, members } = readTree(structs);
	const missing = new Set<string>();
	const wantName = (name: string): void => {
		if (!names.has(name) && !NOT_IN_TREE.has(name)) missing.add(name);
	};
	const tables = [
		builtinRows.locks,
		builtinRows.sections,
		builtinRows.sleepers,
		builtinRows.allocators,
		builtinRows.predicates,
		builtinRows.values,
		builtinRows.assertions,
		builtinRows.noReturns,
		builtinRows.neutrals,
	];
	for (const table of tables) for (const row of table) if (holds(row)) wantName(row.name);
	for (const row of builtinRows.callbacks.filter(holds)) {
		if (row.via !== "field") wantName(row.name);
		else if (members.get(row.struct)?.has(row.field) !== true) missing.add(`${row.struct}.${row.field}`);
	}
	assert.deepEqual([...missing].sort(), []);
});

test("the files that rows cite are in the tree they were read in", { skip: tree === undefined }, (t) => {
	if (treeVersion().join(".") !== SOURCES_FROM) return t.skip(`sources are cited from ${SOURCES_FROM}`);
	const rows = Object.values(builtinRows).flat() as readonly { source: string; versions?: Versions }[];
	const files = rows.filter((row) => holdsFor(row.versions, [6, 1])).map((row) => row.source.split(":")[0]!);
	const missing = new Set(files.filter((file) => !existsSync(join(tree!, file))));
	assert.deepEqual([...missing].sort(), []);
});

test("a symbol that a source names is in its file", { skip: tree === undefined }, (t) => {
	if (treeVersion().join(".") !== SOURCES_FROM) return t.skip(`sources are cited from ${SOURCES_FROM}`);
	const rows = Object.values(builtinRows).flat() as readonly { source: string; versions?: Versions }[];
	const missing = new Set<string>();
	for (const source of new Set(rows.filter((row) => holdsFor(row.versions, [6, 1])).map((row) => row.source))) {
		const [file, symbol] = source.split(":");
		if (symbol === undefined || !existsSync(join(tree!, file!))) continue;
		if (!new RegExp(`\\b${symbol}\\b`).test(readFileSync(join(tree!, file!), "latin1"))) missing.add(source);
	}
	assert.deepEqual([...missing].sort(), []);
});
