// A call in a chain of calls.

import type { FnId } from "../ir/program.js";

export interface Link {
	readonly fn: FnId;
	readonly op: number;
}

/** Functions have fewer ops. */
const MAX_OPS = 1 << 24;

/** Equal for the same call. */
export function keyOf({ fn, op }: Link): number {
	return callKey(fn, op);
}

export function callKey(fn: FnId, op: number): number {
	return fn * MAX_OPS + op;
}
