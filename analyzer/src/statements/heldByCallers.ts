// Does everyone who calls a function hold the lock that it says is held? Locks that sleep are not in the records
// of contexts, so the callers are climbed here: at each call the lock is held under its name, or nothing is said of
// it and the caller's callers decide. Only direct calls without a condition make a chain certain.

import { Frame } from "../flow/frame.js";
import type { Link } from "../flow/link.js";
import { pathOf } from "../flow/locate.js";
import { Root } from "../flow/paths.js";
import type { Origin } from "../flow/roots.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import type { RecordId } from "../flow/topDown.js";
import { conditionsOf } from "../flow/ways.js";
import { isDescribed, summaryOf } from "../flow/world.js";
import { ExprKind, NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { isPointerValue } from "../ir/typing.js";
import { FnFlag } from "../ir/unit.js";
import type { WaysIn } from "./waysIn.js";

/** A lock by what identifies it from one function to the next. */
export interface WantedLock {
	/** index in KindTable, NONE when the kind is not known */
	readonly kind: number;
	/** program-wide name of the last field or of the variable, NONE when it is a parameter itself */
	readonly name: number;
	/** the parameter that the lock is, NONE when it has a name */
	readonly param: number;
}

/** Why it cannot be said whether the lock is held. */
export type HeldUnknown =
	| "no-caller"
	| "pointer"
	| "callback"
	| "other-lock"
	| "some-paths"
	| "condition"
	| "far"
	| "described";

export interface HeldVerdict {
	readonly verdict: "held" | "lacking" | HeldUnknown;
	/** for "lacking": the calls from where the chain begins to the function, that function's call last */
	readonly links: readonly Link[];
	/** the entry point that the chain begins with; null: the lock is released in its first function */
	readonly origin: Origin | null;
	/** some certain caller holds it */
	readonly isHeldSomewhere: boolean;
}

const MAX_DEPTH = 12;
const MAX_CLIMBED = 800;
/** Calls below a caller in which a lock may be taken that its callee's summary does not show. */
const MAX_TAKING_DEPTH = 3;

/** How a lock stands in the states of one call. */
type Standing = "held" | "none" | "released" | HeldUnknown;

interface Node {
	readonly fn: FnId;
	readonly lock: WantedLock;
	readonly link: Link | null;
	readonly below: Node | null;
	readonly depth: number;
	readonly isCertain: boolean;
}

/** The same on the way up the records. */
interface RecordNode {
	readonly record: RecordId;
	readonly fn: FnId;
	readonly lock: WantedLock;
	readonly link: Link | null;
	readonly below: RecordNode | null;
}

export class HeldByCallers {
	private readonly frame = new Frame();
	/** by lock name: what `mayTake` has said, by function and depth */
	private readonly taking = new Map<number, Map<number, boolean>>();

	constructor(
		private readonly solved: Solved,
		/** null: only certain chains are asked for */
		private readonly ways: WaysIn | null,
	) {}

	/** The lock that an expression of a function names; null when it has neither name nor parameter. */
	lockNamed(fn: FnId, expr: number, kind: number): WantedLock | null {
		const { world } = this.solved;
		const { paths, program } = world;
		this.frame.open(program, fn);
		this.frame.prepare();
		const path = pathOf(world, this.frame, expr);
		const name = paths.tail(path);
		if (name !== -1) return { kind, name, param: NONE };
		if (paths.kind(path) === Root.Parameter) return { kind, name: NONE, param: paths.name(path) };
		return null;
	}

	/** How the lock stands at an op of the function itself. */
	standingAt(fn: FnId, op: number, lock: WantedLock): Standing {
		return this.standing(fn, this.solved.contexts.statesOf(fn, op), lock);
	}

	/** Is the lock held whenever the function is entered? */
	judge(fn: FnId, lock: WantedLock): HeldVerdict {
		const queue: Node[] = [{ fn, lock, link: null, below: null, depth: 0, isCertain: true }];
		const seen = new Set<string>();
		let unknown: HeldUnknown | null = null;
		let isHeldSomewhere = false;
		for (let at = 0; at < queue.length; at++) {
			const node = queue[at]!;
			if (at >= MAX_CLIMBED || node.depth > MAX_DEPTH) {
				unknown ??= "far";
				break;
			}
			const end = this.entered(node);
			if (end.standing === "none" && node.isCertain) {
				return { verdict: "lacking", links: linksOf(node), origin: end.origin, isHeldSomewhere };
			}
			if (end.standing === "held") isHeldSomewhere = true;
			else if (end.standing !== null) unknown ??= end.standing === "none" ? "condition" : end.standing;
			for (const call of this.solved.graph.callersOf(node.fn)) {
				const key = `${call.caller}/${call.op}/${node.lock.param}/${node.lock.name}`;
				if (seen.has(key)) continue;
				seen.add(key);
				const next = this.climb(node, { fn: call.caller, op: call.op });
				if (next === null) continue;
				if (next === "held") isHeldSomewhere = true;
				else if (typeof next === "string") unknown ??= next;
				else if (next.isReleased && next.node.isCertain) {
					return { verdict: "lacking", links: linksOf(next.node), origin: null, isHeldSomewhere };
				} else if (next.isReleased) unknown ??= "condition";
				else queue.push(next.node);
			}
		}
		const verdict = unknown ?? (isHeldSomewhere ? "held" : "no-caller");
		return { verdict, links: [], origin: null, isHeldSomewhere };
	}

	/**
	 * A certain chain of direct calls from an entry where nothing is held; null when there is none among the chains that
	 * bring the contexts found.
	 */
	lacking(fn: FnId, lock: WantedLock): HeldVerdict | null {
		const { contexts } = this.solved;
		const queue: RecordNode[] = [];
		const seen = new Set<string>();
		for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
			if (!contexts.isSeed(record)) queue.push({ record, fn, lock, link: null, below: null });
		}
		for (let at = 0; at < queue.length && at < MAX_CLIMBED; at++) {
			const node = queue[at]!;
			const run = contexts.runOf(node.record);
			if (run !== undefined) {
				if (run.isBare === true && contexts.records.doubt(node.record) === 0 && this.isUntaken(node)) {
					const origin = contexts.origins[contexts.records.op(node.record)]!;
					return { verdict: "lacking", links: recordLinks(node), origin, isHeldSomewhere: false };
				}
				continue;
			}
			contexts.eachCaller(node.record, (parent, op, doubt) => {
				const key = `${parent}/${op}/${node.lock.param}/${node.lock.name}`;
				if (doubt > 0 || seen.has(key)) return;
				seen.add(key);
				const next = this.climbSurely(node, parent, op);
				if (next !== null) queue.push(next);
			});
		}
		return null;
	}

	/** One certain call up; null when the lock is held there, or it cannot be said. */
	private climbSurely(node: RecordNode, parent: RecordId, op: number): RecordNode | null {
		const { contexts, world } = this.solved;
		const link = { fn: contexts.records.fn(parent), op };
		if (isDescribed(world, link.fn) || summaryOf(world, link.fn).imprecise) return null;
		const states = contexts.statesOf(link.fn, op);
		if (!states.some((state) => !state.conditional && !state.merged && state.guards.length === 0)) return null;
		const lock = this.inCaller(node.lock, link);
		if (lock === null || this.standing(link.fn, states, lock) !== "none") return null;
		return { record: parent, fn: link.fn, lock, link, below: node };
	}

	/** Does none of the functions of a chain take the lock where that is not known for certain, nor go on as it is told? */
	private isUntaken(head: RecordNode): boolean {
		for (let node: RecordNode | null = head; node !== null; node = node.below) {
			if (node.link === null) continue;
			if (this.isTold(node.link) || this.mayBeHeldThere(node.below!.fn, node.link, node.lock)) return false;
		}
		return true;
	}

	/** Does an argument decide whether the call is made? It may say that the lock is held. */
	private isTold({ fn, op }: Link): boolean {
		const { program } = this.solved.world;
		this.frame.open(program, fn);
		return conditionsOf(program, fn, op).some((condition) => this.readsSwitch(condition));
	}

	/** Is a parameter that is no pointer part of a condition? */
	private readsSwitch(expr: number): boolean {
		const { frame, solved } = this;
		if (expr < 0) return false;
		switch (frame.kind(expr)) {
			case ExprKind.Local:
				return frame.x(expr) < frame.nParams && !isPointerValue(solved.world.program, frame.fn, expr);
			case ExprKind.Unary:
			case ExprKind.Cast:
				return this.readsSwitch(frame.y(expr));
			case ExprKind.Binary:
				return this.readsSwitch(frame.y(expr)) || this.readsSwitch(frame.z(expr));
			default:
				return false;
		}
	}

	/** What the ways into a function that are no direct calls say. */
	private entered({ fn, lock }: Node): { standing: "held" | "none" | HeldUnknown | null; origin: Origin | null } {
		const { solved } = this;
		const { ways } = this;
		if (isDescribed(solved.world, fn) || ways === null) return { standing: "described", origin: null };
		const origins = ways.originsAt(fn);
		for (const origin of origins)
			if (origin.run.isBare === true && origin.doubt === 0) return { standing: "none", origin };
		const pointers = ways.pointersTo(fn);
		if (pointers.calls.length > 0 || pointers.isNeverCalled || pointers.isLost) {
			return { standing: "pointer", origin: null };
		}
		if (origins.length > 0) {
			const isHeld = origins.every((origin) => this.rowNames(origin, lock));
			return { standing: isHeld ? "held" : "callback", origin: null };
		}
		return { standing: solved.graph.callersOf(fn).length === 0 ? "no-caller" : null, origin: null };
	}

	private rowNames({ run }: Origin, lock: WantedLock): boolean {
		const { program } = this.solved.world;
		const names = [...(run.sleeping ?? []), ...(run.spinning === undefined ? [] : [run.spinning])];
		return lock.name !== NONE && names.some((name) => name.split(/->|\./).at(-1) === program.names.text(lock.name));
	}

	/** How the lock stands at a call; null when the call is never reached. */
	private climb(node: Node, link: Link): "held" | HeldUnknown | { node: Node; isReleased: boolean } | null {
		const { contexts, world } = this.solved;
		const lock = this.inCaller(node.lock, link);
		if (lock === null) return "other-lock";
		const states = contexts.statesOf(link.fn, link.op);
		if (states.length === 0) return null;
		const standing = this.standing(link.fn, states, lock);
		if (standing !== "none" && standing !== "released") return standing;
		if (this.mayBeHeldThere(node.fn, link, lock)) return "some-paths";
		const isMacro = (world.program.flagsOf(link.fn) & FnFlag.Macro) !== 0;
		const isPlain = states.some((state) => !state.conditional && !state.merged && state.guards.length === 0);
		const isCertain = node.isCertain && isPlain && !summaryOf(world, link.fn).imprecise;
		const isReleased = standing === "released" && !isMacro;
		return { node: { fn: link.fn, lock, link, below: node, depth: node.depth + 1, isCertain }, isReleased };
	}

	/**
	 * Does the calling function take the lock where that is not known for certain: through a callee that takes it on some
	 * of its paths, or for another call of the same function?
	 */
	private mayBeHeldThere(callee: FnId, link: Link, lock: WantedLock): boolean {
		const { graph, contexts } = this.solved;
		let mayBe = false;
		graph.eachSite(link.fn, (op, target) => {
			if (target < 0) return;
			if (target === callee && op !== link.op) {
				mayBe ||= contexts.statesOf(link.fn, op).some((state) => this.standingIn(state, lock) === "held");
			}
			mayBe ||= this.mayTake(target, lock, 0);
		});
		return mayBe;
	}

	/** Does a function return with the lock, or call one that does so on some of its paths only? */
	private mayTake(fn: FnId, lock: WantedLock, depth: number): boolean {
		const key = fn * (MAX_TAKING_DEPTH + 1) + depth;
		const known = this.taking.get(lock.name) ?? new Map<number, boolean>();
		this.taking.set(lock.name, known);
		let mayBe = known.get(key);
		if (mayBe === undefined) {
			mayBe = this.findTaking(fn, lock, depth);
			known.set(key, mayBe);
		}
		return mayBe;
	}

	private findTaking(fn: FnId, lock: WantedLock, depth: number): boolean {
		const { graph, world } = this.solved;
		const { paths, kinds } = world;
		const { returns } = summaryOf(world, fn);
		const taking = returns.filter(({ ctx }) => {
			return ctx.items.some((item) => kinds.isLock[item.kind] && paths.tail(item.path) === lock.name);
		});
		if (taking.length > 0) return depth === 0 || taking.length < returns.length;
		return (
			depth < MAX_TAKING_DEPTH && graph.hasSite(fn, (target) => target >= 0 && this.mayTake(target, lock, depth + 1))
		);
	}

	/** The lock in the terms of a caller; null when its argument has no name. */
	private inCaller(lock: WantedLock, { fn, op }: Link): WantedLock | null {
		if (lock.param === NONE) return lock;
		const { program } = this.solved.world;
		this.frame.open(program, fn);
		const argument = this.frame.arg(op, lock.param);
		return argument < 0 ? null : this.lockNamed(fn, argument, lock.kind);
	}

	/** How a lock stands over all states of a call. */
	private standing(fn: FnId, states: readonly CallState[], lock: WantedLock): Standing {
		const found = new Set(states.map((state) => this.standingIn(state, lock)));
		const [only] = found;
		if (only === undefined) return "held";
		if (found.size === 1) return only;
		if (found.has("other-lock")) return "other-lock";
		return summaryOf(this.solved.world, fn).imprecise || found.has("held") ? "some-paths" : "none";
	}

	private standingIn({ ctx }: CallState, lock: WantedLock): Standing {
		const { paths, kinds } = this.solved.world;
		const same = (path: number) => lock.name !== NONE && paths.tail(path) === lock.name;
		const mayBe = (kind: number) => kinds.isLock[kind] === true && (lock.kind === NONE || kind === lock.kind);
		if (ctx.items.some((item) => kinds.isLock[item.kind] && same(item.path))) return "held";
		if (ctx.items.some((item) => mayBe(item.kind))) return "other-lock";
		if (ctx.gone.some((item) => kinds.isLock[item.kind] && same(item.path))) return "released";
		return ctx.gone.some((item) => mayBe(item.kind)) ? "other-lock" : "none";
	}
}

function linksOf(head: Node): Link[] {
	const links: Link[] = [];
	for (let node: Node | null = head; node !== null; node = node.below) if (node.link !== null) links.push(node.link);
	return links;
}

function recordLinks(head: RecordNode): Link[] {
	const links: Link[] = [];
	for (let node: RecordNode | null = head; node !== null; node = node.below)
		if (node.link !== null) links.push(node.link);
	return links;
}
