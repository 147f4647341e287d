// Changes to the machine that a person makes by hand: interrupts on or off, a field of preempt_count. What
// follows from the present state then follows from the changed one.

import { readField, unitOf } from "./config.js";
import { Machine, type State } from "./machine.js";
import { countFields } from "./view.js";
import type { World } from "./world.js";

const SWITCHES: Readonly<Record<string, boolean>> = {
	enabled: true,
	on: true,
	true: true,
	"1": true,
	disabled: false,
	off: false,
	false: false,
	"0": false,
};

/** Names that `withMachineValue` knows, besides the fields of preempt_count. */
export const IRQS = "irqs";
export const NEED_RESCHED = "need_resched";
export const PREEMPT_COUNT = "preempt_count";

/** The state with another value of a quantity of the machine; null when the name or the text is none. */
export function withMachineValue(world: World, state: State, name: string, text: string): State | null {
	const machine = new Machine(world, state, []);
	const word = text.trim();
	const isOn = SWITCHES[word.toLowerCase()];
	if (name === IRQS || name === NEED_RESCHED) {
		if (isOn === undefined) return null;
		machine.updateCpu(name === IRQS ? { irqsOn: isOn } : { needResched: isOn });
		return machine.state;
	}
	const count = numberOf(word);
	if (count === null) return null;
	if (name === PREEMPT_COUNT) {
		if (count >= 2 ** 31) return null;
		machine.updateCpu({ preemptCount: count });
		return machine.state;
	}
	const field = countFields(world).find((one) => one.name === name);
	if (field === undefined || count >= 2 ** field.bits) return null;
	machine.addCount(unitOf(field) * (count - readField(machine.cpu.preemptCount, field)));
	return machine.state;
}

function numberOf(word: string): number | null {
	return /^(0[xX][0-9a-fA-F]+|\d+)$/.test(word) ? Number(word) : null;
}
