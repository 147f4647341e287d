// Interrupts that a person has come while a single function runs: they come nowhere by themselves, they are about the
// device at hand, and where they cannot come that is said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinRows, defaultConfig, lowerC, openSimulation, type Simulation } from "@might-sleep/analyzer";
import { traceRun, traceUntil } from "@might-sleep/analyzer/sim/trace";

const DRIVER = `struct nic { spinlock_t lock; int n; };
struct other { spinlock_t lock; };
static irqreturn_t nic_irq(int irq, void *data)
{
	struct nic *nic = data;

	spin_lock(&nic->lock);
	nic->n++;
	spin_unlock(&nic->lock);
	return IRQ_HANDLED;
}
static void nic_timer(struct nic *nic)
{
	spin_lock(&nic->lock);
	spin_unlock(&nic->lock);
}
int careless(struct nic *it)
{
	spin_lock(&it->lock);
	it->n = 0;
	spin_unlock(&it->lock);
	return 0;
}
int careful(struct nic *it)
{
	spin_lock_irq(&it->lock);
	it->n = 0;
	spin_unlock_irq(&it->lock);
	return 0;
}
int elsewhere(struct other *it)
{
	spin_lock(&it->lock);
	barrier();
	spin_unlock(&it->lock);
	return 0;
}
`;
const HANDLERS = [
	{ name: "nic_irq()", function: "nic_irq", entry: "hardirq" },
	{ name: "nic_timer()", function: "nic_timer", entry: "timer" },
];

function launch(name: string): Simulation {
	const units = [["nic.c", lowerC("nic.c", Buffer.from(DRIVER), defaultConfig)]] as const;
	const request = { units, rows: builtinRows, version: [6, 12], config: {}, function: name, entry: "process" } as const;
	const opened = openSimulation({ ...request, handlers: HANDLERS });
	assert.ok(opened.ok, opened.ok ? "" : opened.error);
	return opened.value;
}

const LIMIT = 200;
const likely = (choice: { readonly default: number }) => choice.default;

/** Runs until a lock is held, and says what may interrupt there. */
function upToTheLock(name: string): { readonly simulation: Simulation; readonly interrupts: readonly string[] } {
	const simulation = launch(name);
	const { recording } = simulation;
	traceUntil(simulation, LIMIT, () => simulation.locks(recording.last).length > 0);
	const actions = simulation.actions(recording.last).filter(({ action }) => action.kind === "interrupt");
	return { simulation, interrupts: actions.map(({ text }) => text) };
}

/** Has one come there, and runs to the end. */
function endAfter(name: string, interrupt: string): string {
	const { simulation } = upToTheLock(name);
	const { last } = simulation.recording;
	const action = simulation.actions(last).find(({ text }) => text.includes(interrupt));
	assert.ok(action, interrupt);
	simulation.take(last, action.action);
	const { outcome, lines } = traceRun(simulation, LIMIT, likely);
	assert.ok(lines.some((line) => line.function === interrupt));
	return outcome.kind;
}

test("none comes by itself", () => {
	for (const name of ["careless", "careful"]) {
		const { outcome, lines } = traceRun(launch(name), LIMIT, likely);
		assert.equal(outcome.kind, "finished");
		assert.ok(lines.every((line) => line.function === name));
	}
});

test("a handler that wants the lock of the device at hand waits for ever", () => {
	assert.deepEqual(upToTheLock("careless").interrupts, [
		"interrupt nic_irq() on CPU 0",
		"interrupt nic_timer() on CPU 0",
	]);
	assert.equal(endAfter("careless", "nic_irq"), "deadlock");
	assert.equal(endAfter("careless", "nic_timer"), "deadlock");
});

test("another device's lock is another lock", () => {
	assert.equal(endAfter("elsewhere", "nic_irq"), "finished");
});

test("where interrupts are off none comes, and that is said", () => {
	const { simulation, interrupts } = upToTheLock("careful");
	assert.deepEqual(interrupts, []);
	assert.deepEqual(simulation.heldOff(simulation.recording.last), [
		"interrupt nic_irq() on CPU 0",
		"interrupt nic_timer() on CPU 0",
	]);
});
