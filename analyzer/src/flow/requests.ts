// What a callback is asked to do: of the requests that the block layer or swap hand to a driver, reclaim waits for those
// that write. A function that fails each of them at once is never waited for; nor is, where a row says so, what it does
// for requests that read.

import { constantNamed, constantOf } from "../ir/consts.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { RequestColumns } from "../model/schema.js";
import { argumentOf, calledExpr } from "./callGraph.js";
import { decisionsOf } from "./ways.js";
import { calleeNamed, isPrimitive, primitiveAt, type World } from "./world.js";

/** Does a callback do nothing on behalf of a request that writes, as far as its own body tells? */
export function failsWrites(world: World, fn: FnId, requests: RequestColumns): boolean {
	const ways = waysOfWrites(world, fn, requests);
	if (ways === null) return false;
	return ways.chosen.every((isReached, op) => isReached === 0 || !servesAt(world, fn, op));
}

/** Does a callback come to an op for requests alone that do not write? */
export function isForOthers(world: World, fn: FnId, op: number, requests: RequestColumns): boolean {
	const ways = waysOfWrites(world, fn, requests);
	return ways !== null && ways.reached[op] === 0;
}

/** Is an op reached only where one of `never` has answered with true? */
export function isNeverAsked(world: World, fn: FnId, op: number, never: readonly string[]): boolean {
	return decisionsOf(world.program, fn, op).some(
		({ condition, isSo }) => isSo && isAnswer(world, fn, condition, never),
	);
}

/** By op: 1 where a request that writes comes to, and where it comes to after the function has looked what it is. */
interface WaysOfWrites {
	readonly reached: Uint8Array;
	readonly chosen: Uint8Array;
}

/** Null when the function does not look. */
function waysOfWrites(world: World, fn: FnId, { asks, writes }: RequestColumns): WaysOfWrites | null {
	const { program } = world;
	const file = program.fnFile(fn);
	const { ops, lists } = program.unit(file);
	const first = program.fnField(fn, FnField.OpStart);
	const nOps = program.fnField(fn, FnField.OpCount);
	const write = constantNamed(program, file, program.names.lookupText(writes));
	if (write === undefined) return null;
	const reached = new Uint8Array(nOps);
	const chosen = new Uint8Array(nOps);
	let hasLooked = false;
	const mark = (from: number, to: number, isChosen: boolean) => {
		if (to <= from || to >= nOps) return;
		reached[to] = 1;
		if (isChosen || chosen[from] === 1) chosen[to] = 1;
	};
	if (nOps > 0) reached[0] = 1;
	for (let op = 0; op < nOps; op++) {
		if (reached[op] === 0) continue;
		const at = (first + op) * OP_SIZE;
		const a = ops[at + OpField.A]!;
		const b = ops[at + OpField.B]!;
		const c = ops[at + OpField.C]!;
		switch (ops[at]! & 255) {
			case Op.Branch: {
				const isSo = answerFor(world, fn, a, asks, write);
				hasLooked ||= isSo !== null;
				if (isSo !== true) mark(op, b, isSo !== null);
				if (isSo !== false) mark(op, op + 1, isSo !== null);
				break;
			}
			case Op.Switch: {
				const isAsked = isAnswer(world, fn, a, asks);
				const cases = Array.from({ length: c }, (_, i) => b + i * 3);
				const isCase = (i: number) =>
					lists[i] !== NONE &&
					(constantOf(program, file, lists[i]!) ?? write) <= write &&
					(constantOf(program, file, lists[i + 1]!) ?? write) >= write;
				hasLooked ||= isAsked;
				const taken = isAsked ? (cases.find(isCase) ?? cases.find((i) => lists[i] === NONE)) : undefined;
				for (const i of taken === undefined ? cases : [taken]) mark(op, lists[i + 2]!, isAsked);
				break;
			}
			case Op.Jump:
				mark(op, a, false);
				break;
			case Op.Choice:
				for (let i = 0; i < b; i++) mark(op, lists[a + i]!, false);
				if (c === 1) mark(op, op + 1, false);
				break;
			case Op.Return:
			case Op.Unreachable:
				break;
			default:
				mark(op, op + 1, false);
		}
	}
	return hasLooked ? { reached, chosen } : null;
}

/** Does a condition on what is asked hold for a request that writes? Null for other conditions. */
function answerFor(world: World, fn: FnId, condition: number, asks: readonly string[], write: number): boolean | null {
	const file = world.program.fnFile(fn);
	const { exprs } = world.program.unit(file);
	const at = condition * EXPR_SIZE;
	if (condition < 0 || exprs[at] !== ExprKind.Binary) return null;
	const operator = exprs[at + 1]!;
	if (operator !== BinaryOp.Eq && operator !== BinaryOp.Ne) return null;
	if (!isAnswer(world, fn, exprs[at + 2]!, asks)) return null;
	const value = constantOf(world.program, file, exprs[at + 3]!);
	return value === undefined ? null : (value === write) === (operator === BinaryOp.Eq);
}

/** Is an expression the result of a call that says what is asked? */
function isAnswer(world: World, fn: FnId, expr: number, asks: readonly string[]): boolean {
	const { names } = world.program;
	const { exprs } = world.program.unit(world.program.fnFile(fn));
	if (expr < 0 || exprs[expr * EXPR_SIZE] !== ExprKind.CallResult) return false;
	const name = nameCalled(world, fn, exprs[expr * EXPR_SIZE + 1]!);
	return name !== NONE && asks.includes(names.text(name));
}

/** Is the op a call that may do something for a request: given more than texts, and no message? */
function servesAt(world: World, fn: FnId, op: number): boolean {
	const { ops, exprs } = world.program.unit(world.program.fnFile(fn));
	const at = (world.program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	if ((ops[at]! & 255) !== Op.Call) return false;
	const name = nameCalled(world, fn, op);
	const callee = name === NONE ? NONE : calleeNamed(world, fn, exprs[calledExpr(world, fn, op) * EXPR_SIZE + 1]!);
	if (isPrimitive(callee) && primitiveAt(world, callee).neutral?.does === "prints") return false;
	for (let i = 0; i < ops[at + OpField.C]!; i++) {
		const argument = argumentOf(world.program, fn, op, i);
		if (argument < 0 || exprs[argument * EXPR_SIZE] !== ExprKind.Str) return true;
	}
	return ops[at + OpField.C]! === 0;
}

/** The program-wide name that a call calls, NONE when it calls no name. */
function nameCalled({ program }: World, fn: FnId, op: number): number {
	const file = program.fnFile(fn);
	const { ops, exprs } = program.unit(file);
	const callee = ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.A]!;
	if (callee < 0 || exprs[callee * EXPR_SIZE] !== ExprKind.Name) return NONE;
	return program.globalName(file, exprs[callee * EXPR_SIZE + 1]!);
}
