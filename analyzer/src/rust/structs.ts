// Struct expressions, and the functions that one puts into a table of C's.
import { ExprKind, NONE } from "../ir/ops.js";
import { type Lowering, localExpr, lookUp, typeOfTerm, type Value } from "./state.js";
import { field, kindOf, parts, textOf } from "./syntax.js";
import { pathType } from "./terms.js";

/** `Type { field: value, other }`. A function in it is one that the table of that type holds. */
export function structExpression(r: Lowering, node: number): Value {
	const s = r.syntax;
	const term = pathType(r, field(s, node, "name"));
	const { builder } = r;
	const entries: number[] = [];
	for (const part of parts(s, field(s, node, "body"))) {
		const value = fieldValue(r, part);
		if (value === null) continue;
		const name = builder.nameOf(textOf(s, value.name));
		entries.push(name, value.expr);
		if (builder.exprs.data[value.expr * 4] === ExprKind.Name) addInit(r, node, term, name, value.expr, part);
	}
	const first = builder.lists.length;
	for (const entry of entries) builder.lists.push(entry);
	const type = term === "" ? NONE : typeOfTerm(r, term);
	return { expr: builder.expr(ExprKind.Literal, type, first, entries.length / 2), term };
}

function fieldValue(r: Lowering, part: number): { name: number; expr: number } | null {
	const s = r.syntax;
	switch (kindOf(s, part)) {
		case "field_initializer":
			return { name: field(s, part, "field"), expr: r.hooks.expression(r, field(s, part, "value"), true).expr };
		case "shorthand_field_initializer": {
			const [name = NONE] = parts(s, part);
			const local = lookUp(r, textOf(s, name));
			if (local?.owned) local.owned.moved = true;
			return {
				name,
				expr: local === undefined || local.index === NONE ? r.builder.opaque() : localExpr(r, local.index),
			};
		}
		case "base_field_initializer":
			r.hooks.expression(r, parts(s, part)[0] ?? NONE, true);
			return null;
		default:
			return null;
	}
}

function addInit(r: Lowering, node: number, term: string, name: number, value: number, part: number): void {
	const { builder, syntax } = r;
	if (term === "") return;
	const path = builder.lists.length;
	builder.lists.push(name);
	const owner = builder.nameOf(`${term}@${syntax.starts[node]}`);
	const { inits } = builder;
	inits.push3(owner, typeOfTerm(r, term), path);
	inits.push4(1, value, syntax.starts[part]!, syntax.ends[part]!);
}
