// The panel's page: buttons, the timeline, the machine. Asks the extension for the part of the run that it
// shows, so that a run of any length costs the same.

import type { Timeline } from "@might-sleep/server/debug/messages";
import { button, html } from "./dom.js";
import { movementIcon } from "./icons.js";
import { MachineView } from "./machineView.js";
import type { FromPage, PageMovement, ToPage } from "./messages.js";
import { zoomed } from "./rows.js";
import { TimelineView } from "./timelineView.js";

interface Host {
	postMessage(message: FromPage): void;
}
declare function acquireVsCodeApi(): Host;

const host = acquireVsCodeApi();

/** The part of the run that is shown; null: all of it, however long it gets. */
let shownPart: { readonly from: number; readonly to: number } | null = null;
let timeline: Timeline | null = null;

const lanes = new TimelineView({
	onSeek: (index) => host.postMessage({ kind: "seek", index }),
	onZoom: zoom,
	onPan: (windows) => {
		if (timeline === null) return;
		const length = timeline.to - timeline.from;
		const from = Math.min(Math.max(Math.round(timeline.from + windows * length), 0), timeline.last + 1 - length);
		look({ from: Math.max(from, 0), to: Math.max(from, 0) + length });
	},
});
const machine = new MachineView({
	onChoose: (choice) => host.postMessage({ kind: "choose", choice }),
	onMemory: (memory) => host.postMessage({ kind: "memory", memory }),
	onAct: (action) => host.postMessage({ kind: "act", action }),
	onSeek: (index) => host.postMessage({ kind: "seek", index }),
});

/** Movements: those backwards on the left, those forwards on the right, as in a mirror. */
const MOVES: readonly (readonly [movement: PageMovement, title: string])[] = [
	["reverseContinue", "Run back (to a breakpoint, a change, the beginning)"],
	["reverseStepOut", "Step back out: to the call of this function"],
	["reverseStepInto", "Step back into: to the end of the call before"],
	["stepBack", "Step back: to the line before"],
	["stepOver", "Step over: to the next line"],
	["stepInto", "Step into"],
	["stepOut", "Step out: to the caller"],
	["continue", "Continue"],
];

const place = html("span", { class: "place", role: "status" });
const moves = MOVES.map(([movement, title]) => {
	const made = button("", () => host.postMessage({ kind: "move", movement }), { title, "aria-label": title });
	made.append(movementIcon(movement));
	return made;
});
const zooms = [
	button("−", () => zoom(timeline?.index ?? 0, 2), { title: "Show more steps", "aria-label": "Show more steps" }),
	button("+", () => zoom(timeline?.index ?? 0, 1 / 2), { title: "Show fewer steps", "aria-label": "Show fewer steps" }),
	button("all", () => look(null), { title: "Show the whole run" }),
];
const shown = html(
	"main",
	{ class: "shown" },
	html(
		"header",
		{},
		html("div", { class: "moves", role: "toolbar", "aria-label": "Movements" }, ...moves),
		place,
		html("div", { class: "zooms", role: "toolbar", "aria-label": "Part of the run" }, ...zooms),
	),
	html("div", { class: "columns" }, lanes.element, machine.element),
);
const idle = html(
	"div",
	{ class: "idle" },
	html("p", {}, "Nothing is simulated. Put the cursor into a function and step through it, or open a scenario."),
	html(
		"div",
		{ class: "launches" },
		button("Step through the function at the cursor", () => host.postMessage({ kind: "launch" }), { class: "launch" }),
		button("Open a scenario…", () => host.postMessage({ kind: "open-scenario" })),
	),
);
document.body.append(shown, idle);
document.body.dataset.kind = "idle";

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
	document.body.dataset.kind = data.kind;
	if (data.kind !== "shown") return;
	const { state } = data;
	timeline = data.timeline;
	const { place: at } = state;
	const file = at === null ? "" : `${at.path.slice(at.path.lastIndexOf("/") + 1)}:${at.line}`;
	place.textContent = at === null ? "" : `${at.function}() ${file}`;
	place.title = at === null ? "" : `${at.path}:${at.line}, step ${state.index} of ${state.last}`;
	lanes.show(timeline, state.zones);
	machine.show(state, timeline);
	follow(timeline);
});
new ResizeObserver(() => {
	lanes.draw();
	ask();
}).observe(lanes.element);

/** Brings a playhead that has left the window back into it. */
function follow({ index, from, to, last }: Timeline): void {
	if (shownPart === null || (index >= from && index < to)) return;
	look(zoomed({ from: index - (to - from) / 2, to: index + (to - from) / 2 }, index, 1, last));
}

function zoom(around: number, factor: number): void {
	if (timeline === null) return;
	const part = zoomed(timeline, around, factor, timeline.last);
	look(part.to - part.from > timeline.last ? null : part);
}

function look(part: typeof shownPart): void {
	shownPart = part;
	ask();
}

function ask(): void {
	host.postMessage({ kind: "window", room: lanes.room, from: shownPart?.from ?? null, to: shownPart?.to ?? null });
}

ask();
