// The state of the simulated machine. A `State` never changes and shares structure with its predecessor;
// a `Machine` is the draft of the next state while one op runs. Nothing here knows kernel functions.

import type { FnId } from "../ir/program.js";
import { kswapdThread } from "../model/kswapd.js";
import type { LockKind, RuntimeKind, SectionKind } from "../model/schema.js";
import type { Choice } from "./choice.js";
import { readField, unitOf } from "./config.js";
import type { MemoryState } from "./memory/memoryState.js";
import type { Outcome, Splat } from "./outcome.js";
import { PersistentMap } from "./persistentMap.js";
import type { Shares } from "./shares.js";
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
	/** what its next op waits for: the op runs again when that has come */
	readonly wait: Wait | null;
	/** set in the outermost frame of a task, an interrupt, a work item …: what it returns to */
	readonly activation: Activation | null;
}

/** What the surrounding kernel does around a function that it calls. */
export interface Activation {
	/** how it came about: by a task's start, an interrupt, an item of a queue, or reclaim that calls back */
	readonly kind: "init" | "task" | "interrupt" | "item" | "reclaim";
	/** what a person calls it: `hard interrupt handler nic_irq` */
	readonly label: string;
	/** context at entry, for the leak checks at its end */
	readonly entry: EntryContext;
	/** preempt_count and interrupts of what it interrupted */
	readonly before: { readonly preemptCount: number; readonly irqsOn: boolean };
	/** interrupt source that it serves, or -1 */
	readonly source: number;
	/** item that it runs, or null */
	readonly item: Item | null;
}

/** What a task waits for. A wait that spins keeps its CPU. */
export interface Wait {
	readonly kind: "lock" | "completion" | "event" | "grace-period" | "srcu" | "item" | "memory" | "turn";
	readonly isSpinning: boolean;
	/** key of the lock, completion, queue … */
	readonly key: string;
	readonly text: string;
	/** primitive that waits, and where */
	readonly by: string;
	readonly at: SourcePlace;
	readonly mode: "exclusive" | "shared";
	/** grace period that must have ended, or the step at which the wait began */
	readonly until: number;
	/** somebody has woken it */
	readonly isWoken: boolean;
	/** it may end by itself, after a time */
	readonly hasTimeout: boolean;
}

/** A function that the kernel is to call later: work, a timer, a tasklet, an RCU callback, a threaded handler. */
export interface Item {
	readonly kind: RuntimeKind;
	/** object that stands for it */
	readonly key: string;
	readonly label: string;
	readonly fn: FnId;
	readonly args: readonly Value[];
	/** id of the run context */
	readonly runs: string;
	/** who runs it: a softirq of its CPU, or the task that serves this queue */
	readonly queue: string;
	readonly cpu: number;
	/** grace period that must have ended first; 0: none */
	readonly gracePeriod: number;
	/** it is for later: a timer that has to expire */
	readonly isDelayed: boolean;
}

/** Something that interrupts. */
export interface Source {
	readonly name: string;
	/** NONE: only a thread */
	readonly fn: FnId;
	readonly args: readonly Value[];
	/** function of its thread, or NONE */
	readonly threadFn: FnId;
	/** id of the run context of `fn` */
	readonly runs: string;
	readonly cpu: number;
	/** times that it may still fire */
	readonly left: number;
	/** when it fires by itself; null: when somebody makes it, or nothing else is left to do */
	readonly at: Trigger | null;
}

export type Trigger =
	| { readonly kind: "step"; readonly step: number }
	| { readonly kind: "line"; readonly path: string; readonly line: number }
	| { readonly kind: "function"; readonly name: string }
	| { readonly kind: "holds"; readonly lock: string }
	/** only when somebody makes it */
	| { readonly kind: "asked" };

export interface HeldLock {
	readonly key: string;
	readonly text: string;
	/** what lockdep tells apart: locks of one class are taken in one order */
	readonly lockClass: string;
	/** taken in process context (0), a softirq (1) or a hard interrupt (2) */
	readonly irqContext: number;
	readonly kind: LockKind;
	readonly mode: "exclusive" | "shared";
	/** what took it, and where */
	readonly by: string;
	readonly at: SourcePlace;
	/** held when the run began: nobody knows how it was taken */
	readonly assumed: boolean;
}

/** A lock class was taken while another was held. */
export interface Dependency {
	readonly from: string;
	readonly fromText: string;
	readonly to: string;
	readonly text: string;
	readonly at: SourcePlace;
}

export interface Section {
	readonly kind: SectionKind;
	readonly by: string;
	readonly at: SourcePlace;
	/** for a section on an object (SRCU): its key */
	readonly on: string;
	/** step in which it began */
	readonly since: number;
}

export interface Cpu {
	readonly id: number;
	readonly preemptCount: number;
	readonly irqsOn: boolean;
	readonly needResched: boolean;
	/** task that runs here */
	readonly task: number;
	/** task that runs when no other can */
	readonly idle: number;
	/** scheduling clock interrupts since it switched tasks */
	readonly nTicks: number;
}

export type TaskStatus =
	/** runs, or can */
	| "runnable"
	/** the frames' last op waits for something */
	| "blocked"
	/** begins when the function that comes before all tasks is done */
	| "new"
	/** has nothing to do until its queue has an item */
	| "parked"
	| "done";

export interface Task {
	readonly comm: string;
	readonly pid: number;
	/** CPU that it runs on */
	readonly cpu: number;
	readonly status: TaskStatus;
	/** queue whose items it runs; "" for a task of its own */
	readonly serves: string;
	/** preempt_count and interrupts while it does not run */
	readonly saved: { readonly preemptCount: number; readonly irqsOn: boolean };
	/** when it became runnable: the longest waiting comes first */
	readonly since: number;
	/** counts its activations, allocations and fresh unknowns */
	readonly nextId: number;
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
	/** lock classes by lock, and which classes were taken while one was held */
	readonly classes: PersistentMap<string, string>;
	readonly dependencies: PersistentMap<string, readonly Dependency[]>;
	/** once-only warnings given */
	readonly warned: PersistentMap<string, boolean>;
	/** times a completion was signalled and not yet waited for, room in a semaphore; by key */
	readonly counts: PersistentMap<string, number>;
	/** functions bound to objects: INIT_WORK() and its like */
	readonly bound: PersistentMap<string, Item>;
	/** what is to be called, in the order in which it was asked for */
	readonly items: readonly Item[];
	readonly sources: readonly Source[];
	readonly rcu: RcuState;
	readonly mem: MemoryState;
	/** objects that were freed, by key */
	readonly freed: PersistentMap<string, Freed>;
	readonly nFreed: number;
	/** schedule: random state, and steps left of this CPU's turn */
	readonly seed: number;
	readonly turn: number;
	/** what the function that the run is about gave back */
	readonly result: string | null;
	/** set when the run is over */
	readonly outcome: Outcome | null;
}

/** Grace periods. The one with number `completed` was the last to end. */
export interface RcuState {
	readonly completed: number;
	/** is number `completed + 1` running? */
	readonly isActive: boolean;
	/** highest number that somebody waits for */
	readonly wanted: number;
	/** CPUs that have not passed a quiescent state since it began, as bits */
	readonly cpus: number;
	/** tasks that were switched out as readers, which it waits for */
	readonly readers: readonly number[];
	/** step in which it began */
	readonly since: number;
}

export interface Freed {
	readonly by: string;
	readonly at: SourcePlace;
	/** task that freed it */
	readonly who: string;
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

/** Distance of the ids of two tasks. */
export const IDS_PER_TASK = 100_000_000;

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
	/** somebody may have to run, wait or end: the scheduler looks at it after the op */
	isUnsettled = false;
	/** CPU whose task lets another one run if there is one; -1: none */
	yields = -1;
	/** what the step has left: shown at the end, when nothing comes after it */
	leaving: { readonly cpu: Cpu; readonly task: Task } | null = null;
	private readonly draft: Draft<State>;
	private nAsked = 0;

	constructor(
		readonly world: World,
		/** before the step */
		readonly origin: State,
		private readonly answers: readonly number[],
		/** where what the step shares with others is noted, when somebody wants to know */
		readonly shares: Shares | null = null,
	) {
		this.draft = { ...origin };
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
	/** What the running frames were called by: the task's start, or an interrupt on top of it. */
	get activation(): Activation {
		return this.task.frames[activationDepth(this.task)]!.activation!;
	}

	update(patch: Partial<State>): void {
		Object.assign(this.draft, patch);
	}

	updateMemory(mem: MemoryState): void {
		this.draft.mem = mem;
	}

	// Copies name every field: a spread costs several times as much, and every op makes these copies.

	updateCpu(patch: Partial<Cpu>): void {
		this.updateCpuAt(this.draft.cpu, patch);
	}

	updateCpuAt(index: number, patch: Partial<Cpu>): void {
		const cpus = this.draft.cpus.slice();
		const old = cpus[index]!;
		cpus[index] = {
			id: old.id,
			preemptCount: patch.preemptCount ?? old.preemptCount,
			irqsOn: patch.irqsOn ?? old.irqsOn,
			needResched: patch.needResched ?? old.needResched,
			task: patch.task ?? old.task,
			idle: old.idle,
			nTicks: patch.nTicks ?? old.nTicks,
		};
		this.draft.cpus = cpus;
	}

	updateTask(patch: Partial<Task>): void {
		this.updateTaskAt(this.cpu.task, patch);
	}

	updateTaskAt(index: number, patch: Partial<Task>): void {
		const tasks = this.draft.tasks.slice();
		const old = tasks[index]!;
		tasks[index] = {
			comm: old.comm,
			pid: old.pid,
			cpu: old.cpu,
			status: patch.status ?? old.status,
			serves: old.serves,
			saved: patch.saved ?? old.saved,
			since: patch.since ?? old.since,
			nextId: patch.nextId ?? old.nextId,
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
			// Whatever moves on has waited long enough.
			wait: patch.wait === undefined ? (patch.pc === undefined ? old.wait : null) : patch.wait,
			activation: patch.activation ?? old.activation,
		};
		this.updateTask({ frames });
	}

	/** Where a frame is: the op that runs, or the call that it waits for. */
	placeOfFrame(depth: number): SourcePlace {
		return placeOfFrame(this.world, this.task, depth);
	}

	/** Ids of different tasks never meet, so that their order says nothing about who came first. */
	newId(): number {
		const { nextId } = this.task;
		this.updateTask({ nextId: nextId + 1 });
		return this.cpu.task * IDS_PER_TASK + nextId;
	}

	/** The answer to a question, or its default while the host is asked. */
	ask(choice: Choice): number {
		const answer = this.answers[this.nAsked++];
		if (answer !== undefined && answer >= 0 && answer < choice.options.length) return answer;
		this.pending ??= choice;
		return choice.default;
	}

	/** The machine did something by itself: an interrupt came, another task runs, a grace period ended. */
	tell(text: string): void {
		this.note(text, this.placeNow());
	}

	/** Where the machine is; where it was when the step began, when nothing runs now. */
	placeNow(): SourcePlace {
		const before = this.origin.tasks[this.origin.cpus[this.origin.cpu]!.task]!;
		const task = this.task.frames.length > 0 ? this.task : before;
		return placeOfFrame(this.world, task, task.frames.length - 1);
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

	sharesRead(key: string): void {
		this.shares?.reads.push(key);
	}
	sharesWrite(key: string): void {
		this.shares?.writes.push(key);
	}
	/** The context of a CPU: what may interrupt it depends on it. */
	sharesCpu(cpu = this.draft.cpu): void {
		this.shares?.writes.push(`cpu ${cpu}`);
	}

	/** Something was given up that a task may wait for. */
	wakeWaiters(): void {
		const { tasks } = this.draft;
		for (let i = 0; i < tasks.length; i++) if (tasks[i]!.status === "blocked") this.isUnsettled = true;
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
	const isCall = above !== undefined && above.activation === null;
	return world.placeOfOp(frame.fn, isCall ? above.callOp : world.visibleOp(frame.fn, frame.pc));
}

/** Depth of the outermost frame of what runs: of the innermost interrupt, or of the task. */
export function activationDepth(task: Task): number {
	let depth = task.frames.length - 1;
	while (task.frames[depth]!.activation === null) depth--;
	return depth;
}

/** What a person calls a task: `writer/1001`. */
export function taskName(task: Task): string {
	return `${task.comm}/${task.pid}`;
}

/** Is this frame part of a line of the frame below it? */
export function isMacroFrame(world: World, task: Task, depth: number): boolean {
	return depth > 0 && world.isMacro(task.frames[depth]!.fn);
}

/** Is it the task that reclaims by itself? */
export function isKswapd({ serves }: Pick<Task, "serves">): boolean {
	return serves === kswapdThread.comm;
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
		classes: PersistentMap.empty<string, string>(),
		dependencies: PersistentMap.empty<string, readonly Dependency[]>(),
		counts: PersistentMap.empty<string, number>(),
		bound: PersistentMap.empty<string, Item>(),
		freed: PersistentMap.empty<string, Freed>(),
		warned: PersistentMap.empty<string, boolean>(),
	};
}
