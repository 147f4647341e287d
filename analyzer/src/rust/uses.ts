// `use`: which path each imported name stands for.
import type { Lowering } from "./state.js";
import { field, kindOf, NO_NODE, parts, textOf } from "./syntax.js";

/** Notes the names that a `use` declaration brings. */
export function readUse(r: Lowering, node: number): void {
	clause(r, field(r.syntax, node, "argument"), "", 0);
}

function clause(r: Lowering, node: number, before: string, depth: number): void {
	const s = r.syntax;
	if (node === NO_NODE || depth > 20) return;
	const join = (path: string) => (before === "" ? path : `${before}::${path}`);
	switch (kindOf(s, node)) {
		case "use_list":
			for (const part of parts(s, node)) clause(r, part, before, depth + 1);
			return;
		case "scoped_use_list": {
			const path = field(s, node, "path");
			clause(r, field(s, node, "list"), path === NO_NODE ? before : join(textOf(s, path)), depth + 1);
			return;
		}
		case "use_as_clause":
			add(r, textOf(s, field(s, node, "alias")), join(textOf(s, field(s, node, "path"))));
			return;
		case "self":
			add(r, before.slice(before.lastIndexOf(":") + 1), before);
			return;
		case "identifier":
		case "scoped_identifier": {
			const path = join(textOf(s, node));
			add(r, path.slice(path.lastIndexOf(":") + 1), path);
			return;
		}
		case "use_wildcard":
			if (/^kernel\b/.test(join(textOf(s, node)))) r.usesKernel = true;
			return;
		default:
			return;
	}
}

function add(r: Lowering, name: string, path: string): void {
	if (name !== "" && name !== "_") r.uses.set(name, path);
}
