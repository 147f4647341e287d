// Freed objects: what is read or written after it was freed is reported in the words of KASAN, once per place.

import type { Freed, Machine, State } from "./machine.js";
import { freeHeap } from "./memory/heap.js";
import { useAfterFree } from "./splats.js";
import type { Place } from "./value.js";
import type { SourcePlace } from "./world.js";

/** Marks an object as freed. */
export function freeObject(
	machine: Machine,
	what: { readonly key: string; readonly by: string; readonly at: SourcePlace },
): void {
	machine.sharesWrite(what.key);
	machine.sharesWrite("pages");
	const { state } = machine;
	const { comm, pid } = machine.task;
	const freed = state.freed.set(what.key, { by: what.by, at: what.at, who: `${comm}/${pid}` });
	machine.update({ freed, nFreed: state.nFreed + 1 });
	machine.updateMemory(freeHeap(state.mem, what.key));
	// Who waits for memory may have it now.
	machine.isUnsettled = true;
}

/** The freed object that a place is part of, or null. */
export function freedOwner(state: State, place: Place): { readonly key: string; readonly freed: Freed } | null {
	if (state.nFreed === 0) return null;
	let { key } = place;
	for (;;) {
		const freed = state.freed.get(key);
		if (freed !== undefined) return { key, freed };
		const end = Math.max(key.lastIndexOf("."), key.lastIndexOf("["));
		if (end <= 0) return null;
		key = key.slice(0, end);
	}
}

/** Reports an access to a freed object. */
export function checkAccess(machine: Machine, place: Place, kind: "Read" | "Write"): void {
	const owner = freedOwner(machine.state, place);
	if (owner === null) return;
	const at = machine.placeOfFrame(machine.depth);
	machine.splatOnce(
		`freed ${owner.key}@${at.path}:${at.line}`,
		useAfterFree(machine, { at, kind, text: place.text, freed: owner.freed }),
	);
}
