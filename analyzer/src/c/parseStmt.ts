// hot: Statements: blocks, branches, loops, switch, jumps, labels, asm, and recovery from what cannot be read.
// Guards and macro loops are in macroStmt.ts.
import { ExprKind, NONE, Op, OpField, OpFlag } from "../ir/ops.js";
import { defineLabel, emitReturn, gotoLabel, leaveTo, openCleanups, useLabel } from "./cleanups.js";
import { endScope, enterLoop, jumpBack, leaveLoop } from "./loops.js";
import { endStatement, macroStatement } from "./macroStmt.js";
import { condition, jumpWhenTrue, parenCondition, unreadable } from "./parseCond.js";
import { localDeclaration, startsDeclaration } from "./parseDecl.js";
import { conditional, emitCall, expression, primary } from "./parseExpr.js";
import {
	addJump,
	addUnparsed,
	afterGroup,
	bindHere,
	emit,
	emitJump,
	expect,
	exprKind,
	fail,
	joinLists,
	MAX_DEPTH,
	nameOf,
	opField,
	type Parser,
	patch,
	recover,
	setOpField,
	skipTo,
	stop,
	targetHere,
} from "./parser.js";
import { SymbolFlag } from "./symbols.js";
import { T } from "./tokens.js";
import { symbolFlags } from "./types.js";
import { W } from "./words.js";

/** Statements up to token `close`. */
export function statements(p: Parser, close: number): void {
	while (p.pos < close) statement(p);
}

/** `{ … }` at the brace, as a scope. */
export function block(p: Parser): void {
	const close = p.match[p.pos];
	if (close < 0) {
		fail(p);
		return;
	}
	const undo = p.scopeUndo.length;
	const keep = openCleanups(p);
	p.blockCleanups.push(keep);
	p.pos++;
	statements(p, close);
	p.pos = close + 1;
	p.blockCleanups.length--;
	endScope(p, undo, keep);
}

/** One statement; always moves on, and recovers by itself. */
export function statement(p: Parser): void {
	const first = p.pos;
	const depth = p.depth;
	const scratch = p.scratch.length;
	if (++p.depth > MAX_DEPTH) fail(p);
	else labelledStatement(p);
	p.depth = depth;
	if (p.error) recoverStatement(p, first, scratch);
	else if (p.pos === first && first < p.eof) p.pos = first + 1;
}

/** Skips to the statement's end: past the next `;` or block, or in front of a closing bracket. */
function recoverStatement(p: Parser, first: number, scratch: number): void {
	let at = Math.max(p.errorAt, first);
	for (;;) {
		const kind = p.kind[at];
		if (kind === T.Semi) {
			at++;
			break;
		}
		if (kind === T.Eof || kind === T.RBrace) break;
		if (kind === T.LBrace) {
			at = afterGroup(p, at);
			break;
		}
		at = kind === T.LParen || kind === T.LBracket ? afterGroup(p, at) : at + 1;
	}
	p.scratch.length = scratch;
	if (at <= first) {
		if (p.kind[first] === T.RBrace && p.match[first] >= 0) {
			// a statement is missing in front of the block's end
			recover(p, first);
			return;
		}
		at = first + 1;
	}
	recover(p, Math.min(at, p.eof));
	addUnparsed(p, p.start[first], p.end[at - 1]);
	emit(p, Op.Unknown, p.start[first], p.end[at - 1], 0, 0, 0);
}

/** Labels and cases in front of a statement, then the statement. */
function labelledStatement(p: Parser): void {
	for (;;) {
		const kind = p.kind[p.pos];
		if (kind === T.Ident) {
			if (p.kind[p.pos + 1] !== T.Colon) break;
			defineLabel(p, p.val[p.pos]);
			p.pos += 2;
		} else if (kind === T.Keyword && p.val[p.pos] === W.case) caseLabel(p);
		else if (kind === T.Keyword && p.val[p.pos] === W.default && p.kind[p.pos + 1] === T.Colon) {
			p.pos += 2;
			addCase(p, NONE, NONE);
		} else break;
		if (p.error) return;
		if (p.kind[p.pos] === T.RBrace) return;
	}
	unlabelled(p);
}

function unlabelled(p: Parser): void {
	switch (p.kind[p.pos]) {
		case T.LBrace:
			block(p);
			break;
		case T.Semi:
			p.pos++;
			break;
		case T.Keyword:
			keywordStatement(p);
			break;
		case T.Ident:
			if (isBareMacro(p)) bareMacro(p);
			else if (startsDeclaration(p)) localDeclaration(p);
			else if (p.kind[p.pos + 1] !== T.LParen || !macroStatement(p)) expressionStatement(p);
			break;
		case T.Eof:
			// the user of the macro supplies the statement
			if (p.endsOpen && !p.error) {
				p.openEnd = true;
				emit(p, Op.Nop, p.start[p.pos], p.end[p.pos], 0, 0, 0);
			} else fail(p);
			break;
		default:
			expressionStatement(p);
	}
}

function keywordStatement(p: Parser): void {
	switch (p.val[p.pos]) {
		case W.if:
			ifStatement(p);
			break;
		case W.while:
			whileStatement(p);
			break;
		case W.do:
			doStatement(p);
			break;
		case W.for:
			forStatement(p);
			break;
		case W.switch:
			switchStatement(p);
			break;
		case W.goto:
			gotoStatement(p);
			break;
		case W.return:
			returnStatement(p);
			break;
		case W.break:
			breakStatement(p);
			break;
		case W.continue:
			continueStatement(p);
			break;
		case W.asm:
		case W.__asm__:
		case W.__asm:
			asmStatement(p);
			break;
		default:
			if (startsDeclaration(p)) localDeclaration(p);
			else expressionStatement(p);
	}
}

/** An expression and its `;`. A lone name is a macro without arguments: a call. */
function expressionStatement(p: Parser): void {
	const at = p.pos;
	if (p.kind[at] === T.Ident && p.kind[at + 1] === T.Semi) {
		p.pos = at + 2;
		if (p.val[at] === W.fallthrough || p.symVar[p.val[at]] !== 0) return;
		const name = expressionAt(p, at);
		emitCall(p, name, p.start[at], p.end[at], p.scratch.length, 0, 0);
		return;
	}
	expression(p);
	endStatement(p);
}

/** `MACRO` on a line of its own without a semicolon: upper case, and what follows begins a statement. */
function isBareMacro(p: Parser): boolean {
	const at = p.pos;
	const next = p.kind[at + 1];
	if (next !== T.Ident && next !== T.Keyword) return false;
	if ((symbolFlags(p, p.val[at]) & (SymbolFlag.Lower | SymbolFlag.Type | SymbolFlag.Dunder)) !== 0) return false;
	if (p.symVar[p.val[at]] !== 0) return false;
	if (next === T.Keyword) return p.val[at + 1] <= W.LastStatement;
	const third = p.kind[at + 2];
	if (third === T.Arrow || third === T.Dot || third === T.Inc || third === T.Dec) return true;
	if (third !== T.LParen && third !== T.Assign) return false;
	for (let i = p.end[at]; i < p.start[at + 1]; i++) if (p.bytes[i] === 10) return true;
	return false;
}

function bareMacro(p: Parser): void {
	const at = p.pos++;
	const callee = p.builder.expr(ExprKind.Name, nameOf(p, p.val[at]), 0, 0);
	emitCall(p, callee, p.start[at], p.end[at], p.scratch.length, 0, 0);
}

function expressionAt(p: Parser, at: number): number {
	const back = p.pos;
	p.pos = at;
	const value = expression(p);
	p.pos = back;
	return value;
}

/** if … else if … else, without recursion over the chain. */
function ifStatement(p: Parser): void {
	let ends: number = NONE;
	for (;;) {
		p.pos++;
		const falseList = parenCondition(p);
		if (p.error) break;
		statement(p);
		if (p.kind[p.pos] !== T.Keyword || p.val[p.pos] !== W.else) {
			bindHere(p, falseList);
			break;
		}
		ends = addJump(p, ends, emitJump(p, OpFlag.Else, p.start[p.pos], p.end[p.pos]));
		bindHere(p, falseList);
		p.pos++;
		if (p.kind[p.pos] !== T.Keyword || p.val[p.pos] !== W.if) {
			statement(p);
			break;
		}
	}
	bindHere(p, ends);
}

function whileStatement(p: Parser): void {
	const at = p.pos++;
	const outer = enterLoop(p);
	const top = targetHere(p);
	const falseList = parenCondition(p);
	if (!p.error) statement(p);
	bindHere(p, p.contList);
	jumpBack(p, top, at);
	bindHere(p, joinLists(p, falseList, p.breakList));
	leaveLoop(p, outer);
}

function doStatement(p: Parser): void {
	p.pos++;
	if (p.kind[p.pos] === T.Eof && p.endsOpen) {
		p.openEnd = true;
		return;
	}
	const outer = enterLoop(p);
	const top = targetHere(p);
	statement(p);
	bindHere(p, p.contList);
	const at = p.pos;
	if (p.kind[at] === T.Keyword && p.val[at] === W.while) {
		p.pos++;
		const falseList = parenCondition(p);
		if (!p.error) {
			const again = jumpWhenTrue(p, falseList);
			if (again !== NONE) setOpField(p, again, OpField.Code, opField(p, again, OpField.Code) | (OpFlag.BackEdge << 8));
			patch(p, again, top);
			if (p.kind[p.pos] === T.Semi) p.pos++;
		}
	} else if (p.kind[at] === T.Ident && p.kind[at + 1] === T.LParen) macroTail(p, top);
	else fail(p);
	bindHere(p, p.breakList);
	leaveLoop(p, outer);
}

/** `do { … } while_each_foo(args);`: a call, and nobody knows whether the loop goes on. */
function macroTail(p: Parser, top: number): void {
	const at = p.pos;
	expression(p);
	if (p.error) return;
	const leave = emit(p, Op.Branch, p.start[at], p.end[p.pos - 1], p.builder.opaque(), NONE, 0);
	jumpBack(p, top, at);
	bindHere(p, leave);
	endStatement(p);
}

/** for (init; condition; step) body: the step is read again after the body. */
function forStatement(p: Parser): void {
	const at = p.pos++;
	const open = p.pos;
	const close = p.kind[open] === T.LParen ? p.match[open] : -1;
	if (close < 0) {
		fail(p);
		return;
	}
	const undo = p.scopeUndo.length;
	const keep = openCleanups(p);
	p.pos++;
	if (p.kind[p.pos] === T.Semi) p.pos++;
	else if (startsDeclaration(p)) localDeclaration(p);
	else {
		expression(p);
		expect(p, T.Semi);
	}
	const outer = enterLoop(p);
	const top = targetHere(p);
	let falseList: number = NONE;
	if (!p.error && p.kind[p.pos] !== T.Semi) falseList = condition(p);
	expect(p, T.Semi);
	const stepTok = p.pos;
	if (p.error) {
		falseList = joinLists(p, falseList, unreadable(p, p.start[open], p.end[close]));
		recover(p, close + 1);
	} else p.pos = close + 1;
	statement(p);
	bindHere(p, p.contList);
	const after = p.pos;
	if (stepTok < close) {
		p.pos = stepTok;
		expression(p);
		if (p.error || p.pos !== close) addUnparsed(p, p.start[stepTok], p.end[close - 1]);
		recover(p, after);
	}
	jumpBack(p, top, at);
	bindHere(p, joinLists(p, falseList, p.breakList));
	leaveLoop(p, outer);
	endScope(p, undo, keep);
}

function switchStatement(p: Parser): void {
	const at = p.pos++;
	const close = p.kind[p.pos] === T.LParen ? p.match[p.pos] : -1;
	if (close < 0) {
		fail(p);
		return;
	}
	p.pos++;
	const value = expression(p);
	if (p.error || p.pos !== close) {
		addUnparsed(p, p.start[at], p.end[close]);
		recover(p, close);
	}
	p.pos = close + 1;
	const op = emit(p, Op.Switch, p.start[at], p.end[close], value, 0, 0);
	const { breakList, breakCleanups, inBreakable, inSwitch } = p;
	p.breakList = NONE;
	p.breakCleanups = openCleanups(p);
	p.inBreakable = true;
	p.inSwitch = op !== NONE;
	const base = p.cases.length;
	p.dead = true;
	statement(p);
	if (op !== NONE) finishSwitch(p, op, base);
	p.cases.length = base;
	bindHere(p, p.breakList);
	p.breakList = breakList;
	p.breakCleanups = breakCleanups;
	p.inBreakable = inBreakable;
	p.inSwitch = inSwitch;
}

/** Writes the cases of the switch, the default target last. */
function finishSwitch(p: Parser, op: number, base: number): void {
	const lists = p.builder.lists;
	const first = lists.length;
	let otherwise = -1;
	for (let i = base; i < p.cases.length; i += 3) {
		const low = p.cases.data[i];
		if (low === NONE) otherwise = p.cases.data[i + 2];
		else lists.push3(low, p.cases.data[i + 1], p.cases.data[i + 2]);
	}
	if (otherwise < 0) {
		otherwise = targetHere(p);
		p.dead = false;
	}
	lists.push3(NONE, NONE, otherwise);
	setOpField(p, op, OpField.B, first);
	setOpField(p, op, OpField.C, (lists.length - first) / 3);
}

/** case a: or case a ... b: */
function caseLabel(p: Parser): void {
	p.pos++;
	const wasDead = p.dead;
	const effects = p.effects;
	p.dead = true;
	const low = conditional(p);
	let high = low;
	if (p.kind[p.pos] === T.Ellipsis) {
		p.pos++;
		high = conditional(p);
	}
	p.dead = wasDead;
	p.effects = effects;
	expect(p, T.Colon);
	if (!p.error) addCase(p, low, high);
}

function addCase(p: Parser, low: number, high: number): void {
	p.effects++;
	if (!p.inSwitch) return;
	p.cases.push3(low, high, targetHere(p));
	p.dead = false;
}

function gotoStatement(p: Parser): void {
	const at = p.pos++;
	if (p.kind[p.pos] === T.Ident) {
		const sym = p.val[p.pos++];
		while (p.kind[p.pos] === T.HashHash) p.pos += 2;
		gotoLabel(p, sym, p.start[at], p.end[p.pos - 1]);
	} else if (p.kind[p.pos] === T.Star) {
		p.pos++;
		expression(p);
		p.effects++;
		const op = emit(p, Op.Choice, p.start[at], p.end[p.pos - 1], p.builder.lists.length, 0, 0);
		if (op !== NONE) p.computedGotos.push(op);
		stop(p);
	} else fail(p);
	endStatement(p);
}

function returnStatement(p: Parser): void {
	const at = p.pos++;
	let value: number = NONE;
	const kind = p.kind[p.pos];
	if (kind !== T.Semi && kind !== T.Eof) value = expression(p);
	if (p.error) return;
	emitReturn(p, value, at);
	endStatement(p);
}

function breakStatement(p: Parser): void {
	const at = p.pos++;
	const { start, end } = p;
	if (p.inBreakable) p.breakList = leaveTo(p, p.breakList, p.breakCleanups, start[at], end[at]);
	else p.endList = leaveTo(p, p.endList, 0, start[at], end[at]);
	endStatement(p);
}

function continueStatement(p: Parser): void {
	const at = p.pos++;
	const { start, end } = p;
	if (p.inLoop) p.contList = leaveTo(p, p.contList, p.contCleanups, start[at], end[at]);
	else p.endList = leaveTo(p, p.endList, 0, start[at], end[at]);
	endStatement(p);
}

/** asm: of its operands only local variables that it writes count; asm goto may continue at its labels. */
function asmStatement(p: Parser): void {
	const at = p.pos++;
	let isGoto = false;
	while (p.kind[p.pos] === T.Keyword || p.kind[p.pos] === T.Ident) {
		if (p.val[p.pos] === W.goto) isGoto = true;
		p.pos++;
	}
	if (p.kind[p.pos] === T.LBrace || p.kind[p.pos] !== T.LParen) {
		fail(p);
		return;
	}
	const open = p.pos;
	const close = p.match[open];
	if (close < 0) {
		fail(p);
		return;
	}
	p.effects++;
	if (isGoto) asmGoto(p, at, close);
	else emit(p, Op.Nop | (OpFlag.Asm << 8), p.start[at], p.end[close], 0, 0, 0);
	if (!isGoto) asmOutputs(p, open, close);
	p.pos = close + 1;
	endStatement(p);
}

/** `: "=r" (x)`: x has a value that nobody knows. */
function asmOutputs(p: Parser, open: number, close: number): void {
	const colon = skipTo(p, open + 1, T.Colon, T.Colon);
	if (p.kind[colon] !== T.Colon) return;
	const end = Math.min(skipTo(p, colon + 1, T.Colon, T.Colon), close);
	for (let i = colon + 1; i < end; i++) {
		if (p.kind[i] !== T.LParen) continue;
		if (p.kind[i + 1] === T.Ident && p.match[i] === i + 2) {
			p.pos = i + 1;
			const target = primary(p);
			const isLocal = exprKind(p, target) === ExprKind.Local && !p.dead;
			const code = Op.Assign | (OpFlag.Asm << 8);
			if (isLocal) emit(p, code, p.start[i + 1], p.end[i + 1], target, p.builder.opaque(), 0);
		}
		i = p.match[i]! < i ? end : p.match[i]!;
	}
}

function asmGoto(p: Parser, at: number, close: number): void {
	let colons = 0;
	let from = p.pos + 1;
	while (from < close && colons < 4) {
		from = skipTo(p, from, T.Colon, T.Colon);
		if (p.kind[from] !== T.Colon) break;
		colons++;
		from++;
	}
	if (p.dead) return;
	const lists = p.builder.lists;
	const first = lists.length;
	for (let i = from; i < close; i++) {
		if (p.kind[i] !== T.Ident) continue;
		lists.push(0);
		useLabel(p, p.val[i], lists.length - 1, 1);
	}
	emit(p, Op.Choice | (OpFlag.Asm << 8), p.start[at], p.end[close], first, lists.length - first, 1);
}
