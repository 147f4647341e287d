// A parameter more for a function, and an argument more for its calls, in the kernel's style: lines of eighty
// columns, continuation lines aligned with the opening bracket, a line in the kernel-doc comment.

import type { Solved } from "../flow/solved.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, unitName, VAR_SIZE, VarField } from "../ir/unit.js";
import type { EditList } from "./edits.js";
import { alignment, type SourceText, widthOf } from "./source.js";
import type { Parens } from "./uses.js";

/** Columns of a line. */
const WIDTH = 80;

/** Adds to a bracketed list; an empty one, and `(void)`, gets its first entry. */
export function addToList(
	edits: EditList,
	{ source, open, close }: Parens,
	entry: string,
	why: string,
	certain: boolean,
) {
	const inside = source.code.slice(open + 1, close).trim();
	if (inside === "" || inside === "void") {
		edits.replace(source, open + 1, close, entry, why, certain);
		return;
	}
	const end = source.previous(close) + 1;
	edits.replace(source, end, close, separator(source, open, end, close, entry) + entry, why, certain);
}

/** A comma and a space, or a new line where the entry would not fit on this one any more. */
function separator(source: SourceText, open: number, end: number, close: number, entry: string): string {
	const rest = source.text.slice(close, source.lineEnd(close)).trimEnd();
	const now = source.columnAt(end) + widthOf(rest);
	if (now > WIDTH || now + entry.length + 2 <= WIDTH) return ", ";
	const first = source.next(open + 1);
	const column =
		source.lineStart(first) === source.lineStart(open) ? source.columnAt(open) + 1 : source.columnAt(first);
	return `,\n${alignment(column)}`;
}

/** Describes a new last parameter in the kernel-doc comment of a function, if it has one. */
export function addToDoc(
	edits: EditList,
	solved: Solved,
	fn: FnId,
	source: SourceText,
	name: string,
	what: string,
): void {
	const { program } = solved.world;
	const start = program.fnField(fn, FnField.DocStart);
	if (start === NONE) return;
	const doc = source.text.slice(start, program.fnField(fn, FnField.DocEnd));
	const lines = doc.split("\n");
	const last = lines.findLastIndex((line) => /^\s*\*\s*@[\w.]+:/.test(line));
	if (last === -1) return;
	// what follows indented belongs to it
	let end = last + 1;
	while (end < lines.length && /^\s*\*(?:\t|\s{2,})\S/.test(lines[end]!) && !/^\s*\*\s*\//.test(lines[end]!)) end++;
	if (end >= lines.length) return;
	const at = start + lines.slice(0, end).join("\n").length;
	const indent = /^\s*/.exec(lines[last]!)![0];
	edits.insert(source, at, `\n${indent}* @${name}: ${what}`, "kernel-doc");
}

/** The first of some names that no variable of the functions has. */
export function freeName(
	{ world: { program } }: Solved,
	fns: readonly FnId[],
	names: readonly string[],
): string | null {
	const taken = new Set<string>();
	for (const fn of fns) {
		const unit = program.unit(program.fnFile(fn));
		for (let i = 0; i < program.fnField(fn, FnField.VarCount); i++) {
			const name = unit.vars[(program.fnField(fn, FnField.VarStart) + i) * VAR_SIZE + VarField.Name]!;
			if (name >= 0) taken.add(unitName(unit, name));
		}
	}
	return names.find((name) => !taken.has(name)) ?? null;
}
