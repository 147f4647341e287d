// Draws the timeline: a ruler, marks, one row of spans for each quantity, the playhead. Scrubs with pointer
// and keys; whoever made it decides what a step means.

import type { PanelZone, Timeline, TimelineMark } from "@might-sleep/server/debug/messages";
import { html, svg } from "./dom.js";
import { type Bar, type Line, type Row, rowsOf, tickDistance } from "./rows.js";

export interface TimelineEvents {
	readonly onSeek: (index: number) => void;
	/** zoom around a step: a factor below 1 shows fewer steps */
	readonly onZoom: (around: number, factor: number) => void;
	/** by this many windows to the right */
	readonly onPan: (windows: number) => void;
}

const ROW = 20;
const BAR = 16;
/** Height of the names of levels. */
const LEVEL_TEXT = 9;
/** Height of a row with a line. */
const CHART = 56;
const RULER = 18;
const MARKS = 28;
const RIGHT = 10;
/** Widths below which labels get less room. */
const NARROW = 620;
/** Width of a character in the small font, about. */
const CHAR = 6.4;
const TICK_ROOM = 70;

export class TimelineView {
	readonly element: HTMLElement;
	private timeline: Timeline | null = null;
	private zones: readonly PanelZone[] = [];
	private isDragging = false;
	/** where the pointer has put the playhead before the machine is there */
	private wanted: number | null = null;

	constructor(private readonly events: TimelineEvents) {
		this.element = html("div", {
			class: "timeline",
			role: "slider",
			tabindex: 0,
			"aria-label": "Step of the run",
			"aria-orientation": "horizontal",
		});
		this.element.addEventListener("pointerdown", (event) => this.press(event));
		this.element.addEventListener("pointermove", (event) => this.drag(event));
		this.element.addEventListener("pointerup", () => this.release());
		this.element.addEventListener("pointercancel", () => this.release());
		this.element.addEventListener("keydown", (event) => this.key(event));
		this.element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
	}

	/** Pixels for the spans. */
	get room(): number {
		return Math.max(Math.floor(this.width - this.gutter - RIGHT), 1);
	}

	show(timeline: Timeline, zones: readonly PanelZone[]): void {
		this.timeline = timeline;
		this.zones = zones;
		if (!this.isDragging) this.wanted = null;
		this.draw();
	}

	draw(): void {
		const { timeline } = this;
		if (timeline === null || this.width === 0) return;
		const rows = rowsOf(timeline, this.zones);
		let y = RULER + MARKS;
		const height = y + rows.reduce((sum, row) => sum + heightOf(row), 4);
		const image = svg("svg", { width: this.width, height, "aria-hidden": true, class: "lanes" });
		image.append(this.ruler(timeline, height), ...timeline.marks.map((mark) => this.mark(mark)));
		for (const row of rows) {
			image.append(this.row(row, y));
			y += heightOf(row);
		}
		image.append(this.playhead(timeline, height));
		this.element.replaceChildren(image);
		const { index, last } = timeline;
		const set = (name: string, value: string | number) => this.element.setAttribute(name, String(value));
		set("aria-valuemin", 0);
		set("aria-valuemax", last);
		set("aria-valuenow", index);
		set("aria-valuetext", `step ${index} of ${last}`);
	}

	private get width(): number {
		return this.element.clientWidth;
	}
	private get gutter(): number {
		return this.width < NARROW ? 96 : 160;
	}

	private x(index: number): number {
		const { from, to } = this.timeline!;
		return this.gutter + ((index - from) / (to - from)) * this.room;
	}

	private ruler(timeline: Timeline, height: number): SVGElement {
		const group = svg("g", { class: "ruler" });
		const distance = tickDistance(timeline.to - timeline.from, this.room / TICK_ROOM);
		for (let at = Math.ceil(timeline.from / distance) * distance; at < timeline.to; at += distance) {
			const x = Math.round(this.x(at)) + 0.5;
			group.append(svg("line", { x1: x, x2: x, y1: RULER - 4, y2: height }));
			group.append(svg("text", { x: x + 3, y: RULER - 6 }, at.toLocaleString("en")));
		}
		return group;
	}

	private mark(mark: TimelineMark): SVGElement {
		const x = this.x(mark.index);
		const y = RULER + (mark.kind === "splat" ? 8 : 20);
		const shapes = {
			splat: `M${x} ${y - 7}L${x + 7} ${y + 6}H${x - 7}Z`,
			choice: `M${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}L${x - 5} ${y}Z`,
			note: `M${x - 2} ${y - 2}h4v4h-4Z`,
		};
		const more = mark.count > 1 ? ` and ${mark.count - 1} more` : "";
		const title = svg("title", {}, `step ${mark.index}: ${mark.text}${more}`);
		return svg("path", { d: shapes[mark.kind], class: `mark ${mark.kind}`, "data-index": mark.index }, title);
	}

	private row(row: Row, y: number): SVGElement {
		const group = svg("g", { class: "row" });
		const label = fitted(row.label, this.gutter - 10);
		group.append(svg("text", { class: "label", x: 4, y: y + 14 }, svg("title", {}, row.about), label));
		if (row.line !== undefined) group.append(...this.line(row.line, row, y));
		group.append(
			svg("line", {
				class: "base",
				x1: this.gutter,
				x2: this.width - RIGHT,
				y1: y + heightOf(row) - 0.5,
				y2: y + heightOf(row) - 0.5,
			}),
		);
		for (const bar of row.bars) group.append(this.bar(bar, row, y + 1));
		return group;
	}

	private line(line: Line, row: Row, top: number): SVGElement[] {
		const y = (value: number) => top + CHART - 3 - (Math.min(value, line.top) / line.top) * (CHART - 8);
		const path = line.spans.map(({ from, to, value }, i) => {
			return `${i === 0 ? "M" : "L"}${this.x(from)} ${y(value)}H${this.x(to)}`;
		});
		const right = this.width - RIGHT;
		const levels: SVGElement[] = [];
		let lowest = Number.NEGATIVE_INFINITY;
		// the highest first: of names that would lie over each other the upper one stays
		for (const { name, value } of [...line.levels].reverse()) {
			const at = y(value);
			levels.push(svg("line", { class: `level ${name}`, x1: this.gutter, x2: right, y1: at, y2: at }));
			if (at < lowest + LEVEL_TEXT) continue;
			levels.push(svg("text", { class: "level", x: right - 2, y: at - 2, "text-anchor": "end" }, name));
			lowest = at;
		}
		const about = `${row.about}, from ${line.spans[0]!.value} to ${line.spans.at(-1)!.value}`;
		return [...levels, svg("path", { class: "free", d: path.join("") }, svg("title", {}, about))];
	}

	private bar(bar: Bar, row: Row, y: number): SVGElement {
		const x = this.x(bar.from);
		const width = Math.max(this.x(bar.to) - x, 1.5);
		const text = fitted(bar.text, width - 6);
		const steps = bar.to - bar.from === 1 ? `step ${bar.from}` : `steps ${bar.from} to ${bar.to - 1}`;
		const what = bar.isMany ? `${row.about}: several changes` : `${row.about}: ${bar.text}`;
		return svg(
			"g",
			{ class: `bar ${bar.tone}${bar.isMany ? " many" : ""}` },
			svg("title", {}, `${what}, ${steps}`),
			svg("rect", { x, y, width, height: BAR }),
			...(text === "" || bar.isMany ? [] : [svg("text", { x: x + 4, y: y + 12 }, text)]),
		);
	}

	private playhead(timeline: Timeline, height: number): SVGElement {
		const index = this.wanted ?? timeline.index;
		const group = svg("g", { class: "playhead" });
		if (index < timeline.from || index >= timeline.to) return group;
		const x = this.x(index);
		const text = index.toLocaleString("en");
		const width = text.length * CHAR + 14;
		const left = Math.min(Math.max(x - width / 2, this.gutter - 4), this.width - width);
		group.append(svg("line", { x1: x, x2: x, y1: RULER - 2, y2: height }));
		group.append(svg("rect", { x: left, y: 0, width, height: RULER - 2, rx: 2 }));
		group.append(svg("text", { x: left + 7, y: 12 }, text));
		return group;
	}

	// ---- scrubbing ----

	private indexAt(event: PointerEvent | WheelEvent): number {
		const { from, to, last } = this.timeline!;
		const x = event.clientX - this.element.getBoundingClientRect().left;
		const index = Math.round(from + ((x - this.gutter) / this.room) * (to - from));
		return Math.min(Math.max(index, 0), last);
	}

	private press(event: PointerEvent): void {
		if (this.timeline === null || event.button !== 0) return;
		const marked = (event.target as Element).closest<SVGElement>("[data-index]")?.dataset.index;
		this.element.setPointerCapture(event.pointerId);
		this.isDragging = true;
		this.go(marked === undefined ? this.indexAt(event) : Number(marked));
	}

	private drag(event: PointerEvent): void {
		if (this.isDragging) this.go(this.indexAt(event));
	}

	private release(): void {
		this.isDragging = false;
	}

	/** Shows the playhead there at once; the machine follows. */
	private go(index: number): void {
		if (index === (this.wanted ?? this.timeline!.index)) return;
		this.wanted = index;
		this.draw();
		this.events.onSeek(index);
	}

	private key(event: KeyboardEvent): void {
		if (this.timeline === null) return;
		const { last, from, to } = this.timeline;
		const index = this.wanted ?? this.timeline.index;
		const page = Math.max(Math.round((to - from) / 10), 1);
		const one = event.shiftKey ? 10 : 1;
		const goals: Readonly<Record<string, number>> = {
			ArrowLeft: index - one,
			ArrowDown: index - one,
			ArrowRight: index + one,
			ArrowUp: index + one,
			PageDown: index - page,
			PageUp: index + page,
			Home: 0,
			End: last,
		};
		const goal = goals[event.key];
		if (goal !== undefined) this.go(Math.min(Math.max(goal, 0), last));
		else if (event.key === "+" || event.key === "=") this.events.onZoom(index, 1 / 2);
		else if (event.key === "-") this.events.onZoom(index, 2);
		else return;
		event.preventDefault();
	}

	private wheel(event: WheelEvent): void {
		if (this.timeline === null) return;
		if (event.ctrlKey || event.metaKey) this.events.onZoom(this.indexAt(event), event.deltaY < 0 ? 0.8 : 1.25);
		else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
			this.events.onPan((event.deltaX || event.deltaY) / this.room);
		} else return;
		event.preventDefault();
	}
}

function heightOf(row: Row): number {
	return row.line === undefined ? ROW : CHART;
}

/** A text that fits into so many pixels, shortened; empty when there is no room. */
function fitted(text: string, width: number): string {
	const most = Math.floor(width / CHAR);
	if (text.length <= most) return text;
	return most < 3 ? "" : `${text.slice(0, most - 1)}…`;
}
