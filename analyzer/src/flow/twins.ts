// Calls that only tell what is in memory, made again with the same arguments: they tell the same, as a field that is read
// again does. `if (is_shared(dev)) lock(); …; if (is_shared(dev)) unlock();` takes both or none.

import { ExprKind, NONE, Op } from "../ir/ops.js";
import type { Frame } from "./frame.js";
import { calleeAt, isPrimitive, nameCalled, summaryOf, type World } from "./world.js";

/** Ops back to the earlier call. */
const MAX_BACK = 256;

/** Finds the calls of a prepared frame whose results are tested where an earlier one has been. */
export function findTwins(world: World, frame: Frame): void {
	for (let op = 0; op < frame.nOps; op++) if (frame.code(op) === Op.Branch) findIn(world, frame, frame.a(op));
}

function findIn(world: World, frame: Frame, expr: number): void {
	if (expr < 0) return;
	switch (frame.kind(expr)) {
		case ExprKind.CallResult: {
			const call = frame.x(expr);
			if (!onlyTells(world, frame, call)) return;
			const earlier = sameBefore(world, frame, call);
			if (earlier !== NONE) frame.join(call, earlier);
			return;
		}
		case ExprKind.Unary:
		case ExprKind.Cast:
			findIn(world, frame, frame.y(expr));
			return;
		case ExprKind.Binary:
			// compared with a variable, it is a bound, and of no matter where it is asked again
			if (frame.kind(frame.z(expr)) === ExprKind.Int) findIn(world, frame, frame.y(expr));
			return;
		default:
			return;
	}
}

/** Does a call just tell what is in memory? */
export function onlyTells(world: World, frame: Frame, call: number): boolean {
	const callee = calleeAt(world, frame, call);
	if (callee >= 0) return summaryOf(world, callee).tells;
	return isPrimitive(callee) && world.memory.get(nameCalled(world.program, frame.fn, call))?.does === "tests";
}

/** The nearest call before with the same name and arguments whose result is tested; NONE where there is none, or what it tells is changed in between. */
function sameBefore(world: World, frame: Frame, call: number): number {
	for (let at = call - 1; at >= Math.max(0, call - MAX_BACK); at--) {
		const code = frame.code(at);
		if (code === Op.Assign && isChangedBy(world, frame, at, call)) return NONE;
		if (code !== Op.Call) continue;
		if (frame.a(at) === frame.a(call)) {
			if (!isSameList(frame, at, call)) continue;
			const result = frame.resultExpr(at);
			if (result !== NONE && frame.lastTestOf(result) !== NONE) return at;
		} else if (changesBits(world, frame, at, call)) return NONE;
	}
	return NONE;
}

/** Does an assignment write to a field that the callee reads, to one whose bit is tested, or to a variable of the file? */
function isChangedBy(world: World, frame: Frame, at: number, call: number): boolean {
	const target = frame.a(at);
	if (target < 0) return false;
	switch (frame.kind(target)) {
		case ExprKind.Local:
			return false;
		case ExprKind.Field: {
			const callee = calleeAt(world, frame, call);
			if (callee >= 0)
				return summaryOf(world, callee).reads.includes(world.program.globalName(frame.file, frame.y(target)));
			for (let i = 0; i < frame.c(call); i++)
				if (frame.arg(call, i) >= 0 && frame.mentionsField(frame.arg(call, i), frame.y(target))) return true;
			return false;
		}
		default:
			return true;
	}
}

/** Does a call change what another one tests, by a bit or whole? */
function changesBits(world: World, frame: Frame, at: number, call: number): boolean {
	const { program, memory } = world;
	const changed = memory.get(nameCalled(program, frame.fn, at));
	const tested = memory.get(nameCalled(program, frame.fn, call));
	if (changed === undefined || tested === undefined || changed.does === "tests") return false;
	return changed.at < frame.c(at) && frame.arg(at, changed.at) === frame.arg(call, tested.at);
}

function isSameList(frame: Frame, a: number, b: number): boolean {
	if (frame.c(a) !== frame.c(b)) return false;
	for (let i = 0; i < frame.c(a); i++) if (frame.arg(a, i) !== frame.arg(b, i)) return false;
	return true;
}
