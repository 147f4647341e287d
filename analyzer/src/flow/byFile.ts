// hot: where in some lists what is in a file stands, so that an edit of it looks at no others. The lists keep their lengths; what
// stands at a place is replaced by what is of the same file.

import { NONE } from "../ir/ops.js";
import type { FileId } from "../ir/program.js";

export class ByFile<T> {
	/** by file, from 0: where its places begin; one more at the end */
	private readonly starts: Int32Array;
	/** list and index of each place, by file */
	private readonly places: Int32Array;

	/** `fileOf`: NONE for what is in none. */
	constructor(
		private readonly lists: readonly T[][],
		fileOf: (one: T) => FileId,
	) {
		let limit = 0;
		let count = 0;
		const each = (visit: (file: FileId, list: number, index: number) => void) => {
			for (let list = 0; list < lists.length; list++) {
				const items = lists[list]!;
				for (let i = 0; i < items.length; i++) {
					const file = fileOf(items[i]!);
					if (file !== NONE) visit(file, list, i);
				}
			}
		};
		each((file) => {
			limit = Math.max(limit, file + 1);
			count++;
		});
		const starts = new Int32Array(limit + 2);
		each((file) => {
			starts[file + 2]!++;
		});
		for (let file = 2; file < starts.length; file++) starts[file]! += starts[file - 1]!;
		this.places = new Int32Array(2 * count);
		each((file, list, index) => {
			const at = 2 * starts[file + 1]!++;
			this.places[at] = list;
			this.places[at + 1] = index;
		});
		this.starts = starts;
	}

	/** The lists and indices of what is in a file, in their order. */
	each(file: FileId, visit: (list: T[], index: number) => void): void {
		if (file + 1 >= this.starts.length) return;
		for (let at = this.starts[file]!; at < this.starts[file + 1]!; at++)
			visit(this.lists[this.places[2 * at]!]!, this.places[2 * at + 1]!);
	}
}
