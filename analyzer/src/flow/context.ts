// The context lattice. `Ctx` is what a function has done to its caller's context up to a point: what it
// holds, what of the caller's it has released, how interrupts stand. `Ac` is an absolute context in a few
// bits: what a function runs in. A Ctx applied to an Ac gives the Ac of a callee.

import { noneOf, withItem, withoutItem } from "../base/lists.js";
import type { Model } from "../model/schema.js";
import { Need, needOf } from "./need.js";
import type { PathId, PathTable } from "./paths.js";

/** Interrupts, relative to the entry of the function. */
export const enum Irq {
	AsEntered = 0,
	Off = 1,
	On = 2,
	/** put back to what flags say that were saved elsewhere */
	Restored = 3,
}

/** A lock or section that is held, or (in `gone`) was the caller's and has been released. */
export interface Item {
	/** index in KindTable */
	readonly kind: number;
	/** the lock; PathTable.unknown for sections */
	readonly path: PathId;
	/** op of this function that brought it (the acquisition, or the call that returned with it) */
	readonly op: number;
	/** how taking it changed interrupts: index in IRQ_EFFECTS */
	readonly irq: number;
	/** held because an assertion says so, not because it was taken here */
	readonly asserted: boolean;
}

export interface Saved {
	/** path of the variable that keeps the flags */
	readonly flags: PathId;
	readonly irq: Irq;
	readonly op: number;
}

export interface Ctx {
	readonly items: readonly Item[];
	readonly gone: readonly Item[];
	readonly irq: Irq;
	/** what `irq` was before this function turned interrupts off */
	readonly irqBefore: Irq;
	/** op that last changed interrupts, -1 at entry */
	readonly irqOp: number;
	readonly saved: readonly Saved[];
}

export const NEUTRAL: Ctx = {
	items: noneOf(),
	gone: noneOf(),
	irq: Irq.AsEntered,
	irqBefore: Irq.AsEntered,
	irqOp: -1,
	saved: noneOf(),
};

/**
 * A context like another one, but for what it holds and has released. Contexts are written out wherever they are made:
 * to V8, what `...` copies is of another kind at each place, and code that is handed those is compiled for each anew.
 */
export function withItems(ctx: Ctx, items: readonly Item[], gone: readonly Item[]): Ctx {
	return { items, gone, irq: ctx.irq, irqBefore: ctx.irqBefore, irqOp: ctx.irqOp, saved: ctx.saved };
}

/** A context like another one, but for how interrupts stand. */
function withIrq(ctx: Ctx, irq: Irq, irqBefore: Irq, irqOp: number, saved: readonly Saved[]): Ctx {
	return { items: ctx.items, gone: ctx.gone, irq, irqBefore, irqOp, saved };
}

/** The same lock or section by another path, brought by another op. */
export function itemAt({ kind, irq, asserted }: Item, path: PathId, op: number): Item {
	return { kind, path, op, irq, asserted };
}

export const IRQ_EFFECTS = ["none", "off", "on", "save", "restore", "bh-off", "bh-on"] as const;
export const enum IrqCode {
	None = 0,
	Off = 1,
	On = 2,
	Save = 3,
	Restore = 4,
	BhOff = 5,
	BhOn = 6,
}

/** Lock and section kinds of the model, numbered, with what they mean under a profile. */
export class KindTable {
	readonly names: string[] = [];
	/** Ac bits that holding it adds, spinning locks excepted */
	readonly bits: number[] = [];
	readonly isLock: boolean[] = [];
	/** a lock whose holder may not sleep */
	readonly spins: boolean[] = [];
	/** what reclaim must not do for an allocation while it is held */
	readonly needs: Need[] = [];
	private readonly codes = new Map<string, number>();

	constructor(model: Model, profile: "default" | "rt") {
		for (const row of model.lockKinds.values()) {
			const spins = (profile === "rt" ? row.onRt : row.is) === "spins";
			this.add(`lock:${row.kind}`, row.kind, 0, true, spins, Need.None);
		}
		for (const row of model.sectionKinds.values()) {
			const inside = profile === "rt" ? row.onRt : row.inside;
			this.add(`section:${row.kind}`, row.kind, sectionBits(row.kind, inside), false, false, needOf(row.reclaim));
		}
	}

	lock(kind: string): number {
		return this.codes.get(`lock:${kind}`) ?? -1;
	}
	section(kind: string): number {
		return this.codes.get(`section:${kind}`) ?? -1;
	}

	private add(key: string, name: string, bits: number, isLock: boolean, spins: boolean, need: Need): void {
		this.codes.set(key, this.names.length);
		this.names.push(name);
		this.bits.push(bits);
		this.isLock.push(isLock);
		this.spins.push(spins);
		this.needs.push(need);
	}
}

/** An absolute context as bits. Joins are not taken: a function has a set of these. */
export const enum Ac {
	/** bits 0-1: Level */
	LevelMask = 3,
	IrqsOff = 1 << 2,
	/** bits 3-4: number of spinning locks that callers hold, at most 3 */
	SpinMask = 3 << 3,
	BhOff = 1 << 5,
	PreemptOff = 1 << 6,
	Rcu = 1 << 7,
	NoIo = 1 << 8,
	NoFs = 1 << 9,
	MemAlloc = 1 << 10,
	NonBlock = 1 << 11,
	/** a spinning lock of the framework, which the callback does not drop */
	Framework = 1 << 13,
	/** page faults are disabled: user access fails instead of sleeping */
	NoFault = 1 << 14,
	/** the scheduler does not run yet: sleeping is not checked */
	Booting = 1 << 15,
}

/** Where the spin count of an Ac begins. */
export const SPIN_SHIFT = 3;

export const enum Level {
	/** not known: the context is that of whoever calls */
	Any = 0,
	Process = 1,
	Softirq = 2,
	Hardirq = 3,
}

const ATOMIC_BITS = Ac.IrqsOff | Ac.SpinMask | Ac.BhOff | Ac.PreemptOff | Ac.NonBlock | Ac.Framework;

/** May code in this context not sleep, RCU left aside? */
export function isAtomic(ac: number): boolean {
	return (ac & Ac.LevelMask) >= Level.Softirq || (ac & ATOMIC_BITS) !== 0;
}

/** May code in this context not sleep for any reason? */
export function forbidsSleep(ac: number): boolean {
	return (ac & Ac.Booting) === 0 && (isAtomic(ac) || (ac & Ac.Rcu) !== 0);
}

/**
 * May no lock be taken here that sleeps under PREEMPT_RT: a raw lock is held, preemption or interrupts are off, or it is a
 * hard interrupt? What a framework holds is mostly a lock that sleeps there; kmap_atomic() leaves preemption on.
 */
export function isRaw(ac: number): boolean {
	if ((ac & (Ac.Framework | Ac.Booting)) !== 0) return false;
	const off = (ac & Ac.NoFault) === 0 ? Ac.IrqsOff | Ac.SpinMask | Ac.PreemptOff : Ac.IrqsOff | Ac.SpinMask;
	return (ac & Ac.LevelMask) === Level.Hardirq || (ac & off) !== 0;
}

/** What a callee is told of a context: where sleeping is not checked, it does not matter what is held. */
export function handedOn(ac: number): number {
	return (ac & Ac.Booting) === 0 ? ac : ac & (Ac.Booting | Ac.LevelMask);
}

/** The Ac bits of a section kind. */
function sectionBits(kind: string, inside: string): number {
	if (inside === "rcu") return Ac.Rcu;
	if (inside === "unchecked") return Ac.Booting;
	if (kind === "pagefault") return Ac.NoFault | (inside === "atomic" ? Ac.PreemptOff : 0);
	if (inside === "sleepable") return 0;
	switch (kind) {
		case "irq":
			return Ac.IrqsOff;
		case "bh":
		case "softirq":
			return Ac.BhOff;
		case "noio":
			return Ac.NoIo | Ac.NoFs;
		case "nofs":
			return Ac.NoFs;
		case "memalloc":
			return Ac.MemAlloc;
		case "non_block":
			return Ac.NonBlock;
		default:
			return inside === "atomic" ? Ac.PreemptOff : 0;
	}
}

/** The context of code that runs after `ctx` in a function entered in `ac`. */
export function applyCtx(kinds: KindTable, ac: number, ctx: Ctx): number {
	let next = ac;
	let spins = (next & Ac.SpinMask) >> SPIN_SHIFT;
	for (const item of ctx.gone) {
		if (kinds.spins[item.kind]) spins = Math.max(0, spins - 1);
		else next &= ~kinds.bits[item.kind]!;
	}
	for (const item of ctx.items) {
		if (kinds.spins[item.kind]) spins = Math.min(3, spins + 1);
		next |= kinds.bits[item.kind]!;
	}
	next = (next & ~Ac.SpinMask) | (spins << SPIN_SHIFT);
	if (ctx.irq === Irq.Off) next |= Ac.IrqsOff;
	else if (ctx.irq !== Irq.AsEntered && (ac & Ac.LevelMask) !== Level.Hardirq) next &= ~Ac.IrqsOff;
	return next;
}

/** Text that is equal for equal contexts. */
export function ctxKey(ctx: Ctx): string {
	let key = `${ctx.irq}.${ctx.irqBefore}.${ctx.irqOp}`;
	for (const item of ctx.items) key += `+${item.kind},${item.path},${item.op},${item.irq}${item.asserted ? "a" : ""}`;
	for (const item of ctx.gone) key += `-${item.kind},${item.path},${item.irq}`;
	for (const saved of ctx.saved) key += `s${saved.flags},${saved.irq},${saved.op}`;
	return key;
}

/** Locks and sections that are kept apart in one context, held and released ones each. */
export const MAX_ITEMS = 12;
/** Of one lock or section: sections nest, and locks whose names say nothing look alike. */
const MAX_SAME = 2;

/** Takes a lock or enters a section. A caller's lock that was released and is taken again is the caller's again. */
export function acquire(paths: PathTable, ctx: Ctx, item: Item): Ctx {
	const back = findReleased(paths, ctx, item);
	if (back >= 0) return withItems(ctx, ctx.items, withoutItem(ctx.gone, back));
	const same = ctx.items.filter((held) => held.kind === item.kind && held.path === item.path);
	if (ctx.items.length >= MAX_ITEMS || same.length >= MAX_SAME) return ctx;
	return withItems(ctx, withItem(ctx.items, item), ctx.gone);
}

/** Releases a lock or leaves a section; `held` is what was released, or null when it was the caller's. */
export function release(paths: PathTable, ctx: Ctx, item: Item): { ctx: Ctx; held: Item | null } {
	const at = findHeld(paths, ctx, item);
	if (at >= 0) {
		const held = ctx.items[at]!;
		const items = withoutItem(ctx.items, at);
		// An asserted lock is the caller's: releasing it takes it from the caller.
		const gone = held.asserted ? withItem(ctx.gone, item) : ctx.gone;
		return { ctx: withItems(ctx, items, gone), held };
	}
	const same = ctx.gone.filter((gone) => gone.kind === item.kind && gone.path === item.path);
	if (ctx.gone.length >= MAX_ITEMS || same.length >= MAX_SAME) return { ctx, held: null };
	return { ctx: withItems(ctx, ctx.items, withItem(ctx.gone, item)), held: null };
}

/** Is what a release of `item` would release held? */
export function holdsSame(paths: PathTable, ctx: Ctx, item: Item): boolean {
	return findHeld(paths, ctx, item) >= 0;
}

/** Index of the held item that a release means, or -1. */
function findHeld(paths: PathTable, ctx: Ctx, item: Item): number {
	return findSame(paths, ctx.items, item);
}

/** Index of the released item that an acquisition takes back, or -1. */
function findReleased(paths: PathTable, ctx: Ctx, item: Item): number {
	return findSame(paths, ctx.gone, item);
}

/** The latest item of the kind with the same path, else with the same last field, else under a name that says nothing. */
function findSame(paths: PathTable, items: readonly Item[], item: Item): number {
	for (let i = items.length - 1; i >= 0; i--) {
		if (items[i]!.kind === item.kind && items[i]!.path === item.path) return i;
	}
	const tail = paths.tail(item.path);
	for (let i = items.length - 1; i >= 0 && tail !== -1; i--) {
		if (items[i]!.kind === item.kind && paths.tail(items[i]!.path) === tail) return i;
	}
	for (let i = items.length - 1; i >= 0; i--) {
		const isVague = !paths.isNamed(item.path) || !paths.isNamed(items[i]!.path);
		if (items[i]!.kind === item.kind && isVague) return i;
	}
	return -1;
}

/** Interrupts off, on, saved or restored. `flags` is the variable of save and restore. */
export function setIrq(ctx: Ctx, code: IrqCode, flags: PathId, op: number): Ctx {
	const { irq, irqBefore } = ctx;
	switch (code) {
		case IrqCode.Off:
			return irq === Irq.Off ? ctx : withIrq(ctx, Irq.Off, irq, op, ctx.saved);
		case IrqCode.On:
			// What this function turned off comes back as it was.
			if (irq === Irq.Off && irqBefore === Irq.AsEntered) return withIrq(ctx, Irq.AsEntered, irqBefore, -1, ctx.saved);
			return withIrq(ctx, Irq.On, irqBefore, op, ctx.saved);
		case IrqCode.Save: {
			const saved = ctx.saved.filter((s) => s.flags !== flags).slice(-6);
			const now = withItem(saved, { flags, irq, op: ctx.irqOp });
			return withIrq(ctx, Irq.Off, irq === Irq.Off ? irqBefore : irq, op, now);
		}
		case IrqCode.Restore: {
			const known = ctx.saved.find((s) => s.flags === flags) ?? ctx.saved.at(-1);
			if (known === undefined) {
				// Saved by whoever called: if it was turned off here, that is undone, else the caller's state returns.
				return irq === Irq.Off
					? withIrq(ctx, Irq.AsEntered, irqBefore, -1, ctx.saved)
					: withIrq(ctx, Irq.Restored, irqBefore, op, ctx.saved);
			}
			const saved = withoutItem(ctx.saved, ctx.saved.indexOf(known));
			return withIrq(ctx, known.irq, irqBefore, known.irq === Irq.AsEntered ? -1 : known.op, saved);
		}
		default:
			return ctx;
	}
}
