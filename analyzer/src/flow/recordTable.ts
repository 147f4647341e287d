// hot: records of how a function is entered: in which context (a number), with which parameter values, by which call of
// which other record. What is asked together lies together: a record is eight ints, and the open hash table that finds one
// by function, context and values looks no further than at its number and at the record.

import { sharedInts } from "../base/ints.js";
import { IntVec } from "../base/vec.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { CallMoves } from "./moves.js";

const SIZE = 8;

const enum Column {
	Fn = 0,
	Context = 1,
	Binding = 2,
	/** record of the caller, or NONE where a chain begins */
	Parent = 3,
	/** call op in the caller; where a chain begins: what the owner of the table makes of it */
	Op = 4,
	Doubt = 5,
	/** next record of the function, or NONE */
	Next = 6,
	/** calls that the owner counts; beside them how often what the record brings was refused */
	Length = 7,
}

/** Chains are shorter. */
const REFUSED_SHIFT = 8;

/** What was there before changes that are to be taken back. */
interface Changes {
	readonly length: number;
	readonly nSlots: number;
	/** by function: its records */
	readonly chains: Map<FnId, readonly number[]>;
	/** by record that was given another way in: parent, op, doubt */
	readonly ways: Map<number, readonly [number, number, number]>;
}

export class RecordTable {
	private readonly rows = new IntVec(SIZE << 10);
	/** by function: its newest record, and how many there are */
	private readonly heads = new IntVec(1 << 10);
	private readonly counts = new IntVec(1 << 10);
	/** record + 1 by slot, 0 for free */
	private slots: Int32Array = new Int32Array(1 << 12);
	private nPlaced = 0;
	private readonly dropped = new Set<number>();
	/** those of the dropped ones whose function is not there any more, or that such a function brought */
	private readonly gone = new Set<number>();
	/** what has changed since `keep`, and how many slots there were; null: nobody wants it back */
	private changes: Changes | null = null;

	/** Number of records; they are counted from 0. */
	get length(): number {
		return this.rows.length / SIZE;
	}

	fn(record: number): FnId {
		return this.rows.data[record * SIZE + Column.Fn]!;
	}
	context(record: number): number {
		return this.rows.data[record * SIZE + Column.Context]!;
	}
	binding(record: number): number {
		return this.rows.data[record * SIZE + Column.Binding]!;
	}
	parent(record: number): number {
		return this.rows.data[record * SIZE + Column.Parent]!;
	}
	op(record: number): number {
		return this.rows.data[record * SIZE + Column.Op]!;
	}
	doubt(record: number): number {
		return this.rows.data[record * SIZE + Column.Doubt]!;
	}
	/** Calls on the way, as far as the owner counts them. */
	chainLength(record: number): number {
		return this.rows.data[record * SIZE + Column.Length]! & ((1 << REFUSED_SHIFT) - 1);
	}

	/** How often the owner has refused what the record would bring about. */
	refused(record: number): number {
		return this.rows.data[record * SIZE + Column.Length]! >> REFUSED_SHIFT;
	}
	/** Counts that; not what is to be taken back. */
	refuse(record: number, times: number): void {
		if (this.changes !== null) return;
		this.rows.data[record * SIZE + Column.Length]! += times << REFUSED_SHIFT;
	}

	/** First record of a function, or NONE; go on with `next`. */
	first(fn: FnId): number {
		return fn < this.heads.length ? this.heads.data[fn]! : NONE;
	}
	next(record: number): number {
		return this.rows.data[record * SIZE + Column.Next]!;
	}

	/** Number of records of a function. */
	countOf(fn: FnId): number {
		return fn < this.counts.length ? this.counts.data[fn]! : 0;
	}

	/** The record that these make, or NONE. */
	find(fn: FnId, context: number, binding: number): number {
		const { slots } = this;
		const { data } = this.rows;
		const mask = slots.length - 1;
		for (let slot = hashOf(fn, context, binding) & mask; ; slot = (slot + 1) & mask) {
			const record = slots[slot]! - 1;
			if (record < 0) return NONE;
			const at = record * SIZE;
			if (data[at] !== fn || data[at + Column.Context] !== context || data[at + Column.Binding] !== binding) continue;
			if (!this.isDropped(record)) return record;
		}
	}

	/** How many records there were at `keep`; all, where nothing is kept. */
	get keptLength(): number {
		return this.changes?.length ?? this.length;
	}

	/** The record that these made at `keep`, or NONE. */
	findKept(fn: FnId, context: number, binding: number): number {
		const { slots, keptLength } = this;
		const { data } = this.rows;
		const mask = slots.length - 1;
		for (let slot = hashOf(fn, context, binding) & mask; ; slot = (slot + 1) & mask) {
			const record = slots[slot]! - 1;
			if (record < 0) return NONE;
			const at = record * SIZE;
			if (record >= keptLength || data[at] !== fn || data[at + Column.Context] !== context) continue;
			if (data[at + Column.Binding] === binding) return record;
		}
	}

	/** Adds a record; of equal ones the first is found. */
	add(fn: FnId, context: number, binding: number, parent: number, op: number, doubt: number, length: number): number {
		this.noteChain(fn);
		this.extendTo(fn);
		const { rows } = this;
		const at = rows.length;
		rows.extend(at + SIZE, 0);
		const { data } = rows;
		data[at + Column.Fn] = fn;
		data[at + Column.Context] = context;
		data[at + Column.Binding] = binding;
		data[at + Column.Parent] = parent;
		data[at + Column.Op] = op;
		data[at + Column.Doubt] = doubt;
		data[at + Column.Next] = this.heads.data[fn]!;
		data[at + Column.Length] = length;
		const record = at / SIZE;
		this.heads.data[fn] = record;
		this.counts.data[fn]!++;
		if (++this.nPlaced * 2 > this.slots.length) this.grow();
		this.place(record);
		return record;
	}

	/** Makes room for so many records to be found, in an empty table. */
	expect(count: number): void {
		let nSlots = this.slots.length;
		while (nSlots < 2 * count) nSlots *= 2;
		this.slots = sharedInts(nSlots);
	}

	/** Makes room for as many as another table has. */
	reserve(others: RecordTable): void {
		this.slots = sharedInts(others.slots.length);
		this.rows.extend(others.keptLength * SIZE, 0);
		this.rows.clear();
		this.extendTo(others.heads.length - 1);
	}

	/** Adds a record like one of another table. */
	copy(from: RecordTable, record: number, parent: number): number {
		const { data } = from.rows;
		const at = record * SIZE;
		const length = from.chainLength(record);
		const [op, doubt] = [data[at + Column.Op]!, data[at + Column.Doubt]!];
		return this.add(data[at]!, data[at + Column.Context]!, data[at + Column.Binding]!, parent, op, doubt, length);
	}

	/**
	 * Forgets the records of an edited function that are its own, or that callers bring for which `isOwn` holds; how it is
	 * entered from elsewhere does not change with it.
	 */
	renew(fn: FnId, isOwn: (fn: FnId) => boolean): void {
		this.forgetThose(fn, (record) => {
			const parent = this.parent(record);
			return parent === NONE ? this.op(record) === NONE : isOwn(this.fn(parent));
		});
	}

	/** Forgets some of the records of a function. */
	forgetThose(fn: FnId, isGone: (record: number) => boolean): void {
		const kept: number[] = [];
		let isKept = true;
		for (let at = this.first(fn); at !== NONE; at = this.next(at)) {
			if (isGone(at)) {
				this.dropped.add(at);
				isKept = false;
			} else kept.push(at);
		}
		if (!isKept) this.relink(fn, kept);
	}

	/** The records of other functions that some, which were edited, have brought about by their calls. */
	broughtBy(edited: ReadonlySet<FnId>): Set<number> {
		const found = new Set<number>();
		const isEdited = (fn: FnId) => edited.has(fn);
		for (let record = 0; record < this.length; record++) {
			const parent = this.parent(record);
			if (parent !== NONE && isEdited(this.fn(parent)) && !isEdited(this.fn(record)) && !this.isDropped(record))
				found.add(record);
		}
		return found;
	}

	/** Gives a record another way in, unless that comes by way of the record itself. */
	adopt(record: number, parent: number, op: number, doubt: number): boolean {
		for (let at = parent; at !== NONE; at = this.parent(at)) if (at === record) return false;
		if (this.changes !== null && !this.changes.ways.has(record))
			this.changes.ways.set(record, [this.parent(record), this.op(record), this.doubt(record)]);
		this.setWay(record, parent, op, doubt);
		return true;
	}

	/** Forgets a record; what it brought about is stale. */
	forget(record: number): void {
		this.dropped.add(record);
	}

	/** Forgets the records of functions that are not there any more, and all that these brought about. */
	dropDead(isLive: (fn: FnId) => boolean): void {
		const touched = new Set<FnId>();
		// a record comes after its parent
		for (let record = 0; record < this.length; record++) {
			if (isLive(this.fn(record)) && !this.gone.has(this.parent(record))) continue;
			this.dropped.add(record);
			this.gone.add(record);
			touched.add(this.fn(record));
		}
		for (const fn of touched) {
			const kept: number[] = [];
			for (let at = this.first(fn); at !== NONE; at = this.next(at)) if (!this.gone.has(at)) kept.push(at);
			this.relink(fn, kept);
		}
	}

	/** Was it forgotten, with an edit of its function or with the function? */
	isDropped(record: number): boolean {
		return this.dropped.size > 0 && this.dropped.has(record);
	}

	/** From now on changes can be taken back. */
	keep(): void {
		this.changes = { length: this.length, nSlots: this.slots.length, chains: new Map(), ways: new Map() };
	}

	/** Takes back all changes since `keep`. */
	takeBack(): void {
		if (this.changes === null) return;
		const { length, nSlots, chains, ways } = this.changes;
		this.changes = null;
		for (let record = this.length - 1; record >= length; record--) this.displace(record);
		const isGrown = this.slots.length !== nSlots;
		this.rows.length = length * SIZE;
		this.nPlaced = length;
		this.dropped.clear();
		this.gone.clear();
		for (const [record, [parent, op, doubt]] of ways) this.setWay(record, parent, op, doubt);
		for (const [fn, records] of chains) this.relink(fn, records);
		// in a table that has grown, those that stay may lie behind those that go
		if (isGrown) {
			this.slots.fill(0);
			for (let record = 0; record < length; record++) this.place(record);
		}
		this.keep();
	}

	/** The calls of some functions, by which they bring records, have other numbers now. */
	renumber(moves: ReadonlyMap<FnId, CallMoves>): void {
		const { data } = this.rows;
		for (let at = 0; at < this.rows.length; at += SIZE) {
			const parent = data[at + Column.Parent]!;
			const calls = parent === NONE ? undefined : moves.get(this.fn(parent));
			if (calls !== undefined) data[at + Column.Op] = calls.get(data[at + Column.Op]!) ?? data[at + Column.Op]!;
		}
	}

	private setWay(record: number, parent: number, op: number, doubt: number): void {
		const at = record * SIZE;
		this.rows.data[at + Column.Parent] = parent;
		this.rows.data[at + Column.Op] = op;
		this.rows.data[at + Column.Doubt] = doubt;
	}

	/** Keeps the records of a function as they are before they change. */
	private noteChain(fn: FnId): void {
		if (this.changes === null || this.changes.chains.has(fn)) return;
		const records: number[] = [];
		for (let at = this.first(fn); at !== NONE; at = this.next(at)) records.push(at);
		this.changes.chains.set(fn, records);
	}

	/** Makes these the records of a function, in their order. */
	private relink(fn: FnId, kept: readonly number[]): void {
		this.noteChain(fn);
		this.extendTo(fn);
		this.heads.data[fn] = NONE;
		for (const record of kept.toReversed()) {
			this.rows.data[record * SIZE + Column.Next] = this.heads.data[fn]!;
			this.heads.data[fn] = record;
		}
		this.counts.data[fn] = kept.length;
	}

	/** The record that a chain of callers begins with. */
	topOf(record: number): number {
		let top = record;
		while (this.parent(top) !== NONE) top = this.parent(top);
		return top;
	}

	/** Has the record been dropped, or one on the way to it? */
	isStale(record: number): boolean {
		if (this.dropped.size === 0) return false;
		for (let at = record; at !== NONE; at = this.parent(at)) if (this.dropped.has(at)) return true;
		return false;
	}

	private extendTo(fn: FnId): void {
		this.heads.extend(fn + 1, NONE);
		this.counts.extend(fn + 1, 0);
	}

	private place(record: number): void {
		const mask = this.slots.length - 1;
		let slot = hashOf(this.fn(record), this.context(record), this.binding(record)) & mask;
		while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
		this.slots[slot] = record + 1;
	}

	/** Frees the slot of a record; those after it are free already. */
	private displace(record: number): void {
		const mask = this.slots.length - 1;
		let slot = hashOf(this.fn(record), this.context(record), this.binding(record)) & mask;
		while (this.slots[slot] !== record + 1) slot = (slot + 1) & mask;
		this.slots[slot] = 0;
	}

	private grow(): void {
		const before = this.slots;
		this.slots = sharedInts(before.length * 2);
		for (let i = 0; i < before.length; i++) if (before[i] !== 0) this.place(before[i]! - 1);
	}
}

function hashOf(fn: number, context: number, binding: number): number {
	const hash = Math.imul(fn, 0x9e3779b1) ^ Math.imul(context, 0x85ebca6b) ^ Math.imul(binding, 0xc2b2ae35);
	return hash ^ (hash >>> 15);
}
