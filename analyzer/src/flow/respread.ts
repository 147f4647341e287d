// hot: contexts after edits, from those before them. A table of records is the log of how contexts have spread: in their
// order, with what each record has brought about side by side, and so are the edges. The log is gone through in the order
// of the queues while contexts spread anew beside it. Where a function's calls are as they were, and so is whatever they
// come to, what its records brought about is copied; else it is found anew and compared. What comes or goes by that is
// unlike before for all who call it from then on. So the work is that of what changes, and the result that of
// spreading everything, to the last number.

import type { Steps } from "../base/steps.js";
import { IntVec } from "../base/vec.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import { type Contexts, EDGE_SIZE, Edge, MAX_EDGES, type RecordId } from "./topDown.js";
import type { World } from "./world.js";

/** Records gone through between steps, and between looks at whether to go on. */
const STEP = 2048;

/** Records that wait to be handed on: as they are numbered now and were before, NONE where there is none. */
interface Queue {
	readonly now: IntVec;
	readonly before: IntVec;
}

/** What has become of the records before. */
export interface Respread {
	/** their numbers now, NONE for those that are gone */
	readonly nowOf: Int32Array;
	/** functions of whose records some are others now, or are brought by other calls */
	readonly touched: ReadonlySet<FnId>;
}

/**
 * Spreads contexts, whose entries are found, as `before` and `isReal` have it: by function 1 when what its records hand on may
 * be otherwise than before. Null when that cannot be told from the log; then nothing of `now` is of use.
 */
export function* respread(
	world: World,
	graph: CallGraph,
	before: Contexts,
	now: Contexts,
	isReal: Uint8Array,
): Steps<Respread | null> {
	const spreading = new Respreading(world, graph, before, now, isReal);
	return (yield* spreading.run()) ? spreading : null;
}

class Respreading implements Respread {
	readonly nowOf: Int32Array;
	readonly touched = new Set<FnId>();
	private readonly queues: readonly Queue[] = [newQueue(), newQueue(), newQueue()];
	/** of the log */
	private readonly length: number;
	/** where the log has been read to */
	private nextRecord = 0;
	private nextEdge = 0;
	/** the records that the edges before lead to */
	private readonly targets: Int32Array;
	/** functions whose records have come, gone or moved */
	private readonly unstable: Uint8Array;
	private arePointersReal = false;
	/** of the edges that one record brings about now: where they lead */
	private readonly noted = new IntVec(64);
	private isLost = false;

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
		private readonly before: Contexts,
		private readonly now: Contexts,
		private readonly isReal: Uint8Array,
	) {
		this.length = before.records.keptLength;
		this.nowOf = new Int32Array(this.length).fill(NONE);
		this.targets = targetsOf(before);
		this.unstable = new Uint8Array(world.program.fnLimit);
	}

	/** False when the log is not enough. */
	*run(): Steps<boolean> {
		const { before, now } = this;
		now.pointerCalls.addAll(before.pointerCalls);
		now.records.reserve(before.records);
		yield* now.seedAtomic();
		this.compareSeeds(0, before.stages[0]);
		yield* this.drain(true);
		let start = now.records.length;
		yield* now.seedAsserted();
		this.compareSeeds(start, before.stages[1]);
		yield* this.drain(true);
		start = now.records.length;
		now.seedOthers();
		this.compareSeeds(start, this.length);
		yield* this.drain(false);
		now.letGo();
		return !this.isLost && this.nextRecord === this.length && this.nextEdge === this.targets.length;
	}

	/** Those before are the records without parent up to `limit`, as far as they stand together. */
	private compareSeeds(start: number, limit: number): void {
		this.clearQueues();
		let end = this.nextRecord;
		while (end < limit && this.before.records.parent(end) === NONE) end++;
		this.compare(start, end);
	}

	private *drain(isAtomicPhase: boolean): Steps<void> {
		const at = [0, 0, 0];
		for (let done = 1; !this.isLost; done++) {
			let which = 0;
			while (which < 3 && at[which]! === this.queues[which]!.now.length) which++;
			if (which === 3) break;
			const { now, before } = this.queues[which]!;
			const place = at[which]!++;
			this.handOn(now.data[place]!, before.data[place]!, isAtomicPhase);
			if (done % STEP === 0) yield;
			if (done % (8 * STEP) === 0) this.world.checkpoint();
		}
		for (const { now, before } of this.queues) {
			now.clear();
			before.clear();
		}
	}

	/** Hands on a record that there is now, or was before, or both. */
	private handOn(record: RecordId, old: RecordId, isAtomicPhase: boolean): void {
		const { now, noted } = this;
		if (record !== NONE && old !== NONE && !this.isRedone(now.records.fn(record))) {
			this.copy(record, old);
			return;
		}
		const start = now.records.length;
		const firstEdge = now.edges.length;
		noted.clear();
		if (record !== NONE) {
			now.noted = noted;
			now.expand(record, isAtomicPhase);
			now.noted = null;
			this.clearQueues();
		}
		this.compare(start, old === NONE ? this.nextRecord : this.endOf(old));
		this.compareEdges(firstEdge, old);
	}

	private isRedone(fn: FnId): boolean {
		return this.isReal[fn] === 1 || (this.arePointersReal && this.now.pointerCalls.isFrom(fn));
	}

	/** Brings about what the record brought about before. */
	private copy(record: RecordId, old: RecordId): void {
		const { before, now, targets } = this;
		for (const end = this.endOf(old); this.nextRecord < end; this.nextRecord++) {
			const fresh = now.records.copy(before.records, this.nextRecord, record);
			this.nowOf[this.nextRecord] = fresh;
			this.push(fresh, this.nextRecord);
		}
		const refused = before.records.refused(old);
		if (refused > 0) now.refuse(record, refused);
		const { data } = before.edges;
		while (this.nextEdge < targets.length && data[this.nextEdge * EDGE_SIZE] === old) {
			const at = this.nextEdge * EDGE_SIZE;
			const target = this.nowOf[targets[this.nextEdge++]!]!;
			if (target === NONE) this.isLost = true;
			else now.copyEdge(target, record, data[at + Edge.Op]!, data[at + Edge.Doubt]!);
		}
	}

	/** Where the records end that one has brought about before, which are next in the log. */
	private endOf(old: RecordId): number {
		const { records } = this.before;
		let end = this.nextRecord;
		while (end < this.length && records.parent(end) === old) end++;
		return end;
	}

	/** Compares the records from `start` on with those of the log up to `end`, and queues both. */
	private compare(start: number, end: number): void {
		const { records } = this.now;
		for (let record = start; record < records.length; record++) {
			const old = this.before.records.findKept(records.fn(record), records.context(record), records.binding(record));
			if (old !== NONE) this.nowOf[old] = record;
			if (old < this.nextRecord || old >= end || !this.isAlike(record, old)) {
				this.unsettle(records.fn(record));
				this.push(record, NONE);
				continue;
			}
			while (this.nextRecord < old) this.leave(this.nextRecord++);
			this.nextRecord++;
			this.push(record, old);
		}
		while (this.nextRecord < end) this.leave(this.nextRecord++);
	}

	/** Would the record stand at the same place of the same queue, and be handed on alike? */
	private isAlike(record: RecordId, old: RecordId): boolean {
		const [a, b] = [this.now, this.before];
		if (a.records.doubt(record) !== b.records.doubt(old)) return false;
		if (a.records.op(record) === b.records.op(old) && a.records.parent(record) !== NONE) return true;
		if (a.records.parent(record) === NONE) {
			const [run, other] = [a.runOf(record), b.runOf(old)];
			if (run?.id !== other?.id || run?.spinning !== other?.spinning || run?.label !== other?.label) return false;
			if (a.isSeed(record) !== b.isSeed(old)) return false;
		}
		if (a.records.parent(record) !== NONE) this.touched.add(a.records.fn(record));
		return true;
	}

	/** A record is not there any more, or comes from elsewhere. */
	private leave(old: RecordId): void {
		this.unsettle(this.before.records.fn(old));
		const { now, before } = this.queues[this.before.records.doubt(old)]!;
		now.push(NONE);
		before.push(old);
	}

	private push(record: RecordId, old: RecordId): void {
		const { now, before } = this.queues[this.now.records.doubt(record)]!;
		now.push(record);
		before.push(old);
	}

	/** From here on, calls of the function may come to another record than before. */
	private unsettle(fn: FnId): void {
		this.touched.add(fn);
		if (this.unstable[fn] === 1) return;
		this.unstable[fn] = 1;
		const { isReal } = this;
		this.graph.eachCaller(fn, (caller) => {
			isReal[caller] = 1;
		});
		if (this.now.pointerCalls.isTo(fn)) this.arePointersReal = true;
	}

	/** Compares the edges from `start` on with those that the record had before, which are next in the log. */
	private compareEdges(start: number, old: RecordId): void {
		const { before, now, noted, targets } = this;
		const [x, y] = [before.edges.data, now.edges.data];
		let first = this.nextEdge;
		while (old !== NONE && this.nextEdge < targets.length && x[this.nextEdge * EDGE_SIZE] === old) this.nextEdge++;
		let i = 0;
		for (; i < noted.length && first < this.nextEdge; i++, first++) {
			if (this.nowOf[targets[first]!] !== noted.data[i]) break;
			const [from, to] = [first * EDGE_SIZE, start + i * EDGE_SIZE];
			if (x[from + Edge.Op] !== y[to + Edge.Op] || x[from + Edge.Doubt] !== y[to + Edge.Doubt]) break;
		}
		for (; i < noted.length; i++) this.touched.add(now.records.fn(noted.data[i]!));
		for (; first < this.nextEdge; first++) {
			const target = targets[first]!;
			// of more edges than are kept, another one may be now
			if (before.edgesKept(target)[1] >= MAX_EDGES) this.unsettle(before.records.fn(target));
			this.touched.add(before.records.fn(target));
		}
	}

	private clearQueues(): void {
		for (const queue of this.now.queues) queue.clear();
	}
}

function newQueue(): Queue {
	return { now: new IntVec(1 << 12), before: new IntVec(1 << 12) };
}

function targetsOf(contexts: Contexts): Int32Array {
	const targets = new Int32Array(contexts.nEdgesKept);
	const { data } = contexts.edges;
	for (let record = 0; record < contexts.records.keptLength; record++) {
		for (let at = contexts.edgesKept(record)[0]; at !== NONE; at = data[at + Edge.Next]!)
			targets[at / EDGE_SIZE] = record;
	}
	return targets;
}
