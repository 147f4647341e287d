// Rewrites a call in Rust: from its name to its first argument, and what follows the last one. What stands between is
// the source's own.

import type { Edit, Fix } from "../api.js";
import { placeAt } from "../flow/witness.js";
import type { World } from "../flow/world.js";
import { OP_SIZE, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";

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

/** The call by another name, with flags after its arguments. */
export function renameCall(world: World, call: NamedCall, name: string, flag: string, preferred: boolean): Fix[] {
	if (isExpanded(world, call.fn)) return [];
	const where = layoutOf(world, call);
	const spelt = where.isMethod ? lastName(name) : name;
	const title = `write ${spelt}(${where.first === null ? "" : "…, "}${flag})`;
	const fix = (edits: readonly Edit[]): Fix[] => [{ title, kind: "quickfix", preferred, edits }];
	const { start, first, last, end } = where;
	if (first === null || last === null) return fix([{ ...span(start, end), newText: `${spelt}(${flag})` }]);
	// arguments on lines of their own keep them
	const newLine = first.line === start.line ? "" : `\n${" ".repeat(first.column - 1)}`;
	const isPlain = newLine !== "" || first.column - start.column === spoken(call, where).length + 1;
	const after = { ...span(last, last), newText: newLine === "" ? `, ${flag}` : `,${newLine}${flag}` };
	if (isPlain) return fix([{ ...span(start, first), newText: `${spelt}(${newLine}` }, after]);
	// a path before the name, or types after it: they stay where the type's name does
	const tail = lastName(call.name);
	if (typeOf(call.name) !== typeOf(name)) return [];
	const from = { ...first, column: first.column - 1 - tail.length };
	const to = { ...first, column: first.column - 1 };
	return fix([{ ...span(from, to), newText: lastName(name) }, after]);
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
	readonly start: At;
	/** begin of the first argument and end of the last; null without arguments */
	readonly first: At | null;
	readonly last: At | null;
	readonly end: At;
}

function layoutOf(world: World, { fn, op }: NamedCall): Layout {
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
	return {
		isMethod,
		start: place(start),
		first: index < count ? place(lists[list + count + index]!) : null,
		last: index < count ? place(lists[list + 2 * count + count - 1]!) : null,
		end: place(ops[at + OpField.End]!),
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
