// The access path of an expression, and the translation of paths, contexts and values between a callee and
// its caller.

import { ExprKind, NONE } from "../ir/ops.js";
import { acquire, type Ctx, Irq, IrqCode, type Item, itemAt, NEUTRAL, release, setIrq, withItems } from "./context.js";
import type { Scope } from "./evaluate.js";
import type { Frame } from "./frame.js";
import { type PathId, Root } from "./paths.js";
import { Base, ENTRY_ATOM, TOP, type ValueId } from "./values.js";
import { calleeAt, isPrimitive, primitiveAt, type World } from "./world.js";

const MAX_DEPTH = 10;

/** The path of an expression in terms of the function's parameters, globals and locals. */
export function pathOf(world: World, frame: Frame, expr: number, depth = 0): PathId {
	const { paths, program } = world;
	if (expr < 0 || depth > MAX_DEPTH) return paths.unknown;
	const x = frame.x(expr);
	switch (frame.kind(expr)) {
		case ExprKind.Local: {
			if (frame.isStableParam(x)) return paths.parameter(x);
			const sole = frame.soleValue.data[x]!;
			const isAlias = sole !== NONE && x >= frame.nParams;
			return isAlias && isPathLike(frame, sole) ? pathOf(world, frame, sole, depth + 1) : paths.local(x);
		}
		case ExprKind.Name:
			return paths.global(program.globalName(frame.file, x));
		case ExprKind.Field:
			return paths.field(pathOf(world, frame, x, depth + 1), program.globalName(frame.file, frame.y(expr)));
		case ExprKind.Deref:
		case ExprKind.AddrOf:
		case ExprKind.Index:
			return pathOf(world, frame, x, depth + 1);
		case ExprKind.Cast:
			return pathOf(world, frame, frame.y(expr), depth + 1);
		case ExprKind.Binary:
			return pathOf(world, frame, frame.y(expr), depth + 1);
		case ExprKind.ContainerOf: {
			const member = program.globalName(frame.file, frame.z(expr));
			return paths.field(pathOf(world, frame, x, depth + 1), ~member);
		}
		case ExprKind.CallResult: {
			// An accessor: the same call on the same argument gives the same thing.
			const callee = frame.a(x);
			if (callee < 0 || frame.kind(callee) !== ExprKind.Name) return paths.unknown;
			const argument = frame.arg(x, 0);
			// A guard stands for the lock that it was taken with.
			if (standsForArgument(world, frame, x)) return pathOf(world, frame, argument, depth + 1);
			const from = argument < 0 ? paths.unknown : pathOf(world, frame, argument, depth + 1);
			return paths.accessor(from, program.globalName(frame.file, frame.x(callee)));
		}
		default:
			return paths.unknown;
	}
}

/** Is what a call gives another name of its argument? Of those that take a lock this is so. */
function standsForArgument(world: World, frame: Frame, op: number): boolean {
	const callee = calleeAt(world, frame, op);
	if (!isPrimitive(callee)) return false;
	const { lock, value } = primitiveAt(world, callee);
	return lock !== undefined && value?.gives === "identity";
}

/** The path of the lock that a primitive is given: `&p->lock` is that field, `p->lock` what it points to. */
export function lockPathOf(world: World, frame: Frame, expr: number): PathId {
	let lock = expr;
	while (lock >= 0 && frame.kind(lock) === ExprKind.Cast) lock = frame.y(lock);
	const path = pathOf(world, frame, lock);
	return lock >= 0 && frame.kind(lock) === ExprKind.Field ? world.paths.target(path) : path;
}

/** Is an expression a variable that points to a lock which is held? Then it is not NULL. */
export function isHeldLock(world: World, frame: Frame, { items }: Ctx, expr: number): boolean {
	if (items.length === 0 || expr < 0 || frame.kind(expr) !== ExprKind.Local) return false;
	const path = lockPathOf(world, frame, expr);
	return items.some((item) => item.path === path && world.kinds.isLock[item.kind]);
}

function isPathLike(frame: Frame, expr: number): boolean {
	switch (frame.kind(expr)) {
		case ExprKind.Local:
		case ExprKind.Name:
		case ExprKind.Field:
		case ExprKind.Deref:
		case ExprKind.AddrOf:
		case ExprKind.ContainerOf:
		case ExprKind.Index:
		case ExprKind.CallResult:
			return true;
		case ExprKind.Cast:
			return isPathLike(frame, frame.y(expr));
		default:
			return false;
	}
}

/** A path as callers may see it: locals mean nothing outside. */
export function exportPath(world: World, path: PathId): PathId {
	const { paths } = world;
	return paths.kind(paths.root(path)) === Root.Local ? paths.rebase(path, paths.unknown) : path;
}

export function exportCtx(world: World, ctx: Ctx): Ctx {
	if (ctx === NEUTRAL) return ctx;
	const own = ctx.items.filter((item) => !item.asserted);
	return withItems(ctx, exportItems(world, own), exportItems(world, ctx.gone));
}

function exportItems(world: World, items: readonly Item[]): readonly Item[] {
	return items.length === 0 ? items : items.map((item) => itemAt(item, exportPath(world, item.path), item.op));
}

/** The parameter whose value at entry an atom is, or NONE. */
export function paramOf(frame: Frame, atom: number): number {
	if (atom >= ENTRY_ATOM) return atom - ENTRY_ATOM;
	return frame.kind(atom) === ExprKind.Local && frame.isStableParam(frame.x(atom)) ? frame.x(atom) : NONE;
}

/** A value in terms of the function's parameters. */
export function exportValue(world: World, frame: Frame, value: ValueId): ValueId {
	const { values } = world;
	const base = values.base(value);
	if (base < 0) return value;
	const param = paramOf(frame, base);
	const to = param === NONE ? Base.None : Base.Parameter - param;
	return values.make(to, values.set(value), values.clear(value), values.truth(value) === 1 ? 1 : 0);
}

/** A callee's value at a call: its parameters become the arguments' values. */
export function importValue(world: World, value: ValueId, argument: (param: number) => ValueId): ValueId {
	const { values } = world;
	const base = values.base(value);
	if (base > Base.Parameter) return value;
	return values.substitute(value, argument(Base.Parameter - base));
}

/** What a callee's effect makes of the caller's context; its items are from then on the call's. */
export function applyEffect(scope: Scope, ctx: Ctx, effect: Ctx, op: number): Ctx {
	if (effect === NEUTRAL) return ctx;
	const { world, frame } = scope;
	let next = ctx;
	for (const effectItem of effect.gone) {
		const item = itemAt(effectItem, importPath(world, frame, effectItem.path, op), op);
		if (!isGoneByLoop(ctx, item)) next = release(world.paths, next, item).ctx;
	}
	for (const effectItem of effect.items) {
		const item = itemAt(effectItem, importPath(world, frame, effectItem.path, op), op);
		if (!isHeldByLoop(ctx, item)) next = acquire(world.paths, next, item);
	}
	if (effect.irq === Irq.Off) {
		// It turned them on for a while (dropped the lock, slept, took it again): that they were on is kept.
		if (effect.irqBefore === Irq.On) next = setIrq(next, IrqCode.On, world.paths.unknown, op);
		next = setIrq(next, IrqCode.Off, world.paths.unknown, op);
	}
	if (effect.irq === Irq.On) next = setIrq(next, IrqCode.On, world.paths.unknown, op);
	else if (effect.irq === Irq.Restored) next = setIrq(next, IrqCode.Restore, world.paths.unknown, op);
	return next;
}

/** Does the same op hold the same already? A loop that takes the lock of each of many objects holds "them": one item stands for all. */
export function isHeldByLoop(ctx: Ctx, item: Item): boolean {
	return ctx.items.some((held) => held.op === item.op && held.kind === item.kind && held.path === item.path);
}

/** Has the same op released the same of the caller's already, in an earlier turn of a loop? */
export function isGoneByLoop(ctx: Ctx, item: Item): boolean {
	return ctx.gone.some((gone) => gone.op === item.op && gone.kind === item.kind && gone.path === item.path);
}

/** A callee's path at a call. */
export function importPath(world: World, frame: Frame, path: PathId, op: number): PathId {
	const { paths } = world;
	const root = paths.root(path);
	if (paths.kind(root) !== Root.Parameter) return path;
	const argument = frame.arg(op, paths.name(root));
	return paths.rebase(path, argument < 0 ? paths.unknown : pathOf(world, frame, argument));
}

/** A value without its atom, for places that have no atoms. */
export function plainValue(world: World, value: ValueId): ValueId {
	const { values } = world;
	if (values.base(value) === Base.None || values.base(value) === Base.Function) return value;
	const set = values.set(value);
	const clear = values.clear(value);
	return set === 0 && clear === 0 ? TOP : values.make(Base.None, set, clear, values.truth(value) === 1 ? 1 : 0);
}
