// A unit in one buffer, as threads share it and the disk cache gives it back: a header, the tables, names and lines.
// The header: byte length of the file, unparsed body bytes, name bytes, line lengths, then the length of each table.

import { UNIT_HEADER_INTS, UNIT_TABLES, type Unit } from "./unit.js";

const NO_INTS = new Int32Array(0);

/** A unit as the front end made it in one buffer that all threads can read: header, tables, names, lines. */
export function flattenUnit(unit: Unit): SharedArrayBuffer {
	const buffer = unit.nameBytes.buffer as SharedArrayBuffer;
	const header = new Int32Array(buffer, 0, UNIT_HEADER_INTS);
	header[0] = unit.byteLength;
	header[1] = unit.unparsedBodyBytes;
	header[2] = unit.nameBytes.length;
	header[3] = unit.lineLengths.length;
	for (let i = 0; i < UNIT_TABLES.length; i++) header[4 + i] = unit[UNIT_TABLES[i]!].length;
	return buffer;
}

/** A unit whose tables are views of its flat form. */
export function unitOf(buffer: SharedArrayBuffer): Unit {
	return new FlatUnit(buffer) as FlatUnit & Unit;
}

/** What code is made of has its views at once; the others are made when they are asked for: a tree has half a million. */
class FlatUnit {
	readonly byteLength: number;
	readonly unparsedBodyBytes: number;
	readonly fns: Int32Array;
	readonly ops: Int32Array;
	readonly exprs: Int32Array;
	readonly lists: Int32Array;
	/** of the other tables, by their place in UNIT_TABLES; names and lines come last */
	private views: (Int32Array | Uint8Array | undefined)[] | null = null;

	constructor(private readonly buffer: SharedArrayBuffer) {
		const header = new Int32Array(buffer, 0, UNIT_HEADER_INTS);
		this.byteLength = header[0]!;
		this.unparsedBodyBytes = header[1]!;
		this.fns = tableOf(buffer, header, FNS);
		this.ops = tableOf(buffer, header, OPS);
		this.exprs = tableOf(buffer, header, EXPRS);
		this.lists = tableOf(buffer, header, LISTS);
	}

	view(table: number): Int32Array | Uint8Array {
		this.views ??= new Array(LINES + 1);
		const known = this.views[table];
		if (known !== undefined) return known;
		const { buffer } = this;
		const header = new Int32Array(buffer, 0, UNIT_HEADER_INTS);
		const view = table < NAMES ? tableOf(buffer, header, table) : bytesOf(buffer, header, table);
		this.views[table] = view;
		return view;
	}
}

const [FNS, OPS, EXPRS, LISTS] = (["fns", "ops", "exprs", "lists"] as const).map((name) =>
	UNIT_TABLES.indexOf(name),
) as [number, number, number, number];
const NAMES = UNIT_TABLES.length;
const LINES = NAMES + 1;

for (const [place, name] of [...UNIT_TABLES, "nameBytes", "lineLengths"].entries()) {
	if ([FNS, OPS, EXPRS, LISTS].includes(place)) continue;
	Object.defineProperty(FlatUnit.prototype, name, {
		get(this: FlatUnit) {
			return this.view(place);
		},
	});
}

function tableOf(buffer: SharedArrayBuffer, header: Int32Array, table: number): Int32Array {
	const length = header[4 + table]!;
	return length === 0 ? NO_INTS : new Int32Array(buffer, endOf(header, table), length);
}

function bytesOf(buffer: SharedArrayBuffer, header: Int32Array, which: number): Uint8Array {
	const start = endOf(header, UNIT_TABLES.length);
	return which === NAMES
		? new Uint8Array(buffer, start, header[2]!)
		: new Uint8Array(buffer, start + header[2]!, header[3]!);
}

/** Where the tables before this one end. */
function endOf(header: Int32Array, table: number): number {
	let ints = UNIT_HEADER_INTS;
	for (let i = 0; i < table; i++) ints += header[4 + i]!;
	return ints * 4;
}
