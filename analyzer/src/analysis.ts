// The façade: units in, snapshots out. A host lowers files (perhaps on worker threads), hands the units
// over, and asks the snapshot; what a snapshot says never changes.

import { Program } from "./ir/program.js";
import { SolvedSnapshot } from "./query/snapshot.js";
import { Solver } from "./query/solver.js";
import type { Analysis, AnalysisOptions, Snapshot } from "./query/types.js";

/** Up to this many edited files are redone by themselves. */
const MAX_LOCAL_FILES = 4;
/** A program with fewer functions is solved anew each time: that takes no longer. */
const MIN_FUNCTIONS = 4000;

export function createAnalysis(options: AnalysisOptions): Analysis {
	const program = new Program();
	const changed = new Set<string>();
	let solver: Solver | null = null;
	let last: Snapshot | null = null;
	const solveAll = (): Snapshot => {
		program.finishLink();
		solver = new Solver(program, options);
		changed.clear();
		last = new SolvedSnapshot(solver.solveAll());
		return last;
	};
	return {
		setUnit(path, unit) {
			changed.add(path);
			program.setUnit(path, unit);
		},
		removeUnit(path) {
			changed.add(path);
			program.removeUnit(path);
		},
		snapshot() {
			if (last !== null && changed.size === 0) return last;
			const isSmallEdit = solver !== null && changed.size <= MAX_LOCAL_FILES && program.fnLimit > MIN_FUNCTIONS;
			if (!isSmallEdit) return solveAll();
			program.finishLink();
			const files = [...changed];
			changed.clear();
			last = new SolvedSnapshot(solver!.solveFiles(files));
			return last;
		},
		refresh: solveAll,
	};
}
