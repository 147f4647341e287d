// The tests in the extension host, in their order. The workspace is a copy of the sample.

import assert from "node:assert/strict";
import { commands, extensions, window, workspace } from "vscode";

const ID = "might-sleep.might-sleep";

export const TESTS: readonly (readonly [string, () => Promise<void>])[] = [
	["activates on a C file and starts the server", activates],
	["has every command of the manifest", hasCommands],
];

async function activates(): Promise<void> {
	const [file] = await workspace.findFiles("*.c");
	assert.ok(file, "the workspace has a C file");
	await window.showTextDocument(file);
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
