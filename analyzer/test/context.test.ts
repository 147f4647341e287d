// The context lattice: taking and releasing, interrupts saved and restored, and what a caller's context
// becomes after what a callee did to it.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	Ac,
	acquire,
	applyCtx,
	type Ctx,
	ctxKey,
	forbidsSleep,
	Irq,
	IrqCode,
	type Item,
	isAtomic,
	KindTable,
	Level,
	NEUTRAL,
	release,
	SPIN_SHIFT,
	setIrq,
} from "../src/flow/context.js";
import { type PathId, PathTable } from "../src/flow/paths.js";
import { builtinRows, compileModel } from "../src/model/compile.js";

const model = compileModel(builtinRows, [6, 1]);
const kinds = new KindTable(model, "default");
const paths = new PathTable();
const SPIN = kinds.lock("spinlock");
const MUTEX = kinds.lock("mutex");
const RCU = kinds.section("rcu");
const PREEMPT = kinds.section("preempt");
const LOCK_NAME = 11;
const lockA = paths.field(paths.parameter(0), LOCK_NAME);
const lockB = paths.field(paths.parameter(1), LOCK_NAME + 1);

const item = (kind: number, path: PathId, op = 0): Item => ({ kind, path, op, irq: IrqCode.None, asserted: false });
const take = (ctx: Ctx, kind: number, path: PathId): Ctx => acquire(paths, ctx, item(kind, path));
const drop = (ctx: Ctx, kind: number, path: PathId): Ctx => release(paths, ctx, item(kind, path)).ctx;
const spins = (ac: number): number => (ac & Ac.SpinMask) >> SPIN_SHIFT;

test("a lock taken and released leaves nothing", () => {
	const held = take(NEUTRAL, SPIN, lockA);
	assert.equal(held.items.length, 1);
	assert.equal(ctxKey(drop(held, SPIN, lockA)), ctxKey(NEUTRAL));
	const { held: released } = release(paths, held, item(SPIN, lockA, 5));
	assert.equal(released?.op, 0, "release says which taking it ends");
});

test("locks are told apart by kind and path", () => {
	const both = take(take(NEUTRAL, SPIN, lockA), SPIN, lockB);
	const onlyB = drop(both, SPIN, lockA);
	assert.deepEqual(
		onlyB.items.map((held) => held.path),
		[lockB],
	);
	const mixed = drop(take(NEUTRAL, SPIN, lockA), MUTEX, lockA);
	assert.equal(mixed.items.length, 1, "a mutex's release does not end a spinning lock");
});

test("a caller's lock dropped and taken again is the caller's again", () => {
	const dropped = drop(NEUTRAL, SPIN, lockA);
	assert.equal(dropped.gone.length, 1);
	assert.equal(ctxKey(take(dropped, SPIN, lockA)), ctxKey(NEUTRAL));
	const other = take(dropped, MUTEX, lockB);
	assert.equal(other.gone.length, 1, "another lock does not stand for it");
});

test("an asserted lock that is released is the caller's", () => {
	const asserted: Ctx = { ...NEUTRAL, items: [{ ...item(SPIN, lockA), asserted: true }] };
	const after = drop(asserted, SPIN, lockA);
	assert.equal(after.items.length, 0);
	assert.equal(after.gone.length, 1);
});

test("saved interrupts come back as they were", () => {
	const flags = paths.local(3);
	const off = setIrq(NEUTRAL, IrqCode.Save, flags, 1);
	assert.equal(off.irq, Irq.Off);
	assert.equal(setIrq(off, IrqCode.Restore, flags, 2).irq, Irq.AsEntered);
	const inner = setIrq(off, IrqCode.Save, paths.local(4), 3);
	const back = setIrq(inner, IrqCode.Restore, paths.local(4), 4);
	assert.equal(back.irq, Irq.Off, "the inner pair leaves them off");
	assert.equal(setIrq(back, IrqCode.Restore, flags, 5).irq, Irq.AsEntered);
});

test("what was turned off here and on again is as it was", () => {
	const off = setIrq(NEUTRAL, IrqCode.Off, paths.unknown, 1);
	assert.equal(off.irq, Irq.Off);
	assert.equal(setIrq(off, IrqCode.On, paths.unknown, 2).irq, Irq.AsEntered);
	assert.equal(setIrq(NEUTRAL, IrqCode.On, paths.unknown, 2).irq, Irq.On);
	assert.equal(setIrq(NEUTRAL, IrqCode.Restore, paths.unknown, 1).irq, Irq.Restored);
});

test("a callee's effect on a caller's context", () => {
	const process = Level.Process as number;
	const underLock = applyCtx(kinds, process, take(NEUTRAL, SPIN, lockA));
	assert.equal(spins(underLock), 1);
	assert.ok(isAtomic(underLock));
	assert.equal(applyCtx(kinds, underLock, drop(NEUTRAL, SPIN, lockA)), process, "the callee dropped the lock");
	assert.equal(applyCtx(kinds, process, take(NEUTRAL, MUTEX, lockA)), process, "a mutex makes nothing atomic");
	assert.equal(applyCtx(kinds, process, drop(NEUTRAL, SPIN, lockA)), process, "nobody holds fewer than no locks");
});

test("sections make code atomic, RCU only forbids to sleep", () => {
	const process = Level.Process as number;
	const preemptOff = applyCtx(kinds, process, take(NEUTRAL, PREEMPT, paths.unknown));
	assert.ok(isAtomic(preemptOff));
	const reader = applyCtx(kinds, process, take(NEUTRAL, RCU, paths.unknown));
	assert.ok(!isAtomic(reader));
	assert.ok(forbidsSleep(reader));
	assert.equal(applyCtx(kinds, reader, drop(NEUTRAL, RCU, paths.unknown)), process);
});

test("interrupts on again do not end a hard interrupt", () => {
	const on = setIrq(NEUTRAL, IrqCode.On, paths.unknown, 1);
	const handler = Level.Hardirq | Ac.IrqsOff;
	assert.equal(applyCtx(kinds, handler, on) & Ac.IrqsOff, Ac.IrqsOff);
	assert.ok(isAtomic(Level.Hardirq));
	assert.ok(isAtomic(Level.Softirq));
	assert.ok(!isAtomic(Level.Process));
	assert.ok(!isAtomic(Level.Any));
	assert.equal(applyCtx(kinds, Level.Process | Ac.IrqsOff, on) & Ac.IrqsOff, 0);
});

test("under PREEMPT_RT a spinlock does not spin, a raw one does", () => {
	const rt = new KindTable(model, "rt");
	assert.equal(rt.spins[rt.lock("spinlock")], false);
	assert.equal(rt.spins[rt.lock("raw_spinlock")], true);
	assert.equal(kinds.spins[SPIN], true);
});

test("contexts with equal parts have equal keys, others do not", () => {
	const a = take(take(NEUTRAL, SPIN, lockA), MUTEX, lockB);
	const again = take(take(NEUTRAL, SPIN, lockA), MUTEX, lockB);
	assert.equal(ctxKey(a), ctxKey(again));
	const others = [
		NEUTRAL,
		take(NEUTRAL, SPIN, lockA),
		drop(NEUTRAL, SPIN, lockA),
		setIrq(a, IrqCode.Off, paths.unknown, 9),
	];
	assert.equal(new Set([a, ...others].map(ctxKey)).size, others.length + 1);
});

test("taking without end stops growing", () => {
	let ctx: Ctx = NEUTRAL;
	for (let i = 0; i < 100; i++) ctx = take(ctx, SPIN, paths.field(paths.parameter(0), 100 + i));
	const size = ctx.items.length;
	assert.ok(size < 100);
	assert.equal(take(ctx, SPIN, paths.field(paths.parameter(0), 500)).items.length, size);
});

test("paths are one when their fields are, whatever lies between", () => {
	const member = 21;
	const p = paths.parameter(0);
	assert.equal(paths.field(p, member), paths.field(paths.parameter(0), member));
	assert.notEqual(paths.field(p, member), paths.field(paths.parameter(1), member));
	assert.equal(paths.field(paths.field(p, member), ~member), p, "container_of undoes a member");
	assert.equal(paths.field(paths.field(p, ~member), member), p, "and the other way round");
	assert.equal(paths.rebase(paths.field(p, member), paths.global(5)), paths.field(paths.global(5), member));
	assert.equal(paths.tail(paths.field(p, member)), member);
	assert.equal(paths.tail(p), -1);
	assert.equal(paths.root(paths.field(paths.field(p, 1), 2)), p);
});
