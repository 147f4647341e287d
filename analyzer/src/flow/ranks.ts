// Where functions stand in the order in which they are summarised (schedule.ts makes it).

/** By function; NONE for those that are not in the schedule. */
export interface Ranks {
	/** by function: its level */
	readonly level: Int32Array;
	/** by function: the place of its component */
	readonly place: Int32Array;
}

export const NO_RANKS: Ranks = { level: new Int32Array(0), place: new Int32Array(0) };

/** The functions in that order. */
export interface OrderedFns {
	/** component after component */
	readonly fns: Int32Array;
	/** by component: where it begins in `fns`; one more at the end */
	readonly starts: Int32Array;
}

export const NO_FNS: OrderedFns = { fns: new Int32Array(0), starts: new Int32Array(0) };
