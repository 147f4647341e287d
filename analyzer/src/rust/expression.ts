// Expressions: one function that knows which part lowers which kind, and the kinds that are simple. A place that is
// read by value is moved out of; a value that is only borrowed is a temporary of its statement.
import { BinaryOp, ExprKind, NONE, Op, OpFlag, UnaryOp } from "../ir/ops.js";
import { VarFlag } from "../ir/unit.js";
import { call, calleeOf } from "./calls.js";
import { closureOf, closureValue } from "./closures.js";
import {
	block,
	breakExpression,
	ifExpression,
	labelledBlock,
	loopExpression,
	matchExpression,
	returnExpression,
	tryExpression,
} from "./control.js";
import { Arms, endDrops, overwrite, own, renew } from "./drops.js";
import { numberOf, stringOf } from "./literals.js";
import { macroInvocation } from "./macros.js";
import { constantExpr, isConstant, not } from "./patterns.js";
import {
	addVariable,
	bindJumps,
	derefExpr,
	emit,
	emitBranch,
	exprKind,
	type Lowering,
	localExpr,
	lookUp,
	MAX_DEPTH,
	type Value,
} from "./state.js";
import { structExpression } from "./structs.js";
import { field, hasToken, kindOf, NO_NODE, parts, spanIn, textOf } from "./syntax.js";
import { mayDrop, pathType, step, termOf } from "./terms.js";

/** The value of an expression. `isMoved`: it is taken by value; else what is made for it lives to the end of the statement. */
export function expression(r: Lowering, node: number, isMoved: boolean): Value {
	if (node === NO_NODE) return unknown(r);
	if (r.depth >= MAX_DEPTH) return unreadable(r, node);
	r.depth++;
	const value = lower(r, node, isMoved);
	r.depth--;
	if (!isMoved && isFresh(kindOf(r.syntax, node))) return borrow(r, value, node);
	return value;
}

/** Kinds of expressions that make a new value. */
function isFresh(kind: string): boolean {
	return (
		kind === "call_expression" ||
		kind === "macro_invocation" ||
		kind === "try_expression" ||
		kind === "struct_expression"
	);
}

/** A value that nobody has taken is dropped at the end of the statement. */
function borrow(r: Lowering, value: Value, node: number): Value {
	if (!mayDrop(value.term) || r.dead) return value;
	const { starts, ends } = r.syntax;
	own(r, value, starts[node]!, ends[node]!, false);
	return value;
}

function unknown(r: Lowering): Value {
	return { expr: r.builder.opaque(), term: "" };
}

/** What cannot be read: an op that says so, and a span that is counted. */
export function unreadable(r: Lowering, node: number): Value {
	const [start, end] = [r.syntax.starts[node]!, r.syntax.ends[node]!];
	r.partial = true;
	if (kindOf(r.syntax, node) !== "ERROR") {
		r.builder.unparsed.push(start);
		r.builder.unparsed.push(end);
		r.builder.unparsedBodyBytes += end - start;
	}
	emit(r, Op.Unknown, start, end, 0, 0, 0);
	return unknown(r);
}

function lower(r: Lowering, node: number, isMoved: boolean): Value {
	const s = r.syntax;
	const [first = NO_NODE] = parts(s, node);
	switch (s.kinds[node]) {
		case "identifier":
		case "self":
			return name(r, node, isMoved);
		case "scoped_identifier":
			return path(r, node);
		case "generic_function":
			return expression(r, field(s, node, "function"), isMoved);
		case "integer_literal":
		case "negative_literal":
		case "char_literal":
			return { expr: numberOf(r, node), term: "" };
		case "boolean_literal":
			return { expr: numberOf(r, node), term: "bool" };
		case "string_literal":
		case "raw_string_literal":
			return { expr: stringOf(r, node), term: "&str" };
		case "call_expression":
			return call(r, node);
		case "macro_invocation":
			return macroInvocation(r, node);
		case "field_expression":
			return member(r, node);
		case "index_expression":
			return element(r, node);
		case "unary_expression":
			return unary(r, node);
		case "reference_expression":
			return reference(r, node);
		case "binary_expression":
			return binary(r, node);
		case "type_cast_expression":
			return cast(r, node);
		case "assignment_expression":
			return assignment(r, node);
		case "compound_assignment_expr":
			return update(r, node);
		case "parenthesized_expression":
		case "await_expression":
			return expression(r, first, isMoved);
		case "struct_expression":
			return structExpression(r, node);
		case "tuple_expression":
			return tuple(r, node);
		default:
			return lowerControl(r, node, first);
	}
}

function lowerControl(r: Lowering, node: number, first: number): Value {
	const s = r.syntax;
	switch (s.kinds[node]) {
		case "block":
			return labelledBlock(r, node);
		case "unsafe_block":
		case "const_block":
		case "try_block":
			return block(r, field(s, node, "body") >= 0 ? field(s, node, "body") : first);
		case "if_expression":
			return ifExpression(r, node);
		case "match_expression":
			return matchExpression(r, node);
		case "loop_expression":
		case "while_expression":
		case "for_expression":
			return loopExpression(r, node);
		case "break_expression":
		case "continue_expression":
			return breakExpression(r, node);
		case "return_expression":
			return returnExpression(r, node);
		case "try_expression":
			return tryExpression(r, node);
		case "closure_expression":
			return closureValue(r, node);
		case "let_condition":
		case "let_chain":
		case "range_expression":
		case "array_expression":
			for (const part of parts(s, node)) if (kindOf(s, part) !== "attribute_item") expression(r, part, true);
			return { expr: r.builder.opaque(), term: s.kinds[node] === "range_expression" ? "Range" : "" };
		case "unit_expression":
			return { expr: r.builder.opaque(), term: "()" };
		case "float_literal":
		case "async_block":
		case "gen_block":
		case "metavariable":
			return unknown(r);
		default:
			return unreadable(r, node);
	}
}

// ---- names ----

function name(r: Lowering, node: number, isMoved: boolean): Value {
	const text = textOf(r.syntax, node);
	const local = lookUp(r, text);
	if (local === undefined) return text === "None" ? { expr: r.builder.intOf(0), term: "" } : path(r, node);
	if (local.index === NONE) return { expr: r.builder.opaque(), term: local.term };
	const expr = localExpr(r, local.index);
	if (isMoved && local.owned !== null) {
		if (local.owned.expr !== expr && !local.owned.moved) return closureOf(r, node, expr, [local.owned]);
		local.owned.moved = true;
	}
	return { expr, term: local.term };
}

/** A constant, a static, or a function as a value. */
function path(r: Lowering, node: number): Value {
	const text = textOf(r.syntax, node);
	if (isConstant(text)) return { expr: constantExpr(r, node), term: r.values.get(text) ?? pathType(r, node) };
	return { expr: calleeOf(r, node).expr, term: "" };
}

// ---- places ----

function member(r: Lowering, node: number): Value {
	const s = r.syntax;
	const base = expression(r, field(s, node, "value"), false);
	const text = textOf(s, field(s, node, "field"));
	const expr = r.builder.expr(ExprKind.Field, base.expr, r.builder.nameOf(text), 1);
	return { expr, term: step(base.term.replace(/^[&*]+/, ""), `.${text}`) };
}

function element(r: Lowering, node: number): Value {
	const [baseNode = NO_NODE, indexNode = NO_NODE] = parts(r.syntax, node);
	const base = expression(r, baseNode, false);
	const index = expression(r, indexNode, true);
	return { expr: r.builder.expr(ExprKind.Index, base.expr, index.expr, 0), term: step(base.term, "[]") };
}

function unary(r: Lowering, node: number): Value {
	const [inner = NO_NODE] = parts(r.syntax, node);
	const operator = r.syntax.text[spanIn(r.syntax, node)[0]];
	if (operator === "*") {
		const value = expression(r, inner, false);
		return { expr: derefExpr(r, value.expr), term: step(value.term.replace(/^[&*]/, ""), "") };
	}
	const value = expression(r, inner, true);
	if (operator === "-") return { expr: r.builder.expr(ExprKind.Unary, UnaryOp.Neg, value.expr, 0), term: value.term };
	// `!` of a truth value and of a mask are two things
	if (value.term === "bool" || exprKind(r, value.expr) === ExprKind.CallResult)
		return { expr: not(r, value.expr), term: value.term };
	const isMask = exprKind(r, value.expr) === ExprKind.Name || exprKind(r, value.expr) === ExprKind.Binary;
	const how = isMask ? UnaryOp.BitNot : UnaryOp.Not;
	return { expr: r.builder.expr(ExprKind.Unary, how, value.expr, 0), term: value.term };
}

function reference(r: Lowering, node: number): Value {
	const s = r.syntax;
	const inner = field(s, node, "value");
	const value = expression(r, inner, false);
	const term = value.term === "" ? "" : `&${value.term}`;
	const kind = exprKind(r, value.expr);
	const isPlace =
		kind === ExprKind.Field ||
		kind === ExprKind.Name ||
		(kind === ExprKind.Local && hasToken(s, node, "mutable_specifier"));
	return {
		expr: isPlace && isAddressable(r, node, term) ? r.builder.expr(ExprKind.AddrOf, value.expr, 0, 0) : value.expr,
		term,
	};
}

/** What a local refers to is not written by who is given the local: only plain numbers are. */
function isAddressable(r: Lowering, node: number, term: string): boolean {
	return kindOf(r.syntax, field(r.syntax, node, "value")) !== "identifier" || !mayDrop(term.slice(1));
}

function cast(r: Lowering, node: number): Value {
	const s = r.syntax;
	const value = expression(r, field(s, node, "value"), true);
	return { expr: value.expr, term: termOf(r, field(s, node, "type")) };
}

function tuple(r: Lowering, node: number): Value {
	const values = parts(r.syntax, node).map((part) => expression(r, part, true));
	const { builder } = r;
	const first = builder.lists.length;
	values.forEach(({ expr }, i) => {
		builder.lists.push(builder.nameOf(String(i)));
		builder.lists.push(expr);
	});
	const term = `(${values.map(({ term }) => term || "_").join()})`;
	return { expr: builder.expr(ExprKind.Literal, NONE, first, values.length), term: step(term, "") };
}

// ---- operators ----

const OPERATORS: ReadonlyMap<string, BinaryOp> = new Map([
	["+", BinaryOp.Add],
	["-", BinaryOp.Sub],
	["*", BinaryOp.Mul],
	["/", BinaryOp.Div],
	["%", BinaryOp.Mod],
	["<<", BinaryOp.Shl],
	[">>", BinaryOp.Shr],
	["&", BinaryOp.And],
	["|", BinaryOp.Or],
	["^", BinaryOp.Xor],
	["==", BinaryOp.Eq],
	["!=", BinaryOp.Ne],
	["<", BinaryOp.Lt],
	["<=", BinaryOp.Le],
	[">", BinaryOp.Gt],
	[">=", BinaryOp.Ge],
]);

function binary(r: Lowering, node: number): Value {
	const s = r.syntax;
	const operator = textOf(s, field(s, node, "operator"));
	if (operator === "&&" || operator === "||") return shortCircuit(r, node, operator === "&&");
	const left = expression(r, field(s, node, "left"), true);
	const right = expression(r, field(s, node, "right"), true);
	const code = OPERATORS.get(operator);
	if (code === undefined) return unknown(r);
	const term = code >= BinaryOp.Eq ? "bool" : left.term || right.term;
	return { expr: r.builder.expr(ExprKind.Binary, code, left.expr, right.expr), term };
}

/** The right side runs only where the left one does not decide. */
function shortCircuit(r: Lowering, node: number, isAnd: boolean): Value {
	const s = r.syntax;
	const left = expression(r, field(s, node, "left"), true);
	const before = r.builder.ops.length;
	const [start, end] = [s.starts[node]!, s.ends[node]!];
	const rightNode = field(s, node, "right");
	if (isSimple(r, rightNode)) {
		const right = expression(r, rightNode, true);
		const code = isAnd ? BinaryOp.LogAnd : BinaryOp.LogOr;
		if (r.builder.ops.length === before)
			return { expr: r.builder.expr(ExprKind.Binary, code, left.expr, right.expr), term: "bool" };
	}
	const result = localExpr(r, addVariable(r, "", "bool", VarFlag.Temp, NONE));
	emit(r, Op.Assign, start, end, result, left.expr, 0);
	const decided = emitBranch(r, isAnd ? result : not(r, result), start, end);
	const arms = new Arms(r);
	const nOwned = r.owned.length;
	const right = expression(r, rightNode, true);
	emit(r, Op.Assign, start, end, result, right.expr, 0);
	endDrops(r, nOwned);
	arms.end(start, end);
	bindJumps(r, [decided]);
	arms.end(start, end);
	arms.meet();
	return { expr: result, term: "bool" };
}

/** Names, numbers and comparisons of them: nothing that makes an op. */
function isSimple(r: Lowering, node: number): boolean {
	const s = r.syntax;
	switch (kindOf(s, node)) {
		case "identifier":
		case "self":
		case "integer_literal":
		case "boolean_literal":
		case "scoped_identifier":
			return true;
		case "field_expression":
			return isSimple(r, field(s, node, "value"));
		case "unary_expression":
		case "parenthesized_expression":
			return isSimple(r, parts(s, node)[0] ?? NO_NODE);
		case "binary_expression":
			return isSimple(r, field(s, node, "left")) && isSimple(r, field(s, node, "right"));
		default:
			return false;
	}
}

// ---- assignments ----

function assignment(r: Lowering, node: number): Value {
	const s = r.syntax;
	const [leftNode, rightNode] = [field(s, node, "left"), field(s, node, "right")];
	const value = expression(r, rightNode, true);
	const [start, end] = [s.starts[node]!, s.ends[node]!];
	// `_ = x` drops x
	if (kindOf(s, leftNode) === "_" || textOf(s, leftNode) === "_") {
		own(r, value, start, end, false);
		return { expr: r.builder.opaque(), term: "()" };
	}
	const local = kindOf(s, leftNode) === "identifier" ? lookUp(r, textOf(s, leftNode)) : undefined;
	if (local?.owned) overwrite(r, local.owned);
	if (local !== undefined && local.term === "") {
		local.term = value.term;
		if (local.owned) local.owned.term = value.term;
	}
	const target = expression(r, leftNode, false);
	if (isTarget(r, target.expr)) emit(r, Op.Assign, start, end, target.expr, value.expr, 0);
	if (local?.owned) renew(r, local.owned);
	return { expr: r.builder.opaque(), term: "()" };
}

function update(r: Lowering, node: number): Value {
	const s = r.syntax;
	const value = expression(r, field(s, node, "right"), true);
	const target = expression(r, field(s, node, "left"), false);
	const operator = textOf(s, field(s, node, "operator")).replace(/=$/, "");
	const code = OPERATORS.get(operator);
	const result =
		code === undefined ? r.builder.opaque() : r.builder.expr(ExprKind.Binary, code, target.expr, value.expr);
	if (isTarget(r, target.expr))
		emit(r, Op.Assign | (OpFlag.Update << 8), s.starts[node]!, s.ends[node]!, target.expr, result, 0);
	return { expr: r.builder.opaque(), term: "()" };
}

function isTarget(r: Lowering, expr: number): boolean {
	switch (exprKind(r, expr)) {
		case ExprKind.Local:
		case ExprKind.Name:
		case ExprKind.Field:
		case ExprKind.Deref:
		case ExprKind.Index:
			return true;
		default:
			return false;
	}
}
