// Expressions that a person types at a stop, in C's operators: conditions of breakpoints, watches. What a
// name, a member path or a call means is the caller's.

import { BinaryOp, UnaryOp } from "../ir/ops.js";
import type { Machine } from "./machine.js";
import { applyBinary, applyUnary, int, type Value } from "./value.js";

/** The value of an operand as it is written (`box->value`, `in_atomic()`, `GFP_KERNEL`), or null. */
export type Operand = (text: string) => Value | null;

/** The value of an expression; null when it is none or an operand is not known. */
export function evaluateText(machine: Machine, text: string, operand: Operand): Value | null {
	const tokens = tokensOf(text);
	if (tokens === null) return null;
	const reader = new Reader(machine, tokens, operand);
	const value = reader.binary(0);
	return reader.isAtEnd ? value : null;
}

const TOKEN =
	/\s*(\d\w*|[A-Za-z_]\w*(?:\s*\([^()]*\))?(?:\s*(?:->|\.)\s*[A-Za-z_]\w*)*|&&|\|\||<<|>>|[=!<>]=|[-+*/%&|^~!<>()])/y;

function tokensOf(text: string): string[] | null {
	const tokens: string[] = [];
	TOKEN.lastIndex = 0;
	const end = text.trimEnd().length;
	while (TOKEN.lastIndex < end) {
		const match = TOKEN.exec(text);
		if (match === null) return null;
		tokens.push(match[1]!);
	}
	return tokens;
}

/** Binary operators with how tightly they bind. */
const BINARY: ReadonlyMap<string, readonly [level: number, op: BinaryOp]> = new Map([
	["||", [1, BinaryOp.LogOr]],
	["&&", [2, BinaryOp.LogAnd]],
	["|", [3, BinaryOp.Or]],
	["^", [4, BinaryOp.Xor]],
	["&", [5, BinaryOp.And]],
	["==", [6, BinaryOp.Eq]],
	["!=", [6, BinaryOp.Ne]],
	["<", [7, BinaryOp.Lt]],
	["<=", [7, BinaryOp.Le]],
	[">", [7, BinaryOp.Gt]],
	[">=", [7, BinaryOp.Ge]],
	["<<", [8, BinaryOp.Shl]],
	[">>", [8, BinaryOp.Shr]],
	["+", [9, BinaryOp.Add]],
	["-", [9, BinaryOp.Sub]],
	["*", [10, BinaryOp.Mul]],
	["/", [10, BinaryOp.Div]],
	["%", [10, BinaryOp.Mod]],
]);

const UNARY: ReadonlyMap<string, UnaryOp> = new Map([
	["!", UnaryOp.Not],
	["-", UnaryOp.Neg],
	["~", UnaryOp.BitNot],
]);

class Reader {
	private at = 0;

	constructor(
		private readonly machine: Machine,
		private readonly tokens: readonly string[],
		private readonly operand: Operand,
	) {}

	get isAtEnd(): boolean {
		return this.at === this.tokens.length;
	}

	/** An expression of operators that bind at least this tightly. */
	binary(level: number): Value | null {
		let left = this.unary();
		for (;;) {
			const known = BINARY.get(this.tokens[this.at] ?? "");
			if (known === undefined || known[0] <= level || left === null) return left;
			this.at++;
			const right = this.binary(known[0]);
			left = right === null ? null : this.combine(known[1], left, right);
		}
	}

	private combine(op: BinaryOp, left: Value, right: Value): Value {
		if (op !== BinaryOp.LogAnd && op !== BinaryOp.LogOr) return applyBinary(op, left, right);
		const deciding = op === BinaryOp.LogOr;
		const truths = [this.machine.truth(left), this.machine.truth(right)];
		if (truths.includes(deciding)) return int(deciding ? 1 : 0);
		return truths.includes(undefined) ? applyBinary(op, left, right) : int(deciding ? 0 : 1);
	}

	private unary(): Value | null {
		const token = this.tokens[this.at++];
		if (token === undefined) return null;
		const op = UNARY.get(token);
		if (op !== undefined) {
			const value = this.unary();
			return value === null ? null : applyUnary(op, value);
		}
		if (token === "(") {
			const value = this.binary(0);
			return this.tokens[this.at++] === ")" ? value : null;
		}
		if (token === "*" || token === "&") {
			const next = this.tokens[this.at++];
			return next === undefined ? null : this.operand(token + next);
		}
		if (/^\d/.test(token)) return numberOf(token);
		return /^\w/.test(token) ? this.operand(token) : null;
	}
}

function numberOf(token: string): Value | null {
	const digits = token.replace(/[uUlL]+$/, "");
	if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(digits)) return null;
	return int(/^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits));
}
