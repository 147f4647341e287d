// The simulated machine with several CPUs, tasks and interrupts: who waits for whom, who runs when, and what
// goes wrong. Each case is a few lines of C and a scenario.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Preemption } from "@might-sleep/analyzer/sim/config";
import { traceRun } from "@might-sleep/analyzer/sim/trace";
import { type Given, open, order, run, SILENT, verdict } from "./harness/simScenario.js";

const LOCKS = `static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
static DEFINE_MUTEX(m);
static int n;
static void one(void) { spin_lock(&a); n = n + 1; spin_unlock(&a); }
static void ab(void) { spin_lock(&a); n = 1; spin_lock(&b); spin_unlock(&b); spin_unlock(&a); }
static void ba(void) { spin_lock(&b); n = 2; spin_lock(&a); spin_unlock(&a); spin_unlock(&b); }
static void naps(void) { mutex_lock(&m); msleep(1); mutex_unlock(&m); }
static void holds_and_naps(void) { spin_lock(&a); msleep(1); spin_unlock(&a); }
static irqreturn_t irq(int irq, void *dev) { spin_lock(&a); n = 3; spin_unlock(&a); return IRQ_HANDLED; }
static void safe(void) { unsigned long flags; spin_lock_irqsave(&a, flags); n = 4; spin_unlock_irqrestore(&a, flags); }
`;
const TWO: Given = { cpus: 2, tasks: [{ function: "ab" }, { function: "ba" }] };

test("two CPUs that take two locks in turn wait for each other, and the end says so", () => {
	const silent = { ...TWO, config: SILENT };
	assert.equal(verdict(run(LOCKS, silent)), "finished");
	const trace = run(LOCKS, { ...silent, schedule: { policy: "round-robin", turn: 2 } });
	assert.equal(verdict(trace), "deadlock");
	const { outcome } = trace;
	assert.ok(outcome.kind === "deadlock");
	assert.match(outcome.text, /ab\/1000 spins in spin_lock\(\) at a\.c:6 for &b, which ba\/1001 holds since spin_lock/);
	assert.match(outcome.text, /ba\/1001 spins in spin_lock\(\) at a\.c:7 for &a, which ab\/1000 holds/);
});

test("under PREEMPT_RT they wait asleep, for the same reason", () => {
	const config = { ...SILENT, preemption: "rt" } as const;
	const trace = run(LOCKS, { ...TWO, config, schedule: { policy: "round-robin", turn: 2 } });
	assert.equal(verdict(trace), "deadlock");
	assert.match(JSON.stringify(trace.outcome), /ab\/1000 waits in spin_lock\(\)/);
});

test("a task that waits for a mutex lets others run, and goes on when it is free", () => {
	const tasks = [
		{ function: "naps", name: "first" },
		{ function: "naps", name: "second" },
	];
	const trace = run(LOCKS, { cpus: 1, tasks });
	assert.equal(verdict(trace), "finished");
	const notes = trace.lines.flatMap(({ events }) => events.map((event) => ("text" in event ? event.text : "")));
	assert.deepEqual(
		notes.filter((text) => text.includes("goes on")),
		["second/1001", "first/1000", "second/1001", "second/1001"].map((name) => `CPU 0 goes on with ${name}`),
	);
});

test("who sleeps with a spinlock held leaves the next one spinning on the same CPU for ever", () => {
	const tasks = [{ function: "holds_and_naps" }, { function: "one" }];
	const trace = run(LOCKS, { cpus: 1, config: { ...SILENT, preemption: "none" }, tasks });
	assert.equal(verdict(trace), "deadlock");
	assert.match(JSON.stringify(trace.outcome), /one\/1001 spins in spin_lock\(\).*holds_and_naps\/1000 holds/);
	const two = run(LOCKS, { cpus: 2, config: { ...SILENT, preemption: "none" }, tasks });
	assert.equal(verdict(two), "finished");
});

const WAITS_FOR_THE_END = `
enum { false, true };
static int n;
static void forever(void) { n = 1; for (;;) ; }
static void with_one(void) { n = 1; while (1) cpu_relax(); }
static void with_true(void) { n = 1; while (true) { mdelay(10); n = n + 1; } }
static void until(void) { int i; for (i = 0; i < 100; i++) ; n = 2; }
static irqreturn_t irq(int irq, void *dev) { n = 7; return IRQ_HANDLED; }
`;

test("a loop that nothing leaves ends the run, once nothing else can come", () => {
	for (const name of ["forever", "with_one", "with_true"]) {
		const trace = run(WAITS_FOR_THE_END, { cpus: 1, tasks: [{ function: name }] });
		assert.equal(trace.outcome.kind, "halted", name);
		assert.match(JSON.stringify(trace.lines), /goes round for ever/, name);
	}
	assert.equal(verdict(run(WAITS_FOR_THE_END, { cpus: 1, tasks: [{ function: "until" }] })), "finished");
	const other = { cpus: 2, tasks: [{ function: "forever" }, { function: "until" }] };
	const schedule = { policy: "round-robin", turn: 4 } as const;
	const { lines } = run(WAITS_FOR_THE_END, { ...other, schedule });
	const end = lines.findIndex(({ events }) => JSON.stringify(events).includes("goes round for ever"));
	const isLeft = lines.findLastIndex((line) => line.task.startsWith("until"));
	assert.ok(isLeft >= 0 && end > isLeft, `${end} comes after ${isLeft}`);
});

test("an interrupt that takes the lock of what it interrupted never comes back; with irqsave it waits", () => {
	const interrupts = [{ function: "irq", name: "nic", at: { in: "one" } }];
	const given = { tasks: [{ function: "one" }], interrupts };
	const held = [{ function: "irq", name: "nic", at: { holds: "&a" } }];
	assert.equal(verdict(run(LOCKS, { ...given, config: SILENT })), "finished");
	const trace = run(LOCKS, { ...given, config: SILENT, interrupts: held });
	assert.equal(verdict(trace), "deadlock");
	const safe = run(LOCKS, { tasks: [{ function: "safe" }], config: SILENT, interrupts: held });
	assert.equal(verdict(safe), "finished");
	// Under PREEMPT_RT the handler is a thread, and the lock sleeps.
	const rt = run(LOCKS, { ...given, config: { ...SILENT, preemption: "rt" }, interrupts: held });
	assert.equal(verdict(rt), "finished");
});

test("an interrupt's context lies on top of the task's and goes with it", () => {
	const text = `static int n;
static irqreturn_t irq(int irq, void *dev) { n = 1; return IRQ_HANDLED; }
static void task(void) { preempt_disable(); n = 2; preempt_enable(); n = 3; }`;
	const at = { after: 2 };
	const trace = run(text, { tasks: [{ function: "task" }], interrupts: [{ function: "irq", at }] });
	assert.equal(verdict(trace), "finished");
	const inside = trace.lines.find((line) => line.function === "irq")!;
	assert.equal(inside.preemptCount, "00010001");
	assert.equal(inside.irqsOn, false);
	const after = trace.lines.filter((line) => line.function === "task").at(-1)!;
	assert.equal(after.irqsOn, true);
});

const PREEMPT = `static int n;
static void busy(void)
{
	n = 1;
	preempt_disable();
	n = 2;
	preempt_enable();
	n = 3;
	cond_resched();
	n = 4;
}
static void other(void)
{
	n = 5;
}`;

test("the preemption model says where a tick lets another task run", () => {
	const tasks = [{ function: "busy" }, { function: "other" }];
	const ticks = (...steps: readonly number[]) => steps.map((step) => ({ step, do: { tick: 0 } }));
	const orderOf = (preemption: Preemption, events = ticks(2)) =>
		order(run(PREEMPT, { tasks, config: { preemption }, schedule: { events } }));
	// After the tick within preempt_disable() the preempting models switch at preempt_enable(), the others at cond_resched().
	const early = "busy:4,5,6,7 other:14,15 busy:8,9,10,11";
	const late = "busy:4,5,6,7,8,9 other:14,15 busy:10,11";
	assert.equal(orderOf("full"), early);
	assert.equal(orderOf("rt"), early);
	assert.equal(orderOf("none"), late);
	assert.equal(orderOf("voluntary"), late);
	// Lazy preemption waits for another tick.
	assert.equal(orderOf("lazy"), "busy:4,5,6,7,8,9,10,11 other:14,15");
	assert.equal(orderOf("lazy", ticks(2, 3)), early);
});

const DEFERRED = `#define from_timer(var, t, member) container_of(t, typeof(*var), member)
struct dev { struct work_struct work; struct timer_list timer; struct tasklet_struct tasklet; struct completion done; int n; };
static DECLARE_WORK(later, later_fn);
static void later_fn(struct work_struct *work) { msleep(1); }
static void work_fn(struct work_struct *work)
{
	struct dev *dev = container_of(work, struct dev, work);
	msleep(1);
	dev->n = 1;
	complete(&dev->done);
}
static void timer_fn(struct timer_list *t) { struct dev *dev = from_timer(dev, t, timer); schedule_work(&dev->work); }
static void tasklet_fn(struct tasklet_struct *t) { msleep(1); }
static void chain(struct dev *dev)
{
	init_completion(&dev->done);
	INIT_WORK(&dev->work, work_fn);
	timer_setup(&dev->timer, timer_fn, 0);
	mod_timer(&dev->timer, jiffies + HZ);
	wait_for_completion(&dev->done);
	if (dev->n != 1)
		BUG();
}
static void tasklets(struct dev *dev) { tasklet_setup(&dev->tasklet, tasklet_fn); tasklet_schedule(&dev->tasklet); dev->n = 2; }
static void never(struct dev *dev) { init_completion(&dev->done); wait_for_completion(&dev->done); }
static void other(struct dev *dev) { dev->n = 3; }
static void flushes(struct dev *dev) { schedule_work(&later); flush_work(&later); }
`;

test("timer, work and completion lead from one to the other", () => {
	const trace = run(DEFERRED, { tasks: [{ function: "chain" }] });
	assert.equal(verdict(trace), "finished");
	const functions = [...new Set(trace.lines.map((line) => line.function))];
	assert.deepEqual(functions, ["chain", "timer_fn", "work_fn"]);
	const timer = trace.lines.find((line) => line.function === "timer_fn")!;
	assert.equal(timer.preemptCount, "00000100");
	assert.match(trace.lines.find((line) => line.function === "work_fn")!.task, /^kworker\/0/);
	assert.equal(verdict(run(DEFERRED, { tasks: [{ function: "flushes" }] })), "finished");
});

test("a tasklet runs as a softirq, and may not sleep", () => {
	const trace = run(DEFERRED, { tasks: [{ function: "tasklets" }] });
	assert.equal(verdict(trace), "sleep-in-atomic scheduling-while-atomic leak finished");
	assert.match(trace.splats[0]!.text, /<IRQ>\n tasklet_fn .*\n <\/IRQ>\n tasklets/);
	const rt = run(DEFERRED, { tasks: [{ function: "tasklets" }], config: { preemption: "rt" } });
	assert.equal(verdict(rt), "finished");
});

test("nobody completes it: the wait is a deadlock", () => {
	const trace = run(DEFERRED, { cpus: 2, tasks: [{ function: "never" }, { function: "other" }] });
	assert.equal(verdict(trace), "deadlock");
	assert.match(
		JSON.stringify(trace.outcome),
		/never\/1000 waits in wait_for_completion\(\) .* nobody is left to end that/,
	);
});

const EVENTS = `struct dev { wait_queue_head_t wq; int ready; };
static void waits(struct dev *dev) { dev->ready = 0; wait_event(dev->wq, dev->ready == 1); }
static void wakes(struct dev *dev) { dev->ready = 1; wake_up(&dev->wq); }
static void forgets(struct dev *dev) { dev->ready = 1; }
`;

test("wait_event() looks again when it is woken, and not before", () => {
	const args = ["dev"];
	const both = (name: string): Given => ({
		tasks: [
			{ function: "waits", args },
			{ function: name, args },
		],
	});
	assert.equal(verdict(run(EVENTS, both("wakes"))), "finished");
	assert.equal(verdict(run(EVENTS, both("forgets"))), "deadlock");
});

const THREADED = `static int n;
static irqreturn_t quick(int irq, void *dev) { return IRQ_WAKE_THREAD; }
static irqreturn_t slow(int irq, void *dev) { msleep(1); n = 1; return IRQ_HANDLED; }
static int probe(void) { return request_threaded_irq(5, quick, slow, 0, "dev", 0); }
static void task(void) { n = 2; n = 3; }
`;

test("a threaded handler sleeps, its hard half does not", () => {
	const enums = "enum irqreturn { IRQ_NONE, IRQ_HANDLED, IRQ_WAKE_THREAD };\n";
	const interrupts = [{ function: "quick", thread: "slow", name: "dev", at: { after: 2 } }];
	const trace = run(enums + THREADED, { tasks: [{ function: "task" }], interrupts });
	assert.equal(verdict(trace), "finished");
	assert.match(trace.lines.find((line) => line.function === "slow")!.task, /^irq\/0-dev/);
	// One that the code registers is there for whoever makes it fire.
	const simulation = open(enums + THREADED, { init: "probe", tasks: [{ function: "task" }] });
	traceRun(simulation, 5, (choice) => choice.default);
	const fires = simulation.actions(5).find(({ action }) => action.kind === "interrupt");
	assert.match(fires?.text ?? "", /interrupt quick on CPU 0/);
	simulation.take(5, fires!.action);
	const rest = traceRun(simulation, 100, (choice) => choice.default);
	assert.ok(rest.lines.some((line) => line.function === "slow"));
});

const NMI = `static DEFINE_RAW_SPINLOCK(a);
static int n;
static void nmi(void) { n = in_nmi(); }
static void task(void) { local_irq_disable(); n = 1; local_irq_enable(); n = 2; }
`;

test("an NMI comes with interrupts off, an interrupt waits until they are on", () => {
	const at = { after: 2 };
	const nmi = run(NMI, { tasks: [{ function: "task" }], interrupts: [{ function: "nmi", entry: "nmi", at }] });
	const inside = nmi.lines.find((line) => line.function === "nmi")!;
	assert.equal(inside.preemptCount, "00110000");
	const irq = run(NMI, { tasks: [{ function: "task" }], interrupts: [{ function: "nmi", at }] });
	assert.ok(irq.lines.find((line) => line.function === "nmi")!.step > inside.step);
});

test("the same scenario and seed give the same trace, another seed another schedule", () => {
	const given = (seed: number): Given => ({ ...TWO, schedule: { policy: "random", seed } });
	const text = (seed: number) => JSON.stringify(run(LOCKS, given(seed)).lines);
	assert.equal(text(7), text(7));
	const distinct = new Set([1, 2, 3, 4, 5, 6, 7, 8].map(text));
	assert.ok(distinct.size > 1);
});
