// What the features share: the extension, the language client and its life. Features come in as
// functions over this context; none knows another.

import { type Disposable, type ExtensionContext, type LogOutputChannel, window, workspace } from "vscode";
import {
	CloseAction,
	ErrorAction,
	LanguageClient,
	type LanguageClientOptions,
	type ServerOptions,
	TransportKind,
} from "vscode-languageclient/node";
import { initializationOptions } from "./config.js";
import { rulePages } from "./rulePages.js";

const ALLOCATOR: typeof import("@might-sleep/server/host/allocator").ALLOCATOR = {
	MALLOC_MMAP_THRESHOLD_: "4194304",
	MALLOC_TRIM_THRESHOLD_: "67108864",
};

export type ServerState = { readonly kind: "starting" | "running" | "stopped" } | { kind: "failed"; reason: string };

export interface Context {
	readonly extension: ExtensionContext;
	readonly output: LogOutputChannel;
	readonly client: LanguageClient;
	/** calls back now and on every change of the server's state */
	readonly onState: (listener: (state: ServerState) => void) => Disposable;
	readonly start: () => Promise<void>;
	readonly restart: () => Promise<void>;
}

/** A crash is followed by a restart, unless this many came within three minutes. */
const MAX_CRASHES = 4;

export function createContext(extension: ExtensionContext): Context {
	const output = window.createOutputChannel("might-sleep", { log: true });
	extension.subscriptions.push(output);
	const listeners = new Set<(state: ServerState) => void>();
	let state: ServerState = { kind: "stopped" };
	const setState = (next: ServerState): void => {
		state = next;
		for (const listener of listeners) listener(next);
	};

	const client = new LanguageClient(
		"might-sleep",
		"might-sleep",
		serverOptions(extension),
		clientOptions(extension, output, () => setState({ kind: "failed", reason: "the server crashed repeatedly" })),
	);
	const start = async (): Promise<void> => {
		setState({ kind: "starting" });
		try {
			await client.start();
			setState({ kind: "running" });
		} catch (error) {
			setState({ kind: "failed", reason: String(error) });
			throw error;
		}
	};
	extension.subscriptions.push({ dispose: () => void client.dispose().catch(() => {}) });
	return {
		extension,
		output,
		client,
		onState: (listener) => {
			listeners.add(listener);
			listener(state);
			return { dispose: () => listeners.delete(listener) };
		},
		start,
		restart: async () => {
			if (client.needsStop()) await client.stop();
			await start();
		},
	};
}

function serverOptions(extension: ExtensionContext): ServerOptions {
	const module = extension.asAbsolutePath("dist/server.js");
	const env = { ...ALLOCATOR, ...process.env };
	const run = { module, args: ["lsp"], transport: TransportKind.stdio, options: { env } };
	return { run, debug: { ...run, options: { env, execArgv: ["--enable-source-maps", "--inspect=6009"] } } };
}

function clientOptions(
	extension: ExtensionContext,
	output: LogOutputChannel,
	gaveUp: () => void,
): LanguageClientOptions {
	const crashes: number[] = [];
	return {
		documentSelector: [
			{ scheme: "file", language: "c" },
			{ scheme: "file", language: "rust" },
			// VS Code takes a header for C++ unless told otherwise
			{ scheme: "file", language: "cpp", pattern: "**/*.h" },
		],
		outputChannel: output,
		initializationOptions: () => initializationOptions(extension),
		synchronize: {
			configurationSection: "might-sleep",
			fileEvents: workspace.createFileSystemWatcher("**/{*.c,*.h,*.rs,*.S,Kbuild,Makefile,.config,.might-sleep.json}"),
		},
		// links of a hover may run this one command of the extension, and no other
		markdown: { isTrusted: { enabledCommands: ["might-sleep.stepFinding"] } },
		middleware: rulePages(extension.extensionUri),
		errorHandler: {
			error: () => ({ action: ErrorAction.Continue }),
			closed: () => {
				const now = Date.now();
				crashes.push(now);
				while (crashes[0] !== undefined && crashes[0] < now - 180_000) crashes.shift();
				if (crashes.length < MAX_CRASHES) return { action: CloseAction.Restart };
				gaveUp();
				return { action: CloseAction.DoNotRestart };
			},
		},
	};
}
