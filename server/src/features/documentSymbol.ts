// The functions of a file, with their contexts.

import { type DocumentSymbol, SymbolKind } from "vscode-languageserver";
import type { Feature } from "../lsp/feature.js";
import { nameRange, toRange } from "../lsp/toLsp.js";

export const documentSymbol: Feature = {
	capabilities: { documentSymbolProvider: { label: "might-sleep" } },
	register: (server) => {
		server.connection.onDocumentSymbol(
			server.guard("documentSymbol", [], async (params): Promise<DocumentSymbol[]> => {
				const { workspace } = server;
				const path = workspace.pathOf(params.textDocument.uri);
				if (path === null) return [];
				const { value } = await workspace.ask("functionsIn", { path }, []);
				const columns = workspace.columns();
				return value.map((bytes) => {
					const info = columns.range(bytes);
					const selectionRange = nameRange(info, info.name);
					const range = { start: selectionRange.start, end: toRange(info).end };
					return {
						name: info.name,
						detail: info.contexts.join(", "),
						kind: SymbolKind.Function,
						range,
						selectionRange,
					};
				});
			}),
		);
	},
};
