// Which ops every way from a function's beginning to another op comes by, as far as control goes forward.

import { NONE } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { eachNext } from "./ways.js";

export class Dominators {
	private readonly known = new Map<FnId, Int32Array>();

	constructor(private readonly program: Program) {}

	/** Does every way from the function's beginning to `op` that does not go back come by `via`? */
	isAlwaysPassed(fn: FnId, via: number, op: number): boolean {
		let nearest = this.known.get(fn);
		if (nearest === undefined) {
			nearest = nearestOf(this.program, fn);
			this.known.set(fn, nearest);
		}
		let at = nearest[op] ?? NONE;
		while (at > via) at = nearest[at]!;
		return at === via;
	}
}

/** By op: the last one before it that every way to it comes by; NONE for the first, and where no way comes. */
function nearestOf(program: Program, fn: FnId): Int32Array {
	const unit = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const count = program.fnField(fn, FnField.OpCount);
	const nearest = new Int32Array(count + 1).fill(NONE);
	const isReached = new Uint8Array(count + 1);
	isReached[0] = 1;
	const lead = (from: number, to: number) => {
		if (to <= from || to > count) return;
		nearest[to] = isReached[to] === 0 ? from : meet(nearest, nearest[to]!, from);
		isReached[to] = 1;
	};
	for (let op = 0; op < count; op++) if (isReached[op] === 1) eachNext(unit, first, op, lead);
	return nearest;
}

/** The last op that the ways to both come by. */
function meet(nearest: Int32Array, a: number, b: number): number {
	let one = a;
	let other = b;
	while (one !== other) {
		if (one > other) one = nearest[one]!;
		else other = nearest[other]!;
	}
	return one;
}
