// The debug adapter over stdio, back and forth in time: reverse movements, breakpoints of every kind, data
// breakpoints, going to a step, changing the machine, what a panel asks.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { PanelState, Timeline } from "@might-sleep/server/debug/messages";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { DapClient } from "./harness/dapClient.js";

const RACK = fileURLToPath(new URL("../fixtures/dap/rack.c", import.meta.url));
const BOX = fileURLToPath(new URL("../fixtures/dap/box.c", import.meta.url));
const clients: DapClient[] = [];

type Breakpoints = { readonly breakpoints: readonly DebugProtocol.Breakpoint[] };

/** A session that stands at the first line of rack_fill(), or of another function. */
async function start(args: object = {}): Promise<DapClient> {
	const client = DapClient.spawn();
	clients.push(client);
	await client.launch({ function: "rack_fill", file: RACK, ...args }, { filters: [] });
	return client;
}

after(() => {
	for (const client of clients) client.kill();
});

/** The stack as `function:line`, innermost first. */
async function stack(client: DapClient): Promise<string> {
	return (await client.frames()).map(({ name, line }) => `${name}:${line}`).join(" ");
}

async function setLine(client: DapClient, breakpoint: object, path = RACK): Promise<DebugProtocol.Breakpoint> {
	const args = { source: { path }, breakpoints: [breakpoint] };
	return (await client.request<Breakpoints>("setBreakpoints", args)).breakpoints[0]!;
}

/** Sets a data breakpoint on a row of a scope, or on an expression. */
async function watch(client: DapClient, name: string, scope?: string, terms: object = {}): Promise<string> {
	const frameId = (await client.frames())[0]!.id;
	const { scopes } = await client.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId });
	const variablesReference = scopes.find((one) => one.name === scope)?.variablesReference;
	const where = variablesReference === undefined ? { frameId } : { variablesReference };
	const info = await client.request<{ dataId: string | null }>("dataBreakpointInfo", { name, ...where });
	assert.ok(info.dataId !== null, `${name} can be watched`);
	const { breakpoints } = await client.request<Breakpoints>("setDataBreakpoints", {
		breakpoints: [{ dataId: info.dataId, accessType: "write", ...terms }],
	});
	assert.equal(breakpoints[0]!.verified, true);
	return info.dataId;
}

test("every movement goes backwards too", async () => {
	const client = await start();
	assert.equal(await stack(client), "rack_fill:16");
	await setLine(client, { line: 22 });
	await client.move("continue");
	assert.equal(await stack(client), "rack_fill:22");
	assert.equal((await client.move("might-sleep/reverseStepIn")).reason, "step");
	assert.equal(await stack(client), "rack_fill:20", "the test that ended the loop");
	await client.move("might-sleep/reverseStepIn");
	assert.equal(await stack(client), "rack_fill:21");
	await client.move("might-sleep/reverseStepIn");
	assert.equal(await stack(client), "rack_take:11 rack_fill:21");
	await client.move("stepBack");
	assert.equal(await stack(client), "rack_take:10 rack_fill:21");
	assert.equal(await client.evaluate("n"), "4");
	await client.move("might-sleep/reverseStepOut");
	assert.equal(await stack(client), "rack_fill:21");
	await client.move("stepBack");
	assert.equal(await stack(client), "rack_fill:20");
	await client.move("stepIn");
	await client.move("stepIn");
	assert.equal(await stack(client), "rack_take:8 rack_fill:21");
	await client.move("stepOut");
	assert.equal(await stack(client), "rack_fill:21");
	assert.equal((await client.move("reverseContinue")).reason, "entry");
	assert.equal(await stack(client), "rack_fill:16");
	assert.equal(await client.end(), 0);
});

test("runs by a known chain to a function before the first stop", async () => {
	const client = await start({ until: "rack_take" });
	assert.equal(await stack(client), "rack_take:8 rack_fill:21");
	assert.equal(await client.evaluate("n"), "0");
	assert.equal(await client.end(), 0);
});

test("an instruction is one op, in both directions", async () => {
	const client = await start();
	const at = async () => (await client.request<PanelState & object>("might-sleep/state")).index;
	await client.move("next", { granularity: "instruction" });
	await client.move("stepIn", { granularity: "instruction" });
	assert.equal(await at(), 2);
	await client.move("stepBack", { granularity: "instruction" });
	assert.equal(await at(), 1);
	assert.equal(await client.end(), 0);
});

test("conditions, counts of hits and log messages", async () => {
	const client = await start();
	const placed = await setLine(client, { line: 9, condition: "n == 3 && in_atomic()" });
	assert.equal(placed.verified, true);
	const stop = await client.move("continue");
	assert.equal(stop.reason, "breakpoint");
	assert.deepEqual(stop.hitBreakpointIds, [placed.id]);
	assert.equal(await client.evaluate("n"), "3");
	await setLine(client, { line: 9, hitCondition: ">= 2" });
	await client.move("continue");
	assert.equal((await client.move("reverseContinue")).reason, "entry", "hits before are not counted twice");
	await setLine(client, { line: 9, hitCondition: "3" });
	await client.move("continue");
	assert.equal(await client.evaluate("n"), "2");
	await setLine(client, { line: 10, logMessage: "used {rack->used} by {n}" });
	assert.equal((await client.move("continue")).reason, "exit");
	assert.match(client.output, /used 3 by 2\nused 6 by 3\nused 10 \(0xa\) by 4\n/);
	const wrong = await setLine(client, { line: 9, hitCondition: "often" });
	assert.equal(wrong.verified, false);
	assert.match(wrong.message ?? "", /'often' is no count of hits/);
	await client.move("might-sleep/seek", { index: 0 });
	await setLine(client, { line: 9, condition: "nonsense((" });
	await client.move("continue");
	assert.match(client.output, /the condition 'nonsense\(\(' means nothing here: stopping all the same/);
	assert.equal(await client.end(), 0);
});

test("function breakpoints stop at each entry", async () => {
	const client = await start();
	const set = (...names: string[]) =>
		client.request<Breakpoints>("setFunctionBreakpoints", { breakpoints: names.map((name) => ({ name })) });
	const { breakpoints } = await set("rack_take()", "rack_nowhere");
	assert.equal(breakpoints[0]!.verified, true);
	assert.match(breakpoints[1]!.message ?? "", /no function 'rack_nowhere'/);
	for (const n of ["0", "1"]) {
		assert.equal((await client.move("continue")).reason, "breakpoint");
		assert.equal(await stack(client), "rack_take:8 rack_fill:21");
		assert.equal(await client.evaluate("n"), n);
	}
	await client.move("reverseContinue");
	assert.equal(await client.evaluate("n"), "0");
	assert.equal(await client.end(), 0);
});

test("stops where a value changed, and runs back to where it did", async () => {
	const client = await start();
	await watch(client, "preempt_count", "Context", { hitCondition: "3" });
	let stop = await client.move("continue");
	assert.equal(stop.reason, "data breakpoint");
	assert.equal(stop.text, "preempt_count: 0x00000000 → 0x00000001");
	assert.equal(await client.evaluate("n"), "1", "the third change is the second lock");

	await watch(client, "irqs", "Context");
	stop = await client.move("continue");
	assert.equal(stop.text, "irqs: enabled → disabled");
	assert.equal(stop.description, "Changed: irqs");

	// The member that a frame of the past wrote, then the lock of the loop's last round.
	await client.request("setDataBreakpoints", { breakpoints: [] });
	await client.move("continue");
	await watch(client, "rack->used");
	stop = await client.move("reverseContinue");
	assert.equal(stop.reason, "data breakpoint", "line 23 writes the value that is there");
	assert.equal(stop.text, "rack->used: 6 → 10 (0xa)");
	assert.equal(await stack(client), "rack_take:9 rack_fill:21");
	assert.deepEqual(Object.keys(await client.scope("Locks")), ["&rack->lock"]);
	await watch(client, "&rack->lock", "Locks");
	stop = await client.move("reverseContinue");
	assert.equal(stop.text, "&rack->lock: not held → held");
	assert.equal(await stack(client), "rack_take:8 rack_fill:21");

	// A variable of a frame further out.
	await client.request("setDataBreakpoints", { breakpoints: [] });
	await client.move("stepOut");
	await watch(client, "sum", "Locals");
	stop = await client.move("reverseContinue");
	assert.equal(stop.text, "sum: 3 → 6");
	assert.equal(await stack(client), "rack_fill:21");
	assert.equal(await client.end(), 0);
});

test("what cannot be watched is said", async () => {
	const client = await start();
	const info = await client.request<{ dataId: null; description: string }>("dataBreakpointInfo", { name: "1 + 1" });
	assert.equal(info.dataId, null);
	assert.equal(info.description, "1 + 1 cannot be watched");
	const { breakpoints } = await client.request<Breakpoints>("setDataBreakpoints", { breakpoints: [{ dataId: "{}" }] });
	assert.equal(breakpoints[0]!.verified, false);
	assert.equal(await client.end(), 0);
});

test("goes to a step, to a time at which a line ran, and to the start of a frame", async () => {
	const client = await start();
	await assert.rejects(client.request("gotoTargets", { source: { path: RACK }, line: 9 }), /has not run yet/);
	assert.equal((await client.move("continue")).reason, "exit");
	const { targets } = await client.request<{ targets: { id: number; label: string; line: number }[] }>("gotoTargets", {
		source: { path: RACK },
		line: 9,
	});
	assert.equal(targets.length, 5);
	assert.match(targets[0]!.label, /^step \d+ \(\d+ steps back\)$/);
	assert.equal((await client.move("goto", { targetId: targets[3]!.id })).reason, "goto");
	assert.equal(await stack(client), "rack_take:9 rack_fill:21");
	assert.equal(await client.evaluate("n"), "3");
	assert.equal((await client.move("restartFrame", { frameId: 2 })).reason, "restart");
	assert.equal(await stack(client), "rack_take:8 rack_fill:21");
	await client.move("restartFrame", { frameId: 1 });
	assert.equal(await stack(client), "rack_fill:16");
	assert.equal(await client.evaluate(`@${targets[2]!.id}`), `step ${targets[2]!.id}`);
	await client.event("stopped");
	assert.equal(await client.evaluate("n"), "2");
	await client.move("might-sleep/seek", { index: 1e9 });
	assert.equal(await stack(client), "rack_fill:28");
	await assert.rejects(client.request("might-sleep/seek", {}), /index of a step is a number/);
	assert.equal(await client.end(), 0);
});

test("exception filters by kind and with a condition", async () => {
	const client = await start();
	const set = (filterId: string, condition?: string) =>
		client.request("setExceptionBreakpoints", { filters: [], filterOptions: [{ filterId, condition }] });
	await set("sleep-in-atomic", "sum == 11");
	assert.equal((await client.move("continue")).reason, "exit");
	await client.move("might-sleep/seek", { index: 0 });
	await set("unlock-balance");
	assert.equal((await client.move("continue")).reason, "exit");
	await client.move("might-sleep/seek", { index: 0 });
	await set("sleep-in-atomic", "sum == 10 && irqs_disabled()");
	const stop = await client.move("continue");
	assert.equal(stop.reason, "exception");
	assert.equal(await stack(client), "rack_fill:26");
	assert.equal(await client.end(), 0);
});

test("the machine and a question's answer can be set", async () => {
	const client = await start();
	const frameId = (await client.frames())[0]!.id;
	const { scopes } = await client.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId });
	const variablesReference = scopes.find(({ name }) => name === "Context")!.variablesReference;
	const set = (name: string, value: string, reference = variablesReference) =>
		client.request("setVariable", { variablesReference: reference, name, value });
	assert.deepEqual(await set("irqs", "off"), { value: "disabled" });
	assert.equal(await client.evaluate("irqs_disabled()"), "1");
	await set("irqs", "enabled, was disabled");
	assert.equal(await client.evaluate("irqs_disabled()"), "0");
	const count = (await client.variables(variablesReference)).find(({ name }) => name === "preempt_count")!;
	assert.deepEqual(await set("SOFTIRQ", "2", count.variablesReference), { value: "2" });
	assert.equal(await client.evaluate("preempt_count()"), "0x00000200");
	assert.equal(await client.evaluate("in_atomic() && !in_hardirq()"), "1");
	await assert.rejects(set("irqs", "sideways"), /'sideways' is no value for irqs/);
	await assert.rejects(set("SOFTIRQ", "999", count.variablesReference), /is no value for SOFTIRQ/);
	await assert.rejects(set("level", "nmi"), /cannot be set/);
	assert.deepEqual(await client.request("setExpression", { expression: "preempt_count", value: "0", frameId }), {
		value: "0",
	});
	await client.request("setExpression", { expression: "sum", value: "40", frameId });
	assert.equal(await client.end(), 0);

	const box = await start({ function: "box_store", file: BOX });
	await setLine(box, { line: 24 }, BOX);
	await box.move("continue");
	const choices = await box.scope("Choices");
	assert.deepEqual(Object.keys(choices), ["box->ready"]);
	const scope = (await box.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: 1 })).scopes.find(
		({ name }) => name === "Choices",
	)!;
	const args = { variablesReference: scope.variablesReference, name: "box->ready" };
	await assert.rejects(box.request("setVariable", { ...args, value: "maybe" }), /true or false is/);
	assert.deepEqual(await box.request("setVariable", { ...args, value: "true" }), { value: "true" });
	await box.move("next");
	assert.equal(await stack(box), "box_store:25");
	assert.equal(await box.end(), 0);
});

test("the memory's zones are shown, watched and set", async () => {
	const client = await start({ function: "box_store", file: BOX });
	const memory = await client.scope("Memory");
	const [zone] = Object.keys(memory);
	assert.match(zone!, /^\w+ free$/);
	assert.equal(memory.kswapd, "asleep");
	const marks = await client.scope("Memory", zone);
	assert.ok(Number(marks.high) > Number(marks.low) && Number(marks.low) > Number(marks.min));
	assert.match(marks.GFP_ATOMIC!, /^down to \d+ free pages: gets one now$/);
	const info = async () => {
		const { scopes } = await client.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: 1 });
		return scopes.find(({ name }) => name === "Memory")!.variablesReference;
	};
	const set = async (name: string, value: string) =>
		client.request("setVariable", { variablesReference: await info(), name, value });
	assert.deepEqual(await set(zone!, marks.min!), { value: marks.min });
	assert.match((await client.scope("Memory", zone)).GFP_KERNEL!, /is refused now$/);
	await assert.rejects(set("kswapd", "7"), /cannot be set/);
	await assert.rejects(set(zone!, "-1"), /no number of pages/);
	await set("pressure", "8");
	await watch(client, zone!, "Memory");
	const stop = await client.move("continue");
	assert.equal(stop.reason, "data breakpoint");
	assert.match(stop.text!, /^free pages of \w+: \d+ → \d+$/);
	await client.request("might-sleep/memory", { pressure: 0, zone: zone!.split(" ")[0], free: 100_000 });
	await assert.rejects(client.request("might-sleep/memory", { zone: "Nowhere", free: 1 }), /no zone 'Nowhere'/);
	await assert.rejects(client.request("might-sleep/memory", { pressure: -1 }), /not negative/);
	const { zones } = await client.request<PanelState & object>("might-sleep/state");
	assert.ok(zones[0]!.reaches.length > 4);
	assert.equal(await client.end(), 0);
});

test("expressions in C's operators, and completions of what is typed", async () => {
	const client = await start();
	await setLine(client, { line: 9, condition: "n == 2" });
	await client.move("continue");
	const answers: readonly (readonly [string, string])[] = [
		["n + 1 == 3", "1"],
		["(n | 8) & ~2", "8"],
		["rack->used * 2 > 1 || n", "1"],
		["!lockdep_is_held(&rack->lock)", "0"],
		["preempt_count() & 0xff", "1"],
		["n << 4", "32 (0x20)"],
		["-n", "-2"],
		["GFP_KERNEL & __GFP_DIRECT_RECLAIM", "__GFP_DIRECT_RECLAIM (0x400), may sleep"],
		["0x10 + 010", "24 (0x18)"],
	];
	for (const [text, answer] of answers) assert.equal(await client.evaluate(text, "watch"), answer, text);
	await assert.rejects(client.evaluate("n +", "watch"), /not known/);
	const complete = async (text: string) => {
		const args = { text, column: text.length + 1, frameId: 2 };
		const body = await client.request<{ targets: DebugProtocol.CompletionItem[] }>("completions", args);
		return body.targets.map(({ label }) => label);
	};
	assert.deepEqual(await complete("rack->u"), ["used"]);
	assert.ok((await complete("in_at")).includes("in_atomic()"));
	assert.ok((await complete("n + ra")).includes("rack"));
	assert.ok((await complete("GFP_")).includes("GFP_ATOMIC"));
	assert.equal(await client.end(), 0);
});

test("sources, and what each line did for the space beside it", async () => {
	const client = await start();
	const { sources } = await client.request<{ sources: DebugProtocol.Source[] }>("loadedSources");
	assert.ok(sources.some(({ path }) => path === RACK));
	const { content } = await client.request<{ content: string }>("source", {
		source: { path: RACK },
		sourceReference: 0,
	});
	assert.match(content, /int rack_fill/);
	await assert.rejects(client.request("source", { source: { path: "/etc/hosts" }, sourceReference: 0 }), /not part of/);
	const { breakpoints } = await client.request<Breakpoints>("breakpointLocations", {
		source: { path: RACK },
		line: 7,
		endLine: 12,
	});
	assert.deepEqual(
		breakpoints.map(({ line }) => line),
		[8, 9, 10, 11],
	);
	await setLine(client, { line: 27 });
	await client.move("continue");
	const { values } = await client.request<{ values: { line: number; text: string }[] }>("might-sleep/inlineValues", {
		frameId: 1,
	});
	const texts = Object.fromEntries(values.map(({ line, text }) => [line, text]));
	assert.match(texts[21]!, /sum = 10/);
	assert.equal(texts[22], "RCU reader");
	assert.equal(texts[25], "irqs off");
	assert.match(texts[26]!, /^BUG: sleeping function called from invalid context/);
	assert.equal(await client.end(), 0);
});

test("a panel gets lanes, marks, the state and the choices", async () => {
	const client = await start({ function: "box_store", file: BOX });
	await client.move("continue");
	await client.evaluate("false");
	assert.equal((await client.move("continue")).reason, "exit");
	const whole = await client.request<Timeline & object>("might-sleep/timeline", { room: 800 });
	assert.equal(whole.to, whole.last + 1);
	const lane = (kind: string) => whole.lanes.find((one) => one.kind === kind)!;
	assert.equal(lane("lock").label, "&box->lock");
	const [before, held, after] = lane("irqs").spans.map(({ value }) => value);
	assert.deepEqual([before, held, after], [1, 0, 1]);
	const [taken] = lane("lock").spans.filter(({ value }) => value !== 0);
	const off = lane("irqs").spans.find(({ value }) => value === 0)!;
	assert.deepEqual([taken!.from, taken!.to], [off.from, off.to], "the lock and its interrupts go together");
	assert.deepEqual(
		whole.marks.filter(({ kind }) => kind !== "note").map(({ kind, text }) => [kind, text.slice(0, 13)]),
		[
			["splat", "BUG: sleeping"],
			["choice", "kmalloc() fai"],
			["choice", "box->ready: f"],
		],
	);
	const part = await client.request<Timeline & object>("might-sleep/timeline", { room: 4, from: 2, to: 1e6 });
	assert.equal(part.from, 2);
	assert.ok(part.lanes.every(({ spans }) => spans.length <= 9));

	const state = await client.request<PanelState & object>("might-sleep/state");
	assert.equal(state.maySleep, true);
	const [ready] = state.choices;
	assert.deepEqual([ready!.text, ready!.answer, ready!.isAhead], ["box->ready", 1, false]);
	assert.deepEqual(await client.request("might-sleep/choose", { option: 0, ...ready!.ask }), {
		taken: "box->ready: true",
	});
	assert.equal((await client.event<DebugProtocol.StoppedEvent>("stopped")).body.reason, "goto");
	await client.move("next");
	assert.equal(await stack(client), "box_store:25");
	assert.equal((await client.request<PanelState & object>("might-sleep/state")).choices[0]!.answer, 0);
	const moved = client.events.filter(({ event }) => event === "might-sleep/moved");
	assert.ok(moved.length >= 4);
	assert.equal(await client.end(), 0);
});
