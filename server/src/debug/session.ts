// One debug session: takes requests from the wire, hands them to the table it was made with, and tells the
// client what happens. A handler that fails costs its own answer; the session goes on.

import type { Movement, SimEvent } from "@might-sleep/analyzer";
import { ContinuedEvent, DebugSession, Event, OutputEvent, StoppedEvent, TerminatedEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Handles } from "./handles.js";
import { MOVED_EVENT, type MovedEvent } from "./messages.js";
import type { Halt, Mover } from "./mover.js";
import type { DebugTarget, TargetProvider } from "./provider.js";
import { Refusal } from "./refusal.js";
import type { Expandable } from "./rows.js";
import { stopBody, stopLine } from "./stops.js";
import { ANY_SPLAT, type FrameRef, frameOfId, toSource, toThreadId } from "./toDap.js";

/** What exists once the launch has succeeded. */
export interface Running {
	readonly target: DebugTarget;
	readonly mover: Mover;
	readonly stopOnEntry: boolean;
	/** function to run to before the first stop */
	readonly until: string | null;
	/** see LaunchArguments */
	readonly stepLink: string | null;
	/** the latest stop, for exceptionInfo */
	halt: Halt | null;
	/** index of the stop before the present one: what differs is marked */
	before: number;
	/** index of the present stop */
	shown: number;
}

export type Handler = (session: Session, args: never) => object | undefined | Promise<object | undefined>;

export interface RequestTable {
	readonly answers: Readonly<Record<string, Handler>>;
	/** what follows once the answer is out: events must not overtake it */
	readonly afterwards: Readonly<Record<string, (session: Session, args: never) => void>>;
}

/** Requests whose refusal is shown to the user by itself. */
const SHOWN = new Set(["launch", "setVariable", "setExpression", "goto", "restartFrame"]);

export class Session extends DebugSession {
	readonly handles = new Handles<Expandable>();
	running: Running | null = null;
	/** filters that were set before the launch was done, and after: with the condition of each */
	filters: ReadonlyMap<string, string> = new Map([[ANY_SPLAT, ""]]);

	constructor(
		readonly provider: TargetProvider,
		/** the client has said good-bye */
		readonly onGone: () => void,
		private readonly requests: RequestTable,
	) {
		super();
	}

	protected override dispatchRequest(request: DebugProtocol.Request): void {
		void this.answer(request);
	}

	private async answer(request: DebugProtocol.Request): Promise<void> {
		const { command } = request;
		const { answers, afterwards } = this.requests;
		const response: DebugProtocol.Response = {
			seq: 0,
			type: "response",
			request_seq: request.seq,
			command,
			success: true,
		};
		try {
			const handler = Object.hasOwn(answers, command) ? answers[command] : undefined;
			if (handler === undefined) throw new Refusal(`'${command}' is not supported`);
			const body = await handler(this, (request.arguments ?? {}) as never);
			this.sendResponse(body === undefined ? response : { ...response, body });
			if (Object.hasOwn(afterwards, command)) afterwards[command]?.(this, (request.arguments ?? {}) as never);
		} catch (error) {
			const text = error instanceof Error ? error.message : String(error);
			const format = error instanceof Refusal ? text : `internal error: ${text}`;
			const body = { error: { id: 1, format, showUser: SHOWN.has(command) } };
			this.sendResponse({ ...response, success: false, message: format, body } as DebugProtocol.Response);
		}
	}

	/** What was launched; refuses while nothing is. */
	get live(): Running {
		if (this.running === null) throw new Refusal("nothing runs yet");
		return this.running;
	}
	get mover(): Mover {
		return this.live.mover;
	}

	/** Requests that look at the machine or move it need one that stands still. */
	get still(): Mover {
		if (this.mover.isRunning) throw new Refusal("the machine is running");
		return this.mover;
	}

	/** Thread that runs at the present step. */
	get thread(): number {
		const { simulation, index } = this.mover;
		return toThreadId(simulation.taskAt(index));
	}

	/** The frame with an id; without one, the innermost of the task that runs. */
	frameAt(frameId: number | undefined): FrameRef {
		if (frameId !== undefined && frameId > 0) return frameOfId(frameId);
		const { simulation, index } = this.mover;
		return { task: simulation.taskAt(index), depth: simulation.frames(index)[0]?.depth ?? 0 };
	}

	/** `step`: the index that the text is about, to which the console offers a way. */
	print(
		text: string,
		category: "console" | "stderr" | "important",
		at?: { readonly path: string; readonly line: number },
		step?: number,
	): void {
		const link = step === undefined || !this.running?.stepLink ? "" : `  ${this.running.stepLink}${step}`;
		const event: DebugProtocol.OutputEvent = new OutputEvent(`${text}${link}\n`, category);
		if (at !== undefined && this.running !== null) {
			event.body.source = toSource(this.running.target.root, at.path);
			event.body.line = at.line;
		}
		this.sendEvent(event);
	}

	/** Moves in the background: the request is answered first, the stop is an event. */
	move(isForwards: boolean, movement: Movement, task?: number): void {
		const { mover } = this;
		if (mover.isRunning) return;
		if (isForwards && mover.isEndShown) return void this.sendEvent(new TerminatedEvent());
		this.stopAfter(isForwards ? mover.forwards(movement, task) : mover.backwards(movement, task), "step");
	}

	/** Says where a movement has ended. */
	stopAfter(moved: Promise<Halt>, reason: string): void {
		moved.then(
			(halt) => this.stopped(halt, reason),
			(error: Error) => {
				this.print(`internal error: ${error.message}`, "stderr");
				this.stopped({ kind: "paused" });
			},
		);
	}

	/** Requests beyond the protocol make a client believe that nothing moves, unless it is told. */
	tellContinued(): void {
		this.sendEvent(new ContinuedEvent(this.thread, true));
	}

	stopped(halt: Halt, reason = "step"): void {
		const { running } = this;
		if (running === null) return;
		const { mover } = running;
		running.halt = halt;
		running.before = running.shown;
		running.shown = mover.index;
		this.handles.reset();
		const line = stopLine(halt);
		if (line !== null) this.print(line.text, line.category, line.at, mover.index);
		const body = stopBody(halt, reason);
		const event = new StoppedEvent(body.reason, this.thread) as DebugProtocol.StoppedEvent;
		Object.assign(event.body, body, { allThreadsStopped: true });
		if (halt.kind === "breakpoint" || halt.kind === "data") {
			event.body.hitBreakpointIds = [...mover.breakpoints.hitIds];
		}
		this.sendEvent(event);
		this.tellMoved();
	}

	/** For panels: where the machine is, or that its timeline has changed. */
	tellMoved(): void {
		const { mover } = this;
		const body: MovedEvent = { index: mover.index, last: mover.simulation.recording.last };
		this.sendEvent(new Event(MOVED_EVENT, body));
	}

	report(events: readonly SimEvent[], index: number): void {
		for (const event of events) {
			if (event.kind === "splat") this.print(event.splat.text, "stderr", event.splat.at, index);
			else this.print(event.text, "console", event.at);
		}
	}

	setFilters(filters: ReadonlyMap<string, string>): void {
		this.filters = filters;
		if (this.running === null) return;
		const { simulation } = this.running.mover;
		this.running.mover.stopsAtSplat = ({ kind }, index) => {
			return [ANY_SPLAT, kind].some((filter) => {
				const condition = this.filters.get(filter);
				if (condition === undefined || condition === "") return condition !== undefined;
				return simulation.holds(index, simulation.recording.depthAt(index), condition) !== false;
			});
		};
	}
}
