// Pointers that are asked whether they are there, and what is done where they are not: something else than with them, or
// making what a search has not found. Whether it is there, who calls does not choose.

import { ExprKind, Op } from "../ir/ops.js";
import type { Frame } from "./frame.js";
import { MaySleep } from "./summary.js";
import { calleeAt, isPrimitive, summaryOf, type World } from "./world.js";

/** Ops looked at for a use of what a branch has asked for. */
const MAX_TO_USE = 12;

/** Does only one of the ways of the branch at `op`, which meet no more before its end, call a pointer or hand it on? */
export function isUsedInstead(frame: Frame, pointer: number, op: number): boolean {
	const middle = frame.b(op);
	if (frame.code(op) !== Op.Branch || middle <= op + 1) return false;
	const last = frame.code(middle - 1);
	const isElse = last === Op.Jump && frame.a(middle - 1) > middle;
	if (!isElse && last !== Op.Return) return false;
	const end = isElse ? frame.a(middle - 1) : Math.min(frame.nOps, middle + MAX_TO_USE);
	return isUsed(frame, pointer, op + 1, middle) !== isUsed(frame, pointer, middle, end);
}

function isUsed(frame: Frame, pointer: number, from: number, to: number): boolean {
	for (let at = from; at < to; at++) if (frame.code(at) === Op.Call && isUsedBy(frame, pointer, at)) return true;
	return false;
}

function isUsedBy(frame: Frame, pointer: number, call: number): boolean {
	if (frame.a(call) === pointer) return true;
	for (let i = 0; i < frame.c(call); i++) if (frame.arg(call, i) === pointer) return true;
	return false;
}

/** Is a variable that a function has just given, which does not sleep, set anew where the branch at `op` finds it to be NULL? */
export function isFoundOrMade(world: World, frame: Frame, variable: number, op: number): boolean {
	const given = op - 1;
	if (given < 0 || frame.code(given) !== Op.Assign || frame.a(given) !== variable) return false;
	if (frame.kind(frame.b(given)) !== ExprKind.CallResult) return false;
	const finder = calleeAt(world, frame, frame.x(frame.b(given)));
	if (isPrimitive(finder) || finder < 0 || summaryOf(world, finder).maySleep !== MaySleep.No) return false;
	for (let at = op + 1; at < frame.b(op); at++)
		if (frame.code(at) === Op.Assign && frame.a(at) === variable) return true;
	return false;
}
