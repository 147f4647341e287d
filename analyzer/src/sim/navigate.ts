// Movement on a timeline, forwards and backwards, by lines and frames. A movement runs for a bounded number
// of steps and can be resumed, so that a host stays responsive and can pause it.

import type { Choice } from "./choice.js";
import type { Outcome, Splat } from "./outcome.js";
import type { Recording } from "./record.js";

/** Why a movement stopped. */
export type Stop =
	| { readonly kind: "goal" }
	| { readonly kind: "breakpoint" }
	/** what is watched has changed: by the step before this index, or, backwards, by the next one */
	| { readonly kind: "watch" }
	/** the next step gives this splat */
	| { readonly kind: "splat"; readonly splat: Splat }
	/** the next step needs an answer */
	| { readonly kind: "choice"; readonly choice: Choice }
	| { readonly kind: "end"; readonly outcome: Outcome }
	/** the beginning of the timeline */
	| { readonly kind: "start" }
	/** out of steps for this time: move on with the same goal */
	| { readonly kind: "budget" };

export interface Moved {
	readonly index: number;
	readonly stop: Stop;
}

/** Is the movement at its goal at this index? */
export type Goal = (index: number) => boolean;

/** To the next line, into a call, to the caller, by one op, or on until something stops it; in both directions. */
export type Movement = "over" | "in" | "out" | "op" | "run";

/** What the movement asks of who moves. */
export interface MoveHost {
	readonly isBreakpoint: (index: number) => boolean;
	readonly stopsAtSplat: (splat: Splat, index: number) => boolean;
	/** does the step from this index change what is watched? */
	readonly isWatched: (index: number) => boolean;
	/** an option, or null: stop and let the user say */
	readonly answer: (index: number, choice: Choice) => number | null;
	/** called once for each step that is executed for the first time */
	readonly onNewStep: (index: number) => void;
}

export interface MoveOptions {
	readonly goal: Goal;
	/** index at which a splat or breakpoint was shown already: it does not stop again there */
	readonly shownAt: number;
	readonly budget: number;
}

/** Moves forwards from `index`, executing ops where the timeline ends. */
export function forwards(recording: Recording, index: number, host: MoveHost, options: MoveOptions): Moved {
	let at = index;
	for (let used = 0; used < options.budget; used++) {
		if (at === recording.last) {
			const stop = extend(recording, at, host);
			if (stop !== null) return { index: at, stop };
		}
		const splat = at === options.shownAt ? undefined : splatAt(recording, at, host);
		if (splat !== undefined) return { index: at, stop: { kind: "splat", splat } };
		at++;
		if (host.isWatched(at - 1)) return { index: at, stop: { kind: "watch" } };
		if (options.goal(at)) return { index: at, stop: { kind: "goal" } };
		if (isArrival(recording, at) && host.isBreakpoint(at)) return { index: at, stop: { kind: "breakpoint" } };
	}
	return { index: at, stop: { kind: "budget" } };
}

/** Executes the op at the end of the timeline. Null: there is a next index now. */
function extend(recording: Recording, at: number, host: MoveHost): Stop | null {
	for (;;) {
		const advance = recording.advance();
		if (advance.kind === "stepped") {
			host.onNewStep(at);
			return null;
		}
		if (advance.kind === "ended") return { kind: "end", outcome: recording.stateAt(at).outcome! };
		const answer = host.answer(at, advance.choice);
		if (answer === null) return { kind: "choice", choice: advance.choice };
		recording.decide(advance.choice, answer);
	}
}

/** Moves backwards from `index` over what is recorded. */
export function backwards(recording: Recording, index: number, host: MoveHost, options: MoveOptions): Moved {
	const first = Math.max(index - options.budget, 0);
	for (let at = index - 1; at >= first; at--) {
		if (options.goal(at)) return { index: at, stop: { kind: "goal" } };
		if (host.isWatched(at)) return { index: at, stop: { kind: "watch" } };
		const splat = splatAt(recording, at, host);
		if (splat !== undefined) return { index: at, stop: { kind: "splat", splat } };
		if (isArrival(recording, at) && host.isBreakpoint(at)) return { index: at, stop: { kind: "breakpoint" } };
	}
	return { index: first, stop: { kind: first === 0 ? "start" : "budget" } };
}

function splatAt(recording: Recording, at: number, host: MoveHost): Splat | undefined {
	const events = recording.eventsAt(at);
	for (const event of events) if (event.kind === "splat" && host.stopsAtSplat(event.splat, at)) return event.splat;
	return undefined;
}

/** The first index of a line in its activation: coming back from a call into the line is none. */
export function isArrival(recording: Recording, index: number): boolean {
	const before = recording.previousAt(index);
	return before < 0 || recording.lineAt(before) !== recording.lineAt(index);
}

// ---- goals ----

/** Where a movement forwards from an index ends. */
export function goalOf(recording: Recording, movement: Movement, from: number): Goal {
	switch (movement) {
		case "over":
			return nextLine(recording, from);
		case "in":
			return intoCall(recording, from);
		case "out":
			return outOfFrame(recording, from);
		case "op":
			return () => true;
		case "run":
			return nowhere;
	}
}

/** The same backwards: each undoes what it does forwards. */
export function backwardGoalOf(recording: Recording, movement: Movement, from: number): Goal {
	switch (movement) {
		case "over":
			return lineBefore(recording, from);
		case "in":
			return intoCallBefore(recording, from);
		case "out":
			return callOfFrame(recording, from);
		case "op":
			return () => true;
		case "run":
			return nowhere;
	}
}

/** The next line of this frame, or of one that it returns to. */
function nextLine(recording: Recording, from: number): Goal {
	const line = recording.lineAt(from);
	const depth = recording.depthAt(from);
	const frame = recording.frameAt(from);
	const task = recording.taskAt(from);
	return (index) => {
		if (recording.taskAt(index) !== task) return false;
		const now = recording.depthAt(index);
		if (now < depth) return true;
		if (now > depth) return false;
		return recording.lineAt(index) !== line || recording.frameAt(index) !== frame;
	};
}

/** The next line wherever it is. */
function intoCall(recording: Recording, from: number): Goal {
	const line = recording.lineAt(from);
	const frame = recording.frameAt(from);
	const task = recording.taskAt(from);
	return (index) => {
		if (recording.taskAt(index) !== task) return false;
		return recording.lineAt(index) !== line || recording.frameAt(index) !== frame;
	};
}

/** The caller of this frame. */
function outOfFrame(recording: Recording, from: number): Goal {
	const depth = recording.depthAt(from);
	const task = recording.taskAt(from);
	return (index) => recording.taskAt(index) === task && recording.depthAt(index) < depth;
}

const nowhere: Goal = () => false;

/** The start of the line before this one in this frame, or of the call that made this frame. */
function lineBefore(recording: Recording, from: number): Goal {
	const here = arrivalOf(recording, from);
	const earlier = recording.previousAt(here) >= 0 ? recording.previousAt(here) : beforeInTask(recording, here);
	const start = here < from ? here : arrivalOf(recording, earlier);
	return (index) => index === start;
}

/** Where stepping into calls would have come from: the stretch of a line before this one, in whichever frame. */
function intoCallBefore(recording: Recording, from: number): Goal {
	const here = stretchStart(recording, from);
	const start = here < from ? here : stretchStart(recording, beforeInTask(recording, from));
	return (index) => index === start;
}

/** First of the indices up to this one that are on its line without a call in between. */
function stretchStart(recording: Recording, index: number): number {
	const line = recording.lineAt(index);
	const frame = recording.frameAt(index);
	for (let start = index; ; ) {
		const before = beforeInTask(recording, start);
		if (before === start || recording.frameAt(before) !== frame || recording.lineAt(before) !== line) return start;
		start = before;
	}
}

/** The index before this one at which the same task ran; 0 when it had not. */
function beforeInTask(recording: Recording, index: number): number {
	const task = recording.taskAt(index);
	for (let at = index - 1; at > 0; at--) if (recording.taskAt(at) === task) return at;
	return 0;
}

/** The line that called this frame. */
function callOfFrame(recording: Recording, from: number): Goal {
	const first = frameStart(recording, from);
	const start = first === 0 ? 0 : arrivalOf(recording, beforeInTask(recording, first));
	return (index) => index === start;
}

/** First index of the activation that runs at `index`. */
export function frameStart(recording: Recording, index: number): number {
	let start = index;
	for (let before = start; before >= 0; before = recording.previousAt(before)) start = before;
	return start;
}

/** First index of the activation at a depth of the stack at `index`. */
export function frameStartAt(recording: Recording, index: number, depth: number): number {
	return frameStart(recording, indexAtDepth(recording, index, depth));
}

/** The newest index up to this one at which its task was no deeper than this. */
export function indexAtDepth(recording: Recording, index: number, depth: number): number {
	const task = recording.taskAt(index);
	let at = index;
	while (at > 0 && (recording.taskAt(at) !== task || recording.depthAt(at) > depth)) at--;
	return at;
}

/** Indices at which a line is arrived at, in order. */
export function arrivals(recording: Recording, isThere: (index: number) => boolean): number[] {
	const found: number[] = [];
	for (let at = 0; at <= recording.last; at++) if (isThere(at) && isArrival(recording, at)) found.push(at);
	return found;
}

/** First index of the line that `index` is in. */
export function arrivalOf(recording: Recording, index: number): number {
	let start = index;
	while (!isArrival(recording, start)) start = recording.previousAt(start);
	return start;
}
