// Items: modules, uses, functions, impls, traits, types, constants. A method is named `Type::method`, a function
// `module::function`, one that C may call by the name that C knows. An impl of a trait is a table of its functions.
import { NONE } from "../ir/ops.js";
import { TypeKind } from "../ir/unit.js";
import { type Attributes, attributesOf, NO_ATTRIBUTES } from "./attributes.js";
import { declareMacro, withExpansion } from "./expansions.js";
import { lowerFunction } from "./functions.js";
import { type ItemScope, type Lowering, typeOfTerm } from "./state.js";
import { field, hasToken, isComment, kindOf, NO_NODE, parseText, parts, textOf } from "./syntax.js";
import { genericsOf, headOf, termOf } from "./terms.js";
import { readUse } from "./uses.js";

/** How deep modules may nest. */
const MAX_MODULES = 40;

/** The items below a node, in order, with the attributes before them. */
export function items(r: Lowering, parent: number): void {
	const s = r.syntax;
	let pending: number[] = [];
	if (parent === NO_NODE) return;
	for (let at = s.firsts[parent]!; at !== NO_NODE; at = s.nexts[at]!) {
		if (s.named[at] === 0 || isComment(s, at)) continue;
		if (kindOf(s, at) === "attribute_item") {
			pending.push(at);
			continue;
		}
		const attributes = pending.length === 0 ? NO_ATTRIBUTES : attributesOf(r, pending);
		pending = [];
		const wasAlternative = r.alternative;
		r.alternative ||= !attributes.isTaken;
		item(r, at, attributes);
		r.alternative = wasAlternative;
	}
}

/** One item. */
export function item(r: Lowering, node: number, attributes: Attributes): void {
	switch (kindOf(r.syntax, node)) {
		case "use_declaration":
			return;
		case "mod_item":
			module(r, node);
			return;
		case "function_item":
			lowerFunction(r, node, attributes);
			return;
		case "impl_item":
			impl(r, node);
			return;
		case "trait_item":
			trait(r, node);
			return;
		case "struct_item":
		case "union_item":
			struct(r, node);
			return;
		case "enum_item":
			enumeration(r, node);
			return;
		case "type_item":
			typeAlias(r, node);
			return;
		case "const_item":
		case "static_item":
			constant(r, node);
			items(r, blockOf(r, node));
			return;
		case "foreign_mod_item":
			foreign(r, node);
			return;
		case "macro_invocation":
			withExpansion(r, node, () => items(r, 0));
			return;
		case "expression_statement":
			for (const part of parts(r.syntax, node))
				if (kindOf(r.syntax, part) === "macro_invocation") item(r, part, attributes);
			return;
		case "ERROR":
			// what it holds of items is read all the same
			items(r, node);
			return;
		default:
			return;
	}
}

function within(r: Lowering, scope: Partial<ItemScope>, read: () => void): void {
	const around = r.items;
	r.items = { ...around, ...scope };
	read();
	r.items = around;
}

function module(r: Lowering, node: number): void {
	const body = field(r.syntax, node, "body");
	if (body === NO_NODE || r.depth > MAX_MODULES) return;
	r.depth++;
	within(r, { module: textOf(r.syntax, field(r.syntax, node, "name")), self: "", trait: "" }, () => items(r, body));
	r.depth--;
}

// ---- impl and trait ----

function impl(r: Lowering, node: number): void {
	const s = r.syntax;
	const body = field(s, node, "body");
	within(r, { generics: genericsOf(r, node), self: "", trait: "" }, () => {
		const self = termOf(r, field(s, node, "type"));
		const traitNode = field(s, node, "trait");
		const of = traitNode === NO_NODE ? "" : termOf(r, traitNode);
		within(r, { self, trait: "" }, () => {
			if (of !== "" && !hasToken(s, node, "!"))
				for (const name of new Set([plainHead(of), headOf(of)])) implementTrait(r, body, name, self);
			for (const part of parts(s, body)) if (kindOf(s, part) === "type_item") associatedType(r, part, headOf(of), self);
			items(r, body);
		});
	});
}

/** The last part of a type's or trait's name, as its own file has it. */
export function plainHead(term: string): string {
	const head = headOf(term);
	return head.slice(head.lastIndexOf(":") + 1);
}

/** Each function of an impl is one of the table that the trait is; a trait of another module goes by both its names. */
function implementTrait(r: Lowering, body: number, trait: string, self: string): void {
	const owner = plainHead(self);
	for (const part of parts(r.syntax, body)) {
		if (kindOf(r.syntax, part) === "function_item") addToTable(r, part, trait, `${owner} as ${trait}`, owner);
	}
}

function addToTable(r: Lowering, node: number, trait: string, table: string, owner: string): void {
	const { builder, syntax: s } = r;
	const nameNode = field(s, node, "name");
	const name = textOf(s, nameNode);
	builder.beginScope();
	const value = builder.expr(2, builder.nameOf(`${owner}::${name}`), 0, 0);
	const path = builder.lists.length;
	builder.lists.push(builder.nameOf(name));
	builder.inits.push3(builder.nameOf(table), typeOfTerm(r, trait), path);
	builder.inits.push4(1, value, s.starts[nameNode]!, s.ends[nameNode]!);
}

/** `type Target = T` of Deref says what the type gives way to; others are named `Type::Name`. */
function associatedType(r: Lowering, node: number, trait: string, self: string): void {
	const s = r.syntax;
	const type = termOf(r, field(s, node, "type"));
	if (type === "" || self === "") return;
	if (trait === "Deref") alias(r, `${plainHead(self)}*`, `${self}=>${type}`);
	else alias(r, `${plainHead(self)}::${textOf(s, field(s, node, "name"))}`, `${self}=>${type}`);
}

/** A line of the types that Rust's names stand for; see ir/rustTypes.ts. */
function alias(r: Lowering, name: string, meaning: string): void {
	const { builder } = r;
	builder.typedefs.push(builder.nameOf(name));
	builder.typedefs.push(builder.type(TypeKind.Struct, builder.nameOf(meaning), 0, NONE));
}

function trait(r: Lowering, node: number): void {
	const s = r.syntax;
	const name = textOf(s, field(s, node, "name"));
	const body = field(s, node, "body");
	within(r, { generics: genericsOf(r, node), self: `impl ${name}`, trait: name }, () => {
		const members: [string, string][] = [];
		for (const part of parts(s, body)) {
			const kind = kindOf(s, part);
			if (kind !== "function_item" && kind !== "function_signature_item") continue;
			members.push([textOf(s, field(s, part, "name")), "fn()"]);
			if (kind === "function_item") addToTable(r, part, name, `${name} as ${name}`, name);
			else signature(r, part, `${name}::${textOf(s, field(s, part, "name"))}`);
		}
		addStruct(r, node, name, members);
		items(r, body);
	});
}

/** A function that is declared without a body. */
function signature(r: Lowering, node: number, name: string): void {
	const s = r.syntax;
	const returns = field(s, node, "return_type");
	const type = typeOfTerm(r, returns === NO_NODE ? "()" : termOf(r, returns));
	r.builder.protos.push3(r.builder.nameOf(name), type, 0);
	r.builder.protos.push(s.starts[field(s, node, "name")]!);
	r.builder.protos.push(r.builder.annotations.length / 3);
}

// ---- types ----

function addStruct(r: Lowering, node: number, name: string, members: readonly (readonly [string, string])[]): void {
	const { builder } = r;
	const first = builder.members.length / 3;
	for (const [member, term] of members) builder.members.push3(builder.nameOf(member), typeOfTerm(r, term), 0);
	builder.structs.push4(builder.nameOf(name), first, members.length, kindOf(r.syntax, node) === "union_item" ? 1 : 0);
	builder.structs.push(r.syntax.starts[field(r.syntax, node, "name")]!);
}

/** The generic parameters of a type, in order: how its arguments are told apart. */
function addGenerics(r: Lowering, node: number, name: string): void {
	const s = r.syntax;
	const names: string[] = [];
	for (const part of parts(s, field(s, node, "type_parameters"))) {
		const kind = kindOf(s, part);
		if (kind !== "lifetime_parameter" && kind !== "attribute_item") names.push(textOf(s, field(s, part, "name")));
	}
	if (names.length > 0) alias(r, `${name}<>`, names.join());
}

/** Parameters stand for themselves in the types of fields. */
function freeGenerics(r: Lowering, node: number): ReadonlyMap<string, readonly string[]> {
	return new Map([...genericsOf(r, node).keys()].map((name) => [name, []]));
}

function struct(r: Lowering, node: number): void {
	const s = r.syntax;
	const name = textOf(s, field(s, node, "name"));
	addGenerics(r, node, name);
	within(r, { generics: freeGenerics(r, node), self: name, trait: "" }, () => {
		addStruct(r, node, name, fields(r, field(s, node, "body"), ""));
	});
}

function fields(r: Lowering, body: number, prefix: string): [string, string][] {
	const s = r.syntax;
	const found: [string, string][] = [];
	if (kindOf(s, body) === "field_declaration_list") {
		for (const part of parts(s, body)) {
			if (kindOf(s, part) !== "field_declaration") continue;
			found.push([prefix + textOf(s, field(s, part, "name")), termOf(r, field(s, part, "type"))]);
		}
		return found;
	}
	if (body === NO_NODE) return found;
	for (let at = s.firsts[body]!; at !== NO_NODE; at = s.nexts[at]!)
		if (s.fields[at] === "type") found.push([prefix + found.length, termOf(r, at)]);
	return found;
}

function enumeration(r: Lowering, node: number): void {
	const s = r.syntax;
	const name = textOf(s, field(s, node, "name"));
	addGenerics(r, node, name);
	within(r, { generics: freeGenerics(r, node), self: name, trait: "" }, () => {
		const members: [string, string][] = [];
		for (const part of parts(s, field(s, node, "body"))) {
			if (kindOf(s, part) !== "enum_variant") continue;
			members.push(...fields(r, field(s, part, "body"), `${textOf(s, field(s, part, "name"))}/`));
		}
		addStruct(r, node, name, members);
	});
}

function typeAlias(r: Lowering, node: number): void {
	const s = r.syntax;
	if (r.items.self !== "") return;
	const name = textOf(s, field(s, node, "name"));
	addGenerics(r, node, name);
	within(r, { generics: freeGenerics(r, node) }, () => {
		const type = termOf(r, field(s, node, "type"));
		if (type !== "") alias(r, name, type);
	});
}

// ---- values ----

/** The functions that a constant's or static's tables hold; nothing of it runs. */
function constant(r: Lowering, node: number): void {
	const value = field(r.syntax, node, "value");
	if (value === NO_NODE || r.alternative) return;
	const { builder } = r;
	const [nVars, nPending] = [builder.vars.length, r.pending.length];
	builder.beginScope();
	r.opBase = builder.ops.length / 6;
	r.varBase = builder.vars.length / 4;
	r.nVars = 0;
	r.dead = true;
	r.fnName = plainHead(r.items.self) || r.items.module;
	r.hooks.expression(r, value, true);
	builder.vars.length = nVars;
	r.pending.length = nPending;
	r.locals.length = 0;
	r.owned.length = 0;
}

/** The block that a constant is: `const _: () = { … }` is how items are kept to themselves. */
function blockOf(r: Lowering, node: number): number {
	const value = field(r.syntax, node, "value");
	return value !== NO_NODE && kindOf(r.syntax, value) === "block" ? value : NO_NODE;
}

/** Functions of C that the file declares itself. */
function foreign(r: Lowering, node: number): void {
	const s = r.syntax;
	for (const part of parts(s, field(s, node, "body")))
		if (kindOf(s, part) === "function_signature_item") signature(r, part, textOf(s, field(s, part, "name")));
}

// ---- what is known before anything is lowered ----

/** Collects the uses, functions and traits of a file: names are used before they are defined. */
export function declare(r: Lowering, parent: number, module: string): void {
	const s = r.syntax;
	for (const node of parts(s, parent)) {
		const name = textOf(s, field(s, node, "name"));
		switch (kindOf(s, node)) {
			case "use_declaration":
				readUse(r, node);
				break;
			case "function_item":
				r.functions.add(`${module}::${name}`);
				break;
			case "static_item":
			case "const_item":
				r.values.set(name, termOf(r, field(s, node, "type")));
				declare(r, blockOf(r, node), module);
				break;
			case "mod_item":
				if (field(s, node, "body") !== NO_NODE && ++r.depth < MAX_MODULES) declare(r, field(s, node, "body"), name);
				r.depth = Math.max(0, r.depth - 1);
				break;
			case "macro_definition":
				declareMacro(r, node);
				break;
			case "macro_invocation":
				declareInvocation(r, node, module);
				break;
			case "expression_statement":
				for (const part of parts(s, node))
					if (kindOf(s, part) === "macro_invocation") declareInvocation(r, part, module);
				break;
			case "foreign_mod_item":
				for (const part of parts(s, field(s, node, "body"))) r.foreign.add(textOf(s, field(s, part, "name")));
				break;
			default:
				break;
		}
	}
}

function declareInvocation(r: Lowering, node: number, module: string): void {
	declareGlobalLocks(r, node);
	withExpansion(r, node, () => declare(r, 0, module));
}

/** `global_lock! { unsafe(uninit) static NAME: Mutex<T> = value; }` defines locks; the macro is the crate's. */
function declareGlobalLocks(r: Lowering, node: number): void {
	const s = r.syntax;
	if (!/(^|::)\s*global_lock$/.test(textOf(s, field(s, node, "macro")))) return;
	const tokens = parts(s, node).at(-1) ?? NO_NODE;
	const text = textOf(s, tokens).slice(1, -1);
	r.macroBytes -= text.length;
	const inner = r.macroBytes < 0 ? undefined : parseText(text.replace(/\bunsafe\s*\(\s*uninit\s*\)/g, ""), 0);
	if (inner === undefined) return;
	r.syntax = inner;
	for (const part of parts(inner, 0)) {
		if (kindOf(inner, part) === "static_item")
			r.values.set(textOf(inner, field(inner, part, "name")), termOf(r, field(inner, part, "type")));
	}
	r.syntax = s;
}
