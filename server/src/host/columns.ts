// The analyzer counts columns in bytes where it has no text; people and editors count UTF-16 code units.
// The two differ only on lines with other than ASCII characters, whose text is fetched here.

import { isAscii } from "node:buffer";
import { isAbsolute, join } from "node:path";
import type { Finding, Place, Range } from "@might-sleep/analyzer";
import { readSource } from "./readSource.js";

/** UTF-16 column (from 1) of a byte column (from 1) on a line. */
export function utf16Column(line: Uint8Array, byteColumn: number): number {
	return Buffer.from(line.subarray(0, byteColumn - 1)).toString("utf8").length + 1;
}

/** Byte column (from 1) of a UTF-16 column (from 1) on a line. */
export function byteColumn(line: string, utf16: number): number {
	return Buffer.byteLength(line.slice(0, utf16 - 1), "utf8") + 1;
}

/** Finds lines with other than ASCII characters, file by file. */
export class ColumnMap {
	/** file → line → its bytes, for the lines that are not ASCII */
	private readonly files = new Map<string, ReadonlyMap<number, Uint8Array>>();
	private readonly read: (file: string) => Uint8Array | null;

	constructor(read: (file: string) => Uint8Array | null) {
		this.read = read;
	}

	static ofDisk(root: string): ColumnMap {
		return new ColumnMap((file) => {
			try {
				return readSource(isAbsolute(file) ? file : join(root, file));
			} catch {
				return null;
			}
		});
	}

	column(file: string, line: number, column: number): number {
		const bytes = this.linesOf(file).get(line);
		return bytes === undefined ? column : utf16Column(bytes, column);
	}

	place<T extends Place>(place: T): T {
		const column = this.column(place.file, place.line, place.column);
		return column === place.column ? place : { ...place, column };
	}

	range<T extends Range>(range: T): T {
		const column = this.column(range.file, range.line, range.column);
		const endColumn = this.column(range.file, range.endLine, range.endColumn);
		return column === range.column && endColumn === range.endColumn ? range : { ...range, column, endColumn };
	}

	finding(finding: Finding): Finding {
		return {
			...this.range(finding),
			enter: finding.enter.map((step) => this.place(step)),
			sleep: finding.sleep.map((step) => this.place(step)),
			related: finding.related.map((step) => this.place(step)),
			fixes: finding.fixes.map((fix) => ({ ...fix, edits: fix.edits.map((edit) => this.range(edit)) })),
		};
	}

	private linesOf(file: string): ReadonlyMap<number, Uint8Array> {
		let lines = this.files.get(file);
		if (!lines) {
			const bytes = this.read(file);
			lines = bytes === null ? new Map() : nonAsciiLines(bytes);
			this.files.set(file, lines);
		}
		return lines;
	}
}

/** The findings with columns in UTF-16 code units. */
export function* columnsOf(root: string, findings: Iterable<Finding>): Generator<Finding> {
	const map = ColumnMap.ofDisk(root);
	for (const finding of findings) yield map.finding(finding);
}

function nonAsciiLines(bytes: Uint8Array): Map<number, Uint8Array> {
	const lines = new Map<number, Uint8Array>();
	if (isAscii(bytes)) return lines;
	let line = 1;
	let start = 0;
	let isPlain = true;
	for (let i = 0; i <= bytes.length; i++) {
		const byte = i < bytes.length ? bytes[i]! : 10;
		if (byte > 127) isPlain = false;
		if (byte !== 10) continue;
		if (!isPlain) lines.set(line, bytes.slice(start, i));
		line++;
		start = i + 1;
		isPlain = true;
	}
	return lines;
}
