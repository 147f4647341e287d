// Which functions a run could call that have no body here and no row: a host may find and add their files.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag, unitName } from "../ir/unit.js";
import type { World } from "./world.js";

/** Functions looked into at most. */
const MAX_FUNCTIONS = 2000;

/** Names in the order in which a breadth-first walk from `fn` meets them. */
export function missingBodies(world: World, fn: FnId): string[] {
	const { program } = world;
	const missing = new Set<string>();
	const seen = new Set<FnId>([fn]);
	const queue = [fn];
	for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
		for (const { name, callee } of callsOf(world, next)) {
			const isOwn = program.isOwnStatic(program.fnFile(next), callee);
			if (!isOwn && world.primitive(name) !== undefined) continue;
			if (callee === NONE || isAlternative(world, callee)) missing.add(name);
			else if (!seen.has(callee) && seen.size < MAX_FUNCTIONS) {
				seen.add(callee);
				queue.push(callee);
			}
		}
	}
	return [...missing];
}

/** A definition of the branch of an #if that is not taken. */
export function isAlternative(world: World, fn: FnId): boolean {
	return (world.program.flagsOf(fn) & FnFlag.Alternative) !== 0;
}

/** The calls by name in a function, with the definition that each name means there. */
export function callsOf(world: World, fn: FnId): { name: string; callee: FnId }[] {
	const { program } = world;
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const first = program.fnField(fn, FnField.OpStart);
	const calls: { name: string; callee: FnId }[] = [];
	for (let op = first; op < first + program.fnField(fn, FnField.OpCount); op++) {
		if ((unit.ops[op * OP_SIZE + OpField.Code]! & 0xff) !== Op.Call) continue;
		const expr = unit.ops[op * OP_SIZE + OpField.A]! * EXPR_SIZE;
		if (unit.exprs[expr] !== ExprKind.Name) continue;
		const name = unit.exprs[expr + 1]!;
		calls.push({ name: unitName(unit, name), callee: program.bindLocal(file, name) });
	}
	return calls;
}
