// In which order functions are summarised: the strongly connected components of the call graph, level by level. A
// level holds what calls lower ones only: its components can be done in any order, and by several threads.

import { componentSteps, type Graph } from "../base/scc.js";
import type { Steps } from "../base/steps.js";
import { IntVec } from "../base/vec.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { CallGraph } from "./callGraph.js";

/** Functions looked at between steps. */
const YIELD_EVERY = 256;

export interface Schedule {
	/** functions, component after component */
	readonly fns: Int32Array;
	/** by component: where it begins in `fns`; one more at the end */
	readonly starts: Int32Array;
	/** by level: its first component; one more at the end */
	readonly levels: Int32Array;
	/** by function: its level, NONE when it is not there */
	readonly levelOf: Int32Array;
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
	const { order, componentOf, nComponents } = yield* componentSteps(calls);
	const levelOfComponent = componentLevels(calls, order, componentOf, nComponents);
	const levelOf = new Int32Array(program.fnLimit).fill(NONE);
	for (let node = 0; node < nodes.length; node++) levelOf[nodes[node]!] = levelOfComponent[componentOf[node]!]!;
	return { ...sortByLevel(nodes, order, componentOf, levelOfComponent), levelOf, calls, nodeOf };
}

/** One above the highest level that it calls. */
function componentLevels(calls: Graph, order: Int32Array, componentOf: Int32Array, nComponents: number): Int32Array {
	const levels = new Int32Array(nComponents);
	for (const node of order) {
		const own = componentOf[node]!;
		for (let k = calls.starts[node]!; k < calls.starts[node + 1]!; k++) {
			const other = componentOf[calls.targets[k]!]!;
			if (other !== own && levels[other]! >= levels[own]!) levels[own] = levels[other]! + 1;
		}
	}
	return levels;
}

function sortByLevel(
	nodes: Int32Array,
	order: Int32Array,
	componentOf: Int32Array,
	levelOf: Int32Array,
): Pick<Schedule, "fns" | "starts" | "levels"> {
	const nComponents = levelOf.length;
	let nLevels = 0;
	for (const level of levelOf) if (level >= nLevels) nLevels = level + 1;
	const levels = new Int32Array(nLevels + 1);
	for (const level of levelOf) levels[level + 1]!++;
	for (let level = 0; level < nLevels; level++) levels[level + 1]! += levels[level]!;
	const placeOf = new Int32Array(nComponents);
	const next = levels.slice();
	for (let component = 0; component < nComponents; component++) placeOf[component] = next[levelOf[component]!]!++;
	const starts = new Int32Array(nComponents + 1);
	for (const node of order) starts[placeOf[componentOf[node]!]! + 1]!++;
	for (let place = 0; place < nComponents; place++) starts[place + 1]! += starts[place]!;
	const fns = new Int32Array(order.length);
	const ends = starts.slice();
	for (const node of order) fns[ends[placeOf[componentOf[node]!]!]!++] = nodes[node]!;
	return { fns, starts, levels };
}

/** Who calls whom: by name, or through a variable that is set to a function. Nodes are places in `program.inOrder`. */
function* collectCalls(program: Program, graph: CallGraph, fns: Int32Array, nodeOf: Int32Array): Steps<Graph> {
	const nNodes = fns.length;
	const starts = new Int32Array(nNodes + 1);
	const targets = new IntVec(1 << 16);
	for (let node = 0; node < nNodes; node++) {
		starts[node] = targets.length;
		graph.eachSite(fns[node]!, (_, callee) => {
			if (callee >= 0) targets.push(nodeOf[callee]!);
		});
		eachHeld(program, fns[node]!, (held) => targets.push(nodeOf[held]!));
		if (node % YIELD_EVERY === 0) yield;
	}
	starts[nNodes] = targets.length;
	return { nNodes, starts, targets: targets.data };
}

/** Calls `visit` for the functions that a function puts into variables. */
function eachHeld(program: Program, fn: FnId, visit: (held: FnId) => void): void {
	const unit = program.unit(program.fnFile(fn));
	const { ops, exprs } = unit;
	const start = program.fnField(fn, FnField.OpStart) * OP_SIZE;
	const end = start + program.fnField(fn, FnField.OpCount) * OP_SIZE;
	const visitValue = (expr: number): void => {
		if (expr < 0) return;
		const at = expr * EXPR_SIZE;
		switch (exprs[at]) {
			case ExprKind.Name: {
				const held = program.bindIn(fn, exprs[at + 1]!);
				if (held !== NONE) visit(held);
				break;
			}
			case ExprKind.AddrOf:
				visitValue(exprs[at + 1]!);
				break;
			case ExprKind.Cast:
				visitValue(exprs[at + 2]!);
				break;
			case ExprKind.Cond:
				visitValue(exprs[at + 2]!);
				visitValue(exprs[at + 3]!);
				break;
			default:
				break;
		}
	};
	for (let at = start; at < end; at += OP_SIZE) {
		if ((ops[at]! & 255) !== Op.Assign) continue;
		const target = ops[at + OpField.A]!;
		if (target >= 0 && exprs[target * EXPR_SIZE] === ExprKind.Local) visitValue(ops[at + OpField.B]!);
	}
}
