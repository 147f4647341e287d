// What the machine did over time, as series: one for each quantity of each CPU, each lock, the RCU readers.
// A recording tells about every new state once; nothing here is asked of old states again.

import type { LockKind } from "../model/schema.js";
import { hardirqNesting, isServingSoftirq, nmiNesting, type State, type Task } from "./machine.js";
import { Series } from "./series.js";
import type { World } from "./world.js";

export type LaneKind = "level" | "count" | "irqs" | "resched" | "lock" | "rcu";

/** One quantity. */
export interface Lane {
	readonly key: string;
	readonly kind: LaneKind;
	/** for a quantity of a CPU: its number; for a lock: -1 */
	readonly cpu: number;
	/** what a person calls it */
	readonly label: string;
	readonly lockKind?: LockKind;
	readonly series: Series;
}

/** Values of a lane of the kind "level". */
export const LEVELS = ["process", "softirq", "hardirq", "nmi"] as const;
export type Level = (typeof LEVELS)[number];

export const NOT_HELD = 0;
export const EXCLUSIVE = 1;
export const SHARED = 2;

export class Track {
	readonly lanes = new Map<string, Lane>();
	private before: State | null = null;

	constructor(private readonly world: World) {}

	/** Takes in the state at a new index, which is the newest one. */
	observe(index: number, state: State): void {
		const { before } = this;
		this.before = state;
		if (before === null || before.cpus !== state.cpus || before.tasks !== state.tasks) this.observeCpus(index, state);
		this.observeTasks(index, state, before);
	}

	/** Forgets what came after an index, where the state is this one. */
	cut(index: number, state: State): void {
		for (const { series } of this.lanes.values()) series.cut(index);
		this.before = state;
	}

	private observeCpus(index: number, state: State): void {
		for (const cpu of state.cpus) {
			const task = state.tasks[cpu.task]!;
			this.cpuLane("level", cpu.id).push(index, LEVELS.indexOf(levelOf(this.world, cpu, task)));
			this.cpuLane("count", cpu.id).push(index, cpu.preemptCount);
			this.cpuLane("irqs", cpu.id).push(index, cpu.irqsOn ? 1 : 0);
			this.cpuLane("resched", cpu.id).push(index, cpu.needResched ? 1 : 0);
		}
	}

	private observeTasks(index: number, state: State, before: State | null): void {
		for (let i = 0; i < state.tasks.length; i++) {
			const now = state.tasks[i]!;
			const then = before?.tasks[i];
			if (then === now) continue;
			if (then?.locks !== now.locks) this.observeLocks(index, then, now);
			if (then?.sections !== now.sections || then.rcuDepth !== now.rcuDepth) {
				this.lane("rcu", `rcu/${i}`, i, "RCU reader").push(index, readersOf(now));
			}
		}
	}

	private observeLocks(index: number, then: Task | undefined, now: Task): void {
		for (const lock of then?.locks ?? []) {
			if (!now.locks.some(({ key }) => key === lock.key))
				this.lanes.get(lockLane(lock.key))?.series.push(index, NOT_HELD);
		}
		for (const lock of now.locks) {
			const value = lock.mode === "shared" ? SHARED : EXCLUSIVE;
			this.lane("lock", lockLane(lock.key), -1, lock.text, lock.kind).push(index, value);
		}
	}

	private cpuLane(kind: LaneKind, cpu: number): Series {
		return this.lane(kind, `${kind}/${cpu}`, cpu, kind);
	}

	private lane(kind: LaneKind, key: string, cpu: number, label: string, lockKind?: LockKind): Series {
		let lane = this.lanes.get(key);
		if (lane === undefined) {
			lane = { key, kind, cpu, label, series: new Series(), ...(lockKind === undefined ? {} : { lockKind }) };
			this.lanes.set(key, lane);
		}
		return lane.series;
	}
}

/** The lane of a lock, by the lock's key. */
export function lockLane(key: string): string {
	return `lock/${key}`;
}

export function levelOf(world: World, cpu: State["cpus"][number], task: Task): Level {
	if (nmiNesting(world, cpu) > 0) return "nmi";
	if (hardirqNesting(world, cpu) > 0) return "hardirq";
	return isServingSoftirq(world, cpu, task) ? "softirq" : "process";
}

/** Readers that are open: sections, whether RCU counts them or not. */
function readersOf(task: Task): number {
	let count = 0;
	for (const { kind } of task.sections) if (kind.startsWith("rcu") || kind === "srcu") count++;
	return Math.max(count, task.rcuDepth);
}
