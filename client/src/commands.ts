// The commands, as a table: id → what it does. Titles and menus are in the manifest. Two commands are not here:
// the server runs them, and the language client registers what the server announces.

import { readFile } from "node:fs/promises";
import { commands, type Disposable, Position, Range, Selection, Uri, window, workspace } from "vscode";
import type { Context } from "./context.js";
import { stepFinding, stepThrough, stepThroughAs, stepThroughScenario } from "./debug.js";
import { showMachine } from "./panel/machinePanel.js";
import { goToStep, reverseStepInto, reverseStepOut } from "./reverse.js";
import { openScenario, openShipped } from "./scenarios.js";

type Command = (ctx: Context, ...args: never[]) => unknown;

const COMMANDS: Readonly<Record<string, Command>> = {
	"might-sleep.showOutput": (ctx) => ctx.output.show(),
	"might-sleep.restart": (ctx) => ctx.restart(),
	"might-sleep.explainRule": explainRule,
	"might-sleep.stepThrough": stepThrough,
	"might-sleep.stepFinding": stepFinding,
	"might-sleep.stepThroughAs": stepThroughAs,
	"might-sleep.stepThroughScenario": stepThroughScenario,
	"might-sleep.openScenario": openScenario,
	"might-sleep.openShipped": openShipped,
	"might-sleep.showCallers": showCallers,
	"might-sleep.showMachine": showMachine,
	"might-sleep.reverseStepInto": reverseStepInto,
	"might-sleep.reverseStepOut": reverseStepOut,
	"might-sleep.goToStep": goToStep,
};

export function registerCommands(ctx: Context): void {
	for (const [id, run] of Object.entries(COMMANDS)) {
		ctx.extension.subscriptions.push(register(ctx, id, run));
	}
}

function register(ctx: Context, id: string, run: Command): Disposable {
	return commands.registerCommand(id, async (...args: never[]) => {
		try {
			return await run(ctx, ...args);
		} catch (error) {
			ctx.output.error(`${id}: ${error}`);
			void window.showErrorMessage(`might-sleep: ${error instanceof Error ? error.message : error}`);
			return undefined;
		}
	});
}

/** Opens the page of a rule; asks which when none is given. */
async function explainRule(ctx: Context, rule?: string): Promise<void> {
	const folder = Uri.joinPath(ctx.extension.extensionUri, "docs", "rules");
	const id = rule ?? (await pickRule(folder));
	if (id === undefined) return;
	if (!/^[a-z-]+$/.test(id)) throw new Error(`no such rule: ${id}`);
	await commands.executeCommand("markdown.showPreview", Uri.joinPath(folder, `${id}.md`));
}

async function pickRule(folder: Uri): Promise<string | undefined> {
	const entries = await workspace.fs.readDirectory(folder);
	const items = entries
		.filter(([name]) => /^[a-z-]+\.md$/.test(name))
		.map(async ([name]) => ({
			label: name.slice(0, -3),
			description: await summaryOf(Uri.joinPath(folder, name)),
		}));
	const picked = await window.showQuickPick(Promise.all(items), { placeHolder: "The rule to explain" });
	return picked?.label;
}

/** The first sentence of a page, below its title and its severity. */
async function summaryOf(page: Uri): Promise<string> {
	const lines = (await readFile(page.fsPath, "utf8")).split("\n");
	return lines.find((line) => line !== "" && !/^(#|Severity:)/.test(line)) ?? "";
}

/** From a code lens: the call hierarchy of the function there. Line and character start at 0. */
async function showCallers(_ctx: Context, uri: string, line: number, character: number): Promise<void> {
	const position = new Position(line, character);
	const editor = await window.showTextDocument(Uri.parse(uri));
	editor.selection = new Selection(position, position);
	editor.revealRange(new Range(position, position));
	await commands.executeCommand("editor.showCallHierarchy");
}
