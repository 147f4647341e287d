// PREEMPT_RT only: an allocation with a raw lock held, or with preemption or interrupts off. The allocators' own locks
// sleep there, so no mask is right. One that may sleep by its mask is gfp-sleeps-in-atomic's.

import { isRaw } from "../flow/context.js";
import { isInNmi } from "../flow/nmi.js";
import { allocationSleeps } from "../flow/sleeping.js";
import type { Solved } from "../flow/solved.js";
import { MaySleep } from "../flow/summary.js";
import type { RecordId } from "../flow/topDown.js";
import { Touch } from "../flow/touches.js";
import { TOP } from "../flow/values.js";
import { calleeText } from "../flow/witness.js";
import { isDescribed, isPrimitive, primitiveAt } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { Primitive } from "../model/schema.js";
import { certainPlace } from "./certainPlace.js";
import type { Draft, Rule } from "./rule.js";

export const rtAllocInRawAtomic: Rule = {
	id: "rt-alloc-in-raw-atomic",
	severity: "warning",
	title: "an allocation in a region that is atomic under PREEMPT_RT too",
	eachFunction(solved, report) {
		const { world, graph, contexts } = solved;
		if (world.profile !== "rt") return null;
		return (fn) => {
			if (!solved.touches.has(fn, Touch.Allocates) || contexts.first(fn) === NONE) return;
			if (isDescribed(world, fn)) return;
			graph.eachSite(fn, (op, callee) => {
				if (!isPrimitive(callee)) return;
				const primitive = primitiveAt(world, callee);
				if (primitive.alloc !== undefined) checkSite(solved, fn, op, primitive, report);
			});
		};
	},
};

function checkSite(solved: Solved, fn: FnId, op: number, primitive: Primitive, report: (draft: Draft) => void): void {
	const { world, contexts } = solved;
	const place = certainPlace(solved, fn, op, isRaw, (record, state, ac) => {
		if (!isRaw(ac) || !isRawByItself(solved, record) || isInNmi(world, contexts, record, state)) return false;
		return neverSleeps(solved, fn, op, record, primitive);
	});
	if (place === null) return;
	const name = calleeText(world, fn, op);
	report({
		...place,
		function: world.program.fnName(fn),
		confidence: "high",
		message: `${name}() with preemption or interrupts off under PREEMPT_RT: the allocator's locks sleep there, whatever the mask says`,
		sleep: [],
		related: [],
		fixes: [],
		key: name,
	});
}

/** Does the mask not allow sleeping, on no way to the call? One that does on some is another rule's finding. */
function neverSleeps(
	{ world, contexts }: Solved,
	fn: FnId,
	op: number,
	record: RecordId,
	primitive: Primitive,
): boolean {
	const binding = contexts.records.binding(record);
	return contexts.statesOf(fn, op).every((state) => {
		if (contexts.contextAt(record, state) === NONE) return true;
		const arg = (index: number) => contexts.bindingTable.resolve(state.args?.[index] ?? TOP, binding);
		return allocationSleeps(world, primitive, arg).value === MaySleep.No;
	});
}

/** Is a context raw for sure: by a region, or as the core itself makes it? A driver that calls back with interrupts off may hold a lock that sleeps. */
function isRawByItself({ contexts }: Solved, record: RecordId): boolean {
	const top = contexts.topOf(record);
	return !isRaw(contexts.records.context(top)) || contexts.runOf(top)?.isBare === true;
}
