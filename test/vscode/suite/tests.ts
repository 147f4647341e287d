// The tests in the extension host, in their order. The workspace is a copy of the sample.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import {
	commands,
	type Diagnostic,
	type DocumentSymbol,
	debug,
	extensions,
	type Hover,
	languages,
	Position,
	Selection,
	type TextEditor,
	Uri,
	window,
	workspace,
} from "vscode";

const ID = "might-sleep.might-sleep";

export const TESTS: readonly (readonly [string, () => Promise<void>])[] = [
	["activates on a C file and starts the server", activates],
	["has every command of the manifest", hasCommands],
	["links a finding to the page that came with the extension", linksPages],
	["explains a rule", explainsRule],
	["opens a copy of a scenario, and pages whose links lead to the copies", opensCopies],
	["starts the debugger on the function at the cursor", debugsAtCursor],
	["answers again after a restart", restarts],
];

async function activates(): Promise<void> {
	await openFile("vport.c");
	const extension = extensions.getExtension(ID);
	assert.ok(extension, "the extension is there");
	const api = await extension.activate();
	await api.ready;
}

async function hasCommands(): Promise<void> {
	const there = await commands.getCommands(true);
	const manifest = extensions.getExtension(ID)?.packageJSON as { contributes: { commands: { command: string }[] } };
	const missing = manifest.contributes.commands.map((one) => one.command).filter((id) => !there.includes(id));
	assert.deepEqual(missing, []);
}

async function linksPages(): Promise<void> {
	const { document } = await openFile("vport.c");
	const found = (): Diagnostic[] =>
		languages.getDiagnostics(document.uri).filter((one) => one.source === "might-sleep");
	await until("a diagnostic", () => found().length > 0);
	for (const { code } of found()) {
		assert.ok(typeof code === "object", "the code is a link");
		assert.equal(code.target.scheme, "file");
		assert.ok(existsSync(code.target.fsPath), code.target.fsPath);
	}
}

async function opensCopies(): Promise<void> {
	const extension = extensions.getExtension(ID)!.extensionUri;
	await commands.executeCommand("might-sleep.openScenario", "rcu-sleep");
	const scenario = window.visibleTextEditors.find(({ document }) => document.fileName.endsWith("rcu-sleep.json"));
	assert.ok(scenario, "the scenario is open");
	assert.ok(!scenario.document.fileName.startsWith(extension.fsPath), scenario.document.fileName);
	// The page lies beside it as in the extension: its links lead to the same copy.
	const page = Uri.joinPath(scenario.document.uri, "../../docs/scenarios/rcu.md");
	const text = Buffer.from(await workspace.fs.readFile(page)).toString();
	const [, link] = /\]\(([^)]*rcu-sleep\.json)\)/.exec(text)!;
	assert.equal(Uri.joinPath(page, "..", link!).toString(), scenario.document.uri.toString());
	// The walkthrough's links run a command.
	await commands.executeCommand("might-sleep.openShipped", "scenarios/src/config.c");
	const source = window.activeTextEditor?.document.uri.toString();
	assert.equal(source, Uri.joinPath(scenario.document.uri, "../src/config.c").toString());
	await commands.executeCommand("might-sleep.openShipped", "docs/rules/rcu-blocking.md");
	await commands.executeCommand("workbench.action.closeAllEditors");
}

async function explainsRule(): Promise<void> {
	await commands.executeCommand("might-sleep.explainRule", "rcu-blocking");
	await until("the page", () => window.tabGroups.activeTabGroup.activeTab?.label.includes("rcu-blocking") ?? false);
}

async function debugsAtCursor(): Promise<void> {
	const editor = await openFile("vport.c");
	const line = editor.document.getText().split("\n").indexOf("\tspin_lock_irqsave(&wisp->lock, flags);");
	const at = new Position(line, 1);
	editor.selection = new Selection(at, at);
	const config = { type: "might-sleep", request: "launch", name: "at the cursor" };
	assert.ok(await debug.startDebugging(workspace.workspaceFolders?.[0], config), "the session starts");
	await until("a frame", () => debug.activeStackItem !== undefined && "frameId" in debug.activeStackItem);
	assert.equal(debug.activeDebugSession?.configuration.function, "wisp_vport_create");
	await debug.stopDebugging();
	await until("the end", () => debug.activeDebugSession === undefined);
}

async function restarts(): Promise<void> {
	const { document } = await openFile("vport.c");
	await commands.executeCommand("might-sleep.restart");
	const names = async (): Promise<string[]> => {
		const id = "vscode.executeDocumentSymbolProvider";
		const symbols = await commands.executeCommand<DocumentSymbol[] | undefined>(id, document.uri);
		return (symbols ?? []).map((one) => one.name);
	};
	await until("symbols", async () => (await names()).includes("wisp_vport_create"));
	const at = document.positionAt(document.getText().indexOf("GFP_KERNEL"));
	const hovers = () => commands.executeCommand<Hover[]>("vscode.executeHoverProvider", document.uri, at);
	await until("a hover", async () => (await hovers()).length > 0);
}

async function openFile(name: string): Promise<TextEditor> {
	const folder = workspace.workspaceFolders?.[0];
	assert.ok(folder, "a folder is open");
	return window.showTextDocument(Uri.joinPath(folder.uri, name));
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
	for (const end = Date.now() + 30_000; Date.now() < end; ) {
		if (await holds()) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error(`not within 30 s: ${what}`);
}
