// Several threads that summarise a program together find what one finds, also when some of them die.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	builtinRows,
	type Crew,
	type CrewStart,
	createAnalysis,
	createAssistant,
	type Snapshot,
	type Unit,
} from "@might-sleep/analyzer";
import { startCrew } from "@might-sleep/server/host/crew";
import { lower } from "./harness/check.js";
import { fixturePaths, loadFixture, loadMinikernel } from "./harness/load.js";

const paths = [...fixturePaths("rules", ".c"), ...fixturePaths("rules", ".rs")];
const fixtures = paths.flatMap((path, i) =>
	loadFixture("rules", path).files.map((file) => ({ ...file, path: `drivers/case${i}/${file.path}` })),
);
const units = new Map<string, Unit>([...loadMinikernel().files, ...fixtures].map((file) => [file.path, lower(file)]));

function solve(start?: (start: CrewStart) => Crew): Snapshot {
	const analysis = createAnalysis({
		rows: builtinRows,
		profile: "default",
		version: [6, 1],
		...(start === undefined ? {} : { startCrew: start }),
	});
	for (const [path, unit] of units) analysis.setUnit(path, unit);
	return analysis.snapshot();
}

const alone = solve();

function assertSame(together: Snapshot): void {
	assert.ok(alone.findings.length > 50);
	assert.deepEqual(together.findings, alone.findings);
	for (const path of units.keys()) assert.deepEqual(together.functionsIn(path), alone.functionsIn(path));
}

test("what another thread has made is what one makes oneself", () => {
	// it does everything before the owner begins
	const eager = (start: CrewStart): Crew => {
		const help = createAssistant(start);
		return {
			size: 1,
			survey: (work) => help.survey(work, 1),
			begin: (work) => help.summarise(work, 1),
			end: () => {},
		};
	};
	assertSame(solve(eager));
});

test("threads that work at the same time", () => {
	for (const jobs of [2, 4]) assertSame(solve((start) => startCrew(start, jobs)));
});

test("a crew that never comes", () => {
	assertSame(solve(() => ({ size: 2, survey: () => {}, begin: () => {}, end: () => {} })));
});

test("a member that dies with what it has taken", () => {
	// the first place of the state counts what is taken
	const steal = ({ progress }: { readonly progress: { readonly state: Int32Array } }) => {
		Atomics.add(progress.state, 0, 1);
	};
	const thief = (): Crew => ({ size: 1, survey: steal, begin: steal, end: () => {} });
	assertSame(solve(thief));
});

test("a log that is too small for what its owner has made", () => {
	const cramped = (): Crew => ({
		size: 1,
		survey: () => {},
		begin: ({ logs }) => {
			(logs as Int32Array[])[0] = new Int32Array(new SharedArrayBuffer(1024));
		},
		end: () => {},
	});
	assertSame(solve(cramped));
});

test("a log that is too small for what another thread finds", () => {
	const cramped = (start: CrewStart): Crew => {
		const help = createAssistant(start);
		return {
			size: 1,
			survey: (work) => {
				const log = new Int32Array(new SharedArrayBuffer(4096));
				help.survey({ ...work, logs: [log] }, 1);
				(work.logs as Int32Array[])[0] = log;
				// it has found something, and not all
				assert.ok(work.where.some((where) => where !== 0) && work.progress.isDone.some((done) => done === 0));
			},
			begin: (work) => help.summarise(work, 1),
			end: () => {},
		};
	};
	assertSame(solve(cramped));
});

test("a crew is let go of when the analysis is given up", () => {
	let ended = 0;
	const analysis = createAnalysis({
		rows: builtinRows,
		profile: "default",
		version: [6, 1],
		startCrew: () => ({ size: 1, survey: () => {}, begin: () => {}, end: () => ended++ }),
		checkpoint: () => {
			throw new Error("given up");
		},
	});
	for (const [path, unit] of units) analysis.setUnit(path, unit);
	assert.throws(() => analysis.snapshot(), /given up/);
	assert.equal(ended, 1);
});
