// Who allocates, with which mask: the task's context as the allocator sees it, scopes applied; and what the
// what-if switches make of the mask.

import type { Call } from "../call.js";
import { isInInterrupt, isInTask, isServingSoftirq, type Machine } from "../machine.js";
import type { SourcePlace } from "../world.js";
import type { Allocating } from "./allocFlags.js";
import { maskText } from "./masks.js";
import { counted } from "./memoryState.js";

/** An allocation as it goes through the allocator. */
export interface Asking {
	readonly machine: Machine;
	readonly at: SourcePlace;
	readonly by: Allocating;
}

export function askingOf({ machine, at }: Pick<Call, "machine" | "at">): Asking {
	const { world, cpu, task } = machine;
	const { memory } = world;
	return {
		machine,
		at,
		by: {
			bits: world.gfpBits(at.file),
			rules: world.watermarkRules,
			inTask: isInTask(world, cpu, task),
			inInterrupt: isInInterrupt(world, cpu, task),
			servesSoftirq: isServingSoftirq(world, cpu, task),
			memalloc: task.sections.some(({ kind }) => kind === "memalloc"),
			isOomVictim: memory.isOomVictim,
			isRealtime: memory.isRealtime,
		},
	};
}

/** current_gfp_context(): what the open scopes leave of a mask. */
export function maskInScope({ machine, by }: Asking, mask: number): number {
	const { sections } = machine.task;
	let left = mask;
	if (sections.some(({ kind }) => kind === "noio")) left &= ~(by.bits.io | by.bits.fs);
	if (sections.some(({ kind }) => kind === "nofs")) left &= ~by.bits.fs;
	return left;
}

/** Does code that runs here break when it sleeps, whatever preempt_count says? */
function isTrulyAtomic({ machine }: Asking): boolean {
	const { cpu, task, world } = machine;
	if (!cpu.irqsOn || isInInterrupt(world, cpu, task)) return true;
	const { lockKinds, sectionKinds } = world.model;
	const isRt = world.isRt;
	const isAtomic = (inside: string | undefined) => inside === "atomic" || inside === "rcu";
	return (
		spinningLock(machine) !== undefined ||
		task.sections.some(({ kind }) => {
			const row = sectionKinds.get(kind);
			return isAtomic(isRt ? row?.onRt : row?.inside);
		}) ||
		task.locks.some(({ kind }) => isRt && lockKinds.get(kind)?.onRt === "spins")
	);
}

function spinningLock(machine: Machine) {
	const { lockKinds } = machine.world.model;
	return machine.task.locks.find(({ kind }) => {
		const row = lockKinds.get(kind);
		return (machine.world.isRt ? row?.onRt : row?.is) === "spins";
	});
}

/**
 * The mask that the allocator works with. As the kernel is, it is the caller's. By the switches a lock, or what
 * in_atomic() says, turns it into an atomic one in silence; where they do not see the context, it stays.
 */
export function maskInEffect(asking: Asking, mask: number): number {
	const { machine, at, by } = asking;
	const { spinLockSetsGfp, allocatorAsksContext } = machine.world.config;
	if ((!spinLockSetsGfp && !allocatorAsksContext) || (mask & by.bits.directReclaim) === 0) return mask;
	const reason = reasonToTurn(asking);
	if (reason === null) {
		if (!isTrulyAtomic(asking)) return mask;
		machine.updateMemory(counted(machine.state.mem, "contextMissed"));
		const seen = spinLockSetsGfp ? "no lock says so" : "preempt_count does not say so";
		machine.note(`atomic context that the allocator does not see: ${seen}; it may sleep`, at);
		return mask;
	}
	machine.updateMemory(counted(machine.state.mem, "turnedAtomic"));
	const atomic = machine.world.atomicMask(at.file);
	const turned = (mask & ~(by.bits.directReclaim | by.bits.io | by.bits.fs)) | atomic;
	const { world } = machine;
	const from = maskText(world, at.file, mask);
	machine.note(
		`${from} is taken as ${maskText(world, at.file, turned)}: ${reason}; nobody who reads the call sees it`,
		at,
	);
	return turned;
}

function reasonToTurn({ machine }: Asking): string | null {
	const { config } = machine.world;
	const lock = config.spinLockSetsGfp ? spinningLock(machine) : undefined;
	if (lock !== undefined) return `${lock.text} is held`;
	if (!config.allocatorAsksContext) return null;
	if (machine.cpu.preemptCount !== 0) return "preempt_count is not zero";
	return machine.cpu.irqsOn ? null : "interrupts are off";
}
