// What is known of the context at the cursor.

import type { Hover, HoverParams } from "vscode-languageserver";
import { byteColumn } from "../host/columns.js";
import type { Feature, ServerContext } from "../lsp/feature.js";
import { hoverText } from "../lsp/hoverText.js";
import { lineText, wordRange } from "../lsp/words.js";

export const hover: Feature = {
	capabilities: { hoverProvider: true },
	register: (server) => {
		server.connection.onHover(server.guard("hover", null, (params: HoverParams) => hoverAt(server, params)));
	},
};

async function hoverAt(server: ServerContext, params: HoverParams): Promise<Hover | null> {
	const { documents, workspace } = server;
	const document = documents.get(params.textDocument.uri);
	const path = workspace.pathOf(params.textDocument.uri);
	if (!document || path === null) return null;
	const text = lineText(document, params.position.line);
	const column = byteColumn(text, params.position.character + 1);
	const { value, partial } = await workspace.ask("contextAt", { path, line: params.position.line + 1, column }, null);
	if (value === null) return null;
	const contents = {
		kind: "markdown" as const,
		value: hoverText(value, partial || value.partial, (file) => workspace.uriOf(file)),
	};
	const range = wordRange(text, params.position);
	return range ? { contents, range } : { contents };
}
