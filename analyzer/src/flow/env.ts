// hot: what is known of variables and conditions on a path, interned per function: equal ids are equal
// knowledge. An entry is (key, value): keys of variables are even, keys of expressions ("facts") are odd.
// All entries of a function lie in one array; a new environment is written at its end, and taken back when it
// turns out to be one that is there already.

import { grow } from "../base/ints.js";
import type { ValueId, ValueTable } from "./values.js";

export type EnvId = number;

/** Nothing is known. */
export const NO_ENV: EnvId = 0;

export function varKey(index: number): number {
	return index * 2;
}
export function factKey(expr: number): number {
	return expr * 2 + 1;
}

const REFERENCES = 0x40000000;

/** Set while the function itself holds a reference of what `expr` is. Even, beyond all variables. */
export function referenceKey(expr: number): number {
	return REFERENCES + expr * 2;
}

const OTHERS = 0x20000000;

/** The switch by which `expr` is none of its cases, as the function of that number: two of them do not exclude each other. Even, below the references. */
export function othersKey(expr: number): number {
	return OTHERS + expr * 2;
}

export function isOthersKey(key: number): boolean {
	return (key & 1) === 0 && key >= OTHERS && key < REFERENCES;
}

/** The expression that an entry is about, or -1 for one about a variable. */
export function exprOfKey(key: number): number {
	if ((key & 1) === 1) return key >> 1;
	if (key >= REFERENCES) return key < CONDITION_KEY ? (key - REFERENCES) >> 1 : -1;
	return key >= OTHERS ? (key - OTHERS) >> 1 : -1;
}

/** Set on a path that depends on a field or a variable of the file whose value nobody knows. Even: it is no expression. */
export const CONDITION_KEY = 0x7ffffffe;

const LAST_KEY = 0x7fffffff;

export class EnvTable {
	/** pairs of key and value, by rising key, of one environment after another */
	private data: Int32Array = new Int32Array(1 << 12);
	/** by id: where its pairs begin; one more at the end */
	private starts: Int32Array = new Int32Array(1 << 8);
	/** by id: its place in `slots` */
	private places: Int32Array = new Int32Array(1 << 8);
	/** hash table of ids, 0 for free */
	private slots = new Int32Array(1 << 9);
	private count = 1;
	/** where the environment that is being written ends */
	private tail = 0;

	/** Forgets all; the ids of a function are worth nothing in the next. */
	reset(): void {
		for (let id = 1; id < this.count; id++) this.slots[this.places[id]!] = 0;
		this.count = 1;
	}

	/** The entries of an environment are those at `first(env)` up to `last(env)`, not included. */
	first(env: EnvId): number {
		return this.starts[env]! >> 1;
	}
	last(env: EnvId): number {
		return this.starts[env + 1]! >> 1;
	}
	key(entry: number): number {
		return this.data[entry * 2]!;
	}
	value(entry: number): ValueId {
		return this.data[entry * 2 + 1]!;
	}

	/** The value of a key, or -1. */
	get(env: EnvId, key: number): ValueId {
		const { data } = this;
		const end = this.starts[env + 1]!;
		for (let i = this.starts[env]!; i < end; i += 2) if (data[i] === key) return data[i + 1]!;
		return -1;
	}

	set(env: EnvId, key: number, value: ValueId): EnvId {
		const from = this.starts[env]!;
		const end = this.starts[env + 1]!;
		this.begin(end - from + 2);
		const { data } = this;
		let i = from;
		while (i < end && data[i]! < key) i += 2;
		if (i < end && data[i] === key && data[i + 1] === value) return env;
		this.copy(from, i);
		this.put(key, value);
		this.copy(i < end && data[i] === key ? i + 2 : i, end);
		return this.intern();
	}

	/** Without the entry of a key. */
	remove(env: EnvId, key: number): EnvId {
		const from = this.starts[env]!;
		const end = this.starts[env + 1]!;
		this.begin(end - from);
		for (let i = from; i < end; i += 2) if (this.data[i] !== key) this.put(this.data[i]!, this.data[i + 1]!);
		return this.intern();
	}

	/** Without the entries for which `isGone` holds. */
	without(env: EnvId, isGone: (key: number, value: ValueId) => boolean): EnvId {
		const from = this.starts[env]!;
		const end = this.starts[env + 1]!;
		this.begin(end - from);
		const { data } = this;
		for (let i = from; i < end; i += 2) if (!isGone(data[i]!, data[i + 1]!)) this.put(data[i]!, data[i + 1]!);
		return this.intern();
	}

	/**
	 * One environment for both, if they differ only in entries for which `isDead` holds; -1 if not. Of an entry that
	 * differs, what both agree on is kept. With `force`, whatever differs is joined so.
	 */
	join(values: ValueTable, a: EnvId, b: EnvId, isDead: (key: number) => boolean, force: boolean): EnvId {
		if (a === b) return a;
		const endA = this.starts[a + 1]!;
		const endB = this.starts[b + 1]!;
		let i = this.starts[a]!;
		let j = this.starts[b]!;
		this.begin(endA - i + endB - j);
		const { data } = this;
		while (i < endA || j < endB) {
			const keyA = i < endA ? data[i]! : LAST_KEY;
			const keyB = j < endB ? data[j]! : LAST_KEY;
			if (keyA === keyB) {
				if (data[i + 1] === data[j + 1]) this.put(keyA, data[i + 1]!);
				else if (force || isDead(keyA)) {
					const met = values.meet(data[i + 1]!, data[j + 1]!);
					if (met !== 0) this.put(keyA, met);
				} else return -1;
				i += 2;
				j += 2;
			} else {
				if (!force && !isDead(Math.min(keyA, keyB))) return -1;
				if (keyA < keyB) i += 2;
				else j += 2;
			}
		}
		return this.intern();
	}

	/** Begins to write an environment of at most `length` ints. */
	private begin(length: number): void {
		this.tail = this.starts[this.count]!;
		if (this.tail + length > this.data.length) this.data = grow(this.data, this.tail + length);
	}

	private put(key: number, value: ValueId): void {
		this.data[this.tail++] = key;
		this.data[this.tail++] = value;
	}

	private copy(from: number, to: number): void {
		for (let i = from; i < to; i++) this.data[this.tail++] = this.data[i]!;
	}

	/** The id of what has been written: one that is known, or a new one. */
	private intern(): EnvId {
		const from = this.starts[this.count]!;
		const end = this.tail;
		if (end === from) return NO_ENV;
		const mask = this.slots.length - 1;
		let slot = hashOf(this.data, from, end) & mask;
		for (;;) {
			const id = this.slots[slot]!;
			if (id === 0) break;
			if (this.isSame(id, from, end)) return id;
			slot = (slot + 1) & mask;
		}
		const id = this.count++;
		if (this.count + 1 >= this.starts.length) {
			this.starts = grow(this.starts);
			this.places = grow(this.places);
		}
		this.starts[this.count] = end;
		this.slots[slot] = id;
		this.places[id] = slot;
		if (this.count * 2 > this.slots.length) this.rehash();
		return id;
	}

	private isSame(id: EnvId, from: number, end: number): boolean {
		const { data } = this;
		let at = this.starts[id]!;
		if (this.starts[id + 1]! - at !== end - from) return false;
		for (let i = from; i < end; i++, at++) if (data[i] !== data[at]) return false;
		return true;
	}

	private rehash(): void {
		const slots = new Int32Array(this.slots.length * 2);
		const mask = slots.length - 1;
		for (let id = 1; id < this.count; id++) {
			let slot = hashOf(this.data, this.starts[id]!, this.starts[id + 1]!) & mask;
			while (slots[slot] !== 0) slot = (slot + 1) & mask;
			slots[slot] = id;
			this.places[id] = slot;
		}
		this.slots = slots;
	}
}

function hashOf(data: Int32Array, from: number, end: number): number {
	let hash = end - from;
	for (let i = from; i < end; i++) hash = Math.imul(hash ^ data[i]!, 0x9e3779b1);
	return hash ^ (hash >>> 15);
}
