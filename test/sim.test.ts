// The simulator: each fixture's runs give the trace beside it, the same at every run and after going back;
// the kernel's arithmetic on preempt_count; no kernel name in its code.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { builtinRows } from "@might-sleep/analyzer/model/compile";
import { LAYOUTS, readField, resolveConfig, unitOf } from "@might-sleep/analyzer/sim/config";
import { PersistentMap } from "@might-sleep/analyzer/sim/persistentMap";
import { draw } from "@might-sleep/analyzer/sim/rng";
import { openRun, optionFor, parseRuns, type SimRun, traceOf } from "./harness/simTrace.js";

const FOLDER = fileURLToPath(new URL("../fixtures/sim/", import.meta.url));
const fixtures = readdirSync(FOLDER).filter((name) => name.endsWith(".c"));

for (const name of fixtures) {
	const text = readFileSync(FOLDER + name, "utf8");
	test(`traces of ${name}`, () => {
		const runs = parseRuns(text);
		assert.ok(runs.length > 0, "a fixture names its runs");
		const trace = runs.map((run) => traceOf(name, text, run)).join("\n");
		const snapshot = `${FOLDER}${name.replace(/\.c$/, ".trace")}`;
		if (process.env.UPDATE === "1") writeFileSync(snapshot, trace);
		assert.equal(trace, readFileSync(snapshot, "utf8"));
	});
}

/** Runs to the end. */
function finish(run: SimRun, name: string, text: string) {
	const simulation = openRun(name, text, run);
	const { recording } = simulation;
	for (let used = 0; used < 100_000; used++) {
		const advance = recording.advance();
		if (advance.kind === "ended") return simulation;
		if (advance.kind === "ask") recording.decide(advance.choice, optionFor(run, advance.choice));
	}
	throw new Error(`${run.title} does not end`);
}

function describe(simulation: ReturnType<typeof finish>, index: number): string {
	const parts = [simulation.frames(index), simulation.context(index), simulation.locks(index), simulation.rcu(index)];
	return JSON.stringify([...parts, simulation.locals(index, 0), simulation.sections(index)]);
}

test("every earlier state stays what it was, and a cut run repeats itself", () => {
	for (const name of fixtures) {
		const text = readFileSync(FOLDER + name, "utf8");
		for (const run of parseRuns(text)) {
			const simulation = finish(run, name, text);
			const { recording } = simulation;
			const last = recording.last;
			const before = Array.from({ length: last + 1 }, (_, index) => describe(simulation, index));
			const middle = last >> 1;
			const decisions = recording.decisions().filter(({ index }) => index >= middle);
			recording.cut(middle);
			assert.equal(recording.last, middle);
			while (recording.last < last) {
				const advance = recording.advance();
				if (advance.kind !== "ask") continue;
				recording.decide(advance.choice, decisions.shift()!.answer);
			}
			const after = Array.from({ length: last + 1 }, (_, index) => describe(simulation, index));
			assert.deepEqual(after, before, `${name}: ${run.title}`);
		}
	}
});

const LONG_RUN = `static int spins(void)
{
	int i, n = 0;

	for (i = 0; i < 6000; i++) {
		preempt_disable();
		n += i;
		preempt_enable();
	}
	return n;
}
`;

test("states that were not kept are replayed, also after one was edited by hand", () => {
	const run = parseRuns("// run: spins")[0]!;
	const simulation = finish(run, "long.c", LONG_RUN);
	const { recording } = simulation;
	assert.ok(recording.last > 20_000, `${recording.last} steps`);
	const outcome = recording.stateAt(recording.last).outcome;
	assert.deepEqual(outcome, { kind: "finished", value: String((5999 * 6000) / 2) });
	for (const index of [1, 77, 300, 5000, 12_345, recording.last - 5000]) {
		assert.equal(recording.stateAt(index).nSteps, index);
		const count = simulation.context(index).count.hex;
		assert.ok(count === "0x00000000" || count === "0x00000001", count);
	}
	assert.ok(simulation.setVariable(100, 0, "n", "-1000000"));
	assert.equal(recording.last, 100);
	while (recording.advance().kind !== "ended");
	assert.match(simulation.evaluate(200, 0, "n") ?? "", /^-9\d{5}/);
});

test("preempt_count has the kernel's bit layouts", () => {
	const { classic, "irq-disable": newer } = LAYOUTS;
	assert.equal(unitOf(classic.softirq), 0x100);
	assert.equal(unitOf(classic.hardirq), 0x10000);
	assert.equal(unitOf(classic.nmi), 0x100000);
	assert.equal(unitOf(newer.hardirqDisable!), 0x10000);
	assert.equal(unitOf(newer.hardirq), 0x1000000);
	assert.equal(unitOf(newer.nmi), 0x10000000);
	assert.equal(unitOf(newer.needResched), 0x80000000);
	assert.equal(readField(0x00110203, classic.preempt), 3);
	assert.equal(readField(0x00110203, classic.softirq), 2);
	assert.equal(readField(0x00110203, classic.hardirq), 1);
	assert.equal(readField(0x00110203, classic.nmi), 1);
	assert.equal(readField(0x11050000, newer.hardirqDisable!), 5);
	assert.equal(readField(0x11050000, newer.nmi), 1);
});

test("a configuration is filled as Kconfig would", () => {
	const { preemptCount, preemptRcu } = resolveConfig({});
	assert.deepEqual([preemptCount, preemptRcu], [true, true]);
	const lazy = resolveConfig({ preemption: "lazy" });
	assert.deepEqual([lazy.preemptCount, lazy.preemptRcu], [true, false]);
	const plain = resolveConfig({ preemption: "none", debugAtomicSleep: false });
	assert.deepEqual([plain.preemptCount, plain.preemptRcu], [false, false]);
	assert.equal(resolveConfig({ preemption: "voluntary" }).preemptCount, true);
});

test("a persistent map keeps all its versions", () => {
	const versions = [PersistentMap.empty<string, number>()];
	const model = [new Map<string, number>()];
	let seed = 7;
	for (let i = 0; i < 300; i++) {
		const key = draw(seed, 40);
		const value = draw(key.seed, 5);
		seed = value.seed;
		const next = new Map(model[i]);
		if (value.value === 0) next.delete(`k${key.value}`);
		else next.set(`k${key.value}`, i);
		model.push(next);
		versions.push(versions[i]!.set(`k${key.value}`, value.value === 0 ? undefined : i));
	}
	versions.forEach((version, i) => {
		const sorted = (entries: Iterable<[string, number]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
		assert.deepEqual(sorted(version.entries()), sorted(model[i]!.entries()));
		for (let k = 0; k < 40; k++) assert.equal(version.get(`k${k}`), model[i]!.get(`k${k}`));
	});
});

test("the simulator's code names no function of the model", () => {
	const folder = fileURLToPath(new URL("../../analyzer/src/sim/", import.meta.url));
	const { locks, sections, sleepers, allocators, predicates, values, assertions, noReturns, gfp } = builtinRows;
	const tables = [locks, sections, sleepers, allocators, predicates, values, assertions, noReturns, gfp];
	const names = new Set(tables.flatMap((table) => table.map((row) => row.name)));
	// What a predicate asks, and a family of allocators, are words of the schema that some kernel functions share.
	for (const { asks } of predicates) names.delete(asks);
	for (const { family } of allocators) if (family !== undefined) names.delete(family);
	const found: string[] = [];
	for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
		if (!file.endsWith(".ts")) continue;
		const code = readFileSync(folder + file, "utf8").replace(/\/\/.*|\/\*[\s\S]*?\*\//g, "");
		for (const [, literal] of code.matchAll(/["'`](\w+)(?:\(\))?["'`]/g)) {
			if (names.has(literal!)) found.push(`${file}: ${literal}`);
		}
	}
	assert.deepEqual(found, []);
});
