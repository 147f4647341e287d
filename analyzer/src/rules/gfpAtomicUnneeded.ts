// A mask that draws on the atomic reserve where every known context may sleep.

import { paramText, reclaimNeed } from "../fixes/callerMask.js";
import { ownMask, replaceFlag } from "../fixes/mask.js";
import { forbidsSleep } from "../flow/context.js";
import { literalBits } from "../flow/masks.js";
import { Need } from "../flow/need.js";
import type { Solved } from "../flow/solved.js";
import { isAboutToWait } from "../flow/taskState.js";
import { Touch } from "../flow/touches.js";
import { gfpArgument, isLiteralMask } from "../flow/violations.js";
import { isWellKnown } from "../flow/wellKnown.js";
import { calleeText, contextInfo, opEnd, opPlace } from "../flow/witness.js";
import { isPrimitive, primitiveAt } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { sourceText } from "../ir/sourceText.js";
import { commonNamesThat } from "../model/gfp.js";
import type { Primitive } from "../model/schema.js";
import type { Draft, Rule } from "./rule.js";

/** Calls that lead to an allocation that are looked at for what reclaim waits for. */
const MAX_CALLERS = 6;
/** Paths of low confidence count, too. */
const ANY_DOUBT = 2;

export const gfpAtomicUnneeded: Rule = {
	id: "gfp-atomic-unneeded",
	severity: "hint",
	title: "an atomic allocation where every known context may sleep",
	fixesAll: true,
	eachFunction(solved, report) {
		const { world, graph, contexts } = solved;
		// what may sleep under PREEMPT_RT mostly may not elsewhere
		if (world.profile === "rt") return null;
		return (fn) => {
			if (!solved.touches.has(fn, Touch.Allocates)) return;
			if (contexts.first(fn) === NONE || !isWellKnown(solved, fn)) return;
			graph.eachSite(fn, (op, callee) => {
				if (!isPrimitive(callee)) return;
				const primitive = primitiveAt(world, callee);
				// who keeps a pool needs memory to get on, perhaps to free some: that waiting for it does is not said by the context
				const isAsked = primitive.alloc !== undefined && primitive.alloc.gfp >= 0 && primitive.alloc.pool === undefined;
				if (isAsked) checkSite(solved, fn, op, primitive, report);
			});
		};
	},
};

function checkSite(solved: Solved, fn: FnId, op: number, primitive: Primitive, report: (draft: Draft) => void): void {
	const { world, contexts } = solved;
	const mask = gfpArgument(world, fn, op, primitive);
	if (mask === NONE || !isLiteralMask(world, fn, mask)) return;
	const bits = literalBits(world, fn, mask);
	if (bits === undefined || (bits & world.gfp.directReclaim) !== 0 || (bits & world.gfp.high) === 0) return;
	const states = contexts.statesOf(fn, op);
	if (states.length === 0 || isAboutToWait(world, solved.graph, fn, op)) return;
	// where reclaim may wait for the code, by the way it is called or by what it holds, it may sleep, but not reclaim as it likes
	if (mayBeWaitedFor(solved, fn, op)) return;
	let entered = NONE;
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		for (const state of states) {
			const ac = contexts.contextAt(record, state);
			if (ac !== NONE && forbidsSleep(ac)) return;
		}
		if (contexts.records.parent(record) !== NONE || contexts.records.op(record) !== NONE) entered = record;
	}
	const name = world.program.fnName(fn);
	const text = sourceText(world.program.unit(world.program.fnFile(fn)), world.program.fnLocal(fn), mask);
	const [usual] = commonNamesThat("can-sleep");
	const context = contextInfo(world, contexts, entered, { fn, op }, states[0]!);
	const own = ownMask(solved, fn, op);
	const told = own === NONE ? [] : replaceFlag(solved, fn, op, primitive.alloc!.gfp, paramText(solved, fn, own), true);
	report({
		start: opPlace(world, fn, op),
		end: opEnd(world, fn, op),
		function: name,
		confidence: "high",
		message: `${calleeText(world, fn, op)}() with ${text} draws on the atomic reserve, but every known context of ${name}() may sleep: ${usual} would do`,
		context,
		enter: context.enter,
		sleep: [],
		related: [],
		fixes: [...told, ...replaceFlag(solved, fn, op, primitive.alloc!.gfp, usual!, told.length === 0)],
		key: `${calleeText(world, fn, op)}|${text}`,
	});
}

/**
 * May reclaim wait for the code at a call? Paths of reclaim are followed to what sleeps, and an atomic allocation does not:
 * so its callers are asked, too.
 */
function mayBeWaitedFor(solved: Solved, fn: FnId, op: number): boolean {
	const seen = new Set<FnId>();
	const open = [{ fn, op, depth: 0 }];
	for (let call = open.pop(); call !== undefined; call = open.pop()) {
		if (reclaimNeed(solved, call.fn, call.op, ANY_DOUBT) !== Need.None || holdsLock(solved, call.fn, call.op))
			return true;
		if (seen.has(call.fn) || call.depth >= MAX_CALLERS) continue;
		seen.add(call.fn);
		for (const site of solved.graph.callersOf(call.fn))
			open.push({ fn: site.caller, op: site.op, depth: call.depth + 1 });
	}
	return false;
}

/** Does a function hold a lock at a call that reclaim takes? */
function holdsLock({ contexts, reclaim }: Solved, fn: FnId, op: number): boolean {
	return contexts.statesOf(fn, op).some(({ ctx }) => ctx.items.some((item) => reclaim.needOf(fn, item) !== Need.None));
}
