// A number over the time of a run, kept as the indices at which it changed: what a panel draws as spans, and
// where "run back to where this changed" looks.

import { IntVec } from "../base/vec.js";

/** A stretch of one value; `to` is the first index after it. */
export interface Span {
	readonly from: number;
	readonly to: number;
	readonly value: number;
	/** the value changed more often than there is room to show; `value` is the greatest of them, or the least */
	readonly many?: true;
}

/** Invariant: `at` is strictly ascending and neighbouring values differ. */
export class Series {
	private readonly at = new IntVec();
	private readonly values = new IntVec();

	/** The value from this index on, which lies after all earlier ones or replaces the newest. */
	push(index: number, value: number): void {
		const last = this.at.length - 1;
		if (last >= 0 && this.at.at(last) >= index) this.shorten(last);
		const before = this.at.length - 1;
		if (before >= 0 && this.values.at(before) === value) return;
		this.at.push(index);
		this.values.push(value);
	}

	/** The value at an index; undefined before the first. */
	valueAt(index: number): number | undefined {
		const found = this.find(index);
		return found < 0 ? undefined : this.values.at(found);
	}

	/** The newest value. */
	get latest(): number | undefined {
		return this.values.length === 0 ? undefined : this.values.at(this.values.length - 1);
	}

	/** Forgets everything after an index. */
	cut(index: number): void {
		this.shorten(this.find(index) + 1);
	}

	/**
	 * The stretches between two indices (the second excluded). At most about twice `room` of them: what is
	 * shorter than its share of the room is put together.
	 */
	spans(from: number, to: number, room: number, pick: (a: number, b: number) => number = Math.max): Span[] {
		const spans: Span[] = [];
		const share = Math.max((to - from) / Math.max(room, 1), 1);
		for (let i = Math.max(this.find(from), 0); i < this.at.length && this.at.at(i) < to; i++) {
			const start = Math.max(this.at.at(i), from);
			const end = i + 1 < this.at.length ? Math.min(this.at.at(i + 1), to) : to;
			add(spans, { from: start, to: end, value: this.values.at(i) }, share, pick);
		}
		return spans;
	}

	/** Place of the newest change at or before an index; -1 when there is none. */
	private find(index: number): number {
		let low = -1;
		let high = this.at.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if (this.at.at(middle) <= index) low = middle;
			else high = middle - 1;
		}
		return low;
	}

	private shorten(length: number): void {
		this.at.length = length;
		this.values.length = length;
	}
}

function add(spans: Span[], span: Span, share: number, pick: (a: number, b: number) => number): void {
	const last = spans[spans.length - 1];
	const isShort = span.to - span.from < share;
	if (share > 1 && isShort && last !== undefined && last.to - last.from < share && span.to - last.from <= 2 * share) {
		const value = pick(last.value, span.value);
		spans[spans.length - 1] = { from: last.from, to: span.to, value, many: true };
		return;
	}
	spans.push(span);
}
