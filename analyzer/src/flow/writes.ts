// What a function writes to its variables, and to the structures that they are or point to: the last write before an
// op, where every way to that op comes by it.

import { constantOf } from "../ir/consts.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { memberOf } from "../ir/typing.js";
import { FnField } from "../ir/unit.js";
import type { MemoryRow } from "../model/schema.js";
import { argumentOf, type CallGraph } from "./callGraph.js";
import { CallMap } from "./callMap.js";
import type { Dominators } from "./dominators.js";
import { reachedFrom } from "./ways.js";
import { nameCalled, type World } from "./world.js";

/** A Field expression of a function. */
interface Field {
	readonly fn: FnId;
	readonly expr: number;
}

/** A variable of a function or what it points to, and into that: names of fields (program-wide), and a bit as `bitName` says it. */
export interface Place {
	readonly local: number;
	readonly isPointed: boolean;
	readonly path: readonly number[];
	/** where the last field is named, to look up which structure it is of */
	readonly field: Field | null;
}

/** What is written where no expression says it: zeroes, a bit that is set. NONE: nobody knows what. */
export const ZEROES = -2;
export const SET = -3;

export interface Write extends Place {
	readonly op: number;
	/** expression, or one of these */
	readonly value: number;
}

/** The last one before an op; it is not known where only some ways come by it, or others may write. */
type LastWrite = Write | "none" | "unknown";

/** A call that is given the address of a variable or of a part of it, or of what it points to. */
interface Given {
	readonly op: number;
	readonly local: number;
	readonly isPointed: boolean;
}

/** The address of a variable is kept in another one, or where anybody may have it from. */
interface Kept {
	readonly of: number;
	readonly by: number;
}

const ANYBODY = -2;
const NOBODY: ReadonlySet<number> = new Set();

interface FunctionWrites {
	readonly writes: readonly Write[];
	readonly given: readonly Given[];
	/** by name of a field written to: where it is */
	readonly fields: ReadonlyMap<number, readonly number[]>;
	readonly kept: readonly Kept[];
	/** assignments of a variable's value to something */
	readonly copies: readonly { readonly op: number; readonly local: number }[];
	readonly backEdges: readonly { readonly from: number; readonly to: number }[];
}

/** All that is pointed to, by whatever. */
export const WHOLE: Place = { local: NONE, isPointed: true, path: [], field: null };
/** Pointers that one is made of. */
const MAX_SOURCES = 4;
/** Bits that are told apart. */
const MAX_BIT = 64;
/** Below the names of bits: that some bit of the field of a name is written to. */
const SOME_BIT = -1000;

/** A bit as the last part of a path. */
function bitName(bit: number): number {
	return NONE - 1 - bit;
}

/** The number of the bit that is the last part of a path; NONE for others. */
export function bitOf({ path }: Place): number {
	const last = path[path.length - 1];
	return last === undefined || last >= NONE ? NONE : NONE - 1 - last;
}

/** Does a write not happen? `isLater`: it comes after the op asked for, in a loop that comes to that again. */
export type LeavesOut = (op: number, isLater: boolean) => boolean;

/** Leaves out all that only some ways come by, but not what a loop does. */
export const BEFORE_ONLY: LeavesOut = (_op, isLater) => !isLater;

/** Calls between a function that is given a structure and the one that writes to it. */
const SETTERS = 2;

export class Writes {
	private readonly program: Program;
	private readonly known = new Map<FnId, FunctionWrites>();
	/** by function and variable: the pointers that it is made of */
	private readonly sources = new CallMap<readonly number[]>();
	/** by function, name of a field, and its structure */
	private readonly setters = new Map<string, boolean>();
	/** by function and op: what was last written before it to places that have been asked for, whoever asks */
	private readonly lasts = new CallMap<{ readonly place: Place; readonly write: LastWrite }[]>();

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
		private readonly dominators: Dominators,
	) {
		this.program = world.program;
	}

	/** The last write to a place, or to a structure around it, before `until`. Writes for which `isLeftOut` holds do not happen. */
	lastBefore(fn: FnId, place: Place, until: number, isLeftOut: LeavesOut): LastWrite {
		const known = this.lasts.get(fn, until)?.find((last) => isEqual(last.place, place));
		if (known !== undefined) return known.write;
		let isAsked = false;
		const write = this.findLast(fn, place, until, (op, isLater) => {
			isAsked = true;
			return isLeftOut(op, isLater);
		});
		if (!isAsked) (this.lasts.get(fn, until) ?? this.lasts.add(fn, until, [])).push({ place, write });
		return write;
	}

	private findLast(fn: FnId, place: Place, until: number, isLeftOut: LeavesOut): LastWrite {
		const { writes } = this.of(fn);
		const before: Write[] = [];
		for (const write of writes) {
			if (!overlaps(write, place)) continue;
			if (write.op < until) before.push(write);
			else if (this.comesBack(fn, write.op, until) && !isLeftOut(write.op, true)) return "unknown";
		}
		let last = before.pop();
		while (last !== undefined && !this.dominators.isAlwaysPassed(fn, last.op, until)) {
			if (!isLeftOut(last.op, false)) return "unknown";
			last = before.pop();
		}
		const from = last?.op ?? NONE;
		if (this.isSetByOthers(fn, place, from, until)) return "unknown";
		if (last === undefined) return "none";
		// What is written is a part of it.
		if (last.path.length > place.path.length) return "unknown";
		const isMoved = (write: Write) => write.local === place.local && !write.isPointed && write.op > from;
		return place.isPointed && writes.some((write) => isMoved(write) && write.op < until) ? "unknown" : last;
	}

	/** The last write before `until` that all ways come by. Those that only some come by after it are added to `some`. */
	lastSureBefore(fn: FnId, place: Place, until: number, some: Write[]): LastWrite {
		const last = this.lastBefore(fn, place, until, BEFORE_ONLY);
		const from = typeof last === "string" ? NONE : last.op;
		for (const write of this.of(fn).writes) {
			if (write.op > from && write.op < until && overlaps(write, place)) some.push(write);
		}
		return some.every(({ path }) => path.length <= place.path.length) ? last : "unknown";
	}

	/** Does nobody else know of what a variable points to, from `from` until `until`: is it given to no call, and kept nowhere? */
	isUnshared(fn: FnId, local: number, from: number, until: number): boolean {
		const { given, copies } = this.of(fn);
		const isBetween = (op: number) => op > from && (op < until || this.comesBack(fn, op, until));
		const leads = (op: number) => reachedFrom(this.program, fn, op + 1)[until] === 1 || this.comesBack(fn, op, until);
		const isIts = (one: { readonly op: number; readonly local: number }) =>
			one.local === local && isBetween(one.op) && leads(one.op);
		return !given.some(isIts) && !copies.some(isIts);
	}

	/** The only value that a variable is ever given; null when there are several, or others may write to it. */
	soleValue(fn: FnId, local: number): Write | null {
		const own = this.of(fn).writes.filter((write) => write.local === local && !write.isPointed);
		return own.length === 1 && own[0]!.path.length === 0 ? own[0]! : null;
	}

	/** Is what is at a place when control comes to `until` what was there at `from`? */
	isKept(fn: FnId, place: Place, from: number, until: number): boolean {
		const isBetween = (op: number) => op > from && (op < until || this.comesBack(fn, op, until, from));
		const isChanged = (write: Write) =>
			overlaps(write, place) || (place.isPointed && write.local === place.local && !write.isPointed);
		return (
			!this.of(fn).writes.some((write) => isBetween(write.op) && isChanged(write)) &&
			!this.isSetByOthers(fn, place, from, until)
		);
	}

	/** Is there a loop in which `op` comes before `before` the next time, without coming by `past` again? */
	private comesBack(fn: FnId, op: number, before: number, past = NONE): boolean {
		return this.of(fn).backEdges.some(({ from, to }) => from >= op && to <= before && to > past);
	}

	/** May functions that know of a structure have written to a part of it between two ops? */
	private isSetByOthers(fn: FnId, place: Place, from: number, to: number): boolean {
		const { given } = this.of(fn);
		const isBetween = (op: number) => op > from && (op < to || this.comesBack(fn, op, to, from));
		const same = place.isPointed ? this.sourcesOf(fn, place.local) : [place.local];
		const its = given.filter(({ local, isPointed }) => isPointed === place.isPointed && same.includes(local));
		const holders = place.isPointed ? NOBODY : this.holdersOf(fn, place.local);
		if (its.length + holders.size === 0) return false;
		if (!place.isPointed && its.some(({ op }) => isBetween(op))) return true;
		if (place.path.length === 0) return holders.size > 0;
		const names = namesOf(place);
		const isKnown = (op: number) =>
			its.some((one) => one.op === op) ||
			holders.has(ANYBODY) ||
			given.some((one) => one.op === op && holders.has(one.local));
		const owner = place.field === null ? NONE : ownerOf(this.program, place.field);
		const setsIt = (one: FnId) => names.some((name) => this.sets(one, name, owner, SETTERS));
		return this.graph.hasSite(
			fn,
			(callee, op) =>
				isBetween(op) && isKnown(op) && ((callee >= 0 && setsIt(callee)) || this.functionsGiven(fn, op).some(setsIt)),
		);
	}

	/** The functions that a call is given. */
	private functionsGiven(fn: FnId, op: number): FnId[] {
		const { program } = this;
		const file = program.fnFile(fn);
		const { ops, exprs } = program.unit(file);
		const count = ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.C]!;
		const found: FnId[] = [];
		for (let i = 0; i < count; i++) {
			const expr = argumentOf(program, fn, op, i);
			if (expr < 0 || exprs[expr * EXPR_SIZE] !== ExprKind.Name) continue;
			const target = program.bindLocal(file, exprs[expr * EXPR_SIZE + 1]!);
			if (target !== NONE) found.push(target);
		}
		return found;
	}

	/** A pointer, and those that it was made of (`to_dev(inner)`): what they point to is the same, or around it. */
	private sourcesOf(fn: FnId, local: number): readonly number[] {
		return this.sources.get(fn, local) ?? this.sources.add(fn, local, this.findSources(fn, local));
	}

	private findSources(fn: FnId, local: number): number[] {
		const found = [local];
		const { program } = this;
		const { exprs } = program.unit(program.fnFile(fn));
		for (let at = 0; at < found.length && found.length < MAX_SOURCES; at++) {
			const value = this.soleValue(fn, found[at]!)?.value ?? NONE;
			if (value < 0) continue;
			const isCall = exprs[value * EXPR_SIZE] === ExprKind.CallResult;
			const argument = isCall ? argumentOf(program, fn, exprs[value * EXPR_SIZE + 1]!, 0) : value;
			const source = pointerIn(exprs, argument);
			if (source !== NONE && !found.includes(source)) found.push(source);
		}
		return found;
	}

	/** The variables through which the address of a variable may be had. */
	private holdersOf(fn: FnId, local: number): ReadonlySet<number> {
		const { kept } = this.of(fn);
		const found = new Set<number>();
		const queue = [local];
		for (let at = 0; at < queue.length; at++) {
			for (const { of, by } of kept) {
				if (of !== queue[at] || found.has(by)) continue;
				found.add(by);
				queue.push(by);
			}
		}
		return found;
	}

	/** Does a function, or one that it calls, write to a field of that name, of that structure as far as is known? */
	private sets(fn: FnId, name: number, owner: number, depth: number): boolean {
		const key = `${fn}/${name}/${owner}`;
		const known = depth === SETTERS ? this.setters.get(key) : undefined;
		if (known !== undefined) return known;
		const isOwn = (this.of(fn).fields.get(name) ?? []).some((expr) => {
			const other = owner === NONE ? NONE : ownerOf(this.program, { fn, expr });
			return other === NONE || other === owner;
		});
		const isSet =
			isOwn ||
			(depth > 0 && this.graph.hasSite(fn, (callee) => callee >= 0 && this.sets(callee, name, owner, depth - 1)));
		if (depth === SETTERS) this.setters.set(key, isSet);
		return isSet;
	}

	private of(fn: FnId): FunctionWrites {
		let found = this.known.get(fn);
		if (found === undefined) {
			found = writesOf(this.world, fn);
			this.known.set(fn, found);
		}
		return found;
	}
}

/** By which names of fields a place is written to: of a bit that of its field, too. */
function namesOf(place: Place): readonly number[] {
	const last = place.path[place.path.length - 1]!;
	if (bitOf(place) === NONE) return [last, someBitOf(last)];
	return place.path.length === 1 ? [last] : [last, place.path[place.path.length - 2]!];
}

/** Are they the same place? */
export function isSame(a: Place, b: Place): boolean {
	return a.path.length === b.path.length && overlaps(a, b);
}

/** The same, and known from the same expression? */
function isEqual(a: Place, b: Place): boolean {
	return a.field?.expr === b.field?.expr && a.field?.fn === b.field?.fn && isSame(a, b);
}

/** Is one of them a part of the other, or the same? */
function overlaps(write: Place, place: Place): boolean {
	if (write.local !== place.local || write.isPointed !== place.isPointed) return false;
	const length = Math.min(write.path.length, place.path.length);
	for (let i = 0; i < length; i++) if (write.path[i] !== place.path[i]) return false;
	return true;
}

function writesOf(world: World, fn: FnId): FunctionWrites {
	const { program } = world;
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const count = program.fnField(fn, FnField.OpCount);
	const writes: Write[] = [];
	const given: Given[] = [];
	const fields = new Map<number, number[]>();
	const kept: Kept[] = [];
	const copies: { op: number; local: number }[] = [];
	const backEdges: { from: number; to: number }[] = [];
	for (let op = 0; op < count; op++) {
		const at = (first + op) * OP_SIZE;
		const code = ops[at]! & 255;
		const target = ops[at + (code === Op.Branch ? OpField.B : OpField.A)]!;
		if ((code === Op.Branch || code === Op.Jump) && target <= op) backEdges.push({ from: op, to: target });
		if (code === Op.Assign) {
			const place = placeOf(program, fn, ops[at + OpField.A]!);
			if (place !== null) writes.push(writeTo(place, op, ops[at + OpField.B]!));
			addFields(program, fn, ops[at + OpField.A]!, fields);
			const holder = place === null || place.isPointed ? ANYBODY : place.local;
			addKept(program, fn, ops[at + OpField.B]!, holder, kept);
			const copied = pointerIn(exprs, ops[at + OpField.B]!);
			if (copied !== NONE) copies.push({ op, local: copied });
		} else if (code === Op.Call) {
			const touched = touchedBy(world, fn, op);
			if (touched !== null) {
				if (touched.does !== "tests") addTouch(touched, op, writes, fields);
				continue;
			}
			for (let i = 0; i < ops[at + OpField.C]!; i++) {
				const argument = argumentOf(program, fn, op, i);
				if (argument < 0) continue;
				const isAddress = exprs[argument * EXPR_SIZE] === ExprKind.AddrOf;
				const place = placeOf(program, fn, isAddress ? exprs[argument * EXPR_SIZE + 1]! : argument);
				if (place === null || (!isAddress && place.path.length > 0)) continue;
				given.push({ op, local: place.local, isPointed: place.isPointed || !isAddress });
			}
		}
	}
	return { writes, given, fields, kept, copies, backEdges };
}

/** What a call to a function of the model does to a place. */
export interface Touched {
	readonly place: Place;
	readonly does: MemoryRow["does"];
	/** as in a Write */
	readonly value: number;
}

/** The same for the call at `op` of a function; null when it is none of these, or nobody knows where that is. */
export function touchedBy(world: World, fn: FnId, op: number): Touched | null {
	const { program } = world;
	const row = world.memory.get(nameCalled(program, fn, op));
	if (row === undefined) return null;
	const { exprs } = program.unit(program.fnFile(fn));
	const argument = (index: number | undefined) => (index === undefined ? NONE : argumentOf(program, fn, op, index));
	const constant = (index: number | undefined) => constantOf(program, program.fnFile(fn), argument(index));
	let address = argument(row.at);
	while (address >= 0 && exprs[address * EXPR_SIZE] === ExprKind.Cast) address = exprs[address * EXPR_SIZE + 2]!;
	const all = pointee(program, fn, address, WHOLE) ?? placeOf(program, fn, address);
	if (all === null) return null;
	if (row.bit !== undefined) {
		const bit = constant(row.bit);
		if (bit === undefined || bit < 0 || bit >= MAX_BIT) return { place: all, does: row.does, value: NONE };
		const place = { ...all, path: [...all.path, bitName(bit)] };
		return { place, does: row.does, value: writtenBy(row.does, argument(row.value)) };
	}
	const size = argument(row.size);
	// what a pointer leads to may be for a device to write to
	const isWhole = !all.isPointed && size >= 0 && exprs[size * EXPR_SIZE] === ExprKind.SizeOf;
	return { place: all, does: row.does, value: isWhole && constant(row.value) === 0 ? ZEROES : NONE };
}

function writtenBy(does: MemoryRow["does"], assigned: number): number {
	if (does === "assigns") return assigned;
	return does === "sets" ? SET : does === "clears" ? ZEROES : NONE;
}

/** Adds what a call writes. */
function addTouch({ place, value }: Touched, op: number, writes: Write[], fields: Map<number, number[]>): void {
	writes.push(writeTo(place, op, value));
	if (place.field === null) return;
	const { expr } = place.field;
	const name = place.path[place.path.length - 1]!;
	const isBit = bitOf(place) !== NONE;
	for (const one of isBit ? [name, someBitOf(place.path[place.path.length - 2]!)] : [name])
		fields.set(one, [...(fields.get(one) ?? []), expr]);
}

/** Stands for the bits of the field of a name, whichever. */
function someBitOf(name: number): number {
	return SOME_BIT - name;
}

/** The variable whose value, or a place in what it points to, an expression is; NONE for others. */
function pointerIn(exprs: Int32Array, expr: number): number {
	let at = expr;
	for (;;) {
		if (at < 0) return NONE;
		switch (exprs[at * EXPR_SIZE] as ExprKind) {
			case ExprKind.Local:
				return exprs[at * EXPR_SIZE + 1]!;
			case ExprKind.AddrOf:
			case ExprKind.Field:
			case ExprKind.Index:
				at = exprs[at * EXPR_SIZE + 1]!;
				break;
			case ExprKind.Cast:
			case ExprKind.Binary:
				at = exprs[at * EXPR_SIZE + 2]!;
				break;
			default:
				return NONE;
		}
	}
}

/** Adds the fields that an expression goes through. */
function addFields(program: Program, fn: FnId, expr: number, fields: Map<number, number[]>): void {
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	for (let at = expr; at >= 0; at = exprs[at * EXPR_SIZE + 1]!) {
		const kind = exprs[at * EXPR_SIZE]!;
		if (kind === ExprKind.Field) {
			const name = program.globalName(file, exprs[at * EXPR_SIZE + 2]!);
			const known = fields.get(name);
			if (known === undefined) fields.set(name, [at]);
			else if (!known.includes(at)) known.push(at);
		} else if (kind !== ExprKind.Index && kind !== ExprKind.Deref) return;
	}
}

/** Name of the structure that a field is of, NONE when that is not known. */
export function ownerOf(program: Program, { fn, expr }: Field): number {
	return memberOf(program, fn, expr)?.owner.name ?? NONE;
}

/** Adds the variables whose address a value is or holds. */
function addKept(program: Program, fn: FnId, value: number, by: number, kept: Kept[]): void {
	if (value < 0) return;
	const { exprs, lists } = program.unit(program.fnFile(fn));
	const at = value * EXPR_SIZE;
	switch (exprs[at] as ExprKind) {
		case ExprKind.AddrOf: {
			const place = placeOf(program, fn, exprs[at + 1]!);
			if (place !== null && !place.isPointed && place.local !== by) kept.push({ of: place.local, by });
			return;
		}
		case ExprKind.Cast:
			addKept(program, fn, exprs[at + 2]!, by, kept);
			return;
		case ExprKind.Cond:
			addKept(program, fn, exprs[at + 2]!, by, kept);
			addKept(program, fn, exprs[at + 3]!, by, kept);
			return;
		case ExprKind.Literal:
			for (let i = 0; i < exprs[at + 3]!; i++) addKept(program, fn, lists[exprs[at + 2]! + 2 * i + 1]!, by, kept);
			return;
		default:
			return;
	}
}

/** The place that an expression names; null when it is none of a variable. An element of an array is its array. */
export function placeOf(program: Program, fn: FnId, expr: number): Place | null {
	if (expr < 0) return null;
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	const at = expr * EXPR_SIZE;
	switch (exprs[at] as ExprKind) {
		case ExprKind.Local:
			return { local: exprs[at + 1]!, isPointed: false, path: [], field: null };
		case ExprKind.Deref:
			return pointed(placeOf(program, fn, exprs[at + 1]!));
		case ExprKind.Index:
			return placeOf(program, fn, exprs[at + 1]!);
		case ExprKind.Field: {
			const base = placeOf(program, fn, exprs[at + 1]!);
			const of = exprs[at + 3] === 1 ? pointed(base) : base;
			if (of === null) return null;
			const path = [...of.path, program.globalName(file, exprs[at + 2]!)];
			return { local: of.local, isPointed: of.isPointed, path, field: { fn, expr } };
		}
		default:
			return null;
	}
}

/** The same place in what a variable points to. */
export function pointedBy(local: number, { path, field }: Place): Place {
	return { local, isPointed: true, path, field };
}

/** The same place, in what an expression points to instead; null when that is no variable's. */
export function pointee(program: Program, fn: FnId, expr: number, place: Place): Place | null {
	if (expr < 0) return null;
	const { exprs } = program.unit(program.fnFile(fn));
	const at = expr * EXPR_SIZE;
	if (exprs[at] === ExprKind.Local) return pointedBy(exprs[at + 1]!, place);
	if (exprs[at] !== ExprKind.AddrOf) return null;
	const base = placeOf(program, fn, exprs[at + 1]!);
	if (base === null) return null;
	const field = place.path.length === 0 ? base.field : place.field;
	return { local: base.local, isPointed: base.isPointed, path: [...base.path, ...place.path], field };
}

function writeTo({ local, isPointed, path, field }: Place, op: number, value: number): Write {
	return { local, isPointed, path, field, op, value };
}

/** What a variable points to; null for what a field points to. */
function pointed(place: Place | null): Place | null {
	return place === null || place.isPointed || place.path.length > 0 ? null : pointedBy(place.local, place);
}

/** A part of a value: an expression, or zero where a list of other fields leaves it out. */
export function inside(
	program: Program,
	fn: FnId,
	value: number,
	path: readonly number[],
): number | "zero" | "unknown" {
	const file = program.fnFile(fn);
	const { exprs, lists } = program.unit(file);
	const at = value * EXPR_SIZE;
	if (value < 0 || exprs[at] !== ExprKind.Literal) return "unknown";
	let found: number | "zero" = "zero";
	for (let i = 0; i < exprs[at + 3]!; i++) {
		const name = lists[exprs[at + 2]! + 2 * i]!;
		if (name === NONE) return "unknown";
		if (program.globalName(file, name) === path[0]) found = lists[exprs[at + 2]! + 2 * i + 1]!;
	}
	return found === "zero" || path.length === 1 ? found : inside(program, fn, found, path.slice(1));
}
