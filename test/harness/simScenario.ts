// Runs a scenario given as objects and source text, for tests of the simulated machine.

import { lowerC } from "@might-sleep/analyzer/c/index";
import { builtinRows } from "@might-sleep/analyzer/model/compile";
import type { SimConfig } from "@might-sleep/analyzer/sim/config";
import type { Scenario } from "@might-sleep/analyzer/sim/scenario";
import { openScenario, type ScenarioRequest } from "@might-sleep/analyzer/sim/scenarioRun";
import type { Simulation } from "@might-sleep/analyzer/sim/simulation";
import { type Trace, traceRun } from "@might-sleep/analyzer/sim/trace";
import { defaultConfig } from "@might-sleep/analyzer/source/kconfig";

const STEP_LIMIT = 5000;

export type Given = Omit<Scenario, "name" | "sources">;

/** A scenario over one C file, `a.c`. */
export function request(text: string, given: Given): ScenarioRequest {
	const scenario: Scenario = { name: "test", sources: ["a.c"], ...given };
	const units = [["a.c", lowerC("a.c", Buffer.from(text), defaultConfig)]] as const;
	return { scenario, units, rows: builtinRows, version: [6, 1] };
}

/** Its simulation. */
export function open(text: string, given: Given): Simulation {
	const opened = openScenario(request(text, given));
	if (!opened.ok) throw new Error(opened.error);
	return opened.value;
}

/** Runs it to its end, with default answers where it pins none. */
export function run(text: string, given: Given): Trace {
	return traceRun(open(text, given), STEP_LIMIT, (choice) => choice.default);
}

/** Kinds of the splats, in order, and how it ended: what a case says about a run. */
export function verdict(trace: Trace): string {
	return [...trace.splats.map(({ kind }) => kind), trace.outcome.kind].join(" ");
}

/** A kernel whose checks are off: what happens, happens in silence. */
export const SILENT: Partial<SimConfig> = { debugAtomicSleep: false, proveLocking: false, proveRcu: false };

/** Order in which lines were reached, as `task:line`, consecutive ones of a task joined. */
export function order(trace: Trace): string {
	const parts: string[] = [];
	let last = "";
	for (const { task, line } of trace.lines) {
		const name = task.replace(/\/\d+$/, "");
		if (name === last) parts[parts.length - 1] += `,${line}`;
		else parts.push(`${name}:${line}`);
		last = name;
	}
	return parts.join(" ");
}
