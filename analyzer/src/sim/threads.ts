// The tasks of a state as a person sees them: what each is, where, and what it waits for.

import { type State, type Task, taskName } from "./machine.js";
import { isResting } from "./scheduler.js";

export interface ThreadView {
	/** index of the task */
	readonly id: number;
	/** comm/pid */
	readonly name: string;
	readonly cpu: number;
	/** is it what its CPU runs? */
	readonly isCurrent: boolean;
	readonly isIdle: boolean;
	readonly status: "runs" | "can run" | "waits" | "spins" | "rests" | "done";
	/** what it waits for, or "" */
	readonly waitsFor: string;
	/** interrupts that are on top of it, the innermost last */
	readonly above: readonly string[];
}

export function threadsOf(state: State): ThreadView[] {
	return state.tasks.map((task, id) => {
		const cpu = state.cpus[task.cpu]!;
		const wait = task.frames[task.frames.length - 1]?.wait ?? null;
		const isCurrent = cpu.task === id;
		return {
			id,
			name: taskName(task),
			cpu: task.cpu,
			isCurrent,
			isIdle: cpu.idle === id,
			status: statusOf(task, isCurrent && !isResting(state, cpu)),
			waitsFor: wait === null ? "" : `${wait.by}(): ${wait.text}`,
			above: task.frames.flatMap(({ activation }, depth) =>
				activation !== null && depth > 0 ? [activation.label] : [],
			),
		};
	});
}

function statusOf(task: Task, runs: boolean): ThreadView["status"] {
	const wait = task.frames[task.frames.length - 1]?.wait ?? null;
	if (task.status === "done") return "done";
	if (task.frames.length === 0 || task.status === "parked" || task.status === "new") return "rests";
	if (task.status === "blocked") return "waits";
	if (wait?.isSpinning) return "spins";
	return runs ? "runs" : "can run";
}
