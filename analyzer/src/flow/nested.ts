// Calls in the arguments of other calls. A macro may run a statement that it is given where it holds no lock, and
// one that waits for a condition has not begun to sleep when it asks for it.

import { NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import type { CallGraph } from "./callGraph.js";
import { isPrimitive, primitiveAt, type World } from "./world.js";

/** Macros around such a macro that are looked through. */
const MAX_WRAPPERS = 2;
/** Ops between a call in an argument and the call that it is an argument of. */
const MAX_DISTANCE = 24;

/** Is the call at `op` in an argument of a macro that runs it without the lock? */
export function runsUnlocked(world: World, graph: CallGraph, fn: FnId, op: number): boolean {
	let found = false;
	graph.eachSite(fn, (outer, callee) => {
		if (found || outer <= op || outer > op + MAX_DISTANCE || !isWithin(world, fn, op, outer)) return;
		found = unlocks(world, graph, callee, 0);
	});
	return found;
}

/** Does the source of one op lie within that of another? */
export function isWithin(world: World, fn: FnId, inner: number, outer: number): boolean {
	const { program } = world;
	const { ops } = program.unit(program.fnFile(fn));
	const base = program.fnField(fn, FnField.OpStart);
	const at = (op: number, field: OpField) => ops[(base + op) * OP_SIZE + field]!;
	return (
		inner !== outer &&
		inner !== NONE &&
		at(outer, OpField.Start) <= at(inner, OpField.Start) &&
		at(inner, OpField.End) <= at(outer, OpField.End)
	);
}

function unlocks(world: World, graph: CallGraph, callee: number, depth: number): boolean {
	if (isPrimitive(callee)) return primitiveAt(world, callee).neutral?.unlocked === true;
	if (callee < 0 || depth > MAX_WRAPPERS) return false;
	if ((world.program.flagsOf(callee) & FnFlag.Macro) === 0) return false;
	return graph.hasSite(callee, (inner) => unlocks(world, graph, inner, depth + 1));
}
