// Calls that are given the address of a field in their first argument: what they set up, or start, is known by the field.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { argumentOf } from "./callGraph.js";
import { fieldKeyOf } from "./fieldKeys.js";

export interface FieldUse {
	readonly fn: FnId;
	readonly op: number;
	/** fieldKey of the field */
	readonly key: number;
}

/** A call as such a use; null when it is none. */
export function useOf(program: Program, fn: FnId, op: number): FieldUse | null {
	const { exprs } = program.unit(program.fnFile(fn));
	const argument = argumentOf(program, fn, op, 0);
	if (argument < 0 || exprs[argument * EXPR_SIZE] !== ExprKind.AddrOf) return null;
	const field = exprs[argument * EXPR_SIZE + 1]!;
	if (field < 0 || exprs[field * EXPR_SIZE] !== ExprKind.Field) return null;
	const key = fieldKeyOf(program, fn, field);
	return key === NONE ? null : { fn, op, key };
}

/** The same of the first call of a function that begins at a place. */
export function useAt(program: Program, fn: FnId, offset: number): FieldUse | null {
	const { ops } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
		const at = (first + op) * OP_SIZE;
		if ((ops[at]! & 255) === Op.Call && ops[at + OpField.Start] === offset) return useOf(program, fn, op);
	}
	return null;
}
