// Several threads summarise one program. Each takes chunks of the schedule; before it begins one, all levels below
// are done. What it makes it writes into a log of its own, which the others read when they call such a function.
// The first member is the thread that owns the program: it ends up with all summaries, and does what others, who may
// die, leave undone. Which thread does what decides nothing: a summary hangs on the code and its callees alone.

import { sharedCopy, sharedInts } from "../base/ints.js";
import { NONE } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { logPlace, MAX_MEMBERS, memberAt, offsetAt } from "./logs.js";
import type { Ranks } from "./ranks.js";
import type { Schedule } from "./schedule.js";
import { emptySummary, forgetOwn, type Summary, unread } from "./summary.js";
import { SummaryReader, SummaryWriter } from "./summaryCodec.js";
import { newProgress, type Progress, Turns } from "./turns.js";
import type { World } from "./world.js";

/** Ops of the functions that a thread takes at a time: some milliseconds. */
const CHUNK_OPS = 3000;
/** Room of a log in ints for each op of the program (a kernel's take 2), and at least; what is never written is never taken. */
const LOG_INTS_PER_OP = 8;
const LOG_INTS = 1 << 16;
/** Values of CrewWork.where that are no place. */
const NOT_THERE = 0;
const EMPTY = -1;

/** What is to be done, and how far it is: all of it shared. */
export interface CrewWork {
	/** functions, component after component, level after level (see Schedule) */
	readonly fns: Int32Array;
	readonly starts: Int32Array;
	readonly ranks: Ranks;
	/** by chunk: its first component; one more at the end */
	readonly chunks: Int32Array;
	readonly progress: Progress;
	/** by function: where its summary is (logs.ts); NOT_THERE, or EMPTY */
	readonly where: Int32Array;
	readonly logs: readonly Int32Array[];
}

/** Cuts a schedule into chunks for so many threads. What a level has of one file stays together: it calls itself. */
export function planWork(program: Program, schedule: Schedule, nMembers: number): CrewWork {
	const chunks: number[] = [];
	const chunkLevels: number[] = [];
	let nOps = 0;
	for (let level = 0; level + 1 < schedule.levels.length; level++) {
		let ops = CHUNK_OPS;
		let file = NONE;
		for (let component = schedule.levels[level]!; component < schedule.levels[level + 1]!; component++) {
			const before = file;
			file = program.fnFile(schedule.fns[schedule.starts[component]!]!);
			if (ops >= CHUNK_OPS && file !== before) {
				chunks.push(component);
				chunkLevels.push(level);
				ops = 0;
			}
			for (let i = schedule.starts[component]!; i < schedule.starts[component + 1]!; i++) {
				const count = program.fnField(schedule.fns[i]!, FnField.OpCount);
				ops += count;
				nOps += count;
			}
		}
	}
	chunks.push(schedule.starts.length - 1);
	return {
		fns: sharedCopy(schedule.fns),
		starts: sharedCopy(schedule.starts),
		ranks: { level: sharedCopy(schedule.ranks.level), place: sharedCopy(schedule.ranks.place) },
		chunks: sharedCopy(chunks),
		progress: newProgress(chunkLevels),
		where: sharedInts(program.fnLimit),
		logs: Array.from({ length: Math.min(nMembers, MAX_MEMBERS) }, () => sharedInts(LOG_INTS + nOps * LOG_INTS_PER_OP)),
	};
}

/** One thread's part in the work. */
export class Member {
	private readonly writer: SummaryWriter;
	private readonly reader: SummaryReader;
	private logged = 0;
	/** the chunks before this one have been read */
	private nRead = 0;
	readonly turns: Turns;

	/** Makes the world read what other members write. */
	constructor(
		private readonly world: World,
		private readonly work: CrewWork,
		private readonly number: number,
	) {
		this.writer = new SummaryWriter(world);
		this.reader = new SummaryReader(world);
		this.turns = new Turns(work.progress);
		world.order.ranks = work.ranks;
		world.order.components = { fns: work.fns, starts: work.starts };
		// Filled in order: an array that is filled here and there becomes a hash table.
		for (let fn = 0; fn < work.where.length; fn++) world.summaries[fn] = unread;
		world.others.read = (fn) => this.read(fn);
	}

	/** The components of a chunk, by their functions. */
	*componentsOf(chunk: number): Generator<Int32Array> {
		const { fns, starts, chunks } = this.work;
		for (let component = chunks[chunk]!; component < chunks[chunk + 1]!; component++)
			yield fns.subarray(starts[component]!, starts[component + 1]!);
	}

	/**
	 * Tells the others the summaries of a component, and keeps what callers need; the owner tells that and keeps all.
	 * False when there is no room for them.
	 */
	publish(members: Int32Array): boolean {
		const { work, world, writer, number } = this;
		const log = work.logs[number]!;
		for (const fn of members) {
			const summary = world.summaries[fn]!;
			const isOwner = number === 0;
			let place = EMPTY;
			if (summary !== emptySummary) {
				writer.write(summary, !isOwner);
				const { out } = writer;
				if (this.logged + out.length > log.length) return false;
				place = logPlace(this.logged, number);
				// Most are short: a view of each would take longer.
				for (let i = 0; i < out.length; i++) log[this.logged++] = out.data[i]!;
				if (!isOwner) forgetOwn(summary);
			}
			Atomics.store(work.where, fn, place);
		}
		return true;
	}

	/** Functions that are done. */
	get done(): number {
		const { chunks, starts } = this.work;
		return starts[chunks[this.turns.taken]!]!;
	}

	/** Nothing of what all have made counts. */
	forget(): void {
		this.world.summaries.fill(emptySummary);
		this.world.others.read = null;
	}

	/** Makes what others have done by now this thread's own: at the end, only one thread reads. */
	readDone(): void {
		const { chunks, starts, fns } = this.work;
		for (; this.nRead < chunks.length - 1 && this.turns.isDone(this.nRead); this.nRead++) {
			const end = starts[chunks[this.nRead + 1]!]!;
			for (let i = starts[chunks[this.nRead]!]!; i < end; i++) this.readOnce(fns[i]!);
		}
	}

	/** Makes all summaries this thread's own. */
	readAll(): void {
		const { world, work } = this;
		for (let fn = 0; fn < work.where.length; fn++) this.readOnce(fn);
		world.others.read = null;
	}

	private readOnce(fn: FnId): void {
		if (this.world.summaries[fn] === unread) this.read(fn);
	}

	/** What is not done is as if nothing were known of it: it is in the same component, or of no level below. */
	private read(fn: FnId): Summary {
		const { world, work, reader } = this;
		const where = Atomics.load(work.where, fn);
		if (where === NOT_THERE) return emptySummary;
		const summary = where === EMPTY ? emptySummary : reader.read(work.logs[memberAt(where)]!, offsetAt(where));
		world.summaries[fn] = summary;
		return summary;
	}
}
