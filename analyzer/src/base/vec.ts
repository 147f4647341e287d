// hot: a growing array of 32-bit integers.

import { grow } from "./intern.js";

export class IntVec {
	data: Int32Array;
	length = 0;

	constructor(capacity = 16) {
		this.data = new Int32Array(capacity);
	}

	push(value: number): number {
		if (this.length === this.data.length) this.data = grow(this.data);
		this.data[this.length] = value;
		return this.length++;
	}

	/** Makes the length at least `length`, new places filled with `fill`. */
	extend(length: number, fill: number): void {
		if (length > this.data.length) this.data = grow(this.data, length);
		if (length > this.length) {
			this.data.fill(fill, this.length, length);
			this.length = length;
		}
	}

	at(index: number): number {
		return this.data[index]!;
	}

	clear(): void {
		this.length = 0;
	}
}
