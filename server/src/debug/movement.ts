// Requests that launch a run and move through it, in both directions.

import type { Movement } from "@might-sleep/analyzer";
import { InitializedEvent, TerminatedEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { readLaunch } from "./launch.js";
import type { SeekArguments } from "./messages.js";
import { Mover } from "./mover.js";
import { pathOfSource } from "./ownTexts.js";
import { Refusal } from "./refusal.js";
import type { Session } from "./session.js";
import { taskOfThread } from "./toDap.js";

export async function launch(session: Session, given: DebugProtocol.LaunchRequestArguments): Promise<undefined> {
	const args = readLaunch(given);
	if (!args.ok) throw new Refusal(args.error);
	const target = await session.provider.open(args.value);
	if (!target.ok) throw new Refusal(target.error);
	const opened = target.value.start();
	if (!opened.ok) throw new Refusal(opened.error);
	const mover = new Mover(opened.value, {
		onEvents: (events, index) => session.report(events, index),
		onDecided: (choice, option, isUsers, index) => {
			const why = isUsers ? "as you said" : "nobody said otherwise";
			session.print(`${choice.text}: taken as ${choice.options[option]} (${why})`, "console", choice.at, index);
		},
		onLog: (text, index) => {
			const { recording } = mover.simulation;
			session.print(text, "console", { path: mover.simulation.pathAt(index), line: recording.lineAt(index) }, index);
		},
		onProblem: (text) => session.print(text, "important"),
	});
	const { stopOnEntry = true, stepLink = null, until = null } = args.value;
	session.running = { target: target.value, mover, stopOnEntry, until, stepLink, halt: null, before: 0, shown: 0 };
	session.setFilters(session.filters);
	session.print(target.value.about, "console");
	for (const note of target.value.notes) session.print(note, "console");
	return undefined;
}

export function launched(session: Session): void {
	session.sendEvent(new InitializedEvent());
}

export function configurationDone(session: Session): void {
	const { stopOnEntry, until, mover } = session.live;
	if (until !== null) session.stopAfter(mover.forwardsInto(until), "entry");
	else if (stopOnEntry) session.stopped({ kind: "goal" }, "entry");
	else session.move(true, "run");
}

interface MoveArguments {
	readonly granularity?: string;
	readonly threadId?: number;
}

/** A single op, where the client asks for instructions; lines otherwise. */
function stepped(movement: Movement, args: MoveArguments): Movement {
	return args.granularity === "instruction" ? "op" : movement;
}

/** Moves after the answer: forwards or backwards. */
export function moving(isForwards: boolean, movement: Movement) {
	return (session: Session, args: MoveArguments): void => {
		const task = movement === "run" || args.threadId === undefined ? undefined : taskOfThread(args.threadId);
		session.move(isForwards, stepped(movement, args), task);
	};
}

/** The same for a request that is not one of the protocol's. */
export function movingBack(movement: Movement) {
	return (session: Session): void => {
		session.tellContinued();
		session.move(false, movement);
	};
}

/** The answer to a movement: only that it may begin. */
export function standing(session: Session): undefined {
	void session.still;
	return undefined;
}

export function continuing(session: Session) {
	standing(session);
	return { allThreadsContinued: true };
}

export function stepIn(session: Session, args: DebugProtocol.StepInArguments): undefined {
	standing(session);
	if (args.targetId !== undefined) takeTarget(session, args.targetId);
	return undefined;
}

/** Step-in targets: what each question of the line can be answered with. Ids count all options of all questions. */
export function stepInTargets(session: Session): { targets: DebugProtocol.StepInTarget[] } {
	const targets: DebugProtocol.StepInTarget[] = [];
	for (const { choice } of session.mover.questions()) {
		for (const option of choice.options) targets.push({ id: targets.length, label: `${choice.text}: ${option}` });
	}
	return { targets };
}

function takeTarget(session: Session, id: number): void {
	let first = 0;
	for (const [which, { choice }] of session.mover.questions().entries()) {
		if (id < first + choice.options.length) {
			session.mover.choose(id - first, which);
			return;
		}
		first += choice.options.length;
	}
	throw new Refusal("no such step-in target");
}

export function pause(session: Session): undefined {
	session.mover.pause();
	return undefined;
}

export function paused(session: Session): void {
	if (!session.mover.isRunning) session.stopped({ kind: "paused" });
}

export function terminated(session: Session): void {
	session.sendEvent(new TerminatedEvent());
}

export function interrupt(session: Session): undefined {
	session.running?.mover.pause();
	return undefined;
}

export function disconnect(session: Session): undefined {
	session.running?.mover.pause();
	session.running = null;
	return undefined;
}

// ---- going to a point of the timeline ----

/** Goto targets offered at most: the nearest in both directions. */
const MAX_TARGETS = 12;

/** Times at which the line was arrived at. Ids are steps. */
export function gotoTargets(session: Session, args: DebugProtocol.GotoTargetsArguments) {
	const { simulation, index } = session.still;
	const path = pathOfSource(session.live.target.root, args.source);
	if (path === null) return { targets: [] };
	const times = simulation.arrivals(path, args.line);
	if (times.length === 0) throw new Refusal(`line ${args.line} has not run yet: set a breakpoint and continue to it`);
	const nearest = [...times].sort((a, b) => Math.abs(a - index) - Math.abs(b - index)).slice(0, MAX_TARGETS);
	const targets = nearest
		.sort((a, b) => a - b)
		.map((id) => {
			const where = id === index ? "here" : id < index ? `${index - id} steps back` : `${id - index} steps on`;
			return { id, label: `step ${id} (${where})`, line: args.line };
		});
	return { targets };
}

export function goTo(session: Session, args: DebugProtocol.GotoArguments): void {
	session.stopped(session.mover.seek(args.targetId), "goto");
}

export function seek(session: Session, args: SeekArguments): void {
	session.tellContinued();
	session.stopped(session.mover.seek(args.index), "goto");
}

export function checkSeek(session: Session, args: SeekArguments): undefined {
	standing(session);
	if (!Number.isFinite(args.index)) throw new Refusal("the index of a step is a number");
	return undefined;
}

/** To the first line of a frame's activation. */
export function restartFrame(session: Session, args: DebugProtocol.RestartFrameArguments): void {
	const { mover } = session;
	const { task, depth } = session.frameAt(args.frameId);
	session.stopped(mover.seek(mover.simulation.frameStart(mover.index, depth, task)), "restart");
}
