// Follows a finding's chain on the machine: searches the answers to the machine's questions that lead from the
// chain's first function by every call of it to the splat that the finding predicts. What the machine computes
// is never overruled: where a computed value leads away from the chain, that way is given up and another
// answer given earlier. Fewer unlikely answers first, later ones before earlier ones.

import type { KnownParameter, PredictedSplat, ReplayPlan } from "../api.js";
import { NONE } from "../ir/ops.js";
import { type Choice, FALSE_OPTION, isTrueOption, TRUE_OPTION } from "./choice.js";
import { callsBehind, isChanged, readBy } from "./conditions.js";
import { type Cpu, Machine, type State, type Task } from "./machine.js";
import type { Splat } from "./outcome.js";
import { findRoute, Reach, type Waypoint } from "./route.js";
import { startRun } from "./run.js";
import { step } from "./step.js";
import { int } from "./value.js";
import { cpuOf, taskOf } from "./view.js";
import type { SourcePlace, World } from "./world.js";

/** Why a way was given up. */
export type Obstacle =
	/** a value that the machine computes leads away from the next call */
	| "computed value"
	/** the next call goes to another function, or to none */
	| "other callee"
	/** what the chain says is held at its first call is not */
	| "not atomic"
	/** the last call gives no splat */
	| "silent"
	/** the last call gives another splat */
	| "other splat"
	/** the machine waits for ever before it comes there, for a lock that it holds itself: another mistake of the code */
	| "deadlock"
	/** the run ended: a call that does not return, the end of the function */
	| "ended"
	/** out of steps */
	| "steps"
	/** the plan does not fit the program */
	| "plan";

export type ReplayEnd =
	| { readonly kind: "replayed"; readonly splat: Splat }
	| {
			readonly kind: "stuck";
			readonly obstacle: Obstacle;
			readonly text: string;
			readonly at: SourcePlace | null;
			/** all ways were tried, none leads there */
			readonly isRefuted: boolean;
	  };

export interface Replay {
	readonly end: ReplayEnd;
	/** the state before the first op; null when the plan does not fit the program */
	readonly start: State | null;
	/** answers by index of the timeline, up to the splat or to where the search came furthest */
	readonly answers: ReadonlyMap<number, readonly number[]>;
	/** functions that are not stepped into, because they run on for too long; their results are unknown */
	readonly passedBy: ReadonlySet<string>;
	/** steps from the start to the splat, and steps that were tried in all */
	readonly nSteps: number;
	readonly nTried: number;
	/** splats on the way, before the predicted one */
	readonly splatsBefore: readonly Splat[];
}

export interface ReplayLimits {
	/** steps tried in all */
	readonly tries: number;
	/** steps of one run */
	readonly length: number;
}

export const REPLAY_LIMITS: ReplayLimits = { tries: 60_000, length: 20_000 };

/** Steps in a function beside the chain before it is passed by: at first depth, halved at each deeper one. */
const DETOUR = 2048;
const MIN_DETOUR = 128;

/**
 * Costs of answers that are not the likely one: in the functions of the chain, of passing by a function whose
 * result hangs on what nobody knows, and in the functions beside the chain.
 */
const COST_ON_CHAIN = 1;
const COST_PASSING = 1;
const COST_BESIDE = 3;
const COST_BLAMED = 1;
/** Of another round of a loop. */
const COST_ROUND = 2;
const MAX_COST = 40;
/** What a way is ahead of another one for each waypoint that it has come by. */
const PROGRESS = 5;

/** The answers given so far, newest first. */
interface Trail {
	readonly index: number;
	readonly choice: Choice;
	readonly answer: number;
	/** with the other answers, as they were left */
	readonly others: readonly Branch[];
	readonly before: Trail | null;
}

/** A function beside the chain that the run is in. */
interface Detour {
	readonly name: string;
	/** whether to follow it */
	readonly question: Choice;
	/** frames below it */
	readonly depth: number;
	/** index when it was entered */
	readonly since: number;
	readonly limit: number;
	/** before the question whether to follow it */
	readonly back: Branch;
	readonly outer: Detour | null;
	/** op of the chain's function that led into it */
	readonly op: number;
}

/** A detour that is over, directly from a function of the chain. */
interface Closed {
	readonly op: number;
	/** activation of the chain's function */
	readonly frame: number;
	/** index at its beginning and end, and the states there */
	readonly from: number;
	readonly to: number;
	readonly states: readonly [State, State];
	/** the same way without it; null when it may not be left out */
	readonly passing: Branch | null;
	readonly before: Closed | null;
}

/** A point from which the run goes on. */
interface Branch {
	readonly state: State;
	readonly index: number;
	/** to the questions of the next step */
	readonly answers: readonly number[];
	readonly trail: Trail | null;
	/** index in the route; its length: past the last one */
	readonly next: number;
	/** the waypoint that it goes round a loop for, by as many rounds as it takes */
	readonly round: number;
	readonly detour: Detour | null;
	/** the newest first */
	readonly closed: Closed | null;
	readonly cost: number;
	readonly splats: readonly Splat[];
	/** shared by the same way at several costs: it is gone once */
	readonly token: { isTaken: boolean };
}

export function replay(world: World, plan: ReplayPlan, limits: ReplayLimits): Replay {
	const route = findRoute(world.program, plan);
	if (!route.ok) return unfit(route.error);
	const start = startRun(world, route.value[0]!.fn, plan.entry);
	if (!start.ok) return unfit(start.error);
	const state = withParameters(world, start.state, plan.parameters);
	return new Search(world, plan, route.value, limits).run(state);
}

function unfit(text: string): Replay {
	const end = { kind: "stuck", obstacle: "plan", text, at: null, isRefuted: false } as const;
	return { end, start: null, answers: new Map(), passedBy: new Set(), nSteps: 0, nTried: 0, splatsBefore: [] };
}

/** The start with the values that the analysis assumed of the parameters. */
function withParameters(world: World, state: State, known: readonly KnownParameter[]): State {
	const machine = new Machine(world, state, []);
	for (const { index, set, clear, isNonZero } of known) {
		const value = machine.frame.locals[index];
		if (value === undefined) continue;
		if ((set | clear) === -1) {
			const locals = machine.frame.locals.slice();
			locals[index] = int(set);
			machine.updateFrame(0, { locals });
		} else if (value.kind === "unknown" && (isNonZero || set !== 0)) machine.learn(value, true);
	}
	return machine.state;
}

class Search {
	private nTried = 0;
	/** ways to go on, by what they cost and how far they have come, newest last */
	private readonly open: Branch[][] = [];
	/** functions that turned out to run on for too long */
	private readonly longOnes = new Set<string>();
	private stuck: { readonly branch: Branch; readonly end: Extract<ReplayEnd, { kind: "stuck" }> } | null = null;

	constructor(
		private readonly world: World,
		private readonly plan: ReplayPlan,
		private readonly route: readonly Waypoint[],
		private readonly limits: ReplayLimits,
	) {}

	run(start: State): Replay {
		const first: Branch = {
			state: start,
			index: 0,
			answers: [],
			trail: null,
			next: 0,
			round: NONE,
			detour: null,
			closed: null,
			cost: 0,
			splats: [],
			token: { isTaken: false },
		};
		for (let branch: Branch | undefined = first; branch !== undefined; branch = this.takeOpen()) {
			const arrived = this.walk(branch);
			if (arrived !== null) return this.result(start, arrived.branch, arrived.end);
			if (this.nTried >= this.limits.tries) break;
		}
		const isRefuted = this.nTried < this.limits.tries;
		if (!isRefuted) this.giveUp(first, "steps", `${this.nTried} steps tried`);
		return this.result(start, this.stuck!.branch, { ...this.stuck!.end, isRefuted });
	}

	private result(start: State, { trail, index, splats }: Branch, end: ReplayEnd): Replay {
		const passedBy = new Set<string>();
		for (let at = trail; at !== null; at = at.before) if (isPassing(at)) passedBy.add(at.choice.text);
		const answers = new Map<number, number[]>();
		for (let at = trail; at !== null; at = at.before) {
			// Only what is passed by somewhere is asked about when the run is made again.
			if (at.choice.kind === "call" && !passedBy.has(at.choice.text)) continue;
			answers.set(at.index, [at.answer, ...(answers.get(at.index) ?? [])]);
		}
		const { nTried } = this;
		return { end, start, answers, passedBy, nSteps: index, nTried, splatsBefore: splats };
	}

	private takeOpen(): Branch | undefined {
		for (const branches of this.open) {
			for (let branch = branches.pop(); branch !== undefined; branch = branches.pop()) {
				if (branch.token.isTaken) continue;
				branch.token.isTaken = true;
				return branch;
			}
		}
		return undefined;
	}

	/** `next`: how far it is taken to have come; ways that are to blame for an obstacle count as those that met it. */
	private leaveOpen(branch: Branch, next = branch.next): void {
		if (branch.cost > MAX_COST) return;
		const rank = branch.cost + PROGRESS * (this.route.length - next);
		for (let at = this.open.length; at <= rank; at++) this.open.push([]);
		this.open[rank]!.push(branch);
	}

	/** Keeps the first obstacle of the way that came furthest. */
	private giveUp(branch: Branch, obstacle: Obstacle, text: string): null {
		if (this.stuck !== null && this.stuck.branch.next >= branch.next) return null;
		const { world } = this;
		const machine = new Machine(world, branch.state, []);
		const at = machine.placeOfFrame(machine.depth);
		this.stuck = { branch, end: { kind: "stuck", obstacle, text, at, isRefuted: false } };
		return null;
	}

	/** Runs on until the splat, or until there is no way on. */
	private walk(from: Branch): { readonly branch: Branch; readonly end: ReplayEnd } | null {
		let branch = from;
		while (this.nTried < this.limits.tries) {
			this.nTried++;
			const result = step(this.world, branch.state, branch.answers);
			if (result.kind === "ask") {
				branch = this.answer(branch, result.choice);
				continue;
			}
			const splats = result.events.flatMap((event) => (event.kind === "splat" ? [event.splat] : []));
			const waypoint = this.route[branch.next];
			const isThere = waypoint !== undefined && isAt(branch.state, waypoint);
			if (waypoint === undefined || (isThere && waypoint.role === "last")) {
				const splat = splats.find(({ kind }) => (this.plan.splats as readonly string[]).includes(kind));
				if (splat !== undefined) return { branch, end: { kind: "replayed", splat } };
				if (waypoint !== undefined && !this.isLate) {
					return this.giveUp({ ...branch, next: branch.next + 1 }, ...noSplat(splats));
				}
			}
			const after: Branch = {
				...branch,
				state: result.state,
				index: branch.index + 1,
				answers: [],
				next: branch.next + (isThere ? 1 : 0),
				splats: [...branch.splats, ...splats],
			};
			const obstacle = this.obstacleAfter(branch, after, isThere ? waypoint : null);
			if (obstacle !== null) {
				const { outcome } = result.state;
				if (outcome === null) this.blame(branch);
				else {
					this.mayLeaveOut(branch.detour);
					if (outcome.kind === "halted") this.retract(branch.trail);
				}
				return this.giveUp(branch, ...obstacle);
			}
			if (this.goesRound(branch, after)) {
				this.blame(branch);
				this.leaveOpen({ ...after, round: after.next, cost: after.cost + COST_ROUND, token: { isTaken: false } });
				return this.giveUp(branch, "computed value", "only another round of a loop leads to the next call");
			}
			const entered = this.inDetour(branch, after, isThere);
			if (entered === null) return null;
			branch = entered;
		}
		return null;
	}

	/** The splat comes later than the last waypoint: at the end of the run. */
	private get isLate(): boolean {
		return (this.plan.splats as readonly PredictedSplat[]).includes("leak");
	}

	/** Why the run cannot go on as the plan says; null: it can. */
	private obstacleAfter(before: Branch, after: Branch, passed: Waypoint | null): [Obstacle, string] | null {
		const { state } = after;
		if (state.outcome !== null) {
			const { outcome } = state;
			return outcome.kind === "deadlock" ? ["deadlock", outcome.text] : ["ended", outcome.kind];
		}
		if (after.index > this.limits.length) return ["steps", `a run of ${after.index} steps`];
		if (passed?.role === "call") return this.obstacleAtCall(before, after, passed);
		const waypoint = this.route[after.next];
		if (waypoint === undefined) return null;
		const { frames } = taskOf(state);
		const depth = frames.length - 1;
		if (depth < waypoint.depth) return ["computed value", "the function returns before"];
		const frame = frames[depth]!;
		if (depth > waypoint.depth) return null;
		if (frame.fn !== waypoint.fn) return ["other callee", `${this.world.program.fnName(frame.fn)}() runs`];
		if (waypoint.reach[frame.pc] === Reach.Never) return ["computed value", "from here no way leads to the next call"];
		return null;
	}

	/** Has a computed value led to where only another round of a loop comes to the next waypoint? */
	private goesRound(before: Branch, after: Branch): boolean {
		if (before.next !== after.next || before.round === before.next || before.answers.length > 0) return false;
		const waypoint = this.route[after.next];
		if (waypoint === undefined) return false;
		const frame = taskOf(before.state).frames[waypoint.depth];
		const next = taskOf(after.state).frames[waypoint.depth];
		if (frame?.id !== next?.id || frame === next) return false;
		return waypoint.reach[frame!.pc] === Reach.Forward && waypoint.reach[next!.pc] === Reach.Round;
	}

	/** A call of the chain has to enter the next function, and the first one of a region in atomic context. */
	private obstacleAtCall(before: Branch, after: Branch, passed: Waypoint): [Obstacle, string] | null {
		const { frames } = taskOf(after.state);
		const next = this.route[after.next]!;
		const fn = frames[next.depth]?.fn;
		if (fn !== next.fn) {
			const name = fn === undefined ? "none" : `${this.world.program.fnName(fn)}()`;
			return ["other callee", `${this.world.program.fnName(next.fn)}() is expected, ${name} is called`];
		}
		if (passed.depth === 0 && maySleep(cpuOf(before.state), taskOf(before.state))) {
			return ["not atomic", "nothing forbids sleeping at the first call of the chain"];
		}
		return null;
	}

	/** Keeps account of functions beside the chain; null when one runs on for too long: it is then passed by. */
	private inDetour(before: Branch, after: Branch, isOnChain: boolean): Branch | null {
		const depth = taskOf(after.state).frames.length - 1;
		let { detour, closed } = before;
		while (detour !== null && depth < detour.depth) {
			if (detour.outer === null) {
				const passing = this.passedBy(detour, before, after);
				if (passing !== null) this.leaveOpen(passing);
				const frame = taskOf(after.state).frames[this.depthOfChain(after)]?.id ?? NONE;
				const states = [detour.back.state, after.state] as const;
				closed = { op: detour.op, frame, from: detour.since, to: before.index, states, passing, before: closed };
			}
			detour = detour.outer;
		}
		const { trail } = before;
		const isEntered = trail !== null && trail.index === before.index && trail.choice.kind === "call";
		if (isEntered && isTrueOption(trail.answer) && !isOnChain) {
			const limit = detour === null ? DETOUR : Math.max(detour.limit >> 1, MIN_DETOUR);
			const token = { isTaken: false };
			const back = { ...before, answers: before.answers.slice(0, -1), trail: trail.before, token };
			detour = {
				name: trail.choice.text,
				question: trail.choice,
				depth,
				since: before.index,
				limit,
				back,
				outer: detour,
				op: this.opOfChain(before),
			};
		}
		for (let at = detour; at !== null; at = at.outer) {
			if (after.index - at.since <= at.limit) continue;
			this.longOnes.add(at.name);
			this.leaveOpen(at.back);
			return null;
		}
		return detour === after.detour && closed === after.closed ? after : { ...after, detour, closed };
	}

	/** A function that asked something, and left the context as it was, may give another result: the way without it. */
	private passedBy({ back, since, question }: Detour, before: Branch, after: Branch): Branch | null {
		let isAsked = false;
		for (let at = before.trail; at !== null && at.index > since && !isAsked; at = at.before) {
			isAsked = at.choice.kind !== "call";
		}
		if (!isAsked || !isSameContext(back.state, after.state)) return null;
		return this.given(back, question, FALSE_OPTION, COST_PASSING);
	}

	/** The run has ended in a function beside the chain: it may be left out, or the one nearest to the chain. */
	private mayLeaveOut(inner: Detour | null): void {
		for (let detour = inner; detour !== null; detour = detour.outer) {
			if (detour !== inner && detour.outer !== null) continue;
			this.leaveOpen(this.given(detour.back, detour.question, FALSE_OPTION, COST_PASSING));
		}
	}

	/** Takes the likely answer that leads on; the others are left for later. */
	private answer(branch: Branch, choice: Choice): Branch {
		if (choice.kind === "call") {
			const isOnWay = this.isAtWaypoint(branch) || !this.longOnes.has(choice.text);
			return this.given(branch, choice, isOnWay ? TRUE_OPTION : FALSE_OPTION, 0);
		}
		const likely = [choice.default, ...choice.options.keys()].filter((option, i, all) => all.indexOf(option) === i);
		const waypoint = this.route[branch.next];
		const isOnChain = waypoint !== undefined && taskOf(branch.state).frames.length - 1 === waypoint.depth;
		const leading = isOnChain ? this.leadingOptions(branch, likely, waypoint) : likely;
		const [first = choice.default, ...others] = leading;
		if (choice.kind === "property") return this.given(branch, choice, first, 0);
		const cost = isOnChain ? COST_ON_CHAIN : COST_BESIDE;
		const ways = others.reverse().map((option) => this.given(branch, choice, option, cost));
		for (const way of ways) this.leaveOpen(way);
		return this.given(branch, choice, first, 0, isOnChain ? [] : ways);
	}

	private isAtWaypoint({ state, next }: Branch): boolean {
		const waypoint = this.route[next];
		return waypoint !== undefined && isAt(state, waypoint);
	}

	/** Frames below the function of the chain that runs. */
	private depthOfChain({ next }: Branch): number {
		return this.route[Math.min(next, this.route.length - 1)]!.depth;
	}

	private opOfChain(branch: Branch): number {
		return taskOf(branch.state).frames[this.depthOfChain(branch)]?.pc ?? NONE;
	}

	/**
	 * A branch of the chain's function leads away: what was answered in the calls that its condition looks at, or that
	 * have changed what it looks at, comes next, before other answers of the same rank.
	 */
	private blame(branch: Branch): void {
		const depth = this.depthOfChain(branch);
		const frame = taskOf(branch.state).frames[depth];
		if (frame === undefined) return;
		const ops = callsBehind(this.world.program, frame.fn, frame.pc);
		const read = readBy(this.world, branch.state, depth);
		for (let at = branch.closed; at !== null; at = at.before) {
			const isBehind = at.frame === frame.id && ops.has(at.op);
			const hasChanged = read !== null && isChanged(read, at.states, depth);
			const isAny = read === null && ops.size === 0 && at.frame === frame.id;
			if (!isBehind && !hasChanged && !isAny) continue;
			this.prefer(branch, at);
			const { passing } = at;
			if (passing !== null && !passing.token.isTaken)
				this.leaveOpen({ ...passing, cost: passing.cost - COST_PASSING }, branch.next);
			if (isAny) return;
		}
	}

	/** A kernel does not stop: the last answer that could have been another one was not the likely one. */
	private retract(trail: Trail | null): void {
		for (let at = trail; at !== null; at = at.before) {
			const others = at.others.filter(({ token }) => !token.isTaken);
			for (const other of others) this.leaveOpen({ ...other, cost: other.cost - COST_BESIDE });
			if (others.length > 0) return;
		}
	}

	private prefer({ trail, next }: Branch, { from, to }: Closed): void {
		for (let at = trail; at !== null && at.index >= from; at = at.before) {
			if (at.index > to) continue;
			for (const other of at.others) {
				if (other.token.isTaken) continue;
				this.leaveOpen({ ...other, cost: other.cost - COST_BESIDE + COST_BLAMED }, next);
			}
		}
	}

	private given(branch: Branch, choice: Choice, answer: number, cost: number, others: readonly Branch[] = []): Branch {
		return {
			...branch,
			answers: [...branch.answers, answer],
			trail: { index: branch.index, choice, answer, others, before: branch.trail },
			cost: branch.cost + cost,
			token: { isTaken: false },
		};
	}

	/** The answers after which there is still a way to the waypoint, those that need no other round of a loop first. */
	private leadingOptions(branch: Branch, likely: readonly number[], waypoint: Waypoint): number[] {
		const reached = likely.map((option) => ({ option, reach: this.reachAfter(branch, option, waypoint) }));
		const leading = reached.filter(({ reach }) => reach !== Reach.Never);
		return leading.sort((a, b) => b.reach - a.reach).map(({ option }) => option);
	}

	/** How the waypoint is come to after this answer, as far as the next op says. */
	private reachAfter(branch: Branch, answer: number, waypoint: Waypoint): Reach {
		this.nTried++;
		const result = step(this.world, branch.state, [...branch.answers, answer]);
		if (result.kind === "ask") return Reach.Forward;
		const { frames } = taskOf(result.state);
		if (frames.length - 1 < waypoint.depth) {
			return result.state.outcome !== null && waypoint.role === "last" ? Reach.Forward : Reach.Never;
		}
		const frame = frames[waypoint.depth]!;
		const isHere = frames.length - 1 === waypoint.depth;
		return !isHere || isAt(branch.state, waypoint) ? Reach.Forward : (waypoint.reach[frame.pc]! as Reach);
	}
}

function isAt(state: State, { fn, op, depth }: Waypoint): boolean {
	const { frames } = taskOf(state);
	const frame = frames[depth];
	return frames.length - 1 === depth && frame!.fn === fn && frame!.pc === op;
}

function maySleep(cpu: Cpu, task: Task): boolean {
	const isReader = task.sections.some(({ kind }) => kind === "rcu" || kind === "rcu_bh" || kind === "rcu_sched");
	return cpu.preemptCount === 0 && cpu.irqsOn && task.rcuDepth === 0 && task.nonBlock === 0 && !isReader;
}

function isPassing({ choice, answer }: Trail): boolean {
	return choice.kind === "call" && !isTrueOption(answer);
}

/** Is what is held, and what forbids sleeping, the same? */
function isSameContext(a: State, b: State): boolean {
	const [one, other] = [cpuOf(a), cpuOf(b)];
	const [task, later] = [taskOf(a), taskOf(b)];
	return (
		one.preemptCount === other.preemptCount &&
		one.irqsOn === other.irqsOn &&
		task.rcuDepth === later.rcuDepth &&
		task.nonBlock === later.nonBlock &&
		task.sections.length === later.sections.length &&
		task.locks.length === later.locks.length
	);
}

function noSplat(splats: readonly Splat[]): [Obstacle, string] {
	const [other] = splats;
	return other === undefined ? ["silent", "the last call gives no splat"] : ["other splat", other.title];
}
