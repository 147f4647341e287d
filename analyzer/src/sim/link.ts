// The program of a machine: the files that a run was given, and what the machine itself runs.

import { Program } from "../ir/program.js";
import type { Unit } from "../ir/unit.js";
import { kswapdPath, kswapdUnit } from "../model/kswapd.js";

export function linkProgram(units: Iterable<readonly [path: string, unit: Unit]>): Program {
	const program = new Program();
	for (const [path, unit] of units) program.setUnit(path, unit);
	program.setUnit(kswapdPath, kswapdUnit());
	program.finishLink();
	return program;
}
