// The façade: units in, snapshots out. A host lowers files (perhaps on worker threads), hands the units
// over, and asks the snapshot; what a snapshot says never changes.

import { finish, type Steps } from "./base/steps.js";
import { Program } from "./ir/program.js";
import type { Unit } from "./ir/unit.js";
import { changedNames, namesSeenThrough } from "./query/changes.js";
import { SolvedSnapshot } from "./query/snapshot.js";
import { Solver } from "./query/solver.js";
import type { AnalysisOptions, Analysis as BareAnalysis, Snapshot } from "./query/types.js";
import type { SimConfig } from "./sim/config.js";
import { createSimulator, type Simulator } from "./simulator.js";

export interface Analysis extends BareAnalysis {
	/** the simulated machine over the files as they are now, with this kernel configuration */
	simulator(config: Partial<SimConfig>): Simulator;
}

/** Up to this many edited files are redone by themselves. */
const MAX_LOCAL_FILES = 4;
/** A program with fewer functions is solved anew each time: that takes no longer. */
const MIN_FUNCTIONS = 4000;

export function createAnalysis(options: AnalysisOptions): Analysis {
	const program = new Program();
	/** paths since the last snapshot */
	const changed = new Set<string>();
	/** files since the last complete solution, as it knows them */
	const edited = new Map<string, Unit | undefined>();
	/** names that meant something else at some time since then */
	const renamed = new Set<string>();
	let solver: Solver | null = null;
	let last: Snapshot | null = null;
	let version = 0;

	const note = (path: string): void => {
		version++;
		changed.add(path);
		if (solver !== null && !edited.has(path)) edited.set(path, unitAt(program, path));
	};
	function* solve(): Steps<Snapshot> {
		const mine = version;
		program.finishLink();
		const known = solver?.isModelSame() === true ? solver : null;
		if (known !== null) {
			for (const [path, before] of edited) {
				const after = unitAt(program, path);
				for (const name of changedNames(before, after)) renamed.add(name);
				for (const name of namesSeenThrough(program, path, before, after)) renamed.add(name);
			}
		}
		const used = known ?? new Solver(program, options);
		yield* program.linkLateConsts();
		const steps = known === null ? used.solveAll() : used.redo(edited.keys(), renamed);
		for (let step = steps.next(); ; step = steps.next()) {
			if (step.done === true) {
				solver = used;
				last = new SolvedSnapshot(step.value);
				break;
			}
			yield;
			if (version !== mine && last !== null) return last;
		}
		changed.clear();
		edited.clear();
		renamed.clear();
		return last;
	}
	return {
		setUnit(path, unit) {
			note(path);
			program.setUnit(path, unit);
		},
		removeUnit(path) {
			note(path);
			program.removeUnit(path);
		},
		snapshot() {
			if (last !== null && changed.size === 0) return last;
			const isSmallEdit = solver !== null && changed.size <= MAX_LOCAL_FILES && program.fnLimit > MIN_FUNCTIONS;
			if (!isSmallEdit) return finish(solve());
			program.finishLink();
			const files = [...changed];
			changed.clear();
			last = new SolvedSnapshot(solver!.solveFiles(files));
			return last;
		},
		get isComplete() {
			return last !== null && changed.size === 0 && edited.size === 0;
		},
		refreshSteps: solve,
		simulator(config) {
			program.finishLink();
			return createSimulator(program, { ...options, config });
		},
		refresh: () => finish(solve()),
	};
}

function unitAt(program: Program, path: string): Unit | undefined {
	const file = program.fileOf(path);
	return file < 0 ? undefined : program.unit(file);
}
