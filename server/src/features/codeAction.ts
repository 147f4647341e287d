// The fixes of findings as code actions, and the comment that suppresses a finding.

import type { Finding, Fix } from "@might-sleep/analyzer";
import {
	type CodeAction,
	CodeActionKind,
	type CodeActionParams,
	type Diagnostic,
	type Range,
	type TextEdit,
	type WorkspaceEdit,
} from "vscode-languageserver";
import type { Feature, ServerContext } from "../lsp/feature.js";
import type { DiagnosticData } from "../lsp/protocol.js";
import { shownSeverity, toRange, toTextEdit } from "../lsp/toLsp.js";
import { lineText } from "../lsp/words.js";

export const codeAction: Feature = {
	capabilities: { codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.Refactor] } },
	register: (server) => {
		server.connection.onCodeAction(server.guard("codeAction", [], (params) => actionsFor(server, params)));
	},
};

async function actionsFor(server: ServerContext, params: CodeActionParams): Promise<CodeAction[]> {
	const { workspace } = server;
	const path = workspace.pathOf(params.textDocument.uri);
	if (path === null) return [];
	const { value } = await workspace.ask("findingsIn", { path }, []);
	const columns = workspace.columns();
	const actions: CodeAction[] = [];
	for (const bytes of value) {
		if (shownSeverity(bytes, workspace.settings) === null) continue;
		const finding = columns.finding(bytes);
		if (!doTouch(toRange(finding), params.range)) continue;
		const diagnostics = params.context.diagnostics.filter((diagnostic) => isOf(diagnostic, finding));
		for (const fix of finding.fixes) actions.push({ ...actionOf(server, fix), diagnostics });
		const ignore = suppression(server, params.textDocument.uri, finding);
		if (ignore) actions.push({ ...ignore, diagnostics });
	}
	const only = params.context.only;
	return only === undefined ? actions : actions.filter((action) => only.some((kind) => isKind(action.kind, kind)));
}

function actionOf(server: ServerContext, fix: Fix): CodeAction {
	const byUri = new Map<string, TextEdit[]>();
	for (const edit of fix.edits) {
		const uri = server.workspace.uriOf(edit.file);
		byUri.set(uri, [...(byUri.get(uri) ?? []), toTextEdit(edit)]);
	}
	return {
		title: fix.title,
		kind: fix.kind === "quickfix" ? CodeActionKind.QuickFix : CodeActionKind.RefactorRewrite,
		isPreferred: fix.preferred,
		edit: workspaceEdit(server, byUri),
	};
}

/** Ties the edits to the versions they were computed for, when the client can. */
function workspaceEdit(server: ServerContext, byUri: ReadonlyMap<string, TextEdit[]>): WorkspaceEdit {
	if (!server.client().workspace?.workspaceEdit?.documentChanges) return { changes: Object.fromEntries(byUri) };
	return {
		documentChanges: [...byUri].map(([uri, edits]) => ({
			textDocument: { uri, version: server.documents.get(uri)?.version ?? null },
			edits,
		})),
	};
}

function suppression(server: ServerContext, uri: string, finding: Finding): CodeAction | null {
	const document = server.documents.get(uri);
	if (!document) return null;
	const line = finding.line - 1;
	const indent = /^\s*/.exec(lineText(document, line))![0];
	const at = { line, character: 0 };
	const newText = `${indent}/* might-sleep: ignore[${finding.rule}] */\n`;
	return {
		title: `Ignore ${finding.rule} here`,
		kind: CodeActionKind.QuickFix,
		isPreferred: false,
		edit: workspaceEdit(server, new Map([[uri, [{ range: { start: at, end: at }, newText }]]])),
	};
}

function isOf(diagnostic: Diagnostic, finding: Finding): boolean {
	return (diagnostic.data as Partial<DiagnosticData> | undefined)?.id === finding.id;
}

function doTouch(a: Range, b: Range): boolean {
	return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: Range["start"], b: Range["start"]): boolean {
	return a.line < b.line || (a.line === b.line && a.character < b.character);
}

function isKind(kind: string | undefined, wanted: string): boolean {
	return kind !== undefined && (kind === wanted || kind.startsWith(`${wanted}.`));
}
