// The one place where fixture tests call the analyzer: text in, façade out, compared with the marks.
// A change of the façade is mended here, not in the fixtures.

import assert from "node:assert/strict";
import {
	type AnalysisOptions,
	builtinRows,
	type ContextReport,
	createAnalysis,
	type Edit,
	type ExportedMacro,
	exportedMacros,
	type Finding,
	itemMacros,
	loadRust,
	lowerC,
	lowerRust,
	type Range,
	type ReadText,
	type Snapshot,
	type Unit,
} from "@might-sleep/analyzer";
import { printUnit } from "@might-sleep/analyzer/ir/print";
import { FN_SIZE, FnField, unitName } from "@might-sleep/analyzer/ir/unit";
import { verifyUnit } from "@might-sleep/analyzer/ir/verify";
import { type ConfigView, defaultConfig, rtConfig } from "@might-sleep/analyzer/source/kconfig";
import { applyEdits } from "./edits.js";
import { compareFindings, compareShape } from "./expect.js";
import { type Fixture, type FixtureFile, isMarkLine, matchesParts, patternParts } from "./fixture.js";
import { matchSnapshot, minikernelFiles, readRustWasm } from "./load.js";
import { isMended } from "./mended.js";

const OPTIONS: Pick<AnalysisOptions, "rows"> = { rows: builtinRows };

await loadRust(readRustWasm());

/** The findings are exactly the marks; `_bad` functions have some, `_ok` functions none. */
export function checkFindings(fixture: Fixture): void {
	const findings = findingsIn(fixture, analyse(fixture));
	const problems = [...compareFindings(fixture, findings), ...compareShape(findings), ...checkNames(fixture, findings)];
	expectNone(fixture, problems);
}

/**
 * The fix under the cursor turns the fixture into the text after `//- fixed` (and other files into those after
 * `//- and /path`): the finding is gone then, and there is none that was not there before.
 */
export function checkFix(fixture: Fixture): void {
	const { cursor, fixed } = fixture;
	assert.ok(cursor !== null && fixed !== null, `${fixture.name}: a fix needs a cursor ($0) and //- fixed`);
	const before = analyse(unmarked(fixture));
	const found = fixAt(fixture, before, findingsAtCursor(fixture, before), fixed.argument);
	const edits = found.edits();
	const files = fixture.files.map((f) => ({ ...f, text: applyEdits(f.text, f.path, edits) }));
	const unknown = [...fixture.alsoFixed.keys()].filter((path) => !files.some((file) => file.path === path));
	assert.deepEqual(unknown, [], `${fixture.name}: no such files to compare`);
	for (const file of files) {
		const expected: readonly string[] | undefined =
			file.path === cursor.file ? fixed.lines : fixture.alsoFixed.get(file.path);
		const text = fixture.files.find((one) => one.path === file.path)!.text;
		assert.equal(codeOf(file.text.split("\n")), codeOf(expected ?? text.split("\n")), `${fixture.name}: ${file.path}`);
	}
	const after = findingsIn(fixture, analyse(unmarked({ ...fixture, files })));
	const had = findingsIn(fixture, before);
	const left = had.filter((f) => f.id === found.finding && !isMended(f, had, after));
	assert.deepEqual(texts(left), [], `${fixture.name}: the finding is still there after its fix`);
	const known = new Set(had.map((f) => f.id));
	const fresh = after.filter((f) => !known.has(f.id));
	assert.deepEqual(texts(fresh), [], `${fixture.name}: there are findings that were not there before the fix`);
}

/** Fixes that cannot be made at the cursor are not offered there. */
export function checkNotOffered(fixture: Fixture): void {
	const { name, cursor, notOffered } = fixture;
	assert.ok(cursor !== null, `${name}: a fix that is not offered needs a cursor ($0)`);
	const snapshot = analyse(unmarked(fixture));
	const titles = fixesAt(fixture, snapshot, findingsAtCursor(fixture, snapshot)).map((fix) => fix.title);
	for (const title of notOffered) {
		const offered = titles.filter((candidate) => matchesParts(candidate, patternParts(title)));
		assert.deepEqual(offered, [], `${name}: offered at line ${cursor.line}`);
	}
}

/** The fixture with blanks for its marks, which would be part of what fixes write into; lines and columns stay. */
export function unmarked(fixture: Fixture): Fixture {
	const blanked = (text: string) =>
		text
			.split("\n")
			.map((line) => (isMarkLine(line) ? line.replace(/./gu, " ") : line))
			.join("\n");
	return { ...fixture, files: fixture.files.map((file) => ({ ...file, text: blanked(file.text) })) };
}

function findingsAtCursor(fixture: Fixture, snapshot: Snapshot): readonly Finding[] {
	const { cursor } = fixture;
	return findingsIn(fixture, snapshot).filter((f) => f.file === cursor!.file && f.line === cursor!.line);
}

interface OfferedFix {
	readonly title: string;
	readonly finding: string | null;
	edits(): readonly Edit[];
}

/** The fixes of the findings on the cursor's line, and what is offered for them and at the cursor. */
function fixesAt(fixture: Fixture, snapshot: Snapshot, here: readonly Finding[]): OfferedFix[] {
	const { name, cursor } = fixture;
	const { files } = unmarked(fixture);
	const texts = new Map(files.map((file) => [file.path, Buffer.from(file.text).toString("latin1")]));
	const read: ReadText = (path) => texts.get(path) ?? null;
	const place = { ...cursor!, endLine: cursor!.line, endColumn: cursor!.column };
	const edited = (range: Range, key: string) => {
		const answer = snapshot.editsOf(range, key, read);
		if ("refused" in answer) assert.fail(`${name}: the fix is refused: ${answer.refused}`);
		return answer.edits;
	};
	const fixes = here.flatMap((f) => f.fixes.map(({ title, edits }) => ({ title, finding: f.id, edits: () => edits })));
	const offers = [...here, place].flatMap((range) =>
		snapshot.offersAt(range, read).flatMap(({ title, finding, key, edits, refused }) => {
			return refused === undefined ? [{ title, finding, edits: () => edits ?? edited(range, key) }] : [];
		}),
	);
	return [...fixes, ...offers];
}

/** The one of a title. */
function fixAt(fixture: Fixture, snapshot: Snapshot, here: readonly Finding[], title: string): OfferedFix {
	const fixes = fixesAt(fixture, snapshot, here);
	const found = fixes.find((candidate) => matchesParts(candidate.title, patternParts(title)));
	const titles = fixes.map((candidate) => JSON.stringify(candidate.title)).join(", ") || "none";
	assert.ok(found !== undefined, `${fixture.name}: no fix ${JSON.stringify(title)}; there is ${titles}`);
	return found;
}

function texts(findings: readonly Finding[]): string[] {
	return findings.map((f) => `${f.file}:${f.line} ${f.rule}: ${f.message}`);
}

/** The context report at the cursor says what the lines after `//- hover` ask: `key: text that it has`. */
export function checkHover(fixture: Fixture): void {
	const { cursor, hover } = fixture;
	assert.ok(cursor !== null && hover !== null, `${fixture.name}: a hover needs a cursor ($0) and //- hover`);
	const word = wordAt(fixture.files.find((file) => file.path === cursor.file)!.text, cursor);
	const report = analyse(fixture).contextAt(cursor.file, cursor.line, cursor.column, word);
	assert.ok(report !== null, `${fixture.name}: nothing is known at ${cursor.file}:${cursor.line}:${cursor.column}`);
	const facts = reportFacts(report);
	const problems: string[] = [];
	for (const line of hover.lines) {
		if (line.trim() === "") continue;
		const [key, ...rest] = line.split(":");
		const actual = facts.get(key!.trim());
		const parts = patternParts(rest.join(":"));
		if (actual === undefined) problems.push(`no ${key}; there is ${[...facts.keys()].join(", ")}`);
		else if (!matchesParts(actual, parts)) problems.push(`${key}: expected ${parts.join(" … ")}, got ${actual}`);
	}
	expectNone(fixture, problems);
}

/** The IR of the fixture's files is well formed and prints as the snapshot beside it. */
export function checkIr(fixture: Fixture, folder: string, path: string): void {
	const texts: string[] = [];
	for (const file of fixture.files) {
		const unit = lower(file);
		assert.deepEqual(verifyUnit(unit), [], `${fixture.name}: ${file.path} is not well formed`);
		texts.push(fixture.files.length > 1 ? `// ${file.path}\n${printUnit(unit)}` : printUnit(unit));
	}
	matchSnapshot(folder, path, "ir", texts.join("\n"));
}

/** What is known of each function prints as the snapshot beside the fixture. */
export function checkSummary(fixture: Fixture, folder: string, path: string): void {
	const snapshot = analyse(fixture);
	const lines: string[] = [];
	for (const file of fixture.files) {
		for (const info of snapshot.functionsIn(file.path)) {
			const report = snapshot.contextOf(info.name, file.path);
			const on = report?.maySleep.on === undefined ? "" : ` on ${report.maySleep.on}`;
			const sleep = report?.maySleep.sleep.map((step) => step.note).join(" → ") ?? "";
			lines.push(`${info.name}`);
			lines.push(`\tcontexts: ${info.contexts.join(", ") || "unknown"} (${report?.verdict ?? "no report"})`);
			lines.push(`\tmay sleep: ${info.maySleep}${on}${sleep === "" ? "" : ` (${sleep})`}`);
			lines.push(`\tgfp: ${report?.gfp.recommended ?? "?"} · callers: ${info.callers}`);
		}
	}
	matchSnapshot(folder, path, "summary", `${lines.join("\n")}\n`);
}

/** The snapshot of the fixture's files on top of the miniature kernel's headers and core. */
export function analyse(fixture: Fixture): Snapshot {
	const analysis = createAnalysis({ ...OPTIONS, profile: fixture.profile, version: fixture.version });
	const own = new Set(fixture.files.map((file) => file.path));
	for (const [path, unit] of coreUnits()) if (!own.has(path)) analysis.setUnit(path, unit);
	const config = fixture.profile === "rt" ? rtConfig : defaultConfig;
	const macros = itemMacros(fixture.files.flatMap(({ path, text }) => exportedMacros(path, text)));
	for (const file of fixture.files) analysis.setUnit(file.path, lower(file, config, macros));
	return analysis.snapshot();
}

/** The unit of one file, in its own configuration or another one. */
export function lower(
	file: FixtureFile,
	otherwise: ConfigView = defaultConfig,
	macros: readonly ExportedMacro[] = [],
): Unit {
	const bytes = new TextEncoder().encode(file.text);
	const config = configOf(file.config, otherwise);
	return file.path.endsWith(".rs") ? lowerRust(file.path, bytes, config, macros) : lowerC(file.path, bytes, config);
}

/** Parts of the miniature kernel that stand behind its headers: what they do is inferred from their bodies. */
const CORE = new Set(["drivers/clk/clk.c", "kernel/locking.c", "mm/util.c", "net/core/dev.c"]);

/** They are the same in every fixture: lowered once. */
let core: ReadonlyMap<string, Unit> | null = null;
function coreUnits(): ReadonlyMap<string, Unit> {
	core ??= new Map(
		minikernelFiles()
			.filter((file) => file.path.endsWith(".h") || CORE.has(file.path))
			.map((file) => [file.path, lower(file)]),
	);
	return core;
}

function configOf(settings: ReadonlyMap<string, string>, otherwise: ConfigView): ConfigView {
	return settings.size === 0 ? otherwise : { known: true, values: settings };
}

/** Findings in the fixture's own files. */
function findingsIn(fixture: Fixture, snapshot: Snapshot): readonly Finding[] {
	const own = new Set(fixture.files.map((file) => file.path));
	return snapshot.findings.filter((finding) => own.has(finding.file));
}

/** Function names promise: `_bad` is in some finding or chain, `_ok` is in none; FN_ has no mark, FP_ has one. */
function checkNames(fixture: Fixture, findings: readonly Finding[]): readonly string[] {
	const problems: string[] = [];
	const blamed = new Set(findings.map((finding) => `${finding.file} ${finding.function}`));
	const named = new Set(
		findings.flatMap((f) => [...f.enter, ...f.sleep].map((step) => `${step.file} ${step.function}`)),
	);
	for (const file of fixture.files) {
		const unit = lower(file);
		for (let fn = 0; fn < unit.fns.length; fn += FN_SIZE) {
			const name = unitName(unit, unit.fns[fn + FnField.Name]!);
			const key = `${file.path} ${name}`;
			if (name.endsWith("_bad") && !blamed.has(key) && !named.has(key))
				problems.push(`${file.path}: ${name} has no finding`);
			if (name.endsWith("_ok") && blamed.has(key)) problems.push(`${file.path}: ${name} has a finding`);
			if (name.startsWith("FN_") && blamed.has(key))
				problems.push(`${file.path}: ${name} is found now; rename it to …_bad and mark it`);
			if (name.startsWith("FP_") && !blamed.has(key) && !named.has(key))
				problems.push(`${file.path}: ${name} is right now; rename it to …_ok`);
		}
	}
	return problems;
}

function wordAt(text: string, { line, column }: { readonly line: number; readonly column: number }): string {
	const code = text.split("\n")[line - 1]!;
	return /\w*$/.exec(code.slice(0, column - 1))![0] + /^\w*/.exec(code.slice(column - 1))![0];
}

function reportFacts(report: ContextReport): ReadonlyMap<string, string> {
	const locks = report.contexts.flatMap((context) => context.locks.map((lock) => `${lock.name} (${lock.kind})`));
	return new Map([
		["function", report.function],
		["verdict", report.verdict],
		["levels", report.contexts.map((context) => context.level).join(", ")],
		["locks", locks.join(", ")],
		["enter", report.contexts.flatMap((context) => context.enter.map((step) => step.note)).join(" → ")],
		["may sleep", `${report.maySleep.value}${report.maySleep.on === undefined ? "" : ` on ${report.maySleep.on}`}`],
		["sleep", report.maySleep.sleep.map((step) => step.note).join(" → ")],
		["allowed", report.gfp.allowed.join(", ")],
		["recommended", report.gfp.recommended],
		["callers", report.callers.map((caller) => caller.function).join(", ")],
		[
			"subject",
			report.subject === undefined ? "" : `${report.subject.kind} ${report.subject.name}: ${report.subject.text}`,
		],
		...flagFacts(report),
		["confidence", report.confidence],
		["notes", report.notes.join("; ")],
	]);
}

function flagFacts({ flag }: ContextReport): [string, string][] {
	if (flag === undefined) return [];
	const does = [flag.isModifier && "modifier", flag.maySleep && "sleeps", flag.mayStartIo && "io"];
	const [part, whole] = flag.reserve.keeps;
	return [
		["flag", `${flag.name} = ${flag.bits.join(" ")}`],
		["mask", flag.mask],
		["role", flag.role],
		["does", [...does, flag.mayEnterFs && "fs", flag.wakesKswapd && "kswapd"].filter(Boolean).join(" ")],
		["reserve", `${part}/${whole}${flag.reserve.highatomic ? " highatomic" : ""}`],
		["fits", `${flag.fits}: ${flag.because}`],
		["flag chain", flag.enter.map((step) => step.note).join(" → ")],
		["defined", flag.definition === null ? "" : `${flag.definition.file}: ${flag.definition.text}`],
	];
}

/** The lines without marks and blank ends, to compare texts. */
function codeOf(lines: readonly string[]): string {
	return lines
		.filter((line) => !isMarkLine(line))
		.join("\n")
		.trim();
}

function expectNone(fixture: Fixture, problems: readonly string[]): void {
	if (problems.length > 0) assert.fail(`${fixture.name}:\n  ${problems.join("\n  ")}`);
}
