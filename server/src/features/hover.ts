// What is known of the context at the cursor.

import type { Hover, HoverParams, Position } from "vscode-languageserver";
import { byteColumn } from "../host/columns.js";
import { isCode } from "../host/comments.js";
import type { Feature, ServerContext } from "../lsp/feature.js";
import { hoverText } from "../lsp/hoverText.js";
import { shownSeverity, toRange } from "../lsp/toLsp.js";
import { lineText, wordRange } from "../lsp/words.js";
import { stepLink } from "./stepFinding.js";

export const hover: Feature = {
	capabilities: { hoverProvider: true },
	register: (server) => {
		server.connection.onHover(server.guard("hover", null, (params: HoverParams) => hoverAt(server, params)));
	},
};

/** For the findings at a position. */
async function stepLinks(server: ServerContext, path: string, position: Position): Promise<string[]> {
	const { workspace } = server;
	const { value } = await workspace.ask("findingsIn", { path }, []);
	const columns = workspace.columns();
	const links: string[] = [];
	for (const bytes of value) {
		if (position.line + 1 < bytes.line || position.line + 1 > bytes.endLine) continue;
		if (shownSeverity(bytes, workspace.settings) === null) continue;
		const { start, end } = toRange(columns.finding(bytes));
		if (isBefore(position, start) || isBefore(end, position)) continue;
		const link = await stepLink(server, bytes);
		if (link !== null) links.push(link);
	}
	return links;
}

function isBefore(a: Position, b: Position): boolean {
	return a.line < b.line || (a.line === b.line && a.character < b.character);
}

async function hoverAt(server: ServerContext, params: HoverParams): Promise<Hover | null> {
	const { documents, workspace } = server;
	const document = documents.get(params.textDocument.uri);
	const path = workspace.pathOf(params.textDocument.uri);
	if (!document || path === null) return null;
	const text = lineText(document, params.position.line);
	const column = byteColumn(text, params.position.character + 1);
	const range = wordRange(text, params.position);
	// a word in a comment is no flag
	const isWord = range !== null && isCode(document.getText(), document.offsetAt(range.start));
	const word = isWord ? { word: text.slice(range.start.character, range.end.character) } : {};
	const place = { path, line: params.position.line + 1, column, ...word };
	const { value, partial } = await workspace.ask("contextAt", place, null);
	if (value === null) return null;
	const links = await stepLinks(server, path, params.position);
	const report = hoverText(value, partial || value.partial, (file) => workspace.uriOf(file));
	const contents = { kind: "markdown" as const, value: [report, ...links].join("\n\n") };
	return range ? { contents, range } : { contents };
}
