// Answers to what code asks of the machine itself: counts, the CPU, who holds a lock. Only what the machine knows for
// certain; undefined: somebody who is not part of the run might make it otherwise.

import { unreachable } from "../base/assert.js";
import type { MachineQuestion } from "../model/machineQuestions.js";
import { readField, unitOf } from "./config.js";
import { hardirqNesting, isServingSoftirq, type Machine, nmiNesting, softirqCount } from "./machine.js";
import { canRun } from "./scheduler.js";

/** `lock`: key of the lock that is asked about. */
export function answerMachine(machine: Machine, { asks }: MachineQuestion, lock: string): number | undefined {
	const { cpu, task, world } = machine;
	const { layout } = world;
	const has = (kind: string) => task.sections.some((section) => section.kind === kind);
	const isAtomic = cpu.preemptCount !== 0 || !cpu.irqsOn;
	switch (asks) {
		case "preempt-count":
			return cpu.preemptCount;
		case "hardirq-count":
			return hardirqNesting(world, cpu) * unitOf(layout.hardirq) + nmiNesting(world, cpu) * unitOf(layout.nmi);
		case "softirq-count":
			return softirqCount(world, cpu, task) * unitOf(layout.softirq);
		case "serves-softirq":
			return isServingSoftirq(world, cpu, task) ? 1 : 0;
		case "rcu-depth":
			return world.config.preemptRcu ? task.rcuDepth : 0;
		case "rcu-any":
			return has("rcu") || has("rcu_bh") || has("rcu_sched") || task.rcuDepth > 0 || isAtomic ? 1 : 0;
		case "rcu-bh":
			return has("rcu_bh") || readField(cpu.preemptCount, layout.softirq) !== 0 || !cpu.irqsOn ? 1 : 0;
		case "rcu-sched":
			return has("rcu_sched") || isAtomic ? 1 : 0;
		case "need-resched":
			return needResched(machine);
		case "cpu":
			return cpu.id;
		case "locked":
			return isLocked(machine, lock);
		case "device":
			return undefined;
		default:
			return unreachable(asks);
	}
}

/** Of a run with one task others are to be thought of that want the CPU. */
function needResched({ cpu, state }: Machine): number | undefined {
	if (cpu.needResched) return 1;
	const isRivalled = state.tasks.some(
		(_, index) => index !== cpu.task && index !== cpu.idle && isOn(state, cpu.id, index),
	);
	return isRivalled || state.cpus.some(({ id }) => id !== cpu.id && canRun(state, id)) ? 0 : undefined;
}

function isOn({ tasks }: Machine["state"], cpu: number, index: number): boolean {
	const { cpu: own, frames, status } = tasks[index]!;
	return own === cpu && frames.length > 0 && status !== "done";
}

/** By anybody of the run; of a lock that the run has never seen others may have it. */
function isLocked({ state }: Machine, key: string): number | undefined {
	if (state.tasks.some(({ locks }) => locks.some((lock) => lock.key === key))) return 1;
	return state.classes.get(key) === undefined ? undefined : 0;
}
