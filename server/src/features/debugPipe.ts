// Where the debug adapter of this process listens.

import type { Feature } from "../lsp/feature.js";
import { DEBUG_PIPE_METHOD, type DebugPipeResult } from "../lsp/protocol.js";

export const debugPipe: Feature = {
	capabilities: {},
	register: (server) => {
		// not guarded: a client that waits for a pipe needs the reason when there is none
		server.connection.onRequest(DEBUG_PIPE_METHOD, async (): Promise<DebugPipeResult> => {
			const { listenDebugPipe } = await import("../debug/pipe.js");
			return { pipe: await listenDebugPipe(server.workspace) };
		});
	},
};
