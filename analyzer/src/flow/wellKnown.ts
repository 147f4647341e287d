// Functions of which every context is known, and in all of which they may sleep and wait for I/O.

import type { FnId } from "../ir/program.js";
import { FnFlag } from "../ir/unit.js";
import { Ac, forbidsSleep } from "./context.js";
import type { Solved } from "./solved.js";

/** Are all its contexts known with certainty, and does none forbid sleeping, or waiting for I/O? */
export function isWellKnown(solved: Solved, fn: FnId): boolean {
	const { world, contexts } = solved;
	const flags = world.program.flagsOf(fn);
	if ((flags & FnFlag.Macro) !== 0) return false;
	return contexts.isEnteredOnly(fn, (record) => {
		const ac = contexts.records.context(record);
		if (contexts.records.doubt(record) > 0 || (ac & (Ac.Booting | Ac.NoIo | Ac.NoFs)) !== 0 || forbidsSleep(ac))
			return false;
		return contexts.runOf(contexts.topOf(record))?.reclaim === undefined;
	});
}
