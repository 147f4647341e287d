// The syntax tree of one text as flat arrays: read once through a cursor, so that nothing of the grammar's
// runtime is asked while the tree is lowered. A node is a number; 0 is the root, -1 no node.
import { withSyntax } from "./grammar.js";
import type { Laid } from "./macroRules.js";

export interface Syntax {
	/** one character a byte */
	readonly text: string;
	/** where the text's first character is in the file */
	readonly offset: number;
	readonly kinds: string[];
	readonly fields: (string | null)[];
	/** in the file */
	readonly starts: number[];
	readonly ends: number[];
	readonly firsts: number[];
	readonly nexts: number[];
	/** 1 for a node with a name of its own (no punctuation) */
	readonly named: number[];
	/** of a text that is not the file's own (a macro's expansion): where each of its characters comes from; else null */
	readonly laid: Laid | null;
	/** where nodes begin and end in such a text; else empty */
	readonly textStarts: readonly number[];
	readonly textEnds: readonly number[];
	/** what the grammar could not read: starts and ends of the outermost such nodes, in order */
	readonly errors: number[];
}

export const NO_NODE = -1;

/** Deeper trees are cut off: what is below is not seen. */
const MAX_TREE_DEPTH = 900;

/** The tree of a text that begins at `offset` of the file; undefined when it cannot be had. */
export function parseText(text: string, offset: number): Syntax | undefined {
	return withSyntax(text, (root) => {
		const syntax: Syntax = {
			text,
			offset,
			kinds: [],
			fields: [],
			starts: [],
			ends: [],
			firsts: [],
			nexts: [],
			named: [],
			errors: [],
			laid: null,
			textStarts: [],
			textEnds: [],
		};
		const cursor = root.walk();
		const path: number[] = [];
		let before = NO_NODE;
		for (;;) {
			const node = addNode(syntax, cursor, offset);
			if (before !== NO_NODE) syntax.nexts[before] = node;
			else if (path.length > 0) syntax.firsts[path.at(-1)!] = node;
			if (path.length < MAX_TREE_DEPTH && cursor.gotoFirstChild()) {
				path.push(node);
				before = NO_NODE;
				continue;
			}
			before = node;
			while (!cursor.gotoNextSibling()) {
				if (path.length === 0) {
					cursor.delete();
					return syntax;
				}
				cursor.gotoParent();
				before = path.pop()!;
			}
		}
	});
}

/** The tree of a text whose characters come from elsewhere: its nodes' places are those in the file. */
export function parseLaid(laid: Laid): Syntax | undefined {
	const syntax = parseText(laid.text, 0);
	if (syntax === undefined) return undefined;
	const last = laid.text.length - 1;
	const starts = syntax.starts.map((at) => laid.starts[Math.min(at, last)]!);
	const ends = syntax.ends.map((at, node) => Math.max(starts[node]!, laid.ends[Math.max(0, Math.min(at - 1, last))]!));
	return { ...syntax, laid, starts, ends, textStarts: syntax.starts, textEnds: syntax.ends };
}

/** The tree of a piece of a tree's text, from `from` to `to` of the text, with other text around it. */
export function parseWithin(
	s: Syntax,
	from: number,
	to: number,
	[before, piece, after]: readonly string[],
): Syntax | undefined {
	if (s.laid === null) return parseText(`${before}${piece}${after}`, s.offset + from - before!.length);
	const at = (places: readonly number[]) => [
		...Array.from(before!, () => places[from]!),
		...places.slice(from, to),
		...Array.from(after!, () => places[Math.max(from, to - 1)]!),
	];
	return parseLaid({ ...s.laid, text: `${before}${piece}${after}`, starts: at(s.laid.starts), ends: at(s.laid.ends) });
}

/** Where a node begins and ends in its tree's text. */
export function spanIn(s: Syntax, node: number): [number, number] {
	return s.laid === null
		? [s.starts[node]! - s.offset, s.ends[node]! - s.offset]
		: [s.textStarts[node]!, s.textEnds[node]!];
}

interface Cursor {
	readonly nodeType: string;
	readonly currentFieldName: string | null;
	readonly startIndex: number;
	readonly endIndex: number;
	readonly nodeIsNamed: boolean;
	readonly nodeIsMissing: boolean;
}

function addNode(syntax: Syntax, cursor: Cursor, offset: number): number {
	const node = syntax.kinds.push(cursor.nodeIsMissing ? "ERROR" : cursor.nodeType) - 1;
	syntax.fields.push(cursor.currentFieldName);
	const [start, end] = [cursor.startIndex + offset, cursor.endIndex + offset];
	syntax.starts.push(start);
	syntax.ends.push(end);
	if (syntax.kinds[node] === "ERROR" && start >= (syntax.errors.at(-1) ?? 0)) syntax.errors.push(start, end);
	syntax.firsts.push(NO_NODE);
	syntax.nexts.push(NO_NODE);
	syntax.named.push(cursor.nodeIsNamed ? 1 : 0);
	return node;
}

export function kindOf(s: Syntax, node: number): string {
	return node < 0 ? "" : s.kinds[node]!;
}

export function textOf(s: Syntax, node: number): string {
	return node < 0 ? "" : s.text.slice(...spanIn(s, node));
}

/** The first child under this field, or NO_NODE. */
export function field(s: Syntax, node: number, name: string): number {
	if (node < 0) return NO_NODE;
	for (let at = s.firsts[node]!; at !== NO_NODE; at = s.nexts[at]!) if (s.fields[at] === name) return at;
	return NO_NODE;
}

/** The first child of this kind, or NO_NODE. */
export function childOf(s: Syntax, node: number, kind: string): number {
	if (node < 0) return NO_NODE;
	for (let at = s.firsts[node]!; at !== NO_NODE; at = s.nexts[at]!) if (s.kinds[at] === kind) return at;
	return NO_NODE;
}

/** The children that are no punctuation and no comments. */
export function parts(s: Syntax, node: number): number[] {
	const found: number[] = [];
	if (node < 0) return found;
	for (let at = s.firsts[node]!; at !== NO_NODE; at = s.nexts[at]!) {
		if (s.named[at] === 1 && !isComment(s, at)) found.push(at);
	}
	return found;
}

/** Bytes between two places that the grammar could not read; `null` when it has read all of them. */
export function unreadBetween(s: Syntax, start: number, end: number): number | null {
	let low = 0;
	let high = s.errors.length / 2;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (s.errors[2 * middle + 1]! < start) low = middle + 1;
		else high = middle;
	}
	let bytes: number | null = null;
	for (let i = low; 2 * i < s.errors.length && s.errors[2 * i]! < end; i++) {
		bytes = (bytes ?? 0) + Math.min(end, s.errors[2 * i + 1]!) - Math.max(start, s.errors[2 * i]!);
	}
	return bytes;
}

export function isComment(s: Syntax, node: number): boolean {
	const kind = s.kinds[node];
	return kind === "line_comment" || kind === "block_comment";
}

/** Has the node a child that is spelt so: a keyword, an operator? */
export function hasToken(s: Syntax, node: number, token: string): boolean {
	return childOf(s, node, token) !== NO_NODE;
}
