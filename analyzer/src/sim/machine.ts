// The state of the simulated machine. A `State` never changes and shares structure with its predecessor;
// a `Machine` is the draft of the next state while one op runs. Nothing here knows kernel functions.

import type { FnId } from "../ir/program.js";
import type { LockKind, SectionKind } from "../model/schema.js";
import type { Choice } from "./choice.js";
import { readField, unitOf } from "./config.js";
import type { Outcome, Splat } from "./outcome.js";
import { PersistentMap } from "./persistentMap.js";
import type { Unknown, Value } from "./value.js";
import { plainTruth } from "./value.js";
import type { SourcePlace, World } from "./world.js";

export interface Frame {
	/** distinguishes activations; never used again in a run */
	readonly id: number;
	readonly fn: FnId;
	/** next op, relative to the function's first */
	readonly pc: number;
	readonly locals: readonly (Value | undefined)[];
	/** results of the calls made so far, by op */
	readonly results: PersistentMap<number, Value>;
	/** times a loop's condition was asked, by op */
	readonly rounds: PersistentMap<number, number>;
	/** frames of loop macros that wait for the end of a round, by the op that heads the loop */
	readonly loops: PersistentMap<number, Frame>;
	/** for a macro: its arguments, expressions in the frame below */
	readonly macroArgs: readonly number[] | null;
	/** op of the caller that waits for the result; -1 in the outermost frame */
	readonly callOp: number;
}

export interface HeldLock {
	readonly key: string;
	readonly text: string;
	readonly kind: LockKind;
	readonly mode: "exclusive" | "shared";
	/** what took it, and where */
	readonly by: string;
	readonly at: SourcePlace;
	/** held when the run began: nobody knows how it was taken */
	readonly assumed: boolean;
}

export interface Section {
	readonly kind: SectionKind;
	readonly by: string;
	readonly at: SourcePlace;
	/** for a section on an object (SRCU): its key */
	readonly on: string;
}

export interface Cpu {
	readonly id: number;
	readonly preemptCount: number;
	readonly irqsOn: boolean;
	readonly needResched: boolean;
	/** task that runs here */
	readonly task: number;
}

export interface Task {
	readonly comm: string;
	readonly pid: number;
	/** outermost first */
	readonly frames: readonly Frame[];
	readonly locks: readonly HeldLock[];
	readonly sections: readonly Section[];
	/** depth of RCU readers where RCU is preemptible */
	readonly rcuDepth: number;
	/** softirq-disable count of PREEMPT_RT, which is not in preempt_count */
	readonly rtSoftirqCount: number;
	readonly nonBlock: number;
}

/** What is known about an unknown: its value, or only that it is not zero. */
export type Fact = { readonly epoch: number; readonly is: number | "nonzero" };

export interface State {
	/** ops executed so far */
	readonly nSteps: number;
	readonly cpus: readonly Cpu[];
	readonly tasks: readonly Task[];
	/** CPU that executes the next op */
	readonly cpu: number;
	readonly memory: PersistentMap<string, Value>;
	readonly facts: PersistentMap<string, Fact>;
	/** raised when others may have written memory: what is known of shared unknowns lapses */
	readonly epoch: number;
	/** times a condition was asked, by function and op: a default that leads nowhere is not taken for ever */
	readonly asked: PersistentMap<string, number>;
	/** lockdep's usage bits by lock class */
	readonly usage: PersistentMap<string, number>;
	/** once-only warnings given */
	readonly warned: PersistentMap<string, boolean>;
	/** counts activations, allocations and fresh unknowns */
	readonly nextId: number;
	/** context at entry, for the leak checks at the end */
	readonly entry: EntryContext;
	/** set when the run is over */
	readonly outcome: Outcome | null;
}

export interface EntryContext {
	readonly id: string;
	readonly level: "process" | "softirq" | "hardirq" | "nmi";
	readonly preemptCount: number;
	readonly irqsOn: boolean;
	/** locks and RCU readers */
	readonly nLocks: number;
	readonly rcuDepth: number;
}

export type SimEvent =
	| { readonly kind: "splat"; readonly splat: Splat }
	/** something the reader should know: an assumption, an unmodelled call */
	| { readonly kind: "note"; readonly text: string; readonly at: SourcePlace };

type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * The draft of the next state. Invariant: the draft is this machine's own until it is given away; what it
 * refers to (CPUs, tasks, frames, maps) is shared with earlier states and replaced, never written to.
 */
export class Machine {
	readonly events: SimEvent[] = [];
	/** the first question without an answer; the step is then void */
	pending: Choice | null = null;
	private readonly draft: Draft<State>;
	private nAsked = 0;

	constructor(
		readonly world: World,
		state: State,
		private readonly answers: readonly number[],
	) {
		this.draft = { ...state };
	}

	get state(): State {
		return this.draft;
	}
	get cpu(): Cpu {
		return this.draft.cpus[this.draft.cpu]!;
	}
	get task(): Task {
		return this.draft.tasks[this.cpu.task]!;
	}
	get frame(): Frame {
		const { frames } = this.task;
		return frames[frames.length - 1]!;
	}
	get depth(): number {
		return this.task.frames.length - 1;
	}

	update(patch: Partial<State>): void {
		Object.assign(this.draft, patch);
	}

	// Copies name every field: a spread costs several times as much, and every op makes these copies.

	updateCpu(patch: Partial<Cpu>): void {
		const cpus = this.draft.cpus.slice();
		const old = this.cpu;
		cpus[this.draft.cpu] = {
			id: old.id,
			preemptCount: patch.preemptCount ?? old.preemptCount,
			irqsOn: patch.irqsOn ?? old.irqsOn,
			needResched: patch.needResched ?? old.needResched,
			task: patch.task ?? old.task,
		};
		this.draft.cpus = cpus;
	}

	updateTask(patch: Partial<Task>): void {
		const tasks = this.draft.tasks.slice();
		const old = this.task;
		tasks[this.cpu.task] = {
			comm: old.comm,
			pid: old.pid,
			frames: patch.frames ?? old.frames,
			locks: patch.locks ?? old.locks,
			sections: patch.sections ?? old.sections,
			rcuDepth: patch.rcuDepth ?? old.rcuDepth,
			rtSoftirqCount: patch.rtSoftirqCount ?? old.rtSoftirqCount,
			nonBlock: patch.nonBlock ?? old.nonBlock,
		};
		this.draft.tasks = tasks;
	}

	/** Replaces the frame at `depth` (0: outermost). */
	updateFrame(depth: number, patch: Partial<Frame>): void {
		const frames = this.task.frames.slice();
		const old = frames[depth]!;
		frames[depth] = {
			id: old.id,
			fn: old.fn,
			pc: patch.pc ?? old.pc,
			locals: patch.locals ?? old.locals,
			results: patch.results ?? old.results,
			rounds: patch.rounds ?? old.rounds,
			loops: patch.loops ?? old.loops,
			macroArgs: old.macroArgs,
			callOp: old.callOp,
		};
		this.updateTask({ frames });
	}

	/** Where a frame is: the op that runs, or the call that it waits for. */
	placeOfFrame(depth: number): SourcePlace {
		return placeOfFrame(this.world, this.task, depth);
	}

	newId(): number {
		const id = this.state.nextId;
		this.update({ nextId: id + 1 });
		return id;
	}

	/** The answer to a question, or its default while the host is asked. */
	ask(choice: Choice): number {
		const answer = this.answers[this.nAsked++];
		if (answer !== undefined && answer >= 0 && answer < choice.options.length) return answer;
		this.pending ??= choice;
		return choice.default;
	}

	note(text: string, at: SourcePlace): void {
		this.events.push({ kind: "note", text, at });
	}

	/** A warning of the kernel. The machine goes on unless it panics on warnings. */
	splat(splat: Splat): void {
		this.events.push({ kind: "splat", splat });
		if (this.world.config.panicOnWarn) this.end({ kind: "bug", text: splat.title });
	}

	/** The same, once for each `key`. */
	splatOnce(key: string, splat: Splat): void {
		if (this.state.warned.get(key)) return;
		this.update({ warned: this.state.warned.set(key, true) });
		this.splat(splat);
	}

	/** Ends the run; what ended it first stands. */
	end(outcome: Outcome): void {
		if (this.state.outcome === null) this.update({ outcome });
	}

	addCount(amount: number): void {
		this.updateCpu({ preemptCount: this.cpu.preemptCount + amount });
	}

	/** What is known of an unknown's truth. */
	truth(value: Value): boolean | undefined {
		if (value.kind !== "unknown") return plainTruth(value);
		const fact = this.factOf(value);
		if (fact === undefined) return undefined;
		return (fact.is === "nonzero" || fact.is !== 0) !== value.negated;
	}

	factOf(value: Unknown): Fact | undefined {
		const fact = this.state.facts.get(value.key);
		return fact === undefined || (value.shared && fact.epoch !== this.state.epoch) ? undefined : fact;
	}

	/** A fact that has lapsed: how the same question was answered before. */
	formerTruth(value: Unknown): boolean | undefined {
		const fact = this.state.facts.get(value.key);
		return fact === undefined ? undefined : (fact.is !== 0) !== value.negated;
	}

	learn(value: Unknown, isTrue: boolean): void {
		const is = isTrue !== value.negated ? "nonzero" : 0;
		this.update({ facts: this.state.facts.set(value.key, { epoch: this.state.epoch, is }) });
	}

	/** An unknown turned out to have this value. */
	learnValue(value: Unknown, is: number): void {
		if (value.negated) return;
		this.update({ facts: this.state.facts.set(value.key, { epoch: this.state.epoch, is }) });
	}

	/** Others may have written to memory. */
	lapse(): void {
		this.update({ epoch: this.state.epoch + 1 });
	}
}

/**
 * Where a frame of a task is: its next op, or the call that it waits for. A macro is where it is used, as
 * for __LINE__.
 */
export function placeOfFrame(world: World, task: Task, depth: number): SourcePlace {
	if (isMacroFrame(world, task, depth)) return placeOfFrame(world, task, depth - 1);
	const frame = task.frames[depth]!;
	const above = task.frames[depth + 1];
	return world.placeOfOp(frame.fn, above === undefined ? world.visibleOp(frame.fn, frame.pc) : above.callOp);
}

/** Is this frame part of a line of the frame below it? */
export function isMacroFrame(world: World, task: Task, depth: number): boolean {
	return depth > 0 && world.isMacro(task.frames[depth]!.fn);
}

// ---- what the kernel's own predicates say ----

export function hardirqNesting(world: World, cpu: Cpu): number {
	return readField(cpu.preemptCount, world.layout.hardirq);
}
export function nmiNesting(world: World, cpu: Cpu): number {
	return readField(cpu.preemptCount, world.layout.nmi);
}
/** softirq_count() in units of SOFTIRQ_OFFSET. */
export function softirqCount(world: World, cpu: Cpu, task: Task): number {
	return readField(cpu.preemptCount, world.layout.softirq) + (world.isRt ? task.rtSoftirqCount : 0);
}
/** Is a softirq served (an odd count), as opposed to held off? */
export function isServingSoftirq(world: World, cpu: Cpu, task: Task): boolean {
	return (softirqCount(world, cpu, task) & 1) !== 0;
}
export function isInInterrupt(world: World, cpu: Cpu, task: Task): boolean {
	return hardirqNesting(world, cpu) + nmiNesting(world, cpu) + softirqCount(world, cpu, task) !== 0;
}
export function isInTask(world: World, cpu: Cpu, task: Task): boolean {
	const isServing = isServingSoftirq(world, cpu, task);
	return hardirqNesting(world, cpu) + nmiNesting(world, cpu) === 0 && !isServing;
}

// ---- preempt_disable() and its end ----

export function disablePreemption(machine: Machine): void {
	if (machine.world.config.preemptCount) machine.addCount(unitOf(machine.world.layout.preempt));
}

/** False: the count was zero already, and stays so. */
export function enablePreemption(machine: Machine): boolean {
	if (!machine.world.config.preemptCount) return true;
	if (readField(machine.cpu.preemptCount, machine.world.layout.preempt) === 0) return false;
	machine.addCount(-unitOf(machine.world.layout.preempt));
	return true;
}

export function emptyMaps() {
	return {
		memory: PersistentMap.empty<string, Value>(),
		facts: PersistentMap.empty<string, Fact>(),
		asked: PersistentMap.empty<string, number>(),
		usage: PersistentMap.empty<string, number>(),
		warned: PersistentMap.empty<string, boolean>(),
	};
}
