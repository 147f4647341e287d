// Beside each line that has run, what it did: the adapter says it in a few words.

import type { InlineArguments, InlineText } from "@might-sleep/server/debug/messages";
import { type Disposable, debug, type InlineValuesProvider, InlineValueText, languages, Range } from "vscode";
import type { Context } from "./context.js";

const INLINE: typeof import("@might-sleep/server/debug/messages").INLINE_REQUEST = "might-sleep/inlineValues";

export function registerInlineValues(ctx: Context, debuggerType: string): Disposable {
	const provider: InlineValuesProvider = {
		provideInlineValues: async (document, viewPort, context) => {
			const session = debug.activeDebugSession;
			if (session?.type !== debuggerType) return [];
			const args: InlineArguments = { frameId: context.frameId };
			try {
				const { values } = (await session.customRequest(INLINE, args)) as { values: readonly InlineText[] };
				const end = (line: number) => document.lineAt(line).range.end;
				return values
					.map(({ line, text }) => ({ line: line - 1, text }))
					.filter(({ line }) => line >= viewPort.start.line && line <= viewPort.end.line && line < document.lineCount)
					.map(({ line, text }) => new InlineValueText(new Range(end(line), end(line)), text));
			} catch (error) {
				ctx.output.debug(`inline values: ${error}`);
				return [];
			}
		},
	};
	return languages.registerInlineValuesProvider(
		[{ language: "c" }, { language: "cpp", pattern: "**/*.h" }, { language: "rust" }],
		provider,
	);
}
