// Parameter values of a context record: what its caller is known to pass. Interned; 0 is "nothing known".

import { ListPool } from "../base/listPool.js";
import { IntVec } from "../base/vec.js";
import type { Summary } from "./summary.js";
import { Base, TOP, type ValueId, type ValueTable } from "./values.js";

const MAX_PARAMS = 31;

export class BindingTable {
	private readonly rows: (readonly ValueId[])[] = [[]];
	/** ids of the rows */
	private readonly index = new ListPool();
	/** the row that is looked up */
	private readonly row = new IntVec();

	constructor(private readonly values: ValueTable) {
		this.index.intern(this.row);
	}

	/** The value of a parameter, TOP when not known. */
	get(binding: number, param: number): ValueId {
		return this.rows[binding]![param] ?? TOP;
	}

	/** The values that a call gives to the callee's parameters that matter, `caller` being the calling record's binding. */
	bind({ relevant, zeroSleeps }: Summary, args: readonly ValueId[] | null, caller: number): number {
		if (args === null || relevant === 0) return 0;
		const { row } = this;
		row.clear();
		const count = Math.min(args.length, MAX_PARAMS);
		for (let i = 0; i < count; i++) {
			row.push((relevant & (1 << i)) === 0 ? TOP : this.settled(args[i]!, caller, (zeroSleeps & (1 << i)) !== 0));
		}
		while (row.length > 0 && row.data[row.length - 1] === TOP) row.length--;
		const id = this.index.intern(row);
		if (id === this.rows.length) this.rows.push(Array.from(row.data.subarray(0, row.length)));
		return id;
	}

	/** A value in terms of the caller's parameters, with those replaced by what is bound to them. */
	resolve(value: ValueId, binding: number): ValueId {
		const base = this.values.base(value);
		if (base > Base.Parameter) return value;
		return this.values.substitute(value, this.get(binding, Base.Parameter - base));
	}

	/** The function that a value is under a binding, or -1. */
	functionOf(value: ValueId, binding: number): number {
		const known = this.resolve(value, binding);
		return this.values.base(known) === Base.Function ? this.values.set(known) : -1;
	}

	/**
	 * Only what tells paths apart is kept: integers, masks with known bits, functions. That a pointer is not NULL is,
	 * where a call that sleeps needs it to be.
	 */
	private settled(value: ValueId, caller: number, needsZero: boolean): ValueId {
		const known = this.resolve(value, caller);
		const { values } = this;
		if (values.base(known) === Base.Function || values.isInt(known)) return known;
		if (values.set(known) === 0 && values.clear(known) === 0) {
			return needsZero && values.isNonZero(known) ? values.nonZero(TOP) : TOP;
		}
		return values.make(Base.None, values.set(known), values.clear(known), values.truth(known) === 1 ? 1 : 0);
	}
}
