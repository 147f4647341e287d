// The settings as the server gets them. What an untrusted workspace must not say is left out here; the
// manifest lists the same settings as restricted.

import type { Settings } from "@might-sleep/server/lsp/protocol";
import { type ExtensionContext, Uri, window, workspace } from "vscode";

/** What watching the settings needs of the extension's context. */
interface Restartable {
	readonly extension: Pick<ExtensionContext, "subscriptions">;
	restart(): Promise<void>;
}

/** Settings that take effect only when the server starts again. */
const NEED_RESTART = ["jobs", "cache"].map((name) => `might-sleep.${name}`);

/**
 * Where the copies of the scenarios and their pages are, in folders as in the extension's, so that the links of the
 * pages lead to the copies. A folder for each version: what one has changed goes with the old one.
 */
export function copyFolder({ extension, globalStorageUri }: ExtensionContext): Uri {
	const { version } = extension.packageJSON as { readonly version: string };
	return Uri.joinPath(globalStorageUri, `shipped-${version}`);
}

export function scenarioFolder(extension: ExtensionContext): Uri {
	return Uri.joinPath(copyFolder(extension), "scenarios");
}

export function initializationOptions(extension: ExtensionContext): Settings {
	const config = workspace.getConfiguration("might-sleep");
	const trusted = workspace.isTrusted;
	const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
	return {
		trusted,
		readable: [...folders, extension.extensionPath, scenarioFolder(extension).fsPath],
		root: trusted ? config.get("root", "") : "",
		kernelTree: trusted ? config.get("kernelTree", "") : "",
		profile: config.get("profile", "default"),
		confidence: config.get("confidence", "medium"),
		rules: config.get("rules", {}),
		jobs: config.get("jobs", 0),
		cache: config.get("cache", true),
	};
}

/** Restarts the server for what it reads only at its start: some settings, and the workspace's trust. */
export function watchConfiguration(ctx: Restartable): void {
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
