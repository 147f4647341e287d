// Measures the C front end on a tree: node test/out/bench/frontend.js TREE [--verify] [--missing FILE] [--slow]
// Share of the functions that ctags finds, share of function bodies in unparsed spans, MB/s from bytes to IR on
// one thread, units that were given up. --verify checks every unit, --missing lists what ctags alone found and
// the unparsed spans, --slow names the files that took longest per byte.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { lowerC, type Unit } from "@might-sleep/analyzer";
import { lowerFailures } from "@might-sleep/analyzer/c/index";
import { FN_SIZE, FnField, FnFlag, unitName } from "@might-sleep/analyzer/ir/unit";
import { verifyUnit } from "@might-sleep/analyzer/ir/verify";
import { defaultConfig } from "@might-sleep/analyzer/source/kconfig";

const args = process.argv.slice(2);
const tree = args[0];
if (tree === undefined) {
	console.error("usage: node test/out/bench/frontend.js TREE [--verify] [--missing FILE] [--slow]");
	process.exit(2);
}
const missingFile = args.includes("--missing") ? args[args.indexOf("--missing") + 1] : undefined;

const total = {
	files: 0,
	sourceBytes: 0,
	headerBytes: 0,
	sourceMs: 0,
	headerMs: 0,
	functions: 0,
	macros: 0,
	bodyBytes: 0,
	unparsedBodyBytes: 0,
	unparsedSpans: 0,
	unitBytes: 0,
	problems: 0,
};
const slow: { path: string; ms: number; bytes: number }[] = [];
const report: string[] = [];
const ctags = ctagsFunctions(tree);
let found = 0;
let wanted = 0;

const paths = cFiles(tree);
warmUp(paths);
for (const path of paths) measure(path);
print();

function measure(path: string): void {
	const bytes = readFileSync(join(tree as string, path));
	const start = threadMs();
	const unit = lowerC(path, bytes, defaultConfig);
	const ms = threadMs() - start;
	total.files++;
	if (path.endsWith(".c")) {
		total.sourceBytes += bytes.length;
		total.sourceMs += ms;
	} else {
		total.headerBytes += bytes.length;
		total.headerMs += ms;
	}
	slow.push({ path, ms, bytes: bytes.length });
	total.unitBytes += unit.fns.buffer.byteLength;
	total.unparsedBodyBytes += unit.unparsedBodyBytes;
	total.unparsedSpans += unit.unparsed.length / 2;
	count(path, unit, bytes);
	if (args.includes("--verify")) {
		for (const problem of verifyUnit(unit).slice(0, 3)) {
			total.problems++;
			if (total.problems <= 40) console.error(`${path}: ${problem}`);
		}
	}
}

/** Functions of the unit, and which of ctags's functions are among them. */
function count(path: string, unit: Unit, bytes: Buffer): void {
	const names = new Set<string>();
	const starts: number[] = [];
	for (let at = 0; at < unit.fns.length; at += FN_SIZE) {
		const flags = unit.fns[at + FnField.Flags];
		if ((flags & FnFlag.Macro) !== 0) {
			total.macros++;
			continue;
		}
		total.functions++;
		total.bodyBytes += unit.fns[at + FnField.BodyEnd] - unit.fns[at + FnField.BodyStart];
		names.add(unitName(unit, unit.fns[at + FnField.Name]));
		starts.push(unit.fns[at + FnField.Start], unit.fns[at + FnField.NameEnd]);
	}
	const tags = ctags.get(path) ?? [];
	wanted += tags.length;
	const lines = tags.length === 0 ? [] : lineStarts(bytes);
	for (const tag of tags) {
		if (names.has(tag.name) || spans(starts, lines[tag.line - 1], lines[tag.line] ?? bytes.length)) found++;
		else if (missingFile !== undefined) report.push(`missing ${path}:${tag.line}: ${tag.name}`);
	}
	if (missingFile === undefined) return;
	for (let i = 0; i < unit.unparsed.length; i += 2) {
		const text = bytes
			.subarray(unit.unparsed[i], unit.unparsed[i + 1])
			.toString("latin1")
			.slice(0, 160);
		const line = bytes.subarray(0, unit.unparsed[i]).toString("latin1").split("\n").length;
		report.push(`unparsed ${path}:${line}: ${unit.unparsed[i + 1] - unit.unparsed[i]}: ${text.replace(/\s+/g, " ")}`);
	}
}

/** Whether a function's head [start, end of name) meets the line. */
function spans(starts: readonly number[], lineStart: number, lineEnd: number): boolean {
	for (let i = 0; i < starts.length; i += 2) if (starts[i] < lineEnd && starts[i + 1] > lineStart) return true;
	return false;
}

function lineStarts(bytes: Buffer): number[] {
	const starts = [0];
	for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
	return starts;
}

function ctagsFunctions(root: string): Map<string, { name: string; line: number }[]> {
	const run = spawnSync("ctags", ["-x", "--c-kinds=f", "--languages=C", "--langmap=C:.c.h", "-R", "."], {
		cwd: root,
		maxBuffer: 1 << 30,
		encoding: "latin1",
	});
	const byFile = new Map<string, { name: string; line: number }[]>();
	for (const row of (run.stdout ?? "").split("\n")) {
		const match = /^(\S+)\s+function\s+(\d+)\s+(\S+)\s/.exec(row);
		if (match === null) continue;
		const file = match[3].replace(/^\.\//, "");
		const list = byFile.get(file) ?? [];
		list.push({ name: match[1], line: Number(match[2]) });
		byFile.set(file, list);
	}
	return byFile;
}

function cFiles(root: string): string[] {
	return readdirSync(root, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
		.map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
		.sort();
}

/** Processor time of this thread, so that a busy machine does not count; elsewhere than on Linux the clock. */
function threadMs(): number {
	try {
		return Number(readFileSync("/proc/thread-self/schedstat", "latin1").split(" ")[0]) / 1e6;
	} catch {
		return performance.now();
	}
}

/** Lets the compiler settle, so that a small folder gives the rate of a large one. */
function warmUp(files: readonly string[]): void {
	const started = performance.now();
	for (const path of files.filter((file) => file.endsWith(".c")).slice(0, 400)) {
		lowerC(path, readFileSync(join(tree as string, path)), defaultConfig);
		if (performance.now() - started > 1500) break;
	}
}

function print(): void {
	const rate = (bytes: number, ms: number): string => `${(bytes / 1e6 / (ms / 1e3)).toFixed(1)} MB/s`;
	console.log(`files ${total.files}, functions ${total.functions}, macros ${total.macros}`);
	console.log(`.c ${(total.sourceBytes / 1e6).toFixed(1)} MB at ${rate(total.sourceBytes, total.sourceMs)}`);
	console.log(`.h ${(total.headerBytes / 1e6).toFixed(1)} MB at ${rate(total.headerBytes, total.headerMs)}`);
	console.log(`units ${(total.unitBytes / 1e6).toFixed(1)} MB`);
	console.log(`ctags functions ${wanted}, found ${found}: ${((100 * found) / Math.max(wanted, 1)).toFixed(3)} %`);
	const share = (100 * total.unparsedBodyBytes) / Math.max(total.bodyBytes, 1);
	console.log(`unparsed: ${total.unparsedSpans} spans, ${share.toFixed(4)} % of function bodies' bytes`);
	console.log(`given up ${lowerFailures.length}, verifier problems ${total.problems}`);
	for (const failure of lowerFailures) console.log(failure);
	if (missingFile !== undefined) writeFileSync(missingFile, report.join("\n"));
	if (!args.includes("--slow")) return;
	const worst = slow.filter((file) => file.ms > 2).sort((a, b) => b.ms / b.bytes - a.ms / a.bytes);
	for (const file of worst.slice(0, 15))
		console.log(`${file.path}: ${rate(file.bytes, file.ms)}, ${file.ms.toFixed(1)} ms`);
}
