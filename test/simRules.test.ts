// Analysis and simulator check each other on the rules' fixtures: a function that ends in `_bad` meets its
// splat in some run, one that ends in `_ok` in none. A run takes the context that the analysis found for the
// function, default answers first, then seeded ones.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
	builtinRows,
	createAnalysis,
	defaultConfig,
	entriesFor,
	lowerC,
	openSimulation,
	type Simulation,
	type SimulationRequest,
	type Splat,
	type Unit,
} from "@might-sleep/analyzer";
import { draw } from "@might-sleep/analyzer/sim/rng";
import { parseFixture } from "./harness/fixture.js";

const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));
const KERNEL = join(FIXTURES, "minikernel/c");
/** Rules whose findings are splats of these kinds. */
const RULES = ["sleep-in-atomic", "gfp-sleeps-in-atomic", "rcu-blocking"];
const KINDS: ReadonlySet<string> = new Set(["sleep-in-atomic", "scheduling-while-atomic", "rcu-usage"]);
const VERSION = [6, 12] as const;
const N_SEEDS = 12;
const MAX_STEPS = 4000;
const MAX_QUESTIONS = 60;

type Units = readonly (readonly [string, Unit])[];

function readKernel(): Units {
	const files = readdirSync(KERNEL, { recursive: true, withFileTypes: true });
	return files
		.filter((file) => file.isFile() && /\.[ch]$/.test(file.name))
		.map((file) => join(file.parentPath, file.name))
		.sort()
		.map((path) => [relative(KERNEL, path), lowerC(path, readFileSync(path), defaultConfig)] as const);
}

/**
 * The splat of one run, or null. Seed 0 takes all defaults. What the function has put off (a callback of its own)
 * is not its splat.
 */
function splatOf(recording: Simulation["recording"], name: string, seed: number): Splat | null {
	recording.cut(0);
	let state = seed * 7919 + 1;
	let nQuestions = 0;
	for (let steps = 0; steps < MAX_STEPS; steps++) {
		const advance = recording.advance();
		if (advance.kind === "ended") return null;
		if (advance.kind === "ask") {
			if (++nQuestions > MAX_QUESTIONS) return null;
			const { choice } = advance;
			const random = draw(state, choice.options.length);
			state = random.seed;
			// What depends on a device that nobody sees stays at its default.
			recording.decide(choice, seed === 0 || choice.kind === "property" ? choice.default : random.value);
			continue;
		}
		for (const event of advance.events) {
			if (event.kind !== "splat" || !KINDS.has(event.splat.kind)) continue;
			const [own] = event.splat.text.split("</IRQ>");
			if (own!.includes(` ${name} (`)) return event.splat;
		}
	}
	return null;
}

function recordingOf(request: SimulationRequest): Simulation["recording"] {
	const opened = openSimulation(request);
	assert.ok(opened.ok, opened.ok ? "" : opened.error);
	return opened.value.recording;
}

interface Subject {
	readonly name: string;
	readonly function: string;
	readonly isBad: boolean;
	/** requests, one for each context it runs in */
	readonly requests: readonly SimulationRequest[];
}

function subjectsOf(kernel: Units, rule: string, file: string): readonly Subject[] {
	const folder = join(FIXTURES, "rules", rule);
	const fixture = parseFixture(file, readFileSync(join(folder, file), "utf8"), file);
	const own = fixture.files.map(({ path, text }) => [path, lowerC(path, Buffer.from(text), defaultConfig)] as const);
	const units = [...kernel, ...own];
	const analysis = createAnalysis({ rows: builtinRows, profile: "default", version: VERSION });
	for (const [path, unit] of units) analysis.setUnit(path, unit);
	const snapshot = analysis.snapshot();
	return own.flatMap(([path]) =>
		snapshot
			.functionsIn(path)
			.filter(({ name }) => /_(bad|ok)$/.test(name))
			.map(({ name, contexts }) => {
				const known = entriesFor(builtinRows, contexts);
				const entries = known.length === 0 ? ["process"] : known;
				const requests = entries.map((entry) => ({
					units,
					rows: builtinRows,
					version: VERSION,
					config: {},
					function: name,
					path,
					entry,
				}));
				return { name: `${rule}/${file}: ${name}`, function: name, isBad: name.endsWith("_bad"), requests };
			}),
	);
}

test("what the rules' fixtures call bad meets its splat, what they call ok does not", () => {
	const kernel = readKernel();
	const silent: string[] = [];
	const loud: string[] = [];
	let nBad = 0;
	let nOk = 0;
	for (const rule of RULES) {
		const files = readdirSync(join(FIXTURES, "rules", rule)).filter((name) => name.endsWith(".c"));
		for (const subject of files.flatMap((file) => subjectsOf(kernel, rule, file))) {
			const recordings = subject.requests.map(recordingOf);
			let splat: Splat | null = null;
			for (let seed = 0; seed < N_SEEDS && splat === null; seed++) {
				for (const recording of recordings) splat ??= splatOf(recording, subject.function, seed);
			}
			if (subject.isBad) nBad++;
			else nOk++;
			if (subject.isBad && splat === null)
				silent.push(`${subject.name} in ${subject.requests.map(({ entry }) => entry)}`);
			if (!subject.isBad && splat !== null) loud.push(`${subject.name}: ${splat.title}`);
		}
	}
	const text = `${nBad} bad, silent:\n${silent.join("\n")}\n${nOk} ok, loud:\n${loud.join("\n")}`;
	assert.ok(nBad > 100 && nOk > 100, text);
	assert.ok(silent.length <= nBad * 0.1, text);
	assert.ok(loud.length <= nOk * 0.02, text);
});
