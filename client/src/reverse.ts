// Movements backwards that VS Code has no buttons for: into the call before, out to the caller. And going to
// a step, by its number or by a link in the debug console.

import type { SeekArguments } from "@might-sleep/server/debug/messages";
import { type DebugSession, type Disposable, debug, env, type Uri, window } from "vscode";
import type { Context } from "./context.js";

export const REVERSE_STEP_IN: typeof import("@might-sleep/server/debug/messages").REVERSE_STEP_IN =
	"might-sleep/reverseStepIn";
export const REVERSE_STEP_OUT: typeof import("@might-sleep/server/debug/messages").REVERSE_STEP_OUT =
	"might-sleep/reverseStepOut";
const SEEK: typeof import("@might-sleep/server/debug/messages").SEEK_REQUEST = "might-sleep/seek";

function active(): DebugSession {
	const session = debug.activeDebugSession;
	if (session?.type !== "might-sleep") throw new Error("nothing is simulated");
	return session;
}

export async function reverseStepInto(): Promise<void> {
	await active().customRequest(REVERSE_STEP_IN);
}

export async function reverseStepOut(): Promise<void> {
	await active().customRequest(REVERSE_STEP_OUT);
}

/** Goes to a step of the run; asks which when none is given. */
export async function goToStep(_ctx: Context, index?: number): Promise<void> {
	const session = active();
	const validateInput = (text: string) => (/^\d+$/.test(text.trim()) ? undefined : "the number of a step");
	const text =
		index ?? (await window.showInputBox({ title: "Go to Step", prompt: "The number of a step", validateInput }));
	if (text === undefined) return;
	const args: SeekArguments = { index: Number(text) };
	await session.customRequest(SEEK, args);
}

/** What a link to a step begins with. */
export function stepLink(extensionId: string): string {
	return `${env.uriScheme}://${extensionId}/step/`;
}

/** Links to steps in the debug console. */
export function registerStepLinks(ctx: Context): Disposable {
	return window.registerUriHandler({
		handleUri: async (uri: Uri) => {
			const step = /^\/step\/(\d+)$/.exec(uri.path)?.[1];
			if (step === undefined) return;
			try {
				await goToStep(ctx, Number(step));
			} catch (error) {
				void window.showErrorMessage(`might-sleep: ${error instanceof Error ? error.message : error}`);
			}
		},
	});
}
