// Beginning and end of what the kernel calls: a task's function, an interrupt handler, an item of a queue.
// The run context says what surrounds it; when it comes back, the surrounding kernel looks what it left behind.

import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { RunContext } from "../model/schema.js";
import { unitOf } from "./config.js";
import type { Activation, EntryContext, Frame, HeldLock, Machine, Section } from "./machine.js";
import { PersistentMap } from "./persistentMap.js";
import { globalKey, unknown, type Value } from "./value.js";
import type { SourcePlace, World } from "./world.js";

/** A function to be called, and how. */
export interface Calling {
	readonly fn: FnId;
	readonly args: readonly Value[];
	readonly context: RunContext;
	readonly kind: Activation["kind"];
	readonly label: string;
	readonly source?: number;
	readonly item?: Activation["item"];
}

/** The row of a run context; under PREEMPT_RT that of what it becomes there. */
export function contextRow(world: World, id: string): RunContext | undefined {
	const given = world.model.runContexts.get(id);
	if (given === undefined || !world.isRt || given.onRt === undefined) return given;
	return world.model.runContexts.get(given.onRt) ?? given;
}

export function newFrame(world: World, fn: FnId, id: number, callOp: number): Frame {
	return {
		id,
		fn,
		pc: 0,
		locals: new Array<Value | undefined>(world.program.fnField(fn, FnField.VarCount)).fill(undefined),
		results: NO_RESULTS,
		rounds: NO_ROUNDS,
		loops: NO_LOOPS,
		macroArgs: null,
		callOp,
		wait: null,
		activation: null,
	};
}

const NO_RESULTS = PersistentMap.empty<number, Value>();
const NO_ROUNDS = PersistentMap.empty<number, number>();
const NO_LOOPS = PersistentMap.empty<number, Frame>();

/** What a task or CPU looks like inside the call. */
export interface Inside {
	readonly frame: Frame;
	readonly locks: readonly HeldLock[];
	readonly sections: readonly Section[];
	readonly entry: EntryContext;
	readonly rcuDepth: number;
	readonly rtSoftirqCount: number;
}

/** What is there already: nothing, or the context of what is interrupted. */
export interface Outside {
	readonly preemptCount: number;
	readonly irqsOn: boolean;
	readonly locks: readonly HeldLock[];
	readonly sections: readonly Section[];
	readonly rcuDepth: number;
	readonly step: number;
}

/** The call as it begins. */
export function begin(world: World, calling: Calling, id: number, outside: Outside): Inside {
	const { fn, context } = calling;
	const at = world.placeIn(fn, world.program.fnField(fn, FnField.NameStart));
	const locks = [...outside.locks, ...callersLocks(context, at)];
	const hasRcuDepth = context.rcu === true && world.config.preemptRcu;
	const entry: EntryContext = {
		id: context.id,
		level: context.level,
		preemptCount: outside.preemptCount + entryCount(world, context),
		irqsOn: context.irqsOff !== true && (context.level !== "process" || outside.irqsOn),
		nLocks: locks.length + (context.rcu === true ? 1 : 0),
		rcuDepth: outside.rcuDepth + (hasRcuDepth ? 1 : 0),
	};
	const activation: Activation = {
		kind: calling.kind,
		label: calling.label,
		entry,
		before: { preemptCount: outside.preemptCount, irqsOn: outside.irqsOn },
		source: calling.source ?? -1,
		item: calling.item ?? null,
	};
	return {
		frame: { ...newFrame(world, fn, id, -1), locals: parameters(world, fn, calling.args), activation },
		locks,
		sections: [...outside.sections, ...callersSections(context, at, outside.step)],
		entry,
		rcuDepth: entry.rcuDepth,
		rtSoftirqCount: world.isRt && context.bhOff === true ? 2 : 0,
	};
}

/** Arguments that nobody gave are unknown; of two tasks the ones of one name are the same thing. */
function parameters(world: World, fn: FnId, args: readonly Value[]): (Value | undefined)[] {
	const { program } = world;
	const locals = new Array<Value | undefined>(program.fnField(fn, FnField.VarCount)).fill(undefined);
	const nParams = program.fnField(fn, FnField.ParamCount);
	for (let i = 0; i < nParams; i++) {
		const name = world.varName(fn, i);
		locals[i] = args[i] ?? unknown(`p:${name}`, name || `arg${i}`);
	}
	return locals;
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
		const key = globalKey(name);
		const about = { lockClass: key, irqContext: 0, by: context.label, at, assumed: true };
		return { key, text: name, kind, mode: "exclusive", ...about };
	};
	const locks = (context.sleeping ?? []).map((name) => lock(name, "mutex"));
	if (context.spinning !== undefined) locks.push(lock(context.spinning, "spinlock"));
	return locks;
}

function callersSections(context: RunContext, at: SourcePlace, since: number): Section[] {
	const kinds: Section["kind"][] = [];
	if (context.preemptOff === true) kinds.push("preempt");
	if (context.bhOff === true) kinds.push("bh");
	if (context.rcu === true) kinds.push("rcu");
	kinds.push(...(context.scopes ?? []));
	return kinds.map((kind) => ({ kind, by: context.label, at, on: "", since }));
}

/** Puts a call on top of what runs on a CPU. */
export function enter(machine: Machine, calling: Calling): void {
	const { task, cpu, world } = machine;
	const inside = begin(world, calling, machine.newId(), {
		preemptCount: cpu.preemptCount,
		irqsOn: cpu.irqsOn,
		locks: task.locks,
		sections: task.sections,
		rcuDepth: task.rcuDepth,
		step: machine.state.nSteps,
	});
	machine.updateTask({
		frames: [...machine.task.frames, inside.frame],
		locks: inside.locks,
		sections: inside.sections,
		rcuDepth: inside.rcuDepth,
		rtSoftirqCount: task.rtSoftirqCount + inside.rtSoftirqCount,
	});
	machine.updateCpu({ preemptCount: inside.entry.preemptCount, irqsOn: inside.entry.irqsOn });
}

/** Takes away what `enter` has put there, the frames from `depth` on included. */
export function leave(machine: Machine, depth: number, activation: Activation): void {
	const { task, world } = machine;
	const row = world.model.runContexts.get(activation.entry.id);
	const isTheirs = (entry: { readonly by: string }) => row !== undefined && entry.by === row.label;
	const isDeeper = activation.entry.rcuDepth > 0 && row?.rcu === true && world.config.preemptRcu;
	const isBhOff = world.isRt && row?.bhOff === true;
	machine.updateTask({
		frames: task.frames.slice(0, depth),
		locks: task.locks.filter((lock) => !(lock.assumed && isTheirs(lock))),
		sections: task.sections.filter((section) => !isTheirs(section)),
		rcuDepth: Math.max(task.rcuDepth - (isDeeper ? 1 : 0), 0),
		rtSoftirqCount: Math.max(task.rtSoftirqCount - (isBhOff ? 2 : 0), 0),
	});
	machine.updateCpu(activation.before);
}
