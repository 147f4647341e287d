// Callers and callees of a function, each with the contexts of the calling function at that call.

import type { Call } from "../flow/callGraph.js";
import { forbidsSleep } from "../flow/context.js";
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
	return [
		...solved.graph.callersOf(fn).map(({ caller, op }) => edgeTo(caller, op, "direct")),
		...pointerCallersOf(solved, fn).map(({ caller, op }) => edgeTo(caller, op, "a pointer")),
	];
}

export function countCallers(solved: Solved, fn: FnId): number {
	return solved.graph.callersOf(fn).length + pointerCallersOf(solved, fn).length;
}

/** The calls through pointers that bring the function a context, by file and place. */
function pointerCallersOf({ contexts, graph, world }: Solved, fn: FnId): Call[] {
	const direct = new Set(graph.callersOf(fn).map(({ caller, op }) => `${caller}/${op}`));
	const found = new Map<string, Call>();
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		contexts.eachCaller(record, (parent, op) => {
			const caller = contexts.fns.data[parent]!;
			const key = `${caller}/${op}`;
			if (!direct.has(key)) found.set(key, { caller, op });
		});
	}
	const { program } = world;
	return [...found.values()].sort(
		(x, y) => program.fnFile(x.caller) - program.fnFile(y.caller) || x.caller - y.caller || x.op - y.op,
	);
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
		const isSeed = contexts.parents.data[record] === NONE && contexts.ops.data[record] === NONE;
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
		if (contexts.parents.data[record] === NONE && contexts.ops.data[record] === NONE) continue;
		names.add(contextName(contexts.acs.data[record]!));
	}
	return [...names].sort();
}
