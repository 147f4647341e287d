// What a function does with the answer to a question about its context (in_atomic() and its like): which mask it
// chooses by it, and what only one way of a branch on it does. A branch that warns or prints is a check.

import { sharedBytes } from "../base/ints.js";
import { constantOf } from "../ir/consts.js";
import { ExprKind, NONE, Op } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { FnField, VarFlag } from "../ir/unit.js";
import type { CallGraph } from "./callGraph.js";
import { Frame } from "./frame.js";
import { eachJoinedName, literalBits } from "./masks.js";
import type { Solved } from "./solved.js";
import { callSleeps } from "./summarise.js";
import { MaySleep } from "./summary.js";
import type { Contexts } from "./topDown.js";
import { Touch, type Touches } from "./touches.js";
import { waysOf } from "./ways.js";
import { Callee, isPrimitive, primitiveAt, summaryOf, type World } from "./world.js";

/** Rounds in which an answer goes on from variable to variable. */
const ROUNDS = 3;
/** Ops of a function that may just pass an answer on. */
const MAX_WRAPPER = 40;

export type Decided = "mask" | "sleeps" | "locks" | "defers" | "argument";

/** What the answer to the question asked at `op` decides. */
export interface Decision {
	/** the call that asks */
	readonly op: number;
	readonly decides: Decided;
	/** the op that is decided on */
	readonly at: number;
}

/** What is known of a function as one to ask. */
const enum AskKind {
	Unseen = 0,
	Other = 1,
	/** it asks, and is short: whether it just hands the answer on has not been looked at */
	Asks = 2,
	HandsOn = 3,
}

/** What the ops of one way do; NONE: nothing of the kind. */
interface Doings {
	sleeps: number;
	locks: number;
	defers: number;
	/** it warns, asserts or prints */
	checks: boolean;
}

const askedIn = new WeakMap<Solved, Asked>();

/** What is known of the questions of a solved state, which is found once. */
export function askedOf(solved: Solved): Asked {
	const asked = askedIn.get(solved) ?? new Asked(solved);
	askedIn.set(solved, asked);
	return asked;
}

class Asked {
	private readonly world: World;
	private readonly graph: CallGraph;
	private readonly contexts: Contexts;
	private readonly touches: Touches;
	private readonly frame = new Frame();
	/** by function: an AskKind */
	private readonly kinds: Uint8Array;
	/** by primitive: 1 when it asks for the context */
	private readonly questions: Uint8Array;
	private asks: ReadonlySet<number> = new Set();
	/** by variable of the function looked at: the call whose answer it holds */
	private readonly holders = new Map<number, number>();

	constructor({ world, graph, contexts, touches }: Solved) {
		this.world = world;
		this.graph = graph;
		this.contexts = contexts;
		this.touches = touches;
		this.kinds = sharedBytes(world.program.fnLimit);
		this.questions = Uint8Array.from(world.primitives, ({ predicate }) => (predicate?.contextual === true ? 1 : 0));
	}

	/** The decisions of a function, by rising op of the question. */
	decisionsOf(fn: FnId): Decision[] {
		if (!this.graph.hasSite(fn, this.isQuestion)) return [];
		this.open(fn);
		const found: Decision[] = [];
		for (let op = 0; op < this.frame.nOps; op++) this.look(fn, op, found);
		return found.sort((a, b) => a.op - b.op);
	}

	private readonly isPrimitiveQuestion = (callee: number): boolean =>
		isPrimitive(callee) && this.questions[Callee.FirstPrimitive - callee] === 1;

	/** Does a callee answer a question about the context: a primitive, or a function that does nothing but hand an answer on? */
	private readonly isQuestion = (callee: number): boolean => {
		if (callee < 0) return this.isPrimitiveQuestion(callee);
		if (this.kinds[callee] === AskKind.Unseen) this.markAsking(this.world.program.fnFile(callee));
		if (this.kinds[callee] === AskKind.Asks) {
			// Wrappers of wrappers are none: what is looked at meanwhile is this function alone.
			this.kinds[callee] = AskKind.Other;
			if (this.handsOn(callee)) this.kinds[callee] = AskKind.HandsOn;
		}
		return this.kinds[callee] === AskKind.HandsOn;
	};

	/** Marks the functions of a file that ask and are short: they may just hand the answer on. */
	private markAsking(file: FileId): void {
		const { program } = this.world;
		const fns = program.fnsOf(file);
		for (let i = 0; i < fns.length; i++) {
			const fn = fns[i]!;
			const asks = this.touches.has(fn, Touch.Asks) && program.fnField(fn, FnField.OpCount) <= MAX_WRAPPER;
			this.kinds[fn] = asks ? AskKind.Asks : AskKind.Other;
		}
	}

	/** Does a function just answer a question that it asks, by what it returns, and nothing else by a condition of its own? */
	private handsOn(fn: FnId): boolean {
		this.open(fn);
		const { frame } = this;
		let isDecided = false;
		const masks: Decision[] = [];
		for (let op = 0; op < frame.nOps; op++) {
			this.look(fn, op, masks);
			if (masks.length > 0) return false;
			if (frame.code(op) === Op.Assign && frame.kind(frame.a(op)) !== ExprKind.Local) return false;
			if (frame.code(op) === Op.Return) isDecided ||= frame.a(op) >= 0 && this.askedBy(frame.a(op)) !== NONE;
			if (frame.code(op) !== Op.Branch) continue;
			if (this.askedBy(frame.a(op)) === NONE) {
				if (!this.isNoCondition(fn, frame.a(op))) return false;
				continue;
			}
			const { whenTrue, whenFalse } = waysOf(this.world.program, fn, op);
			isDecided ||= this.returnsSwitch(whenTrue) || this.returnsSwitch(whenFalse);
		}
		return isDecided && this.calledIn(fn, null).sleeps === NONE;
	}

	/** Is a condition constant, or another question of the model? */
	private isNoCondition(fn: FnId, expr: number): boolean {
		const { frame, world } = this;
		if (frame.kind(expr) === ExprKind.Unary) return this.isNoCondition(fn, frame.y(expr));
		if (frame.kind(expr) !== ExprKind.CallResult) return constantOf(world.program, frame.file, expr) !== undefined;
		const callee = this.calleeAt(fn, frame.x(expr));
		return isPrimitive(callee) && primitiveAt(world, callee).predicate !== undefined;
	}

	/** Do the ops return 0 or 1? */
	private returnsSwitch(ops: readonly number[]): boolean {
		return ops.some((op) => this.frame.code(op) === Op.Return && this.isSwitch(this.frame.a(op)));
	}

	private isSwitch(expr: number): boolean {
		const value = expr < 0 ? undefined : constantOf(this.world.program, this.frame.file, expr);
		return value === 0 || value === 1;
	}

	/** Opens a function, and follows the answers from variable to variable. */
	private open(fn: FnId): void {
		const asks = new Set<number>();
		this.graph.eachSite(fn, (op, callee) => {
			if (this.isQuestion(callee)) asks.add(op);
		});
		const { frame, holders } = this;
		frame.open(this.world.program, fn);
		frame.prepare();
		holders.clear();
		this.asks = asks;
		for (let round = 0; round < ROUNDS; round++) {
			const before = holders.size;
			for (let op = 0; op < frame.nOps; op++) this.hold(fn, op);
			if (holders.size === before) break;
		}
	}
	private hold(fn: FnId, op: number): void {
		const { frame } = this;
		if (frame.code(op) === Op.Assign && frame.kind(frame.a(op)) === ExprKind.Local) {
			const by = this.askedBy(frame.b(op));
			if (by !== NONE && frame.kind(frame.b(op)) !== ExprKind.Cond) this.holdIn(frame.x(frame.a(op)), by);
		} else if (frame.code(op) === Op.Branch) {
			const by = this.askedBy(frame.a(op));
			if (by === NONE) return;
			const { whenTrue, whenFalse } = waysOf(this.world.program, fn, op);
			for (const at of whenTrue) this.holdSwitch(at, by);
			for (const at of whenFalse) this.holdSwitch(at, by);
		}
	}

	/** A temporary that is 0 on one way and 1 on the other holds the answer: `a && b` as a value. */
	private holdSwitch(op: number, by: number): void {
		const { frame } = this;
		if (frame.code(op) !== Op.Assign || frame.kind(frame.a(op)) !== ExprKind.Local || !this.isSwitch(frame.b(op)))
			return;
		const variable = frame.x(frame.a(op));
		if ((frame.varFlags(variable) & VarFlag.Temp) !== 0) this.holdIn(variable, by);
	}

	/** Of several questions that a variable answers, the first is kept. */
	private holdIn(variable: number, by: number): void {
		if (!this.holders.has(variable)) this.holders.set(variable, by);
	}

	/** The call whose answer an expression is made of, NONE for none. */
	private askedBy(expr: number): number {
		if (expr < 0) return NONE;
		const { frame } = this;
		switch (frame.kind(expr)) {
			case ExprKind.CallResult:
				return this.asks.has(frame.x(expr)) ? frame.x(expr) : NONE;
			case ExprKind.Local:
				return this.holders.get(frame.x(expr)) ?? NONE;
			case ExprKind.Unary:
			case ExprKind.Cast:
				return this.askedBy(frame.y(expr));
			case ExprKind.Binary: {
				const left = this.askedBy(frame.y(expr));
				return left === NONE ? this.askedBy(frame.z(expr)) : left;
			}
			case ExprKind.Cond:
				return this.askedBy(frame.x(expr));
			default:
				return NONE;
		}
	}

	/** What the answers decide at one op. */
	private look(fn: FnId, op: number, found: Decision[]): void {
		const { frame } = this;
		switch (frame.code(op)) {
			case Op.Branch:
				this.lookAtBranch(fn, op, found);
				break;
			case Op.Assign:
				this.lookForMask(fn, op, frame.b(op), found);
				break;
			case Op.Return:
				this.lookForMask(fn, op, frame.a(op), found);
				break;
			case Op.Call:
				for (let i = 0; i < frame.c(op); i++) {
					this.lookForMask(fn, op, frame.arg(op, i), found);
					this.lookAtArgument(fn, op, i, found);
				}
				break;
			default:
				break;
		}
	}

	/** `in_interrupt() ? GFP_ATOMIC : GFP_KERNEL` */
	private lookForMask(fn: FnId, op: number, expr: number, found: Decision[]): void {
		if (expr < 0) return;
		const { frame } = this;
		switch (frame.kind(expr)) {
			case ExprKind.Cast:
			case ExprKind.Unary:
				this.lookForMask(fn, op, frame.y(expr), found);
				break;
			case ExprKind.Binary:
				this.lookForMask(fn, op, frame.y(expr), found);
				this.lookForMask(fn, op, frame.z(expr), found);
				break;
			case ExprKind.Cond: {
				const by = this.askedBy(frame.x(expr));
				const isMask = this.isMask(fn, frame.y(expr)) || this.isMask(fn, frame.z(expr));
				if (by !== NONE && isMask) found.push({ op: by, decides: "mask", at: op });
				break;
			}
			default:
				break;
		}
	}

	/** An answer handed to a function that sleeps if it is so. */
	private lookAtArgument(fn: FnId, op: number, index: number, found: Decision[]): void {
		const by = this.askedBy(this.frame.arg(op, index));
		if (by === NONE || this.frame.kind(this.frame.arg(op, index)) === ExprKind.Cond) return;
		const callee = this.calleeAt(fn, op);
		if (callee < 0) return;
		const { maySleep, sleepParam } = summaryOf(this.world, callee);
		if (maySleep === MaySleep.Depends && sleepParam === index) found.push({ op: by, decides: "argument", at: op });
	}

	private isMask(fn: FnId, expr: number): boolean {
		let isOfFlags = false;
		eachJoinedName(this.world, fn, expr, (name) => {
			isOfFlags ||= this.world.flags.has(name);
		});
		return isOfFlags && literalBits(this.world, fn, expr) !== undefined;
	}

	private lookAtBranch(fn: FnId, op: number, found: Decision[]): void {
		const { frame } = this;
		const by = this.askedBy(frame.a(op));
		if (by === NONE || this.isEmergency(op)) return;
		const { whenTrue, whenFalse } = waysOf(this.world.program, fn, this.lastOf(op));
		const mask = [...whenTrue, ...whenFalse].find((at) => {
			return frame.code(at) === Op.Assign && this.isMask(fn, frame.b(at));
		});
		if (mask !== undefined) found.push({ op: by, decides: "mask", at: mask });
		const one = this.calledIn(fn, whenTrue);
		const other = this.calledIn(fn, whenFalse);
		if (isCheck(one) || isCheck(other)) return;
		for (const decides of ["sleeps", "defers", "locks"] as const) {
			if ((one[decides] === NONE) === (other[decides] === NONE)) continue;
			// To leave is no other way to do the work, unless the work is left undone in silence by one who would have waited.
			const leaves = decides === "sleeps" ? this.fails : this.justLeaves;
			if (leaves.call(this, whenTrue) || leaves.call(this, whenFalse)) continue;
			found.push({ op: by, decides, at: Math.max(one[decides], other[decides]) });
			return;
		}
	}

	/** The branch that a condition ends with: `a && b` and `a || b` are two, and the last one has both ways whole. */
	private lastOf(branch: number): number {
		const { frame } = this;
		const target = frame.b(branch);
		if (target > branch + 1 && frame.code(target - 1) === Op.Branch) return this.lastOf(target - 1);
		let next = branch + 1;
		while (next < frame.nOps && this.asks.has(next)) next++;
		const goesOn = next < frame.nOps && frame.code(next) === Op.Branch && frame.b(next) === target;
		return goesOn ? this.lastOf(next) : branch;
	}

	/** Does a way return, or go to where the function ends, without a call? */
	private justLeaves(ops: readonly number[]): boolean {
		const { frame } = this;
		const codes = ops.map((op) => frame.code(op));
		return (codes.includes(Op.Return) || codes.includes(Op.Jump) || ops.length === 0) && !codes.includes(Op.Call);
	}

	/** Does a way refuse, with an error? */
	private fails(ops: readonly number[]): boolean {
		const { frame } = this;
		if (!this.justLeaves(ops)) return false;
		return ops.some((op) => {
			const value = frame.code(op) === Op.Return ? frame.a(op) : frame.code(op) === Op.Assign ? frame.b(op) : NONE;
			return value >= 0 && (constantOf(this.world.program, frame.file, value) ?? 0) < 0;
		});
	}

	/** Does the condition also ask something that is settled on a running system? Then it is for when that has stopped. */
	private isEmergency(branch: number): boolean {
		const { frame } = this;
		const isPart = (op: number) =>
			frame.code(op) === Op.Branch || frame.code(op) === Op.Jump || (frame.code(op) === Op.Call && this.asks.has(op));
		let from = branch;
		while (from > 0 && isPart(from - 1)) from--;
		for (let op = from; op < frame.nOps && isPart(op); op++) {
			if (frame.code(op) === Op.Branch && this.readsSettled(frame.a(op))) return true;
		}
		return false;
	}

	private readsSettled(expr: number): boolean {
		const { frame, world } = this;
		if (expr < 0) return false;
		switch (frame.kind(expr)) {
			case ExprKind.Name:
				return world.settled.has(world.program.globalName(frame.file, frame.x(expr)));
			case ExprKind.Unary:
			case ExprKind.Cast:
				return this.readsSettled(frame.y(expr));
			case ExprKind.Binary:
				return this.readsSettled(frame.y(expr)) || this.readsSettled(frame.z(expr));
			default:
				return false;
		}
	}

	/** What the calls among some ops do; null: all of the function. */
	private calledIn(fn: FnId, ops: readonly number[] | null): Doings {
		const doings: Doings = { sleeps: NONE, locks: NONE, defers: NONE, checks: false };
		let next = 0;
		this.graph.eachSite(fn, (op, callee) => {
			if (ops !== null) {
				while (next < ops.length && ops[next]! < op) next++;
				if (ops[next] !== op) return;
			}
			this.add(doings, fn, op, callee);
		});
		return doings;
	}

	private add(doings: Doings, fn: FnId, op: number, callee: number): void {
		if (callee === Callee.Indirect || callee === Callee.Unknown) return;
		const { predicate, neutral, assertion, noReturn, sleep, lock } = isPrimitive(callee)
			? primitiveAt(this.world, callee)
			: NOTHING;
		if (predicate?.asks === "warn" || assertion !== undefined || noReturn !== undefined) doings.checks = true;
		if (neutral?.does === "prints" || sleep?.how === "checks") doings.checks = true;
		if (neutral?.does === "defers" && doings.defers === NONE) doings.defers = op;
		if (lock !== undefined && lock.does !== "release" && !lock.sleeps && doings.locks === NONE) doings.locks = op;
		if (doings.sleeps !== NONE || sleep?.how === "checks") return;
		const sleeps = this.contexts.statesOf(fn, op).some((state) => {
			return callSleeps(this.world, callee, state).value === MaySleep.Yes;
		});
		if (sleeps) doings.sleeps = op;
	}

	private calleeAt(fn: FnId, op: number): number {
		let found: number = Callee.Unknown;
		this.graph.eachSite(fn, (at, callee) => {
			if (at === op) found = callee;
		});
		return found;
	}
}

const NOTHING: {
	readonly [Column in "predicate" | "neutral" | "assertion" | "noReturn" | "sleep" | "lock"]?: undefined;
} = {};

/** Does a way do nothing but say that it should not be? */
function isCheck({ checks, sleeps, locks, defers }: Doings): boolean {
	return checks && sleeps === NONE && locks === NONE && defers === NONE;
}
