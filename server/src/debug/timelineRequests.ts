// Requests of a panel: the timeline, the machine at the current step, choices.

import type {
	ActArguments,
	ChooseArguments,
	ChooseResult,
	MemoryArguments,
	PanelChoice,
	PanelState,
	Timeline,
	TimelineArguments,
} from "./messages.js";
import type { Mover, Question } from "./mover.js";
import { Refusal } from "./refusal.js";
import type { Session } from "./session.js";

/** Pixels a window may ask to be drawn in. */
const MAX_ROOM = 4096;

export function timeline(session: Session, args: TimelineArguments): Timeline {
	const { simulation, index } = session.mover;
	const { last } = simulation.recording;
	const room = Math.min(Math.max(Math.trunc(args.room) || 1, 1), MAX_ROOM);
	const view = simulation.timeline(args.from ?? 0, args.to ?? last + 1, room);
	return { ...view, index, last, fields: simulation.countFields() };
}

/** Answered questions that are listed. */
const MAX_ANSWERED = 20;

export function state(session: Session): PanelState {
	const { mover } = session;
	const { simulation, index } = mover;
	const context = simulation.context(index);
	const memory = simulation.memory(index);
	const [top] = simulation.frames(index);
	const { verdict, maySleep, level, task, irqsOn, needResched, count } = context;
	return {
		index,
		last: simulation.recording.last,
		place: top === undefined ? null : { function: top.function, path: top.path, line: top.line },
		verdict,
		maySleep,
		level,
		task,
		irqsOn,
		needResched,
		count,
		locks: simulation.locks(index).map(({ name, value, type }) => ({ name, value, type })),
		rcu: simulation.rcu(index).map(({ name, value }) => ({ name, value })),
		choices: choices(mover),
		zones: memory.zones,
		kswapd: memory.kswapd,
		waiting: memory.waiting,
		heldOff: simulation.heldOff(index),
		actions: simulation.actions(index).map(({ action, text }) => ({ kind: action.kind, text })),
	};
}

function choices(mover: Mover): PanelChoice[] {
	const ahead = mover.questions().map((question, which) => toPanel(question, { which }, true));
	const answered = mover.answered(MAX_ANSWERED).map((question) => {
		const { index, ordinal } = question;
		return toPanel(question, { index, ordinal }, false);
	});
	return [...ahead, ...answered];
}

function toPanel({ choice, answer }: Question, ask: PanelChoice["ask"], isAhead: boolean): PanelChoice {
	const { text, options } = choice;
	return { text, options, default: choice.default, answer, ask, line: choice.at.line, isAhead };
}

export function act(session: Session, args: ActArguments): ChooseResult {
	const taken = session.still.act(args.action);
	if (taken === null) throw new Refusal("this cannot happen here");
	return { taken };
}

/** The dials of the memory. */
export function setMemory(session: Session, args: MemoryArguments): undefined {
	const { simulation, index } = session.still;
	const { pressure, zone, free } = args;
	const isPages = (pages: number | undefined) => pages === undefined || (Number.isFinite(pages) && pages >= 0);
	if (!isPages(pressure) || !isPages(free)) throw new Refusal("pages are a number that is not negative");
	if (pressure !== undefined) simulation.setPressure(index, Math.trunc(pressure));
	if (zone !== undefined && free !== undefined && !simulation.setFreePages(index, zone, free)) {
		throw new Refusal(`there is no zone '${zone}'`);
	}
	session.mover.changed();
	return undefined;
}

/** One op on, so that one sees what happened. */
export function acted(session: Session): void {
	session.tellContinued();
	session.move(true, "op");
}

export function choose(session: Session, args: ChooseArguments): ChooseResult {
	const mover = session.still;
	const { index, ordinal = 0, option, which } = args;
	const taken = index === undefined ? mover.choose(option, which) : mover.retake(index, ordinal, option);
	if (taken === null) throw new Refusal("this line asks nothing that has such an option");
	return { taken };
}

/** Going back to a question is a movement; an answer to one that is ahead changes what comes only. */
export function chosen(session: Session, args: ChooseArguments): void {
	if (args.index === undefined) {
		session.tellMoved();
		return;
	}
	session.tellContinued();
	session.stopped({ kind: "goal" }, "goto");
}
