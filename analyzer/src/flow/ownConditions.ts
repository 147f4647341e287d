// Conditions on memory that say nothing of the context: they are about the work itself. That there is something to
// release, that a state is left which the code leaves for good, that others are waited for, how two quantities compare:
// none of it is what callers choose where they may not sleep.

import { constantOf } from "../ir/consts.js";
import { BinaryOp, ExprKind, NONE, Op } from "../ir/ops.js";
import type { Frame } from "./frame.js";
import { MaySleep } from "./summary.js";
import { calleeAt, isPrimitive, primitiveAt, summaryOf, type World } from "./world.js";

/** Ops after a branch that are looked at. */
const MAX_REACH = 120;

/** What `isOfTheWork` looks at: the expression that the branch at `op` has found to be `truth` (-1: neither zero nor not). */
export interface Finding {
	readonly expr: number;
	readonly truth: number;
	readonly op: number;
}

export function isOfTheWork(world: World, frame: Frame, { expr, truth, op }: Finding): boolean {
	return isAboutState(world, frame, { expr, truth, op }) || isWaitedFor(world, frame, op);
}

function isAboutState(world: World, frame: Frame, { expr, truth, op }: Finding): boolean {
	switch (frame.kind(expr)) {
		case ExprKind.Field:
		case ExprKind.Name:
			if (truth === 1) return isLeft(world, frame, expr, op) || isHandled(world, frame, expr, op);
			return truth === 0 && isSwitched(world, frame, expr, op);
		case ExprKind.Binary:
			return isComparison(world, frame, expr);
		default:
			return false;
	}
}

/** Is a state that is asked for left afterwards: what was set is cleared? */
function isLeft(world: World, frame: Frame, expr: number, op: number): boolean {
	return isAssigned(world, frame, expr, op, true);
}

/** Is what was not set yet set afterwards, by code that clears it in another way? Set only, it is done once. */
function isSwitched(world: World, frame: Frame, expr: number, op: number): boolean {
	return isAssigned(world, frame, expr, op, false) && isAssigned(world, frame, expr, op, true);
}

function isAssigned(world: World, frame: Frame, expr: number, op: number, isZero: boolean): boolean {
	const end = Math.min(frame.nOps, op + MAX_REACH);
	for (let at = op + 1; at < end; at++) {
		if (frame.code(at) !== Op.Assign || frame.a(at) !== expr || frame.b(at) < 0) continue;
		const value = constantOf(world.program, frame.file, frame.b(at));
		if (value !== undefined && (value === 0) === isZero) return true;
	}
	return false;
}

/** Is what the field holds handed to a call that sleeps, on the way that the branch guards? Then it has been asked whether there is any, as a pointer is. */
function isHandled(world: World, frame: Frame, expr: number, op: number): boolean {
	const end = Math.min(frame.code(op) === Op.Branch ? frame.b(op) : op, op + MAX_REACH);
	for (let at = op + 1; at < end; at++) {
		if (frame.code(at) !== Op.Call || !isHandedTo(frame, expr, at)) continue;
		if (maySleep(world, calleeAt(world, frame, at))) return true;
	}
	return false;
}

function isHandedTo(frame: Frame, expr: number, call: number): boolean {
	for (let i = 0; i < frame.c(call); i++) if (frame.arg(call, i) === expr) return true;
	return false;
}

function maySleep(world: World, callee: number): boolean {
	if (isPrimitive(callee)) return primitiveAt(world, callee).sleep !== undefined;
	return callee >= 0 && summaryOf(world, callee).maySleep !== MaySleep.No;
}

/** Is the branch the head of a loop that does nothing but sleep and look again? It waits for others, whoever calls. */
function isWaitedFor(world: World, frame: Frame, op: number): boolean {
	const end = frame.b(op);
	if (frame.code(op) !== Op.Branch || end <= op || frame.code(end - 1) !== Op.Jump || frame.a(end - 1) > op)
		return false;
	let sleeps = false;
	for (let at = op + 1; at < end - 1; at++) {
		switch (frame.code(at)) {
			case Op.Nop:
			case Op.Assign:
				break;
			case Op.Branch:
				if (frame.b(at) !== end) return false;
				break;
			case Op.Call: {
				const callee = calleeAt(world, frame, at);
				const isRow = isPrimitive(callee);
				if (!isRow && (callee < 0 || maySleep(world, callee))) return false;
				sleeps ||= isRow && maySleep(world, callee);
				break;
			}
			default:
				return false;
		}
	}
	return sleeps;
}

/** Are two quantities compared, of which the code has neither by itself? A mode is compared with what it may be. */
function isComparison(world: World, frame: Frame, expr: number): boolean {
	const operator: BinaryOp = frame.x(expr);
	if (operator < BinaryOp.Eq || operator > BinaryOp.Ge) return false;
	return isQuantity(world, frame, frame.y(expr)) && isQuantity(world, frame, frame.z(expr));
}

function isQuantity(world: World, frame: Frame, expr: number): boolean {
	switch (frame.kind(expr)) {
		case ExprKind.Field:
			return true;
		case ExprKind.Local: {
			const sole = frame.x(expr) < frame.nParams ? NONE : frame.soleValue.data[frame.x(expr)]!;
			return sole === NONE || frame.kind(sole) !== ExprKind.CallResult || !isAnswer(world, frame, frame.x(sole));
		}
		case ExprKind.Binary:
			return isQuantity(world, frame, frame.y(expr)) || isQuantity(world, frame, frame.z(expr));
		default:
			return false;
	}
}

/** Is it a row that says what a call returns: which CPU, which task? */
function isAnswer(world: World, frame: Frame, op: number): boolean {
	return isPrimitive(calleeAt(world, frame, op));
}
