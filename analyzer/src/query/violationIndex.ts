// Violations by the calls that they are at, and by the functions that their chains come through: after an edit few of a
// tree's are looked at.

import { keyOf, type Link } from "../flow/link.js";
import type { Violation } from "../flow/violations.js";
import type { FnId } from "../ir/program.js";

export class ViolationIndex {
	private readonly byCall = new Map<number, readonly Violation[]>();
	private readonly byFn = new Map<FnId, Set<Violation>>();

	constructor(violations: readonly Violation[]) {
		for (const violation of violations) this.add(violation);
	}

	/** All violations at a call. */
	at(call: Link): readonly Violation[] {
		return this.byCall.get(keyOf(call)) ?? [];
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

	/**
	 * What decides who is to blame for those whose chains come through some functions: with them all that begin with the
	 * same calls, and all that end at the same ones as any of these.
	 */
	around(fns: Iterable<FnId>): Set<Violation> {
		const through = this.through(fns);
		return this.atCallsOf(this.beginningAs(through));
	}

	/** Those for which others may be to blame when some come or go. */
	besides(violations: Iterable<Violation>): Set<Violation> {
		return this.beginningAs(this.atCallsOf(violations));
	}

	/** Those that begin with the same calls as some. */
	private beginningAs(violations: Iterable<Violation>): Set<Violation> {
		const found = new Set<Violation>();
		const heads = new Map<number, FnId>();
		for (const violation of violations) {
			found.add(violation);
			const first = violation.links[0]!;
			heads.set(keyOf(first), first.fn);
		}
		for (const [head, fn] of heads) {
			for (const violation of this.byFn.get(fn) ?? []) {
				if (keyOf(violation.links[0]!) === head) found.add(violation);
			}
		}
		return found;
	}

	/** Those that end at the same calls as some. */
	private atCallsOf(violations: Iterable<Violation>): Set<Violation> {
		const found = new Set<Violation>();
		for (const violation of violations) for (const other of this.at(violation)) found.add(other);
		return found;
	}

	/** Becomes the index of other violations. */
	become(from: readonly Violation[], to: readonly Violation[]): void {
		if (from === to) return;
		// an edit takes some out and appends others: most stand in both in the same order
		const missing: Violation[] = [];
		let at = 0;
		for (const violation of to) {
			if (violation === from[at]) at++;
			else missing.push(violation);
		}
		const rest = new Set(from.slice(at));
		const added = missing.filter((violation) => !rest.delete(violation));
		for (const violation of rest) this.remove(violation);
		for (const violation of added) this.add(violation);
	}

	add(violation: Violation): void {
		this.byCall.set(keyOf(violation), [...this.at(violation), violation]);
		for (const link of violation.links) {
			const known = this.byFn.get(link.fn);
			if (known === undefined) this.byFn.set(link.fn, new Set([violation]));
			else known.add(violation);
		}
	}

	remove(violation: Violation): void {
		const others = this.at(violation).filter((other) => other !== violation);
		this.byCall.set(keyOf(violation), others);
		for (const link of violation.links) {
			const known = this.byFn.get(link.fn);
			known?.delete(violation);
			if (known?.size === 0) this.byFn.delete(link.fn);
		}
	}
}
