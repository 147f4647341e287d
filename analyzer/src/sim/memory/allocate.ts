// One call of an allocator: checks the context (might_alloc()), then gives memory or fails as the zones, the
// mask and the injected failures say. A call that reclaims or waits runs its op again until it is through.

import { usualPoolSize } from "../../model/allocator.js";
import { commonNamesThat } from "../../model/gfp.js";
import type { AllocRow } from "../../model/schema.js";
import { argTarget, argValue, askWhether, type Call, gfpBlocks } from "../call.js";
import { draw } from "../rng.js";
import { block, requestResched, reschedule } from "../scheduler.js";
import { mightSleep, mightSleepInLock } from "../sleep.js";
import { globalKey, int, type Value } from "../value.js";
import { retryFlags } from "./allocFlags.js";
import { type Asking, askingOf, maskInEffect, maskInScope } from "./asking.js";
import { waitForTurn } from "./callback.js";
import { noteReclaim } from "./fsReclaim.js";
import { takeElement, withObject, withPool } from "./heap.js";
import { type AllocationWait, type Block, counted, type Want } from "./memoryState.js";
import { allocationFailure, reserveNote } from "./messages.js";
import { growSlab, newSlab, takeObject } from "./slab.js";
import { tryPages, wantPages } from "./slowPath.js";
import { wantsOf } from "./wants.js";
import { reach } from "./watermarks.js";

const ENOMEM = 12;

/** The call's result; undefined while it is not through. */
export function applyAllocation(call: Call, row: AllocRow): Value | undefined {
	const { machine } = call;
	const waiting = machine.state.mem.waits.get(machine.frame.id);
	if (waiting !== undefined) return proceed(call, row, waiting);
	const asking = askingOf(call);
	const mask = maskInEffect(asking, maskOf(call, row));
	noteReclaim(asking, maskInScope(asking, mask), row.name);
	if (row.alwaysSleeps || (mask & asking.by.bits.directReclaim) !== 0) mightSleep(call);
	// The allocator's own locks sleep there, whatever the mask says.
	else if (machine.world.isRt) mightSleepInLock(call);
	if (machine.state.outcome !== null) return undefined;
	machine.updateMemory(counted(machine.state.mem, "allocations"));
	if (row.zero !== undefined && mask === 0) return success(call, row, null);
	if (isInjected(call, row, asking, mask)) return failure(call, row);
	const wants = wantsOf(call, row, asking, maskInScope(asking, mask));
	return proceed(call, row, { wants, pages: null, pool: poolFor(call, row), waitsSince: -1 });
}

/** The mask of a call: its argument, else what the row says; of one that nobody knows, whether it blocks is asked. */
function maskOf(call: Call, row: AllocRow): number {
	const { world } = call.machine;
	const named = (name: string | undefined) => (name === undefined ? undefined : world.constant(call.at.file, name));
	const given = row.gfp < 0 ? undefined : argValue(call, row.gfp);
	if (given?.kind === "int") return given.value;
	if (given !== undefined) return named(commonNamesThat(gfpBlocks(call, given) ? "can-sleep" : "cannot-sleep")[0]) ?? 0;
	if (row.implicit === undefined && row.gfp < 0) return named(commonNamesThat("cannot-sleep")[0]) ?? 0;
	return named(row.implicit ?? commonNamesThat("can-sleep")[0]) ?? 0;
}

/** Does this one fail although there is memory? */
function isInjected(call: Call, row: AllocRow, { by }: Asking, mask: number): boolean {
	if (row.fails === "never" || (mask & by.bits.nofail) !== 0) return false;
	const { machine } = call;
	const { failures } = machine.world.memory;
	const number = machine.state.mem.counts.allocations;
	const isHit = () => {
		switch (failures.kind) {
			case "ask":
				return askWhether(call, { kind: "allocation", text: `${row.name}() fails`, isOptional: true }, false);
			case "never":
				return false;
			case "nth":
				return failures.nth.includes(number);
			case "every":
				return number % failures.every === 0;
			case "chance": {
				const { value, seed } = draw(machine.state.mem.seed, failures.oneIn);
				machine.updateMemory({ ...machine.state.mem, seed });
				return value === 0;
			}
		}
	};
	if (!isHit()) return false;
	machine.updateMemory(counted(machine.state.mem, "injected"));
	return true;
}

/** Goes on until there is memory, or none, or the op has to run again. */
function proceed(call: Call, row: AllocRow, waiting: AllocationWait): Value | undefined {
	const { machine } = call;
	const asking = askingOf(call);
	let now = waiting;
	for (;;) {
		const want = now.wants[0];
		if (want === undefined) return exhausted(call, row, asking, now);
		const depth = machine.depth;
		const done = makeOf(asking, want, now);
		if (done.kind === "again") {
			keep(call, { ...now, pages: done.wait });
			if (machine.depth === depth) yieldCpu(call, row);
			return undefined;
		}
		if (done.kind === "got") return success(call, row, { want, blocks: done.blocks, pool: now.pool });
		if (machine.state.outcome !== null) return undefined;
		const element = now.pool === "" ? null : takeElement(machine.state.mem, now.pool);
		if (element !== null) {
			machine.updateMemory(element);
			return success(call, row, { want: { ...want, slab: "" }, blocks: [], pool: now.pool });
		}
		if (now.wants.length === 1 && (want.mask & asking.by.bits.nowarn) === 0) warnOnce(asking, want);
		now = { ...now, wants: now.wants.slice(1), pages: null };
	}
}

/** An object or pages for one of the things that are tried. */
function makeOf(asking: Asking, want: Want, waiting: AllocationWait) {
	const { machine } = asking;
	if (want.slab !== "") {
		const taken = takeObject(machine.state.mem, want.slab);
		if (taken !== null) {
			machine.updateMemory(taken);
			return { kind: "got", blocks: [] } as const;
		}
	}
	const before = machine.state.mem.counts.fromReserve;
	const progress = tryPages(asking, waiting.pages ?? wantPages(want.mask, want.order, want.blocks, asking.by));
	if (machine.state.mem.counts.fromReserve > before) noteReserve(asking, want);
	if (progress.kind !== "got" || want.slab === "") return progress;
	const slab = machine.state.mem.slabs.get(want.slab) ?? newSlab(want.slabName, want.objectSize);
	const grown = growSlab(machine.state.mem, want.slab, slab, progress.blocks);
	machine.updateMemory(takeObject(grown, want.slab) ?? grown);
	return { kind: "got", blocks: [] } as const;
}

function noteReserve(asking: Asking, want: Want): void {
	const { machine, at, by } = asking;
	const zone = machine.state.mem.zones.find(({ free, min }) => free < min);
	if (zone === undefined) return;
	reserveNote(asking, zone, want.mask, reach(zone, retryFlags(want.mask, want.order, by), by.rules), at);
}

/** warn_alloc() is limited in rate: one report for each place. */
function warnOnce(asking: Asking, want: Want): void {
	const { machine, at } = asking;
	const key = `failure@${at.path}:${at.line}`;
	if (machine.state.warned.get(key)) return;
	machine.update({ warned: machine.state.warned.set(key, true) });
	allocationFailure(asking, want);
}

/** Nothing that was tried has worked. A pool waits for an element where the caller may sleep. */
function exhausted(call: Call, row: AllocRow, { by }: Asking, waiting: AllocationWait): Value | undefined {
	const { machine, at } = call;
	const pool = waiting.pool === "" ? undefined : machine.state.mem.pools.get(waiting.pool);
	const mask = maskOf(call, row);
	if (pool === undefined || (mask & by.bits.directReclaim) === 0) return failure(call, row);
	const asking = askingOf(call);
	const wants = wantsOf(call, row, asking, maskInScope(asking, mask));
	keep(call, { ...waiting, wants, pages: null });
	const text = `an element of ${pool.name}, of which all ${pool.min} are in use`;
	block(machine, {
		kind: "memory",
		isSpinning: false,
		key: waiting.pool,
		text,
		by: row.name,
		at,
		mode: "exclusive",
		until: 0,
		// As long as kswapd is at work there may be memory after a while.
		hasTimeout: machine.state.mem.kswapd.isAwake,
	});
	return undefined;
}

/** Remembers how far the allocation of the calling frame is; a callback may be on top of it already. */
function keep({ machine, depth }: Call, waiting: AllocationWait | undefined): void {
	const { mem } = machine.state;
	const { id } = machine.task.frames[depth]!;
	machine.updateMemory({ ...mem, waits: mem.waits.set(id, waiting) });
}

/** Between two tries others may run on this CPU; kswapd does, which by now has had its tick. */
function yieldCpu(call: Call, row: AllocRow): void {
	const { machine, at } = call;
	waitForTurn(machine, at, row.name);
	if (machine.state.mem.kswapd.isAwake) requestResched(machine, machine.state.cpu);
	reschedule(machine);
}

interface Made {
	readonly want: Want;
	readonly blocks: readonly Block[];
	readonly pool: string;
}

function success(call: Call, row: AllocRow, made: Made | null): Value {
	const { machine, at } = call;
	keep(call, undefined);
	if (row.fails === "errno") return int(0);
	const id = machine.newId();
	const name = `${row.name}#${id}`;
	const key = `H${id}`;
	if (made !== null) {
		const { want, blocks, pool } = made;
		const object = { by: row.name, at, mask: want.mask, slab: want.slab, blocks, pool };
		machine.updateMemory(withObject(machine.state.mem, key, object));
	}
	return { kind: "pointer", place: { key, text: `*${name} (line ${at.line})`, pointer: name } };
}

function failure(call: Call, row: AllocRow): Value {
	const { machine } = call;
	keep(call, undefined);
	machine.updateMemory(counted(machine.state.mem, "failures"));
	return row.fails === "null" ? int(0) : int(-ENOMEM);
}

/** Key of the pool that a call takes from; one that was made before the run has the usual number of elements. */
function poolFor(call: Call, row: AllocRow): string {
	if (row.pool === undefined) return "";
	const { machine } = call;
	const place = typeof row.pool === "number" ? argTarget(call, row.pool) : undefined;
	const key = typeof row.pool === "number" ? (place?.key ?? row.name) : globalKey(row.pool);
	if (machine.state.mem.pools.get(key) === undefined) {
		const name = place?.pointer ?? place?.text ?? String(row.pool);
		machine.updateMemory(withPool(machine.state.mem, key, { name, min: usualPoolSize, left: usualPoolSize }));
	}
	return key;
}
