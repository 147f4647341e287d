// The extension's entry: starts the language server and hangs every feature on it. No analysis here.

import type { ExtensionContext } from "vscode";
import { registerCommands } from "./commands.js";
import { watchConfiguration } from "./config.js";
import { createContext } from "./context.js";
import { registerDebugger } from "./debug.js";
import { registerStatus } from "./status.js";

/** What other extensions and the tests may use. */
export interface Api {
	/** resolves when the server answers */
	readonly ready: Promise<void>;
}

export function activate(extension: ExtensionContext): Api {
	const ctx = createContext(extension);
	registerStatus(ctx);
	registerCommands(ctx);
	registerDebugger(ctx);
	watchConfiguration(ctx);
	const ready = ctx.start();
	// a failed start shows in the status bar; whoever awaits `ready` still sees the reason
	ready.catch(() => {});
	return { ready };
}
