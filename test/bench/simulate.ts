// Speed and size of the simulator: ops a second forwards, a step back and a jump on a timeline of a million
// steps, the memory it takes, and schedules a second of a search over the RCU scenario. Prints wall time and,
// as others may use the machine, the rate by processor time. Needs no tree: `npm run bench:sim`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultConfig, lowerC } from "@might-sleep/analyzer";
import { builtinRows } from "@might-sleep/analyzer/model/compile";
import { DEFAULT_BOUNDS, explore } from "@might-sleep/analyzer/sim/explore";
import { parseScenario } from "@might-sleep/analyzer/sim/scenario";
import { prepareScenario } from "@might-sleep/analyzer/sim/scenarioRun";
import { openSimulation, type Simulation } from "@might-sleep/analyzer/sim/simulation";

const STEPS = 1_000_000;
/** Ops of one round of the loop below. */
const OPS_PER_ROUND = 10;

const PROGRAM = (rounds: number) => `struct queue { spinlock_t lock; int length; };
static int add(struct queue *queue, int by) { int next = by + 1; queue->length = queue->length + next; return next; }
static int fill(struct queue *queue)
{
	int i, sum = 0;

	queue->length = 0;
	for (i = 0; i < ${rounds}; i++) {
		spin_lock(&queue->lock);
		sum += add(queue, i);
		spin_unlock(&queue->lock);
	}
	return sum;
}
`;

function openProgram(rounds: number): Simulation {
	const unit = lowerC("queue.c", Buffer.from(PROGRAM(rounds)), defaultConfig);
	const opened = openSimulation({
		units: [["queue.c", unit]],
		rows: builtinRows,
		version: [6, 1],
		config: {},
		function: "fill",
		entry: "process",
	});
	if (!opened.ok) throw new Error(opened.error);
	return opened.value;
}

interface Taken {
	readonly wall: number;
	/** processor time of all threads, the collector's included */
	readonly cpu: number;
}

function measure(work: () => void): Taken {
	const before = process.cpuUsage();
	const start = performance.now();
	work();
	const wall = performance.now() - start;
	const used = process.cpuUsage(before);
	return { wall, cpu: (used.user + used.system) / 1000 };
}

function rate(count: number, { wall, cpu }: Taken): string {
	const of = (ms: number) => Math.round((count / ms) * 1000).toLocaleString("en");
	return `${of(wall)} a second (${of(cpu)} by processor time)`;
}

function runToEnd({ recording }: Simulation): void {
	while (recording.advance().kind === "stepped");
}

function forwards(): void {
	runToEnd(openProgram(3000));
	const simulation = openProgram(STEPS / OPS_PER_ROUND);
	const taken = measure(() => runToEnd(simulation));
	const { recording } = simulation;
	const rss = process.memoryUsage().rss / 2 ** 20;
	console.log(`forwards       ${recording.last.toLocaleString("en")} steps, ${rate(recording.last, taken)}`);
	console.log(`memory         ${rss.toFixed(0)} MB of the whole process`);
	const back = measure(() => simulation.frames(recording.last - 1));
	console.log(`a step back    ${back.wall.toFixed(2)} ms`);
	let worst = 0;
	for (let i = 1; i <= 50; i++) {
		const index = Math.floor((recording.last * i) / 51);
		worst = Math.max(worst, measure(() => simulation.frames(index)).wall);
	}
	console.log(`a jump         ${worst.toFixed(2)} ms, the slowest of 50`);
}

const SCENARIOS = fileURLToPath(new URL("../../../scenarios/", import.meta.url));
const REPEATS = 60;

function searches(): void {
	const parsed = parseScenario(readFileSync(join(SCENARIOS, "rcu-sleep.json"), "utf8"));
	if (!parsed.ok) throw new Error(parsed.error);
	const scenario = parsed.value;
	const units = scenario.sources.map((path) => {
		return [path, lowerC(path, readFileSync(join(SCENARIOS, path)), defaultConfig)] as const;
	});
	const prepared = prepareScenario({ scenario, units, rows: builtinRows, version: [6, 1], config: {} });
	if (!prepared.ok) throw new Error(prepared.error);
	const { world, start } = prepared.value;
	const once = () => explore(world, start, DEFAULT_BOUNDS, () => false);
	for (let i = 0; i < 10; i++) once();
	let schedules = 0;
	const taken = measure(() => {
		for (let i = 0; i < REPEATS; i++) schedules += once().schedules;
	});
	console.log(`search         ${schedules / REPEATS} schedules for rcu-sleep, ${rate(schedules, taken)}`);
}

forwards();
searches();
