// Token kinds of the C lexer, the flat token arrays, and the operator tables of the expression parser.
import { BinaryOp } from "../ir/ops.js";

export const enum T {
	Eof = 0,
	Ident = 1,
	/** a word up to W.LastKeyword */
	Keyword = 2,
	Number = 3,
	String = 4,
	Char = 5,
	LParen = 6,
	RParen = 7,
	LBrace = 8,
	RBrace = 9,
	LBracket = 10,
	RBracket = 11,
	Semi = 12,
	Comma = 13,
	Colon = 14,
	Question = 15,
	Dot = 16,
	Arrow = 17,
	Ellipsis = 18,
	Inc = 19,
	Dec = 20,
	Tilde = 21,
	Bang = 22,
	Star = 23,
	Amp = 24,
	Plus = 25,
	Minus = 26,
	Slash = 27,
	Percent = 28,
	Shl = 29,
	Shr = 30,
	Lt = 31,
	Gt = 32,
	Le = 33,
	Ge = 34,
	EqEq = 35,
	Ne = 36,
	Caret = 37,
	Pipe = 38,
	AndAnd = 39,
	OrOr = 40,
	Assign = 41,
	AddAssign = 42,
	SubAssign = 43,
	MulAssign = 44,
	DivAssign = 45,
	ModAssign = 46,
	ShlAssign = 47,
	ShrAssign = 48,
	AndAssign = 49,
	XorAssign = 50,
	OrAssign = 51,
	Hash = 52,
	HashHash = 53,
	/** a byte that no token begins with */
	Other = 54,
	/** `#word` at the start of a line; val: the word's symbol */
	Directive = 55,
	/** the end of a directive's line */
	Eol = 56,
	/** `#define NAME 123`: start/end: the name, val: its symbol */
	DefineInt = 57,
	/** `#include`: start: the opening `<` or `"`, end: one before the closing one */
	Include = 58,
	Count = 59,
}

/** Parallel arrays, one entry per token; the entry after the last is T.Eof. */
export interface Tokens {
	kind: Uint8Array;
	/** first byte */
	start: Int32Array;
	/** one past the last byte */
	end: Int32Array;
	/** symbol of an identifier or keyword */
	val: Int32Array;
	/** for an opening or closing bracket the token that matches it, or -1 */
	match: Int32Array;
	count: number;
}

export function createTokens(capacity: number): Tokens {
	return {
		kind: new Uint8Array(capacity),
		start: new Int32Array(capacity),
		end: new Int32Array(capacity),
		val: new Int32Array(capacity),
		match: new Int32Array(0),
		count: 0,
	};
}

/** Doubles the capacity, so that appending stays linear. */
export function growTokens(tokens: Tokens): void {
	const capacity = tokens.kind.length * 2;
	const kind = new Uint8Array(capacity);
	kind.set(tokens.kind);
	tokens.kind = kind;
	tokens.start = grown(tokens.start, capacity);
	tokens.end = grown(tokens.end, capacity);
	tokens.val = grown(tokens.val, capacity);
}

function grown(from: Int32Array, capacity: number): Int32Array {
	const to = new Int32Array(capacity);
	to.set(from);
	return to;
}

/** Precedence of a binary operator, 0 when the token is none: 1 `||`, 2 `&&`, 3 `|` … 10 `*`. */
export const BINARY_PRECEDENCE = new Uint8Array(T.Count);
/** BinaryOp of a binary operator or of a compound assignment. */
export const BINARY_OP = new Uint8Array(T.Count);
/** 1 for `=` and the compound assignments. */
export const IS_ASSIGNMENT = new Uint8Array(T.Count);

const BINARY_ROWS: readonly (readonly [T, number, BinaryOp])[] = [
	[T.OrOr, 1, BinaryOp.LogOr],
	[T.AndAnd, 2, BinaryOp.LogAnd],
	[T.Pipe, 3, BinaryOp.Or],
	[T.Caret, 4, BinaryOp.Xor],
	[T.Amp, 5, BinaryOp.And],
	[T.EqEq, 6, BinaryOp.Eq],
	[T.Ne, 6, BinaryOp.Ne],
	[T.Lt, 7, BinaryOp.Lt],
	[T.Gt, 7, BinaryOp.Gt],
	[T.Le, 7, BinaryOp.Le],
	[T.Ge, 7, BinaryOp.Ge],
	[T.Shl, 8, BinaryOp.Shl],
	[T.Shr, 8, BinaryOp.Shr],
	[T.Plus, 9, BinaryOp.Add],
	[T.Minus, 9, BinaryOp.Sub],
	[T.Star, 10, BinaryOp.Mul],
	[T.Slash, 10, BinaryOp.Div],
	[T.Percent, 10, BinaryOp.Mod],
];
const ASSIGNMENT_ROWS: readonly (readonly [T, BinaryOp])[] = [
	[T.Assign, BinaryOp.Add],
	[T.AddAssign, BinaryOp.Add],
	[T.SubAssign, BinaryOp.Sub],
	[T.MulAssign, BinaryOp.Mul],
	[T.DivAssign, BinaryOp.Div],
	[T.ModAssign, BinaryOp.Mod],
	[T.ShlAssign, BinaryOp.Shl],
	[T.ShrAssign, BinaryOp.Shr],
	[T.AndAssign, BinaryOp.And],
	[T.XorAssign, BinaryOp.Xor],
	[T.OrAssign, BinaryOp.Or],
];
for (const [kind, precedence, op] of BINARY_ROWS) {
	BINARY_PRECEDENCE[kind] = precedence;
	BINARY_OP[kind] = op;
}
for (const [kind, op] of ASSIGNMENT_ROWS) {
	IS_ASSIGNMENT[kind] = 1;
	BINARY_OP[kind] = op;
}
