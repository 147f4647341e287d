// Searches the schedules of a scenario: which CPU goes on, where interrupts and ticks come, what questions are
// answered. Runs with few departures from the default come first; states that were seen are not searched
// again, steps that share nothing are no points to depart at, and once all departures are allowed swapped
// steps of different CPUs are searched in one order only (sleep sets).

import { type Action, actionsOf, isDue } from "./actions.js";
import { canFire, nextOnTop } from "./interrupts.js";
import type { State } from "./machine.js";
import type { Splat } from "./outcome.js";
import { canRun } from "./scheduler.js";
import { isPrivate, meet, noShares, type Shares } from "./shares.js";
import { stateHash } from "./stateHash.js";
import { type StepResult, step } from "./step.js";
import type { World } from "./world.js";

export interface Bounds {
	/** ops of one schedule */
	readonly steps: number;
	/** schedules in all */
	readonly schedules: number;
	/** departures from the default, at most; beyond it nothing is searched */
	readonly deviations: number;
	/** answers that are settled, option by question */
	readonly pinned?: ReadonlyMap<string, string>;
}

export const DEFAULT_BOUNDS: Bounds = { steps: 2000, schedules: 20_000, deviations: Number.POSITIVE_INFINITY };

/** One step of a schedule: what happened, and how its questions were answered. */
export interface PlannedStep {
	readonly action: Action;
	readonly answers: readonly number[];
}

export interface Found {
	/** kind of the splat, or "deadlock", "bug" */
	readonly kind: string;
	readonly title: string;
	readonly text: string;
	readonly splat: Splat | null;
	readonly steps: number;
	/** pass that found it: earlier ones allow fewer departures from the default */
	readonly pass: number;
	/** the steps that lead there */
	readonly plan: readonly PlannedStep[];
}

export interface Exploration {
	/** the shortest way to each, of those with few departures, in the order in which they were found */
	readonly found: readonly Found[];
	readonly schedules: number;
	readonly states: number;
	readonly steps: number;
	/** all schedules within the bound on steps were looked at */
	readonly isComplete: boolean;
	/** departures that were allowed in the last pass */
	readonly deviations: number;
	/** schedules that were cut off at the bound on steps */
	readonly nCut: number;
}

/** Departures of the passes before the one that allows all. */
const PASSES = [0, 1, 2];

/** Searches until all is seen, a bound is reached or the host stops it. */
export function explore(world: World, start: State, bounds: Bounds, isStopped: () => boolean): Exploration {
	const search = new Search(world, bounds, isStopped);
	const passes = [...PASSES.filter((pass) => pass < bounds.deviations), bounds.deviations];
	for (const deviations of passes) {
		search.run(start, deviations);
		if (search.isSpent || !search.isBounded) break;
	}
	return search.result();
}

/** The way to a state, last step first. */
interface Way {
	readonly before: Way | null;
	readonly planned: PlannedStep;
}

interface Node {
	readonly state: State;
	readonly way: Way | null;
	readonly left: number;
	/** the next op of the CPU that executes, when it was tried already */
	readonly ahead: Tried | null;
}

interface Tried {
	readonly result: StepResult;
	readonly shares: Shares;
}

/** An action that another order of the same steps covers. */
interface Asleep {
	readonly key: string;
	readonly cpu: number;
	readonly shares: Shares;
}

interface Seen {
	readonly left: number;
	readonly steps: number;
	readonly asleep: readonly string[];
}

class Search {
	/** no time, or no schedules, are left */
	isSpent = false;
	/** departures were not made because the pass does not allow them */
	isBounded = false;
	private deviations = 0;
	private nPasses = 0;
	private nSchedules = 0;
	private nStates = 0;
	private nSteps = 0;
	private nCut = 0;
	private seen = new Map<number, Seen[]>();
	private readonly found = new Map<string, Found>();

	constructor(
		private readonly world: World,
		private readonly bounds: Bounds,
		private readonly isStopped: () => boolean,
	) {}

	run(start: State, deviations: number): void {
		this.deviations = deviations;
		this.nPasses++;
		this.isBounded = false;
		this.nCut = 0;
		this.seen = new Map();
		for (const node of this.privateSteps({ state: start, way: null, left: deviations, ahead: null })) {
			this.visit(node, []);
		}
	}

	result(): Exploration {
		return {
			found: [...this.found.values()],
			schedules: this.nSchedules,
			states: this.nStates,
			steps: this.nSteps,
			isComplete: !this.isSpent && !this.isBounded && this.nCut === 0,
			deviations: this.deviations,
			nCut: this.nCut,
		};
	}

	private visit(node: Node, asleep: readonly Asleep[]): void {
		const { state } = node;
		if (this.isOver()) return;
		if (state.outcome !== null) {
			this.nSchedules++;
			this.noteOutcome(node);
			return;
		}
		if (state.nSteps >= this.bounds.steps) {
			this.nSchedules++;
			this.nCut++;
			return;
		}
		if (this.wasSeen(node, asleep)) {
			this.nSchedules++;
			return;
		}
		this.nStates++;
		const sleeping = [...asleep];
		const actions = this.actions(state);
		for (let i = 0; i < actions.length; i++) {
			const action = actions[i]!;
			const key = keyOf(action);
			if (sleeping.some((one) => one.key === key)) continue;
			const left = node.left - (i === 0 ? 0 : 1);
			if (left < 0) this.isBounded = true;
			else this.follow(node, action, left, sleeping);
		}
	}

	/** Takes an action and searches what comes after it; then puts it to sleep. */
	private follow(node: Node, action: Action, left: number, sleeping: Asleep[]): void {
		const cpu = cpuOf(node.state, action);
		const all = noShares();
		const isCurrent = action.kind === "run" && action.cpu === node.state.cpu;
		for (const { next, shares } of this.successors({ ...node, left, ahead: isCurrent ? node.ahead : null }, action)) {
			all.reads.push(...shares.reads);
			all.writes.push(...shares.writes);
			const awake = (one: Asleep) => one.cpu !== cpu && !meet(one.shares, shares);
			this.visit(next, this.hasSleep ? sleeping.filter(awake) : []);
		}
		if (this.hasSleep) sleeping.push({ key: keyOf(action), cpu, shares: all });
	}

	/** Swapped steps are the same only where a departure costs nothing. */
	private get hasSleep(): boolean {
		return this.deviations === Number.POSITIVE_INFINITY;
	}

	/** What may happen next; the first is what happens by default. */
	private actions(state: State): Action[] {
		const { world } = this;
		const due = state.sources.findIndex((source) => isDue(world, state, source) && canFire(world, state, source));
		if (due >= 0) return [{ kind: "interrupt", source: due }];
		const all = actionsOf(world, state).filter(
			(action) => action.kind !== "interrupt" || state.sources[action.source]!.at === null,
		);
		const item = nextOnTop(world, state, false);
		const isFirst = (action: Action) =>
			item >= 0
				? action.kind === "item" && action.key === state.items[item]!.key
				: action.kind === "run" && action.cpu === state.cpu;
		const first = all.findIndex(isFirst);
		return first <= 0 ? all : [all[first]!, ...all.slice(0, first), ...all.slice(first + 1)];
	}

	/** The states after an action, one for each way to answer its questions, and after the private steps behind it. */
	private *successors(node: Node, action: Action): Generator<{ readonly next: Node; readonly shares: Shares }> {
		for (const { answers, tried, left } of this.answered(node, action, [])) {
			const { result, shares } = tried;
			if (result.kind === "ask") continue;
			const way: Way = { before: node.way, planned: { action, answers } };
			const next: Node = { state: result.state, way, left, ahead: null };
			this.noteSplats(result, next);
			for (const settled of this.privateSteps(next)) yield { next: settled, shares };
		}
	}

	/** All ways to answer the questions of a step, the default ones first. */
	private *answered(
		node: Node,
		action: Action,
		answers: readonly number[],
	): Generator<{ readonly answers: readonly number[]; readonly tried: Tried; readonly left: number }> {
		const tried = answers.length === 0 && node.ahead !== null ? node.ahead : this.attempt(node.state, answers, action);
		if (tried.result.kind !== "ask") {
			yield { answers, tried, left: node.left };
			return;
		}
		const { choice } = tried.result;
		const settled = choice.options.indexOf(this.bounds.pinned?.get(choice.text) ?? "");
		if (settled >= 0) {
			yield* this.answered({ ...node, ahead: null }, action, [...answers, settled]);
			return;
		}
		const order = [choice.default, ...choice.options.keys()].filter((option, i, all) => all.indexOf(option) === i);
		for (const option of order) {
			const left = node.left - (option === choice.default ? 0 : 1);
			if (left < 0) this.isBounded = true;
			else yield* this.answered({ ...node, left, ahead: null }, action, [...answers, option]);
		}
	}

	private attempt(state: State, answers: readonly number[], action: Action): Tried {
		const shares = noShares();
		this.nSteps++;
		return { result: step(this.world, state, answers, action, shares), shares };
	}

	/** Runs ops that share nothing, up to the next one that does. */
	private *privateSteps(node: Node): Generator<Node> {
		let { state, way } = node;
		for (;;) {
			if (state.outcome !== null || state.nSteps >= this.bounds.steps || !canRun(state, state.cpu)) break;
			if (state.sources.some((source) => isDue(this.world, state, source))) break;
			const action: Action = { kind: "run", cpu: state.cpu };
			const ahead = this.attempt(state, [], action);
			if (ahead.result.kind === "ask" || !isPrivate(ahead.shares)) {
				yield { state, way, left: node.left, ahead };
				return;
			}
			way = { before: way, planned: { action, answers: [] } };
			state = ahead.result.state;
			this.noteSplats(ahead.result, { state, way, left: node.left, ahead: null });
		}
		yield { state, way, left: node.left, ahead: null };
	}

	/** Was the state searched with no fewer departures left, no later, and nothing more asleep? */
	private wasSeen(node: Node, asleep: readonly Asleep[]): boolean {
		const hash = stateHash(node.state) * 4 + node.state.cpu;
		const before = this.seen.get(hash);
		const keys = asleep.map(({ key }) => key);
		const steps = node.state.nSteps;
		const isCovered = (one: Seen) =>
			one.left >= node.left && one.steps <= steps && one.asleep.every((key) => keys.includes(key));
		if (before?.some(isCovered)) return true;
		const entry: Seen = { left: node.left, steps, asleep: keys };
		if (before === undefined) this.seen.set(hash, [entry]);
		else before.push(entry);
		return false;
	}

	private isOver(): boolean {
		this.isSpent ||= this.nSchedules >= this.bounds.schedules || ((this.nStates & 63) === 0 && this.isStopped());
		return this.isSpent;
	}

	private noteSplats(result: Extract<StepResult, { kind: "stepped" }>, node: Node): void {
		for (const event of result.events) {
			if (event.kind !== "splat") continue;
			const { kind, title, text } = event.splat;
			this.note(`${kind} ${title}`, { kind, title, text, splat: event.splat }, node);
		}
	}

	private noteOutcome(node: Node): void {
		const { outcome } = node.state;
		if (outcome?.kind !== "deadlock" && outcome?.kind !== "bug") return;
		const { kind, text } = outcome;
		this.note(`${kind} ${text}`, { kind, title: text, text, splat: null }, node);
	}

	private note(key: string, what: Pick<Found, "kind" | "title" | "text" | "splat">, node: Node): void {
		const steps = node.state.nSteps;
		const known = this.found.get(key);
		// What an earlier pass has found departs less from the default, and is easier to follow.
		if (known !== undefined && (known.pass < this.nPasses || known.steps <= steps)) return;
		this.found.set(key, { ...what, steps, pass: this.nPasses, plan: planOf(node.way) });
	}
}

function planOf(way: Way | null): PlannedStep[] {
	const plan: PlannedStep[] = [];
	for (let at = way; at !== null; at = at.before) plan.push(at.planned);
	return plan.reverse();
}

function keyOf(action: Action): string {
	switch (action.kind) {
		case "run":
		case "tick":
			return `${action.kind} ${action.cpu}`;
		case "interrupt":
			return `interrupt ${action.source}`;
		case "item":
			return `item ${action.key}`;
		case "wake":
			return `wake ${action.task}`;
	}
}

/** CPU whose context an action belongs to. */
function cpuOf(state: State, action: Action): number {
	switch (action.kind) {
		case "run":
		case "tick":
			return action.cpu;
		case "interrupt":
			return state.sources[action.source]!.cpu;
		case "item":
			return state.items.find(({ key }) => key === action.key)?.cpu ?? 0;
		case "wake":
			return state.tasks[action.task]!.cpu;
	}
}
