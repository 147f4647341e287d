// The ways into a function that a run of the simulated kernel may take: the chains that the index knows, then
// every context that there is a row for.

import { builtinRows, type ContextInfo, type FunctionInfo } from "@might-sleep/analyzer";
import type { Feature, ServerContext } from "../lsp/feature.js";
import { ENTRIES_METHOD, type EntriesParams, type EntryWay } from "../lsp/protocol.js";

export const entries: Feature = {
	capabilities: {},
	register: (server) => {
		const handler = server.guard("entries", [], (params: EntriesParams) => entriesOf(server, params));
		server.connection.onRequest(ENTRIES_METHOD, handler);
	},
};

async function entriesOf(server: ServerContext, { uri, name }: EntriesParams): Promise<EntryWay[]> {
	const { workspace } = server;
	const path = workspace.pathOf(uri);
	if (path === null) return [];
	const { value: functions } = await workspace.ask("functionsIn", { path }, []);
	const info = functions.find((one) => one.name === name);
	const chains = info === undefined ? [] : await chainsTo(server, path, info);
	const known = new Set(info?.contexts);
	const contexts = builtinRows.runContexts.map(({ id, label }): EntryWay => {
		return { label: `as ${label}`, detail: known.has(id) ? "known of this function" : "", entry: id };
	});
	return [
		...chains,
		...contexts.filter(({ detail }) => detail !== ""),
		...contexts.filter(({ detail }) => detail === ""),
	];
}

async function chainsTo(server: ServerContext, path: string, info: FunctionInfo): Promise<EntryWay[]> {
	const { value } = await server.workspace.ask("contextAt", { path, line: info.line, column: info.column }, null);
	const ways = (value?.contexts ?? []).flatMap((context) => wayOf(server, context, info.name));
	const seen = new Set<string>();
	return ways.filter(({ label }) => !seen.has(label) && seen.add(label));
}

/** The chain of a context, where it begins elsewhere. */
function wayOf(server: ServerContext, context: ContextInfo, name: string): EntryWay[] {
	const [first] = context.enter;
	if (first === undefined || first.function === name || first.function === "") return [];
	const between = [...new Set(context.enter.map((step) => step.function))].filter((one) => one !== name);
	const detail = `${between.join("() → ")}() → ${name}()`;
	const launch = { function: first.function, uri: server.workspace.uriOf(first.file), until: name };
	return [{ label: `from ${first.function}() (${context.level})`, detail, launch }];
}
