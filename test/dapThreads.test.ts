// The debug adapter over stdio on a scenario: threads of several CPUs, an interrupt on top of what it
// interrupts, movements of one thread, what happens next.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { PanelState, Timeline } from "@might-sleep/server/debug/messages";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { DapClient } from "./harness/dapClient.js";

const DUO = fileURLToPath(new URL("../fixtures/dap/duo.json", import.meta.url));
const BOX = DUO.replace("duo.json", "box.c");
const SOURCE = DUO.replace(/\.json$/, ".c");
const clients: DapClient[] = [];

/** A session at the first line of the scenario. */
async function start(): Promise<DapClient> {
	const client = DapClient.spawn();
	clients.push(client);
	await client.launch({ scenario: DUO }, { filters: [] });
	return client;
}

after(() => {
	for (const client of clients) client.kill();
});

async function threads(client: DapClient): Promise<Record<number, string>> {
	const body = await client.request<DebugProtocol.ThreadsResponse["body"]>("threads");
	return Object.fromEntries(body.threads.map(({ id, name }) => [id, name]));
}

/** The stack of a thread as `function:line`, innermost first. */
async function stack(client: DapClient, threadId: number): Promise<string> {
	const { stackFrames } = await client.request<DebugProtocol.StackTraceResponse["body"]>("stackTrace", { threadId });
	return stackFrames.map(({ name, line }) => `${name}:${line}`).join(" ");
}

async function frameId(client: DapClient, threadId: number): Promise<number> {
	const { stackFrames } = await client.request<DebugProtocol.StackTraceResponse["body"]>("stackTrace", { threadId });
	return stackFrames[0]!.id;
}

test("each task is a thread, and an interrupt lies on top of what it interrupted", async () => {
	const client = await start();
	assert.match(client.output, /^scenario duo: two tasks and an interrupt\n/);
	assert.deepEqual(await threads(client), { 1: "CPU 0: one/1000 (process)", 2: "CPU 1: two/1001 (process)" });
	const args = { source: { path: SOURCE }, breakpoints: [{ line: 26 }] };
	await client.request("setBreakpoints", args);
	const stop = await client.move("continue");
	assert.equal(stop.reason, "breakpoint");
	assert.equal(stop.threadId, 1);
	assert.equal(await stack(client, 1), "duo_irq:26 duo_one:10");
	assert.equal(await stack(client, 2), "duo_two:18");
	assert.deepEqual(await threads(client), {
		1: "CPU 0: one/1000 (hardirq)",
		2: "CPU 1: two/1001 (waits: mutex_lock(): &duo_mutex)",
	});
	const one = await client.scope("Context", undefined, await frameId(client, 1));
	assert.match(one.preempt_count!, /^0x00010001 \(PREEMPT 1, HARDIRQ 1\)/);
	const two = await client.scope("Context", undefined, await frameId(client, 2));
	assert.match(two.preempt_count!, /^0x00000000/);
	assert.equal(two.here, "may sleep");
	assert.deepEqual(Object.keys(await client.scope("Locks", undefined, await frameId(client, 1))).sort(), [
		"&duo_lock",
		"&duo_mutex",
	]);
	const evaluate = async (threadId: number, expression: string) => {
		const frame = await frameId(client, threadId);
		return (await client.request<{ result: string }>("evaluate", { expression, frameId: frame })).result;
	};
	assert.equal(await evaluate(1, "in_hardirq() && lockdep_is_held(&duo_mutex)"), "1");
	assert.equal(await evaluate(2, "in_hardirq() || lockdep_is_held(&duo_mutex)"), "0");
	// Back out of the handler, to what it interrupted.
	await client.move("might-sleep/reverseStepOut");
	assert.equal(await stack(client, 1), "duo_one:10");
	await assert.rejects(client.request("stackTrace", { threadId: 99 }), /no thread 99/);
	assert.equal(await client.end(), 0);
});

test("a movement is that of its thread", async () => {
	const client = await start();
	// The other task waits for the mutex until the first one is done.
	await client.move("next", { threadId: 2 });
	assert.equal(await stack(client, 2), "duo_two:19");
	await client.move("stepBack", { threadId: 2 });
	assert.equal(await stack(client, 2), "duo_two:18");
	assert.equal((await client.move("reverseContinue")).reason, "entry");
	for (const line of [9, 10]) {
		await client.move("next");
		assert.equal(await stack(client, 1), `duo_one:${line}`);
	}
	await client.move("next");
	assert.equal(await stack(client, 1), "duo_one:11", "the handler is stepped over");
	await client.move("stepBack");
	assert.equal(await stack(client, 1), "duo_one:10");
	await client.move("stepIn");
	assert.equal(await stack(client, 1), "duo_irq:26 duo_one:10", "and stepped into");
	await client.move("stepOut");
	assert.equal(await stack(client, 1), "duo_one:10");
	assert.equal(await client.end(), 0);
});

test("a lock is watched over all threads", async () => {
	const client = await start();
	await client.move("continue");
	assert.equal(await client.evaluate("duo_count", "watch"), "unknown (duo_count + 100 + 1 + 10)");
	const info = await client.request<{ dataId: string }>("dataBreakpointInfo", { name: "&duo_mutex" });
	await client.request("setDataBreakpoints", { breakpoints: [{ dataId: info.dataId }] });
	const seen: string[] = [];
	for (let i = 0; i < 4; i++) {
		const stop = await client.move("reverseContinue");
		seen.push(`${stop.threadId} ${stop.text}`);
	}
	assert.deepEqual(seen, [
		"2 &duo_mutex: held → not held",
		"2 &duo_mutex: not held → held",
		"1 &duo_mutex: held → not held",
		"1 &duo_mutex: not held → held",
	]);
	assert.equal(await client.end(), 0);
});

test("what happens next can be said: an interrupt, another CPU", async () => {
	const client = await start();
	const state = async () => client.request<PanelState & object>("might-sleep/state");
	const texts = (await state()).actions.map(({ text }) => text);
	assert.deepEqual(texts, [
		"CPU 0 goes on: one/1000 at duo.c:8",
		"CPU 1 goes on: two/1001 at duo.c:18",
		"interrupt duo on CPU 0",
	]);
	assert.deepEqual(await client.request("might-sleep/act", { action: 2 }), { taken: "interrupt duo on CPU 0" });
	await client.event("stopped");
	assert.equal(await stack(client, 1), "duo_irq:26 duo_one:8");
	await assert.rejects(client.request("might-sleep/act", { action: 7 }), /cannot happen here/);
	await client.move("might-sleep/seek", { index: 0 });
	await client.request("might-sleep/act", { action: 1 });
	await client.event("stopped");
	assert.equal((await state()).locks.length, 1, "the second task is first now");
	await client.move("continue");
	const { lanes, tasks } = await client.request<Timeline & object>("might-sleep/timeline", { room: 500 });
	assert.deepEqual(tasks.slice(0, 2), ["one/1000", "two/1001"]);
	assert.equal(lanes.filter(({ kind }) => kind === "task").length, 2);
	assert.equal(await client.end(), 0);
});

test("the run of a function may be interrupted, where interrupts are on", async () => {
	const client = DapClient.spawn();
	clients.push(client);
	await client.launch({ function: "box_store", file: BOX });
	const state = async () => client.request<PanelState & object>("might-sleep/state");
	const texts = (await state()).actions.map(({ text }) => text);
	assert.deepEqual(texts, ["CPU 0 goes on: task/1000 at box.c:20", "interrupt of another device on CPU 0"]);
	await client.request("might-sleep/act", { action: 1 });
	await client.event("stopped");
	assert.equal(await stack(client, 1), "interrupt_of_another_device:4 box_store:20");
	assert.equal((await state()).count.hex, "0x00010000");
	const [top] = await client.frames();
	const { sourceReference } = top!.source!;
	assert.ok(sourceReference);
	const { content } = await client.request<{ content: string }>("source", { sourceReference });
	assert.match(content.split("\n")[top!.line - 1]!, /return IRQ_HANDLED;/);
	await client.move("stepOut");
	assert.equal(await stack(client, 1), "box_store:20");
	await client.move("next");
	assert.deepEqual((await state()).heldOff, ["interrupt of another device on CPU 0"]);
	assert.equal((await state()).actions.length, 1);
	assert.equal(await client.end(), 0);
});

test("kswapd is a thread of its own, with a text to step through", async () => {
	const client = DapClient.spawn();
	clients.push(client);
	await client.launch({ scenario: DUO.replace("duo", "hoard") }, { filters: [] });
	assert.deepEqual(await threads(client), { 1: "CPU 0: hoard/1000 (process)" });
	// Below the low watermark it is woken, and runs as soon as it may.
	await client.request("setFunctionBreakpoints", { breakpoints: [{ name: "kswapd" }, { name: "hoard_shrink" }] });
	assert.equal((await client.move("continue")).reason, "breakpoint");
	const name = "CPU 0: kswapd0/52 (process)";
	assert.deepEqual(await threads(client), { 1: "CPU 0: hoard/1000 (can run)", 3: name });
	assert.equal(await stack(client, 3), "kswapd:5");
	const body = await client.request<DebugProtocol.StackTraceResponse["body"]>("stackTrace", { threadId: 3 });
	const top = body.stackFrames[0]!;
	const source = top.source!;
	const { content } = await client.request<{ content: string }>("source", { sourceReference: source.sourceReference });
	assert.match(content.split("\n")[top.line - 1]!, /while \(!pgdat_balanced\(node\)/);
	assert.match((await client.scope("Memory")).kswapd!, /^awake/);
	// What it calls back runs above its frame, with PF_MEMALLOC.
	await client.move("continue", { threadId: 3 });
	assert.equal(await stack(client, 3), "hoard_shrink:11 kswapd:5");
	const sections = await client.scope("Context", "sections", await frameId(client, 3));
	assert.deepEqual(sections, { memalloc: "kswapd (PF_MEMALLOC) at <kswapd>:2" });
	await client.move("stepOut", { threadId: 3 });
	assert.equal(await stack(client, 3), "kswapd:5");
	// A breakpoint in its text.
	const args = { source, breakpoints: [{ line: 6 }] };
	const { breakpoints } = await client.request<{ breakpoints: { verified: boolean }[] }>("setBreakpoints", args);
	assert.equal(breakpoints[0]!.verified, true);
	await client.move("continue", { threadId: 3 });
	assert.equal(await stack(client, 3), "kswapd:6");
	const { lanes, tasks } = await client.request<Timeline & object>("might-sleep/timeline", { room: 500 });
	const lane = lanes.find(({ kind }) => kind === "task")!;
	assert.ok(lane.spans.some(({ value }) => tasks[value] === "kswapd0/52"));
	assert.equal(lanes.find(({ kind }) => kind === "kswapd")!.spans.at(-1)!.value, 1);
	// Back to before it was woken.
	await client.request("setFunctionBreakpoints", { breakpoints: [] });
	await client.request("setBreakpoints", { source, breakpoints: [] });
	await client.move("reverseContinue");
	assert.deepEqual(await threads(client), { 1: "CPU 0: hoard/1000 (process)" });
	assert.equal(await client.end(), 0);
});

test("a scenario that cannot be read is refused in one clear line", async () => {
	const client = DapClient.spawn();
	clients.push(client);
	await client.request("initialize", { adapterID: "might-sleep" });
	await assert.rejects(
		client.request("launch", { scenario: "/no/such.json" }),
		/^Error: \/no\/such\.json: cannot be read/,
	);
	await assert.rejects(client.request("launch", { scenario: SOURCE }), /duo\.c: /);
	assert.equal(await client.end(), 0);
});
