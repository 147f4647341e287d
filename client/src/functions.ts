// The functions of a document, as the server's document symbols name them.

import { commands, type DocumentSymbol, type Position, SymbolKind, type TextDocument } from "vscode";

export async function functionsOf(document: TextDocument): Promise<readonly DocumentSymbol[]> {
	const symbols = await commands.executeCommand<DocumentSymbol[] | undefined>(
		"vscode.executeDocumentSymbolProvider",
		document.uri,
	);
	return (symbols ?? []).filter((one) => one.kind === SymbolKind.Function);
}

/** The function that a position lies in. */
export async function functionAt(document: TextDocument, position: Position): Promise<string | undefined> {
	const functions = await functionsOf(document);
	return functions.filter((one) => one.range.contains(position)).at(-1)?.name;
}
