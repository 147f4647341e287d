// The fixes of findings as code actions, and the comment that suppresses a finding.

import type { Finding, Fix, Range as SourceRange } from "@might-sleep/analyzer";
import {
	type CodeAction,
	CodeActionKind,
	type CodeActionParams,
	type Diagnostic,
	type Range,
	type WorkspaceEdit,
} from "vscode-languageserver";
import { byteColumn } from "../host/columns.js";
import { editOf, toWorkspaceEdit } from "../lsp/edits.js";
import type { Feature, ServerContext } from "../lsp/feature.js";
import type { DiagnosticData } from "../lsp/protocol.js";
import { shownSeverity, toRange } from "../lsp/toLsp.js";
import { lineText } from "../lsp/words.js";
import { FIX_ALL_KIND, fixAllAction } from "./fixAll.js";
import { stepAction } from "./stepFinding.js";

export const codeAction: Feature = {
	capabilities: {
		codeActionProvider: {
			codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, FIX_ALL_KIND],
			resolveProvider: true,
		},
	},
	register: (server) => {
		server.connection.onCodeAction(server.guard("codeAction", [], (params) => actionsFor(server, params)));
		server.connection.onCodeActionResolve((action) => {
			return server.guard("codeAction/resolve", action, () => resolved(server, action))(action);
		});
	},
};

async function actionsFor(server: ServerContext, params: CodeActionParams): Promise<CodeAction[]> {
	const { workspace } = server;
	const path = workspace.pathOf(params.textDocument.uri);
	if (path === null) return [];
	const { value } = await workspace.ask("findingsIn", { path }, []);
	const columns = workspace.columns();
	if (params.context.only?.some((kind) => isKind(FIX_ALL_KIND, kind))) {
		const shown = value.filter((finding) => shownSeverity(finding, workspace.settings) !== null);
		const all = fixAllAction(
			server,
			shown.map((finding) => columns.finding(finding)),
		);
		return all === null ? [] : [all];
	}
	const { only } = params.context;
	const isAsked = (kind: string | undefined) => only === undefined || only.some((wanted) => isKind(kind, wanted));
	if (!Object.values(KINDS).some(isAsked)) return [];
	const range = byteRange(server, path, params);
	const offered = range === null ? [] : await offers(server, range);
	const actions: CodeAction[] = [];
	for (const bytes of value) {
		if (shownSeverity(bytes, workspace.settings) === null) continue;
		const finding = columns.finding(bytes);
		if (!doTouch(toRange(finding), params.range)) continue;
		const diagnostics = params.context.diagnostics.filter((diagnostic) => isOf(diagnostic, finding));
		for (const fix of finding.fixes) actions.push({ ...actionOf(server, fix), diagnostics });
		for (const { finding: of, ...offer } of offered) if (of === finding.id) actions.push({ ...offer, diagnostics });
		const step = await stepAction(server, finding);
		if (step) actions.push({ ...step, diagnostics });
		const ignore = suppression(server, params.textDocument.uri, finding);
		if (ignore) actions.push({ ...ignore, diagnostics });
	}
	for (const { finding: of, ...offer } of offered) if (of === null) actions.push(offer);
	return actions.filter((action) => isAsked(action.kind));
}

function actionOf(server: ServerContext, { title, kind, preferred, edits }: Fix): CodeAction {
	return { title, kind: KINDS[kind], isPreferred: preferred, edit: toWorkspaceEdit(server, edits) };
}

const KINDS = { quickfix: CodeActionKind.QuickFix, refactor: CodeActionKind.RefactorRewrite } as const;

/** What a code action takes with it, to be worked out when it is chosen. */
interface ActionData {
	readonly range: SourceRange;
	readonly key: string;
}

/** The fixes that need the files' texts, and refactorings. */
async function offers(server: ServerContext, range: SourceRange): Promise<(CodeAction & { finding: string | null })[]> {
	const { value } = await server.workspace.ask("offersAt", range, []);
	const columns = server.workspace.columns();
	const actions: (CodeAction & { finding: string | null })[] = [];
	for (const { title, kind, preferred, key, finding, edits, refused } of value) {
		if (refused !== undefined) {
			if (canBeDisabled(server)) actions.push({ title, kind: KINDS[kind], finding, disabled: { reason: refused } });
			continue;
		}
		const data: ActionData = { range, key };
		const action = { title, kind: KINDS[kind], isPreferred: preferred, finding };
		if (edits !== null) {
			const edit = toWorkspaceEdit(
				server,
				edits.map((one) => columns.range(one)),
			);
			actions.push({ ...action, edit });
		} else if (canResolve(server)) actions.push({ ...action, data });
		else {
			const edit = await editFor(server, data);
			if (typeof edit !== "string") actions.push({ ...action, edit });
		}
	}
	return actions;
}

/** The edit of an action that has none yet. */
async function resolved(server: ServerContext, action: CodeAction): Promise<CodeAction> {
	if (action.edit !== undefined || action.data === undefined) return action;
	const edit = await editFor(server, action.data as ActionData);
	if (typeof edit !== "string") return { ...action, edit };
	server.connection.window.showWarningMessage(`might-sleep: ${action.title}: ${edit}`);
	return action;
}

async function editFor(server: ServerContext, data: ActionData): Promise<WorkspaceEdit | string> {
	const { value } = await server.workspace.ask("editsOf", data, { refused: "nothing is known yet" });
	if ("refused" in value) return value.refused;
	const columns = server.workspace.columns();
	return toWorkspaceEdit(
		server,
		value.edits.map((edit) => columns.range(edit)),
	);
}

function canResolve(server: ServerContext): boolean {
	const support = server.client().textDocument?.codeAction;
	return support?.dataSupport === true && support.resolveSupport?.properties.includes("edit") === true;
}

/** Are actions that cannot be made shown, with the reason? */
function canBeDisabled(server: ServerContext): boolean {
	return server.client().textDocument?.codeAction?.disabledSupport === true;
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
		edit: editOf(server, new Map([[uri, [{ range: { start: at, end: at }, newText }]]])),
	};
}

/** What is asked about, in columns that count bytes. */
function byteRange({ documents }: ServerContext, file: string, params: CodeActionParams): SourceRange | null {
	const document = documents.get(params.textDocument.uri);
	if (!document) return null;
	const { start, end } = params.range;
	return {
		file,
		line: start.line + 1,
		column: byteColumn(lineText(document, start.line), start.character + 1),
		endLine: end.line + 1,
		endColumn: byteColumn(lineText(document, end.line), end.character + 1),
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
