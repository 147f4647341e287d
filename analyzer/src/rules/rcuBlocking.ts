// Sleeping inside an RCU read-side section, where nothing else makes the context atomic.

import type { Rule } from "./rule.js";
import { reportSleeping } from "./sleeping.js";

export const rcuBlocking: Rule = {
	id: "rcu-blocking",
	severity: "error",
	title: "a call that may sleep inside an RCU read-side section",
	check: (solved, report) => reportSleeping(solved, "rcu", report),
};
