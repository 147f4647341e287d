// The debugger of a language server whose workspace is not trusted: nothing outside the workspace's folders is read,
// but for what the client itself has put there.

import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { DapClient } from "./harness/dapClient.js";
import { LspClient } from "./harness/lspClient.js";
import { TempTree } from "./harness/tempTree.js";

const SOURCE = "int tick(void)\n{\n\treturn 1;\n}\n";

function scenario(...sources: readonly string[]): string {
	return JSON.stringify({ name: "one", sources, tasks: [{ function: "tick" }] });
}

async function launchesIn(t: TestContext, tree: TempTree, settings: Record<string, unknown>) {
	const client = await LspClient.start({
		folder: tree.path("inside"),
		env: { XDG_CACHE_HOME: tree.cache },
		settings,
	});
	t.after(() => client.kill());
	const { pipe } = await client.request<{ readonly pipe: string }>("might-sleep/debugPipe", {});
	return async (args: object) => {
		const socket = connect(pipe);
		t.after(() => socket.destroy());
		const dap = new DapClient(socket, socket);
		await dap.request("initialize", { adapterID: "might-sleep" });
		await dap.request("launch", { ...args, stopOnEntry: true });
	};
}

test("an untrusted workspace's launches read nothing outside of it", async (t) => {
	const tree = new TempTree(t, {
		"inside/tick.c": SOURCE,
		"inside/own.json": scenario("tick.c"),
		"inside/reaching.json": scenario("../outside/tock.c"),
		"outside/tock.c": SOURCE,
		"outside/other.json": scenario("tock.c"),
	});
	symlinkSync(tree.path("outside/other.json"), tree.path("inside/linked.json"));
	const NOT_READ = /lies outside the workspace, which is not trusted/;
	const launch = await launchesIn(t, tree, { trusted: false });
	await launch({ scenario: tree.path("inside/own.json") });
	for (const name of ["inside/reaching.json", "inside/linked.json", "outside/other.json"]) {
		await assert.rejects(launch({ scenario: tree.path(name) }), NOT_READ, name);
	}
	await launch({ function: "tick", file: tree.path("inside/tick.c") });
	await assert.rejects(launch({ function: "tick", file: tree.path("outside/tock.c") }), NOT_READ);
	await assert.rejects(launch({ function: "tick", file: "tock.c", root: tree.path("outside") }), NOT_READ);

	const open = await launchesIn(t, tree, { trusted: true });
	await open({ scenario: tree.path("inside/reaching.json") });
});

test("what the client has put elsewhere may be read all the same", async (t) => {
	const tree = new TempTree(t, { "inside/tick.c": SOURCE });
	const copies = join(tree.root, "storage/scenarios-1.0.0");
	mkdirSync(copies, { recursive: true });
	writeFileSync(join(copies, "tick.c"), SOURCE);
	writeFileSync(join(copies, "one.json"), scenario("tick.c"));
	const launch = await launchesIn(t, tree, { trusted: false, readable: [tree.path("inside"), copies] });
	await launch({ scenario: join(copies, "one.json") });
});
