// Moves through a run on behalf of a session: steps both ways in time slices, answers questions or stops at
// them, tells about splats as they come. Knows no protocol.

import type { Choice, MoveHost, Movement, SimEvent, Simulation, Splat, Stop } from "@might-sleep/analyzer";

/** Ops executed before other requests get their turn. */
const SLICE = 20_000;
/** Ops of one movement; a loop that never ends stops here. */
const MOVE_LIMIT = 3_000_000;

export type Halt = Stop | { readonly kind: "paused" } | { readonly kind: "limit"; readonly steps: number };

export interface MoverEvents {
	/** a step was executed for the first time */
	readonly onEvents: (events: readonly SimEvent[]) => void;
	/** a question was answered by its default, or as the user said */
	readonly onDecided: (choice: Choice, option: number, isUsers: boolean) => void;
}

export class Mover {
	index = 0;
	isRunning = false;
	/** lines with a breakpoint, by path relative to the root */
	readonly breakpoints = new Map<string, ReadonlySet<number>>();
	stopsAtSplat: (splat: Splat) => boolean = () => true;
	/** the run's end was shown: going on ends the session */
	isEndShown = false;
	private isPauseWanted = false;
	/** questions of deeper frames do not stop this movement: it steps over them */
	private deepest = 0;
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
		this.host = {
			isBreakpoint: (index) => this.breakpoints.get(simulation.pathAt(index))?.has(recording.lineAt(index)) ?? false,
			stopsAtSplat: (splat) => this.stopsAtSplat(splat),
			answer: (index, choice) => this.answer(index, choice),
			onNewStep: (index) => this.events.onEvents(recording.eventsAt(index)),
		};
	}

	pause(): void {
		this.isPauseWanted = true;
	}

	async forwards(movement: Movement): Promise<Halt> {
		const { simulation } = this;
		const goal = simulation.goal(movement, this.index);
		const isOver = movement === "over" || movement === "out";
		this.deepest = isOver ? simulation.recording.depthAt(this.index) : Number.POSITIVE_INFINITY;
		this.isRunning = true;
		this.isPauseWanted = false;
		let steps = 0;
		let halt: Halt | null = null;
		while (halt === null) {
			const moved = simulation.forwards(this.index, this.host, { goal, shownAt: this.shownAt, budget: SLICE });
			if (moved.index !== this.index) this.shownAt = -1;
			this.index = moved.index;
			if (moved.stop.kind !== "budget") halt = moved.stop;
			else {
				steps += SLICE;
				await new Promise((done) => setImmediate(done));
				if (this.isPauseWanted) halt = { kind: "paused" };
				else if (steps >= MOVE_LIMIT) halt = { kind: "limit", steps };
			}
		}
		this.isRunning = false;
		return this.halted(halt);
	}

	backwards(movement: "over" | "run"): Halt {
		const moved = this.simulation.backwards(this.index, this.host, movement);
		this.index = moved.index;
		this.shownAt = -1;
		this.isEndShown = false;
		return this.halted(moved.stop);
	}

	/** The questions that the current line is going to ask, as far as no call is stepped into before. */
	questions(): readonly Choice[] {
		return this.ahead().map(({ choice }) => choice);
	}

	/** Takes an option of the first question ahead that is not optional, else of the first one. Null: none is asked. */
	choose(option: number, which?: number): string | null {
		const ahead = this.ahead();
		const first = ahead.findIndex(({ choice }) => !choice.isOptional);
		const asked = ahead[which ?? Math.max(first, 0)];
		if (asked === undefined || option < 0 || option >= asked.choice.options.length) return null;
		const { recording } = this.simulation;
		if (recording.last > this.index) recording.cut(this.index);
		this.planned.set(asked.key, option);
		return `${asked.choice.text}: ${asked.choice.options[option]}`;
	}

	/** The present state was changed by hand: what was planned for later does not hold any more. */
	changed(): void {
		this.planned.clear();
		this.isEndShown = false;
	}

	private halted(halt: Halt): Halt {
		if (halt.kind === "splat" || halt.kind === "breakpoint") this.shownAt = this.index;
		if (halt.kind === "end") this.isEndShown = true;
		if (halt.kind === "choice") {
			this.shownQuestion = this.keyOf(this.index, this.simulation.recording.decisionsAt(this.index).length);
			return halt;
		}
		return halt.kind === "goal" || halt.kind === "breakpoint" ? (this.questionAt() ?? halt) : halt;
	}

	/** A line that begins with a question is shown with it at once. */
	private questionAt(): Halt | null {
		const [first] = this.ahead().filter(({ choice }) => !choice.isOptional);
		if (first === undefined || this.planned.has(first.key)) return null;
		if (this.simulation.recording.decisionsAt(first.index).length > first.ordinal) return null;
		this.shownQuestion = first.key;
		return { kind: "choice", choice: first.choice };
	}

	private ahead(): readonly { key: string; index: number; ordinal: number; choice: Choice }[] {
		const questions = this.simulation.questionsAhead(this.index);
		return questions.map((one) => ({ ...one, key: this.keyOf(one.index, one.ordinal) }));
	}

	private keyOf(index: number, ordinal: number): string {
		return `${index}/${ordinal}`;
	}

	private answer(index: number, choice: Choice): number | null {
		const key = this.keyOf(index, this.simulation.recording.decisionsAt(index).length);
		const planned = this.planned.get(key);
		const isOver = this.simulation.recording.depthAt(index) > this.deepest;
		if (planned === undefined && !choice.isOptional && key !== this.shownQuestion && !isOver) return null;
		this.planned.delete(key);
		const option = planned ?? choice.default;
		if (planned !== undefined || !choice.isOptional) this.events.onDecided(choice, option, planned !== undefined);
		return option;
	}
}
