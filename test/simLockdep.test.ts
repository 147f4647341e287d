// Lockdep in the simulated machine: orders of locks and their use in interrupts, reported when they are seen,
// although nothing has deadlocked yet.

import assert from "node:assert/strict";
import { test } from "node:test";
import { run, verdict } from "./harness/simScenario.js";

const LOCKS = `struct dev { spinlock_t lock; spinlock_t queue; struct mutex mutex; };
static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
static DEFINE_SPINLOCK(c);
static void ab(void) { spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); }
static void bc(void) { spin_lock(&b); spin_lock(&c); spin_unlock(&c); spin_unlock(&b); }
static void ca(void) { spin_lock(&c); spin_lock(&a); spin_unlock(&a); spin_unlock(&c); }
static void ba_tries(void) { spin_lock(&b); if (spin_trylock(&a)) spin_unlock(&a); spin_unlock(&b); }
static void plain(void) { spin_lock(&a); spin_unlock(&a); }
static void irqsafe(void) { spin_lock_irq(&a); spin_unlock_irq(&a); }
static void half_safe(void) { spin_lock_irq(&a); local_irq_enable(); spin_unlock(&a); }
static irqreturn_t irq(int irq, void *dev) { spin_lock(&a); spin_unlock(&a); return IRQ_HANDLED; }
static void safe_then_b(void) { spin_lock_irq(&a); spin_lock(&b); spin_unlock(&b); spin_unlock_irq(&a); }
static void plain_b(void) { spin_lock(&b); spin_unlock(&b); }
static void two(struct dev *one, struct dev *other) { spin_lock(&one->lock); spin_lock(&other->lock); spin_unlock(&other->lock); spin_unlock(&one->lock); }
static void two_nested(struct dev *one, struct dev *other) { spin_lock(&one->lock); spin_lock_nested(&other->lock, 1); spin_unlock(&other->lock); spin_unlock(&one->lock); }
struct device { struct mutex mutex; };
static void parent_and_child(struct device *one, struct device *other) { mutex_lock(&one->mutex); mutex_lock(&other->mutex); mutex_unlock(&other->mutex); mutex_unlock(&one->mutex); }
static void lock_queue(struct dev *dev) { spin_lock(&dev->lock); spin_lock(&dev->queue); spin_unlock(&dev->queue); spin_unlock(&dev->lock); }
static void queue_lock(struct dev *card) { spin_lock(&card->queue); spin_lock(&card->lock); spin_unlock(&card->lock); spin_unlock(&card->queue); }
`;

const runs = (...names: readonly string[]) => run(LOCKS, { tasks: names.map((name) => ({ function: name })) });
const withIrq = (...names: readonly string[]) =>
	run(LOCKS, {
		tasks: [{ function: "bc" }, ...names.map((name) => ({ function: name }))],
		interrupts: [{ function: "irq", at: { in: "bc" } }],
	});

test("two orders of two locks, or three orders of three, make a circle", () => {
	assert.equal(verdict(runs("ab", "bc")), "finished");
	const trace = runs("ab", "bc", "ca");
	assert.equal(verdict(trace), "circular-lock finished");
	const [splat] = trace.splats;
	assert.match(splat!.text, /WARNING: possible circular locking dependency detected/);
	assert.match(splat!.text, /ca\/1002 is trying to acquire lock:\n\(&a\)/);
	assert.match(splat!.text, /-> #2 \(&c\):\n.*while &b was held\n-> #1 \(&b\):\n.*while &a was held\n-> #0 \(&a\):/);
	assert.equal(verdict(runs("ab", "ba_tries")), "finished");
});

test("locks are known by struct and field, whatever leads to them", () => {
	assert.equal(verdict(runs("lock_queue", "lock_queue")), "finished");
	assert.equal(verdict(runs("lock_queue", "queue_lock")), "circular-lock finished");
});

test("two locks of one class need an annotation", () => {
	const trace = runs("two");
	assert.equal(verdict(trace), "recursive-lock finished");
	assert.match(trace.splats[0]!.text, /May be due to missing lock nesting notation/);
	assert.equal(verdict(runs("two_nested")), "finished");
	// Devices' mutexes are not validated.
	assert.equal(verdict(runs("parent_and_child")), "finished");
});

test("a lock of an interrupt is not taken with that interrupt on", () => {
	assert.equal(verdict(withIrq("irqsafe")), "finished");
	const trace = withIrq("plain");
	assert.equal(verdict(trace), "lock-state finished");
	assert.match(trace.splats[0]!.text, /inconsistent \{IN-HARDIRQ-W\} -> \{HARDIRQ-ON-W\} usage/);
	assert.equal(verdict(withIrq("half_safe")), "lock-state finished");
	assert.equal(verdict(run(LOCKS, { tasks: [{ function: "plain" }], config: { proveLocking: false } })), "finished");
});

test("nor may it wait for one that is", () => {
	const order = withIrq("plain_b", "safe_then_b");
	assert.equal(verdict(order), "irq-inversion finished");
	assert.match(order.splats[0]!.title, /HARDIRQ-safe -> HARDIRQ-unsafe lock order detected/);
	const usage = run(LOCKS, {
		tasks: [{ function: "safe_then_b" }, { function: "plain_b" }, { function: "bc", name: "last" }],
		interrupts: [{ function: "irq", at: { in: "plain_b" } }],
	});
	assert.equal(verdict(usage), "irq-inversion finished");
	assert.match(usage.splats[0]!.title, /possible irq lock inversion dependency detected/);
});
