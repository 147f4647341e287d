// hot: the code that reclaim may come back to, from where such a path begins (a callback of writeback, of the block
// layer; a frozen queue, a transaction) down the call graph. Beside the contexts, not among them: most of it runs in
// contexts that are there anyway, and only functions that may sleep matter. A scope that restricts allocation as far
// as the path needs ends it, and so does an atomic context: nothing reclaims there.

import type { Steps } from "../base/steps.js";
import { IntVec } from "../base/vec.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { BindingTable } from "./bindings.js";
import { type CallGraph, calledLocal } from "./callGraph.js";
import { Ac, applyCtx, type Ctx, forbidsSleep, type KindTable, Level } from "./context.js";
import { contradicts, implies, isAmount, predicateAnswer } from "./guards.js";
import { Need, needOf } from "./need.js";
import { RecordIndex } from "./recordIndex.js";
import type { Origin } from "./roots.js";
import { type CallState, MaySleep, PREDICATE } from "./summary.js";
import type { Contexts } from "./topDown.js";
import { TOP } from "./values.js";
import { Callee, isDescribed, summaryOf, type World } from "./world.js";

/** A function on such a path: what it needs, with which parameter values, by which call of which other one. */
export type PathId = number;

/** Paths of one function; more are met into ones without parameter values. */
const MAX_PATHS = 8;
/** Calls from where a path begins; longer ones are hardly ever meant. */
const MAX_LENGTH = 16;
/** Calls under a condition on memory that the path's own code may make on one way. */
const MAX_CONDITIONS = 2;
/** Targets of one indirect call; a call with more is not followed. */
const MAX_TARGETS = 8;

export class ReclaimPaths {
	readonly fns = new IntVec(1 << 10);
	/** Need; None for a function that begins a path within itself */
	readonly needs = new IntVec(1 << 10);
	readonly bindings = new IntVec(1 << 10);
	/** path of the caller, or NONE where it begins */
	readonly parents = new IntVec(1 << 10);
	/** call op in the caller; where it begins: index in the contexts' origins, or NONE for a section of the function */
	readonly ops = new IntVec(1 << 10);
	readonly doubts = new IntVec(1 << 10);
	private readonly lengths = new IntVec(1 << 10);
	/** calls on the way that are made under a condition on memory, that of where the path begins left out */
	private readonly nConditions = new IntVec(1 << 10);
	private readonly nexts = new IntVec(1 << 10);
	private readonly heads = new IntVec(1 << 10);
	private readonly nPaths = new IntVec(1 << 10);
	private readonly index = new RecordIndex(this.fns, this.needs, this.bindings);
	readonly bindingTable: BindingTable;
	private readonly queues = [new IntVec(), new IntVec(), new IntVec()];

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
		private readonly contexts: Contexts,
	) {
		this.bindingTable = new BindingTable(world.values);
	}

	/** Follows every path from its beginning, certain ones before doubtful ones, near before far. */
	*solve(): Steps<void> {
		const { program } = this.world;
		this.extendTo(program.fnLimit);
		let seen = 0;
		this.contexts.origins.forEach((origin, index) => {
			const need = needAtEntry(origin);
			if (need !== Need.None) this.add(origin.fn, need, 0, NONE, index, doubtAtEntry(origin), 0);
		});
		for (const fn of program.inOrder) {
			if (this.beginsPath(fn)) this.add(fn, Need.None, 0, NONE, NONE, 0, 0);
			if (++seen % 4096 === 0) yield;
		}
		yield* this.drain();
	}

	/** First path of a function, or NONE; go on with `next`. */
	first(fn: FnId): PathId {
		return fn < this.heads.length ? this.heads.data[fn]! : NONE;
	}
	next(path: PathId): PathId {
		return this.nexts.data[path]!;
	}

	/** What a call needs that is made in one of its states, None when nothing; also when the path excludes the state. */
	needAt(path: PathId, state: CallState): Need {
		const { kinds, values } = this.world;
		const ac = applyCtx(kinds, Level.Process, state.ctx);
		if (forbidsSleep(ac)) return Need.None;
		const need = Math.max(isLeft(kinds, state.ctx) ? Need.None : this.needs.data[path]!, needIn(kinds, state.ctx));
		if (need === Need.None || scopeOf(ac) >= need) return Need.None;
		for (const guard of state.guards) {
			if (guard.param >= PREDICATE) {
				const answer = predicateAnswer(guard.param - PREDICATE, ac);
				const truth = values.truth(guard.value);
				if (answer >= 0 && truth >= 0 && answer !== truth) return Need.None;
			} else if (contradicts(values, this.bindingTable.get(this.bindings.data[path]!, guard.param), guard.value))
				return Need.None;
		}
		return need;
	}

	/**
	 * 1 when the call is made under a condition on a parameter whose value the path does not know, or on memory: in
	 * code that is not where the path begins, for what others ask there the path's author may know, or once more.
	 */
	doubtAt(path: PathId, state: CallState): number {
		if (state.merged) return 1;
		if (this.parents.data[path] === NONE) return 0;
		if (state.conditional && (this.nConditions.data[path]! >= MAX_CONDITIONS || !this.isAtHome(path))) return 1;
		const { values } = this.world;
		for (const guard of state.guards) {
			if (guard.param >= PREDICATE) continue;
			const known = this.bindingTable.get(this.bindings.data[path]!, guard.param);
			if (implies(values, known, guard.value)) continue;
			if (values.truth(guard.value) !== 1 || !isAmount(this.world, this.fns.data[path]!, guard.param)) return 1;
		}
		return 0;
	}

	/** The path's record where it begins. */
	headOf(path: PathId): PathId {
		let head = path;
		while (this.parents.data[head] !== NONE) head = this.parents.data[head]!;
		return head;
	}

	/** Conditions on memory on the way, with that of a call in one of its states. */
	private conditionsAt(path: PathId, state: CallState): number {
		const isCounted = state.conditional && this.parents.data[path] !== NONE;
		return this.nConditions.data[path]! + (isCounted ? 1 : 0);
	}

	/** Is the function in the folder of the one where its path begins? */
	private isAtHome(path: PathId): boolean {
		const { program } = this.world;
		const folderOf = (one: PathId) => program.pathInfo(program.fnFile(this.fns.data[one]!)).folders;
		return isSameFolder(folderOf(path), folderOf(this.headOf(path)));
	}

	/** Forgets the paths of an edited function that its own file brings; what others bring does not change with it. */
	renew(fn: FnId, isOwn: (fn: FnId) => boolean): void {
		this.extendTo(fn);
		const kept: PathId[] = [];
		for (let at = this.first(fn); at !== NONE; at = this.next(at)) {
			const parent = this.parents.data[at]!;
			if (parent === NONE ? this.ops.data[at] === NONE : isOwn(this.fns.data[parent]!)) this.index.drop(at);
			else kept.push(at);
		}
		this.heads.data[fn] = NONE;
		for (const path of kept.reverse()) {
			this.nexts.data[path] = this.heads.data[fn]!;
			this.heads.data[fn] = path;
		}
		this.nPaths.data[fn] = kept.length;
	}

	/** Follows the paths of some functions only: those they have, and those they begin. */
	*spreadFrom(fns: readonly FnId[]): Steps<void> {
		for (const fn of fns) {
			this.extendTo(fn);
			if (this.beginsPath(fn)) this.add(fn, Need.None, 0, NONE, NONE, 0, 0);
			for (let at = this.first(fn); at !== NONE; at = this.next(at)) this.expand(at);
		}
		yield* this.drain();
	}

	/** Does the function hold something, at one of its calls, under which allocation is restricted? */
	private beginsPath(fn: FnId): boolean {
		const { kinds } = this.world;
		for (const states of summaryOf(this.world, fn).calls.states) {
			for (const { ctx } of states) if (ctx.items.length > 0 && needIn(kinds, ctx) !== Need.None) return true;
		}
		return false;
	}

	private *drain(): Steps<void> {
		const at = [0, 0, 0];
		for (let done = 1; ; done++) {
			const which = this.queues.findIndex((queue, i) => at[i]! < queue.length);
			if (which < 0) break;
			this.expand(this.queues[which]!.data[at[which]!++]!);
			if (done % 512 === 0) yield;
			if (done % 8192 === 0) this.world.checkpoint();
		}
		for (const queue of this.queues) queue.clear();
	}

	/** Hands a path on to everything its function calls that may sleep. */
	private expand(path: PathId): void {
		const fn = this.fns.data[path]!;
		if (this.lengths.data[path]! >= MAX_LENGTH || isDescribed(this.world, fn)) return;
		this.graph.eachSite(fn, (op, callee) => {
			if (callee <= Callee.Unknown || (callee >= 0 && !this.maySleepBelow(callee))) return;
			for (const state of this.contexts.statesOf(fn, op)) {
				const need = this.needAt(path, state);
				if (need !== Need.None) this.expandState(path, op, callee, state, need);
			}
		});
	}

	private expandState(path: PathId, op: number, callee: number, state: CallState, need: Need): void {
		const fn = this.fns.data[path]!;
		const doubt = Math.max(this.doubts.data[path]!, this.doubtAt(path, state));
		const nConditions = this.conditionsAt(path, state);
		const target = callee >= 0 ? callee : this.pointedAt(path, op, state);
		if (target < 0) {
			const targets = this.contexts.pointerTargets(fn, op);
			if (targets === null || targets.length > MAX_TARGETS) return;
			for (const one of targets) this.add(one.target, need, 0, path, op, Math.max(doubt, 1), nConditions);
			return;
		}
		this.passFunctions(path, op, target, state, need, doubt);
		const relevant = state.args === null ? 0 : summaryOf(this.world, target).relevant;
		const binding = relevant === 0 ? 0 : this.bindingTable.bind(relevant, state.args, this.bindings.data[path]!);
		this.add(target, need, binding, path, op, doubt, nConditions);
	}

	/** Functions given as arguments are called on the same path. */
	private passFunctions(path: PathId, op: number, callee: FnId, state: CallState, need: Need, doubt: number): void {
		for (const call of summaryOf(this.world, callee).paramCalls) {
			const value = state.args?.[call.param] ?? TOP;
			const target = this.bindingTable.functionOf(value, this.bindings.data[path]!);
			const ac = applyCtx(this.world.kinds, Level.Process, call.ctx);
			if (target === NONE || forbidsSleep(ac) || scopeOf(ac) >= need) continue;
			this.add(target, need, 0, path, op, doubt, this.conditionsAt(path, state));
		}
	}

	/** The one function that a called variable or parameter is here, or NONE. */
	private pointedAt(path: PathId, op: number, state: CallState): FnId {
		if (state.callee !== NONE) return state.callee;
		const local = calledLocal(this.world, this.fns.data[path]!, op);
		if (local === NONE) return NONE;
		const binding = this.bindings.data[path]!;
		return this.bindingTable.functionOf(this.bindingTable.get(binding, local), binding);
	}

	private maySleepBelow(fn: FnId): boolean {
		const { maySleep, callsPointers } = summaryOf(this.world, fn);
		return maySleep !== MaySleep.No || callsPointers;
	}

	private add(
		fn: FnId,
		need: Need,
		binding: number,
		parent: PathId,
		op: number,
		doubt: number,
		nConditions: number,
	): void {
		if (this.index.find(fn, need, binding) !== NONE || !this.world.program.isLive(fn)) return;
		this.extendTo(fn);
		if (this.nPaths.data[fn]! >= MAX_PATHS && binding !== 0) {
			this.add(fn, need, 0, parent, op, Math.max(doubt, 1), nConditions);
			return;
		}
		const path = this.fns.push(fn);
		this.needs.push(need);
		this.bindings.push(binding);
		this.parents.push(parent);
		this.ops.push(op);
		this.doubts.push(doubt);
		this.lengths.push(parent === NONE ? 0 : this.lengths.data[parent]! + 1);
		this.nConditions.push(nConditions);
		this.nexts.push(this.heads.data[fn]!);
		this.heads.data[fn] = path;
		this.nPaths.data[fn]!++;
		this.index.add(path);
		this.queues[doubt]!.push(path);
	}

	/** Makes room for the paths of a function. */
	private extendTo(fn: FnId): void {
		this.heads.extend(fn + 1, NONE);
		this.nPaths.extend(fn + 1, 0);
	}
}

function isSameFolder(a: readonly string[], b: readonly string[]): boolean {
	return a.length === b.length && a.every((name, i) => name === b[i]);
}

/** What an entry point needs, None when its own scopes see to it or it is atomic. */
function needAtEntry({ run, ac }: Origin): Need {
	const need = needOf(run.reclaim);
	return forbidsSleep(ac) || scopeOf(ac) >= need ? Need.None : need;
}

/** How far an entry point is believed to recurse. */
function doubtAtEntry({ run, doubt }: Origin): number {
	return Math.max(doubt, run.recurses === "seldom" ? 2 : run.recurses === "may" ? 1 : 0);
}

/** What is held needs. */
export function needIn(kinds: KindTable, ctx: Ctx): Need {
	let need = Need.None;
	for (const item of ctx.items) need = Math.max(need, kinds.needs[item.kind]!);
	return need;
}

/** Has what the caller holds been let go? */
function isLeft(kinds: KindTable, ctx: Ctx): boolean {
	return ctx.gone.length > 0 && ctx.gone.some((item) => kinds.needs[item.kind] !== Need.None);
}

/** How far the scopes of a context restrict allocation, on the scale of Need. */
export function scopeOf(ac: number): Need {
	if ((ac & Ac.MemAlloc) !== 0) return Need.NoReclaim;
	if ((ac & Ac.NoIo) !== 0) return Need.NoIo;
	return (ac & Ac.NoFs) !== 0 ? Need.NoFs : Need.None;
}
