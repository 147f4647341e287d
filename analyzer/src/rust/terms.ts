// Terms: how the types of expressions are written before the whole program is known. A term is a type, or the steps
// that lead from one to another: `Foo.inner` (a field), `Foo.inner#lock()` (what a method returns), `Foo::new(u8)`
// (what a function returns), `T?` (what is in an Option or Result), `T[]` (an element). ir/rustTypes.ts works them out.

import type { Lowering } from "./state.js";
import { childOf, field, kindOf, parts, type Syntax, textOf } from "./syntax.js";

/** Longer terms say nothing. */
const MAX_TERM = 240;

/** A step added to a term; "" stays unknown. */
export function step(term: string, suffix: string): string {
	return term === "" || term.length + suffix.length > MAX_TERM ? "" : term + suffix;
}

/** The term of a type's node. */
export function termOf(r: Lowering, node: number): string {
	const text = typeText(r, r.syntax, node, 0);
	return text.length > MAX_TERM ? "" : text;
}

function typeText(r: Lowering, s: Syntax, node: number, depth: number): string {
	if (node < 0 || depth > 20) return "";
	switch (kindOf(s, node)) {
		case "primitive_type":
			return textOf(s, node);
		case "unit_type":
			return "()";
		case "never_type":
			return "!";
		case "identifier":
		case "type_identifier":
		case "scoped_type_identifier":
		case "scoped_identifier":
		case "self":
			return pathType(r, node, depth);
		case "generic_type":
		case "generic_type_with_turbofish":
			return genericType(r, s, node, depth);
		case "reference_type":
			return `&${typeText(r, s, field(s, node, "type"), depth + 1)}`;
		case "pointer_type":
			return `*${typeText(r, s, field(s, node, "type"), depth + 1)}`;
		case "tuple_type":
			return `(${parts(s, node)
				.map((part) => typeText(r, s, part, depth + 1))
				.join()})`;
		case "array_type":
			return `[${typeText(r, s, field(s, node, "element"), depth + 1)}]`;
		case "dynamic_type":
		case "abstract_type":
			return boundType(r, s, field(s, node, "trait"), depth);
		case "bounded_type":
			return boundType(r, s, parts(s, node)[0] ?? -1, depth);
		case "function_type":
			return "fn()";
		case "bracketed_type":
		case "qualified_type":
			return typeText(
				r,
				s,
				kindOf(s, node) === "qualified_type" ? field(s, node, "type") : (parts(s, node)[0] ?? -1),
				depth + 1,
			);
		default:
			return "";
	}
}

function boundType(r: Lowering, s: Syntax, node: number, depth: number): string {
	if (kindOf(s, node) === "function_type") return "fn()";
	const inner = typeText(r, s, node, depth + 1);
	return inner === "" || inner.startsWith("impl ") ? inner : `impl ${inner}`;
}

function genericType(r: Lowering, s: Syntax, node: number, depth: number): string {
	const head = typeText(r, s, field(s, node, "type"), depth + 1);
	const list: string[] = [];
	for (const part of parts(s, field(s, node, "type_arguments"))) {
		const kind = kindOf(s, part);
		if (kind === "lifetime") continue;
		list.push(
			kind === "type_binding" || kind === "block" || kind.endsWith("literal") ? "_" : typeText(r, s, part, depth + 1),
		);
	}
	// a pinned reference is one
	if (head === "Pin" || head.endsWith("::Pin")) return list[0] ?? "";
	return list.length === 0 ? head : `${head}<${list.join()}>`;
}

/** The term of a path that names a type: `Self`, a generic parameter, what `use` brought, a name of C. */
export function pathType(r: Lowering, node: number, depth = 0): string {
	const s = r.syntax;
	const name = field(s, node, "name");
	if (name < 0) return nameType(r, textOf(s, node).replace(/^r#/, ""));
	const path = field(s, node, "path");
	const last = textOf(s, name).replace(/^r#/, "");
	const before = path < 0 ? "" : textOf(s, path);
	if (before === "bindings" || before.endsWith("::bindings") || before === "uapi") return last;
	const owner = path < 0 ? "" : typeText(r, s, path, depth + 1);
	// an associated type
	if (isTypeName(owner)) return owner === "" ? "" : `${owner.replace(/^[&*]+/, "")}::${last}`;
	return joinPath(before, last);
}

function nameType(r: Lowering, name: string): string {
	if (name === "Self") return r.items.self;
	const bounds = r.items.generics.get(name);
	if (bounds !== undefined) return bounds.length > 0 ? `impl ${bounds[0]}` : name;
	const used = r.uses.get(name);
	if (used === undefined) return name;
	const at = used.lastIndexOf("::");
	return at < 0 ? used : joinPath(used.slice(0, at), used.slice(at + 2));
}

/** Names of modules that say nothing about what is in them. */
const VAGUE = new Set(["", "crate", "self", "super", "kernel", "core", "std", "alloc", "prelude", "sync", "types"]);

/** A name with the module it is in, as far as that tells it from others of the name. */
export function joinPath(path: string, name: string): string {
	const module = path.slice(path.lastIndexOf(":") + 1);
	return VAGUE.has(module) ? name : `${module}::${name}`;
}

/** Does the last part of a term begin like a type's name? */
export function isTypeName(term: string): boolean {
	const head = term
		.replace(/^[&*]+/, "")
		.replace(/^impl /, "")
		.replace(/<.*$/s, "");
	return (
		/^[A-Z([]/.test(head.slice(head.lastIndexOf(":") + 1)) ||
		/^([iu](8|16|32|64|128|size)|bool|char|str|f32|f64)$/.test(head)
	);
}

/** A type's name without references, arguments and `impl`. */
export function headOf(term: string): string {
	return term
		.replace(/^[&*]+/, "")
		.replace(/^impl /, "")
		.replace(/<.*$/s, "");
}

/** The generic parameters of an item and what bounds them, added to those around it. */
export function genericsOf(r: Lowering, item: number): ReadonlyMap<string, readonly string[]> {
	const s = r.syntax;
	const found = new Map(r.items.generics);
	const add = (name: string, bounds: number) => {
		const list = [...(found.get(name) ?? [])];
		for (const bound of parts(s, bounds)) {
			const term = kindOf(s, bound) === "function_type" ? "fn()" : termOf(r, bound);
			if (term !== "" && !kindOf(s, bound).startsWith("removed") && kindOf(s, bound) !== "lifetime")
				list.push(headOf(term));
		}
		found.set(
			name,
			list.filter((bound) => !MARKERS.has(bound)),
		);
	};
	for (const param of parts(s, field(s, item, "type_parameters"))) {
		if (kindOf(s, param) !== "type_parameter") continue;
		add(textOf(s, field(s, param, "name")), field(s, param, "bounds"));
	}
	for (const predicate of parts(s, childOf(s, item, "where_clause"))) {
		const name = textOf(s, field(s, predicate, "left"));
		if (found.has(name)) add(name, field(s, predicate, "bounds"));
	}
	return found;
}

/** Traits without functions that code calls. */
const MARKERS = new Set(["Send", "Sync", "Sized", "Copy", "Unpin", "Pod", "FromBytes", "AsBytes", "Zeroable"]);

/** May a value of this type have something done when it is dropped? References and numbers have not. */
export function mayDrop(term: string): boolean {
	if (term === "" || term.startsWith("&") || term.startsWith("*")) return false;
	return !/^(\(\)|!|bool|char|str|f32|f64|[iu](8|16|32|64|128|size)|fn\(\)|core::ffi::.*|c_.*)$/.test(term);
}
