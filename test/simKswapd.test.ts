// kswapd on the simulated machine: a task that the allocator wakes, that frees until a zone is at its high watermark,
// and on whose stack the code runs that reclaim comes back to.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { lowerC } from "@might-sleep/analyzer/c/index";
import { printUnit } from "@might-sleep/analyzer/ir/print";
import { verifyUnit } from "@might-sleep/analyzer/ir/verify";
import { kswapdPath, kswapdText, kswapdUnit } from "@might-sleep/analyzer/model/kswapd";
import type { Preemption } from "@might-sleep/analyzer/sim/config";
import type { MemorySection } from "@might-sleep/analyzer/sim/memory/memoryConfig";
import type { Simulation } from "@might-sleep/analyzer/sim/simulation";
import { type Trace, traceRun } from "@might-sleep/analyzer/sim/trace";
import { defaultConfig } from "@might-sleep/analyzer/source/kconfig";
import { type Given, open, order, verdict } from "./harness/simScenario.js";

const STEP_LIMIT = 50_000;
const NAME = "kswapd0";

const zone = (given: Partial<NonNullable<MemorySection["zones"]>[number]>): MemorySection => ({
	failures: "never",
	zones: [{ name: "Normal", managed: 100_000, min: 1000, low: 1100, high: 1200, ...given }],
});

interface Ended {
	readonly simulation: Simulation;
	readonly trace: Trace;
	readonly notes: readonly string[];
}

function run(text: string, given: Given): Ended {
	const simulation = open(text, given);
	const trace = traceRun(simulation, STEP_LIMIT, (choice) => choice.default);
	const notes = trace.lines.flatMap((line) => line.events.flatMap((event) => ("text" in event ? [event.text] : [])));
	return { simulation, trace, notes };
}

/** Indices at which kswapd ran. */
function turns({ recording }: Simulation): number[] {
	const found: number[] = [];
	for (let index = 0; index <= recording.last; index++) {
		const name = recording.stateAt(index).tasks[recording.taskAt(index)]!.comm;
		if (name === NAME) found.push(index);
	}
	return found;
}

function zoneAt(simulation: Simulation, index: number) {
	return simulation.memory(index).zones[0]!;
}

const PLAIN = `
static void *page;
void take(void)
{
	page = alloc_page(GFP_KERNEL);
	after();
}
`;

test("its code is what the front end reads in its text", () => {
	const read = lowerC(kswapdPath, Buffer.from(kswapdText), defaultConfig);
	assert.equal(printUnit(kswapdUnit()), printUnit(read));
	assert.deepEqual(verifyUnit(kswapdUnit()), []);
	assert.deepEqual(kswapdUnit().lineLengths, read.lineLengths);
	assert.deepEqual(kswapdUnit().ops, read.ops);
});

test("below the low watermark it is woken, and frees pages to the high one", () => {
	const { simulation, trace } = run(PLAIN, {
		tasks: [{ function: "take" }],
		memory: zone({ free: 1050, clean: 5000 }),
	});
	assert.equal(verdict(trace), "finished");
	const { last } = simulation.recording;
	const after = zoneAt(simulation, last);
	assert.ok(after.free > after.high && after.free <= after.high + 32, String(after.free));
	assert.equal(simulation.memory(last).counts.kswapdWakes, 1);
	assert.equal(simulation.memory(last).counts.directReclaims, 0);
	assert.equal(simulation.memory(last).kswapd, "asleep");
	// Above the low watermark nobody wakes it, and there is no such task.
	const idle = run(PLAIN, { tasks: [{ function: "take" }], memory: zone({ free: 1150, clean: 5000 }) });
	assert.deepEqual(turns(idle.simulation), []);
	assert.ok(!idle.simulation.threads(idle.simulation.recording.last).some(({ name }) => name.startsWith(NAME)));
});

test("it is a task like any other: a thread with frames in its own code, and spans of its CPU", () => {
	const { simulation } = run(PLAIN, { tasks: [{ function: "take" }], memory: zone({ free: 1050, clean: 5000 }) });
	const [index] = turns(simulation) as [number];
	const thread = simulation.threads(index).find(({ isCurrent }) => isCurrent)!;
	assert.match(thread.name, /^kswapd0\/\d+$/);
	const [frame] = simulation.frames(index);
	assert.deepEqual([frame!.function, frame!.path], ["kswapd", kswapdPath]);
	assert.ok(kswapdText.split("\n")[frame!.line - 1]!.includes("while"), `line ${frame!.line}`);
	assert.match(simulation.sections(index)[0]!.name, /memalloc/);
	const last = simulation.recording.last + 1;
	const { lanes, tasks } = simulation.timeline(0, last, last);
	const spans = lanes.find(({ kind }) => kind === "task")!.spans.filter(({ value }) => tasks[value] === thread.name);
	assert.deepEqual(
		spans.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)),
		turns(simulation),
	);
});

const LOCKED = `
static spinlock_t lock;
static void *page;
void fill(void)
{
	spin_lock(&lock);
	page = alloc_page(GFP_NOWAIT);
	page = alloc_page(GFP_NOWAIT);
	spin_unlock(&lock);
	after();
}
`;

test("when it comes to run is a matter of the preemption model", () => {
	const first = (preemption: Preemption, text: string, function_: string) => {
		const config = { preemption, preemptCount: true };
		const given = { tasks: [{ function: function_ }], memory: zone({ free: 1050, clean: 5000 }), config };
		return order(run(text, given).trace);
	};
	// At once, where the count allows it; else when the lock is dropped.
	assert.match(first("full", PLAIN, "take"), /^take:5 kswapd0:[0-9,]* take:5,6/);
	assert.match(first("full", LOCKED, "fill"), /^fill:6,7,8,9 kswapd0:[0-9,]* fill:10/);
	// Without preemption when the task is done.
	for (const preemption of ["none", "lazy"] as const) {
		assert.match(first(preemption, PLAIN, "take"), /^take:5,6(,7)? kswapd0:[^ ]*$/, preemption);
	}
});

test("an idle CPU is where it runs, beside the task that needs the pages", () => {
	const given: Given = {
		cpus: 2,
		schedule: { policy: "round-robin" },
		tasks: [{ function: "fill" }],
		memory: zone({ free: 1050, clean: 5000 }),
	};
	const { simulation, trace } = run(LOCKED, given);
	const [index] = turns(simulation) as [number];
	assert.equal(simulation.cpuAt(index), 1);
	assert.match(order(trace), /kswapd0.*fill:9/, "while the lock is held");
	assert.deepEqual(run(LOCKED, given).trace, trace, "the same once more");
});

const CACHE = `
struct cache { struct mutex lock; struct shrinker shrinker; int count; };
static struct cache *the_cache;
static void *spare;

static unsigned long cache_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return 1;
}
static unsigned long cache_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	mutex_lock(&the_cache->lock);
	spare = alloc_page(GFP_KERNEL);
	mutex_unlock(&the_cache->lock);
	return 1;
}
static struct shrinker cache_shrinker = { .count_objects = cache_count, .scan_objects = cache_scan };

void cache_add(void)
{
	spare = alloc_page(GFP_KERNEL);
	after();
}
void cache_add_locked(void)
{
	mutex_lock(&the_cache->lock);
	spare = alloc_page(GFP_KERNEL);
	mutex_unlock(&the_cache->lock);
}
void cache_try_locked(void)
{
	mutex_lock(&the_cache->lock);
	spare = alloc_page(GFP_NOWAIT);
	for (int i = 0; i < 20; i++)
		after();
	mutex_unlock(&the_cache->lock);
}
`;

test("shrinkers run on its stack, and what they allocate does not reclaim in turn", () => {
	const memory = zone({ free: 1050, clean: 5000 });
	const { simulation, trace, notes } = run(CACHE, { tasks: [{ function: "cache_add" }], memory });
	assert.equal(verdict(trace), "finished");
	assert.ok(notes.includes("kswapd0 calls cache_scan(), shrinker.scan_objects"), notes.join("\n"));
	const inside = turns(simulation).find((index) => simulation.frames(index)[0]!.function === "cache_scan")!;
	const frames = simulation.frames(inside).map((frame) => frame.function);
	assert.deepEqual(frames, ["cache_scan", "kswapd"]);
	assert.equal(simulation.memory(simulation.recording.last).counts.directReclaims, 0);
	// Below every watermark: it gets a page all the same, and no pass of its own.
	const scarce = run(CACHE, { tasks: [{ function: "cache_add" }], memory: zone({ free: 1001, clean: 0, anon: 40 }) });
	assert.ok(scarce.simulation.memory(scarce.simulation.recording.last).counts.fromReserve > 0);
});

test("a lock that it waits for is held up, and no deadlock as long as the holder goes on", () => {
	const given: Given = {
		cpus: 2,
		schedule: { policy: "round-robin" },
		tasks: [{ function: "cache_try_locked" }],
		memory: zone({ free: 1050, clean: 5000 }),
	};
	const { simulation, trace } = run(CACHE, given);
	assert.equal(verdict(trace), "finished");
	const waits = Array.from({ length: simulation.recording.last }, (_, index) => simulation.threads(index))
		.flat()
		.filter(({ name, waitsFor }) => name.startsWith(NAME) && waitsFor.startsWith("mutex_lock()"));
	assert.ok(waits.length > 0, "it has waited for the lock");
});

test("lockdep sees that reclaim takes the lock, also where only kswapd has", () => {
	const given: Given = { tasks: [{ function: "cache_add_locked" }], memory: zone({ free: 1050, clean: 5000 }) };
	const after: Given = { ...given, tasks: [{ function: "cache_add" }, { function: "cache_add_locked" }] };
	assert.match(verdict(run(CACHE, after).trace), /circular-lock/);
});

test("after sixteen passes without a page it gives up, until somebody gets one", () => {
	const { simulation } = run(PLAIN, { tasks: [{ function: "take" }], memory: zone({ free: 1050 }) });
	const { last } = simulation.recording;
	assert.equal(simulation.memory(last).kswapd, "has given up");
	const lane = simulation.timeline(0, last + 1, last + 1).lanes.find(({ kind }) => kind === "kswapd")!;
	assert.deepEqual(
		lane.spans.map(({ value }) => value),
		[0, 1, 2],
	);
	const hits = turns(simulation).filter((index) => simulation.recording.previousAt(index) >= 0).length;
	assert.ok(hits > 16 && hits < 200, String(hits));
});

test("a task that waits for nobody is not taken for one of two because of it", () => {
	const text = `
static struct completion done;
static void *page;
void wait(void)
{
	page = alloc_page(GFP_KERNEL);
	wait_for_completion(&done);
	after();
}
`;
	const { trace } = run(text, { tasks: [{ function: "wait" }], memory: zone({ free: 1050, clean: 5000 }) });
	assert.equal(verdict(trace), "finished");
});

test("the ring of the shipped scenario is filled while it frees pages on another CPU", () => {
	const folder = fileURLToPath(new URL("../../scenarios/", import.meta.url));
	const text = readFileSync(`${folder}src/reserve.c`, "utf8");
	const filled = (more: Partial<Given>) =>
		run(text, {
			tasks: [{ function: "ring_fill_nowait" }],
			memory: { failures: "never", zones: [{ name: "Normal", managed: 20_000, free: 300, min: 200, clean: 5000 }] },
			...more,
		});
	const beside = filled({ cpus: 2, schedule: { policy: "round-robin" } });
	assert.equal(verdict(beside.trace), "finished");
	assert.ok(beside.simulation.memory(beside.simulation.recording.last).zones[0]!.lowest > 200);
	// On one CPU it cannot run before the lock is dropped.
	assert.equal(verdict(filled({}).trace), "allocation-failure finished");
});
