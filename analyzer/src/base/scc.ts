// hot: strongly connected components of a graph in compressed-row form, callees before callers (Tarjan, iterative).

import { finish, type Steps } from "./steps.js";

const ROOTS_PER_STEP = 4096;

export interface Graph {
	readonly nNodes: number;
	/** edges of node n are targets[starts[n] … starts[n + 1]) */
	readonly starts: Int32Array;
	readonly targets: Int32Array;
}

export interface Components {
	/** nodes, component after component; a component comes after all components it reaches */
	readonly order: Int32Array;
	/** component number of each node, counted in that order */
	readonly componentOf: Int32Array;
	readonly nComponents: number;
}

export function findComponents(graph: Graph): Components {
	return finish(componentSteps(graph));
}

/** The same in steps. */
export function* componentSteps(graph: Graph): Steps<Components> {
	const { nNodes, starts, targets } = graph;
	const index = new Int32Array(nNodes).fill(-1);
	const low = new Int32Array(nNodes);
	const componentOf = new Int32Array(nNodes).fill(-1);
	const order = new Int32Array(nNodes);
	const stack = new Int32Array(nNodes);
	const path = new Int32Array(nNodes);
	const edgeAt = new Int32Array(nNodes);
	let nIndexed = 0;
	let nOrdered = 0;
	let nStack = 0;
	let nComponents = 0;
	for (let root = 0; root < nNodes; root++) {
		if (root % ROOTS_PER_STEP === 0) yield;
		if (index[root] !== -1) continue;
		let depth = 0;
		path[0] = root;
		index[root] = low[root] = nIndexed++;
		edgeAt[root] = starts[root]!;
		stack[nStack++] = root;
		while (depth >= 0) {
			const node = path[depth]!;
			if (edgeAt[node]! < starts[node + 1]!) {
				const next = targets[edgeAt[node]!++]!;
				if (index[next] === -1) {
					index[next] = low[next] = nIndexed++;
					edgeAt[next] = starts[next]!;
					stack[nStack++] = next;
					path[++depth] = next;
				} else if (componentOf[next] === -1 && index[next]! < low[node]!) low[node] = index[next]!;
				continue;
			}
			if (low[node] === index[node]) {
				let member: number;
				do {
					member = stack[--nStack]!;
					componentOf[member] = nComponents;
					order[nOrdered++] = member;
				} while (member !== node);
				nComponents++;
			}
			depth--;
			if (depth >= 0 && low[node]! < low[path[depth]!]!) low[path[depth]!] = low[node]!;
		}
	}
	return { order, componentOf, nComponents };
}
