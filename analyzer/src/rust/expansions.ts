// Items that macros define, the file's own and those that other files export: an invocation where an item may stand is
// expanded, and what comes of it is read as if it stood there.
import { type Arm, armsOf, expand, layOut, type Tree, treesOf } from "./macroRules.js";
import type { Lowering } from "./state.js";
import { field, kindOf, NO_NODE, parseLaid, parts, type Syntax, textOf } from "./syntax.js";

/** How deep macros may use macros. */
const MAX_DEPTH = 16;

type Macros = (tree: Tree) => readonly Arm[] | undefined;

/** The file's own macro of a name comes first, but for a name that another file's macro has written. */
function armsNamed(r: Lowering, name: string, isForeign: boolean): readonly Arm[] | undefined {
	const [own, foreign] = [() => r.macros.get(name), () => r.foreignMacros(name)];
	return isForeign ? (foreign() ?? own()) : (own() ?? foreign());
}

/** Notes a `macro_rules!`. */
export function declareMacro(r: Lowering, node: number): void {
	const s = r.syntax;
	const trees = s.laid === null ? treesOf(textOf(s, node), s.starts[node]!) : null;
	const body = trees?.at(-1);
	if (body !== undefined) r.macros.set(textOf(s, field(s, node, "name")), armsOf(body.inner));
}

/** Reads what an invocation comes to, where the macro is known. */
export function withExpansion(r: Lowering, node: number, read: () => void): void {
	const s = r.syntax;
	if (s.laid !== null) return;
	const start = s.starts[node]!;
	let expansion = r.expansions.get(start);
	if (expansion === undefined) {
		expansion = expansionOf(r, node);
		r.expansions.set(start, expansion);
	}
	if (expansion === null) return;
	r.syntax = expansion;
	read();
	r.syntax = s;
}

function expansionOf(r: Lowering, node: number): Syntax | null {
	const s = r.syntax;
	const arms = armsNamed(r, lastOf(textOf(s, field(s, node, "macro"))), false);
	const tokens = parts(s, node).at(-1) ?? NO_NODE;
	if (arms === undefined || kindOf(s, tokens) !== "token_tree") return null;
	const [from, to] = [s.starts[node]!, s.ends[node]!];
	const given = treesOf(textOf(s, tokens), s.starts[tokens]!);
	const trees =
		given === null
			? null
			: expandAll(({ text, start }) => armsNamed(r, text, start < 0), arms, given[0]?.inner ?? [], 0);
	if (trees === null) return null;
	const laid = layOut(trees, ({ start, end }) => start >= from && end <= to, from, to);
	r.macroBytes -= laid.text.length;
	const syntax = r.macroBytes < 0 || laid.text === "" ? undefined : parseLaid(laid);
	return syntax === undefined || syntax.errors.length > 0 ? null : syntax;
}

/** Expands an invocation, and those that come of it. */
function expandAll(macros: Macros, arms: readonly Arm[], given: readonly Tree[], depth: number): Tree[] | null {
	const trees = depth > MAX_DEPTH ? null : expand(arms, given);
	return trees === null ? null : expandWithin(macros, trees, depth);
}

function expandWithin(macros: Macros, trees: readonly Tree[], depth: number): Tree[] | null {
	const out: Tree[] = [];
	for (let i = 0; i < trees.length; i++) {
		const tree = trees[i]!;
		const known = trees[i + 1]?.text === "!" && trees[i + 2]?.open ? macros(tree) : undefined;
		if (known !== undefined) {
			const inner = expandAll(macros, known, trees[i + 2]!.inner, depth + 1);
			if (inner === null) return null;
			while (out.at(-1)?.text === "::") out.splice(-2);
			out.push(...inner);
			i += trees[i + 3]?.text === ";" ? 3 : 2;
		} else if (tree.open === "") out.push(tree);
		else {
			const inner = expandWithin(macros, tree.inner, depth);
			if (inner === null) return null;
			out.push({ ...tree, inner });
		}
	}
	return out;
}

function lastOf(path: string): string {
	return path.slice(path.lastIndexOf(":") + 1).trim();
}
