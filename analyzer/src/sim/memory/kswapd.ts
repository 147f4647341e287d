// kswapd: a task of its own, which the allocator wakes where the low watermark is not met and which reclaims until a
// zone is at its high one. Its code (model/kswapd.ts) calls the two functions here. What reclaim calls back to runs
// on its stack, with PF_MEMALLOC set.

import { NONE } from "../../ir/ops.js";
import { AllocFlag, allocatorLimits } from "../../model/allocator.js";
import { commonNamesThat } from "../../model/gfp.js";
import { compactGap, kswapdThread } from "../../model/kswapd.js";
import { contextRow } from "../activation.js";
import type { Call } from "../call.js";
import { serverOf, startServing } from "../interrupts.js";
import type { Machine } from "../machine.js";
import { isResting, requestResched } from "../scheduler.js";
import { int, unknown, type Value, ZERO } from "../value.js";
import { type Asking, askingOf } from "./asking.js";
import { dropReclaim, holdReclaim } from "./fsReclaim.js";
import { counted, type Kswapd, type MemoryState, type Pass } from "./memoryState.js";
import { continuePass, type Passing, pathsOnStack, planPass, reapPass } from "./pass.js";
import { watermarkOk } from "./watermarks.js";

/** wake_all_kswapds(), for blocks of an order in zones up to this one. */
export function wakeKswapd(machine: Machine, highest: number, order: number): void {
	const { world } = machine;
	const { mem } = machine.state;
	if (world.memory.kswapd.pages === 0 || world.kswapd === NONE) return;
	const wanted = wantedBy(mem.kswapd, highest, order);
	if (mem.kswapd.isAwake) {
		if (wanted !== mem.kswapd) machine.updateMemory({ ...mem, kswapd: wanted });
		return;
	}
	if (hasGivenUp(mem.kswapd) || isBalanced(machine, { highest, order })) return;
	const paths = machine.task.frames.length === 0 ? mem.kswapd.paths : pathsOnStack(machine);
	const kswapd: Kswapd = { ...mem.kswapd, isAwake: true, highest, order, paths, reclaimed: 0 };
	machine.updateMemory({ ...counted(mem, "kswapdWakes"), kswapd });
	start(machine);
}

/** Zones and order of those who are waiting for it already go on counting. */
function wantedBy(kswapd: Kswapd, highest: number, order: number): Kswapd {
	if (kswapd.highest >= highest && kswapd.order >= order) return kswapd;
	return { ...kswapd, highest: Math.max(kswapd.highest, highest), order: Math.max(kswapd.order, order) };
}

/** Wakes its task, which is made when it is woken for the first time: on a CPU that has nothing to do, if there is one. */
function start(machine: Machine): void {
	const { world, state } = machine;
	const { comm, runs } = kswapdThread;
	const context = contextRow(world, runs)!;
	const idle = state.cpus.findIndex((cpu) => isResting(state, cpu));
	const index = serverOf(machine, comm, idle < 0 ? state.cpu : idle);
	const args = [unknown("node", "node")];
	startServing(machine, index, { fn: world.kswapd, args, context, kind: "item", label: comm });
	machine.tell(`${comm} is woken`);
	// Who has slept for long is to run soon; lazy preemption waits for a tick.
	const { cpu } = machine.state.tasks[index]!;
	const isBusy = !isResting(machine.state, state.cpus[cpu]!);
	if (isBusy && world.config.preemption !== "lazy") requestResched(machine, cpu);
}

/** Its function has come back: it sleeps, unless it is to begin again at once. */
export function kswapdReturned(machine: Machine): void {
	const { kswapd } = machine.state.mem;
	if (!hasGivenUp(kswapd) && !isBalanced(machine, kswapd)) {
		start(machine);
		return;
	}
	machine.updateMemory({ ...machine.state.mem, kswapd: { ...kswapd, isAwake: false } });
}

/** pgdat_balanced(): is a zone that will do at its high watermark? */
export function nodeBalanced({ machine }: Call): Value {
	return int(isBalanced(machine, machine.state.mem.kswapd) ? 1 : 0);
}

function isBalanced({ state, world }: Machine, { highest, order }: { highest: number; order: number }): boolean {
	const request = { order, flags: AllocFlag.WmarkHigh, highestZone: highest };
	return state.mem.zones.some((zone) => {
		return zone.index <= highest && watermarkOk(zone, request, zone.high, world.watermarkRules, zone.free);
	});
}

/** kswapd_shrink_node(): one pass of reclaim. Zero: there is no use in going on. */
export function shrinkNode(call: Call): Value | undefined {
	const { machine } = call;
	const asking = askingOf(call);
	const { kswapd } = machine.state.mem;
	const mask = machine.world.constant(call.at.file, commonNamesThat("can-sleep")[0]!) ?? 0;
	const passing: Passing = { by: kswapdThread.comm, mask, highest: kswapd.highest };
	const pass = kswapd.pass ?? begun(asking, passing);
	const next = continuePass(asking, passing, pass);
	if (next !== null) {
		keepPass(machine, { pass: next });
		return undefined;
	}
	dropReclaim(machine);
	const pages = reapPass(machine, passing, pass);
	const now = machine.state.mem.kswapd;
	const reclaimed = now.reclaimed + pages;
	const order = reclaimed >= compactGap * 2 ** now.order ? 0 : now.order;
	keepPass(machine, { pass: null, reclaimed, order, failures: pages > 0 ? 0 : now.failures + 1 });
	return hasGivenUp(machine.state.mem.kswapd) ? ZERO : int(1);
}

/** balance_pgdat() takes fs_reclaim although it is PF_MEMALLOC. */
function begun(asking: Asking, passing: Passing): Pass {
	const { machine, at } = asking;
	const { config, memory } = machine.world;
	if (config.proveLocking) holdReclaim(machine, at);
	return planPass(asking, passing, memory.kswapd.pages, machine.state.mem.kswapd.paths);
}

function keepPass(machine: Machine, patch: Partial<Kswapd>): void {
	const { mem } = machine.state;
	machine.updateMemory({ ...mem, kswapd: { ...mem.kswapd, ...patch } });
}

/** MAX_RECLAIM_RETRIES passes in a row without a page: the node is left to direct reclaim. */
export function hasGivenUp({ failures }: Kswapd): boolean {
	return failures >= allocatorLimits.reclaimRetries;
}

/** Somebody has got pages after all. */
export function hopeAgain(memory: MemoryState): MemoryState {
	return memory.kswapd.failures === 0 ? memory : { ...memory, kswapd: { ...memory.kswapd, failures: 0 } };
}
