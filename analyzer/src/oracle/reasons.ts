// Counts exclusive reasons and keeps a few examples of each.

import type { Place } from "../api.js";
import type { Example, ReasonCount } from "./types.js";

const MAX_EXAMPLES = 5;

/** Tallies reasons of one table of texts. */
export class ReasonTally<Reason extends string> {
	private readonly found = new Map<Reason, { count: number; examples: Example[] }>();

	constructor(private readonly texts: Readonly<Record<Reason, string>>) {}

	add(reason: Reason, place: () => Place, fn: string): void {
		let entry = this.found.get(reason);
		if (entry === undefined) {
			entry = { count: 0, examples: [] };
			this.found.set(reason, entry);
		}
		entry.count++;
		if (entry.examples.length < MAX_EXAMPLES) entry.examples.push({ ...place(), function: fn });
	}

	/** Most frequent first. */
	counts(): ReasonCount[] {
		const counts = [...this.found].map(([reason, entry]) => ({ reason, text: this.texts[reason], ...entry }));
		return counts.sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
	}
}
