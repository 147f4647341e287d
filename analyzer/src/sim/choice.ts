// Questions the machine cannot answer by itself. A step that meets one without an answer has no effect and
// hands the question to the host; the host calls again with the index of an option.

import type { SourcePlace } from "./world.js";

export interface Choice {
	readonly kind:
		| "condition"
		| "switch"
		| "jump"
		| "trylock"
		| "allocation"
		| "argument"
		| "property"
		| "call"
		| "next-task";
	/** in the words of the source: `dev->ready` */
	readonly text: string;
	readonly options: readonly string[];
	/** option taken when nobody answers: the likely way, errors do not happen */
	readonly default: number;
	/** a host that steps on need not stop for it: failures that are unlikely by nature */
	readonly isOptional: boolean;
	readonly at: SourcePlace;
}

/** Options of a yes/no question, in this order. */
export const TRUE_OPTION = 0;
export const FALSE_OPTION = 1;
export const TRUE_FALSE: readonly string[] = ["true", "false"];

export function isTrueOption(option: number): boolean {
	return option === TRUE_OPTION;
}
