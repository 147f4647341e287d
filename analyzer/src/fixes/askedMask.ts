// A mask chosen by asking for the context: told instead. By the function's own mask, by the one flag that all contexts
// agree on, or by a parameter that every caller passes.

import { askedOf } from "../flow/asked.js";
import { MaskParams } from "../flow/maskParams.js";
import type { Solved } from "../flow/solved.js";
import { primitiveCalled } from "../flow/world.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import { FnField, unitName, VAR_SIZE, VarField } from "../ir/unit.js";
import { GFP_TYPE } from "../model/gfp.js";
import { callContexts, paramText } from "./callerMask.js";
import { EditList } from "./edits.js";
import { flagIn } from "./ownMasks.js";
import type { Plan, Request } from "./plan.js";
import type { SourceText } from "./source.js";
import { threadingPlans } from "./threadMask.js";

/** A choice of a mask by the context, as it is written. */
interface Choice {
	/** `question ? A : B`, or `if (question) variable = A; else variable = B;` */
	readonly start: number;
	readonly end: number;
	/** the variable that a statement sets; null for an expression */
	readonly variable: string | null;
	/** where the variable is declared, when that is for this choice alone */
	readonly declaration: readonly [number, number] | null;
	/** the flags it chooses between */
	readonly sleeping: string;
	readonly atomic: string;
}

/** What was asked at run time must not sleep for a caller that is atomic perhaps. */
const ALL_DOUBTS = 2;

/** What the choice of a mask by the answer to a question is offered. */
export function plansForAskedMask(request: Request): Plan[] {
	const { solved, texts, fn, op } = request;
	const { world, contexts } = solved;
	const source = texts.of(world.program.fnFile(fn));
	const decision = askedOf(solved)
		.decisionsOf(fn)
		.find(({ op: question, decides }) => question === op && decides === "mask");
	if (source === null || decision === undefined) return [];
	const choice = findChoice(request, source);
	if (choice === null) return [];
	const own = new MaskParams(world.program).of(fn);
	if (own !== NONE) {
		const name = paramText(solved, fn, own);
		return name === choice.variable ? [] : [replacement(request, source, choice, name, true)];
	}
	const known = callContexts(solved, fn, op, ALL_DOUBTS);
	const isKnown = contexts.entered.isKnown(fn) && known.nEntered > 0;
	if (known.isAllOwnAtomic || (isKnown && known.nSleepable === 0))
		return [replacement(request, source, choice, choice.atomic, known.doubt === 0 || known.isAllOwnAtomic)];
	if (isKnown && known.nAtomic === 0) return [replacement(request, source, choice, choice.sleeping, true)];
	const name = choice.declaration === null ? {} : { name: choice.variable! };
	return threadingPlans(request, {
		helper: fn,
		wanted: { flag: choice.sleeping, unknown: choice.atomic, doubt: ALL_DOUBTS },
		use: (edits, _, param) => put(edits, source, choice, param),
		...name,
	});
}

function replacement({ solved, fn }: Request, source: SourceText, choice: Choice, text: string, isSure: boolean): Plan {
	const edits = new EditList();
	put(edits, source, choice, text);
	const title = `use ${text} instead of asking for the context in ${solved.world.program.fnName(fn)}()`;
	const finish = () => edits.finish() ?? "its edits would overlap";
	return { key: "told mask", title, kind: "quickfix", preferred: isSure, isLocal: true, edits: finish };
}

/** Writes a mask in the place of the choice. Where it is the variable's own name, variable and choice go. */
function put(edits: EditList, source: SourceText, choice: Choice, text: string): void {
	const { start, end, variable, declaration } = choice;
	const why = `the mask is \`${text}\``;
	if (variable === null) edits.replace(source, start, end, text, why);
	else if (variable === text && declaration !== null) {
		dropStatement(edits, source, ...declaration, why);
		if (start < declaration[0] || start >= declaration[1]) dropStatement(edits, source, start, end, why);
	} else edits.replace(source, start, end, isInitialiser(source, choice) ? text : `${variable} = ${text};`, why);
}

/** Is the choice the initial value of the variable, not a statement? */
function isInitialiser(source: SourceText, { start }: Choice): boolean {
	return source.code[source.previous(start)] === "=";
}

/** Takes out a statement's lines, and a blank line that would be one too many. */
export function dropStatement(edits: EditList, source: SourceText, start: number, end: number, why: string): void {
	const from = source.lineStart(start);
	let to = Math.min(source.lineEnd(end - 1) + 1, source.text.length);
	const before = source.text.slice(source.lineStart(from - 1), from).trim();
	const after = source.text.slice(to, source.lineEnd(to)).trim();
	if (after === "" && (before === "" || before === "{")) to = source.lineEnd(to) + 1;
	edits.replace(source, from, to, "", why);
}

function findChoice(request: Request, source: SourceText): Choice | null {
	const { solved, fn, op } = request;
	const { program } = solved.world;
	const { ops } = program.unit(program.fnFile(fn));
	const at = ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.Start]!;
	if (source.isDirective(at)) return null;
	return inStatement(request, source, at) ?? inExpression(request, source, at);
}

/** `if (question) variable = A; else variable = B;`, or without the else where the variable is declared with B. */
function inStatement(request: Request, source: SourceText, at: number): Choice | null {
	const open = opening(source, at);
	if (open === -1 || source.wordBefore(open) !== "if") return null;
	const close = source.closing(open);
	if (close === -1 || !isQuestion(request.solved, source.code.slice(open + 1, close))) return null;
	const start = source.previous(open) - 1;
	const first = assignment(source, close + 1);
	if (first === null) return null;
	const next = source.next(first.end);
	const isElse = source.wordAt(next) === "else";
	const second = isElse ? assignment(source, next + "else".length) : null;
	if (isElse && second?.variable !== first.variable) return null;
	const declared = declarationOf(request, source, first.variable, isElse ? 2 : 1);
	const other = second?.flag ?? declared?.flag;
	const arms = other == null ? null : armsOf(request.solved, first.flag, other);
	if (arms === null || source.hasDirective(start, second?.end ?? first.end)) return null;
	if (source.wordBefore(start) === "else") return null;
	const declaration = declared?.span ?? null;
	return { start, end: second?.end ?? first.end, variable: first.variable, declaration, ...arms };
}

/** `question ? A : B` as an argument, or as the value of a variable. */
function inExpression(request: Request, source: SourceText, at: number): Choice | null {
	const mark = source.code.indexOf("?", at);
	if (mark === -1 || /[;{}]/.test(source.code.slice(at, mark))) return null;
	const match = /^\?\s*(\w+)\s*:\s*(\w+)/.exec(source.code.slice(mark, mark + 200));
	if (match === null) return null;
	const end = mark + match[0].length;
	let start = at;
	// back over the brackets and the other questions that belong to it
	for (let open = opening(source, start); open !== -1 && source.closing(open) < mark; open = opening(source, start))
		start = open;
	while (/[!\s]/.test(source.code[start - 1]!)) start--;
	const first = firstQuestion(request.solved, source, start);
	start = source.next(first);
	if (!isQuestion(request.solved, source.code.slice(start, mark))) return null;
	const arms = armsOf(request.solved, match[1]!, match[2]!);
	const before = source.code[source.previous(start)];
	const after = source.code[source.next(end)];
	if (arms === null || source.hasDirective(start, end)) return null;
	if (before === "=" && after === ";") {
		const variable = source.wordBefore(source.previous(start));
		const declared = declarationOf(request, source, variable, 1);
		const isDeclared = declared !== null && declared.span[0] <= start && end <= declared.span[1];
		return { start, end, variable, declaration: isDeclared ? declared.span : null, ...arms };
	}
	const isWhole = (before === "(" || before === ",") && (after === ")" || after === ",");
	return isWhole ? { start, end, variable: null, declaration: null, ...arms } : null;
}

/** Back over `a() || ` before an offset. */
function firstQuestion(solved: Solved, source: SourceText, start: number): number {
	const match = /(?:!?\s*\w+\(\)\s*(?:\|\||&&)\s*)+$/.exec(source.code.slice(Math.max(0, start - 200), start));
	if (match === null || !isQuestion(solved, match[0])) return start;
	return start - match[0].length;
}

/** The bracket that is open at an offset, or -1 when a statement begins before there is one. */
function opening(source: SourceText, at: number): number {
	let depth = 0;
	for (let i = at - 1; i >= 0; i--) {
		const sign = source.code[i]!;
		if (sign === ")") depth++;
		else if (sign === "(" && depth-- === 0) return i;
		else if (sign === ";" || sign === "{" || sign === "}") return -1;
	}
	return -1;
}

/** Is a condition made of questions about the context alone? */
function isQuestion({ world }: Solved, text: string): boolean {
	let isAsked = false;
	const rest = text.replace(/\b(\w+)\s*\(\s*\)/g, (all, name: string) => {
		if (primitiveCalled(world, name)?.predicate?.contextual !== true) return all;
		isAsked = true;
		return "";
	});
	return isAsked && /^[\s()!&|]*$/.test(rest);
}

interface Assignment {
	readonly variable: string;
	readonly flag: string;
	readonly end: number;
}

/** `variable = FLAG;`, in braces or not, at an offset. */
function assignment(source: SourceText, from: number): Assignment | null {
	const start = source.next(from);
	const match = /^(\{\s*)?(\w+)\s*=\s*(\w+)\s*;(\s*\})?/.exec(source.code.slice(start, start + 400));
	if (match === null || (match[1] === undefined) !== (match[4] === undefined)) return null;
	return { variable: match[2]!, flag: match[3]!, end: start + match[0].length };
}

/** Where a local variable is declared by itself, and the flag it begins with; null when it is set at other places, too. */
function declarationOf(
	{ solved, fn }: Request,
	source: SourceText,
	variable: string,
	nSet: number,
): { span: readonly [number, number]; flag: string | null } | null {
	const { program } = solved.world;
	const from = program.fnField(fn, FnField.BodyStart);
	const body = source.code.slice(from, program.fnField(fn, FnField.BodyEnd));
	const match = new RegExp(`\\b${GFP_TYPE}\\s+${variable}\\s*(?:=\\s*([^,;]+))?;`).exec(body);
	if (match === null) return null;
	const flag = match[1]?.trim() ?? null;
	const isFlag = flag !== null && flagIn(flag) === flag;
	if (countAssignments(solved, fn, variable) > (isFlag ? nSet + 1 : nSet)) return null;
	const start = from + match.index;
	return { span: [start, start + match[0].length], flag: isFlag ? flag : null };
}

/** How often a function sets a variable; many times when its address is taken. */
function countAssignments({ world: { program } }: Solved, fn: number, variable: string): number {
	const unit = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	let n = 0;
	for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
		const at = (first + op) * OP_SIZE;
		const target = unit.ops[at + OpField.A]!;
		if ((unit.ops[at]! & 255) !== Op.Assign || unit.exprs[target * EXPR_SIZE] !== ExprKind.Local) continue;
		const record = (program.fnField(fn, FnField.VarStart) + unit.exprs[target * EXPR_SIZE + 1]!) * VAR_SIZE;
		const name = unit.vars[record + VarField.Name]!;
		if (name >= 0 && unitName(unit, name) === variable) n++;
	}
	return n;
}

/** Which of two flags may sleep; null when both or none do. */
function armsOf({ world }: Solved, one: string, other: string): { sleeping: string; atomic: string } | null {
	const bitsOf = (name: string) => world.flags.get(world.program.names.lookupText(name));
	const [a, b] = [bitsOf(one), bitsOf(other)];
	if (a === undefined || b === undefined) return null;
	const [first, second] = [(a & world.gfp.directReclaim) !== 0, (b & world.gfp.directReclaim) !== 0];
	if (first === second) return null;
	return first ? { sleeping: one, atomic: other } : { sleeping: other, atomic: one };
}
