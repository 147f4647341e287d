// What the chains of a finding prove, as people read it in the terminal and beside a diagnostic.

import type { Finding } from "@might-sleep/analyzer";

/** Titles of the chain to the place, and of the one from there on. */
export function chainTitles({ context }: Finding): { readonly enter: string; readonly sleep: string } {
	const maySleep = context !== null && !context.atomic && context.rcu === 0;
	return maySleep
		? { enter: "comes here by", sleep: "allocates by" }
		: { enter: "atomic because", sleep: "sleeps because" };
}
