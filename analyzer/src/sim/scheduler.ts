// Who runs: blocking and waking, the choice of the next task, preemption by model, and what is done when no
// CPU has anything to do. Runs after each op that may have changed any of this.

import { explainDeadlock } from "./deadlock.js";
import { advanceRcu, noteContextSwitch } from "./gracePeriod.js";
import { deliverWhenIdle, feedQueues } from "./interrupts.js";
import { type Cpu, type Machine, type State, type Task, taskName, type Wait } from "./machine.js";
import { isMemoryThere } from "./memory/heap.js";
import { blockingHolder, isItemOver } from "./waiting.js";

/** Rounds in which settling may bring up something new; a circle would be a mistake of ours. */
const MAX_ROUNDS = 1000;

/** The op that runs waits: it runs again when what it waits for has come. */
export function block(machine: Machine, wait: Omit<Wait, "isWoken">): void {
	machine.sharesCpu();
	machine.updateFrame(machine.depth, { wait: { ...wait, isWoken: false } });
	if (!wait.isSpinning) machine.updateTask({ status: "blocked", since: machine.state.nSteps });
	machine.isUnsettled = true;
}

/** What the op that runs has waited for, or null when it runs for the first time. */
export function waited(machine: Machine): Wait | null {
	return machine.frame.wait;
}

/** Has come what a task waits for? */
export function isOver(state: State, task: number, wait: Wait): boolean {
	switch (wait.kind) {
		case "turn":
		case "event":
			return wait.isWoken;
		case "lock":
			return wait.isWoken || blockingHolder(state, task, wait) === null;
		case "completion":
			return wait.isWoken || (state.counts.get(wait.key) ?? 0) > 0;
		case "grace-period":
			return state.rcu.completed >= wait.until;
		case "srcu":
			return !state.tasks.some(({ sections }) =>
				sections.some(({ kind, on, since }) => kind === "srcu" && on === wait.key && since < wait.until),
			);
		case "item":
			return isItemOver(state, wait);
		case "memory":
			return wait.isWoken || isMemoryThere(state.mem, wait.key);
	}
}

/** Is the CPU's current task one that cannot run, and nothing is on top of it? */
export function isResting(state: State, cpu: Cpu): boolean {
	const task = state.tasks[cpu.task]!;
	return task.frames.length === 0 || task.status !== "runnable";
}

/** May the CPU execute an op? */
export function canRun(state: State, cpu: number): boolean {
	const now = state.cpus[cpu]!;
	if (isResting(state, now)) return false;
	const { frames } = state.tasks[now.task]!;
	const { wait } = frames[frames.length - 1]!;
	return wait === null || isOver(state, now.task, wait);
}

/** Brings the machine to where a CPU can run its next op, or to the end of the run. */
export function settle(machine: Machine): void {
	machine.isUnsettled = false;
	for (let round = 0; round < MAX_ROUNDS; round++) {
		if (machine.state.outcome !== null) return;
		const changed = [wakeTasks(machine), feedQueues(machine), dispatch(machine), advanceRcu(machine)];
		if (changed.includes(true)) continue;
		if (chooseCpu(machine)) return;
		if (!deliverWhenIdle(machine)) {
			finish(machine);
			return;
		}
	}
	machine.end({ kind: "unsupported", text: "the scheduler does not come to rest" });
}

function wakeTasks(machine: Machine): boolean {
	let isChanged = false;
	for (let index = 0; index < machine.state.tasks.length; index++) {
		const task = machine.state.tasks[index]!;
		if (task.status !== "blocked") continue;
		const { wait } = task.frames[task.frames.length - 1]!;
		if (wait !== null && !isOver(machine.state, index, wait)) continue;
		machine.sharesCpu(task.cpu);
		machine.updateTaskAt(index, { status: "runnable" });
		isChanged = true;
	}
	return isChanged;
}

/** Gives CPUs that rest a task, and takes them from tasks that are to be preempted. */
function dispatch(machine: Machine): boolean {
	let isChanged = false;
	for (let index = 0; index < machine.state.cpus.length; index++) {
		const cpu = machine.state.cpus[index]!;
		const rests = isResting(machine.state, cpu);
		if (!rests && !isPreempted(machine, cpu) && machine.yields !== index) continue;
		machine.yields = -1;
		const next = pickTask(machine, index);
		if (next >= 0) switchTo(machine, index, next);
		else if (rests && cpu.task !== cpu.idle) switchTo(machine, index, cpu.idle);
		else {
			if (cpu.needResched) machine.updateCpuAt(index, { needResched: false });
			continue;
		}
		isChanged = true;
	}
	return isChanged;
}

/** preempt_schedule(): the models that preempt do so as soon as the count allows it. */
function isPreempted(machine: Machine, cpu: Cpu): boolean {
	return cpu.needResched && isPreemptionOn(machine) && cpu.preemptCount === 0 && cpu.irqsOn;
}

/** CONFIG_PREEMPTION: is kernel code preempted at all? */
export function isPreemptionOn(machine: Machine): boolean {
	const { preemption } = machine.world.config;
	return preemption === "full" || preemption === "lazy" || preemption === "rt";
}

/** The task that has waited longest for this CPU, or what is chosen among those that can run; -1: none. */
function pickTask(machine: Machine, cpu: number): number {
	const { state } = machine;
	const candidates: number[] = [];
	state.tasks.forEach((task, index) => {
		const isHere = task.cpu === cpu && task.status === "runnable" && task.frames.length > 0;
		if (isHere && !state.cpus.some((other) => other.task === index)) candidates.push(index);
	});
	if (candidates.length <= 1) return candidates[0] ?? -1;
	candidates.sort((a, b) => state.tasks[a]!.since - state.tasks[b]!.since || a - b);
	const options = candidates.map((index) => taskName(state.tasks[index]!));
	const text = `the next task on CPU ${cpu}`;
	const at = machine.placeNow();
	const index = machine.ask({ kind: "next-task", text, options, default: 0, isOptional: true, at });
	return candidates[index] ?? candidates[0]!;
}

/** __schedule(): a CPU goes on with another task. */
export function switchTo(machine: Machine, index: number, next: number): void {
	machine.sharesCpu(index);
	const cpu = machine.state.cpus[index]!;
	const { state } = machine;
	const previous = state.tasks[cpu.task]!;
	noteContextSwitch(machine, index);
	// A task that gave up the CPU comes back with interrupts on, whatever it did before.
	const irqsOn = previous.status === "runnable" ? cpu.irqsOn : true;
	const since = previous.status === "runnable" ? state.nSteps : previous.since;
	machine.updateTaskAt(cpu.task, { saved: { preemptCount: cpu.preemptCount, irqsOn }, since });
	const { saved } = machine.state.tasks[next]!;
	machine.updateCpuAt(index, { task: next, ...saved, needResched: false, nTicks: 0 });
	machine.lapse();
	if (next !== cpu.idle && hasOthers(state)) {
		machine.tell(`CPU ${index} goes on with ${taskName(machine.state.tasks[next]!)}`);
	}
}

/** Is there more to be told apart than one task? */
function hasOthers(state: State): boolean {
	return state.tasks.length > state.cpus.length + 1;
}

/** Keeps to the CPU that executes, or takes the next one that can. False: there is none. */
function chooseCpu(machine: Machine): boolean {
	const { state } = machine;
	const n = state.cpus.length;
	for (let i = 0; i < n; i++) {
		const cpu = (state.cpu + i) % n;
		if (!canRun(state, cpu)) continue;
		if (i > 0) machine.update({ cpu, turn: machine.world.schedule.turn });
		return true;
	}
	return false;
}

/** Nothing can run any more. */
function finish(machine: Machine): void {
	const text = explainDeadlock(machine.state);
	showLast(machine, text !== null);
	machine.end(text === null ? { kind: "finished", value: machine.state.result } : { kind: "deadlock", text });
}

/** The CPU that executes shows the task that the end is about: one that waits, or what was left last. */
function showLast(machine: Machine, isDeadlock: boolean): void {
	const { state, leaving } = machine;
	if (!isDeadlock && leaving !== null) {
		machine.updateCpuAt(state.cpu, leaving.cpu);
		machine.updateTaskAt(leaving.cpu.task, { frames: leaving.task.frames, locks: leaving.task.locks });
		return;
	}
	const stuck = state.tasks.findIndex((task) => task.status === "blocked");
	const shown = stuck >= 0 && isDeadlock ? stuck : state.tasks.findIndex((task) => task.frames.length > 0);
	const spinning = state.cpus.findIndex((cpu) => isSpinning(state.tasks[cpu.task]!));
	if (isDeadlock && stuck < 0 && spinning >= 0) {
		machine.update({ cpu: spinning });
		return;
	}
	if (shown < 0) return;
	const task = state.tasks[shown]!;
	machine.update({ cpu: task.cpu });
	if (machine.cpu.task !== shown) machine.updateCpu({ task: shown, ...task.saved });
}

function isSpinning(task: Task): boolean {
	return task.frames.length > 0 && task.frames[task.frames.length - 1]!.wait?.isSpinning === true;
}

/** set_tsk_need_resched() by the scheduling clock, or by a task that was woken and is to run at once. */
export function requestResched(machine: Machine, cpu: number): void {
	machine.sharesCpu(cpu);
	machine.updateCpuAt(cpu, { needResched: true });
	machine.isUnsettled = true;
}

/** cond_resched(), and might_sleep() with voluntary preemption: lets another task run if one should. */
export function reschedule(machine: Machine): void {
	machine.sharesCpu();
	if (!machine.cpu.needResched || machine.cpu.preemptCount !== 0) return;
	machine.yields = machine.state.cpu;
	machine.isUnsettled = true;
}
