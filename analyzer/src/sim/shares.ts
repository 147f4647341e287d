// What of a step is shared with others: memory, locks, RCU, the CPU's own context. Steps of two CPUs whose
// shares do not meet may be swapped, and a step that shares nothing need not be a point to switch at.

export interface Shares {
	readonly reads: string[];
	readonly writes: string[];
}

export function noShares(): Shares {
	return { reads: [], writes: [] };
}

export function isPrivate(shares: Shares): boolean {
	return shares.reads.length === 0 && shares.writes.length === 0;
}

/** Does one write what the other reads or writes? */
export function meet(a: Shares, b: Shares): boolean {
	return overlap(a.writes, b.writes) || overlap(a.writes, b.reads) || overlap(a.reads, b.writes);
}

function overlap(left: readonly string[], right: readonly string[]): boolean {
	for (const one of left) for (const other of right) if (isPart(one, other) || isPart(other, one)) return true;
	return false;
}

/** Is `inner` the same place, or part of it? */
function isPart(inner: string, outer: string): boolean {
	if (!inner.startsWith(outer)) return false;
	if (inner.length === outer.length) return true;
	const next = inner[outer.length];
	return next === "." || next === "[";
}
