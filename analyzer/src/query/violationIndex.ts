// Violations by the calls that they are at, and by the functions that their chains come through: after an edit few of a
// tree's are looked at.

import type { Violation } from "../flow/violations.js";
import type { FnId } from "../ir/program.js";

/** Functions have fewer ops. */
const MAX_OPS = 1 << 24;

export class ViolationIndex {
	private readonly byCall = new Map<number, readonly Violation[]>();
	private readonly byFn = new Map<FnId, Set<Violation>>();

	constructor(violations: readonly Violation[]) {
		for (const violation of violations) this.add(violation);
	}

	/** All violations at a call. */
	at({ fn, op }: Pick<Violation, "fn" | "op">): readonly Violation[] {
		return this.byCall.get(fn * MAX_OPS + op) ?? [];
	}

	/** Does any chain come through the function? */
	isGuilty(fn: FnId): boolean {
		return this.byFn.has(fn);
	}

	/** Those whose chains come through some functions. */
	through(fns: Iterable<FnId>): Set<Violation> {
		const found = new Set<Violation>();
		for (const fn of fns) for (const violation of this.byFn.get(fn) ?? []) found.add(violation);
		return found;
	}

	add(violation: Violation): void {
		const { fn, op, links } = violation;
		this.byCall.set(fn * MAX_OPS + op, [...this.at({ fn, op }), violation]);
		for (const link of links) {
			const known = this.byFn.get(link.fn);
			if (known === undefined) this.byFn.set(link.fn, new Set([violation]));
			else known.add(violation);
		}
	}

	remove(violation: Violation): void {
		const { fn, op, links } = violation;
		const others = this.at({ fn, op }).filter((other) => other !== violation);
		this.byCall.set(fn * MAX_OPS + op, others);
		for (const link of links) {
			const known = this.byFn.get(link.fn);
			known?.delete(violation);
			if (known?.size === 0) this.byFn.delete(link.fn);
		}
	}
}
