// Who waits for whom: what a person reads when nothing can run any more.

import { isReader } from "./gracePeriod.js";
import { type State, type Task, taskName, type Wait } from "./machine.js";
import { blockingHolder } from "./waiting.js";

/** One sentence per task that waits, or null when none does. */
export function explainDeadlock(state: State): string | null {
	const sentences: string[] = [];
	state.tasks.forEach((task, index) => {
		const wait = task.frames[task.frames.length - 1]?.wait;
		const isWaiting = task.status === "blocked" || wait?.isSpinning === true;
		if (isWaiting && wait) sentences.push(sentenceOf(state, index, wait));
	});
	for (const stopped of stoppedTasks(state)) sentences.push(stopped);
	return sentences.length === 0 ? null : sentences.join("; ");
}

function sentenceOf(state: State, index: number, wait: Wait): string {
	const who = taskName(state.tasks[index]!);
	const place = `${wait.at.path}:${wait.at.line}`;
	const head = `${who} ${wait.isSpinning ? "spins" : "waits"} in ${wait.by}()`;
	switch (wait.kind) {
		case "lock": {
			const holder = blockingHolder(state, index, wait);
			if (holder === null) return `${head} at ${place} for ${wait.text}`;
			const since = `${holder.lock.by}() at ${holder.lock.at.path}:${holder.lock.at.line}`;
			return `${head} at ${place} for ${wait.text}, which ${taskName(state.tasks[holder.task]!)} holds since ${since}`;
		}
		case "grace-period":
			return `${head} for ${readersText(state, index)}`;
		case "srcu": {
			const own = state.tasks[index]!.sections.find(({ kind, on }) => kind === "srcu" && on === wait.key);
			if (own) return `${head} for a reader that is itself: ${own.by}() at ${own.at.path}:${own.at.line}`;
			return `${head} at ${place} for the readers of ${wait.text}`;
		}
		case "completion":
		case "event":
		case "item":
		case "memory":
		case "turn":
			return `${head} at ${place} for ${wait.text}, and nobody is left to end that`;
	}
}

function readersText(state: State, waiter: number): string {
	const readers = state.tasks.flatMap((task, index) => {
		const reader = task.sections.find(isReader);
		return reader === undefined ? [] : [{ task, index, reader }];
	});
	const own = readers.find(({ index }) => index === waiter);
	const since = (at: (typeof readers)[number]) => `${at.reader.by}() at ${at.reader.at.path}:${at.reader.at.line}`;
	if (own !== undefined) return `a reader that is itself: ${since(own)}`;
	const [other] = readers;
	return other === undefined ? "a grace period" : `the reader ${taskName(other.task)}: ${since(other)}`;
}

/** Tasks that could run, were it not for one that spins on their CPU. */
function stoppedTasks(state: State): string[] {
	const sentences: string[] = [];
	state.tasks.forEach((task: Task, index) => {
		const cpu = state.cpus[task.cpu]!;
		if (task.status !== "runnable" || task.frames.length === 0 || cpu.task === index) return;
		const running = taskName(state.tasks[cpu.task]!);
		sentences.push(`${taskName(task)} cannot run: ${running} does not give up CPU ${cpu.id}`);
	});
	return sentences;
}
