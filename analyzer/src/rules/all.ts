// The rules, in the order of the documentation. A new rule is one file and one line here.

import { gfpAtomicUnneeded } from "./gfpAtomicUnneeded.js";
import { gfpMissing } from "./gfpMissing.js";
import { gfpSleepsInAtomic } from "./gfpSleepsInAtomic.js";
import { irqFlavourMismatch } from "./irqFlavourMismatch.js";
import { lockImbalance } from "./lockImbalance.js";
import { rcuBlocking } from "./rcuBlocking.js";
import type { Rule } from "./rule.js";
import { sleepInAtomic } from "./sleepInAtomic.js";

export const allRules: readonly Rule[] = [
	sleepInAtomic,
	gfpSleepsInAtomic,
	rcuBlocking,
	gfpAtomicUnneeded,
	gfpMissing,
	lockImbalance,
	irqFlavourMismatch,
];
