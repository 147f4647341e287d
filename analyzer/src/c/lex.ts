// hot: The lexer: bytes → flat token arrays with interned names, directives as tokens of their own.
// It reads any bytes in linear time and never fails; what no token begins with is T.Other.
// Also notes doc comments and suppression comments. It knows nothing of conditions (preprocess.ts).
import { internSymbol, type Symbols } from "./symbols.js";
import { growTokens, T, type Tokens } from "./tokens.js";
import { W } from "./words.js";

/** A list of byte spans: start, end, start, end … */
export interface Spans {
	data: Int32Array;
	length: number;
}

export interface Lexer {
	bytes: Uint8Array;
	tokens: Tokens;
	symbols: Symbols;
	/** comments that begin with two stars */
	docs: Spans;
	/** comments that hold a suppression, from its "might-sleep:" on */
	suppressions: Spans;
	/** the next byte to read */
	at: number;
}

/** Classes of bytes. */
const enum C {
	Other = 0,
	Space = 1,
	Newline = 2,
	Letter = 3,
	Digit = 4,
	Quote = 5,
	Slash = 6,
	Hash = 7,
	Backslash = 8,
	Punct = 9,
	Dot = 10,
}
const CLASS = new Uint8Array(256);
/** Token of a punctuator of one byte. */
const SINGLE = new Uint8Array(128);
/** Token of the byte followed by `=`, by itself. */
const WITH_EQUALS = new Uint8Array(128);
const DOUBLED = new Uint8Array(128);

const PUNCTUATORS: readonly (readonly [string, T, T, T])[] = [
	["(", T.LParen, 0, 0],
	[")", T.RParen, 0, 0],
	["{", T.LBrace, 0, 0],
	["}", T.RBrace, 0, 0],
	["[", T.LBracket, 0, 0],
	["]", T.RBracket, 0, 0],
	[";", T.Semi, 0, 0],
	[",", T.Comma, 0, 0],
	[":", T.Colon, 0, 0],
	["?", T.Question, 0, 0],
	["~", T.Tilde, 0, 0],
	["!", T.Bang, T.Ne, 0],
	["*", T.Star, T.MulAssign, 0],
	["&", T.Amp, T.AndAssign, T.AndAnd],
	["+", T.Plus, T.AddAssign, T.Inc],
	["-", T.Minus, T.SubAssign, T.Dec],
	["%", T.Percent, T.ModAssign, 0],
	["<", T.Lt, T.Le, T.Shl],
	[">", T.Gt, T.Ge, T.Shr],
	["=", T.Assign, T.EqEq, 0],
	["^", T.Caret, T.XorAssign, 0],
	["|", T.Pipe, T.OrAssign, T.OrOr],
];
for (let byte = 0; byte < 256; byte++) {
	const letter = (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte === 95 || byte === 36 || byte >= 128;
	if (letter) CLASS[byte] = C.Letter;
	else if (byte >= 48 && byte <= 57) CLASS[byte] = C.Digit;
}
for (const byte of [0, 9, 11, 12, 13, 32]) CLASS[byte] = C.Space;
CLASS[10] = C.Newline;
CLASS[34] = C.Quote;
CLASS[39] = C.Quote;
CLASS[47] = C.Slash;
CLASS[35] = C.Hash;
CLASS[92] = C.Backslash;
CLASS[46] = C.Dot;
for (const [text, single, withEquals, doubled] of PUNCTUATORS) {
	const byte = text.charCodeAt(0);
	CLASS[byte] = C.Punct;
	SINGLE[byte] = single;
	WITH_EQUALS[byte] = withEquals;
	DOUBLED[byte] = doubled;
}

/** No file that people write comes near: what lies behind is left unread, so that memory stays bounded. */
const MAX_TOKENS = 3_000_000;

/** Fills `lexer.tokens`, `docs` and `suppressions` from `lexer.bytes`; `lexer.at` says how far it read. */
export function lex(lexer: Lexer): void {
	const bytes = lexer.bytes;
	const length = bytes.length;
	const tokens = lexer.tokens;
	tokens.count = 0;
	lexer.docs.length = 0;
	lexer.suppressions.length = 0;
	let at = length > 2 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
	let lineStart = true;
	let inDirective = false;
	while (at < length && tokens.count < MAX_TOKENS) {
		const byte = bytes[at];
		switch (CLASS[byte]) {
			case C.Space:
				at++;
				continue;
			case C.Newline:
				if (inDirective) {
					push(tokens, T.Eol, at, at, 0);
					inDirective = false;
				}
				lineStart = true;
				at++;
				continue;
			case C.Backslash:
				at = skipBackslash(bytes, at, length, tokens);
				continue;
			case C.Letter:
				lexer.at = at;
				word(lexer);
				at = lexer.at;
				break;
			case C.Digit:
				at = number(bytes, at, length, tokens);
				break;
			case C.Quote:
				at = quoted(bytes, at, length, tokens);
				break;
			case C.Slash: {
				const next = at + 1 < length ? bytes[at + 1] : 0;
				if (next === 42 || next === 47) {
					at = comment(lexer, at);
					continue;
				}
				if (next === 61) push(tokens, T.DivAssign, at, at + 2, 0);
				else push(tokens, T.Slash, at, at + 1, 0);
				at += next === 61 ? 2 : 1;
				break;
			}
			case C.Hash:
				if (lineStart && !inDirective) {
					lexer.at = at;
					inDirective = directive(lexer);
					at = lexer.at;
				} else if (bytes[at + 1] === 35) {
					push(tokens, T.HashHash, at, at + 2, 0);
					at += 2;
				} else push(tokens, T.Hash, at, ++at, 0);
				break;
			case C.Dot:
				at = dot(bytes, at, length, tokens);
				break;
			case C.Punct:
				at = punctuator(bytes, at, tokens);
				break;
			default:
				push(tokens, T.Other, at, ++at, 0);
		}
		lineStart = false;
	}
	if (inDirective) push(tokens, T.Eol, at, at, 0);
	push(tokens, T.Eof, at, at, 0);
	tokens.count--;
	lexer.at = at;
}

function push(tokens: Tokens, kind: T, start: number, end: number, val: number): void {
	const n = tokens.count;
	if (n === tokens.kind.length) growTokens(tokens);
	tokens.kind[n] = kind;
	tokens.start[n] = start;
	tokens.end[n] = end;
	tokens.val[n] = val;
	tokens.count = n + 1;
}

function word(lexer: Lexer): void {
	const start = lexer.at;
	const symbol = scanWord(lexer);
	push(lexer.tokens, symbol <= W.LastKeyword ? T.Keyword : T.Ident, start, lexer.at, symbol);
}

/** Reads an identifier at `lexer.at`, moves past it, and answers its symbol. */
function scanWord(lexer: Lexer): number {
	const bytes = lexer.bytes;
	const length = bytes.length;
	const start = lexer.at;
	let at = start;
	let hash = 0;
	do {
		const byte = bytes[at];
		const kind = CLASS[byte];
		if (kind !== C.Letter && kind !== C.Digit) break;
		hash = (Math.imul(hash, 31) + byte) | 0;
		at++;
	} while (at < length);
	lexer.at = at;
	return internSymbol(lexer.symbols, bytes, start, at, hash);
}

function number(bytes: Uint8Array, start: number, length: number, tokens: Tokens): number {
	let at = start + 1;
	const hex = bytes[start] === 48 && at < length && (bytes[at] | 32) === 120;
	while (at < length) {
		const byte = bytes[at];
		const kind = CLASS[byte];
		if (kind === C.Digit || kind === C.Letter) at++;
		else if (byte === 46 && bytes[at + 1] !== 46) at++;
		else if ((byte === 43 || byte === 45) && !hex && (bytes[at - 1] | 32) === 101) at++;
		else break;
	}
	push(tokens, T.Number, start, at, 0);
	return at;
}

/** A string or character constant; ends at the line's end when it is not closed. */
function quoted(bytes: Uint8Array, start: number, length: number, tokens: Tokens): number {
	const quote = bytes[start];
	let at = start + 1;
	while (at < length) {
		const byte = bytes[at];
		if (byte === quote) {
			at++;
			break;
		}
		if (byte === 10) break;
		if (byte === 92) at += bytes[at + 1] === 13 && bytes[at + 2] === 10 ? 2 : 1;
		at++;
	}
	if (at > length) at = length;
	push(tokens, quote === 34 ? T.String : T.Char, start, at, 0);
	return at;
}

function dot(bytes: Uint8Array, at: number, length: number, tokens: Tokens): number {
	const next = at + 1 < length ? bytes[at + 1] : 0;
	if (next === 46 && bytes[at + 2] === 46) {
		push(tokens, T.Ellipsis, at, at + 3, 0);
		return at + 3;
	}
	if (next >= 48 && next <= 57) return number(bytes, at, length, tokens);
	push(tokens, T.Dot, at, at + 1, 0);
	return at + 1;
}

function punctuator(bytes: Uint8Array, at: number, tokens: Tokens): number {
	const byte = bytes[at];
	const next = bytes[at + 1];
	if (next === 61 && WITH_EQUALS[byte] !== 0) {
		push(tokens, WITH_EQUALS[byte], at, at + 2, 0);
		return at + 2;
	}
	if (next === byte && DOUBLED[byte] !== 0) {
		const kind = DOUBLED[byte];
		if ((kind === T.Shl || kind === T.Shr) && bytes[at + 2] === 61) {
			push(tokens, kind === T.Shl ? T.ShlAssign : T.ShrAssign, at, at + 3, 0);
			return at + 3;
		}
		push(tokens, kind, at, at + 2, 0);
		return at + 2;
	}
	if (byte === 45 && next === 62) {
		push(tokens, T.Arrow, at, at + 2, 0);
		return at + 2;
	}
	push(tokens, SINGLE[byte], at, at + 1, 0);
	return at + 1;
}

/** A backslash joins lines; elsewhere it is no token of C. */
function skipBackslash(bytes: Uint8Array, at: number, length: number, tokens: Tokens): number {
	let next = at + 1;
	while (next < length && (bytes[next] === 13 || bytes[next] === 32 || bytes[next] === 9)) next++;
	if (next >= length || bytes[next] === 10) return next + 1;
	push(tokens, T.Other, at, at + 1, 0);
	return at + 1;
}

/** Skips a comment at `start`, notes doc comments and suppressions; answers the byte after it. */
function comment(lexer: Lexer, start: number): number {
	const bytes = lexer.bytes;
	const length = bytes.length;
	let at = start + 2;
	let suppression = -1;
	if (bytes[start + 1] === 47) {
		while (at < length && bytes[at] !== 10) {
			const byte = bytes[at];
			if (byte === 92 && bytes[at + 1] === 10) at++;
			else if (byte === 91 && suppression < 0) suppression = suppressionStart(bytes, start, at);
			at++;
		}
	} else {
		for (;;) {
			if (at >= length) break;
			const byte = bytes[at++];
			if (byte === 42) {
				if (bytes[at] === 47) {
					at++;
					break;
				}
			} else if (byte === 91 && suppression < 0) suppression = suppressionStart(bytes, start, at - 1);
		}
		if (bytes[start + 2] === 42 && at - start > 4) pushSpan(lexer.docs, start, at);
	}
	if (suppression >= 0) pushSpan(lexer.suppressions, suppression, at);
	return at;
}

const SUPPRESSION_WORD = "might-sleep: ignore";

/** Where "might-sleep: ignore" begins in front of the `[` at `at`, or -1. */
function suppressionStart(bytes: Uint8Array, commentStart: number, at: number): number {
	const start = at - SUPPRESSION_WORD.length;
	if (start < commentStart) return -1;
	for (let i = 0; i < SUPPRESSION_WORD.length; i++) if (bytes[start + i] !== SUPPRESSION_WORD.charCodeAt(i)) return -1;
	return start;
}

export function pushSpan(spans: Spans, start: number, end: number): void {
	if (spans.length + 2 > spans.data.length) {
		const data = new Int32Array(spans.data.length * 2);
		data.set(spans.data);
		spans.data = data;
	}
	spans.data[spans.length++] = start;
	spans.data[spans.length++] = end;
}

/**
 * A `#` at the start of a line. Emits the directive's first tokens and answers whether the rest of its line is
 * to be read as tokens (else the line is consumed).
 */
function directive(lexer: Lexer): boolean {
	const bytes = lexer.bytes;
	const length = bytes.length;
	const tokens = lexer.tokens;
	const start = lexer.at;
	let at = skipBlanks(bytes, start + 1, length);
	lexer.at = at;
	if (at >= length || CLASS[bytes[at]] !== C.Letter) {
		lexer.at = lineEnd(lexer, at);
		return false;
	}
	const symbol = scanWord(lexer);
	at = skipBlanks(bytes, lexer.at, length);
	switch (symbol) {
		case W.define:
			lexer.at = at;
			return define(lexer, start);
		case W.include:
		case W.include_next: {
			const close = bytes[at] === 60 ? 62 : bytes[at] === 34 ? 34 : 0;
			let end = at + 1;
			while (close !== 0 && end < length && bytes[end] !== close && bytes[end] !== 10) end++;
			if (close !== 0 && bytes[end] === close) push(tokens, T.Include, at, end, 0);
			lexer.at = lineEnd(lexer, at);
			return false;
		}
		case W.if:
		case W.ifdef:
		case W.ifndef:
		case W.elif:
		case W.elifdef:
		case W.elifndef:
		case W.else:
		case W.endif:
		case W.undef:
			push(tokens, T.Directive, start, lexer.at, symbol);
			lexer.at = at;
			return true;
		default:
			lexer.at = lineEnd(lexer, at);
			return false;
	}
}

/** `#define`: a plain integer becomes one token; else the name, and `(` with val 1 when it follows at once. */
function define(lexer: Lexer, start: number): boolean {
	const bytes = lexer.bytes;
	const length = bytes.length;
	const nameStart = lexer.at;
	if (nameStart >= length || CLASS[bytes[nameStart]] !== C.Letter) {
		lexer.at = lineEnd(lexer, nameStart);
		return false;
	}
	const symbol = scanWord(lexer);
	const nameEnd = lexer.at;
	if (bytes[nameEnd] !== 40) {
		let at = skipBlanks(bytes, nameEnd, length);
		if (at < length && CLASS[bytes[at]] === C.Digit) {
			while (at < length && (CLASS[bytes[at]] === C.Digit || CLASS[bytes[at]] === C.Letter)) at++;
			at = skipBlanks(bytes, at, length);
			if (at >= length || bytes[at] === 10) {
				push(lexer.tokens, T.DefineInt, nameStart, nameEnd, symbol);
				lexer.at = at;
				return false;
			}
		}
	}
	push(lexer.tokens, T.Directive, start, nameStart, W.define);
	push(lexer.tokens, T.Ident, nameStart, nameEnd, symbol);
	if (bytes[nameEnd] === 40) {
		push(lexer.tokens, T.LParen, nameEnd, nameEnd + 1, 1);
		lexer.at = nameEnd + 1;
	}
	return true;
}

/** Skips spaces, tabs and returns. */
export function skipBlanks(bytes: Uint8Array, at: number, length: number): number {
	while (at < length && (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13)) at++;
	return at;
}

/** The newline that ends a directive's line: continuations and comments are part of the line. */
function lineEnd(lexer: Lexer, from: number): number {
	const bytes = lexer.bytes;
	const length = bytes.length;
	let at = from;
	while (at < length) {
		const byte = bytes[at];
		if (byte === 10) return at;
		if (byte === 92) at = bytes[at + 1] === 13 ? at + 3 : at + 2;
		else if (byte === 47 && bytes[at + 1] === 42) at = comment(lexer, at);
		else at++;
	}
	return length;
}
