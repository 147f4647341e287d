// Types as far as a field access needs them: which struct an expression is (or points to), across files.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "./ops.js";
import type { FileId, FnId, Program } from "./program.js";
import {
	FN_SIZE,
	FnField,
	FnFlag,
	GLOBAL_SIZE,
	GlobalField,
	MEMBER_SIZE,
	MemberField,
	PROTO_SIZE,
	ProtoField,
	STRUCT_SIZE,
	StructField,
	TYPE_SIZE,
	TYPEDEF_SIZE,
	TypeField,
	TypeKind,
	VAR_SIZE,
	VarField,
} from "./unit.js";

const MAX_DEPTH = 12;

/** A type as seen from the unit that spells it: `type` is an index in that unit, `pointers` counts extra levels. */
export interface TypeRef {
	readonly file: FileId;
	readonly type: number;
	/** added (AddrOf) or removed (Deref, Index) levels */
	readonly pointers: number;
}

/** A struct or union definition. */
export interface StructRef {
	readonly file: FileId;
	/** index in the unit's struct table */
	readonly index: number;
	/** program-wide name of the tag; anonymous ones have a name of their file */
	readonly name: number;
}

/** The member that a field access reaches. */
export interface MemberRef {
	readonly owner: StructRef;
	readonly type: TypeRef;
}

/** The type of an expression of a function, or null when it is not known. */
export function typeOf(program: Program, fn: FnId, expr: number, depth = 0): TypeRef | null {
	if (expr < 0 || depth > MAX_DEPTH) return null;
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const at = expr * EXPR_SIZE;
	const a = unit.exprs[at + 1]!;
	switch (unit.exprs[at]!) {
		case ExprKind.Local:
			return localType(program, fn, a);
		case ExprKind.Name:
			return globalType(program, file, program.globalName(file, a));
		case ExprKind.Field:
			return memberOf(program, fn, expr, depth + 1)?.type ?? null;
		case ExprKind.Deref:
		case ExprKind.Index:
			return shift(typeOf(program, fn, a, depth + 1), -1);
		case ExprKind.AddrOf:
			return shift(typeOf(program, fn, a, depth + 1), 1);
		case ExprKind.Cast:
			return { file, type: a, pointers: 0 };
		case ExprKind.Literal:
			return a === NONE ? null : { file, type: a, pointers: 0 };
		case ExprKind.ContainerOf:
			return { file, type: unit.exprs[at + 2]!, pointers: 1 };
		case ExprKind.Cond:
			return typeOf(program, fn, unit.exprs[at + 2]!, depth + 1) ?? typeOf(program, fn, unit.exprs[at + 3]!, depth + 1);
		case ExprKind.Binary:
			return typeOf(program, fn, unit.exprs[at + 2]!, depth + 1);
		case ExprKind.CallResult:
			return resultType(program, fn, a, depth + 1);
		default:
			return null;
	}
}

/** The member that a Field expression means, looked for in anonymous members too. */
export function memberOf(program: Program, fn: FnId, expr: number, depth = 0): MemberRef | null {
	const file = program.fnFile(fn);
	const exprs = program.unit(file).exprs;
	const base = typeOf(program, fn, exprs[expr * EXPR_SIZE + 1]!, depth + 1);
	const owner = base === null ? null : structOf(program, base);
	return owner === null ? null : findMember(program, owner, program.globalName(file, exprs[expr * EXPR_SIZE + 2]!));
}

/** Is the value of an expression a pointer? Also true when nothing is known of its type. */
export function isPointerValue(program: Program, fn: FnId, expr: number): boolean {
	const ref = typeOf(program, fn, expr);
	if (ref === null || ref.type < 0) return true;
	const { types } = program.unit(ref.file);
	const at = ref.type * TYPE_SIZE;
	return types[at + TypeField.Pointers]! + ref.pointers > 0 || types[at] === TypeKind.FnPointer;
}

/** Program-wide names of a type: its own and those that its typedefs stand for, the outermost first; pointers are left aside. */
export function typeNames(program: Program, ref: TypeRef): number[] {
	const names: number[] = [];
	let { file, type } = ref;
	for (let depth = 0; depth < MAX_DEPTH && type >= 0; depth++) {
		const types = program.unit(file).types;
		const name = program.globalName(file, types[type * TYPE_SIZE + TypeField.Name]!);
		if (name >= 0) names.push(name);
		if (types[type * TYPE_SIZE]! !== TypeKind.Typedef) break;
		const symbol = program.bestSymbol(program.typedefs, file, name);
		if (symbol === NONE) break;
		file = program.typedefs.file(symbol);
		type = program.unit(file).typedefs[program.typedefs.index(symbol) * TYPEDEF_SIZE + 1]!;
	}
	return names;
}

/** The struct behind a type, typedefs and pointers stripped; null for anything else. */
export function structOf(program: Program, ref: TypeRef): StructRef | null {
	let { file, type } = ref;
	for (let depth = 0; depth < MAX_DEPTH && type >= 0; depth++) {
		const types = program.unit(file).types;
		const name = program.globalName(file, types[type * TYPE_SIZE + TypeField.Name]!);
		switch (types[type * TYPE_SIZE]!) {
			case TypeKind.Struct:
			case TypeKind.Union:
				return structNamed(program, file, name);
			case TypeKind.Typedef: {
				const symbol = program.bestSymbol(program.typedefs, file, name);
				if (symbol === NONE) return null;
				file = program.typedefs.file(symbol);
				type = program.unit(file).typedefs[program.typedefs.index(symbol) * TYPEDEF_SIZE + 1]!;
				break;
			}
			default:
				return null;
		}
	}
	return null;
}

/** The definition of a tag as seen from a file. */
export function structNamed(program: Program, file: FileId, name: number): StructRef | null {
	const symbol = program.bestSymbol(program.structs, file, name);
	return symbol === NONE ? null : { file: program.structs.file(symbol), index: program.structs.index(symbol), name };
}

/** A member by name; anonymous members are searched through. */
export function findMember(program: Program, owner: StructRef, name: number, depth = 0): MemberRef | null {
	const unit = program.unit(owner.file);
	const start = unit.structs[owner.index * STRUCT_SIZE + StructField.MemberStart]!;
	const count = unit.structs[owner.index * STRUCT_SIZE + StructField.MemberCount]!;
	for (let i = start; i < start + count; i++) {
		const local = unit.members[i * MEMBER_SIZE + MemberField.Name]!;
		if (local >= 0 && program.globalName(owner.file, local) !== name) continue;
		const type = { file: owner.file, type: unit.members[i * MEMBER_SIZE + MemberField.Type]!, pointers: 0 };
		if (local >= 0) return { owner, type };
		if (depth < MAX_DEPTH) {
			const inner = structOf(program, type);
			const found = inner === null ? null : findMember(program, inner, name, depth + 1);
			// An anonymous member's fields belong to the struct around it.
			if (found !== null) return { owner, type: found.type };
		}
	}
	return null;
}

/** The i-th named or anonymous member, for positional initialisers. */
export function memberAt(program: Program, owner: StructRef, index: number): (MemberRef & { name: number }) | null {
	const unit = program.unit(owner.file);
	if (index >= unit.structs[owner.index * STRUCT_SIZE + StructField.MemberCount]!) return null;
	const at = (unit.structs[owner.index * STRUCT_SIZE + StructField.MemberStart]! + index) * MEMBER_SIZE;
	return {
		owner,
		name: program.globalName(owner.file, unit.members[at + MemberField.Name]!),
		type: { file: owner.file, type: unit.members[at + MemberField.Type]!, pointers: 0 },
	};
}

function shift(ref: TypeRef | null, by: number): TypeRef | null {
	return ref === null ? null : { file: ref.file, type: ref.type, pointers: ref.pointers + by };
}

function localType(program: Program, fn: FnId, index: number): TypeRef | null {
	const file = program.fnFile(fn);
	const at = (program.fnField(fn, FnField.VarStart) + index) * VAR_SIZE;
	const type = program.unit(file).vars[at + VarField.Type]!;
	return type < 0 ? null : { file, type, pointers: 0 };
}

/** The type of a variable; a static of another source file is not seen. */
function globalType(program: Program, file: FileId, name: number): TypeRef | null {
	const symbol = program.bestGlobal(file, name);
	if (symbol === NONE) return null;
	const home = program.globals.file(symbol);
	const type = program.unit(home).globals[program.globals.index(symbol) * GLOBAL_SIZE + GlobalField.Type]!;
	return type < 0 ? null : { file: home, type, pointers: 0 };
}

/** What a call returns: by the callee's definition, a macro's value, or a prototype. */
function resultType(program: Program, fn: FnId, op: number, depth: number): TypeRef | null {
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const callee = unit.ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.A]!;
	if (callee < 0 || unit.exprs[callee * EXPR_SIZE] !== ExprKind.Name) return null;
	const local = unit.exprs[callee * EXPR_SIZE + 1]!;
	const target = program.bindLocal(file, local);
	if (target !== NONE) {
		if ((program.flagsOf(target) & FnFlag.Macro) !== 0) return macroType(program, target, depth);
		const type = program.fnField(target, FnField.ReturnType);
		return type < 0 ? null : { file: program.fnFile(target), type, pointers: 0 };
	}
	const symbol = program.bestSymbol(program.protos, file, program.globalName(file, local));
	if (symbol === NONE) return null;
	const home = program.protos.file(symbol);
	const type = program.unit(home).protos[program.protos.index(symbol) * PROTO_SIZE + ProtoField.ReturnType]!;
	return type < 0 ? null : { file: home, type, pointers: 0 };
}

/** The type of a macro's value, where it does not depend on the arguments. */
function macroType(program: Program, macro: FnId, depth: number): TypeRef | null {
	const unit = program.unit(program.fnFile(macro));
	const local = program.fnLocal(macro) * FN_SIZE;
	const last = unit.fns[local + FnField.OpStart]! + unit.fns[local + FnField.OpCount]! - 1;
	if (unit.fns[local + FnField.OpCount]! === 0 || (unit.ops[last * OP_SIZE]! & 255) !== Op.Return) return null;
	return typeOf(program, macro, unit.ops[last * OP_SIZE + OpField.A]!, depth + 1);
}
