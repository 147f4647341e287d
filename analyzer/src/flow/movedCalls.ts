// A function whose body an edit has changed: does it call the same functions as before, in the same order, change the
// context by the same calls, and hand on the same functions? Then nothing changes in how functions are entered, as far as
// its code decides that; in which states it makes its calls, its summary says.

import type { Alike } from "../ir/alike.js";
import { EXPR_SIZE, ExprKind, isStraight, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FN_SIZE, FnField, type Unit } from "../ir/unit.js";
import type { Pointers } from "./pointers.js";
import { type FileSurvey, SurveyPart } from "./survey.js";
import { Callee, isPrimitive, primitiveAt, type World } from "./world.js";

/** What is compared: the units of a file, and what was found in it before and now. */
export interface Compared {
	readonly alike: Alike;
	readonly before: FileSurvey;
	readonly after: FileSurvey;
}

/** How the body of a function has changed that calls the same. */
export interface SameCalls {
	/** by op of a call before: its op now; what hands on nothing may have come or gone */
	readonly calls: ReadonlyMap<number, number>;
	/** the same, with the assignments by which functions are handed on */
	readonly ops: ReadonlyMap<number, number>;
	/** are all arguments of functions the same? */
	readonly hasSameArguments: boolean;
	/** are all conditions of branches the same? */
	readonly hasSameConditions: boolean;
	/** are the same primitives called, in the same order? */
	readonly hasSamePrimitives: boolean;
	/** is all the same that others read of its body: what it writes to fields, the value that it just gives, its primitives? */
	readonly isSameToOthers: boolean;
}

/** Ops of a function that others look into for the value it gives. */
const MAX_GIVING = 4;

/** Null when the function calls others, or otherwise. */
export function sameCalls(world: World, pointers: Pointers, compared: Compared, fn: FnId): SameCalls | null {
	const { alike, before, after } = compared;
	const local = world.program.fnLocal(fn);
	const [first, second] = [firstOp(alike.before, local), firstOp(alike.after, local)];
	const sites = { before: sitesOf(before, local), after: sitesOf(after, local) };
	const pairs = pairsOf(world, sites.before, sites.after);
	if (pairs === null) return null;
	alike.enter(local, new Map(pairs.map(([{ op }, now]) => [op, now.op])));
	let hasSameArguments = true;
	const calls = new Map<number, number>();
	for (const [old, now] of pairs) {
		const [from, to] = [first + old.op, second + now.op];
		const isSame = alike.isOp(from, to);
		calls.set(old.op, now.op);
		if (now.callee >= 0 || now.callee === Callee.Indirect) hasSameArguments &&= isSame;
		if (!isSame && (!isSameCallee(alike, from, to) || areArgumentsRead(world, pointers, now.callee))) return null;
		if (!isAssertion(world, now.callee)) continue;
		if (isFirst(alike.before, local, old.op) !== isFirst(alike.after, local, now.op)) return null;
	}
	if (!hasSameHanded(compared, local) || !hasSameHeld(compared, local)) return null;
	const ops = new Map(calls);
	const handed = handedBy(after, local);
	handedBy(before, local).forEach(({ op }, i) => {
		ops.set(op - first, handed[i]!.op - second);
	});
	const hasSamePrimitives = pairs.length === sites.before.length && pairs.length === sites.after.length;
	const isLong = [alike.before, alike.after].every((unit) => unit.fns[local * FN_SIZE + FnField.OpCount]! > MAX_GIVING);
	const isSameToOthers =
		hasSamePrimitives &&
		isLong &&
		(hasSameArguments || !callsReference(world, fn)) &&
		alike.areOps(writesOf(alike.before, local), writesOf(alike.after, local));
	const conditions = [conditionsIn(alike.before, local), conditionsIn(alike.after, local)] as const;
	const hasSameConditions =
		conditions[0].length === conditions[1].length &&
		conditions[0].every((condition, i) => alike.isExpr(condition, conditions[1][i]!));
	return { calls, ops, hasSameArguments, hasSameConditions, hasSamePrimitives, isSameToOthers };
}

/**
 * The calls before with those that they are now; null when others are called. Those that hand on nothing, nor change the
 * context, may come and go: of these the first ones and the last ones are paired between two that may not.
 */
function pairsOf(world: World, before: readonly Site[], after: readonly Site[]): (readonly [Site, Site])[] | null {
	const [old, now] = [segmentsOf(world, before), segmentsOf(world, after)];
	if (old.length !== now.length) return null;
	const pairs: (readonly [Site, Site])[] = [];
	for (let i = 0; i < old.length; i++) {
		const [x, y] = [old[i]!, now[i]!];
		if (x.end?.callee !== y.end?.callee) return null;
		const most = Math.min(x.others.length, y.others.length);
		const isSame = (a: number, b: number) => x.others.at(a)!.callee === y.others.at(b)!.callee;
		let nFirst = 0;
		while (nFirst < most && isSame(nFirst, nFirst)) nFirst++;
		let nLast = 0;
		while (nLast < most - nFirst && isSame(-1 - nLast, -1 - nLast)) nLast++;
		for (let k = 0; k < nFirst; k++) pairs.push([x.others[k]!, y.others[k]!]);
		for (let k = nLast; k > 0; k--) pairs.push([x.others.at(-k)!, y.others.at(-k)!]);
		if (x.end !== null && y.end !== null) pairs.push([x.end, y.end]);
	}
	return pairs;
}

/** Calls that hand on nothing, and the one after them that does, or changes the context; null for the last ones. */
interface Segment {
	readonly others: Site[];
	readonly end: Site | null;
}

function segmentsOf(world: World, sites: readonly Site[]): Segment[] {
	const segments: Segment[] = [];
	let others: Site[] = [];
	for (const site of sites) {
		if (!isFixed(world, site.callee)) {
			others.push(site);
			continue;
		}
		segments.push({ others, end: site });
		others = [];
	}
	segments.push({ others, end: null });
	return segments;
}

function isFixed(world: World, callee: number): boolean {
	return !isPrimitive(callee) ? callee !== Callee.Unknown : saysContext(world, callee);
}

/** Does a primitive take or release a lock, begin or end a section, or assert something? */
function saysContext(world: World, callee: number): boolean {
	const { lock, assertion, section } = primitiveAt(world, callee);
	return lock !== undefined || assertion !== undefined || section !== undefined;
}

export interface Site {
	readonly op: number;
	readonly callee: number;
}

export function sitesOf(survey: FileSurvey, local: number): Site[] {
	const sites: Site[] = [];
	const nSites = survey[SurveyPart.Sites]!;
	const end = survey[SurveyPart.Starts + local + 1]!;
	for (let i = survey[SurveyPart.Starts + local]!; i < end; i++)
		sites.push({ op: survey[i]!, callee: survey[i + nSites]! });
	return sites;
}

export function firstOp({ fns }: Unit, local: number): number {
	return fns[local * FN_SIZE + FnField.OpStart]!;
}

function isSameCallee(alike: Alike, from: number, to: number): boolean {
	const [x, y] = [alike.before.ops, alike.after.ops];
	return (
		x[from * OP_SIZE] === y[to * OP_SIZE] && alike.isExpr(x[from * OP_SIZE + OpField.A]!, y[to * OP_SIZE + OpField.A]!)
	);
}

/** Do the expressions that a call is given say what it means: which lock it takes, what it sets? */
function areArgumentsRead(world: World, pointers: Pointers, callee: number): boolean {
	if (callee >= 0) return pointers.isSetter(callee);
	return isPrimitive(callee) && saysContext(world, callee);
}

function isAssertion(world: World, callee: number): boolean {
	return isPrimitive(callee) && primitiveAt(world, callee).assertion !== undefined;
}

/** Does no branch come before the op? */
function isFirst(unit: Unit, local: number, op: number): boolean {
	const first = firstOp(unit, local);
	for (let at = first; at < first + op; at++) if (!isStraight(unit.ops[at * OP_SIZE]! & 255)) return false;
	return true;
}

/** Are the same functions and parameters handed on, by the same assignments and calls? */
export function hasSameHanded({ alike, before, after }: Compared, local: number): boolean {
	const [old, now] = [handedBy(before, local), handedBy(after, local)];
	return (
		old.length === now.length &&
		old.every(({ op, callee }, i) => callee === now[i]!.callee && alike.isOp(op, now[i]!.op))
	);
}

export function handedBy(survey: FileSurvey, local: number): Site[] {
	const found: Site[] = [];
	for (let i = survey[SurveyPart.Handed]!; i < survey[SurveyPart.Inits]!; i += 3)
		if (survey[i] === local) found.push({ op: survey[i + 1]!, callee: survey[i + 2]! });
	return found;
}

/** Are variables set to the same functions? */
export function hasSameHeld({ alike, before, after }: Compared, local: number): boolean {
	const [old, now] = [heldBy(before, local), heldBy(after, local)];
	if (old.length !== now.length || old.some((fn, i) => fn !== now[i])) return false;
	return old.length === 0 || alike.areOps(namingOps(alike.before, local), namingOps(alike.after, local));
}

function heldBy(survey: FileSurvey, local: number): FnId[] {
	const found: FnId[] = [];
	for (let i = survey[SurveyPart.Held]!; i < survey[SurveyPart.Handed]!; i += 2)
		if (survey[i] === local) found.push(survey[i + 1]!);
	return found;
}

/** The assignments of variables to what is, or may be, a name. */
function namingOps(unit: Unit, local: number): number[] {
	return assignments(unit, local, (target, value) => {
		const { exprs } = unit;
		const isNaming = (expr: number): boolean => {
			const at = expr * EXPR_SIZE;
			if (expr < 0) return false;
			if (exprs[at] === ExprKind.AddrOf) return isNaming(exprs[at + 1]!);
			if (exprs[at] === ExprKind.Cond) return isNaming(exprs[at + 2]!) || isNaming(exprs[at + 3]!);
			return exprs[at] === ExprKind.Cast ? isNaming(exprs[at + 2]!) : exprs[at] === ExprKind.Name;
		};
		return exprs[target * EXPR_SIZE] === ExprKind.Local && isNaming(value);
	});
}

/** The assignments to anything that others may see. */
function writesOf(unit: Unit, local: number): number[] {
	return assignments(unit, local, (target) => unit.exprs[target * EXPR_SIZE] !== ExprKind.Local);
}

function conditionsIn(unit: Unit, local: number): number[] {
	const first = firstOp(unit, local);
	const found: number[] = [];
	for (let op = first; op < first + unit.fns[local * FN_SIZE + FnField.OpCount]!; op++)
		if ((unit.ops[op * OP_SIZE]! & 255) === Op.Branch) found.push(unit.ops[op * OP_SIZE + OpField.A]!);
	return found;
}

function assignments(unit: Unit, local: number, isWanted: (target: number, value: number) => boolean): number[] {
	const { ops } = unit;
	const first = firstOp(unit, local);
	const found: number[] = [];
	for (let op = first; op < first + unit.fns[local * FN_SIZE + FnField.OpCount]!; op++) {
		const at = op * OP_SIZE;
		if ((ops[at]! & 255) !== Op.Assign || ops[at + OpField.A]! === NONE) continue;
		if (isWanted(ops[at + OpField.A]!, ops[at + OpField.B]!)) found.push(op);
	}
	return found;
}

/** Does a function take or give back a reference? Of what, its arguments say. */
function callsReference({ program, references }: World, fn: FnId): boolean {
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const local = program.fnLocal(fn);
	const first = firstOp(unit, local);
	for (let op = first; op < first + unit.fns[local * FN_SIZE + FnField.OpCount]!; op++) {
		const callee = unit.ops[op * OP_SIZE + OpField.A]!;
		if ((unit.ops[op * OP_SIZE]! & 255) !== Op.Call || callee < 0 || unit.exprs[callee * EXPR_SIZE] !== ExprKind.Name)
			continue;
		if (references.has(program.globalName(file, unit.exprs[callee * EXPR_SIZE + 1]!))) return true;
	}
	return false;
}
