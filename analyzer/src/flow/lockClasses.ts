// Which lock a held item is, over functions: a variable of the program, or a field of a struct, as lockdep has classes
// of locks. Found from where the lock is taken, for only there its expression has a type.

import { EXPR_SIZE, ExprKind, NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { memberOf } from "../ir/typing.js";
import { argumentOf, calledExpr } from "./callGraph.js";
import type { Item } from "./context.js";
import { fieldKey } from "./fieldKeys.js";
import { calleeNamed, isPrimitive, primitiveAt, summaryOf, type World } from "./world.js";

/** A field as fieldKey, a variable by its name and file below VARIABLE; NONE when nobody knows. */
export type LockClass = number;

const VARIABLE = -2;
const MAX_FILES = 1 << 20;
/** Wrappers around an acquisition that are looked into. */
const MAX_WRAPPERS = 4;

/** Is it a field of many objects? */
export function isFieldClass(lock: LockClass): boolean {
	return lock >= 0;
}

/** The class of a lock that a function holds, or has released. */
export function lockClassOf(world: World, fn: FnId, { kind, op }: Item, depth = 0): LockClass {
	const callee = calleeOf(world, fn, op);
	if (callee === NONE) return NONE;
	if (isPrimitive(callee)) {
		const row = primitiveAt(world, callee).lock;
		return row === undefined || row.arg < 0 ? NONE : classOfExpr(world, fn, argumentOf(world.program, fn, op, row.arg));
	}
	if (depth >= MAX_WRAPPERS) return NONE;
	const changes = summaryOf(world, callee).exits.flatMap(({ ctx }) => [...ctx.items, ...ctx.gone]);
	const inner = changes.filter((item) => item.kind === kind);
	return inner.length === 0 ? NONE : lockClassOf(world, callee, inner[0]!, depth + 1);
}

function calleeOf(world: World, fn: FnId, op: number): number {
	const { exprs } = world.program.unit(world.program.fnFile(fn));
	const expr = calledExpr(world, fn, op);
	return expr !== NONE && exprs[expr * EXPR_SIZE] === ExprKind.Name
		? calleeNamed(world, fn, exprs[expr * EXPR_SIZE + 1]!)
		: NONE;
}

/** The class of `&p->lock` or `&lock`; what a pointer leads to may be any. */
function classOfExpr({ program }: World, fn: FnId, lock: number): LockClass {
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	let expr = lock;
	while (expr >= 0 && exprs[expr * EXPR_SIZE] === ExprKind.Cast) expr = exprs[expr * EXPR_SIZE + 2]!;
	if (expr < 0 || exprs[expr * EXPR_SIZE] !== ExprKind.AddrOf) return NONE;
	const of = exprs[expr * EXPR_SIZE + 1]!;
	if (of < 0) return NONE;
	const name = (column: number) => program.globalName(file, exprs[of * EXPR_SIZE + column]!);
	switch (exprs[of * EXPR_SIZE]!) {
		case ExprKind.Name: {
			// A variable that a macro defines is not known where it is not declared: it is the file's own.
			const symbol = program.bestGlobal(file, name(1));
			return VARIABLE - name(1) * MAX_FILES - (symbol === NONE ? file : program.globals.file(symbol));
		}
		case ExprKind.Field: {
			const member = memberOf(program, fn, of);
			return member === null ? NONE : fieldKey(member.owner.name, name(2));
		}
		default:
			return NONE;
	}
}

/** The name of the field or variable that an argument is the address of; NONE when it is none. */
export function lockName({ program }: World, fn: FnId, op: number, argument: number): number {
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	let expr = argumentOf(program, fn, op, argument);
	while (expr >= 0 && exprs[expr * EXPR_SIZE] === ExprKind.Cast) expr = exprs[expr * EXPR_SIZE + 2]!;
	const of = expr < 0 ? NONE : exprs[expr * EXPR_SIZE + 1]!;
	if (of < 0) return NONE;
	return program.globalName(file, exprs[of * EXPR_SIZE + (exprs[of * EXPR_SIZE] === ExprKind.Field ? 2 : 1)]!);
}
