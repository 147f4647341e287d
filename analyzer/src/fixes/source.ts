// The text of a file, for fixes that have to see more than the IR keeps: one character for each byte, so that the
// offsets of a unit are those of the text. Nothing here knows of the kernel.

import type { Place } from "../api.js";
import type { FileId, Program } from "../ir/program.js";

/** Gives a file as it was analysed, one character for each byte (latin1); null when it is not to be had. */
export type ReadText = (path: string) => string | null;

/** Columns of a tab. */
const TAB = 8;

export class SourceText {
	private blanked: string | null = null;
	private spans: readonly (readonly [number, number])[] | null = null;

	constructor(
		readonly path: string,
		/** as it is */
		readonly text: string,
	) {}

	/** The same length: comments are blank, string and character literals are made of quotes. */
	get code(): string {
		this.blanked ??= blanked(this.text);
		return this.blanked;
	}

	/** Spans of preprocessor lines, continuation lines included. */
	private get directives(): readonly (readonly [number, number])[] {
		this.spans ??= directivesOf(this.code);
		return this.spans;
	}

	/** Line and byte column of an offset. */
	place(offset: number): Place {
		let line = 1;
		let start = 0;
		for (let at = this.text.indexOf("\n"); at !== -1 && at < offset; at = this.text.indexOf("\n", at + 1)) {
			line++;
			start = at + 1;
		}
		return { file: this.path, line, column: offset - start + 1 };
	}

	lineStart(offset: number): number {
		return this.text.lastIndexOf("\n", offset - 1) + 1;
	}

	/** Where the line ends: at its newline, or at the end of the text. */
	lineEnd(offset: number): number {
		const at = this.text.indexOf("\n", offset);
		return at === -1 ? this.text.length : at;
	}

	/** What stands before the first character of a line. */
	indentAt(offset: number): string {
		return /^[ \t]*/.exec(this.text.slice(this.lineStart(offset), this.lineEnd(offset)))![0];
	}

	/** The offset from `from` on that holds code; the end of the text when there is none. */
	next(from: number): number {
		let at = from;
		while (at < this.code.length && isSpace(this.code[at]!)) at++;
		return at;
	}

	/** The last offset before `from` that holds code; -1 when there is none. */
	previous(from: number): number {
		let at = from - 1;
		while (at >= 0 && isSpace(this.code[at]!)) at--;
		return at;
	}

	/** The word that stands at an offset, or an empty text. */
	wordAt(offset: number): string {
		return /^[A-Za-z_]\w*/.exec(this.code.slice(offset, offset + 128))?.[0] ?? "";
	}

	/** The word that ends right before an offset, or an empty text. */
	wordBefore(offset: number): string {
		const end = this.previous(offset) + 1;
		return /[A-Za-z_]\w*$/.exec(this.code.slice(Math.max(0, end - 128), end))?.[0] ?? "";
	}

	/** The offset of the bracket that closes the one at `open`, or -1. */
	closing(open: number): number {
		let depth = 0;
		for (let at = open; at < this.code.length; at++) {
			const sign = this.code[at]!;
			if (sign === "(" || sign === "[" || sign === "{") depth++;
			else if ((sign === ")" || sign === "]" || sign === "}") && --depth === 0) return at;
		}
		return -1;
	}

	/** Is an offset in a preprocessor line? */
	isDirective(offset: number): boolean {
		// most lines say at a glance that they are none, nor go on with one
		const start = this.lineStart(offset);
		const before = this.text.slice(Math.max(0, start - 3), start);
		if (!before.includes("\\") && !this.text.slice(start, this.lineEnd(offset)).includes("#")) return false;
		return this.directives.some(([start, end]) => offset >= start && offset < end);
	}

	/** Does a preprocessor line begin in a span? */
	hasDirective(from: number, to: number): boolean {
		return this.directives.some(([start]) => start >= from && start < to);
	}

	/** The column of an offset as it is seen, from 0. */
	columnAt(offset: number): number {
		return widthOf(this.text.slice(this.lineStart(offset), offset));
	}

	/** Offsets at which a word stands in code, preprocessor lines included. */
	occurrences(word: string): number[] {
		const found: number[] = [];
		for (let at = this.code.indexOf(word); at !== -1; at = this.code.indexOf(word, at + word.length)) {
			if (!isWord(this.code[at - 1]) && !isWord(this.code[at + word.length])) found.push(at);
		}
		return found;
	}
}

/** The texts of a program, each read once. A text that is not the one that was analysed is none. */
export class Texts {
	private readonly known = new Map<FileId, SourceText | null>();

	constructor(
		readonly program: Program,
		private readonly read: ReadText,
	) {}

	/** how many files have been read */
	get size(): number {
		return this.known.size;
	}

	of(file: FileId): SourceText | null {
		let text = this.known.get(file);
		if (text === undefined) {
			const path = this.program.paths[file]!;
			const bytes = this.read(path);
			const isSame = bytes !== null && bytes.length === this.program.unit(file).byteLength;
			text = isSame ? new SourceText(path, bytes) : null;
			this.known.set(file, text);
		}
		return text;
	}
}

/** Columns that a text takes from the start of a line. */
export function widthOf(text: string): number {
	let width = 0;
	for (const sign of text) width = sign === "\t" ? (Math.floor(width / TAB) + 1) * TAB : width + 1;
	return width;
}

/** Tabs and spaces up to a column, as the kernel aligns continuation lines. */
export function alignment(column: number): string {
	return "\t".repeat(Math.floor(column / TAB)) + " ".repeat(column % TAB);
}

/** A piece of a text as people read it: its bytes are UTF-8. */
export function readable(piece: string): string {
	if (!/[\x80-\xff]/.test(piece)) return piece;
	try {
		return decodeURIComponent(
			piece.replace(/[%\x80-\xff]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, "0")}`),
		);
	} catch {
		return piece;
	}
}

function isSpace(sign: string): boolean {
	return sign === " " || sign === "\t" || sign === "\n" || sign === "\r" || sign === "\f";
}

function isWord(sign: string | undefined): boolean {
	return sign !== undefined && /\w/.test(sign);
}

const COMMENT_OR_LITERAL =
	/\/\*[\s\S]*?(?:\*\/|$)|\/\/(?:\\\r?\n|[^\n])*|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?/g;

function blanked(text: string): string {
	return text.replace(COMMENT_OR_LITERAL, (piece) =>
		piece[0] === "/" ? piece.replace(/[^\n]+/g, (line) => " ".repeat(line.length)) : '"'.repeat(piece.length),
	);
}

function directivesOf(code: string): [number, number][] {
	const found: [number, number][] = [];
	const pattern = /^[ \t]*#(?:\\\r?\n|[^\n])*/gm;
	for (let match = pattern.exec(code); match !== null; match = pattern.exec(code))
		found.push([match.index, pattern.lastIndex]);
	return found;
}
