// hot: numbers that are found of the expressions of one function after another. Forgetting them takes as long as
// finding them did; a Map makes itself anew each time.

import { IntVec } from "../base/vec.js";
import { NONE } from "../ir/ops.js";

export class ExprTable {
	/** by expression, NONE for none */
	private readonly values = new IntVec(1 << 10);
	/** the expressions that have one */
	private readonly known = new IntVec();

	/** The number of an expression, which is not negative; NONE when it has none. */
	get(expr: number): number {
		return expr < this.values.length ? this.values.data[expr]! : NONE;
	}

	/** Gives an expression that has none a number. */
	set(expr: number, value: number): void {
		this.values.extend(expr + 1, NONE);
		this.values.data[expr] = value;
		this.known.push(expr);
	}

	clear(): void {
		const { data, length } = this.known;
		for (let i = 0; i < length; i++) this.values.data[data[i]!] = NONE;
		this.known.clear();
	}
}
