// Allocations that may enter direct reclaim where the context is atomic.

import type { Rule } from "./rule.js";
import { reportSleeping } from "./sleeping.js";

export const gfpSleepsInAtomic: Rule = {
	id: "gfp-sleeps-in-atomic",
	severity: "error",
	title: "an allocation whose gfp mask may sleep in atomic context",
	check: (solved, report) => reportSleeping(solved, "allocation", report),
};
