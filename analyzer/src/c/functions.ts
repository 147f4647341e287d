// Functions: opening and closing one in the builder, parameters, annotations, the body.
import { ExprKind, NONE, Op } from "../ir/ops.js";
import { FN_SIZE, FnFlag, TypeKind, VarFlag } from "../ir/unit.js";
import { emitCleanups, resolveLabels } from "./cleanups.js";
import { contextAnnotation, docBefore, speaksOfContext } from "./docs.js";
import { argument } from "./parseExpr.js";
import {
	addVar,
	afterGroup,
	bindHere,
	bindVar,
	emit,
	leaveScope,
	nameOf,
	type Parser,
	recover,
	skipTo,
} from "./parser.js";
import { atColumn0 } from "./preprocess.js";
import { T } from "./tokens.js";
import { declarator, specifiers } from "./types.js";
import { W } from "./words.js";

/** What is known of a function before its body. */
export interface FunctionHead {
	name: number;
	nameStart: number;
	nameEnd: number;
	/** first byte of the definition */
	start: number;
	returnType: number;
	flags: number;
}

/** Opens a function: ops, variables and expressions from here on are its own. */
export function openFunction(p: Parser): void {
	p.builder.beginScope();
	p.inFunction = true;
	p.opBase = p.builder.ops.length / 6;
	p.varBase = p.builder.vars.length / 4;
	resetBody(p);
}

/** Forgets what was read of a body: jumps that wait for their target, loops, cleanups. */
export function resetBody(p: Parser): void {
	p.dead = false;
	p.lastTarget = -1;
	p.effects = 0;
	p.endList = NONE;
	p.breakList = NONE;
	p.contList = NONE;
	p.breakCleanups = 0;
	p.contCleanups = 0;
	p.inBreakable = false;
	p.inLoop = false;
	p.inSwitch = false;
	p.partial = false;
	p.hint = 0;
	p.openEnd = false;
	p.lookaheads = 0;
	p.scratch.length = 0;
	p.cases.length = 0;
	p.cleanups.length = 0;
	p.cleanupArgs.length = 0;
	p.blockCleanups.length = 0;
}

/** Closes the jumps, adds the last return, and writes the function's record. */
export function closeFunction(
	p: Parser,
	head: FunctionHead,
	paramCount: number,
	annotations: number,
	bodyStart: number,
	bodyEnd: number,
	end: number,
): void {
	const builder = p.builder;
	p.error = false;
	bindHere(p, p.endList);
	resolveLabels(p);
	emit(p, Op.Return, bodyEnd, end, NONE, 0, 0);
	leaveScope(p, 0);
	p.inFunction = false;
	let docStart: number = NONE;
	let docEnd: number = NONE;
	const doc = docBefore(p, head.start);
	if (doc >= 0) {
		docStart = p.pp.lexer.docs.data[doc];
		docEnd = p.pp.lexer.docs.data[doc + 1];
		contextAnnotation(p, docStart, docEnd);
	}
	let flags = head.flags;
	if (p.partial) flags |= FnFlag.Partial;
	if (p.alternative) flags |= FnFlag.Alternative;
	if ((flags & FnFlag.Static) === 0 && speaksOfContext(p.bytes, head.start)) flags |= FnFlag.SaysContext;
	const fns = builder.fns;
	if (fns.length + FN_SIZE > fns.data.length) fns.grow(FN_SIZE);
	fns.push3(head.name, head.nameStart, head.nameEnd);
	fns.push4(head.start, end, p.opBase, builder.ops.length / 6 - p.opBase);
	fns.push4(p.varBase, builder.vars.length / 4 - p.varBase, paramCount, head.returnType);
	fns.push3(flags, annotations, builder.annotations.length / 3 - annotations);
	fns.push4(docStart, docEnd, bodyStart, bodyEnd);
}

/** The body `{ … }` at the brace of a function whose parameters are at token `params` (or -1). */
export function functionBody(p: Parser, head: FunctionHead, params: number, declarations: number): void {
	const open = p.pos;
	const close = p.match[open] > 0 ? p.match[open] : endOfUnclosed(p, open);
	openFunction(p);
	let count = 0;
	if (params >= 0) {
		count = parameters(p, params, p.match[params], head);
		if (declarations >= 0) oldStyleTypes(p, declarations, open, count);
	}
	finishBody(p, head, open, close, count);
}

/** Annotations and statements of an opened function whose body is the tokens (open, close). */
export function finishBody(p: Parser, head: FunctionHead, open: number, close: number, params: number): void {
	const annotations = p.builder.annotations.length / 3;
	addAnnotations(p);
	p.pos = open + 1;
	const end = p.kind[close] === T.RBrace ? p.end[close] : p.start[close];
	const bodyEnd = p.start[close];
	const { eof } = p;
	const kind = p.kind[close];
	const closeEnd = p.end[close];
	if (p.match[open] !== close) {
		// an unclosed body: nothing in it may reach past its end
		p.kind[close] = T.Eof;
		p.end[close] = p.start[close];
		p.eof = close;
		for (let at = open; at < close; at++) if (p.match[at] >= close) p.match[at] = -1;
	}
	while (p.pos < close) p.hooks.statement(p);
	emitCleanups(p, 0);
	p.eof = eof;
	p.kind[close] = kind;
	p.end[close] = closeEnd;
	p.pos = kind === T.RBrace ? close + 1 : close;
	closeFunction(p, head, params, annotations, p.end[open], bodyEnd, end);
}

/** The end of a body whose brace is never closed: the next `}` in column 0, the next function, or the end. */
export function endOfUnclosed(p: Parser, open: number): number {
	let item = open + 1;
	for (let at = open + 1; at < p.eof; at++) {
		if (!atColumn0(p.bytes, p.start[at])) continue;
		if (p.kind[at] === T.RBrace && p.match[at] < 0) return at;
		if (p.kind[at] === T.LBrace) return item;
		if (p.kind[at] <= T.Keyword) item = at;
	}
	return p.eof;
}

/** Declares the parameters in `( … )`; answers their number. */
export function parameters(p: Parser, open: number, close: number, head: FunctionHead): number {
	const back = p.pos;
	const annotations = p.annotationTokens.length;
	let count = 0;
	p.pos = open + 1;
	while (p.pos < close) {
		const first = p.pos;
		if (p.kind[first] === T.Ellipsis) {
			head.flags |= FnFlag.Variadic;
			p.pos++;
		} else if (p.kind[first] === T.Keyword && p.val[first] === W.void && first + 1 === close) break;
		else {
			parameter(p);
			count++;
		}
		p.pos = skipTo(p, Math.max(p.pos, first), T.Comma, T.Comma);
		if (p.pos >= close || p.kind[p.pos] !== T.Comma) break;
		p.pos++;
	}
	p.error = false;
	p.annotationTokens.length = annotations;
	p.pos = back;
	return count;
}

function parameter(p: Parser): void {
	let type: number;
	if (p.kind[p.pos] === T.Ident && (p.kind[p.pos + 1] === T.Comma || p.kind[p.pos + 1] === T.RParen)) {
		// a name without a type (old style) or a type without a name
		addParameter(p, p.val[p.pos], p.builder.type(TypeKind.Unknown, NONE, 0, NONE), p.start[p.pos]);
		p.pos++;
		return;
	}
	type = specifiers(p, true);
	declarator(p, type);
	type = p.declType;
	if (p.declParams >= 0) type = p.builder.type(TypeKind.FnPointer, NONE, 0, type);
	addParameter(p, p.declSym, type, p.declSym >= 0 ? p.start[p.declTok] : NONE);
}

export function addParameter(p: Parser, sym: number, type: number, start: number): void {
	const index = addVar(p, sym >= 0 ? nameOf(p, sym) : NONE, type, VarFlag.Param, start);
	if (sym >= 0) bindVar(p, sym, index);
}

/** `int a; char *b;` between the parameters and the body. */
function oldStyleTypes(p: Parser, from: number, open: number, count: number): void {
	p.pos = from;
	while (p.pos < open) {
		const before = p.pos;
		const base = specifiers(p, false);
		for (;;) {
			declarator(p, base);
			const variable = p.declSym >= 0 ? p.symVar[p.declSym] - 1 : -1;
			if (variable >= 0 && variable < count) p.builder.vars.data[(p.varBase + variable) * 4 + 1] = p.declType;
			if (p.kind[p.pos] !== T.Comma) break;
			p.pos++;
		}
		p.pos = Math.max(skipTo(p, p.pos, T.Semi, T.LBrace), before);
		if (p.kind[p.pos] === T.Semi || p.pos === before) p.pos++;
	}
	p.error = false;
}

/** The annotations collected by the specifiers and the declarator, their arguments in the function's scope. */
export function addAnnotations(p: Parser): void {
	const tokens = p.annotationTokens;
	const back = p.pos;
	const wasDead = p.dead;
	p.dead = true;
	for (let i = 0; i < tokens.length; i++) {
		const at = tokens.data[i];
		const name = nameOf(p, p.val[at]);
		const open = at + 1;
		if (p.kind[open] !== T.LParen || p.match[open] < 0) {
			p.builder.annotations.push3(name, NONE, p.start[at]);
			continue;
		}
		const close = p.match[open];
		p.pos = open + 1;
		let arg: number = NONE;
		while (p.pos < close) {
			const first = p.pos;
			arg = argument(p, close);
			if (p.error) recover(p, close);
			p.builder.annotations.push3(name, arg, p.start[first]);
			if (p.kind[p.pos] === T.Comma) p.pos++;
			else break;
		}
	}
	tokens.length = 0;
	p.dead = wasDead;
	p.effects = 0;
	p.pos = back;
}

/** The tokens of `( … )` as arguments of a file-scope macro; pushed to lists; answers their number. */
export function unitArguments(p: Parser, open: number): number {
	const close = p.match[open];
	const base = p.scratch.length;
	const wasDead = p.dead;
	p.dead = true;
	p.pos = open + 1;
	while (p.pos < close) {
		const first = p.pos;
		if (p.kind[first] === T.Comma) p.scratch.push(p.builder.opaque());
		else {
			p.scratch.push(argument(p, close));
			if (p.error) recover(p, Math.min(skipTo(p, Math.max(first + 1, p.errorAt), T.Comma, T.Comma), close));
		}
		if (p.pos < close) p.pos++;
		if (p.pos <= first) p.pos = first + 1;
	}
	const count = p.scratch.length - base;
	for (let i = 0; i < count; i++) p.builder.lists.push(p.scratch.data[base + i]);
	p.scratch.length = base;
	p.dead = wasDead;
	p.pos = afterGroup(p, open);
	return count;
}

/** A name expression. */
export function nameExpr(p: Parser, name: number): number {
	return p.builder.expr(ExprKind.Name, name, 0, 0);
}
