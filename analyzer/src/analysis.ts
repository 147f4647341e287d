// The façade: units in, snapshots out. A host lowers files (perhaps on worker threads), hands the units
// over, and asks the snapshot; what a snapshot says never changes.

import { finish } from "./base/steps.js";
import { Program } from "./ir/program.js";
import { Course } from "./query/course.js";
import type { AnalysisOptions, Analysis as BareAnalysis } from "./query/types.js";
import type { SimConfig } from "./sim/config.js";
import { createSimulator, type Simulator } from "./simulator.js";

export interface Analysis extends BareAnalysis {
	/** the simulated machine over the files as they are now, with this kernel configuration */
	simulator(config: Partial<SimConfig>): Simulator;
}

export function createAnalysis(options: AnalysisOptions): Analysis {
	const program = new Program();
	const course = new Course(program, options);
	return {
		setUnit(path, unit) {
			// an editor opens a file as it is known, and closes it so
			if (course.knows(path, unit)) return;
			course.note(path);
			program.setUnit(path, unit);
		},
		removeUnit(path) {
			course.note(path);
			program.removeUnit(path);
		},
		snapshot: () => course.snapshot(),
		get isComplete() {
			return course.isComplete;
		},
		refresh: () => finish(course.refresh()),
		refreshSteps: () => course.refresh(),
		prepareSteps: () => course.prepare(),
		editCounts: course.counts,
		simulator(config) {
			program.finishLink();
			return createSimulator(program, { ...options, config });
		},
	};
}
