// Fixes over stdio: those that need the texts of several files are worked out when they are chosen, with notes for a
// preview; what they make is what is then analysed.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { CodeAction, Diagnostic, Position, TextDocumentEdit, TextEdit } from "vscode-languageserver";
import { LspClient } from "./harness/lspClient.js";
import { TempTree } from "./harness/tempTree.js";

const HEADER = `#ifndef POOL_H
#define POOL_H
void *pool_get(int n);
#endif
`;
const POOL = `#include "pool.h"

/* Größe: in bytes */
void *pool_get(int n)
{
	return kmalloc(n, GFP_KERNEL);
}
EXPORT_SYMBOL(pool_get);
`;
const USER = `#include "../pool/pool.h"
static spinlock_t lock;
static void *buf;

void fill(void)
{
	spin_lock(&lock);
	/* für später */ buf = pool_get(32);
	spin_unlock(&lock);
}

void set_up(void)
{
	buf = pool_get(64);
}
`;
const FILES = { "pool/pool.h": HEADER, "pool/pool.c": POOL, "user/user.c": USER };
const LINE = 7;
const RESOLVES = {
	textDocument: { diagnostic: {}, codeAction: { dataSupport: true, resolveSupport: { properties: ["edit"] } } },
	workspace: { workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} } },
};

async function started(t: TestContext, capabilities: Record<string, unknown>): Promise<LspClient> {
	const tree = new TempTree(t, FILES);
	const client = await LspClient.start({ folder: tree.root, env: { XDG_CACHE_HOME: tree.cache }, capabilities });
	t.after(() => client.kill());
	await client.ready();
	client.open("user/user.c", USER);
	return client;
}

async function actionsAt(client: LspClient, line: number, character: number): Promise<CodeAction[]> {
	const place = { line, character };
	return client.request("textDocument/codeAction", {
		textDocument: { uri: client.uri("user/user.c") },
		range: { start: place, end: place },
		context: { diagnostics: await diagnosticsOf(client) },
	});
}

async function diagnosticsOf(client: LspClient): Promise<Diagnostic[]> {
	const textDocument = { uri: client.uri("user/user.c") };
	return (await client.request<{ items: Diagnostic[] }>("textDocument/diagnostic", { textDocument })).items;
}

function applied(text: string, edits: readonly TextEdit[]): string {
	const starts = [0];
	for (let i = 0; i < text.length; i++) if (text[i] === "\n") starts.push(i + 1);
	const at = ({ line, character }: Position) => starts[line]! + character;
	const order = [...edits].reverse().sort((a, b) => at(b.range.start) - at(a.range.start));
	return order.reduce(
		(out, { range, newText }) => out.slice(0, at(range.start)) + newText + out.slice(at(range.end)),
		text,
	);
}

const THREADED = {
	"pool/pool.h": HEADER.replace("int n", "int n, gfp_t gfp"),
	"pool/pool.c": POOL.replace("int n", "int n, gfp_t gfp").replace("GFP_KERNEL", "gfp"),
	"user/user.c": USER.replace("get(32)", "get(32, GFP_ATOMIC)").replace("get(64)", "get(64, GFP_KERNEL)"),
};

test("a parameter is threaded through several files when the action is chosen", async (t) => {
	const client = await started(t, RESOLVES);
	const [diagnostic] = await diagnosticsOf(client);
	assert.equal(diagnostic?.code, "gfp-sleeps-in-atomic");
	assert.equal(diagnostic.range.start.line, LINE);
	const actions = await actionsAt(client, LINE, diagnostic.range.start.character + 3);
	const action = actions.find(({ title }) => title.startsWith("add a gfp_t parameter to pool_get()"));
	assert.ok(action !== undefined, actions.map(({ title }) => title).join());
	assert.equal(action.edit, undefined);
	assert.equal(action.isPreferred, false);
	assert.equal(action.kind, "refactor.rewrite");
	assert.deepEqual(
		action.diagnostics?.map(({ code }) => code),
		["gfp-sleeps-in-atomic"],
	);
	const { edit } = await client.request<CodeAction>("codeAction/resolve", action);
	const notes = Object.values(edit?.changeAnnotations ?? {});
	assert.ok(
		notes.some(({ label, needsConfirmation }) => needsConfirmation === false && label.includes("fill() is atomic")),
		JSON.stringify(notes),
	);
	assert.ok(
		notes.some(({ label, needsConfirmation }) => needsConfirmation && label.includes("pool_get() is exported")),
		JSON.stringify(notes),
	);
	const changes = edit?.documentChanges as TextDocumentEdit[];
	const after = Object.fromEntries(
		changes.map(({ textDocument, edits }) => {
			const path = Object.keys(FILES).find((candidate) => client.uri(candidate) === textDocument.uri)!;
			return [path, applied(FILES[path as keyof typeof FILES], edits as TextEdit[])];
		}),
	);
	assert.deepEqual(after, THREADED);
	for (const [path, text] of Object.entries(after)) {
		if (path === "user/user.c") client.change(path, 2, text);
		else client.open(path, text);
	}
	assert.deepEqual(await diagnosticsOf(client), []);
});

test("a client that cannot ask later gets the edits at once", async (t) => {
	const client = await started(t, { textDocument: { diagnostic: {} } });
	const [diagnostic] = await diagnosticsOf(client);
	const actions = await actionsAt(client, LINE, diagnostic!.range.start.character + 3);
	const action = actions.find(({ title }) => title.startsWith("add a gfp_t parameter to pool_get()"));
	const edits = action?.edit?.changes?.[client.uri("user/user.c")] ?? [];
	assert.equal(applied(USER, edits), THREADED["user/user.c"]);
	assert.equal(Object.keys(action?.edit?.changes ?? {}).length, 3);
});

test("an action that cannot be made any more says why", async (t) => {
	const client = await started(t, RESOLVES);
	const [diagnostic] = await diagnosticsOf(client);
	const actions = await actionsAt(client, LINE, diagnostic!.range.start.character + 3);
	const action = actions.find(({ title }) => title.startsWith("add a gfp_t parameter to pool_get()"))!;
	client.open("pool/pool.c", `${POOL}void *(*get)(int) = pool_get;\n`);
	const { edit } = await client.request<CodeAction>("codeAction/resolve", action);
	assert.equal(edit, undefined);
	const { message } = await client.until<{ message: string }>("window/showMessageRequest", () => true);
	assert.match(message, /pool_get\(\) has its address taken \(pool\/pool\.c:9\)/);
});

const IN_LOOP = `struct store {
	spinlock_t lock;
	int count;
};

static int store_fill(struct store *store)
{
	void *entry;
	int i;

	for (i = 0; i < 3; i++) {
		spin_lock(&store->lock);
		if (store->count > 100) {
			spin_unlock(&store->lock);
			break;
		}
		entry = kzalloc(16, GFP_NOWAIT);
		spin_unlock(&store->lock);
		kfree(entry);
	}
	return 0;
}

static int probe(struct platform_device *pdev)
{
	return store_fill(kzalloc(sizeof(struct store), GFP_KERNEL));
}

static struct platform_driver driver = {
	.probe = probe,
};
`;

test("a fix that cannot be made here is shown with the reason, to clients that can show it", async (t) => {
	for (const disabledSupport of [true, false]) {
		const codeAction = { ...RESOLVES.textDocument.codeAction, disabledSupport };
		const client = await started(t, { ...RESOLVES, textDocument: { ...RESOLVES.textDocument, codeAction } });
		client.open("user/user.c", IN_LOOP);
		const line = IN_LOOP.slice(0, IN_LOOP.indexOf("GFP_NOWAIT")).split("\n").length - 1;
		const actions = await actionsAt(client, line, 12);
		const action = actions.find(({ title }) => title === "allocate before spin_lock() with GFP_KERNEL");
		assert.equal(action !== undefined, disabledSupport, actions.map(({ title }) => title).join());
		if (action === undefined) continue;
		assert.equal(action.edit, undefined);
		assert.match(action.disabled?.reason ?? "", /`break` leaves/);
	}
});

const MANY = `static spinlock_t lock;

void *take(int n, gfp_t gfp)
{
	return kmalloc(n, GFP_KERNEL);
}

void under_lock(void)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	take(8, GFP_ATOMIC);
	spin_unlock(&lock);
}

void sleeps(void)
{
	spin_lock(&lock);
	msleep(10);
	spin_unlock(&lock);
}
`;

test("fixes that need no second look are made all at once, when they are asked for", async (t) => {
	const client = await started(t, RESOLVES);
	client.open("many.c", MANY);
	const textDocument = { uri: client.uri("many.c") };
	const start = { line: 0, character: 0 };
	const ask = (only?: string[]) =>
		client.request<CodeAction[]>("textDocument/codeAction", {
			textDocument,
			range: { start, end: start },
			context: { diagnostics: [], ...(only ? { only } : {}) },
		});
	assert.deepEqual(await ask(), []);
	for (const only of ["source", "source.fixAll", "source.fixAll.might-sleep"]) {
		const [action, ...others] = await ask([only]);
		assert.deepEqual(others, []);
		assert.equal(action?.kind, "source.fixAll.might-sleep");
		const [changed] = (action?.edit?.documentChanges ?? []) as TextDocumentEdit[];
		const expected = MANY.replace("n, GFP_KERNEL", "n, gfp").replace(
			"unlock(&lock)",
			"unlock_irqrestore(&lock, flags)",
		);
		assert.equal(applied(MANY, (changed?.edits ?? []) as TextEdit[]), expected);
	}
	assert.deepEqual(await ask(["source.organizeImports"]), []);
	client.open("pool/pool.c", POOL);
	const none = await client.request<CodeAction[]>("textDocument/codeAction", {
		textDocument: { uri: client.uri("pool/pool.c") },
		range: { start, end: start },
		context: { diagnostics: [], only: ["source.fixAll"] },
	});
	assert.deepEqual(none, []);
});
