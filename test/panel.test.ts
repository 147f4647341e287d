// The panel without its page: what rows a timeline has, how a window zooms, how series keep and share out
// their spans.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Series } from "@might-sleep/analyzer/sim/series";
import { rowsOf, tickDistance, zoomed } from "@might-sleep/client/webview/rows";
import type { Timeline, TimelineLane } from "@might-sleep/server/debug/messages";

function lane(
	kind: string,
	cpu: number,
	label: string,
	...spans: readonly (readonly [number, number, number])[]
): TimelineLane {
	return { key: `${kind}/${cpu}`, kind, cpu, label, spans: spans.map(([from, to, value]) => ({ from, to, value })) };
}

const FIELDS = [
	{ name: "PREEMPT", shift: 0, bits: 8 },
	{ name: "HARDIRQ", shift: 16, bits: 4 },
];

function timelineOf(...lanes: readonly TimelineLane[]): Timeline {
	const functions = [{ from: 0, to: 10, value: 0 }];
	return {
		index: 0,
		last: 9,
		from: 0,
		to: 10,
		lanes,
		functions,
		names: ["box_store"],
		marks: [],
		fields: FIELDS,
		tasks: ["box_store/1000"],
	};
}

test("rows name what is on, by field of preempt_count", () => {
	const rows = rowsOf(
		timelineOf(
			lane("task", 0, "task", [0, 9, 0], [9, 10, -1]),
			lane("level", 0, "level", [0, 6, 0], [6, 8, 2], [8, 10, 0]),
			lane("count", 0, "count", [0, 3, 0], [3, 6, 1], [6, 8, 0x10001], [8, 10, 0]),
			lane("irqs", 0, "irqs", [0, 10, 1]),
			lane("lock", -1, "&box->lock", [0, 3, 0], [3, 8, 1], [8, 10, 2]),
			lane("rcu", 0, "RCU reader", [0, 10, 0]),
		),
	);
	const shown = rows.map(({ label, bars }) => [label, ...bars.map(({ from, to, text }) => `${from}-${to} ${text}`)]);
	assert.deepEqual(shown, [
		["CPU 0", "0-6 box_store/1000", "6-8 hardirq", "8-9 box_store/1000"],
		["function", "0-10 box_store()"],
		["PREEMPT", "3-8 1"],
		["HARDIRQ", "6-8 1"],
		["&box->lock", "3-8 held", "8-10 shared"],
	]);
});

test("a CPU that is asked to run another task says so, each for itself", () => {
	const rows = rowsOf(
		timelineOf(
			...[0, 1].flatMap((cpu) => [
				lane("level", cpu, "level", [0, 10, 0]),
				lane("resched", cpu, "resched", [0, 4, 0], [4, 6, cpu], [6, 10, 0]),
			]),
		),
	);
	const shown = rows.filter(({ label }) => label.startsWith("need_resched"));
	assert.deepEqual(
		shown.map(({ label, bars }) => [label, ...bars.map(({ from, to, tone }) => `${from}-${to} ${tone}`)]),
		[["need_resched 1", "4-6 resched"]],
	);
});

test("free pages have a row where they change, against the watermarks", () => {
	const zone = { name: "Normal", managed: 900, free: 70, min: 100, low: 120, high: 140, lowest: 70, reaches: [] };
	const free = { ...lane("free", -1, "free Normal", [0, 5, 200], [5, 10, 70]), key: "free/Normal" };
	const [row] = rowsOf(timelineOf(free), [zone]).filter(({ line }) => line !== undefined);
	assert.equal(row?.label, "free Normal");
	assert.deepEqual(
		row?.line?.levels.map(({ value }) => value),
		[100, 120, 140],
	);
	assert.ok(row!.line!.top >= 200);
	const steady = { ...free, spans: free.spans.slice(0, 1) };
	assert.deepEqual(rowsOf(timelineOf(steady), [zone]), []);
});

test("kswapd has a row while it is awake, and when it has given up", () => {
	const kswapd = { ...lane("kswapd", -1, "kswapd", [0, 3, 0], [3, 7, 1], [7, 10, 2]), key: "kswapd" };
	const [row] = rowsOf(timelineOf(kswapd)).filter(({ key }) => key === "kswapd");
	assert.deepEqual(
		row?.bars.map(({ from, to, text }) => `${from}-${to} ${text}`),
		["3-7 awake", "7-10 has given up"],
	);
	const asleep = { ...kswapd, spans: kswapd.spans.slice(0, 1) };
	assert.deepEqual(
		rowsOf(timelineOf(asleep)).filter(({ key }) => key === "kswapd"),
		[],
	);
});

test("rows of several CPUs say whose they are", () => {
	const lanes = [0, 1].flatMap((cpu) => [
		lane("level", cpu, "level", [0, 10, 0]),
		lane("irqs", cpu, "irqs", [0, 10, 0]),
	]);
	const labels = rowsOf(timelineOf(...lanes)).map(({ label }) => label);
	assert.deepEqual(labels, ["CPU 0", "function", "irqs off 0", "CPU 1", "irqs off 1"]);
});

test("the ruler's ticks are round and not too many", () => {
	assert.equal(tickDistance(8, 10), 1);
	assert.equal(tickDistance(25, 10), 5);
	assert.equal(tickDistance(1_000_000, 8), 200_000);
});

test("a window zooms around a step and stays in the run", () => {
	assert.deepEqual(zoomed({ from: 0, to: 100 }, 80, 0.5, 99), { from: 40, to: 90 });
	assert.deepEqual(zoomed({ from: 40, to: 90 }, 45, 4, 99), { from: 0, to: 100 });
	assert.deepEqual(zoomed({ from: 0, to: 12 }, 5, 0.1, 99), { from: 1, to: 11 });
});

test("a series gives back what was put in, whatever is cut", () => {
	const series = new Series();
	const values = Array.from({ length: 500 }, (_, i) => (Math.floor(i / 7) * 31) % 5);
	values.forEach((value, i) => {
		series.push(i, value);
	});
	values.forEach((value, i) => {
		assert.equal(series.valueAt(i), value);
	});
	assert.equal(series.valueAt(-1), undefined);
	series.cut(100);
	assert.equal(series.valueAt(499), values[100]);
	series.push(101, 9);
	assert.deepEqual(series.spans(98, 110, 1000), [
		{ from: 98, to: 101, value: values[100]! },
		{ from: 101, to: 110, value: 9 },
	]);
});

test("a window of many changes has as many spans as there is room for, and hides none", () => {
	const series = new Series();
	for (let i = 0; i < 100_000; i++) series.push(i, i % 3 === 0 ? 7 : i % 2);
	series.push(100_000, 0);
	const spans = series.spans(0, 200_000, 300);
	assert.ok(spans.length <= 600, `${spans.length} spans`);
	assert.equal(spans[0]!.from, 0);
	spans.forEach((span, i) => {
		assert.equal(span.to, spans[i + 1]?.from ?? 200_000);
	});
	assert.deepEqual(spans[0], { from: 0, to: spans[0]!.to, value: 7, many: true });
	assert.deepEqual(spans.at(-1)?.value, 0);
	assert.equal(spans.at(-1)?.many, undefined);
});
