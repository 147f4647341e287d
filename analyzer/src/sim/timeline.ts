// The timeline of a run as a panel draws it: lanes of spans and marks between two indices, no more of them
// than there is room for, however many steps lie between.

import type { LockKind } from "../model/schema.js";
import { type SimEvent, taskName } from "./machine.js";
import type { Recording } from "./record.js";
import type { Span } from "./series.js";
import type { LaneKind } from "./track.js";

export interface LaneView {
	readonly key: string;
	readonly kind: LaneKind;
	readonly cpu: number;
	readonly label: string;
	readonly lockKind?: LockKind;
	readonly spans: readonly Span[];
}

export interface MarkView {
	/** of the first, where there are more than room for */
	readonly index: number;
	readonly kind: "splat" | "choice" | "note";
	readonly text: string;
	/** marks of this kind that are put together here */
	readonly count: number;
}

export interface TimelineView {
	readonly from: number;
	/** the first index after the window */
	readonly to: number;
	readonly lanes: readonly LaneView[];
	/** names of the tasks; values of lanes of the kind "task" are indices into it */
	readonly tasks: readonly string[];
	/** the function that runs; values are indices into `names` */
	readonly functions: readonly Span[];
	readonly names: readonly string[];
	readonly marks: readonly MarkView[];
}

/** The window `from`..`to` (excluded) for a drawing that is `room` pixels wide. */
export function timelineOf(recording: Recording, from: number, to: number, room: number): TimelineView {
	const start = Math.max(0, Math.min(from, recording.last));
	const end = Math.max(start + 1, Math.min(to, recording.last + 1));
	const lanes: LaneView[] = [];
	for (const { key, kind, cpu, label, lockKind, series } of recording.track.lanes.values()) {
		// of many changes of free pages the lowest counts
		const spans = series.spans(start, end, room, kind === "free" ? Math.min : Math.max);
		lanes.push({ key, kind, cpu, label, spans, ...(lockKind === undefined ? {} : { lockKind }) });
	}
	return {
		from: start,
		to: end,
		lanes,
		tasks: recording.stateAt(recording.last).tasks.map(taskName),
		marks: marksOf(recording, start, end, room),
		...functionsOf(recording, start, end, room),
	};
}

function functionsOf(recording: Recording, from: number, to: number, room: number) {
	const names: string[] = [];
	const nameOf = new Map<number, number>();
	const functions: Span[] = [];
	const share = Math.max((to - from) / room, 1);
	let start = from;
	for (let at = from + 1; at <= to; at++) {
		if (at < to && (at - start < share || recording.frameAt(at) === recording.frameAt(start))) continue;
		const fn = recording.fnAt(start);
		let name = nameOf.get(fn);
		if (name === undefined) {
			name = names.push(recording.world.program.fnName(fn)) - 1;
			nameOf.set(fn, name);
		}
		functions.push({ from: start, to: at, value: name });
		start = at;
	}
	return { functions, names };
}

function marksOf(recording: Recording, from: number, to: number, room: number): MarkView[] {
	const share = Math.max((to - from) / room, 1);
	const newest = new Map<MarkView["kind"], number>();
	const marks: MarkView[] = [];
	const put = (index: number, kind: MarkView["kind"], text: string): void => {
		const last = newest.get(kind);
		const mark = last === undefined ? undefined : marks[last]!;
		if (last !== undefined && mark !== undefined && index - mark.index < share) {
			marks[last] = { ...mark, count: mark.count + 1 };
			return;
		}
		newest.set(kind, marks.push({ index, kind, text, count: 1 }) - 1);
	};
	for (const [index, events] of recording.eventsBetween(from, to)) {
		for (const event of events) put(index, event.kind, textOfEvent(event));
	}
	for (const { index, choice, answer } of recording.decisions()) {
		if (index >= from && index < to) put(index, "choice", `${choice.text}: ${choice.options[answer]}`);
	}
	return marks;
}

function textOfEvent(event: SimEvent): string {
	return event.kind === "splat" ? event.splat.title : event.text;
}
