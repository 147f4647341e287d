// Byte offset ↔ line, from the line lengths a unit keeps (see Unit.lineLengths). Lines start at 1.

export interface LinePlace {
	readonly line: number;
	/** bytes from the start of the line, from 1 */
	readonly column: number;
}

/** The line and byte column of `offset`. Linear in the line number. */
export function placeOf(lineLengths: Uint8Array, offset: number): LinePlace {
	let line = 1;
	let start = 0;
	let length = 0;
	for (let i = 0; i < lineLengths.length; i++) {
		const part = lineLengths[i]!;
		length += part;
		if (part === 255) continue;
		if (offset < start + length) break;
		start += length;
		length = 0;
		line++;
	}
	return { line, column: offset - start + 1 };
}

/** The byte range [start, end) of a line; the newline is in it. Past the end: an empty range there. */
export function lineRange(lineLengths: Uint8Array, line: number): { start: number; end: number } {
	let at = 1;
	let start = 0;
	let length = 0;
	for (let i = 0; i < lineLengths.length; i++) {
		const part = lineLengths[i]!;
		length += part;
		if (part === 255) continue;
		if (at === line) return { start, end: start + length };
		start += length;
		length = 0;
		at++;
	}
	return { start, end: start + length };
}

/** Number of lines. */
export function countLines(lineLengths: Uint8Array): number {
	let lines = 0;
	for (let i = 0; i < lineLengths.length; i++) if (lineLengths[i] !== 255) lines++;
	return lines;
}
