// The way that a plan prescribes, in terms of one program: which op of which function comes next, and from
// which ops of that function it can still be reached.

import type { PinnedCall, ReplayPlan } from "../api.js";
import { NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";

/** A place that a replay has to come by. */
export interface Waypoint {
	readonly fn: FnId;
	/** relative to the function's first */
	readonly op: number;
	/** frames below that of the function */
	readonly depth: number;
	readonly role: "take" | "call" | "last";
	/** by op of the function, its end included: whether there is a way to the waypoint, and how far round it is */
	readonly reach: Uint8Array;
}

/** How the waypoint is come to from an op. */
export const enum Reach {
	Never = 0,
	/** only by another round of a loop that it is in */
	Round = 1,
	/** in the round that runs, other loops aside */
	Forward = 2,
}

export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

export function findRoute(program: Program, plan: ReplayPlan): Found<readonly Waypoint[]> {
	const fns: FnId[] = [];
	for (const call of plan.calls) {
		const fn = functionOf(program, call);
		if (fn === NONE) return { ok: false, error: `${call.function}() is not in ${call.file} any more` };
		fns.push(fn);
	}
	const first = fns[0];
	if (first === undefined) return { ok: false, error: "the chain has no calls" };
	const route: Waypoint[] = plan.takes.map((op) => waypoint(program, first, op, 0, "take"));
	plan.calls.forEach(({ op }, depth) => {
		route.push(waypoint(program, fns[depth]!, op, depth, depth === plan.calls.length - 1 ? "last" : "call"));
	});
	return { ok: true, value: route };
}

/** The function with its name at the very place; of a file that has changed, the only one of the name. */
function functionOf(program: Program, { file, function: name, offset }: PinnedCall): FnId {
	const at = program.fileOf(file);
	if (at === NONE) return NONE;
	const named = [...program.fnsOf(at)].filter((fn) => program.fnName(fn) === name);
	const same = named.find((fn) => program.fnField(fn, FnField.NameStart) === offset);
	return same ?? (named.length === 1 ? named[0]! : NONE);
}

function waypoint(program: Program, fn: FnId, op: number, depth: number, role: Waypoint["role"]): Waypoint {
	return { fn, op, depth, role, reach: reachOf(program, fn, op) };
}

function reachOf(program: Program, fn: FnId, target: number): Uint8Array {
	const count = program.fnField(fn, FnField.OpCount);
	const before: number[][] = Array.from({ length: count + 1 }, () => []);
	for (let op = 0; op < count; op++) {
		for (const next of successorsOf(program, fn, op)) if (next <= count) before[next]!.push(op);
	}
	const reach = new Uint8Array(count + 1);
	if (target > count) return reach;
	mark(reach, before, target, Reach.Round);
	mark(reach, before, target, Reach.Forward);
	return reach;
}

/** Marks the ops from which control comes to the target. */
function mark(reach: Uint8Array, before: readonly (readonly number[])[], target: number, as: Reach): void {
	reach[target] = as;
	const queue = [target];
	for (let at = 0; at < queue.length; at++) {
		const to = queue[at]!;
		for (const op of before[to]!) {
			const isRound = to <= target && target <= op;
			if (reach[op] === as || (as === Reach.Forward && op >= to && isRound)) continue;
			reach[op] = as;
			queue.push(op);
		}
	}
}

/** Ints per case of a switch. */
const CASE_SIZE = 3;

function successorsOf(program: Program, fn: FnId, op: number): number[] {
	const { ops, lists } = program.unit(program.fnFile(fn));
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const a = ops[at + OpField.A]!;
	const b = ops[at + OpField.B]!;
	const c = ops[at + OpField.C]!;
	switch ((ops[at + OpField.Code]! & 0xff) as Op) {
		case Op.Branch:
			return [op + 1, b];
		case Op.Jump:
			return [a];
		case Op.Switch:
			return Array.from({ length: c }, (_, i) => lists[b + i * CASE_SIZE + 2]!);
		case Op.Choice: {
			const named = Array.from(lists.subarray(a, a + b));
			return c === 1 ? [...named, op + 1] : named;
		}
		case Op.Return:
		case Op.Unreachable:
			return [];
		default:
			return [op + 1];
	}
}
