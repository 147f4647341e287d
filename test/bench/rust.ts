// How much of a tree's Rust the front end sees, and at what speed: functions against a count by the text alone, bytes
// that the grammar could not read, and calls that lead somewhere once the whole tree is linked.
//
//   npm run bench:rust -- TREE

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
	builtinRows,
	defaultConfig,
	exportedMacros,
	itemMacros,
	loadRust,
	lowerC,
	lowerRust,
	type Unit,
	unitName,
} from "@might-sleep/analyzer";
import { Callee, calleeNamed, createWorld, type World } from "@might-sleep/analyzer/flow/world";
import { EXPR_SIZE, ExprKind, OP_SIZE, Op, OpField, OpFlag } from "@might-sleep/analyzer/ir/ops";
import { Program } from "@might-sleep/analyzer/ir/program";
import { FN_SIZE, FnField, UNPARSED_SIZE } from "@might-sleep/analyzer/ir/unit";
import { compileModel } from "@might-sleep/analyzer/model/compile";
import { readRustWasm } from "../harness/load.js";

const root = process.argv[2] ?? ".";
/** Programs for the build machine, and the language's own libraries as 6.1 carried them. */
const NOT_KERNEL = /^(scripts|tools|Documentation|rust\/(macros|alloc)|samples\/rust\/hostprogs)\//;
/** Modules and types of the language's libraries: calls on them lead out of the tree. */
const LIBRARY =
	/^([iu](8|16|32|64|128|size)|str|\[)|(^|::)(ptr|mem|slice|fmt|cmp|cell|pin|hint|str|char|iter|ops|atomic|num|collections|Layout|Pin|Range|MaybeUninit|NonNull|ManuallyDrop)\b/;
/** Methods that those types have; on a type that is not known they may be anybody's. */
const LIBRARY_METHODS =
	/^(as_ptr|as_mut_ptr|as_bytes|len|is_empty|get|get_mut|iter|iter_mut|cast|is_null|write|read|add|sub|contains|size|default|into|clone|take|load|next|copy_from_slice|deref|capacity|assume_init|zeroed|uninit|to_str|make_ascii_\w+|refcount)$/;

await loadRust(readRustWasm());
const program = new Program();
const counts = { files: 0, bytes: 0, ms: 0, functions: 0, inText: 0, unread: 0 };
const paths = sources();
const macros = itemMacros(
	paths.filter((path) => path.endsWith(".rs")).flatMap((path) => exportedMacros(path, textOf(path))),
);
for (const path of paths) {
	const bytes = readFileSync(join(root, path));
	if (path.endsWith(".rs")) program.setUnit(path, measured(path, bytes));
	else program.setUnit(path, lowerC(path, bytes, defaultConfig));
}
program.finishLink();
const world = createWorld({
	program,
	model: compileModel(builtinRows, version()),
	profile: "default",
	checkpoint: () => {},
});

const calls = { crate: 0, crateKnown: 0, c: 0, cKnown: 0, other: 0 };
const lost = new Map<string, number>();
const known = crateFunctions();
for (let file = 0; file < program.paths.length; file++) {
	if (program.isRust(file) && !NOT_KERNEL.test(program.paths[file]!)) countCalls(file);
}
const share = (part: number, whole: number): string =>
	`${part} of ${whole} (${((100 * part) / Math.max(whole, 1)).toFixed(1)} %)`;
console.log(`${counts.files} files, ${counts.bytes} bytes in ${Math.round(counts.ms)} ms`);
console.log(`functions: ${counts.functions}, ${counts.inText} by the text alone`);
console.log(`bytes not read: ${((100 * counts.unread) / counts.bytes).toFixed(3)} %`);
console.log(
	`calls into the kernel crate and among drivers that lead somewhere: ${share(calls.crateKnown, calls.crate)}`,
);
console.log(`calls of bindings: ${share(calls.cKnown, calls.c)}; calls into the language's libraries: ${calls.other}`);
for (const [name, count] of [...lost].sort((a, b) => b[1] - a[1]).slice(0, 12)) console.log(`  ${count} ${name}`);

function textOf(path: string): string {
	return readFileSync(join(root, path)).toString("latin1");
}

function sources(): string[] {
	return readdirSync(root, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /\.([ch]|rs)$/.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name).slice(join(root, "/").length))
		.filter((path) => !/^(scripts|tools|Documentation)\//.test(path))
		.sort();
}

function version(): readonly [number, number] {
	const text = readFileSync(join(root, "Makefile"), "utf8");
	const part = (name: string) => Number(new RegExp(`^${name} = (\\d+)`, "m").exec(text)?.[1] ?? 0);
	return [part("VERSION"), part("PATCHLEVEL")];
}

function measured(path: string, bytes: Uint8Array): Unit {
	const start = performance.now();
	const unit = lowerRust(path, bytes, defaultConfig, macros);
	counts.ms += performance.now() - start;
	counts.files++;
	counts.bytes += bytes.length;
	counts.inText += functionsInText(Buffer.from(bytes).toString("latin1"));
	for (let at = 0; at < unit.fns.length; at += FN_SIZE) {
		if (!unitName(unit, unit.fns[at + FnField.Name]!).includes("{closure")) counts.functions++;
	}
	for (let at = 0; at < unit.unparsed.length; at += UNPARSED_SIZE)
		counts.unread += unit.unparsed[at + 1]! - unit.unparsed[at]!;
	return unit;
}

/** `fn name(…) {` outside of comments, strings and macro definitions. */
function functionsInText(text: string): number {
	const blank = (match: string) => match.replace(/[^\n]/g, " ");
	const code = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, blank).replace(/"(?:\\.|[^"\\])*"/g, blank);
	const macros = [...code.matchAll(/macro_rules!\s*\w+\s*\{/g)].map(({ index }) => [index, endOfBlock(code, index)]);
	return [...code.matchAll(/\bfn\s+\w+\s*(?:<[^{;]*?>)?\s*\([^{;]*?\{/g)].filter(
		({ index }) => !macros.some(([from, to]) => index > from! && index < to!),
	).length;
}

function endOfBlock(code: string, from: number): number {
	let depth = 0;
	for (let i = code.indexOf("{", from); i < code.length; i++) {
		if (code[i] === "{") depth++;
		else if (code[i] === "}" && --depth === 0) return i;
	}
	return code.length;
}

function lastPart(name: string): string {
	return /[^:#]*$/.exec(name)![0];
}

/** Names of the functions that the kernel's Rust defines. */
function crateFunctions(): Set<string> {
	const names = new Set<string>();
	for (let file = 0; file < program.paths.length; file++) {
		if (!program.isRust(file) || NOT_KERNEL.test(program.paths[file]!)) continue;
		for (const fn of program.fnsOf(file)) names.add(lastPart(program.fnName(fn)));
	}
	return names;
}

function countCalls(file: number): void {
	const unit = program.unit(file);
	for (const fn of program.fnsOf(file)) {
		const first = program.fnField(fn, FnField.OpStart);
		for (let op = first; op < first + program.fnField(fn, FnField.OpCount); op++) {
			const code = unit.ops[op * OP_SIZE]!;
			const callee = unit.ops[op * OP_SIZE + OpField.A]! * EXPR_SIZE;
			if ((code & 255) !== Op.Call || ((code >> 8) & OpFlag.Cleanup) !== 0 || unit.exprs[callee] !== ExprKind.Name)
				continue;
			countCall(world, fn, unitName(unit, unit.exprs[callee + 1]!), unit.exprs[callee + 1]!);
		}
	}
}

function countCall(on: World, fn: number, name: string, local: number): void {
	const isKnown = calleeNamed(on, fn, local) !== Callee.Unknown;
	if (/^bindings::\w+$/.test(name)) {
		calls.c++;
		if (isKnown) calls.cKnown++;
		return;
	}
	const last = lastPart(name);
	const isLibrary = LIBRARY.test(name.replace(/#[^#]*$/, "")) || LIBRARY_METHODS.test(last) || !known.has(last);
	if (!isKnown && isLibrary) {
		calls.other++;
		return;
	}
	calls.crate++;
	if (isKnown) calls.crateKnown++;
	else lost.set(name, (lost.get(name) ?? 0) + 1);
}
