// Many edits at random in a tree of all fixtures of the rules: what is known after a refresh is what a new analysis of the
// edited texts finds, byte for byte; findings, counts and what a hover says. The ways in which little is redone are taken.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Analysis, builtinRows, createAnalysis, type Snapshot, type Unit } from "@might-sleep/analyzer";
import { lower } from "./harness/check.js";
import { fixturePaths, loadFixture, minikernelFiles } from "./harness/load.js";
import { generator } from "./harness/random.js";
import { EDITS, one } from "./harness/randomEdits.js";
import { syntheticTree } from "./harness/syntheticTree.js";

/** As many as make edits redone by themselves. */
const DRIVERS = 280;
/** Lines of a file that are hovered over, and how far they are apart. */
const HOVERS = 60;
const HOVER_STEP = 7;

const texts = allTexts();
const units = new Map<string, Unit>(Object.keys(texts).map((path) => [path, unitOf(path, texts[path]!)]));

function allTexts(): Record<string, string> {
	const found: Record<string, string> = {};
	const add = (path: string, text: string) => {
		if (/\.(c|h|rs)$/.test(path)) found[path] ??= text;
	};
	for (const [path, text] of Object.entries(syntheticTree({ seed: 5, drivers: DRIVERS, functions: 11 })))
		add(path, text);
	for (const { path, text } of minikernelFiles()) add(path, text);
	[".c", ".rs"].forEach((extension) => {
		fixturePaths("rules", extension).forEach((name, i) => {
			for (const { path, text } of loadFixture("rules", name).files) add(`drivers/case${i}${extension}/${path}`, text);
		});
	});
	return found;
}

function unitOf(path: string, text: string): Unit {
	return lower({ path, text, config: new Map() });
}

function newAnalysis(profile: "default" | "rt"): Analysis {
	return createAnalysis({ rows: builtinRows, profile, version: [6, 1] });
}

/** A new analysis, with some texts replaced. */
function cold(profile: "default" | "rt", changes: ReadonlyMap<string, string>): Snapshot {
	const analysis = newAnalysis(profile);
	for (const [path, unit] of units) analysis.setUnit(path, changes.has(path) ? unitOf(path, changes.get(path)!) : unit);
	return analysis.snapshot();
}

/** All that is compared. */
function told(snapshot: Snapshot, paths: readonly string[]): Record<string, string> {
	const { phases: _, ...stats } = snapshot.stats;
	const said: Record<string, string> = {
		findings: JSON.stringify(snapshot.findings),
		plans: JSON.stringify(snapshot.findings.map(({ id }) => snapshot.replayPlan(id))),
		stats: JSON.stringify(stats),
	};
	for (const path of paths) {
		said[path] = JSON.stringify(snapshot.functionsIn(path));
		for (let line = 1; line < HOVERS; line += HOVER_STEP)
			said[`${path}:${line}`] = JSON.stringify(snapshot.contextAt(path, line));
	}
	return said;
}

interface Course {
	readonly profile: "default" | "rt";
	readonly seed: number;
	readonly edits: number;
	/** one of these at a time */
	readonly kinds: readonly string[];
	/** least numbers of edits of each kind */
	readonly least: { readonly moved: number; readonly bodies: number; readonly spread: number; readonly whole: number };
}

const SMALL = ["comment", "number", "string", "statement", "call", "remove", "local"];
const CALLS = ["call", "callee", "remove", "repeat", "wrap", "unwrap", "flag", "lock", "callback", "prototype"];
const COURSES: Readonly<Record<string, Course>> = {
	"edits of all kinds": {
		profile: "default",
		seed: 11,
		edits: 60,
		kinds: Object.keys(EDITS),
		least: { moved: 1, bodies: 3, spread: 5, whole: 1 },
	},
	"edits that change little": {
		profile: "default",
		seed: 2,
		edits: 60,
		kinds: SMALL,
		least: { moved: 5, bodies: 5, spread: 5, whole: 1 },
	},
	"edits of calls, locks, callbacks and prototypes": {
		profile: "default",
		seed: 21,
		edits: 60,
		kinds: CALLS,
		least: { moved: 1, bodies: 1, spread: 15, whole: 3 },
	},
	"the same under PREEMPT_RT": {
		profile: "rt",
		seed: 3,
		edits: 30,
		kinds: SMALL,
		least: { moved: 1, bodies: 1, spread: 1, whole: 1 },
	},
};

for (const [what, { profile, seed, edits, kinds, least }] of Object.entries(COURSES)) {
	test(`${what}: what is known after them is what a new analysis finds`, () => {
		const random = generator(seed);
		const paths = Object.keys(texts);
		const analysis = newAnalysis(profile);
		for (const [path, unit] of units) analysis.setUnit(path, unit);
		analysis.snapshot();
		const now = new Map<string, string>();
		for (let k = 0; k < edits; k++) {
			const path = now.size > 0 && random() < 0.25 ? one([...now.keys()], random) : one(paths, random);
			const kind = now.has(path) && random() < 0.3 ? "undo" : one(kinds, random);
			const before = now.get(path) ?? texts[path]!;
			const text = kind === "undo" ? texts[path]! : EDITS[kind]!(before, random);
			if (text === before) continue;
			if (text === texts[path]) now.delete(path);
			else now.set(path, text);
			analysis.setUnit(path, unitOf(path, text));
			if (random() < 0.9) analysis.snapshot();
			if (random() < 0.2) {
				// it is given up somewhere, or not yet begun
				const steps = analysis.refreshSteps();
				for (let left = Math.floor(400 * random()); left > 0 && steps.next().done !== true; left--);
				continue;
			}
			const looked = [path, one(paths, random)];
			const found = told(analysis.refresh(), looked);
			const expected = told(cold(profile, now), looked);
			for (const [part, said] of Object.entries(expected))
				assert.ok(found[part] === said, `edit ${k} (${kind}) of ${path}: ${part}`);
		}
		const { editCounts } = analysis;
		for (const way of ["moved", "bodies", "spread", "whole"] as const)
			assert.ok(editCounts[way] >= least[way], JSON.stringify(editCounts));
	});
}
