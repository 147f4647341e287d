// source.fixAll: the fixes of a file that need no second look, in one action. Editors make it on saving.

import { type Edit, type Finding, fixAllRules } from "@might-sleep/analyzer";
import { type CodeAction, CodeActionKind } from "vscode-languageserver";
import { toWorkspaceEdit } from "../lsp/edits.js";
import type { ServerContext } from "../lsp/feature.js";

export const FIX_ALL_KIND = `${CodeActionKind.SourceFixAll}.might-sleep`;

/** The action for the findings of a file, whose columns count UTF-16 code units; null when there is nothing to do. */
export function fixAllAction(server: ServerContext, findings: readonly Finding[]): CodeAction | null {
	const edits: Edit[] = [];
	for (const { rule, confidence, file, fixes } of findings) {
		const fix = fixAllRules.has(rule) && confidence === "high" ? fixes.find(({ preferred }) => preferred) : undefined;
		const isOwn = fix?.edits.every((edit) => edit.file === file) === true;
		const isFree = fix?.edits.every((edit) => edits.every((other) => !doOverlap(edit, other))) === true;
		if (fix !== undefined && isOwn && isFree) edits.push(...fix.edits);
	}
	if (edits.length === 0) return null;
	return { title: "Fix all that need no second look", kind: FIX_ALL_KIND, edit: toWorkspaceEdit(server, edits) };
}

function doOverlap(a: Edit, b: Edit): boolean {
	return !isBefore(a.endLine, a.endColumn, b) && !isBefore(b.endLine, b.endColumn, a);
}

function isBefore(line: number, column: number, edit: Edit): boolean {
	return line < edit.line || (line === edit.line && column < edit.column);
}
