// hot: the places that hold functions, as numbers: a (struct, field) pair, wherever the struct is, and a variable of the
// file scope. An array is one place: which of its elements is meant is mostly not known.

import { EXPR_SIZE, ExprKind, NONE } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { findMember, memberAt, memberOf, type StructRef, structOf, type TypeRef } from "../ir/typing.js";
import { FnField, InitField, TYPE_SIZE, TypeField, TypeKind, VAR_SIZE, VarField, VarFlag } from "../ir/unit.js";

/** A place where a function's address is taken. */
export interface TakenAt {
	readonly file: FileId;
	readonly offset: number;
	/** the function it happens in, NONE at file scope */
	readonly fn: FnId;
}

/** A function that such a place may hold. */
export interface FieldTarget extends TakenAt {
	readonly target: FnId;
	/** variable of the unit whose initialiser holds it, NONE where it is assigned */
	readonly owner: number;
	/** place of the initialiser in the unit's table, NONE where it is assigned */
	readonly init: number;
}

/** More than there are names. */
const NAMES = 0x800000;
/** The place of an initialiser that is the variable itself, or an element of it. */
export const WHOLE = -2;

/** A (struct, field) pair as one number. */
export function fieldKey(struct: number, field: number): number {
	return struct * NAMES + field;
}

/** The struct of such a number; NONE for none. */
export function structOfKey(key: number): number {
	return key < 0 ? NONE : Math.floor(key / NAMES);
}

/** The field of such a number. */
export function fieldOfKey(key: number): number {
	return key % NAMES;
}

/** A variable as seen from a file, as one number: static ones of other files are others, also those of functions. */
export function variableKey(program: Program, file: FileId, name: number): number {
	const symbol = program.bestGlobal(file, name);
	if (symbol === NONE) return (file + 1) * NAMES + name;
	return program.isStaticGlobal(symbol) ? (program.globals.file(symbol) + 1) * NAMES + name : name;
}

/** That of the variable which an expression of a C function is, or the array that it is an element of; NONE for all others. */
export function variableOf(program: Program, fn: FnId, expr: number): number {
	const file = program.fnFile(fn);
	const { exprs, vars } = program.unit(file);
	const at = withoutIndex(exprs, expr) * EXPR_SIZE;
	if (at < 0) return NONE;
	if (exprs[at] === ExprKind.Name) return variableKey(program, file, program.globalName(file, exprs[at + 1]!));
	if (exprs[at] !== ExprKind.Local) return NONE;
	const variable = (program.fnField(fn, FnField.VarStart) + exprs[at + 1]!) * VAR_SIZE;
	if ((vars[variable + VarField.Flags]! & VarFlag.Static) === 0) return NONE;
	return variableKey(program, file, program.globalName(file, vars[variable + VarField.Name]!));
}

/** The program-wide name of such a number. */
export function nameOfVariable(key: number): number {
	return key % NAMES;
}

/** The array that an expression is an element of, else the expression. */
export function withoutIndex(exprs: Int32Array, expr: number): number {
	let inner = expr;
	while (inner >= 0 && exprs[inner * EXPR_SIZE] === ExprKind.Index) inner = exprs[inner * EXPR_SIZE + 1]!;
	return inner;
}

/** The (struct, field) of a Field expression of a function, or NONE. */
export function fieldKeyOf(program: Program, fn: FnId, expr: number): number {
	const file = program.fnFile(fn);
	const member = memberOf(program, fn, expr);
	if (member === null) return NONE;
	return fieldKey(member.owner.name, program.globalName(file, program.unit(file).exprs[expr * EXPR_SIZE + 2]!));
}

/** The (struct, field) that an initialiser's path ends in, WHOLE, or NONE when it is not known. */
export function initPlace(program: Program, file: FileId, at: number): number {
	const { inits, lists } = program.unit(file);
	let type: TypeRef = { file, type: inits[at + InitField.Type]!, pointers: 0 };
	let key = WHOLE;
	const start = inits[at + InitField.PathStart]!;
	const count = inits[at + InitField.PathCount]!;
	for (let i = 0; i < count; i++) {
		const step = lists[start + i]!;
		if (step < 0 && dimensionsOf(program, type) > 0) {
			type = { file: type.file, type: type.type, pointers: type.pointers - 1 };
			continue;
		}
		if (step === NONE) continue;
		const owner: StructRef | null = type.type < 0 ? null : structOf(program, type);
		if (owner === null) {
			// a module without the kernel's headers: the tag is all that is known of the struct
			const tag = i === count - 1 && step >= 0 ? tagOf(program, type) : NONE;
			return tag === NONE ? NONE : fieldKey(tag, program.globalName(file, step));
		}
		const member =
			step >= 0 ? namedMember(program, owner, program.globalName(file, step)) : memberAt(program, owner, -2 - step);
		if (member === null) return NONE;
		key = fieldKey(owner.name, member.name);
		type = member.type;
	}
	return key;
}

function namedMember(program: Program, owner: StructRef, name: number): ReturnType<typeof memberAt> {
	const member = findMember(program, owner, name);
	return member === null ? null : { owner: member.owner, name, type: member.type };
}

/** Dimensions of an array, and pointers. */
function dimensionsOf(program: Program, { file, type, pointers }: TypeRef): number {
	return type < 0 ? pointers : program.unit(file).types[type * TYPE_SIZE + TypeField.Pointers]! + pointers;
}

/** The tag of a struct type, defined or not; NONE for any other type. */
function tagOf(program: Program, { file, type }: TypeRef): number {
	if (type < 0) return NONE;
	const { types } = program.unit(file);
	const kind = types[type * TYPE_SIZE];
	if (kind !== TypeKind.Struct && kind !== TypeKind.Union) return NONE;
	return program.globalName(file, types[type * TYPE_SIZE + TypeField.Name]!);
}
