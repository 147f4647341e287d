// might-sleep simulate: runs a scenario, a function or a finding on the simulated machine and prints what happens.

import {
	type Choice,
	type Exploration,
	linesText,
	openScenario,
	openSimulation,
	PREEMPTION_MODELS,
	type ScenarioRequest,
	type SimConfig,
	type Simulation,
	type SimulationRequest,
	searchFunction,
	searchScenario,
	type Trace,
	traceOf,
	traceRun,
	traceText,
} from "@might-sleep/analyzer";
import { BARE_HOST, createProvider } from "../debug/provider.js";
import { loadScenario } from "../host/scenarioFile.js";
import { type Command, choice, existingFolder, type ParsedArgs, readArgs, rootOption, UsageError } from "./command.js";
import { splatsToJson } from "./json.js";
import { type Answer, replayFinding } from "./replayFinding.js";

const NAME = "simulate";

export const command: Command = {
	usage:
		"might-sleep simulate [--root TREE] [--format text|json] [--preemption none|voluntary|full|lazy|rt] [--set SWITCH=on|off]… [--seed N] [--steps N] [--explore [--schedules N] [--seconds N]] SCENARIO.json | FUNCTION | --finding ID|FILE:LINE [TREE]",
	run: async (argv) => {
		const { text, status } = await simulate(argv);
		process.stdout.write(text);
		return status;
	},
};

/** Ops of a run that is not told otherwise. */
const MAX_STEPS = 100_000;

/** What the command prints, and its exit status. */
export async function simulate(argv: readonly string[]): Promise<Answer> {
	const args = readArgs(NAME, argv, {
		root: { type: "string" },
		format: { type: "string" },
		preemption: { type: "string" },
		set: { type: "string" },
		finding: { type: "string" },
		...RUN_OPTIONS,
	});
	const format = choice(NAME, args, "format", ["text", "json"], "text");
	const config = switches(args);
	const [what, ...more] = args.positionals;
	if (more.length > 0) throw new UsageError(`${NAME}: unexpected argument '${more[0]}'`);
	const which = args.text("finding");
	if (which !== undefined) return replayFinding(NAME, { root: treeOf(args, what), which, config, format });
	if (what === undefined) throw new UsageError(`${NAME}: say which SCENARIO.json or FUNCTION, or which --finding`);
	const seed = number(args, "seed", 0);
	if (args.flag("explore")) return search(what, args, config, format);
	const simulation = what.endsWith(".json") ? await openFile(what, config) : await openFunction(what, args, config);
	const trace = traceRun(simulation, number(args, "steps", MAX_STEPS), answers(seed));
	const text = format === "json" ? `${JSON.stringify(toJson(what, trace), null, "\t")}\n` : traceText(trace);
	return { text, status: isBad(trace) ? 1 : 0 };
}

/** Options of runs that are not laid out: a finding's answers are those of its chain. */
const RUN_OPTIONS = {
	seed: { type: "string" },
	steps: { type: "string" },
	entry: { type: "string" },
	explore: { type: "boolean" },
	schedules: { type: "string" },
	seconds: { type: "string" },
} as const;

/** The tree that a finding is in: named as such or by --root. */
function treeOf(args: ParsedArgs, named: string | undefined): string {
	const other = Object.keys(RUN_OPTIONS).find((name) => args.flag(name));
	if (other !== undefined) throw new UsageError(`${NAME}: --${other} does not go with --finding`);
	if (named === undefined) return rootOption(NAME, args);
	if (args.text("root") !== undefined) throw new UsageError(`${NAME}: unexpected argument '${named}'`);
	return existingFolder(NAME, named);
}

async function load(path: string, config: Partial<SimConfig>): Promise<ScenarioRequest> {
	const loaded = await loadScenario(path);
	if (!loaded.ok) throw new UsageError(`${NAME}: ${loaded.error}`);
	return { ...loaded.value, config };
}

async function openFile(path: string, config: Partial<SimConfig>): Promise<Simulation> {
	const opened = openScenario(await load(path, config));
	if (!opened.ok) throw new UsageError(`${NAME}: ${path}: ${opened.error}`);
	return opened.value;
}

async function functionRequest(name: string, args: ParsedArgs, config: Partial<SimConfig>): Promise<SimulationRequest> {
	const root = rootOption(NAME, args);
	const entry = args.text("entry");
	const provider = createProvider(BARE_HOST);
	const target = await provider.open({ function: name, root, config, ...(entry === undefined ? {} : { entry }) });
	if (!target.ok) throw new UsageError(`${NAME}: ${target.error}`);
	if (target.value.request === null) throw new UsageError(`${NAME}: ${name} is no function`);
	return target.value.request;
}

async function openFunction(name: string, args: ParsedArgs, config: Partial<SimConfig>): Promise<Simulation> {
	const opened = openSimulation(await functionRequest(name, args, config));
	if (!opened.ok) throw new UsageError(`${NAME}: ${opened.error}`);
	return opened.value;
}

// ---- search ----

/** Seconds that a search takes at most, when nobody says. */
const MAX_SECONDS = 60;

async function search(
	what: string,
	args: ParsedArgs,
	config: Partial<SimConfig>,
	format: "text" | "json",
): Promise<Answer> {
	const opened = what.endsWith(".json")
		? searchScenario(await load(what, config))
		: searchFunction(await functionRequest(what, args, config));
	if (!opened.ok) throw new UsageError(`${NAME}: ${what}: ${opened.error}`);
	const end = Date.now() + number(args, "seconds", MAX_SECONDS) * 1000;
	const bounds = {
		...(args.text("steps") === undefined ? {} : { steps: number(args, "steps", 0) }),
		...(args.text("schedules") === undefined ? {} : { schedules: number(args, "schedules", 0) }),
	};
	const explored = opened.value.explore(bounds, () => Date.now() > end);
	const traces = explored.found.map(({ plan }) => traceOf(opened.value.repeat(plan)));
	const text = format === "json" ? searchJson(what, explored, traces) : searchText(explored, traces);
	return { text, status: explored.found.length > 0 ? 1 : 0 };
}

function searchText(explored: Exploration, traces: readonly Trace[]): string {
	const parts = explored.found.map(({ kind, title, steps }, i) => {
		const [headline] = title.split("\n");
		return `== ${kind} after ${steps} steps: ${headline}\n${linesText(traces[i]!)}`;
	});
	return `${[...parts, coverage(explored)].join("\n")}\n`;
}

function coverage(explored: Exploration): string {
	const { schedules, states, steps, isComplete, nCut } = explored;
	const counts = `${schedules} schedules, ${states} states, ${steps} steps`;
	const what = explored.found.length === 0 ? "nothing found" : `${explored.found.length} found`;
	if (isComplete) return `${what}; searched completely: ${counts}`;
	const cut = nCut > 0 ? `, ${nCut} schedules cut off at their bound` : "";
	return `${what}; searched in part: ${counts}${cut}`;
}

function searchJson(path: string, explored: Exploration, traces: readonly Trace[]): string {
	const { found, ...counts } = explored;
	const list = found.map(({ kind, title, text, steps, plan }, i) => {
		return { kind, title, text, steps, plan, trace: traces[i]!.lines };
	});
	return `${JSON.stringify({ of: path, ...counts, found: list }, null, "\t")}\n`;
}

const SWITCHES = [
	"preemptCount",
	"preemptRcu",
	"debugAtomicSleep",
	"proveLocking",
	"proveRcu",
	"panicOnWarn",
	"spinLockSetsGfp",
	"allocatorAsksContext",
] as const satisfies readonly (keyof SimConfig)[];

/** `--preemption` and `--set`, which go before what a scenario says. */
function switches(args: ParsedArgs): Partial<SimConfig> {
	const config: { -readonly [Key in keyof SimConfig]?: SimConfig[Key] } = {};
	const model = args.text("preemption");
	if (model !== undefined) config.preemption = choice(NAME, args, "preemption", PREEMPTION_MODELS, "full");
	for (const text of args.list("set")) {
		const match = /^(\w+)=(on|off)$/.exec(text);
		const name = SWITCHES.find((one) => one === match?.[1]);
		if (match === null || name === undefined) {
			throw new UsageError(`${NAME}: --set takes SWITCH=on or SWITCH=off, SWITCH one of ${SWITCHES.join(", ")}`);
		}
		config[name] = match[2] === "on";
	}
	return config;
}

function number(args: ParsedArgs, name: string, fallback: number): number {
	const text = args.text(name);
	if (text === undefined) return fallback;
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 0) {
		throw new UsageError(`${NAME}: --${name} must be a number, not '${text}'`);
	}
	return value;
}

/** Answers by default; with a seed, by chance, the same for the same seed. */
function answers(seed: number): (choice: Choice) => number {
	if (seed === 0) return (choice) => choice.default;
	let state = seed;
	return (choice) => {
		// xorshift32, as the machine's own
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return choice.kind === "property" ? choice.default : (state >>> 0) % choice.options.length;
	};
}

/** A splat, or an end that no run should come to. */
function isBad(trace: Trace): boolean {
	const { kind } = trace.outcome;
	return trace.splats.length > 0 || kind === "deadlock" || kind === "bug";
}

function toJson(what: string, trace: Trace): object {
	const { steps, outcome, splats, lines } = trace;
	return { of: what, steps, outcome, splats: splatsToJson(splats), trace: lines };
}
