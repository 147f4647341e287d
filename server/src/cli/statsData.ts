// The figures of a run in the shape that `stats` and `check` print.

import type { AnalysisStats } from "@might-sleep/analyzer";
import type { PhaseCost } from "../host/phases.js";
import type { HostStats } from "../host/treeIndex.js";
import type { TreeResult } from "./result.js";

export interface RunStats extends Omit<AnalysisStats, "phases"> {
	/** time and memory of each phase; those of the solver by its own clock */
	readonly phases: readonly PhaseCost[];
	readonly ms: number;
	readonly peakBytes: number;
	readonly cache: HostStats["cache"];
	/** files that were skipped because they cannot be read */
	readonly skipped: number;
	/** C files of folders with userland code, by folder */
	readonly excluded: Readonly<Record<string, number>>;
	readonly kernelVersion: string;
	readonly configured: boolean;
}

export function statsOf({ tree, stats, host, problems }: Omit<TreeResult, "findings">): RunStats {
	const solver = new Map(stats.phases.map((phase) => [phase.name, phase.ms]));
	const phases = host.phases.map((phase) => ({ ...phase, ms: Math.round(solver.get(phase.name) ?? phase.ms) }));
	const timed = new Set(phases.map((phase) => phase.name));
	for (const { name, ms } of stats.phases) {
		if (!timed.has(name)) phases.push({ name, ms: Math.round(ms), peakBytes: host.peakBytes });
	}
	return {
		...stats,
		phases,
		ms: host.ms,
		peakBytes: host.peakBytes,
		cache: host.cache,
		skipped: problems.length,
		excluded: Object.fromEntries(tree.excluded),
		kernelVersion: tree.version.join("."),
		configured: tree.config.known,
	};
}
