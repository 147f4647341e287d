// A literal 0 where a gfp mask is expected.

import { callContexts, paramText } from "../fixes/callerMask.js";
import { ownMask } from "../fixes/mask.js";
import { argumentSpan } from "../fixes/span.js";
import { argumentOf } from "../flow/callGraph.js";
import type { Solved } from "../flow/solved.js";
import { calleeText } from "../flow/witness.js";
import { isPrimitive, primitiveAt } from "../flow/world.js";
import { EXPR_SIZE, ExprKind, NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { commonNamesThat } from "../model/gfp.js";
import type { Draft } from "./rule.js";

/** Reports literal zeros among the masks of C's allocations in a function. */
export function reportZeroMasks(solved: Solved, fn: FnId, report: (draft: Draft) => void): void {
	const { program } = solved.world;
	solved.graph.eachSite(fn, (op, callee) => {
		const argument = maskArgument(solved, callee);
		const mask = argument === NONE ? NONE : argumentOf(program, fn, op, argument);
		if (mask !== NONE && isZero(program.unit(program.fnFile(fn)).exprs, mask))
			report(draftOf(solved, fn, op, argument));
	});
}

/** The argument that is the mask of an allocation; for functions that take 0 to say that nothing is to be allocated there is none. */
function maskArgument({ world }: Solved, callee: number): number {
	const alloc = isPrimitive(callee) ? primitiveAt(world, callee).alloc : undefined;
	return alloc === undefined || alloc.zero === "no-allocation" ? NONE : alloc.gfp;
}

function isZero(exprs: Int32Array, expr: number): boolean {
	const at = expr * EXPR_SIZE;
	return exprs[at] === ExprKind.Int && exprs[at + 1] === 0 && exprs[at + 2] === 0;
}

/** The flags that may be right at a call: those that sleep where no context forbids it, the others where not every known one may. */
function fitting(solved: Solved, fn: FnId, op: number): string[] {
	const known = callContexts(solved, fn, op, 2);
	const isAtomic = known.nAtomic > 0 || known.isOwnAtomic;
	const sleeping = isAtomic ? [] : commonNamesThat("can-sleep");
	return [...sleeping, ...(known.nEntered > 0 && !isAtomic ? [] : commonNamesThat("cannot-sleep"))];
}

function draftOf(solved: Solved, fn: FnId, op: number, argument: number): Draft {
	const { world } = solved;
	const call = calleeText(world, fn, op);
	const { start, end } = argumentSpan(world, fn, op, argument)();
	const own = ownMask(solved, fn, op);
	const told = own === NONE ? [] : [paramText(solved, fn, own)];
	const names = [...told, ...fitting(solved, fn, op)];
	return {
		start,
		end,
		function: world.program.fnName(fn),
		severity: "information",
		confidence: "high",
		message: `${call}() is given 0 as its gfp mask: it neither sleeps, nor wakes kswapd, nor uses the reserve, and fails first of all`,
		context: null,
		enter: [],
		sleep: [],
		related: [],
		fixes: names.map((name) => ({
			title: `use ${name}`,
			kind: "quickfix",
			preferred: told.includes(name),
			edits: [{ ...start, endLine: end.line, endColumn: end.column, newText: name }],
		})),
		key: call,
	};
}
