// hot: a binary heap of pairs of integers, the smallest first: by the first integer, then by the second.

import { IntVec } from "./vec.js";

export class PairHeap {
	private readonly pairs = new IntVec();

	/** Number of pairs. */
	get length(): number {
		return this.pairs.length >> 1;
	}

	/** First integer of the smallest pair; undefined behaviour when there is none. */
	get first(): number {
		return this.pairs.data[0]!;
	}
	/** Second integer of the smallest pair. */
	get second(): number {
		return this.pairs.data[1]!;
	}

	clear(): void {
		this.pairs.clear();
	}

	push(first: number, second: number): void {
		this.pairs.push(first);
		this.pairs.push(second);
		const { data } = this.pairs;
		let at = this.length - 1;
		while (at > 0) {
			const up = (at - 1) >> 1;
			if (!isBefore(first, second, data[2 * up]!, data[2 * up + 1]!)) break;
			data[2 * at] = data[2 * up]!;
			data[2 * at + 1] = data[2 * up + 1]!;
			at = up;
		}
		data[2 * at] = first;
		data[2 * at + 1] = second;
	}

	/** Takes out the smallest pair. */
	pop(): void {
		const { data } = this.pairs;
		const count = this.length - 1;
		const first = data[2 * count]!;
		const second = data[2 * count + 1]!;
		this.pairs.length -= 2;
		let at = 0;
		for (;;) {
			let down = 2 * at + 1;
			if (down >= count) break;
			const right = down + 1;
			if (right < count && isBefore(data[2 * right]!, data[2 * right + 1]!, data[2 * down]!, data[2 * down + 1]!)) {
				down = right;
			}
			if (!isBefore(data[2 * down]!, data[2 * down + 1]!, first, second)) break;
			data[2 * at] = data[2 * down]!;
			data[2 * at + 1] = data[2 * down + 1]!;
			at = down;
		}
		data[2 * at] = first;
		data[2 * at + 1] = second;
	}
}

function isBefore(firstA: number, secondA: number, firstB: number, secondB: number): boolean {
	return firstA < firstB || (firstA === firstB && secondA < secondB);
}
