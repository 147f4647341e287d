// What all parts of the lowering share: the builder, the tree that is read, the names in scope, and the function
// that is being emitted. Nothing here knows of expressions.
import type { Builder } from "../ir/builder.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import { TypeKind, VAR_SIZE } from "../ir/unit.js";
import type { ConfigView } from "../source/kconfig.js";
import type { Arm } from "./macroRules.js";
import type { Syntax } from "./syntax.js";

/** An expression of the IR and the term of its type ("" when nothing is known). */
export interface Value {
	readonly expr: number;
	readonly term: string;
	/** of a closure: what it has taken, and is dropped with it */
	readonly taken?: readonly Owned[];
}

/** A name in scope. */
export interface Local {
	readonly name: string;
	/** variable of the function; NONE for one that a closure captures and that has no variable yet */
	readonly index: number;
	/** "" until the first assignment says what it is */
	term: string;
	/** what is dropped with it */
	readonly owned: Owned | null;
}

/** A value that is dropped when control leaves its scope, unless it has been moved out of it. */
export interface Owned {
	readonly expr: number;
	/** "" until the first assignment says what it is */
	term: string;
	readonly start: number;
	readonly end: number;
	/** moved on every path that leads here */
	moved: boolean;
	/** variable that says whether it is still there, where only some paths have moved it; NONE for none */
	flag: number;
	/** the op that gives `flag` its first value, once there is one; NONE for a temporary */
	readonly slot: number;
	/** methods that were called on it: one may have taken it by value */
	readonly methods: string[];
}

/** A loop, or a block with a label. */
export interface Breakable {
	readonly label: string;
	/** ops that jump to its end */
	readonly breaks: number[];
	/** op that a `continue` goes to; NONE when that is not known yet, or there is none */
	readonly again: number;
	readonly continues: number[];
	/** values owned outside of it, and whether they were moved before it */
	readonly before: readonly boolean[];
	/** temporary that keeps what `break` gives, or NONE */
	readonly result: number;
	readonly isLoop: boolean;
}

/** A closure or item inside a function, lowered once that is done. */
export interface Pending {
	readonly syntax: Syntax;
	readonly node: number;
	readonly name: string;
	readonly captures: readonly Local[];
	readonly scope: ItemScope;
}

/** What the items around a function say. */
export interface ItemScope {
	/** the module's name, as in `rcu::read_lock` */
	readonly module: string;
	/** `Self`: the term of the type, or the trait's name; "" outside of both */
	readonly self: string;
	/** the trait that is defined, or "" */
	readonly trait: string;
	/** generic parameters and the traits that they are bound by */
	readonly generics: ReadonlyMap<string, readonly string[]>;
}

/** Parts that lower layers call although they import those: set once in index.ts. */
export interface Hooks {
	/** The value of an expression; what it borrows may be a temporary. `isMoved`: it is taken by value. */
	expression(r: Lowering, node: number, isMoved: boolean): Value;
	/** a block in a scope of its own, and its value */
	block(r: Lowering, node: number): Value;
	/** a function, impl … that stood inside of a block */
	item(r: Lowering, node: number): void;
}

export interface Lowering {
	readonly hooks: Hooks;
	readonly builder: Builder;
	readonly config: ConfigView;
	syntax: Syntax;
	/** name → the path that `use` gives it */
	readonly uses: Map<string, string>;
	/** constants and statics of the file and the terms of their types */
	readonly values: Map<string, string>;
	/** something of the kernel crate is used */
	usesKernel: boolean;
	/** functions of the file that are no methods, by module */
	readonly functions: Set<string>;
	/** C functions that the file declares itself */
	readonly foreign: Set<string>;
	/** macros of the file's own, by name */
	readonly macros: Map<string, readonly Arm[]>;
	/** those of other files */
	readonly foreignMacros: (name: string) => readonly Arm[] | undefined;
	/** by where they are used for items: what they come to; null where that cannot be read */
	readonly expansions: Map<number, Syntax | null>;
	items: ItemScope;
	/** in the arm of a cfg that the configuration does not take */
	alternative: boolean;
	depth: number;
	// the function
	fnName: string;
	opBase: number;
	varBase: number;
	nVars: number;
	dead: boolean;
	partial: boolean;
	nClosures: number;
	readonly locals: Local[];
	readonly owned: Owned[];
	readonly breakables: Breakable[];
	readonly pending: Pending[];
	/** begin of the `let` whose names are being bound, or NONE */
	letStart: number;
	/** bytes of macro arguments that may still be parsed: nested ones are parsed once for each level */
	macroBytes: number;
	/** where `return` goes inside a closure whose body is part of the function; null: it returns */
	inlined: Breakable | null;
}

/** How deep expressions may nest before a span counts as unparsed. */
export const MAX_DEPTH = 120;

export function opCount(r: Lowering): number {
	return r.builder.ops.length / OP_SIZE - r.opBase;
}

/** Appends an op unless control does not get here; answers its index in the function, or NONE. */
export function emit(r: Lowering, code: number, start: number, end: number, a: number, b: number, c: number): number {
	return r.dead ? NONE : r.builder.op(code, start, end, a, b, c) - r.opBase;
}

/** Control does not get past this place. */
export function stop(r: Lowering): void {
	r.dead = true;
}

/** Control does not get here in code that is right; what is broken is cut off. */
export function cutOff(r: Lowering, at: number): void {
	emit(r, Op.Unreachable, at, at, 0, 0, 0);
	stop(r);
}

/** Marks the place as one that is jumped to; answers its op index. */
export function targetHere(r: Lowering): number {
	r.dead = false;
	return opCount(r);
}

/** Lets the jumps lead here; without any the place stays as reachable as it is. */
export function bindJumps(r: Lowering, jumps: readonly number[]): void {
	for (const op of jumps) if (op !== NONE) setTarget(r, op, targetHere(r));
}

function setTarget(r: Lowering, op: number, target: number): void {
	const at = (r.opBase + op) * OP_SIZE;
	const isBranch = (r.builder.ops.data[at]! & 255) === Op.Branch;
	r.builder.ops.data[at + (isBranch ? OpField.B : OpField.A)] = target;
}

export function emitJump(r: Lowering, start: number, end: number): number {
	const op = emit(r, Op.Jump, start, end, NONE, 0, 0);
	stop(r);
	return op;
}

/** A branch that falls through when the condition holds; answers the op, for `bindJumps`. */
export function emitBranch(r: Lowering, condition: number, start: number, end: number): number {
	return emit(r, Op.Branch, start, end, condition, NONE, 0);
}

export function exprKind(r: Lowering, expr: number): ExprKind | -1 {
	return expr < 0 ? -1 : (r.builder.exprs.data[expr * EXPR_SIZE] as ExprKind);
}

export function exprField(r: Lowering, expr: number, at: 1 | 2 | 3): number {
	return r.builder.exprs.data[expr * EXPR_SIZE + at]!;
}

export function localExpr(r: Lowering, index: number): number {
	return r.builder.expr(ExprKind.Local, index, 0, 0);
}

export function nameExpr(r: Lowering, name: string): number {
	return r.builder.expr(ExprKind.Name, r.builder.nameOf(name), 0, 0);
}

export function derefExpr(r: Lowering, expr: number): number {
	return r.builder.expr(ExprKind.Deref, expr, 0, 0);
}

/** Adds a variable to the function; answers its index. */
export function addVariable(r: Lowering, name: string, term: string, flags: number, start: number): number {
	const id = name === "" ? NONE : r.builder.nameOf(name);
	r.builder.vars.push4(id, typeOfTerm(r, term), flags, start);
	return r.nVars++;
}

const INTEGERS = /^([iu](8|16|32|64|128|size)|char)$/;

/** The type record of a term. Records of C are known by their tag, so that fields reach across the languages. */
export function typeOfTerm(r: Lowering, term: string): number {
	const { builder } = r;
	const bare = term.replace(/^[&*]+/, "");
	const pointers = term.length - bare.length;
	const name = bare === "" ? NONE : builder.nameOf(bare);
	if (bare === "") return builder.type(TypeKind.Unknown, NONE, pointers, NONE);
	if (bare === "()" || bare === "!") return builder.type(TypeKind.Void, name, pointers, NONE);
	if (bare === "bool") return builder.type(TypeKind.Bool, name, pointers, NONE);
	if (INTEGERS.test(bare)) return builder.type(TypeKind.Int, name, pointers, NONE);
	if (bare.startsWith("fn(")) return builder.type(TypeKind.FnPointer, name, pointers, NONE);
	return builder.type(TypeKind.Struct, name, pointers, NONE);
}

/** The variables that belong to the function are those from `varBase` on. */
export function varCount(r: Lowering): number {
	return r.builder.vars.length / VAR_SIZE - r.varBase;
}

export function lookUp(r: Lowering, name: string): Local | undefined {
	for (let i = r.locals.length - 1; i >= 0; i--) if (r.locals[i]!.name === name) return r.locals[i];
	return undefined;
}
