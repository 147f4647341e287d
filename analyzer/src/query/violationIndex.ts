// Violations by the calls that they are at, and by the functions that their chains come through: after an edit few of a
// tree's are looked at.

import { addTo } from "../base/lists.js";
import type { Steps } from "../base/steps.js";
import { keyOf, type Link } from "../flow/link.js";
import type { Violation } from "../flow/violations.js";
import type { FnId } from "../ir/program.js";

/** Violations between steps. */
const STEP = 512;

export class ViolationIndex {
	private readonly byCall = new Map<number, Violation[]>();
	private readonly byFn = new Map<FnId, Set<Violation>>();

	constructor(violations: readonly Violation[]) {
		for (const violation of violations) this.add(violation);
	}

	/** The same in steps. */
	static *of(violations: readonly Violation[]): Steps<ViolationIndex> {
		const index = new ViolationIndex([]);
		for (const [i, violation] of violations.entries()) {
			index.add(violation);
			if (i % STEP === 0) yield;
		}
		return index;
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
	 * What decides who is to blame for some: with them all that begin with the same calls, and all that end at the same ones
	 * as any of these.
	 */
	around(violations: Iterable<Violation>): Set<Violation> {
		return this.atCallsOf(this.beginningAs(violations));
	}

	/** Those for which others may be to blame when some come or go. */
	besides(violations: Iterable<Violation>): Set<Violation> {
		return this.beginningAs(this.atCallsOf(violations));
	}

	/** Those that begin with the same calls as some. */
	private beginningAs(violations: Iterable<Violation>): Set<Violation> {
		const found = new Set<Violation>();
		const heads = new Set<number>();
		const fns = new Set<FnId>();
		for (const violation of violations) {
			found.add(violation);
			const first = violation.links[0]!;
			heads.add(keyOf(first));
			fns.add(first.fn);
		}
		for (const fn of fns) {
			for (const violation of this.byFn.get(fn) ?? []) {
				if (heads.has(keyOf(violation.links[0]!))) found.add(violation);
			}
		}
		return found;
	}

	/** Those that end at the same calls as some. */
	atCallsOf(violations: Iterable<Violation>): Set<Violation> {
		const found = new Set<Violation>();
		const calls = new Set<number>();
		for (const violation of violations) {
			const call = keyOf(violation);
			if (calls.has(call)) continue;
			calls.add(call);
			for (const other of this.byCall.get(call) ?? []) found.add(other);
		}
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
		this.remove(rest);
		for (const violation of added) this.add(violation);
	}

	add(violation: Violation): void {
		addTo(this.byCall, keyOf(violation), violation);
		for (const link of violation.links) {
			const known = this.byFn.get(link.fn);
			if (known === undefined) this.byFn.set(link.fn, new Set([violation]));
			else known.add(violation);
		}
	}

	remove(violations: ReadonlySet<Violation>): void {
		const calls = new Set<number>();
		for (const violation of violations) {
			calls.add(keyOf(violation));
			for (const link of violation.links) {
				const known = this.byFn.get(link.fn);
				known?.delete(violation);
				if (known?.size === 0) this.byFn.delete(link.fn);
			}
		}
		for (const call of calls) {
			const others = (this.byCall.get(call) ?? []).filter((other) => !violations.has(other));
			if (others.length > 0) this.byCall.set(call, others);
			else this.byCall.delete(call);
		}
	}
}
