// What a stop says: the reason, the description and the line in the console.

import type { Choice, Outcome } from "@might-sleep/analyzer";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Halt } from "./mover.js";

type StoppedBody = DebugProtocol.StoppedEvent["body"];

/** A line for the console that goes with a stop. */
export interface StopLine {
	readonly text: string;
	readonly category: "console" | "stderr" | "important";
	readonly at?: { readonly path: string; readonly line: number };
}

/** `usual` is the reason of a stop that reached its goal. */
export function stopBody(halt: Halt, usual: string): Pick<StoppedBody, "reason" | "description" | "text"> {
	switch (halt.kind) {
		case "goal":
			return { reason: usual };
		case "breakpoint":
			return { reason: "breakpoint" };
		case "data":
			return { reason: "data breakpoint", description: `Changed: ${halt.name}`, text: dataText(halt) };
		case "splat":
			return { reason: "exception", description: "Kernel splat", text: halt.splat.title };
		case "choice":
			return choiceBody(halt.choice);
		case "end": {
			const isQuiet = halt.outcome.kind === "finished" || halt.outcome.kind === "halted";
			const text = outcomeText(halt.outcome);
			return { reason: isQuiet ? "exit" : "exception", description: "The run is over", text };
		}
		case "start":
			return { reason: "entry", description: "Beginning of the run" };
		case "limit":
			return { reason: "pause", description: "Step limit" };
		case "paused":
			return { reason: "pause" };
	}
}

/** What the console says of a stop; null: nothing that the stop itself does not show. */
export function stopLine(halt: Halt): StopLine | null {
	switch (halt.kind) {
		case "choice":
			return { text: questionText(halt.choice), category: "console", at: halt.choice.at };
		case "data":
			return { text: dataText(halt), category: "console" };
		case "end": {
			const isGood = halt.outcome.kind === "finished";
			return { text: outcomeText(halt.outcome), category: isGood ? "console" : "stderr" };
		}
		case "limit": {
			const steps = halt.steps.toLocaleString("en");
			return { text: `stopped after ${steps} ops; continue goes on`, category: "important" };
		}
		default:
			return null;
	}
}

function dataText(halt: Halt & { readonly kind: "data" }): string {
	return `${halt.name}: ${halt.before} → ${halt.after}`;
}

function choiceBody(choice: Choice) {
	return {
		reason: "choice",
		description: `Asks: ${choice.text}`,
		text: choice.text,
		choice: { text: choice.text, options: choice.options, default: choice.default },
	};
}

function questionText(choice: Choice): string {
	const options = choice.options.join(" or ");
	return `${choice.text}? ${options}; stepping on takes ${choice.options[choice.default]}`;
}

export function outcomeText(outcome: Outcome): string {
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
