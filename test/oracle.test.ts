// The oracle report on small trees: one reason for each mask that no context explains, and which statements of
// functions the contexts found confirm, deny, or leave open.

import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Agreement, OracleReport, ReasonCount } from "@might-sleep/analyzer";
import { readContextLine } from "@might-sleep/analyzer/statements/contextLine";
import { analyse } from "./harness/check.js";
import { parseFixture } from "./harness/fixture.js";

function oracleOf(text: string): OracleReport {
	return analyse(parseFixture("oracle", text, "drivers/oracle.c")).oracle;
}

function agreement(report: OracleReport, name: string): Agreement {
	const found = report.statements.find((statement) => statement.name === name);
	ok(found !== undefined, `no ${name} in ${report.statements.map((statement) => statement.name).join(", ")}`);
	return found;
}

/** agree, contradict, unknown of the statements of one name in a tree */
function verdicts(text: string, name: string): { agree: number; contradict: readonly string[]; unknown: string[] } {
	const { agree, contradictions, unknownReasons } = agreement(oracleOf(text), name);
	const unknown = unknownReasons.flatMap(({ reason, examples }) => examples.map((e) => `${e.function}: ${reason}`));
	return { agree, contradict: contradictions.map((c) => c.function), unknown };
}

/** `function: reason` of the examples, without those of the miniature kernel's core. */
function reasonsIn(reasons: readonly ReasonCount[], file: string): string[] {
	return reasons
		.flatMap(({ reason, examples }) =>
			examples.filter((example) => example.file === file).map((example) => `${example.function}: ${reason}`),
		)
		.sort();
}

const HEAD = `
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/mutex.h>
#include <linux/interrupt.h>
#include <linux/workqueue.h>

struct port { spinlock_t lock; struct mutex mutex; void *buf; };
struct hooks { void (*run)(struct port *); };
`;

const UNEXPLAINED = `${HEAD}
static void in_irq(struct port *p) { p->buf = kmalloc(8, GFP_ATOMIC); }
static irqreturn_t handler(int irq, void *data) { in_irq(data); return IRQ_HANDLED; }

static void worked(struct work_struct *work) { kmalloc(8, GFP_ATOMIC); }
static int __init start(struct port *p, struct work_struct *work)
{
	INIT_WORK(work, worked);
	return request_irq(3, handler, 0, "port", p);
}

static void hooked(struct port *p) { p->buf = kmalloc(8, GFP_NOWAIT); }
static const struct hooks hooks = { .run = hooked };

void offered(struct port *p) { p->buf = kmalloc(8, GFP_ATOMIC); }
EXPORT_SYMBOL(offered);

static void forgotten(struct port *p) { p->buf = kmalloc(8, GFP_ATOMIC); }

static void dropping(struct port *p)
{
	spin_unlock(&p->lock);
	p->buf = kmalloc(8, GFP_ATOMIC);
	spin_lock(&p->lock);
}
void holding(struct port *p)
{
	spin_lock(&p->lock);
	dropping(p);
	spin_unlock(&p->lock);
}

static void dead(struct port *p)
{
	int wanted = 0;

	if (wanted)
		p->buf = kmalloc(8, GFP_ATOMIC);
}

static void quiet_io(struct port *p) { p->buf = kmalloc(8, GFP_NOIO); }
`;

test("each mask that no context explains has one reason", () => {
	const report = oracleOf(UNEXPLAINED);
	deepEqual(reasonsIn(report.atomicUnexplained, "drivers/oracle.c"), [
		"dead: never-reached",
		"dropping: released",
		"forgotten: no-caller",
		"hooked: callback-row-missing",
		"offered: exported",
		"worked: process",
	]);
	deepEqual(reasonsIn(report.noioUnexplained, "drivers/oracle.c"), ["quiet_io: no-caller"]);
	const nUnexplained = report.atomicUnexplained.reduce((sum, reason) => sum + reason.count, 0);
	equal(nUnexplained, report.atomicSites - report.atomicExplained, "the reasons are exclusive and complete");
});

test("an allocation that sleeps under a lock counts as reported, by its confidence", () => {
	const report = oracleOf(`${HEAD}
void fill(struct port *p)
{
	spin_lock(&p->lock);
	p->buf = kmalloc(8, GFP_KERNEL);
	spin_unlock(&p->lock);
}
void refill(struct port *p) { p->buf = kmalloc(8, GFP_KERNEL); }
`);
	equal(report.kernelReported, 1);
	equal(report.kernelReportedBy.high, 1);
	equal(report.kernelReportedPer10000, Math.round(100_000 / report.kernelSites) / 10);
});

const HELD = `${HEAD}
static void by_all(struct port *p) { lockdep_assert_held(&p->mutex); }
static void by_one(struct port *p) { lockdep_assert_held(&p->mutex); }
static void by_spin(struct port *p) { assert_spin_locked(&p->lock); }
static void by_other(struct port *p, struct port *q) { lockdep_assert_held(&p->mutex); }
static void by_nobody(struct port *p) { lockdep_assert_held(&p->mutex); }
static void branching(struct port *p) { lockdep_assert_held(&p->lock); }
static void between(struct port *p) { by_all(p); by_one(p); }

static void worked(struct work_struct *work)
{
	struct port *p = container_of(work, struct port, buf);

	mutex_lock(&p->mutex);
	between(p);
	mutex_unlock(&p->mutex);
	by_one(p);
	spin_lock(&p->lock);
	by_spin(p);
	spin_unlock(&p->lock);
	if (p->buf)
		spin_lock(&p->lock);
	branching(p);
	if (p->buf)
		spin_unlock(&p->lock);
}
static int __init start(struct work_struct *work) { INIT_WORK(work, worked); return 0; }
`;

test("a lock is held in all contexts, or a certain chain of calls denies it", () => {
	deepEqual(verdicts(HELD, "lockdep_assert_held"), {
		agree: 1,
		contradict: ["by_one"],
		unknown: ["by_other: no-caller", "by_nobody: no-caller", "branching: some-paths"],
	});
	deepEqual(verdicts(HELD, "assert_spin_locked").agree, 1);
	const [denied] = agreement(oracleOf(HELD), "lockdep_assert_held").contradictions;
	equal(denied?.statement, "lockdep_assert_held(&p->mutex)");
	deepEqual(
		denied?.chain.map((step) => step.function),
		["worked", "worked"],
	);
	equal(denied?.confidence, "high");
});

test("a lock that is perhaps held, or that a framework may hold, leaves it open", () => {
	const text = `${HEAD}
static void asks(struct port *p) { lockdep_assert_held(&p->mutex); }
static void asks_again(struct port *p) { lockdep_assert_held(&p->mutex); }
static void asks_below(struct port *p) { lockdep_assert_held(&p->mutex); }
static void lock_if(struct port *p) { if (p->buf) mutex_lock(&p->mutex); }
static void prepare(struct port *p) { lock_if(p); p->buf = NULL; }
static void worked(struct work_struct *work)
{
	struct port *p = (struct port *)work;

	prepare(p);
	asks(p);
}
static void other_work(struct work_struct *work)
{
	struct port *p = (struct port *)work;

	if (p->buf) {
		mutex_lock(&p->mutex);
		asks_again(p);
		mutex_unlock(&p->mutex);
	} else {
		asks_again(p);
	}
}
static void opened(struct port *p) { asks_below(p); }
static const struct hooks hooks = { .run = opened };
void call_hooks(struct hooks *h, struct port *p) { h->run(p); }
static int __init start(struct work_struct *work)
{
	INIT_WORK(work, worked);
	INIT_WORK(work, other_work);
	return 0;
}
`;
	const { agree, contradict, unknown } = verdicts(text, "lockdep_assert_held");
	deepEqual({ agree, contradict }, { agree: 0, contradict: [] });
	deepEqual(unknown.sort(), ["asks: some-paths", "asks_again: some-paths", "asks_below: pointer"]);
});

test("what a region's own function is entered in is not known, and denies no assertion", () => {
	const text = `${HEAD}
static void quiet(struct port *p) { lockdep_assert_irqs_disabled(); }
static void loud(struct port *p) { lockdep_assert_irqs_disabled(); }
void somebody(struct port *p)
{
	spin_lock(&p->lock);
	quiet(p);
	spin_unlock(&p->lock);
}
static void worked(struct work_struct *work) { loud((struct port *)work); }
static int __init start(struct work_struct *work) { INIT_WORK(work, worked); return 0; }
`;
	deepEqual(verdicts(text, "lockdep_assert_irqs_disabled"), {
		agree: 0,
		contradict: ["loud"],
		unknown: ["quiet: not-entered"],
	});
});

test("a lock under another name leaves it open", () => {
	const text = `${HEAD}
struct pair { struct mutex first; struct mutex second; };
static void asks(struct pair *p) { lockdep_assert_held(&p->first); }
static void worked(struct work_struct *work)
{
	struct pair *p = (struct pair *)work;

	mutex_lock(&p->second);
	asks(p);
	mutex_unlock(&p->second);
}
static int __init start(struct work_struct *work) { INIT_WORK(work, worked); return 0; }
`;
	deepEqual(verdicts(text, "lockdep_assert_held").unknown, ["asks: other-lock"]);
});

test("__must_hold() is judged by the callers", () => {
	const text = `${HEAD}
static void keeps(struct port *p) __must_hold(&p->lock) { p->buf = NULL; }
static void loses(struct port *p) __must_hold(&p->lock) { p->buf = NULL; }
static irqreturn_t handler(int irq, void *data)
{
	struct port *p = data;

	spin_lock(&p->lock);
	keeps(p);
	spin_unlock(&p->lock);
	loses(p);
	return IRQ_HANDLED;
}
static int __init start(struct port *p) { return request_irq(3, handler, 0, "port", p); }
`;
	deepEqual(verdicts(text, "__must_hold"), { agree: 1, contradict: ["loses"], unknown: [] });
});

test("might_sleep() and the interrupt assertions are judged by the contexts that reach them", () => {
	const text = `${HEAD}
static void waits(struct port *p) { might_sleep(); }
static void pauses(struct port *p) { might_sleep(); }
static void unused(struct port *p) { might_sleep(); }
static void quiet(struct port *p) { lockdep_assert_irqs_disabled(); }
static irqreturn_t handler(int irq, void *data) { pauses(data); quiet(data); return IRQ_HANDLED; }
static void worked(struct work_struct *work) { waits((struct port *)work); }
static int __init start(struct port *p, struct work_struct *work)
{
	INIT_WORK(work, worked);
	return request_irq(3, handler, 0, "port", p);
}
`;
	deepEqual(verdicts(text, "might_sleep"), { agree: 1, contradict: ["pauses"], unknown: ["unused: not-entered"] });
	deepEqual(verdicts(text, "lockdep_assert_irqs_disabled"), { agree: 1, contradict: [], unknown: [] });
	const [denied] = agreement(oracleOf(text), "might_sleep").contradictions;
	equal(denied?.inferred, "handler() runs atomic: hard interrupt handler");
});

test("Context: sections are judged by contexts, by what sleeps, and by locks", () => {
	const text = `${HEAD}
/**
 * slow - waits
 * Context: Process context. May sleep.
 */
static void slow(struct port *p) { mutex_lock(&p->mutex); mutex_unlock(&p->mutex); }

/**
 * wrong - is called by the handler
 * Context: Process context.
 */
static void wrong(struct port *p) { p->buf = NULL; }

/**
 * anywhere - sleeps
 * Context: Any context.
 */
void anywhere(struct port *p) { mutex_lock(&p->mutex); mutex_unlock(&p->mutex); }

/**
 * anytime - does not sleep
 * Context: Any context. Takes and releases p->lock.
 */
void anytime(struct port *p) { p->buf = NULL; }

/**
 * locked - is called without the lock
 * Context: The caller must hold p->mutex.
 */
static void locked(struct port *p) { p->buf = NULL; }

/**
 * odd - says nothing that is understood
 * Context: Whenever the moon is full.
 */
static void odd(struct port *p) { p->buf = NULL; }

static irqreturn_t handler(int irq, void *data) { wrong(data); locked(data); return IRQ_HANDLED; }
static void worked(struct work_struct *work) { slow((struct port *)work); }
static int __init start(struct port *p, struct work_struct *work)
{
	INIT_WORK(work, worked);
	return request_irq(3, handler, 0, "port", p);
}
`;
	deepEqual(verdicts(text, "Context:"), { agree: 2, contradict: ["wrong", "anywhere", "locked"], unknown: [] });
	const { stated, checked } = agreement(oracleOf(text), "Context:");
	deepEqual({ stated, checked }, { stated: 6, checked: 5 });
});

test("the prose of Context: sections is read with its conditions and negations", () => {
	const said = (text: string) => {
		const { level, sleeps, areIrqsOff, held } = readContextLine(text);
		return [level, sleeps, areIrqsOff ? "irqs off" : null, ...held].filter((part) => part !== null).join(", ");
	};
	deepEqual(
		[
			"Any context.",
			"Any context. May sleep if @gfp flags permit.",
			"Any context that permits to sleep.",
			"Any context, but the last reference must not be dropped from interrupts",
			"task context, might sleep",
			"task; must not be run from IRQ or BH contexts",
			"User context only. This function may sleep if pagefaults are enabled.",
			"Softirq or process context. Takes and releases <lock>, BH-safe.",
			"May be called in process or interrupt context, but not in NMI context.",
			"!in_interrupt ()",
			"can't sleep",
			"irqs blocked, acm->lock held, acm_notify_req non-null",
			"Any context.  Expects xa_lock to be held on entry.  May release it.",
			"Process context, caller hold svms->lock and prange->migrate_mutex",
			"Either rcu read lock or files_lock must be held.",
			"lru_lock must not be held, interrupts must be enabled.",
			"Holds @xfer_lock while manipulating the table",
			"",
		].map(said),
		[
			"interrupt, never",
			"interrupt",
			"may",
			"",
			"process, may",
			"process",
			"process",
			"interrupt, never",
			"interrupt, never",
			"process",
			"never",
			"irqs off, lock",
			"interrupt, never, xa_lock",
			"process, lock, migrate_mutex",
			"",
			"",
			"",
			"",
		],
	);
});
