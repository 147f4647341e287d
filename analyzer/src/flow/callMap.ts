// hot: what is known of calls. A Map from callKey() looks up numbers that are no small integers, which V8 hashes outside
// of compiled code: where every call of every chain is asked for, that is a twentieth of the time.

import { IntVec } from "../base/vec.js";
import type { FnId } from "../ir/program.js";

/** From calls (function and op) to anything but undefined. Nothing is taken out but all. */
export class CallMap<T> {
	/** function and op, of one call after another */
	private readonly calls = new IntVec(1 << 6);
	private readonly values: T[] = [];
	/** number of the call + 1 by slot, 0 for free */
	private slots = new Int32Array(1 << 6);

	get(fn: FnId, op: number): T | undefined {
		const found = this.slots[this.slotOf(fn, op)]!;
		return found === 0 ? undefined : this.values[found - 1];
	}

	/** Gives a call that has none a value; answers it. */
	add(fn: FnId, op: number, value: T): T {
		if (this.values.length * 2 >= this.slots.length) this.grow();
		this.slots[this.slotOf(fn, op)] = this.values.push(value);
		this.calls.push(fn);
		this.calls.push(op);
		return value;
	}

	clear(): void {
		this.calls.clear();
		this.values.length = 0;
		this.slots = new Int32Array(1 << 6);
	}

	/** Where the call is, or would be. */
	private slotOf(fn: FnId, op: number): number {
		const { slots } = this;
		const { data } = this.calls;
		const mask = slots.length - 1;
		let hash = Math.imul(fn, 0x9e3779b1) ^ Math.imul(op, 0x85ebca6b);
		hash ^= hash >>> 15;
		for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
			const at = (slots[slot]! - 1) * 2;
			if (at < 0 || (data[at] === fn && data[at + 1] === op)) return slot;
		}
	}

	private grow(): void {
		const { data } = this.calls;
		this.slots = new Int32Array(this.slots.length * 2);
		for (let i = 0; i < this.values.length; i++) this.slots[this.slotOf(data[2 * i]!, data[2 * i + 1]!)] = i + 1;
	}
}
