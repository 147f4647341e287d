// "Step through this": from a finding to a run of the simulated kernel that follows its chain to the splat.

import type { Finding } from "@might-sleep/analyzer";
import { type CodeAction, CodeActionKind } from "vscode-languageserver";
import type { ServerContext } from "../lsp/feature.js";
import { STEP_FINDING_COMMAND } from "../lsp/protocol.js";

const TITLE = "Step through this";

/** The code action of a finding; null when it predicts no splat, or a pointer is on its way. */
export async function stepAction(server: ServerContext, finding: Finding): Promise<CodeAction | null> {
	if (!(await isSteppable(server, finding))) return null;
	const command = { title: TITLE, command: STEP_FINDING_COMMAND, arguments: [finding.id, finding.function] };
	return { title: TITLE, kind: CodeActionKind.QuickFix, isPreferred: false, command };
}

/** The same as a link for a hover. */
export async function stepLink(server: ServerContext, finding: Finding): Promise<string | null> {
	if (!(await isSteppable(server, finding))) return null;
	const args = encodeURIComponent(JSON.stringify([finding.id, finding.function]));
	return `[${TITLE}](command:${STEP_FINDING_COMMAND}?${args} "runs the simulated kernel to where ${finding.rule} shows")`;
}

async function isSteppable({ workspace }: ServerContext, { id }: Finding): Promise<boolean> {
	return (await workspace.ask("replayPlan", { id }, null)).value !== null;
}
