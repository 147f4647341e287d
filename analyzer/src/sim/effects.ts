// What each line of an activation did, in a few words for the space beside it: locks taken, interrupts off,
// variables set, splats.

import type { State, Task } from "./machine.js";
import { arrivalOf, indexAtDepth } from "./navigate.js";
import type { Recording } from "./record.js";
import type { Lane } from "./track.js";
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
	const at = indexAtDepth(recording, index, depth);
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
	const before = recording.stateAt(visit.from);
	const after = recording.stateAt(visit.to);
	const task = recording.taskAt(visit.from);
	const lanes = [`count/${before.cpu}`, `irqs/${before.cpu}`, `rcu/${task}`];
	for (const lane of lanes) parts.push(...laneEffect(recording.track.lanes.get(lane), visit));
	parts.push(...lockEffects(before.tasks[task]!, after.tasks[task]!));
	parts.push(...localEffects(world, before, after, depth));
	return parts.join(", ");
}

function laneEffect(lane: Lane | undefined, visit: Visit): string[] {
	const before = lane?.series.valueAt(visit.from) ?? 0;
	const after = lane?.series.valueAt(visit.to) ?? 0;
	if (before === after) return [];
	switch (lane?.kind) {
		case "count":
			return [`preempt_count 0x${after.toString(16)}`];
		case "irqs":
			return [after === 1 ? "irqs on" : "irqs off"];
		case "rcu":
			return [after > before ? "RCU reader" : after === 0 ? "RCU reader ends" : "inner RCU reader ends"];
		default:
			return [];
	}
}

function lockEffects(before: Task, after: Task): string[] {
	if (before.locks === after.locks) return [];
	const has = (task: Task, key: string) => task.locks.some((lock) => lock.key === key);
	const taken = after.locks.filter(({ key }) => !has(before, key));
	const released = before.locks.filter(({ key }) => !has(after, key));
	return [
		...taken.map(({ text, mode }) => `${text} held${mode === "shared" ? " shared" : ""}`),
		...released.map(({ text }) => `${text} released`),
	];
}

function localEffects(world: World, before: State, after: State, depth: number): string[] {
	const task = before.cpus[before.cpu]!.task;
	const then = before.tasks[task]!.frames[depth];
	const now = after.tasks[task]?.frames[depth];
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
