// Summaries, callees before callers: strongly connected components of the call graph in order; a component of
// several functions is gone through twice.

import { findComponents, type Graph } from "../base/scc.js";
import { IntVec } from "../base/vec.js";
import type { FnId } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import { Intra } from "./intra.js";
import { summaryKey } from "./summarise.js";
import { summaryOf, type World } from "./world.js";

/** How often a recursive component is gone through. */
const ROUNDS = 2;
const REPORT_EVERY = 4096;

/** Computes the summaries of all live functions. `progress` gets functions done. */
export function summariseAll(world: World, graph: CallGraph, progress: (done: number, total: number) => void): void {
	const { program, summaries } = world;
	const fns = program.inOrder;
	const order = findComponents(buildGraph(world, graph));
	const intra = new Intra(world);
	let done = 0;
	for (let i = 0; i < order.order.length; ) {
		const component = order.componentOf[order.order[i]!]!;
		let end = i;
		while (end < order.order.length && order.componentOf[order.order[end]!] === component) end++;
		const rounds = end - i > 1 ? ROUNDS : 1;
		for (let round = 0; round < rounds; round++) {
			for (let k = i; k < end; k++) {
				const fn = fns[order.order[k]!]!;
				summaries[fn] = intra.run(fn);
				if (++done % REPORT_EVERY === 0) {
					world.checkpoint();
					progress(Math.min(done, fns.length), fns.length);
				}
			}
		}
		i = end;
	}
}

/** Redoes the summaries of some functions with what is known of their callees; returns those whose callers see a change. */
export function summariseSome(world: World, fns: readonly FnId[]): FnId[] {
	const intra = new Intra(world);
	const changed: FnId[] = [];
	for (let round = 0; round < ROUNDS; round++) {
		for (const fn of fns) {
			const before = summaryKey(summaryOf(world, fn));
			const after = intra.run(fn);
			world.summaries[fn] = after;
			if (summaryKey(after) !== before && !changed.includes(fn)) changed.push(fn);
		}
		if (changed.length === 0) break;
	}
	return changed;
}

/** Nodes are places in `program.inOrder`. */
function buildGraph(world: World, graph: CallGraph): Graph {
	const { program } = world;
	const fns = program.inOrder;
	const nNodes = fns.length;
	const nodes = new Int32Array(program.fnLimit);
	for (let node = 0; node < nNodes; node++) nodes[fns[node]!] = node;
	const starts = new Int32Array(nNodes + 1);
	const targets = new IntVec(1 << 16);
	for (let node = 0; node < nNodes; node++) {
		starts[node] = targets.length;
		graph.eachSite(fns[node]!, (_, callee) => {
			if (callee >= 0) targets.push(nodes[callee]!);
		});
	}
	starts[nNodes] = targets.length;
	return { nNodes, starts, targets: targets.data };
}
