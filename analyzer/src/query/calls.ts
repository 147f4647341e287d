// Callers and callees of a function, each with the contexts of the calling function at that call.

import { type Call, compareCalls } from "../flow/callGraph.js";
import { forbidsSleep } from "../flow/context.js";
import { callKey } from "../flow/link.js";
import type { Solved } from "../flow/solved.js";
import { contextName } from "../flow/topDown.js";
import { calleeText, namePlace, opPlace } from "../flow/witness.js";
import { Callee, primitiveAt } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { CallEdge } from "./types.js";

/** The direct callers by file and place, then those that reach the function through a pointer. */
export function callersOf(solved: Solved, fn: FnId): CallEdge[] {
	const edgeTo = (caller: FnId, op: number, via: string): CallEdge => ({
		...opPlace(solved.world, caller, op),
		function: solved.world.program.fnName(caller),
		definition: namePlace(solved.world, caller),
		contexts: contextsAt(solved, caller, op),
		via,
	});
	const direct = solved.graph.callersOf(fn);
	return [
		...direct.map(({ caller, op }) => edgeTo(caller, op, "direct")),
		...pointerCallersOf(solved, fn, direct).map(({ caller, op }) => edgeTo(caller, op, "a pointer")),
	];
}

export function countCallers(solved: Solved, fn: FnId): number {
	const direct = solved.graph.callersOf(fn);
	return direct.length + pointerCallersOf(solved, fn, direct).length;
}

/** The calls, other than the direct ones, that bring the function a context, by file and place. */
function pointerCallersOf({ contexts, world }: Solved, fn: FnId, direct: readonly Call[]): Call[] {
	const seen = new Set(direct.map(({ caller, op }) => callKey(caller, op)));
	const found: Call[] = [];
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		contexts.eachCaller(record, (parent, op) => {
			const caller = contexts.records.fn(parent);
			const key = callKey(caller, op);
			if (seen.has(key)) return;
			seen.add(key);
			found.push({ caller, op });
		});
	}
	return found.sort((x, y) => compareCalls(world.program, x, y));
}

export function calleesOf(solved: Solved, fn: FnId): CallEdge[] {
	const { world, graph, contexts } = solved;
	const edges: CallEdge[] = [];
	graph.eachSite(fn, (op, callee) => {
		const place = opPlace(world, fn, op);
		const names = contextsAt(solved, fn, op);
		const add = (name: string, target: FnId, via: string) =>
			edges.push({
				...place,
				function: name,
				definition: target === NONE ? null : namePlace(world, target),
				contexts: names,
				via,
			});
		if (callee >= 0) add(world.program.fnName(callee), callee, "direct");
		else if (callee <= Callee.FirstPrimitive) add(primitiveAt(world, callee).name, NONE, "model");
		else if (callee === Callee.Indirect) {
			const targets = contexts.indirectTargets(fn, op) ?? [];
			for (const { target } of targets) add(world.program.fnName(target), target, "field");
			if (targets.length === 0) add(calleeText(world, fn, op), NONE, "unresolved");
		}
	});
	return edges;
}

/** Short names of the contexts of a call. */
export function contextsAt(solved: Solved, fn: FnId, op: number): string[] {
	const { contexts } = solved;
	const names = new Set<string>();
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		const isSeed = contexts.isSeed(record);
		for (const state of contexts.statesOf(fn, op)) {
			const ac = contexts.contextAt(record, state);
			if (ac !== NONE && (!isSeed || forbidsSleep(ac))) names.add(contextName(ac));
		}
	}
	return [...names].sort();
}

/** Short names of the contexts a function is entered in. */
export function contextsOf(solved: Solved, fn: FnId): string[] {
	const { contexts } = solved;
	const names = new Set<string>();
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.isSeed(record)) continue;
		names.add(contextName(contexts.records.context(record)));
	}
	return [...names].sort();
}
