// Summaries, callees before callers: strongly connected components of the call graph in order; a component of
// several functions is gone through twice.

import { componentSteps, type Graph } from "../base/scc.js";
import type { Steps } from "../base/steps.js";
import { IntVec } from "../base/vec.js";
import type { FnId } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import { Intra } from "./intra.js";
import { summaryKey } from "./summarise.js";
import { emptySummary } from "./summary.js";
import { summaryOf, type World } from "./world.js";

/** How often a recursive component is gone through. */
const ROUNDS = 2;
const REPORT_EVERY = 4096;
/** Functions looked at between steps. */
const YIELD_EVERY = 256;

/** What is to be summarised: functions that changed, and those whose summary is not known to their callers yet. */
export interface Due {
	readonly fns: Set<FnId>;
	/** their callers are due */
	readonly changed: Set<FnId>;
}

/** Computes the summaries of all functions. `progress` gets functions done. */
export function summariseAll(
	world: World,
	graph: CallGraph,
	progress: (done: number, total: number) => void,
): Steps<void> {
	return summarise(world, graph, null, progress);
}

/**
 * Redoes the summaries of the functions that are due, then those of callers while what callers see changes. What is
 * still to be done when it is given up stays in `due`.
 */
export function* summariseDue(world: World, graph: CallGraph, due: Due): Steps<void> {
	yield* summarise(world, graph, due, () => {});
	due.fns.clear();
	due.changed.clear();
}

function* summarise(
	world: World,
	graph: CallGraph,
	due: Due | null,
	progress: (done: number, total: number) => void,
): Steps<void> {
	const fns = world.program.inOrder;
	const calls = yield* buildGraph(world, graph);
	const { order, componentOf } = yield* componentSteps(calls);
	const intra = new Intra(world);
	// Filled in order: an array that is filled here and there becomes a hash table.
	while (world.summaries.length < world.program.fnLimit) world.summaries.push(emptySummary);
	let done = 0;
	let seen = 0;
	const isDue = (node: number): boolean => {
		if (due === null || due.fns.has(fns[node]!)) return true;
		for (let k = calls.starts[node]!; k < calls.starts[node + 1]!; k++) {
			if (due.changed.has(fns[calls.targets[k]!]!)) return true;
		}
		return false;
	};
	for (let i = 0; i < order.length; ) {
		const component = componentOf[order[i]!]!;
		let end = i;
		while (end < order.length && componentOf[order[end]!] === component) end++;
		const nodes = order.subarray(i, end);
		i = end;
		seen += nodes.length;
		if (seen % YIELD_EVERY < nodes.length) yield;
		if (!nodes.some(isDue)) continue;
		const members = Array.from(nodes, (node) => fns[node]!);
		const before = due === null ? [] : members.map((fn) => summaryKey(summaryOf(world, fn)));
		yield* summariseComponent(world, intra, members);
		members.forEach((fn, k) => {
			due?.fns.delete(fn);
			if (due !== null && summaryKey(summaryOf(world, fn)) !== before[k]) due.changed.add(fn);
		});
		done += members.length;
		if (done % REPORT_EVERY < members.length) {
			world.checkpoint();
			progress(done, fns.length);
		}
	}
}

/** From nothing known of the members, whatever was known before. */
function* summariseComponent(world: World, intra: Intra, members: readonly FnId[]): Steps<void> {
	for (const fn of members) world.summaries[fn] = emptySummary;
	const rounds = members.length > 1 ? ROUNDS : 1;
	for (let round = 0; round < rounds; round++) {
		for (let k = 0; k < members.length; k++) {
			world.summaries[members[k]!] = intra.run(members[k]!);
			if (k % 64 === 63) yield;
		}
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
function* buildGraph(world: World, graph: CallGraph): Steps<Graph> {
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
		if (node % YIELD_EVERY === 0) yield;
	}
	starts[nNodes] = targets.length;
	return { nNodes, starts, targets: targets.data };
}
