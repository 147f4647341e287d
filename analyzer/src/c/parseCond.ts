// hot: Conditions of if, while and for: straight to chains of Branch ops, without temporaries. A function here
// emits code that falls through when the condition holds and answers the jump list of the other case.
import { ExprKind, NONE, Op, OpField, OpFlag } from "../ir/ops.js";
import { assignTo, binaryFrom, unary } from "./parseExpr.js";
import {
	addUnparsed,
	bindHere,
	emit,
	emitBranch,
	emitJump,
	expect,
	fail,
	joinLists,
	MAX_DEPTH,
	negate,
	opCount,
	opField,
	type Parser,
	recover,
	setOpField,
	truthOf,
} from "./parser.js";
import { IS_ASSIGNMENT, T } from "./tokens.js";
import { W } from "./words.js";

/** `( condition )` at the parenthesis; what cannot be read is a branch nobody can decide. */
export function parenCondition(p: Parser): number {
	const open = p.pos;
	const close = p.kind[open] === T.LParen ? p.match[open] : -1;
	if (close < 0) {
		fail(p);
		return NONE;
	}
	p.pos++;
	const falseList = condition(p);
	if (!p.error && p.pos === close) {
		p.pos++;
		return falseList;
	}
	recover(p, close + 1);
	return joinLists(p, falseList, unreadable(p, p.start[open], p.end[close]));
}

/** An Op.Unknown and a branch on a value nobody knows. */
export function unreadable(p: Parser, start: number, end: number): number {
	addUnparsed(p, start, end);
	emit(p, Op.Unknown, start, end, 0, 0, 0);
	return emit(p, Op.Branch, start, end, p.builder.expr(ExprKind.Opaque, 0, 0, 0), NONE, 0);
}

/** A condition with commas and `?:`. */
export function condition(p: Parser): number {
	if (++p.depth > MAX_DEPTH) fail(p);
	let falseList = ternary(p);
	while (p.kind[p.pos] === T.Comma) {
		bindHere(p, falseList);
		p.pos++;
		falseList = ternary(p);
	}
	p.depth--;
	return falseList;
}

function ternary(p: Parser): number {
	const falseList = disjunction(p);
	if (p.kind[p.pos] !== T.Question) return falseList;
	p.pos++;
	if (p.kind[p.pos] === T.Colon) {
		p.pos++;
		const whenTrue = jumpWhenTrue(p, falseList);
		const rest = deeper(p);
		bindHere(p, whenTrue);
		return rest;
	}
	const yes = condition(p);
	expect(p, T.Colon);
	const skip = emitJump(p, 0, p.start[p.pos - 1], p.end[p.pos - 1]);
	bindHere(p, falseList);
	const no = deeper(p);
	bindHere(p, skip);
	return joinLists(p, yes, no);
}

function deeper(p: Parser): number {
	if (++p.depth > MAX_DEPTH) fail(p);
	const falseList = ternary(p);
	p.depth--;
	return falseList;
}

function disjunction(p: Parser): number {
	let falseList = conjunction(p);
	let whenTrue: number = NONE;
	while (p.kind[p.pos] === T.OrOr) {
		p.pos++;
		whenTrue = joinLists(p, whenTrue, jumpWhenTrue(p, falseList));
		falseList = conjunction(p);
	}
	bindHere(p, whenTrue);
	return falseList;
}

function conjunction(p: Parser): number {
	let falseList = operand(p);
	while (p.kind[p.pos] === T.AndAnd) {
		p.pos++;
		falseList = joinLists(p, falseList, operand(p));
	}
	return falseList;
}

/**
 * Turns "falls through when true" into "jumps when true": answers that jump list and lets the false case go on
 * here. A branch that was just emitted is turned around instead of adding a jump.
 */
export function jumpWhenTrue(p: Parser, falseList: number): number {
	const last = opCount(p) - 1;
	if (!p.dead && falseList !== NONE && falseList === last && p.lastTarget <= last) {
		if ((opField(p, last, OpField.Code) & 0xff) === Op.Branch) {
			const rest = opField(p, last, OpField.B);
			setOpField(p, last, OpField.Code, withOtherHint(opField(p, last, OpField.Code)));
			setOpField(p, last, OpField.A, negate(p, opField(p, last, OpField.A)));
			setOpField(p, last, OpField.B, NONE);
			bindHere(p, rest);
			return last;
		}
	}
	const at = Math.max(p.pos - 1, 0);
	const jump = emitJump(p, 0, p.start[at], p.end[at]);
	bindHere(p, falseList);
	return jump;
}

const HINTS = (OpFlag.Likely | OpFlag.Unlikely) << 8;

/** The code of a branch whose condition is negated: what was likely is not. */
function withOtherHint(code: number): number {
	return (code & HINTS) === 0 ? code : code ^ HINTS;
}

function operand(p: Parser): number {
	const kind = p.kind[p.pos];
	if (kind === T.Bang) {
		const next = p.pos + 1;
		if (p.kind[next] === T.Bang && isGroup(p, next + 1)) {
			p.pos += 2;
			return operand(p);
		}
		if (isGroup(p, next)) {
			p.pos++;
			return jumpWhenTrue(p, operand(p));
		}
	} else if (isGroup(p, p.pos)) {
		const word = kind === T.Ident ? p.val[p.pos] : -1;
		const hint = p.hint;
		if (word >= 0) p.hint = word === W.likely ? OpFlag.Likely : OpFlag.Unlikely;
		p.pos += word >= 0 ? 2 : 1;
		const falseList = condition(p);
		p.hint = hint;
		expect(p, T.RParen);
		return falseList;
	}
	return simple(p);
}

/** `( … )`, likely( … ) or unlikely( … ) at token `at` that is a whole operand of `&&`, `||` or the condition. */
function isGroup(p: Parser, at: number): boolean {
	let open = at;
	if (p.kind[at] === T.Ident) {
		if (p.val[at] !== W.likely && p.val[at] !== W.unlikely) return false;
		open++;
	}
	if (p.kind[open] !== T.LParen || p.kind[open + 1] === T.LBrace) return false;
	const close = p.match[open];
	if (close < 0 || close === open + 1) return false;
	switch (p.kind[close + 1]) {
		case T.AndAnd:
		case T.OrOr:
		case T.RParen:
		case T.Semi:
		case T.Question:
		case T.Colon:
		case T.Comma:
		case T.Eof:
			return true;
		default:
			return false;
	}
}

/** A comparison, a call, a flag test, an assignment. */
function simple(p: Parser): number {
	const startTok = p.pos;
	let value = binaryFrom(p, unary(p), 3, startTok);
	if (IS_ASSIGNMENT[p.kind[p.pos]] !== 0) value = assignTo(p, value, startTok);
	const truth = truthOf(p, value);
	if (truth === 1) return NONE;
	if (truth === 0) return emitJump(p, 0, p.start[startTok], p.end[Math.max(p.pos - 1, startTok)]);
	return emitBranch(p, value, startTok);
}
