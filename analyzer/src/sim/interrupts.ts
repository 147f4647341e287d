// What comes from outside or was put off: interrupts on top of what a CPU runs, softirqs, and the tasks that
// serve queues (kworkers, interrupt threads, ksoftirqd under PREEMPT_RT).

import { NONE } from "../ir/ops.js";
import type { RunContext } from "../model/schema.js";
import { type Calling, contextRow, enter } from "./activation.js";
import {
	type Cpu,
	hardirqNesting,
	IDS_PER_TASK,
	type Item,
	type Machine,
	nmiNesting,
	type Source,
	type State,
	softirqCount,
	type Task,
} from "./machine.js";
import { handlerArguments } from "./objects.js";
import { beginTask, restingTask } from "./tasks.js";
import type { Value } from "./value.js";
import type { World } from "./world.js";

/** irqreturn_t: the handler wants its thread to run. */
const IRQ_WAKE_THREAD = 2;

/** Functions called on top of what runs have no queue. */
export const ON_TOP = "";

export function isInHardirq(world: World, cpu: Cpu): boolean {
	return hardirqNesting(world, cpu) + nmiNesting(world, cpu) > 0;
}

/** Can a call of this level come on top of what a CPU does? */
export function isPossible(world: World, state: State, cpu: Cpu, level: RunContext["level"]): boolean {
	switch (level) {
		case "nmi":
			return nmiNesting(world, cpu) === 0;
		case "hardirq":
			return cpu.irqsOn && !isInHardirq(world, cpu);
		case "softirq":
			return cpu.irqsOn && !isInHardirq(world, cpu) && softirqCount(world, cpu, state.tasks[cpu.task]!) === 0;
		case "process":
			return true;
	}
}

/** May this source interrupt now? */
export function canFire(world: World, state: State, source: Source): boolean {
	if (source.left <= 0) return false;
	const context = contextRow(world, source.runs);
	if (context === undefined) return false;
	// A handler that is a thread still needs the interrupt that wakes it.
	const level = context.level === "process" ? "hardirq" : context.level;
	return isPossible(world, state, state.cpus[source.cpu]!, level);
}

/** An interrupt comes: its handler runs on top of what its CPU does, or wakes its thread. */
export function fire(machine: Machine, index: number): void {
	const { sources } = machine.state;
	const source = sources[index]!;
	const context = contextRow(machine.world, source.runs)!;
	machine.sharesCpu(source.cpu);
	machine.update({
		sources: sources.map((one, i) => (i === index ? { ...one, left: one.left - 1 } : one)),
		cpu: source.cpu,
	});
	machine.isUnsettled = true;
	if (source.fn === NONE) {
		machine.tell(`interrupt ${source.name} on CPU ${source.cpu} wakes its thread`);
		queueThread(machine, index, source.threadFn);
	} else if (context.level === "process") {
		machine.tell(`interrupt ${source.name} on CPU ${source.cpu} wakes its thread`);
		queueThread(machine, index, source.fn);
	} else {
		const label = `${context.label} ${machine.world.program.fnName(source.fn)}()`;
		machine.tell(`interrupt ${source.name} on CPU ${source.cpu}`);
		const args = source.at?.kind === "asked" ? handlerArguments(machine, source.fn) : source.args;
		enter(machine, { fn: source.fn, args, context, kind: "interrupt", label, source: index });
	}
}

/** A handler has returned: IRQ_WAKE_THREAD wakes its thread. */
export function wakeThread(machine: Machine, index: number, result: Value | null): void {
	const source = machine.state.sources[index]!;
	if (source.threadFn === NONE || result === null) return;
	if (result.kind === "int" && result.value !== IRQ_WAKE_THREAD) return;
	queueThread(machine, index, source.threadFn);
}

function queueThread(machine: Machine, index: number, fn: number): void {
	const source = machine.state.sources[index]!;
	const item: Item = {
		kind: "irq",
		key: `irq:${index}`,
		label: `threaded handler ${machine.world.program.fnName(fn)}()`,
		fn,
		args: source.args,
		runs: THREAD_CONTEXT,
		queue: `irq/${index}-${source.name}`,
		cpu: source.cpu,
		gracePeriod: 0,
		isDelayed: false,
	};
	addItem(machine, item);
}

/** Run context of threaded handlers. */
const THREAD_CONTEXT = "irq-thread";

/** Asks for a call; one that is asked for already is not asked for twice. */
export function addItem(machine: Machine, item: Item): boolean {
	const { items } = machine.state;
	if (item.kind !== "rcu" && item.kind !== "memory" && items.some(({ key }) => key === item.key)) return false;
	machine.update({ items: [...items, item] });
	machine.isUnsettled = true;
	return true;
}

/** Who runs an item of a run context: a task that serves a queue, or whoever runs on the CPU, below it. */
export function queueFor(world: World, runs: string, cpu: number): string {
	const given = world.model.runContexts.get(runs);
	if (given?.level === "process") return `kworker/${cpu}`;
	return contextRow(world, runs)?.level === "process" ? `ksoftirqd/${cpu}` : ON_TOP;
}

/** Is an item's turn come, of what it waits for itself? */
export function isReady(state: State, item: Item): boolean {
	return item.gracePeriod <= state.rcu.completed && item.kind !== "memory";
}

/** Index of the first item that can come on top of what its CPU does, or -1. `delayed`: timers too. */
export function nextOnTop(world: World, state: State, delayed: boolean): number {
	return state.items.findIndex((item) => isDeliverable(world, state, item) && (delayed || !item.isDelayed));
}

export function isDeliverable(world: World, state: State, item: Item): boolean {
	if (item.queue !== ON_TOP || !isReady(state, item)) return false;
	const context = contextRow(world, item.runs);
	return context !== undefined && isPossible(world, state, state.cpus[item.cpu]!, context.level);
}

/** Calls an item on top of what its CPU does. */
export function deliver(machine: Machine, index: number): void {
	const { items } = machine.state;
	const item = items[index]!;
	const context = contextRow(machine.world, item.runs)!;
	machine.sharesCpu(item.cpu);
	machine.update({ items: items.filter((_, i) => i !== index), cpu: item.cpu });
	machine.isUnsettled = true;
	if (machine.state.tasks.length > 2) machine.tell(`CPU ${item.cpu} runs ${item.label}`);
	enter(machine, { fn: item.fn, args: item.args, context, kind: "item", label: item.label, item });
}

/** Starts items of queues whose tasks have nothing else to do; makes the tasks where they are missing. */
export function feedQueues(machine: Machine): boolean {
	let isChanged = false;
	for (const item of machine.state.items) {
		if (item.queue === ON_TOP || item.isDelayed || !isReady(machine.state, item)) continue;
		const server = serverOf(machine, item.queue, item.cpu);
		if (machine.state.tasks[server]!.status !== "parked") continue;
		startItem(machine, server, item);
		isChanged = true;
	}
	return isChanged;
}

/** PIDs of tasks that the machine starts by itself. */
const FIRST_SERVER_PID = 50;

/** The task that serves a queue; made on this CPU where there is none yet. */
export function serverOf(machine: Machine, queue: string, cpu: number): number {
	const { tasks } = machine.state;
	const known = tasks.findIndex(({ serves }) => serves === queue);
	if (known >= 0) return known;
	const pid = FIRST_SERVER_PID + tasks.length;
	machine.update({ tasks: [...tasks, restingTask(queue, pid, cpu, queue)] });
	return tasks.length;
}

function startItem(machine: Machine, server: number, item: Item): void {
	const { state, world } = machine;
	const context = contextRow(world, item.runs);
	if (context === undefined) return;
	machine.update({ items: state.items.filter((one) => one !== item) });
	const { fn, args, label } = item;
	startServing(machine, server, { fn, args, context, kind: "item", label, item });
}

/** A task that serves a queue and has nothing to do calls a function. */
export function startServing(machine: Machine, server: number, calling: Calling): void {
	const { state, world } = machine;
	const task = state.tasks[server]!;
	const started = beginTask(world, calling, server * IDS_PER_TASK + task.nextId, task);
	machine.updateTaskAt(server, { ...started, nextId: task.nextId + 1, status: "runnable", since: state.nSteps });
	machine.isUnsettled = true;
}

// ---- when no CPU has anything else to do ----

/** Time passes: what may come later comes now. False: nothing does. */
export function deliverWhenIdle(machine: Machine): boolean {
	const { state, world } = machine;
	if (endTurn(machine)) return true;
	const timer = nextOnTop(world, state, true);
	if (timer >= 0) {
		deliver(machine, timer);
		return true;
	}
	const delayed = state.items.findIndex((item) => item.isDelayed && item.queue !== ON_TOP);
	if (delayed >= 0) {
		machine.update({ items: state.items.map((item, i) => (i === delayed ? { ...item, isDelayed: false } : item)) });
		return true;
	}
	return endSleep(machine) || fireAny(machine);
}

/** Who gave up the CPU for a moment comes back before any timer expires. */
function endTurn(machine: Machine): boolean {
	const { tasks } = machine.state;
	const index = tasks.findIndex((task) => isTimed(task) && task.frames[task.frames.length - 1]!.wait!.kind === "turn");
	if (index >= 0) wake(machine, index);
	return index >= 0;
}

/** Ends the wait that began first, of those that time ends. */
function endSleep(machine: Machine): boolean {
	const { tasks } = machine.state;
	let first = -1;
	for (let index = 0; index < tasks.length; index++) {
		if (isTimed(tasks[index]!) && (first < 0 || tasks[index]!.since < tasks[first]!.since)) first = index;
	}
	if (first >= 0) wake(machine, first);
	return first >= 0;
}

/** Does a task wait for something that comes with time? */
export function isTimed(task: Task): boolean {
	const wait = task.frames[task.frames.length - 1]?.wait ?? null;
	return task.status === "blocked" && wait !== null && !wait.isWoken && (wait.kind === "turn" || wait.hasTimeout);
}

/** Tells a waiting task that what it waits for has come. */
export function wake(machine: Machine, index: number): void {
	const { frames, cpu } = machine.state.tasks[index]!;
	machine.sharesCpu(cpu);
	const top = frames[frames.length - 1]!;
	const woken = { ...top, wait: { ...top.wait!, isWoken: true } };
	machine.updateTaskAt(index, { frames: [...frames.slice(0, -1), woken] });
	machine.isUnsettled = true;
}

/** A source that fires at no point of its own fires when tasks wait and nothing else is left. */
function fireAny(machine: Machine): boolean {
	const { state, world } = machine;
	if (!state.tasks.some((task) => task.status === "blocked")) return false;
	const index = state.sources.findIndex((source) => source.at === null && canFire(world, state, source));
	if (index < 0) return false;
	fire(machine, index);
	return true;
}
