// The contexts of a place: by the records of its function, or by the calls of a function that records do not enter
// because a model row says all of it; and which of them an answer goes by.

import type { ContextInfo } from "../api.js";
import type { Call } from "../flow/callGraph.js";
import { Ac, applyCtx, forbidsSleep, isAtomic, Level } from "../flow/context.js";
import type { Link } from "../flow/link.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import type { Contexts, RecordId } from "../flow/topDown.js";
import { callSteps, contextInfo } from "../flow/witness.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { Target } from "./locate.js";

export interface FoundContext {
	readonly record: RecordId;
	readonly state: CallState;
	readonly ac: number;
	/** how the function is entered from that of the record, where no record says so */
	readonly above: Above | null;
}

interface Above {
	/** the first one is made by the record's function */
	readonly calls: readonly Link[];
	/** state of the first call */
	readonly state: CallState;
}

/** Calls of a function, and calls above these, that are looked at; of more, as many that lie evenly among them. */
const MAX_CALLS = 200;
const MAX_ABOVE = 3;

/**
 * The absolute contexts of a place, those that count first, and of these the atomic ones: every record of the function
 * in every state. Where no record says how the function is entered, its callers are asked, unless they say nothing of it.
 */
export function findContexts(
	solved: Solved,
	{ fn }: Target,
	states: readonly CallState[],
	areCallersMute: boolean,
): FoundContext[] {
	const { contexts } = solved;
	const found = new Found();
	const seeds: RecordId[] = [];
	for (let at = contexts.first(fn); at !== NONE; at = contexts.next(at)) {
		if (contexts.isSeed(at)) seeds.push(at);
		else for (const state of states) found.add(contexts.contextAt(at, state), at, state, null);
	}
	for (const seed of found.isEmpty ? seeds : []) {
		for (const state of states) {
			const ac = contexts.contextAt(seed, state);
			if (ac !== NONE && forbidsSleep(ac)) found.add(ac, seed, state, null);
		}
	}
	const [state] = states;
	if (found.isEmpty && state !== undefined) {
		if (!areCallersMute) addFromCallers(solved, found, fn, state, []);
		if (found.isEmpty) found.add(applyCtx(solved.world.kinds, 0, state.ctx), contexts.seed(fn), state, null);
	}
	return found.sorted(solved);
}

class Found {
	/** by function whose callers have been asked: by how many calls it lies above */
	readonly asked = new Map<FnId, number>();
	private readonly found: FoundContext[] = [];
	private readonly seen = new Set<string>();

	get isEmpty(): boolean {
		return this.found.length === 0;
	}

	/** Keeps the first one of those that are alike. */
	add(ac: number, record: RecordId, state: CallState, above: Above | null): void {
		if (ac === NONE) return;
		const { items } = (above ?? { state }).state.ctx;
		const key = `${ac}|${items.map((item) => `${item.kind}.${item.path}`).join()}`;
		if (this.seen.has(key)) return;
		this.seen.add(key);
		this.found.push({ record, state, ac, above });
	}

	sorted({ contexts }: Solved): FoundContext[] {
		const rank = ({ ac }: FoundContext) => (isAtomic(ac) ? 0 : forbidsSleep(ac) ? 1 : 2);
		const doubt = doubtIn(contexts);
		const isBooting = ({ ac }: FoundContext) => Number((ac & Ac.Booting) !== 0);
		return this.found.sort((a, b) => isBooting(a) - isBooting(b) || doubt(a) - doubt(b) || rank(a) - rank(b));
	}
}

/** Those of the calls of a function; where nothing is known of these, of the calls of the function that makes them. */
function addFromCallers(solved: Solved, found: Found, fn: FnId, own: CallState, below: readonly Link[]): void {
	const { contexts, graph } = solved;
	// by another way to it, its callers say the same
	if ((found.asked.get(fn) ?? MAX_ABOVE) <= below.length) return;
	found.asked.set(fn, below.length);
	for (const { caller, op } of someOf(graph.callersOf(fn))) {
		if (caller === fn || below.some((link) => link.fn === caller)) continue;
		const calls = [{ fn: caller, op }, ...below];
		let isKnown = false;
		for (let at = contexts.first(caller); at !== NONE; at = contexts.next(at)) {
			for (const state of contexts.statesOf(caller, op)) {
				const ac = contexts.contextAt(at, state);
				if (ac === NONE || (contexts.isSeed(at) && !forbidsSleep(ac))) continue;
				isKnown = true;
				found.add(ac, at, own, { calls, state });
			}
		}
		if (!isKnown && calls.length < MAX_ABOVE) addFromCallers(solved, found, caller, own, calls);
	}
}

function someOf(calls: readonly Call[]): readonly Call[] {
	const step = Math.ceil(calls.length / MAX_CALLS);
	return step <= 1 ? calls : calls.filter((_, i) => i % step === 0);
}

/**
 * The contexts that an answer goes by: those of a running system, and of these the most certain ones. What is known
 * is not outweighed by what is doubtful, nor by what holds while the kernel boots or halts.
 */
export function countedOf({ contexts }: Solved, found: readonly FoundContext[]): readonly FoundContext[] {
	const running = found.filter(({ ac }) => (ac & Ac.Booting) === 0);
	const some = running.length > 0 ? running : found;
	const doubtOf = doubtIn(contexts);
	const least = Math.min(...some.map(doubtOf));
	return some.filter((one) => doubtOf(one) === least);
}

function doubtIn({ records }: Contexts): (found: FoundContext) => number {
	return ({ record }) => records.doubt(record);
}

/** Is nothing known of how the place is entered? */
export function isUnknown(found: readonly FoundContext[]): boolean {
	return found.every(({ ac }) => (ac & Ac.LevelMask) === Level.Any);
}

export function infoOf({ world, contexts }: Solved, { fn, op }: Link, found: FoundContext): ContextInfo {
	const { record, state, above } = found;
	if (above === null) return contextInfo(world, contexts, record, { fn, op }, state);
	const info = contextInfo(world, contexts, record, above.calls[0]!, above.state);
	return { ...info, enter: [...info.enter, ...callSteps(world, above.calls)] };
}
