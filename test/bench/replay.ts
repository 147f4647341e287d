// npm run replay -- TREE [--count N] [--seed S] [--functions N] [--rule ID] [--out FILE] [--plans FILE]: analysis and
// simulation check each other. Every finding (or N of them) of high and medium confidence that predicts a splat and has
// no pointer on its way is replayed on the simulated machine; with --functions, N functions are launched as they are
// entered. --plans keeps the plans, or takes them from a run before instead of solving the tree again.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import {
	builtinRows,
	entriesFor,
	type ReplayPlan,
	type ReplayReport,
	type Simulator,
	type Snapshot,
	type TrialReport,
} from "@might-sleep/analyzer";
import { draw } from "@might-sleep/analyzer/sim/rng";
import { indexTree, openTree } from "@might-sleep/server/host/treeIndex";
import { countOption, readScriptArguments, runScript, storeFile, writeStored } from "../harness/script.js";

const USAGE = "npm run replay -- TREE [--count N] [--seed S] [--functions N] [--rule ID] [--out FILE] [--plans FILE]";
const SHAPE = 1;
const MAX_STEPS = 20_000;

/** What a finding is replayed by. */
interface Subject {
	readonly id: string;
	readonly rule: string;
	readonly confidence: string;
	readonly file: string;
	readonly line: number;
	readonly message: string;
	/** null: a pointer is on the way */
	readonly plan: ReplayPlan | null;
}

/** A function as it would be launched. */
interface Launch {
	readonly file: string;
	readonly line: number;
	readonly function: string;
	readonly entry: string;
}

interface Prepared {
	readonly subjects: readonly Subject[];
	readonly launches: readonly Launch[];
}

interface Replayed extends Subject, ReplayReport {}

const RULES: ReadonlySet<string> = new Set([
	"sleep-in-atomic",
	"gfp-sleeps-in-atomic",
	"rcu-blocking",
	"lock-imbalance",
	"irq-flavour-mismatch",
]);

await runScript(async () => {
	const known = ["count", "seed", "functions", "rule", "out", "plans"];
	const { tree: root, options } = readScriptArguments(USAGE, process.argv.slice(2), known);
	const seed = countOption(USAGE, options, "seed", 1);
	const nFunctions = options.has("functions") ? countOption(USAGE, options, "functions", 1) : 0;
	const tree = openTree({ root, profile: "default", jobs: 0, cache: true, trusted: true, kernelTree: null });
	const { analysis, store } = await indexTree(tree, {});
	await store();
	const kept = options.get("plans");
	const prepared = prepare(kept, () => analysis.snapshot(), { nFunctions, seed });
	const machine = analysis.simulator({});
	const results = replayAll(machine, chosen(prepared.subjects, options, seed));
	const trials = prepared.launches.map((launch) => ({ ...launch, report: trial(machine, launch) }));
	printReplays(results, prepared.subjects);
	if (nFunctions > 0) printTrials(trials);
	const file = storeFile("replay", root, options.get("out"));
	writeStored(file, { shape: SHAPE, root, seed, findings: results, functions: trials });
	console.log(`stored in ${file}`);
});

function prepare(
	file: string | undefined,
	solve: () => Snapshot,
	{ nFunctions, seed }: { readonly nFunctions: number; readonly seed: number },
): Prepared {
	if (file !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Prepared;
	const snapshot = solve();
	const subjects = snapshot.findings
		.filter(({ rule, confidence }) => RULES.has(rule) && confidence !== "low")
		.map(({ id, rule, confidence, file: path, line, message }) => {
			return { id, rule, confidence, file: path, line, message, plan: snapshot.replayPlan(id) };
		});
	const prepared = { subjects, launches: launchesOf(snapshot, nFunctions, seed) };
	if (file !== undefined) writeFileSync(file, JSON.stringify(prepared));
	return prepared;
}

function chosen(all: readonly Subject[], options: ReadonlyMap<string, string>, seed: number): readonly Subject[] {
	const rule = options.get("rule");
	const able = all.filter((subject) => subject.plan !== null && (rule === undefined || subject.rule === rule));
	return options.has("count") ? drawn(able, countOption(USAGE, options, "count", 1), seed) : able;
}

/** `count` of them, in a random order that the seed decides. */
function drawn<T>(all: readonly T[], count: number, seed: number): T[] {
	const rest = [...all];
	const found: T[] = [];
	let state = seed * 7919;
	while (found.length < count && rest.length > 0) {
		const random = draw(state, rest.length);
		state = random.seed;
		found.push(...rest.splice(random.value, 1));
	}
	return found;
}

function replayAll(machine: Simulator, subjects: readonly Subject[]): Replayed[] {
	return subjects.map((subject) => ({ ...subject, ...machine.replay(subject.plan!) }));
}

// ---- functions as they are entered ----

function launchesOf(snapshot: Snapshot, count: number, seed: number): Launch[] {
	if (count === 0) return [];
	const files = [...new Set(snapshot.findings.map(({ file }) => file))].filter((file) => file.endsWith(".c"));
	const launches = drawn(files, count * 2, seed).flatMap((file) => {
		const [info] = drawn(snapshot.functionsIn(file), 1, seed);
		if (info === undefined) return [];
		const entries = entriesFor(builtinRows, info.contexts);
		const entry = entries.find((id) => id !== "process") ?? "process";
		return [{ file, line: info.line, function: info.name, entry }];
	});
	return launches.slice(0, count);
}

function trial(machine: Simulator, launch: Launch): TrialReport | null {
	return machine.run({ ...launch, maxSteps: MAX_STEPS });
}

// ---- what is printed ----

function printReplays(results: readonly Replayed[], all: readonly Subject[]): void {
	const nPointers = all.filter(({ plan }) => plan === null).length;
	console.log(`${all.length} findings that predict a splat, ${nPointers} of them by way of a pointer`);
	for (const rule of new Set(results.map((result) => result.rule))) {
		printRule(
			rule,
			results.filter((result) => result.rule === rule),
		);
	}
	printRule("all", results);
	const tried = results.reduce((sum, { nTried }) => sum + nTried, 0);
	console.log(`${tried} steps tried`);
}

function printRule(rule: string, results: readonly Replayed[]): void {
	const replayed = results.filter(({ end }) => end.kind === "replayed").length;
	const share = results.length === 0 ? "–" : `${((replayed / results.length) * 100).toFixed(1)} %`;
	console.log(`${rule}: ${replayed} of ${results.length} replayed to the very splat (${share})`);
	const obstacles = results.flatMap(({ end }) => (end.kind === "stuck" ? [end.obstacle] : []));
	for (const [obstacle, count] of tally(obstacles)) console.log(`    ${count} stuck: ${obstacle}`);
	const nRefuted = results.filter(({ end }) => end.kind === "stuck" && end.isRefuted).length;
	if (nRefuted > 0) console.log(`    of which ${nRefuted} refuted: every way was tried`);
}

function printTrials(trials: readonly { readonly report: TrialReport | null }[]): void {
	const reports = trials.flatMap(({ report }) => (report === null ? [] : [report]));
	console.log(`${trials.length} functions launched, ${reports.length} of them found`);
	for (const [kind, count] of tally(reports.map(({ outcome }) => outcome.kind))) console.log(`    ${count} ${kind}`);
	const splats = reports.flatMap((report) => report.splats.map(({ kind }) => kind));
	for (const [kind, count] of tally(splats)) console.log(`    ${count} splats: ${kind}`);
	console.log(
		`    ${reports.filter(({ strayLines }) => strayLines.length > 0).length} with lines outside of a function`,
	);
	console.log(
		`    ${reports.reduce((sum, { notes }) => sum + notes.length, 0)} notes on what is not known or not done`,
	);
}

function tally(values: readonly string[]): [string, number][] {
	const counts = new Map<string, number>();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return [...counts].sort(([, a], [, b]) => b - a);
}
