// hot: abstract values, interned. A value says which bits are known set and known clear, and from which
// atom (an expression of the function whose value is not known) the other bits come.
//   TOP ⊒ atom ⊒ masked atom; an integer has all bits known. Order: fewer known bits is higher.

import { grow } from "../base/ints.js";
import { IntVec } from "../base/vec.js";

export type ValueId = number;

/** Nothing is known. */
export const TOP: ValueId = 0;

/** Value bases: an atom's ExprId (>= 0), or one of these. */
export const enum Base {
	/** no atom: unknown bits are just unknown */
	None = -1,
	/** the address of a function; `set` is the FnId */
	Function = -2,
	/** an error pointer or a negative errno, which one is not known */
	Error = -3,
	/** the value of parameter i is Parameter - i (summaries only, where ExprIds have no meaning) */
	Parameter = -16,
}

/** Atoms from here on are no expressions: ENTRY_ATOM + i is what the caller passed as parameter i, which is changed since. */
export const ENTRY_ATOM = 1 << 26;
/** Atoms from here on: what questions about the context answer, as callees have told. Their numbers are those of the guards. */
export const ANSWER_ATOM = ENTRY_ATOM + (1 << 16);

const enum Slot {
	Base = 0,
	Set = 1,
	Clear = 2,
	/** 1: known to be non-zero */
	NonZero = 3,
	Size = 4,
}

export class ValueTable {
	private data: Int32Array = new Int32Array(1 << 12);
	private slots = new Int32Array(1 << 11);
	private count = 0;
	/** by expression: the value that is just that atom, 0 where it has not been made */
	private readonly atoms = new IntVec(1 << 10);

	constructor() {
		this.make(Base.None, 0, 0, 0);
	}

	/** The value with these parts; bits both set and clear are taken as set. */
	make(base: number, set: number, clear: number, nonZero: number): ValueId {
		const isNonZero = set !== 0 || nonZero !== 0 || base === Base.Function || base === Base.Error ? 1 : 0;
		const isInt = base !== Base.Function && (set | clear) === -1;
		const from = isInt ? Base.None : base;
		const zero = base === Base.Function ? 0 : clear & ~set;
		let hash = Math.imul(from, 0x9e3779b1) ^ Math.imul(set, 0x85ebca6b) ^ Math.imul(zero, 0xc2b2ae35) ^ isNonZero;
		hash ^= hash >>> 15;
		const mask = this.slots.length - 1;
		let slot = hash & mask;
		for (;;) {
			const id = this.slots[slot]! - 1;
			if (id < 0) break;
			const at = id * Slot.Size;
			if (
				this.data[at] === from &&
				this.data[at + Slot.Set] === set &&
				this.data[at + Slot.Clear] === zero &&
				this.data[at + Slot.NonZero] === isNonZero
			)
				return id;
			slot = (slot + 1) & mask;
		}
		return this.add(from, set, zero, isNonZero, slot);
	}

	int(value: number): ValueId {
		return this.make(Base.None, value | 0, ~value, 0);
	}

	atom(expr: number): ValueId {
		if (expr >= ENTRY_ATOM) return this.make(expr, 0, 0, 0);
		const { atoms } = this;
		if (expr < atoms.length && atoms.data[expr]! > 0) return atoms.data[expr]!;
		const made = this.make(expr, 0, 0, 0);
		atoms.extend(expr + 1, 0);
		atoms.data[expr] = made;
		return made;
	}

	fn(fn: number): ValueId {
		return this.make(Base.Function, fn, 0, 1);
	}

	base(value: ValueId): number {
		return this.data[value * Slot.Size]!;
	}
	set(value: ValueId): number {
		return this.data[value * Slot.Size + Slot.Set]!;
	}
	clear(value: ValueId): number {
		return this.data[value * Slot.Size + Slot.Clear]!;
	}

	isInt(value: ValueId): boolean {
		const at = value * Slot.Size;
		return this.data[at] === Base.None && (this.data[at + Slot.Set]! | this.data[at + Slot.Clear]!) === -1;
	}

	/** Is it known not to be zero, whatever its bits? */
	isNonZero(value: ValueId): boolean {
		return this.data[value * Slot.Size + Slot.NonZero] === 1;
	}

	/** 1 non-zero, 0 zero, -1 not known. */
	truth(value: ValueId): number {
		const at = value * Slot.Size;
		if (this.data[at + Slot.NonZero] === 1) return 1;
		return this.data[at + Slot.Clear] === -1 ? 0 : -1;
	}

	/** Are any of these bits set? 1 yes, 0 no, -1 not known. */
	anyBit(value: ValueId, bits: number): number {
		if ((this.set(value) & bits) !== 0 && this.base(value) !== Base.Function) return 1;
		return (this.clear(value) & bits) === bits ? 0 : -1;
	}

	/** (value | set) & ~clear, keeping the atom. */
	masked(value: ValueId, set: number, clear: number): ValueId {
		const base = this.base(value);
		if (base === Base.Function || base === Base.Error) return TOP;
		const at = value * Slot.Size;
		const nowSet = (this.data[at + Slot.Set]! | set) & ~clear;
		const nowClear = (this.data[at + Slot.Clear]! & ~set) | clear;
		return this.make(base, nowSet, nowClear, clear === 0 ? this.data[at + Slot.NonZero]! : 0);
	}

	/** What is known of a value, without what it is. */
	withoutAtom(value: ValueId): ValueId {
		return this.make(Base.None, this.set(value), this.clear(value), this.truth(value) === 1 ? 1 : 0);
	}

	/** What both say. */
	meet(a: ValueId, b: ValueId): ValueId {
		if (a === b) return a;
		if (this.base(a) === Base.Function || this.base(b) === Base.Function) {
			return this.truth(a) === 1 && this.truth(b) === 1 ? this.make(Base.None, 0, 0, 1) : TOP;
		}
		const x = a * Slot.Size;
		const y = b * Slot.Size;
		// Two forms of one atom are that atom only where the same bits have been changed.
		const isSameForm =
			this.data[x + Slot.Set] === this.data[y + Slot.Set] && this.data[x + Slot.Clear] === this.data[y + Slot.Clear];
		const base = isSameForm && this.base(a) === this.base(b) ? this.base(a) : Base.None;
		return this.make(
			base,
			this.data[x + Slot.Set]! & this.data[y + Slot.Set]!,
			this.data[x + Slot.Clear]! & this.data[y + Slot.Clear]!,
			this.data[x + Slot.NonZero]! & this.data[y + Slot.NonZero]!,
		);
	}

	/** `value` with its atom replaced by `known`, which is what the atom is at a call site. */
	substitute(value: ValueId, known: ValueId): ValueId {
		const set = this.set(value);
		const clear = this.clear(value);
		if (set === 0 && clear === 0) return this.truth(value) === 1 ? this.nonZero(known) : known;
		return this.masked(known, set, clear);
	}

	nonZero(value: ValueId): ValueId {
		return this.make(this.base(value), this.set(value), this.clear(value), 1);
	}

	private add(base: number, set: number, clear: number, nonZero: number, slot: number): ValueId {
		const id = this.count++;
		if ((id + 1) * Slot.Size > this.data.length) this.data = grow(this.data);
		const at = id * Slot.Size;
		this.data[at] = base;
		this.data[at + Slot.Set] = set;
		this.data[at + Slot.Clear] = clear;
		this.data[at + Slot.NonZero] = nonZero;
		this.slots[slot] = id + 1;
		if (this.count * 2 > this.slots.length) this.rehash();
		return id;
	}

	private rehash(): void {
		const slots = new Int32Array(this.slots.length * 2);
		const mask = slots.length - 1;
		for (let id = 0; id < this.count; id++) {
			const at = id * Slot.Size;
			let hash =
				Math.imul(this.data[at]!, 0x9e3779b1) ^
				Math.imul(this.data[at + Slot.Set]!, 0x85ebca6b) ^
				Math.imul(this.data[at + Slot.Clear]!, 0xc2b2ae35) ^
				this.data[at + Slot.NonZero]!;
			hash ^= hash >>> 15;
			let slot = hash & mask;
			while (slots[slot] !== 0) slot = (slot + 1) & mask;
			slots[slot] = id + 1;
		}
		this.slots = slots;
	}
}
