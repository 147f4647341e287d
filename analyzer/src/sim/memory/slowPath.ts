// __alloc_pages() and __alloc_pages_slowpath(), one go at a time: a call that has to reclaim first runs its op
// again for every callback and every retry, and keeps here what it has got so far. Compaction is not simulated,
// nor are cpusets and several nodes.

import { AllocFlag, allocatorLimits } from "../../model/allocator.js";
import { type Allocating, fastFlags, highestZone, retryFlags, slowFlags } from "./allocFlags.js";
import type { Asking } from "./asking.js";
import { RECLAIM } from "./callback.js";
import { giveBlocks, takeFreeBlock, unreserveBlock } from "./freelist.js";
import { hopeAgain, wakeKswapd } from "./kswapd.js";
import { type Block, counted, type MemoryState, type PageWait, zonesBelow } from "./memoryState.js";
import { outOfMemory } from "./oom.js";
import { beginPass, continuePass, endPass, type Passing } from "./pass.js";
import { reclaimableIn } from "./reclaim.js";
import { watermarkOk } from "./watermarks.js";

export type Progress =
	| { readonly kind: "got"; readonly blocks: readonly Block[] }
	| { readonly kind: "failed"; readonly why: string }
	/** the op is to run again: a callback runs first, or others get a chance */
	| { readonly kind: "again"; readonly wait: PageWait };

export function wantPages(mask: number, order: number, blocks: number, by: Allocating): PageWait {
	return {
		mask,
		order,
		highest: highestZone(mask, by.bits),
		left: blocks,
		blocks: [],
		isSlow: false,
		noProgress: 0,
		rounds: 0,
		pass: null,
	};
}

/** Goes on with an allocation of pages. */
export function tryPages(asking: Asking, wait: PageWait): Progress {
	let now = wait;
	for (;;) {
		if (now.pass !== null) {
			const after = afterPass(asking, now);
			if (after.kind !== "took") return after;
			now = after.wait;
		} else if (!now.isSlow) {
			const flags = fastFlags(now.mask, asking.by);
			now = take(asking, now, flags) ?? { ...now, isSlow: true };
			asking.machine.updateMemory(counted(memoryOf(asking), now.isSlow ? "slowPath" : "fastPath"));
		} else {
			const next = slowPath(asking, now);
			if (next.kind !== "took") return next;
			now = next.wait;
		}
		if (now.left === 0) return { kind: "got", blocks: now.blocks };
	}
}

type Slow = Progress | { readonly kind: "took"; readonly wait: PageWait };

function memoryOf({ machine }: Asking): MemoryState {
	return machine.state.mem;
}

/** With one block more, from what is free; null when these flags get none. */
function take(asking: Asking, wait: PageWait, flags: number): PageWait | null {
	const request = { order: wait.order, flags, highestZone: wait.highest };
	const taken = takeFreeBlock(memoryOf(asking), request, asking.by.rules);
	if (taken === null) return null;
	asking.machine.updateMemory(taken.memory);
	const { left, blocks } = wait;
	return {
		...wait,
		left: left - 1,
		blocks: [...blocks, taken.block],
		isSlow: false,
		noProgress: 0,
		rounds: 0,
		pass: null,
	};
}

/** From the first failure of the fast path, or from a retry, to the point where reclaim is needed. */
function slowPath(asking: Asking, wait: PageWait): Slow {
	const { by, machine } = asking;
	const { bits } = by;
	const slow = slowFlags(wait.mask, wait.order, by);
	if (slow & AllocFlag.Kswapd) wakeKswapd(machine, wait.highest, wait.order);
	const first = wait.rounds === 0 ? take(asking, wait, slow) : null;
	const taken = first ?? take(asking, wait, retryFlags(wait.mask, wait.order, by));
	if (taken !== null) return { kind: "took", wait: taken };
	if ((wait.mask & bits.directReclaim) === 0) return noPage(asking, wait, "it may not reclaim");
	if (by.memalloc) return noPage(asking, wait, "a task that reclaims does not reclaim again");
	return { kind: "again", wait: { ...wait, pass: beginPass(asking, passingOf(wait)) } };
}

/** Runs the pass's next callback, or looks what the pass has brought. */
function afterPass(asking: Asking, wait: PageWait): Slow {
	const passing = passingOf(wait);
	const pass = continuePass(asking, passing, wait.pass!);
	if (pass !== null) return { kind: "again", wait: { ...wait, pass } };
	const progress = endPass(asking, passing, wait.pass!);
	if (progress > 0) asking.machine.updateMemory(hopeAgain(memoryOf(asking)));
	const done: PageWait = { ...wait, pass: null };
	const taken = progress > 0 ? takeAfterReclaim(asking, done) : null;
	return taken === null ? retryOrGiveUp(asking, done, progress) : { kind: "took", wait: taken };
}

function passingOf({ mask, highest }: PageWait): Passing {
	return { by: RECLAIM, mask, highest };
}

/** __alloc_pages_direct_reclaim(): once more without a part of the highatomic reserve. */
function takeAfterReclaim(asking: Asking, wait: PageWait): PageWait | null {
	const flags = retryFlags(wait.mask, wait.order, asking.by);
	const taken = take(asking, wait, flags);
	if (taken !== null) return taken;
	const memory = unreserveBlock(memoryOf(asking), wait.highest, false);
	if (memory !== null) asking.machine.updateMemory(memory);
	return take(asking, wait, flags);
}

function retryOrGiveUp(asking: Asking, wait: PageWait, progress: number): Slow {
	const { bits } = asking.by;
	const isCostly = wait.order > allocatorLimits.costlyOrder;
	if (wait.order > 0) nameCompaction(asking, wait);
	if (wait.mask & bits.noretry) return noPage(asking, wait, "its mask says not to try again");
	if (isCostly && (wait.mask & bits.retryMayfail) === 0) return noPage(asking, wait, "its order is costly");
	const noProgress = progress > 0 && !isCostly ? 0 : wait.noProgress + 1;
	const next: PageWait = { ...wait, noProgress, rounds: wait.rounds + 1 };
	if (shouldRetry(asking, next)) return again(asking, next);
	const killed = outOfMemory(asking, next);
	if (killed.block !== null) {
		const blocks = [...wait.blocks, killed.block];
		return { kind: "took", wait: { ...wait, left: wait.left - 1, blocks, isSlow: false, noProgress: 0, rounds: 0 } };
	}
	if (asking.by.isOomVictim) return noPage(asking, next, "it is an OOM victim already");
	return killed.isProgress
		? again(asking, { ...next, noProgress: 0 })
		: noPage(asking, next, "nothing can be reclaimed");
}

/** Where the kernel would try __alloc_pages_direct_compact(): said once, as the outcome may depend on it. */
function nameCompaction({ machine, at }: Asking, { order }: PageWait): void {
	const key = "compaction";
	if (machine.state.warned.get(key)) return;
	machine.update({ warned: machine.state.warned.set(key, true) });
	machine.note(`compaction is not simulated: a block of order ${order} comes from what is free or becomes free`, at);
}

/** should_reclaim_retry(): would all that can be reclaimed be enough? */
function shouldRetry(asking: Asking, wait: PageWait): boolean {
	const memory = memoryOf(asking);
	const flags = retryFlags(wait.mask, wait.order, asking.by);
	const request = { order: wait.order, flags, highestZone: wait.highest };
	const wouldDo = (place: number) => {
		const zone = memory.zones[place]!;
		const free = zone.free + reclaimableIn(memory, place);
		return watermarkOk(zone, request, zone.min, asking.by.rules, free);
	};
	if (wait.noProgress <= allocatorLimits.reclaimRetries && zonesBelow(memory, wait.highest).some(wouldDo)) return true;
	const unreserved = unreserveBlock(memory, wait.highest, true);
	if (unreserved !== null) asking.machine.updateMemory(unreserved);
	return unreserved !== null;
}

/** Rounds after which nobody is left who could free anything. */
const MAX_ROUNDS = 256;

function again(asking: Asking, wait: PageWait): Slow {
	if (wait.rounds < MAX_ROUNDS) return { kind: "again", wait };
	const { machine } = asking;
	const { comm, pid } = machine.task;
	const text = `${comm}/${pid} tries for ever to get memory, and nothing that could be reclaimed is left`;
	machine.end({ kind: "deadlock", text });
	return { kind: "failed", why: "it has tried for ever" };
}

/** The end of the slow path. What must not fail is helped, and tries again. */
function noPage(asking: Asking, wait: PageWait, why: string): Slow {
	const { bits, rules } = asking.by;
	if ((wait.mask & bits.nofail) !== 0 && (wait.mask & bits.directReclaim) !== 0) {
		const taken = take(asking, wait, AllocFlag.WmarkMin | rules.nofail);
		return taken === null ? again(asking, { ...wait, rounds: wait.rounds + 1 }) : { kind: "took", wait: taken };
	}
	if (wait.blocks.length > 0) asking.machine.updateMemory(giveBlocks(memoryOf(asking), wait.blocks));
	return { kind: "failed", why };
}
