// An allocation that may not sleep only because of a lock that the function itself has just taken: it could be made
// before that, with a mask that lets it wait.

import type { NamedCall } from "../fixes/rustCall.js";
import { opSpan } from "../fixes/span.js";
import { literalBits } from "../flow/masks.js";
import { firstTaken, isMovable } from "../flow/movable.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import { Touch } from "../flow/touches.js";
import { gfpArgument, isLiteralMask } from "../flow/violations.js";
import { isWellKnown } from "../flow/wellKnown.js";
import { calleeText, contextInfo, lockText, opPlace } from "../flow/witness.js";
import { isPrimitive, primitiveAt } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import { exprText } from "../ir/print.js";
import type { FnId } from "../ir/program.js";
import { commonNamesThat } from "../model/gfp.js";
import type { AllocRow, Primitive } from "../model/schema.js";
import { type Ahead, aheadFixes, aheadOf } from "./room.js";
import type { Draft, Rule } from "./rule.js";

export const allocateBeforeLock: Rule = {
	id: "allocate-before-lock",
	severity: "hint",
	title: "an atomic allocation under a lock that could be made before it is taken",
	eachFunction(solved, report) {
		const { world, graph, contexts } = solved;
		return (fn) => {
			if (!solved.touches.has(fn, Touch.Allocates)) return;
			if (contexts.first(fn) === NONE) return;
			if (!isWellKnown(solved, fn)) return;
			graph.eachSite(fn, (op, callee) => {
				if (!isPrimitive(callee)) return;
				const primitive = primitiveAt(world, callee);
				if (isAllocator(primitive.alloc)) checkSite(solved, fn, op, primitive, report);
			});
		};
	},
};

/** Does it just give an object, which can be given back when it is not needed, or room that can be asked for before? */
function isAllocator(alloc: AllocRow | undefined): boolean {
	return alloc !== undefined && alloc.gfp >= 0 && (alloc.freedBy !== undefined || alloc.ahead !== undefined);
}

function checkSite(solved: Solved, fn: FnId, op: number, primitive: Primitive, report: (draft: Draft) => void): void {
	const { world, contexts } = solved;
	const mask = gfpArgument(world, fn, op, primitive);
	if (mask === NONE || !isLiteralMask(world, fn, mask)) return;
	const bits = literalBits(world, fn, mask);
	if (bits === undefined || bits === 0 || (bits & world.gfp.directReclaim) !== 0) return;
	const states = contexts.statesOf(fn, op);
	const [state] = states;
	if (states.length !== 1 || state === undefined) return;
	const taken = firstTaken(world, state);
	if (taken === NONE) return;
	const ahead = aheadOf(solved, fn, op, taken, primitive);
	if (ahead === null && (primitive.alloc?.freedBy === undefined || !isMovable(world, fn, op, taken))) return;
	const draft = draftOf(solved, fn, op, mask, taken, state);
	if (ahead === null) report(draft);
	else report({ ...draft, ...withRoom(solved, { fn, op, name: primitive.name }, draft, ahead, taken, primitive) });
}

/** The draft for what adds an element: room for it can be asked for before. */
function withRoom(
	solved: Solved,
	call: NamedCall,
	{ key }: Draft,
	{ room, within, list }: Ahead,
	taken: number,
	primitive: Primitive,
): Pick<Draft, "message" | "fixes"> {
	const [name, text, lock] = key.split("|");
	const { line } = opPlace(solved.world, call.fn, taken);
	const [usual] = commonNamesThat("can-sleep");
	return {
		message: `${name}() with ${text} adds to \`${list}\` under \`${lock}\`: ${room}() could ask for room before it is taken (line ${line}), with ${usual}, and ${within}() would allocate nothing`,
		fixes: aheadFixes(solved, call, taken, primitive),
	};
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
