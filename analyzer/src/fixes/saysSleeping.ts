// might_sleep() at the top of a function that sleeps, after its declarations: what it says by its body, it says where
// it is entered. With a condition where an argument decides.

import { forbidsSleep } from "../flow/context.js";
import { MaskParams } from "../flow/maskParams.js";
import type { Solved } from "../flow/solved.js";
import { MaySleep, type Summary } from "../flow/summary.js";
import { TOP } from "../flow/values.js";
import { isDescribed, isPrimitive, primitiveAt, summaryOf } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import { SAYS_SLEEPING } from "../model/sleepers.js";
import { bodyOf, insertFirst } from "./body.js";
import { paramText } from "./callerMask.js";
import { EditList } from "./edits.js";
import type { Plan, Request } from "./plan.js";

/** Functions that do not stand for themselves. */
const NOT_ASKED = FnFlag.Macro | FnFlag.FromMacro | FnFlag.Alternative | FnFlag.Rust;

/** What a function is offered that may sleep and does not say so at its top. */
export function plansForSaying({ solved, texts, fn }: Request): Plan[] {
	const { world } = solved;
	if ((world.program.fnField(fn, FnField.Flags) & NOT_ASKED) !== 0 || isDescribed(world, fn)) return [];
	const text = saying(solved, fn);
	const source = text === null ? null : texts.of(world.program.fnFile(fn));
	const body = source === null ? null : bodyOf(world, fn, source);
	if (text === null || source === null || body === null || checks(solved, fn)) return [];
	const edits = new EditList();
	insertFirst(edits, source, body, [`${text};`], `${world.program.fnName(fn)}() says that it may sleep`);
	const finish = () => edits.finish() ?? "its edits would overlap";
	const plan = {
		key: "say sleeping",
		title: `insert ${text}`,
		preferred: false,
		isLocal: true,
		edits: finish,
	} as const;
	return [{ ...plan, kind: "refactor" }];
}

/** The same as a fix of the finding that a function does not say it. */
export function plansForUnsaid(request: Request): Plan[] {
	return plansForSaying(request).map((plan) => ({ ...plan, kind: "quickfix" }));
}

/** The call that says when a function sleeps; null when it does not, or nothing short says when, or a context denies it. */
function saying(solved: Solved, fn: FnId): string | null {
	const summary = summaryOf(solved.world, fn);
	switch (summary.maySleep) {
		case MaySleep.No:
			return null;
		case MaySleep.Yes:
			return isNeverAtomic(solved, fn) ? `${SAYS_SLEEPING.always}()` : null;
		case MaySleep.Depends: {
			const condition = conditionOf(solved, fn, summary);
			return condition === null ? null : `${SAYS_SLEEPING.when}(${condition})`;
		}
	}
}

function conditionOf(solved: Solved, fn: FnId, { sleepParam, sleepWhen }: Summary): string | null {
	if (sleepParam < 0) return null;
	const name = paramText(solved, fn, sleepParam);
	if (name === "") return null;
	if (new MaskParams(solved.world.program).isMask(fn, sleepParam)) return `${SAYS_SLEEPING.maskAllows}(${name})`;
	const { values } = solved.world;
	if (sleepWhen === TOP) return null;
	const truth = values.truth(sleepWhen);
	if (truth === 0) return `!${name}`;
	return truth === 1 && values.set(sleepWhen) === 0 ? name : null;
}

function isNeverAtomic({ contexts }: Solved, fn: FnId): boolean {
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (forbidsSleep(contexts.records.context(record))) return false;
	}
	return true;
}

/** Does a function check that it may sleep? */
function checks({ world, graph }: Solved, fn: FnId): boolean {
	return graph.hasSite(fn, (callee) => isPrimitive(callee) && primitiveAt(world, callee).sleep?.how === "checks");
}
