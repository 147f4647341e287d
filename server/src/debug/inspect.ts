// Requests that look at the machine where it stands: stack, scopes, variables, expressions.

import type { ThreadView } from "@might-sleep/analyzer";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { InlineArguments, InlineText } from "./messages.js";
import { ownText } from "./ownTexts.js";
import { Refusal } from "./refusal.js";
import { type Expandable, markChanges, rowsOf, setMemoryRow, withoutMark } from "./rows.js";
import type { Session } from "./session.js";
import { outcomeText } from "./stops.js";
import { type FrameRef, orNone, taskOfThread, toFrame, toScopes, toSource, toThreadId, toVariable } from "./toDap.js";

/** The tasks that have something to do; the one that runs is always there. */
export function threads(session: Session) {
	if (session.running === null) return { threads: [{ id: 1, name: "CPU 0" }] };
	const { simulation, index } = session.mover;
	const present = simulation.taskAt(index);
	const shown = simulation.threads(index).filter((thread) => thread.id === present || isBusy(thread));
	return { threads: shown.map((thread) => ({ id: toThreadId(thread.id), name: threadName(session, thread) })) };
}

function isBusy({ status }: ThreadView): boolean {
	return status !== "rests" && status !== "done";
}

/** `CPU 0: writer/1000 (hardirq)`; what it waits for where it does not run. */
function threadName(session: Session, thread: ThreadView): string {
	const { simulation, index } = session.mover;
	const what =
		thread.status === "runs" || thread.id === simulation.taskAt(index)
			? simulation.context(index, thread.id).level
			: thread.waitsFor === ""
				? thread.status
				: `${thread.status}: ${thread.waitsFor}`;
	return `CPU ${thread.cpu}: ${thread.name} (${what})`;
}

export function stackTrace(session: Session, args: DebugProtocol.StackTraceArguments) {
	const { mover } = session;
	const task = taskOfThread(args.threadId);
	const isTask = mover.simulation.threads(mover.index).some(({ id }) => id === task);
	if (!isTask) throw new Refusal(`there is no thread ${args.threadId} at this step`);
	const frames = mover.simulation.frames(mover.index, task);
	const start = args.startFrame ?? 0;
	const count = args.levels === undefined || args.levels === 0 ? frames.length : args.levels;
	const shown = frames.slice(start, start + count);
	const { root } = session.live.target;
	return { stackFrames: shown.map((frame) => toFrame(root, task, frame)), totalFrames: frames.length };
}

export function scopes(session: Session, args: DebugProtocol.ScopesArguments) {
	const frame = session.frameAt(args.frameId);
	return { scopes: toScopes(frame, session.mover.questions().length > 0, session.handles) };
}

const EMPTY: Readonly<Partial<Record<Expandable["kind"], string>>> = {
	locks: "no locks held",
	locals: "no variables",
};

export function variables(session: Session, args: DebugProtocol.VariablesArguments) {
	const of = session.handles.get(args.variablesReference);
	if (of === undefined) return { variables: [] };
	const { mover, before, shown } = session.live;
	const now = rowsOf(mover, of, mover.index);
	const isComparable = before !== shown && before <= mover.simulation.recording.last && isSameFrame(session, of);
	const rows = isComparable ? markChanges(now, rowsOf(mover, of, before), of) : now;
	const made = rows.map((row) => toVariable(row, session.handles));
	const text = EMPTY[of.kind];
	return { variables: text === undefined ? made : orNone(made, text) };
}

/** Variables of another activation are other variables. */
function isSameFrame(session: Session, of: Expandable): boolean {
	if (of.kind !== "locals") return true;
	const { mover, before } = session.live;
	const { simulation } = mover;
	const start = (index: number) => simulation.frameStart(index, of.depth, of.task);
	return start(mover.index) === start(before);
}

export function setVariable(session: Session, args: DebugProtocol.SetVariableArguments) {
	const mover = session.still;
	const of = session.handles.get(args.variablesReference);
	const value = withoutMark(args.value);
	switch (of?.kind) {
		case "locals":
			return setLocal(session, of, args.name, value);
		case "context":
		case "count": {
			if (!mover.simulation.setMachine(mover.index, args.name, value, of.task)) {
				throw new Refusal(`'${value}' is no value for ${args.name}, or ${args.name} cannot be set`);
			}
			return changedRow(session, of, args.name);
		}
		case "memory":
			if (!setMemoryRow(mover.simulation, mover.index, args.name, value)) {
				throw new Refusal(`'${value}' is no number of pages for ${args.name}, or it cannot be set`);
			}
			return changedRow(session, of, args.name);
		case "choices":
			return setChoice(session, args.name, value);
		default:
			throw new Refusal(`${args.name} cannot be set`);
	}
}

/** The machine was changed by hand: what a row says now. */
function changedRow(session: Session, of: Expandable, name: string) {
	const { mover } = session;
	mover.changed();
	session.tellMoved();
	return { value: rowsOf(mover, of, mover.index).find((row) => row.name === name)?.value ?? "" };
}

function setLocal(session: Session, { task, depth }: FrameRef, name: string, value: string) {
	const { mover } = session;
	if (!mover.simulation.setVariable(mover.index, depth, name, value, task)) {
		throw new Refusal(`'${value}' is no value for ${name}: a number, NULL, a gfp mask or a variable's name is`);
	}
	mover.changed();
	session.tellMoved();
	return { value: mover.simulation.evaluate(mover.index, depth, name, task) ?? value };
}

function setChoice(session: Session, text: string, value: string) {
	const { mover } = session;
	const which = mover.questions().findIndex(({ choice }) => choice.text === text);
	const options = mover.questions()[which]?.choice.options ?? [];
	const option = options.indexOf(value.trim());
	if (option < 0) throw new Refusal(`'${value}' is no answer to ${text}: ${options.join(" or ")} is`);
	mover.choose(option, which);
	session.tellMoved();
	return { value: options[option]! };
}

/** The same for a watch: a variable by its name, or a quantity of the machine. */
export function setExpression(session: Session, args: DebugProtocol.SetExpressionArguments) {
	const mover = session.still;
	const name = args.expression.trim();
	const value = withoutMark(args.value);
	const frame = session.frameAt(args.frameId);
	if (mover.simulation.setMachine(mover.index, name.replace(/\(\)$/, ""), value, frame.task)) {
		mover.changed();
		session.tellMoved();
		return { value };
	}
	return setLocal(session, frame, name, value);
}

// ---- expressions ----

const ANSWERS: Readonly<Record<string, number>> = { true: 0, false: 1 };
/** `@120`, `step 120`: goes there. */
const STEP = /^(?:@|step\s+)(\d+)$/;

export function evaluate(session: Session, args: DebugProtocol.EvaluateArguments) {
	const mover = session.still;
	const text = args.expression.trim();
	if (args.context === "repl") {
		const option = ANSWERS[text] ?? optionNamed(session, text);
		const taken = option === undefined ? null : mover.choose(option);
		if (taken !== null) {
			session.tellMoved();
			return { result: `${taken}; step or continue to go on`, variablesReference: 0 };
		}
		if (option !== undefined) throw new Refusal("this line asks nothing");
		const step = STEP.exec(text);
		if (step !== null) return { result: `step ${step[1]}`, variablesReference: 0 };
	}
	const { task, depth } = session.frameAt(args.frameId);
	const result = mover.simulation.evaluate(mover.index, depth, text, task);
	if (result === null) throw new Refusal(`${text}: not known to the simulated machine`);
	return { result, variablesReference: 0 };
}

export function evaluated(session: Session, args: DebugProtocol.EvaluateArguments): void {
	const step = args.context === "repl" ? STEP.exec(args.expression.trim()) : null;
	if (step === null) return;
	session.tellContinued();
	session.stopped(session.mover.seek(Number(step[1])), "goto");
}

/** An option by its own words: `case 3`. */
function optionNamed(session: Session, text: string): number | undefined {
	const [first] = session.mover.questions().filter(({ choice }) => !choice.isOptional);
	const index = first?.choice.options.indexOf(text) ?? -1;
	return index < 0 ? undefined : index;
}

export function completions(session: Session, args: DebugProtocol.CompletionsArguments) {
	const { simulation, index } = session.still;
	const line = args.text.split("\n")[(args.line ?? 1) - 1] ?? "";
	const text = line.slice(0, args.column - 1);
	const length = /\w*$/.exec(text)![0].length;
	const { task, depth } = session.frameAt(args.frameId);
	const words = simulation.completions(index, depth, text, task);
	const options = session.mover.questions().flatMap(({ choice }) => choice.options);
	const answers = [...new Set(options)].filter((option) => text !== "" && option.startsWith(text));
	const item = (label: string, type: DebugProtocol.CompletionItemType, replaced: number) => {
		return { label, type, start: text.length - replaced, length: replaced };
	};
	return {
		targets: [
			...answers.map((label) => item(label, "value", text.length)),
			...words.map((label) => item(label, /\($|\)$/.test(label) ? "function" : "variable", length)),
		],
	};
}

/** What each line of a frame did, beside it. */
export function inlineValues(session: Session, args: InlineArguments): { values: readonly InlineText[] } {
	const { simulation, index } = session.still;
	const { task, depth } = session.frameAt(args.frameId);
	return { values: simulation.effects(index, depth, task) };
}

export function exceptionInfo(session: Session): DebugProtocol.ExceptionInfoResponse["body"] {
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

// ---- sources ----

/** The files that the run was read from. */
export function loadedSources(session: Session) {
	const { target, mover } = session.live;
	return { sources: mover.simulation.paths().map((path) => toSource(target.root, path)) };
}

/** The text of a file as the run has read it, for clients that cannot read it themselves. */
export function source(session: Session, args: DebugProtocol.SourceArguments) {
	const own = ownText(args.sourceReference);
	if (own !== null) return { content: own, mimeType: "text/x-c" };
	const path = args.source?.path;
	if (path === undefined) throw new Refusal("the source has no path");
	const content = session.live.target.textOf(path);
	if (content === null) throw new Refusal(`${path}: not part of this run, or gone`);
	return { content };
}
