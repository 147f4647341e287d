// Above each function: the contexts it runs in and how many callers it has.

import type { FunctionInfo } from "@might-sleep/analyzer";
import { type CodeLens, CodeLensRefreshRequest } from "vscode-languageserver";
import type { Feature, ServerContext } from "../lsp/feature.js";
import { SHOW_CALLERS_COMMAND } from "../lsp/protocol.js";
import { nameRange } from "../lsp/toLsp.js";

/** VS Code drops a refresh when its editor loses the focus soon after it: it is asked again when things are quiet. */
const AGAIN_AFTER_MS = [2000, 8000];

export const codeLens: Feature = {
	capabilities: { codeLensProvider: {} },
	register: (server) => {
		const { connection, workspace } = server;
		connection.onCodeLens(server.guard("codeLens", [], (params) => lenses(server, params.textDocument.uri)));
		const refresh = () => connection.sendRequest(CodeLensRefreshRequest.type).catch(() => {});
		let again: NodeJS.Timeout[] = [];
		workspace.onChanged(() => {
			if (!server.client().workspace?.codeLens?.refreshSupport) return;
			void refresh();
			for (const timer of again) clearTimeout(timer);
			again = AGAIN_AFTER_MS.map((ms) => setTimeout(refresh, ms).unref());
		});
	},
};

async function lenses(server: ServerContext, uri: string): Promise<CodeLens[]> {
	const path = server.workspace.pathOf(uri);
	if (path === null) return [];
	const { value, partial } = await server.workspace.ask("functionsIn", { path }, []);
	const columns = server.workspace.columns();
	return value.map((info) => {
		const range = nameRange(columns.range(info), info.name);
		const args = [uri, range.start.line, range.start.character];
		return { range, command: { title: lensTitle(info, partial), command: SHOW_CALLERS_COMMAND, arguments: args } };
	});
}

export function lensTitle(info: FunctionInfo, partial: boolean): string {
	const contexts = info.contexts.length === 0 ? "no known context" : info.contexts.join(", ");
	const callers = `${info.callers} ${info.callers === 1 ? "caller" : "callers"}`;
	return `${contexts} · ${callers}${partial ? " · partial" : ""}`;
}
