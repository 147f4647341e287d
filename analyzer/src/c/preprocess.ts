// hot: From raw tokens to the stream that is parsed: takes one branch of every #if, collects #defines and
// #includes, and remembers the branches of top-level #if groups that were not taken (alternatives).
// Macros are not expanded: they are parsed as functions of their own (macros.ts).
import { IntTable } from "../ir/builder.js";
import { type Conditions, evaluateDefined, evaluateIf } from "./condition.js";
import { createTokens, growTokens, T, type Tokens } from "./tokens.js";
import { W } from "./words.js";

/** Ints per entry of `defines`. */
export const DEFINE_SIZE = 3;
export const enum DefineField {
	/** raw token of the name */
	Name = 0,
	/** raw token of the line's end */
	End = 1,
	/** 1 in an alternative branch */
	Alternative = 2,
}

export interface Preprocessor extends Conditions {
	/** the tokens to parse */
	out: Tokens;
	/** #defines with more than a plain integer */
	defines: IntTable;
	/** raw tokens of `#define NAME 123` */
	plainDefines: IntTable;
	/** raw tokens of the files in #include */
	includes: IntTable;
	/** branches not taken at top level: first raw token, one past the last, in how many others it lies */
	regions: IntTable;
	/** open #if groups: Frame bits, first raw token of a region or -1 */
	frames: IntTable;
	/** braces open in `out` */
	braces: number;
}

const enum Frame {
	ParentActive = 1 << 0,
	Taken = 1 << 1,
	Active = 1 << 2,
	TopLevel = 1 << 3,
	/** no configuration changes the last condition: its other branch is no alternative */
	Hard = 1 << 4,
}

export function createPreprocessor(conditions: Conditions): Preprocessor {
	return {
		...conditions,
		out: createTokens(4096),
		defines: new IntTable(1024),
		plainDefines: new IntTable(1024),
		includes: new IntTable(256),
		regions: new IntTable(64),
		frames: new IntTable(64),
		braces: 0,
	};
}

/** Preprocesses the whole file into `out`. */
export function preprocessFile(pp: Preprocessor): void {
	const symbols = pp.lexer.symbols.count;
	if (pp.macros.length < symbols) pp.macros = new Int32Array(symbols * 2);
	else pp.macros.fill(0, 0, symbols);
	pp.defines.length = 0;
	pp.plainDefines.length = 0;
	pp.includes.length = 0;
	pp.regions.length = 0;
	run(pp, 0, pp.lexer.tokens.count, 0);
}

/** Ints per entry of `regions`. */
export const REGION_SIZE = 3;
/** Regions inside regions are looked for this deep only, which keeps the time linear. */
const MAX_REGION_LEVEL = 3;

/** Preprocesses region `i`, which was not taken, into `out`. */
export function preprocessRegion(pp: Preprocessor, i: number): void {
	const { data } = pp.regions;
	run(pp, data[i * REGION_SIZE], data[i * REGION_SIZE + 1], data[i * REGION_SIZE + 2]);
}

function run(pp: Preprocessor, from: number, to: number, level: number): void {
	const raw = pp.lexer.tokens;
	const bytes = pp.lexer.bytes;
	const out = pp.out;
	out.count = 0;
	pp.frames.length = 0;
	pp.braces = 0;
	let active = true;
	for (let i = from; i < to; i++) {
		const kind = raw.kind[i];
		if (kind === T.Directive) {
			const end = lineEnd(raw, i);
			const word = raw.val[i];
			if (word === W.define) {
				if (active) addDefine(pp, i + 1, end, level > 0);
			} else if (word === W.undef) {
				if (active && raw.kind[i + 1] === T.Ident) pp.macros[raw.val[i + 1]] = -1;
			} else active = conditional(pp, word, i, end, active, level);
			i = end;
			continue;
		}
		if (!active) continue;
		if (kind === T.DefineInt) {
			pp.macros[raw.val[i]] = i + 1;
			if (level === 0) pp.plainDefines.push(i);
			continue;
		}
		if (kind === T.Include) {
			pp.includes.push(i);
			continue;
		}
		if (kind === T.LBrace) pp.braces = atColumn0(bytes, raw.start[i]) ? 1 : pp.braces + 1;
		else if (kind === T.RBrace) pp.braces = pp.braces <= 1 || atColumn0(bytes, raw.start[i]) ? 0 : pp.braces - 1;
		const n = out.count;
		if (n + 1 >= out.kind.length) growTokens(out);
		out.kind[n] = kind;
		out.start[n] = raw.start[i];
		out.end[n] = raw.end[i];
		out.val[n] = raw.val[i];
		out.count = n + 1;
	}
	finishTokens(out, raw.start[to]);
	matchBrackets(out, bytes);
}

/** Puts T.Eof after the last token. */
export function finishTokens(tokens: Tokens, end: number): void {
	if (tokens.count + 1 >= tokens.kind.length) growTokens(tokens);
	tokens.kind[tokens.count] = T.Eof;
	tokens.start[tokens.count] = end;
	tokens.end[tokens.count] = end;
	tokens.val[tokens.count] = 0;
}

export function atColumn0(bytes: Uint8Array, start: number): boolean {
	return start === 0 || bytes[start - 1] === 10;
}

function lineEnd(raw: Tokens, from: number): number {
	let at = from + 1;
	while (raw.kind[at] !== T.Eol && raw.kind[at] !== T.Eof) at++;
	return at;
}

function addDefine(pp: Preprocessor, name: number, end: number, alternative: boolean): void {
	pp.macros[pp.lexer.tokens.val[name]] = name + 1;
	pp.defines.push3(name, end, alternative ? 1 : 0);
}

/** One of #if … #endif at raw token `at`; answers whether what follows is active. */
function conditional(pp: Preprocessor, word: number, at: number, end: number, active: boolean, level: number): boolean {
	const frames = pp.frames;
	switch (word) {
		case W.if:
		case W.ifdef:
		case W.ifndef: {
			let bits = 0;
			if (active) {
				bits = Frame.ParentActive;
				if (pp.braces === 0 && level < MAX_REGION_LEVEL) bits |= Frame.TopLevel;
				if (evaluate(pp, word, at)) bits |= Frame.Active | Frame.Taken;
				if (!pp.soft) bits |= Frame.Hard;
			}
			frames.push(bits);
			frames.push(opensRegion(bits) ? end + 1 : -1);
			return (bits & Frame.Active) !== 0;
		}
		case W.elif:
		case W.elifdef:
		case W.elifndef:
		case W.else: {
			if (frames.length === 0) return active;
			closeRegion(pp, at, level);
			const top = frames.length - 2;
			let bits = frames.data[top] & ~Frame.Active;
			if ((bits & Frame.ParentActive) !== 0) {
				if (word === W.else) {
					if ((bits & Frame.Taken) === 0) bits |= Frame.Active | Frame.Taken;
				} else {
					const value = evaluate(pp, word, at);
					bits = pp.soft ? bits & ~Frame.Hard : bits | Frame.Hard;
					if (value && (bits & Frame.Taken) === 0) bits |= Frame.Active | Frame.Taken;
				}
			}
			frames.data[top] = bits;
			frames.data[top + 1] = opensRegion(bits) ? end + 1 : -1;
			return (bits & Frame.Active) !== 0;
		}
		default: {
			if (frames.length === 0) return active;
			closeRegion(pp, at, level);
			frames.length -= 2;
			return (frames.data[frames.length] & Frame.ParentActive) !== 0;
		}
	}
}

function evaluate(pp: Preprocessor, word: number, at: number): boolean {
	if (word === W.if || word === W.elif) return evaluateIf(pp, at + 1);
	const defined = evaluateDefined(pp, at + 1);
	return word === W.ifdef || word === W.elifdef ? defined : !defined;
}

function opensRegion(bits: number): boolean {
	const want = Frame.ParentActive | Frame.TopLevel;
	return (bits & want) === want && (bits & (Frame.Active | Frame.Hard)) === 0;
}

function closeRegion(pp: Preprocessor, at: number, level: number): void {
	const start = pp.frames.data[pp.frames.length - 1];
	if (start < 0 || start >= at) return;
	pp.regions.push3(start, at, level + 1);
}

/** Fills `match`. In a file whose braces do not balance, braces in column 0 are trusted. */
export function matchBrackets(tokens: Tokens, bytes: Uint8Array): void {
	if (tokens.match.length < tokens.kind.length) tokens.match = new Int32Array(tokens.kind.length);
	if (!matchPass(tokens, bytes, false)) matchPass(tokens, bytes, true);
}

let stack = new Int32Array(256);

function matchPass(tokens: Tokens, bytes: Uint8Array, trustColumn0: boolean): boolean {
	const { kind, match, start, count } = tokens;
	let depth = 0;
	let balanced = true;
	for (let i = 0; i < count; i++) {
		const k = kind[i];
		if (k < T.LParen || k > T.RBracket) continue;
		match[i] = -1;
		if ((k & 1) === 0) {
			if (trustColumn0 && k === T.LBrace && atColumn0(bytes, start[i])) depth = 0;
			if (depth === stack.length) {
				const grown = new Int32Array(depth * 2);
				grown.set(stack);
				stack = grown;
			}
			stack[depth++] = i;
			continue;
		}
		if (trustColumn0 && k === T.RBrace && atColumn0(bytes, start[i])) {
			let bottom = 0;
			while (bottom < depth && kind[stack[bottom]] !== T.LBrace) bottom++;
			if (bottom < depth) {
				match[i] = stack[bottom];
				match[stack[bottom]] = i;
			}
			depth = 0;
			continue;
		}
		if (k === T.RBrace) while (depth > 0 && kind[stack[depth - 1]] !== T.LBrace) depth--;
		else while (depth > 0 && kind[stack[depth - 1]] !== k - 1 && kind[stack[depth - 1]] !== T.LBrace) depth--;
		if (depth > 0 && kind[stack[depth - 1]] === k - 1) {
			depth--;
			match[i] = stack[depth];
			match[stack[depth]] = i;
		} else balanced = false;
	}
	for (let i = 0; i < depth; i++) if (kind[stack[i]] === T.LBrace) balanced = false;
	return balanced;
}
