// In which order functions are summarised: the strongly connected components of the call graph, level by level. In
// a level lie, file after file, components that call lower levels, and of their own level only what stands before them
// in the same file. So the files of a level can be done in any order, by several threads, and of a file as much as
// possible is done while its tables are at hand.

import { type Components, componentSteps, type Graph } from "../base/scc.js";
import type { Steps } from "../base/steps.js";
import { IntVec } from "../base/vec.js";
import { NONE } from "../ir/ops.js";
import type { Program } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import type { Ranks } from "./ranks.js";
import { SurveyPart } from "./survey.js";

/** Instead of the file of a component: it has several. */
const SEVERAL = -2;

export interface Schedule {
	/** functions, component after component */
	readonly fns: Int32Array;
	/** by component: where it begins in `fns`; one more at the end */
	readonly starts: Int32Array;
	/** by level: its first component; one more at the end */
	readonly levels: Int32Array;
	readonly ranks: Ranks;
	readonly calls: Graph;
	/** by function: its node in `calls` */
	readonly nodeOf: Int32Array;
}

/** The order that the calls of a program ask for; what is told apart nowhere goes by `program.inOrder`. */
export function* makeSchedule(program: Program, graph: CallGraph): Steps<Schedule> {
	const nodes = program.inOrder;
	const nodeOf = new Int32Array(program.fnLimit).fill(NONE);
	for (let node = 0; node < nodes.length; node++) nodeOf[nodes[node]!] = node;
	const calls = yield* collectCalls(program, graph, nodes, nodeOf);
	const components = yield* componentSteps(calls);
	const files = componentFiles(program, nodes, components);
	const levels = componentLevels(calls, components, files);
	return { ...sortComponents(program.fnLimit, nodes, components, levels, files), calls, nodeOf };
}

/** By component: the file that all its functions are of, or SEVERAL. */
function componentFiles(
	program: Program,
	nodes: Int32Array,
	{ order, componentOf, nComponents }: Components,
): Int32Array {
	const files = new Int32Array(nComponents).fill(NONE);
	for (let i = 0; i < order.length; i++) {
		const node = order[i]!;
		const component = componentOf[node]!;
		const file = program.fnFile(nodes[node]!);
		files[component] = files[component] === NONE || files[component] === file ? file : SEVERAL;
	}
	return files;
}

/** One above the highest level that it calls; the same for what is of its own file. */
function componentLevels(calls: Graph, { order, componentOf, nComponents }: Components, files: Int32Array): Int32Array {
	const levels = new Int32Array(nComponents);
	for (let i = 0; i < order.length; i++) {
		const node = order[i]!;
		const own = componentOf[node]!;
		const file = files[own]!;
		for (let k = calls.starts[node]!; k < calls.starts[node + 1]!; k++) {
			const other = componentOf[calls.targets[k]!]!;
			if (other === own) continue;
			const least = levels[other]! + (file !== SEVERAL && file === files[other] ? 0 : 1);
			if (least > levels[own]!) levels[own] = least;
		}
	}
	return levels;
}

/** Components by level, then file, then callees first. */
function sortComponents(
	fnLimit: number,
	nodes: Int32Array,
	{ order, componentOf, nComponents }: Components,
	levelOf: Int32Array,
	files: Int32Array,
): Pick<Schedule, "fns" | "starts" | "levels" | "ranks"> {
	const byFile = countingSort(iota(nComponents), (component) => files[component]! - SEVERAL);
	const sorted = countingSort(byFile.items, (component) => levelOf[component]!);
	const placeOf = new Int32Array(nComponents);
	sorted.items.forEach((component, place) => {
		placeOf[component] = place;
	});
	const { items, starts } = countingSort(order, (node) => placeOf[componentOf[node]!]!);
	const ranks = { level: new Int32Array(fnLimit).fill(NONE), place: new Int32Array(fnLimit).fill(NONE) };
	for (let i = 0; i < order.length; i++) {
		const node = order[i]!;
		ranks.level[nodes[node]!] = levelOf[componentOf[node]!]!;
		ranks.place[nodes[node]!] = placeOf[componentOf[node]!]!;
	}
	return { fns: items.map((node) => nodes[node]!), starts, levels: sorted.starts, ranks };
}

/** Items in the order of their keys (integers from 0), else as they were; and where each key begins, with one more at the end. */
function countingSort(
	items: Int32Array,
	keyOf: (item: number) => number,
): { readonly items: Int32Array; readonly starts: Int32Array } {
	const keys = new Int32Array(items.length);
	let nKeys = 0;
	for (let i = 0; i < items.length; i++) {
		keys[i] = keyOf(items[i]!);
		nKeys = Math.max(nKeys, keys[i]! + 1);
	}
	const starts = new Int32Array(nKeys + 1);
	for (let i = 0; i < items.length; i++) starts[keys[i]! + 1]!++;
	for (let key = 0; key < nKeys; key++) starts[key + 1]! += starts[key]!;
	const next = starts.slice();
	const sorted = new Int32Array(items.length);
	for (let i = 0; i < items.length; i++) sorted[next[keys[i]!]!++] = items[i]!;
	return { items: sorted, starts };
}

function iota(length: number): Int32Array {
	return new Int32Array(length).map((_, i) => i);
}

/** Who calls whom: by name, or through a variable that is set to a function. Nodes are places in `program.inOrder`. */
function* collectCalls(program: Program, graph: CallGraph, fns: Int32Array, nodeOf: Int32Array): Steps<Graph> {
	const nNodes = fns.length;
	const starts = new Int32Array(nNodes + 1);
	const targets = new IntVec(1 << 16);
	let node = 0;
	for (const file of program.filesInOrder()) {
		const survey = graph.survey(file);
		let held = survey[SurveyPart.Held]!;
		for (const fn of program.fnsOf(file)) {
			const local = program.fnLocal(fn);
			starts[node++] = targets.length;
			graph.eachSite(fn, (_, callee) => {
				if (callee >= 0) targets.push(nodeOf[callee]!);
			});
			for (; held < survey[SurveyPart.Handed]! && survey[held] === local; held += 2)
				targets.push(nodeOf[survey[held + 1]!]!);
		}
		yield;
	}
	starts[nNodes] = targets.length;
	return { nNodes, starts, targets: targets.data };
}
