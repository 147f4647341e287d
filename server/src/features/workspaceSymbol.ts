// Functions of the whole tree by name.

import { SymbolKind } from "vscode-languageserver";
import type { Feature } from "../lsp/feature.js";
import { nameRange } from "../lsp/toLsp.js";

const MAX_SYMBOLS = 200;

export const workspaceSymbol: Feature = {
	capabilities: { workspaceSymbolProvider: true },
	register: (server) => {
		server.connection.onWorkspaceSymbol(
			server.guard("workspaceSymbol", [], async ({ query }) => {
				const { workspace } = server;
				if (query === "") return [];
				const { value } = await workspace.ask("search", { query, limit: MAX_SYMBOLS }, []);
				return value.map((place) => ({
					name: place.name,
					kind: SymbolKind.Function,
					containerName: place.file,
					location: { uri: workspace.uriOf(place.file), range: nameRange(place, place.name) },
				}));
			}),
		);
	},
};
