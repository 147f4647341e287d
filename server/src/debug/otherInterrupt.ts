// An interrupt that has nothing to do with the code at hand: what may come in every run, wherever interrupts are on.
// Its handler is a text of the adapter's own, which no disk has.

import { defaultConfig, type HandlerRequest, lowerC, type Unit } from "@might-sleep/analyzer";

/** Path of the text; no file is called so. */
export const OTHER_INTERRUPT_PATH = "<interrupt>";

export const OTHER_INTERRUPT_TEXT = `/* An interrupt of another device: its handler touches nothing of the code that it interrupts. */
irqreturn_t interrupt_of_another_device(int irq, void *data)
{
	return IRQ_HANDLED;
}
`;

export const OTHER_INTERRUPT: HandlerRequest = {
	name: "of another device",
	function: "interrupt_of_another_device",
	path: OTHER_INTERRUPT_PATH,
	entry: "hardirq",
};

export function otherInterruptUnit(): Unit {
	return lowerC(OTHER_INTERRUPT_PATH, Buffer.from(OTHER_INTERRUPT_TEXT), defaultConfig);
}
