// Does a function that returns with a lock keep it by mistake, or for whoever called it? What the text says beside
// its paths: where else the lock is released, by this function, by its neighbours and by its callers.

import { EXPR_SIZE, ExprKind, isStraight, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { argumentOf, type CallGraph } from "./callGraph.js";
import type { Ctx, Item } from "./context.js";
import { reachedFrom } from "./ways.js";
import { isPrimitive, primitiveAt, summaryOf, type World } from "./world.js";

/** Ops of a branch that does little else than release a lock. */
const MAX_GUARDED = 8;

interface Known {
	readonly world: World;
	readonly graph: CallGraph;
}

/** Calls of a function that release a lock of the item's kind and name. */
export interface Releases {
	readonly all: readonly number[];
	/** those that follow on its taking, whatever conditions say */
	readonly certain: readonly number[];
}

export function releasesOf({ world, graph }: Known, fn: FnId, item: Item): Releases {
	const all: number[] = [];
	const sometimes = new Set<number>();
	graph.eachSite(fn, (op, callee) => {
		if (isPrimitive(callee)) {
			if (ends(world, fn, op, callee, item)) all.push(op);
			return;
		}
		if (callee < 0) return;
		const { exits } = summaryOf(world, callee);
		const isEnd = ({ ctx }: { readonly ctx: Ctx }) => drops(world, ctx, item);
		if (!exits.some(isEnd)) return;
		all.push(op);
		if (!exits.every(isEnd)) sometimes.add(op);
	});
	return { all, certain: all.filter((op) => !sometimes.has(op) && !isGuarded(world.program, fn, op, all)) };
}

/** The releases that control may come to from the op that takes the lock. */
export function releasesAfter(program: Program, fn: FnId, { all, certain }: Releases, op: number): Releases {
	const reached = reachedFrom(program, fn, op);
	const isReached = (at: number) => reached[at] === 1;
	return { all: all.filter(isReached), certain: certain.filter(isReached) };
}

/**
 * Is the op the body of an `if` that does little else, or of its `else`, where the other does the same? The same
 * condition then decides at both ends.
 */
export function isGuarded(program: Program, fn: FnId, op: number, alike: readonly number[] = []): boolean {
	const { ops } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const code = (at: number) => ops[(first + at) * OP_SIZE]! & 255;
	let before = op - 1;
	while (before >= 0 && isStraight(code(before))) before--;
	if (before < 0) return false;
	const isElse = code(before) === Op.Jump && alike.some((at) => at < before && at > before - MAX_GUARDED);
	if (code(before) !== Op.Branch && !isElse) return false;
	const end = ops[(first + before) * OP_SIZE + (isElse ? OpField.A : OpField.B)]!;
	if (end <= op || end - before > MAX_GUARDED) return false;
	for (let at = op; at < end; at++) if (!isStraight(code(at))) return at === end - 1 && code(at) === Op.Jump;
	return true;
}

/** Do others release the lock for the function: one of the same file that does not take it, or a caller that does not? */
export function isHandedOver(known: Known, fn: FnId, item: Item): boolean {
	const { world, graph } = known;
	const { program } = world;
	const takes = (other: FnId) => graph.hasSite(other, (callee, op) => begins(world, other, op, callee, item));
	for (const other of program.fnsOf(program.fnFile(fn))) {
		if (other === fn || !summaryOf(world, other).exits.some(({ ctx }) => drops(world, ctx, item))) continue;
		if (!takes(other)) return true;
	}
	return graph.callersOf(fn).some(({ caller }) => releasesOf(known, caller, item).all.length > 0 && !takes(caller));
}

/** Does a way out leave such a lock of the caller's released? */
function drops({ paths }: World, { gone, items }: Ctx, { kind, path }: Item): boolean {
	const isSame = (other: Item) => other.kind === kind && isSameName(paths.tail(other.path), paths.tail(path));
	return gone.some(isSame) && !items.some(isSame);
}

/** Does a call of a primitive release such a lock, or leave such a section? */
function ends(world: World, fn: FnId, op: number, callee: number, item: Item): boolean {
	const { lock, section } = primitiveAt(world, callee);
	if (lock?.does === "release") return isOf(world, fn, op, lock, item);
	return section?.does === "exit" && world.kinds.section(section.section) === item.kind;
}

/** Does a call of a primitive take such a lock? */
function begins(world: World, fn: FnId, op: number, callee: number, item: Item): boolean {
	const lock = isPrimitive(callee) ? primitiveAt(world, callee).lock : undefined;
	return lock !== undefined && lock.does !== "release" && isOf(world, fn, op, lock, item);
}

function isOf(
	{ kinds, paths, program }: World,
	fn: FnId,
	op: number,
	row: { readonly lock: string; readonly arg: number },
	{ kind, path }: Item,
): boolean {
	if (kinds.lock(row.lock) !== kind) return false;
	return isSameName(
		row.arg < 0 ? paths.tail(path) : nameOf(program, fn, argumentOf(program, fn, op, row.arg)),
		paths.tail(path),
	);
}

/** Are two last names the same, or does one of them say nothing? */
function isSameName(a: number, b: number): boolean {
	return a === b || a === NONE || b === NONE;
}

/** The last field of an expression, or its variable's name where that is the file's; NONE for others. */
function nameOf(program: Program, fn: FnId, expr: number): number {
	if (expr < 0) return NONE;
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	const at = expr * EXPR_SIZE;
	switch (exprs[at]!) {
		case ExprKind.Name:
			return program.globalName(file, exprs[at + 1]!);
		case ExprKind.Field:
			return program.globalName(file, exprs[at + 2]!);
		case ExprKind.AddrOf:
		case ExprKind.Deref:
		case ExprKind.Index:
			return nameOf(program, fn, exprs[at + 1]!);
		case ExprKind.Cast:
			return nameOf(program, fn, exprs[at + 2]!);
		default:
			return NONE;
	}
}
