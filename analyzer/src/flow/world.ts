// What every pass of the dataflow shares: the program, the compiled model bound to the program's names, and
// the interned tables. One world per analysis; profiles have worlds of their own.

import { sharedInts } from "../base/ints.js";
import { binary, constantNamed, treeConstant, unary } from "../ir/consts.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { CONST_SIZE, ConstField, FnField } from "../ir/unit.js";
import { type GfpBits, gfpBits, gfpMask, withFallback } from "../model/gfp.js";
import { teachRust } from "../model/rustFacts.js";
import type { MemoryRow, Model, Primitive, ReferenceRow, SpanRow } from "../model/schema.js";
import { settledValues } from "../model/settled.js";
import { KindTable } from "./context.js";
import { type Frame, NOT_ASKED } from "./frame.js";
import { PathTable } from "./paths.js";
import { NO_FNS, NO_RANKS, type OrderedFns, type Ranks } from "./ranks.js";
import { StatePool } from "./statePool.js";
import { emptySummary, type Summary, unread } from "./summary.js";
import { ValueTable } from "./values.js";

export interface World {
	readonly program: Program;
	readonly model: Model;
	readonly profile: "default" | "rt";
	readonly kinds: KindTable;
	readonly values: ValueTable;
	readonly paths: PathTable;
	readonly states: StatePool;
	readonly primitives: readonly Primitive[];
	/** index in `primitives` by program-wide name, NONE for none */
	readonly primitiveOf: Int32Array;
	/** the files that each primitive's rows cite: a static function of that name there is the one they mean */
	readonly homes: readonly ReadonlySet<FileId>[];
	/** by program-wide name */
	readonly references: ReadonlyMap<number, ReferenceRow>;
	/** functions that do something to memory, by program-wide name */
	readonly memory: ReadonlyMap<number, MemoryRow>;
	/** by program-wide name */
	readonly spans: ReadonlyMap<number, SpanRow>;
	/** value of variables that are settled once the system runs, by program-wide name */
	readonly settled: ReadonlyMap<number, number>;
	readonly gfp: GfpBits;
	/** bits of the gfp names by program-wide name */
	readonly flags: ReadonlyMap<number, number>;
	/** has the tree a header that says what flags are made of? Else the model's rows do */
	readonly hasOwnFlags: boolean;
	/** line starts by file, a bounded cache */
	readonly lines: Map<FileId, { readonly of: Int32Array; readonly starts: Int32Array }>;
	/** by FnId; read them by `summaryOf` */
	readonly summaries: Summary[];
	/** gives the summaries that another thread has made, while several work */
	readonly others: { read: ((fn: FnId) => Summary) | null };
	/** where functions stand in the schedule, as far as that has been found */
	readonly order: { ranks: Ranks; components: OrderedFns };
	/** the summaries that edits have replaced since all was solved, as they were; null before that */
	readonly replaced: { summaries: Map<FnId, Summary> | null };
	/** value of a constant of the tree by name, 0 when it has none */
	readonly namedBits: (name: string) => number;
	readonly checkpoint: () => void;
}

/** Who a call goes to: a model row, a definition, or unknown. Packed in one number. */
export const enum Callee {
	/** an expression: a field, a variable, a parameter */
	Indirect = -1,
	/** a name without definition and row */
	Unknown = -2,
	/** FirstPrimitive - i is primitive i */
	FirstPrimitive = -3,
}

/** What the call at `op` of an opened function does to a reference count, by its name; undefined for most. */
export function referenceAt(world: World, frame: Frame, op: number): ReferenceRow | undefined {
	const callee = frame.a(op);
	if (callee < 0 || frame.kind(callee) !== ExprKind.Name) return undefined;
	return world.references.get(world.program.modelName(frame.file, frame.x(callee)));
}

/** The row of a call that takes or gives back a reference, and the expression of what it is of; null when it is no such call. */
export function referenceOf(world: World, fn: FnId, op: number): { row: ReferenceRow; of: number } | null {
	const row = world.references.get(nameCalled(world.program, fn, op));
	if (row === undefined) return null;
	const { ops, lists } = world.program.unit(world.program.fnFile(fn));
	const at = (world.program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	return row.arg < ops[at + OpField.C]! ? { row, of: lists[ops[at + OpField.B]! + row.arg]! } : null;
}

/** The program-wide name that a call calls, NONE for other ops and other calls. */
export function nameCalled(program: Program, fn: FnId, op: number): number {
	const file = program.fnFile(fn);
	const { ops, exprs } = program.unit(file);
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const callee = ops[at + OpField.A]!;
	if ((ops[at]! & 255) !== Op.Call || callee < 0 || exprs[callee * EXPR_SIZE] !== ExprKind.Name) return NONE;
	return program.globalName(file, exprs[callee * EXPR_SIZE + 1]!);
}

/** Index of the primitive of a program-wide name, or NONE. */
export function primitiveNamed({ primitiveOf }: World, name: number): number {
	return name >= 0 && name < primitiveOf.length ? primitiveOf[name]! : NONE;
}

/** The primitive that a text names, or undefined. */
export function primitiveCalled(world: World, name: string): Primitive | undefined {
	return world.primitives[primitiveNamed(world, world.program.names.lookupText(name))];
}

/** The callee that a name means in a function: FnId (>= 0), a packed primitive, Indirect for a trait's function, or Unknown. A row wins over a definition unless that is a static of the same file that the row does not cite. */
export function calleeNamed(world: World, caller: FnId, local: number): number {
	const { program } = world;
	const file = program.fnFile(caller);
	const primitive = primitiveNamed(world, program.modelName(file, local));
	const fn = program.bindIn(caller, local);
	if (primitive !== NONE && (!program.isOwnStatic(file, fn) || world.homes[primitive]!.has(file)))
		return Callee.FirstPrimitive - primitive;
	if (fn !== NONE) return fn;
	return program.traitCalled(file, local) === undefined ? Callee.Unknown : Callee.Indirect;
}

/** The same for the call at `op` of an opened function; Unknown too when it names nothing. */
export function calleeAt(world: World, frame: Frame, op: number): number {
	const known = frame.callees.data[op]!;
	if (known !== NOT_ASKED) return known;
	const callee = frame.a(op);
	const isNamed = callee >= 0 && frame.kind(callee) === ExprKind.Name;
	const found = isNamed ? calleeNamed(world, frame.fn, frame.x(callee)) : Callee.Unknown;
	frame.callees.data[op] = found;
	return found;
}

/** The same for the call at `op` of any function; NONE when it calls no name. */
export function staticCallee(world: World, fn: FnId, op: number): number {
	const { program } = world;
	const unit = program.unit(program.fnFile(fn));
	const callee = unit.ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.A]!;
	const isName = callee >= 0 && unit.exprs[callee * EXPR_SIZE] === ExprKind.Name;
	return isName ? calleeNamed(world, fn, unit.exprs[callee * EXPR_SIZE + 1]!) : NONE;
}

export function isPrimitive(callee: number): boolean {
	return callee <= Callee.FirstPrimitive;
}

export function primitiveAt(world: World, callee: number): Primitive {
	return world.primitives[Callee.FirstPrimitive - callee]!;
}

/** Does `fn` stand higher than the function `callee`, whose summary is complete before? */
export function isBelow({ order, program }: World, callee: FnId, fn: FnId): boolean {
	const { level, place } = order.ranks;
	const own = level[fn] ?? NONE;
	const other = level[callee] ?? NONE;
	if (other === NONE || other > own) return false;
	return other < own || (place[callee]! < place[fn]! && program.fnFile(callee) === program.fnFile(fn));
}

/** Says what the summary of a function is. */
export function setSummary({ summaries, replaced }: World, fn: FnId, summary: Summary): void {
	if (replaced.summaries !== null && !replaced.summaries.has(fn))
		replaced.summaries.set(fn, summaries[fn] ?? emptySummary);
	summaries[fn] = summary;
}

export function summaryOf(world: World, fn: FnId): Summary {
	const known = world.summaries[fn] ?? emptySummary;
	return known === unread && world.others.read !== null ? world.others.read(fn) : known;
}

/** Integer value of a name in a file, or undefined. Flags keep their meaning where the tree's headers are not at hand. */
export function namedConstant(world: World, file: FileId, name: number): number | undefined {
	if (name < 0) return undefined;
	const known = world.flags.get(name) ?? constantNamed(world.program, file, name);
	return known === undefined && !world.hasOwnFlags ? madeOfFlags(world, file, name, 0) : known;
}

/** Constants that are written in terms of constants are looked through so far. */
const MAX_ALIASES = 6;

/** Value of a constant that is put together from flags whose values only the model knows. */
function madeOfFlags(world: World, file: FileId, name: number, depth: number): number | undefined {
	const { program } = world;
	const symbol = program.bestSymbol(program.consts, file, name);
	if (symbol === NONE || depth > MAX_ALIASES) return undefined;
	const home = program.consts.file(symbol);
	const { consts, exprs } = program.unit(home);
	const evaluate = (expr: number): number | undefined => {
		const at = expr * EXPR_SIZE;
		switch (expr < 0 ? NONE : exprs[at]!) {
			case ExprKind.Int:
				return exprs[at + 1]!;
			case ExprKind.Name: {
				const inner = program.globalName(home, exprs[at + 1]!);
				return world.flags.get(inner) ?? madeOfFlags(world, home, inner, depth + 1);
			}
			case ExprKind.Cast:
				return evaluate(exprs[at + 2]!);
			case ExprKind.Unary: {
				const value = evaluate(exprs[at + 2]!);
				return value === undefined ? undefined : unary(exprs[at + 1]!, value);
			}
			case ExprKind.Binary: {
				const [left, right] = [evaluate(exprs[at + 2]!), evaluate(exprs[at + 3]!)];
				return left === undefined || right === undefined ? undefined : binary(exprs[at + 1]!, left, right);
			}
			default:
				return undefined;
		}
	};
	return evaluate(consts[program.consts.index(symbol) * CONST_SIZE + ConstField.Value]!);
}

export interface WorldOptions {
	readonly program: Program;
	readonly model: Model;
	readonly profile: "default" | "rt";
	readonly checkpoint: () => void;
}

/** Binds a model to a linked program. */
export function createWorld({ program, model, profile, checkpoint }: WorldOptions): World {
	teachRust(program, model);
	const resolve = withFallback((name) => treeConstant(program, name), model.gfp);
	const primitives = [...model.primitives.values()];
	for (const { name, lock } of primitives) {
		program.names.internText(name);
		if (lock !== undefined && lock.arg < 0) program.names.internText(lock.global ?? lock.name);
	}
	const flags = new Map<number, number>();
	for (const name of model.gfp.keys()) {
		const bits = gfpMask(name, resolve)?.bits;
		if (bits !== undefined) flags.set(program.names.internText(name), bits);
	}
	const primitiveOf = sharedInts(program.names.size).fill(NONE);
	primitives.forEach((primitive, i) => {
		primitiveOf[program.names.lookupText(primitive.name)] = i;
	});
	return {
		program,
		model,
		profile,
		kinds: new KindTable(model, profile),
		values: new ValueTable(),
		paths: new PathTable(),
		states: new StatePool(),
		primitives,
		primitiveOf,
		homes: primitives.map((primitive) => homesOf(program, primitive)),
		references: byNameId(program, model.references),
		memory: byNameId(program, model.memory),
		spans: byNameId(program, model.spans),
		settled: byNameId(program, settledValues(program, model)),
		gfp: gfpBits(resolve),
		flags,
		hasOwnFlags: [...model.gfp.keys()].some((name) => treeConstant(program, name) !== undefined),
		lines: new Map(),
		summaries: [],
		others: { read: null },
		order: { ranks: NO_RANKS, components: NO_FNS },
		replaced: { summaries: null },
		namedBits: (name) => gfpMask(name, resolve)?.bits ?? 0,
		checkpoint,
	};
}

function byNameId<Row>({ names }: Program, rows: ReadonlyMap<string, Row>): Map<number, Row> {
	return new Map([...rows].map(([name, row]) => [names.internText(name), row]));
}

/** The files of the tree that a primitive's rows cite. */
function homesOf(program: Program, primitive: Primitive): ReadonlySet<FileId> {
	const homes = new Set<FileId>();
	for (const row of Object.values(primitive)) {
		if (typeof row !== "object") continue;
		const file = program.fileOf(row.source.split(":")[0]!);
		if (file !== NONE) homes.add(file);
	}
	return homes;
}

/**
 * A function that the model describes is not judged by its body. A static function of a source file that the row
 * does not cite just has the name.
 */
export function isDescribed(world: World, fn: FnId): boolean {
	const { program } = world;
	const primitive = primitiveNamed(world, program.fnGlobalName(fn));
	if (primitive === NONE) return false;
	const file = program.fnFile(fn);
	return !program.isOwnStatic(file, fn) || program.pathInfo(file).isHeader || world.homes[primitive]!.has(file);
}
