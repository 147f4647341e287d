// Edits in the language server, over stdio: what an edit means to other files arrives by itself, as a server that
// was started on the edited text has it; undone, everything is as before, byte for byte.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { PublishDiagnosticsParams } from "vscode-languageserver";
import { LspClient } from "./harness/lspClient.js";
import { driverPath, headerPath, syntheticTree } from "./harness/syntheticTree.js";
import { TempTree } from "./harness/tempTree.js";

/** Large enough for edits to be redone by themselves. */
const TEXTS = syntheticTree({ seed: 5, drivers: 330, functions: 11 });
const LIMIT_MS = 60_000;

async function started(t: TestContext, files: Record<string, string>): Promise<LspClient> {
	const tree = new TempTree(t, files);
	const client = await LspClient.start({
		folder: tree.root,
		env: { XDG_CACHE_HOME: tree.cache },
		capabilities: { textDocument: { diagnostic: {} } },
	});
	t.after(() => client.kill());
	await client.ready();
	return client;
}

/** All diagnostics of the tree as one text, without the root's name. `open`: the files that are open. */
async function everything(client: LspClient, open: readonly string[]): Promise<string> {
	const isPublished = (message: { method?: string }) => message.method === "textDocument/publishDiagnostics";
	client.forget();
	await client.request("workspace/executeCommand", { command: "might-sleep.checkWorkspace", arguments: [] });
	const found = new Map<string, unknown>();
	for (const { params } of client.received.filter(isPublished)) {
		const { uri, diagnostics } = params as PublishDiagnosticsParams;
		found.set(uri, diagnostics);
	}
	for (const path of open) {
		const textDocument = { uri: client.uri(path) };
		const { items } = await client.request<{ items: unknown[] }>("textDocument/diagnostic", { textDocument });
		if (items.length > 0) found.set(client.uri(path), items);
	}
	const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
	return JSON.stringify(sorted).replaceAll(client.uri(""), "");
}

async function comesToBe(client: LspClient, open: readonly string[], expected: string): Promise<void> {
	for (const until = Date.now() + LIMIT_MS; Date.now() < until; await sleep(200)) {
		if ((await everything(client, open)) === expected) return;
	}
	assert.fail("the diagnostics do not become those of a new server");
}

const EDITS: readonly (readonly [string, string])[] = [
	[headerPath(2), TEXTS[headerPath(2)]!.replace(/(_pause\(struct node \*n\)\n\{\n)\t.*/, "$1\tn->state--;")],
	[headerPath(1), TEXTS[headerPath(1)]!.replace("\tspin_lock(&n->lock);\n", "")],
	[driverPath(66), TEXTS[driverPath(66)]!.replaceAll(/spin_(lock|unlock)\(&n->lock\)/g, "mutex_$1(&n->guard)")],
];

test("edits reach the callers in other files, and their undo brings back what was", async (t) => {
	const client = await started(t, TEXTS);
	const before = await everything(client, []);
	let version = 1;
	for (const [path, edited] of EDITS) {
		const other = await started(t, { ...TEXTS, [path]: edited });
		const expected = await everything(other, []);
		await other.stop();
		assert.ok(expected !== before, `${path}: the edit changes something`);
		client.open(path, TEXTS[path]!, version++);
		client.change(path, version++, edited);
		await comesToBe(client, [path], expected);
		client.change(path, version++, TEXTS[path]!);
		await comesToBe(client, [path], before);
		client.notify("textDocument/didClose", { textDocument: { uri: client.uri(path) } });
	}
	assert.equal(client.stderr, "");
	assert.equal(await client.stop(), 0);
});

test("questions are answered while the edits of a fast typist are worked out", async (t) => {
	const client = await started(t, TEXTS);
	const path = headerPath(2);
	client.open(path, TEXTS[path]!);
	const before = await everything(client, [path]);
	for (let version = 2; version < 30; version++) {
		client.change(path, version, version % 2 === 0 ? EDITS[0]![1] : TEXTS[path]!);
		const position = { line: 4, character: 20 };
		const hover = await client.request("textDocument/hover", {
			textDocument: { uri: client.uri(path) },
			position,
		});
		assert.notEqual(hover, null);
		if (version % 7 === 0) await sleep(600);
	}
	client.change(path, 99, TEXTS[path]!);
	await comesToBe(client, [path], before);
	assert.equal(client.stderr, "");
});
