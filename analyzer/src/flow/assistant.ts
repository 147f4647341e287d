// What another thread needs to help with the summaries of a program, and how it begins.

import { Program, type SharedProgram } from "../ir/program.js";
import { compileModel } from "../model/compile.js";
import type { Rows } from "../model/schema.js";
import { assist } from "./bottomUp.js";
import type { CrewWork } from "./crew.js";
import { createWorld } from "./world.js";

export interface CrewStart {
	readonly program: SharedProgram;
	readonly rows: Rows;
	readonly version: readonly [number, number];
	readonly profile: "default" | "rt";
}

/** Reads what is shared, and returns what does the part of member `number` of a work: it blocks until that is done. */
export function createAssistant(start: CrewStart): (work: CrewWork, number: number) => void {
	const program = new Program(start.program);
	const model = compileModel(start.rows, start.version);
	const world = createWorld({ program, model, profile: start.profile, checkpoint: () => {} });
	return (work, number) => assist(world, work, number);
}
