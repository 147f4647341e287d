// From a timeline to rows of labelled spans: what is drawn, before it is drawn. Knows nothing of the page.

import type { PanelZone, Timeline, TimelineLane, TimelineSpan } from "@might-sleep/server/debug/messages";

export interface Bar {
	readonly from: number;
	readonly to: number;
	/** inside the bar, where it fits */
	readonly text: string;
	/** colour class */
	readonly tone: Tone;
	/** more happened here than is shown */
	readonly isMany: boolean;
}

export type Tone =
	| "process"
	| "softirq"
	| "hardirq"
	| "nmi"
	| "function"
	| "irqs"
	| "resched"
	| "count"
	| "lock"
	| "shared"
	| "rcu"
	| "grace"
	| "kswapd";

/** A quantity as a line over the steps, with levels to compare it with. */
export interface Line {
	readonly spans: readonly TimelineSpan[];
	readonly top: number;
	readonly levels: readonly { readonly name: string; readonly value: number }[];
}

export interface Row {
	readonly key: string;
	readonly label: string;
	/** what the row is, for who cannot see it and for the tooltip */
	readonly about: string;
	readonly bars: readonly Bar[];
	readonly line?: Line;
}

const LEVELS: readonly Tone[] = ["process", "softirq", "hardirq", "nmi"];

/** The rows of a timeline, top to bottom. Quantities that stay at nought in the window have none. */
export function rowsOf(timeline: Timeline, zones: readonly PanelZone[] = []): Row[] {
	const cpus = [...new Set(timeline.lanes.filter(({ kind }) => kind === "level").map(({ cpu }) => cpu))];
	const rows: Row[] = [];
	for (const cpu of cpus) rows.push(...rowsOfCpu(timeline, cpu, cpus.length > 1));
	for (const lane of timeline.lanes) if (lane.kind === "lock") rows.push(...lockRow(lane));
	for (const lane of timeline.lanes) if (lane.kind === "rcu") rows.push(...readerRow(lane));
	for (const lane of timeline.lanes) if (lane.kind === "grace-period") rows.push(...gracePeriodRow(lane));
	for (const zone of zones) rows.push(...freeRow(timeline, zone));
	for (const lane of timeline.lanes) if (lane.kind === "kswapd") rows.push(...kswapdRow(lane));
	return rows;
}

/** So many times the high watermark free, nobody minds. */
const PLENTY = 4;

/** The free pages of a zone against its watermarks, where they change. */
function freeRow(timeline: Timeline, { name, min, low, high }: PanelZone): Row[] {
	const lane = timeline.lanes.find(({ key }) => key === `free/${name}`);
	if (lane === undefined || lane.spans.length < 2) return [];
	if (lane.spans.every(({ value }) => value > high * PLENTY)) return [];
	const top = Math.max(high, ...lane.spans.map(({ value }) => value)) * 1.1;
	const levels = [
		{ name: "min", value: min },
		{ name: "low", value: low },
		{ name: "high", value: high },
	];
	const about = `free pages of the zone ${name}`;
	return [{ key: lane.key, label: lane.label, about, bars: [], line: { spans: lane.spans, top, levels } }];
}

function rowsOfCpu(timeline: Timeline, cpu: number, isOneOfMany: boolean): Row[] {
	const lane = (kind: string) => timeline.lanes.find((one) => one.kind === kind && one.cpu === cpu);
	const suffix = isOneOfMany ? ` ${cpu}` : "";
	const rows: Row[] = [];
	rows.push({
		key: `cpu/${cpu}`,
		label: `CPU ${cpu}`,
		about: `what CPU ${cpu} runs`,
		bars: taskBars(lane("task")?.spans ?? [], lane("level")?.spans ?? [], timeline.tasks),
	});
	if (cpu === 0) rows.push(functionRow(timeline));
	const irqs = lane("irqs");
	if (irqs !== undefined) {
		const bars = irqs.spans.filter(({ value }) => value === 0).map((span) => bar(span, "off", "irqs"));
		if (bars.length > 0)
			rows.push({ key: irqs.key, label: `irqs off${suffix}`, about: "interrupts are disabled", bars });
	}
	const resched = lane("resched");
	if (resched !== undefined) {
		const bars = resched.spans.filter(({ value }) => value !== 0).map((span) => bar(span, "wanted", "resched"));
		const about = `CPU ${cpu} is asked to run another task (need_resched)`;
		if (bars.length > 0) rows.push({ key: resched.key, label: `need_resched${suffix}`, about, bars });
	}
	const count = lane("count");
	if (count !== undefined) rows.push(...fieldRows(timeline, count, suffix));
	return rows;
}

/** Who runs, cut where the context changes: a task, or what interrupts it. */
function taskBars(tasks: readonly TimelineSpan[], levels: readonly TimelineSpan[], names: readonly string[]): Bar[] {
	const bars: Bar[] = [];
	let first = 0;
	for (const task of tasks) {
		while (first < levels.length && levels[first]!.to <= task.from) first++;
		for (let i = first; i < levels.length && levels[i]!.from < task.to; i++) {
			if (task.value === IDLE) continue;
			const level = levels[i]!;
			const tone = LEVELS[level.value] ?? "process";
			const text = tone === "process" ? (names[task.value] ?? tone) : tone;
			const span = { from: Math.max(task.from, level.from), to: Math.min(task.to, level.to), value: 0 };
			bars.push({ ...bar(span, text, tone), isMany: task.many === true || level.many === true });
		}
	}
	return bars;
}

/** Value of a lane of tasks where nothing runs. */
const IDLE = -1;

function functionRow(timeline: Timeline): Row {
	const bars = timeline.functions.map((span) => bar(span, `${timeline.names[span.value]}()`, "function"));
	return { key: "functions", label: "function", about: "the function that runs", bars };
}

/** A row for each field of preempt_count that is not nought somewhere. */
function fieldRows(timeline: Timeline, count: TimelineLane, suffix: string): Row[] {
	const rows: Row[] = [];
	for (const { name, shift, bits } of timeline.fields) {
		const bars: Bar[] = [];
		for (const span of count.spans) {
			const value = Math.floor(span.value / 2 ** shift) % 2 ** bits;
			const last = bars[bars.length - 1];
			if (value === 0) continue;
			const text = String(value);
			if (last !== undefined && last.to === span.from && last.text === text && !span.many && !last.isMany) {
				bars[bars.length - 1] = { ...last, to: span.to };
			} else bars.push(bar(span, text, "count"));
		}
		if (bars.length > 0) {
			rows.push({ key: `${count.key}/${name}`, label: `${name}${suffix}`, about: `${name} of preempt_count`, bars });
		}
	}
	return rows;
}

function lockRow(lane: TimelineLane): Row[] {
	const held = lane.spans.filter(({ value }) => value !== 0);
	if (held.length === 0) return [];
	const bars = held.map((span) => (span.value === 2 ? bar(span, "shared", "shared") : bar(span, "held", "lock")));
	return [{ key: lane.key, label: lane.label, about: `the lock ${lane.label} is held`, bars }];
}

function readerRow(lane: TimelineLane): Row[] {
	const open = lane.spans.filter(({ value }) => value !== 0);
	if (open.length === 0) return [];
	const bars = open.map((span) => bar(span, span.value > 1 ? `reader, ${span.value} deep` : "reader", "rcu"));
	return [{ key: lane.key, label: lane.label, about: "an RCU read-side critical section is open", bars }];
}

function gracePeriodRow(lane: TimelineLane): Row[] {
	const active = lane.spans.filter(({ value }) => value !== 0);
	if (active.length === 0) return [];
	const bars = active.map((span) => bar(span, `number ${span.value}`, "grace"));
	return [{ key: lane.key, label: lane.label, about: "an RCU grace period", bars }];
}

/** Values of its lane: asleep, awake, given up. */
const KSWAPD = ["", "awake", "has given up"];

function kswapdRow(lane: TimelineLane): Row[] {
	const busy = lane.spans.filter(({ value }) => value !== 0);
	if (busy.length === 0) return [];
	const bars = busy.map((span) => bar(span, KSWAPD[span.value] ?? "", "kswapd"));
	return [{ key: lane.key, label: lane.label, about: "kswapd frees pages in the background", bars }];
}

function bar(span: TimelineSpan, text: string, tone: Tone): Bar {
	return { from: span.from, to: span.to, text, tone, isMany: span.many === true };
}

/** Distance of the ruler's ticks: 1, 2 or 5 times a power of ten, so that at most `most` fit. */
export function tickDistance(span: number, most: number): number {
	const least = Math.max(span / Math.max(most, 1), 1);
	const power = 10 ** Math.floor(Math.log10(least));
	for (const times of [1, 2, 5]) if (power * times >= least) return power * times;
	return power * 10;
}

/** A window around a point, `factor` times as long, within the run. */
export function zoomed(window: { from: number; to: number }, around: number, factor: number, last: number) {
	const length = Math.min(Math.max(Math.round((window.to - window.from) * factor), MIN_WINDOW), last + 1);
	const share = (around - window.from) / Math.max(window.to - window.from, 1);
	const from = Math.min(Math.max(Math.round(around - share * length), 0), Math.max(last + 1 - length, 0));
	return { from, to: from + length };
}

/** Steps of the narrowest window. */
const MIN_WINDOW = 10;
