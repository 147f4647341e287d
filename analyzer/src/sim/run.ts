// The start of a run: CPUs with their idle tasks, and the functions called in the context of a run context's
// row each; and what happens when such a function comes back.

import type { FnId } from "../ir/program.js";
import { type Calling, contextRow, leave } from "./activation.js";
import { wakeThread } from "./interrupts.js";
import {
	activationDepth,
	type Cpu,
	emptyMaps,
	IDS_PER_TASK,
	isKswapd,
	type Machine,
	type Source,
	type State,
	type Task,
} from "./machine.js";
import { callbackReturned } from "./memory/callback.js";
import { kswapdReturned } from "./memory/kswapd.js";
import { startMemory } from "./memory/memoryState.js";
import { leakSplats } from "./splats.js";
import { idleTask, newTask } from "./tasks.js";
import { textOf, type Value } from "./value.js";
import type { SourcePlace, World } from "./world.js";

export type StartResult = { readonly ok: true; readonly state: State } | { readonly ok: false; readonly error: string };

/** A task, or what runs instead of one on an idle CPU. */
export interface Start {
	readonly name: string;
	readonly fn: FnId;
	readonly args: readonly Value[];
	/** id of a run context */
	readonly entry: string;
	readonly cpu: number;
	/** all others wait for its end */
	readonly isInit?: boolean;
}

export interface Setup {
	readonly nCpus: number;
	readonly starts: readonly Start[];
	readonly sources: readonly Source[];
}

const FIRST_PID = 1000;

/** The state before the first op of `fn`, called in the context with this id. */
export function startRun(world: World, fn: FnId, contextId: string): StartResult {
	const start: Start = { name: "task", fn, args: [], entry: contextId, cpu: 0 };
	return startMachine(world, { nCpus: 1, starts: [start], sources: [] });
}

/** The state before the first op of several functions. */
export function startMachine(world: World, setup: Setup): StartResult {
	const tasks: Task[] = [];
	const running = new Map<number, { readonly task: number; readonly count: number; readonly irqsOn: boolean }>();
	const idleStarts = new Map<number, Task>();
	for (const start of setup.starts) {
		const context = contextRow(world, start.entry);
		if (context === undefined) return { ok: false, error: `no run context ${start.entry}` };
		const isProcess = context.level === "process";
		const kind = start.isInit ? "init" : isProcess ? "task" : "interrupt";
		const calling: Calling = { fn: start.fn, args: start.args, context, kind, label: context.label };
		const comm = isProcess ? start.name : `swapper/${start.cpu}`;
		const pid = isProcess ? FIRST_PID + tasks.length : 0;
		const firstId = tasks.length * IDS_PER_TASK;
		const task = newTask(world, calling, { comm, pid, cpu: start.cpu, firstId });
		if (!isProcess) idleStarts.set(start.cpu, task.task);
		const isNew = setup.starts[0]!.isInit === true && !start.isInit;
		const isFirst = !running.has(start.cpu) && !isNew;
		if (isFirst) running.set(start.cpu, { task: tasks.length, count: task.count, irqsOn: task.irqsOn });
		tasks.push(isNew ? { ...task.task, status: "new" } : task.task);
	}
	const cpus: Cpu[] = [];
	for (let id = 0; id < setup.nCpus; id++) {
		const given = idleStarts.get(id);
		const idle = given === undefined ? tasks.push(idleTask(id)) - 1 : tasks.indexOf(given);
		const now = running.get(id) ?? { task: idle, count: 0, irqsOn: true };
		const { task, count: preemptCount, irqsOn } = now;
		cpus.push({ id, preemptCount, irqsOn, needResched: false, task, idle, nTicks: 0 });
	}
	return { ok: true, state: firstState(world, cpus, tasks, setup.sources) };
}

function firstState(world: World, cpus: readonly Cpu[], tasks: readonly Task[], sources: readonly Source[]): State {
	const first = cpus.findIndex(({ task }) => tasks[task]!.frames.length > 0);
	return {
		nSteps: 0,
		cpus,
		tasks,
		cpu: Math.max(first, 0),
		...emptyMaps(),
		epoch: 0,
		items: [],
		sources,
		rcu: { completed: 0, isActive: false, wanted: 0, cpus: 0, readers: [], since: 0 },
		nFreed: 0,
		mem: startMemory(world.memory),
		seed: world.schedule.seed,
		turn: world.schedule.turn,
		result: null,
		outcome: null,
	};
}

/** The outermost function of a task, an interrupt or an item has returned: what its caller would find wrong. */
export function finishActivation(machine: Machine, value: Value | null, at: SourcePlace): void {
	const { task, world } = machine;
	const depth = activationDepth(task);
	const { fn } = task.frames[depth]!;
	const activation = task.frames[depth]!.activation!;
	for (const splat of leakSplats(machine, world.program.fnName(fn), at)) machine.splat(splat);
	if (machine.cpu.task === 0 && depth === 0) machine.update({ result: value === null ? null : textOf(value) });
	machine.isUnsettled = true;
	if (machine.state.outcome !== null) return;
	machine.leaving = { cpu: machine.cpu, task };
	if (activation.kind === "task" || activation.kind === "init") {
		machine.updateTask({ status: "done" });
		if (activation.kind === "init") startTasks(machine);
		return;
	}
	leave(machine, depth, activation);
	if (depth === 0 && task.serves !== "") {
		machine.updateTask({ status: "parked" });
		if (isKswapd(task)) kswapdReturned(machine);
	}
	if (activation.kind === "reclaim") {
		callbackReturned(machine, value);
		return;
	}
	if (activation.source >= 0 && activation.kind === "interrupt") wakeThread(machine, activation.source, value);
	if (machine.state.cpus.length + machine.state.tasks.length > 2) machine.tell(`${activation.label} is done`);
}

/** What comes before all tasks is done. */
function startTasks(machine: Machine): void {
	machine.state.tasks.forEach((task, index) => {
		if (task.status === "new") machine.updateTaskAt(index, { status: "runnable" });
	});
}
