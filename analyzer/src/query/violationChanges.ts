// What has become of violations whose calls were judged anew: those that are as before stay the same objects, so that who
// is to blame for them needs no second look.

import { areAlike } from "../base/lists.js";
import type { Violation } from "../flow/violations.js";
import type { FnId, Program } from "../ir/program.js";

export interface ViolationChanges {
	/** all that there are now, in their order */
	readonly now: readonly Violation[];
	readonly gone: readonly Violation[];
	readonly fresh: readonly Violation[];
}

/** `redone`: functions whose ops, or the states of whose calls, are others now. */
export function compareViolations(
	before: readonly Violation[],
	now: readonly Violation[],
	redone: ReadonlySet<FnId>,
): ViolationChanges {
	const known = new Map<string, Violation>();
	for (const violation of before)
		if (!violation.links.some(({ fn }) => redone.has(fn))) known.set(keyOf(violation), violation);
	const fresh: Violation[] = [];
	const kept = new Set<Violation>();
	const result = now.map((violation) => {
		const other = known.get(keyOf(violation));
		if (other !== undefined && isSame(other, violation)) {
			kept.add(other);
			return other;
		}
		fresh.push(violation);
		return violation;
	});
	return { now: result, gone: before.filter((violation) => !kept.has(violation)), fresh };
}

/** A call has one violation for each head. */
function keyOf({ fn, op, head, links }: Violation): string {
	return `${fn}/${op}/${head}/${links[0]!.op}`;
}

function isSame(a: Violation, b: Violation): boolean {
	return (
		a.primitive === b.primitive &&
		a.record === b.record &&
		a.state === b.state &&
		a.ac === b.ac &&
		a.isAllocation === b.isAllocation &&
		a.mask === b.mask &&
		a.doubt === b.doubt &&
		a.nHeads === b.nHeads &&
		areAlike(a.links, b.links, (x, y) => x.fn === y.fn && x.op === y.op)
	);
}

/** Two lists, each in the order of the program, as one. */
export function mergeViolations(program: Program, a: readonly Violation[], b: readonly Violation[]): Violation[] {
	const merged: Violation[] = [];
	let next = 0;
	for (const violation of a) {
		while (next < b.length && program.compareFns(b[next]!.fn, violation.fn) < 0) merged.push(b[next++]!);
		merged.push(violation);
	}
	while (next < b.length) merged.push(b[next++]!);
	return merged;
}
