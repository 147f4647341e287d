// One debug session: a table from requests to handlers over a `Mover`. A handler that fails costs its own
// answer; the session goes on.

import { type Choice, type Movement, type Outcome, openSimulation, type SimEvent } from "@might-sleep/analyzer";
import { DebugSession, InitializedEvent, OutputEvent, StoppedEvent, TerminatedEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Handles } from "./handles.js";
import { CHOOSE_REQUEST, type ChooseResult, readLaunch } from "./launch.js";
import { type Halt, Mover } from "./mover.js";
import { relativeTo } from "./paths.js";
import type { DebugTarget, TargetProvider } from "./provider.js";
import {
	ANY_SPLAT,
	CAPABILITIES,
	contextVariables,
	countVariables,
	depthOfFrame,
	type Expandable,
	orNone,
	toFrame,
	toScopes,
	toSource,
	toVariable,
} from "./toDap.js";

const THREAD = 1;

/** What exists once the launch has succeeded. */
interface Running {
	readonly target: DebugTarget;
	readonly mover: Mover;
	readonly stopOnEntry: boolean;
	/** the latest stop, for exceptionInfo */
	halt: Halt | null;
}

type Handler = (session: Session, args: never) => object | undefined | Promise<object | undefined>;

/** An answer that is a refusal, in words for the user. */
class Refusal extends Error {}

export class Session extends DebugSession {
	readonly handles = new Handles<Expandable>();
	running: Running | null = null;
	/** filters that were set before the launch was done, and after */
	filters: ReadonlySet<string> = new Set([ANY_SPLAT]);

	constructor(
		readonly provider: TargetProvider,
		/** the client has said good-bye */
		readonly onGone: () => void,
	) {
		super();
	}

	protected override dispatchRequest(request: DebugProtocol.Request): void {
		void this.answer(request);
	}

	private async answer(request: DebugProtocol.Request): Promise<void> {
		const response: DebugProtocol.Response = {
			seq: 0,
			type: "response",
			request_seq: request.seq,
			command: request.command,
			success: true,
		};
		try {
			const handler = Object.hasOwn(REQUESTS, request.command) ? REQUESTS[request.command] : undefined;
			if (handler === undefined) throw new Refusal(`'${request.command}' is not supported`);
			const body = await handler(this, (request.arguments ?? {}) as never);
			this.sendResponse(body === undefined ? response : { ...response, body });
			AFTERWARDS[request.command]?.(this, request.arguments as never);
		} catch (error) {
			const text = error instanceof Error ? error.message : String(error);
			const format = error instanceof Refusal ? text : `internal error: ${text}`;
			const showUser = request.command === "launch" || request.command === "setVariable";
			const body = { error: { id: 1, format, showUser } };
			this.sendResponse({ ...response, success: false, message: format, body } as DebugProtocol.Response);
		}
	}

	get mover(): Mover {
		if (this.running === null) throw new Refusal("nothing runs yet");
		return this.running.mover;
	}

	print(text: string, category: "console" | "stderr" | "important", at?: { path: string; line: number }): void {
		const event: DebugProtocol.OutputEvent = new OutputEvent(`${text}\n`, category);
		if (at !== undefined && this.running !== null) {
			event.body.source = toSource(this.running.target.root, at.path);
			event.body.line = at.line;
		}
		this.sendEvent(event);
	}

	/** Moves in the background: the request is answered first, the stop is an event. */
	move(movement: Movement): void {
		const { mover } = this;
		if (mover.isRunning) return;
		if (mover.isEndShown) return void this.sendEvent(new TerminatedEvent());
		mover.forwards(movement).then(
			(halt) => this.stopped(halt),
			(error: Error) => {
				this.print(`internal error: ${error.message}`, "stderr");
				this.stopped({ kind: "paused" });
			},
		);
	}

	stopped(halt: Halt, reason = "step"): void {
		if (this.running === null) return;
		this.running.halt = halt;
		this.handles.reset();
		const event = new StoppedEvent(reasonOf(halt) ?? reason, THREAD) as DebugProtocol.StoppedEvent;
		event.body.allThreadsStopped = true;
		switch (halt.kind) {
			case "splat":
				event.body.description = "Kernel splat";
				event.body.text = halt.splat.title;
				break;
			case "choice":
				Object.assign(event.body, choiceBody(halt.choice));
				this.print(questionText(halt.choice), "console", halt.choice.at);
				break;
			case "end":
				event.body.description = "The run is over";
				event.body.text = outcomeText(halt.outcome);
				this.print(outcomeText(halt.outcome), halt.outcome.kind === "finished" ? "console" : "stderr");
				break;
			case "start":
				event.body.description = "Beginning of the run";
				break;
			case "limit":
				event.body.description = "Step limit";
				this.print(`stopped after ${halt.steps.toLocaleString("en")} ops; continue goes on`, "important");
				break;
			default:
				break;
		}
		this.sendEvent(event);
	}

	report(events: readonly SimEvent[]): void {
		for (const event of events) {
			if (event.kind === "splat") this.print(event.splat.text, "stderr", event.splat.at);
			else this.print(event.text, "console", event.at);
		}
	}

	setFilters(filters: readonly string[]): void {
		this.filters = new Set(filters);
		if (this.running === null) return;
		this.running.mover.stopsAtSplat = ({ kind }) => this.filters.has(ANY_SPLAT) || this.filters.has(kind);
	}
}

function reasonOf(halt: Halt): string | null {
	switch (halt.kind) {
		case "goal":
			return null;
		case "breakpoint":
			return "breakpoint";
		case "splat":
			return "exception";
		case "choice":
			return "choice";
		case "end":
			return halt.outcome.kind === "finished" || halt.outcome.kind === "halted" ? "exit" : "exception";
		case "start":
			return "entry";
		case "paused":
		case "limit":
		case "budget":
			return "pause";
	}
}

function choiceBody(choice: Choice) {
	return {
		description: `Asks: ${choice.text}`,
		text: choice.text,
		choice: { text: choice.text, options: choice.options, default: choice.default },
	};
}

function questionText(choice: Choice): string {
	const options = choice.options.join(" or ");
	return `${choice.text}? ${options}; stepping on takes ${choice.options[choice.default]}`;
}

function outcomeText(outcome: Outcome): string {
	switch (outcome.kind) {
		case "finished":
			return outcome.value === null ? "the function returned" : `the function returned ${outcome.value}`;
		case "bug":
			return `Kernel panic - not syncing: panic_on_warn set: ${outcome.text}`;
		case "halted":
			return `${outcome.by}() does not return`;
		case "deadlock":
			return `deadlock: ${outcome.text}`;
		case "unsupported":
			return `not supported: ${outcome.text}`;
		case "step-limit":
			return `stopped after ${outcome.steps} ops`;
	}
}

// ---- the request table ----

const REQUESTS: Readonly<Record<string, Handler>> = {
	initialize: () => CAPABILITIES,
	launch: (session, args: DebugProtocol.LaunchRequestArguments) => launch(session, args),
	configurationDone: () => undefined,
	setBreakpoints: (session, args: DebugProtocol.SetBreakpointsArguments) => setBreakpoints(session, args),
	breakpointLocations: (session, args: DebugProtocol.BreakpointLocationsArguments) => ({
		breakpoints: codeLines(session, args.source)
			.filter((line) => line >= args.line && line <= (args.endLine ?? args.line))
			.map((line) => ({ line })),
	}),
	setExceptionBreakpoints: (session, args: DebugProtocol.SetExceptionBreakpointsArguments) => {
		session.setFilters(args.filters);
		return undefined;
	},
	threads: (session) => ({ threads: [{ id: THREAD, name: threadName(session) }] }),
	stackTrace: (session, args: DebugProtocol.StackTraceArguments) => stackTrace(session, args),
	scopes: (session, args: DebugProtocol.ScopesArguments) => ({
		scopes: toScopes(depthOfFrame(args.frameId) ?? 0, session.handles),
	}),
	variables: (session, args: DebugProtocol.VariablesArguments) => variables(session, args.variablesReference),
	setVariable: (session, args: DebugProtocol.SetVariableArguments) => setVariable(session, args),
	evaluate: (session, args: DebugProtocol.EvaluateArguments) => evaluate(session, args),
	stepInTargets: (session) => ({ targets: stepTargets(session) }),
	[CHOOSE_REQUEST]: (session, args: { option: number }) => choose(session, args.option),
	exceptionInfo: (session) => exceptionInfo(session),
	next: standing,
	stepIn: (session, args: DebugProtocol.StepInArguments) => {
		if (args.targetId !== undefined) takeTarget(session, args.targetId);
		return standing(session);
	},
	stepOut: standing,
	continue: (session) => {
		standing(session);
		return { allThreadsContinued: true };
	},
	stepBack: standing,
	reverseContinue: standing,
	pause: (session) => {
		session.mover.pause();
		return undefined;
	},
	terminate: (session) => {
		session.running?.mover.pause();
		return undefined;
	},
	disconnect: (session) => {
		session.running?.mover.pause();
		session.running = null;
		return undefined;
	},
};

/** What follows once the answer is out: events must not overtake it. */
const AFTERWARDS: Readonly<Record<string, (session: Session, args: never) => void>> = {
	launch: (session) => void session.sendEvent(new InitializedEvent()),
	configurationDone: (session) => {
		if (session.running?.stopOnEntry) session.stopped({ kind: "goal" }, "entry");
		else session.move("run");
	},
	next: (session) => session.move("over"),
	stepIn: (session) => session.move("in"),
	stepOut: (session) => session.move("out"),
	continue: (session) => session.move("run"),
	stepBack: (session) => session.stopped(session.mover.backwards("over")),
	reverseContinue: (session) => session.stopped(session.mover.backwards("run")),
	pause: (session) => {
		if (!session.mover.isRunning) session.stopped({ kind: "paused" });
	},
	terminate: (session) => void session.sendEvent(new TerminatedEvent()),
	disconnect: (session) => session.onGone(),
};

/** Movements need a machine that stands still. */
function standing(session: Session): undefined {
	if (session.mover.isRunning) throw new Refusal("the machine is running");
	return undefined;
}

async function launch(session: Session, given: DebugProtocol.LaunchRequestArguments): Promise<undefined> {
	const args = readLaunch(given);
	if (!args.ok) throw new Refusal(args.error);
	const target = await session.provider.open(args.value);
	if (!target.ok) throw new Refusal(target.error);
	const opened = openSimulation(target.value.request);
	if (!opened.ok) throw new Refusal(opened.error);
	const mover = new Mover(opened.value, {
		onEvents: (events) => session.report(events),
		onDecided: (choice, option, isUsers) => {
			const why = isUsers ? "as you said" : "nobody said otherwise";
			session.print(`${choice.text}: taken as ${choice.options[option]} (${why})`, "console", choice.at);
		},
	});
	session.running = { target: target.value, mover, stopOnEntry: args.value.stopOnEntry ?? true, halt: null };
	session.setFilters([...session.filters]);
	const { request, notes } = target.value;
	session.print(`${request.function}() is entered in the context '${request.entry}'`, "console");
	for (const note of notes) session.print(note, "console");
	return undefined;
}

function codeLines(session: Session, source: DebugProtocol.Source): number[] {
	if (session.running === null || source.path === undefined) return [];
	const { target, mover } = session.running;
	return mover.simulation.codeLines(relativeTo(target.root, source.path));
}

function setBreakpoints(session: Session, args: DebugProtocol.SetBreakpointsArguments) {
	const lines = codeLines(session, args.source);
	const wanted = (args.breakpoints ?? []).map(({ line }) => line);
	// A breakpoint on a line without code stands on the next one that has some.
	const placed = wanted.map((line) => lines.find((candidate) => candidate >= line));
	if (session.running !== null && args.source.path !== undefined) {
		const path = relativeTo(session.running.target.root, args.source.path);
		session.mover.breakpoints.set(path, new Set(placed.filter((line) => line !== undefined)));
	}
	return {
		breakpoints: placed.map((line, i) => {
			if (line !== undefined) return { verified: true, line };
			return { verified: false, line: wanted[i], message: "this run has no code here" };
		}),
	};
}

function threadName(session: Session): string {
	if (session.running === null) return "CPU 0";
	const context = session.mover.simulation.context(session.mover.index);
	return `CPU 0: ${context.task} (${context.level})`;
}

function stackTrace(session: Session, args: DebugProtocol.StackTraceArguments) {
	const { mover } = session;
	const frames = mover.simulation.frames(mover.index);
	const start = args.startFrame ?? 0;
	const count = args.levels === undefined || args.levels === 0 ? frames.length : args.levels;
	const shown = frames.slice(start, start + count);
	const { root } = session.running!.target;
	return { stackFrames: shown.map((frame) => toFrame(root, frame)), totalFrames: frames.length };
}

function variables(session: Session, reference: number) {
	const { mover, handles } = session;
	const of = handles.get(reference);
	const { simulation, index } = mover;
	if (of === undefined) return { variables: [] };
	const show = (items: Parameters<typeof toVariable>[0][]) => items.map((item) => toVariable(item, handles));
	switch (of.kind) {
		case "context": {
			const nSections = simulation.sections(index).length;
			return { variables: contextVariables(simulation.context(index), nSections, handles) };
		}
		case "count":
			return { variables: countVariables(simulation.context(index)) };
		case "sections":
			return { variables: show(simulation.sections(index)) };
		case "locks":
			return { variables: orNone(show(simulation.locks(index)), "no locks held") };
		case "rcu":
			return { variables: show(simulation.rcu(index)) };
		case "locals":
			return { variables: orNone(show(simulation.locals(index, of.depth)), "no variables") };
		case "members":
			return { variables: show(simulation.members(index, of.key)) };
		case "configuration":
			return { variables: show(simulation.config()) };
	}
}

function setVariable(session: Session, args: DebugProtocol.SetVariableArguments) {
	standing(session);
	const { mover, handles } = session;
	const of = handles.get(args.variablesReference);
	if (of?.kind !== "locals") throw new Refusal(`${args.name} cannot be set`);
	if (!mover.simulation.setVariable(mover.index, of.depth, args.name, args.value)) {
		throw new Refusal(
			`'${args.value}' is no value for ${args.name}: a number, NULL, a gfp mask or a variable's name is`,
		);
	}
	mover.changed();
	return { value: mover.simulation.evaluate(mover.index, of.depth, args.name) ?? args.value };
}

const ANSWERS: Readonly<Record<string, number>> = { true: 0, false: 1 };

function evaluate(session: Session, args: DebugProtocol.EvaluateArguments) {
	const { mover } = session;
	const text = args.expression.trim();
	if (args.context === "repl") {
		const option = ANSWERS[text] ?? optionNamed(session, text);
		const taken = option === undefined ? null : mover.choose(option);
		if (taken !== null) return { result: `${taken}; step or continue to go on`, variablesReference: 0 };
		if (option !== undefined) throw new Refusal("this line asks nothing");
	}
	const depth = depthOfFrame(args.frameId) ?? mover.simulation.frames(mover.index)[0]!.depth;
	const result = mover.simulation.evaluate(mover.index, depth, text);
	if (result === null) throw new Refusal(`${text}: not known to the simulated machine`);
	return { result, variablesReference: 0 };
}

/** An option by its own words: `case 3`. */
function optionNamed(session: Session, text: string): number | undefined {
	const [first] = session.mover.questions().filter((choice) => !choice.isOptional);
	const index = first?.options.indexOf(text) ?? -1;
	return index < 0 ? undefined : index;
}

function choose(session: Session, option: number): ChooseResult {
	standing(session);
	const taken = session.mover.choose(option);
	if (taken === null) throw new Refusal("this line asks nothing that has such an option");
	return { taken };
}

/** Step-in targets: what each question of the line can be answered with. Ids count all options of all questions. */
function stepTargets(session: Session): DebugProtocol.StepInTarget[] {
	const targets: DebugProtocol.StepInTarget[] = [];
	for (const choice of session.mover.questions()) {
		for (const option of choice.options) targets.push({ id: targets.length, label: `${choice.text}: ${option}` });
	}
	return targets;
}

function takeTarget(session: Session, id: number): void {
	let first = 0;
	for (const [which, choice] of session.mover.questions().entries()) {
		if (id < first + choice.options.length) {
			session.mover.choose(id - first, which);
			return;
		}
		first += choice.options.length;
	}
	throw new Refusal("no such step-in target");
}

function exceptionInfo(session: Session): DebugProtocol.ExceptionInfoResponse["body"] {
	const halt = session.running?.halt;
	if (halt?.kind === "splat") {
		const { kind, title, text } = halt.splat;
		return { exceptionId: kind, description: text, breakMode: "always", details: { message: title } };
	}
	if (halt?.kind === "end") {
		const text = outcomeText(halt.outcome);
		return { exceptionId: halt.outcome.kind, description: text, breakMode: "unhandled", details: { message: text } };
	}
	throw new Refusal("there is no splat here");
}
