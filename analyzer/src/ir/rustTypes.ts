// Types of Rust as text: how they are taken apart, matched against patterns and filled in. What a term of the front
// end (rust/terms.ts) stands for is worked out in rustNames.ts.

/** A name that every Rust unit has: what one file says of its types may mean something to all of them. */
export const RUST_MARK = "::rust";

/** Among the includes of a unit that uses the kernel crate: code for the build machine does not. */
export const KERNEL_USE = "use kernel";

/** A type of one or two capitals, or of one with digits, is a parameter: that is how the kernel names them. */
const PARAMETER = /^[A-Z][A-Z0-9]?$/;

export function isParameter(type: string): boolean {
	return PARAMETER.test(type);
}

/** Without references and raw pointers. */
export function stripReferences(type: string): string {
	return type.replace(/^[&*]+/, "");
}

/** The name of a type, without references, arguments and `impl`. */
export function headOfType(type: string): string {
	const bare = stripReferences(type).replace(/^impl /, "");
	const open = bare.indexOf("<");
	return open < 0 ? bare : bare.slice(0, open);
}

/** The arguments of `Head<A,B>`, the parts of `(A,B)` and of `[A]`. */
export function argumentsOf(type: string): string[] {
	const bare = stripReferences(type);
	const open = bare.search(/[<([]/);
	if (open < 0) return [];
	return splitTop(bare.slice(open + 1, -1));
}

/** Splits at commas outside of brackets. */
export function splitTop(text: string): string[] {
	const found: string[] = [];
	let depth = 0;
	let from = 0;
	for (let i = 0; i < text.length; i++) {
		const at = text[i]!;
		if (at === "<" || at === "(" || at === "[") depth++;
		else if (at === ")" || at === "]" || (at === ">" && text[i - 1] !== "=")) depth--;
		else if (at === "," && depth === 0) {
			found.push(text.slice(from, i));
			from = i + 1;
		}
	}
	if (from < text.length) found.push(text.slice(from));
	return found;
}

export type Bindings = Map<string, string>;

/** Does a type match a pattern with parameters in it? What they stand for is added to `found`. */
export function matchType(pattern: string, type: string, found: Bindings, depth = 0): boolean {
	const want = stripReferences(pattern);
	const have = stripReferences(type);
	if (isParameter(want)) {
		if (!found.has(want) && have !== "" && have !== "_") found.set(want, have);
		return true;
	}
	if (have === "" || have === "_" || want === "_") return true;
	if (depth > 6 || lastPart(headOfType(want)) !== lastPart(headOfType(have))) return false;
	const arguments_ = argumentsOf(have);
	return argumentsOf(want).every(
		(part, i) => i >= arguments_.length || matchType(part, arguments_[i]!, found, depth + 1),
	);
}

/** The type with what its parameters stand for; those that stand for nothing stay. */
export function fillIn(type: string, found: ReadonlyMap<string, string>): string {
	if (found.size === 0) return type;
	return type.replace(/\b[A-Z][A-Z0-9]?\b/g, (name) => found.get(name) ?? name);
}

/** `mq::Request` is the Request of a module `mq`. */
export function lastPart(name: string): string {
	return name.slice(name.lastIndexOf(":") + 1);
}

/** The part before the last one, or "". */
export function moduleOf(name: string): string {
	const at = name.lastIndexOf("::");
	return at < 0 ? "" : lastPart(name.slice(0, at));
}

/** A term without its last step, and the step. */
export interface TermStep {
	readonly base: string;
	/** "." a field, "?" what is in it, "[]" an element, "()" the result of `base` as a call; "" a type */
	readonly kind: "." | "?" | "[]" | "()" | "";
	/** of a field: its name; of a call: its arguments */
	readonly text: string;
}

/** Takes the last step off a term. */
export function lastStep(term: string): TermStep {
	if (term.endsWith("?")) return { base: term.slice(0, -1), kind: "?", text: "" };
	if (term.endsWith("[]")) return { base: term.slice(0, -2), kind: "[]", text: "" };
	if (term.endsWith(")")) {
		const open = openingOf(term);
		const base = open < 0 ? "" : term.slice(0, open);
		if (/[\w!]$/.test(base) && base !== "fn") return { base, kind: "()", text: term.slice(open + 1, -1) };
		return { base: term, kind: "", text: "" };
	}
	const dot = lastTop(term, ".");
	if (dot > 0) return { base: term.slice(0, dot), kind: ".", text: term.slice(dot + 1) };
	return { base: term, kind: "", text: "" };
}

/** Where the bracket opens that the last character closes, or -1. */
function openingOf(text: string): number {
	let depth = 0;
	for (let i = text.length - 1; i >= 0; i--) {
		if (text[i] === ")") depth++;
		else if (text[i] === "(" && --depth === 0) return i;
	}
	return -1;
}

/** The last place of a character outside of brackets, or -1. */
export function lastTop(text: string, wanted: string): number {
	let depth = 0;
	for (let i = text.length - 1; i >= 0; i--) {
		const at = text[i]!;
		if (at === ")" || at === "]" || (at === ">" && text[i - 1] !== "=")) depth++;
		else if (at === "(" || at === "[" || at === "<") depth--;
		else if (at === wanted && depth === 0) return i;
	}
	return -1;
}
