// Calls that sleep where they may not: every primitive that sleeps, in every atomic context that reaches it.
// One violation per call site, with the context that is most certain and nearest.

import type { Steps } from "../base/steps.js";
import { EXPR_SIZE, ExprKind, NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { Primitive } from "../model/schema.js";
import { Arms } from "./arms.js";
import { scopeOf } from "./below.js";
import { mixesArchitectures } from "./builds.js";
import { argumentOf, type CallGraph } from "./callGraph.js";
import { CallMap } from "./callMap.js";
import { type Chain, type Climb, Climber, type Head, type Marks } from "./climb.js";
import { Ac, applyCtx, forbidsSleep, isAtomic, Level } from "./context.js";
import { HandedDown } from "./handedDown.js";
import { Latches } from "./latches.js";
import { keyOf, type Link } from "./link.js";
import { isMade } from "./made.js";
import { isWithin, runsUnlocked } from "./nested.js";
import { OwnReferences } from "./ownReferences.js";
import { OwnTables } from "./ownTables.js";
import type { Pointers } from "./pointers.js";
import { Replaced } from "./replaced.js";
import { allocationSleeps, primitiveSleeps } from "./sleeping.js";
import { type CallState, MaySleep, PREDICATE } from "./summary.js";
import type { Contexts, RecordId } from "./topDown.js";
import { isOfTwoModes } from "./twoModes.js";
import { Base, TOP, type ValueId } from "./values.js";
import { Variants } from "./variants.js";
import { isDescribed, isPrimitive, primitiveAt, referenceOf, staticCallee, type World } from "./world.js";

export interface Violation {
	/** function and op of the call to the primitive */
	readonly fn: FnId;
	readonly op: number;
	readonly primitive: Primitive;
	/** the context record of `fn`, and the state of the call */
	readonly record: RecordId;
	readonly state: CallState;
	/** absolute context of the call */
	readonly ac: number;
	/** the primitive sleeps because of its gfp mask */
	readonly isAllocation: boolean;
	/** the value of that mask, TOP for others */
	readonly mask: ValueId;
	/** 0 high, 1 medium, 2 low */
	readonly doubt: number;
	/** the calls from the head of the chain (a region, or a callback) to the primitive */
	readonly links: readonly Link[];
	/** record at the head of the chain */
	readonly head: RecordId;
	/** how many heads reach this call; of a certain one, how many do so for certain */
	readonly nHeads: number;
	/** index of the link that the rules have found to blame, NONE before */
	culprit: number;
}

/** Chains longer than this are believed less. */
const LONG_CHAIN = 7;
/** Steps of a chain that may as well go another way, from which on hardly anything takes it. */
const MANY_DOUBTS = 4;
const NOTHING: readonly Violation[] = [];
/** How often the heads of one call are looked for anew, without the calls that exclude a way. */
const MAX_TURNS = 3;
/** Calls between a helper and the primitive that it wraps. */
const MAX_WRAPPERS = 2;

export function* findViolations(
	world: World,
	graph: CallGraph,
	pointers: Pointers,
	contexts: Contexts,
	fns: Iterable<FnId>,
): Steps<Violation[]> {
	return yield* judgeFunctions(newKnown(world, graph, pointers, contexts, new Climber(contexts, null)), fns);
}

/**
 * Those whose chains come through edited functions, wherever they begin and end. `brought`: the functions that these bring
 * atomic contexts; `isGuilty`: did one come through a function before the edit?
 */
export function* findViolationsThrough(
	world: World,
	graph: CallGraph,
	pointers: Pointers,
	contexts: Contexts,
	edited: ReadonlySet<FnId>,
	brought: ReadonlySet<FnId>,
	isGuilty: (fn: FnId) => boolean,
	marks: Marks,
): Steps<Violation[]> {
	const scope = scopeOf(world, graph, contexts, edited, brought, isGuilty);
	const known = newKnown(world, graph, pointers, contexts, new Climber(contexts, scope, marks));
	const found = yield* judgeFunctions(known, scope.below);
	return found.filter(({ links }) => links.some(({ fn }) => edited.has(fn)));
}

function newKnown(world: World, graph: CallGraph, pointers: Pointers, contexts: Contexts, climber: Climber): Known {
	return {
		world,
		graph,
		pointers,
		contexts,
		climber,
		arms: new Arms(world, graph),
		handed: new HandedDown(world, graph),
		latches: new Latches(world, graph),
		variants: new Variants(world, pointers, contexts),
		ownTables: new OwnTables(world, pointers),
		ownReferences: new OwnReferences(world),
		replaced: new Replaced(world, graph, pointers),
		unregistered: new CallMap(),
		waking: { get: new Map(), put: new Map() },
	};
}

function* judgeFunctions(known: Known, fns: Iterable<FnId>): Steps<Violation[]> {
	const { world, graph, contexts } = known;
	const { program } = world;
	const found: Violation[] = [];
	let seen = 0;
	for (const fn of fns) {
		if (++seen % 512 === 0) yield;
		if (contexts.first(fn) === NONE || !program.isLive(fn) || isDescribed(world, fn)) continue;
		if ((program.flagsOf(fn) & FnFlag.Macro) !== 0 && isUnused(contexts, fn)) continue;
		graph.eachSite(fn, (op, callee) => {
			if (!isPrimitive(callee)) return;
			const primitive = primitiveAt(world, callee);
			if (primitive.sleep === undefined && primitive.alloc === undefined && primitive.lock?.sleeps !== true) return;
			found.push(...judgeSite(known, { fn, op }, primitive));
		});
		if (fn % 8192 === 0) world.checkpoint();
	}
	return found;
}

/** What a call is judged by. */
interface Known {
	readonly world: World;
	readonly graph: CallGraph;
	readonly pointers: Pointers;
	readonly contexts: Contexts;
	readonly climber: Climber;
	readonly arms: Arms;
	readonly handed: HandedDown;
	readonly latches: Latches;
	readonly variants: Variants;
	readonly ownTables: OwnTables;
	readonly ownReferences: OwnReferences;
	readonly replaced: Replaced;
	/** by origin and op of its callback, as if the origin were the function: see isNotRegistered */
	readonly unregistered: CallMap<boolean>;
	/** by function: does it take, or give back, what keeps a device awake? */
	readonly waking: Record<"get" | "put", Map<FnId, boolean>>;
}

/** A macro's own region is judged where it is used; only records of callers count. */
function isUnused(contexts: Contexts, fn: FnId): boolean {
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.records.parent(record) !== NONE) return false;
	}
	return true;
}

/** Is there a context in which a call may not sleep? Most have none. */
function isForbidden(contexts: Contexts, fn: FnId, states: readonly CallState[]): boolean {
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		for (const state of states) {
			const ac = contexts.contextAt(record, state);
			if (ac !== NONE && forbidsSleep(ac)) return true;
		}
	}
	return false;
}

/** The violations of one call: one for each head that brings it a context in which it may not sleep. */
function judgeSite(known: Known, { fn, op }: Link, primitive: Primitive): readonly Violation[] {
	const { world, contexts } = known;
	const states = contexts.statesOf(fn, op);
	if (!isForbidden(contexts, fn, states)) return NOTHING;
	const best = new Best();
	const climb = known.climber.begin(null);
	if (primitive.sleep?.how === "faults" && contexts.isEnteredWithoutFaults(fn)) return NOTHING;
	for (const record of recordsByDoubt(contexts, fn)) {
		for (const state of states) {
			const ac = contexts.contextAt(record, state);
			if (ac === NONE || !forbidsSleep(ac)) continue;
			const judged = judgeState(world, contexts, record, state, primitive);
			if (judged === null || !sleepsIn(primitive, ac)) continue;
			const isUnproved =
				state.merged || primitive.sleep?.certainty === "may" || releasesElsewhere(contexts, record, states, state);
			const own = Math.max(isUnproved ? 1 : 0, contexts.unprovedAt(record, state));
			const found = { fn, op, primitive, record, state, ac, ...judged, nHeads: 0 };
			const excluded = judgeChains(known, best, climb, found, own);
			for (let turn = 0, nKnown = 0; turn < MAX_TURNS && excluded.length > nKnown; turn++) {
				nKnown = excluded.length;
				for (const by of judgeChains(known, best, known.climber.begin(excluded), found, own))
					if (!excluded.includes(by)) excluded.push(by);
			}
		}
	}
	const nCertain = best.violations.filter(({ doubt }) => doubt === 0).length;
	for (const violation of best.violations) violation.nHeads = violation.doubt === 0 ? nCertain : best.violations.length;
	return withoutCallers(contexts, best.violations);
}

/** A violation while the heads of its call are still being found. */
type Judged = Violation & { nHeads: number };

/** The best violations of a call: one for each first call of a chain and way into its function. */
class Best {
	/** in the order in which their heads were found */
	readonly violations: Judged[] = [];
	/** by first call: their places, with the op of the head's record */
	private readonly places = new CallMap<{ readonly way: number; readonly place: number }[]>();

	/** The violation of a head, if there is one. */
	of(fn: FnId, op: number, way: number): Violation | undefined {
		const same = this.places.get(fn, op)?.find((other) => other.way === way);
		return same === undefined ? undefined : this.violations[same.place];
	}

	set(fn: FnId, op: number, way: number, violation: Judged): void {
		const others = this.places.get(fn, op);
		const same = others?.find((other) => other.way === way);
		if (same !== undefined) {
			this.violations[same.place] = violation;
			return;
		}
		const added = { way, place: this.violations.push(violation) - 1 };
		if (others === undefined) this.places.add(fn, op, [added]);
		else others.push(added);
	}
}

/** A violation without its chain. */
type Found = Omit<Judged, "links" | "head" | "doubt" | "culprit">;

/** Written out: there are very many, and what is spread takes ten times the room. */
function violationOf(found: Found, { links, head }: Chain, doubt: number): Judged {
	const { fn, op, primitive, record, state, ac, isAllocation, mask, nHeads } = found;
	return { fn, op, primitive, record, state, ac, isAllocation, mask, doubt, links, head, nHeads, culprit: NONE };
}

/** Keeps the best of the chains to a record for each head. Gives the calls that hand down what excludes a chain, as keyOf(). */
function judgeChains(known: Known, best: Best, climb: Climb, found: Found, own: number): number[] {
	const { contexts } = known;
	const { records } = contexts;
	const excluded: number[] = [];
	const isWanted = ({ record, fn, op, length, doubt }: Head) => {
		const other = best.of(fn, op, records.op(record));
		// What is asked of the chain only adds to the doubt.
		return other === undefined || isBetter(Math.max(own, doubt), length, other);
	};
	known.climber.eachChain(climb, found.record, found, isWanted, (chain) => {
		const first = chain.links[0]!;
		if (comesBack(chain.links)) return;
		if (isExcused(known, chain.links, found.primitive) || isArgument(known, chain.links, found.state)) return;
		if (contexts.isExcludedByCallers(first.fn, first.op)) return;
		const doubt = Math.max(own, doubtOf(known, chain, found.primitive));
		const way = records.op(chain.head);
		const other = best.of(first.fn, first.op, way);
		if (other !== undefined && !isBetter(doubt, chain.links.length, other)) return;
		const elsewhere = mixesArchitectures(known.world.program, chain.links);
		const isRegion = !forbidsSleep(records.context(chain.head));
		const by = elsewhere !== NONE ? elsewhere : known.handed.excludes(chain.links, doubt, isRegion);
		if (by === NONE && known.variants.changes(chain.links)) excluded.push(keyOf(first));
		else if (by !== NONE) excluded.push(keyOf(chain.links[by]!));
		else if (doubt === 2 || !isHardlyMeant(known, chain, found))
			best.set(first.fn, first.op, way, violationOf(found, chain, doubt));
		else if (other === undefined || isBetter(2, chain.links.length, other))
			best.set(first.fn, first.op, way, violationOf(found, chain, 2));
	});
	return excluded;
}

/**
 * Leaves out the chains that come through a call which is in a region of its own function, and is the head of another
 * chain: what a function does in its own region is its own fault, whatever its callers hold besides.
 */
function withoutCallers(contexts: Contexts, violations: readonly Violation[]): readonly Violation[] {
	if (violations.length < 2) return violations;
	const regions = new Map<number, Violation>();
	for (const violation of violations) {
		if (!forbidsSleep(contexts.records.context(violation.head))) regions.set(keyOf(violation.links[0]!), violation);
	}
	return violations.filter((violation) =>
		violation.links.every((link, i) => {
			const region = i === 0 ? undefined : regions.get(keyOf(link));
			if (region === undefined || region.doubt > violation.doubt) return true;
			return isAtomic(violation.ac) && !isAtomic(region.ac);
		}),
	);
}

/** Does the call come about in another state too, in which enough of the caller's is released for it to sleep? Which of the two it is hangs on what the caller knows. */
function releasesElsewhere(
	contexts: Contexts,
	record: RecordId,
	states: readonly CallState[],
	state: CallState,
): boolean {
	if (contexts.records.parent(record) === NONE) return false;
	return states.some((other) => {
		if (other === state || other.ctx.gone.length === 0 || other.ctx.gone.length < state.ctx.gone.length) return false;
		const ac = contexts.contextAt(record, other);
		return ac !== NONE && !forbidsSleep(ac);
	});
}

/** The records of a function, certain ones first. */
function recordsByDoubt(contexts: Contexts, fn: FnId): RecordId[] {
	const records: RecordId[] = [];
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) records.push(record);
	return records.sort((a, b) => contexts.records.doubt(a) - contexts.records.doubt(b) || a - b);
}

function isBetter(doubt: number, length: number, than: Violation): boolean {
	return doubt < than.doubt || (doubt === than.doubt && length < than.links.length);
}

/** Does a chain come back to the function that makes the sleeping call? It makes that call without the detour. */
function comesBack(links: readonly Link[]): boolean {
	const last = links.length - 1;
	return links.some(({ fn }, i) => i < last && fn === links[last]!.fn);
}

function doubtOf(known: Known, { links, head, doubt }: Chain, primitive: Primitive): number {
	if (isChosen(known, links)) return 2;
	const isAwake = primitive.sleep?.unlessFlagged !== undefined && isBracket(known, links);
	if (isNotRegistered(known, head, links[0]!)) return 2;
	return Math.max(doubt, links.length > LONG_CHAIN || isAwake ? 1 : 0, regionDoubt(known, head, links[0]!));
}

/** Is the head a callback that is registered only where it does not come to the call, or never runs? */
function isNotRegistered({ contexts, replaced, unregistered }: Known, head: RecordId, { op }: Link): boolean {
	if (contexts.records.parent(head) !== NONE) return false;
	const index = contexts.records.op(head);
	const origin = contexts.origins[index];
	if (origin === undefined || origin.registration === null) return false;
	const known = unregistered.get(index, op);
	if (known !== undefined) return known;
	const isOut = contexts.registered.fitting(origin, op) === null || replaced.isReplaced(origin.registration);
	return unregistered.add(index, op, isOut);
}

/**
 * Does a helper give back the reference that it takes, or has it taken the one that it gives back? Such a one keeps the
 * device awake for what it does; that its callers do so for longer is as likely.
 */
function isBracket(known: Known, links: readonly Link[]): boolean {
	const { world, graph } = known;
	const at = links.findLastIndex(({ fn, op }) => referenceOf(world, fn, op) !== null);
	if (at < 1) return false;
	const own = referenceOf(world, links[at]!.fn, links[at]!.op)!;
	const count = world.program.fnField(links[at]!.fn, FnField.OpCount);
	for (let op = 0; op < count; op++) {
		const other = referenceOf(world, links[at]!.fn, op);
		if (other === null || other.of !== own.of || other.row.use !== "awake") continue;
		if (other.row.does !== own.row.does) return true;
	}
	const wanted = own.row.does === "get" ? "put" : "get";
	// one helper takes it and another gives it back: who calls both is such a one
	return links
		.slice(1, at)
		.some(({ fn, op }) =>
			graph.hasSite(fn, (callee, other) => other !== op && callee >= 0 && wakes(known, callee, wanted, MAX_WRAPPERS)),
		);
}

/** Does a function, or one that it calls, take or give back what keeps a device awake? */
function wakes(known: Known, fn: FnId, wanted: "get" | "put", depth: number): boolean {
	const { world, graph, waking } = known;
	const cached = depth === MAX_WRAPPERS ? waking[wanted].get(fn) : undefined;
	if (cached !== undefined) return cached;
	const isFound = graph.hasSite(fn, (callee, op) => {
		const row = referenceOf(world, fn, op)?.row;
		if (row !== undefined) return row.use === "awake" && row.does === wanted;
		return depth > 0 && callee >= 0 && wakes(known, callee, wanted, depth - 1);
	});
	if (depth === MAX_WRAPPERS) waking[wanted].set(fn, isFound);
	return isFound;
}

/**
 * Does a callee on the way sleep where a field says so, and spin where it says otherwise, or call the same with its
 * caller's lock released? Then it is told where it may not sleep.
 */
function isChosen({ contexts, arms }: Known, links: readonly Link[]): boolean {
	return links.some(({ fn, op }, i) => {
		if (i === 0) return false;
		const states = contexts.statesOf(fn, op);
		if (!states.some(({ conditional }) => conditional)) return false;
		return (
			(states.every(({ conditional }) => conditional) && arms.hasSpinningArm(fn, op)) || arms.hasReleasingArm(fn, op)
		);
	});
}

/**
 * Does a reader's chain ask for its context, where its first function is entered in atomic context, too? In a reader
 * alone, the answer is that it may sleep; whoever is entered so has another one.
 */
function isToldElsewhere({ contexts }: Known, links: readonly Link[]): boolean {
	const asks = links.some(({ fn, op }) =>
		contexts.statesOf(fn, op).some(({ guards }) => guards.some(({ param }) => param >= PREDICATE)),
	);
	if (!asks) return false;
	for (let at = contexts.first(links[0]!.fn); at !== NONE; at = contexts.next(at))
		if (isAtomic(contexts.records.context(at))) return true;
	return false;
}

/** Is it atomic only because of what an argument does, or is the call itself an argument that is run without the lock? */
function isArgument({ world, graph }: Known, links: readonly Link[], state: CallState): boolean {
	const first = links[0]!;
	const isTakenInside =
		links.length === 1 &&
		state.ctx.items.length > 0 &&
		state.ctx.items.every((item) => isWithin(world, first.fn, item.op, first.op));
	return isTakenInside || runsUnlocked(world, graph, first.fn, first.op);
}

/** Has the code of the chain called the marker after which the primitive does not sleep (pm_runtime_irq_safe), or made what it is given so that it does not? */
function isExcused({ world, pointers }: Known, links: readonly Link[], primitive: Primitive): boolean {
	const made = primitive.sleep?.unlessMade;
	if (made !== undefined && isMade(world, links, made)) return true;
	const marker = primitive.sleep?.unlessFlagged;
	if (marker === undefined) return false;
	return links.some((link) => pointers.isMarked(world.program.fnFile(link.fn), marker));
}

/** Does the primitive sleep with these arguments, and is its mask the reason? null: no, or nobody knows. */
function judgeState(
	world: World,
	contexts: Contexts,
	record: RecordId,
	state: CallState,
	primitive: Primitive,
): { isAllocation: boolean; mask: ValueId } | null {
	const binding = contexts.records.binding(record);
	const arg = (index: number): ValueId => contexts.bindingTable.resolve(state.args?.[index] ?? TOP, binding);
	if (primitiveSleeps(world, primitive, arg).value !== MaySleep.Yes) return null;
	const gfp = primitive.alloc?.gfp ?? -1;
	const isAllocation = gfp >= 0 && allocationSleeps(world, primitive, arg).value === MaySleep.Yes;
	if (isAllocation && isHearsay(world, contexts, binding, state, gfp)) return null;
	return { isAllocation, mask: isAllocation ? arg(gfp) : TOP };
}

/**
 * Does the mask let it sleep only because the function has asked, and been told so? Code that asks works with both
 * kinds of masks; where nobody knows which one was passed, that proves nothing.
 */
function isHearsay(world: World, contexts: Contexts, binding: number, state: CallState, gfp: number): boolean {
	const { values, gfp: bits } = world;
	const param = Base.Parameter - values.base(state.args?.[gfp] ?? TOP);
	return state.guards.some(
		(guard) =>
			guard.param === param &&
			(values.set(guard.value) & bits.directReclaim) !== 0 &&
			(values.set(contexts.bindingTable.get(binding, param)) & bits.directReclaim) === 0,
	);
}

/** Some primitives put the work off where they may not sleep. */
function sleepsIn(primitive: Primitive, ac: number): boolean {
	// With page faults disabled, a user access fails instead of waiting for the page.
	if (primitive.sleep?.how === "faults" && (ac & Ac.NoFault) !== 0) return false;
	switch (primitive.sleep?.defersIn) {
		case "interrupt":
			return (ac & Ac.LevelMask) < Level.Softirq && (ac & Ac.BhOff) === 0;
		case "atomic":
			return !isAtomic(ac);
		default:
			return true;
	}
}

/** A region that only some paths to the call are in is believed less. */
function regionDoubt({ world, contexts }: Known, head: RecordId, first: Link): number {
	if (forbidsSleep(contexts.records.context(head))) return 0;
	const states = contexts.statesOf(first.fn, first.op);
	return states.every((state) => state.told || forbidsSleep(applyCtx(world.kinds, 0, state.ctx))) ? 0 : 1;
}

/**
 * Does a chain that nothing excludes need too much to come about: another state of the device than its caller has seen to,
 * many doubtful steps, other objects or callers than those it begins with?
 */
function isHardlyMeant(known: Known, { links, head }: Chain, { ac, primitive }: Found): boolean {
	return (
		(primitive.sleep?.unlessFlagged !== undefined && known.contexts.runOf(head)?.active === true) ||
		hasManyDoubts(known, links) ||
		known.ownTables.areMissed(links) ||
		known.ownReferences.areGivenBack(links) ||
		isLeftToOthers(known, links) ||
		(!isAtomic(ac) && isToldElsewhere(known, links)) ||
		(primitive.sleep?.yields !== true && isOfModes(known, head, links[0]!))
	);
}

/**
 * Do many steps go on only where memory says so, or to what a pointer holds (for other objects another function, which is
 * one doubt more)? Each by itself may be so, all of them hardly are. Who is entered in atomic context only chooses nothing
 * by what memory says.
 */
function hasManyDoubts({ world, contexts }: Known, links: readonly Link[]): boolean {
	let count = 0;
	for (let i = 0; i < links.length; i++) {
		const { fn, op } = links[i]!;
		if (i < links.length - 1 && staticCallee(world, fn, op) === NONE) count += isOneOfMany(contexts, fn, op) ? 2 : 1;
		if (i === 0 || !contexts.entered.maySleep(fn)) continue;
		const states = contexts.statesOf(fn, op);
		if (states.length > 0 && states.every(({ conditional }) => conditional)) count++;
	}
	return count >= MANY_DOUBTS;
}

/** Does a callee on the way do what is done once, and may do so where it may sleep? */
function isLeftToOthers({ contexts, latches }: Known, links: readonly Link[]): boolean {
	return links.some(({ fn, op }, i) => i > 0 && latches.isOnce(fn, op) && contexts.entered.maySleep(fn));
}

function isOneOfMany(contexts: Contexts, fn: FnId, op: number): boolean {
	const targets = contexts.pointerTargets(fn, op);
	return targets !== null && targets.length > 1;
}

/** Is the region at the head of a chain that of a lock of two modes, whichever way its function has come? */
function isOfModes({ world, contexts }: Known, head: RecordId, first: Link): boolean {
	if (forbidsSleep(contexts.records.context(head))) return false;
	const forbidden = contexts
		.statesOf(first.fn, first.op)
		.filter(({ ctx }) => forbidsSleep(applyCtx(world.kinds, 0, ctx)));
	return forbidden.length > 0 && forbidden.every(({ ctx }) => isOfTwoModes(world, first.fn, ctx));
}

/** The gfp argument's expression of an allocation, or NONE. */
export function gfpArgument(world: World, fn: FnId, op: number, primitive: Primitive): number {
	return argumentOf(world.program, fn, op, primitive.alloc?.gfp ?? -1);
}

/** Is the expression written without variables (a literal mask)? */
export function isLiteralMask(world: World, fn: FnId, expr: number): boolean {
	const { exprs } = world.program.unit(world.program.fnFile(fn));
	switch (exprs[expr * EXPR_SIZE]!) {
		case ExprKind.Name:
		case ExprKind.Int:
			return true;
		case ExprKind.Unary:
		case ExprKind.Cast:
			return isLiteralMask(world, fn, exprs[expr * EXPR_SIZE + 2]!);
		case ExprKind.Binary:
			return (
				isLiteralMask(world, fn, exprs[expr * EXPR_SIZE + 2]!) && isLiteralMask(world, fn, exprs[expr * EXPR_SIZE + 3]!)
			);
		default:
			return false;
	}
}
