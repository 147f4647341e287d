// The simulated machine over the program of an analysis: for many short runs on one program, without reading
// its files again. A debugger reads the files that it needs by itself.

import type { ReplayPlan } from "./api.js";
import type { Program } from "./ir/program.js";
import { compileModel } from "./model/compile.js";
import type { Rows } from "./model/schema.js";
import { resolveConfig, type SimConfig } from "./sim/config.js";
import { type ReplayReport, replayReport, type TrialReport, type TrialRequest, trialRun } from "./sim/trial.js";
import { World } from "./sim/world.js";

export interface Simulator {
	replay(plan: ReplayPlan): ReplayReport;
	/** null when there is no such function or context */
	run(request: TrialRequest): TrialReport | null;
}

export interface SimulatorOptions {
	readonly rows: Rows;
	readonly version: readonly [number, number];
	readonly config: Partial<SimConfig>;
}

export function createSimulator(program: Program, { rows, version, config }: SimulatorOptions): Simulator {
	const model = compileModel(rows, version);
	const world = new World(program, model, resolveConfig(config));
	const passing = world.with({ mayPassBy: () => true, isHurried: true });
	return {
		replay: (plan) => replayReport(passing, plan),
		run: (request) => trialRun(world, request),
	};
}
