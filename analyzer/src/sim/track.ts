// What the machine did over time, as series: one for each quantity of each CPU, each lock, the RCU readers.
// A recording tells about every new state once; nothing here is asked of old states again.

import type { LockKind } from "../model/schema.js";
import { hardirqNesting, isServingSoftirq, nmiNesting, type State, type Task, taskName } from "./machine.js";
import { hasGivenUp } from "./memory/kswapd.js";
import type { Kswapd } from "./memory/memoryState.js";
import { Series } from "./series.js";
import type { World } from "./world.js";

export type LaneKind =
	| "task"
	| "level"
	| "count"
	| "irqs"
	| "resched"
	| "lock"
	| "rcu"
	| "grace-period"
	| "free"
	| "kswapd";

/** One quantity. */
export interface Lane {
	readonly key: string;
	readonly kind: LaneKind;
	/** for a quantity of a CPU: its number; for readers: that of their task; else -1 */
	readonly cpu: number;
	/** what a person calls it */
	readonly label: string;
	readonly lockKind?: LockKind;
	readonly series: Series;
}

interface CpuLanes {
	readonly task: Series;
	readonly level: Series;
	readonly count: Series;
	readonly irqs: Series;
	readonly resched: Series;
}

/** Values of a lane of the kind "level". */
export const LEVELS = ["process", "softirq", "hardirq", "nmi"] as const;
export type Level = (typeof LEVELS)[number];

/** Value of a lane of the kind "task" while nothing runs. */
export const IDLE = -1;

/** Values of the lane of the kind "kswapd". */
export const KSWAPD_ASLEEP = 0;
export const KSWAPD_AWAKE = 1;
export const KSWAPD_GAVE_UP = 2;

export const NOT_HELD = 0;
export const EXCLUSIVE = 1;
export const SHARED = 2;

export class Track {
	readonly lanes = new Map<string, Lane>();
	/** the lanes of each CPU, at hand for every step */
	private readonly cpus: CpuLanes[] = [];
	private before: State | null = null;

	constructor(private readonly world: World) {}

	/** Takes in the state at a new index, which is the newest one. */
	observe(index: number, state: State): void {
		const { before } = this;
		this.before = state;
		// under PREEMPT_RT the count of softirqs is the task's
		if (before === null || before.cpus !== state.cpus || this.world.isRt) this.observeCpus(index, state);
		this.observeTasks(index, state, before);
		if (before === null || before.mem.zones !== state.mem.zones) this.observeZones(index, state);
		if (before === null || before.mem.kswapd !== state.mem.kswapd) {
			this.lane("kswapd", "kswapd", -1, "kswapd").push(index, kswapdValue(state.mem.kswapd));
		}
		if (before === null || before.rcu !== state.rcu) {
			const { rcu } = state;
			this.lane("grace-period", "grace-period", -1, "grace period").push(index, rcu.isActive ? rcu.completed + 1 : 0);
		}
	}

	/** Forgets what came after an index, where the state is this one. */
	cut(index: number, state: State): void {
		for (const { series } of this.lanes.values()) series.cut(index);
		this.before = state;
	}

	private observeCpus(index: number, state: State): void {
		for (const cpu of state.cpus) {
			const task = state.tasks[cpu.task]!;
			const lanes = this.cpus[cpu.id] ?? this.addCpu(cpu.id);
			lanes.task.push(index, task.frames.length === 0 ? IDLE : cpu.task);
			lanes.level.push(index, LEVELS.indexOf(levelOf(this.world, cpu, task)));
			lanes.count.push(index, cpu.preemptCount);
			lanes.irqs.push(index, cpu.irqsOn ? 1 : 0);
			lanes.resched.push(index, cpu.needResched ? 1 : 0);
		}
	}

	private addCpu(cpu: number): CpuLanes {
		const lane = (kind: LaneKind) => this.lane(kind, `${kind}/${cpu}`, cpu, kind);
		const [task, level, count] = [lane("task"), lane("level"), lane("count")];
		const lanes = { task, level, count, irqs: lane("irqs"), resched: lane("resched") };
		this.cpus[cpu] = lanes;
		return lanes;
	}

	private observeTasks(index: number, state: State, before: State | null): void {
		for (let i = 0; i < state.tasks.length; i++) {
			const now = state.tasks[i]!;
			const then = before?.tasks[i];
			if (then === now) continue;
			if (then?.locks !== now.locks) this.observeLocks(index, state, then, now);
			if (then?.sections !== now.sections || then.rcuDepth !== now.rcuDepth) {
				const label = state.tasks.length > 2 ? `reader ${taskName(now)}` : "RCU reader";
				this.lane("rcu", `rcu/${i}`, i, label).push(index, readersOf(now));
			}
		}
	}

	private observeZones(index: number, state: State): void {
		for (const { name, free } of state.mem.zones)
			this.lane("free", freeLane(name), -1, `free ${name}`).push(index, free);
	}

	private observeLocks(index: number, state: State, then: Task | undefined, now: Task): void {
		for (const { key, text, kind } of [...(then?.locks ?? []), ...now.locks]) {
			this.lane("lock", lockLane(key), -1, text, kind).push(index, heldBy(state, key));
		}
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

function kswapdValue(kswapd: Kswapd): number {
	if (kswapd.isAwake) return KSWAPD_AWAKE;
	return hasGivenUp(kswapd) ? KSWAPD_GAVE_UP : KSWAPD_ASLEEP;
}

/** The lane of a zone's free pages, by the zone's name. */
export function freeLane(zone: string): string {
	return `free/${zone}`;
}

/** How a lock is held, by whomever. */
function heldBy(state: State, key: string): number {
	let value = NOT_HELD;
	for (const { locks } of state.tasks) {
		for (const lock of locks) {
			if (lock.key === key) value = lock.mode === "shared" && value !== EXCLUSIVE ? SHARED : EXCLUSIVE;
		}
	}
	return value;
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
