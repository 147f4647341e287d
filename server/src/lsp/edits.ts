// Edits of fixes as edits of the workspace: tied to the versions they were computed for, and with notes for a preview,
// where the client can.

import type { Edit, ReasonedEdit } from "@might-sleep/analyzer";
import type { AnnotatedTextEdit, ChangeAnnotation, TextEdit, WorkspaceEdit } from "vscode-languageserver";
import type { ServerContext } from "./feature.js";
import { toTextEdit } from "./toLsp.js";

/** `edits`' columns count UTF-16 code units. */
export function toWorkspaceEdit(server: ServerContext, edits: readonly (Edit | ReasonedEdit)[]): WorkspaceEdit {
	const support = server.client().workspace?.workspaceEdit;
	const isAnnotated = support?.documentChanges === true && support.changeAnnotationSupport !== undefined;
	const annotations = new Map<string, ChangeAnnotation>();
	const byUri = new Map<string, TextEdit[]>();
	for (const edit of edits) {
		const uri = server.workspace.uriOf(edit.file);
		const list = byUri.get(uri) ?? [];
		byUri.set(uri, list);
		list.push(isAnnotated && "why" in edit ? annotated(edit, annotations) : toTextEdit(edit));
	}
	const changed = editOf(server, byUri);
	return annotations.size === 0 ? changed : { ...changed, changeAnnotations: Object.fromEntries(annotations) };
}

/** Edits by document. */
export function editOf(server: ServerContext, byUri: ReadonlyMap<string, TextEdit[]>): WorkspaceEdit {
	if (!server.client().workspace?.workspaceEdit?.documentChanges) return { changes: Object.fromEntries(byUri) };
	return {
		documentChanges: [...byUri].map(([uri, edits]) => ({
			textDocument: { uri, version: server.documents.get(uri)?.version ?? null },
			edits,
		})),
	};
}

function annotated(edit: ReasonedEdit, annotations: Map<string, ChangeAnnotation>): AnnotatedTextEdit {
	const label = edit.certain ? edit.why : `to be confirmed: ${edit.why}`;
	annotations.set(label, { label, needsConfirmation: !edit.certain });
	return { ...toTextEdit(edit), annotationId: label };
}
