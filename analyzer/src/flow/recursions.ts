// Allocations that let reclaim come back to the code that allocates: every allocator whose mask allows what the
// path it is on must not do. One recursion per call: the surest and shortest path to it.

import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { AllocRow, Primitive } from "../model/schema.js";
import { argumentOf, type CallGraph } from "./callGraph.js";
import { HandedDown } from "./handedDown.js";
import type { Link } from "./link.js";
import { Need } from "./need.js";
import { OwnTables } from "./ownTables.js";
import type { Pointers } from "./pointers.js";
import { type PathId, type ReclaimPaths, scopeOf } from "./reclaimPaths.js";
import type { CallState } from "./summary.js";
import type { Contexts } from "./topDown.js";
import { TOP, type ValueId } from "./values.js";
import { decisionsOf } from "./ways.js";
import { isDescribed, isPrimitive, primitiveAt, type World } from "./world.js";
import { ClearedStructs } from "./zeroed.js";

export interface Recursion {
	/** function and op of the call to the allocator */
	readonly fn: FnId;
	readonly op: number;
	readonly primitive: Primitive;
	readonly mask: ValueId;
	/** what reclaim must not do there */
	readonly need: Need;
	/** 0 high, 1 medium, 2 low */
	readonly doubt: number;
	/** the calls from where the path begins to the allocator */
	readonly links: readonly Link[];
	/** where the path begins */
	readonly head: PathId;
	readonly state: CallState;
}

/** What the search reads. */
export interface Searched {
	readonly world: World;
	readonly graph: CallGraph;
	readonly contexts: Contexts;
	readonly reclaim: ReclaimPaths;
	readonly structs: ClearedStructs;
	readonly handed: HandedDown;
	readonly tables: OwnTables;
}

/** A search in what has been solved. */
export function searchIn(
	solved: Omit<Searched, "structs" | "handed" | "tables"> & { readonly pointers: Pointers },
): Searched {
	const { world, graph, contexts, reclaim, pointers } = solved;
	const [structs, handed] = [new ClearedStructs(world, graph), new HandedDown(world, graph)];
	return { world, graph, contexts, reclaim, structs, handed, tables: new OwnTables(world, pointers) };
}

/** Paths longer than this are believed less, and hardly beyond the second length. */
const LONG_PATH = 7;
const FARTHEST_PATH = 10;

/** The recursions of one function. */
export function recursionsOf(searched: Searched, fn: FnId): Recursion[] {
	const { world, graph, reclaim } = searched;
	const found: Recursion[] = [];
	if (reclaim.first(fn) === NONE || !world.program.isLive(fn) || isDescribed(world, fn)) return found;
	const isMacro = (world.program.flagsOf(fn) & FnFlag.Macro) !== 0;
	graph.eachSite(fn, (op, callee) => {
		if (!isPrimitive(callee)) return;
		const primitive = primitiveAt(world, callee);
		if (primitive.alloc === undefined) return;
		const best = bestAt(searched, { fn, op }, primitive);
		if (best !== null && !(isMacro && best.links.length === 1)) found.push(best);
	});
	return found;
}

function bestAt(searched: Searched, { fn, op }: Link, primitive: Primitive): Recursion | null {
	const { contexts, reclaim } = searched;
	let best: Recursion | null = null;
	for (let path = reclaim.first(fn); path !== NONE; path = reclaim.next(path)) {
		if (reclaim.isStale(path) || reclaim.isForOthers(path, op)) continue;
		for (const state of contexts.statesOf(fn, op)) {
			const need = reclaim.needAt(path, state);
			if (need === Need.None) continue;
			const mask = maskOf(searched, path, { fn, op }, state, primitive.alloc!);
			if (!recurses(searched.world, mask, need)) continue;
			const links = linksTo(reclaim, path, { fn, op });
			if (searched.structs.excludes(links)) continue;
			const head = reclaim.headOf(path);
			const scoped = reclaim.records.op(head) === NONE ? callersInScope(searched, links[0]!.fn, need) : "none";
			if (scoped === "all") continue;
			const isLong = links.length > FARTHEST_PATH ? 2 : links.length > LONG_PATH ? 1 : 0;
			const known = Math.max(reclaim.records.doubt(path), reclaim.doubtAt(path, state), isLong);
			const isTwofold = known > 0 && reclaim.doubtsAt(path, state) + isLong > 1;
			if (isForLarger(searched.world, { fn, op }, links.at(-2))) continue;
			const isMissed = isTwofold || searched.tables.areMissed(links);
			const isMeant = !isMissed && !isHardlyMeant(searched.world, { fn, op }, primitive.alloc!);
			const doubt = isMeant && !(scoped === "some" && reclaim.isOfOtherObject(links[0]!)) ? known : 2;
			if (searched.handed.excludes(links, doubt, false) !== NONE) continue;
			const one: Recursion = { fn, op, primitive, mask, need, doubt, links, head, state };
			if (best === null || isBetter(one, best)) best = one;
		}
	}
	return best;
}

/** The surest, then the one that needs most, then the shortest. */
function isBetter(a: Recursion, b: Recursion): boolean {
	return (a.doubt - b.doubt || b.need - a.need || a.links.length - b.links.length) < 0;
}

/** The mask of an allocation, as far as it is known; what the allocator uses by itself where none is written. */
function maskOf({ world, reclaim }: Searched, path: PathId, call: Link, state: CallState, row: AllocRow): ValueId {
	if (row.implicit !== undefined && argumentOf(world.program, call.fn, call.op, row.gfp) === NONE)
		return world.values.int(world.namedBits(row.implicit));
	return reclaim.bindingTable.resolve(state.args?.[row.gfp] ?? TOP, reclaim.records.binding(path));
}

/** Does a mask surely let reclaim do what it must not? Who tells lockdep to look away has thought about it. */
export function recurses(world: World, mask: ValueId, need: Need): boolean {
	const { gfp, values } = world;
	const has = (bit: number) => bit !== 0 && values.anyBit(mask, bit) === 1;
	if (!has(gfp.directReclaim) || has(gfp.nolockdep)) return false;
	if (need === Need.NoReclaim) return true;
	return has(need === Need.NoIo ? gfp.io : gfp.fs);
}

/** Is it allocated the first time only, or with the mask of a field that is known by a test alone? */
function isHardlyMeant(world: World, call: Link, { gfp }: AllocRow): boolean {
	return isFirstTime(world, call) || isAskedMask(world, call, gfp);
}

/**
 * Is it allocated only where an amount is larger than something of a fixed size (the buffer on the stack is for others),
 * for a caller that hands in the size of a structure?
 */
function isForLarger({ program }: World, { fn, op }: Link, caller: Link | undefined): boolean {
	const { exprs } = program.unit(program.fnFile(fn));
	const isSize = (expr: number) => expr >= 0 && exprs[expr * EXPR_SIZE] === ExprKind.SizeOf;
	const isFixed = (expr: number): boolean => {
		const at = expr * EXPR_SIZE;
		if (expr < 0) return false;
		if (exprs[at] === ExprKind.Binary) return isFixed(exprs[at + 2]!) && isFixed(exprs[at + 3]!);
		if (exprs[at] !== ExprKind.Local) return isSize(expr);
		if (exprs[at + 1]! >= program.fnField(fn, FnField.ParamCount)) return isFixedSum(program, fn, op, expr, isFixed);
		if (caller === undefined) return false;
		const given = argumentOf(program, caller.fn, caller.op, exprs[at + 1]!);
		return given >= 0 && program.unit(program.fnFile(caller.fn)).exprs[given * EXPR_SIZE] === ExprKind.SizeOf;
	};
	return decisionsOf(program, fn, op).some(({ condition, isSo }) => {
		const at = condition * EXPR_SIZE;
		if (condition < 0 || exprs[at] !== ExprKind.Binary || !isSize(exprs[at + 3]!)) return false;
		return (isSo ? isGreater(exprs[at + 1]!) : isLess(exprs[at + 1]!)) && isFixed(exprs[at + 2]!);
	});
}

/** Is a variable what a call has put there that adds sizes: check_add_overflow(a, b, &sum)? */
function isFixedSum(
	program: Program,
	fn: FnId,
	op: number,
	local: number,
	isFixed: (expr: number) => boolean,
): boolean {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	let isWritten = false;
	for (let before = 0; before < op; before++) {
		const at = (first + before) * OP_SIZE;
		if ((ops[at]! & 255) === Op.Assign && ops[at + OpField.A] === local) return false;
		if ((ops[at]! & 255) !== Op.Call) continue;
		const given = Array.from({ length: ops[at + OpField.C]! }, (_, i) => argumentOf(program, fn, before, i));
		const isSum = (expr: number) =>
			expr >= 0 && exprs[expr * EXPR_SIZE] === ExprKind.AddrOf && exprs[expr * EXPR_SIZE + 1] === local;
		if (!given.some(isSum)) continue;
		if (isWritten || !given.every((expr) => isSum(expr) || isFixed(expr))) return false;
		isWritten = true;
	}
	return isWritten;
}

function isGreater(op: BinaryOp): boolean {
	return op === BinaryOp.Gt || op === BinaryOp.Ge;
}

function isLess(op: BinaryOp): boolean {
	return op === BinaryOp.Lt || op === BinaryOp.Le;
}

/** Is the mask that of a field which the function does not set? What is known of it, it has been asked. */
function isAskedMask({ program }: World, { fn, op }: Link, argument: number): boolean {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const field = fieldOf(exprs, argumentOf(program, fn, op, argument));
	if (field === NONE) return false;
	const start = program.fnField(fn, FnField.OpStart) * OP_SIZE;
	for (let at = start; at < start + op * OP_SIZE; at += OP_SIZE)
		if ((ops[at]! & 255) === Op.Assign && fieldOf(exprs, ops[at + OpField.A]!) === field) return false;
	return true;
}

/**
 * Is it allocated the first time only: under a field that the function asks before, and sets after? By when the path
 * is taken, it is there.
 */
function isFirstTime({ program }: World, { fn, op }: Link): boolean {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const start = program.fnField(fn, FnField.OpStart) * OP_SIZE;
	const end = start + program.fnField(fn, FnField.OpCount) * OP_SIZE;
	const asked: number[] = [];
	for (let at = start; at < start + op * OP_SIZE; at += OP_SIZE) {
		if ((ops[at]! & 255) === Op.Branch) addAsked(exprs, ops[at + OpField.A]!, asked);
	}
	if (asked.length === 0) return false;
	for (let at = start + op * OP_SIZE; at < end; at += OP_SIZE) {
		if ((ops[at]! & 255) === Op.Assign && asked.includes(fieldOf(exprs, ops[at + OpField.A]!))) return true;
	}
	return false;
}

/** Adds the fields of which a condition asks whether they are zero, or NULL. */
function addAsked(exprs: Int32Array, condition: number, asked: number[]): void {
	if (condition < 0) return;
	const at = condition * EXPR_SIZE;
	switch (exprs[at]!) {
		case ExprKind.Unary:
		case ExprKind.Cast:
			addAsked(exprs, exprs[at + 2]!, asked);
			break;
		case ExprKind.Binary:
			if (!isTruthOf(exprs[at + 1]!)) break;
			addAsked(exprs, exprs[at + 2]!, asked);
			addAsked(exprs, exprs[at + 3]!, asked);
			break;
		default: {
			const field = fieldOf(exprs, condition);
			if (field !== NONE) asked.push(field);
		}
	}
}

/** Does an operator ask for equality, or join questions? */
function isTruthOf(op: BinaryOp): boolean {
	return op === BinaryOp.Eq || op === BinaryOp.Ne || op === BinaryOp.LogAnd || op === BinaryOp.LogOr;
}

/** The field that an expression is, or is an element of; NONE for any other. */
function fieldOf(exprs: Int32Array, expr: number): number {
	let at = expr;
	while (at >= 0 && exprs[at * EXPR_SIZE] === ExprKind.Index) at = exprs[at * EXPR_SIZE + 1]!;
	return at >= 0 && exprs[at * EXPR_SIZE] === ExprKind.Field ? at : NONE;
}

/** Which of those that are known to call a function have a scope that restricts allocation as far as is needed? */
function callersInScope({ contexts }: Searched, fn: FnId, need: Need): "all" | "some" | "none" {
	let nEntered = 0;
	let nScoped = 0;
	for (let at = contexts.first(fn); at !== NONE; at = contexts.next(at)) {
		if (contexts.isSeed(at)) continue;
		nEntered++;
		if (scopeOf(contexts.records.context(at)) >= need) nScoped++;
	}
	return nScoped === 0 ? "none" : nScoped === nEntered ? "all" : "some";
}

/** The calls from where a path begins to a call: the head's own first, the call itself last. */
function linksTo(reclaim: ReclaimPaths, path: PathId, end: Link): Link[] {
	return [...callsTo(reclaim, path), end];
}

/** The calls from where a path begins to the function that it has come to. */
export function callsTo(reclaim: ReclaimPaths, path: PathId): Link[] {
	const links: Link[] = [];
	for (let at = path; reclaim.records.parent(at) !== NONE; at = reclaim.records.parent(at)) {
		links.unshift({ fn: reclaim.records.fn(reclaim.records.parent(at)), op: reclaim.records.op(at) });
	}
	return links;
}
