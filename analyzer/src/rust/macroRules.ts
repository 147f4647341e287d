// `macro_rules!`, as far as they are used for items: a definition is read into arms, an invocation is
// matched against them and transcribed into text, each character of which knows its place in the file.
// Left out: fragments that only a parser can end (an expression before anything but `,`, `;` and `=>`).

/** A token, or a group of them in brackets. */
export interface Tree {
	readonly text: string;
	/** where it begins and ends in the file; equal for what stands nowhere */
	readonly start: number;
	readonly end: number;
	/** `(`, `[` or `{` for a group, " " for one without brackets: an expression or type is one tree; "" for a token */
	readonly open: "" | "(" | "[" | "{" | " ";
	readonly inner: readonly Tree[];
}

export interface Arm {
	readonly pattern: readonly Tree[];
	readonly body: readonly Tree[];
}

/** What a variable of a macro stands for: trees, or one for each turn of a repetition. */
type Bound = { readonly trees: readonly Tree[] } | { readonly turns: readonly Bound[] };
type Bindings = Map<string, Bound>;

const TOKEN =
	/\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|r(#*)"[\s\S]*?"\1|b?"(?:\\[\s\S]|[^"\\])*"|b?'(?:\\[^\n]|[^'\\\n])[^'\n]{0,8}?'|'[A-Za-z_]\w*|(?:r#)?[A-Za-z_]\w*|\d\w*(?:\.\d\w*)?|=>|::|->|<=|>=|==|!=|&&|\|\||\.\.=|\.\.\.|\.\.|[\s\S]/g;
const CLOSES: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
/** Trees that one expansion may have: more is not meant. */
const MAX_TREES = 20_000;
const MAX_TURNS = 500;

/** The token trees of a text that begins at `offset`; null where brackets do not match. */
export function treesOf(text: string, offset: number): Tree[] | null {
	const stack: { open: Tree["open"]; start: number; inner: Tree[] }[] = [{ open: "", start: offset, inner: [] }];
	for (const match of text.matchAll(TOKEN)) {
		const [token] = match;
		if (/^(\s|\/\/|\/\*)/.test(token)) continue;
		const start = offset + match.index;
		const end = start + token.length;
		const top = stack.at(-1)!;
		if (token === "(" || token === "[" || token === "{") stack.push({ open: token, start, inner: [] });
		else if (token === ")" || token === "]" || token === "}") {
			if (CLOSES[top.open] !== token) return null;
			stack.pop();
			stack.at(-1)!.inner.push({ text: "", start: top.start, end, open: top.open, inner: top.inner });
		} else top.inner.push({ text: token, start, end, open: "", inner: [] });
	}
	return stack.length === 1 ? stack[0]!.inner : null;
}

/** Where the group that begins at `start` ends, or `start` when it does not. */
export function endOfGroup(text: string, start: number): number {
	let depth = 0;
	for (const match of text.slice(start).matchAll(TOKEN)) {
		if (match[0] in CLOSES) depth++;
		else if (/^[)\]}]$/.test(match[0]) && --depth <= 0) return depth < 0 ? start : start + match.index + 1;
	}
	return start;
}

/** The arms of a definition's body: `(pattern) => { body }`, with `;` between them. */
export function armsOf(trees: readonly Tree[]): Arm[] {
	const arms: Arm[] = [];
	for (let i = 0; i + 2 < trees.length; i += 3) {
		const [pattern, arrow, body] = [trees[i]!, trees[i + 1]!, trees[i + 2]!];
		if (pattern.open === "" || arrow.text !== "=>" || body.open === "") break;
		arms.push({ pattern: pattern.inner, body: body.inner });
		if (trees[i + 3]?.text === ";") i++;
	}
	return arms;
}

/** What an invocation comes to by the first arm that fits; null when none does. */
export function expand(arms: readonly Arm[], given: readonly Tree[]): Tree[] | null {
	for (const { pattern, body } of arms) {
		const bindings: Bindings = new Map();
		if (matchAll(pattern, given, bindings) !== given.length) continue;
		const out: Tree[] = [];
		return transcribe(body, bindings, out) ? out : null;
	}
	return null;
}

/** Text with the place in the file of each character's token: where it begins, and where it ends. */
export interface Laid {
	/** the invocation, in the file */
	readonly from: number;
	readonly to: number;
	readonly text: string;
	readonly starts: number[];
	readonly ends: number[];
}

/** Lays trees out as text; tokens of the definition stand where the invocation does, [from, to). */
export function layOut(trees: readonly Tree[], isGiven: (tree: Tree) => boolean, from: number, to: number): Laid {
	const laid: Laid = { from, to, text: "", starts: [], ends: [] };
	const parts: string[] = [];
	let before = -1;
	const put = (text: string, start: number, end: number, isOwn: boolean) => {
		// what stood together stays together: `>>`
		const written = start === before ? text : ` ${text}`;
		const skipped = written.length - text.length;
		parts.push(written);
		for (let i = 0; i < written.length; i++) {
			laid.starts.push(isOwn ? start + Math.max(0, i - skipped) : from);
			laid.ends.push(isOwn ? Math.min(end, start + i - skipped + 1) : to);
		}
		before = end;
	};
	const walk = (list: readonly Tree[]) => {
		for (const tree of list) {
			const isOwn = isGiven(tree);
			if (tree.open === "") put(tree.text, tree.start, tree.end, isOwn);
			else if (tree.open === " ") walk(tree.inner);
			else {
				put(tree.open, tree.start, tree.start + 1, isOwn);
				walk(tree.inner);
				put(CLOSES[tree.open]!, tree.end - 1, tree.end, isOwn);
			}
		}
	};
	walk(trees);
	return { ...laid, text: parts.join("") };
}

// ---- matching ----

/** Matches a pattern from the first given tree on; how many it takes, or -1. */
function matchAll(pattern: readonly Tree[], given: readonly Tree[], bindings: Bindings): number {
	let at = 0;
	for (let i = 0; i < pattern.length; i++) {
		const one = pattern[i]!;
		if (one.text === "$" && pattern[i + 1]?.open === "(") {
			const { end, separator, op } = repetitionAt(pattern, i);
			at = matchTurns(pattern[i + 1]!.inner, separator, op, given, at, bindings);
			i = end;
		} else if (one.text === "$" && pattern[i + 2]?.text === ":" && pattern[i + 3] !== undefined) {
			const taken = fragment(pattern[i + 3]!.text, given, at);
			if (taken < 0) return -1;
			const trees = given.slice(at, at + taken);
			bindings.set(pattern[i + 1]!.text, { trees: OPAQUE.test(pattern[i + 3]!.text) ? asOne(trees) : trees });
			at += taken;
			i += 3;
		} else {
			const other = given[at];
			if (other === undefined || other.open !== one.open || other.text !== one.text) return -1;
			if (one.open !== "" && matchAll(one.inner, other.inner, bindings) !== other.inner.length) return -1;
			at++;
		}
		if (at < 0) return -1;
	}
	return at;
}

/** Fragments that macros which they are handed on to see as one. */
const OPAQUE = /^(expr|ty|path)$/;

function asOne(trees: readonly Tree[]): readonly Tree[] {
	if (trees.length < 2) return trees;
	return [{ text: "", start: trees[0]!.start, end: trees.at(-1)!.end, open: " ", inner: trees }];
}

interface Repetition {
	/** index of its last tree */
	readonly end: number;
	readonly separator: Tree | null;
	readonly op: string;
}

/** `$( … ) separator? op` at an index. */
function repetitionAt(trees: readonly Tree[], i: number): Repetition {
	const isOp = (tree: Tree | undefined) => tree !== undefined && /^[*+?]$/.test(tree.text);
	if (isOp(trees[i + 2])) return { end: i + 2, separator: null, op: trees[i + 2]!.text };
	return { end: i + 3, separator: trees[i + 2] ?? null, op: trees[i + 3]?.text ?? "*" };
}

function matchTurns(
	inner: readonly Tree[],
	separator: Tree | null,
	op: string,
	given: readonly Tree[],
	from: number,
	bindings: Bindings,
): number {
	const turns: Bindings[] = [];
	let at = from;
	while (turns.length < (op === "?" ? 1 : MAX_TURNS)) {
		const isNext = turns.length === 0 || separator === null || given[at]?.text === separator.text;
		const start = turns.length > 0 && separator !== null ? at + 1 : at;
		if (!isNext || start >= given.length) break;
		const own: Bindings = new Map();
		const taken = matchAll(inner, given.slice(start), own);
		if (taken <= 0) break;
		turns.push(own);
		at = start + taken;
	}
	if (op === "+" && turns.length === 0) return -1;
	for (const name of variablesOf(inner)) bindings.set(name, { turns: turns.map((turn) => turn.get(name)!) });
	return at;
}

/** The variables that a pattern binds. */
function variablesOf(pattern: readonly Tree[]): string[] {
	const names: string[] = [];
	pattern.forEach((tree, i) => {
		if (tree.text === "$" && pattern[i + 2]?.text === ":") names.push(pattern[i + 1]!.text);
		if (tree.open !== "") names.push(...variablesOf(tree.inner));
	});
	return names;
}

/** What ends fragments of these kinds, at the depth of their own brackets. */
const ENDS: Readonly<Record<string, RegExp>> = {
	expr: /^(,|;|=>)$/,
	stmt: /^(,|;|=>)$/,
	ty: /^(,|;|=>|=|\||:|as|where)$/,
	path: /^(,|;|=>|=|\||:|as|where)$/,
	pat: /^(,|=>|=|if|in)$/,
	pat_param: /^(,|=>|=|\||if|in)$/,
};

/** How many trees a fragment takes at an index; -1 when it is not there. */
function fragment(kind: string, given: readonly Tree[], at: number): number {
	const first = given[at];
	if (kind === "vis") return visibility(given, at);
	if (first === undefined) return -1;
	switch (kind) {
		case "tt":
			return 1;
		case "ident":
			return /^(r#)?[A-Za-z_]\w*$/.test(first.text) ? 1 : -1;
		case "lifetime":
			return /^'\w+$/.test(first.text) ? 1 : -1;
		case "block":
			return first.open === "{" ? 1 : -1;
		case "literal":
			if (first.text === "-") return given[at + 1] === undefined ? -1 : 2;
			return /^(b?["']|r#*"|\d|true$|false$)/.test(first.text) ? 1 : -1;
		case "item":
			return itemEnd(given, at) - at;
		case "meta":
			return given.length - at;
		default:
			return upTo(ENDS[kind], given, at);
	}
}

function visibility(given: readonly Tree[], at: number): number {
	if (given[at]?.text !== "pub") return 0;
	return given[at + 1]?.open === "(" ? 2 : 1;
}

function itemEnd(given: readonly Tree[], at: number): number {
	for (let i = at; i < given.length; i++) if (given[i]!.open === "{" || given[i]!.text === ";") return i + 1;
	return given.length;
}

/** Trees up to one that ends the fragment; generic arguments belong to it with their commas. */
function upTo(ends: RegExp | undefined, given: readonly Tree[], at: number): number {
	if (ends === undefined) return -1;
	let angles = 0;
	let i = at;
	for (; i < given.length; i++) {
		const { text, open } = given[i]!;
		if (angles === 0 && (ends.test(text) || (open === "{" && ends === ENDS.ty))) break;
		if (text === "<" && i > at && /^(\w+|::)$/.test(given[i - 1]!.text)) angles++;
		else if (text === ">" && angles > 0) angles--;
	}
	return i === at ? -1 : i - at;
}

// ---- transcription ----

/** Writes a body with its variables put in; false where it cannot be. */
function transcribe(body: readonly Tree[], bindings: Bindings, out: Tree[]): boolean {
	for (let i = 0; i < body.length; i++) {
		if (out.length > MAX_TREES) return false;
		const one = body[i]!;
		const next = body[i + 1];
		if (one.text === "$" && next?.open === "(") {
			const { end, separator } = repetitionAt(body, i);
			if (!transcribeTurns(next.inner, separator, bindings, out)) return false;
			i = end;
		} else if (one.text === "$" && next !== undefined && next.text !== "crate") {
			const bound = bindings.get(next.text);
			if (bound === undefined || "turns" in bound) return false;
			out.push(...bound.trees);
			i++;
		} else if (one.text === "$") continue;
		else if (one.open === "") out.push(one);
		else {
			const inner: Tree[] = [];
			if (!transcribe(one.inner, bindings, inner)) return false;
			out.push({ ...one, inner });
		}
	}
	return true;
}

function transcribeTurns(inner: readonly Tree[], separator: Tree | null, bindings: Bindings, out: Tree[]): boolean {
	const names = usedIn(inner).filter((name) => {
		const bound = bindings.get(name);
		return bound !== undefined && "turns" in bound;
	});
	const turnsOf = (name: string) => (bindings.get(name) as { readonly turns: readonly Bound[] }).turns;
	const count = names.length === 0 ? -1 : Math.max(...names.map((name) => turnsOf(name).length));
	if (count < 0) return false;
	for (let turn = 0; turn < count; turn++) {
		const own: Bindings = new Map(bindings);
		for (const name of names) {
			const bound = turnsOf(name)[turn];
			if (bound === undefined) return false;
			own.set(name, bound);
		}
		if (turn > 0 && separator !== null) out.push(separator);
		if (!transcribe(inner, own, out)) return false;
	}
	return true;
}

/** The variables that a body names. */
function usedIn(body: readonly Tree[]): string[] {
	const names: string[] = [];
	body.forEach((tree, i) => {
		if (tree.text === "$" && body[i + 1]?.open === "") names.push(body[i + 1]!.text);
		if (tree.open !== "") names.push(...usedIn(tree.inner));
	});
	return names;
}
