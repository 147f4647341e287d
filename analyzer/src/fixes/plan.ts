// A fix before its edits are worked out: what a place or a finding is offered.

import type { Finding, Offer, ReasonedEdit } from "../api.js";
import type { Solved } from "../flow/solved.js";
import type { FnId } from "../ir/program.js";
import type { Chains } from "./chains.js";
import type { Texts } from "./source.js";

/** What fixes are asked for: a finding, or a place without one. */
export interface Request {
	readonly solved: Solved;
	readonly texts: Texts;
	readonly fn: FnId;
	/** the call at the place; NONE: the function as a whole */
	readonly op: number;
	readonly finding: Finding | null;
	/** what the chains of violations go through, where many places are asked for; null: not looked for yet */
	readonly chains: Chains | null;
}

export interface Plan {
	/** names it among the plans of one request */
	readonly key: string;
	readonly title: string;
	readonly kind: Offer["kind"];
	readonly preferred: boolean;
	/** it edits the file of the request only: its edits are made at once, and without them it is shown as refused */
	readonly isLocal: boolean;
	/** of a finding: it is not gone after it; left out: it is */
	readonly mends?: boolean;
	/** the edits, or why there are none */
	edits(): readonly ReasonedEdit[] | string;
}
