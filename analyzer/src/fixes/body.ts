// The body of a function as text: where its declarations end, and its statements begin.

import type { World } from "../flow/world.js";
import type { FnId } from "../ir/program.js";
import { FnField, VAR_SIZE, VarField } from "../ir/unit.js";
import type { EditList } from "./edits.js";
import type { SourceText } from "./source.js";

export interface Body {
	/** the brace that opens it, and the one that closes it */
	readonly open: number;
	readonly close: number;
	/** one past the last declaration that stands before the statements; one past the brace when there is none */
	readonly declared: number;
	/** the first statement */
	readonly first: number;
	readonly hasDeclarations: boolean;
}

/** Null where the body is no block of lines, or preprocessor lines are among the declarations. */
export function bodyOf(world: World, fn: FnId, source: SourceText): Body | null {
	const { program } = world;
	const open = source.code.lastIndexOf("{", program.fnField(fn, FnField.BodyStart));
	const close = program.fnField(fn, FnField.BodyEnd);
	if (open === -1 || source.code[close] !== "}" || source.lineEnd(open) > close) return null;
	if (source.text.slice(open + 1, source.lineEnd(open)).trim() !== "") return null;
	const starts = variableStarts(world, fn);
	let declared = open + 1;
	let first = source.next(declared);
	while (first < close) {
		const end = declarationEnd(source, first, close, starts);
		if (end === -1) break;
		declared = end;
		first = source.next(end);
	}
	if (source.hasDirective(open, Math.max(first, declared))) return null;
	return { open, close, declared, first, hasDeclarations: declared > open + 1 };
}

/** Inserts statements before all others, after the declarations, with blank lines around them. */
export function insertFirst(
	edits: EditList,
	source: SourceText,
	body: Body,
	lines: readonly string[],
	why: string,
): void {
	const at = source.lineEnd(body.declared - 1) + 1;
	const isBlank = source.text.slice(at, source.lineEnd(at)).trim() === "" && at < body.close;
	const text = lines.map((line) => `\t${line}\n`).join("");
	const isEmpty = body.first >= body.close;
	if (!body.hasDeclarations) edits.insert(source, at, isEmpty ? text : `${text}\n`, why);
	else if (isBlank) edits.insert(source, source.lineEnd(at) + 1, isEmpty ? text : `${text}\n`, why);
	else edits.insert(source, at, `\n${text}`, why);
}

/** Inserts declarations after the others. */
export function insertDeclarations(
	edits: EditList,
	source: SourceText,
	body: Body,
	lines: readonly string[],
	why: string,
): void {
	const at = source.lineEnd(body.declared - 1) + 1;
	const text = lines.map((line) => `\t${line}\n`).join("");
	edits.insert(source, at, body.hasDeclarations ? text : `${text}\n`, why);
}

const KEYWORD = /^(?:if|for|while|do|switch|return|goto|else|case|default|break|continue|asm)\b/;
/** Macros that declare. */
const DECLARES = /^(?:DECLARE|DEFINE)_\w+\s*\(|^LIST_HEAD\s*\(|^HLIST_HEAD\s*\(/;

/** Where the declaration at an offset ends; -1 when it is none. */
function declarationEnd(source: SourceText, start: number, close: number, variables: readonly number[]): number {
	const head = source.code.slice(start, start + 64);
	if (KEYWORD.test(head) || head[0] === "{") return -1;
	let at = start;
	while (at < close && source.code[at] !== ";") {
		const sign = source.code[at]!;
		if (sign === "(" || sign === "[" || sign === "{") at = source.closing(at);
		if (at === -1) return -1;
		at++;
	}
	if (at >= close) return -1;
	const isDeclaration = DECLARES.test(head) || variables.some((variable) => variable >= start && variable < at);
	return isDeclaration ? at + 1 : -1;
}

/** Where the variables of a function are named for the first time. */
function variableStarts({ program }: World, fn: FnId): number[] {
	const { vars } = program.unit(program.fnFile(fn));
	const starts: number[] = [];
	for (let i = program.fnField(fn, FnField.ParamCount); i < program.fnField(fn, FnField.VarCount); i++) {
		const start = vars[(program.fnField(fn, FnField.VarStart) + i) * VAR_SIZE + VarField.Start]!;
		if (start >= 0) starts.push(start);
	}
	return starts;
}
