// One item in the status bar: what the server is doing. A click shows the output.

import type { StatusParams } from "@might-sleep/server/lsp/protocol";
import { MarkdownString, StatusBarAlignment, type StatusBarItem, ThemeColor, window } from "vscode";
import type { Context, ServerState } from "./context.js";

interface View {
	readonly text: string;
	readonly tooltip: string;
}

export function registerStatus(ctx: Context): void {
	const item = window.createStatusBarItem("might-sleep.status", StatusBarAlignment.Left, 0);
	item.name = "might-sleep";
	item.command = "might-sleep.showOutput";
	item.show();
	ctx.extension.subscriptions.push(
		item,
		ctx.onState((state) => show(item, viewOfState(state))),
		ctx.client.onNotification("might-sleep/status", (status: StatusParams) => show(item, viewOfIndex(status))),
	);
}

function viewOfState(state: ServerState): View {
	switch (state.kind) {
		case "starting":
			return { text: "$(loading~spin) might-sleep", tooltip: "starting the server" };
		case "running":
			return { text: "$(check) might-sleep", tooltip: "the server is running" };
		case "stopped":
			return { text: "$(circle-slash) might-sleep", tooltip: "the server is not running" };
		case "failed":
			return { text: `${FAILED} might-sleep`, tooltip: state.reason };
	}
}

function viewOfIndex(status: StatusParams): View {
	const message = status.message;
	switch (status.phase) {
		case "indexing":
			return { text: `$(sync~spin) might-sleep ${Math.floor(status.percent ?? 0)} %`, tooltip: message ?? "indexing" };
		case "ready":
			return { text: "$(check) might-sleep", tooltip: message ?? "the whole tree is indexed" };
		case "partial":
			return { text: "$(info) might-sleep: partial", tooltip: message ?? "answers rest on a part of the tree" };
		case "error":
			return { text: `${FAILED} might-sleep`, tooltip: message ?? "the tree could not be indexed" };
	}
}

const FAILED = "$(error)";

function show(item: StatusBarItem, view: View): void {
	item.text = view.text;
	item.tooltip = new MarkdownString(`might-sleep: ${view.tooltip}\n\n_click to show the output_`);
	item.backgroundColor = view.text.startsWith(FAILED) ? new ThemeColor("statusBarItem.errorBackground") : undefined;
}
