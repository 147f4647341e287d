// Constructors for callback rows. `arg` rows name one registration; `ops` rows name one struct and, per
// context, the fields that run in it; `definers` name file-scope macros that make functions known by name.
import type { CallbackRow } from "./schema.js";

export type Conditions = Partial<Pick<CallbackRow, "when" | "whenField" | "certainty" | "versions">>;

/** For callbacks that run atomic for some callers only. */
export const MAY: Conditions = { certainty: "may" };

/** Argument `index` of `name` runs in `runs`. */
export function arg(
	name: string,
	index: number,
	runs: string,
	source: string,
	conditions: Conditions = {},
): CallbackRow {
	return { via: "arg", name, arg: index, runs, ...conditions, source };
}

/** The fields (separated by blanks) of `struct` run in `runs`. */
export function ops(
	struct: string,
	runs: string,
	source: string,
	fields: string,
	conditions: Conditions = {},
): CallbackRow[] {
	return fields.split(" ").map((field) => ({ via: "field", struct, field, runs, ...conditions, source }));
}

/** Each macro of `names` (separated by blanks) makes the functions of `fns` (separated by blanks) run in `runs`. */
export function definers(
	names: string,
	runs: string,
	source: string,
	fns: string,
	conditions: Conditions = {},
): CallbackRow[] {
	return names
		.split(" ")
		.flatMap((name) =>
			fns.split(" ").map((fn): CallbackRow => ({ via: "definer", name, fn, runs, ...conditions, source })),
		);
}
