// Patterns: the condition under which one matches, and the names that it binds.
import { BinaryOp, ExprKind, NONE, Op, UnaryOp } from "../ir/ops.js";
import { own, ownLater } from "./drops.js";
import { numberOf } from "./literals.js";
import { addVariable, derefExpr, emit, type Lowering, localExpr, nameExpr, type Value } from "./state.js";
import { field, kindOf, parts, textOf } from "./syntax.js";
import { pathType, step } from "./terms.js";

/** A pattern is always matched. */
export const ALWAYS = -2;

/** The condition under which the value matches: an expression, ALWAYS, or NONE where nobody knows. */
export function patternTest(r: Lowering, node: number, value: Value): number {
	const s = r.syntax;
	switch (kindOf(s, node)) {
		case "match_pattern":
		case "mut_pattern":
		case "ref_pattern":
		case "reference_pattern":
			return patternTest(r, lastPart(r, node), value);
		case "captured_pattern":
			return patternTest(r, lastPart(r, node), value);
		case "_":
		case "tuple_pattern":
		case "remaining_field_pattern":
			return ALWAYS;
		case "identifier":
		case "scoped_identifier":
			return nameTest(r, node, value);
		case "tuple_struct_pattern":
			return variantTest(r, textOf(s, field(s, node, "type")), value);
		case "struct_pattern":
			return NONE;
		case "or_pattern":
			return orTest(r, parts(s, node), value);
		case "boolean_literal":
			return textOf(s, node) === "true" ? value.expr : not(r, value.expr);
		case "integer_literal":
		case "negative_literal":
		case "char_literal":
			return equal(r, value.expr, numberOf(r, node));
		default:
			return NONE;
	}
}

function lastPart(r: Lowering, node: number): number {
	// what comes first is `mut`, `ref` or the captured name; a guard has a field of its own
	const inner = parts(r.syntax, node).filter((part) => r.syntax.fields[part] !== "condition");
	return inner.at(-1) ?? firstToken(r, node);
}

/** `_` is no named node. */
function firstToken(r: Lowering, node: number): number {
	return r.syntax.firsts[node]!;
}

export function not(r: Lowering, expr: number): number {
	return r.builder.expr(ExprKind.Unary, UnaryOp.Not, expr, 0);
}

function equal(r: Lowering, left: number, right: number): number {
	return r.builder.expr(ExprKind.Binary, BinaryOp.Eq, left, right);
}

/** What is there or went well is not zero, what is not there or failed is. */
function variantTest(r: Lowering, variant: string, value: Value): number {
	switch (variant.slice(variant.lastIndexOf(":") + 1)) {
		case "Some":
		case "Ok":
			return value.expr;
		case "None":
		case "Err":
			return not(r, value.expr);
		default:
			return NONE;
	}
}

/** A name in a pattern is a constant or a variant when it begins with a capital, else it is bound. */
function nameTest(r: Lowering, node: number, value: Value): number {
	const text = textOf(r.syntax, node);
	if (text === "None") return not(r, value.expr);
	if (!isConstant(text)) return ALWAYS;
	return equal(r, value.expr, constantExpr(r, node));
}

/** The expression of a path that names a constant: those of C and the GFP flags go by their own name. */
export function constantExpr(r: Lowering, node: number): number {
	const name = pathType(r, node);
	const last = name.slice(name.lastIndexOf(":") + 1);
	return nameExpr(r, /^[A-Z_0-9]+$/.test(last) && !/^[A-Z][a-z]/.test(name) ? last : name || "_");
}

export function isConstant(text: string): boolean {
	return /^_*[A-Z]/.test(text.slice(text.lastIndexOf(":") + 1));
}

function orTest(r: Lowering, arms: readonly number[], value: Value): number {
	let test = NONE;
	for (const arm of arms) {
		const next = patternTest(r, arm, value);
		if (next === ALWAYS || next === NONE) return next;
		test = test === NONE ? next : r.builder.expr(ExprKind.Binary, BinaryOp.LogOr, test, next);
	}
	return test;
}

/** How the names of a pattern get what they are bound to. */
export const enum Binding {
	/** the value is a temporary or was moved: its parts belong to the names */
	Moves = 0,
	/** the value stays where it is: the names refer to its parts */
	Refers = 1,
}

/** Declares the names of a pattern and gives them their parts of the value. */
export function bindPattern(r: Lowering, node: number, value: Value, how: Binding): void {
	const s = r.syntax;
	switch (kindOf(s, node)) {
		case "identifier":
		case "self":
			if (!isConstant(textOf(s, node)) || s.fields[node] === "name") bindName(r, node, value, how);
			return;
		case "shorthand_field_identifier":
			bindName(r, node, value, how);
			return;
		case "match_pattern":
		case "mut_pattern":
			bindPattern(r, lastPart(r, node), value, how);
			return;
		case "ref_pattern":
			bindPattern(r, lastPart(r, node), value, Binding.Refers);
			return;
		case "reference_pattern":
			bindPattern(r, lastPart(r, node), { expr: value.expr, term: value.term.replace(/^&/, "") }, Binding.Refers);
			return;
		case "captured_pattern": {
			const [name = NONE, inner = NONE] = parts(s, node);
			bindName(r, name, value, how);
			bindPattern(r, inner, value, Binding.Refers);
			return;
		}
		case "tuple_pattern":
			parts(s, node).forEach((part, i) => {
				bindPattern(r, part, partOf(r, value, String(i)), how);
			});
			return;
		case "tuple_struct_pattern":
			bindVariant(r, node, value, how);
			return;
		case "struct_pattern":
			bindFields(r, node, value, how);
			return;
		case "or_pattern":
		case "slice_pattern":
			for (const part of kindOf(s, node) === "or_pattern" ? parts(s, node).slice(0, 1) : parts(s, node))
				bindPattern(r, part, kindOf(s, node) === "or_pattern" ? value : unknownPart(r), how);
			return;
		default:
			return;
	}
}

function unknownPart(r: Lowering): Value {
	return { expr: r.builder.opaque(), term: "" };
}

function partOf(r: Lowering, value: Value, name: string): Value {
	const expr = r.builder.expr(ExprKind.Field, value.expr, r.builder.nameOf(name), 0);
	return { expr, term: step(value.term, `.${name}`) };
}

function bindVariant(r: Lowering, node: number, value: Value, how: Binding): void {
	const s = r.syntax;
	const type = field(s, node, "type");
	const text = textOf(s, type);
	const variant = text.slice(text.lastIndexOf(":") + 1);
	const inner = parts(s, node).filter((part) => part !== type);
	const isPayload = variant === "Some" || variant === "Ok";
	inner.forEach((part, i) => {
		if (isPayload) bindPattern(r, part, { expr: derefExpr(r, value.expr), term: step(value.term, "?") }, how);
		else bindPattern(r, part, variant === "Err" ? unknownPart(r) : partOf(r, value, `${variant}/${i}`), how);
	});
}

function bindFields(r: Lowering, node: number, value: Value, how: Binding): void {
	const s = r.syntax;
	for (const part of parts(s, node)) {
		if (kindOf(s, part) !== "field_pattern") continue;
		const name = field(s, part, "name");
		const inner = field(s, part, "pattern");
		bindPattern(r, inner < 0 ? name : inner, partOf(r, value, textOf(s, name)), how);
	}
}

function bindName(r: Lowering, node: number, value: Value, how: Binding): void {
	const s = r.syntax;
	const name = textOf(s, node);
	const refers = how === Binding.Refers && value.term !== "" && !value.term.startsWith("&");
	const term = refers ? `&${value.term}` : value.term;
	declareName(r, name, { ...value, term }, s.starts[node]!, s.ends[node]!);
}

/** Brings a name into scope that holds the value from here on. */
export function declareName(r: Lowering, name: string, value: Value, start: number, end: number): void {
	const index = addVariable(r, name, value.term, 0, start);
	const expr = localExpr(r, index);
	if (value.expr === NONE) emit(r, Op.Declare, start, end, index, 0, 0);
	else emit(r, Op.Assign, start, end, expr, value.expr, 0);
	const held = value.taken?.[0] ?? { expr, term: value.term };
	for (const taken of value.taken ?? []) taken.moved = true;
	const owned = value.expr === NONE ? ownLater(r, held, start, end) : own(r, held, start, end, true);
	r.locals.push({ name, index, term: value.term, owned });
}
