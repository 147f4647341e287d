// What edits have done to the violations of a complete solution before these are made anew: a few of very many come and go,
// and all of it may be taken back.

import { keyOf } from "../flow/link.js";
import type { Violation } from "../flow/violations.js";
import { NONE } from "../ir/ops.js";
import type { ViolationIndex } from "./violationIndex.js";

export class ViolationEdits {
	private readonly gone = new Set<Violation>();
	private readonly come = new Set<Violation>();
	/** first calls, as keyOf(), of those for which another call may be to blame now */
	private readonly unsettled = new Set<number>();

	/** Takes some out of the index and adds others. */
	replace(index: ViolationIndex, gone: ReadonlySet<Violation>, come: readonly Violation[]): void {
		this.unsettle(index.atCallsOf(gone));
		index.remove(gone);
		for (const violation of gone) if (!this.come.delete(violation)) this.gone.add(violation);
		for (const violation of come) {
			index.add(violation);
			this.come.add(violation);
		}
		this.unsettle(index.atCallsOf(come));
	}

	private unsettle(violations: Iterable<Violation>): void {
		for (const { links } of violations) this.unsettled.add(keyOf(links[0]!));
	}

	/** Is who is to blame what the violation says? */
	isKnown(violation: Violation): boolean {
		return violation.culprit !== NONE && !this.unsettled.has(keyOf(violation.links[0]!));
	}

	takeBack(index: ViolationIndex): void {
		index.remove(this.come);
		for (const violation of this.gone) index.add(violation);
		this.clear();
	}

	/** They are in the list now, or of no more interest. */
	clear(): void {
		this.come.clear();
		this.gone.clear();
		this.unsettled.clear();
	}

	/** Gives on demand what a list has become by now. */
	appliedTo(list: readonly Violation[]): () => readonly Violation[] {
		const [gone, come] = [new Set(this.gone), [...this.come]];
		let made: readonly Violation[] | null = null;
		return () => {
			made ??= list.filter((violation) => !gone.has(violation)).concat(come);
			return made;
		};
	}
}
