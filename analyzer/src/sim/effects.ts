// What each line of an activation did, in a few words for the space beside it: locks taken, interrupts off,
// variables set, splats.

import type { State } from "./machine.js";
import { arrivalOf } from "./navigate.js";
import type { Recording } from "./record.js";
import { type Lane, NOT_HELD, SHARED } from "./track.js";
import { keyOf, textOf } from "./value.js";
import { valueText } from "./view.js";
import type { World } from "./world.js";

export interface LineEffect {
	readonly line: number;
	readonly text: string;
}

/** Lines looked back at. */
const MAX_VISITS = 400;

interface Visit {
	readonly line: number;
	readonly from: number;
	readonly to: number;
}

/** The effects of the lines that the frame at a depth has run, the newest visit of each line. */
export function lineEffects(world: World, recording: Recording, index: number, depth: number): LineEffect[] {
	let at = index;
	while (at > 0 && recording.depthAt(at) > depth) at--;
	const seen = new Set<number>();
	const effects: LineEffect[] = [];
	for (const visit of visitsBefore(recording, at)) {
		if (seen.has(visit.line)) continue;
		seen.add(visit.line);
		const text = effectOf(world, recording, visit, depth);
		if (text !== "") effects.push({ line: visit.line, text });
	}
	return effects.sort((a, b) => a.line - b.line);
}

/** Lines that were left before an index of their activation, newest first. */
function visitsBefore(recording: Recording, index: number): Visit[] {
	const visits: Visit[] = [];
	let to = arrivalOf(recording, index);
	for (let before = recording.previousAt(to); before >= 0 && visits.length < MAX_VISITS; ) {
		const from = arrivalOf(recording, before);
		visits.push({ line: recording.lineAt(from), from, to });
		to = from;
		before = recording.previousAt(from);
	}
	return visits;
}

function effectOf(world: World, recording: Recording, visit: Visit, depth: number): string {
	const parts: string[] = [];
	for (const [, events] of recording.eventsBetween(visit.from, visit.to)) {
		for (const event of events) if (event.kind === "splat") parts.push(event.splat.title);
	}
	for (const lane of recording.track.lanes.values()) {
		const before = lane.series.valueAt(visit.from);
		const after = lane.series.valueAt(visit.to);
		if (after !== undefined && before !== after) parts.push(...laneEffect(lane, before ?? 0, after));
	}
	parts.push(...localEffects(world, recording.stateAt(visit.from), recording.stateAt(visit.to), depth));
	return parts.join(", ");
}

function laneEffect(lane: Lane, before: number, after: number): string[] {
	switch (lane.kind) {
		case "count":
			return [`preempt_count 0x${after.toString(16)}`];
		case "irqs":
			return [after === 1 ? "irqs on" : "irqs off"];
		case "lock":
			return [`${lane.label} ${after === NOT_HELD ? "released" : after === SHARED ? "held shared" : "held"}`];
		case "rcu":
			return [after > before ? "RCU reader" : after === 0 ? "RCU reader ends" : "inner RCU reader ends"];
		case "level":
		case "resched":
			return [];
	}
}

function localEffects(world: World, before: State, after: State, depth: number): string[] {
	const then = before.tasks[before.cpus[before.cpu]!.task]!.frames[depth];
	const now = after.tasks[after.cpus[after.cpu]!.task]!.frames[depth];
	if (then === undefined || now === undefined || then.id !== now.id || then.locals === now.locals) return [];
	const parts: string[] = [];
	for (let i = 0; i < now.locals.length; i++) {
		const value = now.locals[i];
		const old = then.locals[i];
		const name = world.varName(now.fn, i);
		if (value === undefined || name === "" || (old !== undefined && keyOf(old) === keyOf(value))) continue;
		const shown = valueText(world, world.program.fnFile(now.fn), value, world.varType(now.fn, i));
		parts.push(`${name} = ${value.kind === "unknown" ? textOf(value) : shown}`);
	}
	return parts;
}
