// Data breakpoints: what one can wait for to change. Either a quantity of the machine, which has a lane in
// the track, or a place in memory or in a frame.

import { readField } from "./config.js";
import { known } from "./evaluate.js";
import { Machine, type State } from "./machine.js";
import type { Recording } from "./record.js";
import { EXCLUSIVE, LEVELS, lockLane, NOT_HELD } from "./track.js";
import { keyOf, type Place, type Value } from "./value.js";
import { valueText } from "./view.js";
import type { World } from "./world.js";

/** Data of a watch survives as text: it is the id that a debugger keeps. */
export type Watch =
	| { readonly kind: "lane"; readonly lane: string; readonly text: string }
	| {
			readonly kind: "field";
			readonly lane: string;
			readonly shift: number;
			readonly bits: number;
			readonly text: string;
	  }
	| { readonly kind: "place"; readonly key: string; readonly text: string }
	| { readonly kind: "local"; readonly frame: number; readonly index: number; readonly text: string };

/** The watch on a place: on the lock there, where one was ever taken, else on what is written to it. */
export function watchOnPlace(recording: Recording, place: Place, text: string): Watch {
	const lane = lockLane(place.key);
	if (recording.track.lanes.has(lane)) return { kind: "lane", lane, text };
	if (place.local !== undefined) return { kind: "local", ...place.local, text };
	return { kind: "place", key: place.key, text };
}

/** Does the step from an index to the next one change what is watched? */
export function isChange(recording: Recording, watch: Watch, index: number): boolean {
	if (watch.kind === "lane")
		return laneValue(recording, watch.lane, index) !== laneValue(recording, watch.lane, index + 1);
	if (watch.kind === "field") return fieldValue(recording, watch, index) !== fieldValue(recording, watch, index + 1);
	const before = placeValue(recording.stateAt(index), watch);
	const after = placeValue(recording.stateAt(index + 1), watch);
	if (before === after) return false;
	// a variable whose frame has ended has not changed
	if (after === null) return false;
	return before === undefined || before === null || after === undefined || keyOf(before) !== keyOf(after);
}

/** The value at an index, for people. */
export function watchedText(world: World, recording: Recording, watch: Watch, index: number): string {
	if (watch.kind === "lane") return laneText(watch.lane, laneValue(recording, watch.lane, index));
	if (watch.kind === "field") return String(fieldValue(recording, watch, index));
	const state = recording.stateAt(index);
	const value = placeValue(state, watch);
	if (value === undefined || value === null) return "not set";
	const shown = known(new Machine(world, state, []), value);
	return valueText(world, 0, shown, { name: "", pointers: 0 });
}

function laneValue(recording: Recording, lane: string, index: number): number {
	return recording.track.lanes.get(lane)?.series.valueAt(index) ?? 0;
}

function fieldValue(recording: Recording, watch: Watch & { readonly kind: "field" }, index: number): number {
	return readField(laneValue(recording, watch.lane, index), watch);
}

function laneText(lane: string, value: number): string {
	const kind = lane.slice(0, lane.indexOf("/"));
	switch (kind) {
		case "count":
			return countText(value);
		case "irqs":
			return value === 1 ? "enabled" : "disabled";
		case "lock":
			return value === NOT_HELD ? "not held" : value === EXCLUSIVE ? "held" : "held shared";
		case "level":
			return LEVELS[value] ?? String(value);
		default:
			return String(value);
	}
}

/** preempt_count as the kernel prints it. */
export function countText(count: number): string {
	return `0x${count.toString(16).padStart(8, "0")}`;
}

/** Null: the frame is not there. */
function placeValue(state: State, watch: Watch): Value | undefined | null {
	if (watch.kind === "place") return state.memory.get(watch.key);
	if (watch.kind !== "local") return null;
	for (const { frames } of state.tasks) {
		for (const frame of frames) if (frame.id === watch.frame) return frame.locals[watch.index];
	}
	return null;
}
