// The debug adapter, as its own process over stdio and over a named pipe: launch, step both ways to the
// splat and past it, variables, breakpoints, questions, refusals.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { builtinRows, createAnalysis, defaultConfig, lowerC } from "@might-sleep/analyzer";
import { listenDebugPipe } from "@might-sleep/server/debug/pipe";
import { BARE_HOST, createProvider } from "@might-sleep/server/debug/provider";
import { DapClient } from "./harness/dapClient.js";

const BOX = fileURLToPath(new URL("../fixtures/dap/box.c", import.meta.url));
const clients: DapClient[] = [];

function start(): DapClient {
	const client = DapClient.spawn();
	clients.push(client);
	return client;
}

after(() => {
	for (const client of clients) client.kill();
});

/** Line of the top frame. */
async function line(client: DapClient): Promise<number> {
	return (await client.frames())[0]!.line;
}

test("steps line by line to the splat, shows the machine, and steps back", async () => {
	const client = start();
	const stop = await client.launch({ function: "box_store", file: BOX });
	assert.equal(stop.body.reason, "entry");
	const [frame] = await client.frames();
	assert.equal(frame!.name, "box_store");
	assert.equal(frame!.source!.path, BOX);
	assert.equal(frame!.line, 20);
	assert.equal((await client.scope("Context")).preempt_count, "0x00000000");
	assert.equal((await client.scope("Context")).here, "may sleep");

	assert.equal((await client.move("next")).reason, "step");
	assert.equal(await line(client), 21);
	const context = await client.scope("Context");
	assert.equal(context.preempt_count, "0x00000001 (PREEMPT 1), was 0x00000000");
	assert.equal(context.irqs, "disabled, was enabled");
	assert.match(context.here!, /^may not sleep: &box->lock held since line 20/);
	assert.deepEqual(await client.scope("Context", "preempt_count"), {
		PREEMPT: "1, was 0",
		SOFTIRQ: "0",
		HARDIRQ: "0",
		NMI: "0",
		NEED_RESCHED: "0",
	});
	assert.deepEqual(Object.keys(await client.scope("Locks")), ["&box->lock"]);
	assert.equal(await client.evaluate("in_atomic()"), "1");
	assert.equal(await client.evaluate("irqs_disabled()"), "1");
	assert.equal(await client.evaluate("preempt_count()"), "0x00000001");
	assert.equal(await client.evaluate("lockdep_is_held(&box->lock)"), "1");
	assert.match(await client.evaluate("GFP_KERNEL", "hover"), /GFP_KERNEL .*may sleep/);

	const splat = await client.move("next");
	assert.equal(splat.reason, "exception");
	assert.equal(splat.text, "BUG: sleeping function called from invalid context at box.c:21");
	assert.equal(await line(client), 21);
	const info = await client.request("exceptionInfo", { threadId: 1 });
	assert.equal(info.exceptionId, "sleep-in-atomic");
	assert.match(client.output, /in_atomic\(\): 1, irqs_disabled\(\): 1, non_block: 0, pid: 1000, name: task\n/);
	assert.match(
		client.output,
		/preempt_count: 1, expected: 0\nRCU nest depth: 0, expected: 0\n1 lock held by task\/1000:\n/,
	);
	assert.match(client.output, /#0: \(&box->lock\)\{\.\.\.\.\}-\{2:2\}, at: box_store \(box\.c:20\)/);

	// The kernel goes on, and so does the machine.
	assert.equal((await client.move("next")).reason, "step");
	assert.equal(await line(client), 22);
	assert.equal((await client.move("stepBack")).reason, "step");
	assert.equal(await line(client), 21);
	assert.equal((await client.move("stepBack")).reason, "step");
	assert.equal(await line(client), 20);
	assert.equal((await client.scope("Context")).preempt_count, "0x00000000, was 0x00000001 (PREEMPT 1)");
	assert.equal((await client.scope("Context")).irqs, "enabled, was disabled");
	assert.equal((await client.move("next")).reason, "step");
	assert.equal(await line(client), 21);
	assert.equal(await client.end(), 0);
});

test("a finding's chain is followed to its splat, in the files that it leads through", async () => {
	const root = mkdtempSync(join(tmpdir(), "might-sleep-finding-"));
	const files = {
		"head.c":
			"int deep(struct box *b);\nvoid start(struct box *b)\n{\n\tspin_lock(&b->lock);\n\tdeep(b);\n\tspin_unlock(&b->lock);\n}\n",
		"deep.c": "int deep(struct box *b)\n{\n\tif (!b->ready)\n\t\tmsleep(1);\n\treturn 0;\n}\n",
	};
	const analysis = createAnalysis({ rows: builtinRows, profile: "default", version: [6, 12] });
	for (const [name, text] of Object.entries(files)) {
		writeFileSync(join(root, name), text);
		analysis.setUnit(name, lowerC(name, Buffer.from(text), defaultConfig));
	}
	const [finding] = analysis.snapshot().findings.filter(({ rule }) => rule === "sleep-in-atomic");
	const client = start();
	await client.launch({ finding: finding!.id, root });
	assert.equal((await client.frames())[0]!.name, "start");
	const stop = await client.move("continue");
	assert.equal(stop.reason, "exception");
	assert.match(stop.text ?? "", /sleeping function called from invalid context at deep.c:4/);
	assert.deepEqual(
		(await client.frames()).map(({ name }) => name),
		["deep", "start"],
	);
	const other = start();
	await assert.rejects(other.launch({ finding: "0123456789abcdef", root }), /is not there, or has no chain/);
});

test("steps into and out of a call, and asks at a condition", async () => {
	const client = start();
	const setup = { breakpoints: { [BOX]: [22] } };
	const stop = await client.launch({ function: "box_store", file: BOX, stopOnEntry: false }, { ...setup, filters: [] });
	assert.equal(stop.body.reason, "breakpoint");
	assert.equal(await line(client), 22);
	assert.match(client.output, /BUG: sleeping function called/, "printed although nothing stops at it");
	await client.move("stepIn");
	assert.deepEqual(
		(await client.frames()).map((frame) => [frame.name, frame.line]),
		[
			["box_fill", 10],
			["box_store", 22],
		],
	);
	assert.equal((await client.scope("Locals")).value, "41 (0x29)");
	assert.equal(await client.evaluate("value"), "41 (0x29)");
	await client.move("next");
	assert.deepEqual(await client.scope("Locals", "box"), { value: "41 (0x29)" });
	assert.equal((await client.move("stepOut")).reason, "step");
	assert.equal((await client.frames())[0]!.name, "box_store");
	await client.move("next");
	const ask = await client.move("next");
	assert.equal(ask.reason, "choice");
	assert.equal(ask.text, "box->ready");
	assert.equal(await line(client), 24);
	const targets = await client.request<{ targets: { label: string }[] }>("stepInTargets", { frameId: 1 });
	assert.deepEqual(
		targets.targets.map(({ label }) => label),
		["box->ready: true", "box->ready: false"],
	);

	assert.match(await client.evaluate("false"), /^box->ready: false/);
	await client.move("next");
	assert.equal(await line(client), 27);
	await client.move("next");
	assert.equal((await client.scope("Locals")).next, "142 (0x8e), was 42 (0x2a)");

	// Back to the question, and the other way.
	await client.move("stepBack");
	assert.equal((await client.move("stepBack")).reason, "step");
	assert.equal(await line(client), 24);
	assert.deepEqual(await client.request("might-sleep/choose", { option: 0 }), { taken: "box->ready: true" });
	await client.move("next");
	assert.equal(await line(client), 25);
	const end = await client.move("continue");
	assert.equal(end.reason, "exit");
	assert.equal(end.text, "the function returned 0");
	assert.match(client.output, /box->ready: taken as true \(as you said\)/);

	// The end is a stop too: one can still go back from it, or end the session.
	assert.equal((await client.move("reverseContinue")).reason, "breakpoint");
	assert.equal(await line(client), 22);
	assert.equal((await client.move("reverseContinue")).reason, "entry");
	assert.equal(await line(client), 20);
	await client.move("continue");
	assert.equal(await line(client), 22);
	await client.move("continue");
	await client.request("continue", { threadId: 1 });
	await client.event("terminated");
	assert.equal(await client.end(), 0);
});

test("stepping over a call takes the likely answers in it, stepping in asks", async () => {
	const client = start();
	await client.launch({ function: "box_ask", file: BOX });
	assert.equal(await line(client), 57);
	assert.equal((await client.move("next")).reason, "step");
	assert.equal(await line(client), 59);
	assert.match(client.output, /box->value > 2: taken as false \(nobody said otherwise\)/);
	await client.move("stepBack");
	assert.equal((await client.move("stepIn")).reason, "step", "the answer is on record");
	assert.equal(await line(client), 50);
	assert.match(await client.evaluate("true"), /^box->value > 2: true/);
	await client.move("next");
	assert.equal(await line(client), 51);
	assert.equal((await client.move("continue")).text, "the function returned 1");
	assert.equal(await client.end(), 0);
});

test("a fork of a primitive is offered where it is made", async () => {
	const client = start();
	await client.launch({ function: "box_store", file: BOX }, { filters: [] });
	await client.move("next");
	const { targets } = await client.request<{ targets: { id: number; label: string }[] }>("stepInTargets", {
		frameId: 1,
	});
	const fails = targets.find(({ label }) => label === "kmalloc() fails: true");
	assert.ok(fails, JSON.stringify(targets));
	await client.move("stepIn", { targetId: fails.id });
	assert.equal((await client.scope("Locals")).copy, "NULL");
	await client.move("stepBack");
	await client.move("next");
	assert.equal((await client.scope("Locals")).copy, "NULL", "a recorded run is not run anew");
	assert.equal(await client.end(), 0);
});

test("sets a variable", async () => {
	const client = start();
	await client.launch({ function: "box_store", file: BOX }, { filters: [], breakpoints: { [BOX]: [23] } });
	await client.move("continue");
	const { scopes } = await client.request<{ scopes: { name: string; variablesReference: number }[] }>("scopes", {
		frameId: 1,
	});
	const { variablesReference } = scopes.find(({ name }) => name === "Locals")!;
	const set = (name: string, value: string) => client.request("setVariable", { variablesReference, name, value });
	assert.deepEqual(await set("next", "7"), { value: "7" });
	await assert.rejects(set("next", "a lot"), /'a lot' is no value for next/);
	await client.move("next");
	await client.evaluate("false");
	await client.move("next");
	await client.move("next");
	assert.equal((await client.scope("Locals")).next, "107 (0x6b), was 7");
	assert.equal(await client.end(), 0);
});

test("an entry context and a configuration", async () => {
	const client = start();
	await client.launch({ function: "box_handler", file: BOX, entry: "hardirq", config: { layout: "irq-disable" } });
	const context = await client.scope("Context");
	assert.equal(context.preempt_count, "0x01000000 (HARDIRQ 1)");
	assert.equal(context.level, "hardirq");
	assert.equal(context.irqs, "disabled");
	assert.equal((await client.scope("Configuration"))["preempt_count layout"], "irq-disable");
	const { threads } = await client.request<{ threads: { id: number; name: string }[] }>("threads");
	assert.deepEqual(threads, [{ id: 1, name: "CPU 0: swapper/0/0 (hardirq)" }]);
	const end = await client.move("continue");
	assert.equal(end.text, "the function returned 1");
	assert.equal(await client.end(), 0);
});

test("a long loop can be paused, and left", async () => {
	const client = start();
	await client.launch({ function: "box_forever", file: BOX });
	await client.request("continue", { threadId: 1 });
	await assert.rejects(client.request("next", { threadId: 1 }), /the machine is running/);
	await client.request("pause", { threadId: 1 });
	const stop = await client.event<{ event: string; seq: number; type: "event"; body: { reason: string } }>("stopped");
	assert.equal(stop.body.reason, "pause");
	assert.equal((await client.frames())[0]!.name, "box_forever");
	assert.equal(await client.end(), 0);
});

test("a run is ended while it goes on, and while it stands", async () => {
	for (const isRunning of [true, false]) {
		const client = start();
		await client.launch({ function: "box_forever", file: BOX });
		if (isRunning) await client.request("continue", { threadId: 1 });
		await client.request("terminate");
		await client.event("terminated");
		assert.equal(await client.end(), 0);
	}
});

test("a function of a tree is found by its name, with bodies from its headers", async () => {
	const root = mkdtempSync(join(tmpdir(), "might-sleep-dap-"));
	writeFileSync(join(root, "a.h"), "static inline void a_lock(struct a *a)\n{\n\tmutex_lock(&a->mutex);\n}\n");
	writeFileSync(
		join(root, "a.c"),
		'#include "a.h"\n\nint a_run(struct a *a)\n{\n\ta_lock(a);\n\treturn b_run(a);\n}\n',
	);
	writeFileSync(join(root, "b.c"), "int b_run(struct a *a)\n{\n\tmutex_unlock(&a->mutex);\n\treturn 5;\n}\n");
	const client = start();
	await client.launch({ function: "a_run", root });
	assert.equal((await client.frames())[0]!.source!.path, join(root, "a.c"));
	await client.move("stepIn");
	assert.equal((await client.frames())[0]!.source!.path, join(root, "a.h"));
	await client.move("stepOut");
	assert.deepEqual(Object.keys(await client.scope("Locks")), ["&a->mutex"]);
	assert.equal((await client.move("continue")).text, "the function returned 5");
	assert.equal(await client.end(), 0);
});

test("what cannot be launched is refused in one clear line", async () => {
	const refused: readonly (readonly [object, RegExp])[] = [
		[{}, /names no function/],
		[{ function: "nothing_here", file: BOX }, /^no function 'nothing_here' with a body in box\.c$/],
		[{ function: "box_store", file: "/no/such/file.c" }, /no such folder: \/no\/such|vanished/],
		[{ function: "box_store", file: BOX, entry: "dream" }, /^no entry context 'dream'$/],
		[{ function: "box_store", file: BOX, line: "x" }, /'line' .* is not a number/],
		[{ function: "box_store", file: BOX, config: { preemption: "some" } }, /'preemption' must be one of none/],
		[{ function: "box_store", file: BOX, config: { turbo: true } }, /unknown switch 'turbo'/],
	];
	const client = start();
	await client.request("initialize", { adapterID: "might-sleep" });
	for (const [args, expected] of refused) await assert.rejects(client.request("launch", args), { message: expected });
	await assert.rejects(client.request("next", { threadId: 1 }), /nothing runs yet/);
	await assert.rejects(client.request("readMemory", {}), /'readMemory' is not supported/);
	assert.equal(await client.end(), 0);
});

test("serves sessions side by side over a named pipe", async () => {
	const pipe = await listenDebugPipe(createProvider(BARE_HOST));
	const sockets = [connect(pipe), connect(pipe)];
	const [one, two] = sockets.map((socket) => new DapClient(socket, socket));
	await one!.launch({ function: "box_store", file: BOX });
	await two!.launch({ function: "box_handler", file: BOX, entry: "hardirq" });
	await one!.move("next");
	assert.equal(await line(one!), 21);
	assert.equal(await line(two!), 34);
	await one!.end();
	await two!.move("next");
	assert.equal(await line(two!), 36);
	await two!.end();
});
