// Findings as diagnostics. A client that pulls is told when to pull again; to any other they are pushed.
// After "check the whole workspace" the files that are not open get theirs pushed as well.

import type { Finding } from "@might-sleep/analyzer";
import { type Diagnostic, DocumentDiagnosticReportKind } from "vscode-languageserver";
import type { Feature, ServerContext } from "../lsp/feature.js";
import { shownSeverity, toDiagnostic } from "../lsp/toLsp.js";

export const diagnostics: Feature = {
	capabilities: {
		diagnosticProvider: { identifier: "might-sleep", interFileDependencies: true, workspaceDiagnostics: false },
	},
	register: (server) => {
		const { connection, documents, workspace } = server;
		connection.languages.diagnostics.on(
			server.guard("diagnostic", { kind: DocumentDiagnosticReportKind.Full, items: [] }, async (params) => ({
				kind: DocumentDiagnosticReportKind.Full,
				items: await diagnosticsOf(server, params.textDocument.uri),
			})),
		);
		workspace.onChanged(() => {
			if (doesPull(server)) connection.languages.diagnostics.refresh().catch(() => {});
			else for (const document of documents.all()) void push(server, document.uri);
		});
		documents.onDidOpen(({ document }) => {
			// what was pushed while it was closed would be there twice
			if (doesPull(server)) void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
			else void push(server, document.uri);
		});
		documents.onDidClose(({ document }) => {
			if (!doesPull(server)) void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
		});
	},
};

/** Publishes the findings of all files that are not open; how many there are. */
export async function pushWorkspace(server: ServerContext): Promise<number> {
	const { value } = await server.workspace.ask("allFindings", {}, []);
	const byFile = new Map<string, Finding[]>();
	for (const finding of value) byFile.set(finding.file, [...(byFile.get(finding.file) ?? []), finding]);
	const open = new Set(server.documents.all().map((document) => server.workspace.pathOf(document.uri)));
	let count = 0;
	for (const [file, findings] of byFile) {
		const items = toDiagnostics(server, findings);
		count += items.length;
		if (open.has(file)) continue;
		await server.connection.sendDiagnostics({ uri: server.workspace.uriOf(file), diagnostics: items });
	}
	return count;
}

function doesPull(server: ServerContext): boolean {
	return server.client().textDocument?.diagnostic !== undefined;
}

async function push(server: ServerContext, uri: string): Promise<void> {
	const send = server.guard("diagnostics", undefined, async () => {
		const version = server.documents.get(uri)?.version;
		const items = await diagnosticsOf(server, uri);
		if (server.documents.get(uri)?.version !== version) return undefined;
		await server.connection.sendDiagnostics({ uri, diagnostics: items, ...(version === undefined ? {} : { version }) });
		return undefined;
	});
	await send(undefined);
}

async function diagnosticsOf(server: ServerContext, uri: string): Promise<Diagnostic[]> {
	const path = server.workspace.pathOf(uri);
	if (path === null) return [];
	const { value } = await server.workspace.ask("findingsIn", { path }, []);
	return toDiagnostics(server, value);
}

function toDiagnostics(server: ServerContext, findings: readonly Finding[]): Diagnostic[] {
	const columns = server.workspace.columns();
	const items: Diagnostic[] = [];
	for (const finding of findings) {
		const severity = shownSeverity(finding, server.workspace.settings);
		if (severity === null) continue;
		items.push(toDiagnostic(columns.finding(finding), severity, (path) => server.workspace.uriOf(path)));
	}
	return items;
}
