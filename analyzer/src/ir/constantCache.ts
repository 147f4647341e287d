// hot: what constants were found to be lately, by file and name. The functions of a file are analysed one after another
// and ask for the same ones. A slot holds the newest of the constants that fall to it.

const SLOTS = 1 << 13;
const SIZE = 4;

const enum Column {
	/** file + 1; 0 for a free slot */
	File = 0,
	Name = 1,
	IsKnown = 2,
	Value = 3,
}

export class ConstantCache {
	private readonly slots = new Int32Array(SLOTS * SIZE);
	private isEmpty = true;

	slotOf(file: number, name: number): number {
		const hash = Math.imul(file, 0x9e3779b1) ^ Math.imul(name, 0x85ebca6b);
		return ((hash ^ (hash >>> 15)) & (SLOTS - 1)) * SIZE;
	}

	has(slot: number, file: number, name: number): boolean {
		return this.slots[slot + Column.File] === file + 1 && this.slots[slot + Column.Name] === name;
	}

	value(slot: number): number | undefined {
		return this.slots[slot + Column.IsKnown] === 1 ? this.slots[slot + Column.Value]! : undefined;
	}

	put(slot: number, file: number, name: number, value: number | undefined): void {
		this.isEmpty = false;
		this.slots[slot + Column.File] = file + 1;
		this.slots[slot + Column.Name] = name;
		this.slots[slot + Column.IsKnown] = value === undefined ? 0 : 1;
		this.slots[slot + Column.Value] = value ?? 0;
	}

	/** Something that constants hang on has changed. */
	clear(): void {
		if (!this.isEmpty) this.slots.fill(0);
		this.isEmpty = true;
	}
}
