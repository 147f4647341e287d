// Macros. Their arguments are tokens to the grammar; where they can only be expressions they are parsed as such. What
// a macro of the kernel crate makes of them is told by its name, in the tables here; messages are left out.
import { ExprKind, NONE, Op } from "../ir/ops.js";
import { VarFlag } from "../ir/unit.js";
import { macroCall } from "./calls.js";
import { Arms, breakableCode, endDrops } from "./drops.js";
import { declareName } from "./patterns.js";
import { addVariable, bindJumps, emit, type Lowering, stop, typeOfTerm, type Value } from "./state.js";
import { field, kindOf, NO_NODE, parseWithin, parts, type Syntax, spanIn, textOf } from "./syntax.js";
import { pathType, step } from "./terms.js";

/** Terms of arguments longer than this are left out of the term of what a macro gives. */
const MAX_ARGUMENT_TERM = 60;

/** Print, or are for the compiler: their arguments matter to nobody. */
const SILENT =
	/^((pr|dev)_\w+|e?println?|format_args|write(ln)?|fmt|(static|build|const)_assert|build_error|concat(_idents)?|stringify|include_str|include_bytes|c_str|b_str|file|line|column|module_path|cfg|env|offset_of|kunit_\w+|compile_error|paste|seq_print)$/;
/** The path ends here. */
const ENDS = /^(panic|unreachable|todo|unimplemented)$/;
/** Only their arguments are evaluated. */
const TRANSPARENT = /^((debug_)?assert(_eq|_ne)?|new_\w+|dbg)$/;
/** Initialisers: the fields' expressions run where the initialiser is used, in the same context. */
const INITIALISERS = /^(try_)?(pin_)?init$/;

export function macroInvocation(r: Lowering, node: number): Value {
	const s = r.syntax;
	const path = textOf(s, field(s, node, "macro"));
	const name = path.slice(path.lastIndexOf(":") + 1);
	const nothing: Value = { expr: r.builder.opaque(), term: "()" };
	if (SILENT.test(name)) return { ...nothing, term: "" };
	const tokens = parts(s, node).at(-1) ?? NO_NODE;
	if (ENDS.test(name)) {
		emit(r, Op.Unreachable, s.starts[node]!, s.ends[node]!, 0, 0, 0);
		stop(r);
		return { ...nothing, term: "!" };
	}
	if (kindOf(s, tokens) !== "token_tree") return nothing;
	if (INITIALISERS.test(name)) return initialiser(r, tokens);
	switch (name) {
		case "stack_pin_init":
		case "stack_try_pin_init":
			return withTokens(r, tokens, "fn f(){", "}", (root) => pinnedOnStack(r, root)) ?? nothing;
		case "container_of":
			return containerOf(r, tokens);
		case "addr_of":
		case "addr_of_mut":
			return withTokens(r, tokens, "fn f(){m(", ")}", (root) => addressOf(r, root)) ?? nothing;
		case "matches":
			return { expr: r.builder.opaque(), term: "bool" };
		default:
			return unknownMacro(r, node, tokens, name);
	}
}

/** A call of the macro by its name, with its arguments where they are expressions. */
function unknownMacro(r: Lowering, node: number, tokens: number, name: string): Value {
	const [start, end] = [r.syntax.starts[node]!, r.syntax.ends[node]!];
	const lower = (args: number[]): Value => {
		const values = args.map((arg) =>
			kindOf(r.syntax, arg) === "assignment_expression" ? field(r.syntax, arg, "right") : arg,
		);
		if (!TRANSPARENT.test(name)) return macroCall(r, [start, end], `${name}!`, values);
		const [first] = values.map((value) => r.hooks.expression(r, value, true));
		const term = first === undefined || first.term.length > MAX_ARGUMENT_TERM ? "_" : first.term || "_";
		return { expr: r.builder.opaque(), term: `${name}!(${term})` };
	};
	const isList = r.syntax.text[spanIn(r.syntax, tokens)[0]] === "[";
	const done = isList
		? withTokens(r, tokens, "fn f(){[", "]}", (root) =>
				lower(parts(r.syntax, find(r.syntax, root, "array_expression"))),
			)
		: withTokens(r, tokens, "fn f(){m(", ")}", (root) => lower(parts(r.syntax, find(r.syntax, root, "arguments"))));
	if (done !== null) return done;
	const op = emit(r, Op.Call, start, end, r.builder.expr(ExprKind.Name, r.builder.nameOf(`${name}!`), 0, 0), 0, 0);
	return { expr: op === NONE ? r.builder.opaque() : r.builder.expr(ExprKind.CallResult, op, 0, 0), term: `${name}!()` };
}

/** Parses what is between a token tree's brackets, with text around it, and hands the root to `read`; null when it is no such text. */
function withTokens(
	r: Lowering,
	tokens: number,
	before: string,
	after: string,
	read: (root: number) => Value | null,
	change: (text: string) => string = (text) => text,
): Value | null {
	const s = r.syntax;
	const [open, close] = spanIn(s, tokens);
	const to = Math.max(open + 1, close - 1);
	const text = s.text.slice(open + 1, to);
	r.macroBytes -= text.length;
	if (r.macroBytes < 0) return null;
	const inner = parseWithin(s, open + 1, to, [before, change(text), after]);
	if (inner === undefined || inner.kinds.includes("ERROR")) return null;
	r.syntax = inner;
	const value = read(0);
	r.syntax = s;
	return value;
}

/** The first node of a kind below another, going down first children only. */
function find(s: Syntax, node: number, kind: string): number {
	for (let at = node; at < s.kinds.length; at++) if (s.kinds[at] === kind) return at;
	return NO_NODE;
}

/** `pin_init!(&this in Type { field <- init, other: value }? Error)` */
function initialiser(r: Lowering, tokens: number): Value {
	const start = r.syntax.starts[tokens]!;
	const read = (root: number) => {
		const struct = find(r.syntax, root, "struct_expression");
		if (struct === NO_NODE) return null;
		const type = pathType(r, field(r.syntax, struct, "name"));
		inPlace(r, start, () => initialiseFields(r, struct));
		return { expr: r.builder.opaque(), term: type === "" ? "" : `impl PinInit<${type}>` };
	};
	return withTokens(r, tokens, "fn f(){", "}", read, plainStruct) ?? { expr: r.builder.opaque(), term: "" };
}

/** The same text as a struct expression; nothing moves. */
function plainStruct(text: string): string {
	const blank = (match: string) => " ".repeat(match.length);
	return text
		.replace(/^\s*&\s*\w+\s+in\b/, blank)
		.replace(/\?\s*[\w:<>]+\s*$/, blank)
		.replace(/<-/g, " :")
		.replace(/\b_\s*:\s*\{/g, (match) => `x${match.slice(1)}`);
}

function initialiseFields(r: Lowering, struct: number): void {
	const s = r.syntax;
	for (const part of parts(s, field(s, struct, "body"))) {
		const value = field(s, part, "value");
		if (value < 0) continue;
		const nOwned = r.owned.length;
		const made = r.hooks.expression(r, value, true);
		endDrops(r, nOwned);
		const name = textOf(s, field(s, part, "field"));
		// later fields may refer to earlier ones by name
		if (name !== "" && name !== "x")
			declareName(r, name, { expr: made.expr, term: "" }, s.starts[part]!, s.ends[part]!);
	}
}

/** Code that `?` leaves, not the function around it. */
function inPlace(r: Lowering, start: number, read: () => void): void {
	const arms = new Arms(r);
	const [nLocals, nOwned] = [r.locals.length, r.owned.length];
	const around = r.inlined;
	const target = breakableCode(r, "", addVariable(r, "", "", VarFlag.Temp, NONE));
	r.inlined = target;
	read();
	bindJumps(r, target.breaks);
	r.inlined = around;
	endDrops(r, nOwned);
	r.locals.length = nLocals;
	arms.end(start, start);
	arms.meet();
}

/** `let name = initialiser` */
function pinnedOnStack(r: Lowering, root: number): Value | null {
	const s = r.syntax;
	const declaration = find(s, root, "let_declaration");
	if (declaration === NO_NODE) return null;
	const pattern = find(s, field(s, declaration, "pattern"), "identifier");
	const value = r.hooks.expression(r, field(s, declaration, "value"), true);
	declareName(
		r,
		textOf(s, pattern),
		{ expr: value.expr, term: step(value.term, "#init()?") },
		s.starts[pattern]!,
		s.ends[pattern]!,
	);
	return { expr: r.builder.opaque(), term: "()" };
}

function containerOf(r: Lowering, tokens: number): Value {
	const s = r.syntax;
	const text = textOf(s, tokens).slice(1, -1);
	const match = /^\s*(\w+)\s*,\s*([\w:]+)(?:<[^,]*>)?\s*,\s*(\w+)\s*$/.exec(text);
	const opaque = r.builder.opaque();
	if (match === null) return { expr: opaque, term: "" };
	const [, pointer = "", path = "", member = ""] = match;
	const local = r.locals.findLast((known) => known.name === pointer);
	const name = path.slice(path.lastIndexOf(":") + 1);
	const term = name === "Self" ? r.items.self : name;
	const from = local === undefined || local.index === NONE ? opaque : r.builder.expr(ExprKind.Local, local.index, 0, 0);
	const expr = r.builder.expr(ExprKind.ContainerOf, from, typeOfTerm(r, term), r.builder.nameOf(member));
	return { expr, term: `*${term}` };
}

function addressOf(r: Lowering, root: number): Value | null {
	const [place = NO_NODE] = parts(r.syntax, find(r.syntax, root, "arguments"));
	if (place === NO_NODE) return null;
	const value = r.hooks.expression(r, place, false);
	return { expr: r.builder.expr(ExprKind.AddrOf, value.expr, 0, 0), term: step("*", value.term) };
}
