// The commands the server runs for a client.

import type { Feature } from "../lsp/feature.js";
import { CHECK_WORKSPACE_COMMAND, REINDEX_COMMAND } from "../lsp/protocol.js";
import { pushWorkspace } from "./diagnostics.js";

export const commands: Feature = {
	capabilities: { executeCommandProvider: { commands: [CHECK_WORKSPACE_COMMAND, REINDEX_COMMAND] } },
	register: (server) => {
		server.connection.onExecuteCommand(
			server.guard("executeCommand", null, async ({ command }) => {
				if (command === REINDEX_COMMAND) server.workspace.reindex();
				if (command === CHECK_WORKSPACE_COMMAND) {
					const count = await pushWorkspace(server);
					server.connection.window.showInformationMessage(
						`might-sleep: ${count.toLocaleString("en")} ${count === 1 ? "finding" : "findings"} in the workspace`,
					);
				}
				return null;
			}),
		);
	},
};
