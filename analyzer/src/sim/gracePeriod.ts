// Grace periods of RCU: which CPUs and readers one waits for, when a CPU has passed a quiescent state, and
// what happens when it ends. As soon as it may end, it does: the earliest end is the one that shows mistakes.

import { readField } from "./config.js";
import { freeObject } from "./freed.js";
import { type Cpu, hardirqNesting, type Machine, nmiNesting, type Section, type State, type Task } from "./machine.js";

/** Asks for a grace period that begins after now. Gives its number. */
export function requestGracePeriod(machine: Machine): number {
	machine.sharesWrite("rcu");
	const { rcu } = machine.state;
	const number = rcu.completed + (rcu.isActive ? 2 : 1);
	machine.update({ rcu: { ...rcu, wanted: Math.max(rcu.wanted, number) } });
	machine.isUnsettled = true;
	return number;
}

/** Begins, follows and ends grace periods. True: one has ended or begun. */
export function advanceRcu(machine: Machine): boolean {
	const { rcu } = machine.state;
	if (!rcu.isActive) {
		if (rcu.wanted <= rcu.completed) return false;
		beginGracePeriod(machine);
		return true;
	}
	let { cpus } = rcu;
	for (const cpu of machine.state.cpus) {
		if ((cpus & (1 << cpu.id)) !== 0 && isQuiescent(machine, cpu)) cpus &= ~(1 << cpu.id);
	}
	const readers = rcu.readers.filter((index) => machine.state.tasks[index]!.rcuDepth > 0);
	if (cpus !== rcu.cpus || readers.length !== rcu.readers.length) {
		machine.update({ rcu: { ...rcu, cpus, readers } });
	}
	if (cpus !== 0 || readers.length > 0) return false;
	endGracePeriod(machine);
	return true;
}

function beginGracePeriod(machine: Machine): void {
	const { state, world } = machine;
	let cpus = 0;
	for (const cpu of state.cpus) cpus |= 1 << cpu.id;
	const readers = world.config.preemptRcu ? switchedOutReaders(state) : [];
	machine.update({ rcu: { ...state.rcu, isActive: true, cpus, readers, since: state.nSteps } });
}

/** Tasks that do not run and are readers: rcu_note_context_switch() has queued them. */
function switchedOutReaders(state: State): number[] {
	const readers: number[] = [];
	state.tasks.forEach((task, index) => {
		if (task.rcuDepth > 0 && !state.cpus.some((cpu) => cpu.task === index)) readers.push(index);
	});
	return readers;
}

function endGracePeriod(machine: Machine): void {
	const { rcu } = machine.state;
	machine.sharesWrite("rcu");
	machine.update({ rcu: { ...rcu, completed: rcu.completed + 1, isActive: false } });
	noteCutReaders(machine, rcu.since);
	freeWhatWaited(machine);
}

/** kfree_rcu(): objects without a callback of their own. Callbacks are found by the queues. */
function freeWhatWaited(machine: Machine): void {
	const { items, rcu } = machine.state;
	const isFree = (item: State["items"][number]) => item.kind === "memory" && item.gracePeriod <= rcu.completed;
	const due = items.filter(isFree);
	if (due.length === 0) return;
	machine.update({ items: items.filter((item) => !isFree(item)) });
	for (const item of due) freeObject(machine, { key: item.key, by: item.label, at: machine.placeNow() });
}

/** Readers that were there before the grace period began, and still are: nobody else would notice. */
function noteCutReaders(machine: Machine, began: number): void {
	for (const task of machine.state.tasks) {
		const reader = task.sections.find((section) => isReader(section) && section.since < began);
		if (reader === undefined) continue;
		const since = `${reader.by}() at ${reader.at.path}:${reader.at.line}`;
		const what = "the context switch counts as a quiescent state: the grace period ends inside the reader of";
		machine.tell(`${what} ${since}; what it protects may be freed now`);
	}
}

export function isReader({ kind }: Section): boolean {
	return kind === "rcu" || kind === "rcu_bh" || kind === "rcu_sched";
}

/**
 * Has a CPU passed a quiescent state as it is? It rests, its task left the kernel, or the scheduling clock
 * finds it outside a reader; without PREEMPT_COUNT the clock cannot tell, unless RCU counts its readers.
 */
function isQuiescent(machine: Machine, cpu: Cpu): boolean {
	const { world, state } = machine;
	const task = state.tasks[cpu.task]!;
	if (task.frames.length === 0 || (task.status !== "runnable" && cpu.task !== cpu.idle)) return true;
	const { layout, config } = world;
	const { preemptCount } = cpu;
	const isHeldOff = readField(preemptCount, layout.preempt) + readField(preemptCount, layout.softirq) !== 0;
	if (!cpu.irqsOn || isHeldOff || hardirqNesting(world, cpu) + nmiNesting(world, cpu) !== 0) return false;
	return config.preemptRcu ? task.rcuDepth === 0 : config.preemptCount;
}

/** rcu_note_context_switch(): a quiescent state, unless RCU knows that the task is a reader. */
export function noteContextSwitch(machine: Machine, index: number): void {
	const { rcu, cpus, tasks } = machine.state;
	if (!rcu.isActive || (rcu.cpus & (1 << index)) === 0) return;
	const { task } = cpus[index]!;
	const isKnownReader = machine.world.config.preemptRcu && isReading(tasks[task]!);
	const readers = isKnownReader && !rcu.readers.includes(task) ? [...rcu.readers, task] : rcu.readers;
	machine.update({ rcu: { ...rcu, cpus: rcu.cpus & ~(1 << index), readers } });
}

function isReading(task: Task): boolean {
	return task.rcuDepth > 0;
}

/** The flavours that the scheduler cannot switch away from count as a reader of every grace period. */
export function quiesce(machine: Machine): void {
	const { rcu } = machine.state;
	if (rcu.isActive) machine.update({ rcu: { ...rcu, cpus: rcu.cpus & ~(1 << machine.state.cpu) } });
}
