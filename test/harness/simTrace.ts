// Runs the functions of a simulator fixture and prints their traces. A fixture is a C file of our own whose
// first comment has a line per run: `// run: FUNCTION [entry=ID] [SWITCH=VALUE]… [choose=QUESTION:OPTION]`
// (`choose` comes last and may name several, joined by ` | `). The trace of all runs is the snapshot beside it.

import { lowerC } from "@might-sleep/analyzer/c/index";
import { builtinRows } from "@might-sleep/analyzer/model/compile";
import type { Choice } from "@might-sleep/analyzer/sim/choice";
import { isArrival } from "@might-sleep/analyzer/sim/navigate";
import { openSimulation, type Simulation } from "@might-sleep/analyzer/sim/simulation";
import { defaultConfig } from "@might-sleep/analyzer/source/kconfig";

export interface SimRun {
	readonly title: string;
	readonly function: string;
	readonly entry: string;
	readonly version: readonly [number, number];
	readonly config: Readonly<Record<string, string | boolean>>;
	/** option by question */
	readonly choices: ReadonlyMap<string, string>;
}

/** kernel of a run that names none */
const VERSION = "6.1";
/** Ops a fixture may take. */
const STEP_LIMIT = 20_000;

export function parseRuns(text: string): readonly SimRun[] {
	const runs: SimRun[] = [];
	for (const [, title] of text.matchAll(/^\/\/ run: (.+)$/gm)) {
		const [head, choose] = title!.split(/\s*choose=/);
		const [name, ...settings] = head!.trim().split(/\s+/);
		const config: Record<string, string | boolean> = {};
		let entry = "process";
		let version = VERSION;
		for (const setting of settings) {
			const [key, value] = setting.split("=") as [string, string];
			if (key === "entry") entry = value;
			else if (key === "kernel") version = value;
			else config[key] = value === "true" || value === "false" ? value === "true" : value;
		}
		const choices = new Map((choose ?? "").split(" | ").map((pair) => splitLast(pair)));
		const [major, minor] = version.split(".").map(Number) as [number, number];
		runs.push({ title: title!, function: name!, entry, version: [major, minor], config, choices });
	}
	return runs;
}

function splitLast(pair: string): [string, string] {
	const at = pair.lastIndexOf(":");
	return [pair.slice(0, at), pair.slice(at + 1)];
}

/** The simulation of one run of a fixture. */
export function openRun(path: string, text: string, run: SimRun): Simulation {
	const unit = lowerC(path, Buffer.from(text), defaultConfig);
	const { function: name, entry, version, config } = run;
	const opened = openSimulation({
		units: [[path, unit]],
		rows: builtinRows,
		version,
		config,
		function: name,
		entry,
	});
	if (!opened.ok) throw new Error(`${run.title}: ${opened.error}`);
	return opened.value;
}

/** Answers as the run says, else by default. */
export function optionFor(run: SimRun, choice: Choice): number {
	const wanted = run.choices.get(choice.text);
	const index = wanted === undefined ? -1 : choice.options.indexOf(wanted);
	return index < 0 ? choice.default : index;
}

/** One line per source line that is reached, with the state in which it begins, and what is reported. */
export function traceOf(path: string, text: string, run: SimRun): string {
	const simulation = openRun(path, text, run);
	const { recording } = simulation;
	const lines = [`== ${run.title}`];
	for (let used = 0; used < STEP_LIMIT; ) {
		const index = recording.last;
		const advance = recording.advance();
		if (advance.kind === "ask") {
			recording.decide(advance.choice, optionFor(run, advance.choice));
			continue;
		}
		if (isArrival(recording, index)) lines.push(stateLine(simulation, index));
		if (advance.kind === "ended") return `${lines.join("\n")}\n   ${endText(simulation)}\n`;
		used++;
		for (const { choice, answer } of recording.decisionsAt(index)) {
			lines.push(`   ? ${choice.text}: ${choice.options[answer]}`);
		}
		for (const event of recording.eventsAt(index)) {
			if (event.kind === "note") lines.push(`   note: ${event.text}`);
			else lines.push(...event.splat.text.split("\n").map((line) => `   | ${line}`.trimEnd()));
		}
	}
	return `${lines.join("\n")}\n   step limit\n`;
}

function stateLine(simulation: Simulation, index: number): string {
	const [frame] = simulation.frames(index);
	const context = simulation.context(index);
	const locks = simulation.locks(index).map(({ name }) => name);
	const [depth] = simulation.rcu(index);
	const state = [
		`count ${context.count.hex.slice(2)}`,
		context.irqsOn ? "irqs on" : "irqs off",
		`rcu ${depth!.value.startsWith("not") ? "-" : depth!.value}`,
		...(locks.length === 0 ? [] : [`holds ${locks.join(", ")}`]),
	];
	return `${String(frame!.line).padStart(4)} ${frame!.function.padEnd(22)} ${state.join("  ")}`;
}

function endText(simulation: Simulation): string {
	const { outcome } = simulation.recording.stateAt(simulation.recording.last);
	return `= ${JSON.stringify(outcome)}`;
}
