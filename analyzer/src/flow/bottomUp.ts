// Summaries, callees before callers (schedule.ts); a component of several functions is gone through twice.

import { finish, type Steps } from "../base/steps.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import { type CrewWork, Member, planWork } from "./crew.js";
import { Intra } from "./intra.js";
import { makeSchedule, type Schedule } from "./schedule.js";
import { summaryKey } from "./summarise.js";
import { emptySummary } from "./summary.js";
import { type SurveyWork, surveyTogether } from "./surveyCrew.js";
import { setSummary, summaryOf, type World } from "./world.js";

/** How often a recursive component is gone through. */
const ROUNDS = 2;
/** Callers of callers that are redone after an edit. */
const MAX_LEVELS = 16;
const REPORT_EVERY = 4096;
/** Functions looked at between steps. */
const YIELD_EVERY = 256;

/** What is to be summarised: functions that changed, and those whose summary is not known to their callers yet. */
export interface Due {
	readonly fns: Set<FnId>;
	/** their callers are due */
	readonly changed: Set<FnId>;
}

/** Other threads that have been started for this program and wait for the work (assistant.ts). */
export interface Crew {
	readonly size: number;
	/** sends each of them what there is to look at, with its number: 1 … size */
	survey(work: SurveyWork): void;
	/** then the summaries */
	begin(work: CrewWork): void;
	/** lets go of those that have not begun */
	end(): void;
}

/**
 * Computes the summaries of all functions, in several threads when there is a crew. `meanwhile` is what this thread has to
 * do besides, and needs no summaries for: the others have begun then. `progress` gets functions done.
 */
export function* summariseAll(
	world: World,
	graph: CallGraph,
	crew: Crew | null,
	meanwhile: Steps<void>,
	progress: (done: number, total: number) => void,
): Steps<void> {
	if (crew === null) {
		yield* meanwhile;
		return yield* summarise(world, graph, null, progress);
	}
	try {
		yield* surveyTogether(world, graph, crew.size, (work) => crew.survey(work));
		const schedule = yield* makeSchedule(world.program, graph);
		const work = planWork(world.program, schedule, crew.size + 1);
		crew.begin(work);
		const member = new Member(world, work, 0);
		yield* meanwhile;
		if (yield* summariseTogether(world, member, schedule, progress)) return;
		member.forget();
		yield* summarise(world, graph, null, progress);
	} finally {
		crew.end();
	}
}

/** The owner's part. False: its log is full, so that the others cannot go on. */
function* summariseTogether(
	world: World,
	member: Member,
	schedule: Schedule,
	progress: (done: number, total: number) => void,
): Steps<boolean> {
	const intra = new Intra(world);
	function* waitForLevel(level: number): Steps<boolean> {
		while (!member.turns.waitForLevel(level)) {
			const chunk = member.turns.leftBehind(level);
			if (chunk >= 0 && !(yield* summariseChunk(world, intra, member, chunk))) return false;
			yield;
		}
		return true;
	}
	try {
		for (let chunk = member.turns.take(); chunk >= 0; chunk = member.turns.take()) {
			if (!(yield* waitForLevel(member.turns.levelOf(chunk)))) return false;
			if (!(yield* summariseChunk(world, intra, member, chunk))) return false;
			member.readDone();
			world.checkpoint();
			progress(member.done, schedule.fns.length);
			yield;
		}
		if (!(yield* waitForLevel(schedule.levels.length - 1))) return false;
		member.readAll();
		return true;
	} finally {
		member.turns.stop();
	}
}

/** The part of another thread: returns when there is nothing left to take, or nobody who takes what it makes. */
export function assist(world: World, work: CrewWork, number: number): void {
	const member = new Member(world, work, number);
	const intra = new Intra(world);
	for (let chunk = member.turns.take(); chunk >= 0; chunk = member.turns.take()) {
		if (!member.turns.waitForLevel(member.turns.levelOf(chunk))) return;
		if (!finish(summariseChunk(world, intra, member, chunk))) return;
	}
}

/** False: there was no room to publish it. */
function* summariseChunk(world: World, intra: Intra, member: Member, chunk: number): Steps<boolean> {
	for (const fns of member.componentsOf(chunk)) {
		yield* summariseComponent(world, intra, fns);
		if (!member.publish(fns)) return false;
	}
	member.turns.finish(chunk);
	return true;
}

/**
 * Redoes the summaries of the functions that are due, then those of callers while what callers see changes. What is
 * still to be done when it is given up stays in `due`.
 */
export function* summariseDue(world: World, graph: CallGraph, due: Due): Steps<void> {
	yield* summarise(world, graph, due, () => {});
	due.fns.clear();
	due.changed.clear();
}

function* summarise(
	world: World,
	graph: CallGraph,
	due: Due | null,
	progress: (done: number, total: number) => void,
): Steps<void> {
	const schedule = yield* makeSchedule(world.program, graph);
	const before = { ...world.order };
	world.order.ranks = schedule.ranks;
	world.order.components = { fns: schedule.fns, starts: schedule.starts };
	const intra = new Intra(world);
	// Filled in order: an array that is filled here and there becomes a hash table.
	while (world.summaries.length < world.program.fnLimit) world.summaries.push(emptySummary);
	const { fns, starts } = schedule;
	let done = 0;
	for (let component = 0; component + 1 < starts.length; component++) {
		const members = fns.subarray(starts[component]!, starts[component + 1]!);
		if (starts[component]! % YIELD_EVERY < members.length) yield;
		const isLeft = due !== null && !members.some((fn) => isDue(schedule, due, fn, world.program.inOrder));
		if (isLeft && isSameComponent(before, members)) continue;
		const keys = due === null ? [] : Array.from(members, (fn) => summaryKey(summaryOf(world, fn)));
		yield* summariseComponent(world, intra, members);
		members.forEach((fn, k) => {
			due?.fns.delete(fn);
			if (due !== null && summaryKey(summaryOf(world, fn)) !== keys[k]) due.changed.add(fn);
		});
		done += members.length;
		if (done % REPORT_EVERY < members.length) {
			world.checkpoint();
			progress(done, fns.length);
		}
	}
}

/** Has the function to be redone, because of itself or of one that it calls? */
function isDue({ calls, nodeOf }: Schedule, due: Due, fn: FnId, nodes: Int32Array): boolean {
	if (due.fns.has(fn)) return true;
	const node = nodeOf[fn]!;
	for (let k = calls.starts[node]!; k < calls.starts[node + 1]!; k++) {
		if (due.changed.has(nodes[calls.targets[k]!]!)) return true;
	}
	return false;
}

/** Was a component the same before, in the same order? What is found of functions that call each other hangs on it. */
function isSameComponent({ ranks, components }: World["order"], members: Int32Array): boolean {
	const place = ranks.place[members[0]!] ?? NONE;
	if (place === NONE) return false;
	const [from, to] = [components.starts[place]!, components.starts[place + 1]!];
	if (to - from !== members.length) return false;
	return members.length === 1 || members.every((fn, k) => components.fns[from + k] === fn);
}

/** From nothing known of the members, whatever was known before. */
function* summariseComponent(world: World, intra: Intra, members: Int32Array): Steps<void> {
	for (const fn of members) setSummary(world, fn, emptySummary);
	const rounds = members.length > 1 ? ROUNDS : 1;
	for (let round = 0; round < rounds; round++) {
		for (let k = 0; k < members.length; k++) {
			setSummary(world, members[k]!, intra.run(members[k]!));
			if (k % 64 === 63) yield;
		}
	}
}

/**
 * Redoes the summaries of functions whose bodies have changed, but not their calls: in the order that there is. Gives all that
 * have been redone, those of their components too; null when their callers are to be redone as well, or when there is no
 * such order.
 */
export function* summariseBodies(world: World, fns: readonly FnId[]): Steps<FnId[] | null> {
	const { ranks, components } = world.order;
	const places = new Set(fns.map((fn) => ranks.place[fn] ?? NONE));
	const intra = new Intra(world);
	const redone: FnId[] = [];
	for (const place of [...places].sort((a, b) => a - b)) {
		if (place === NONE || place + 1 >= components.starts.length) return null;
		const members = components.fns.subarray(components.starts[place]!, components.starts[place + 1]!);
		const before = Array.from(members, (fn) => summaryKey(summaryOf(world, fn)));
		yield* summariseComponent(world, intra, members);
		if (members.some((fn, k) => summaryKey(summaryOf(world, fn)) !== before[k])) return null;
		redone.push(...members);
	}
	return redone;
}

/** What `summariseWithin` has done. */
export interface Summarised {
	/** all functions whose summaries were redone */
	readonly redone: ReadonlySet<FnId>;
	/** those whose callers see a change */
	readonly changed: ReadonlySet<FnId>;
}

/** Redoes the summaries of some functions, then those of callers among `all`, as long as these see a change. */
export function summariseWithin(
	world: World,
	graph: CallGraph,
	fns: readonly FnId[],
	all: readonly FnId[],
): Summarised {
	const redone = new Set(fns);
	const changed = new Set<FnId>();
	let level = fns;
	for (let depth = 0; level.length > 0 && depth < MAX_LEVELS; depth++) {
		const seen = new Set(summariseSome(world, level));
		for (const fn of seen) changed.add(fn);
		level = seen.size === 0 ? [] : all.filter((fn) => graph.hasSite(fn, (callee) => callee !== fn && seen.has(callee)));
		for (const fn of level) redone.add(fn);
	}
	return { redone, changed };
}

/** The same for these alone; returns those whose callers see a change. */
function summariseSome(world: World, fns: readonly FnId[]): FnId[] {
	const intra = new Intra(world);
	const changed: FnId[] = [];
	for (let round = 0; round < ROUNDS; round++) {
		for (const fn of fns) {
			const before = summaryKey(summaryOf(world, fn));
			const after = intra.run(fn);
			setSummary(world, fn, after);
			if (summaryKey(after) !== before && !changed.includes(fn)) changed.push(fn);
		}
		if (changed.length === 0) break;
	}
	return changed;
}
