// From what the pass over a function saw to the summary that its callers use.

import { exact, noneOf } from "../base/lists.js";
import { ExprKind, isStraight, NONE, Op } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnFlag } from "../ir/unit.js";
import type { LockRow } from "../model/schema.js";
import { withAnnotated } from "./annotated.js";
import { isNeutral, isSameGuards, type Recordings } from "./calls.js";
import { applyCtx, type Ctx, ctxKey, forbidsSleep, Irq, type Item, NEUTRAL } from "./context.js";
import { isVariable, type Scope } from "./evaluate.js";
import { contradicts, excludes, implies } from "./guards.js";
import { applyEffect } from "./locate.js";
import { primitiveSleeps, type SleepVerdict } from "./sleeping.js";
import { withSpan } from "./spans.js";
import {
	type CallState,
	type CallTable,
	type Exit,
	emptySummary,
	exitLike,
	type Guard,
	MaySleep,
	type Mispairing,
	NO_CALLS,
	type ParamCall,
	PREDICATE,
	type Summary,
} from "./summary.js";
import { onlyTells } from "./twins.js";
import { Base, TOP, type ValueId } from "./values.js";
import { Callee, calleeAt, isPrimitive, primitiveAt, referenceAt, summaryOf, type World } from "./world.js";

/** Different effects a caller tells apart. */
const MAX_EXITS = 6;
const MAX_PARAM_CALLS = 4;
const NEUTRAL_KEY = ctxKey(NEUTRAL);
/** One empty list for all: there are hundreds of thousands of summaries. */
const NONE_OF_THEM = noneOf<never>();
const NO_SLEEP: SleepVerdict = { value: MaySleep.No, param: -1, when: TOP };
const NEVER = noneOf<CallState>();

export interface Observations {
	readonly returns: readonly Exit[];
	readonly mispairings: readonly Mispairing[];
	readonly calls: Recordings;
	readonly imprecise: boolean;
	readonly written: number;
	/** declared noreturn */
	readonly endsWithoutReturn: boolean;
}

export function finishSummary(scope: Scope, seen: Observations): Summary {
	const returns = withSpan(scope, withoutSkippedLoops(scope, seen.returns));
	const exits = withAnnotated(scope, groupExits(scope.world, returns));
	const isChanged = returns.some((exit) => exit.ctx !== NEUTRAL && ctxKey(exit.ctx) !== NEUTRAL_KEY);
	const sleep = findSleep(scope, seen.calls);
	const paramCalls = findParamCalls(scope, seen.calls);
	const relevant = findRelevant(scope, seen.calls, exits, paramCalls);
	const zeroSleeps = relevant === 0 ? 0 : findZeroSleeps(scope, seen.calls, paramCalls);
	const readsField = isFieldReader(scope);
	const tells = readsField || (exits.every(({ ctx }) => ctx === NEUTRAL) && isTeller(scope));
	const callsPointers = doesCallPointers(scope.world, seen.calls);
	const passesFunctions = findPassed(scope, seen.calls);
	const noReturn = seen.endsWithoutReturn || (seen.returns.length === 0 && !seen.imprecise && isTrueToItsName(scope));
	const calls = keepCalls(scope, seen);
	if (
		exits.length === 0 &&
		!noReturn &&
		sleep.value === MaySleep.No &&
		relevant === 0 &&
		calls === NO_CALLS &&
		seen.written === 0 &&
		paramCalls.length === 0 &&
		!tells &&
		!callsPointers &&
		!passesFunctions &&
		!seen.imprecise &&
		seen.mispairings.length === 0
	) {
		return emptySummary;
	}
	return {
		exits,
		returns: isChanged || seen.mispairings.length > 0 ? exact(returns) : NONE_OF_THEM,
		mispairings: seen.mispairings.length > 0 ? seen.mispairings : NONE_OF_THEM,
		noReturn,
		calls,
		maySleep: sleep.value,
		sleepOp: sleep.op,
		sleepParam: sleep.param,
		sleepWhen: sleep.when,
		sleepDepth: sleep.depth,
		relevant,
		zeroSleeps,
		written: seen.written,
		readsField,
		tells,
		reads: tells ? fieldsRead(scope) : emptySummary.reads,
		callsPointers,
		passesFunctions,
		paramCalls,
		imprecise: seen.imprecise,
	};
}

/** A header's stub that is BUG() stands for the function where another configuration builds it: that does return. */
function isTrueToItsName(scope: Scope): boolean {
	const { frame, world } = scope;
	if (frame.nOps === 0 || world.program.pathInfo(frame.file).isHeader) return false;
	return (world.program.flagsOf(frame.fn) & FnFlag.Alternative) === 0;
}

/**
 * A loop that takes the lock of each of many objects, or releases them, is written for at least one: returns of
 * paths on which it has no turn are left out.
 */
function withoutSkippedLoops(scope: Scope, returns: readonly Exit[]): readonly Exit[] {
	if (returns.length < 2 || returns.every(({ ctx }) => ctx.items.length + ctx.gone.length === 0)) return returns;
	return returns.filter(
		(exit) => !returns.some((other) => isMoreTurns(scope, other, exit) || isLeftByLoop(scope, exit, other)),
	);
}

/** Does `other` return from the same place as `exit`, having only taken or released more in loops on the way? */
function isMoreTurns(scope: Scope, other: Exit, exit: Exit): boolean {
	if (!isSamePlace(other, exit)) return false;
	if (itemsBeyond(exit.ctx.items, other.ctx.items).length > 0) return false;
	if (itemsBeyond(exit.ctx.gone, other.ctx.gone).length > 0) return false;
	const taken = itemsBeyond(other.ctx.items, exit.ctx.items);
	const released = itemsBeyond(other.ctx.gone, exit.ctx.gone);
	return (
		taken.length + released.length > 0 &&
		taken.every((item) => isInLoop(scope, item, other) && undoneWhere(scope, item, "release") === "nowhere") &&
		released.every((item) => isInLoop(scope, item, other) && undoneWhere(scope, item, "acquire") === "nowhere")
	);
}

/** Does `exit` hold more than `other`, from the same place, of what loops take and only later loops release? */
function isLeftByLoop(scope: Scope, exit: Exit, other: Exit): boolean {
	if (!isSamePlace(other, exit) || exit.ctx.gone.length !== other.ctx.gone.length) return false;
	const left = itemsBeyond(exit.ctx.items, other.ctx.items);
	if (left.length === 0 || itemsBeyond(other.ctx.items, exit.ctx.items).length > 0) return false;
	return left.every((item) => isInLoop(scope, item, exit) && undoneWhere(scope, item, "release") === "in later loops");
}

function isSamePlace(a: Exit, b: Exit): boolean {
	return a.op === b.op && a.value === b.value && a.ctx.irq === b.ctx.irq;
}

function itemsBeyond(items: readonly Item[], known: readonly Item[]): readonly Item[] {
	return items.filter((item) => !known.some((other) => other.kind === item.kind && other.path === item.path));
}

/** Is the item a lock that a primitive in a loop before the return takes or releases? */
function isInLoop(scope: Scope, item: Item, exit: Exit): boolean {
	const { frame, world } = scope;
	if (!world.kinds.isLock[item.kind] || lockRowAt(scope, item.op) === undefined) return false;
	return frame.isInLoopBefore(item.op, exit.op < 0 ? frame.nOps : exit.op);
}

function lockRowAt({ frame, world }: Scope, op: number): LockRow | undefined {
	const target = frame.code(op) === Op.Call ? calleeAt(world, frame, op) : Callee.Unknown;
	return isPrimitive(target) ? primitiveAt(world, target).lock : undefined;
}

/** Where the function does the opposite to locks of the item's kind, as far as its calls tell. */
function undoneWhere(scope: Scope, item: Item, opposite: LockRow["does"]): "nowhere" | "in later loops" | "somewhere" {
	const { frame, world } = scope;
	let found: "nowhere" | "in later loops" = "nowhere";
	for (let op = 0; op < frame.nOps; op++) {
		if (frame.code(op) !== Op.Call || frame.a(op) === NONE) continue;
		if (frame.kind(frame.a(op)) !== ExprKind.Name) return "somewhere";
		const row = lockRowAt(scope, op);
		const target = calleeAt(world, frame, op);
		const exits = target >= 0 ? summaryOf(world, target).exits : [];
		const changes = (exit: Exit) => (opposite === "release" ? exit.ctx.gone : exit.ctx.items);
		if (exits.some((exit) => changes(exit).some((one) => one.kind === item.kind))) return "somewhere";
		if (row?.does !== opposite || world.kinds.lock(row.lock) !== item.kind) continue;
		if (!frame.isInLoopAfter(op, item.op)) return "somewhere";
		found = "in later loops";
	}
	return found;
}

/** Returns with the same effect become one exit; a function that changes nothing and returns who knows what has none. */
function groupExits(world: World, returns: readonly Exit[]): readonly Exit[] {
	if (returns.length === 0) return NONE_OF_THEM;
	const isTold = returns.length > 1 && isToldByContext(world, returns);
	if (!isTold && returns.every(({ ctx }) => isWithoutEffect(ctx))) return withoutEffect(world, returns);
	const groups = new Map<string, Exit>();
	for (const one of returns) {
		const exit = isTold ? one : withoutAnswers(one);
		const key = isTold ? `${effectKey(exit.ctx)}?${exit.value}` : effectKey(exit.ctx);
		const known = groups.get(key);
		if (known === undefined) {
			groups.set(key, exit);
			continue;
		}
		const guards = known.guards.filter((g) => exit.guards.some((h) => h.param === g.param && h.value === g.value));
		groups.set(key, { ctx: known.ctx, value: world.values.meet(known.value, exit.value), guards, op: known.op });
	}
	const exits = [...groups.values()];
	const [only] = exits;
	if (exits.length === 1 && isWithoutEffect(only!.ctx)) return withoutEffect(world, exits);
	if (exits.length <= MAX_EXITS)
		return exits.map((exit) => (isWithoutEffect(exit.ctx) ? exitLike(exit, NEUTRAL, exit.value) : exit));
	return exits.slice(0, MAX_EXITS);
}

/** Most functions change nothing: of their returns, only a value that is known is told. */
function withoutEffect({ values }: World, returns: readonly Exit[]): readonly Exit[] {
	let { value } = returns[0]!;
	for (let i = 1; i < returns.length && value !== TOP; i++) value = values.meet(value, returns[i]!.value);
	return value === TOP ? NONE_OF_THEM : [{ ctx: NEUTRAL, value, guards: NONE_OF_THEM, op: returns[0]!.op }];
}

function isWithoutEffect(ctx: Ctx): boolean {
	return ctx === NEUTRAL || (ctx.items.length === 0 && ctx.gone.length === 0 && ctx.irq === Irq.AsEntered);
}

/** Does the function return constants, which one by the context that it asks for? */
function isToldByContext({ values }: World, returns: readonly Exit[]): boolean {
	const [first] = returns;
	const isConstant =
		returns.every(({ value }) => values.isInt(value)) && returns.some(({ value }) => value !== first!.value);
	return isConstant && returns.some(({ guards }) => guards.some(isAnswer));
}

function withoutAnswers(exit: Exit): Exit {
	const { ctx, value, guards, op } = exit;
	return guards.some(isAnswer) ? { ctx, value, guards: guards.filter((guard) => !isAnswer(guard)), op } : exit;
}

function isAnswer({ param }: Guard): boolean {
	return param >= PREDICATE;
}

/** Equal for effects a caller cannot tell apart: ops do not count. */
function effectKey(ctx: Ctx): string {
	if (isWithoutEffect(ctx)) return "";
	const items = ctx.items.map((item) => `+${item.kind},${item.path},${item.irq}`);
	const gone = ctx.gone.map((item) => `-${item.kind},${item.path},${item.irq}`);
	return `${ctx.irq}${items.join("")}${gone.join("")}`;
}

interface Sleep {
	value: MaySleep;
	op: number;
	param: number;
	when: ValueId;
	depth: number;
}

const NEVER_SLEEPS: Readonly<Sleep> = { value: MaySleep.No, op: -1, param: -1, when: TOP, depth: 0 };

/** The call by which the function itself may sleep when its caller is not atomic: what it does in a region of its own is its own fault. */
function findSleep(scope: Scope, recordings: Recordings): Readonly<Sleep> {
	const { world } = scope;
	const { list } = recordings;
	if (list.length === 0) return NEVER_SLEEPS;
	const best: Sleep = { value: MaySleep.No, op: -1, param: -1, when: TOP, depth: 0 };
	for (const { op, callee, states } of list) {
		if (callee === Callee.Indirect || callee === Callee.Unknown) continue;
		for (const state of states) {
			if (forbidsSleep(applyCtx(world.kinds, 0, state.ctx))) continue;
			const one = callSleeps(world, callee, state);
			if (one.value === MaySleep.No) continue;
			const isGuarded = state.guards.length > 0 && one.value === MaySleep.Yes;
			const value = isGuarded ? MaySleep.Depends : one.value;
			const depth = callee >= 0 ? summaryOf(world, callee).sleepDepth + 1 : 0;
			const param = isGuarded ? (state.guards[0]?.param ?? -1) : one.param;
			const when = isGuarded ? (state.guards.length === 1 ? state.guards[0]!.value : TOP) : one.when;
			if (value > best.value || (value === best.value && depth < best.depth)) {
				best.value = value;
				best.op = op;
				best.param = param >= PREDICATE ? -1 : param;
				best.when = when;
				best.depth = depth;
			}
		}
	}
	if (best.value === MaySleep.Depends && best.param >= 0 && best.when !== TOP) widen(world, best, recordings);
	return best;
}

/**
 * Widens when a function sleeps by a parameter to all of its calls that the same parameter decides; where nothing is left
 * to decide, it just sleeps.
 */
function widen(world: World, sleep: Sleep, { list }: Recordings): void {
	for (const { callee, states } of list) {
		if (callee === Callee.Indirect || callee === Callee.Unknown) continue;
		for (const state of states) {
			const guard = state.guards.length === 1 ? state.guards[0]! : undefined;
			if (guard?.param !== sleep.param || implies(world.values, guard.value, sleep.when)) continue;
			if (forbidsSleep(applyCtx(world.kinds, 0, state.ctx))) continue;
			if (callSleeps(world, callee, state).value !== MaySleep.Yes) continue;
			sleep.when = world.values.meet(sleep.when, guard.value);
			if (sleep.when !== TOP) continue;
			sleep.value = MaySleep.Yes;
			sleep.param = -1;
			return;
		}
	}
}

/** Does a call in this state sleep, in terms of the calling function's parameters? */
export function callSleeps(world: World, callee: number, state: CallState): SleepVerdict {
	if (isPrimitive(callee)) return primitiveCallSleeps(world, callee, state);
	const { maySleep, sleepParam, sleepWhen } = summaryOf(world, callee);
	if (maySleep === MaySleep.No) return NO_SLEEP;
	if (maySleep !== MaySleep.Depends || sleepParam < 0) return { value: maySleep, param: -1, when: TOP };
	const value = state.args?.[sleepParam] ?? TOP;
	if (sleepWhen !== TOP && contradicts(world.values, value, sleepWhen))
		return { value: MaySleep.No, param: -1, when: TOP };
	if (sleepWhen !== TOP && implies(world.values, value, sleepWhen))
		return { value: MaySleep.Yes, param: -1, when: TOP };
	const base = world.values.base(value);
	return { value: MaySleep.Depends, param: base <= Base.Parameter ? Base.Parameter - base : -1, when: sleepWhen };
}

function primitiveCallSleeps(world: World, callee: number, state: CallState): SleepVerdict {
	return primitiveSleeps(world, primitiveAt(world, callee), (index) => state.args?.[index] ?? TOP);
}

/** Parameters that are called here, or handed to a callee that calls them. */
function findParamCalls(scope: Scope, { list }: Recordings): readonly ParamCall[] {
	if (list.length === 0) return NONE_OF_THEM;
	const { world, frame } = scope;
	const found: ParamCall[] = [];
	const add = (param: number, ctx: Ctx, op: number, isLast: boolean, stated: readonly Guard[]) => {
		const known = found.findIndex((call) => call.param === param && effectKey(call.ctx) === effectKey(ctx));
		const guards = stated.filter((guard) => guard.param < PREDICATE);
		if (known < 0 && found.length < MAX_PARAM_CALLS) found.push({ param, ctx, op, isLast, guards });
		else if (known >= 0) found[known] = alsoCalled(found[known]!, isLast, guards);
	};
	for (const { op, callee, states } of list) {
		if (callee === Callee.Indirect) {
			const expr = frame.a(op);
			const target = expr >= 0 && frame.kind(expr) === ExprKind.Deref ? frame.x(expr) : expr;
			const isParam = target >= 0 && frame.kind(target) === ExprKind.Local && frame.isStableParam(frame.x(target));
			if (isParam)
				for (const state of states) {
					const isLast = state.conditional && givesBack(scope);
					add(frame.x(target), state.ctx, op, isLast, state.guards);
				}
			continue;
		}
		if (callee < 0) continue;
		for (const inner of summaryOf(world, callee).paramCalls) {
			const argument = frame.arg(op, inner.param);
			const isParam =
				argument >= 0 && frame.kind(argument) === ExprKind.Local && frame.isStableParam(frame.x(argument));
			if (!isParam) continue;
			for (const state of states) {
				if (excludes(world.values, inner.guards, (param) => state.args?.[param] ?? TOP)) continue;
				const ctx = applyEffect(scope, state.ctx, inner.ctx, op);
				add(frame.x(argument), ctx, op, inner.isLast, state.guards);
			}
		}
	}
	return found.length > 0 ? exact(found) : NONE_OF_THEM;
}

/** The same of a call that is made in one more way: what only one of the two needs, it does not need. */
function alsoCalled({ param, ctx, op, ...of }: ParamCall, isLast: boolean, guards: readonly Guard[]): ParamCall {
	return { param, ctx, op, isLast: of.isLast && isLast, guards: isSameGuards(of.guards, guards) ? guards : [] };
}

/** Does the function give back a reference? */
function givesBack({ world, frame }: Scope): boolean {
	for (let op = 0; op < frame.nOps; op++) {
		if (frame.code(op) === Op.Call && referenceAt(world, frame, op)?.does === "put") return true;
	}
	return false;
}

/** A function without calls whose only return gives an expression of fields, or of variables of the file. */
function isFieldReader(scope: Scope): boolean {
	const { frame } = scope;
	let isReading = false;
	for (let op = 0; op < frame.nOps; op++) {
		const code = frame.code(op);
		if (code === Op.Return) {
			if (isReading || !(frame.mentionsAnyField(frame.a(op)) || mentionsVariable(scope, frame.a(op)))) return false;
			isReading = true;
		} else if (code === Op.Call || !isStraight(code)) return false;
	}
	return isReading;
}

/** Ops of a function that finds out something by several steps. */
const MAX_TELLING = 48;

/** A function that writes to nothing but its own variables, calls only what tells, and gives what it has found in memory. */
function isTeller(scope: Scope): boolean {
	const { frame, world } = scope;
	if (frame.nOps > MAX_TELLING || frame.stored.length > 0) return false;
	let asks = false;
	let isAnswered = false;
	for (let op = 0; op < frame.nOps; op++) {
		switch (frame.code(op)) {
			case Op.Call:
				if (!onlyTells(world, frame, op)) return false;
				asks = true;
				break;
			case Op.Assign:
				if (frame.a(op) < 0 || frame.kind(frame.a(op)) !== ExprKind.Local) return false;
				break;
			case Op.Branch:
				asks ||= frame.mentionsAnyField(frame.a(op)) || mentionsVariable(scope, frame.a(op));
				break;
			case Op.Return:
				if (frame.a(op) < 0) return false;
				isAnswered = true;
				break;
			default:
				break;
		}
	}
	return asks && isAnswered;
}

/** The fields that a function mentions, or that those which it calls do. */
function fieldsRead({ frame, world }: Scope): readonly number[] {
	const found = new Set<number>();
	const note = (name: number) => found.add(world.program.globalName(frame.file, name));
	for (let op = 0; op < frame.nOps; op++) {
		const code = frame.code(op);
		if (code === Op.Branch || code === Op.Return || code === Op.Switch) frame.eachField(frame.a(op), note);
		else if (code === Op.Assign) frame.eachField(frame.b(op), note);
		else if (code === Op.Call) {
			const callee = calleeAt(world, frame, op);
			for (let i = 0; i < frame.c(op); i++) frame.eachField(frame.arg(op, i), note);
			if (callee >= 0) for (const name of summaryOf(world, callee).reads) found.add(name);
		}
	}
	return Array.from(found);
}

function mentionsVariable(scope: Scope, expr: number): boolean {
	const { frame } = scope;
	if (expr < 0) return false;
	switch (frame.kind(expr)) {
		case ExprKind.Name:
			return isVariable(scope, expr);
		case ExprKind.Unary:
		case ExprKind.Cast:
			return mentionsVariable(scope, frame.y(expr));
		case ExprKind.Binary:
			return mentionsVariable(scope, frame.y(expr)) || mentionsVariable(scope, frame.z(expr));
		default:
			return false;
	}
}

function doesCallPointers(world: World, { list }: Recordings): boolean {
	for (const { callee } of list) {
		if (callee === Callee.Indirect || (callee >= 0 && summaryOf(world, callee).callsPointers)) return true;
	}
	return false;
}

/** Is a known function handed to a callee that calls it where it may not sleep? */
function findPassed(scope: Scope, { list }: Recordings): boolean {
	const { world } = scope;
	for (const { callee, states } of list) {
		if (callee < 0) continue;
		for (const call of summaryOf(world, callee).paramCalls) {
			if (!forbidsSleep(applyCtx(world.kinds, 0, call.ctx))) continue;
			if (states.some((state) => world.values.base(state.args?.[call.param] ?? TOP) === Base.Function)) return true;
		}
	}
	return false;
}

/** Parameters whose values decide something: in a condition on the way to a call that matters, or handed on to where they do. */
function findRelevant(
	scope: Scope,
	{ list }: Recordings,
	exits: readonly Exit[],
	paramCalls: readonly ParamCall[],
): number {
	if (list.length === 0 && exits.length === 0) return 0;
	const { world } = scope;
	let relevant = 0;
	const add = (param: number) => {
		if (param >= 0 && param < 31) relevant |= 1 << param;
	};
	const addGuards = (guards: readonly Guard[]) => {
		for (const guard of guards) if (guard.param < PREDICATE) add(guard.param);
	};
	const addValue = (value: ValueId) => {
		const base = world.values.base(value);
		if (base <= Base.Parameter) add(Base.Parameter - base);
	};
	for (const { callee, states } of list) {
		const isSleeper =
			isPrimitive(callee) || callee === Callee.Indirect || (callee >= 0 && maySleepBelow(world, callee));
		for (const state of states) {
			if (isSleeper) addGuards(state.guards);
			if (callee !== Callee.Indirect) for (const value of state.args ?? []) addValue(value);
		}
	}
	if (exits.length > 1) for (const exit of exits) addGuards(exit.guards);
	for (const exit of exits) addValue(exit.value);
	for (const call of paramCalls) {
		add(call.param);
		addGuards(call.guards);
	}
	return relevant;
}

/** Parameters that have to be 0 for some call that may sleep: a caller that passes a pointer to something excludes it. */
function findZeroSleeps(scope: Scope, { list }: Recordings, paramCalls: readonly ParamCall[]): number {
	const { world } = scope;
	const zero = world.values.int(0);
	let found = 0;
	const add = (param: number) => {
		if (param >= 0 && param < 31) found |= 1 << param;
	};
	for (const { callee, states } of list) {
		if (!isPrimitive(callee) && (callee < 0 || !maySleepBelow(world, callee))) continue;
		const below = callee >= 0 ? summaryOf(world, callee).zeroSleeps : 0;
		for (const state of states) {
			for (const { param, value } of state.guards) if (value === zero) add(param);
			for (let i = 0; below !== 0 && i < (state.args?.length ?? 0); i++) {
				if ((below & (1 << i)) !== 0) add(Base.Parameter - world.values.base(state.args![i]!));
			}
		}
	}
	for (const { guards } of paramCalls) for (const { param, value } of guards) if (value === zero) add(param);
	return found;
}

function maySleepBelow(world: World, fn: FnId): boolean {
	const { maySleep, callsPointers } = summaryOf(world, fn);
	return maySleep !== MaySleep.No || callsPointers;
}

/** Leaves out the calls that are just calls, and adds those that are never reached as empty. */
function keepCalls({ frame }: Scope, seen: Observations): CallTable {
	const ops: number[] = [];
	const states: (readonly CallState[])[] = [];
	for (let op = 0; op < frame.nOps; op++) {
		if (frame.code(op) !== Op.Call) continue;
		const known = seen.calls.at(op);
		if (known === undefined ? seen.calls.isPlain(op) : isNeutral(known.states)) continue;
		ops.push(op);
		states.push(known === undefined ? NEVER : known.states);
	}
	return ops.length > 0 ? { ops: exact(ops), states: exact(states) } : NO_CALLS;
}

function keyOfGuards(guards: readonly Guard[]): string {
	return guards.map(({ param, value }) => `${param}=${value}`).join("&");
}

/** Text that changes when anything a caller sees of a function changes. */
export function summaryKey(summary: Summary): string {
	const { exits, noReturn, maySleep, sleepParam, sleepWhen, sleepDepth, relevant, paramCalls, written } = summary;
	const flags = `${noReturn},${summary.callsPointers},${summary.readsField},${summary.tells},${summary.reads.join("+")}`;
	const parts = exits.map((exit) => `${effectKey(exit.ctx)}:${exit.value}:${keyOfGuards(exit.guards)}`);
	const called = paramCalls.map(
		(call) => `${call.param}${effectKey(call.ctx)}${call.isLast ? "?" : ""}${keyOfGuards(call.guards)}`,
	);
	return `${parts.join("|")};${flags};${maySleep},${sleepParam},${sleepWhen},${sleepDepth};${relevant},${summary.zeroSleeps};${called.join()};${written}`;
}
