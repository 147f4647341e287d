// Taking and releasing locks, and waiting for them; lockdep's checks of recursion and balance.

import type { LockKindRow, LockRow } from "../model/schema.js";
import { argTarget, argValue, askWhether, type Call } from "./call.js";
import { applyIrqEffect, countUnderflow } from "./irq.js";
import { classOf, irqContext, noteAcquire } from "./lockdep.js";
import { disablePreemption, enablePreemption, type HeldLock } from "./machine.js";
import { block, waited } from "./scheduler.js";
import { checkScheduling, mightSleep, mightSleepInLock } from "./sleep.js";
import { badUnlockBalance, recursiveLocking } from "./splats.js";
import { addressText, globalKey, int, type Value } from "./value.js";
import { blockingHolder } from "./waiting.js";

const EINTR = 4;

/** Runs a lock row. Gives the call's result where the row defines one. */
export function applyLock(call: Call, row: LockRow): Value | undefined {
	const kind = call.machine.world.model.lockKinds.get(row.lock);
	const place = row.arg >= 0 ? argTarget(call, row.arg) : undefined;
	call.machine.sharesWrite(`lock ${place?.key ?? row.global ?? row.name}`);
	call.machine.sharesCpu();
	switch (row.does) {
		case "acquire":
			checkSleepOfLock(call, row, kind);
			takeLock(call, row, kind);
			return undefined;
		case "try":
			checkSleepOfLock(call, row, kind);
			return tryLock(call, row, kind);
		case "release":
			return releaseLock(call, row, kind);
	}
}

function checkSleepOfLock(call: Call, row: LockRow, kind: LockKindRow | undefined): void {
	if (waited(call.machine) !== null) return;
	if (row.sleeps) {
		mightSleep(call);
		return;
	}
	if (row.does === "acquire" && sleepsOnRtOnly(call, kind)) mightSleepInLock(call);
}

/** Is this one of the locks that PREEMPT_RT turns into a sleeping one? Only then. */
function sleepsOnRtOnly(call: Call, kind: LockKindRow | undefined): boolean {
	return call.machine.world.isRt && kind !== undefined && kind.is === "spins" && kind.onRt === "sleeps";
}

function lockOf(call: Call, row: LockRow): HeldLock {
	const place = row.arg >= 0 ? argTarget(call, row.arg) : undefined;
	const value = row.arg >= 0 ? argValue(call, row.arg) : undefined;
	const key = place?.key ?? globalKey(row.global ?? row.name);
	const text = value === undefined || place === undefined ? (row.global ?? row.name) : addressText(place);
	const lockClass = classOf(call.machine, call.depth, row.arg >= 0 ? call.args[row.arg] : undefined, key);
	const level = irqContext(call.machine);
	const { name: by, lock: kind, mode } = row;
	return { key, lockClass, irqContext: level, text, kind, mode, by, at: call.at, assumed: false };
}

function takeLock(call: Call, row: LockRow, kind: LockKindRow | undefined): void {
	const { machine } = call;
	const lock = lockOf(call, row);
	// Who spins has preemption and interrupts off already.
	if (waited(machine) === null || !spins(call, kind)) applyLockCounts(call, row, kind);
	const own = machine.task.locks.find((held) => held.key === lock.key && blocksEachOther(held, lock));
	if (own !== undefined && row.lock !== "semaphore") {
		if (machine.world.config.proveLocking) machine.splat(recursiveLocking(machine, lock, own));
		const { comm, pid } = machine.task;
		const since = `${own.by}() at ${own.at.path}:${own.at.line}`;
		const text = `${comm}/${pid} waits in ${row.name}() for ${lock.text}, which it holds since ${since}`;
		machine.end({ kind: "deadlock", text });
		return;
	}
	const isNested = row.nested === true;
	if (waited(machine) === null) noteAcquire(machine, lock, { isTry: false, isNested });
	if (machine.state.outcome !== null) return;
	if (!isFree(call, lock)) {
		waitForLock(call, lock, kind);
		return;
	}
	machine.updateTask({ locks: [...machine.task.locks, lock] });
}

/** Does a task that waits for such a lock keep its CPU? */
function spins(call: Call, kind: LockKindRow | undefined): boolean {
	return (call.machine.world.isRt ? kind?.onRt : kind?.is) === "spins";
}

function isFree(call: Call, lock: HeldLock): boolean {
	const { state, cpu } = call.machine;
	return blockingHolder(state, cpu.task, lock) === null;
}

function waitForLock(call: Call, lock: HeldLock, kind: LockKindRow | undefined): void {
	const { machine, at } = call;
	const { key, text, mode, by } = lock;
	const isSpinning = spins(call, kind);
	if (!isSpinning && !sleepsOnRtOnly(call, kind) && waited(machine) === null) checkScheduling(call);
	if (!isSpinning && sleepsOnRtOnly(call, kind)) undoLockCounts(call);
	block(machine, { kind: "lock", isSpinning, key, text, by, at, mode, until: 0, hasTimeout: false });
}

/** A lock that sleeps under PREEMPT_RT is a reader of RCU only once it is held. */
function undoLockCounts(call: Call): void {
	const { rcuDepth } = call.machine.task;
	call.machine.updateTask({ rcuDepth: Math.max(rcuDepth - 1, 0) });
}

function blocksEachOther(held: HeldLock, next: HeldLock): boolean {
	return held.mode === "exclusive" || next.mode === "exclusive";
}

/** Interrupts, bottom halves and the preempt count of a lock that is being taken. */
function applyLockCounts(call: Call, row: LockRow, kind: LockKindRow | undefined): void {
	const { machine } = call;
	if (sleepsOnRtOnly(call, kind)) {
		// rt_spin_lock(): a reader of RCU, interrupts stay as they are; bottom halves are per task.
		if (row.irq === "bh-off") applyIrqEffect(call, row.irq, row.flagsArg);
		if (row.irq === "save") applyRtSave(call, row);
		machine.updateTask({ rcuDepth: machine.task.rcuDepth + 1 });
		return;
	}
	applyIrqEffect(call, row.irq, row.flagsArg);
	if (kind?.preempt) disablePreemption(machine);
}

/** On RT the irqsave forms leave interrupts alone and store zero. */
function applyRtSave(call: Call, row: LockRow): void {
	const before = call.machine.cpu.irqsOn;
	applyIrqEffect(call, "save", row.flagsArg);
	call.machine.updateCpu({ irqsOn: before });
}

function tryLock(call: Call, row: LockRow, kind: LockKindRow | undefined): Value {
	const { machine } = call;
	const lock = lockOf(call, row);
	const isOwn = machine.task.locks.some((held) => held.key === lock.key && blocksEachOther(held, lock));
	const choice = { kind: "trylock", text: `${row.name}() gets ${lock.text}`, isOptional: true } as const;
	// With the others' code at hand it is known who holds it; else somebody may.
	const isKnown = machine.state.tasks.length > machine.state.cpus.length + 1;
	const isTaken = !isOwn && isFree(call, lock) && (isKnown || askWhether(call, choice, true));
	if (isTaken) {
		applyLockCounts(call, row, kind);
		noteAcquire(machine, lock, { isTry: true, isNested: false });
		machine.updateTask({ locks: [...machine.task.locks, lock] });
	}
	if (row.success === "zero") return int(isTaken ? 0 : -EINTR);
	return int(isTaken ? 1 : 0);
}

function releaseLock(call: Call, row: LockRow, kind: LockKindRow | undefined): undefined {
	const { machine, at } = call;
	const lock = lockOf(call, row);
	const { locks } = machine.task;
	const isSame = (held: HeldLock) => held.key === lock.key;
	let index = locks.findLastIndex((held) => isSame(held) && held.mode === row.mode);
	if (index < 0) index = locks.findLastIndex(isSame);
	if (index < 0) index = sameByAnotherName(call, lock);
	const held = locks[index];
	if (held === undefined) {
		if (machine.world.config.proveLocking && row.lock !== "semaphore") {
			machine.splat(badUnlockBalance(machine, lock.text, at));
		}
		releaseOfOther(call, row, lock);
	} else machine.updateTask({ locks: locks.filter((_, i) => i !== index) });
	machine.wakeWaiters();
	if (held?.assumed) return undefined;
	if (sleepsOnRtOnly(call, kind)) {
		if (machine.task.rcuDepth > 0) machine.updateTask({ rcuDepth: machine.task.rcuDepth - 1 });
		if (row.irq === "bh-on") applyIrqEffect(call, row.irq, row.flagsArg);
		return undefined;
	}
	// The kernel's order: the lock, interrupts, then the preempt count.
	applyIrqEffect(call, row.irq, row.flagsArg);
	if (kind?.preempt && !enablePreemption(machine)) countUnderflow(call);
	return undefined;
}

/** A semaphore may be given back by another task than the one that took it. */
function releaseOfOther(call: Call, row: LockRow, lock: HeldLock): void {
	const { machine } = call;
	if (row.lock !== "semaphore") return;
	const owner = machine.state.tasks.findIndex(({ locks }) => locks.some(({ key }) => key === lock.key));
	if (owner < 0) return;
	const { locks } = machine.state.tasks[owner]!;
	const index = locks.findLastIndex(({ key }) => key === lock.key);
	machine.updateTaskAt(owner, { locks: locks.filter((_, i) => i !== index) });
}

/**
 * Two unknown pointers may lead to one object. A held lock of the same kind and member, when there is only
 * one, is taken to be the one that is released.
 */
function sameByAnotherName(call: Call, lock: HeldLock): number {
	const { machine, at } = call;
	const { locks } = machine.task;
	const isLike = (held: HeldLock) =>
		held.kind === lock.kind && memberOf(held.key) === memberOf(lock.key) && isIndirect(held) && isIndirect(lock);
	const index = locks.findIndex(isLike);
	if (index < 0 || locks.findLastIndex(isLike) !== index) return -1;
	machine.note(`${lock.text} is taken to be ${locks[index]!.text}, the only such lock that is held`, at);
	return index;
}

function memberOf(key: string): string {
	return key.slice(key.lastIndexOf(".") + 1);
}

/** Reached through a pointer whose value nobody knows. */
function isIndirect(lock: HeldLock): boolean {
	return lock.key.startsWith("*") && lock.key.includes(".");
}
