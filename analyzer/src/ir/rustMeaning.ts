// What the program asks about the names of Rust units. Whoever has the facts of the model answers (rustNames.ts).

import { NONE } from "./ops.js";

/** What a name means: the function that it calls, and the name that this goes by in the model. */
export interface RustMeaning {
	/** FnId; NONE when it is not defined in the program */
	readonly fn: number;
	/** program-wide name, or NONE when nobody knows it */
	readonly name: number;
	/** of a function of a trait, called on whatever implements that: program-wide names of both */
	readonly table?: { readonly trait: number; readonly method: number };
}

export interface RustResolver {
	/** What a name means in a file (FileId). */
	meaningOf(file: number, name: string): RustMeaning;
	/** The program has changed. */
	forget(): void;
}

export const NO_MEANING: RustMeaning = { fn: NONE, name: NONE };

/** Knows nothing: until somebody says more. */
export const noRust: RustResolver = { meaningOf: () => NO_MEANING, forget: () => {} };
