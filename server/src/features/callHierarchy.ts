// Callers and callees of a function, each with the contexts of the call.

import type { CallEdge } from "@might-sleep/analyzer";
import { type CallHierarchyItem, type CallHierarchyPrepareParams, type Range, SymbolKind } from "vscode-languageserver";
import type { Feature, ServerContext } from "../lsp/feature.js";
import { nameRange, toPosition } from "../lsp/toLsp.js";
import { lineText, wordRange } from "../lsp/words.js";

export const callHierarchy: Feature = {
	capabilities: { callHierarchyProvider: true },
	register: (server) => {
		const { callHierarchy } = server.connection.languages;
		callHierarchy.onPrepare(server.guard("prepareCallHierarchy", null, (params) => prepare(server, params)));
		callHierarchy.onIncomingCalls(
			server.guard("incomingCalls", [], async ({ item }) => {
				const calls = await edgesAt(server, "callersOf", item);
				return calls.map(({ item: from, fromRanges }) => ({ from, fromRanges }));
			}),
		);
		callHierarchy.onOutgoingCalls(
			server.guard("outgoingCalls", [], async ({ item }) => {
				const calls = await edgesAt(server, "calleesOf", item);
				return calls.map(({ item: to, fromRanges }) => ({ to, fromRanges }));
			}),
		);
	},
};

/** The function that the word at the cursor names, else the one the cursor is in. */
async function prepare(server: ServerContext, params: CallHierarchyPrepareParams): Promise<CallHierarchyItem[] | null> {
	const { documents, workspace } = server;
	const document = documents.get(params.textDocument.uri);
	const path = workspace.pathOf(params.textDocument.uri);
	if (!document || path === null) return null;
	const columns = workspace.columns();
	const word = wordRange(lineText(document, params.position.line), params.position);
	const name = word ? document.getText(word) : null;
	if (name !== null) {
		const { value: places } = await workspace.ask("functionsNamed", { name }, []);
		const here = places.filter((place) => place.file === path);
		const chosen = here.length > 0 ? here : places;
		if (chosen.length > 0) {
			return chosen.map((place) => {
				const range = nameRange(columns.place(place), name);
				return newItem(workspace.uriOf(place.file), name, { range, detail: place.file });
			});
		}
	}
	const { value: functions } = await workspace.ask("functionsIn", { path }, []);
	const line = params.position.line + 1;
	const info = functions.find((one) => one.line <= line && line <= one.endLine);
	if (!info) return null;
	const range = nameRange(columns.range(info), info.name);
	return [newItem(params.textDocument.uri, info.name, { range, detail: info.contexts.join(", ") })];
}

interface Call {
	readonly item: CallHierarchyItem;
	readonly fromRanges: Range[];
}

/** The edges at a function, those to one other function together. */
async function edgesAt(
	server: ServerContext,
	query: "callersOf" | "calleesOf",
	item: CallHierarchyItem,
): Promise<Call[]> {
	const { workspace } = server;
	const path = workspace.pathOf(item.uri);
	if (path === null) return [];
	const { value } = await workspace.ask(query, { path, line: item.selectionRange.start.line + 1 }, []);
	const columns = workspace.columns();
	const calls = new Map<string, Call>();
	for (const edge of value) {
		const at = edge.definition ?? edge;
		const key = `${edge.function}\0${at.file}\0${at.line}`;
		let call = calls.get(key);
		if (!call) {
			const range = nameRange(columns.place(at), edge.function);
			call = {
				item: newItem(workspace.uriOf(at.file), edge.function, { range, detail: detailOf(edge, at.file) }),
				fromRanges: [],
			};
			calls.set(key, call);
		}
		const start = toPosition(columns.place(edge));
		call.fromRanges.push({ start, end: start });
	}
	return [...calls.values()];
}

function detailOf(edge: CallEdge, file: string): string {
	const parts = [edge.contexts.join(", "), edge.via === "direct" ? "" : `through ${edge.via}`, file];
	return parts.filter((part) => part !== "").join(" · ");
}

function newItem(uri: string, name: string, at: { range: Range; detail: string }): CallHierarchyItem {
	return { name, kind: SymbolKind.Function, detail: at.detail, uri, range: at.range, selectionRange: at.range };
}
