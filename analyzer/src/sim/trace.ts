// A run from its start to its end as plain data: the lines that are reached, with the state in which each
// begins, and what happened there. What a command prints and tests compare.

import type { Choice } from "./choice.js";
import type { SimEvent } from "./machine.js";
import { isArrival } from "./navigate.js";
import type { Outcome, Splat } from "./outcome.js";
import type { Simulation } from "./simulation.js";

export interface TraceLine {
	readonly step: number;
	readonly cpu: number;
	/** comm/pid */
	readonly task: string;
	readonly file: string;
	readonly line: number;
	readonly function: string;
	/** `%08x` */
	readonly preemptCount: string;
	readonly irqsOn: boolean;
	readonly rcuDepth: number;
	readonly locks: readonly string[];
	/** what happened between this line and the next */
	readonly events: readonly TraceEvent[];
}

export type TraceEvent =
	| { readonly kind: "note"; readonly text: string }
	| { readonly kind: "choice"; readonly question: string; readonly answer: string }
	| { readonly kind: "splat"; readonly splat: string; readonly title: string; readonly text: string };

export interface Trace {
	readonly lines: readonly TraceLine[];
	readonly splats: readonly Splat[];
	readonly steps: number;
	readonly outcome: Outcome;
}

/** What is recorded already. */
export function traceOf(simulation: Simulation): Trace {
	const { recording } = simulation;
	const { last } = recording;
	const lines: TraceLine[] = [];
	const splats: Splat[] = [];
	for (let index = 0; index <= last; index++) {
		const isNew = index === 0 || isArrival(recording, index) || recording.taskAt(index) !== recording.taskAt(index - 1);
		if (isNew) lines.push(lineAt(simulation, index));
		const events = eventsAt(simulation, index);
		splats.push(...recording.splatsAt(index));
		if (events.length > 0) addEvents(lines, events);
	}
	return { lines, splats, steps: last, outcome: simulation.outcome(last) ?? stepLimit(last) };
}

function addEvents(lines: TraceLine[], events: readonly TraceEvent[]): void {
	const last = lines[lines.length - 1]!;
	lines[lines.length - 1] = { ...last, events: [...last.events, ...events] };
}

/** Takes the way that is laid out, with likely answers where nothing is said, until `isEnough`, for at most `limit` steps. */
export function traceUntil(simulation: Simulation, limit: number, isEnough: () => boolean): Trace {
	const { recording } = simulation;
	while (recording.last < limit && !isEnough()) {
		const advance = recording.advance();
		if (advance.kind === "ended") break;
		if (advance.kind === "ask") recording.decide(advance.choice, advance.choice.default);
	}
	return traceOf(simulation);
}

/** Runs to the end, or for at most `limit` steps. `answer` settles what the scenario does not. */
export function traceRun(simulation: Simulation, limit: number, answer: (choice: Choice) => number): Trace {
	const { recording } = simulation;
	while (recording.last < limit) {
		const advance = recording.advance();
		if (advance.kind === "ended") break;
		if (advance.kind === "ask") {
			recording.decide(advance.choice, simulation.pinnedAnswer(advance.choice) ?? answer(advance.choice));
		}
	}
	return traceOf(simulation);
}

function stepLimit(steps: number): Outcome {
	return { kind: "step-limit", steps };
}

function lineAt(simulation: Simulation, index: number): TraceLine {
	const context = simulation.context(index);
	const [frame] = simulation.frames(index);
	const thread = simulation.threads(index)[simulation.recording.taskAt(index)]!;
	return {
		step: index,
		cpu: thread.cpu,
		task: thread.name,
		file: frame!.path,
		line: frame!.line,
		function: frame!.function,
		preemptCount: context.count.hex.slice(2),
		irqsOn: context.irqsOn,
		rcuDepth: simulation.rcuDepth(index),
		locks: simulation.locks(index).map(({ name }) => name),
		events: [],
	};
}

function eventsAt(simulation: Simulation, index: number): TraceEvent[] {
	const { recording } = simulation;
	const choices = recording.decisionsAt(index).map(({ choice, answer }): TraceEvent => {
		return { kind: "choice", question: choice.text, answer: choice.options[answer] ?? "" };
	});
	return [...choices, ...recording.eventsAt(index).map(eventOf)];
}

function eventOf(event: SimEvent): TraceEvent {
	if (event.kind === "note") return { kind: "note", text: event.text };
	const { kind, title, text } = event.splat;
	return { kind: "splat", splat: kind, title, text };
}

/** The trace as a person reads it, with its end. */
export function traceText(trace: Trace): string {
	return `${linesText(trace)}${outcomeText(trace.outcome)}\n`;
}

/** A line per source line, indented under it what happened there. */
export function linesText(trace: Trace): string {
	const places = trace.lines.map(({ file, line }) => `${file}:${line}`.length);
	const width = Math.min(Math.max(...places, 0), 40);
	const hasCpus = new Set(trace.lines.map(({ task }) => task)).size > 1;
	const lines: string[] = [];
	for (const line of trace.lines) {
		const who = hasCpus ? `CPU ${line.cpu} ${line.task.padEnd(16)} ` : "";
		lines.push(`${who}${`${line.file}:${line.line}`.padEnd(width)} ${line.function.padEnd(20)} ${stateText(line)}`);
		for (const event of line.events) lines.push(...eventText(event));
	}
	return lines.map((line) => `${line}\n`).join("");
}

function stateText(line: TraceLine): string {
	const parts = [line.preemptCount, line.irqsOn ? "irqs on" : "irqs off"];
	if (line.rcuDepth > 0) parts.push(`rcu ${line.rcuDepth}`);
	if (line.locks.length > 0) parts.push(`holds ${line.locks.join(", ")}`);
	return parts.join("  ");
}

function eventText(event: TraceEvent): string[] {
	switch (event.kind) {
		case "note":
			return [`      - ${event.text}`];
		case "choice":
			return [`      ? ${event.question}: ${event.answer}`];
		case "splat":
			return event.text.split("\n").map((line) => `      | ${line}`.trimEnd());
	}
}

export function outcomeText(outcome: Outcome): string {
	switch (outcome.kind) {
		case "finished":
			return outcome.value === null ? "finished" : `finished: ${outcome.value}`;
		case "bug":
			return `the kernel panics: ${outcome.text}`;
		case "halted":
			return `ends in ${outcome.by}()`;
		case "deadlock":
			return `deadlock: ${outcome.text}`;
		case "unsupported":
			return `cannot go on: ${outcome.text}`;
		case "step-limit":
			return `still running after ${outcome.steps} steps`;
	}
}
