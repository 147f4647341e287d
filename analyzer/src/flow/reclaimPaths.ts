// hot: the code that reclaim may come back to, from where such a path begins (a callback of writeback, of the block
// layer; a frozen queue, a transaction) down the call graph. Beside the contexts, not among them: most of it runs in
// contexts that are there anyway, and only functions that may sleep matter. A scope that restricts allocation as far
// as the path needs ends it, and so does an atomic context: nothing reclaims there.

import type { Place } from "../api.js";
import { sharedBytes } from "../base/ints.js";
import type { Steps } from "../base/steps.js";
import { IntVec } from "../base/vec.js";
import { NONE } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { LockRow, RunContext } from "../model/schema.js";
import { BindingTable } from "./bindings.js";
import { type CallGraph, calledLocal } from "./callGraph.js";
import { Ac, applyCtx, type Ctx, forbidsSleep, type Item, Level } from "./context.js";
import { structOfKey } from "./fieldKeys.js";
import { contradicts, implies, isAmount, predicateAnswer } from "./guards.js";
import { isFieldClass, type LockClass, lockClassOf, lockName } from "./lockClasses.js";
import { callNow, type Moves } from "./moves.js";
import { Need, needOf } from "./need.js";
import { RecordTable } from "./recordTable.js";
import { failsWrites, isForOthers, isNeverAsked } from "./requests.js";
import type { Origin } from "./roots.js";
import { type CallState, MaySleep, PREDICATE } from "./summary.js";
import type { Contexts } from "./topDown.js";
import { TOP } from "./values.js";
import { opPlace } from "./witness.js";
import { Callee, isDescribed, isPrimitive, primitiveAt, summaryOf, type World } from "./world.js";

/** A function on such a path: what it needs, with which parameter values, by which call of which other one. */
export type PathId = number;

/** Where reclaim takes a lock, and what whoever holds it needs therefore. */
export interface LockTaken {
	readonly need: Need;
	/** by which function, and where: kept as text, for an edit moves it */
	readonly by: string;
	readonly place: Place;
	readonly call: { readonly fn: FnId; readonly op: number };
	/** a field: reclaim may take that of another object */
	readonly isField: boolean;
}

/** A call that takes a lock, and what whoever else holds it needs. */
interface LockCall {
	readonly fn: FnId;
	readonly op: number;
	readonly row: LockRow;
	readonly need: Need;
}

/** Calls from a callback of reclaim to a lock that it is taken to wait for. */
const MAX_TO_LOCK = 3;
/** Paths of one function; more are met into ones without parameter values. */
const MAX_PATHS = 8;
/** Calls from where a path begins; longer ones are hardly ever meant. */
const MAX_LENGTH = 16;
/** Calls under a condition on memory that the path's own code may make on one way. */
const MAX_CONDITIONS = 2;
/** Functions below edited ones that are looked at; what lies beyond is found when the tree is solved as a whole. */
const MAX_BELOW = 400;
/** Set beside their number when one is in code that is not the path's own. */
const ELSEWHERE = 1 << 8;
/** Targets of one indirect call; a call with more is not followed. */
const MAX_TARGETS = 8;

export class ReclaimPaths {
	/**
	 * Contexts by Need, None for a function that begins a path within itself. The op of a path without parent is the index
	 * of its origin among those of the contexts, or NONE for a section of the function; lengths are counted in calls.
	 */
	readonly records = new RecordTable();
	/**
	 * Calls on the way that are made under a condition on memory, that of where the path begins left out: how many in the
	 * path's own code, and ELSEWHERE when there is one in other code.
	 */
	private readonly conditions = new IntVec(1 << 10);
	/** file of the last function on the way that was called through a pointer, or NONE: its folder is the path's own, too */
	private readonly implementers = new IntVec(1 << 10);
	/** calls through pointers on the way whose target the way does not know */
	private readonly nPointers = new IntVec(1 << 10);
	readonly bindingTable: BindingTable;
	/** the locks that reclaim takes, by class, and their names */
	private readonly locks = new Map<LockClass, LockTaken>();
	private readonly lockNames = new Set<number>();
	/** after an edit: paths of other functions that came by a call of an edited one, until such a call is found again */
	private readonly orphans = new Set<PathId>();
	private unused: ReadonlySet<FnId> | null = null;
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
		const { world, graph, contexts } = this;
		const scout = new ReclaimPaths(world, graph, contexts);
		for (const { fn, op, row, need } of yield* scout.findLocks()) this.noteLock(fn, op, row, need);
		this.addCallbacks(() => true);
		const { inOrder } = world.program;
		for (let i = 0; i < inOrder.length; i++) {
			if (i % 4096 === 0) yield;
			if (this.beginsPath(inOrder[i]!)) this.add(inOrder[i]!, Need.None, 0, NONE, NONE, 0, 0);
		}
		yield* this.drain(MAX_LENGTH);
	}

	/** Begins the paths of callbacks; what the name of a function says of it comes before what its registration says. */
	private addCallbacks(isWanted: (run: RunContext) => boolean): void {
		const { origins } = this.contexts;
		const named = new Set(origins.filter((origin) => isByName(origin)).map(({ fn }) => fn));
		origins.forEach((origin, index) => {
			if (named.has(origin.fn) && !isByName(origin)) return;
			const need = isWanted(origin.run) ? needAtEntry(origin) : Need.None;
			const { requests } = origin.run;
			if (need !== Need.None && requests !== undefined && failsWrites(this.world, origin.fn, requests)) return;
			if (need !== Need.None) this.add(origin.fn, need, 0, NONE, index, doubtAtEntry(origin), 0);
		});
	}

	/** First path of a function, or NONE; go on with `next`. */
	first(fn: FnId): PathId {
		return this.records.first(fn);
	}
	next(path: PathId): PathId {
		return this.records.next(path);
	}

	/** What a call needs that is made in one of its states, None when nothing; also when the path excludes the state. */
	needAt(path: PathId, state: CallState): Need {
		const { kinds, values } = this.world;
		const ac = applyCtx(kinds, Level.Process, state.ctx);
		if (forbidsSleep(ac)) return Need.None;
		const need = Math.max(
			this.isLeft(path, state.ctx) ? Need.None : this.records.context(path),
			this.needIn(this.records.fn(path), state.ctx),
		);
		if (need === Need.None || scopeOf(ac) >= need) return Need.None;
		for (const guard of state.guards) {
			if (guard.param >= PREDICATE) {
				const answer = predicateAnswer(guard.param - PREDICATE, ac);
				const truth = values.truth(guard.value);
				if (answer >= 0 && truth >= 0 && answer !== truth) return Need.None;
			} else if (contradicts(values, this.bindingTable.get(this.records.binding(path), guard.param), guard.value))
				return Need.None;
		}
		return need;
	}

	/**
	 * 1 when the call is made under a condition on a parameter whose value the path does not know, or on memory: in
	 * code that is not where the path begins, for what others ask there the path's author may know, or once more.
	 */
	doubtAt(path: PathId, state: CallState): number {
		if (state.merged || this.isObjects(path, state.ctx)) return 1;
		if (this.records.parent(path) === NONE) return 0;
		if (state.conditional && (this.conditions.data[path]! >= MAX_CONDITIONS || !this.isAtHome(path))) return 1;
		const { values } = this.world;
		for (const guard of state.guards) {
			if (guard.param >= PREDICATE) continue;
			const known = this.bindingTable.get(this.records.binding(path), guard.param);
			if (implies(values, known, guard.value)) continue;
			if (values.truth(guard.value) !== 1 || !isAmount(this.world, this.records.fn(path), guard.param)) return 1;
		}
		return 0;
	}

	/**
	 * Reasons to doubt that the call is made on the path, each counted by itself: how it begins, pointers, and what memory
	 * is asked: at the call, on the way in code that is not the path's own, or again and again in code that is.
	 */
	doubtsAt(path: PathId, state: CallState): number {
		const isSeldom = this.records.doubt(this.headOf(path)) > 0 ? 1 : 0;
		const isAsked = state.conditional && this.records.parent(path) !== NONE;
		const conditions = this.conditionsAt(path, state);
		const nTooMany = (conditions & (ELSEWHERE - 1)) - MAX_CONDITIONS;
		const isDecided = isAsked || (conditions & ELSEWHERE) !== 0 ? 1 : 0;
		return isSeldom + this.nPointers.data[path]! + Math.max(nTooMany, isDecided);
	}

	/** The path's record where it begins. */
	headOf(path: PathId): PathId {
		return this.records.topOf(path);
	}

	/** Conditions on memory on the way, with that of a call in one of its states. */
	private conditionsAt(path: PathId, state: CallState): number {
		const before = this.conditions.data[path]!;
		if (!state.conditional || this.records.parent(path) === NONE) return before;
		return this.isAtHome(path) ? Math.min(before + 1, before | (ELSEWHERE - 1)) : before | ELSEWHERE;
	}

	/** Is the function in the path's own code: in the folder of the one where it begins, or of what a pointer has led to? */
	private isAtHome(path: PathId): boolean {
		const fn = this.records.fn(path);
		if (this.isWhereItBegins(path, fn)) return true;
		const implementer = this.implementers.data[path]!;
		return implementer !== NONE && this.folderOf(this.world.program.fnFile(fn)) === this.folderOf(implementer);
	}

	/** Is a function in the folder where a path begins? What code hands others to be called back with, is what it gets back. */
	private isWhereItBegins(path: PathId, fn: FnId): boolean {
		const { program } = this.world;
		const begins = this.records.fn(this.headOf(path));
		return this.folderOf(program.fnFile(fn)) === this.folderOf(program.fnFile(begins));
	}

	private folderOf(file: FileId): unknown {
		return this.world.program.pathInfo(file).folder;
	}

	/** Is a call on a callback's path made for requests alone that reclaim does not wait for, or that are never made? */
	isForOthers(path: PathId, op: number): boolean {
		const origin = this.contexts.origins[this.records.op(this.headOf(path))];
		const requests = origin?.run.requests;
		if (requests === undefined || requests.together) return false;
		const fn = this.records.fn(path);
		if (requests.never !== undefined && isNeverAsked(this.world, fn, op, requests.never)) return true;
		return this.records.parent(path) === NONE && isForOthers(this.world, fn, op, requests);
	}

	/** Does the path come by way of one that an edit has taken away? */
	isStale(path: PathId): boolean {
		return this.records.isStale(path);
	}

	/** From now on what is followed can be taken back. */
	keep(): void {
		this.records.keep();
	}

	/** Takes back what has been followed since `keep`. */
	takeBack(): void {
		this.records.takeBack();
		for (const vec of [this.conditions, this.implementers, this.nPointers]) vec.length = this.records.length;
		this.orphans.clear();
	}

	/** After an edit that has moved places and calls, and nothing else. */
	move(moves: Moves): void {
		if (moves.calls.size > 0) this.records.renumber(moves.calls);
		for (const [lock, taken] of this.locks) {
			const { fn, op: before } = taken.call;
			if (!moves.places.has(this.world.program.fnFile(fn))) continue;
			const op = callNow(moves, fn, before);
			const isThere = op < this.world.program.fnField(fn, FnField.OpCount);
			this.locks.set(lock, { ...taken, call: { fn, op }, place: isThere ? opPlace(this.world, fn, op) : taken.place });
		}
	}

	/** Does a path come through the function on which requests are told apart by what functions ask? */
	asksFor(fn: FnId): boolean {
		for (let path = this.first(fn); path !== NONE; path = this.next(path)) {
			const origin = this.contexts.origins[this.records.op(this.headOf(path))];
			if (origin?.run.requests !== undefined) return true;
		}
		return this.contexts.origins.some((origin) => origin.fn === fn && origin.run.requests !== undefined);
	}

	/** Does a path come through one of these functions? */
	comesThroughAny(fns: ReadonlySet<FnId>): boolean {
		for (let path = 0; path < this.records.length; path++) if (fns.has(this.records.fn(path))) return true;
		return false;
	}

	/** Is a lock of a struct of one of these names taken in reclaim? */
	knowsStruct(names: ReadonlySet<number>): boolean {
		for (const lock of this.locks.keys()) if (isFieldClass(lock) && names.has(structOfKey(lock))) return true;
		return false;
	}

	/** Follows the paths of some functions only: those they have, and those they begin. */
	*spreadFrom(fns: readonly FnId[]): Steps<void> {
		for (const path of this.records.broughtBy(new Set(fns))) this.orphans.add(path);
		for (const fn of fns) {
			if (this.beginsPath(fn)) this.add(fn, Need.None, 0, NONE, NONE, 0, 0);
			for (let at = this.first(fn); at !== NONE; at = this.next(at)) {
				if (this.records.chainLength(at) < MAX_LENGTH && !this.isStale(at)) this.expand(at);
			}
		}
		yield* this.drain(MAX_LENGTH);
		for (const path of this.orphans) this.records.forget(path);
		this.orphans.clear();
	}

	/** The other functions that paths come to through some, as far as they are looked at after an edit. */
	reachedThrough(fns: ReadonlySet<FnId>): FnId[] {
		const { records } = this;
		const found = new Set<FnId>();
		const isThrough = sharedBytes(records.length);
		for (let path = 0; path < records.length && found.size < MAX_BELOW; path++) {
			const parent = records.parent(path);
			const fn = records.fn(path);
			// one that was given another way in after an edit may come before its parent
			const isBelow = parent > path ? this.comesThrough(parent, fns) : parent !== NONE && isThrough[parent] === 1;
			if (!isBelow && !fns.has(fn)) continue;
			isThrough[path] = 1;
			if (isBelow && !fns.has(fn) && !this.isStale(path)) found.add(fn);
		}
		return [...found];
	}

	private comesThrough(path: PathId, fns: ReadonlySet<FnId>): boolean {
		for (let at = path; at !== NONE; at = this.records.parent(at)) if (fns.has(this.records.fn(at))) return true;
		return false;
	}

	/** What is held at a call of a function needs. */
	needIn(fn: FnId, ctx: Ctx): Need {
		let need = Need.None;
		for (const item of ctx.items) need = Math.max(need, this.needOf(fn, item));
		return need;
	}

	/** What an item needs that a function holds: by its kind, or because reclaim takes the lock too. */
	needOf(fn: FnId, item: Item): Need {
		return this.lockTaken(fn, item)?.need ?? this.world.kinds.needs[item.kind]!;
	}

	/** Has what the path began with been let go? */
	private isLeft(path: PathId, { gone }: Ctx): boolean {
		if (gone.length === 0 || this.records.op(this.headOf(path)) !== NONE) return false;
		return gone.some((item) => this.needOf(this.records.fn(path), item) !== Need.None);
	}

	/** Is a lock held that reclaim takes, of this object or of another one? */
	private isObjects(path: PathId, { items }: Ctx): boolean {
		return items.length > 0 && items.some((item) => this.lockTaken(this.records.fn(path), item)?.isField === true);
	}

	/** Is a call restricted by such a lock alone, in every of its states? */
	isOfOtherObject({ fn, op }: { readonly fn: FnId; readonly op: number }): boolean {
		return this.contexts
			.statesOf(fn, op)
			.every(({ ctx }) =>
				ctx.items.every((item) => this.needOf(fn, item) === Need.None || this.lockTaken(fn, item)?.isField === true),
			);
	}

	/** Where reclaim takes a lock that a function holds; undefined when it does not. */
	lockTaken(fn: FnId, item: Item): LockTaken | undefined {
		const { kinds, paths } = this.world;
		if (!kinds.isLock[item.kind] || kinds.spins[item.kind]) return undefined;
		if (!this.lockNames.has(paths.tail(item.path))) return undefined;
		return this.locks.get(lockClassOf(this.world, fn, item));
	}

	/** The sleeping locks that code which reclaim calls surely takes, near where it is called. */
	private *findLocks(): Steps<LockCall[]> {
		const found: LockCall[] = [];
		this.addCallbacks((run) => run.isReclaim === true);
		yield* this.drain(MAX_TO_LOCK);
		for (let path = 0; path < this.records.length; path++) {
			if (this.records.doubt(path) !== 0) continue;
			const fn = this.records.fn(path);
			this.graph.eachSite(fn, (op, callee) => {
				const row = isPrimitive(callee) ? primitiveAt(this.world, callee).lock : undefined;
				if (row?.does !== "acquire" || row.mode !== "exclusive" || !row.sleeps) return;
				for (const state of this.contexts.statesOf(fn, op)) {
					const need = this.doubtAt(path, state) === 0 ? this.needAt(path, state) : Need.None;
					if (need !== Need.None) found.push({ fn, op, row, need });
				}
			});
		}
		return found;
	}

	private noteLock(fn: FnId, op: number, row: LockRow, need: Need): void {
		const { kinds, paths, program } = this.world;
		const item: Item = { kind: kinds.lock(row.lock), path: paths.unknown, op, irq: 0, asserted: false };
		const lock = lockClassOf(this.world, fn, item);
		if (lock === NONE || this.locks.has(lock)) return;
		const place = opPlace(this.world, fn, op);
		this.locks.set(lock, { need, by: program.fnName(fn), place, call: { fn, op }, isField: isFieldClass(lock) });
		this.lockNames.add(lockName(this.world, fn, op, row.arg));
	}

	/** Does the function hold something, at one of its calls, under which allocation is restricted? */
	private beginsPath(fn: FnId): boolean {
		if (this.isUnused(fn)) return false;
		for (const states of summaryOf(this.world, fn).calls.states) {
			for (const { ctx } of states) if (ctx.items.length > 0 && this.needIn(fn, ctx) !== Need.None) return true;
		}
		return false;
	}

	/** Does nobody wait for what a function holds up? */
	private isUnused(fn: FnId): boolean {
		this.unused ??= new Set(
			this.contexts.origins.filter(({ run }) => run.isUnused === true).map((origin) => origin.fn),
		);
		return this.unused.has(fn);
	}

	/** Hands on what is queued, as far as `maxLength` calls from where a path begins. */
	private *drain(maxLength: number): Steps<void> {
		const at = [0, 0, 0];
		for (let done = 1; ; done++) {
			const which = this.queues.findIndex((queue, i) => at[i]! < queue.length);
			if (which < 0) break;
			const path = this.queues[which]!.data[at[which]!++]!;
			if (this.records.chainLength(path) < maxLength) this.expand(path);
			if (done % 512 === 0) yield;
			if (done % 8192 === 0) this.world.checkpoint();
		}
		for (const queue of this.queues) queue.clear();
	}

	/** Hands a path on to everything its function calls that may sleep. */
	private expand(path: PathId): void {
		const fn = this.records.fn(path);
		if (isDescribed(this.world, fn)) return;
		this.graph.eachSite(fn, (op, callee) => {
			if (callee <= Callee.Unknown || (callee >= 0 && !this.maySleepBelow(callee))) return;
			if (this.isForOthers(path, op)) return;
			for (const state of this.contexts.statesOf(fn, op)) {
				const need = this.needAt(path, state);
				if (need !== Need.None) this.expandState(path, op, callee, state, need);
			}
		});
	}

	private expandState(path: PathId, op: number, callee: number, state: CallState, need: Need): void {
		const fn = this.records.fn(path);
		const doubt = Math.max(this.records.doubt(path), this.doubtAt(path, state));
		const target = callee >= 0 ? callee : this.pointedAt(path, op, state);
		if (target < 0) {
			const targets = this.contexts.pointerTargets(fn, op);
			if (targets === null || targets.length > MAX_TARGETS) return;
			const own = targets.filter((one) => this.isWhereItBegins(path, one.target));
			for (const one of own.length > 0 ? own : targets)
				this.add(one.target, need, 0, path, op, Math.max(doubt, 1), this.conditions.data[path]!, 1);
			return;
		}
		this.passFunctions(path, op, target, state, need, doubt);
		const binding = this.bindingTable.bind(summaryOf(this.world, target), state.args, this.records.binding(path));
		this.add(target, need, binding, path, op, doubt, this.conditionsAt(path, state));
	}

	/** Functions given as arguments are called on the same path. */
	private passFunctions(path: PathId, op: number, callee: FnId, state: CallState, need: Need, doubt: number): void {
		for (const call of summaryOf(this.world, callee).paramCalls) {
			const value = state.args?.[call.param] ?? TOP;
			const target = this.bindingTable.functionOf(value, this.records.binding(path));
			const ac = applyCtx(this.world.kinds, Level.Process, call.ctx);
			if (target === NONE || forbidsSleep(ac) || scopeOf(ac) >= need) continue;
			this.add(target, need, 0, path, op, doubt, this.conditionsAt(path, state));
		}
	}

	/** The one function that a called variable or parameter is here, or NONE. */
	private pointedAt(path: PathId, op: number, state: CallState): FnId {
		if (state.callee !== NONE) return state.callee;
		const local = calledLocal(this.world, this.records.fn(path), op);
		if (local === NONE) return NONE;
		const binding = this.records.binding(path);
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
		conditions: number,
		byPointer = 0,
	): void {
		const { records } = this;
		const known = records.find(fn, need, binding);
		if (known !== NONE) {
			if (this.orphans.has(known) && records.adopt(known, parent, op, doubt)) this.orphans.delete(known);
			return;
		}
		if (!this.world.program.isLive(fn)) return;
		if (records.countOf(fn) >= MAX_PATHS && binding !== 0) {
			this.add(fn, need, 0, parent, op, Math.max(doubt, 1), conditions, byPointer);
			return;
		}
		const length = parent === NONE ? 0 : records.chainLength(parent) + 1;
		this.queues[doubt]!.push(records.add(fn, need, binding, parent, op, doubt, length));
		this.conditions.push(conditions);
		this.nPointers.push(byPointer + (parent === NONE ? 0 : this.nPointers.data[parent]!));
		const before = parent === NONE ? NONE : this.implementers.data[parent]!;
		this.implementers.push(byPointer > 0 ? this.world.program.fnFile(fn) : before);
	}
}

/** Is it the name of the function that says how it is entered? */
function isByName({ registration, assertion }: Origin): boolean {
	return registration === null && assertion === null;
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

/** How far the scopes of a context restrict allocation, on the scale of Need. */
export function scopeOf(ac: number): Need {
	if ((ac & Ac.MemAlloc) !== 0) return Need.NoReclaim;
	if ((ac & Ac.NoIo) !== 0) return Need.NoIo;
	return (ac & Ac.NoFs) !== 0 ? Need.NoFs : Need.None;
}
