// fs_reclaim, the lock that lockdep makes of reclaim: whoever may enter the file system for memory takes it for a
// moment, reclaim holds it, and so the order of locks shows that a lock is taken by reclaim and held over an
// allocation before it ever happens at once. Only the order is kept, not its use in interrupts.

import { reclaimLockName } from "../../model/allocator.js";
import { mayFs } from "../../model/gfp.js";
import { irqContext, noteOrder } from "../lockdep.js";
import type { HeldLock, Machine } from "../machine.js";
import type { SourcePlace } from "../world.js";
import type { Asking } from "./asking.js";

function reclaimLock(machine: Machine, by: string, at: SourcePlace): HeldLock {
	return {
		key: reclaimLockName,
		text: reclaimLockName,
		lockClass: reclaimLockName,
		irqContext: irqContext(machine),
		kind: "mutex",
		mode: "exclusive",
		by,
		at,
		assumed: false,
	};
}

/** __need_reclaim(), with __GFP_FS. */
export function isReclaimTaken({ machine, by }: Asking, mask: number): boolean {
	if (!machine.world.config.proveLocking || !mayFs(mask, by.bits)) return false;
	return !by.memalloc && (mask & by.bits.nolockdep) === 0;
}

/** might_alloc() of an allocation with this mask, scopes applied. */
export function noteReclaim(asking: Asking, mask: number, by: string): void {
	const { machine, at } = asking;
	if (isReclaimTaken(asking, mask) && machine.task.locks.length > 0) noteOrder(machine, reclaimLock(machine, by, at));
}

/** For the time of a pass. */
export function holdReclaim(machine: Machine, at: SourcePlace): void {
	machine.updateTask({ locks: [...machine.task.locks, reclaimLock(machine, "reclaim", at)] });
}

export function dropReclaim(machine: Machine): void {
	const { locks } = machine.task;
	const last = locks.findLastIndex(({ key }) => key === reclaimLockName);
	if (last >= 0) machine.updateTask({ locks: locks.filter((_, i) => i !== last) });
}
