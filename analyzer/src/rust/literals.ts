// Literals as expressions.
import { ExprKind, NONE } from "../ir/ops.js";
import type { Lowering } from "./state.js";
import { kindOf, textOf } from "./syntax.js";

const MAX_STRING = 64;

/** The value of a number, character or truth value. */
export function numberOf(r: Lowering, node: number): number {
	const s = r.syntax;
	const text = textOf(s, node).replaceAll("_", "");
	switch (kindOf(s, node)) {
		case "boolean_literal":
			return r.builder.intOf(text === "true" ? 1 : 0);
		case "char_literal":
			return /^b?'[^\\]'$/.test(text) ? r.builder.intOf(text.charCodeAt(text.indexOf("'") + 1)) : r.builder.opaque();
		default:
			return integer(r, text.replace(/[iu](8|16|32|64|128|size)$/, ""));
	}
}

function integer(r: Lowering, text: string): number {
	const isNegative = text.startsWith("-");
	const digits = isNegative ? text.slice(1).trim() : text;
	if (!/^(0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+|\d+)$/.test(digits) || digits.length > 66) return r.builder.opaque();
	const value = BigInt.asIntN(64, isNegative ? -BigInt(digits) : BigInt(digits));
	return r.builder.int(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
}

export function stringOf(r: Lowering, node: number): number {
	const text = textOf(r.syntax, node).replace(/^[bcr]*#*"|"#*$/g, "");
	return r.builder.expr(ExprKind.Str, text.length > MAX_STRING ? NONE : r.builder.nameOf(text), 0, 0);
}
