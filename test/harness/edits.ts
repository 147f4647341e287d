// Edits made to a text.

import type { Edit } from "@might-sleep/analyzer";

/** The text with the edits of one file applied, last edit first. */
export function applyEdits(text: string, path: string, all: readonly Edit[]): string {
	const starts = [0];
	for (let i = 0; i < text.length; i++) if (text[i] === "\n") starts.push(i + 1);
	const edits = all
		.filter((edit) => edit.file === path)
		.map((edit) => ({
			from: starts[edit.line - 1]! + edit.column - 1,
			to: starts[edit.endLine - 1]! + edit.endColumn - 1,
			newText: edit.newText,
		}))
		.reverse()
		.sort((a, b) => b.from - a.from);
	return edits.reduce((result, edit) => result.slice(0, edit.from) + edit.newText + result.slice(edit.to), text);
}
