// hot: definitions by name: for each program-wide name a chain of (file, index in that file's table).

import { fixedVec, IntVec } from "../base/vec.js";

const NONE = -1;

export class SymbolIndex {
	private heads = new IntVec(16, true);
	private files = new IntVec(16, true);
	private indices = new IntVec(16, true);
	private nexts = new IntVec(16, true);
	private free = NONE;

	/** What another thread makes the same index of, to be looked up in only. */
	share(): readonly Int32Array[] {
		return [this.heads, this.files, this.indices, this.nexts].map((vec) => vec.data.subarray(0, vec.length));
	}

	static of([heads, files, indices, nexts]: readonly Int32Array[]): SymbolIndex {
		const index = new SymbolIndex();
		index.heads = fixedVec(heads!);
		index.files = fixedVec(files!);
		index.indices = fixedVec(indices!);
		index.nexts = fixedVec(nexts!);
		return index;
	}

	add(name: number, file: number, index: number): void {
		if (name < 0) return;
		this.heads.extend(name + 1, NONE);
		let at = this.free;
		if (at === NONE) {
			at = this.files.push(file);
			this.indices.push(index);
			this.nexts.push(NONE);
		} else {
			this.free = this.nexts.data[at]!;
			this.files.data[at] = file;
			this.indices.data[at] = index;
		}
		this.nexts.data[at] = this.heads.data[name]!;
		this.heads.data[name] = at;
	}

	/** Removes every symbol of that name in the file. */
	remove(name: number, file: number): void {
		if (name < 0 || name >= this.heads.length) return;
		let previous = NONE;
		let at = this.heads.data[name]!;
		while (at !== NONE) {
			const next = this.nexts.data[at]!;
			if (this.files.data[at] === file) {
				if (previous === NONE) this.heads.data[name] = next;
				else this.nexts.data[previous] = next;
				this.nexts.data[at] = this.free;
				this.free = at;
			} else previous = at;
			at = next;
		}
	}

	/** First symbol of a name, or NONE. */
	first(name: number): number {
		return name >= 0 && name < this.heads.length ? this.heads.data[name]! : NONE;
	}
	next(symbol: number): number {
		return this.nexts.data[symbol]!;
	}
	file(symbol: number): number {
		return this.files.data[symbol]!;
	}
	/** Index of the definition in its file's table. */
	index(symbol: number): number {
		return this.indices.data[symbol]!;
	}
}
