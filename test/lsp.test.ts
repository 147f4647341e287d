// The language server as an editor uses it, over stdio: answers before and after the index, diagnostics with
// both chains, fixes, call hierarchy, changes in the editor and on disk, bad input, and its end.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { EntryWay } from "@might-sleep/server/lsp/protocol";
import type {
	CallHierarchyIncomingCall,
	CallHierarchyItem,
	CallHierarchyOutgoingCall,
	CodeAction,
	CodeLens,
	Diagnostic,
	DocumentDiagnosticReport,
	DocumentSymbol,
	Hover,
	InitializeResult,
	PublishDiagnosticsParams,
	SymbolInformation,
	TextEdit,
} from "vscode-languageserver";
import { type ClientOptions, LspClient } from "./harness/lspClient.js";
import { DRIVER, DRIVER_BAD_LINE, TempTree } from "./harness/tempTree.js";

const PULL = { textDocument: { diagnostic: {} }, workspace: { diagnostics: { refreshSupport: true } } };

async function start(t: TestContext, tree: TempTree, options: Partial<ClientOptions> = {}): Promise<LspClient> {
	const client = await LspClient.start({ folder: tree.root, env: { XDG_CACHE_HOME: tree.cache }, ...options });
	t.after(() => client.kill());
	return client;
}

async function opened(t: TestContext, text = DRIVER, options: Partial<ClientOptions> = {}) {
	const tree = new TempTree(t, { "port.c": text });
	const client = await start(t, tree, options);
	await client.ready();
	client.open("port.c", text);
	return { tree, client };
}

function pulled(client: LspClient, path = "port.c"): Promise<DocumentDiagnosticReport> {
	return client.request("textDocument/diagnostic", { textDocument: { uri: client.uri(path) } });
}

async function items(client: LspClient, path = "port.c"): Promise<Diagnostic[]> {
	const report = await pulled(client, path);
	return report.kind === "full" ? report.items : [];
}

function hoverAt(client: LspClient, line: number, character: number, path = "port.c"): Promise<Hover | null> {
	const position = { line: line - 1, character };
	return client.request("textDocument/hover", { textDocument: { uri: client.uri(path) }, position });
}

function textOf(hover: Hover | null): string {
	return hover === null ? "" : (hover.contents as { value: string }).value;
}

function applied(text: string, edits: readonly TextEdit[]): string {
	const lines = text.split("\n");
	const at = (p: { line: number; character: number }) =>
		lines.slice(0, p.line).reduce((sum, line) => sum + line.length + 1, 0) + p.character;
	const order = [...edits].sort((a, b) => at(b.range.start) - at(a.range.start));
	return order.reduce(
		(out, edit) => out.slice(0, at(edit.range.start)) + edit.newText + out.slice(at(edit.range.end)),
		text,
	);
}

test("it says what it can do", async (t) => {
	const tree = new TempTree(t, { "port.c": DRIVER });
	const client = await start(t, tree);
	const initialized = client.received.find((message) => message.result !== undefined);
	const { capabilities, serverInfo } = initialized!.result as InitializeResult;
	assert.equal(serverInfo?.name, "might-sleep");
	for (const name of ["hoverProvider", "codeActionProvider", "codeLensProvider", "callHierarchyProvider"] as const) {
		assert.ok(capabilities[name], name);
	}
	assert.equal(await client.stop(), 0);
});

test("diagnostics carry both chains, the rule's page and their fixes", async (t) => {
	const { client } = await opened(t, DRIVER, { capabilities: PULL });
	const [diagnostic, ...more] = await items(client);
	assert.deepEqual(more, []);
	assert.equal(diagnostic?.code, "sleep-in-atomic");
	assert.equal(diagnostic.severity, 1);
	assert.equal(diagnostic.range.start.line, DRIVER_BAD_LINE - 1);
	assert.match(diagnostic.codeDescription!.href, /sleep-in-atomic/);
	const related = diagnostic.relatedInformation!.map(({ message, location }) => [
		message,
		location.range.start.line + 1,
	]);
	assert.ok(related.some(([message, line]) => /^atomic because: bad_send: /.test(message as string) && line === 13));
	assert.ok(related.some(([message, line]) => /^sleeps because: wait_a_bit: /.test(message as string) && line === 5));
});

test("a client that does not pull gets them pushed", async (t) => {
	const { client } = await opened(t);
	const uri = client.uri("port.c");
	const isMine = (params: PublishDiagnosticsParams) => params.uri === uri;
	const first = await client.until<PublishDiagnosticsParams>("textDocument/publishDiagnostics", isMine);
	assert.equal(first.diagnostics.length, 1);
	client.forget();
	client.change("port.c", 2, DRIVER.replace("msleep(10)", "udelay(10)"));
	const second = await client.until<PublishDiagnosticsParams>(
		"textDocument/publishDiagnostics",
		(params) => params.uri === uri && params.version === 2,
	);
	assert.deepEqual(second.diagnostics, []);
});

test("an edit is answered with the edited text, and undone with the undone one", async (t) => {
	const { client } = await opened(t, DRIVER, { capabilities: PULL });
	assert.equal((await items(client)).length, 1);
	for (let version = 2; version < 12; version += 2) {
		client.change("port.c", version, DRIVER.replace("msleep(10)", "udelay(10)"));
		assert.deepEqual(await items(client), []);
		client.change("port.c", version + 1, `\n\n${DRIVER}`);
		assert.equal((await items(client))[0]?.range.start.line, DRIVER_BAD_LINE + 1);
	}
});

test("the ways into a function are its chains, then every context", async (t) => {
	const { client } = await opened(t);
	const ways = (name: string) => client.request<EntryWay[]>("might-sleep/entries", { uri: client.uri("port.c"), name });
	const [first, ...others] = await ways("wait_a_bit");
	assert.equal(first?.label, "from bad_send() (process)");
	assert.equal(first?.detail, "bad_send() → wait_a_bit()");
	assert.deepEqual(first?.launch, { function: "bad_send", uri: client.uri("port.c"), until: "wait_a_bit" });
	const handler = others.find(({ entry }) => entry === "hardirq");
	assert.equal(handler?.label, "as hard interrupt handler");
	assert.ok((await ways("good_send")).every(({ launch }) => launch === undefined));
	assert.ok((await ways("nobody")).length > 0);
});

test("the hover begins with the verdict and links every step", async (t) => {
	const { client } = await opened(t);
	const hover = await hoverAt(client, DRIVER_BAD_LINE, 3);
	const text = textOf(hover);
	const [verdict] = text.split("\n");
	assert.match(verdict!, /^\*\*atomic\*\*.*`&port->lock` held.*line 13.*may not sleep.*GFP_(ATOMIC|NOWAIT)/);
	assert.ok(text.includes(`(${client.uri("port.c")}#L13)`), text);
	assert.ok(text.includes(`(${client.uri("port.c")}#L5)`), text);
	const link = /\[Step through this\]\(command:might-sleep\.stepFinding\?([^ )]+)/.exec(text);
	assert.match(JSON.parse(decodeURIComponent(link?.[1] ?? "[]"))[0], /^[0-9a-f]{16}$/);
	assert.deepEqual(hover?.range, { start: { line: 13, character: 1 }, end: { line: 13, character: 11 } });
	assert.equal(await hoverAt(client, 2, 0), null);
});

test("the hover of a flag explains it below the verdict, and where no function is too", async (t) => {
	const body = DRIVER.replace("wait_a_bit(port);", "kmalloc(8, GFP_KERNEL);");
	const { client } = await opened(t, `#define PORT_GFP GFP_NOWAIT\n${body}gfp_t mask = PORT_GFP;\n`);
	const flag = textOf(await hoverAt(client, DRIVER_BAD_LINE + 1, 14));
	assert.match(flag, /^\*\*atomic\*\*.*\n\n`GFP_KERNEL` is \*\*not valid here\*\*: it may sleep/);
	assert.match(flag, /made of .*`__GFP_DIRECT_RECLAIM`.*by what is known of this version/);
	assert.match(flag, /may sleep · may start I\/O · may enter the filesystem/);
	const outside = textOf(await hoverAt(client, 1, 10));
	assert.match(outside, /^\*\*PORT_GFP\*\* · does not sleep/);
	assert.ok(outside.includes(`(${client.uri("port.c")}#L1)`), outside);
});

test("a word in a comment or in a text is no flag", async (t) => {
	const wait = 'kmalloc(8, GFP_KERNEL); /* not GFP_KERNEL */ puts("GFP_KERNEL"); // GFP_KERNEL';
	const { client } = await opened(
		t,
		`/* GFP_KERNEL,\n   or GFP_NOWAIT */\n${DRIVER.replace("wait_a_bit(port);", wait)}`,
	);
	const isFlag = async (line: number, character: number) =>
		/`GFP_KERNEL` is \*\*not valid|made of/.test(textOf(await hoverAt(client, line, character)));
	const line = DRIVER_BAD_LINE + 2;
	assert.deepEqual(await Promise.all([14, 34, 58, 76].map((character) => isFlag(line, character))), [
		true,
		false,
		false,
		false,
	]);
	assert.equal(textOf(await hoverAt(client, 0, 4)), "");
	assert.equal(textOf(await hoverAt(client, 1, 8)), "");
});

test("before the index is up the open file answers, and says that it is partial", async (t) => {
	const many = Object.fromEntries(
		Array.from({ length: 1500 }, (_, i) => [`d${i}/x.c`, DRIVER.replaceAll("_send", `_send${i}`)]),
	);
	const tree = new TempTree(t, { ...many, "port.c": DRIVER, "port.h": "struct far { int x; };\n" });
	const client = await start(t, tree, { settings: { jobs: 1 } });
	client.open("port.c", DRIVER);
	const text = textOf(await hoverAt(client, DRIVER_BAD_LINE, 3));
	const isReady = client.received.some((message) => (message.params as { phase?: string })?.phase === "ready");
	assert.equal(isReady, false, "the index was up before the first hover: make the tree larger");
	assert.match(text, /^\*\*atomic\*\*/);
	assert.match(text, /partial/);
	await client.ready();
	assert.doesNotMatch(textOf(await hoverAt(client, DRIVER_BAD_LINE, 3)), /partial/);
});

test("indexing reports its progress and can be cancelled", async (t) => {
	const many = Object.fromEntries(
		Array.from({ length: 1500 }, (_, i) => [`d${i}/x.c`, DRIVER.replaceAll("_send", `_send${i}`)]),
	);
	const tree = new TempTree(t, many);
	const client = await start(t, tree, { settings: { jobs: 1 }, capabilities: { window: { workDoneProgress: true } } });
	const begun = await client.until<{ token: string; value: { kind: string; cancellable?: boolean } }>(
		"$/progress",
		(params) => params.value.kind === "begin",
	);
	assert.equal(begun.value.cancellable, true);
	client.notify("window/workDoneProgress/cancel", { token: begun.token });
	await client.until<{ token: string; value: { kind: string } }>("$/progress", (params) => params.value.kind === "end");
	const status = await client.until<{ phase: string }>("might-sleep/status", (params) => params.phase === "partial");
	assert.equal(status.phase, "partial");
	client.open("d0/x.c", DRIVER);
	assert.match(textOf(await hoverAt(client, DRIVER_BAD_LINE, 3, "d0/x.c")), /^\*\*atomic\*\*/);
});

test("a quick fix makes its diagnostic go", async (t) => {
	const source = DRIVER.replace("wait_a_bit(port);\n\tspin", "port->buf = kmalloc(8, GFP_KERNEL);\n\tspin");
	const { client } = await opened(t, source, { capabilities: PULL });
	const [diagnostic] = await items(client);
	assert.equal(diagnostic?.code, "gfp-sleeps-in-atomic");
	const actions = await client.request<CodeAction[]>("textDocument/codeAction", {
		textDocument: { uri: client.uri("port.c") },
		range: diagnostic.range,
		context: { diagnostics: [diagnostic], only: ["quickfix"] },
	});
	const step = actions.find((action) => action.title === "Step through this");
	assert.equal(step?.command?.command, "might-sleep.stepFinding");
	assert.deepEqual(
		step.diagnostics?.map((one) => one.code),
		["gfp-sleeps-in-atomic"],
	);
	const fix = actions.find((action) => action.isPreferred) ?? actions[0]!;
	assert.deepEqual(
		fix.diagnostics?.map((one) => one.code),
		["gfp-sleeps-in-atomic"],
	);
	const edits = fix.edit!.changes![client.uri("port.c")]!;
	const fixed = applied(source, edits);
	assert.match(fixed, /GFP_(ATOMIC|NOWAIT)/);
	client.change("port.c", 2, fixed);
	assert.deepEqual(await items(client), []);
	const ignore = actions.find((action) => action.title.startsWith("Ignore "))!;
	client.change("port.c", 3, applied(source, ignore.edit!.changes![client.uri("port.c")]!));
	assert.deepEqual(await items(client), []);
});

test("lenses, symbols and the call hierarchy show contexts and callers", async (t) => {
	const { client } = await opened(t);
	const textDocument = { uri: client.uri("port.c") };
	const lenses = await client.request<CodeLens[]>("textDocument/codeLens", { textDocument });
	assert.equal(lenses.length, 3);
	assert.match(lenses[0]!.command!.title, / · 2 callers$/);
	const symbols = await client.request<DocumentSymbol[]>("textDocument/documentSymbol", { textDocument });
	assert.deepEqual(
		symbols.map((symbol) => symbol.name),
		["wait_a_bit", "bad_send", "good_send"],
	);
	const found = await client.request<SymbolInformation[]>("workspace/symbol", { query: "send" });
	assert.deepEqual(found.map((symbol) => symbol.name).sort(), ["bad_send", "good_send"]);
	const position = { line: DRIVER_BAD_LINE - 1, character: 3 };
	const [item] = await client.request<CallHierarchyItem[]>("textDocument/prepareCallHierarchy", {
		textDocument,
		position,
	});
	assert.equal(item?.name, "wait_a_bit");
	assert.equal(item.selectionRange.start.line, 2);
	const incoming = await client.request<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", { item });
	assert.deepEqual(incoming.map((call) => call.from.name).sort(), ["bad_send", "good_send"]);
	const bad = incoming.find((call) => call.from.name === "bad_send")!;
	assert.equal(bad.fromRanges[0]!.start.line, DRIVER_BAD_LINE - 1);
	const outgoing = await client.request<CallHierarchyOutgoingCall[]>("callHierarchy/outgoingCalls", { item: bad.from });
	assert.ok(outgoing.some((call) => call.to.name === "wait_a_bit"));
});

test("positions count UTF-16 units, also behind other than ASCII characters", async (t) => {
	const source = DRIVER.replace("\twait_a_bit(port);\n\tspin", '\tlog("größe 😀"); wait_a_bit(port);\n\tspin');
	const { client } = await opened(t, source, { capabilities: PULL });
	const line = source.split("\n")[DRIVER_BAD_LINE - 1]!;
	const character = line.indexOf("wait_a_bit");
	const [diagnostic] = await items(client);
	assert.deepEqual(diagnostic?.range.start, { line: DRIVER_BAD_LINE - 1, character });
	assert.match(textOf(await hoverAt(client, DRIVER_BAD_LINE, character + 2)), /wait_a_bit/);
});

test("settings decide what is shown, without a restart", async (t) => {
	const { client } = await opened(t, DRIVER, { capabilities: PULL, settings: { rules: { "sleep-in-atomic": "off" } } });
	assert.deepEqual(await items(client), []);
	const say = (rules: object) =>
		client.notify("workspace/didChangeConfiguration", { settings: { "might-sleep": { rules } } });
	say({ "sleep-in-atomic": "warning" });
	assert.equal((await items(client))[0]?.severity, 2);
	say({});
	assert.equal((await items(client))[0]?.severity, 1);
});

test("files that change, come and go outside are followed", async (t) => {
	const { tree, client } = await opened(t, DRIVER, { capabilities: PULL });
	const caller =
		"void far_irq(struct port *p)\n{\n\tspin_lock(&p->lock);\n\tgood_send(p);\n\tspin_unlock(&p->lock);\n}\n";
	const tell = (path: string, type: number) =>
		client.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: pathToFileURL(tree.path(path)).href, type }] });
	const item = { ...(await prepared(client, 19)), name: "good_send" };
	client.forget();
	tree.write("far.c", caller);
	tell("far.c", 1);
	const callers = () => client.request<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", { item });
	await client.until("workspace/diagnostic/refresh", () => true);
	assert.deepEqual(
		(await callers()).map((call) => call.from.name),
		["far_irq"],
	);
	rmSync(tree.path("far.c"));
	client.forget();
	tell("far.c", 3);
	await client.until("workspace/diagnostic/refresh", () => true);
	assert.deepEqual(await callers(), []);
});

test("many files that change at once are read anew, and answers go on meanwhile", async (t) => {
	const { tree, client } = await opened(t, DRIVER, { capabilities: PULL });
	const names = ["a", "b", "c", "d", "e", "f"];
	for (const name of names) {
		tree.write(`${name}.c`, `void far_${name}(struct port *p)\n{\n\tgood_send(p);\n}\n`);
	}
	const item = { ...(await prepared(client, 19)), name: "good_send" };
	client.forget();
	client.notify("workspace/didChangeWatchedFiles", {
		changes: names.map((name) => ({ uri: pathToFileURL(tree.path(`${name}.c`)).href, type: 1 })),
	});
	assert.match(textOf(await hoverAt(client, DRIVER_BAD_LINE, 4)), /atomic/);
	await client.until<{ phase: string }>("might-sleep/status", ({ phase }) => phase === "ready");
	const callers = await client.request<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", { item });
	assert.deepEqual(
		callers.map((call) => call.from.name).sort(),
		names.map((name) => `far_${name}`),
	);
	assert.match(textOf(await hoverAt(client, DRIVER_BAD_LINE, 4)), /atomic/);
});

async function prepared(client: LspClient, line: number): Promise<CallHierarchyItem> {
	const position = { line: line - 1, character: 6 };
	const textDocument = { uri: client.uri("port.c") };
	const [item] = await client.request<CallHierarchyItem[]>("textDocument/prepareCallHierarchy", {
		textDocument,
		position,
	});
	assert.ok(item);
	return item;
}

test("the whole workspace can be checked and indexed again", async (t) => {
	const tree = new TempTree(t, { "port.c": DRIVER, "other.c": DRIVER.replaceAll("_send", "_post") });
	const client = await start(t, tree);
	await client.ready();
	const execute = (command: string) => client.request("workspace/executeCommand", { command, arguments: [] });
	await execute("might-sleep.checkWorkspace");
	for (const path of ["port.c", "other.c"]) {
		const published = await client.until<PublishDiagnosticsParams>(
			"textDocument/publishDiagnostics",
			(params) => params.uri === client.uri(path),
		);
		assert.equal(published.diagnostics.length, 1, path);
	}
	client.forget();
	await execute("might-sleep.reindex");
	await client.ready();
});

test("bad texts get an answer, and the server lives on", async (t) => {
	const { client } = await opened(t, DRIVER, { capabilities: PULL });
	const texts = [
		"",
		"{{{{((((",
		"\0\0\0",
		"#if\n#else\n#else",
		`${"(".repeat(20_000)}`,
		DRIVER.slice(0, 200),
		"\uD800 int",
	];
	for (const [i, text] of texts.entries()) {
		client.change("port.c", 2 + i, text);
		assert.equal((await pulled(client)).kind, "full", JSON.stringify(text.slice(0, 20)));
		await hoverAt(client, 1, 0);
	}
	client.change("port.c", 99, DRIVER);
	assert.equal((await items(client)).length, 1);
	assert.equal(client.stderr, "");
});

test("questions about what is not there get empty answers", async (t) => {
	const { client } = await opened(t, DRIVER, { capabilities: PULL });
	assert.equal(await hoverAt(client, 1, 0, "missing.c"), null);
	assert.equal(await hoverAt(client, 9999, 50), null);
	assert.deepEqual(await items(client, "missing.c"), []);
	const position = { line: 0, character: 0 };
	const textDocument = { uri: "untitled:Untitled-1" };
	assert.equal(await client.request("textDocument/hover", { textDocument, position }), null);
	await assert.rejects(client.request("might-sleep/nothing", {}), /Unhandled method/);
	assert.equal(textOf(await hoverAt(client, DRIVER_BAD_LINE, 3)).startsWith("**atomic**"), true);
});

test("an untrusted workspace brings no rows of its own", async (t) => {
	const row = { name: "vendor_wait", how: "waits", source: "vendor/wait.h" };
	const text = DRIVER.replace("msleep(10)", "vendor_wait(10)");
	const tree = new TempTree(t, { "port.c": text, ".might-sleep.json": JSON.stringify({ sleepers: [row] }) });
	for (const [trusted, count] of [
		[true, 1],
		[false, 0],
	] as const) {
		const client = await start(t, tree, { capabilities: PULL, settings: { trusted } });
		await client.ready();
		client.open("port.c", text);
		assert.equal((await items(client)).length, count, `trusted: ${trusted}`);
		await client.stop();
	}
});

test("a module finds the headers of its kernel through its Makefile", async (t) => {
	const header = "static inline void lib_wait(void)\n{\n\tmsleep(1);\n}\n";
	const kernel = new TempTree(t, { "include/linux/lib_wait.h": header, Makefile: "VERSION = 6\nPATCHLEVEL = 1\n" });
	const text = `#include <linux/lib_wait.h>\n${DRIVER.replace("msleep(10)", "lib_wait()")}`;
	const makefile = `obj-m := port.o\nKDIR ?= ${kernel.root}\n`;
	const tree = new TempTree(t, { "port.c": text, Makefile: makefile });
	const client = await start(t, tree, { capabilities: PULL });
	await client.ready();
	client.open("port.c", text);
	const [diagnostic] = await items(client);
	const uris = diagnostic?.relatedInformation?.map((related) => related.location.uri) ?? [];
	const headerUri = pathToFileURL(kernel.path("include/linux/lib_wait.h")).href;
	assert.ok(uris.includes(headerUri), `${uris}`);
});

test("the server ends when its client hangs up", async (t) => {
	const tree = new TempTree(t, { "port.c": DRIVER });
	const client = await start(t, tree);
	await client.ready();
	client.hangUp();
	assert.notEqual(await client.exited, null);
});
