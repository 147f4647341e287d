// hot: lists of integers, interned: equal lists get one id, ids count up from 0 and are never given back.

import { IntVec } from "./vec.js";

export class ListPool {
	/** the lists, one after another */
	private readonly data = new IntVec(1 << 10);
	/** by id: where its list begins; one more at the end */
	private readonly starts = new IntVec(1 << 8);
	private readonly hashes = new IntVec(1 << 8);
	/** id + 1 by slot, 0 for free */
	private slots = new Int32Array(1 << 9);

	constructor() {
		this.starts.push(0);
	}

	/** Number of lists. */
	get size(): number {
		return this.hashes.length;
	}

	/** The id of the list of what a vector holds now. */
	intern(list: IntVec): number {
		const { data, length } = list;
		let hash = length;
		for (let i = 0; i < length; i++) hash = Math.imul(hash ^ data[i]!, 0x9e3779b1);
		hash ^= hash >>> 15;
		const mask = this.slots.length - 1;
		let slot = hash & mask;
		for (;;) {
			const id = this.slots[slot]! - 1;
			if (id < 0) break;
			if (this.hashes.data[id] === hash && this.isSame(id, data, length)) return id;
			slot = (slot + 1) & mask;
		}
		const id = this.hashes.push(hash);
		for (let i = 0; i < length; i++) this.data.push(data[i]!);
		this.starts.push(this.data.length);
		this.slots[slot] = id + 1;
		if (this.size * 2 > this.slots.length) this.rehash();
		return id;
	}

	private isSame(id: number, list: Int32Array, length: number): boolean {
		const start = this.starts.data[id]!;
		if (this.starts.data[id + 1]! - start !== length) return false;
		for (let i = 0; i < length; i++) if (this.data.data[start + i] !== list[i]) return false;
		return true;
	}

	private rehash(): void {
		const slots = new Int32Array(this.slots.length * 2);
		const mask = slots.length - 1;
		for (let id = 0; id < this.size; id++) {
			let slot = this.hashes.data[id]! & mask;
			while (slots[slot] !== 0) slot = (slot + 1) & mask;
			slots[slot] = id + 1;
		}
		this.slots = slots;
	}
}
