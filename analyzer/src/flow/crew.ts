// Several threads summarise one program. Each takes chunks of the schedule; before it begins one, all levels below
// are done. What it makes it writes into a log of its own, which the others read when they call such a function.
// The first member is the thread that owns the program: it ends up with all summaries, and does what others, who may
// die, leave undone. Which thread does what decides nothing: a summary hangs on the code and its callees alone.

import { sharedInts } from "../base/intern.js";
import type { SharedViews } from "../base/views.js";
import { NONE } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { Ranks } from "./ranks.js";
import type { Schedule } from "./schedule.js";
import { emptySummary, NO_CALLS, type Summary, unread } from "./summary.js";
import { SummaryReader, SummaryWriter } from "./summaryCodec.js";
import type { World } from "./world.js";

/** Ops of the functions that a thread takes at a time: some milliseconds. */
const CHUNK_OPS = 3000;
/** Room of a log in ints for each op of the program (a kernel's take 2), and at least; what is never written is never taken. */
const LOG_INTS_PER_OP = 8;
const LOG_INTS = 1 << 16;
/** Members that logs have numbers for. */
const MAX_MEMBERS = 8;
/** Waiting threads look up after this time. */
const WAIT_MS = 50;
/** Looks without anything having been done, after which the owner does the chunks of others itself. */
const PATIENCE = 100;

/** Places in CrewWork.state. */
const enum State {
	NextChunk = 0,
	Stopped = 1,
	/** by level: chunks that are done */
	Done = 2,
}

/** What callers do not ask for. */
const NOT_FOR_CALLERS: Pick<Summary, "returns" | "mispairings" | "calls"> = {
	returns: [],
	mispairings: [],
	calls: NO_CALLS,
};

/** Values of CrewWork.where that are no place. */
const NOT_THERE = 0;
const EMPTY = -1;

/** What is to be done, and how far it is: all of it shared. */
export interface CrewWork {
	readonly bindings: SharedViews;
	/** functions, component after component, level after level (see Schedule) */
	readonly fns: Int32Array;
	readonly starts: Int32Array;
	readonly ranks: Ranks;
	/** by chunk: its first component; one more at the end */
	readonly chunks: Int32Array;
	readonly chunkLevels: Int32Array;
	/** by level: its chunks */
	readonly levelChunks: Int32Array;
	readonly state: Int32Array;
	/** by chunk: 1 when it is done */
	readonly isDone: Int32Array;
	/** by function: where its summary is, (place in the log × MAX_MEMBERS + member) + 1 */
	readonly where: Int32Array;
	readonly logs: readonly Int32Array[];
}

/** Cuts a schedule into chunks for so many threads. What a level has of one file stays together: it calls itself. */
export function planWork(program: Program, schedule: Schedule, nMembers: number): CrewWork {
	const chunks: number[] = [];
	const chunkLevels: number[] = [];
	const nLevels = schedule.levels.length - 1;
	const levelChunks = sharedInts(nLevels);
	let nOps = 0;
	for (let level = 0; level < nLevels; level++) {
		let ops = CHUNK_OPS;
		let file = NONE;
		for (let component = schedule.levels[level]!; component < schedule.levels[level + 1]!; component++) {
			const before = file;
			file = program.fnFile(schedule.fns[schedule.starts[component]!]!);
			if (ops >= CHUNK_OPS && file !== before) {
				chunks.push(component);
				chunkLevels.push(level);
				levelChunks[level]!++;
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
		bindings: program.shareBindings(),
		fns: shared(schedule.fns),
		starts: shared(schedule.starts),
		ranks: { level: shared(schedule.ranks.level), place: shared(schedule.ranks.place) },
		chunks: shared(chunks),
		chunkLevels: shared(chunkLevels),
		levelChunks,
		state: sharedInts(State.Done + nLevels),
		isDone: sharedInts(chunkLevels.length),
		where: sharedInts(program.fnLimit),
		logs: Array.from({ length: Math.min(nMembers, MAX_MEMBERS) }, () => sharedInts(LOG_INTS + nOps * LOG_INTS_PER_OP)),
	};
}

function shared(ints: ArrayLike<number>): Int32Array {
	const copy = sharedInts(ints.length);
	copy.set(ints);
	return copy;
}

/** One thread's part in the work. */
export class Member {
	private readonly writer: SummaryWriter;
	private readonly reader: SummaryReader;
	private logged = 0;
	/** levels below this one are known to be done */
	private level = 0;

	/** Makes the world read what other members write. */
	constructor(
		private readonly world: World,
		private readonly work: CrewWork,
		private readonly number: number,
	) {
		this.writer = new SummaryWriter(world);
		this.reader = new SummaryReader(world);
		world.order.ranks = work.ranks;
		if (number > 0) world.program.takeBindings(work.bindings);
		// Filled in order: an array that is filled here and there becomes a hash table.
		for (let fn = 0; fn < work.where.length; fn++) world.summaries[fn] = unread;
		world.others.read = (fn) => this.read(fn);
	}

	/** The next chunk that nobody has, or -1. */
	take(): number {
		if (Atomics.load(this.work.state, State.Stopped) !== 0) return -1;
		const chunk = Atomics.add(this.work.state, State.NextChunk, 1);
		return chunk < this.work.chunkLevels.length ? chunk : -1;
	}

	/** A chunk below `level` that others took and have not done, when they seem to be gone; -1 for none. */
	leftBehind(level: number): number {
		const { chunkLevels, isDone } = this.work;
		for (let chunk = 0; chunk < chunkLevels.length && chunkLevels[chunk]! < level; chunk++)
			if (Atomics.load(isDone, chunk) === 0) return chunk;
		return -1;
	}

	/** Waits until the levels below are done. False: the others seem to be gone, or the work was given up. */
	waitForLevel(level: number): boolean {
		const { state, levelChunks } = this.work;
		let looks = 0;
		let last = -1;
		while (this.level < level) {
			const at = State.Done + this.level;
			const done = Atomics.load(state, at);
			if (done >= levelChunks[this.level]!) {
				this.level++;
				continue;
			}
			if (Atomics.load(state, State.Stopped) !== 0) return false;
			looks = done === last ? looks + 1 : 0;
			last = done;
			if (looks > PATIENCE) return false;
			Atomics.wait(state, at, done, WAIT_MS);
		}
		return true;
	}

	levelOf(chunk: number): number {
		return this.work.chunkLevels[chunk]!;
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
				log.set(out.data.subarray(0, out.length), this.logged);
				place = this.logged * MAX_MEMBERS + number + 1;
				this.logged += out.length;
				if (!isOwner) world.summaries[fn] = { ...summary, ...NOT_FOR_CALLERS };
			}
			Atomics.store(work.where, fn, place);
		}
		return true;
	}

	/** A chunk is done; who else did it too does not count. */
	finish(chunk: number): void {
		const { state, isDone, chunkLevels } = this.work;
		if (Atomics.compareExchange(isDone, chunk, 0, 1) !== 0) return;
		const at = State.Done + chunkLevels[chunk]!;
		Atomics.add(state, at, 1);
		Atomics.notify(state, at);
	}

	/** Functions that are done. */
	get done(): number {
		const { state, chunks, starts } = this.work;
		const next = Math.min(Atomics.load(state, State.NextChunk), chunks.length - 1);
		return starts[chunks[next]!]!;
	}

	/** Nobody takes a chunk any more. */
	stop(): void {
		Atomics.store(this.work.state, State.Stopped, 1);
	}

	/** Nothing of what all have made counts. */
	forget(): void {
		this.world.summaries.fill(emptySummary);
		this.world.others.read = null;
	}

	/** Makes all summaries this thread's own. */
	readAll(): void {
		const { world, work } = this;
		for (let fn = 0; fn < work.where.length; fn++) if (world.summaries[fn] === unread) this.read(fn);
		world.others.read = null;
	}

	/** What is not done is as if nothing were known of it: it is in the same component, or of no level below. */
	private read(fn: FnId): Summary {
		const { world, work, reader } = this;
		const where = Atomics.load(work.where, fn);
		if (where === NOT_THERE) return emptySummary;
		const place = where - 1;
		const summary =
			where === EMPTY ? emptySummary : reader.read(work.logs[place % MAX_MEMBERS]!, Math.floor(place / MAX_MEMBERS));
		world.summaries[fn] = summary;
		return summary;
	}
}
