// Statements as text: where they begin and end, what they are in, and how another is put before one of them. Macros
// that head a loop (`list_for_each_entry(…) …`) are seen by what follows them.

import type { EditList } from "./edits.js";
import type { SourceText } from "./source.js";

export interface Statement {
	readonly start: number;
	/** one past its last character */
	readonly end: number;
}

const LEAVES = /\b(?:return|goto|break|continue)\b/g;
const LOOPS = /^(?:for|while|do|switch)\b/;

/** The statement that begins at an offset; null when it cannot be read. */
export function statementAt(source: SourceText, start: number, limit: number): Statement | null {
	if (start >= limit) return null;
	const sign = source.code[start]!;
	if (sign === "{") return upTo(start, source.closing(start) + 1);
	const word = source.wordAt(start);
	const after = source.next(start + word.length);
	if (word === "do") {
		const body = statementAt(source, after, limit);
		return body === null ? null : upTo(start, semicolon(source, body.end, limit));
	}
	if (
		word === "default" ||
		(word !== "" && word !== "case" && source.code[after] === ":" && source.code[after + 1] !== ":")
	)
		return upTo(start, source.code.indexOf(":", start) + 1);
	if (word === "case") return upTo(start, source.code.indexOf(":", start) + 1);
	if (word !== "" && source.code[after] === "(") return headed(source, start, word, after, limit);
	return upTo(start, semicolon(source, start, limit));
}

/** The statements of a block, in order; null when one cannot be read. */
export function statementsIn(source: SourceText, open: number): Statement[] | null {
	const close = source.closing(open);
	if (close === -1) return null;
	const found: Statement[] = [];
	for (let at = source.next(open + 1); at < close; at = source.next(found.at(-1)!.end)) {
		const one = statementAt(source, at, close);
		if (one === null || one.end > close) return null;
		found.push(one);
	}
	return found;
}

/** The blocks around an offset within a body, the outermost first: each with its statements and which one it is in. */
export function blocksAround(
	source: SourceText,
	open: number,
	at: number,
): { readonly open: number; readonly statements: readonly Statement[]; readonly index: number }[] {
	const found = [];
	for (let block = open; block !== -1; ) {
		const statements = statementsIn(source, block);
		const index = statements?.findIndex((one) => one.start <= at && at < one.end) ?? -1;
		if (statements === null || index === -1) return found;
		found.push({ open: block, statements, index });
		block = blockWithin(source, statements[index]!, at);
	}
	return found;
}

/** The smallest statement around an offset that has no statements in it. */
export function simpleAround(source: SourceText, open: number, at: number): Statement | null {
	const innermost = blocksAround(source, open, at).at(-1);
	let one = innermost?.statements[innermost.index] ?? null;
	while (one !== null) {
		const inner = branchWithin(source, one, at);
		if (inner === null) return one;
		one = inner;
	}
	return null;
}

/** The words that leave a span of statements: not those that end a loop within it. */
export function leaving(source: SourceText, { start, end }: Statement): { word: string; at: number }[] {
	const found: { word: string; at: number }[] = [];
	for (const match of source.code.slice(start, end).matchAll(LEAVES)) {
		const at = start + match.index;
		const isInner = match[0] === "break" || match[0] === "continue";
		if (!isInner || !isInLoop(source, start, at)) found.push({ word: match[0], at });
	}
	return found;
}

/** Puts lines before a statement; where it is a branch without braces, it gets them. False where it cannot. */
export function insertBefore(
	edits: EditList,
	source: SourceText,
	statement: Statement,
	lines: readonly string[],
	why: string,
): boolean {
	const indent = source.indentAt(statement.start);
	const isOwnLine = source.text.slice(source.lineStart(statement.start), statement.start).trim() === "";
	const text = lines.map((line) => `${indent}${line}\n`).join("");
	if (!isBranch(source, statement.start)) {
		if (!isOwnLine) return false;
		edits.insert(source, source.lineStart(statement.start), text, why);
		return true;
	}
	const follows = source.next(statement.end);
	if (!isOwnLine || source.wordAt(follows) === "else" || source.wordBefore(statement.start) === "else") return false;
	const before = source.previous(statement.start) + 1;
	edits.insert(source, before, " {", why);
	edits.insert(source, source.lineStart(statement.start), text, why);
	edits.insert(source, statement.end, `\n${indent.slice(0, -1)}}`, why);
	return true;
}

/** Is a statement the branch of an if, or the body of a loop, without braces? */
export function isBranch(source: SourceText, start: number): boolean {
	const before = source.previous(start);
	const word = source.wordBefore(start);
	return source.code[before] === ")" || word === "else" || word === "do";
}

/** Does a label stand in a span? Then code from elsewhere comes in. */
export function hasLabel(source: SourceText, { start, end }: Statement): boolean {
	return /(?:^|[;{}])\s*[A-Za-z_]\w*\s*:(?!:)/.test(source.code.slice(start, end).replace(/\bdefault\s*:/g, ""));
}

/** Where a label stands from `from` on, before `to`; -1 when it does not. */
export function labelAt(source: SourceText, label: string, from: number, to: number): number {
	const found = new RegExp(`(?:^|[;{}])\\s*(${label})\\s*:(?!:)`, "m").exec(source.code.slice(from, to));
	return found === null ? -1 : from + found.index + found[0].indexOf(label);
}

function upTo(start: number, end: number): Statement | null {
	return end <= start ? null : { start, end };
}

/** `if (…) …`, `for (…) …`, `each_of(…) …`, or a call. */
function headed(source: SourceText, start: number, word: string, open: number, limit: number): Statement | null {
	const close = source.closing(open);
	if (close === -1) return null;
	const next = source.next(close + 1);
	const isHead = /^(?:if|for|while|switch)$/.test(word) || /[A-Za-z_{]/.test(source.code[next] ?? "");
	if (!isHead) return upTo(start, semicolon(source, start, limit));
	const body = statementAt(source, next, limit);
	if (body === null) return null;
	const after = source.next(body.end);
	if (word !== "if" || source.wordAt(after) !== "else") return upTo(start, body.end);
	const other = statementAt(source, source.next(after + "else".length), limit);
	return other === null ? null : upTo(start, other.end);
}

/** One past the semicolon that ends what is at an offset; 0 when there is none. */
function semicolon(source: SourceText, from: number, limit: number): number {
	for (let at = from; at < limit; at++) {
		const sign = source.code[at]!;
		if (sign === ";") return at + 1;
		if (sign === "(" || sign === "[" || sign === "{") {
			at = source.closing(at);
			if (at === -1) return 0;
		}
	}
	return 0;
}

/** The brace of the block in a statement that an offset is in, or -1; that of an expression is none. */
function blockWithin(source: SourceText, { start, end }: Statement, at: number): number {
	let brackets = 0;
	for (let i = start; i <= Math.min(at, end - 1); i++) {
		const sign = source.code[i]!;
		if (sign === "(" || sign === "[") brackets++;
		else if (sign === ")" || sign === "]") brackets--;
		else if (sign === "{" && brackets === 0) {
			const close = source.closing(i);
			if (close === -1) return -1;
			if (at < close) return source.code[source.previous(i)] === "=" ? -1 : i;
			i = close;
		}
	}
	return -1;
}

/** The branch of a statement, without braces, that an offset is in; null when it is in none. */
function branchWithin(source: SourceText, one: Statement, at: number): Statement | null {
	const word = source.wordAt(one.start);
	if (word === "" || word === "return" || word === "goto") return null;
	const open = source.next(one.start + word.length);
	if (word === "do") return within(statementAt(source, open, one.end), at);
	if (source.code[open] !== "(") return null;
	const close = source.closing(open);
	const body = statementAt(source, source.next(close + 1), one.end);
	if (body === null || body.start >= one.end || source.code[body.start] === ";" || !isBranch(source, body.start))
		return null;
	if (within(body, at) !== null) return body;
	const after = source.next(body.end);
	if (source.wordAt(after) !== "else") return null;
	return within(statementAt(source, source.next(after + "else".length), one.end), at);
}

function within(one: Statement | null, at: number): Statement | null {
	return one !== null && one.start <= at && at < one.end ? one : null;
}

/** Is an offset in a loop that begins at or after `from`? */
function isInLoop(source: SourceText, from: number, at: number): boolean {
	for (let i = from; i < at; i++) {
		const isWordStart = /[A-Za-z_]/.test(source.code[i]!) && !/\w/.test(source.code[i - 1] ?? "");
		if (!isWordStart) continue;
		const word = source.wordAt(i);
		const open = source.next(i + word.length);
		const isMacroLoop = source.code[open] === "(" && !/^(?:if|return|sizeof)$/.test(word);
		if (!LOOPS.test(word) && !isMacroLoop) continue;
		const one = statementAt(source, i, source.code.length);
		if (one !== null && one.start <= at && at < one.end && source.code[one.end - 1] !== undefined) {
			const isLoop = LOOPS.test(word) || source.code[source.next(source.closing(open) + 1)] !== ";";
			if (isLoop) return true;
		}
	}
	return false;
}
