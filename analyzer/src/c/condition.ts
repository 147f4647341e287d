// Evaluates the conditions of #if, #ifdef and #elif against the configuration and the macros of the file.
// What is unknown is 0, as for a compiler; a few words of the kernel build are fixed.

import { BinaryOp } from "../ir/ops.js";
import { type ConfigView, configDefined, configNumber, configState } from "../source/kconfig.js";
import type { Lexer } from "./lex.js";
import { intValue, readChar, readInteger } from "./numbers.js";
import { symbolText } from "./symbols.js";
import { BINARY_OP, BINARY_PRECEDENCE, T } from "./tokens.js";
import { W } from "./words.js";

export interface Conditions {
	lexer: Lexer;
	config: ConfigView;
	/** per symbol: 0 unknown, -1 after #undef, else 1 + the raw token of its #define */
	macros: Int32Array;
	/** where evaluation stands */
	at: number;
	/** steps left, so that macros that name each other end */
	budget: number;
	depth: number;
	/** a name that a configuration or a build could change took part */
	soft: boolean;
}

/** Value of the condition whose tokens start at `at` (up to Eol). Leaves `soft`. */
export function evaluateIf(cond: Conditions, at: number): boolean {
	cond.at = at;
	cond.budget = 2000;
	cond.depth = 0;
	cond.soft = false;
	return ternary(cond) !== 0;
}

/** Whether the name at raw token `at` is defined (#ifdef). Leaves `soft`. */
export function evaluateDefined(cond: Conditions, at: number): boolean {
	cond.soft = false;
	const kind = cond.lexer.tokens.kind[at];
	if (kind !== T.Ident && kind !== T.Keyword) return false;
	return isDefined(cond, cond.lexer.tokens.val[at]);
}

function isDefined(cond: Conditions, symbol: number): boolean {
	switch (symbol) {
		case W.__KERNEL__:
		case W.__GNUC__:
		case W.__LP64__:
		case W.__LITTLE_ENDIAN:
			return true;
		case W.__ASSEMBLY__:
		case W.__ASSEMBLER__:
		case W.__CHECKER__:
		case W.__cplusplus:
		case W.__GENKSYMS__:
		case W.__BINDGEN__:
			return false;
		case W.MODULE:
			cond.soft = true;
			return false;
		default:
	}
	cond.soft = true;
	const macro = cond.macros[symbol];
	if (macro !== 0) return macro > 0;
	const text = symbolText(cond.lexer.symbols, cond.lexer.bytes, symbol);
	return text.startsWith("CONFIG_") && configDefined(cond.config, text);
}

function ternary(cond: Conditions): number {
	const value = binary(cond, 1);
	const tokens = cond.lexer.tokens;
	if (tokens.kind[cond.at] !== T.Question || ++cond.depth > 40) return value;
	cond.at++;
	const yes = ternary(cond);
	if (tokens.kind[cond.at] === T.Colon) cond.at++;
	const no = ternary(cond);
	return value !== 0 ? yes : no;
}

function binary(cond: Conditions, minimum: number): number {
	const tokens = cond.lexer.tokens;
	let left = unary(cond);
	for (;;) {
		const kind = tokens.kind[cond.at];
		const precedence = BINARY_PRECEDENCE[kind];
		if (precedence === 0 || precedence < minimum) return left;
		cond.at++;
		left = apply(BINARY_OP[kind], left, binary(cond, precedence + 1));
	}
}

function apply(op: BinaryOp, a: number, b: number): number {
	switch (op) {
		case BinaryOp.Add:
			return a + b;
		case BinaryOp.Sub:
			return a - b;
		case BinaryOp.Mul:
			return a * b;
		case BinaryOp.Div:
			return b === 0 ? 0 : Math.trunc(a / b);
		case BinaryOp.Mod:
			return b === 0 ? 0 : a % b;
		case BinaryOp.Shl:
			return a * 2 ** b;
		case BinaryOp.Shr:
			return Math.floor(a / 2 ** b);
		case BinaryOp.And:
			return a & b;
		case BinaryOp.Or:
			return a | b;
		case BinaryOp.Xor:
			return a ^ b;
		case BinaryOp.Eq:
			return Number(a === b);
		case BinaryOp.Ne:
			return Number(a !== b);
		case BinaryOp.Lt:
			return Number(a < b);
		case BinaryOp.Le:
			return Number(a <= b);
		case BinaryOp.Gt:
			return Number(a > b);
		case BinaryOp.Ge:
			return Number(a >= b);
		case BinaryOp.LogAnd:
			return Number(a !== 0 && b !== 0);
		case BinaryOp.LogOr:
			return Number(a !== 0 || b !== 0);
	}
}

function unary(cond: Conditions): number {
	const tokens = cond.lexer.tokens;
	const bytes = cond.lexer.bytes;
	if (cond.depth > 40 || cond.budget-- <= 0) {
		skipLine(cond);
		return 0;
	}
	const at = cond.at++;
	switch (tokens.kind[at]) {
		case T.Bang:
			return Number(nested(cond) === 0);
		case T.Minus:
			return -nested(cond);
		case T.Plus:
			return nested(cond);
		case T.Tilde:
			return ~nested(cond);
		case T.LParen: {
			cond.depth++;
			const value = ternary(cond);
			cond.depth--;
			if (tokens.kind[cond.at] === T.RParen) cond.at++;
			return value;
		}
		case T.Number:
			return readInteger(bytes, tokens.start[at], tokens.end[at]) ? intValue() : 0;
		case T.Char:
			readChar(bytes, tokens.start[at], tokens.end[at]);
			return intValue();
		case T.Ident:
		case T.Keyword:
			return name(cond, tokens.val[at]);
		default:
			cond.at = at;
			skipLine(cond);
			return 0;
	}
}

function nested(cond: Conditions): number {
	cond.depth++;
	const value = unary(cond);
	cond.depth--;
	return value;
}

function skipLine(cond: Conditions): void {
	const kind = cond.lexer.tokens.kind;
	while (kind[cond.at] !== T.Eol && kind[cond.at] !== T.Eof) cond.at++;
}

function name(cond: Conditions, symbol: number): number {
	const tokens = cond.lexer.tokens;
	switch (symbol) {
		case W.defined: {
			const paren = tokens.kind[cond.at] === T.LParen;
			if (paren) cond.at++;
			const at = cond.at++;
			const isName = tokens.kind[at] === T.Ident || tokens.kind[at] === T.Keyword;
			if (!isName) cond.at = at;
			if (paren && tokens.kind[cond.at] === T.RParen) cond.at++;
			return Number(isName && isDefined(cond, tokens.val[at]));
		}
		case W.__GNUC__:
			return 12;
		case W.GCC_VERSION:
			return 120000;
		case W.LINUX_VERSION_CODE:
			cond.soft = true;
			return 0x7fffffff;
		case W.BITS_PER_LONG:
		case W.__BITS_PER_LONG:
			cond.soft = true;
			return 64;
		case W.__LITTLE_ENDIAN:
		case W.__BYTE_ORDER:
			return 1234;
		case W.__BIG_ENDIAN:
			return 4321;
		default:
	}
	if (tokens.kind[cond.at] === T.LParen) return functionLike(cond, symbol);
	return objectLike(cond, symbol);
}

/** IS_ENABLED(CONFIG_X) and its like, KERNEL_VERSION(a, b, c), __has_attribute(x); anything else is 0. */
function functionLike(cond: Conditions, symbol: number): number {
	const tokens = cond.lexer.tokens;
	const open = cond.at;
	let depth = 0;
	while (tokens.kind[cond.at] !== T.Eol && tokens.kind[cond.at] !== T.Eof) {
		const kind = tokens.kind[cond.at++];
		if (kind === T.LParen) depth++;
		else if (kind === T.RParen && --depth === 0) break;
	}
	cond.soft = true;
	if (symbol === W.__has_attribute || symbol === W.__has_builtin) return 1;
	if (symbol === W.KERNEL_VERSION) {
		const after = cond.at;
		const numbers = [0, 0, 0];
		for (let i = 0, at = open + 1; i < 3; i++, at += 2)
			if (tokens.kind[at] === T.Number && readInteger(cond.lexer.bytes, tokens.start[at], tokens.end[at]))
				numbers[i] = intValue();
		cond.at = after;
		return numbers[0] * 65536 + numbers[1] * 256 + numbers[2];
	}
	if (tokens.kind[open + 1] !== T.Ident) return 0;
	const state = configStateOf(cond, tokens.val[open + 1]);
	return optionTest(symbol, state);
}

/** The value of IS_ENABLED & co for a symbol that is off (0), a module (1) or built in (2). */
export function optionTest(symbol: number, state: 0 | 1 | 2): number {
	switch (symbol) {
		case W.IS_ENABLED:
		case W.IS_REACHABLE:
			return state !== 0 ? 1 : 0;
		case W.IS_BUILTIN:
			return state === 2 ? 1 : 0;
		case W.IS_MODULE:
			return state === 1 ? 1 : 0;
		default:
			return 0;
	}
}

function configStateOf(cond: Conditions, symbol: number): 0 | 1 | 2 {
	const macro = cond.macros[symbol];
	if (macro !== 0) return macro > 0 ? 2 : 0;
	const text = symbolText(cond.lexer.symbols, cond.lexer.bytes, symbol);
	return text.startsWith("CONFIG_") ? configState(cond.config, text) : 0;
}

function objectLike(cond: Conditions, symbol: number): number {
	const tokens = cond.lexer.tokens;
	cond.soft = true;
	const macro = cond.macros[symbol];
	if (macro < 0) return 0;
	if (macro > 0) {
		const definition = macro - 1;
		if (tokens.kind[definition] === T.DefineInt) {
			let at = tokens.end[definition];
			const bytes = cond.lexer.bytes;
			while (bytes[at] === 32 || bytes[at] === 9) at++;
			let end = at;
			while (end < bytes.length && bytes[end] > 32) end++;
			return readInteger(bytes, at, end) ? intValue() : 0;
		}
		if (tokens.kind[definition + 1] === T.LParen && tokens.val[definition + 1] === 1) return 0;
		if (tokens.kind[definition + 1] === T.Eol) return 0;
		const back = cond.at;
		cond.at = definition + 1;
		cond.depth++;
		const value = ternary(cond);
		cond.depth--;
		cond.at = back;
		return value;
	}
	const text = symbolText(cond.lexer.symbols, cond.lexer.bytes, symbol);
	return text.startsWith("CONFIG_") ? configNumber(cond.config, text) : 0;
}
