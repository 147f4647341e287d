// Random schedules over all shipped scenarios: the machine keeps its invariants whatever the order, a run repeats
// itself, and what is replayed is what was there.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { builtinRows, defaultConfig, loadRust, lowerC, lowerRust, type Unit } from "@might-sleep/analyzer";
import type { State } from "@might-sleep/analyzer/sim/machine";
import { draw } from "@might-sleep/analyzer/sim/rng";
import { PREEMPTION_MODELS, parseScenario, type Scenario } from "@might-sleep/analyzer/sim/scenario";
import { openScenario } from "@might-sleep/analyzer/sim/scenarioRun";
import type { Simulation } from "@might-sleep/analyzer/sim/simulation";
import { stateHash } from "@might-sleep/analyzer/sim/stateHash";
import { readRustWasm } from "./harness/load.js";

const FOLDER = fileURLToPath(new URL("../../scenarios/", import.meta.url));
const SEEDS = [1, 2];
const MAX_STEPS = 600;

before(() => loadRust(readRustWasm()));

const units = new Map<string, Unit>();

function unitAt(path: string): Unit {
	const known = units.get(path);
	if (known !== undefined) return known;
	const bytes = readFileSync(join(FOLDER, path));
	const unit = path.endsWith(".rs") ? lowerRust(path, bytes, defaultConfig) : lowerC(path, bytes, defaultConfig);
	units.set(path, unit);
	return unit;
}

function scenarios(): Scenario[] {
	const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json") && name !== "scenario.schema.json");
	return names.sort().map((name) => {
		const parsed = parseScenario(readFileSync(join(FOLDER, name), "utf8"));
		assert.ok(parsed.ok);
		return parsed.value;
	});
}

/** Runs with chance deciding on everything; gives the states' hashes by index. */
function runRandomly(simulation: Simulation, seed: number): number[] {
	const { recording } = simulation;
	const hashes = [stateHash(recording.stateAt(0))];
	let random = seed;
	while (recording.last < MAX_STEPS) {
		const advance = recording.advance();
		if (advance.kind === "ended") break;
		if (advance.kind === "ask") {
			const drawn = draw(random, advance.choice.options.length);
			random = drawn.seed;
			recording.decide(advance.choice, drawn.value);
			continue;
		}
		const state = recording.stateAt(recording.last);
		checkState(state);
		hashes.push(stateHash(state));
	}
	return hashes;
}

function checkState(state: State): void {
	const running = state.cpus.map(({ task }) => task);
	assert.equal(new Set(running).size, running.length, "a task runs on one CPU");
	const shown = state.tasks[running[state.cpu]!]!;
	assert.ok(shown.frames.length > 0, "the CPU that executes has something to show");
	for (const cpu of state.cpus) {
		assert.ok(cpu.preemptCount >= 0, "the count does not go below zero");
		assert.equal(state.tasks[cpu.task]!.cpu, cpu.id, "tasks stay on their CPU");
	}
	for (const task of state.tasks) {
		assert.ok(task.frames.length === 0 || task.frames[0]!.activation !== null, "somebody called the outermost frame");
		const wait = task.frames.at(-1)?.wait ?? null;
		assert.ok(task.status !== "blocked" || wait !== null, "who is blocked waits for something");
	}
	assert.ok(state.rcu.completed <= state.rcu.wanted + 1);
}

test("whatever the schedule, the machine keeps its invariants and repeats itself", () => {
	let nRuns = 0;
	for (const scenario of scenarios()) {
		for (const preemption of PREEMPTION_MODELS) {
			for (const seed of SEEDS) {
				const random = { ...scenario, schedule: { policy: "random", seed } } as const;
				const request = {
					scenario: random,
					units: scenario.sources.map((path) => [path, unitAt(path)] as const),
					rows: builtinRows,
					version: [6, 12],
					config: { preemption },
				} as const;
				const opened = openScenario(request);
				assert.ok(opened.ok);
				const hashes = runRandomly(opened.value, seed);
				const again = openScenario(request);
				assert.ok(again.ok);
				assert.deepEqual(runRandomly(again.value, seed), hashes, `${scenario.name} ${preemption} ${seed}`);
				const { recording } = opened.value;
				const middle = recording.last >> 1;
				recording.cut(middle);
				assert.equal(stateHash(recording.stateAt(middle)), hashes[middle]);
				nRuns++;
			}
		}
	}
	assert.ok(nRuns > 200);
});
