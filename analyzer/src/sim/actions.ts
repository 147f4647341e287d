// What may happen next: a CPU executes its next op, an interrupt comes, something that was put off is called,
// the scheduling clock ticks. A person, a scenario or a search picks; without them the schedule does.

import { contextRow } from "./activation.js";
import { canFire, deliver, fire, isDeliverable, isPossible, isTimed, nextOnTop, wake } from "./interrupts.js";
import { type Machine, placeOfFrame, type Source, type State, taskName } from "./machine.js";
import { draw } from "./rng.js";
import { canRun, requestResched } from "./scheduler.js";
import { globalKey } from "./value.js";
import type { World } from "./world.js";

export type Action =
	/** the CPU executes its next op */
	| { readonly kind: "run"; readonly cpu: number }
	| { readonly kind: "interrupt"; readonly source: number }
	/** by key, as the item's place in the queue changes */
	| { readonly kind: "item"; readonly key: string }
	/** time ends the wait of a task */
	| { readonly kind: "wake"; readonly task: number }
	/** the scheduling clock wants another task to run */
	| { readonly kind: "tick"; readonly cpu: number };

/** What may happen in a state, the CPUs first. */
export function actionsOf(world: World, state: State): Action[] {
	const actions: Action[] = [];
	if (state.outcome !== null) return actions;
	for (const { id } of state.cpus) if (canRun(state, id)) actions.push({ kind: "run", cpu: id });
	state.sources.forEach((source, index) => {
		if (canFire(world, state, source)) actions.push({ kind: "interrupt", source: index });
	});
	for (const item of state.items) {
		if (isDeliverable(world, state, item)) actions.push({ kind: "item", key: item.key });
	}
	state.tasks.forEach((task, index) => {
		if (isTimed(task)) actions.push({ kind: "wake", task: index });
	});
	for (const { id } of state.cpus) if (canTick(world, state, id)) actions.push({ kind: "tick", cpu: id });
	return actions;
}

/** Would a tick change anything: is there another task for the CPU, and none asked for yet? */
function canTick(world: World, state: State, cpu: number): boolean {
	const now = state.cpus[cpu]!;
	if (now.needResched || !isPossible(world, state, now, "hardirq")) return false;
	if (state.tasks.length <= state.cpus.length + 1) return false;
	return state.tasks.some(
		(task, index) => task.cpu === cpu && index !== now.task && task.status === "runnable" && task.frames.length > 0,
	);
}

/** Interrupts that might come, but for what their CPU is doing. */
export function heldOff(world: World, state: State): string[] {
	if (state.outcome !== null) return [];
	return state.sources
		.filter((source) => source.left > 0 && !canFire(world, state, source))
		.map(({ name, cpu }) => `interrupt ${name} on CPU ${cpu}`);
}

/** What an action is called where a person picks one. */
export function actionText(world: World, state: State, action: Action): string {
	switch (action.kind) {
		case "run": {
			const task = state.tasks[state.cpus[action.cpu]!.task]!;
			const at = placeOfFrame(world, task, task.frames.length - 1);
			return `CPU ${action.cpu} goes on: ${taskName(task)} at ${at.path}:${at.line}`;
		}
		case "interrupt": {
			const source = state.sources[action.source]!;
			return `interrupt ${source.name} on CPU ${source.cpu}`;
		}
		case "item": {
			const item = state.items.find(({ key }) => key === action.key);
			return item === undefined ? action.key : `CPU ${item.cpu} runs ${item.label}`;
		}
		case "wake":
			return `time ends the wait of ${taskName(state.tasks[action.task]!)}`;
		case "tick":
			return `the scheduling clock ticks on CPU ${action.cpu}`;
	}
}

/**
 * Before an op: what happens instead of it. True: the step is over with that. Sets the CPU that executes.
 * Without an action the scenario's points come first, then softirqs that are due, then the schedule.
 */
export function takeTurn(machine: Machine, action: Action | undefined): boolean {
	const { state } = machine;
	if (action !== undefined) return perform(machine, action);
	if (state.sources.length > 0 && fireDue(machine)) return true;
	if (state.items.length > 0) {
		const item = nextOnTop(machine.world, state, false);
		if (item >= 0) {
			deliver(machine, item);
			return true;
		}
	}
	return state.cpus.length > 1 || machine.world.schedule.policy === "random" ? followSchedule(machine) : false;
}

function perform(machine: Machine, action: Action): boolean {
	const { state, world } = machine;
	switch (action.kind) {
		case "run":
			if (canRun(state, action.cpu) && action.cpu !== state.cpu) machine.update({ cpu: action.cpu });
			return false;
		case "interrupt": {
			const source = state.sources[action.source];
			if (source === undefined || !canFire(world, state, source)) return false;
			fire(machine, action.source);
			return true;
		}
		case "item": {
			const index = state.items.findIndex((item) => item.key === action.key && isDeliverable(world, state, item));
			if (index < 0) return false;
			deliver(machine, index);
			return true;
		}
		case "wake": {
			const task = state.tasks[action.task];
			if (task === undefined || !isTimed(task)) return false;
			wake(machine, action.task);
			return true;
		}
		case "tick":
			if (!canTick(world, state, action.cpu)) return false;
			tick(machine, action.cpu);
			return true;
	}
}

/** Ticks after which lazy preemption is preemption. */
const LAZY_TICKS = 2;

/** scheduler_tick(): the task has had its share. With lazy preemption the first tick only asks. */
function tick(machine: Machine, cpu: number): void {
	const nTicks = machine.state.cpus[cpu]!.nTicks + 1;
	machine.updateCpuAt(cpu, { nTicks });
	machine.tell(`the scheduling clock ticks on CPU ${cpu}`);
	const isLazy = machine.world.config.preemption === "lazy";
	if (!isLazy || nTicks >= LAZY_TICKS) requestResched(machine, cpu);
}

/** Interrupts whose point has come. */
function fireDue(machine: Machine): boolean {
	const { state, world } = machine;
	const index = state.sources.findIndex((source) => isDue(world, state, source) && canFire(world, state, source));
	if (index < 0) return false;
	fire(machine, index);
	return true;
}

/** Has the point come at which a source fires? */
export function isDue(world: World, state: State, source: Source): boolean {
	const { at } = source;
	if (at === null || source.left <= 0) return false;
	const task = state.tasks[state.cpus[source.cpu]!.task]!;
	switch (at.kind) {
		case "asked":
			return false;
		case "step":
			return state.nSteps > at.step;
		case "holds":
			return task.locks.some(({ text, key }) => text === at.lock || key === globalKey(at.lock.replace(/^&/, "")));
		case "line":
		case "function": {
			if (task.frames.length === 0) return false;
			const place = placeOfFrame(world, task, task.frames.length - 1);
			if (at.kind === "function") return place.function === at.name;
			return place.line === at.line && (place.path === at.path || place.path.endsWith(`/${at.path}`));
		}
	}
}

// ---- the schedule ----

/** Of a random schedule: how often another CPU goes on, an interrupt comes, the clock ticks. */
const RARE = 16;
const SWITCHES = 4;

function followSchedule(machine: Machine): boolean {
	switch (machine.world.schedule.policy) {
		case "sequential":
			return false;
		case "round-robin":
			takeTurns(machine);
			return false;
		case "random":
			return drawAction(machine);
	}
}

function takeTurns(machine: Machine): void {
	const { state, world } = machine;
	if (state.turn > 1) {
		machine.update({ turn: state.turn - 1 });
		return;
	}
	machine.update({ turn: world.schedule.turn });
	for (let i = 1; i < state.cpus.length; i++) {
		const cpu = (state.cpu + i) % state.cpus.length;
		if (!canRun(state, cpu)) continue;
		machine.update({ cpu });
		return;
	}
}

function drawAction(machine: Machine): boolean {
	const { state, world } = machine;
	const first = draw(state.seed, RARE);
	const second = draw(first.seed, 1 << 16);
	machine.update({ seed: second.seed });
	const actions = actionsOf(world, state);
	const isEvent = first.value === 0;
	const candidates = actions.filter((action) => (action.kind === "run") !== isEvent);
	const staysHere = !isEvent && first.value % SWITCHES !== 1;
	if (candidates.length === 0 || staysHere) return false;
	return perform(machine, candidates[second.value % candidates.length]!);
}

/** Run context of a source, for those who show it. */
export function contextOfSource(world: World, source: Source): string {
	return contextRow(world, source.runs)?.label ?? source.runs;
}
