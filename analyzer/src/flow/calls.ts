// Records in which states a function makes its calls: context, conditions on parameters, argument values.
// Only what differs from "as written, in the caller's own context" is kept.

import { noneOf, withItem } from "../base/lists.js";
import { IntVec } from "../base/vec.js";
import { ExprKind, NONE } from "../ir/ops.js";
import type { Primitive } from "../model/schema.js";
import { applyCtx, type Ctx, forbidsSleep, NEUTRAL } from "./context.js";
import { CONDITION_KEY, type EnvId, NO_ENV } from "./env.js";
import { evaluate, type Scope } from "./evaluate.js";
import { contradicts } from "./guards.js";
import { exportValue, isHeldLock, paramOf, plainValue } from "./locate.js";
import { type CallState, CONTEXT_QUESTIONS, type Guard, MaySleep, PREDICATE } from "./summary.js";
import { TOP, type ValueId } from "./values.js";
import { calleeAt, isPrimitive, primitiveAt, summaryOf } from "./world.js";

/** States kept of one call; further ones lose their guards and arguments. */
const MAX_STATES = 8;

export interface Recorded {
	readonly op: number;
	readonly callee: number;
	states: readonly CallState[];
	/** pairs of context and environment it has been made in: the first, and the others */
	readonly first: number;
	others: number[] | null;
}

/** Pairs of ways to a call that are compared to see what tells them apart. */
const MAX_PAIRS = 64;
const CTX_UNIT = 0x100000;

/** The calls of a function, as far as they are not just calls in the caller's own context. */
export interface Recordings {
	/** in the order in which they were first reached */
	readonly list: readonly Recorded[];
	at(op: number): Recorded | undefined;
	/** Is the call reached, in the caller's own context, whatever the arguments? */
	isPlain(op: number): boolean;
}

const NO_GUARDS = noneOf<Guard>();

/** A call in a context, with nothing else that matters; `isMerged`: what else there was has been lost. */
function plainState(ctx: Ctx, isMerged: boolean): CallState {
	return { ctx, guards: NO_GUARDS, args: null, callee: NONE, conditional: isMerged, merged: isMerged, told: false };
}

function asTold({ ctx, guards, args, callee, conditional, merged }: CallState): CallState {
	return { ctx, guards, args, callee, conditional, merged, told: true };
}

/** The states of a call that is just made, whatever is passed. */
export const IN_CALLERS_CONTEXT: readonly CallState[] = [plainState(NEUTRAL, false)];

export class CallRecorder implements Recordings {
	list: Recorded[] = [];
	/** by op: its place in `list`, NONE for none */
	private readonly places = new IntVec();
	/** by op: 1 when it is reached in the caller's own context and the callee does the same whatever it is given */
	private readonly plainly = new IntVec();
	/** by context of the function: the list of just the plain state in it, shared by all such calls */
	private plain: (readonly CallState[] | undefined)[] = [];
	/** by context's number */
	private ctxs: Ctx[] = [];

	/** by knowledge of the function: its guards, once asked for */
	private guards: (readonly Guard[] | undefined)[] = [];

	constructor(private readonly scope: Scope) {}

	reset(): void {
		if (this.list.length > 0) this.list = [];
		this.places.clear();
		this.places.extend(this.scope.frame.nOps, NONE);
		this.plainly.clear();
		this.plainly.extend(this.scope.frame.nOps, 0);
		if (this.plain.length > 0) this.plain = [];
		if (this.guards.length > 0) this.guards = [];
	}

	/** Notes that the call is made in a state; `ctxId` is the context's number in this function. */
	record(op: number, ctx: Ctx, ctxId: number, env: EnvId, callee: number): void {
		const known = this.at(op);
		const needed = neededArgs(this.scope, callee);
		if (known === undefined && ctx === NEUTRAL && needed === NOT_STEERED && !this.isPointer(op)) {
			this.plainly.data[op] = 1;
			return;
		}
		this.ctxs[ctxId] = ctx;
		const id = ctxId * CTX_UNIT + (needed === NOT_STEERED ? 0 : env);
		if (known === undefined) {
			const states = this.stateOf(op, ctx, ctxId, env, callee, needed);
			const all = this.plainly.data[op] === 1 ? IN_CALLERS_CONTEXT.concat(states) : states;
			this.places.data[op] = this.list.push({ op, callee, states: all, first: id, others: null }) - 1;
			return;
		}
		if (known.first === id || known.others?.includes(id)) return;
		if (known.others === null) known.others = [id];
		else known.others.push(id);
		this.add(known, this.stateOf(op, ctx, ctxId, env, callee, needed)[0]!);
	}

	private add(call: Recorded, next: CallState): void {
		const { states } = call;
		for (const state of states) {
			if (
				state.ctx === next.ctx &&
				state.conditional === next.conditional &&
				isSameList(state.args, next.args) &&
				isSameGuards(state.guards, next.guards)
			)
				return;
		}
		if (states.length < MAX_STATES) call.states = withItem(states, next);
		else if (!states.some((state) => state.ctx === next.ctx && state.guards.length === 0 && state.args === null)) {
			call.states = withItem(states, plainState(next.ctx, true));
		}
	}

	private stateOf(
		op: number,
		ctx: Ctx,
		ctxId: number,
		env: EnvId,
		callee: number,
		needed: number,
	): readonly CallState[] {
		const isSteered = needed !== NOT_STEERED;
		const guards = isSteered ? this.guardsOf(env) : NO_GUARDS;
		const conditional = isSteered && this.scope.envs.get(env, CONDITION_KEY) >= 0;
		const args = needed <= 0 ? null : this.argsOf(op, ctx, env, needed, callee);
		const resolved = callee >= 0 && this.isPointer(op) ? callee : NONE;
		if (guards.length > 0 || conditional || args !== null || resolved !== NONE) {
			return this.scope.world.states.listOf(ctx, guards, args, resolved, conditional);
		}
		if (ctx === NEUTRAL) return IN_CALLERS_CONTEXT;
		const shared = this.plain[ctxId] ?? [plainState(ctx, false)];
		this.plain[ctxId] = shared;
		return shared;
	}

	/** Is the callee a variable, not a name? */
	private isPointer(op: number): boolean {
		const callee = this.scope.frame.a(op);
		return callee >= 0 && this.scope.frame.kind(callee) !== ExprKind.Name;
	}

	/** The calls that are reached, but for those that are just calls: see `isPlain`. */
	finish(): Recordings {
		for (const call of this.list) {
			if (call.others !== null && this.isToldApart([call.first, ...call.others])) call.states = call.states.map(asTold);
		}
		return this;
	}

	/** Do some of these ways forbid sleeping and some not, and does each of those exclude each of these? */
	private isToldApart(ways: readonly number[]): boolean {
		const { kinds } = this.scope.world;
		const isAtomic = (way: number) => forbidsSleep(applyCtx(kinds, 0, this.ctxs[Math.floor(way / CTX_UNIT)]!));
		const atomic = ways.filter(isAtomic);
		const others = ways.filter((way) => !isAtomic(way));
		if (atomic.length === 0 || others.length === 0 || atomic.length * others.length > MAX_PAIRS) return false;
		return atomic.every((a) => others.every((b) => this.excludes(a % CTX_UNIT, b % CTX_UNIT)));
	}

	/** Is there something that both environments know, and know otherwise? */
	private excludes(a: EnvId, b: EnvId): boolean {
		const { envs, world } = this.scope;
		const end = envs.last(a);
		for (let i = envs.first(a); i < end; i++) {
			const other = envs.get(b, envs.key(i));
			if (other >= 0 && contradicts(world.values, envs.value(i), other)) return true;
		}
		return false;
	}

	at(op: number): Recorded | undefined {
		const place = this.places.data[op]!;
		return place === NONE ? undefined : this.list[place];
	}

	isPlain(op: number): boolean {
		return this.plainly.data[op] === 1;
	}

	/** What a path knows of stable parameters and of the answers to context questions. */
	guardsOf(env: EnvId): readonly Guard[] {
		if (env === NO_ENV) return NO_GUARDS;
		const known = this.guards[env];
		if (known !== undefined) return known;
		const found = this.findGuards(env);
		this.guards[env] = found;
		return found;
	}

	private findGuards(env: EnvId): readonly Guard[] {
		const { world, envs } = this.scope;
		let guards: Guard[] | null = null;
		const end = envs.last(env);
		for (let i = envs.first(env); i < end; i++) {
			if ((envs.key(i) & 1) === 0) continue;
			const expr = envs.key(i) >> 1;
			const value = plainValue(world, envs.value(i));
			if (value === 0) continue;
			const param = paramOf(this.scope.frame, expr);
			const asked = param !== NONE ? param : this.questionParam(expr);
			if (asked === NONE) continue;
			guards ??= [];
			guards.push({ param: asked, value });
		}
		return guards === null ? NO_GUARDS : world.states.shareGuards(guards);
	}

	/** Guard.param of the context question whose answer an expression is, or NONE. */
	private questionParam(expr: number): number {
		if (this.scope.frame.kind(expr) !== ExprKind.CallResult) return NONE;
		const question = this.questionOf(this.scope.frame.x(expr));
		return question === NONE ? NONE : PREDICATE + question;
	}

	/** Index in CONTEXT_QUESTIONS of what a call asks, or NONE. */
	private questionOf(op: number): number {
		const { frame, world } = this.scope;
		const target = calleeAt(world, frame, op);
		if (!isPrimitive(target)) return NONE;
		const asks = primitiveAt(world, target).predicate?.asks;
		return asks === undefined ? NONE : (CONTEXT_QUESTIONS as readonly string[]).indexOf(asks);
	}

	private argument(ctx: Ctx, env: EnvId, expr: number): ValueId {
		const { world, frame } = this.scope;
		const value = evaluate(this.scope, env, expr);
		return isHeldLock(world, frame, ctx, expr) ? world.values.nonZero(value) : value;
	}

	/** Values of the needed arguments in terms of the parameters; null when nothing is known of any. */
	private argsOf(op: number, ctx: Ctx, env: EnvId, needed: number, callee: number): readonly ValueId[] | null {
		const { frame, world } = this.scope;
		const count = Math.min(frame.c(op), 31);
		const args: ValueId[] = [];
		let isKnown = false;
		for (let i = 0; i < count; i++) {
			const isNeeded = (needed & (1 << i)) !== 0;
			const value = isNeeded ? exportValue(world, frame, this.argument(ctx, env, frame.arg(op, i))) : TOP;
			args.push(value);
			isKnown ||= value !== TOP;
		}
		const alloc = isPrimitive(callee) ? primitiveAt(world, callee).alloc : undefined;
		if (alloc?.implicit === undefined || alloc.gfp < count) return isKnown ? args : null;
		// the mask is left out: the allocator takes its own
		for (let i = count; i < alloc.gfp; i++) args.push(TOP);
		args.push(world.values.int(world.namedBits(alloc.implicit)));
		return args;
	}
}

export function isSameList(a: readonly number[] | null, b: readonly number[] | null): boolean {
	if (a === null || b === null || a === b) return a === b;
	return a.length === b.length && a.every((value, i) => value === b[i]);
}

export function isSameGuards(a: readonly Guard[], b: readonly Guard[]): boolean {
	if (a === b) return true;
	return a.length === b.length && a.every((guard, i) => guard.param === b[i]!.param && guard.value === b[i]!.value);
}

/** The callee does the same whatever the conditions and arguments. */
const NOT_STEERED = -1;

/** Bits of the arguments that can change what the callee does; 0: none, but conditions on the way matter. */
function neededArgs(scope: Scope, callee: number): number {
	const { world } = scope;
	if (isPrimitive(callee)) {
		const primitive = primitiveAt(world, callee);
		const isAsked = primitive.sleep !== undefined || primitive.alloc !== undefined || primitive.lock?.sleeps === true;
		return isAsked ? primitiveArgs(primitive) : NOT_STEERED;
	}
	// Who is called through a pointer is not known here, nor which arguments matter.
	if (callee < 0) return 0;
	const summary = summaryOf(world, callee);
	if (summary.relevant !== 0) return summary.relevant;
	const isAsked = summary.maySleep !== MaySleep.No || summary.callsPointers || summary.exits.length > 1;
	return isAsked ? 0 : NOT_STEERED;
}

function primitiveArgs(primitive: Primitive): number {
	let needed = 0;
	for (const test of primitive.sleep?.when ?? []) needed |= 1 << test.arg;
	if (primitive.alloc !== undefined && primitive.alloc.gfp >= 0) needed |= 1 << primitive.alloc.gfp;
	return needed;
}

/** Is it just a call in the caller's own context, whatever the arguments? */
export function isNeutral(states: readonly CallState[]): boolean {
	if (states === IN_CALLERS_CONTEXT) return true;
	const [only] = states;
	return (
		states.length === 1 &&
		only!.ctx === NEUTRAL &&
		only!.guards.length === 0 &&
		only!.args === null &&
		only!.callee === NONE &&
		!only!.conditional
	);
}
