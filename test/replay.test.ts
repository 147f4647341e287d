// From a finding to its splat: the chains of test/fixtures/replay, each at the line that the fixture names; what the
// rules' own fixtures report; a plan that the machine's values contradict; a run that leaves the way it was laid out.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
	type Analysis,
	builtinRows,
	createAnalysis,
	defaultConfig,
	type Finding,
	lowerC,
	openSimulation,
	type ReplayPlan,
	type Unit,
} from "@might-sleep/analyzer";
import { parseFixture } from "./harness/fixture.js";

const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));
const KERNEL = join(FIXTURES, "minikernel/c");
const VERSION = [6, 12] as const;
const RULES = ["sleep-in-atomic", "gfp-sleeps-in-atomic", "rcu-blocking", "lock-imbalance", "irq-flavour-mismatch"];

type Units = readonly (readonly [string, Unit])[];

function analysisOf(units: Units): Analysis {
	const analysis = createAnalysis({ rows: builtinRows, profile: "default", version: VERSION });
	for (const [path, unit] of units) analysis.setUnit(path, unit);
	return analysis;
}

function unitsOf(path: string, text: string): Units {
	return [[path, lowerC(path, Buffer.from(text), defaultConfig)]];
}

const chains = readFileSync(join(FIXTURES, "replay/chains.c"), "utf8");

/** Kinds of the splat that the fixture expects, by line. */
function expectedSplats(text: string): Map<number, readonly string[]> {
	const marks = text.split("\n").flatMap((line, i) => {
		const mark = /\/\/ splat: (.+)$/.exec(line);
		return mark === null ? [] : [[i + 1, mark[1]!.split(" ")] as const];
	});
	return new Map(marks);
}

test("each chain comes to the very splat, at its line", () => {
	const analysis = analysisOf(unitsOf("chains.c", chains));
	const snapshot = analysis.snapshot();
	const machine = analysis.simulator({});
	const expected = expectedSplats(chains);
	const met = new Set<number>();
	for (const finding of snapshot.findings) {
		const plan = snapshot.replayPlan(finding.id);
		if (plan === null) continue;
		const { end } = machine.replay(plan);
		const about = `${finding.function}: ${finding.message}`;
		assert.equal(end.kind, "replayed", `${about}: ${end.kind === "stuck" ? end.text : ""}`);
		if (end.kind !== "replayed") continue;
		const { line } = end.splat.at;
		assert.ok(expected.get(line)?.includes(end.splat.kind), `${about}: ${end.splat.kind} at line ${line}`);
		met.add(line);
	}
	assert.deepEqual(
		[...expected.keys()].filter((line) => !met.has(line)),
		[],
	);
});

function planOf(snapshot: ReturnType<Analysis["snapshot"]>, name: string): ReplayPlan {
	const isMeant = (finding: Finding) => finding.function === name && snapshot.replayPlan(finding.id) !== null;
	const finding = snapshot.findings.find(isMeant);
	assert.ok(finding, `no finding in ${name}()`);
	return snapshot.replayPlan(finding.id)!;
}

test("what the machine computes is not overruled", () => {
	const analysis = analysisOf(unitsOf("chains.c", chains));
	const plan = planOf(analysis.snapshot(), "same_condition_twice_bad");
	const refuted = { ...plan, parameters: [{ index: 1, set: 0, clear: -1, isNonZero: false }] };
	const { end } = analysis.simulator({}).replay(refuted);
	assert.equal(end.kind, "stuck");
	assert.equal(end.kind === "stuck" && end.obstacle, "computed value");
});

test("another configuration gives the splat that it would give", () => {
	const analysis = analysisOf(unitsOf("chains.c", chains));
	const plan = planOf(analysis.snapshot(), "over_a_list_bad");
	const splatWith = (config: Parameters<Analysis["simulator"]>[0]) => {
		const { end } = analysis.simulator(config).replay(plan);
		return end.kind === "replayed" ? end.splat.text : end.text;
	};
	assert.match(splatWith({ preemption: "voluntary" }), /Illegal synchronize_rcu\(\) in RCU read-side/);
	assert.match(splatWith({ preemption: "full", proveLocking: false }), /RCU nest depth: 1, expected: 0/);
});

test("a run that is laid out is followed until somebody decides otherwise", () => {
	const units = unitsOf("chains.c", chains);
	const plan = planOf(analysisOf(units).snapshot(), "error_path_bad");
	const { file, function: name } = plan.calls[0]!;
	const request = { units, rows: builtinRows, version: VERSION, config: {}, function: name, path: file };
	const opened = openSimulation({ ...request, entry: plan.entry, plan });
	assert.ok(opened.ok);
	const { recording } = opened.value;
	while (recording.splatsAt(recording.last - 1).length === 0) assert.equal(recording.advance().kind, "stepped");
	assert.match(recording.splatsAt(recording.last - 1)[0]!.title, /sleeping function called from invalid context/);
	const [choice] = recording.decisions().filter(({ choice: { text } }) => text.includes("ready"));
	recording.cut(choice!.index);
	recording.decide(choice!.choice, 1 - choice!.answer);
	for (let advance = recording.advance(); advance.kind !== "ended"; advance = recording.advance()) {
		if (advance.kind === "ask") recording.decide(advance.choice, advance.choice.default);
	}
	assert.deepEqual(recording.stateAt(recording.last).outcome, { kind: "finished", value: "0" });
});

function readKernel(): Units {
	const files = readdirSync(KERNEL, { recursive: true, withFileTypes: true });
	return files
		.filter((file) => file.isFile() && /\.[ch]$/.test(file.name))
		.map((file) => join(file.parentPath, file.name))
		.sort()
		.map((path) => [relative(KERNEL, path), lowerC(path, readFileSync(path), defaultConfig)] as const);
}

test("the findings of the rules' fixtures replay", () => {
	const kernel = readKernel();
	const stuck: string[] = [];
	let nReplayed = 0;
	for (const rule of RULES) {
		const folder = join(FIXTURES, "rules", rule);
		for (const file of readdirSync(folder).filter((name) => name.endsWith(".c"))) {
			const { files } = parseFixture(file, readFileSync(join(folder, file), "utf8"), file);
			const own = files.flatMap(({ path, text }) => unitsOf(path, text));
			const analysis = analysisOf([...kernel, ...own]);
			const snapshot = analysis.snapshot();
			const machine = analysis.simulator({});
			for (const { id, message, line, confidence } of snapshot.findings) {
				const plan = snapshot.replayPlan(id);
				if (plan === null || confidence === "low") continue;
				const { end } = machine.replay(plan);
				if (end.kind === "replayed") nReplayed++;
				else stuck.push(`${rule}/${file}:${line} ${message}: ${end.obstacle}, ${end.text}`);
			}
		}
	}
	const text = `${nReplayed} replayed, stuck:\n${stuck.join("\n")}`;
	assert.ok(nReplayed > 100, text);
	assert.ok(stuck.length <= nReplayed * 0.1, text);
});
