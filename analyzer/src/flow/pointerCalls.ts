// Between which functions contexts were handed on other than by the name of what is called: through variables, fields,
// parameters, or as arguments. By function only: what is asked is who may be concerned by a change, and which links of a
// chain may be such calls.

import type { FnId } from "../ir/program.js";

export class PointerCalls {
	private fromFns: Uint8Array;
	private toFns: Uint8Array;

	constructor(fnLimit: number) {
		this.fromFns = new Uint8Array(fnLimit);
		this.toFns = new Uint8Array(fnLimit);
	}

	note(from: FnId, to: FnId): void {
		// an edit may have added functions
		if (Math.max(from, to) >= this.toFns.length) this.extend(Math.max(from, to) + 1);
		this.fromFns[from] = 1;
		this.toFns[to] = 1;
	}

	/** Does the function make such calls? */
	isFrom(fn: FnId): boolean {
		return this.fromFns[fn] === 1;
	}

	/** Is the function called so? */
	isTo(fn: FnId): boolean {
		return this.toFns[fn] === 1;
	}

	/** Makes room for as many functions. */
	extend(fnLimit: number): void {
		this.fromFns = extended(this.fromFns, fnLimit);
		this.toFns = extended(this.toFns, fnLimit);
	}

	/** Adds those that others know of. */
	addAll(others: PointerCalls): void {
		others.fromFns.forEach((is, fn) => {
			if (is === 1) this.fromFns[fn] = 1;
		});
		others.toFns.forEach((is, fn) => {
			if (is === 1) this.toFns[fn] = 1;
		});
	}
}

function extended(bits: Uint8Array, length: number): Uint8Array {
	if (bits.length >= length) return bits;
	const grown = new Uint8Array(length);
	grown.set(bits);
	return grown;
}
