// The scenarios that come with the extension: the list to pick from, and a copy that a person may change, for the
// extension's own folder may be read-only and is replaced with the next version.

import {
	commands,
	FileSystemError,
	FileType,
	type QuickInputButton,
	type QuickPickItem,
	QuickPickItemKind,
	ThemeIcon,
	Uri,
	window,
	workspace,
} from "vscode";
import { copyFolder, scenarioFolder } from "./config.js";
import type { Context } from "./context.js";

/** A page and the scenarios that it explains, as docs/scenarios/README.md lists them. */
interface Topic {
	readonly title: string;
	/** file name of the page */
	readonly page: string;
	readonly scenarios: readonly string[];
}

interface ScenarioItem extends QuickPickItem {
	readonly name: string;
	readonly page: string;
}

const STEP: QuickInputButton = { iconPath: new ThemeIcon("debug-alt"), tooltip: "Step through it" };
const RESTORE: QuickInputButton = { iconPath: new ThemeIcon("discard"), tooltip: "Throw your changes away" };

/** Opens a scenario for editing, with its page beside it; asks which when none is named. */
export async function openScenario(ctx: Context, name?: string): Promise<void> {
	const topics = await readTopics(ctx);
	if (name === undefined) await pickScenario(ctx, topics);
	else await show(ctx, name, topics.find(({ scenarios }) => scenarios.includes(name))?.page);
}

/** From a link of the walkthrough: opens what comes with the extension, scenarios and their sources as copies. */
export async function openShipped(ctx: Context, path: string): Promise<void> {
	if (!/^(docs|scenarios)(\/[\w-]+)+\.\w+$/.test(path)) throw new Error(`the extension has no ${path}`);
	await copyScenarios(ctx);
	await copyPages(ctx);
	const copy = Uri.joinPath(copyFolder(ctx.extension), path);
	if (!(await exists(copy))) throw new Error(`the extension has no ${path}`);
	if (path.endsWith(".md")) await commands.executeCommand("markdown.showPreview", copy);
	else await window.showTextDocument(copy, { preview: false });
}

/** The copy of a scenario. */
export async function copyOfScenario(ctx: Context, name: string): Promise<Uri> {
	if (!/^[a-z-]+$/.test(name)) throw new Error(`no such scenario: ${name}`);
	await copyScenarios(ctx);
	const copy = Uri.joinPath(scenarioFolder(ctx.extension), `${name}.json`);
	if (!(await exists(copy))) throw new Error(`no such scenario: ${name}`);
	return copy;
}

/** All scenarios with their sources; what is there already stays as it is. */
async function copyScenarios(ctx: Context): Promise<void> {
	for (const path of await shippedFiles(ctx)) {
		const target = Uri.joinPath(scenarioFolder(ctx.extension), path);
		if (await exists(target)) continue;
		await workspace.fs.copy(Uri.joinPath(shippedFolder(ctx), path), target, { overwrite: true });
	}
}

/** The pages, so that their links lead to the copies; nobody changes them. */
async function copyPages(ctx: Context): Promise<void> {
	const to = Uri.joinPath(copyFolder(ctx.extension), "docs");
	if (await exists(to)) return;
	await workspace.fs.copy(Uri.joinPath(ctx.extension.extensionUri, "docs"), to, { overwrite: true });
}

async function pickScenario(ctx: Context, topics: readonly Topic[]): Promise<void> {
	const pick = window.createQuickPick<ScenarioItem | QuickPickItem>();
	pick.title = "Open a Scenario";
	pick.placeholder = "A program for the simulated kernel; Enter opens it with its page";
	pick.matchOnDescription = true;
	pick.matchOnDetail = true;
	pick.busy = true;
	pick.show();
	const guarded = (work: Promise<void>) => work.catch((error) => window.showErrorMessage(`might-sleep: ${error}`));
	pick.onDidAccept(() => {
		const [item] = pick.selectedItems;
		pick.hide();
		if (item !== undefined && "page" in item) void guarded(show(ctx, item.name, item.page));
	});
	pick.onDidTriggerItemButton(({ item, button }) => {
		pick.hide();
		if (!("page" in item)) return;
		void guarded(button === RESTORE ? restore(ctx, item.name) : stepThroughCopy(item.name));
	});
	pick.onDidHide(() => pick.dispose());
	pick.items = await itemsOf(ctx, topics);
	pick.busy = false;
}

async function itemsOf(ctx: Context, topics: readonly Topic[]): Promise<(ScenarioItem | QuickPickItem)[]> {
	const groups = topics.map(async ({ title, page, scenarios }) => {
		const items = scenarios.map(async (name): Promise<ScenarioItem> => {
			const isChanged = await differs(ctx, name);
			return {
				label: name,
				...(isChanged ? { description: "changed by you" } : {}),
				detail: (await scenarioOf(ctx, name)).about ?? "",
				buttons: isChanged ? [RESTORE, STEP] : [STEP],
				name,
				page,
			};
		});
		return [{ label: title, kind: QuickPickItemKind.Separator }, ...(await Promise.all(items))];
	});
	return (await Promise.all(groups)).flat();
}

async function show(ctx: Context, name: string, page: string | undefined): Promise<void> {
	await window.showTextDocument(await copyOfScenario(ctx, name), { preview: false });
	if (page === undefined) return;
	await copyPages(ctx);
	const copy = Uri.joinPath(copyFolder(ctx.extension), "docs", "scenarios", page);
	await commands.executeCommand("markdown.showPreviewToSide", copy);
}

async function stepThroughCopy(shipped: string): Promise<void> {
	await commands.executeCommand("might-sleep.stepThroughScenario", { shipped });
}

async function restore(ctx: Context, name: string): Promise<void> {
	for (const path of await filesOf(ctx, name)) {
		const [from, to] = [Uri.joinPath(shippedFolder(ctx), path), Uri.joinPath(scenarioFolder(ctx.extension), path)];
		await workspace.fs.copy(from, to, { overwrite: true });
	}
	window.setStatusBarMessage(`might-sleep: ${name} is as it came`, 5000);
}

/** Has a person changed the copy? */
async function differs(ctx: Context, name: string): Promise<boolean> {
	for (const path of await filesOf(ctx, name)) {
		const copy = Uri.joinPath(scenarioFolder(ctx.extension), path);
		if (!(await exists(copy))) continue;
		const [ours, theirs] = await Promise.all([
			workspace.fs.readFile(Uri.joinPath(shippedFolder(ctx), path)),
			workspace.fs.readFile(copy),
		]);
		if (!Buffer.from(ours).equals(theirs)) return true;
	}
	return false;
}

/** The scenario and its sources. */
async function filesOf(ctx: Context, name: string): Promise<string[]> {
	return [`${name}.json`, ...((await scenarioOf(ctx, name)).sources ?? [])];
}

interface ScenarioText {
	readonly about?: string;
	readonly sources?: readonly string[];
}

async function scenarioOf(ctx: Context, name: string): Promise<ScenarioText> {
	return JSON.parse(await textOf(Uri.joinPath(shippedFolder(ctx), `${name}.json`))) as ScenarioText;
}

/** The rows of the list of pages: | topic | [title](page.md) | `scenario`, … | */
async function readTopics(ctx: Context): Promise<Topic[]> {
	const list = await textOf(Uri.joinPath(pageFolder(ctx), "README.md"));
	return [...list.matchAll(/^\|[^|]+\| \[(.+?)\]\(([a-z-]+\.md)\) +\| (.+?) +\|$/gm)].map(
		([, title = "", page = "", names = ""]) => {
			return { title, page, scenarios: [...names.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]!) };
		},
	);
}

async function shippedFiles(ctx: Context): Promise<string[]> {
	const list = async (folder: string) => {
		const entries = await workspace.fs.readDirectory(Uri.joinPath(shippedFolder(ctx), folder));
		return entries.filter(([, type]) => type === FileType.File).map(([name]) => `${folder}${name}`);
	};
	return [...(await list("")), ...(await list("src/"))];
}

function shippedFolder({ extension }: Context): Uri {
	return Uri.joinPath(extension.extensionUri, "scenarios");
}

function pageFolder({ extension }: Context): Uri {
	return Uri.joinPath(extension.extensionUri, "docs", "scenarios");
}

async function textOf(uri: Uri): Promise<string> {
	return Buffer.from(await workspace.fs.readFile(uri)).toString("utf8");
}

async function exists(uri: Uri): Promise<boolean> {
	try {
		await workspace.fs.stat(uri);
		return true;
	} catch (error) {
		if (error instanceof FileSystemError && error.code === "FileNotFound") return false;
		throw error;
	}
}
