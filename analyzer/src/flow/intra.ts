// hot: the pass over one function. States (context, knowledge) are followed path by path from block to block;
// at a block's start, states with the same context are joined when they differ only in what nobody reads any
// more. The result is the function's summary.

import { PairHeap } from "../base/pairHeap.js";
import { IntVec } from "../base/vec.js";
import { BinaryOp, ExprKind, isStraight, NONE, Op, OpFlag } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnFlag } from "../ir/unit.js";
import { Branches } from "./branches.js";
import { CallRecorder, isSameGuards } from "./calls.js";
import { type Ctx, ctxKey, NEUTRAL } from "./context.js";
import {
	CONDITION_KEY,
	type EnvId,
	EnvTable,
	exprOfKey,
	factKey,
	isOthersKey,
	NO_ENV,
	othersKey,
	varKey,
} from "./env.js";
import {
	asksContext,
	assignField,
	assignLocal,
	assume,
	assumeEqual,
	assumeOf,
	assumeWays,
	conditionAt,
	DEAD,
	evaluate,
	hangOn,
	hasWays,
	questionIn,
	type Scope,
} from "./evaluate.js";
import { ExprTable } from "./exprTable.js";
import { Frame } from "./frame.js";
import { isAmount } from "./guards.js";
import { exportCtx, exportValue, paramOf } from "./locate.js";
import { keepsAlive } from "./references.js";
import { finishSummary } from "./summarise.js";
import type { CallState, Exit, Mispairing, Summary } from "./summary.js";
import { calleeOf, ctxDuring, type Observer, Outcomes, transferCall } from "./transfer.js";
import { findTwins } from "./twins.js";
import { setsSettled, settledBy } from "./unsettled.js";
import { ANSWER_ATOM, Base, ENTRY_ATOM, TOP, type ValueId } from "./values.js";
import { calleeAt, isPrimitive, primitiveAt, referenceAt, summaryOf, type World } from "./world.js";

/** How many states are kept apart at the start of a block, and how often it may be entered before they are forced together. */
interface Limits {
	readonly states: number;
	readonly visits: number;
}
/** Where the context changes, paths matter. */
const WIDE: Limits = { states: 12, visits: 36 };
/** Where it does not, only values do. */
const NARROW: Limits = { states: 4, visits: 12 };
const MAX_RETURNS = 24;
/** Ops between two parts of one condition. */
const MAX_TO_QUESTION = 6;

export class Intra implements Observer {
	readonly frame = new Frame();
	readonly scope: Scope;
	private readonly envs = new EnvTable();
	private readonly calls: CallRecorder;
	private readonly branches: Branches;
	private ctxs: Ctx[] = [NEUTRAL];
	/** by context of the function: what callers see of it, once asked for */
	private exports: (Ctx | undefined)[] = [];
	private readonly ctxIds = new Map<string, number>([["", 0]]);
	/** by leader op: the first of the states it has been entered with, NONE for none, and how often it has been */
	private readonly firstState = new IntVec();
	private readonly visits = new IntVec();
	/** a state: its context, its knowledge, the next of the same op, whether it is still to be followed (0, 1) */
	private readonly stateCtx = new IntVec();
	private readonly stateEnv = new IntVec();
	private readonly nextState = new IntVec();
	private readonly statePending = new IntVec();
	/** what is still to be followed: op and state. What comes first in the source goes first, so that most ways have met before what follows is looked at. */
	private readonly work = new PairHeap();
	private readonly outcomes = new Outcomes();
	private returns: Exit[] = [];
	/** by return: the context's number in this function */
	private readonly returnCtx: number[] = [];
	private mispairings: Mispairing[] = [];
	private steps = 0;
	private imprecise = false;
	private written = 0;
	private limits = NARROW;
	private probeOp = -1;
	private probed: CallState[] = [];
	/** where states are being joined */
	private joinOp = 0;
	private readonly isDeadAtJoin = (key: number): boolean => this.isDead(key, this.joinOp);

	constructor(private readonly world: World) {
		this.scope = {
			world,
			frame: this.frame,
			envs: this.envs,
			pointerValues: new ExprTable(),
			namedValues: new ExprTable(),
			isWide: false,
		};
		this.calls = new CallRecorder(this.scope);
		this.branches = new Branches(this.scope);
	}

	/** The states in which control comes to `op`, with conditions on parameters. */
	probe(fn: FnId, op: number): readonly CallState[] {
		this.probeOp = op;
		this.probed = [];
		this.run(fn);
		this.probeOp = -1;
		return this.probed;
	}

	/** Analyses a function with its callees' present summaries. */
	run(fn: FnId): Summary {
		const { frame, world } = this;
		frame.open(world.program, fn);
		frame.prepare();
		findTwins(world, frame);
		this.reset();
		this.limits = this.changesContext() ? WIDE : NARROW;
		this.scope.isWide = this.limits === WIDE;
		this.enter(0, 0, this.entryEnv());
		const budget = frame.nOps * 40 + 2000;
		while (this.work.length > 0) {
			const op = this.work.first;
			const state = this.work.second;
			this.work.pop();
			this.statePending.data[state] = 0;
			this.follow(op, this.stateCtx.data[state]!, this.stateEnv.data[state]!);
			if (this.steps > budget) {
				this.imprecise = true;
				break;
			}
		}
		return finishSummary(this.scope, {
			returns: this.returns,
			mispairings: this.mispairings,
			calls: this.calls.finish(),
			imprecise: this.imprecise,
			written: this.written,
			endsWithoutReturn: (world.program.flagsOf(fn) & FnFlag.NoReturn) !== 0,
		});
	}

	mispaired(pairing: Mispairing): void {
		const isNew = !this.mispairings.some((p) => p.op === pairing.op && p.held.op === pairing.held.op);
		if (isNew) this.mispairings.push(pairing);
	}

	private reset(): void {
		this.envs.reset();
		this.scope.pointerValues.clear();
		this.scope.namedValues.clear();
		if (this.ctxs.length > 1) {
			this.ctxs.length = 1;
			this.exports.length = 0;
			this.ctxIds.clear();
			this.ctxIds.set("", 0);
		}
		this.firstState.clear();
		this.firstState.extend(this.frame.nOps, NONE);
		this.visits.clear();
		this.visits.extend(this.frame.nOps, 0);
		this.stateCtx.clear();
		this.stateEnv.clear();
		this.nextState.clear();
		this.statePending.clear();
		this.work.clear();
		this.returns = [];
		this.mispairings = [];
		this.steps = 0;
		this.imprecise = false;
		this.written = 0;
		this.calls.reset();
		this.branches.reset();
	}

	/** Does any call of the function take, release or open something? */
	private changesContext(): boolean {
		const { frame, world } = this;
		for (let op = 0; op < frame.nOps; op++) {
			if (frame.code(op) !== Op.Call) continue;
			const target = calleeAt(world, frame, op);
			if (isPrimitive(target)) {
				const { lock, section } = primitiveAt(world, target);
				if (lock !== undefined || section !== undefined) return true;
			} else if (target >= 0 && summaryOf(world, target).exits.some((exit) => exit.ctx !== NEUTRAL)) return true;
		}
		return false;
	}

	/** What is known at the start: parameters that are changed later on have their callers' values. */
	private entryEnv(): EnvId {
		const { frame, world } = this;
		let env = NO_ENV;
		for (let i = 0; i < frame.nParams; i++) {
			if (frame.isChangedMask(i)) env = this.envs.set(env, varKey(i), world.values.atom(ENTRY_ATOM + i));
		}
		return env;
	}

	private ctxId(ctx: Ctx): number {
		if (ctx === NEUTRAL) return 0;
		const key = ctxKey(ctx);
		const known = this.ctxIds.get(key);
		if (known !== undefined) return known;
		const id = this.ctxs.push(ctx) - 1;
		this.ctxIds.set(key, id);
		return id;
	}

	/** Control comes to `op`, which may begin a block. */
	private enter(op: number, ctx: number, knowledge: EnvId): void {
		if (op >= this.frame.nOps) {
			this.leave(-1, ctx, knowledge, TOP);
			return;
		}
		const env = this.endCondition(op, knowledge);
		this.joinOp = op;
		const isForced = ++this.visits.data[op]! > this.limits.visits;
		let last = NONE;
		let nStates = 0;
		let sameCtx = NONE;
		for (let at = this.firstState.data[op]!; at !== NONE; at = this.nextState.data[at]!) {
			last = at;
			nStates++;
			if (this.stateCtx.data[at] !== ctx) continue;
			if (sameCtx === NONE) sameCtx = at;
			const joined = this.envs.join(this.world.values, this.stateEnv.data[at]!, env, this.isDeadAtJoin, isForced);
			if (joined < 0) continue;
			this.widen(op, at, joined);
			return;
		}
		if (nStates < this.limits.states) {
			const added = this.addState(op, ctx, env);
			if (last === NONE) this.firstState.data[op] = added;
			else this.nextState.data[last] = added;
			return;
		}
		if (this.limits === WIDE) this.imprecise = true;
		if (sameCtx === NONE) return;
		this.widen(op, sameCtx, this.envs.join(this.world.values, this.stateEnv.data[sameCtx]!, env, isAlways, true));
	}

	/** Where the ways of a branch have met, what follows does not hang on its condition. */
	private endCondition(op: number, env: EnvId): EnvId {
		const branch = conditionAt(this.scope, env);
		if (branch === NONE) return env;
		const end = this.branches.endOf(branch);
		return end !== NONE && op >= end ? this.envs.remove(env, CONDITION_KEY) : env;
	}

	/** A state of a block now stands for more; it is followed again when that is news. */
	private widen(op: number, state: number, env: EnvId): void {
		if (env === this.stateEnv.data[state]) return;
		this.stateEnv.data[state] = env;
		if (this.statePending.data[state] === 1) return;
		this.statePending.data[state] = 1;
		this.work.push(op, state);
	}

	/** A state that is to be followed from `op`. */
	private addState(op: number, ctx: number, env: EnvId): number {
		const added = this.stateCtx.push(ctx);
		this.stateEnv.push(env);
		this.nextState.push(NONE);
		this.statePending.push(1);
		this.work.push(op, added);
		return added;
	}

	/** Is a piece of knowledge read at or after `op`? */
	private isDead(key: number, op: number): boolean {
		if (key === CONDITION_KEY) return true;
		const id = exprOfKey(key);
		if (id < 0) return !this.frame.isLocalLive(key >> 1, op - 1);
		if (id >= ANSWER_ATOM) return true;
		if (id >= ENTRY_ATOM) return !this.frame.isLocalLive(id - ENTRY_ATOM, op - 1);
		if ((key & 1) === 0) return !isOthersKey(key) || !this.frame.isTested(id, op - 1);
		if (this.frame.isTested(id, op - 1) || this.frame.isResultPending(id, op)) return false;
		// What the code has been told of its context, a caller's context decides: up to where the ways meet.
		return this.frame.kind(id) !== ExprKind.CallResult || !asksContext(this.scope, id) || !this.isWithin(id, op);
	}

	/** Does `op` come before the ways meet again of the last branch that asked what a call had returned? */
	private isWithin(result: number, op: number): boolean {
		const branch = this.frame.lastTestOf(result);
		return branch !== NONE && this.frame.code(branch) === Op.Branch && op < this.branches.endOf(branch);
	}

	/** Runs a state to the end of its block. */
	private follow(start: number, startCtx: number, startEnv: EnvId): void {
		const { frame, scope, outcomes } = this;
		let op = start;
		let ctx = startCtx;
		let env = startEnv;
		for (;;) {
			this.steps++;
			if (op === this.probeOp) this.noteProbe(ctx, env);
			switch (frame.code(op)) {
				case Op.Call: {
					env = this.answered(op, ctx, env);
					const reference = referenceAt(this.world, frame, op);
					const kept = keepsAlive(scope, env, op, reference);
					if (kept >= 0) {
						env = kept;
						break;
					}
					const callee = calleeOf(scope, env, op);
					const during = ctxDuring(scope, this.ctxs[ctx]!, op, callee);
					this.calls.record(op, during, during === this.ctxs[ctx] ? ctx : this.ctxId(during), env, callee);
					transferCall(scope, this, outcomes, this.ctxs[ctx]!, env, op, callee, reference);
					if (outcomes.length === 0) return;
					for (let i = 1; i < outcomes.length; i++)
						this.continueAt(op + 1, this.ctxId(outcomes.ctx(i)), outcomes.env(i));
					if (outcomes.ctx(0) !== this.ctxs[ctx]) ctx = this.ctxId(outcomes.ctx(0));
					env = outcomes.env(0);
					break;
				}
				case Op.Assign:
					env = this.assign(op, this.answered(op, ctx, env));
					if (setsSettled(scope, op)) ctx = this.ctxId(settledBy(scope, this.ctxs[ctx]!, env, op));
					break;
				case Op.Branch: {
					const value = evaluate(scope, env, frame.a(op));
					this.branchAway(op, ctx, env, value);
					env = this.stayOn(op, ctx, env, value);
					if (env === DEAD) return;
					break;
				}
				case Op.Jump:
					this.enter(frame.a(op), ctx, env);
					return;
				case Op.Switch:
					this.switch(op, ctx, env);
					return;
				case Op.Choice:
					for (let i = 0; i < frame.b(op); i++) this.enter(frame.lists[frame.a(op) + i]!, ctx, env);
					if (frame.c(op) === 0) return;
					break;
				case Op.Return:
					env = this.answered(op, ctx, env);
					this.leave(op, ctx, env, frame.a(op));
					return;
				case Op.Unreachable:
					return;
				default:
					break;
			}
			op++;
			if (op >= frame.nOps || frame.leader.data[op] === 1) {
				this.enter(op, ctx, env);
				return;
			}
		}
	}

	/** `in_softirq() ? A : B` in an op: the state in which the answer is yes; that in which it is no is followed from here by itself. */
	private answered(op: number, ctx: number, env: EnvId): EnvId {
		const question = this.questionAt(op);
		if (question === NONE) return env;
		const { scope } = this;
		const yes = assume(scope, env, question, true, op);
		const no = assume(scope, env, question, false, op);
		const isSplit = yes !== no && yes !== DEAD && no !== DEAD && yes !== env && no !== env;
		if (!isSplit) return env;
		this.addState(op, ctx, no);
		return yes;
	}

	/** The condition in an op's expressions that asks for the context to choose a value by, or NONE. */
	private questionAt(op: number): number {
		const { frame } = this;
		if (!frame.isChoosing(op)) return NONE;
		switch (frame.code(op)) {
			case Op.Assign:
				return questionIn(this.scope, frame.b(op));
			case Op.Return:
				return questionIn(this.scope, frame.a(op));
			default:
				break;
		}
		for (let i = 0; i < frame.c(op); i++) {
			const question = questionIn(this.scope, frame.arg(op, i));
			if (question !== NONE) return question;
		}
		return NONE;
	}

	/** The condition of a branch does not hold. */
	private branchAway(op: number, ctx: number, env: EnvId, value: ValueId): void {
		const { frame, scope } = this;
		const condition = frame.a(op);
		if (hasWays(frame, condition, false)) {
			for (const no of assumeWays(scope, env, condition, false, op))
				this.enter(frame.b(op), ctx, this.unlessFailing(env, no, op, op + 1));
			return;
		}
		const no = assumeOf(scope, env, condition, value, false, op);
		if (no === DEAD) return;
		const next = this.isToldBefore(op) ? hangOn(scope, no, op) : no;
		this.enter(frame.b(op), ctx, this.unlessFailing(env, next, op, op + 1));
	}

	/**
	 * `if (in_atomic() && x)`: does a part of the condition before this one ask for the context? Whoever goes the same
	 * way as one who is told that he may sleep, and has not been told so, does it for what is asked here.
	 */
	private isToldBefore(op: number): boolean {
		const { frame, scope } = this;
		for (let at = op - 1; at >= Math.max(0, op - MAX_TO_QUESTION); at--) {
			if (frame.code(at) === Op.Branch) {
				if (frame.b(at) !== frame.b(op)) return false;
				if (asksContext(scope, frame.a(at))) return true;
			} else if (!isStraight(frame.code(at))) return false;
		}
		return false;
	}

	/** The condition of a branch holds: what is known then, in the first way it can. */
	private stayOn(op: number, ctx: number, env: EnvId, value: ValueId): EnvId {
		const { frame, scope } = this;
		const condition = frame.a(op);
		const other = frame.b(op);
		if (!hasWays(frame, condition, true)) {
			return this.unlessFailing(env, assumeOf(scope, env, condition, value, true, op), op, other);
		}
		const ways = assumeWays(scope, env, condition, true, op);
		for (let i = 1; i < ways.length; i++) this.continueAt(op + 1, ctx, this.unlessFailing(env, ways[i]!, op, other));
		return ways.length > 0 ? this.unlessFailing(env, ways[0]!, op, other) : DEAD;
	}

	/** What a path has learnt in the branch at `op`; that it hangs on a condition is left out when the other way, at `other`, just fails. */
	private unlessFailing(before: EnvId, after: EnvId, op: number, other: number): EnvId {
		if (after === DEAD || after === before) return after;
		const { envs } = this;
		if (envs.get(after, CONDITION_KEY) < 0 || envs.get(before, CONDITION_KEY) >= 0) return after;
		return this.branches.justFails(op, other) ? envs.remove(after, CONDITION_KEY) : after;
	}

	private noteProbe(ctx: number, env: EnvId): void {
		const state = {
			ctx: this.ctxs[ctx]!,
			guards: this.calls.guardsOf(env),
			args: null,
			callee: NONE,
			conditional: false,
			merged: false,
			told: false,
		};
		const isKnown = this.probed.some((other) => other.ctx === state.ctx && other.guards.length <= state.guards.length);
		if (!isKnown) this.probed.push(state);
	}

	private continueAt(op: number, ctx: number, env: EnvId): void {
		if (op >= this.frame.nOps || this.frame.leader.data[op] === 1) this.enter(op, ctx, env);
		else this.addState(op, ctx, env);
	}

	private assign(op: number, env: EnvId): EnvId {
		const { frame, scope } = this;
		const target = frame.a(op);
		if (target < 0) return env;
		switch (frame.kind(target)) {
			case ExprKind.Local: {
				const index = frame.x(target);
				if (index < frame.nParams) this.written |= 1 << Math.min(index, 30);
				if (env === NO_ENV && !frame.isLocalLive(index, op)) return env;
				return assignLocal(scope, env, index, this.isCounting(op, index) ? TOP : evaluate(scope, env, frame.b(op)));
			}
			case ExprKind.Field:
				return this.assignToField(op, env, target);
			default:
				return env;
		}
	}

	/** A variable computed from itself takes ever new values in a loop; only bits that are set or cleared settle. */
	private isCounting(op: number, index: number): boolean {
		const { frame } = this;
		const value = frame.b(op);
		if (value < 0 || !frame.mentionsLocal(value, index)) return (frame.flags(op) & OpFlag.Update) !== 0;
		if (frame.kind(value) !== ExprKind.Binary) return frame.kind(value) !== ExprKind.Cond;
		return frame.x(value) !== BinaryOp.Or && frame.x(value) !== BinaryOp.And;
	}

	/**
	 * Writing a field drops what was known of it. A mask that is stored is remembered for the calls that read it, and so is a
	 * number that the caller gave; a truth value is not: whoever has the object may change it, and a loop that waits for that would seem endless.
	 */
	private assignToField(op: number, env: EnvId, target: number): EnvId {
		const { frame, scope, world } = this;
		const cleared = assignField(scope, env, frame.y(target));
		if (!frame.isTested(target, op) || (frame.flags(op) & OpFlag.Update) !== 0) return cleared;
		const given = this.givenAt(op);
		if (given !== NONE) return this.envs.set(cleared, factKey(target), world.values.atom(given));
		const value = evaluate(scope, cleared, frame.b(op));
		const isMask = world.values.isInt(value) && world.values.set(value) >>> 0 > 1;
		return isMask ? this.envs.set(cleared, factKey(target), value) : cleared;
	}

	/** The parameter, a number that is no truth value, of which an assignment stores what the caller has passed; NONE for other values. */
	private givenAt(op: number): number {
		const { frame, world } = this;
		let value = frame.b(op);
		while (value >= 0 && frame.kind(value) === ExprKind.Cast) value = frame.y(value);
		const param = value < 0 || frame.kind(value) !== ExprKind.Local ? NONE : paramOf(frame, value);
		return param !== NONE && isAmount(world, frame.fn, param) ? value : NONE;
	}

	private switch(op: number, ctx: number, env: EnvId): void {
		const { frame, scope } = this;
		const subject = frame.a(op);
		const nCases = frame.c(op);
		for (let i = 0; i < nCases; i++) {
			const at = frame.b(op) + i * 3;
			const low = frame.lists[at]!;
			const target = frame.lists[at + 2]!;
			if (low === NONE) {
				if (!this.isDecided(op, env)) this.enter(target, ctx, this.asNoCase(op, env));
				continue;
			}
			if (low !== frame.lists[at + 1]) {
				this.enter(target, ctx, env);
				continue;
			}
			const value = evaluate(scope, env, low);
			const next = this.isRuledOut(env, subject, value) ? DEAD : assumeEqual(scope, env, subject, value, op);
			if (next !== DEAD) this.enter(target, ctx, next);
		}
	}

	/** Notes that the subject of a switch is none of its cases, where another one asks again. */
	private asNoCase(op: number, env: EnvId): EnvId {
		const subject = this.frame.a(op);
		if (!this.frame.isTested(subject, op)) return env;
		return this.envs.set(env, othersKey(subject), this.world.values.fn(op));
	}

	/** Has a switch come to its default for want of this case? */
	private isRuledOut(env: EnvId, subject: number, value: ValueId): boolean {
		const { frame, scope, world } = this;
		const other = this.envs.get(env, othersKey(subject));
		if (other < 0 || !world.values.isInt(value) || world.values.base(other) !== Base.Function) return false;
		const op = world.values.set(other);
		for (let i = 0; i < frame.c(op); i++) {
			const at = frame.b(op) + i * 3;
			const low = frame.lists[at]!;
			if (low !== NONE && low === frame.lists[at + 1] && evaluate(scope, env, low) === value) return true;
		}
		return false;
	}

	/** Is the subject's value known and one of the cases? Then the default is not taken. */
	private isDecided(op: number, env: EnvId): boolean {
		const { frame, scope, world } = this;
		const subject = evaluate(scope, env, frame.a(op));
		if (!world.values.isInt(subject)) return false;
		for (let i = 0; i < frame.c(op); i++) {
			const low = frame.lists[frame.b(op) + i * 3]!;
			if (low !== NONE && evaluate(scope, env, low) === subject) return true;
		}
		return false;
	}

	private leave(op: number, ctx: number, env: EnvId, expr: number): void {
		const value = op < 0 || expr < 0 ? TOP : evaluate(this.scope, env, expr);
		if (value === TOP) this.leaveWith(op, ctx, env, TOP);
		else if (!this.leaveAnswering(op, ctx, env, value))
			this.leaveWith(op, ctx, env, exportValue(this.world, this.frame, value));
	}

	/** `return in_atomic();`: with 1 where the answer is yes, and with 0 where it is no. */
	private leaveAnswering(op: number, ctx: number, env: EnvId, value: ValueId): boolean {
		const { scope, world } = this;
		const asked = world.values.base(value);
		if (asked < 0 || asked >= ENTRY_ATOM || value !== world.values.atom(asked) || !asksContext(scope, asked))
			return false;
		const yes = assume(scope, env, asked, true, op);
		const no = assume(scope, env, asked, false, op);
		if (yes === DEAD || no === DEAD || yes === env || no === env) return false;
		this.leaveWith(op, ctx, yes, world.values.int(1));
		this.leaveWith(op, ctx, no, world.values.int(0));
		return true;
	}

	private leaveWith(op: number, ctx: number, env: EnvId, value: ValueId): void {
		const guards = this.calls.guardsOf(env);
		for (let i = 0; i < this.returns.length; i++) {
			const exit = this.returns[i]!;
			if (this.returnCtx[i] === ctx && exit.value === value && isSameGuards(exit.guards, guards)) return;
		}
		if (this.returns.length >= MAX_RETURNS) {
			// What does not fit is met into the last return with the same context.
			const at = this.returns.findIndex((exit) => ctxKey(exit.ctx) === ctxKey(this.exported(ctx)));
			if (at < 0) this.imprecise = true;
			else {
				const same = this.returns[at]!;
				const met = this.world.values.meet(same.value, value);
				this.returns[at] = { ctx: same.ctx, value: met, guards: [], op: same.op };
			}
			return;
		}
		this.returnCtx[this.returns.length] = ctx;
		this.returns.push({ ctx: this.exported(ctx), value, guards, op });
	}

	private exported(ctx: number): Ctx {
		const known = this.exports[ctx];
		if (known !== undefined) return known;
		const made = exportCtx(this.world, this.ctxs[ctx]!);
		this.exports[ctx] = made;
		return made;
	}
}

function isAlways(): boolean {
	return true;
}
