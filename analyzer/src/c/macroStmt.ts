// Statements that begin with a macro: loops `name(args) body`, guard(), scoped_guard(), CLASS(), return_ptr(),
// and macros that need no semicolon. What a statement is, the shape and the indentation tell.
import { ExprKind, NONE, Op, OpFlag } from "../ir/ops.js";
import { TypeKind, VarFlag } from "../ir/unit.js";
import { addCleanup, composedName, emitReturn, openCleanups } from "./cleanups.js";
import { endScope, enterLoop, jumpBack, leaveLoop } from "./loops.js";
import { declareMacroVariable } from "./parseDecl.js";
import { callArguments, emitCall, expression, listArguments } from "./parseExpr.js";
import { addVar, bindHere, bindVar, emit, emitJump, fail, nameOf, type Parser, skipTo, targetHere } from "./parser.js";
import { moveOut } from "./specials.js";
import { SymbolFlag } from "./symbols.js";
import { T } from "./tokens.js";
import { symbolFlags } from "./types.js";
import { W } from "./words.js";

/** `;`, which a macro's end, a closing brace or a macro's user may stand for. */
export function endStatement(p: Parser): void {
	const kind = p.kind[p.pos];
	if (kind === T.Semi) p.pos++;
	else if (kind === T.Eof && p.endsOpen) return;
	else if (kind !== T.RBrace && !(kind === T.Keyword && p.val[p.pos] === W.else)) fail(p);
}

/** A statement that begins with `name(` at p.pos; false when it is an expression like any other. */
export function macroStatement(p: Parser): boolean {
	const at = p.pos;
	const close = p.match[at + 1];
	if (close < 0) return false;
	switch (p.val[at]) {
		case W.guard:
			if (p.kind[close + 1] !== T.LParen) break;
			guardStatement(p, close);
			return true;
		case W.CLASS:
			if (p.kind[close + 1] !== T.LParen) break;
			classStatement(p, close);
			return true;
		case W.scoped_guard:
			scopedGuard(p, close, false);
			return true;
		case W.scoped_cond_guard:
			scopedGuard(p, close, true);
			return true;
		case W.return_ptr: {
			p.pos = at + 2;
			const value = moveOut(p, at, close);
			if (p.error) return true;
			emitReturn(p, value, at);
			endStatement(p);
			return true;
		}
		default:
	}
	declareMacroVariable(p, at);
	switch (afterMacro(p, at, close + 1)) {
		case After.Body:
			macroLoop(p);
			return true;
		case After.Next:
			expression(p);
			return true;
		default:
			return false;
	}
}

/** What follows `name(args)`. */
const enum After {
	/** the rest of an expression, or `;` */
	Expression = 0,
	/** the body of a loop */
	Body = 1,
	/** another statement: the macro needs no semicolon */
	Next = 2,
}

function afterMacro(p: Parser, at: number, next: number): After {
	const flags = symbolFlags(p, p.val[at]);
	const known = (flags & SymbolFlag.Macro) !== 0;
	const isHead = (flags & (SymbolFlag.MacroHead | SymbolFlag.Iterator)) !== 0;
	switch (p.kind[next]) {
		case T.LBrace:
			return After.Body;
		case T.Semi:
			return isHead && !known ? After.Body : After.Expression;
		case T.Eof:
			return isHead && p.endsOpen ? After.Body : After.Expression;
		case T.Keyword:
			if (p.val[next] === W.else || p.val[next] === W.case || p.val[next] === W.default) return After.Next;
			break;
		case T.Ident:
			break;
		case T.Star:
		case T.LParen:
		case T.Inc:
		case T.Dec:
			return isHead ? After.Body : After.Expression;
		case T.RBrace:
			return After.Next;
		default:
			return After.Expression;
	}
	if (isHead) return After.Body;
	return !known && isIndentedDeeper(p, at, next) ? After.Body : After.Next;
}

/** Whether `next` is on the same line as `at` or on a line that is indented deeper. */
function isIndentedDeeper(p: Parser, at: number, next: number): boolean {
	const bytes = p.bytes;
	let newline = -1;
	for (let i = p.start[next] - 1; i >= p.end[next - 1]; i--) {
		if (bytes[i] === 10) {
			newline = i;
			break;
		}
	}
	if (newline < 0) return true;
	return indentation(bytes, p.start[next]) > indentation(bytes, p.start[at]);
}

/** Width of the blanks in front of the byte, tabs to 8; a bounded look back. */
function indentation(bytes: Uint8Array, at: number): number {
	let start = at;
	while (start > 0 && at - start < 400 && bytes[start - 1] !== 10) start--;
	let width = 0;
	for (let i = start; i < at; i++) {
		if (bytes[i] === 9) width = (width | 7) + 1;
		else if (bytes[i] === 32) width++;
		else break;
	}
	return width;
}

/** name(args) body: the call heads each turn; nobody knows how many there are. */
function macroLoop(p: Parser): void {
	const at = p.pos;
	const sym = p.val[at];
	const variable = p.symVar[sym];
	const builder = p.builder;
	const callee =
		variable !== 0
			? builder.expr(ExprKind.Local, variable - 1, 0, 0)
			: builder.expr(ExprKind.Name, nameOf(p, sym), 0, 0);
	const base = p.scratch.length;
	p.pos = at + 1;
	const count = callArguments(p, base);
	if (count < 0) return;
	const last = p.pos - 1;
	const outer = enterLoop(p);
	const top = targetHere(p);
	emitCall(p, callee, p.start[at], p.end[last], base, count, OpFlag.LoopHead);
	let exit: number = NONE;
	if (!p.dead) {
		exit = builder.lists.length;
		builder.lists.push(NONE);
		emit(p, Op.Choice, p.start[at], p.end[last], exit, 1, 1);
	}
	p.hooks.statement(p);
	bindHere(p, p.contList);
	jumpBack(p, top, at);
	if (exit !== NONE) {
		builder.lists.data[exit] = targetHere(p);
		p.dead = false;
	}
	bindHere(p, p.breakList);
	leaveLoop(p, outer);
}

/** Emits class_<sym>_constructor(args) with the arguments on the scratch stack and opens its scope. */
function construct(
	p: Parser,
	sym: number,
	local: number,
	base: number,
	count: number,
	at: number,
	last: number,
): number {
	const builder = p.builder;
	const start = p.start[at];
	const end = p.end[last];
	const keep = p.scratch.length;
	for (let i = base; i < keep; i++) p.scratch.push(p.scratch.data[i]);
	const name = builder.expr(ExprKind.Name, composedName(p, "class_", sym, "_constructor"), 0, 0);
	const result = emitCall(p, name, start, end, keep, count, OpFlag.Guard);
	let guard = local;
	if (guard === NONE) {
		const type = builder.type(TypeKind.Unknown, NONE, 0, NONE);
		guard = builder.expr(ExprKind.Local, addVar(p, NONE, type, VarFlag.Temp, NONE), 0, 0);
	}
	emit(p, Op.Assign, start, end, guard, result, 0);
	addCleanup(p, composedName(p, "class_", sym, "_destructor"), guard, base, count, start, end);
	p.scratch.length = base;
	return result;
}

/** guard(class)(args); */
function guardStatement(p: Parser, close: number): void {
	const at = p.pos;
	if (p.kind[at + 2] !== T.Ident || close !== at + 3) {
		fail(p);
		return;
	}
	const base = p.scratch.length;
	p.pos = close + 1;
	const count = callArguments(p, base);
	if (count < 0) return;
	construct(p, p.val[at + 2], NONE, base, count, at, p.pos - 1);
	endStatement(p);
}

/** CLASS(class, variable)(args); */
function classStatement(p: Parser, close: number): void {
	const at = p.pos;
	if (p.kind[at + 2] !== T.Ident || p.kind[at + 3] !== T.Comma || p.kind[at + 4] !== T.Ident) {
		fail(p);
		return;
	}
	const base = p.scratch.length;
	p.pos = close + 1;
	const count = callArguments(p, base);
	if (count < 0) return;
	const sym = p.val[at + 4];
	const type = p.builder.type(TypeKind.Typedef, composedName(p, "class_", p.val[at + 2], "_t"), 0, NONE);
	const index = addVar(p, nameOf(p, sym), type, VarFlag.Cleanup, p.start[at + 4]);
	bindVar(p, sym, index);
	construct(p, p.val[at + 2], p.builder.expr(ExprKind.Local, index, 0, 0), base, count, at, p.pos - 1);
	endStatement(p);
}

/** scoped_guard(class, args) body; scoped_cond_guard(class, statement when it fails, args) body. */
function scopedGuard(p: Parser, close: number, isConditional: boolean): void {
	const at = p.pos;
	const sym = p.val[at + 2];
	const base = p.scratch.length;
	let failTok = -1;
	if (p.kind[at + 2] !== T.Ident) {
		fail(p);
		return;
	}
	p.pos = at + 3;
	if (isConditional && p.kind[p.pos] === T.Comma) {
		failTok = p.pos + 1;
		p.pos = skipTo(p, failTok, T.Comma, T.Comma);
	}
	const failEnd = p.pos;
	let count = 0;
	if (p.kind[p.pos] === T.Comma) count = listArguments(p, p.pos + 1, close, base);
	p.pos = close + 1;
	const undo = p.scopeUndo.length;
	const keep = openCleanups(p);
	const result = construct(p, sym, NONE, base, count, at, close);
	let failed: number = NONE;
	if (failTok >= 0) failed = emit(p, Op.Branch, p.start[at], p.end[close], result, NONE, 0);
	const outer = enterLoop(p);
	p.breakCleanups = keep;
	p.contCleanups = keep;
	p.hooks.statement(p);
	endScope(p, undo, keep);
	bindHere(p, p.contList);
	bindHere(p, p.breakList);
	leaveLoop(p, outer);
	if (failed === NONE) return;
	const skip = emitJump(p, 0, p.start[at], p.end[close]);
	bindHere(p, failed);
	const after = p.pos;
	p.pos = failTok;
	p.hooks.statementArgument(p, failEnd);
	p.pos = after;
	bindHere(p, skip);
}
