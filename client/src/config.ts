// The settings as the server gets them. What an untrusted workspace must not say is left out here; the
// manifest lists the same settings as restricted.

import { window, workspace } from "vscode";
import type { Context } from "./context.js";

/** Settings that take effect only when the server starts again. */
const NEED_RESTART = ["might-sleep.kernelTree", "might-sleep.jobs"];

export function initializationOptions(): Record<string, unknown> {
	const config = workspace.getConfiguration("might-sleep");
	return {
		trusted: workspace.isTrusted,
		kernelTree: workspace.isTrusted ? config.get<string>("kernelTree", "") : "",
		profile: config.get<string>("profile", "default"),
		confidence: config.get<string>("confidence", "medium"),
		rules: config.get<Record<string, string>>("rules", {}),
		jobs: config.get<number>("jobs", 0),
	};
}

/** Restarts the server for what it reads only at its start: some settings, and the workspace's trust. */
export function watchConfiguration(ctx: Context): void {
	const restart = (): void => {
		ctx.restart().catch((error) => window.showErrorMessage(`might-sleep: the server did not start again: ${error}`));
	};
	ctx.extension.subscriptions.push(
		workspace.onDidChangeConfiguration((event) => {
			if (NEED_RESTART.some((setting) => event.affectsConfiguration(setting))) restart();
		}),
		workspace.onDidGrantWorkspaceTrust(restart),
	);
}
