// Questions of a simulation: a condition that it cannot compute stops the debugger with the reason "choice".
// They are asked in a quick pick; stepping on without an answer takes the default.

import type { ChoiceStop, ChooseArguments, ChooseResult } from "@might-sleep/server/debug/messages";
import {
	CancellationTokenSource,
	type DebugAdapterTracker,
	type DebugSession,
	type Disposable,
	debug,
	window,
} from "vscode";
import type { Context } from "./context.js";

const CHOOSE: typeof import("@might-sleep/server/debug/messages").CHOOSE_REQUEST = "might-sleep/choose";

interface Message {
	readonly type: string;
	readonly event?: string;
	readonly body?: { readonly reason?: string } & Partial<ChoiceStop>;
}

export function registerChoices(ctx: Context, debuggerType: string): Disposable {
	return debug.registerDebugAdapterTrackerFactory(debuggerType, {
		createDebugAdapterTracker: (session) => tracker(ctx, session),
	});
}

function tracker(ctx: Context, session: DebugSession): DebugAdapterTracker {
	let shown = new CancellationTokenSource();
	return {
		onDidSendMessage: (message: Message) => {
			if (message.type !== "event") return;
			// whatever happens next, the question on the screen is over
			if (message.event === "stopped" || message.event === "continued" || message.event === "terminated") {
				shown.cancel();
			}
			const stop = message.event === "stopped" && message.body?.reason === "choice" ? message.body : undefined;
			if (stop?.text === undefined || stop.options === undefined) return;
			shown = new CancellationTokenSource();
			ask(session, stop.text, stop.options, shown).catch((error) => ctx.output.error(`choice: ${error}`));
		},
		onWillStopSession: () => shown.cancel(),
	};
}

async function ask(
	session: DebugSession,
	text: string,
	options: readonly string[],
	cancel: CancellationTokenSource,
): Promise<void> {
	const picked = await window.showQuickPick([...options], { placeHolder: text, title: session.name }, cancel.token);
	if (picked === undefined) return;
	const args: ChooseArguments = { option: options.indexOf(picked) };
	const result = (await session.customRequest(CHOOSE, args)) as ChooseResult;
	window.setStatusBarMessage(`might-sleep: ${result.taken}`, 5000);
}
