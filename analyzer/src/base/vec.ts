// hot: a growing array of 32-bit integers.

import { grow, growShared, sharedInts } from "./ints.js";

/** So many places are filled sooner by a loop than by a call of fill(). */
const SHORT = 64;

export class IntVec {
	data: Int32Array;
	length = 0;

	/** A shared one lies in memory that other threads can see. */
	constructor(
		capacity = 16,
		private readonly isShared = false,
	) {
		this.data = isShared ? sharedInts(capacity) : new Int32Array(capacity);
	}

	push(value: number): number {
		if (this.length === this.data.length) this.grow(0);
		this.data[this.length] = value;
		return this.length++;
	}

	/** Makes the length at least `length`, new places filled with `fill`. */
	extend(length: number, fill: number): void {
		if (length > this.data.length) this.grow(length);
		if (length <= this.length) return;
		const { data } = this;
		if (length - this.length > SHORT) data.fill(fill, this.length, length);
		else for (let i = this.length; i < length; i++) data[i] = fill;
		this.length = length;
	}

	at(index: number): number {
		return this.data[index]!;
	}

	clear(): void {
		this.length = 0;
	}

	private grow(length: number): void {
		this.data = this.isShared ? growShared(this.data, length) : grow(this.data, length);
	}
}

/** A vector with these elements, which nobody adds to. */
export function fixedVec(elements: Int32Array): IntVec {
	const vec = new IntVec(0);
	vec.data = elements;
	vec.length = elements.length;
	return vec;
}
