// Sleeping: the check that might_sleep() makes, and giving up the CPU.

import type { SleepRow } from "../model/schema.js";
import { askWhether, type Call, testsHold } from "./call.js";
import { noteContextSwitch, quiesce } from "./gracePeriod.js";
import { isInInterrupt, type Machine } from "./machine.js";
import { checkGracePeriod, checkReaders, waitForGracePeriod } from "./rcu.js";
import { block, reschedule, waited } from "./scheduler.js";
import { schedulingWhileAtomic, sleepingInAtomic, warning } from "./splats.js";
import { globalKey } from "./value.js";

export function applySleep(call: Call, row: SleepRow): void {
	const { machine } = call;
	// It has waited already, and slept: nothing is to be checked again.
	if (waited(machine) !== null) return;
	if (!testsHold(call, row.when) || isDeferred(call, row)) return;
	const runtime = machine.world.runtime(call.primitive.name);
	if (row.unlessFlagged !== undefined) {
		const text = `${row.unlessFlagged}() was called for this device`;
		if (askWhether(call, { kind: "property", text, isOptional: true }, false)) return;
	}
	switch (row.how) {
		case "checks":
			mightSleep(call);
			return;
		case "faults":
			// User access with page faults off fails instead of sleeping.
			if (machine.task.sections.some((section) => section.kind === "pagefault")) return;
			mightSleep(call);
			return;
		case "waits":
			mightSleep(call);
			if (runtime?.does === "resched") {
				quiesce(machine);
				reschedule(machine);
			} else if (runtime === undefined || runtime.does !== "wait") waitAWhile(call);
			return;
		case "grace-period":
			checkGracePeriod(call);
			mightSleep(call);
			// With its own row it waits for something else than readers: callbacks, for instance.
			if (runtime === undefined && !machine.world.shortcuts.isHurried) {
				checkScheduling(call);
				waitForGracePeriod(call);
			}
			return;
	}
}

function isDeferred(call: Call, row: SleepRow): boolean {
	const { world, cpu, task } = call.machine;
	if (row.defersIn === undefined) return false;
	if (isInInterrupt(world, cpu, task)) return true;
	return row.defersIn === "atomic" && (cpu.preemptCount !== 0 || !cpu.irqsOn);
}

/** __might_resched(), with no offset expected. */
export function mightSleep(call: Call): void {
	checkSleep(call, 0);
}

/** Taking a lock that sleeps under PREEMPT_RT only: RCU readers may do that. */
export function mightSleepInLock(call: Call): void {
	checkSleep(call, call.machine.task.rcuDepth);
}

function checkSleep(call: Call, expectedRcu: number): void {
	const { machine, at } = call;
	const { config } = machine.world;
	// might_resched(): what CONFIG_PREEMPT_VOLUNTARY makes of the check.
	if (config.preemption === "voluntary") reschedule(machine);
	if (!config.debugAtomicSleep) return;
	if (expectedRcu === 0) checkReaders(call);
	const { cpu, task } = machine;
	if (cpu.preemptCount === 0 && task.rcuDepth === expectedRcu && cpu.irqsOn && task.nonBlock === 0) return;
	if (isSystemDown(machine)) return;
	machine.splat(sleepingInAtomic(machine, at, 0, expectedRcu));
}

/** Has the code said that the system does not run (`system_state`)? Then the kernel does not check. */
function isSystemDown({ world, state }: Machine): boolean {
	for (const [name, usual] of world.settled) {
		const value = state.memory.get(globalKey(name));
		if (value?.kind === "int" && value.value !== usual) return true;
	}
	return false;
}

/** rcu_note_context_switch() of preemptible RCU. */
const IN_READER = "Voluntary context switch within RCU read-side critical section!";

/** schedule(): what the scheduler itself finds out, if preempt_count knows. */
export function checkScheduling(call: Call): void {
	const { machine, at } = call;
	const { cpu, task } = machine;
	if (cpu.preemptCount !== 0) {
		machine.splat(schedulingWhileAtomic(machine, at));
		// __schedule_bug() is followed by preempt_count_set(PREEMPT_DISABLED): what was held is not counted any more.
		machine.updateCpu({ preemptCount: 0 });
	}
	if (task.rcuDepth > 0) {
		machine.splatOnce(IN_READER, warning(machine, "rcu-usage", IN_READER, at));
	}
}

/** Gives up the CPU and comes back when it is its turn again: what it waits for is not modelled. */
export function waitAWhile(call: Call): void {
	const { machine, at, primitive } = call;
	if (machine.world.shortcuts.isHurried) {
		machine.lapse();
		return;
	}
	machine.sharesCpu();
	checkScheduling(call);
	if (machine.state.outcome !== null) return;
	if (hasRivals(machine)) {
		const wait = { isSpinning: false, key: "", text: "a while", by: primitive.name, at } as const;
		block(machine, { ...wait, kind: "turn", mode: "exclusive", until: 0, hasTimeout: false });
		return;
	}
	// Nobody else can run here: the CPU is idle for a moment.
	noteContextSwitch(machine, machine.state.cpu);
	machine.updateCpu({ needResched: false, irqsOn: true });
	machine.lapse();
}

/** Is there another task for this CPU, or anything that happens meanwhile? */
function hasRivals(machine: Machine): boolean {
	const { state } = machine;
	return state.tasks.length > state.cpus.length || state.items.length > 0;
}
