// A map that never changes: `set` gives a new one that shares what it can with the old one. Recent writes
// are a short list in front of a plain Map that is copied once per MAX_PENDING writes, so that a step of
// the simulator costs a small constant and every earlier state stays readable.

interface Write<K, V> {
	readonly key: K;
	/** undefined: the key was removed */
	readonly value: V | undefined;
	readonly older: Write<K, V> | null;
	readonly depth: number;
}

const MAX_PENDING = 24;

export class PersistentMap<K, V> {
	private constructor(
		private readonly base: ReadonlyMap<K, V>,
		private readonly newest: Write<K, V> | null,
	) {}

	static empty<K, V>(): PersistentMap<K, V> {
		return new PersistentMap<K, V>(new Map(), null);
	}

	get(key: K): V | undefined {
		for (let write = this.newest; write !== null; write = write.older) if (write.key === key) return write.value;
		return this.base.get(key);
	}

	set(key: K, value: V | undefined): PersistentMap<K, V> {
		const depth = this.newest === null ? 1 : this.newest.depth + 1;
		const newest = { key, value, older: this.newest, depth };
		if (depth < MAX_PENDING) return new PersistentMap(this.base, newest);
		return new PersistentMap(flatten(this.base, newest), null);
	}

	/** All entries, oldest key first. */
	entries(): IterableIterator<[K, V]> {
		return flatten(this.base, this.newest).entries();
	}
}

function flatten<K, V>(base: ReadonlyMap<K, V>, newest: Write<K, V> | null): Map<K, V> {
	const writes: Write<K, V>[] = [];
	for (let write = newest; write !== null; write = write.older) writes.push(write);
	const flat = new Map(base);
	for (let i = writes.length - 1; i >= 0; i--) {
		const { key, value } = writes[i]!;
		if (value === undefined) flat.delete(key);
		else flat.set(key, value);
	}
	return flat;
}
