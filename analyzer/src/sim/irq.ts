// Interrupts, bottom halves and preemption: what sections of these kinds do to a CPU, with the checks of
// lockdep and CONFIG_DEBUG_IRQFLAGS.

import type { IrqEffect, SectionKind } from "../model/schema.js";
import { argValue, type Call, savedArg, writeArg } from "./call.js";
import { readField, unitOf } from "./config.js";
import { noteIrqsOn } from "./lockdep.js";
import { disablePreemption, enablePreemption, hardirqNesting, type Machine } from "./machine.js";
import { warning } from "./splats.js";
import { int } from "./value.js";

/** Saved flags with interrupts on, as x86 shows them (EFLAGS.IF). */
const FLAGS_ON = 0x200;

/** What a lock operation does besides the lock. */
export function applyIrqEffect(call: Call, effect: IrqEffect, flagsArg: number | undefined): void {
	const { machine } = call;
	switch (effect) {
		case "none":
			return;
		case "off":
			machine.updateCpu({ irqsOn: false });
			return;
		case "on":
			enableIrqs(call);
			return;
		case "save":
			saveIrqs(call, flagsArg);
			return;
		case "restore":
			restoreIrqs(call, flagsArg);
			return;
		case "bh-off":
			disableBottomHalves(machine);
			return;
		case "bh-on":
			enableBottomHalves(call);
			return;
	}
}

export function saveIrqs(call: Call, flagsArg: number | undefined): void {
	const { machine } = call;
	if (flagsArg !== undefined && flagsArg >= 0) writeArg(call, flagsArg, int(machine.cpu.irqsOn ? FLAGS_ON : 0));
	machine.updateCpu({ irqsOn: false });
}

export function savedFlags(machine: Machine) {
	return int(machine.cpu.irqsOn ? FLAGS_ON : 0);
}

export function restoreIrqs(call: Call, flagsArg: number | undefined): void {
	const { machine, at } = call;
	if (machine.cpu.irqsOn && machine.world.config.proveLocking) {
		const what = "raw_local_irq_restore() called with IRQs enabled";
		machine.splatOnce(what, warning(machine, "irq-state", what, at));
	}
	const flags = flagsArg === undefined || flagsArg < 0 ? argValue(call, 0) : savedArg(call, flagsArg);
	// Flags that came from outside are taken to be those of a caller with interrupts on.
	const isOn = flags === undefined || (machine.truth(flags) ?? true);
	machine.updateCpu({ irqsOn: isOn });
}

/** lockdep_hardirqs_on_prepare() complains when a hard interrupt turns interrupts on. */
export function enableIrqs(call: Call): void {
	const { machine, at } = call;
	if (machine.world.config.proveLocking && hardirqNesting(machine.world, machine.cpu) > 0) {
		const what = "DEBUG_LOCKS_WARN_ON(lockdep_hardirq_context())";
		machine.splatOnce(`${what}${at.offset}`, warning(machine, "irq-state", what, at));
	}
	machine.updateCpu({ irqsOn: true });
	noteIrqsOn(machine);
}

/** local_bh_disable() adds twice the unit: the odd bit says that a softirq is served. */
export function disableBottomHalves(machine: Machine): void {
	if (machine.world.isRt) machine.updateTask({ rtSoftirqCount: machine.task.rtSoftirqCount + 2 });
	else machine.addCount(2 * unitOf(machine.world.layout.softirq));
}

export function enableBottomHalves(call: Call): void {
	const { machine, at } = call;
	const { world } = machine;
	if (world.config.proveLocking && (hardirqNesting(world, machine.cpu) > 0 || !machine.cpu.irqsOn)) {
		const what = "bottom halves enabled with interrupts disabled or in a hard interrupt";
		machine.splatOnce(`${what}${at.offset}`, warning(machine, "irq-state", what, at));
	}
	if (world.isRt) {
		if (machine.task.rtSoftirqCount >= 2) machine.updateTask({ rtSoftirqCount: machine.task.rtSoftirqCount - 2 });
		else countUnderflow(call);
	} else if (readField(machine.cpu.preemptCount, world.layout.softirq) >= 2) {
		machine.addCount(-2 * unitOf(world.layout.softirq));
	} else countUnderflow(call);
}

/** DEBUG_PREEMPT: a count that would go below zero stays. */
export function countUnderflow(call: Call): void {
	const { machine, at } = call;
	const what = "DEBUG_LOCKS_WARN_ON(val > preempt_count())";
	machine.splatOnce(`${what}${at.offset}`, warning(machine, "irq-state", what, at));
}

/** Enters (or leaves) a level of interrupt service by hand: irq_enter() and its like. */
export function enterLevel(machine: Machine, kind: "hardirq" | "softirq" | "nmi"): void {
	const { layout } = machine.world;
	if (kind === "softirq") {
		machine.addCount(unitOf(layout.softirq));
		return;
	}
	machine.addCount(unitOf(layout.hardirq));
	if (kind === "nmi") machine.addCount(unitOf(layout.nmi));
}

export function leaveLevel(call: Call, kind: "hardirq" | "softirq" | "nmi"): void {
	const { machine } = call;
	const { layout } = machine.world;
	const field = kind === "softirq" ? layout.softirq : layout.hardirq;
	if (readField(machine.cpu.preemptCount, field) === 0) {
		countUnderflow(call);
		return;
	}
	machine.addCount(-unitOf(field));
	if (kind === "nmi") machine.addCount(-unitOf(layout.nmi));
}

export function leavePreempt(call: Call): void {
	if (!enablePreemption(call.machine)) countUnderflow(call);
}

export function enterPreempt(machine: Machine): void {
	disablePreemption(machine);
}

export function isInterruptLevel(kind: SectionKind): kind is "hardirq" | "softirq" | "nmi" {
	return kind === "hardirq" || kind === "softirq" || kind === "nmi";
}
