// When a chain of calls is certain enough to contradict somebody: direct calls without a condition that nobody
// knows, from an entry point or a region in which every path to the call is.

import { forbidsSleep } from "../flow/context.js";
import { implies } from "../flow/guards.js";
import type { Solved } from "../flow/solved.js";
import { callSleeps } from "../flow/summarise.js";
import { type CallState, MaySleep, PREDICATE } from "../flow/summary.js";
import type { RecordId } from "../flow/topDown.js";
import { isOnMainWay } from "../flow/ways.js";
import { isPrimitive, primitiveAt, staticCallee, summaryOf } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";

const MAX_CALLS = 40;

/** Does a record rest on what some function asserts? Such a one proves nothing about assertions. */
export function isAssertedRecord({ contexts }: Solved, record: RecordId): boolean {
	const origin = contexts.origins[contexts.records.op(contexts.topOf(record))];
	return origin !== undefined && origin.assertion !== null;
}

/** Is the chain that brought a record its context certain? */
export function isCertainRecord(solved: Solved, record: RecordId): boolean {
	const { contexts } = solved;
	if (contexts.records.doubt(record) !== 0) return false;
	let at = record;
	for (let i = 0; contexts.records.parent(at) !== NONE; i++, at = contexts.records.parent(at)) {
		if (i > MAX_CALLS || !isCertainCall(solved, at)) return false;
	}
	return true;
}

/** Is the call that brought a record made without a condition, in the record's context? */
function isCertainCall(solved: Solved, record: RecordId): boolean {
	const { contexts, world } = solved;
	const parent = contexts.records.parent(record);
	const op = contexts.records.op(record);
	const caller = contexts.records.fn(parent);
	if (staticCallee(world, caller, op) !== contexts.records.fn(record) || summaryOf(world, caller).imprecise)
		return false;
	const wanted = contexts.records.context(record);
	const states = contexts.statesOf(caller, op);
	const acs = states.map((state) => contexts.contextAt(parent, state));
	// A region that only some paths to the call are in may never be the one.
	if (forbidsSleep(wanted) && acs.some((ac) => ac !== NONE && !forbidsSleep(ac))) return false;
	return states.some((state, i) => acs[i] === wanted && isUnconditional(solved, parent, state));
}

/** Is a state reached whatever the values are that the record does not know? */
export function isUnconditional({ contexts, world }: Solved, record: RecordId, state: CallState): boolean {
	if (state.conditional || state.merged) return false;
	const binding = contexts.records.binding(record);
	return state.guards.every((guard) => {
		if (guard.param >= PREDICATE) return false;
		return implies(world.values, contexts.bindingTable.get(binding, guard.param), guard.value);
	});
}

/** How surely does a function sleep when its caller is not atomic? By its summary's shortest way to a sleeper. */
export function sleepsSurely(solved: Solved, fn: FnId): "no" | "perhaps" | "surely" {
	const { world } = solved;
	const first = summaryOf(world, fn);
	if (first.maySleep === MaySleep.No) return first.callsPointers || first.imprecise ? "perhaps" : "no";
	let at = fn;
	for (let i = 0; i < MAX_CALLS; i++) {
		const { maySleep, sleepOp } = summaryOf(world, at);
		if (maySleep !== MaySleep.Yes || sleepOp < 0) return "perhaps";
		const callee = staticCallee(world, at, sleepOp);
		const isSure = solved.contexts.statesOf(at, sleepOp).some((state) => {
			const isPlain = !state.conditional && !state.merged && state.guards.length === 0;
			return isPlain && callSleeps(world, callee, state).value === MaySleep.Yes;
		});
		if (!isSure || !isOnMainWay(world.program, at, sleepOp)) return "perhaps";
		if (isPrimitive(callee)) {
			const { sleep } = primitiveAt(world, callee);
			const isQualified =
				sleep?.certainty === "may" || sleep?.defersIn !== undefined || sleep?.unlessFlagged !== undefined;
			return isQualified ? "perhaps" : "surely";
		}
		if (callee < 0) return "perhaps";
		at = callee;
	}
	return "perhaps";
}
