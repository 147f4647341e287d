// What a call does to a state: model rows for primitives, summaries for everything with a body.

import { ExprKind, isStraight, NONE, Op, OpFlag } from "../ir/ops.js";
import { FnFlag } from "../ir/unit.js";
import type { LockRow, Primitive, ReferenceRow, SectionRow } from "../model/schema.js";
import {
	acquire,
	type Ctx,
	holdsSame,
	IRQ_EFFECTS,
	Irq,
	IrqCode,
	type Item,
	itemAt,
	MAX_ITEMS,
	NEUTRAL,
	release,
	setIrq,
} from "./context.js";
import { type EnvId, exprOfKey, factKey, NO_ENV, varKey } from "./env.js";
import { assumeAnswer, assumeEqual, assumeFollowed, DEAD, evaluate, hangOn, isAbout, type Scope } from "./evaluate.js";
import type { Frame } from "./frame.js";
import { contradicts } from "./guards.js";
import {
	applyEffect,
	importPath,
	importValue,
	isGoneByLoop,
	isHeldByLoop,
	isHeldLock,
	lockPathOf,
	pathOf,
} from "./locate.js";
import { type PathId, type PathTable, Root } from "./paths.js";
import { noteReference } from "./references.js";
import { spanOutcomes } from "./spans.js";
import { type Exit, type Mispairing, PREDICATE } from "./summary.js";
import { Base, TOP, type ValueId } from "./values.js";
import { Callee, calleeAt, isBelow, isPrimitive, primitiveAt, referenceAt, summaryOf, type World } from "./world.js";

const SIGN = 1 << 31;
/** Ops between a call and the branch that its result decides. */
const MAX_TO_BRANCH = 6;

/** The states after a call, in a buffer that the next call uses again. */
export class Outcomes {
	length = 0;
	private readonly ctxs: Ctx[] = [];
	private readonly envs: EnvId[] = [];

	ctx(index: number): Ctx {
		return this.ctxs[index]!;
	}
	env(index: number): EnvId {
		return this.envs[index]!;
	}

	clear(): void {
		this.length = 0;
	}
	add(ctx: Ctx, env: EnvId): Outcomes {
		this.ctxs[this.length] = ctx;
		this.envs[this.length++] = env;
		return this;
	}
}

/** Collects what rules want to know of the calls. */
export interface Observer {
	mispaired(pairing: Mispairing): void;
}

/** Who a call goes to in this state: a function pointer in a variable may be known. */
export function calleeOf(scope: Scope, env: EnvId, op: number): number {
	const { frame, world } = scope;
	const callee = frame.a(op);
	if (callee < 0) return Callee.Unknown;
	if (frame.kind(callee) === ExprKind.Name) {
		const known = calleeAt(world, frame, op);
		if (known !== Callee.Unknown) return known;
		return world.program.globals.first(world.program.globalName(frame.file, frame.x(callee))) === NONE
			? Callee.Unknown
			: Callee.Indirect;
	}
	const value = evaluate(scope, env, frame.kind(callee) === ExprKind.Deref ? frame.x(callee) : callee);
	const isKnown = world.values.base(value) === Base.Function && isBelow(world, world.values.set(value), frame.fn);
	return isKnown ? world.values.set(value) : Callee.Indirect;
}

/** The context while a call runs: a wait may give back a lock that it is handed, and take it again before it returns. */
export function ctxDuring(scope: Scope, ctx: Ctx, op: number, callee: number): Ctx {
	if (ctx.items.length === 0 || !isPrimitive(callee)) return ctx;
	const argument = primitiveAt(scope.world, callee).sleep?.releases;
	if (argument === undefined) return ctx;
	const { world, frame } = scope;
	const path = lockPathOf(world, frame, frame.arg(op, argument));
	const isLock = (item: Item) => world.kinds.isLock[item.kind] === true;
	const held = ctx.items.findLast((item) => isLock(item) && item.path === path) ?? ctx.items.findLast(isLock);
	return held === undefined ? ctx : release(world.paths, ctx, held).ctx;
}

/** The states after a call, put into `out`; none when it does not return. */
export function transferCall(
	scope: Scope,
	observer: Observer,
	out: Outcomes,
	ctx: Ctx,
	env: EnvId,
	op: number,
	callee: number,
	reference: ReferenceRow | undefined,
): Outcomes {
	out.clear();
	let after = noteReference(scope, forgetOutputs(scope, env, op, callee), op, reference);
	for (let i = 0; i < scope.frame.c(op); i++) after = assumeFollowed(scope, after, scope.frame.arg(op, i), op);
	if (scope.frame.twinOf(op) !== NONE) return out.add(ctx, asTwin(scope, after, op));
	if (isPrimitive(callee))
		return transferPrimitive(scope, observer, out, ctx, after, op, primitiveAt(scope.world, callee));
	if (callee === Callee.Unknown && transferSpan(scope, out, ctx, after, op)) return out;
	if (callee < 0) return out.add(ctx, after);
	return transferSummary(scope, out, ctx, after, op, callee);
}

/** What is known after a call that tells the same as an earlier one: that it does. */
function asTwin({ frame, envs, world }: Scope, env: EnvId, op: number): EnvId {
	const earlier = frame.resultExpr(frame.twinOf(op));
	return envs.set(env, factKey(frame.resultExpr(op)), world.values.atom(earlier));
}

/** The states after a call that is not looked into, where a row says that it begins or ends a section; false for others. */
function transferSpan(scope: Scope, out: Outcomes, ctx: Ctx, env: EnvId, op: number): boolean {
	const ways = spanOutcomes(scope, ctx, env, op);
	for (const way of ways ?? []) out.add(way.ctx, way.env);
	return ways !== null;
}

/** Drops what is known of locals that the call may write (also by an address that something keeps), and of an earlier result of the same call. */
function forgetOutputs(scope: Scope, env: EnvId, op: number, callee: number): EnvId {
	const { frame } = scope;
	if (env === NO_ENV) return env;
	let next = env;
	const result = frame.resultExpr(op);
	if (result !== NONE && knowsResult(scope, next, result)) next = forgetResult(scope, next, result);
	const isMacro = callee >= 0 && (scope.world.program.flagsOf(callee) & FnFlag.Macro) !== 0;
	for (let i = 0; i < frame.c(op); i++) {
		let argument = frame.arg(op, i);
		if (argument < 0) continue;
		if (frame.kind(argument) === ExprKind.AddrOf) argument = frame.x(argument);
		else if (!isMacro && (frame.flags(op) & OpFlag.LoopHead) === 0) continue;
		if (frame.kind(argument) !== ExprKind.Local) continue;
		const index = frame.x(argument);
		if (isMacro && !mayWrite(scope, callee, i)) continue;
		if (knowsLocal(scope, next, index)) next = forgetLocal(scope, next, index);
	}
	if (frame.stored.length === 0 || isMacro || isPrimitive(callee)) return next;
	for (let i = 0; i < frame.stored.length; i++) {
		const index = frame.stored.data[i]!;
		if (knowsLocal(scope, next, index)) next = forgetLocal(scope, next, index);
	}
	return next;
}

/** Is anything known of a call's result, or of what it was put into? */
function knowsResult({ envs, world }: Scope, env: EnvId, result: number): boolean {
	const end = envs.last(env);
	for (let i = envs.first(env); i < end; i++)
		if (envs.key(i) === factKey(result) || world.values.base(envs.value(i)) === result) return true;
	return false;
}

function forgetResult({ envs, world }: Scope, env: EnvId, result: number): EnvId {
	return envs.without(env, (key, value) => key === factKey(result) || world.values.base(value) === result);
}

/** Is anything known of a local, or of an expression that reads it? */
function knowsLocal({ envs, frame }: Scope, env: EnvId, index: number): boolean {
	const end = envs.last(env);
	for (let i = envs.first(env); i < end; i++) if (isOfLocal(frame, envs.key(i), index)) return true;
	return false;
}

function forgetLocal({ envs, frame }: Scope, env: EnvId, index: number): EnvId {
	return envs.without(env, (key) => isOfLocal(frame, key, index));
}

/** Is an entry that of the local, or of an expression that reads it? */
function isOfLocal(frame: Frame, key: number, index: number): boolean {
	return key === varKey(index) || isAbout(frame, exprOfKey(key), index);
}

/** Does a macro assign to its parameter, or hand it on to one that might? */
function mayWrite(scope: Scope, macro: number, param: number): boolean {
	return (summaryOf(scope.world, macro).written & (1 << Math.min(param, 30))) !== 0;
}

function transferPrimitive(
	scope: Scope,
	observer: Observer,
	out: Outcomes,
	ctx: Ctx,
	env: EnvId,
	op: number,
	primitive: Primitive,
): Outcomes {
	if (primitive.noReturn !== undefined) return out;
	if (primitive.lock !== undefined) return transferLock(scope, observer, out, ctx, env, op, primitive.lock);
	if (primitive.section !== undefined) return out.add(transferSection(scope, ctx, op, primitive.section), env);
	if (primitive.sleep !== undefined && transferSpan(scope, out, ctx, env, op)) return out;
	const result = scope.frame.resultExpr(op);
	if (result === NONE) return out.add(ctx, env);
	const value = resultOf(scope, ctx, env, op, primitive);
	return out.add(ctx, value === TOP ? env : scope.envs.set(env, factKey(result), value));
}

/** What a primitive returns, as far as that is known. */
function resultOf(scope: Scope, ctx: Ctx, env: EnvId, op: number, primitive: Primitive): ValueId {
	const { frame, world } = scope;
	const { values } = world;
	if (primitive.value !== undefined) {
		switch (primitive.value.gives) {
			case "identity":
				return evaluate(scope, env, frame.arg(op, primitive.value.arg ?? 0));
			case "err-ptr":
			case "negative":
				return values.make(Base.None, SIGN, 0, 1);
			case "null":
				return values.int(0);
			case "nonzero":
				return values.nonZero(TOP);
			default:
				return TOP;
		}
	}
	const predicate = primitive.predicate;
	if (predicate === undefined) return TOP;
	const argument = predicate.arg === undefined ? TOP : evaluate(scope, env, frame.arg(op, predicate.arg));
	switch (predicate.asks) {
		case "identity":
			return argument;
		case "warn":
			// The code says that this does not happen, unless it is known that it does.
			return values.int(values.truth(argument) === 1 ? 1 : 0);
		case "gfp-blocks":
			return values.masked(argument, 0, ~world.gfp.directReclaim);
		case "is-err":
			return values.masked(argument, 0, ~SIGN);
		case "irqs_disabled":
			return ctx.irq === Irq.Off ? values.int(1) : TOP;
		default:
			return TOP;
	}
}

function transferLock(
	scope: Scope,
	observer: Observer,
	out: Outcomes,
	ctx: Ctx,
	env: EnvId,
	op: number,
	row: LockRow,
): Outcomes {
	const { world, frame, envs } = scope;
	const irq = IRQ_EFFECTS.indexOf(row.irq);
	const effect = irqEffect(world, row, irq);
	const path = row.arg < 0 ? globalLock(scope, row) : lockPathOf(world, frame, frame.arg(op, row.arg));
	let item: Item = { kind: world.kinds.lock(row.lock), path, op, irq, asserted: false };
	const bh: Item = { kind: world.kinds.section("bh"), path: world.paths.unknown, op, irq: 0, asserted: false };
	if (row.does === "release") {
		if (world.program.isRust(frame.file)) item = itemAt(item, guardPath(world.paths, ctx, item), op);
		const released = isGoneByLoop(ctx, item) ? { ctx, held: null } : release(world.paths, ctx, item);
		let next = setIrq(released.ctx, effect, flagsPath(scope, row, op), op);
		if (irq === IrqCode.BhOn) next = release(world.paths, next, bh).ctx;
		if (released.held !== null && !isHandedOn(scope, ctx, released.held, irq))
			observe(observer, released.held, irq, op, next);
		return out.add(next, env);
	}
	const before = setIrq(ctx, effect, flagsPath(scope, row, op), op);
	if (row.does === "acquire" && isHeldByLoop(ctx, item)) return out.add(before, env);
	const held = acquire(world.paths, irq === IrqCode.BhOff ? acquire(world.paths, before, bh) : before, item);
	const result = frame.resultExpr(op);
	if (row.does === "acquire") {
		// What it returns, if anything, is what has been locked.
		return out.add(held, result === NONE ? env : envs.set(env, factKey(result), world.values.nonZero(TOP)));
	}
	// A try whose result nobody looks at is taken to have succeeded.
	if (result === NONE) return out.add(held, env);
	const yes = row.success === "zero" ? world.values.int(0) : world.values.nonZero(TOP);
	const no = row.success === "zero" ? world.values.nonZero(TOP) : world.values.int(0);
	const isLastReference = referenceAt(world, frame, op)?.does === "put";
	const known = isLastReference ? hangOn(scope, env, nextBranch(frame, op)) : env;
	out.add(held, envs.set(known, factKey(result), yes));
	return out.add(ctx, envs.set(env, factKey(result), no));
}

/** Are saved interrupts handed on to a lock that has been taken under the one that is released? What ends that one restores them. */
function isHandedOn({ world }: Scope, ctx: Ctx, held: Item, irq: number): boolean {
	if (held.irq !== IrqCode.Save || irq !== IrqCode.None) return false;
	const later = ctx.items.slice(ctx.items.indexOf(held) + 1);
	return later.some((item) => world.kinds.spins[item.kind] && item.irq === IrqCode.None);
}

/**
 * The lock of a guard that is dropped: where the guard's own path is none that is held, it came out of a struct, a tuple
 * or a call, whose names say nothing of the lock.
 */
function guardPath(paths: PathTable, ctx: Ctx, { kind, path }: Item): PathId {
	const isHeld = ctx.items.some((held) => held.kind === kind && held.path === path);
	return isHeld || paths.kind(path) === Root.Parameter ? path : paths.unknown;
}

/** The branch that a call's result decides, as far as it follows; else the call. */
function nextBranch(frame: Frame, op: number): number {
	for (let at = op + 1; at < Math.min(op + MAX_TO_BRANCH, frame.nOps); at++) {
		if (frame.code(at) === Op.Branch) return at;
		if (!isStraight(frame.code(at))) break;
	}
	return op;
}

/** What a lock operation does to interrupts: under PREEMPT_RT, one on a lock that sleeps leaves them alone. */
function irqEffect(world: World, row: LockRow, irq: number): number {
	const isLeft = world.profile === "rt" && !world.kinds.spins[world.kinds.lock(row.lock)];
	return isLeft ? IrqCode.None : irq;
}

function observe(observer: Observer, held: Item, irq: number, op: number, after: Ctx): void {
	const isPair =
		(held.irq === IrqCode.Save && irq === IrqCode.Restore) ||
		(held.irq === IrqCode.Off && irq === IrqCode.On) ||
		(held.irq === IrqCode.BhOff && irq === IrqCode.BhOn) ||
		(held.irq === IrqCode.None && irq === IrqCode.None);
	if (!isPair) observer.mispaired({ op, held, irq, after: after.irq });
}

function globalLock(scope: Scope, row: LockRow): PathId {
	return scope.world.paths.global(scope.world.program.names.internText(row.global ?? row.name));
}

function flagsPath(scope: Scope, row: { readonly flagsArg?: number }, op: number): PathId {
	const { world, frame } = scope;
	if (row.flagsArg === undefined) return world.paths.unknown;
	if (row.flagsArg < 0) return resultPath(scope, op);
	return pathOf(world, frame, frame.arg(op, row.flagsArg));
}

/** The path of the variable that a call's result is assigned to by the next op. */
function resultPath(scope: Scope, op: number): PathId {
	const { world, frame } = scope;
	const result = frame.resultExpr(op);
	const isAssigned = result !== NONE && op + 1 < frame.nOps && frame.b(op + 1) === result;
	return isAssigned ? pathOf(world, frame, frame.a(op + 1)) : world.paths.unknown;
}

function transferSection(scope: Scope, ctx: Ctx, op: number, row: SectionRow): Ctx {
	const { world } = scope;
	if (row.section === "irq") return setIrq(ctx, sectionIrq(row.does), flagsPath(scope, row, op), op);
	const isBegin = row.does === "enter" || row.does === "save" || row.does === "off";
	let next = ctx;
	for (const kind of [row.section, ...(row.also ?? [])]) {
		if (kind === "irq") {
			next = setIrq(next, isBegin ? IrqCode.Off : IrqCode.On, world.paths.unknown, op);
			continue;
		}
		const item: Item = { kind: world.kinds.section(kind), path: world.paths.unknown, op, irq: 0, asserted: false };
		if (item.kind < 0) continue;
		if (isBegin) next = acquire(world.paths, next, item);
		else if (!isGoneByLoop(ctx, item)) next = release(world.paths, next, item).ctx;
	}
	return next;
}

function sectionIrq(does: SectionRow["does"]): IrqCode {
	switch (does) {
		case "save":
			return IrqCode.Save;
		case "restore":
			return IrqCode.Restore;
		case "off":
		case "enter":
			return IrqCode.Off;
		default:
			return IrqCode.On;
	}
}

/**
 * The ways a callee may return from this context. One that releases a lock on some hidden condition (neither its
 * arguments nor its result tell) is taken to release what is held, and to leave alone what is not.
 */
function plausibleExits(scope: Scope, ctx: Ctx, op: number, exits: readonly Exit[]): readonly Exit[] {
	if (exits.length < 2) return exits;
	// What is kept on some hidden condition cannot be reckoned with: the callee would be no use to anyone.
	const quiet = exits.filter((exit) => exit.ctx === NEUTRAL);
	const told = exits.filter((exit) => !isAcquisition(exit) || !quiet.some((other) => isLookalike(scope, exit, other)));
	return releasesThatFit(scope, ctx, op, told);
}

function isAcquisition(exit: Exit): boolean {
	return exit.ctx.items.length > 0 || exit.ctx.irq === Irq.Off;
}

/** Of exits that look alike those that release most of what is held here, and least of what is not. */
function releasesThatFit(scope: Scope, ctx: Ctx, op: number, exits: readonly Exit[]): readonly Exit[] {
	if (!exits.some((exit) => isRelease(exit))) return exits;
	const fits = exits.map((exit) => fitOf(scope, ctx, op, exit));
	return exits.filter((exit, i) => !exits.some((other, k) => fits[k]! > fits[i]! && isLookalike(scope, exit, other)));
}

/** How well the releases of an exit fit what is held: higher is better. */
function fitOf(scope: Scope, ctx: Ctx, op: number, exit: Exit): number {
	if (!isRelease(exit)) return 0;
	const { world, frame } = scope;
	let nHeld = 0;
	for (const item of exit.ctx.gone) {
		if (holdsSame(world.paths, ctx, itemAt(item, importPath(world, frame, item.path, op), op))) nHeld++;
	}
	return nHeld * MAX_ITEMS - (exit.ctx.gone.length - nHeld);
}

function isRelease(exit: Exit): boolean {
	return exit.ctx.gone.length > 0 && exit.ctx.items.length === 0;
}

/** Can a caller not tell two exits apart? */
function isLookalike(scope: Scope, a: Exit, b: Exit): boolean {
	const { values } = scope.world;
	if (contradicts(values, a.value, b.value)) return false;
	return !a.guards.some((g) => b.guards.some((h) => h.param === g.param && contradicts(values, g.value, h.value)));
}

/** What a call returns, given what its callee does in terms of the parameters. */
function resultValue(scope: Scope, env: EnvId, op: number, value: ValueId): ValueId {
	return importValue(scope.world, value, (param) => evaluate(scope, env, scope.frame.arg(op, param)));
}

function transferSummary(scope: Scope, out: Outcomes, ctx: Ctx, env: EnvId, op: number, callee: number): Outcomes {
	const { world, frame, envs } = scope;
	const summary = summaryOf(world, callee);
	if (summary.noReturn) return out;
	if (summary.exits.length === 0) return out.add(ctx, env);
	const result = frame.resultExpr(op);
	for (const exit of plausibleExits(scope, ctx, op, summary.exits)) {
		let next = env;
		for (const guard of exit.guards) {
			if (guard.param >= PREDICATE) next = assumeAnswer(scope, next, guard);
			else {
				const expr = frame.arg(op, guard.param);
				if (expr === NONE) continue;
				const isExcluded = world.values.truth(guard.value) === 0 && isHeldLock(world, frame, ctx, expr);
				next = isExcluded ? DEAD : assumeEqual(scope, next, expr, guard.value, op);
			}
			if (next === DEAD) break;
		}
		if (next === DEAD) continue;
		if (result !== NONE && exit.value !== TOP) {
			const value = resultValue(scope, env, op, exit.value);
			if (value !== TOP) next = envs.set(next, factKey(result), value);
		}
		out.add(exit.ctx === NEUTRAL ? ctx : applyEffect(scope, ctx, exit.ctx, op), next);
	}
	return out.length > 0 ? out : out.add(ctx, env);
}
