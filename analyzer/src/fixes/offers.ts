// Which fixes a finding is offered, by its rule, and which refactorings a place is. The fixes that need nothing but the
// IR are in the findings themselves.

import { NONE } from "../ir/ops.js";
import { plansForAskedMask } from "./askedMask.js";
import { plansForSection } from "./contextSection.js";
import { plansForFlavour } from "./lockFlavour.js";
import { plansForMove } from "./moveAllocation.js";
import { plansForAllocation, plansForMask } from "./passMask.js";
import type { Plan, Request } from "./plan.js";
import { plansForScope } from "./reclaimScope.js";
import { plansForSaying, plansForUnsaid } from "./saysSleeping.js";

type Planner = (request: Request) => readonly Plan[];

const BY_RULE: Readonly<Record<string, readonly Planner[]>> = {
	"gfp-sleeps-in-atomic": [plansForAllocation],
	"rcu-blocking": [plansForAllocation],
	"context-dependent-behaviour": [plansForAskedMask],
	"allocate-before-lock": [plansForMove],
	"irq-flavour-mismatch": [plansForFlavour],
	"gfp-reclaim-recursion": [plansForScope],
	"context-undocumented": [plansForUnsaid],
	"context-contradicts-doc": [plansForSection],
};

const AT_CALL: readonly Planner[] = [plansForMask];
const AT_FUNCTION: readonly Planner[] = [plansForSaying, plansForSection];

/** The plans for a finding, or for a place without one. */
export function plansOf(request: Request): Plan[] {
	const { finding, op } = request;
	const planners = finding !== null ? (BY_RULE[finding.rule] ?? []) : op === NONE ? AT_FUNCTION : AT_CALL;
	return planners.flatMap((planner) => planner(request));
}

/** Is there any planner for findings of a rule? */
export function hasPlans(rule: string): boolean {
	return rule in BY_RULE;
}
