// What the methods of Option, Result and iterators do with the value they are called on. Their sources are not in a
// kernel tree; each is known by its name alone.

/** `same`: the receiver as it is; `payload`: what is in it; `not`/`test`: whether something is in it. */
export type StdMethod = "same" | "payload" | "test" | "not" | "other";

const METHODS: ReadonlyMap<string, StdMethod> = new Map([
	...each(
		"same",
		"ok ok_or ok_or_else map_err or_else and inspect inspect_err as_ref as_mut as_deref as_deref_mut as_pin_mut copied cloned or transpose",
	),
	...each("payload", "unwrap expect unwrap_or unwrap_or_else unwrap_or_default unwrap_unchecked expect_err unwrap_err"),
	...each("test", "is_some is_ok"),
	...each("not", "is_none is_err"),
	...each(
		"other",
		"map and_then map_or map_or_else is_some_and is_none_or then then_some filter_map for_each try_for_each",
	),
	...each("other", "fold any all find find_map position zip enumerate rev skip take_while chain filter iter iter_mut"),
]);

function each(how: StdMethod, names: string): [string, StdMethod][] {
	return names.split(" ").map((name) => [name, how]);
}

/** What a method of this name does; undefined for all others. */
export function stdMethod(name: string): StdMethod | undefined {
	return METHODS.get(name);
}

/** Do methods of this name call the closures they are given before they return? */
export function callsItsClosure(name: string): boolean {
	return METHODS.has(name) || CALLERS.has(name);
}

/** Functions and methods that call a closure in place, whatever they are called on. */
const CALLERS = new Set(["retain", "sort_by", "sort_by_key", "binary_search_by", "with", "from_result", "try_with"]);
