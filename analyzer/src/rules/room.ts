// An element that is added under a lock to a list that was there before: room for it can be asked for before the lock is
// taken, where it may sleep, and adding it then allocates nothing.

import type { Fix } from "../api.js";
import { type NamedCall, withoutFlags } from "../fixes/rustCall.js";
import { argumentOf } from "../flow/callGraph.js";
import { forbidsSleep } from "../flow/context.js";
import { isArgumentThere } from "../flow/movable.js";
import type { Solved } from "../flow/solved.js";
import { placeAt } from "../flow/witness.js";
import type { World } from "../flow/world.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, UnaryOp } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { sourceText } from "../ir/sourceText.js";
import { FnField } from "../ir/unit.js";
import { commonNamesThat } from "../model/gfp.js";
import type { Primitive } from "../model/schema.js";
import { hasFunction } from "./crate.js";

/** What asks for room, and what adds an element then. */
export interface Ahead {
	readonly room: string;
	readonly within: string;
	/** the list, as the source names it */
	readonly list: string;
}

/** How the call at `op` can do with room that is asked for before op `taken`; null when it cannot. */
export function aheadOf(solved: Solved, fn: FnId, op: number, taken: number, { name, alloc }: Primitive): Ahead | null {
	const { world, contexts } = solved;
	const { program } = world;
	if (alloc?.ahead === undefined || !isArgumentThere(world, fn, op, taken, 0)) return null;
	const { room, within, since } = alloc.ahead;
	const type = name.slice(0, name.lastIndexOf("::"));
	if (!hasFunction(world, fn, `${type}::${within}`, 0, since)) return null;
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (forbidsSleep(contexts.records.context(record))) return null;
	}
	const list = sourceText(program.unit(program.fnFile(fn)), program.fnLocal(fn), argumentOf(program, fn, op, 0));
	return { room, within, list };
}

/** The fix, where the lock is what a `let` binds and both calls hand their errors on. */
export function aheadFixes(solved: Solved, call: NamedCall, taken: number, primitive: Primitive): Fix[] {
	const { world } = solved;
	const ahead = aheadOf(solved, call.fn, call.op, taken, primitive);
	const statement = ahead === null ? null : statementOf(world, call.fn, taken);
	if (ahead === null || statement === null || !handsErrorsOn(world, call.fn, call.op)) return [];
	const [usual] = commonNamesThat("can-sleep");
	const start = placeAt(world, world.program.fnFile(call.fn), statement);
	const indent = " ".repeat(start.column - 1);
	const text = `${ahead.list}.${ahead.room}(1, ${usual})?;\n${indent}`;
	const edits = withoutFlags(world, call, ahead.within);
	if (edits === null) return [];
	return [
		{
			title: `${ahead.room}() before the lock is taken, ${ahead.within}() under it`,
			kind: "refactor",
			preferred: false,
			edits: [{ ...start, endLine: start.line, endColumn: start.column, newText: text }, ...edits],
		},
	];
}

/** Where the statement begins that binds what the call at `taken` gives; null when none does. */
function statementOf({ program }: World, fn: FnId, taken: number): number | null {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const at = (program.fnField(fn, FnField.OpStart) + taken) * OP_SIZE;
	const [bind, slot] = [at + OP_SIZE, at + 2 * OP_SIZE];
	const value = ops[bind + OpField.B]! * EXPR_SIZE;
	const isBound =
		(ops[bind]! & 255) === Op.Assign && exprs[value] === ExprKind.CallResult && exprs[value + 1] === taken;
	const start = ops[slot + OpField.Start]!;
	return isBound && (ops[slot]! & 255) === Op.Nop && start < ops[bind + OpField.Start]! ? start : null;
}

/** Does the function return at once where the call fails, as with `?`? */
function handsErrorsOn({ program }: World, fn: FnId, op: number): boolean {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const next = (program.fnField(fn, FnField.OpStart) + op + 1) * OP_SIZE;
	if ((ops[next]! & 255) !== Op.Branch) return false;
	const condition = ops[next + OpField.A]! * EXPR_SIZE;
	if (exprs[condition] !== ExprKind.Unary || exprs[condition + 1] !== UnaryOp.Not) return false;
	const result = exprs[condition + 2]! * EXPR_SIZE;
	return exprs[result] === ExprKind.CallResult && exprs[result + 1] === op;
}
