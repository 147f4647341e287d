// hot: which context record a (function, context, parameter values) is: an open hash table over the columns of
// the records. It keeps numbers of records only.

import type { IntVec } from "../base/vec.js";
import { NONE } from "../ir/ops.js";

export class RecordIndex {
	/** record + 1 by slot, 0 for free */
	private slots = new Int32Array(1 << 12);
	private count = 0;
	private readonly dropped = new Set<number>();

	constructor(
		private readonly fns: IntVec,
		private readonly acs: IntVec,
		private readonly bindings: IntVec,
	) {}

	/** The record with these columns, or NONE. */
	find(fn: number, ac: number, binding: number): number {
		const mask = this.slots.length - 1;
		for (let slot = hashOf(fn, ac, binding) & mask; ; slot = (slot + 1) & mask) {
			const record = this.slots[slot]! - 1;
			if (record < 0) return NONE;
			const isSame = this.fns.data[record] === fn && this.acs.data[record] === ac;
			if (isSame && this.bindings.data[record] === binding && !this.dropped.has(record)) return record;
		}
	}

	/** Is not to find a record any more. */
	drop(record: number): void {
		this.dropped.add(record);
	}

	/** Takes in a record whose columns are there; of equal ones the first is found. */
	add(record: number): void {
		if (++this.count * 2 > this.slots.length) this.grow();
		this.place(record);
	}

	private place(record: number): void {
		const mask = this.slots.length - 1;
		let slot = hashOf(this.fns.data[record]!, this.acs.data[record]!, this.bindings.data[record]!) & mask;
		while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
		this.slots[slot] = record + 1;
	}

	private grow(): void {
		const before = this.slots;
		this.slots = new Int32Array(before.length * 2);
		for (let i = 0; i < before.length; i++) if (before[i] !== 0) this.place(before[i]! - 1);
	}
}

function hashOf(fn: number, ac: number, binding: number): number {
	const hash = Math.imul(fn, 0x9e3779b1) ^ Math.imul(ac, 0x85ebca6b) ^ Math.imul(binding, 0xc2b2ae35);
	return hash ^ (hash >>> 15);
}
