// The panel "Machine": follows the debug session, and moves it. The page says which part of the run it shows;
// this side asks the adapter for that part, one request at a time.

import type {
	ActArguments,
	PanelState,
	SeekArguments,
	Timeline,
	TimelineArguments,
} from "@might-sleep/server/debug/messages";
import {
	commands,
	type DebugSession,
	type Disposable,
	debug,
	type WebviewView,
	type WebviewViewProvider,
	window,
} from "vscode";
import type { FromPage, PageMovement, ToPage } from "../../webview/messages.js";
import type { Context } from "../context.js";
import { REVERSE_STEP_IN, REVERSE_STEP_OUT } from "../reverse.js";
import { panelHtml } from "./page.js";

const VIEW = "might-sleep.machine";
const MOVED: typeof import("@might-sleep/server/debug/messages").MOVED_EVENT = "might-sleep/moved";
const TIMELINE: typeof import("@might-sleep/server/debug/messages").TIMELINE_REQUEST = "might-sleep/timeline";
const STATE: typeof import("@might-sleep/server/debug/messages").STATE_REQUEST = "might-sleep/state";
const SEEK: typeof import("@might-sleep/server/debug/messages").SEEK_REQUEST = "might-sleep/seek";
const MEMORY: typeof import("@might-sleep/server/debug/messages").MEMORY_REQUEST = "might-sleep/memory";
const ACT: typeof import("@might-sleep/server/debug/messages").ACT_REQUEST = "might-sleep/act";
const CHOOSE: typeof import("@might-sleep/server/debug/messages").CHOOSE_REQUEST = "might-sleep/choose";

export function registerPanel(ctx: Context, debuggerType: string): Disposable[] {
	const panel = new MachinePanel(ctx, debuggerType);
	const isOurs = (session: DebugSession | undefined) => session?.type === debuggerType;
	return [
		window.registerWebviewViewProvider(VIEW, panel),
		debug.onDidStartDebugSession((session) => {
			if (isOurs(session)) panel.began(session);
		}),
		debug.onDidChangeActiveDebugSession((session) => {
			if (session !== undefined && isOurs(session)) panel.follow(session);
		}),
		debug.onDidTerminateDebugSession((session) => panel.ended(session)),
		debug.onDidReceiveDebugSessionCustomEvent(({ session, event }) => {
			if (event === MOVED) panel.moved(session);
		}),
	];
}

/** Shows the panel; the focus stays where it is. */
export async function showMachine(): Promise<void> {
	await commands.executeCommand(`${VIEW}.focus`, { preserveFocus: true });
}

class MachinePanel implements WebviewViewProvider {
	private view: WebviewView | null = null;
	private session: DebugSession | null = null;
	/** the part of the run that the page shows */
	private part: TimelineArguments = { room: 600 };
	private isAsking = false;
	/** something has changed since the question that is on its way */
	private isStale = false;
	/** step that the page wants next: of many in a row the last counts */
	private wanted: number | null = null;
	private isSeeking = false;

	constructor(
		private readonly ctx: Context,
		private readonly type: string,
	) {}

	resolveWebviewView(view: WebviewView): void {
		this.view = view;
		const root = this.ctx.extension.extensionUri;
		view.webview.options = { enableScripts: true, localResourceRoots: [root] };
		view.webview.onDidReceiveMessage((message: FromPage) => this.guard(this.received(message)));
		view.onDidDispose(() => {
			this.view = null;
		});
		view.onDidChangeVisibility(() => this.refresh());
		view.webview.html = panelHtml(view.webview, root);
		const active = debug.activeDebugSession;
		if (this.session === null && active?.type === this.type) this.session = active;
	}

	/** A session has begun: the panel comes up with it. */
	began(session: DebugSession): void {
		this.follow(session);
		this.guard(showMachine());
	}

	follow(session: DebugSession): void {
		this.session = session;
		this.refresh();
	}

	ended(session: DebugSession): void {
		if (this.session?.id !== session.id) return;
		this.session = null;
		this.send({ kind: "idle" });
	}

	moved(session: DebugSession): void {
		this.isSeeking = false;
		if (this.session?.id === session.id) this.refresh();
		if (this.wanted !== null) this.guard(this.seek());
	}

	private async received(message: FromPage): Promise<void> {
		switch (message.kind) {
			case "window": {
				const { room, from, to } = message;
				this.part = { room, ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) };
				this.refresh();
				return;
			}
			case "seek":
				this.wanted = message.index;
				await this.seek();
				return;
			case "choose":
				await this.session?.customRequest(CHOOSE, message.choice);
				return;
			case "memory":
				await this.session?.customRequest(MEMORY, message.memory);
				return;
			case "act": {
				const args: ActArguments = { action: message.action };
				await this.session?.customRequest(ACT, args);
				return;
			}
			case "move":
				await this.move(message.movement);
				return;
			case "launch":
				await commands.executeCommand("might-sleep.stepThrough");
				return;
			case "open-scenario":
				await commands.executeCommand("might-sleep.openScenario");
		}
	}

	private async seek(): Promise<void> {
		if (this.isSeeking || this.wanted === null || this.session === null) return;
		const args: SeekArguments = { index: this.wanted };
		this.wanted = null;
		this.isSeeking = true;
		try {
			await this.session.customRequest(SEEK, args);
		} catch (error) {
			this.isSeeking = false;
			throw error;
		}
	}

	/** Movements that VS Code has are its own, so that its buttons and views know of them. */
	private async move(movement: PageMovement): Promise<void> {
		if (movement === "reverseStepInto") await this.session?.customRequest(REVERSE_STEP_IN);
		else if (movement === "reverseStepOut") await this.session?.customRequest(REVERSE_STEP_OUT);
		else await commands.executeCommand(`workbench.action.debug.${movement}`);
	}

	/** Shows the page what is there now. */
	private refresh(): void {
		this.isStale = true;
		if (!this.isAsking) this.guard(this.ask());
	}

	private async ask(): Promise<void> {
		this.isAsking = true;
		try {
			while (this.isStale && this.view?.visible) {
				this.isStale = false;
				const { session } = this;
				if (session === null) this.send({ kind: "idle" });
				else this.send(await this.shown(session));
			}
		} finally {
			this.isAsking = false;
		}
	}

	private async shown(session: DebugSession): Promise<ToPage> {
		try {
			const timeline: Timeline = await session.customRequest(TIMELINE, this.part);
			const state: PanelState = await session.customRequest(STATE);
			return { kind: "shown", timeline, state, session: session.id };
		} catch {
			// it is starting, or runs: the event that follows shows it
			return { kind: this.session === null ? "idle" : "running" };
		}
	}

	private send(message: ToPage): void {
		void this.view?.webview.postMessage(message);
	}

	private guard(work: Promise<unknown>): void {
		work.catch((error: unknown) => {
			this.ctx.output.error(`machine panel: ${error}`);
			void window.showErrorMessage(`might-sleep: ${error instanceof Error ? error.message : error}`);
		});
	}
}
