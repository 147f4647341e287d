// The start of a run: one CPU, one task, the entry function called in the context of a RunContext row; and
// its end, with the checks the surrounding kernel makes.

import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { RunContext } from "../model/schema.js";
import { unitOf } from "./config.js";
import { emptyMaps, type Frame, type HeldLock, type Machine, type Section, type State } from "./machine.js";
import { PersistentMap } from "./persistentMap.js";
import { leakSplats } from "./splats.js";
import { textOf, unknown, type Value } from "./value.js";
import type { SourcePlace, World } from "./world.js";

/** What the task is called in splats. Interrupts run on top of the idle task. */
const TASK_NAMES: Readonly<Record<RunContext["level"], { readonly comm: string; readonly pid: number }>> = {
	process: { comm: "task", pid: 1000 },
	softirq: { comm: "swapper/0", pid: 0 },
	hardirq: { comm: "swapper/0", pid: 0 },
	nmi: { comm: "swapper/0", pid: 0 },
};

export type StartResult = { readonly ok: true; readonly state: State } | { readonly ok: false; readonly error: string };

/** The state before the first op of `fn`, called in the context with this id. */
export function startRun(world: World, fn: FnId, contextId: string): StartResult {
	const given = world.model.runContexts.get(contextId);
	if (given === undefined) return { ok: false, error: `no run context ${contextId}` };
	const context = (world.isRt && given.onRt !== undefined && world.model.runContexts.get(given.onRt)) || given;
	const at = world.placeIn(fn, world.program.fnField(fn, FnField.NameStart));
	const frame = newFrame(world, fn, 0, -1);
	const nParams = world.program.fnField(fn, FnField.ParamCount);
	const locals: (Value | undefined)[] = frame.locals.slice();
	for (let i = 0; i < nParams; i++) locals[i] = unknown(`p:${world.varName(fn, i)}`, world.varName(fn, i) || `arg${i}`);
	const locks = callersLocks(context, at);
	const hasRcuDepth = context.rcu === true && world.config.preemptRcu;
	const entry = {
		id: context.id,
		level: context.level,
		preemptCount: entryCount(world, context),
		irqsOn: context.irqsOff !== true,
		nLocks: locks.length + (context.rcu === true ? 1 : 0),
		rcuDepth: hasRcuDepth ? 1 : 0,
	};
	const state: State = {
		nSteps: 0,
		cpus: [{ id: 0, preemptCount: entry.preemptCount, irqsOn: entry.irqsOn, needResched: false, task: 0 }],
		tasks: [
			{
				...TASK_NAMES[context.level],
				frames: [{ ...frame, locals }],
				locks,
				sections: callersSections(context, at),
				rcuDepth: entry.rcuDepth,
				rtSoftirqCount: world.isRt && context.bhOff === true ? 2 : 0,
				nonBlock: 0,
			},
		],
		cpu: 0,
		...emptyMaps(),
		epoch: 0,
		nextId: 1,
		entry,
		outcome: null,
	};
	return { ok: true, state };
}

export function newFrame(world: World, fn: FnId, id: number, callOp: number): Frame {
	return {
		id,
		fn,
		pc: 0,
		locals: new Array<Value | undefined>(world.program.fnField(fn, FnField.VarCount)).fill(undefined),
		results: PersistentMap.empty<number, Value>(),
		rounds: PersistentMap.empty<number, number>(),
		loops: PersistentMap.empty<number, Frame>(),
		macroArgs: null,
		callOp,
	};
}

function entryCount(world: World, context: RunContext): number {
	const { layout, config } = world;
	let count = 0;
	if (context.level === "softirq") count += unitOf(layout.softirq);
	if (context.level === "hardirq" || context.level === "nmi") count += unitOf(layout.hardirq);
	if (context.level === "nmi") count += unitOf(layout.nmi);
	if (context.bhOff === true && !world.isRt) count += 2 * unitOf(layout.softirq);
	if (!config.preemptCount) return count;
	const unit = unitOf(layout.preempt);
	if (context.preemptOff === true) count += unit;
	if (context.spinning !== undefined && !world.isRt) count += unit;
	if (context.rcu === true && !config.preemptRcu) count += unit;
	return count;
}

function callersLocks(context: RunContext, at: SourcePlace): HeldLock[] {
	const lock = (name: string, kind: HeldLock["kind"]): HeldLock => {
		return { key: `G:${name}`, text: name, kind, mode: "exclusive", by: context.label, at, assumed: true };
	};
	const locks = (context.sleeping ?? []).map((name) => lock(name, "mutex"));
	if (context.spinning !== undefined) locks.push(lock(context.spinning, "spinlock"));
	return locks;
}

function callersSections(context: RunContext, at: SourcePlace): Section[] {
	const kinds: Section["kind"][] = [];
	if (context.preemptOff === true) kinds.push("preempt");
	if (context.bhOff === true) kinds.push("bh");
	if (context.rcu === true) kinds.push("rcu");
	kinds.push(...(context.scopes ?? []));
	return kinds.map((kind) => ({ kind, by: context.label, at, on: "" }));
}

/** The entry function has returned: what its caller would find wrong, then the end. */
export function finishRun(machine: Machine, value: Value | null, at: SourcePlace): void {
	const { fn } = machine.task.frames[0]!;
	for (const splat of leakSplats(machine, machine.world.program.fnName(fn), at)) machine.splat(splat);
	machine.end({ kind: "finished", value: value === null ? null : textOf(value) });
}
