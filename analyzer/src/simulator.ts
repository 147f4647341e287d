// The simulated machine over the program of an analysis: for many short runs on one program, without reading
// its files again. A debugger reads the files that it needs by itself.

import type { ReplayPlan } from "./api.js";
import type { Program } from "./ir/program.js";
import { compileModel } from "./model/compile.js";
import type { Rows } from "./model/schema.js";
import { resolveConfig, type SimConfig } from "./sim/config.js";
import { type FollowedPlan, followPlan } from "./sim/follow.js";
import { type ReplayReport, replayReport, type TrialReport, type TrialRequest, trialRun } from "./sim/trial.js";
import { World } from "./sim/world.js";

export interface Simulator {
	replay(plan: ReplayPlan): ReplayReport;
	/** The same with the lines that the run comes to, up to the splat. */
	follow(plan: ReplayPlan): FollowedPlan;
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
		follow: (plan) => followPlan(world, plan),
		run: (request) => trialRun(world, request),
	};
}
