// How threads share out work that is cut into chunks: each takes the next one; chunks have levels, and before one is
// done, all levels below are. Nothing here knows what the work is. A thread may die with what it has taken.

import { sharedCopy, sharedInts } from "../base/ints.js";

/** Waiting threads look up after this time. */
const WAIT_MS = 50;
/** Looks without anything having been done, after which a waiting thread gives up. */
const PATIENCE = 100;

/** Places in Progress.state. */
const enum State {
	NextChunk = 0,
	Stopped = 1,
	/** by level: chunks that are done */
	Done = 2,
}

/** How far the work is: all of it shared. */
export interface Progress {
	readonly chunkLevels: Int32Array;
	/** by level: its chunks */
	readonly levelChunks: Int32Array;
	readonly state: Int32Array;
	/** by chunk: 1 when it is done */
	readonly isDone: Int32Array;
}

/** Nothing is done of chunks with these levels, which do not fall. */
export function newProgress(chunkLevels: ArrayLike<number>): Progress {
	const nLevels = chunkLevels.length === 0 ? 0 : chunkLevels[chunkLevels.length - 1]! + 1;
	const levels = sharedCopy(chunkLevels);
	const levelChunks = sharedInts(nLevels);
	for (const level of levels) levelChunks[level]!++;
	return {
		chunkLevels: levels,
		levelChunks,
		state: sharedInts(State.Done + nLevels),
		isDone: sharedInts(chunkLevels.length),
	};
}

/** One thread's view of the work. */
export class Turns {
	/** levels below this one are known to be done */
	private level = 0;

	constructor(private readonly progress: Progress) {}

	get nLevels(): number {
		return this.progress.levelChunks.length;
	}

	/** Chunks that have been taken. */
	get taken(): number {
		return Math.min(Atomics.load(this.progress.state, State.NextChunk), this.progress.chunkLevels.length);
	}

	/** The next chunk that nobody has, or -1. */
	take(): number {
		const { state, chunkLevels } = this.progress;
		if (Atomics.load(state, State.Stopped) !== 0) return -1;
		const chunk = Atomics.add(state, State.NextChunk, 1);
		return chunk < chunkLevels.length ? chunk : -1;
	}

	levelOf(chunk: number): number {
		return this.progress.chunkLevels[chunk]!;
	}

	/** A chunk below `level` that others took and have not done, when they seem to be gone; -1 for none. */
	leftBehind(level: number): number {
		const { chunkLevels, isDone } = this.progress;
		for (let chunk = 0; chunk < chunkLevels.length && chunkLevels[chunk]! < level; chunk++)
			if (Atomics.load(isDone, chunk) === 0) return chunk;
		return -1;
	}

	/** Waits until the levels below are done. False: the others seem to be gone, or the work was given up. */
	waitForLevel(level: number): boolean {
		const { state, levelChunks } = this.progress;
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

	isDone(chunk: number): boolean {
		return Atomics.load(this.progress.isDone, chunk) === 1;
	}

	/** A chunk is done; who else did it too does not count. */
	finish(chunk: number): void {
		const { state, isDone, chunkLevels } = this.progress;
		if (Atomics.compareExchange(isDone, chunk, 0, 1) !== 0) return;
		const at = State.Done + chunkLevels[chunk]!;
		Atomics.add(state, at, 1);
		Atomics.notify(state, at);
	}

	/** Nobody takes a chunk any more. */
	stop(): void {
		Atomics.store(this.progress.state, State.Stopped, 1);
	}
}
