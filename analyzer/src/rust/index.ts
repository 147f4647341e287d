// The front end for Rust: tree-sitter's tree in, a unit out. Types and methods of other files are not known here; what
// is written of them (terms.ts) is worked out when the program is linked (ir/rustNames.ts).
import { Builder } from "../ir/builder.js";
import { NONE } from "../ir/ops.js";
import { KERNEL_USE, RUST_MARK } from "../ir/rustTypes.js";
import type { Unit } from "../ir/unit.js";
import type { ConfigView } from "../source/kconfig.js";
import { NO_ATTRIBUTES } from "./attributes.js";
import { block } from "./control.js";
import { armsFor, type ExportedMacro } from "./exportedMacros.js";
import { expression } from "./expression.js";
import { isRustLoaded } from "./grammar.js";
import { declare, item, items } from "./items.js";
import type { Hooks, Lowering } from "./state.js";
import { isComment, parseText, type Syntax, textOf } from "./syntax.js";

export { type ExportedMacro, exportedMacros, itemMacros, macrosUsed } from "./exportedMacros.js";
export { isRustLoaded, loadRust, type RustWasm } from "./grammar.js";

/** Larger files are not source. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Macros in macros are parsed once for each level, up to this many bytes for a byte of the file. */
const MACRO_BYTES_PER_BYTE = 4;

/** Files that were given up, with the reason: must stay empty (tests and the bench look). */
export const rustFailures: string[] = [];

/**
 * Lowers one Rust file; `loadRust` has been called. `path` gives the module its name, nothing is read but `bytes` and
 * the macros that other files export.
 */
export function lowerRust(
	path: string,
	bytes: Uint8Array,
	config: ConfigView,
	macros: readonly ExportedMacro[] = [],
): Unit {
	const builder = new Builder();
	try {
		const syntax = bytes.length > MAX_BYTES || !isRustLoaded() ? undefined : parseText(textOfBytes(bytes), 0);
		if (syntax !== undefined) return lowerFile(newLowering(path, config, builder, syntax, macros), bytes);
	} catch (error) {
		// An invariant of the front end is broken: give the file up, not the run.
		if (rustFailures.length < 20) rustFailures.push(`${path}: ${error instanceof Error ? error.stack : String(error)}`);
	}
	builder.reset();
	builder.unparsed.push(0);
	builder.unparsed.push(bytes.length);
	return builder.finish(bytes);
}

/** One character a byte, so that places in the text are places in the file. */
function textOfBytes(bytes: Uint8Array): string {
	let text = "";
	for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
	return withoutOpenStrings(text);
}

/** Raw strings that nothing ends are blanked: the grammar would read to the end of the file for each of them. */
function withoutOpenStrings(text: string): string {
	const ends = new Map<string, number>();
	return text.replace(/r(#*)"/g, (start, hashes: string, at: number) => {
		let end = ends.get(hashes);
		if (end === undefined) {
			end = text.lastIndexOf(`"${hashes}`);
			ends.set(hashes, end);
		}
		return at + start.length <= end ? start : " ".repeat(start.length);
	});
}

function lowerFile(r: Lowering, bytes: Uint8Array): Unit {
	const { builder, syntax } = r;
	builder.reset();
	// every file of Rust names it: what one says of its types may matter to all
	builder.includes.push(builder.nameOf(RUST_MARK));
	builder.globals.push4(builder.nameOf(RUST_MARK), 0, 1, 0);
	builder.type(0, -1, 0, -1);
	declare(r, 0, r.items.module);
	r.depth = 0;
	for (const path of r.uses.values()) if (/^kernel\b/.test(path)) r.usesKernel = true;
	if (r.usesKernel) builder.includes.push(builder.nameOf(KERNEL_USE));
	items(r, 0);
	for (const at of syntax.errors) builder.unparsed.push(at);
	suppressions(r);
	return builder.finish(bytes);
}

const hooks: Hooks = {
	expression,
	block,
	item: (r, node) => item(r, node, NO_ATTRIBUTES),
};

function newLowering(
	path: string,
	config: ConfigView,
	builder: Builder,
	syntax: Syntax,
	macros: readonly ExportedMacro[],
): Lowering {
	return {
		hooks,
		builder,
		config,
		syntax,
		uses: new Map(),
		functions: new Set(),
		values: new Map(),
		foreign: new Set(),
		macros: new Map(),
		foreignMacros: armsFor(path, macros),
		expansions: new Map(),
		items: { module: moduleName(path), self: "", trait: "", generics: new Map() },
		alternative: false,
		depth: 0,
		fnName: "",
		opBase: 0,
		varBase: 0,
		nVars: 0,
		dead: true,
		partial: false,
		nClosures: 0,
		locals: [],
		owned: [],
		breakables: [],
		pending: [],
		usesKernel: false,
		macroBytes: syntax.text.length * MACRO_BYTES_PER_BYTE + 4096,
		letStart: NONE,
		inlined: null,
	};
}

/** A file is a module of its name; `mod.rs` and `lib.rs` are that of their folder. */
function moduleName(path: string): string {
	const folders = path.split("/");
	const base = (folders.pop() ?? "").replace(/\.rs$/, "");
	return base === "mod" || base === "lib" || base === "main" ? (folders.at(-1) ?? base) : base;
}

/** `// might-sleep: ignore[rule] reason` */
function suppressions(r: Lowering): void {
	const s = r.syntax;
	for (let node = 0; node < s.kinds.length; node++) {
		if (!isComment(s, node)) continue;
		const text = textOf(s, node);
		const match = /might-sleep: ignore\[([^\]]*)\]/.exec(text);
		if (match === null) continue;
		const start = s.starts[node]! + match.index;
		const end = s.ends[node]! - (text.endsWith("\n") ? 1 : 0);
		for (const rule of match[1]!.split(/[ ,]+/))
			if (rule !== "") r.builder.suppressions.push3(r.builder.nameOf(rule), start, end);
	}
}
