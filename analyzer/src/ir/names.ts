// hot: which names of a unit the program has to know: all but those that only the unit's own constants or the text
// of its strings have. Of a kernel's constants most are registers that one header names and nobody asks for. The
// front end marks them while the tables are fresh, on its own thread, so that linking need not go through every
// expression again.

import { EXPR_SIZE, ExprKind, NONE } from "./ops.js";
import {
	FN_SIZE,
	FnField,
	GLOBAL_SIZE,
	GlobalField,
	INIT_SIZE,
	INVOCATION_SIZE,
	InitField,
	InvocationField,
	MEMBER_SIZE,
	MemberField,
	PROTO_SIZE,
	ProtoField,
	STRUCT_SIZE,
	StructField,
	TYPE_SIZE,
	TYPEDEF_SIZE,
	TypeField,
	type UNIT_TABLES,
} from "./unit.js";

interface Table {
	readonly data: Int32Array;
	readonly length: number;
}
type Tables = Readonly<Record<(typeof UNIT_TABLES)[number], Table>>;

/** Sets the bit of each name that something other than a constant's own name refers to; `bits` is all zero. */
export function markUsedNames(tables: Tables, bits: Int32Array): void {
	markColumn(bits, tables.fns, FN_SIZE, FnField.Name);
	markColumn(bits, tables.types, TYPE_SIZE, TypeField.Name);
	markColumn(bits, tables.structs, STRUCT_SIZE, StructField.Name);
	markColumn(bits, tables.members, MEMBER_SIZE, MemberField.Name);
	markColumn(bits, tables.typedefs, TYPEDEF_SIZE, 0);
	markColumn(bits, tables.globals, GLOBAL_SIZE, GlobalField.Name);
	markColumn(bits, tables.protos, PROTO_SIZE, ProtoField.Name);
	markColumn(bits, tables.inits, INIT_SIZE, InitField.Owner);
	markColumn(bits, tables.invocations, INVOCATION_SIZE, InvocationField.Name);
	markPaths(bits, tables.inits, tables.lists);
	markExprs(bits, tables.exprs, tables.lists);
}

function mark(bits: Int32Array, name: number): void {
	if (name >= 0) bits[name >> 5]! |= 1 << (name & 31);
}

function markColumn(bits: Int32Array, { data, length }: Table, size: number, field: number): void {
	for (let i = field; i < length; i += size) mark(bits, data[i]!);
}

/** The fields that initialisers name. */
function markPaths(bits: Int32Array, { data, length }: Table, lists: Table): void {
	for (let i = 0; i < length; i += INIT_SIZE) {
		const start = data[i + InitField.PathStart]!;
		const end = start + data[i + InitField.PathCount]!;
		for (let k = start; k < end; k++) mark(bits, lists.data[k]!);
	}
}

function markExprs(bits: Int32Array, { data, length }: Table, lists: Table): void {
	for (let i = 0; i < length; i += EXPR_SIZE) {
		switch (data[i]!) {
			case ExprKind.Name:
				mark(bits, data[i + 1]!);
				break;
			case ExprKind.Field:
				mark(bits, data[i + 2]!);
				break;
			case ExprKind.ContainerOf:
				mark(bits, data[i + 3]!);
				break;
			case ExprKind.Literal: {
				const start = data[i + 2]!;
				for (let k = 0; k < data[i + 3]!; k++) mark(bits, lists.data[start + 2 * k] ?? NONE);
				break;
			}
			default:
				break;
		}
	}
}
