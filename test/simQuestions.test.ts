// What code, and a person at a stop, asks of the machine itself: counts, the CPU, need_resched, who has a lock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Given, open } from "./harness/simScenario.js";

const TEXT = `
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(sleeping);
static int served, held_off, count, cpu, locked, unlocked, mutex, readers, resched;

static void softirq(void)
{
	served = in_serving_softirq();
}
static void task(void)
{
	local_bh_disable();
	held_off = in_softirq() && !in_serving_softirq();
	local_bh_enable();
	spin_lock(&lock);
	count = preempt_count();
	locked = spin_is_locked(&lock);
	spin_unlock(&lock);
	unlocked = !spin_is_locked(&lock);
	mutex_lock(&sleeping);
	mutex = mutex_is_locked(&sleeping);
	mutex_unlock(&sleeping);
	rcu_read_lock();
	readers = rcu_preempt_depth() + rcu_read_lock_any_held();
	rcu_read_unlock();
	cpu = smp_processor_id();
	done();
}
static void other(void)
{
	cpu = raw_smp_processor_id();
	done();
}
static void asks(void)
{
	resched = need_resched();
	done();
}
`;

/** Values of variables of the file at the end of a run, as a person asks for them. */
function values(given: Given, names: readonly string[]): (string | null)[] {
	const simulation = open(TEXT, given);
	const { recording } = simulation;
	for (let advance = recording.advance(); advance.kind !== "ended"; advance = recording.advance()) {
		if (advance.kind === "ask") recording.decide(advance.choice, advance.choice.default);
	}
	return names.map((name) => simulation.evaluate(recording.last, recording.depthAt(recording.last), name));
}

test("code is told what the machine is", () => {
	const given: Given = { tasks: [{ function: "task" }] };
	assert.deepEqual(values(given, ["held_off", "count", "locked", "unlocked", "mutex", "readers", "cpu"]), [
		...["1", "1", "1", "1", "1", "2", "0"],
	]);
	const softirq = { function: "softirq", entry: "softirq", at: { after: 1 } } as const;
	assert.deepEqual(values({ ...given, interrupts: [softirq] }, ["served"]), ["1"]);
	assert.deepEqual(values({ cpus: 2, tasks: [{ function: "other", cpu: 1 }] }, ["cpu"]), ["1"]);
});

test("need_resched() is the CPU's flag where another task is there, else anybody's guess", () => {
	const two: Given = { tasks: [{ function: "asks" }, { function: "other" }], config: { preemption: "none" } };
	assert.deepEqual(values(two, ["resched"]), ["0"]);
	const ticked: Given = { ...two, schedule: { events: [{ step: 0, do: { tick: 0 } }] } };
	assert.deepEqual(values(ticked, ["resched"]), ["1"]);
	assert.match(values({ tasks: [{ function: "asks" }] }, ["resched"])[0] ?? "", /^unknown/);
});

test("a device's register is not what was written to it", () => {
	const text = `
static int first, second;
void poll(unsigned int *regs)
{
	*regs = 4;
	first = readl(regs);
	second = readl(regs);
	done();
}
unsigned int readl(const volatile void *addr)
{
	return *(const volatile unsigned int *)addr;
}
`;
	const simulation = open(text, { tasks: [{ function: "poll" }] });
	const { recording } = simulation;
	while (recording.advance().kind === "stepped");
	const [first, second] = ["first", "second"].map((name) => simulation.evaluate(recording.last, 0, name));
	assert.match(first!, /^unknown/);
	assert.match(second!, /^unknown/);
});

test("a person asks the same at a stop", () => {
	const simulation = open(TEXT, { tasks: [{ function: "task" }] });
	const { recording } = simulation;
	while (simulation.locks(recording.last).length === 0) recording.advance();
	const index = recording.last;
	const ask = (text: string) => simulation.evaluate(index, recording.depthAt(index), text);
	for (const [text, answer] of [
		["preempt_count()", "0x00000001"],
		["spin_is_locked(&lock)", "1"],
		["mutex_is_locked(&sleeping)", null],
		// a variable that nobody has written so far, and none
		["resched", "unknown (resched)"],
		["nothing_of_that_name", null],
		["need_resched()", "0"],
		["smp_processor_id()", "0"],
		["rcu_preempt_depth()", "0"],
		["in_serving_softirq()", "0"],
		["rcu_read_lock_sched_held() && spin_is_locked(&lock)", "1"],
	] as const) {
		assert.equal(ask(text), answer, text);
	}
	const complete = (text: string) => simulation.completions(index, recording.depthAt(index), text);
	assert.deepEqual(complete("need_r"), ["need_resched()"]);
	assert.deepEqual(complete("spin_is"), ["spin_is_locked("]);
});
