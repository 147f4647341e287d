// What hosts use of the simulator: opens a run on a function of some units and answers about it in the
// editor's terms. The session that moves through the run keeps the index; everything here is by index.

import type { ReplayPlan } from "../api.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FN_SIZE, FnField, type Unit } from "../ir/unit.js";
import { compileModel } from "../model/compile.js";
import type { Rows } from "../model/schema.js";
import { type Action, actionsOf, actionText, heldOff } from "./actions.js";
import { withMachineValue } from "./amend.js";
import { answerQuestion, conditionHolds, placeNamed, withVariable } from "./ask.js";
import type { Choice } from "./choice.js";
import { wordsAt } from "./complete.js";
import { DEFAULT_SCHEDULE, resolveConfig, type SimConfig } from "./config.js";
import { type LineEffect, lineEffects } from "./effects.js";
import { type HandlerRequest, handlersRegistered, type RegisteredHandler, sourcesOf } from "./handlers.js";
import { linkProgram } from "./link.js";
import { functionNamed } from "./lookup.js";
import { placeOfFrame, type State } from "./machine.js";
import type { MemoryConfig } from "./memory/memoryConfig.js";
import { type MemoryView, memoryOf, withFreePages } from "./memory/memoryView.js";
import { withPressure } from "./memory/pressure.js";
import {
	arrivals,
	backwardGoalOf,
	backwards,
	forwards,
	frameStartAt,
	type Goal,
	goalOf,
	type Moved,
	type MoveHost,
	type Movement,
	type MoveOptions,
} from "./navigate.js";
import type { Outcome } from "./outcome.js";
import { missingBodies } from "./reach.js";
import { Recording } from "./record.js";
import { REPLAY_LIMITS, type ReplayEnd, replay } from "./replay.js";
import { startRun } from "./run.js";
import { step } from "./step.js";
import { type ThreadView, threadsOf } from "./threads.js";
import { type TimelineView, timelineOf } from "./timeline.js";
import {
	type ContextView,
	configOf,
	contextOf,
	countFields,
	cpuOf,
	type FrameView,
	framesOf,
	type ItemView,
	localsOf,
	locksOf,
	membersOf,
	rcuOf,
	sectionsOf,
	seenBy,
	taskOf,
} from "./view.js";
import { isChange, type Watch, watchedText, watchOnPlace } from "./watch.js";
import { type SourcePlace, World } from "./world.js";

export interface SimulationRequest {
	/** paths relative to the root, with `/` */
	readonly units: Iterable<readonly [path: string, unit: Unit]>;
	readonly rows: Rows;
	readonly version: readonly [number, number];
	readonly config: Partial<SimConfig>;
	readonly function: string;
	/** where the function is defined, when several files define one of its name */
	readonly path?: string;
	/** a line of it, from 1, when several functions of its name are in the file */
	readonly line?: number;
	/** id of a run context of the model */
	readonly entry: string;
	readonly memory?: MemoryConfig;
	/** interrupts that a person may make come */
	readonly handlers?: readonly HandlerRequest[];
	/** follow a finding's chain: the run begins as it says, with the function above */
	readonly plan?: ReplayPlan;
}

export type Opened = { readonly ok: true; readonly value: Simulation } | { readonly ok: false; readonly error: string };

export function openSimulation(request: SimulationRequest): Opened {
	if (request.plan !== undefined) {
		const found = prepare(request);
		return found.ok ? openReplay(found.value.world, request.plan, request.handlers ?? []) : found;
	}
	const begun = beginFunction(request);
	if (!begun.ok) return begun;
	const { world, start } = begun.value;
	return { ok: true, value: new Simulation(world, new Recording(world, start)) };
}

/** What a run begins with. */
export type Begun =
	| { readonly ok: true; readonly value: { readonly world: World; readonly start: State } }
	| { readonly ok: false; readonly error: string };

/** The world and the first state of a run of one function. */
export function beginFunction(request: SimulationRequest): Begun {
	const found = prepare(request);
	if (!found.ok) return found;
	const { world, fn } = found.value;
	const start = startRun(world, fn, request.entry);
	if (!start.ok) return start;
	return { ok: true, value: { world, start: { ...start.state, sources: sourcesOf(world, request.handlers ?? []) } } };
}

function openReplay(world: World, plan: ReplayPlan, handlers: readonly HandlerRequest[]): Opened {
	const { simulation, end } = replayOn(world, plan, handlers);
	if (simulation !== null) return { ok: true, value: simulation };
	return { ok: false, error: end.kind === "stuck" ? end.text : "the finding's chain cannot be followed" };
}

export interface ReplayRun {
	/** null when the plan does not fit the program */
	readonly simulation: Simulation | null;
	readonly end: ReplayEnd;
	/** steps to the splat, or to where it came furthest */
	readonly nSteps: number;
}

/** A run that takes the way to a finding's splat, as far as there is one. */
export function replayOn(given: World, plan: ReplayPlan, handlers: readonly HandlerRequest[] = []): ReplayRun {
	const { end, start, answers, passedBy, nSteps } = replay(
		given.with({ mayPassBy: () => true, isHurried: true }),
		plan,
		REPLAY_LIMITS,
	);
	if (start === null) return { simulation: null, end, nSteps };
	const world = given.with({ mayPassBy: (name) => passedBy.has(name), isHurried: true });
	const opening =
		end.kind === "stuck"
			? [{ kind: "note", text: stuckText(end), at: end.at ?? startPlace(world, start) } as const]
			: [];
	const begin: State = { ...start, sources: sourcesOf(world, handlers) };
	const recording = new Recording(world, begin, new Map(), { answers, opening });
	return { simulation: new Simulation(world, recording), end, nSteps };
}

function stuckText({ obstacle, text }: Extract<ReplayEnd, { kind: "stuck" }>): string {
	return `the machine does not come to the splat that the finding predicts (${obstacle}: ${text}); the run goes as far as its chain can be followed`;
}

function startPlace(world: World, start: State): SourcePlace {
	return placeOfFrame(world, start.tasks[start.cpus[start.cpu]!.task]!, 0);
}

/** Names of functions the run could call that have neither a body in the units nor a row. */
export function missingFunctions(request: SimulationRequest): string[] {
	const found = prepare(request);
	return found.ok ? missingBodies(found.value.world, found.value.fn) : [];
}

/** Interrupt handlers and the like that a file registers, for hosts without an index. */
export function registeredHandlers(request: SimulationRequest, path: string): RegisteredHandler[] {
	const found = prepare(request);
	return found.ok ? handlersRegistered(found.value.world, path) : [];
}

type Prepared =
	| { readonly ok: true; readonly value: { readonly world: World; readonly fn: FnId } }
	| { readonly ok: false; readonly error: string };

function prepare(request: SimulationRequest): Prepared {
	const program = linkProgram(request.units);
	const model = compileModel(request.rows, request.version);
	if (!model.runContexts.has(request.entry)) return { ok: false, error: `no entry context '${request.entry}'` };
	const world = new World(program, model, resolveConfig(request.config), DEFAULT_SCHEDULE, request.memory);
	const fn = functionNamed(world, request);
	if (fn === NONE) {
		const where = request.path === undefined ? "" : ` in ${request.path}`;
		return { ok: false, error: `no function '${request.function}' with a body${where}` };
	}
	return { ok: true, value: { world, fn } };
}

/** Run contexts that stand for what a snapshot says of a function's contexts, where that is no id itself. */
const ENTRY_OF_CONTEXT: ReadonlyMap<string, string> = new Map([
	["spinlock", "preempt-off"],
	["preempt off", "preempt-off"],
	["bh off", "preempt-off"],
	["irqs off", "irqs-off"],
	["rcu", "rcu-reader"],
]);

/** Ids of the run contexts for the contexts that a snapshot lists for a function, in that order. */
export function entriesFor(rows: Rows, contexts: readonly string[]): string[] {
	const ids = new Set(rows.runContexts.map(({ id }) => id));
	const entries = contexts.map((context) => ENTRY_OF_CONTEXT.get(context) ?? context);
	return [...new Set(entries)].filter((id) => ids.has(id));
}

/** Steps looked ahead for the questions of a line. */
const MAX_AHEAD = 100;

/** A run and the questions about it. Invariant: an index lies between 0 and `recording.last`. */
export class Simulation {
	constructor(
		private readonly world: World,
		readonly recording: Recording,
		/** answers that are settled, option by question */
		private readonly pinned: ReadonlyMap<string, string> = new Map(),
	) {}

	/** Frames of the task that runs, or of another one. */
	frames(index: number, task?: number): FrameView[] {
		return framesOf(this.world, this.recording.stateAt(index), task);
	}
	threads(index: number): ThreadView[] {
		return threadsOf(this.recording.stateAt(index));
	}

	rcuDepth(index: number): number {
		return taskOf(this.recording.stateAt(index)).rcuDepth;
	}
	/** How the run has ended at an index, or null. */
	outcome(index: number): Outcome | null {
		return this.recording.stateAt(index).outcome;
	}

	/** What may happen next: CPUs that can go on, interrupts that can come. */
	actions(index: number): { readonly action: Action; readonly text: string }[] {
		const state = this.recording.stateAt(index);
		return actionsOf(this.world, state).map((action) => ({ action, text: actionText(this.world, state, action) }));
	}
	/** Interrupts that cannot come now, because of what their CPU is doing. */
	heldOff(index: number): string[] {
		return heldOff(this.world, this.recording.stateAt(index));
	}
	/** Makes it happen at an index; what came after it is forgotten. */
	take(index: number, action: Action): void {
		this.recording.cut(index);
		this.recording.plan(action);
	}

	/** The option that the scenario settles a question with, or null. */
	pinnedAnswer(choice: Choice): number | null {
		const wanted = this.pinned.get(choice.text);
		const option = wanted === undefined ? -1 : choice.options.indexOf(wanted);
		return option < 0 ? null : option;
	}

	context(index: number, task?: number): ContextView {
		return contextOf(this.world, this.seen(index, task));
	}
	locks(index: number, task?: number): ItemView[] {
		return locksOf(this.seen(index, task));
	}
	rcu(index: number, task?: number): ItemView[] {
		return rcuOf(this.world, this.seen(index, task));
	}
	sections(index: number, task?: number): ItemView[] {
		return sectionsOf(this.seen(index, task));
	}
	locals(index: number, depth: number, task?: number): ItemView[] {
		return localsOf(this.world, this.seen(index, task), depth);
	}
	members(index: number, key: string): ItemView[] {
		return membersOf(this.world, this.recording.stateAt(index), key);
	}
	config(): ItemView[] {
		return configOf(this.world);
	}

	/** Where a movement ends that begins at an index; `task`: whose lines count, in place of the one that runs. */
	goal(movement: Movement, index: number, task?: number): Goal {
		const { recording } = this;
		const from = this.newestOf(index, task);
		if (task === undefined || recording.taskAt(from) === task) return goalOf(recording, movement, from);
		// It has not run yet: its first line is where it stands.
		const [top] = this.frames(index, task);
		return (at) => recording.taskAt(at) === task && recording.lineAt(at) !== top?.line;
	}
	forwards(index: number, host: MoveHost, options: MoveOptions): Moved {
		return forwards(this.recording, index, host, options);
	}
	/** The same backwards. */
	backwardGoal(movement: Movement, index: number, task?: number): Goal {
		return backwardGoalOf(this.recording, movement, this.newestOf(index, task));
	}
	backwards(index: number, host: MoveHost, options: MoveOptions): Moved {
		return backwards(this.recording, index, host, options);
	}
	/** First index of the activation at a depth of the stack. */
	frameStart(index: number, depth: number, task?: number): number {
		return frameStartAt(this.recording, this.newestOf(index, task), depth);
	}
	/** Indices at which a line of a file was arrived at so far. */
	arrivals(path: string, line: number): number[] {
		const { recording } = this;
		return arrivals(recording, (index) => recording.lineAt(index) === line && this.pathAt(index) === path);
	}

	/** Path of the visible frame at an index. */
	pathAt(index: number): string {
		return this.world.program.fnPath(this.recording.fnAt(index));
	}

	/** Name of the function that is visible at an index. */
	functionAt(index: number): string {
		return this.world.program.fnName(this.recording.fnAt(index));
	}

	/** What happened between two indices, for a drawing that is `room` pixels wide. */
	timeline(from: number, to: number, room: number): TimelineView {
		return timelineOf(this.recording, from, to, room);
	}
	/** What each line of the frame at a depth did. */
	effects(index: number, depth: number, task?: number): LineEffect[] {
		return lineEffects(this.world, this.recording, this.newestOf(index, task), depth);
	}
	/** The fields of preempt_count with their bits. */
	countFields(): readonly { readonly name: string; readonly shift: number; readonly bits: number }[] {
		return countFields(this.world);
	}

	/** Number of the CPU, and of the task, that runs at an index. */
	cpuAt(index: number, task?: number): number {
		return cpuOf(this.seen(index, task)).id;
	}
	taskAt(index: number): number {
		return this.recording.taskAt(index);
	}
	/** Key of a lane of the timeline by its kind and label; null when there is none. */
	laneNamed(kind: string, label: string): string | null {
		for (const lane of this.recording.track.lanes.values())
			if (lane.kind === kind && lane.label === label) return lane.key;
		return null;
	}

	/** Does a condition hold here? Undefined: nobody knows. Null: it is no expression. */
	holds(index: number, depth: number, text: string, task?: number): boolean | undefined | null {
		return conditionHolds(this.world, this.seen(index, task), depth, text);
	}
	/** Words that may stand at the end of what a user types. */
	completions(index: number, depth: number, text: string, task?: number): string[] {
		return wordsAt(this.world, this.seen(index, task), depth, text);
	}

	/** The watch on a variable, a member or a lock, as an expression names it; null when it names none. */
	watchOn(index: number, depth: number, text: string, task?: number): Watch | null {
		const place = placeNamed(this.world, this.seen(index, task), depth, text);
		return place === null ? null : watchOnPlace(this.recording, place, text);
	}
	/** Does the step from an index change what is watched? */
	isChange(watch: Watch, index: number): boolean {
		return isChange(this.recording, watch, index);
	}
	watchedText(watch: Watch, index: number): string {
		return watchedText(this.world, this.recording, watch, index);
	}

	/** Answer to what a user typed at a stop, or null. */
	evaluate(index: number, depth: number, text: string, task?: number): string | null {
		return answerQuestion(this.world, this.seen(index, task), depth, text);
	}

	/** Zones against their watermarks, how far each flag may go, what the allocator has done. */
	memory(index: number, task?: number): MemoryView {
		return memoryOf(this.world, this.seen(index, task));
	}
	/** Puts so many free pages into a zone from this index on; false when there is no such zone. */
	setFreePages(index: number, zone: string, free: number): boolean {
		const state = withFreePages(this.recording.stateAt(index), zone, free);
		if (state !== null) this.recording.edit(index, state);
		return state !== null;
	}
	/** From this index on a process takes so many pages every few steps; 0: none does. */
	setPressure(index: number, pages: number): void {
		this.recording.edit(index, withPressure(this.recording.stateAt(index), pages));
	}

	/** Gives a variable another value from this index on; false when it cannot. */
	setVariable(index: number, depth: number, name: string, value: string, task?: number): boolean {
		const state = this.recording.stateAt(index);
		const changed = withVariable(this.world, this.seen(index, task), depth, name, value);
		if (changed !== null) this.recording.edit(index, { ...changed, cpu: state.cpu, cpus: state.cpus });
		return changed !== null;
	}

	/** Gives a quantity of the machine another value from this index on; false when it cannot. */
	setMachine(index: number, name: string, value: string, task?: number): boolean {
		const state = this.recording.stateAt(index);
		// what a task that does not run will find is not the CPU's
		if (task !== undefined && state.cpus[state.tasks[task]!.cpu]!.task !== task) return false;
		const changed = withMachineValue(this.world, this.seen(index, task), name, value);
		if (changed !== null) this.recording.edit(index, { ...changed, cpu: state.cpu });
		return changed !== null;
	}

	/** The state at an index, for the task that runs or for another one. */
	private seen(index: number, task: number | undefined): State {
		const state = this.recording.stateAt(index);
		return task === undefined ? state : seenBy(state, task);
	}

	/** The newest index up to this one at which a task ran; this one when it has not. */
	newestOf(index: number, task: number | undefined): number {
		const { recording } = this;
		if (task === undefined) return index;
		for (let at = index; at >= 0; at--) if (recording.taskAt(at) === task) return at;
		return index;
	}

	/**
	 * Questions that the line at an index asks, answered by their defaults, up to where it enters a function
	 * or ends. `ordinal` counts the questions of one step.
	 */
	questionsAhead(index: number): { readonly index: number; readonly ordinal: number; readonly choice: Choice }[] {
		const { recording, world } = this;
		const questions: { index: number; ordinal: number; choice: Choice }[] = [];
		let state = recording.stateAt(index);
		const depth = recording.depthAt(index);
		const line = recording.lineAt(index);
		for (let at = index; at < index + MAX_AHEAD && state.outcome === null; at++) {
			const now = framesOf(world, state)[0]!;
			if (now.line !== line || now.depth !== depth) break;
			const answers: number[] = [];
			let result = step(world, state, answers);
			while (result.kind === "ask") {
				questions.push({ index: at, ordinal: answers.length, choice: result.choice });
				answers.push(result.choice.default);
				result = step(world, state, answers);
			}
			state = result.state;
		}
		return questions;
	}

	/** Files that the run was read from. */
	paths(): string[] {
		return [...this.world.program.paths].sort();
	}
	/** Has the run a function of this name with a body? */
	defines(name: string): boolean {
		const { program } = this.world;
		const id = program.names.lookupText(name);
		return id >= 0 && program.definitionsOf(id).some((fn) => program.fnField(fn, FnField.OpCount) > 0);
	}

	/** Lines of a file that have code, in order: where breakpoints can stand. */
	codeLines(path: string): number[] {
		const { program } = this.world;
		const file = program.fileOf(path);
		if (file < 0) return [];
		const lines = new Set<number>();
		const nFns = program.unit(file).fns.length / FN_SIZE;
		for (let local = 0; local < nFns; local++) {
			const fn = program.fnId(file, local);
			const count = program.fnField(fn, FnField.OpCount);
			for (let op = 0; op < count; op++) lines.add(this.world.placeOfOp(fn, this.world.visibleOp(fn, op)).line);
		}
		return [...lines].sort((a, b) => a - b);
	}
}
