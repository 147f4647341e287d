// Findings depend on the sources alone: not on the order of files, on edits made and taken back, or on
// where in its file a function stands.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Analysis, builtinRows, createAnalysis, type Finding, type Unit } from "@might-sleep/analyzer";
import { lower } from "./harness/check.js";
import type { FixtureFile } from "./harness/fixture.js";
import { fixturePaths, loadFixture, loadMinikernel } from "./harness/load.js";

const OPTIONS = { rows: builtinRows, profile: "default", version: [6, 1] } as const;

/** The miniature kernel and one fixture of every rule, each in a folder of its own. */
function tree(): readonly FixtureFile[] {
	const fixtures = fixturePaths("rules", ".c").map((path, i) => ({ fixture: loadFixture("rules", path), i }));
	const placed = fixtures.flatMap(({ fixture, i }) =>
		fixture.files.map((file) => ({ ...file, path: `drivers/case${i}/${file.path}` })),
	);
	return [...loadMinikernel().files, ...placed];
}

const files = tree();
const units = new Map<string, Unit>(files.map((file) => [file.path, lower(file)]));

function analysisOf(paths: readonly string[]): Analysis {
	const analysis = createAnalysis(OPTIONS);
	for (const path of paths) analysis.setUnit(path, units.get(path)!);
	return analysis;
}

const paths = [...units.keys()];
const reference = analysisOf(paths).snapshot().findings;

test("there is something to compare", () => {
	assert.ok(reference.length > 50, `${reference.length} findings`);
	assert.ok(new Set(reference.map((finding) => finding.rule)).size >= 6);
});

test("the order in which files arrive changes nothing", () => {
	assert.deepEqual(analysisOf([...paths].reverse()).snapshot().findings, reference);
	const shuffled = [...paths].sort((a, b) => scramble(a) - scramble(b));
	assert.deepEqual(analysisOf(shuffled).snapshot().findings, reference);
});

test("findings come sorted", () => {
	const key = (f: Finding): string => [f.file, pad(f.line), pad(f.column), f.rule].join("\0");
	const keys = reference.map(key);
	assert.deepEqual(keys, [...keys].sort());
});

test("a snapshot does not change when the analysis goes on", () => {
	const analysis = analysisOf(paths);
	const before = analysis.snapshot();
	const findings = [...before.findings];
	analysis.removeUnit("drivers/char/mini_faulty.c");
	const after = analysis.snapshot();
	assert.deepEqual(before.findings, findings);
	assert.ok(findings.some((finding) => finding.file === "drivers/char/mini_faulty.c"));
	assert.ok(!after.findings.some((finding) => finding.file === "drivers/char/mini_faulty.c"));
});

test("an edit and its undo leave what was there, and an edit says what a fresh look says", () => {
	const analysis = analysisOf(paths);
	analysis.snapshot();
	for (const path of paths.filter((_, i) => i % 5 === 0)) {
		const file = files.find((candidate) => candidate.path === path)!;
		const edited = lower({
			...file,
			text: file.text.replaceAll("msleep(1);", "cpu_relax();").replaceAll("GFP_KERNEL", "GFP_ATOMIC"),
		});
		analysis.setUnit(path, edited);
		const fresh = createAnalysis(OPTIONS);
		for (const other of paths) fresh.setUnit(other, other === path ? edited : units.get(other)!);
		assert.deepEqual(analysis.snapshot().findings, fresh.snapshot().findings, path);
		analysis.setUnit(path, units.get(path)!);
	}
	assert.deepEqual(analysis.snapshot().findings, reference);
});

test("a finding keeps its id when lines move", () => {
	const moved = createAnalysis(OPTIONS);
	for (const file of files) moved.setUnit(file.path, lower({ ...file, text: `\n\n/* moved */\n${file.text}` }));
	const ids = (findings: readonly Finding[]): readonly string[] => findings.map((finding) => finding.id).sort();
	assert.deepEqual(ids(moved.snapshot().findings), ids(reference));
});

test("every place that findings name is a place of a file", () => {
	const lines = new Map(files.map((file) => [file.path, file.text.split("\n")]));
	for (const finding of reference) {
		for (const place of [finding, ...finding.enter, ...finding.sleep, ...finding.related]) {
			const text = lines.get(place.file)?.[place.line - 1];
			assert.ok(text !== undefined, `${finding.file}:${finding.line} names ${place.file}:${place.line}`);
			assert.ok(
				place.column <= text.length + 1,
				`${place.file}:${place.line}:${place.column} is past the end of its line`,
			);
		}
	}
});

function pad(n: number): string {
	return String(n).padStart(6, "0");
}

function scramble(text: string): number {
	let hash = 7;
	for (const char of text) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0;
	return hash;
}
