// hot: what is known of variables and conditions on a path, interned per function: equal ids are equal
// knowledge. An entry is (key, value): keys of variables are even, keys of expressions ("facts") are odd.

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

/** Set on a path that depends on a field whose value nobody knows. Even: it is no expression. */
export const CONDITION_KEY = 0x7ffffffe;

export class EnvTable {
	private entries: (readonly number[])[] = [[]];
	/** by hash */
	private readonly index = new Map<number, EnvId[]>();

	/** Forgets all; the ids of a function are worth nothing in the next. */
	reset(): void {
		if (this.entries.length === 1) return;
		this.entries.length = 1;
		this.index.clear();
	}

	/** Pairs of key and value, by rising key. */
	pairs(env: EnvId): readonly number[] {
		return this.entries[env]!;
	}

	/** The value of a key, or -1. */
	get(env: EnvId, key: number): ValueId {
		const pairs = this.entries[env]!;
		for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === key) return pairs[i + 1]!;
		return -1;
	}

	set(env: EnvId, key: number, value: ValueId): EnvId {
		const pairs = this.entries[env]!;
		const next: number[] = [];
		let i = 0;
		for (; i < pairs.length && pairs[i]! < key; i += 2) next.push(pairs[i]!, pairs[i + 1]!);
		if (i < pairs.length && pairs[i] === key) {
			if (pairs[i + 1] === value) return env;
			i += 2;
		}
		next.push(key, value);
		for (; i < pairs.length; i += 2) next.push(pairs[i]!, pairs[i + 1]!);
		return this.intern(next);
	}

	/** Without the entry of a key, which is there. */
	remove(env: EnvId, key: number): EnvId {
		const pairs = this.entries[env]!;
		const next: number[] = [];
		for (let i = 0; i < pairs.length; i += 2) if (pairs[i] !== key) next.push(pairs[i]!, pairs[i + 1]!);
		return this.intern(next);
	}

	/** Without the entries for which `isGone` holds. */
	without(env: EnvId, isGone: (key: number, value: ValueId) => boolean): EnvId {
		const pairs = this.entries[env]!;
		let n = 0;
		for (let i = 0; i < pairs.length; i += 2) if (isGone(pairs[i]!, pairs[i + 1]!)) n++;
		if (n === 0) return env;
		const next: number[] = [];
		for (let i = 0; i < pairs.length; i += 2) {
			if (!isGone(pairs[i]!, pairs[i + 1]!)) next.push(pairs[i]!, pairs[i + 1]!);
		}
		return this.intern(next);
	}

	/**
	 * One environment for both, if they differ only in entries for which `isDead` holds (those are dropped); -1 if not.
	 * With `force`, whatever differs is met.
	 */
	join(values: ValueTable, a: EnvId, b: EnvId, isDead: (key: number) => boolean, force: boolean): EnvId {
		if (a === b) return a;
		const x = this.entries[a]!;
		const y = this.entries[b]!;
		const next: number[] = [];
		let i = 0;
		let j = 0;
		while (i < x.length || j < y.length) {
			const keyX = i < x.length ? x[i]! : Number.MAX_SAFE_INTEGER;
			const keyY = j < y.length ? y[j]! : Number.MAX_SAFE_INTEGER;
			if (keyX === keyY) {
				if (x[i + 1] === y[j + 1]) next.push(keyX, x[i + 1]!);
				else if (force) {
					const met = values.meet(x[i + 1]!, y[j + 1]!);
					if (met !== 0) next.push(keyX, met);
				} else if (!isDead(keyX)) return -1;
				i += 2;
				j += 2;
			} else {
				const key = Math.min(keyX, keyY);
				if (!force && !isDead(key)) return -1;
				if (keyX < keyY) i += 2;
				else j += 2;
			}
		}
		return this.intern(next);
	}

	private intern(pairs: readonly number[]): EnvId {
		if (pairs.length === 0) return NO_ENV;
		let hash = pairs.length;
		for (let i = 0; i < pairs.length; i++) hash = (Math.imul(hash, 31) + pairs[i]!) | 0;
		const known = this.index.get(hash);
		if (known === undefined) {
			const id = this.entries.push(pairs) - 1;
			this.index.set(hash, [id]);
			return id;
		}
		for (const id of known) if (isSame(this.entries[id]!, pairs)) return id;
		const id = this.entries.push(pairs) - 1;
		known.push(id);
		return id;
	}
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}
