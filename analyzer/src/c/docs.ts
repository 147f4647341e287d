// Comments with a meaning: the comment above a function, its `Context:` line, suppressions.
import { ExprKind } from "../ir/ops.js";
import type { Parser } from "./parser.js";

/** The doc comment that ends right above byte `at` (only blanks between): its index in docs.data, or -1. */
export function docBefore(p: Parser, at: number): number {
	const docs = p.pp.lexer.docs;
	let low = 0;
	let high = docs.length / 2;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (docs.data[middle * 2 + 1] <= at) low = middle + 1;
		else high = middle;
	}
	if (low === 0) return -1;
	const end = docs.data[low * 2 - 1];
	for (let i = end; i < at; i++) {
		const byte = p.bytes[i];
		if (byte !== 32 && byte !== 10 && byte !== 9 && byte !== 13) return -1;
	}
	return low * 2 - 2;
}

const SLASH = 47;
const STAR = 42;
const MAX_COMMENT = 4000;
const ABOUT_CONTEXT =
	/\b(?:sleep|block|atomic|interrupt|irq|isr\b|bh\b|softirq|hardirq|tasklet|schedul|process context|held|holds?\b)/;

/** Does the comment that ends right above byte `at` speak of sleeping, of interrupts or of what is held? */
export function speaksOfContext(bytes: Uint8Array, at: number): boolean {
	let end = at;
	while (end > 0 && bytes[end - 1]! <= 32) end--;
	if (bytes[end - 1] !== SLASH || bytes[end - 2] !== STAR) return false;
	let start = end - 3;
	const limit = Math.max(0, end - MAX_COMMENT);
	while (start > limit && !(bytes[start] === STAR && bytes[start - 1] === SLASH)) start--;
	let text = "";
	for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
	return ABOUT_CONTEXT.test(text.toLowerCase());
}

const CONTEXT = "Context:";
const MAX_TEXT = 400;

/** Adds a "Context" annotation for the `Context:` section in bytes [start, end) of a doc comment. */
export function contextAnnotation(p: Parser, start: number, end: number): void {
	for (let at = start; at + CONTEXT.length < end; at++) {
		if (p.bytes[at] !== 67 || !matches(p.bytes, at)) continue;
		const before = p.bytes[at - 1];
		if (before !== 32 && before !== 42 && before !== 9) continue;
		const text = sectionText(p.bytes, at + CONTEXT.length, end);
		const name = p.builder.nameOf(text);
		const arg = p.builder.expr(ExprKind.Str, name, 0, 0);
		p.builder.annotations.push3(p.builder.nameOf("Context"), arg, at);
		return;
	}
}

function matches(bytes: Uint8Array, at: number): boolean {
	for (let i = 0; i < CONTEXT.length; i++) if (bytes[at + i] !== CONTEXT.charCodeAt(i)) return false;
	return true;
}

/** The section's text on one line: up to an empty line, the next `Word:` at a line's start, or the comment's end. */
function sectionText(bytes: Uint8Array, start: number, end: number): string {
	let text = "";
	let lineStart = false;
	for (let at = start; at < end - 2 && text.length < MAX_TEXT; at++) {
		const byte = bytes[at];
		if (byte === 10) {
			if (lineStart) break;
			lineStart = true;
			continue;
		}
		const blank = byte === 32 || byte === 9 || byte === 13 || (lineStart && byte === 42);
		if (blank) {
			if (!text.endsWith(" ")) text += " ";
			continue;
		}
		if (lineStart && startsSection(bytes, at, end)) break;
		lineStart = false;
		text += String.fromCharCode(byte);
	}
	return text.trim();
}

/** `Return:` and the like, or `@name:`. */
function startsSection(bytes: Uint8Array, at: number, end: number): boolean {
	if (bytes[at] === 64) return true;
	for (let i = at; i < end && i < at + 16; i++) {
		const byte = bytes[i];
		if (byte === 58) return i > at;
		if (!((byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122))) return false;
	}
	return false;
}

/** Fills Unit.suppressions from the lexer's spans: one entry per rule named in the brackets. */
export function addSuppressions(p: Parser): void {
	const spans = p.pp.lexer.suppressions;
	for (let i = 0; i < spans.length; i += 2) {
		const start = spans.data[i];
		const end = spans.data[i + 1];
		let at = start;
		while (at < end && p.bytes[at] !== 91) at++;
		let word = at + 1;
		for (at = word; at < end; at++) {
			const byte = p.bytes[at];
			if (byte !== 93 && byte !== 44 && byte !== 32) continue;
			if (at > word) p.builder.suppressions.push3(p.builder.name(p.bytes, word, at), start, end);
			word = at + 1;
			if (byte === 93) break;
		}
	}
}
