// Rewrites a call in Rust: from its name to its first argument, and what follows the last one. What stands between is
// the source's own.

import type { Edit, Fix } from "../api.js";
import { placeAt } from "../flow/witness.js";
import type { World } from "../flow/world.js";
import { OP_SIZE, OpField, OpFlag } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";

/** What a block's lines are indented by. */
const INDENT = "    ";

/** A call, and its name as the source has it. */
export interface NamedCall {
	readonly fn: FnId;
	readonly op: number;
	readonly name: string;
}

/** Is a function written by a macro? Its calls stand where the macro is used, not as they are written. */
export function isExpanded({ program }: World, fn: FnId): boolean {
	const flags = program.flagsOf(fn);
	return (flags & FnFlag.Rust) !== 0 && (flags & FnFlag.FromMacro) !== 0;
}

/** What a call is to be called, the flags after its arguments, and what follows it. */
export interface Renaming {
	readonly name: string;
	readonly flags: string;
	readonly after: string;
}

/** The call by another name, with flags after its arguments. */
export function renameCall(world: World, call: NamedCall, to: Renaming, preferred: boolean): Fix[] {
	if (isExpanded(world, call.fn)) return [];
	const where = layoutOf(world, call);
	const spelt = where.isMethod ? lastName(to.name) : to.name;
	const title = `write ${spelt}(${where.first === null ? "" : "…, "}${to.flags})${to.after}`;
	const name = nameEdits(call, where, spelt);
	if (name === null) return [];
	const asked = to.after === "" ? [] : [{ ...span(where.end, where.end), newText: to.after }];
	return [{ title, kind: "quickfix", preferred, edits: [...name, ...flagEdits(where, to.flags), ...asked] }];
}

/** The edits from the call's begin to its arguments; null where the name stands there in another way than is known. */
function nameEdits(call: NamedCall, where: Layout, spelt: string): Edit[] | null {
	const { start, paren, isTyped } = where;
	const old = spoken(call, where);
	if (paren.line !== start.line) return null;
	if (paren.column - start.column === old.length) return [{ ...span(start, paren), newText: spelt }];
	// a path before the name, or types after it: they stay where the type's name does
	const tail = lastName(old);
	const method = { ...span({ ...paren, column: paren.column - tail.length }, paren), newText: lastName(spelt) };
	if (typeOf(old) === typeOf(spelt)) return [method];
	const ofType = { ...start, column: start.column + typeOf(old).length };
	return isTyped ? [{ ...span(start, ofType), newText: typeOf(spelt) }, method] : null;
}

/** The edits that add flags after a call's arguments. */
function flagEdits({ start, paren, first, last, count }: Layout, flags: string): Edit[] {
	const inside = { ...paren, column: paren.column + 1 };
	if (first === null || last === null) return [{ ...span(inside, inside), newText: flags }];
	// arguments on lines of their own keep them
	if (first.line !== start.line)
		return [{ ...span(last, last), newText: `,\n${" ".repeat(first.column - 1)}${flags}` }];
	const indent = " ".repeat(Math.max(0, last.column - 2));
	const isBlock = count === 1 && last.line > first.line && indent.length < start.column;
	if (!isBlock) return [{ ...span(last, last), newText: `, ${flags}` }];
	// one argument that ends on a line of its own goes with the flags onto lines of theirs, as rustfmt puts them
	const deeper = `${indent}${INDENT}`;
	const edits: Edit[] = [{ ...span(first, first), newText: `\n${deeper}` }];
	for (let line = first.line + 1; line <= last.line; line++) {
		const begin = { ...first, line, column: 1 };
		edits.push({ ...span(begin, begin), newText: INDENT });
	}
	return [...edits, { ...span(last, last), newText: `,\n${deeper}${flags},\n${indent}` }];
}

/** The call as another text altogether, in which `$` stands for its arguments. */
export function rewriteCall(world: World, call: NamedCall, text: string, preferred: boolean): Fix[] {
	if (isExpanded(world, call.fn)) return [];
	const { start, first, last, end } = layoutOf(world, call);
	if (first === null || last === null || first.line !== start.line || last.line !== end.line) return [];
	const [before = "", after = ""] = text.split("$");
	const edits = [
		{ ...span(start, first), newText: before },
		{ ...span(last, end), newText: after },
	];
	return [{ title: `write ${text.replace("$", "…")}`, kind: "quickfix", preferred, edits }];
}

/** The edits that give a method another name and leave out its last argument, the flags; null where it has lines of its own. */
export function withoutFlags(world: World, { fn, op }: NamedCall, name: string): Edit[] | null {
	if (isExpanded(world, fn)) return null;
	const { program } = world;
	const file = program.fnFile(fn);
	const { ops, lists } = program.unit(file);
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const [list, count] = [ops[at + OpField.B]!, ops[at + OpField.C]!];
	if (count < 3 || lists[list + count]! >= ops[at + OpField.Start]!) return null;
	const place = (offset: number) => placeAt(world, file, offset);
	const [start, end] = [place(ops[at + OpField.Start]!), place(ops[at + OpField.End]!)];
	const [first, last] = [place(lists[list + count + 1]!), place(lists[list + 2 * count + count - 2]!)];
	if (start.line !== end.line) return null;
	return [
		{ ...span(start, first), newText: `${name}(` },
		{ ...span(last, end), newText: ")" },
	];
}

type At = ReturnType<typeof placeAt>;

/** Where the parts of a call stand. */
interface Layout {
	readonly isMethod: boolean;
	/** types stand after the name of the type */
	readonly isTyped: boolean;
	readonly start: At;
	/** the parenthesis before the arguments, where they begin in its line */
	readonly paren: At;
	/** how many arguments, without what a method is called on */
	readonly count: number;
	/** begin of the first argument and end of the last; null without arguments */
	readonly first: At | null;
	readonly last: At | null;
	readonly end: At;
}

function layoutOf(world: World, { fn, op, name }: NamedCall): Layout {
	const { program } = world;
	const file = program.fnFile(fn);
	const { ops, lists } = program.unit(file);
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const list = ops[at + OpField.B]!;
	const count = ops[at + OpField.C]!;
	const start = ops[at + OpField.Start]!;
	// what a method is called on stands before its name
	const isMethod = count > 0 && lists[list + count]! < start;
	const index = isMethod ? 1 : 0;
	const place = (offset: number) => placeAt(world, file, offset);
	const first = index < count ? place(lists[list + count + index]!) : null;
	const [from, end] = [place(start), place(ops[at + OpField.End]!)];
	const isTyped = ((ops[at]! >> 8) & OpFlag.Typed) !== 0;
	const before = first ?? { ...end, column: end.column - 1 };
	// where the arguments begin in a line of their own, nothing but the name stands in that of the call
	const column =
		before.line === from.line ? before.column - 1 : from.column + (isMethod ? lastName(name) : name).length;
	return {
		isMethod,
		isTyped,
		start: from,
		paren: { ...from, column, line: isTyped ? before.line : from.line },
		count: count - index,
		first,
		last: index < count ? place(lists[list + 2 * count + count - 1]!) : null,
		end,
	};
}

/** The name as it is spoken at the call. */
function spoken({ name }: NamedCall, { isMethod }: Layout): string {
	return isMethod ? lastName(name) : name;
}

function lastName(name: string): string {
	return name.slice(name.lastIndexOf(":") + 1);
}

function typeOf(name: string): string {
	return name.slice(0, Math.max(0, name.lastIndexOf("::")));
}

function span(from: At, to: At) {
	return { ...from, endLine: to.line, endColumn: to.column };
}
