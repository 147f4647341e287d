// Calls that may sleep (schedule, take a sleeping lock, wait) where the context is atomic.

import type { Rule } from "./rule.js";
import { reportSleeping } from "./sleeping.js";

export const sleepInAtomic: Rule = {
	id: "sleep-in-atomic",
	severity: "error",
	title: "a call that may sleep in atomic context",
	check: (solved, report) => reportSleeping(solved, "sleep", report),
};
