// From a place in a file to the function and the operation there.

import { lineRange } from "../base/lineIndex.js";
import { NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FN_SIZE, FnField } from "../ir/unit.js";

export interface Target {
	readonly fn: FnId;
	/** the call or other op meant; -1: the function as a whole */
	readonly op: number;
	/** "call": the op is a call the place is in; "line": the first op at or after the place */
	readonly kind: "function" | "call" | "line";
}

/** What a line (from 1) and a byte column (from 1) mean; null outside functions. */
export function locate(program: Program, file: FileId, line: number, column: number | undefined): Target | null {
	const unit = program.unit(file);
	const { start, end } = lineRange(unit.lineLengths, line);
	if (start === end) return null;
	const offset = column === undefined ? NONE : start + column - 1;
	const fn = functionAt(program, file, offset === NONE ? start : offset, end);
	if (fn === NONE) return null;
	const nameStart = program.fnField(fn, FnField.NameStart);
	const nameEnd = program.fnField(fn, FnField.NameEnd);
	const isOnName = offset === NONE ? nameStart >= start && nameStart < end : offset >= nameStart && offset <= nameEnd;
	if (isOnName || end <= program.fnField(fn, FnField.BodyStart)) return { fn, op: NONE, kind: "function" };
	return offset === NONE ? atLine(program, fn, start, end) : atOffset(program, fn, offset, start, end);
}

/** The innermost function around an offset; for a line, one that begins on it. */
function functionAt(program: Program, file: FileId, offset: number, lineEnd: number): FnId {
	const unit = program.unit(file);
	let best = NONE;
	let bestLength = Number.MAX_SAFE_INTEGER;
	for (let local = 0; local < unit.fns.length / FN_SIZE; local++) {
		const start = unit.fns[local * FN_SIZE + FnField.Start]!;
		const end = unit.fns[local * FN_SIZE + FnField.End]!;
		if (start >= lineEnd || end <= offset || end - start >= bestLength) continue;
		best = program.fnId(file, local);
		bestLength = end - start;
	}
	return best;
}

/** The call on a line that begins first, else the op there. */
function atLine(program: Program, fn: FnId, start: number, end: number): Target {
	let firstCall = NONE;
	let next = NONE;
	eachOp(program, fn, (op, code, opStart) => {
		if (code === Op.Call && opStart >= start && opStart < end && firstCall === NONE) firstCall = op;
		if (opStart >= start && next === NONE) next = op;
	});
	if (firstCall !== NONE) return { fn, op: firstCall, kind: "call" };
	return next === NONE ? { fn, op: NONE, kind: "function" } : { fn, op: next, kind: "line" };
}

/** The smallest call around an offset, else the op at or after it. */
function atOffset(program: Program, fn: FnId, offset: number, start: number, end: number): Target {
	let call = NONE;
	let length = Number.MAX_SAFE_INTEGER;
	eachOp(program, fn, (op, code, opStart, opEnd) => {
		if (code === Op.Call && opStart <= offset && offset < opEnd && opEnd - opStart < length) {
			call = op;
			length = opEnd - opStart;
		}
	});
	return call === NONE ? atLine(program, fn, start, end) : { fn, op: call, kind: "call" };
}

function eachOp(program: Program, fn: FnId, visit: (op: number, code: Op, start: number, end: number) => void): void {
	const { ops } = program.unit(program.fnFile(fn));
	const base = program.fnField(fn, FnField.OpStart);
	for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
		const at = (base + op) * OP_SIZE;
		visit(op, ops[at]! & 255, ops[at + OpField.Start]!, ops[at + OpField.End]!);
	}
}
