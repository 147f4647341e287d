// What goes on in memory besides the program, every few steps: consumers take pages. A
// consumer whose allocation would have to wait waits for its next time.

import { gfpMask } from "../../model/gfp.js";
import { isKswapd, type Machine, type State } from "../machine.js";
import { type Allocating, fastFlags, highestZone, plainTask, slowFlags } from "./allocFlags.js";
import { takeFreeBlock } from "./freelist.js";
import { wakeKswapd } from "./kswapd.js";
import { type Consumer, pressureOf } from "./memoryConfig.js";
import { type MemoryState, withZone } from "./memoryState.js";

/** Before a step: what is due by now. Costs a comparison when nothing is. */
export function tickMemory(machine: Machine): void {
	const { state, world } = machine;
	if (state.nSteps < state.mem.nextTick) return;
	const by = plainTask(world);
	// When the program is through, nobody makes work for kswapd any more.
	if (!isKswapdLeft(state))
		state.mem.consumers.forEach((consumer, i) => {
			if (state.nSteps % consumer.every === 0) consume(machine, consumer, i, by);
		});
	const { mem } = machine.state;
	machine.updateMemory({ ...mem, nextTick: nextTick(mem, state.nSteps) });
}

/** Does nothing but kswapd have anything to run? */
function isKswapdLeft({ tasks }: State): boolean {
	return tasks.every((task) => isKswapd(task) || task.frames.length === 0 || task.status === "done");
}

function nextTick(memory: MemoryState, step: number): number {
	let next = Number.POSITIVE_INFINITY;
	for (const { every } of memory.consumers) next = Math.min(next, (Math.floor(step / every) + 1) * every);
	return next;
}

function consume(machine: Machine, consumer: Consumer, index: number, by: Allocating): void {
	const { world } = machine;
	const mask = gfpMask(consumer.gfp, (name) => world.model.gfp.get(name)?.is)?.bits;
	if (mask === undefined) return;
	const highest = highestZone(mask, by.bits);
	for (let i = 0; i < consumer.blocks; i++) {
		const request = { order: consumer.order, flags: fastFlags(mask, by), highestZone: highest };
		let taken = takeFreeBlock(machine.state.mem, request, by.rules);
		if (taken === null) {
			if (mask & by.bits.kswapd) wakeKswapd(machine, highest, consumer.order);
			const flags = slowFlags(mask, consumer.order, by);
			taken = takeFreeBlock(machine.state.mem, { ...request, flags }, by.rules);
		}
		if (taken === null) return;
		const pages = 2 ** consumer.order;
		const zone = taken.memory.zones[taken.block.zone]!;
		const used = consumer.as === "kernel" ? zone : { ...zone, [consumer.as]: zone[consumer.as] + pages };
		const consumed = taken.memory.consumed.map((before, at) => (at === index ? before + pages : before));
		machine.updateMemory({ ...withZone(taken.memory, taken.block.zone, used), consumed });
	}
}

/** The state under another pressure: a process that takes so many pages every few steps; 0: none. */
export function withPressure(state: State, pages: number): State {
	const { mem } = state;
	const dial = pressureOf(1).name;
	const others = mem.consumers.map((consumer, i) => ({ consumer, taken: mem.consumed[i]! }));
	const kept = others.filter(({ consumer }) => consumer.name !== dial);
	const before = others.find(({ consumer }) => consumer.name === dial)?.taken ?? 0;
	const all = pages <= 0 ? kept : [...kept, { consumer: pressureOf(pages), taken: before }];
	const next: MemoryState = {
		...mem,
		consumers: all.map(({ consumer }) => consumer),
		consumed: all.map(({ taken }) => taken),
		nextTick: all.length > 0 ? state.nSteps : mem.nextTick,
	};
	return { ...state, mem: next };
}
