// Copies of lists that are kept by the hundred thousand, in just the room that they need: a list that grows, by push() or in
// `[...list, item]`, gets room for sixteen items more.

/** A list with an item at its end. */
export function withItem<T>(list: readonly T[], item: T): readonly T[] {
	return list.concat([item]);
}

/** A list without the item at an index. */
export function withoutItem<T>(list: readonly T[], index: number): readonly T[] {
	return list.toSpliced(index, 1);
}

/** A list that has been made by adding to it. */
export function exact<T>(list: readonly T[]): readonly T[] {
	return list.slice();
}
