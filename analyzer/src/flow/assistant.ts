// What another thread needs to help with the summaries of a program, and how it begins.

import { Program, type SharedProgram } from "../ir/program.js";
import { compileModel } from "../model/compile.js";
import type { Rows } from "../model/schema.js";
import { assist } from "./bottomUp.js";
import type { CrewWork } from "./crew.js";
import { helpSurvey, type SurveyWork } from "./surveyCrew.js";
import { createWorld } from "./world.js";

export interface CrewStart {
	readonly program: SharedProgram;
	readonly rows: Rows;
	readonly version: readonly [number, number];
	readonly profile: "default" | "rt";
}

/** Both block until all is done. `number`: which member of the crew this thread is, 1 … */
export interface Assistant {
	survey(work: SurveyWork, number: number): void;
	summarise(work: CrewWork, number: number): void;
}

/** Reads what is shared. */
export function createAssistant(start: CrewStart): Assistant {
	const program = new Program(start.program);
	const model = compileModel(start.rows, start.version);
	const world = createWorld({ program, model, profile: start.profile, checkpoint: () => {} });
	return {
		survey: (work, number) => helpSurvey(world, work, number),
		summarise: (work, number) => assist(world, work, number),
	};
}
