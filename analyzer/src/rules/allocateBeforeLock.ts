// An allocation that may not sleep only because of a lock that the function itself has just taken: it could be made
// before that, with a mask that lets it wait.

import { opSpan } from "../fixes/span.js";
import { argumentOf } from "../flow/callGraph.js";
import { literalBits } from "../flow/masks.js";
import { firstTaken, isMovable } from "../flow/movable.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import { Touch } from "../flow/touches.js";
import { isLiteralMask } from "../flow/violations.js";
import { isWellKnown } from "../flow/wellKnown.js";
import { calleeText, contextInfo, lockText, opPlace } from "../flow/witness.js";
import { isPrimitive, primitiveAt } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import { exprText } from "../ir/print.js";
import type { FnId } from "../ir/program.js";
import { commonNamesThat } from "../model/gfp.js";
import type { AllocRow } from "../model/schema.js";
import { type Draft, type Rule, STEP } from "./rule.js";

export const allocateBeforeLock: Rule = {
	id: "allocate-before-lock",
	severity: "hint",
	title: "an atomic allocation under a lock that could be made before it is taken",
	*check(solved, report) {
		const { world, graph, contexts } = solved;
		let seen = 0;
		for (const fn of solved.fns) {
			if (++seen % STEP === 0) yield;
			if (!solved.touches.has(fn, Touch.Allocates)) continue;
			if (contexts.first(fn) === NONE || !world.program.isLive(fn)) continue;
			if (!isWellKnown(solved, fn)) continue;
			graph.eachSite(fn, (op, callee) => {
				const alloc = isPrimitive(callee) ? primitiveAt(world, callee).alloc : undefined;
				if (alloc !== undefined && isAllocator(alloc)) checkSite(solved, fn, op, alloc, report);
			});
		}
	},
};

/** Does it just give an object, which can be given back when it is not needed? */
function isAllocator(alloc: AllocRow | undefined): boolean {
	return alloc !== undefined && alloc.gfp >= 0 && alloc.freedBy !== undefined;
}

function checkSite(solved: Solved, fn: FnId, op: number, alloc: AllocRow, report: (draft: Draft) => void): void {
	const { world, contexts } = solved;
	const mask = argumentOf(world.program, fn, op, alloc.gfp);
	if (mask === NONE || !isLiteralMask(world, fn, mask)) return;
	const bits = literalBits(world, fn, mask);
	if (bits === undefined || bits === 0 || (bits & world.gfp.directReclaim) !== 0) return;
	const states = contexts.statesOf(fn, op);
	const [state] = states;
	if (states.length !== 1 || state === undefined) return;
	const taken = firstTaken(world, state);
	if (taken === NONE || !isMovable(world.program, fn, op, taken)) return;
	report(draftOf(solved, fn, op, mask, taken, state));
}

function draftOf(solved: Solved, fn: FnId, op: number, mask: number, taken: number, state: CallState): Draft {
	const { world, contexts } = solved;
	const { program } = world;
	const item = state.ctx.items.find((held) => held.op === taken)!;
	const name = program.fnName(fn);
	const call = calleeText(world, fn, op);
	const lock = lockText(world, fn, item);
	const text = exprText(program.unit(program.fnFile(fn)), program.fnLocal(fn), mask);
	const [usual] = commonNamesThat("can-sleep");
	const place = opPlace(world, fn, taken);
	const context = contextInfo(world, contexts, contexts.first(fn), { fn, op }, state);
	return {
		...opSpan(world, fn, op)(),
		function: name,
		confidence: "high",
		message: `${call}() with ${text} could be made before \`${lock}\` is taken (line ${place.line}), with ${usual}: it takes nothing from what the lock protects, and ${name}() is called where it may sleep`,
		context,
		enter: context.enter,
		sleep: [],
		related: [],
		fixes: [],
		key: `${call}|${text}|${lock}`,
	};
}
