// Sleeping: the check that might_sleep() makes, and giving up the CPU.

import type { SleepRow } from "../model/schema.js";
import { askWhether, type Call, testsHold } from "./call.js";
import { isInInterrupt } from "./machine.js";
import { checkGracePeriod, checkReaders, waitForGracePeriod } from "./rcu.js";
import { schedulingWhileAtomic, sleepingInAtomic, warning } from "./splats.js";

export function applySleep(call: Call, row: SleepRow): void {
	if (!testsHold(call, row.when) || isDeferred(call, row)) return;
	const { machine } = call;
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
			giveUpCpu(call);
			return;
		case "grace-period":
			checkGracePeriod(call);
			mightSleep(call);
			giveUpCpu(call);
			waitForGracePeriod(call);
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
	if (!config.debugAtomicSleep) return;
	if (expectedRcu === 0) checkReaders(call);
	const { cpu, task } = machine;
	if (cpu.preemptCount === 0 && task.rcuDepth === expectedRcu && cpu.irqsOn && task.nonBlock === 0) return;
	machine.splat(sleepingInAtomic(machine, at, 0, expectedRcu));
}

/** rcu_note_context_switch() of preemptible RCU. */
const IN_READER = "Voluntary context switch within RCU read-side critical section!";

/** schedule(): without the check above the scheduler itself finds out, if preempt_count knows. */
export function giveUpCpu(call: Call): void {
	const { machine, at } = call;
	if (!machine.world.config.debugAtomicSleep) {
		if (machine.cpu.preemptCount !== 0) machine.splat(schedulingWhileAtomic(machine, at));
		else if (machine.task.rcuDepth > 0) machine.splatOnce(IN_READER, warning(machine, "rcu-usage", IN_READER, at));
	}
	machine.updateCpu({ needResched: false });
	machine.lapse();
}
