// Where the debug adapter of this process listens, and what it may ask of the language server.

import type { DebugHost } from "../debug/provider.js";
import { isBelow } from "../host/roots.js";
import type { Feature } from "../lsp/feature.js";
import { DEBUG_PIPE_METHOD, type DebugPipeResult } from "../lsp/protocol.js";
import type { Workspace } from "../lsp/workspace.js";
import { handlersNear } from "./handlers.js";

export const debugPipe: Feature = {
	capabilities: {},
	register: (server) => {
		let pipe: Promise<string> | null = null;
		// not guarded: a client that waits for a pipe needs the reason when there is none
		server.connection.onRequest(DEBUG_PIPE_METHOD, async (): Promise<DebugPipeResult> => {
			pipe ??= listen(server.workspace);
			return { pipe: await pipe };
		});
	},
};

/** The adapter is loaded with the first session. */
async function listen(workspace: Workspace): Promise<string> {
	const [{ listenDebugPipe }, { createProvider }] = await Promise.all([
		import("../debug/pipe.js"),
		import("../debug/provider.js"),
	]);
	return listenDebugPipe(createProvider(debugHost(workspace)));
}

function debugHost(workspace: Workspace): DebugHost {
	return {
		root: () => workspace.root,
		trusted: () => workspace.settings.trusted,
		mayRead: (path) => {
			const { trusted, readable } = workspace.settings;
			return trusted || [workspace.root, ...readable].some((folder) => folder !== null && isBelow(path, folder));
		},
		kernelTree: () => workspace.settings.kernelTree || null,
		openText: (path) => workspace.openText(path),
		locate: async (name) => {
			const { value } = await workspace.ask("functionsNamed", { name }, []);
			return value.map((place) => place.file);
		},
		contextsOf: async (name, path) => {
			const { value } = await workspace.ask("functionsIn", { path }, []);
			return value.find((info) => info.name === name)?.contexts ?? [];
		},
		handlersNear: (path) => handlersNear(workspace, path),
		planOf: async (_root, id) => (await workspace.ask("replayPlan", { id }, null)).value,
	};
}
