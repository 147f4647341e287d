// From a chain of calls to a plan that the simulator can follow: plain data without ids of this program, so
// that a machine which has read the files anew finds its way. A chain with a pointer hop has no plan: which
// function a pointer holds is memory, and the machine's memory at the start is unknown.

import type { KnownParameter, PinnedCall, PredictedSplat, ReplayPlan } from "../api.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { applyCtx, forbidsSleep, Irq, isAtomic } from "./context.js";
import { acOfRun } from "./roots.js";
import type { Solved } from "./solved.js";
import { TOP } from "./values.js";
import type { Violation } from "./violations.js";
import { staticCallee } from "./world.js";

/** Run contexts of the model: a function that makes its region itself, one whose caller holds a lock or has interrupts off. */
const PLAIN = "process";
const HELD = "preempt-off";
const IRQS_OFF = "irqs-off";

const LEAKS: readonly PredictedSplat[] = ["leak", "irq-state"];
const SLEEPS: readonly PredictedSplat[] = ["sleep-in-atomic", "scheduling-while-atomic"];
/** Where RCU is not preemptible its own check speaks first. */
const SLEEPS_IN_READER: readonly PredictedSplat[] = ["sleep-in-atomic", "rcu-usage"];

/** The plan of a call that sleeps where it may not; null for a chain with a pointer hop. */
export function sleepPlan(solved: Solved, violation: Violation): ReplayPlan | null {
	const { world, contexts } = solved;
	const { links, head } = violation;
	const isDirect = links.every((link, i) => {
		const next = links[i + 1];
		return next === undefined || staticCallee(world, link.fn, link.op) === next.fn;
	});
	if (!isDirect) return null;
	return {
		entry: entryOf(solved, violation),
		parameters: parametersOf(solved, head, links[0]!.fn),
		takes: forbidsSleep(contexts.records.context(head)) ? [] : takesOf(solved, violation),
		calls: links.map((link) => pinnedCall(world.program, link.fn, link.op)),
		splats: isAtomic(violation.ac) ? SLEEPS : SLEEPS_IN_READER,
	};
}

/** The plan of a function that comes back in another context than it was entered in. `last` is the op after which that is settled; -1: the end of the body. */
export function returnPlan(
	program: Program,
	fn: FnId,
	ops: { readonly takes: readonly number[]; readonly last: number },
	irqs: "as usual" | "off at entry",
): ReplayPlan {
	const last = ops.last < 0 ? program.fnField(fn, FnField.OpCount) : ops.last;
	return {
		entry: irqs === "off at entry" ? IRQS_OFF : PLAIN,
		parameters: [],
		takes: ops.takes,
		calls: [pinnedCall(program, fn, last)],
		splats: LEAKS,
	};
}

function pinnedCall(program: Program, fn: FnId, op: number): PinnedCall {
	return {
		file: program.fnPath(fn),
		function: program.fnName(fn),
		offset: program.fnField(fn, FnField.NameStart),
		op,
	};
}

/** The run context of a callback; what a function asserts of its callers; else a plain one. */
function entryOf({ contexts }: Solved, { head }: Violation): string {
	if (!forbidsSleep(contexts.records.context(head))) return PLAIN;
	const origin = contexts.origins[contexts.records.op(head)];
	if (origin === undefined) return PLAIN;
	// Of an asserted lock the machine learns where it is asserted; what it does to the count holds from the start.
	const isHeldLock = origin.assertion !== null && !forbidsSleep(acOfRun(origin.run));
	return isHeldLock ? HELD : origin.run.id;
}

function parametersOf({ world, contexts }: Solved, head: number, fn: FnId): KnownParameter[] {
	const { values, program } = world;
	const known: KnownParameter[] = [];
	const binding = contexts.records.binding(head);
	for (let index = 0; index < program.fnField(fn, FnField.ParamCount); index++) {
		const value = contexts.bindingTable.get(binding, index);
		if (value === TOP || values.base(value) < -1) continue;
		known.push({ index, set: values.set(value), clear: values.clear(value), isNonZero: values.isNonZero(value) });
	}
	return known;
}

/** Where the region of the chain's head begins: what a reader is shown of it, the first lock or section, or interrupts going off. */
function takesOf({ world, contexts }: Solved, { links, state }: Violation): number[] {
	const { kinds } = world;
	const first = links[0]!;
	const states = links.length === 1 ? [state] : contexts.statesOf(first.fn, first.op);
	const { ctx } = states.find((one) => forbidsSleep(applyCtx(kinds, 0, one.ctx))) ?? states[0]!;
	const main =
		ctx.items.find((item) => kinds.spins[item.kind]) ?? ctx.items.find((item) => forbidsSleep(kinds.bits[item.kind]!));
	if (main !== undefined) return [main.op];
	return ctx.irq === Irq.Off && ctx.irqOp >= 0 ? [ctx.irqOp] : [];
}
