// Functions by name, as a person asks for them.

import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { World } from "./world.js";

export interface Wanted {
	readonly function: string;
	/** where it is defined, when several files define one of its name */
	readonly path?: string;
	/** a line of it, from 1, when several functions of its name are in the file */
	readonly line?: number;
}

/** The function asked for: in its file, around its line; else the first real definition of the name. */
export function functionNamed(world: World, wanted: Wanted): FnId {
	const { program } = world;
	const name = program.names.lookupText(wanted.function);
	let best = NONE;
	let bestRank = -1;
	for (const fn of program.definitionsOf(name)) {
		if (wanted.path !== undefined && program.fnPath(fn) !== wanted.path) continue;
		if (program.fnField(fn, FnField.OpCount) === 0) continue;
		let rank = 1;
		if ((program.flagsOf(fn) & (FnFlag.Macro | FnFlag.Alternative)) === 0) rank += 2;
		if (wanted.line !== undefined && holdsLine(world, fn, wanted.line)) rank += 4;
		if (rank <= bestRank) continue;
		best = fn;
		bestRank = rank;
	}
	return best;
}

function holdsLine(world: World, fn: FnId, line: number): boolean {
	const file = world.program.fnFile(fn);
	const first = world.lineOf(file, world.program.fnField(fn, FnField.Start));
	return line >= first && line <= world.lineOf(file, world.program.fnField(fn, FnField.End));
}
