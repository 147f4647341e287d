// The search over schedules: it finds what only some order shows, its plan leads there again, and what it leaves
// out by reduction is nothing that a search of every order would find.

import assert from "node:assert/strict";
import { test } from "node:test";
import { actionsOf } from "@might-sleep/analyzer/sim/actions";
import { DEFAULT_BOUNDS, type Exploration, explore } from "@might-sleep/analyzer/sim/explore";
import type { State } from "@might-sleep/analyzer/sim/machine";
import { prepareScenario } from "@might-sleep/analyzer/sim/scenarioRun";
import { type Searchable, searchScenario } from "@might-sleep/analyzer/sim/search";
import { step } from "@might-sleep/analyzer/sim/step";
import { traceOf } from "@might-sleep/analyzer/sim/trace";
import type { World } from "@might-sleep/analyzer/sim/world";
import { type Given, request, run, SILENT, verdict } from "./harness/simScenario.js";

const never = () => false;

function searchable(text: string, given: Given): Searchable {
	const opened = searchScenario(request(text, given));
	assert.ok(opened.ok, opened.ok ? "" : opened.error);
	return opened.value;
}

const search = (text: string, given: Given): Exploration => searchable(text, given).explore({}, never);

const kinds = (exploration: Exploration) => exploration.found.map(({ kind }) => kind).sort();

const LOCKS = `static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
static int n;
static void ab(void) { spin_lock(&a); spin_lock(&b); n = 1; spin_unlock(&b); spin_unlock(&a); }
static void ba(void) { spin_lock(&b); spin_lock(&a); n = 2; spin_unlock(&a); spin_unlock(&b); }
static void plain(void) { n = 0; spin_lock(&a); n = n + 1; spin_unlock(&a); }
static void safe(void) { unsigned long flags; spin_lock_irqsave(&a, flags); n = n + 1; spin_unlock_irqrestore(&a, flags); }
static irqreturn_t irq(int irq, void *dev) { spin_lock(&a); n = 3; spin_unlock(&a); return IRQ_HANDLED; }
static void sets(void) { n = 1; n = 2; }
static void asks(void) { if (n == 1) msleep_in_atomic(); }
static void msleep_in_atomic(void) { preempt_disable(); msleep(1); preempt_enable(); }
`;

test("a deadlock that the default order does not meet, with a plan that leads to it", () => {
	const given: Given = { cpus: 2, config: SILENT, tasks: [{ function: "ab" }, { function: "ba" }] };
	assert.equal(verdict(run(LOCKS, given)), "finished");
	const explored = search(LOCKS, given);
	assert.deepEqual(kinds(explored), ["deadlock"]);
	assert.ok(explored.isComplete);
	const [found] = explored.found;
	const trace = traceOf(searchable(LOCKS, given).repeat(found!.plan));
	assert.deepEqual([trace.steps, trace.outcome.kind], [found!.steps, "deadlock"]);
	// Each takes one lock and begins to wait for the other.
	assert.equal(found!.steps, 4);
});

test("an interrupt comes at every point where it can", () => {
	const given = (name: string): Given => ({
		config: SILENT,
		tasks: [{ function: name }],
		interrupts: [{ function: "irq" }],
	});
	assert.deepEqual(kinds(search(LOCKS, given("plain"))), ["deadlock"]);
	const safe = search(LOCKS, given("safe"));
	assert.deepEqual(kinds(safe), []);
	assert.ok(safe.isComplete && safe.schedules > 1);
});

test("a value that another CPU has set only for a moment", () => {
	const given: Given = { cpus: 2, tasks: [{ function: "sets" }, { function: "asks" }], config: { preemption: "none" } };
	assert.deepEqual(kinds(search(LOCKS, given)), ["scheduling-while-atomic", "sleep-in-atomic", "irq-state"].sort());
});

test("bounds are kept, and said", () => {
	const text = "static int n;\nstatic void loops(void) { while (n < 100) n = n + 1; }\n";
	const given: Given = { init: "zero", tasks: [{ function: "loops" }] };
	const loop = searchable(`${text}static void zero(void) { n = 0; }`, given);
	const cut = loop.explore({ steps: 50 }, never);
	assert.ok(!cut.isComplete && cut.nCut > 0);
	assert.ok(loop.explore({}, never).isComplete);
	assert.ok(!loop.explore({}, () => true).isComplete);
});

/** What any order of steps leads to, found by trying them all. */
function everyOrder(world: World, start: State): Set<string> {
	const seen = new Set<string>();
	const visit = (state: State): void => {
		if (state.outcome !== null) {
			if (state.outcome.kind === "deadlock") seen.add(`deadlock ${state.outcome.text}`);
			return;
		}
		for (const action of actionsOf(world, state)) {
			const pending: number[][] = [[]];
			for (let answers = pending.pop(); answers !== undefined; answers = pending.pop()) {
				const result = step(world, state, answers, action);
				if (result.kind === "ask") {
					for (const option of result.choice.options.keys()) pending.push([...answers, option]);
					continue;
				}
				for (const event of result.events)
					if (event.kind === "splat") seen.add(`${event.splat.kind} ${event.splat.title}`);
				visit(result.state);
			}
		}
	};
	visit(start);
	return seen;
}

const SMALL: readonly (readonly [string, Given])[] = [
	[LOCKS, { cpus: 2, tasks: [{ function: "ab" }, { function: "ba" }] }],
	[LOCKS, { cpus: 2, tasks: [{ function: "sets" }, { function: "asks" }], config: { preemption: "none" } }],
	[LOCKS, { cpus: 1, tasks: [{ function: "plain" }], interrupts: [{ function: "irq" }] }],
	[LOCKS, { cpus: 2, tasks: [{ function: "safe" }, { function: "sets" }], interrupts: [{ function: "irq" }] }],
	[
		`static int *p;
static void init(void) { p = kmalloc(4, GFP_KERNEL); }
static void reads(void) { rcu_read_lock(); if (p) *p = 1; rcu_read_unlock(); }
static void frees(void) { int *old = p; p = 0; synchronize_rcu(); kfree(old); }
static void frees_at_once(void) { int *old = p; p = 0; kfree(old); }`,
		{ cpus: 2, init: "init", tasks: [{ function: "reads" }, { function: "frees" }] },
	],
	[
		`static int *p;
static void init(void) { p = kmalloc(4, GFP_KERNEL); }
static void reads(void) { int *mine; rcu_read_lock(); mine = p; if (mine) *mine = 1; rcu_read_unlock(); }
static void frees_at_once(void) { int *old = p; p = 0; kfree(old); }`,
		{
			cpus: 2,
			init: "init",
			tasks: [{ function: "reads" }, { function: "frees_at_once" }],
			choices: { "kmalloc() fails": "false" },
		},
	],
];

test("the reductions leave out nothing that a search of every order finds", () => {
	for (const [text, given] of SMALL) {
		const prepared = prepareScenario(request(text, given));
		assert.ok(prepared.ok);
		const { world, start } = prepared.value;
		const found = explore(world, start, DEFAULT_BOUNDS, never);
		assert.ok(found.isComplete);
		const mine = new Set(found.found.map(({ kind, title }) => `${kind} ${title}`));
		assert.deepEqual([...mine].sort(), [...everyOrder(world, start)].sort(), JSON.stringify(given));
	}
});
