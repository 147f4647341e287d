// What the chains of violations go through: for one place they are looked through, for many places all of them once.

import type { Violation } from "../flow/violations.js";
import type { FnId } from "../ir/program.js";

export interface Chains {
	/** by function and op of a call: the least doubtful sleeping allocation whose chain goes through it */
	readonly allocations: ReadonlyMap<FnId, ReadonlyMap<number, Violation>>;
	/** the functions that a chain goes through */
	readonly fns: ReadonlySet<FnId>;
}

/** The chains through the functions of `among`. */
export function chainsThrough(violations: readonly Violation[], among: ReadonlySet<FnId>): Chains {
	const allocations = new Map<FnId, Map<number, Violation>>();
	const fns = new Set<FnId>();
	for (const violation of violations) {
		for (const { fn, op } of violation.links) {
			if (!among.has(fn)) continue;
			fns.add(fn);
			if (!violation.isAllocation) continue;
			const calls = allocations.get(fn) ?? new Map<number, Violation>();
			allocations.set(fn, calls);
			const known = calls.get(op);
			if (known === undefined || violation.doubt < known.doubt) calls.set(op, violation);
		}
	}
	return { allocations, fns };
}
