// A code lens above each function that steps through it. The server's own lens, with contexts and callers,
// stands beside it; stepping is VS Code's affair, so this one is not in the server.

import { CodeLens, type Disposable, EventEmitter, languages, type TextDocument } from "vscode";
import type { Context } from "./context.js";
import { functionsOf } from "./functions.js";

export function registerStepLens(ctx: Context): Disposable[] {
	const changed = new EventEmitter<void>();
	const provider = {
		onDidChangeCodeLenses: changed.event,
		provideCodeLenses: async (document: TextDocument) => {
			const functions = await functionsOf(document);
			return functions.map(({ name, selectionRange }) => {
				const args = [document.uri.toString(), name];
				return new CodeLens(selectionRange, {
					title: "step through",
					command: "might-sleep.stepThrough",
					arguments: args,
				});
			});
		},
	};
	return [
		changed,
		languages.registerCodeLensProvider(
			[
				{ scheme: "file", language: "c" },
				{ scheme: "file", language: "rust" },
			],
			provider,
		),
		// before the server runs there are no functions to put one on
		ctx.onState((state) => {
			if (state.kind === "running") changed.fire();
		}),
	];
}
