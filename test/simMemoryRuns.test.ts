// Allocations of programs on the simulated machine: who may use up the reserve, what reclaim comes back to, what
// pools are for, and what it costs when the allocator looks at the context instead of the mask. The programs are
// those of the shipped scenarios.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { lowerC } from "@might-sleep/analyzer/c/index";
import { builtinRows } from "@might-sleep/analyzer/model/compile";
import type { MemorySection } from "@might-sleep/analyzer/sim/memory/memoryConfig";
import { memoryOf, withFreePages } from "@might-sleep/analyzer/sim/memory/memoryView";
import { withPressure } from "@might-sleep/analyzer/sim/memory/pressure";
import { openScenario } from "@might-sleep/analyzer/sim/scenarioRun";
import { searchScenario } from "@might-sleep/analyzer/sim/search";
import { step } from "@might-sleep/analyzer/sim/step";
import { traceRun } from "@might-sleep/analyzer/sim/trace";
import { defaultConfig } from "@might-sleep/analyzer/source/kconfig";
import { type Given, open, request, SILENT, verdict } from "./harness/simScenario.js";

const SCENARIOS = fileURLToPath(new URL("../../scenarios/", import.meta.url));
const STEP_LIMIT = 100_000;

interface Ended {
	readonly verdict: string;
	readonly text: string;
	readonly memory: ReturnType<typeof memoryOf>;
	readonly notes: readonly string[];
}

/** Runs one function of a source, or a scenario over it, to its end. */
function run(source: string, given: Given): Ended {
	return runText(readFileSync(`${SCENARIOS}src/${source}`, "utf8"), given);
}

function runText(text: string, given: Given): Ended {
	const simulation = open(text, given);
	const trace = traceRun(simulation, STEP_LIMIT, (choice) => choice.default);
	const { recording } = simulation;
	const events = trace.lines.flatMap((line) => line.events);
	const notes = events.flatMap((event) => ("text" in event ? [event.text] : []));
	const splats = trace.splats.map((splat) => splat.text);
	const memory = memoryOf(recording.world, recording.stateAt(recording.last));
	return { verdict: verdict(trace), text: [...splats, JSON.stringify(trace.outcome)].join("\n"), memory, notes };
}

const only = (name: string, memory: MemorySection, more: Partial<Given> = {}): Given => ({
	tasks: [{ function: name }],
	memory: { failures: "never", kswapd: false, ...memory },
	...more,
});

const zone = (given: Partial<NonNullable<MemorySection["zones"]>[number]>): MemorySection => ({
	zones: [{ name: "Normal", managed: 100_000, min: 1000, ...given }],
});

// ---- the reserve ----

const SCARCE = zone({ free: 300, min: 200 });

test("GFP_ATOMIC drains the reserve to three eighths, GFP_NOWAIT leaves it whole", () => {
	const atomic = run("reserve.c", only("ring_fill_atomic", SCARCE));
	assert.equal(atomic.verdict, "allocation-failure finished");
	assert.equal(atomic.memory.zones[0]!.free, 75);
	assert.equal(atomic.memory.counts.fromReserve, 125);
	assert.ok(
		atomic.notes.some((note) => /GFP_ATOMIC takes from the reserve .* down to 76$/.test(note)),
		`${atomic.notes}`,
	);
	const nowait = run("reserve.c", only("ring_fill_nowait", SCARCE));
	assert.equal(nowait.verdict, "allocation-failure finished");
	assert.equal(nowait.memory.zones[0]!.free, 200);
	assert.equal(nowait.memory.counts.fromReserve, 0);
});

test("where allocations stop is where the view says that the flag stops", () => {
	for (const [name, flag] of [
		["ring_fill_atomic", "GFP_ATOMIC"],
		["ring_fill_nowait", "GFP_NOWAIT"],
	] as const) {
		for (const kernel of ["6.1", "6.12"]) {
			const { memory } = run("reserve.c", only(name, zone({ free: 300, min: 177, highatomic: 20 }), { kernel }));
			const [{ free, reaches }] = memory.zones as [(typeof memory.zones)[0]];
			const reach = reaches.find((one) => one.flag === flag)!;
			assert.equal(free, reach.lowest - 1, `${flag} on ${kernel}`);
			assert.equal(reach.isAllowed, false);
		}
	}
});

test("a page allocation failure reads as the kernel prints it", () => {
	const { text } = run("reserve.c", only("ring_fill_atomic", SCARCE));
	const lines = text.split("\n");
	const name = "ring_fill_atomic";
	const head = `${name}: page allocation failure: order:0, mode:0xa20(GFP_ATOMIC), nodemask=(null),cpuset=/,mems_allowed=0`;
	assert.equal(lines[0], head);
	assert.equal(lines[1], `CPU: 0 PID: 1000 Comm: ${name} Not tainted 6.1`);
	assert.ok(
		lines.some((line) => line.startsWith("Node 0 Normal free:300kB boost:0kB min:800kB low:1200kB high:1600kB")),
	);
	// GFP_NOWAIT has __GFP_NOWARN since 6.7: the same failure is silent.
	assert.equal(run("reserve.c", only("ring_fill_nowait", SCARCE, { kernel: "6.12" })).verdict, "finished");
});

const BESIDE = { cpus: 2, schedule: { policy: "round-robin" } } as const;

test("kswapd keeps up with a slow consumer, and the pressure dial wears it down", () => {
	const kswapd = { pages: 32 };
	const plenty = zone({ free: 300, min: 200, clean: 20_000 });
	const calm = run("reserve.c", only("ring_fill_nowait", { ...plenty, kswapd }, BESIDE));
	assert.equal(calm.verdict, "finished");
	assert.equal(calm.memory.counts.kswapdWakes > 0, true);
	assert.ok(calm.memory.zones[0]!.lowest > 200);
	const pressed = run("reserve.c", only("ring_fill_nowait", { ...plenty, kswapd, pressure: 200 }, BESIDE));
	assert.match(pressed.verdict, /^allocation-failure/);
	assert.equal(pressed.memory.consumers[0]!.name, "memhog");
	assert.ok(pressed.memory.consumers[0]!.taken > 0);
});

test("kswapd's time awake is on the timeline", () => {
	const kswapd = { pages: 32 };
	const text = readFileSync(`${SCENARIOS}src/reserve.c`, "utf8");
	const memory = { ...zone({ free: 300, min: 200, clean: 20_000 }), kswapd };
	const simulation = open(text, only("ring_fill_nowait", memory, BESIDE));
	traceRun(simulation, 20_000, (choice) => choice.default);
	const { last } = simulation.recording;
	const lane = simulation.timeline(0, last + 1, last + 1).lanes.find(({ kind }) => kind === "kswapd");
	assert.ok(lane && lane.spans.length > 2, "it wakes and sleeps again");
	for (const { from, to, value } of lane.spans) {
		for (const index of [from, to - 1]) {
			assert.equal(simulation.memory(index).kswapd, ["asleep", "awake", "has given up"][value]);
		}
	}
});

// ---- what if ----

const PLAIN_KERNEL = { ...SILENT, preemption: "none", preemptCount: false } as const;

test("a mask that the lock turns drains the reserve in silence", () => {
	const given = (config: Given["config"]) =>
		only("ring_fill_kernel", zone({ free: 300, min: 200, clean: 50_000 }), { config: config! });
	const asItIs = run("reserve.c", given({}));
	assert.match(asItIs.verdict, /^sleep-in-atomic/);
	const turned = run("reserve.c", given({ spinLockSetsGfp: true }));
	assert.equal(turned.verdict, "allocation-failure finished");
	assert.equal(turned.memory.zones[0]!.free, 75);
	assert.equal(turned.memory.counts.fromReserve, 125);
	assert.equal(turned.memory.counts.turnedAtomic, 226);
	assert.ok(turned.notes.some((note) => /GFP_KERNEL is taken as GFP_ATOMIC.*&rx_ring\.lock is held/.test(note)));
});

test("an allocator that asks in_atomic() misses the lock without PREEMPT_COUNT", () => {
	const given = (config: Given["config"]) =>
		only("ring_fill_kernel", zone({ free: 300, min: 200, clean: 50_000 }), { config: config! });
	const counted = run("reserve.c", given({ allocatorAsksContext: true }));
	assert.equal(counted.memory.counts.contextMissed, 0);
	assert.equal(counted.memory.counts.turnedAtomic, 226);
	const missed = run("reserve.c", given({ ...PLAIN_KERNEL, allocatorAsksContext: true }));
	assert.equal(missed.verdict, "finished");
	assert.equal(missed.memory.counts.turnedAtomic, 0);
	assert.equal(missed.memory.counts.contextMissed, 400);
	assert.ok(missed.notes.some((note) => note.includes("preempt_count does not say so")));
	const always = run("reserve.c", given({ ...PLAIN_KERNEL, preemptCount: true, allocatorAsksContext: true }));
	assert.equal(always.memory.counts.contextMissed, 0);
});

const IRQS_OFF = `static void *p;
static void alloc_with_irqs_off(void) { local_irq_disable(); p = kmalloc(4096, GFP_KERNEL); local_irq_enable(); }`;

test("what no lock shows, spin_lock() cannot turn", () => {
	const missed = runText(
		IRQS_OFF,
		only("alloc_with_irqs_off", SCARCE, { config: { ...SILENT, spinLockSetsGfp: true } }),
	);
	assert.deepEqual([missed.memory.counts.turnedAtomic, missed.memory.counts.contextMissed], [0, 1]);
	const asked = runText(
		IRQS_OFF,
		only("alloc_with_irqs_off", SCARCE, { config: { ...SILENT, allocatorAsksContext: true } }),
	);
	assert.deepEqual([asked.memory.counts.turnedAtomic, asked.memory.counts.contextMissed], [1, 0]);
});

const RAW = `static DEFINE_RAW_SPINLOCK(raw); static DEFINE_SPINLOCK(lock); static void *p;
static void in_raw(void) { raw_spin_lock(&raw); p = kmalloc(64, GFP_ATOMIC); raw_spin_unlock(&raw); }
static void in_lock(void) { spin_lock(&lock); p = kmalloc(64, GFP_ATOMIC); spin_unlock(&lock); }
static void in_irqs_off(void) { local_irq_disable(); p = kmalloc(64, GFP_NOWAIT); local_irq_enable(); }`;

test("under PREEMPT_RT the allocator's own locks sleep: GFP_ATOMIC is no help in a raw spinlock", () => {
	const rt = (name: string) => runText(RAW, only(name, SCARCE, { config: { preemption: "rt" } })).verdict;
	assert.equal(rt("in_raw"), "sleep-in-atomic finished");
	assert.equal(rt("in_irqs_off"), "sleep-in-atomic finished");
	assert.equal(rt("in_lock"), "finished");
	assert.equal(runText(RAW, only("in_raw", SCARCE)).verdict, "finished");
});

// ---- reclaim that comes back ----

const LOW = zone({ free: 1000, clean: 10, dirty: 500, anon: 5000 });

test("GFP_KERNEL on the way of writeback waits for itself, the masks and scopes that say so do not", () => {
	const kernel = run("writeback.c", only("brook_sync_kernel", LOW));
	assert.equal(kernel.verdict, "recursive-lock deadlock");
	assert.match(
		kernel.text,
		/waits in mutex_lock\(\) for &brook_log_lock, which it holds since mutex_lock\(\) at a\.c:/,
	);
	assert.ok(kernel.notes.includes("direct reclaim calls brook_writepage(), address_space_operations.writepage"));
	for (const name of ["brook_sync_nofs", "brook_sync_noio", "brook_sync_scope"]) {
		const { verdict: ended, memory, notes } = run("writeback.c", only(name, LOW));
		assert.equal(ended, "finished", name);
		assert.equal(memory.counts.directReclaims, 1);
		assert.equal(memory.zones[0]!.dirty, 500);
		assert.ok(!notes.some((note) => note.includes("brook_writepage")));
	}
});

test("with memory at hand the same code is silent: only the analysis sees it", () => {
	assert.equal(run("writeback.c", only("brook_sync_kernel", zone({ free: 5000 }))).verdict, "finished");
});

test("in a block driver GFP_NOFS is not enough", () => {
	const block = (name: string) => run("block.c", { ...only(name, LOW), tasks: [{ function: name, args: ["bio"] }] });
	assert.equal(block("slate_write_kernel").verdict, "recursive-lock deadlock");
	assert.equal(block("slate_write_nofs").verdict, "recursive-lock deadlock");
	assert.equal(block("slate_write_noio").verdict, "finished");
	assert.equal(block("slate_write_scope").verdict, "finished");
});

test("a shrinker waits for its cache's lock, and frees what it holds when it can", () => {
	const scarce = zone({ free: 1004 });
	const locked = run("shrinker.c", only("nest_add_locked", scarce));
	assert.equal(locked.verdict, "recursive-lock deadlock");
	const before = run("shrinker.c", only("nest_add_before", scarce));
	assert.equal(before.verdict, "finished");
	assert.ok(before.memory.counts.freed >= 4, `${before.memory.counts.freed}`);
	assert.ok(before.notes.includes("direct reclaim calls nest_scan_objects(), shrinker.scan_objects"));
});

test("lockdep sees that a lock is taken by reclaim and held over an allocation before both happen at once", () => {
	const tasks = [{ function: "nest_add_locked" }, { function: "nest_add_before" }];
	const memory = { failures: "never", kswapd: false, ...zone({ free: 1012 }) } as const;
	const seen = run("shrinker.c", { tasks, memory });
	assert.match(seen.verdict, /^circular-lock/);
	assert.match(seen.text, /lock\(fs_reclaim\);/);
	assert.equal(run("shrinker.c", { tasks: tasks.slice(1), memory }).verdict, "finished");
});

const NESTED = `static void *scanned;
static unsigned long count(struct shrinker *s, struct shrink_control *sc) { return 4; }
static unsigned long scan(struct shrinker *s, struct shrink_control *sc)
{
	if (!(sc->gfp_mask & __GFP_FS))
		return ~0UL;
	scanned = kmalloc(4096, GFP_KERNEL);
	return scanned ? sc->nr_to_scan : 0;
}
static struct shrinker nested = { .count_objects = count, .scan_objects = scan };
static void *p;
static void *outer(void) { p = kmalloc(4096, GFP_KERNEL); return p; }
static void *outer_nofs(void) { p = kmalloc(4096, GFP_NOFS); return p; }
`;

test("an allocation of reclaim itself does not reclaim again, and may take the last page", () => {
	const low = zone({ free: 1, min: 1000 });
	const nested = runText(NESTED, only("outer", { ...low, panicOnOom: true }));
	assert.equal(nested.memory.counts.callbacks > 1, true);
	assert.equal(nested.memory.zones[0]!.lowest, 0);
	assert.equal(nested.memory.counts.directReclaims, nested.notes.filter((note) => note.includes("count()")).length);
	// The shrinker is told the mask, and keeps out of what the mask forbids.
	const nofs = runText(NESTED, only("outer_nofs", { ...low, panicOnOom: true }));
	assert.equal(nofs.memory.zones[0]!.lowest, 1);
	assert.match(nofs.verdict, /deadlock$/);
	assert.match(nofs.text, /tries for ever to get memory/);
});

const EMBEDDED = `struct cache { struct mutex lock; struct shrinker shrinker; int n; };
static unsigned long count(struct shrinker *s, struct shrink_control *sc) { return 5; }
static unsigned long scan(struct shrinker *s, struct shrink_control *sc)
{
	struct cache *cache = container_of(s, struct cache, shrinker);
	mutex_lock(&cache->lock);
	mutex_unlock(&cache->lock);
	return 0;
}
static void setup(struct cache *cache) { cache->shrinker.count_objects = count; cache->shrinker.scan_objects = scan; }
static void *p;
static void add(struct cache *c) { mutex_lock(&c->lock); p = kmalloc(4096, GFP_KERNEL | __GFP_RETRY_MAYFAIL); mutex_unlock(&c->lock); }
`;

test("a shrinker in an object is that of the object that the task is busy with", () => {
	const low = zone({ free: 1000 });
	assert.equal(runText(EMBEDDED, only("add", low)).verdict, "recursive-lock deadlock");
	const other = EMBEDDED.replace("static void add(struct cache *c)", "static void add(struct other *c)");
	assert.equal(runText(other, only("add", low)).verdict, "allocation-failure finished");
});

test("reclaim comes back to the code around the allocation, not to that of other folders", () => {
	const shrinker = (
		name: string,
	) => `static unsigned long ${name}_count(struct shrinker *s, struct shrink_control *sc) { return 0; }
static unsigned long ${name}_scan(struct shrinker *s, struct shrink_control *sc) { return 0; }
static struct shrinker ${name}_shrinker = { .count_objects = ${name}_count, .scan_objects = ${name}_scan };\n`;
	const files = {
		"own/a.c": `${shrinker("own")}${ALLOCATES}`,
		"own/b.c": shrinker("near"),
		"other/c.c": shrinker("far"),
	};
	const units = Object.entries(files).map(
		([path, text]) => [path, lowerC(path, Buffer.from(text), defaultConfig)] as const,
	);
	const scenario = { name: "folders", sources: Object.keys(files), ...only("mayfail", zone({ free: 1000 })) };
	const opened = openScenario({ scenario, units, rows: builtinRows, version: [6, 1] });
	assert.ok(opened.ok);
	const trace = traceRun(opened.value, STEP_LIMIT, (choice) => choice.default);
	const notes = trace.lines.flatMap(({ events }) => events.map((event) => ("text" in event ? event.text : "")));
	const called = ["own", "near", "far"].filter((name) => notes.some((note) => note.includes(`calls ${name}_count()`)));
	assert.deepEqual(called, ["own", "near"]);
});

// ---- out of memory ----

const ALLOCATES = `static void *p;
static int kernel(void) { p = kmalloc(4096, GFP_KERNEL); return p != 0; }
static int mayfail(void) { p = kmalloc(4096, GFP_KERNEL | __GFP_RETRY_MAYFAIL); return p != 0; }
static int noretry(void) { p = kmalloc(4096, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN); return p != 0; }
static int nofail(void) { p = kmalloc(4096, GFP_KERNEL | __GFP_NOFAIL); return p != 0; }
static int nomemalloc(void) { p = kmalloc(4096, GFP_NOWAIT | __GFP_HIGH | __GFP_NOMEMALLOC); return p != 0; }
static int costly(void) { p = alloc_pages(GFP_KERNEL, 4); return p != 0; }
static int noreclaim(void) { int flags = memalloc_noreclaim_save(); p = kmalloc(4096, GFP_KERNEL); memalloc_noreclaim_restore(flags); return p != 0; }
`;

test("the OOM killer kills the biggest process, and without one the kernel panics", () => {
	const hog = runText(ALLOCATES, only("kernel", { ...zone({ free: 1000, anon: 600 }), swap: 0 }));
	assert.equal(hog.verdict, "out-of-memory finished");
	assert.match(hog.text, /^kernel invoked oom-killer: gfp_mask=0xcc0\(GFP_KERNEL\), order=0, oom_score_adj=0\n/);
	assert.match(hog.text, /\nOut of memory: Killed process 2000 \(process\) anon-rss:1200kB\n/);
	assert.equal(hog.memory.counts.oomKills, 1);
	const none = runText(ALLOCATES, only("kernel", zone({ free: 1000 })));
	assert.equal(none.verdict, "out-of-memory bug");
	assert.match(none.text, /Kernel panic - not syncing: System is deadlocked on memory/);
});

test("modifiers decide between failing, trying and helping oneself", () => {
	const empty = zone({ free: 1000 });
	assert.equal(runText(ALLOCATES, only("mayfail", empty)).verdict, "allocation-failure finished");
	assert.equal(runText(ALLOCATES, only("noretry", empty)).verdict, "finished");
	const costly = runText(ALLOCATES, only("costly", empty));
	assert.equal(costly.verdict, "allocation-failure finished");
	assert.ok(costly.notes.some((note) => note.startsWith("compaction is not simulated: a block of order 4")));
	const nofail = runText(
		ALLOCATES,
		only("nofail", { ...empty, panicOnOom: false, zones: [{ ...empty.zones![0]!, anon: 0 }] }),
	);
	assert.match(nofail.verdict, /^out-of-memory bug$/);
	// Who frees memory goes below every watermark, unless the mask forbids it.
	assert.equal(runText(ALLOCATES, only("noreclaim", zone({ free: 1 }))).memory.zones[0]!.free, 0);
	const modest = runText(ALLOCATES, only("nomemalloc", zone({ free: 501 })));
	assert.equal(modest.memory.zones[0]!.free, 500);
	assert.equal(runText(ALLOCATES, only("nomemalloc", zone({ free: 500 }))).memory.zones[0]!.free, 500);
});

test("a real-time task and an OOM victim go further than others", () => {
	const free = (memory: MemorySection) => runText(ALLOCATES, only("mayfail", memory)).memory.zones[0]!.free;
	assert.equal(free({ ...zone({ free: 501 }) }), 501);
	assert.equal(free({ ...zone({ free: 501 }), realtime: true }), 500);
	assert.equal(free({ ...zone({ free: 501 }), oomVictim: true }), 500);
	assert.equal(free({ ...zone({ free: 751 }), realtime: true, watermarks: "harder" }), 750);
	assert.equal(free({ ...zone({ free: 750 }), realtime: true, watermarks: "harder" }), 750);
});

// ---- slab, vmalloc, injected failures ----

const SLAB = `static void *a; static void *b; static void *v;
static void objects(void) { a = kmalloc(1024, GFP_ATOMIC); b = kmalloc(1000, GFP_ATOMIC); }
static void freed(void) { a = kmalloc(1024, GFP_ATOMIC); kfree(a); b = kmalloc(4096, GFP_KERNEL); kfree(b); }
static void virtual(void) { v = vmalloc(40000); }
static int many(void) { int i, n = 0; for (i = 0; i < 12; i++) { a = kmalloc(4096, GFP_KERNEL); if (!a) n++; } return n; }
`;

test("objects share the pages of a slab, and vmalloc takes single pages", () => {
	const plenty = zone({ free: 5000 });
	const objects = runText(SLAB, only("objects", plenty)).memory;
	assert.equal(objects.zones[0]!.free, 4999);
	assert.deepEqual(objects.slabs, [{ name: "kmalloc-1024", inUse: 2, free: 2, pages: 1 }]);
	assert.equal(runText(SLAB, only("freed", plenty)).memory.zones[0]!.free, 5000);
	assert.equal(runText(SLAB, only("virtual", plenty)).memory.zones[0]!.free, 4990);
});

test("failures are injected by number, by count and by chance, the same for the same seed", () => {
	const plenty = zone({ free: 5000 });
	const injected = (failures: MemorySection["failures"]) =>
		runText(SLAB, only("many", { ...plenty, failures: failures! })).memory.counts.injected;
	assert.equal(injected({ nth: [1, 5, 12, 13] }), 3);
	assert.equal(injected({ every: 4 }), 3);
	const some = injected({ oneIn: 3, seed: 7 });
	assert.ok(some > 0 && some < 12, `${some}`);
	assert.equal(injected({ oneIn: 3, seed: 7 }), some);
	assert.equal(injected("never"), 0);
});

const LAST_PAGE = `static void *a; static void *b;
static void first(void) { void *p = kmalloc(4096, GFP_NOWAIT | __GFP_NOWARN); WARN_ON(!p); }
static void second(void) { b = kmalloc(4096, GFP_NOWAIT | __GFP_NOWARN); }
`;

test("a search over schedules tries both orders in which two CPUs ask for the last page", () => {
	const given = (free: number): Given => ({
		cpus: 2,
		config: SILENT,
		tasks: [{ function: "first" }, { function: "second" }],
		memory: { failures: "never", kswapd: false, ...zone({ free }) },
	});
	assert.equal(runText(LAST_PAGE, given(1001)).verdict, "finished");
	const kinds = (free: number) => {
		const opened = searchScenario(request(LAST_PAGE, given(free)));
		assert.ok(opened.ok);
		const explored = opened.value.explore({}, () => false);
		assert.ok(explored.isComplete);
		return explored.found.map(({ kind }) => kind);
	};
	assert.deepEqual(kinds(1001), ["warning"]);
	assert.deepEqual(kinds(1002), []);
});

// ---- pools ----

test("a pool serves one after another, is not enough for a hoarder, and is refilled by a completion", () => {
	const empty = zone({ free: 1000 });
	const pool = (name: string, more: Partial<Given> = {}) =>
		run("mempool.c", only(name, empty, { init: "requests_init", ...more }));
	assert.equal(pool("requests_in_turn").verdict, "finished");
	const hoarded = pool("requests_hoarded");
	assert.equal(hoarded.verdict, "deadlock");
	assert.match(hoarded.text, /waits in mempool_alloc\(\) at a\.c:\d+ for an element of .*, of which all 2 are in use/);
	const irq = pool("requests_in_interrupt");
	assert.equal(irq.verdict, "finished");
	assert.equal(irq.memory.counts.failures, 1);
	const completed = pool("requests_completed", { interrupts: [{ function: "request_completes" }] });
	assert.equal(completed.verdict, "finished");
	assert.equal(completed.memory.pools[0]!.left, 2);
});

// ---- state ----

test("the dials give another state and leave the old one as it was", () => {
	const simulation = open(SLAB, only("many", zone({ free: 5000 })));
	const { world } = simulation.recording;
	const start = simulation.recording.stateAt(0);
	const lower = withFreePages(start, "Normal", 900);
	assert.ok(lower);
	assert.equal(memoryOf(world, lower).zones[0]!.free, 900);
	assert.equal(memoryOf(world, start).zones[0]!.free, 5000);
	assert.equal(withFreePages(start, "DMA", 1), null);
	let state = withPressure(start, 100);
	for (let i = 0; i < 33; i++) {
		const result = step(world, state, []);
		assert.equal(result.kind, "stepped");
		if (result.kind === "stepped") state = result.state;
	}
	assert.ok(memoryOf(world, state).consumers[0]!.taken >= 200);
	assert.deepEqual(memoryOf(world, withPressure(state, 0)).consumers, []);
	assert.equal(memoryOf(world, start).zones[0]!.free, 5000);
});

test("a run shows its memory, and goes on from a turned dial", () => {
	const simulation = open(SLAB, only("many", zone({ free: 5000 })));
	const { recording } = simulation;
	while (recording.advance().kind !== "ended");
	assert.equal(simulation.memory(recording.last).zones[0]!.free, 4988);
	assert.equal(simulation.memory(0).zones[0]!.free, 5000);
	assert.ok(simulation.setFreePages(5, "Normal", 1100));
	assert.equal(recording.last, 5);
	assert.equal(simulation.setFreePages(5, "HighMem", 900), false);
	simulation.setPressure(5, 3);
	while (recording.advance().kind !== "ended");
	const { zones, consumers, kswapd } = simulation.memory(recording.last);
	assert.ok(zones[0]!.free < 1090 && consumers[0]!.name === "memhog" && kswapd === "asleep", JSON.stringify(zones));
	const { min, low, high, reaches } = zones[0]!;
	assert.deepEqual([min, low, high], [1000, 1250, 1500]);
	assert.equal(reaches.find(({ flag }) => flag === "GFP_ATOMIC")?.lowest, 376);
});

test("shipped scenarios on memory name functions and sources that are there", () => {
	const sources = new Set(readdirSync(`${SCENARIOS}src`));
	const files = readdirSync(SCENARIOS).filter((name) => name.endsWith(".json") && !name.endsWith("schema.json"));
	let nMemory = 0;
	for (const file of files) {
		const { sources: used, memory, ...given } = JSON.parse(readFileSync(SCENARIOS + file, "utf8"));
		if (memory === undefined) continue;
		nMemory++;
		for (const path of used) assert.ok(sources.has(path.replace("src/", "")), `${file}: ${path}`);
		assert.notEqual(run(used[0].replace("src/", ""), { ...given, memory }).verdict, "", file);
	}
	assert.ok(nMemory >= 7, `${nMemory} scenarios`);
});
