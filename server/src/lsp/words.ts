// Words and lines of open documents.

import type { Position, Range } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";

/** A line's text without its end. */
export function lineText(document: TextDocument, line: number): string {
	const text = document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
	return text.replace(/\r?\n$/, "");
}

/** The C identifier at a position, or null. */
export function wordRange(text: string, position: Position): Range | null {
	let start = Math.min(position.character, text.length);
	let end = start;
	while (start > 0 && /\w/.test(text[start - 1]!)) start--;
	while (end < text.length && /\w/.test(text[end]!)) end++;
	if (start === end || /\d/.test(text[start]!)) return null;
	const { line } = position;
	return { start: { line, character: start }, end: { line, character: end } };
}
