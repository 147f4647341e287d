// The allocation that sleeps below a call of a finding: one place is looked for among all violations, for many
// places they are gone through once.

import type { Violation } from "../flow/violations.js";
import type { FnId } from "../ir/program.js";

/** By function and op of a call: the least doubtful sleeping allocation whose chain goes through it. */
export type Allocations = ReadonlyMap<FnId, ReadonlyMap<number, Violation>>;

/** The allocations below the calls that some functions make. */
export function allocationsBelow(violations: readonly Violation[], callers: ReadonlySet<FnId>): Allocations {
	const found = new Map<FnId, Map<number, Violation>>();
	for (const violation of violations) {
		if (!violation.isAllocation) continue;
		for (const { fn, op } of violation.links) {
			if (!callers.has(fn)) continue;
			const calls = found.get(fn) ?? new Map<number, Violation>();
			found.set(fn, calls);
			const known = calls.get(op);
			if (known === undefined || violation.doubt < known.doubt) calls.set(op, violation);
		}
	}
	return found;
}
