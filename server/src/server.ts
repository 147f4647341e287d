// The language server: capabilities, life cycle and the table of features, each a file of its own.

import { stdin, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import {
	type CancellationToken,
	type ClientCapabilities,
	createConnection,
	type InitializeParams,
	ProposedFeatures,
	type ServerCapabilities,
	TextDocumentSyncKind,
	TextDocuments,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { packageVersion } from "./cli/package.js";
import { DEFAULT_SETTINGS, mergeSettings, needsReindex } from "./config.js";
import { callHierarchy } from "./features/callHierarchy.js";
import { codeAction } from "./features/codeAction.js";
import { codeLens } from "./features/codeLens.js";
import { commands } from "./features/commands.js";
import { debugPipe } from "./features/debugPipe.js";
import { diagnostics } from "./features/diagnostics.js";
import { documentSymbol } from "./features/documentSymbol.js";
import { entries } from "./features/entries.js";
import { hover } from "./features/hover.js";
import { workspaceSymbol } from "./features/workspaceSymbol.js";
import type { Feature, ServerContext } from "./lsp/feature.js";
import { Workspace } from "./lsp/workspace.js";

const FEATURES: readonly Feature[] = [
	diagnostics,
	hover,
	codeAction,
	codeLens,
	callHierarchy,
	documentSymbol,
	workspaceSymbol,
	commands,
	debugPipe,
	entries,
];

/** Serves the client on the standard streams until it goes; the exit status. */
export function startServer(): Promise<number> {
	return new Promise((resolve) => {
		const connection = createConnection(ProposedFeatures.all, stdin, stdout);
		const documents = new TextDocuments(TextDocument);
		const workspace = new Workspace(connection, documents);
		let client: ClientCapabilities = {};
		let folder: string | null = null;
		const server: ServerContext = {
			connection,
			documents,
			workspace,
			client: () => client,
			guard: (name, fallback, handler) => async (params, token?: CancellationToken) => {
				if (token?.isCancellationRequested) return fallback;
				try {
					return await handler(params);
				} catch (error) {
					connection.console.error(`${name}: ${error instanceof Error ? error.stack : error}`);
					return fallback;
				}
			},
		};
		connection.onInitialize((params) => {
			client = params.capabilities;
			folder = openedFolder(params);
			workspace.settings = mergeSettings(DEFAULT_SETTINGS, params.initializationOptions);
			return {
				capabilities: allCapabilities(),
				serverInfo: { name: "might-sleep", version: packageVersion() },
			};
		});
		connection.onInitialized(() => workspace.start(folder));
		for (const feature of FEATURES) feature.register(server);
		followChanges(server);
		documents.listen(connection);
		connection.onShutdown(() => workspace.stop());
		connection.onExit(() => resolve(0));
		connection.listen();
	});
}

function allCapabilities(): ServerCapabilities {
	const sync: ServerCapabilities = {
		textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
	};
	return Object.assign(sync, ...FEATURES.map((feature) => feature.capabilities)) as ServerCapabilities;
}

/** Texts, files on disk and settings as they change. */
function followChanges(server: ServerContext): void {
	const { connection, documents, workspace } = server;
	documents.onDidChangeContent(({ document }) => workspace.documentChanged(document));
	documents.onDidClose(({ document }) => workspace.documentClosed(document));
	connection.onDidChangeWatchedFiles(({ changes }) => {
		const decisive = changes.some(({ uri }) => /\/(?:\.config|autoconf\.h|\.might-sleep\.json|Kbuild)$/.test(uri));
		if (decisive) workspace.reindex();
		else for (const { uri } of changes) workspace.fileChanged(uri);
	});
	connection.onDidChangeConfiguration(({ settings }) => {
		const section = (settings as Record<string, unknown> | null)?.["might-sleep"] ?? settings;
		const before = workspace.settings;
		workspace.settings = mergeSettings(before, section);
		if (needsReindex(before, workspace.settings)) workspace.reindex();
		else workspace.settingsChanged();
	});
}

function openedFolder(params: InitializeParams): string | null {
	const uri = params.workspaceFolders?.[0]?.uri ?? params.rootUri;
	if (!uri?.startsWith("file:")) return null;
	try {
		return fileURLToPath(uri);
	} catch {
		return null;
	}
}
