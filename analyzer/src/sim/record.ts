// The timeline of a run: every state is reachable by its index, so that going back is going to an earlier
// index. Recent states are kept, older ones every SPACING steps; what lies between is replayed with the
// answers that were given. Taking another answer at an earlier index cuts what came after it.

import { IntVec } from "../base/vec.js";
import type { Action } from "./actions.js";
import type { Choice } from "./choice.js";
import { isMacroFrame, placeOfFrame, type SimEvent, type State } from "./machine.js";
import type { Splat } from "./outcome.js";
import { step } from "./step.js";
import { Track } from "./track.js";
import type { World } from "./world.js";

/**
 * States kept at the end of the timeline, and how far apart older ones and very old ones are. More at the end would
 * only outlive the collector's first rounds: what lies between kept states is replayed in a moment.
 */
const RECENT = 512;
const SPACING = 256;
const OLD = 200_000;
const OLD_SPACING = 1024;

export interface Decision {
	readonly choice: Choice;
	readonly answer: number;
}

/** A way through the run that was found before: taken as long as nobody decides otherwise. */
export interface Way {
	/** by index, in the order of the questions */
	readonly answers: ReadonlyMap<number, readonly number[]>;
	/** said with the first step */
	readonly opening: readonly SimEvent[];
}

const NO_WAY: Way = { answers: new Map(), opening: [] };

export type Advance =
	| { readonly kind: "stepped"; readonly events: readonly SimEvent[] }
	| { readonly kind: "ask"; readonly choice: Choice }
	/** the run is over */
	| { readonly kind: "ended" };

export class Recording {
	private readonly states: (State | undefined)[] = [];
	private readonly lines = new IntVec();
	private readonly fns = new IntVec();
	private readonly depths = new IntVec();
	private readonly frames = new IntVec();
	private readonly previous = new IntVec();
	private readonly tasks = new IntVec();
	/** newest index of each depth, by task */
	private newestByDepth: number[][] = [];
	private readonly eventsByIndex = new Map<number, readonly SimEvent[]>();
	private readonly decisionsByIndex = new Map<number, Decision[]>();
	/** the last stretch that was replayed: who goes back step by step asks for its states one after another */
	private replayed: { readonly from: number; readonly states: readonly State[] } = NOTHING_REPLAYED;
	private readonly actionsByIndex = new Map<number, Action>();
	/** states that were changed by hand: replay cannot make them */
	private readonly edited = new Set<number>();
	/** what the machine did over time */
	readonly track: Track;

	/** index from which on the way that was laid out holds no more */
	private laidUntil = Number.POSITIVE_INFINITY;

	constructor(
		readonly world: World,
		start: State,
		/** what is to happen at certain steps */
		planned: ReadonlyMap<number, Action> = new Map(),
		private readonly way: Way = NO_WAY,
	) {
		for (const [index, action] of planned) this.actionsByIndex.set(index, action);
		this.track = new Track(world);
		this.push(start);
	}

	/** Index of the newest state. */
	get last(): number {
		return this.states.length - 1;
	}

	/** The state at an index; replays when it was not kept. */
	stateAt(index: number): State {
		const known = this.states[index];
		if (known !== undefined) return known;
		const replayed = this.replayed.states[index - this.replayed.from];
		if (replayed !== undefined) return replayed;
		let from = index - 1;
		while (this.states[from] === undefined) from--;
		// What was replayed from there goes on: whoever reads one state after another pays for each once.
		const states = this.replayed.from === from ? this.replayed.states.slice() : [];
		if (states.length === 0) states.push(this.states[from]!);
		this.replayed = { from, states };
		for (let at = from + states.length - 1; at < index; at++) {
			const result = step(this.world, states[at - from]!, this.answersAt(at), this.actionsByIndex.get(at));
			if (result.kind === "ask") break;
			states.push(result.state);
		}
		return states[states.length - 1]!;
	}

	/** Line of the innermost visible frame. Macros belong to the line that uses them. */
	lineAt(index: number): number {
		return this.lines.at(index);
	}
	/** Function of that frame (FnId). */
	fnAt(index: number): number {
		return this.fns.at(index);
	}
	/** Number of frames below it. */
	depthAt(index: number): number {
		return this.depths.at(index);
	}
	/** Identity of that activation. */
	frameAt(index: number): number {
		return this.frames.at(index);
	}

	/** Index of the task that ran, interrupts on top of it included. */
	taskAt(index: number): number {
		return this.tasks.at(index);
	}
	/** What was made to happen at an index, in place of what the schedule had in mind. */
	actionAt(index: number): Action | undefined {
		return this.actionsByIndex.get(index);
	}

	/** The index before it in the same activation, calls in between left out; -1 for its first. */
	previousAt(index: number): number {
		return this.previous.at(index);
	}

	/** What the step from this index to the next one reported. */
	eventsAt(index: number): readonly SimEvent[] {
		return this.eventsByIndex.get(index) ?? [];
	}
	splatsAt(index: number): readonly Splat[] {
		return this.eventsAt(index).flatMap((event) => (event.kind === "splat" ? [event.splat] : []));
	}
	decisionsAt(index: number): readonly Decision[] {
		return this.decisionsByIndex.get(index) ?? [];
	}
	/** What was reported between two indices (the second excluded), in order. */
	eventsBetween(from: number, to: number): (readonly [index: number, events: readonly SimEvent[]])[] {
		if (to - from > this.eventsByIndex.size) {
			return [...this.eventsByIndex].filter(([index]) => index >= from && index < to);
		}
		const found: (readonly [index: number, events: readonly SimEvent[]])[] = [];
		for (let index = from; index < to; index++) {
			const events = this.eventsByIndex.get(index);
			if (events !== undefined) found.push([index, events]);
		}
		return found;
	}
	/** All decisions so far, in order. */
	decisions(): readonly (Decision & { readonly index: number })[] {
		const all = [...this.decisionsByIndex].sort(([a], [b]) => a - b);
		return all.flatMap(([index, decisions]) => decisions.map((decision) => ({ ...decision, index })));
	}

	/** Executes one op after the newest state. Steps that are recorded already are not executed again. */
	advance(): Advance {
		const index = this.last;
		const state = this.states[index]!;
		if (state.outcome !== null) return { kind: "ended" };
		let result = step(this.world, state, this.answersAt(index), this.actionsByIndex.get(index));
		for (let laid = this.laidAnswer(); result.kind === "ask"; laid = this.laidAnswer()) {
			if (laid === undefined) return result;
			this.note(result.choice, laid);
			result = step(this.world, state, this.answersAt(index), this.actionsByIndex.get(index));
		}
		const events = index === 0 ? [...this.way.opening, ...result.events] : result.events;
		if (events.length > 0) this.eventsByIndex.set(index, events);
		this.push(result.state);
		return { kind: "stepped", events };
	}

	/** The answer that was laid out for the next question at the end of the timeline. */
	private laidAnswer(): number | undefined {
		if (this.last >= this.laidUntil) return undefined;
		return this.way.answers.get(this.last)?.[this.decisionsAt(this.last).length];
	}

	/** Answers the question that `advance` met. */
	decide(choice: Choice, answer: number): void {
		const laid = this.laidAnswer();
		if (laid !== undefined && laid !== answer) this.laidUntil = this.last;
		this.note(choice, answer);
	}

	private note(choice: Choice, answer: number): void {
		const decisions = this.decisionsByIndex.get(this.last) ?? [];
		this.decisionsByIndex.set(this.last, [...decisions, { choice, answer }]);
	}

	/** Says what happens next, in place of what the schedule has in mind. */
	plan(action: Action): void {
		this.laidUntil = Math.min(this.laidUntil, this.last);
		this.actionsByIndex.set(this.last, action);
	}

	/** Forgets everything after an index, and the answers given there. */
	cut(index: number): void {
		const state = this.stateAt(index);
		this.states[index] = state;
		this.replayed = NOTHING_REPLAYED;
		this.track.cut(index, state);
		this.states.length = index + 1;
		for (const column of this.columns()) column.length = index + 1;
		this.findNewest(index);
		for (const at of this.edited) if (at > index) this.edited.delete(at);
		for (const at of this.eventsByIndex.keys()) if (at >= index) this.eventsByIndex.delete(at);
		for (const at of this.decisionsByIndex.keys()) if (at >= index) this.decisionsByIndex.delete(at);
		for (const at of this.actionsByIndex.keys()) if (at >= index) this.actionsByIndex.delete(at);
	}

	/** Puts another state in place of the one at an index; what came after it is cut. */
	edit(index: number, state: State): void {
		this.cut(index);
		this.laidUntil = Math.min(this.laidUntil, index);
		this.states[index] = state;
		this.edited.add(index);
		this.track.observe(index, state);
	}

	private columns(): readonly IntVec[] {
		return [this.lines, this.fns, this.depths, this.frames, this.previous, this.tasks];
	}

	/** Looks back for the newest index of each depth of each task. */
	private findNewest(last: number): void {
		this.newestByDepth = [];
		const nTasks = this.states[last]!.tasks.length;
		let nFound = 0;
		for (let at = last; at >= 0 && nFound < nTasks; at--) {
			const newest = this.newestOf(this.tasks.at(at));
			if (newest[0] !== undefined) continue;
			newest[this.depths.at(at)] ??= at;
			if (newest[0] !== undefined) nFound++;
		}
	}

	private newestOf(task: number): number[] {
		let newest = this.newestByDepth[task];
		if (newest === undefined) {
			newest = [];
			this.newestByDepth[task] = newest;
		}
		return newest;
	}

	private answersAt(index: number): readonly number[] {
		const decisions = this.decisionsByIndex.get(index);
		return decisions === undefined ? NO_ANSWERS : decisions.map((decision) => decision.answer);
	}

	private push(state: State): void {
		const old = this.states.length - RECENT;
		if (old > 0 && old % SPACING !== 0) this.drop(old);
		const older = this.states.length - OLD;
		if (older > 0 && older % SPACING === 0 && older % OLD_SPACING !== 0) this.drop(older);
		this.states.push(state);
		this.track.observe(this.last, state);
		const index = state.cpus[state.cpu]!.task;
		const task = state.tasks[index]!;
		const depth = visibleDepth(this.world, state);
		const frame = task.frames[depth]!;
		this.lines.push(placeOfFrame(this.world, task, depth).line);
		this.fns.push(frame.fn);
		this.depths.push(depth);
		this.frames.push(frame.id);
		this.tasks.push(index);
		const newest = this.newestOf(index);
		const before = newest[depth];
		const isSame = before !== undefined && this.frames.at(before) === frame.id;
		this.previous.push(isSame ? before : NO_INDEX);
		newest[depth] = this.last;
	}

	/** Forgets a state that can be replayed. */
	private drop(index: number): void {
		if (!this.edited.has(index)) this.states[index] = undefined;
	}
}

const NOTHING_REPLAYED = { from: 0, states: [] };
const NO_INDEX = -1;
const NO_ANSWERS: readonly number[] = [];

/** Depth of the innermost frame that is not a macro's. */
export function visibleDepth(world: World, state: State): number {
	const task = state.tasks[state.cpus[state.cpu]!.task]!;
	let depth = task.frames.length - 1;
	while (isMacroFrame(world, task, depth)) depth--;
	return depth;
}
