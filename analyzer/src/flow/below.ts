// Where the calls of edited functions may come to sleep: the functions below them, in whatever file. After an edit only
// these are looked at, and only the chains that come through what was edited.

import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import { MaySleep } from "./summary.js";
import { type Contexts, MAX_CHAIN } from "./topDown.js";
import { isPrimitive, summaryOf, type World } from "./world.js";

/** Functions looked at; what lies beyond is found when the tree is solved as a whole. */
const MAX_FUNCTIONS = 200;

/** What a search for chains is confined to. */
export interface Scope {
	readonly edited: ReadonlySet<FnId>;
	/** functions that sleep, or call one that does, below atomic calls of the edited ones; those are among them */
	readonly below: ReadonlySet<FnId>;
}

/**
 * `brought`: the functions that the edited ones bring atomic contexts. `isGuilty`: is a function known to come to sleep where
 * it may not? That is no part of its summary.
 */
export function scopeOf(
	world: World,
	graph: CallGraph,
	contexts: Contexts,
	edited: ReadonlySet<FnId>,
	brought: ReadonlySet<FnId>,
	isGuilty: (fn: FnId) => boolean,
): Scope {
	const below = new Set(edited);
	const isCandidate = (fn: FnId) =>
		!below.has(fn) && (summaryOf(world, fn).maySleep !== MaySleep.No || isGuilty(fn)) && contexts.isEnteredAtomic(fn);
	let level: FnId[] = [];
	const add = (target: FnId, next: FnId[]) => {
		if (below.size >= MAX_FUNCTIONS || !isCandidate(target)) return;
		below.add(target);
		next.push(target);
	};
	for (const fn of brought) add(fn, level);
	for (let depth = 1; depth < MAX_CHAIN && level.length > 0; depth++) {
		const next: FnId[] = [];
		for (const fn of level) {
			graph.eachSite(fn, (op, callee) => {
				if (isPrimitive(callee)) return;
				const pointed = callee === NONE ? (contexts.indirectTargets(fn, op) ?? []) : [];
				for (const target of callee === NONE ? pointed.map((one) => one.target) : [callee]) add(target, next);
			});
		}
		level = next;
	}
	return { edited, below };
}
