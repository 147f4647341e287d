// Moves through a run on behalf of a session: steps both ways in time slices, answers questions or stops at
// them, tells about splats as they come. Knows no protocol.

import type { Choice, MoveHost, Movement, SimEvent, Simulation, Splat, Stop } from "@might-sleep/analyzer";
import { Breakpoints } from "./breakpoints.js";

/** Steps before other requests get their turn. */
const SLICE = 20_000;
/** Ops of one movement forwards; a loop that never ends stops here. */
const MOVE_LIMIT = 3_000_000;

export type Halt =
	| Exclude<Stop, { readonly kind: "watch" | "budget" }>
	/** data that a breakpoint is on: what it is called, its value before the change and after it */
	| { readonly kind: "data"; readonly name: string; readonly before: string; readonly after: string }
	| { readonly kind: "paused" }
	| { readonly kind: "limit"; readonly steps: number };

export interface MoverEvents {
	/** a step was executed for the first time */
	readonly onEvents: (events: readonly SimEvent[], index: number) => void;
	/** a question was answered by its default, or as the user said */
	readonly onDecided: (choice: Choice, option: number, isUsers: boolean, index: number) => void;
	/** a log point was passed */
	readonly onLog: (text: string, index: number) => void;
	readonly onProblem: (text: string) => void;
}

/** A question with where it is asked; `ordinal` counts those of one step. */
export interface Question {
	readonly index: number;
	readonly ordinal: number;
	readonly choice: Choice;
	/** the option that was taken, or that the user wants; null: nobody said */
	readonly answer: number | null;
}

export class Mover {
	index = 0;
	isRunning = false;
	readonly breakpoints: Breakpoints;
	stopsAtSplat: (splat: Splat, index: number) => boolean = () => true;
	/** the run's end was shown: going on ends the session */
	isEndShown = false;
	private isForwards = true;
	private isPauseWanted = false;
	/** questions of deeper frames do not stop this movement: it steps over them */
	private deepest = 0;
	/** task whose lines the movement counts */
	private moved = 0;
	/** index at which a splat or breakpoint is shown */
	private shownAt = -1;
	/** question that is shown: stepping on takes its default */
	private shownQuestion = "";
	/** what the user said, by question */
	private readonly planned = new Map<string, number>();
	private readonly host: MoveHost;

	constructor(
		readonly simulation: Simulation,
		private readonly events: MoverEvents,
	) {
		const { recording } = simulation;
		this.breakpoints = new Breakpoints(simulation, events);
		this.host = {
			isBreakpoint: (index) => this.breakpoints.stopsAt(index, this.isForwards),
			isWatched: (index) => this.breakpoints.watches(index, this.isForwards),
			stopsAtSplat: (splat, index) => this.stopsAtSplat(splat, index),
			answer: (index, choice) => this.answer(index, choice),
			onNewStep: (index) => this.events.onEvents(recording.eventsAt(index), index),
		};
	}

	pause(): void {
		this.isPauseWanted = true;
	}

	/** `task`: whose lines count; the one that runs when left out. */
	forwards(movement: Movement, task?: number): Promise<Halt> {
		const { simulation } = this;
		const { recording } = simulation;
		const isOver = movement === "over" || movement === "out";
		const from = simulation.newestOf(this.index, task);
		this.deepest = isOver ? recording.depthAt(from) : Number.POSITIVE_INFINITY;
		this.moved = task ?? recording.taskAt(this.index);
		const goal = simulation.goal(movement, this.index, task);
		return this.run(goal);
	}

	private run(goal: (index: number) => boolean): Promise<Halt> {
		return this.inSlices(true, () => {
			const options = { goal, shownAt: this.shownAt, budget: SLICE };
			const moved = this.simulation.forwards(this.index, this.host, options);
			if (moved.index !== this.index) this.shownAt = -1;
			return moved;
		});
	}

	/** Runs on to where a function is entered, or something stops it before. */
	forwardsInto(name: string): Promise<Halt> {
		const { simulation } = this;
		this.deepest = Number.POSITIVE_INFINITY;
		const isEntry = (index: number) => {
			return simulation.recording.previousAt(index) < 0 && simulation.functionAt(index) === name;
		};
		return this.run(isEntry);
	}

	backwards(movement: Movement, task?: number): Promise<Halt> {
		const { simulation } = this;
		this.shownAt = -1;
		this.isEndShown = false;
		const goal = simulation.backwardGoal(movement, this.index, task);
		return this.inSlices(false, () => {
			return simulation.backwards(this.index, this.host, { goal, shownAt: -1, budget: SLICE });
		});
	}

	/** Goes to an index of the timeline at once. */
	seek(index: number): Halt {
		const { last } = this.simulation.recording;
		this.index = Math.min(Math.max(Math.trunc(index), 0), last);
		this.shownAt = this.index;
		this.isEndShown = false;
		return { kind: "goal" };
	}

	/** The questions that the current line is going to ask, as far as no call is stepped into before. */
	questions(): readonly Question[] {
		const { recording } = this.simulation;
		return this.simulation.questionsAhead(this.index).map((one) => {
			const recorded = one.index < recording.last ? recording.decisionsAt(one.index)[one.ordinal]?.answer : undefined;
			return { ...one, answer: this.planned.get(keyOf(one.index, one.ordinal)) ?? recorded ?? null };
		});
	}

	/** Questions that were answered before the current step, newest first. */
	answered(limit: number): readonly Question[] {
		const { recording } = this.simulation;
		const before: Question[] = [];
		for (const { index, choice, answer } of recording.decisions()) {
			if (index >= this.index) break;
			const ordinal =
				before.length > 0 && before[before.length - 1]!.index === index ? before[before.length - 1]!.ordinal + 1 : 0;
			before.push({ index, ordinal, choice, answer });
		}
		return before.slice(-limit).reverse();
	}

	/** Takes an option of the first question ahead that is not optional, else of the first one. Null: none is asked. */
	choose(option: number, which?: number): string | null {
		const ahead = this.questions();
		const first = ahead.findIndex(({ choice }) => !choice.isOptional);
		const asked = ahead[which ?? Math.max(first, 0)];
		if (asked === undefined || option < 0 || option >= asked.choice.options.length) return null;
		this.cutAt(this.index);
		this.planned.set(keyOf(asked.index, asked.ordinal), option);
		return `${asked.choice.text}: ${asked.choice.options[option]}`;
	}

	/** Makes something happen here in place of what the schedule has in mind; what it is. Null: there is no such thing. */
	act(which: number): string | null {
		const { simulation } = this;
		const chosen = simulation.actions(this.index)[which];
		if (chosen === undefined) return null;
		this.cutAt(this.index);
		simulation.take(this.index, chosen.action);
		return chosen.text;
	}

	/** Goes back to a question that was answered and takes another option. Null: there is no such question. */
	retake(index: number, ordinal: number, option: number): string | null {
		const { recording } = this.simulation;
		const decisions = index <= recording.last ? recording.decisionsAt(index) : [];
		const asked = decisions[ordinal];
		if (asked === undefined || option < 0 || option >= asked.choice.options.length) return null;
		this.seek(index);
		this.cutAt(index);
		for (let i = 0; i < ordinal; i++) this.planned.set(keyOf(index, i), decisions[i]!.answer);
		this.planned.set(keyOf(index, ordinal), option);
		return `${asked.choice.text}: ${asked.choice.options[option]}`;
	}

	/** The present state was changed by hand: what was planned for later does not hold any more. */
	changed(): void {
		this.planned.clear();
		this.breakpoints.cut(this.index);
		this.isEndShown = false;
	}

	/** Forgets what comes after an index. */
	private cutAt(index: number): void {
		const { recording } = this.simulation;
		if (recording.last > index || recording.decisionsAt(index).length > 0) recording.cut(index);
		this.breakpoints.cut(index);
		this.isEndShown = false;
	}

	private async inSlices(isForwards: boolean, move: () => { index: number; stop: Stop }): Promise<Halt> {
		this.isRunning = true;
		this.isForwards = isForwards;
		this.isPauseWanted = false;
		let steps = 0;
		try {
			for (;;) {
				const { index, stop } = move();
				this.index = index;
				if (stop.kind === "watch") return this.halted(this.dataHalt());
				if (stop.kind !== "budget") return this.halted(stop);
				steps += SLICE;
				await new Promise((done) => setImmediate(done));
				if (this.isPauseWanted) return { kind: "paused" };
				if (isForwards && steps >= MOVE_LIMIT) return { kind: "limit", steps };
			}
		} finally {
			this.isRunning = false;
		}
	}

	private dataHalt(): Halt {
		const { watch } = this.breakpoints.changed!;
		const first = this.isForwards ? this.index - 1 : this.index;
		const [before, after] = [first, first + 1].map((index) => this.simulation.watchedText(watch, index));
		return { kind: "data", name: watch.text, before: before!, after: after! };
	}

	private halted(halt: Halt): Halt {
		if (halt.kind === "splat" || halt.kind === "breakpoint") this.shownAt = this.index;
		if (halt.kind === "end") this.isEndShown = true;
		if (halt.kind === "choice") {
			this.shownQuestion = keyOf(this.index, this.simulation.recording.decisionsAt(this.index).length);
			return halt;
		}
		const isFree = this.isForwards && (halt.kind === "goal" || halt.kind === "breakpoint");
		return isFree ? (this.questionAt() ?? halt) : halt;
	}

	/** A line that begins with a question is shown with it at once. */
	private questionAt(): Halt | null {
		const [first] = this.questions().filter(({ choice }) => !choice.isOptional);
		if (first === undefined || first.answer !== null) return null;
		if (this.simulation.recording.decisionsAt(first.index).length > first.ordinal) return null;
		this.shownQuestion = keyOf(first.index, first.ordinal);
		return { kind: "choice", choice: first.choice };
	}

	private answer(index: number, choice: Choice): number | null {
		const key = keyOf(index, this.simulation.recording.decisionsAt(index).length);
		const planned = this.planned.get(key);
		const { recording } = this.simulation;
		const isElsewhere = recording.taskAt(index) !== this.moved && Number.isFinite(this.deepest);
		const isOver = isElsewhere || recording.depthAt(index) > this.deepest;
		const pinned = this.simulation.pinnedAnswer(choice);
		if (planned === undefined && pinned !== null) return pinned;
		if (planned === undefined && !choice.isOptional && key !== this.shownQuestion && !isOver) return null;
		this.planned.delete(key);
		const option = planned ?? choice.default;
		const isUsers = planned !== undefined;
		if (isUsers || !choice.isOptional) this.events.onDecided(choice, option, isUsers, index);
		return option;
	}
}

function keyOf(index: number, ordinal: number): string {
	return `${index}/${ordinal}`;
}
