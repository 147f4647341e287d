// Lists: which are alike, lists by key, and copies of those that are kept by the hundred thousand, in just the room that they need: a list
// that grows, by push() or in `[...list, item]`, gets room for sixteen items more.

/** Are two lists as long as each other, and does `test` hold for what stands at the same places? */
export function areAlike<T>(a: readonly T[], b: readonly T[], test: (x: T, y: T) => boolean): boolean {
	return a.length === b.length && a.every((one, i) => test(one, b[i]!));
}

/** Adds an item to the list of a key, which is made for the first one. */
export function addTo<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
	const known = lists.get(key);
	if (known === undefined) lists.set(key, [item]);
	else known.push(item);
}

/**
 * The empty list of all that have none. To V8 it is a list of objects, which `[]` is not, nor what map() and toSpliced()
 * make when they leave nothing: code that meets it beside lists of objects knows one kind of list, and is compiled once.
 */
export function noneOf<T>(): readonly T[] {
	return NONE_OF_ALL as readonly T[];
}

const NONE_OF_ALL: readonly object[] = [{}].filter(() => false);

/** A list with an item at its end. */
export function withItem<T>(list: readonly T[], item: T): readonly T[] {
	return list.concat([item]);
}

/** A list without the item at an index. */
export function withoutItem<T>(list: readonly T[], index: number): readonly T[] {
	return list.length === 1 ? noneOf() : list.toSpliced(index, 1);
}

/** A list that has been made by adding to it. */
export function exact<T>(list: readonly T[]): readonly T[] {
	return list.slice();
}
