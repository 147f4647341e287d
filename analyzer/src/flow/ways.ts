// The two ways of a branch: the ops that only one of them comes to, as far as the function goes on forward.

import { NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField, type Unit } from "../ir/unit.js";

/** Ops that only one way comes to, by rising op. */
export interface Ways {
	readonly whenTrue: readonly number[];
	readonly whenFalse: readonly number[];
}

export function waysOf(program: Program, fn: FnId, branch: number): Ways {
	const { ops } = program.unit(program.fnFile(fn));
	const at = (program.fnField(fn, FnField.OpStart) + branch) * OP_SIZE;
	const taken = reachedFrom(program, fn, branch + 1);
	const skipped = reachedFrom(program, fn, ops[at + OpField.B]!);
	const whenTrue: number[] = [];
	const whenFalse: number[] = [];
	for (let op = branch + 1; op < taken.length; op++) {
		if (taken[op] === skipped[op]) continue;
		(taken[op] === 1 ? whenTrue : whenFalse).push(op);
	}
	return { whenTrue, whenFalse };
}

/** By op: 1 when code from `start` on comes to it without going back. */
export function reachedFrom(program: Program, fn: FnId, start: number): Uint8Array {
	const unit = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const nOps = program.fnField(fn, FnField.OpCount);
	const reached = new Uint8Array(nOps);
	if (start < nOps) reached[start] = 1;
	const mark = (from: number, to: number) => {
		if (to > from && to < nOps) reached[to] = 1;
	};
	for (let op = start; op < nOps; op++) if (reached[op] === 1) eachNext(unit, first, op, mark);
	return reached;
}

/** Calls `visit` with an op and each one that control may come to next; `first` is where the function's ops begin. */
export function eachNext(
	{ ops, lists }: Unit,
	first: number,
	op: number,
	visit: (from: number, to: number) => void,
): void {
	const at = (first + op) * OP_SIZE;
	const a = ops[at + OpField.A]!;
	const b = ops[at + OpField.B]!;
	const c = ops[at + OpField.C]!;
	switch (ops[at]! & 255) {
		case Op.Branch:
			visit(op, op + 1);
			visit(op, b);
			break;
		case Op.Jump:
			visit(op, a);
			break;
		case Op.Switch:
			for (let i = 0; i < c; i++) visit(op, lists[b + i * 3 + 2]!);
			break;
		case Op.Choice:
			for (let i = 0; i < b; i++) visit(op, lists[a + i]!);
			if (c === 1) visit(op, op + 1);
			break;
		case Op.Return:
		case Op.Unreachable:
			break;
		default:
			visit(op, op + 1);
	}
}

/** The last branch before `op` of which one way only comes to `op`, while both come to `past`; -1 when there is none. */
export function deciderOf(program: Program, fn: FnId, op: number, past: number): number {
	const { ops } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	for (let branch = op - 1; branch >= 0; branch--) {
		if ((ops[(first + branch) * OP_SIZE]! & 255) !== Op.Branch) continue;
		const { whenTrue, whenFalse } = waysOf(program, fn, branch);
		const isOne = whenTrue.includes(op) || whenFalse.includes(op);
		if (isOne && !whenTrue.includes(past) && !whenFalse.includes(past)) return branch;
	}
	return -1;
}

/** The conditions of the branches before `op` of which one way only comes to it. */
export function conditionsOf(program: Program, fn: FnId, op: number): number[] {
	return decisionsOf(program, fn, op).map(({ condition }) => condition);
}

/** A branch of which one way only comes to an op: where its condition comes out so. */
export interface Decision {
	readonly branch: number;
	readonly condition: number;
	readonly isSo: boolean;
}

/** The same, with whether the condition holds there. */
export function decisionsOf(program: Program, fn: FnId, op: number): Decision[] {
	const { ops } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const leads = leadingTo(program, fn, op);
	const found: Decision[] = [];
	for (let branch = 0; branch < op; branch++) {
		const at = (first + branch) * OP_SIZE;
		if ((ops[at]! & 255) !== Op.Branch) continue;
		const isSo = leads[branch + 1] === 1;
		if (isSo !== (leads[ops[at + OpField.B]!] === 1)) found.push({ branch, condition: ops[at + OpField.A]!, isSo });
	}
	return found;
}

/** A switch of which one value only leads to an op. */
export interface Case {
	readonly branch: number;
	readonly condition: number;
	/** the expression of that value */
	readonly equals: number;
}

/** The switches before `op` of which one case only comes to it, and that one has one value. */
export function casesOf(program: Program, fn: FnId, op: number): Case[] {
	const { ops, lists } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const found: Case[] = [];
	let leads: Uint8Array | null = null;
	for (let branch = 0; branch < op; branch++) {
		const at = (first + branch) * OP_SIZE;
		if ((ops[at]! & 255) !== Op.Switch) continue;
		leads ??= leadingTo(program, fn, op);
		const start = ops[at + OpField.B]!;
		const end = start + 3 * ops[at + OpField.C]!;
		let only = NONE;
		for (let i = start, isOne = true; i < end && isOne; i += 3) {
			if (leads[lists[i + 2]!] !== 1 || lists[i + 2]! <= branch) continue;
			isOne = only === NONE && lists[i]! !== NONE && lists[i] === lists[i + 1];
			only = isOne ? lists[i]! : NONE;
		}
		if (only !== NONE) found.push({ branch, condition: ops[at + OpField.A]!, equals: only });
	}
	return found;
}

/** By op: 1 when code from there on comes to `op` without going back. */
function leadingTo(program: Program, fn: FnId, op: number): Uint8Array {
	const { ops, lists } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const leads = new Uint8Array(program.fnField(fn, FnField.OpCount) + 1);
	leads[op] = 1;
	const goesOn = (from: number, to: number) => (to > from ? leads[to]! : 0);
	for (let from = op - 1; from >= 0; from--) {
		const at = (first + from) * OP_SIZE;
		const a = ops[at + OpField.A]!;
		const b = ops[at + OpField.B]!;
		const c = ops[at + OpField.C]!;
		switch (ops[at]! & 255) {
			case Op.Branch:
				leads[from] = leads[from + 1]! | goesOn(from, b);
				break;
			case Op.Jump:
				leads[from] = goesOn(from, a);
				break;
			case Op.Switch:
				for (let i = 0; i < c; i++) leads[from]! |= goesOn(from, lists[b + i * 3 + 2]!);
				break;
			case Op.Choice:
				for (let i = 0; i < b; i++) leads[from]! |= goesOn(from, lists[a + i]!);
				if (c === 1) leads[from]! |= leads[from + 1]!;
				break;
			case Op.Return:
			case Op.Unreachable:
				break;
			default:
				leads[from] = leads[from + 1]!;
		}
	}
	return leads;
}

/** Ops of a way that just leaves. */
const MAX_LEAVING = 6;

/** Does the function come to `op` unless it leaves before, in a few steps, as it does where something has failed? */
export function isOnMainWay(program: Program, fn: FnId, op: number): boolean {
	const { ops } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const codeAt = (at: number) => ops[(first + at) * OP_SIZE]! & 255;
	for (let branch = 0; branch < op; branch++) {
		if (codeAt(branch) !== Op.Branch) continue;
		const { whenTrue, whenFalse } = waysOf(program, fn, branch);
		const other = whenTrue.includes(op) ? whenFalse : whenFalse.includes(op) ? whenTrue : null;
		if (other === null) continue;
		const leaves = other.some((at) => codeAt(at) === Op.Return || codeAt(at) === Op.Jump);
		if (!leaves || other.length > MAX_LEAVING) return false;
	}
	return true;
}
