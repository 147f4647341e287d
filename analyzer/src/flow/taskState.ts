// Is the task about to wait? Between prepare_to_wait() and schedule() it is not to sleep for anything else: it would
// come back as one that runs, and miss what it waits for.

import { constantOf } from "../ir/consts.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { argumentOf, type CallGraph } from "./callGraph.js";
import { isPrimitive, primitiveAt, type World } from "./world.js";

/** Has the last call before `op` that says something of it made the task one that is about to wait? */
export function isAboutToWait(world: World, graph: CallGraph, fn: FnId, op: number): boolean {
	let isWaiting = false;
	graph.eachSite(fn, (at, callee) => {
		if (at >= op || !isPrimitive(callee)) return;
		const { neutral, sleep } = primitiveAt(world, callee);
		if (neutral?.task !== undefined) isWaiting = neutral.task === "parks" && !isZero(world, fn, at);
		else if (sleep !== undefined) isWaiting = false;
	});
	return isWaiting;
}

/** Is the first argument of a call zero? */
function isZero({ program }: World, fn: FnId, op: number): boolean {
	const argument = argumentOf(program, fn, op, 0);
	return argument !== NONE && constantOf(program, program.fnFile(fn), argument) === 0;
}
