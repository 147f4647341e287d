// The rules, in the order of the documentation. A new rule is one file and one line here.

import { allocateBeforeLock } from "./allocateBeforeLock.js";
import { conditionalLocking } from "./conditionalLocking.js";
import { contextContradictsDoc } from "./contextContradictsDoc.js";
import { contextDependentBehaviour } from "./contextDependentBehaviour.js";
import { contextUndocumented } from "./contextUndocumented.js";
import { gfpAtomicUnneeded } from "./gfpAtomicUnneeded.js";
import { gfpInvalidCombination } from "./gfpInvalidCombination.js";
import { gfpMissing } from "./gfpMissing.js";
import { gfpParamIgnored } from "./gfpParamIgnored.js";
import { gfpReclaimRecursion } from "./gfpReclaimRecursion.js";
import { gfpSleepsInAtomic } from "./gfpSleepsInAtomic.js";
import { irqFlavourMismatch } from "./irqFlavourMismatch.js";
import { lockImbalance } from "./lockImbalance.js";
import { rcuBlocking } from "./rcuBlocking.js";
import { rtAllocInRawAtomic } from "./rtAllocInRawAtomic.js";
import type { Rule } from "./rule.js";
import { sleepInAtomic } from "./sleepInAtomic.js";

export const allRules: readonly Rule[] = [
	sleepInAtomic,
	gfpSleepsInAtomic,
	rcuBlocking,
	gfpReclaimRecursion,
	gfpInvalidCombination,
	contextDependentBehaviour,
	conditionalLocking,
	contextContradictsDoc,
	gfpParamIgnored,
	gfpMissing,
	gfpAtomicUnneeded,
	allocateBeforeLock,
	contextUndocumented,
	lockImbalance,
	irqFlavourMismatch,
	rtAllocInRawAtomic,
];
