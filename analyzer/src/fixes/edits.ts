// Edits of a plan, collected by offset: replacements that do not overlap, each with the reason that a person is shown.

import type { Edit, ReasonedEdit } from "../api.js";
import { readable, type SourceText } from "./source.js";

interface Piece {
	readonly source: SourceText;
	readonly start: number;
	readonly end: number;
	readonly newText: string;
	readonly why: string;
	readonly certain: boolean;
}

export class EditList {
	private readonly pieces: Piece[] = [];

	/** `certain`: right in every context that is known, nothing for a person to confirm */
	replace(source: SourceText, start: number, end: number, newText: string, why: string, certain = true): void {
		this.pieces.push({ source, start, end, newText, why, certain });
	}

	insert(source: SourceText, at: number, newText: string, why: string, certain = true): void {
		this.replace(source, at, at, newText, why, certain);
	}

	/** Takes out whole lines: those that [start, end) touches. */
	dropLines(source: SourceText, start: number, end: number, why: string): void {
		this.replace(source, source.lineStart(start), Math.min(source.lineEnd(end - 1) + 1, source.text.length), "", why);
	}

	get areCertain(): boolean {
		return this.pieces.every(({ certain }) => certain);
	}

	/** By file and place; null when two of them overlap. */
	finish(): ReasonedEdit[] | null {
		const sorted = this.pieces.map((piece, i) => ({ piece, i }));
		sorted.sort((a, b) => comparePieces(a.piece, b.piece) || a.i - b.i);
		for (let i = 1; i < sorted.length; i++) {
			const [before, after] = [sorted[i - 1]!.piece, sorted[i]!.piece];
			if (before.source === after.source && after.start < before.end) return null;
		}
		return sorted.map(({ piece }) => toEdit(piece));
	}
}

/** Edits as a fix of a finding has them. */
export function plainEdits(edits: readonly ReasonedEdit[]): Edit[] {
	return edits.map(({ file, line, column, endLine, endColumn, newText }) => ({
		file,
		line,
		column,
		endLine,
		endColumn,
		newText,
	}));
}

function comparePieces(a: Piece, b: Piece): number {
	if (a.source.path !== b.source.path) return a.source.path < b.source.path ? -1 : 1;
	return a.start - b.start || a.end - b.end;
}

function toEdit({ source, start, end, newText, why, certain }: Piece): ReasonedEdit {
	const last = source.place(end);
	return {
		...source.place(start),
		endLine: last.line,
		endColumn: last.column,
		newText: readable(newText),
		why,
		certain,
	};
}
