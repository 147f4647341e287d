// What every pass of the dataflow shares: the program, the compiled model bound to the program's names, and
// the interned tables. One world per analysis; profiles have worlds of their own.

import { constantNamed } from "../ir/consts.js";
import { NONE } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import type { Model, Primitive } from "../model/schema.js";
import { KindTable } from "./context.js";
import { PathTable } from "./paths.js";
import { emptySummary, type Summary } from "./summary.js";
import { ValueTable } from "./values.js";

/** Bits of the GFP flags that decide what an allocation may do, in the tree at hand. */
export interface GfpBits {
	readonly directReclaim: number;
	readonly io: number;
	readonly fs: number;
	readonly high: number;
}

export interface World {
	readonly program: Program;
	readonly model: Model;
	readonly profile: "default" | "rt";
	readonly kinds: KindTable;
	readonly values: ValueTable;
	readonly paths: PathTable;
	readonly primitives: readonly Primitive[];
	/** index in `primitives` by program-wide name, NONE for none */
	readonly primitiveOf: Int32Array;
	readonly gfp: GfpBits;
	/** by FnId */
	readonly summaries: Summary[];
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

/** The callee that a name means in a file: FnId (>= 0), a packed primitive, or Unknown. A row wins over a definition unless that is a static of the same file. */
export function calleeNamed(world: World, file: FileId, local: number): number {
	const { program } = world;
	const name = program.globalName(file, local);
	const primitive = name >= 0 && name < world.primitiveOf.length ? world.primitiveOf[name]! : NONE;
	const fn = program.bindLocal(file, local);
	if (primitive !== NONE && !program.isOwnStatic(file, fn)) return Callee.FirstPrimitive - primitive;
	return fn === NONE ? Callee.Unknown : fn;
}

export function isPrimitive(callee: number): boolean {
	return callee <= Callee.FirstPrimitive;
}

export function primitiveAt(world: World, callee: number): Primitive {
	return world.primitives[Callee.FirstPrimitive - callee]!;
}

export function summaryOf(world: World, fn: FnId): Summary {
	return world.summaries[fn] ?? emptySummary;
}

/** Integer value of a name in a file, or undefined. */
export function namedConstant(world: World, file: FileId, name: number): number | undefined {
	return constantNamed(world.program, file, name);
}
