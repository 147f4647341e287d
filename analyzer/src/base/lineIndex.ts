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

/** Offsets at which the lines begin, for many look-ups in one file. */
export function lineStarts(lineLengths: Uint8Array): Int32Array {
	const starts = new Int32Array(countLines(lineLengths) + 1);
	let line = 0;
	let length = 0;
	for (let i = 0; i < lineLengths.length; i++) {
		const part = lineLengths[i]!;
		length += part;
		if (part === 255) continue;
		starts[line + 1] = starts[line]! + length;
		line++;
		length = 0;
	}
	return starts;
}

/** The same as placeOf, from line starts. */
export function placeIn(starts: Int32Array, offset: number): LinePlace {
	let low = 0;
	let high = starts.length - 1;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (starts[middle]! <= offset) low = middle;
		else high = middle - 1;
	}
	const line = Math.min(low, Math.max(0, starts.length - 2));
	return { line: line + 1, column: offset - starts[line]! + 1 };
}
