// The simulated kernel as a debugger: fills in what a launch leaves open, and hands VS Code the pipe on
// which the server speaks the debug protocol.

import type { DebugPipeResult, EntriesParams, EntryWay } from "@might-sleep/server/lsp/protocol";
import {
	type DebugAdapterDescriptor,
	DebugAdapterNamedPipeServer,
	type DebugConfiguration,
	debug,
	Uri,
	window,
	workspace,
} from "vscode";
import { registerChoices } from "./choices.js";
import type { Context } from "./context.js";
import { functionAt } from "./functions.js";
import { registerInlineValues } from "./inlineValues.js";
import { registerPanel } from "./panel/machinePanel.js";
import { registerStepLinks, stepLink } from "./reverse.js";
import { copyOfScenario } from "./scenarios.js";
import { registerStepLens } from "./stepLens.js";

const TYPE = "might-sleep";

export function registerDebugger(ctx: Context): void {
	ctx.extension.subscriptions.push(
		debug.registerDebugConfigurationProvider(TYPE, {
			resolveDebugConfiguration: async (_folder, config) => {
				const complete = await completed(config);
				return complete && { stepLink: stepLink(ctx.extension.extension.id), ...QUIET, ...complete };
			},
		}),
		debug.registerDebugAdapterDescriptorFactory(TYPE, { createDebugAdapterDescriptor: () => adapter(ctx) }),
		registerChoices(ctx, TYPE),
		registerInlineValues(ctx, TYPE),
		registerStepLinks(ctx),
		...registerPanel(ctx, TYPE),
		...registerStepLens(ctx),
	);
}

/** Starts a session on a function: the one that is named, else the one at the cursor. */
export async function stepThrough(_ctx: Context, uri?: string, name?: string): Promise<void> {
	const place = name === undefined ? await functionAtCursor() : { uri, name };
	if (place?.name === undefined) throw new Error("put the cursor into a function to step through it");
	const file = place.uri === undefined ? undefined : Uri.parse(place.uri);
	const folder = file && workspace.getWorkspaceFolder(file);
	await debug.startDebugging(folder, launch(place.name, file?.fsPath));
}

/** From a finding: the run follows its chain to the splat. `name` is the function that it is in. */
export async function stepFinding(_ctx: Context, id: string, name: string): Promise<void> {
	const folder = workspace.workspaceFolders?.[0];
	const about = `Step through the finding in ${name}`;
	await debug.startDebugging(folder, { type: TYPE, request: "launch", name: about, finding: id, stopOnEntry: true });
}

/** The same in a context that one picks: by a chain that is known, or as a handler of some kind. */
export async function stepThroughAs(ctx: Context): Promise<void> {
	const place = await functionAtCursor();
	if (place === undefined) throw new Error("put the cursor into a function to step through it");
	const params: EntriesParams = place;
	const ways = await ctx.client.sendRequest<EntryWay[]>("might-sleep/entries", params);
	const items = ways.map((way) => ({ label: way.label, detail: way.detail, way }));
	const title = `Step through ${place.name}()`;
	const picked = await window.showQuickPick(items, { title, placeHolder: "How it is entered", matchOnDetail: true });
	if (picked === undefined) return;
	const { entry, launch: other } = picked.way;
	const uri = Uri.parse(other?.uri ?? place.uri);
	const config = launch(other?.function ?? place.name, uri.fsPath);
	const more = other === undefined ? { entry } : { until: other.until };
	await debug.startDebugging(workspace.getWorkspaceFolder(uri), { ...config, name: title, ...more });
}

/** Names a scenario that comes with the extension. */
export interface ShippedScenario {
	readonly shipped: string;
}

/** Starts a session on a scenario file: the one that is named, else the one in the editor. */
export async function stepThroughScenario(ctx: Context, which?: Uri | string | ShippedScenario): Promise<void> {
	const file = await scenarioFile(ctx, which);
	if (file === undefined) throw new Error("open a scenario to step through it");
	const name = `Step through ${file.path.slice(file.path.lastIndexOf("/") + 1)}`;
	const config = { type: TYPE, request: "launch", name, scenario: file.fsPath, stopOnEntry: true };
	await debug.startDebugging(workspace.getWorkspaceFolder(file), config);
}

async function scenarioFile(ctx: Context, which?: Uri | string | ShippedScenario): Promise<Uri | undefined> {
	if (typeof which === "string") return Uri.parse(which);
	if (which === undefined) return window.activeTextEditor?.document.uri;
	return "shipped" in which ? copyOfScenario(ctx, which.shipped) : which;
}

function launch(name: string, file: string | undefined): DebugConfiguration {
	return {
		type: TYPE,
		request: "launch",
		name: `Step through ${name}`,
		function: name,
		...(file === undefined ? {} : { file }),
		stopOnEntry: true,
	};
}

/** The panel comes up with a session; the console is a click away. */
const QUIET = { internalConsoleOptions: "neverOpen" };

/** F5 without a launch.json: the function at the cursor. */
async function completed(config: DebugConfiguration): Promise<DebugConfiguration | undefined> {
	if (config.type && (config.function || config.finding || config.scenario)) return config;
	const place = await functionAtCursor();
	if (place === undefined) {
		void window.showErrorMessage("might-sleep: put the cursor into a function, or name one in launch.json");
		return undefined;
	}
	return { ...launch(place.name, Uri.parse(place.uri).fsPath), ...config, type: TYPE, function: place.name };
}

async function functionAtCursor(): Promise<{ uri: string; name: string } | undefined> {
	const editor = window.activeTextEditor;
	if (editor === undefined) return undefined;
	const name = await functionAt(editor.document, editor.selection.active);
	return name === undefined ? undefined : { uri: editor.document.uri.toString(), name };
}

async function adapter(ctx: Context): Promise<DebugAdapterDescriptor> {
	const { pipe } = await ctx.client.sendRequest<DebugPipeResult>("might-sleep/debugPipe");
	return new DebugAdapterNamedPipeServer(pipe);
}
