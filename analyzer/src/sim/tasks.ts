// Tasks as they begin: with a function to run, idle, or waiting for the first item of a queue.

import { begin, type Calling } from "./activation.js";
import type { Task } from "./machine.js";
import type { World } from "./world.js";

/** A task that is about to run a function. */
export function newTask(
	world: World,
	calling: Calling,
	about: { readonly comm: string; readonly pid: number; readonly cpu: number; readonly firstId: number },
): { readonly task: Task; readonly count: number; readonly irqsOn: boolean } {
	const inside = begin(world, calling, about.firstId, NOWHERE);
	const { preemptCount: count, irqsOn } = inside.entry;
	const task: Task = {
		comm: about.comm,
		pid: about.pid,
		cpu: about.cpu,
		status: "runnable",
		serves: "",
		saved: { preemptCount: count, irqsOn },
		since: 0,
		nextId: 1,
		frames: [inside.frame],
		locks: inside.locks,
		sections: inside.sections,
		rcuDepth: inside.rcuDepth,
		rtSoftirqCount: inside.rtSoftirqCount,
		nonBlock: 0,
	};
	return { task, count, irqsOn };
}

const NOWHERE = { preemptCount: 0, irqsOn: true, locks: [], sections: [], rcuDepth: 0, step: 0 };

export function idleTask(cpu: number): Task {
	return restingTask(`swapper/${cpu}`, 0, cpu, "");
}

/** A task without frames: idle, or one that serves a queue. */
export function restingTask(comm: string, pid: number, cpu: number, serves: string): Task {
	return {
		comm,
		pid,
		cpu,
		status: serves === "" ? "runnable" : "parked",
		serves,
		saved: { preemptCount: 0, irqsOn: true },
		since: 0,
		nextId: 1,
		frames: [],
		locks: [],
		sections: [],
		rcuDepth: 0,
		rtSoftirqCount: 0,
		nonBlock: 0,
	};
}

/** What of a resting task changes when it begins to run a function. */
export function beginTask(world: World, calling: Calling, id: number, task: Task): Partial<Task> {
	const inside = begin(world, calling, id, NOWHERE);
	const { preemptCount, irqsOn } = inside.entry;
	return {
		frames: [inside.frame],
		locks: [...task.locks, ...inside.locks],
		sections: [...task.sections, ...inside.sections],
		rcuDepth: task.rcuDepth + inside.rcuDepth,
		rtSoftirqCount: task.rtSoftirqCount + inside.rtSoftirqCount,
		saved: { preemptCount, irqsOn },
	};
}
