// might_sleep() at the top of a function that sleeps, after its declarations: what it says by its body, it says where
// it is entered. With a condition where an argument decides.

import { type Ctx, forbidsSleep, Irq } from "../flow/context.js";
import { MaskParams } from "../flow/maskParams.js";
import type { Solved } from "../flow/solved.js";
import { MaySleep, type Summary } from "../flow/summary.js";
import { TOP } from "../flow/values.js";
import { isDescribed, isPrimitive, primitiveAt, summaryOf, type World } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import { SAYS_SLEEPING } from "../model/sleepers.js";
import { bodyOf, insertFirst } from "./body.js";
import { paramText } from "./callerMask.js";
import { chainsThrough } from "./chains.js";
import { EditList } from "./edits.js";
import type { Plan, Request } from "./plan.js";
import { opOffset } from "./span.js";

/** Functions that do not stand for themselves. */
const NOT_ASKED = FnFlag.Macro | FnFlag.FromMacro | FnFlag.Alternative | FnFlag.Rust;

/** What a function is offered that may sleep and does not say so at its top. */
export function plansForSaying(request: Request): Plan[] {
	const { solved, texts, fn } = request;
	const { world } = solved;
	if ((world.program.flagsOf(fn) & NOT_ASKED) !== 0 || isDescribed(world, fn)) return [];
	const text = saying(solved, fn);
	const source = text === null ? null : texts.of(world.program.fnFile(fn));
	const body = source === null ? null : bodyOf(world, fn, source);
	if (text === null || source === null || body === null || saysItself(solved, fn)) return [];
	if (isDenied(request) || !isSleepable(solved, fn, body.first)) return [];
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

/** Does a finding tell that it sleeps where it may not? That is to be mended first. */
function isDenied({ solved, chains, fn }: Request): boolean {
	return (chains ?? chainsThrough(solved.violations, new Set([fn]))).fns.has(fn);
}

/** May a function sleep at its first statement where it sleeps later: has it changed nothing of its context until then? */
function isSleepable({ world, graph, contexts }: Solved, fn: FnId, first: number): boolean {
	const { sleepOp } = summaryOf(world, fn);
	if (sleepOp < 0 || !contexts.statesOf(fn, sleepOp).every(({ ctx }) => isUnchanged(ctx))) return false;
	let isSame = true;
	graph.eachSite(fn, (op, callee) => {
		if (opOffset(world, fn, op) < first && changesContext(world, callee)) isSame = false;
	});
	return isSame;
}

/** Is nothing of the caller's let go: the lock that it holds, interrupts that it has turned off? */
function isUnchanged({ gone, irq }: Ctx): boolean {
	return gone.length === 0 && irq === Irq.AsEntered;
}

/** Does a call in a declaration take or release something? */
function changesContext(world: World, callee: number): boolean {
	if (isPrimitive(callee)) {
		const { lock, section } = primitiveAt(world, callee);
		return lock !== undefined || section !== undefined;
	}
	if (callee < 0) return false;
	return summaryOf(world, callee).returns.some(({ ctx }) => !isUnchanged(ctx) || ctx.items.length > 0);
}

/** Does a function check that it may sleep, or have an annotation on its context? */
function saysItself({ world, graph }: Solved, fn: FnId): boolean {
	if (world.program.fnField(fn, FnField.AnnotationCount) > 0) return true;
	return graph.hasSite(fn, (callee) => isPrimitive(callee) && primitiveAt(world, callee).sleep?.how === "checks");
}
