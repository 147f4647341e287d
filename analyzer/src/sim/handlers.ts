// Interrupts for the run of a single function: they come when a person makes them come, and never by themselves.

import { NONE } from "../ir/ops.js";
import { functionNamed, type Wanted } from "./lookup.js";
import type { Source } from "./machine.js";
import type { World } from "./world.js";

/** A handler that may be made to interrupt the run. */
export interface HandlerRequest extends Wanted {
	/** what it is called where one picks it */
	readonly name: string;
	/** id of the run context that it is entered in */
	readonly entry: string;
}

/** As often as anybody may press a button. */
const TIMES = 1_000_000;

/** Those that the program has. */
export function sourcesOf(world: World, handlers: readonly HandlerRequest[]): Source[] {
	return handlers.flatMap((handler): Source[] => {
		const fn = functionNamed(world, handler);
		if (fn === NONE || !world.model.runContexts.has(handler.entry)) return [];
		const { name, entry: runs } = handler;
		return [{ name, fn, args: [], threadFn: NONE, runs, cpu: 0, left: TIMES, at: { kind: "asked" } }];
	});
}
