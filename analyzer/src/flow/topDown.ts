// hot: contexts from the entry points down the call graph. A record says: this function runs in this absolute
// context with these parameter values, because that record's function calls it there. Records are made breadth
// first, certain ones before doubtful ones, so that the first record of a context has the shortest chain.

import { finish, type Steps } from "../base/steps.js";
import { IntVec } from "../base/vec.js";
import { EXPR_SIZE, ExprKind, NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { memberOf } from "../ir/typing.js";
import type { RunContext } from "../model/schema.js";
import { findAsserted } from "./assertions.js";
import { BindingTable } from "./bindings.js";
import { ByFile } from "./byFile.js";
import { type CallGraph, calledExpr, calledLocal } from "./callGraph.js";
import { CALL_SIZE, CallField, CallLists, REPEATED } from "./callLists.js";
import { CallMap } from "./callMap.js";
import { IN_CALLERS_CONTEXT } from "./calls.js";
import { Ac, applyCtx, forbidsSleep, handedOn, Level, NEUTRAL } from "./context.js";
import { Entered } from "./entered.js";
import { type FieldTarget, fieldKey, variableOf, withoutIndex } from "./fieldKeys.js";
import { contradicts, excludes, implies, isPointerParam, predicateAnswer } from "./guards.js";
import { type Moves, placeNow } from "./moves.js";
import { PointerCalls } from "./pointerCalls.js";
import type { Pointers } from "./pointers.js";
import { RecordTable } from "./recordTable.js";
import { Registered } from "./registered.js";
import type { Registration } from "./registrations.js";
import { acOfRun, entryPoints, findOrigins, type Origin } from "./roots.js";
import { type CallState, type Guard, MaySleep, type ParamCall, PREDICATE, statesAt } from "./summary.js";
import { TOP } from "./values.js";
import { isDescribed, summaryOf, type World } from "./world.js";

export type RecordId = number;

/** Records of one function, per kind of context; more are met into ones without parameter values. */
const MAX_RECORDS = 24;
/** Further callers kept of one record. */
export const MAX_EDGES = 512;
/** Edges looked at for one that is there already: the same call comes again in its next state, not later. */
const RECENT_EDGES = 4;
/** Targets of one indirect call; a call with more is not followed. */
export const MAX_TARGETS = 64;
const CERTAIN_TARGETS = 8;

/** Calls between what makes the context atomic and a function; chains that are longer are hardly ever real. */
export const MAX_CHAIN = 14;

const NEUTRAL_STATE = IN_CALLERS_CONTEXT[0]!;

export const enum Edge {
	Parent = 0,
	Op = 1,
	Doubt = 2,
	Next = 3,
}
export const EDGE_SIZE = 4;

/** What there was before changes that are to be taken back. */
interface Kept {
	readonly nEdges: number;
	readonly nTooLong: number;
	/** by record whose further callers have changed: the first one, and how many there were */
	readonly chains: Map<RecordId, readonly [number, number]>;
}

interface IndirectCall {
	readonly targets: readonly FieldTarget[];
	/** are there few, which all sleep or none of them does? */
	readonly isSure: boolean;
}

export class Contexts {
	/**
	 * Contexts by Ac. The op of a record without parent is the index of its origin, or NONE for a function's own regions;
	 * its length counts the calls since the context became atomic.
	 */
	readonly records = new RecordTable();
	/** further callers that bring a record's context, as chains: by record the first one and how many there are */
	private readonly edgeHeads = new IntVec(1 << 12);
	/** parent, op, doubt and the next one of the chain, of each, in the order in which they were found */
	readonly edges = new IntVec(1 << 12);
	/** between which functions contexts were handed on other than by a name */
	readonly pointerCalls: PointerCalls;
	/** records before the first ones of assertions, and before the first ones of code that may sleep */
	readonly stages: [number, number] = [0, 0];
	/** of the edges that are found: what they lead to; null: nobody wants to know */
	noted: IntVec | null = null;
	/** by function that hands on its contexts anew since `keep`: the records and edges that there were before */
	private readonly renewed = new Map<FnId, readonly [number, number]>();
	/** what there was at `keep` */
	private kept: Kept | null = null;
	origins: Origin[] = [];
	/** once one has moved */
	private originsByFile: ByFile<Origin> | null = null;
	private entries: ReadonlyMap<FnId, RunContext> = new Map();
	entered: Entered;
	/** by which registrations callbacks come to their calls */
	registered: Registered;
	/** atomic contexts that were not handed on because their chain was too long, for the statistics */
	nTooLong = 0;
	readonly queues = [new IntVec(), new IntVec(), new IntVec()];
	private readonly targetCache = new Map<number, readonly FieldTarget[]>();
	/** where a call goes, while contexts spread; null when that is not followed */
	private readonly indirectCalls = new CallMap<IndirectCall | null>();
	private readonly calls: CallLists;
	/** by function: 1 when it has been given a record of just process context, while all contexts spread */
	private plain = new Uint8Array(0);

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
		private readonly pointers: Pointers,
		/** with those of other contexts, values have the numbers that they have there */
		readonly bindingTable = new BindingTable(world.values),
	) {
		this.calls = new CallLists(world, graph);
		this.pointerCalls = new PointerCalls(world.program.fnLimit);
		this.entered = new Entered(world, this.calls);
		this.registered = new Registered(world, graph, pointers);
	}

	/** Spreads all contexts. Atomic ones first: they decide findings; then those in which code may sleep. */
	*solve(progress: (done: number) => void): Steps<void> {
		this.records.expect(2 * this.world.program.fnLimit);
		yield* this.findEntries(null);
		yield* this.seedAtomic();
		yield* this.drain(true, progress);
		yield* this.seedAsserted();
		yield* this.drain(true, progress);
		this.seedOthers();
		this.plain = new Uint8Array(this.world.program.fnLimit);
		yield* this.drain(false, progress);
		this.letGo();
	}

	/** Where contexts come from, and how functions may be entered, where that is not known already. */
	*findEntries(entered: Entered | null): Steps<void> {
		this.pointerCalls.extend(this.world.program.fnLimit);
		this.entries = entryPoints(this.world, this.pointers);
		this.origins = findOrigins(this.world, this.pointers, this.entries);
		if (entered === null) yield* this.entered.find(this.pointers, this.origins);
		else this.entered = entered;
	}

	/** The records of regions, and of origins that are atomic. */
	*seedAtomic(): Steps<void> {
		const { inOrder } = this.world.program;
		for (let i = 0; i < inOrder.length; i++) {
			if (i % 2048 === 0) yield;
			const fn = inOrder[i]!;
			if (this.makesRegion(fn)) this.add(fn, this.entryAc(fn), 0, NONE, NONE, 0);
		}
		this.seedOrigins(this.origins, 0, true);
	}

	/** Those of origins that may sleep. */
	seedOthers(): void {
		this.stages[1] = this.records.length;
		this.seedOrigins(this.origins, 0, false);
	}

	private seedOrigins(origins: readonly Origin[], start: number, isAtomicPhase: boolean): void {
		origins.forEach(({ fn, ac, doubt }, i) => {
			if (forbidsSleep(ac) === isAtomicPhase) this.add(fn, ac, 0, NONE, start + i, doubt);
		});
	}

	/** Lets go of what only spreading needs. */
	letGo(): void {
		this.plain = new Uint8Array(0);
		this.calls.clear();
		this.indirectCalls.clear();
	}

	/** What a function asserts of its context counts where no caller is known that brings such a one. */
	*seedAsserted(): Steps<void> {
		this.stages[0] = this.records.length;
		const asserted = (yield* findAsserted(this.world, this.graph)).filter((origin) => !this.isEnteredAtomic(origin.fn));
		const start = this.origins.length;
		this.origins = [...this.origins, ...asserted];
		this.seedOrigins(asserted, start, true);
	}

	/** Does any record bring the function a context in which it may not sleep? */
	isEnteredAtomic(fn: FnId): boolean {
		for (let at = this.first(fn); at !== NONE; at = this.next(at))
			if (forbidsSleep(this.records.context(at))) return true;
		return false;
	}

	/** First record of a function, or NONE; go on with `next`. */
	first(fn: FnId): RecordId {
		return this.records.first(fn);
	}
	next(record: RecordId): RecordId {
		return this.records.next(record);
	}

	/**
	 * Do all that enter a function exclude, by the arguments they pass, that it makes this call? False when not all ways
	 * into it are known.
	 */
	isExcludedByCallers(fn: FnId, op: number): boolean {
		const states = this.statesOf(fn, op);
		return this.isEnteredOnly(fn, (record) => states.every((state) => this.contextAt(record, state) === NONE));
	}

	/** Is a function entered with page faults disabled only, as far as all ways into it are known? */
	isEnteredWithoutFaults(fn: FnId): boolean {
		return this.isEnteredOnly(fn, (record) => (this.records.context(record) & Ac.NoFault) !== 0);
	}

	/** Are all ways into a function known, are there any, and does `test` hold for each? */
	isEnteredOnly(fn: FnId, test: (record: RecordId) => boolean): boolean {
		if (!this.entered.isKnown(fn)) return false;
		let isEntered = false;
		for (let at = this.first(fn); at !== NONE; at = this.next(at)) {
			if (this.isSeed(at)) continue;
			isEntered = true;
			if (!test(at)) return false;
		}
		return isEntered;
	}

	/** Does a record say nothing of how the function is entered: was it made for the function's own regions? */
	isSeed(record: RecordId): boolean {
		return this.records.parent(record) === NONE && this.records.op(record) === NONE;
	}

	/** The record that a chain of callers begins with. */
	topOf(record: RecordId): RecordId {
		return this.records.topOf(record);
	}

	/** The context of the origin that a record is of; undefined for a function's own regions and for records of callers. */
	runOf(record: RecordId): RunContext | undefined {
		return this.records.parent(record) === NONE ? this.origins[this.records.op(record)]?.run : undefined;
	}

	/** Every caller that brings a record's context, the one with the shortest chain first; callers from before an edit of theirs do not count. */
	eachCaller(record: RecordId, visit: (parent: RecordId, op: number, doubt: number) => void): void {
		const first = this.records.parent(record);
		if (first !== NONE && !this.isPast(first, record, NONE))
			visit(first, this.records.op(record), this.records.doubt(record));
		const { data } = this.edges;
		for (let at = this.firstEdge(record); at !== NONE; at = data[at + Edge.Next]!) {
			const parent = data[at + Edge.Parent]!;
			if (!this.isPast(parent, record, at)) visit(parent, data[at + Edge.Op]!, data[at + Edge.Doubt]!);
		}
	}

	/** Is a caller from before an edit of its function? `edge`: that by which it brings the record, NONE where it has made it. */
	isPast(parent: RecordId, record: RecordId, edge: number): boolean {
		if (this.records.isDropped(parent)) return true;
		const before = this.renewed.size === 0 ? undefined : this.renewed.get(this.records.fn(parent));
		return before !== undefined && (edge === NONE ? record < before[0] : edge < before[1]);
	}

	/**
	 * Some functions are to hand on their contexts anew: their own records go, and those that they have brought each other; what
	 * they have brought others counts no more.
	 */
	renew(fns: ReadonlySet<FnId>): void {
		const before = [this.records.length, this.edges.length] as const;
		for (const fn of fns) {
			this.records.renew(fn, (caller) => fns.has(caller));
			this.renewed.set(fn, before);
		}
	}

	/** Lets go of the atomic records of a function that nobody brings any more after edits of callers. */
	forgetPast(fn: FnId): void {
		const { records } = this;
		records.forgetThose(fn, (record) => {
			let isGone = records.parent(record) !== NONE && forbidsSleep(records.context(record));
			this.eachCaller(record, () => {
				isGone = false;
			});
			return isGone;
		});
	}

	/** Is a caller that brings a record's context marked? */
	hasCaller(record: RecordId, isMarked: Uint8Array): boolean {
		const first = this.records.parent(record);
		if (first !== NONE && isMarked[first] === 1) return true;
		const { data } = this.edges;
		for (let at = this.firstEdge(record); at !== NONE; at = data[at + Edge.Next]!)
			if (isMarked[data[at + Edge.Parent]!] === 1) return true;
		return false;
	}

	/** Where the further callers of a record begin, or NONE. */
	firstEdge(record: RecordId): number {
		return record * 2 < this.edgeHeads.length ? this.edgeHeads.data[record * 2]! : NONE;
	}

	/** How many of them are kept. */
	countEdges(record: RecordId): number {
		const count = record * 2 < this.edgeHeads.length ? this.edgeHeads.data[record * 2 + 1]! : 0;
		return count === NONE ? 0 : count;
	}

	/** A record that says nothing of how the function is entered; made when there is none. */
	seed(fn: FnId): RecordId {
		for (let at = this.first(fn); at !== NONE; at = this.next(at)) {
			if (this.isSeed(at)) return at;
		}
		return this.records.add(fn, this.entryAc(fn), 0, NONE, NONE, 0, 0);
	}

	/** The edges that there were at `keep`. */
	get nEdgesKept(): number {
		return (this.kept?.nEdges ?? this.edges.length) / EDGE_SIZE;
	}

	/** Where the further callers of a record began at `keep`, or NONE, and how many there were. */
	edgesKept(record: RecordId): readonly [number, number] {
		return this.kept?.chains.get(record) ?? [this.firstEdge(record), this.countEdges(record)];
	}

	/** States of a call as the summary has them. */
	statesOf(fn: FnId, op: number): readonly CallState[] {
		return statesAt(summaryOf(this.world, fn).calls, op) ?? IN_CALLERS_CONTEXT;
	}

	/** The context of a call in one of its states, or NONE when the record's parameter values or context exclude it. */
	contextAt(record: RecordId, state: CallState): number {
		let ac = applyCtx(this.world.kinds, this.records.context(record), state.ctx);
		if ((ac & Ac.Framework) !== 0 && this.dropsFramework(record, state)) ac &= ~Ac.Framework;
		const binding = this.records.binding(record);
		for (const guard of state.guards) {
			if (guard.param >= PREDICATE) {
				const answer = predicateAnswer(guard.param - PREDICATE, ac);
				const truth = this.world.values.truth(guard.value);
				if (answer >= 0 && truth >= 0 && answer !== truth) return NONE;
			} else if (contradicts(this.world.values, this.bindingTable.get(binding, guard.param), guard.value)) return NONE;
		}
		return ac;
	}

	/** Has the callback released the very lock that its caller holds, by name? (drop_inode and inode->i_lock) */
	private dropsFramework(record: RecordId, state: CallState): boolean {
		const { kinds, paths, program } = this.world;
		if (!state.ctx.gone.some((item) => kinds.spins[item.kind])) return false;
		const lock = this.runOf(this.topOf(record))?.spinning?.split(/->|\./).at(-1);
		if (lock === undefined) return false;
		return state.ctx.gone.some((item) => program.names.text(paths.tail(item.path)) === lock);
	}

	/**
	 * 1 when the call is made under a condition on a parameter whose value the record does not know: the caller may
	 * never pass such a value. That a pointer is not NULL is no such condition. 2 where code asks a mask whether it may
	 * block, and nobody knows: that it asks is a sign of both kinds of callers.
	 */
	unprovedAt(record: RecordId, state: CallState): number {
		// What a callback or the holder of a lock does itself is judged by its own conditions.
		if (!forbidsSleep(this.records.context(record)) || this.records.parent(record) === NONE) return 0;
		if (state.conditional && (this.entered.maySleep(this.records.fn(record)) || this.dropsLock(state))) return 1;
		const { values } = this.world;
		let isUnproved = false;
		for (const guard of state.guards) {
			if (guard.param >= PREDICATE) {
				isUnproved ||= predicateAnswer(guard.param - PREDICATE, this.contextAt(record, state)) < 0;
				continue;
			}
			const known = this.bindingTable.get(this.records.binding(record), guard.param);
			if (implies(values, known, guard.value)) continue;
			if (values.truth(guard.value) === 1 && isPointerParam(this.world, this.records.fn(record), guard.param)) continue;
			if ((values.set(guard.value) & this.world.gfp.directReclaim) !== 0) return 2;
			isUnproved = true;
		}
		return isUnproved ? 1 : 0;
	}

	/** Is the call made after a lock of the caller's has been dropped? So that it may sleep: for some callers it does. */
	private dropsLock({ ctx }: CallState): boolean {
		return ctx.gone.some((item) => this.world.kinds.isLock[item.kind]);
	}

	/** The functions that an indirect call may reach, nearest knowledge first; null when it is not known, or when a row says in which context they run. */
	indirectTargets(fn: FnId, op: number): readonly FieldTarget[] | null {
		const key = this.fieldCalled(fn, op);
		const rows = key === NONE ? null : this.pointers.rowsOf(key);
		// A row says in which context these run; their callers add nothing.
		if (rows?.every((row) => row.runs !== "caller") === true) return null;
		return this.pointerTargets(fn, op);
	}

	/** The same, whatever rows say. */
	pointerTargets(fn: FnId, op: number): readonly FieldTarget[] | null {
		const { program } = this.world;
		const expr = calledExpr(this.world, fn, op);
		if (expr === NONE) return null;
		const variable = program.isRust(program.fnFile(fn)) ? NONE : variableOf(program, fn, expr);
		if (variable !== NONE) return this.pointers.variables.get(variable) ?? null;
		const key = this.fieldCalled(fn, op);
		if (key === NONE) return null;
		const known = this.targetCache.get(key) ?? this.pointers.targetsOf(key);
		if (known !== null) this.targetCache.set(key, known);
		return known;
	}

	/** The (struct, field) that an indirect call goes through, or NONE. */
	fieldCalled(fn: FnId, op: number): number {
		const { program } = this.world;
		const file = program.fnFile(fn);
		const { exprs } = program.unit(file);
		const expr = withoutIndex(exprs, calledExpr(this.world, fn, op));
		if (expr !== NONE && exprs[expr * EXPR_SIZE] === ExprKind.Name) {
			const table = program.traitCalled(file, exprs[expr * EXPR_SIZE + 1]!);
			return table === undefined ? NONE : fieldKey(table.trait, table.method);
		}
		if (expr === NONE || exprs[expr * EXPR_SIZE] !== ExprKind.Field) return NONE;
		const field = program.globalName(file, exprs[expr * EXPR_SIZE + 2]!);
		const member = memberOf(program, fn, expr);
		const struct = member === null ? this.pointers.onlyStructWith(field) : member.owner.name;
		return struct === NONE ? NONE : fieldKey(struct, field);
	}

	/** Is it known where an indirect call goes, or in which context its targets run? */
	isResolved(fn: FnId, op: number): boolean {
		const targets = this.indirectTargets(fn, op);
		if (targets !== null) return targets.length <= MAX_TARGETS;
		const key = this.fieldCalled(fn, op);
		return key !== NONE && this.pointers.rowsOf(key) !== null;
	}

	/**
	 * Spreads contexts from some functions only: their regions, and the records they have. Gives the functions that these bring
	 * atomic contexts themselves, by whatever call.
	 */
	spreadFrom(fns: ReadonlySet<FnId>): Set<FnId> {
		const noted = new IntVec();
		const start = this.records.length;
		this.noted = noted;
		for (const isAtomicPhase of [true, false]) {
			for (const fn of fns) {
				if (isAtomicPhase && this.makesRegion(fn)) this.seed(fn);
				for (let at = this.first(fn); at !== NONE; at = this.next(at)) {
					// as when all is spread: a seed is for regions only
					const isAtomic = this.isSeed(at) || forbidsSleep(this.records.context(at));
					if (isAtomic === isAtomicPhase) this.expand(at, isAtomicPhase);
				}
			}
			finish(this.drain(isAtomicPhase, () => {}));
		}
		this.noted = null;
		this.calls.clear();
		for (let record = start; record < this.records.length; record++) noted.push(record);
		return this.broughtBy(fns, noted.data.subarray(0, noted.length));
	}

	/** The functions of some records that some functions bring atomic contexts. */
	private broughtBy(fns: ReadonlySet<FnId>, records: Iterable<RecordId>): Set<FnId> {
		const found = new Set<FnId>();
		for (const record of records) {
			const fn = this.records.fn(record);
			if (found.has(fn) || !forbidsSleep(this.records.context(record))) continue;
			this.eachCaller(record, (parent) => {
				if (fns.has(this.records.fn(parent))) found.add(fn);
			});
		}
		return found;
	}

	/** From now on what spreads can be taken back. */
	keep(): void {
		this.records.keep();
		this.renewed.clear();
		this.kept = { nEdges: this.edges.length, nTooLong: this.nTooLong, chains: new Map() };
	}

	/** Takes back what has spread since `keep`. */
	takeBack(): void {
		if (this.kept === null) return;
		const { nEdges, nTooLong, chains } = this.kept;
		this.records.takeBack();
		this.edges.length = nEdges;
		this.edgeHeads.length = Math.min(this.edgeHeads.length, 2 * this.records.length);
		for (const [record, [first, count]] of chains) {
			if (2 * record >= this.edgeHeads.length) continue;
			this.edgeHeads.data[2 * record] = first;
			this.edgeHeads.data[2 * record + 1] = count === 0 ? NONE : count;
		}
		this.nTooLong = nTooLong;
		chains.clear();
		this.renewed.clear();
	}

	/** After an edit that has moved places and calls, and nothing else. */
	move(moves: Moves, registrations: ReadonlyMap<Registration, Registration>): void {
		if (moves.calls.size > 0) {
			this.records.renumber(moves.calls);
			const { data, length } = this.edges;
			for (let at = 0; at < length; at += EDGE_SIZE) {
				const calls = moves.calls.get(this.records.fn(data[at + Edge.Parent]!));
				if (calls !== undefined) data[at + Edge.Op] = calls.get(data[at + Edge.Op]!) ?? data[at + Edge.Op]!;
			}
		}
		this.moveOrigins(moves, registrations);
		this.registered = new Registered(this.world, this.graph, this.pointers);
	}

	private moveOrigins(moves: Moves, registrations: ReadonlyMap<Registration, Registration>): void {
		this.originsByFile ??= new ByFile(
			[this.origins],
			({ registration, assertion }) => (registration ?? assertion)?.file ?? NONE,
		);
		for (const file of moves.places.keys()) {
			this.originsByFile.each(file, (origins, i) => {
				const origin = origins[i]!;
				const { registration, assertion } = origin;
				const now = registration === null ? undefined : registrations.get(registration);
				if (now !== undefined) origins[i] = { ...origin, registration: now };
				else if (assertion !== null)
					origins[i] = { ...origin, assertion: { ...assertion, offset: placeNow(moves, file, assertion.offset) } };
			});
		}
	}

	/** The context that a function is entered in by its name, 0 for most; in which it is judged where no caller brings one. */
	private entryAc(fn: FnId): number {
		const run = this.entries.get(fn);
		if (run !== undefined) return acOfRun(run);
		return this.entered.isScheduled(fn) ? 0 : Ac.Booting;
	}

	/** Does the function make a call in an atomic region or RCU section of its own? */
	private makesRegion(fn: FnId): boolean {
		return this.hasRegion(fn) && !isDescribed(this.world, fn);
	}

	private hasRegion(fn: FnId): boolean {
		const { calls, passesFunctions } = summaryOf(this.world, fn);
		if (calls.states.length === 0) return passesFunctions;
		const ac = this.entryAc(fn);
		const isAtomic = forbidsSleep(ac);
		for (const states of calls.states) {
			for (const { ctx } of states)
				if (ctx === NEUTRAL ? isAtomic : forbidsSleep(applyCtx(this.world.kinds, ac, ctx))) return true;
		}
		return passesFunctions;
	}

	private *drain(isAtomicPhase: boolean, progress: (done: number) => void): Steps<void> {
		const [certain, doubtful, low] = this.queues;
		const at = [0, 0, 0];
		let done = 0;
		for (;;) {
			let queue: IntVec;
			let which: number;
			if (at[0]! < certain!.length) [queue, which] = [certain!, 0];
			else if (at[1]! < doubtful!.length) [queue, which] = [doubtful!, 1];
			else if (at[2]! < low!.length) [queue, which] = [low!, 2];
			else break;
			this.expand(queue.data[at[which]!++]!, isAtomicPhase);
			if (++done % 512 === 0) yield;
			if (done % 8192 === 0) {
				this.world.checkpoint();
				progress(this.records.length);
			}
		}
		for (const queue of this.queues) queue.clear();
		this.indirectCalls.clear();
	}

	/** Hands a record's context to everything its function calls. */
	expand(record: RecordId, isAtomicPhase: boolean): void {
		const fn = this.records.fn(record);
		const { calls } = this;
		const start = calls.of(fn);
		const { data } = calls.items;
		const end = start + 1 + data[start]!;
		const ac = this.records.context(record);
		const doubt = this.records.doubt(record);
		const isAtomic = forbidsSleep(ac);
		const isWanted = isAtomic === isAtomicPhase;
		for (let at = start + 1; at < end; at += CALL_SIZE) {
			const callee = data[at]!;
			const op = data[at + CallField.Op]!;
			const states = data[at + CallField.States]!;
			if (states >= 0) {
				for (const state of calls.states[states]!) this.expandState(record, fn, op, callee, state, isAtomicPhase);
			} else if (callee < 0) this.expandState(record, fn, op, callee, NEUTRAL_STATE, isAtomicPhase);
			// The neutral state of a call by name changes nothing, and most calls have no other. Who makes a context
			// atomic is asked of each call, so that of several calls all are told.
			else if (isWanted && (isAtomic || (states !== REPEATED && !this.isPlainKnown(callee, ac))))
				this.add(callee, ac, 0, record, op, doubt);
		}
	}

	/** Has a function been entered in the most common of all contexts, as far as that has been noted? */
	private isPlainKnown(fn: FnId, ac: number): boolean {
		if (ac !== Level.Process) return false;
		if (this.plain[fn] === 1) return true;
		this.plain[fn] = 1;
		return false;
	}

	/** Hands a record's context to what one call calls in one of its states. */
	private expandState(
		record: RecordId,
		fn: FnId,
		op: number,
		callee: number,
		state: CallState,
		isAtomicPhase: boolean,
	): void {
		const ac = this.contextAt(record, state);
		if (ac === NONE) return;
		const target = callee >= 0 ? callee : this.pointedAt(record, fn, op, state);
		if (callee < 0 && target >= 0) this.pointerCalls.note(fn, target);
		if (target >= 0 && state.args !== null) this.pushArguments(record, op, target, ac, state, isAtomicPhase);
		if (forbidsSleep(ac) !== isAtomicPhase) return;
		if (target >= 0) this.push(record, op, target, ac, state);
		else this.pushIndirect(record, op, fn, ac);
	}

	/** The one function that a called variable or parameter is here, or NONE. */
	private pointedAt(record: RecordId, fn: FnId, op: number, state: CallState): FnId {
		if (state.callee !== NONE) return state.callee;
		const local = calledLocal(this.world, fn, op);
		if (local === NONE) return NONE;
		const binding = this.records.binding(record);
		return this.bindingTable.functionOf(this.bindingTable.get(binding, local), binding);
	}

	private push(record: RecordId, op: number, callee: FnId, ac: number, state: CallState): void {
		const binding = this.bindingTable.bind(summaryOf(this.world, callee), state.args, this.records.binding(record));
		this.add(callee, ac, binding, record, op, this.doubtOf(record, state));
	}

	/** Functions given as arguments run in the context in which the callee calls them. */
	private pushArguments(
		record: RecordId,
		op: number,
		callee: FnId,
		ac: number,
		state: CallState,
		isAtomicPhase: boolean,
	): void {
		for (const call of summaryOf(this.world, callee).paramCalls) {
			const target = this.functionValue(record, state, call.param);
			const inner = applyCtx(this.world.kinds, ac, call.ctx);
			if (target === NONE || forbidsSleep(inner) !== isAtomicPhase || this.excludes(record, state, call.guards))
				continue;
			const isUnproved = isAtomicPhase && (this.isLastTime(callee, call) || this.dropsElsewhere(callee, ac, call));
			this.pointerCalls.note(this.records.fn(record), target);
			this.add(target, inner, 0, record, op, Math.max(isUnproved ? 1 : 0, this.doubtOf(record, state)));
		}
	}

	private excludes(record: RecordId, { args }: CallState, guards: readonly Guard[]): boolean {
		const binding = this.records.binding(record);
		return excludes(this.world.values, guards, (param) => this.bindingTable.resolve(args?.[param] ?? TOP, binding));
	}

	/** Is the parameter called only when the last reference goes? */
	private isLastTime(callee: FnId, call: ParamCall): boolean {
		return call.isLast && this.entered.maySleep(callee);
	}

	/** Is the same parameter called by another way too, on which enough of the caller's is released for it to sleep? */
	private dropsElsewhere(callee: FnId, ac: number, call: ParamCall): boolean {
		return summaryOf(this.world, callee).paramCalls.some(
			(other) =>
				other !== call &&
				other.param === call.param &&
				other.ctx.gone.length > call.ctx.gone.length &&
				!forbidsSleep(applyCtx(this.world.kinds, ac, other.ctx)),
		);
	}

	private doubtOf(record: RecordId, state: CallState): number {
		return Math.max(this.records.doubt(record), state.merged ? 1 : 0, this.unprovedAt(record, state));
	}

	/** The function that an argument is, or NONE. */
	private functionValue(record: RecordId, state: CallState, param: number): FnId {
		const value = state.args?.[param] ?? TOP;
		return this.bindingTable.functionOf(value, this.records.binding(record));
	}

	private pushIndirect(record: RecordId, op: number, fn: FnId, ac: number): void {
		let call = this.indirectCalls.get(fn, op);
		if (call === undefined) call = this.indirectCalls.add(fn, op, this.indirectCall(fn, op));
		if (call === null) return;
		const doubt = Math.max(this.records.doubt(record), call.isSure ? 1 : 2);
		for (const { target } of call.targets) {
			this.pointerCalls.note(fn, target);
			this.add(target, ac, 0, record, op, doubt);
		}
	}

	private indirectCall(fn: FnId, op: number): IndirectCall | null {
		const targets = this.indirectTargets(fn, op);
		if (targets === null || targets.length > MAX_TARGETS) return null;
		// Where some of the functions sleep and some do not, which one is called here is the whole question.
		const sleeps = targets.filter(({ target }) => summaryOf(this.world, target).maySleep !== MaySleep.No).length;
		const isAlike = sleeps === 0 || sleeps === targets.length;
		// What picks an element of an array (the kind of an object, say) may tell the contexts apart.
		const isPicked = targets.length > 1 && this.isElement(fn, op);
		return { targets, isSure: targets.length <= CERTAIN_TARGETS && isAlike && !isPicked };
	}

	/** Is what is called an element of an array? */
	private isElement(fn: FnId, op: number): boolean {
		const { program } = this.world;
		return program.unit(program.fnFile(fn)).exprs[calledExpr(this.world, fn, op) * EXPR_SIZE] === ExprKind.Index;
	}

	private add(fn: FnId, context: number, binding: number, parent: RecordId, op: number, doubt: number): void {
		const ac = parent === NONE ? context : handedOn(context);
		const known = this.records.find(fn, ac, binding);
		if (known !== NONE) {
			if (parent !== NONE && forbidsSleep(ac)) this.addEdge(known, parent, op, doubt);
			return;
		}
		if (!this.world.program.isLive(fn)) return;
		const length = this.lengthBelow(parent);
		if (length > MAX_CHAIN) {
			this.refuse(parent, 1);
			return;
		}
		const count = this.records.countOf(fn);
		if (count >= MAX_RECORDS * 2) return;
		if (count >= MAX_RECORDS && binding !== 0) {
			// Where an argument decides whether it sleeps, what is lost is the whole question.
			const isDecided = summaryOf(this.world, fn).maySleep === MaySleep.Depends;
			this.add(fn, ac, 0, parent, op, Math.max(doubt, isDecided ? 2 : 1));
			return;
		}
		this.queues[doubt]!.push(this.records.add(fn, ac, binding, parent, op, doubt, length));
	}

	/** Notes that calls of a record hand its context on no further. */
	refuse(record: RecordId, times: number): void {
		this.nTooLong += times;
		this.records.refuse(record, times);
	}

	/** How long the chain of a record is that this one brings about. */
	private lengthBelow(parent: RecordId): number {
		return parent !== NONE && forbidsSleep(this.records.context(parent)) ? this.records.chainLength(parent) + 1 : 0;
	}

	/** Adds an edge that is not there yet, where there is room for it. */
	copyEdge(record: RecordId, parent: RecordId, op: number, doubt: number): void {
		this.edgeHeads.extend(2 * (record + 1), NONE);
		const count = this.countEdges(record);
		if (count < MAX_EDGES) this.linkEdge(record, parent, op, doubt, count);
	}

	addEdge(record: RecordId, parent: RecordId, op: number, doubt: number): void {
		this.edgeHeads.extend(2 * (record + 1), NONE);
		const heads = this.edgeHeads.data;
		const count = this.countEdges(record);
		// past ones may be among them
		if (count >= MAX_EDGES && !this.renewed.has(this.records.fn(parent))) return;
		const { data } = this.edges;
		const first = heads[2 * record]!;
		if (this.kept !== null && !this.kept.chains.has(record)) this.kept.chains.set(record, [first, count]);
		for (let i = 0, at = first; i < RECENT_EDGES && at !== NONE; i++, at = data[at + Edge.Next]!) {
			if (data[at + Edge.Parent] === parent && data[at + Edge.Op] === op && !this.isPast(parent, record, at)) return;
		}
		this.noted?.push(record);
		this.linkEdge(record, parent, op, doubt, count);
	}

	private linkEdge(record: RecordId, parent: RecordId, op: number, doubt: number, count: number): void {
		const heads = this.edgeHeads.data;
		const first = heads[2 * record]!;
		heads[2 * record] = this.edges.push(parent);
		heads[2 * record + 1] = count + 1;
		this.edges.push(op);
		this.edges.push(doubt);
		this.edges.push(first);
	}
}

/** Short name of a context, e.g. for a code lens. */
export function contextName(ac: number): string {
	switch (ac & Ac.LevelMask) {
		case Level.Hardirq:
			return "hardirq";
		case Level.Softirq:
			return "softirq";
		default:
			break;
	}
	if ((ac & (Ac.SpinMask | Ac.Framework)) !== 0) return "spinlock";
	if ((ac & Ac.IrqsOff) !== 0) return "irqs off";
	if ((ac & Ac.BhOff) !== 0) return "bh off";
	if ((ac & (Ac.PreemptOff | Ac.NonBlock)) !== 0) return "preempt off";
	if ((ac & Ac.Rcu) !== 0) return "rcu";
	return "process";
}
