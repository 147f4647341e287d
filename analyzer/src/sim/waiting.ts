// What tasks wait for, as questions to a state: who holds a lock, is a queued function through.

import type { HeldLock, State, Wait } from "./machine.js";

export interface Holder {
	readonly task: number;
	readonly lock: HeldLock;
}

/** Another task that holds a lock in a way that keeps this one from taking it. */
export function blockingHolder(
	state: State,
	task: number,
	wanted: { readonly key: string; readonly mode: HeldLock["mode"] },
): Holder | null {
	const room = state.counts.get(wanted.key);
	if (room !== undefined && room > 1) return semaphoreHolder(state, task, wanted.key, room);
	for (let index = 0; index < state.tasks.length; index++) {
		if (index === task) continue;
		for (const lock of state.tasks[index]!.locks) {
			if (lock.key === wanted.key && (lock.mode === "exclusive" || wanted.mode === "exclusive")) {
				return { task: index, lock };
			}
		}
	}
	return null;
}

/** A semaphore with room for several is full when that many hold it. */
function semaphoreHolder(state: State, task: number, key: string, room: number): Holder | null {
	let nHolders = 0;
	let first: Holder | null = null;
	state.tasks.forEach((other, index) => {
		for (const lock of other.locks) {
			if (lock.key !== key) continue;
			nHolders++;
			if (index !== task) first ??= { task: index, lock };
		}
	});
	return nHolders >= room ? first : null;
}

/** Is a function neither queued nor running? */
export function isItemOver(state: State, wait: Wait): boolean {
	const isQueued = state.items.some((item) => matches(item.key, wait.key));
	return (
		!isQueued && !state.tasks.some((task) => task.frames.some(({ activation }) => isOf(activation?.item, wait.key)))
	);
}

function isOf(item: { readonly key: string } | null | undefined, key: string): boolean {
	return item !== null && item !== undefined && matches(item.key, key);
}

/** "": any */
function matches(key: string, wanted: string): boolean {
	return wanted === "" || key === wanted;
}
