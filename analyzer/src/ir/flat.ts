// A unit as threads share it and the disk cache gives it back, in one run of ints that all threads can see: a header, the
// tables, names and lines. The header: byte length of the file, unparsed body bytes, name bytes, line lengths, then the
// length of each table.

import { IntSlab } from "../base/views.js";
import { UNIT_HEADER_INTS, UNIT_TABLES, type Unit } from "./unit.js";

const NO_INTS = new Int32Array(0);
/** Units are cut from chunks of this many ints: a tree has a hundred thousand of them, and memory for each costs more than what it holds. */
const CHUNK_INTS = 1 << 20;

const slab = new IntSlab(CHUNK_INTS);

/** The flat unit of a file with nothing in it. */
export const NOTHING = new Int32Array(UNIT_HEADER_INTS);

/** Room for a flat unit of so many ints. */
export function takeFlat(ints: number): Int32Array {
	return slab.take(ints);
}

/** The flat form of a unit. */
export function flattenUnit(unit: Unit): Int32Array {
	return (unit as FlatUnit & Unit).flat;
}

/** Were they made of texts that say the same at the same places? */
export function isSameUnit(a: Unit, b: Unit): boolean {
	const [x, y] = [flattenUnit(a), flattenUnit(b)];
	if (x.length !== y.length) return false;
	for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
	return true;
}

/** A unit whose tables are views of its flat form. */
export function unitOf(flat: Int32Array): Unit {
	return new FlatUnit(flat) as FlatUnit & Unit;
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

	constructor(readonly flat: Int32Array) {
		this.byteLength = flat[0]!;
		this.unparsedBodyBytes = flat[1]!;
		this.fns = tableOf(flat, FNS);
		this.ops = tableOf(flat, OPS);
		this.exprs = tableOf(flat, EXPRS);
		this.lists = tableOf(flat, LISTS);
	}

	view(table: number): Int32Array | Uint8Array {
		this.views ??= new Array(LINES + 1);
		const known = this.views[table];
		if (known !== undefined) return known;
		const view = table < NAMES ? tableOf(this.flat, table) : bytesOf(this.flat, table);
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

function tableOf(flat: Int32Array, table: number): Int32Array {
	const length = flat[4 + table]!;
	if (length === 0) return NO_INTS;
	const start = endOf(flat, table);
	return flat.subarray(start, start + length);
}

function bytesOf(flat: Int32Array, which: number): Uint8Array {
	const start = flat.byteOffset + endOf(flat, UNIT_TABLES.length) * 4;
	return which === NAMES
		? new Uint8Array(flat.buffer, start, flat[2]!)
		: new Uint8Array(flat.buffer, start + flat[2]!, flat[3]!);
}

/** Where the tables before this one end. */
function endOf(flat: Int32Array, table: number): number {
	let ints = UNIT_HEADER_INTS;
	for (let i = 0; i < table; i++) ints += flat[4 + i]!;
	return ints;
}
