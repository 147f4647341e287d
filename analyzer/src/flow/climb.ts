// hot: the chains of calls that bring a record its context: up from a call over all callers, breadth first.

import { IntVec } from "../base/vec.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { Scope } from "./below.js";
import { forbidsSleep } from "./context.js";
import { callKey, type Link } from "./link.js";
import { type Contexts, Edge, type RecordId } from "./topDown.js";

/** Heads named of one sleeping call, and records looked at to find them. */
const MAX_HEADS = 256;
const MAX_CLIMB = 3000;

export interface Chain {
	/** the calls from the head of the chain (a region, or a callback) to the one it was looked for */
	readonly links: readonly Link[];
	/** record at the head of the chain */
	readonly head: RecordId;
	readonly doubt: number;
}

/** Where a chain begins that has been found. */
export interface Head {
	readonly record: RecordId;
	/** the first call of the chain */
	readonly fn: FnId;
	readonly op: number;
	/** calls in the chain */
	readonly length: number;
	readonly doubt: number;
}

/** What the search for the heads of one call has been through. */
export interface Climb {
	/** by record: the mark of the search that has been there last */
	readonly marks: IntVec;
	readonly mark: number;
	nSeen: number;
	nHeads: number;
	/** calls that hand down what excludes the way by them, as keyOf(): another call of the same function may not */
	readonly excluded: readonly number[] | null;
}

/** A node of the search: a record on the way up, and the call that is made in its function. */
const enum Node {
	Record = 0,
	Fn = 1,
	Op = 2,
	/** the node it was reached from, NONE for the first */
	Below = 3,
	Doubt = 4,
	/** 1: the way has come through what is to be judged, from here on all callers count */
	IsFree = 5,
	/** calls from here on */
	Length = 6,
	/** its call in `links`, NONE as long as no chain has been made of it */
	Link = 7,
}
const NODE_SIZE = 8;

/** Where searches have been: as large as the table of records, and of use to one searcher after another. */
export class Marks {
	/** a search that leaves calls out comes between the parts of one that does not */
	readonly all = new IntVec(1 << 16);
	readonly without = new IntVec(1 << 10);
	nClimbs = 0;
}

export class Climber {
	/** of the search at hand */
	private readonly nodes = new IntVec(NODE_SIZE * 256);
	/** the calls that chains have been made of: chains share most of theirs */
	private readonly links: Link[] = [];
	/** the one that is looked at, one object for all */
	private readonly head = { record: NONE, fn: NONE, op: NONE, length: 0, doubt: 0 };

	/** `scope`: what the chains have to come through; null: anything */
	constructor(
		private readonly contexts: Contexts,
		private readonly scope: Scope | null,
		private readonly marks = new Marks(),
	) {}

	/** A search for the heads of one call, but not by the calls in `excluded`. */
	begin(excluded: Climb["excluded"]): Climb {
		const marks = excluded === null ? this.marks.all : this.marks.without;
		return { marks, mark: ++this.marks.nClimbs, nSeen: 0, nHeads: 0, excluded };
	}

	/**
	 * Visits the chains that bring a record its context, shortest first, one per head; those whose head is not wanted are
	 * not made. A visit must not begin another search.
	 */
	eachChain(
		climb: Climb,
		record: RecordId,
		end: Link,
		isWanted: (head: Head) => boolean,
		visit: (chain: Chain) => void,
	): void {
		const { contexts, nodes } = this;
		const { records } = contexts;
		nodes.clear();
		this.links.length = 0;
		this.push(record, end.fn, end.op, NONE, records.doubt(record), this.isIn(end.fn));
		for (let at = 0; at < nodes.length && climb.nHeads < MAX_HEADS && climb.nSeen < MAX_CLIMB; at += NODE_SIZE) {
			const here = nodes.data[at + Node.Record]!;
			if (forbidsSleep(records.context(here)) && records.parent(here) !== NONE) this.pushCallers(climb, at, here);
			else {
				climb.nHeads++;
				if (isWanted(this.headAt(at))) visit(this.chainFrom(at));
			}
		}
	}

	/** As Contexts.eachCaller() visits them; a closure for each of millions of nodes would be half of what a search allocates. */
	private pushCallers(climb: Climb, at: number, record: RecordId): void {
		const { contexts } = this;
		const { records } = contexts;
		const first = records.parent(record);
		if (first !== NONE && !contexts.isPast(first, record, NONE))
			this.pushCaller(climb, at, first, records.op(record), records.doubt(record));
		const { data } = contexts.edges;
		for (let edge = contexts.firstEdge(record); edge !== NONE; edge = data[edge + Edge.Next]!) {
			const parent = data[edge + Edge.Parent]!;
			if (!contexts.isPast(parent, record, edge))
				this.pushCaller(climb, at, parent, data[edge + Edge.Op]!, data[edge + Edge.Doubt]!);
		}
	}

	/** A function may be the head of several chains: one for each of its calls. */
	private pushCaller(climb: Climb, at: number, parent: RecordId, op: number, doubt: number): void {
		const { records } = this.contexts;
		const fn = records.fn(parent);
		const isFree = this.nodes.data[at + Node.IsFree] === 1;
		if (!isFree && this.scope?.below.has(fn) === false) return;
		const isRegion = !forbidsSleep(records.context(parent));
		climb.marks.extend(parent + 1, 0);
		const isNew = climb.marks.data[parent] !== climb.mark;
		if (!isRegion && !isNew) return;
		if (climb.excluded?.includes(callKey(fn, op)) === true) return;
		if (isNew) climb.nSeen++;
		climb.marks.data[parent] = climb.mark;
		this.push(parent, fn, op, at, Math.max(doubt, this.nodes.data[at + Node.Doubt]!), isFree || this.isIn(fn));
	}

	private push(record: RecordId, fn: FnId, op: number, below: number, doubt: number, isFree: boolean): void {
		const { nodes } = this;
		const at = nodes.length;
		nodes.extend(at + NODE_SIZE, 0);
		const { data } = nodes;
		data[at + Node.Record] = record;
		data[at + Node.Fn] = fn;
		data[at + Node.Op] = op;
		data[at + Node.Below] = below;
		data[at + Node.Doubt] = doubt;
		data[at + Node.IsFree] = isFree ? 1 : 0;
		data[at + Node.Length] = below === NONE ? 1 : data[below + Node.Length]! + 1;
		data[at + Node.Link] = NONE;
	}

	private isIn(fn: FnId): boolean {
		return this.scope === null || this.scope.edited.has(fn);
	}

	private linkAt(at: number): Link {
		const { data } = this.nodes;
		const known = data[at + Node.Link]!;
		if (known !== NONE) return this.links[known]!;
		const link = { fn: data[at + Node.Fn]!, op: data[at + Node.Op]! };
		data[at + Node.Link] = this.links.push(link) - 1;
		return link;
	}

	private headAt(at: number): Head {
		const { data } = this.nodes;
		this.head.record = data[at + Node.Record]!;
		this.head.fn = data[at + Node.Fn]!;
		this.head.op = data[at + Node.Op]!;
		this.head.length = data[at + Node.Length]!;
		this.head.doubt = data[at + Node.Doubt]!;
		return this.head;
	}

	private chainFrom(head: number): Chain {
		const { data } = this.nodes;
		const links: Link[] = [];
		for (let at = head; at !== NONE; at = data[at + Node.Below]!) links.push(this.linkAt(at));
		return { links, head: data[head + Node.Record]!, doubt: data[head + Node.Doubt]! };
	}
}
