// RCU in the simulated machine: what a grace period waits for, by flavour and configuration, and when callbacks
// and freed memory follow.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Given, order, run, SILENT, verdict } from "./harness/simScenario.js";

const RCU = `struct item { int value; struct rcu_head rcu; };
static struct item *item;
static struct srcu_struct domain;
static int seen;
static void init(void) { item = kmalloc(8, GFP_KERNEL); item->value = 1; }
static void reads(void)
{
	struct item *mine;
	rcu_read_lock();
	mine = item;
	seen = mine->value;
	seen = mine->value;
	seen = mine->value;
	rcu_read_unlock();
}
static void freed(struct rcu_head *head) { kfree(container_of(head, struct item, rcu)); }
static void replaces(void) { struct item *old = item; item = 0; call_rcu(&old->rcu, freed); }
static void frees_later(void) { struct item *old = item; item = 0; kfree_rcu(old, rcu); }
static void waits(void) { struct item *old = item; item = 0; synchronize_rcu(); kfree(old); }
static void waits_for_callbacks(void)
{
	struct item *old = item;
	call_rcu(&old->rcu, freed);
	rcu_barrier();
	seen = 2;
}
static void reads_srcu(void) { int idx = srcu_read_lock(&domain); msleep(1); seen = 3; srcu_read_unlock(&domain, idx); }
static void waits_srcu(void) { synchronize_srcu(&domain); seen = 4; }
static void naps_with_pointer(void) { struct item *mine; rcu_read_lock(); mine = item; msleep(1); seen = mine->value; rcu_read_unlock(); }
`;
const UNLOCK_LINE = RCU.split("\n").findIndex((line) => line.includes("rcu_read_unlock")) + 1;
const choices = { "kmalloc() fails": "false" };
/** The reader begins, then the writer runs to where it waits, then the reader ends. */
const between = (writer: string): Given => ({
	cpus: 2,
	init: "init",
	choices,
	config: SILENT,
	tasks: [
		{ function: "reads", cpu: 0 },
		{ function: writer, cpu: 1 },
	],
	schedule: { policy: "round-robin", turn: 9 },
});

test("a grace period waits for the reader on another CPU, counted or not", () => {
	for (const writer of ["waits", "replaces", "frees_later"]) {
		for (const preemption of ["none", "voluntary", "full", "lazy", "rt"] as const) {
			const given = between(writer);
			const trace = run(RCU, { ...given, config: { ...SILENT, preemption } });
			assert.equal(verdict(trace), "finished", `${writer} ${preemption}: ${order(trace)}`);
		}
	}
});

test("an RCU callback is a softirq after the reader is gone, a task under PREEMPT_RT", () => {
	const trace = run(RCU, between("replaces"));
	const unlocks = trace.lines.findIndex((line) => line.line === UNLOCK_LINE);
	const begins = trace.lines.findIndex((line) => line.function === "replaces");
	const freed = trace.lines.findIndex((line) => line.function === "freed");
	assert.ok(begins < unlocks && unlocks < freed, order(trace));
	assert.equal(trace.lines.find((line) => line.function === "freed")!.preemptCount, "00000100");
	const rt = run(RCU, { ...between("replaces"), config: { ...SILENT, preemption: "rt" } });
	assert.match(rt.lines.find((line) => line.function === "freed")!.task, /^ksoftirqd\/1/);
});

test("rcu_barrier() waits for callbacks", () => {
	// Nothing but the wait itself is a quiescent state here.
	const config = { ...SILENT, preemption: "none" } as const;
	const trace = run(RCU, { init: "init", choices, config, tasks: [{ function: "waits_for_callbacks" }] });
	assert.equal(verdict(trace), "finished");
	const lines = trace.lines.map((line) => line.function);
	assert.ok(lines.indexOf("freed") < lines.lastIndexOf("waits_for_callbacks"));
});

test("a reader of SRCU sleeps, and its domain waits for it", () => {
	const tasks = [{ function: "reads_srcu" }, { function: "waits_srcu" }];
	const trace = run(RCU, { tasks });
	assert.equal(verdict(trace), "finished");
	const last = trace.lines.at(-1)!;
	assert.equal(last.function, "waits_srcu");
});

test("a preempted reader holds the grace period up where RCU counts readers", () => {
	const tasks = [{ function: "naps_with_pointer" }, { function: "waits" }];
	const given: Given = { init: "init", choices, tasks, config: SILENT };
	const of = (preemption: "none" | "full" | "lazy", preemptRcu?: boolean) =>
		verdict(
			run(RCU, { ...given, config: { ...SILENT, preemption, ...(preemptRcu === undefined ? {} : { preemptRcu }) } }),
		);
	assert.equal(of("none"), "use-after-free finished");
	assert.equal(of("full"), "rcu-usage finished");
	// PREEMPT_RCU is a switch of its own: LAZY runs without it from 6.18 on.
	assert.match(of("lazy"), /use-after-free/);
	assert.doesNotMatch(of("lazy", true), /use-after-free/);
});
