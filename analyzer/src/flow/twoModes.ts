// Locks of two modes: a function that takes a spinning lock of some objects, and of others one that sleeps instead. What
// waits under it is written for the second kind.

import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { type Ctx, Irq, type Item } from "./context.js";
import { contradicts } from "./guards.js";
import type { Exit } from "./summary.js";
import { staticCallee, summaryOf, type World } from "./world.js";

/** Is all that forbids sleeping in a region of the function held by such locks? */
export function isOfTwoModes(world: World, fn: FnId, { items, irq, irqOp }: Ctx): boolean {
	const { kinds } = world;
	const found = new Set<number>();
	for (const item of items) {
		if (!kinds.spins[item.kind] && kinds.bits[item.kind] === 0) continue;
		if (!found.has(item.op) && !hasSleepingMode(world, fn, item)) return false;
		found.add(item.op);
	}
	return found.size > 0 && (irq !== Irq.Off || found.has(irqOp));
}

/** Does the callee that brought the item return with a lock that sleeps, and nothing that spins, where nothing that its caller knows says otherwise? */
function hasSleepingMode(world: World, fn: FnId, item: Item): boolean {
	const callee = item.op < 0 ? NONE : staticCallee(world, fn, item.op);
	if (callee < 0) return false;
	const { exits } = summaryOf(world, callee);
	const spinning = exits.find(({ ctx }) => ctx.items.some(({ kind }) => kind === item.kind));
	return spinning !== undefined && exits.some((exit) => isSleeping(world, exit) && isLookalike(world, exit, spinning));
}

function isSleeping({ kinds }: World, { ctx: { items } }: Exit): boolean {
	const isLock = items.some(({ kind }) => kinds.isLock[kind] && !kinds.spins[kind]);
	return isLock && !items.some(({ kind }) => kinds.spins[kind]);
}

/** Can no argument tell the two apart? */
function isLookalike({ values }: World, a: Exit, b: Exit): boolean {
	return !a.guards.some((g) => b.guards.some((h) => h.param === g.param && contradicts(values, g.value, h.value)));
}
