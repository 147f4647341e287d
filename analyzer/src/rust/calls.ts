// Calls: of functions by path, of methods, through variables and traits, and what looks like a call but makes a value.
import { BinaryOp, ExprKind, NONE, Op, OpFlag } from "../ir/ops.js";
import { inlineClosure } from "./closures.js";
import { noteMethod, own } from "./drops.js";
import { not } from "./patterns.js";
import {
	derefExpr,
	emit,
	exprKind,
	type Lowering,
	localExpr,
	lookUp,
	nameExpr,
	typeOfTerm,
	type Value,
} from "./state.js";
import { callsItsClosure, stdMethod } from "./std.js";
import { field, kindOf, parts, textOf } from "./syntax.js";
import { headOf, isTypeName, pathType, step, termOf } from "./terms.js";

/** Terms of arguments longer than this are left out of the term of a call's result. */
const MAX_ARGUMENT_TERM = 60;
/** A type's name with types after it. */
const TYPED = /^\w+::</;

export function call(r: Lowering, node: number): Value {
	const s = r.syntax;
	let callee = field(s, node, "function");
	if (kindOf(s, callee) === "generic_function") callee = field(s, callee, "function");
	const args = parts(s, field(s, node, "arguments"));
	switch (kindOf(s, callee)) {
		case "field_expression":
			return methodCall(r, node, callee, args);
		case "identifier":
		case "scoped_identifier":
		case "self":
			return pathCall(r, node, callee, args);
		default: {
			const value = r.hooks.expression(r, callee, false);
			return emitCall(r, s.starts[callee]!, s.ends[node]!, { expr: value.expr, term: "" }, lowerArguments(r, args));
		}
	}
}

interface Argument extends Value {
	readonly start: number;
	readonly end: number;
}

function lowerArguments(r: Lowering, nodes: readonly number[]): Argument[] {
	return nodes.map((node) => argument(r, node, r.hooks.expression(r, node, true)));
}

function argument(r: Lowering, node: number, value: Value): Argument {
	return { ...value, start: r.syntax.starts[node]!, end: r.syntax.ends[node]! };
}

/** Emits the call; `callee.term` is the term of its result. */
function emitCall(r: Lowering, start: number, end: number, callee: Value, args: readonly Argument[]): Value {
	return emitAs(r, Op.Call, start, end, callee, args);
}

/** The same with flags in the op's code. */
function emitAs(
	r: Lowering,
	code: number,
	start: number,
	end: number,
	callee: Value,
	args: readonly Argument[],
): Value {
	if (r.dead) return { expr: r.builder.opaque(), term: callee.term };
	const { lists } = r.builder;
	const first = lists.length;
	for (const { expr } of args) lists.push(expr);
	for (const arg of args) lists.push(arg.start);
	for (const arg of args) lists.push(arg.end);
	const op = emit(r, code, start, Math.max(start, end), callee.expr, first, args.length);
	return { expr: r.builder.expr(ExprKind.CallResult, op, 0, 0), term: callee.term };
}

/** A call of a macro, known by its name alone, whose invocation lies between two places. */
export function macroCall(
	r: Lowering,
	[start, end]: readonly [number, number],
	name: string,
	args: readonly number[],
): Value {
	const values = lowerArguments(r, args);
	const [first] = values;
	// what a list is of is told by its first element
	const term = first === undefined || first.term === "" || first.term.length > MAX_ARGUMENT_TERM ? "_" : first.term;
	return emitCall(r, start, end, { expr: nameExpr(r, name), term: `${name}(${term})` }, values);
}

// ---- by path ----

function pathCall(r: Lowering, node: number, callee: number, args: readonly number[]): Value {
	const s = r.syntax;
	const text = textOf(s, callee);
	const local = kindOf(s, callee) === "identifier" ? lookUp(r, text) : undefined;
	if (local !== undefined) {
		const expr = local.index === NONE ? r.builder.opaque() : localExpr(r, local.index);
		return emitCall(r, s.starts[callee]!, s.ends[node]!, { expr, term: "" }, lowerArguments(r, args));
	}
	const last = text.slice(text.lastIndexOf(":") + 1);
	const made = makesValue(r, callee, text, last, args);
	if (made !== null) return made;
	if (isDrop(text)) return dropCall(r, args);
	const hasClosure = args.some((arg) => kindOf(s, arg) === "closure_expression");
	if (hasClosure && callsItsClosure(last)) return closureCall(r, args);
	const target = calleeOf(r, callee);
	const values = lowerArguments(r, args);
	const terms = values.map(({ term }) => (term.length > MAX_ARGUMENT_TERM || term === "" ? "_" : term));
	const result = { expr: target.expr, term: step(target.term, `(${terms.join()})`) };
	const code = TYPED.test(text) ? Op.Call | (OpFlag.Typed << 8) : Op.Call;
	return emitAs(r, code, s.starts[callee]!, s.ends[node]!, result, values);
}

function isDrop(path: string): boolean {
	return path === "drop" || path.endsWith("mem::drop");
}

/** `drop(x)`: x is moved and dropped here; a temporary at the end of this statement, which is the same. */
function dropCall(r: Lowering, args: readonly number[]): Value {
	const [node] = args;
	if (node === undefined) return { expr: r.builder.opaque(), term: "()" };
	const { starts, ends } = r.syntax;
	const value = r.hooks.expression(r, node, true);
	own(r, value, starts[node]!, ends[node]!, false);
	return { expr: r.builder.opaque(), term: "()" };
}

/** `Some(x)`, `Ok(x)`, `Err(x)`, `Type(x)`: values, no calls. null for a function. */
function makesValue(r: Lowering, callee: number, text: string, last: string, args: readonly number[]): Value | null {
	if (!/^[A-Z]/.test(last) || /^[A-Z0-9_]{2,}$/.test(last)) return null;
	const values = lowerArguments(r, args);
	const [first] = values;
	switch (text) {
		case "Some":
		case "Ok": {
			const wrapper = text === "Some" ? "Option" : "Result";
			return {
				expr: present(r, first),
				term: first === undefined ? "" : `${wrapper}<${first.term === "" ? "_" : first.term}>`,
			};
		}
		case "Err":
			return { expr: r.builder.intOf(0), term: "" };
		default: {
			const type = pathType(r, callee);
			return { expr: r.builder.opaque(), term: isTypeName(type) ? variantOwner(type) : "" };
		}
	}
}

/** `Foo::Bar(x)` is a Foo. */
function variantOwner(type: string): string {
	const owner = type.slice(0, Math.max(0, type.lastIndexOf("::")));
	return owner !== "" && isTypeName(owner) ? owner : type;
}

/** A value that is there: never zero, with the path of what it holds. */
function present(r: Lowering, inner: Value | undefined): number {
	const one = r.builder.intOf(1);
	if (inner === undefined || exprKind(r, inner.expr) === ExprKind.Int || exprKind(r, inner.expr) === ExprKind.Opaque)
		return one;
	if (exprKind(r, inner.expr) === ExprKind.Name) return inner.expr;
	return r.builder.expr(ExprKind.Binary, BinaryOp.Or, inner.expr, one);
}

/** The callee that a path names: its expression, and what its result's term begins with. */
export function calleeOf(r: Lowering, node: number): Value {
	const s = r.syntax;
	const name = field(s, node, "name");
	if (name < 0) return named(r, functionName(r, textOf(s, node)));
	const path = field(s, node, "path");
	const last = textOf(s, name).replace(/^r#/, "");
	const before = textOf(s, path);
	if (kindOf(s, path) === "bracketed_type") return associated(r, qualifiedOwner(r, path), last);
	if (before === "Self" && r.items.trait !== "") return traitCallee(r, r.items.trait, last, r.builder.opaque());
	if (before === "self") return named(r, `${r.items.module}::${last}`);
	if (/^(super|crate)(::super)*$/.test(before)) return named(r, `crate::${last}`);
	const owner = before === "" ? "" : termOf(r, path);
	if (isTypeName(owner)) return associated(r, owner, last);
	const module = usedModule(r, before);
	return named(r, `${module.slice(module.lastIndexOf(":") + 1)}::${last}`);
}

function usedModule(r: Lowering, path: string): string {
	const first = path.split("::")[0]!;
	const used = r.uses.get(first);
	return used === undefined ? path : used + path.slice(first.length);
}

/** `<T as Trait>` is the trait where T is a parameter, else the type. */
function qualifiedOwner(r: Lowering, path: number): string {
	const s = r.syntax;
	const inner = parts(s, path)[0] ?? NONE;
	if (kindOf(s, inner) !== "qualified_type") return termOf(r, inner);
	const type = termOf(r, field(s, inner, "type"));
	const isKnown = type !== "" && !type.startsWith("impl ") && !r.items.generics.has(type);
	return isKnown && !type.includes("::") ? type : `impl ${headOf(termOf(r, field(s, inner, "alias")))}`;
}

function associated(r: Lowering, owner: string, name: string): Value {
	if (owner.startsWith("impl ")) return traitCallee(r, headOf(owner), name, r.builder.opaque());
	return named(r, `${owner.includes("<") || /^[&*([]/.test(owner) ? headOf(owner) || owner : owner}::${name}`);
}

function named(r: Lowering, name: string): Value {
	return { expr: nameExpr(r, name), term: name };
}

/** A function named by one word: of this module, brought by `use`, or declared for C. */
function functionName(r: Lowering, word: string): string {
	if (r.foreign.has(word)) return word;
	const own = `${r.items.module}::${word}`;
	if (r.functions.has(own)) return own;
	const used = r.uses.get(word);
	// brought by a `use` of everything
	if (used === undefined) return `crate::${word}`;
	const parts = used.split("::");
	if (parts.length < 2) return own;
	const module = parts.at(-2)!;
	if (module === "crate" || module === "super") return `crate::${parts.at(-1)}`;
	return `${module === "self" ? r.items.module : module}::${parts.at(-1)}`;
}

/** A function of a trait, of whatever type: a call through the trait's table. */
function traitCallee(r: Lowering, trait: string, name: string, self: number): Value {
	const { builder } = r;
	const tag = trait.slice(trait.lastIndexOf(":") + 1);
	const table = builder.expr(ExprKind.Cast, typeOfTerm(r, tag), self, 0);
	return { expr: builder.expr(ExprKind.Field, table, builder.nameOf(name), 1), term: `${tag}::${name}` };
}

/** A call that runs the closures it is given, and nothing else that matters. */
function closureCall(r: Lowering, args: readonly number[]): Value {
	let value: Value = { expr: r.builder.opaque(), term: "" };
	for (const arg of args) {
		if (kindOf(r.syntax, arg) === "closure_expression") value = inlineClosure(r, arg, true);
		else r.hooks.expression(r, arg, true);
	}
	return value;
}

// ---- of methods ----

function methodCall(r: Lowering, node: number, callee: number, args: readonly number[]): Value {
	const s = r.syntax;
	const nameNode = field(s, callee, "field");
	const name = textOf(s, nameNode).replace(/^r#/, "");
	const receiverNode = field(s, callee, "value");
	const how = stdMethod(name);
	if (how !== undefined && isStdCall(r, name, args)) return stdCall(r, receiverNode, name, how, args);
	const receiver = r.hooks.expression(r, receiverNode, false);
	noteReceiver(r, receiverNode, name);
	const target = methodCallee(r, receiver, name);
	const self = argument(r, receiverNode, { ...receiver, expr: addressOf(r, receiver.expr) });
	const values = [self, ...lowerArguments(r, args)];
	return emitCall(r, s.starts[nameNode]!, s.ends[node]!, { expr: target.expr, term: step(target.term, "()") }, values);
}

/** Methods of user types may have such a name too; those take arguments that the standard ones do not. */
function isStdCall(r: Lowering, name: string, args: readonly number[]): boolean {
	const isPlain = stdMethod(name) !== "other" || args.some((arg) => kindOf(r.syntax, arg) === "closure_expression");
	return isPlain && args.length <= 2;
}

function stdCall(r: Lowering, node: number, name: string, how: string, args: readonly number[]): Value {
	const isBorrowed = name.startsWith("as_") || how === "test" || how === "not" || name.startsWith("iter");
	const receiver = r.hooks.expression(r, node, !isBorrowed);
	let inner: Value | null = null;
	for (const arg of args) {
		if (kindOf(r.syntax, arg) === "closure_expression") inner = inlineClosure(r, arg, false);
		else r.hooks.expression(r, arg, true);
	}
	switch (how) {
		case "same":
			return {
				expr: receiver.expr,
				term: name === "ok_or" || name === "ok_or_else" ? receiver.term : step(receiver.term, `#${name}()`),
			};
		case "payload":
			return { expr: derefExpr(r, receiver.expr), term: step(receiver.term, "?") };
		case "test":
			return { expr: receiver.expr, term: "bool" };
		case "not":
			return { expr: not(r, receiver.expr), term: "bool" };
		default:
			return { expr: r.builder.opaque(), term: name === "and_then" ? (inner?.term ?? "") : "" };
	}
}

/** The receiver's own methods may take it by value: who is dropped has to know. */
function noteReceiver(r: Lowering, node: number, name: string): void {
	const local = kindOf(r.syntax, node) === "identifier" ? lookUp(r, textOf(r.syntax, node)) : undefined;
	if (local !== undefined) noteMethod(local.owned, name);
	else noteMethod(lastTemporary(r, node), name);
}

function lastTemporary(r: Lowering, node: number): Lowering["owned"][number] | null {
	const last = r.owned.at(-1);
	return last !== undefined && last.start === r.syntax.starts[node] && last.end === r.syntax.ends[node] ? last : null;
}

function methodCallee(r: Lowering, receiver: Value, name: string): Value {
	const bare = receiver.term.replace(/^[&*]+/, "");
	if (bare.startsWith("impl ") && !/[.#?(]/.test(bare)) return traitCallee(r, headOf(bare), name, receiver.expr);
	const query = `${bare === "" ? "_" : bare}#${name}`;
	return { expr: nameExpr(r, query), term: bare === "" ? "" : query };
}

/** A method borrows what it is called on: a field is handed over by its address. */
function addressOf(r: Lowering, expr: number): number {
	return exprKind(r, expr) === ExprKind.Field ? r.builder.expr(ExprKind.AddrOf, expr, 0, 0) : expr;
}
