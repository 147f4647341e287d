// hot: Expressions: one pass from tokens to IR. Every function answers an ExprId and emits calls, assignments
// and branches as it meets them, in the order of evaluation. `&&`, `||` and `?:` stay expressions while their
// arms have no effects; else they become branches over a temporary.
import { BinaryOp, ExprKind, NONE, Op, OpFlag, UnaryOp } from "../ir/ops.js";
import { TypeKind, VarFlag } from "../ir/unit.js";
import { fold } from "./fold.js";
import { intHigh, intLow, readChar, readInteger } from "./numbers.js";
import {
	addUnparsed,
	addVar,
	afterGroup,
	bindHere,
	emit,
	emitBranch,
	emitJump,
	expect,
	exprField,
	exprKind,
	fail,
	joinedName,
	MAX_DEPTH,
	nameOf,
	negate,
	opCount,
	type Parser,
	recover,
	skipTo,
	truncateOps,
	truthOf,
} from "./parser.js";
import { SymbolFlag } from "./symbols.js";
import { BINARY_OP, BINARY_PRECEDENCE, IS_ASSIGNMENT, T } from "./tokens.js";
import { isTypeAt, symbolFlags, typeName } from "./types.js";
import { W } from "./words.js";

/** expression {, expression}: the value of the last. */
export function expression(p: Parser): number {
	let value = assignment(p);
	while (p.kind[p.pos] === T.Comma) {
		p.pos++;
		value = assignment(p);
	}
	return value;
}

export function assignment(p: Parser): number {
	if (++p.depth > MAX_DEPTH) fail(p);
	const startTok = p.pos;
	const target = conditional(p);
	const value = IS_ASSIGNMENT[p.kind[p.pos]] !== 0 ? assignTo(p, target, startTok) : target;
	p.depth--;
	return value;
}

/** `target = …` with the target read and the operator next. */
export function assignTo(p: Parser, target: number, startTok: number): number {
	const operator = p.kind[p.pos++];
	let value = p.kind[p.pos] === T.LBrace ? initializer(p, NONE) : assignment(p);
	let flags = 0;
	if (operator !== T.Assign) {
		value = binary(p, BINARY_OP[operator], target, value);
		flags = OpFlag.Update;
	}
	assign(p, target, value, flags, startTok);
	if (flags === 0) {
		const kind = exprKind(p, value);
		if (kind === ExprKind.CallResult || kind === ExprKind.Int || kind === ExprKind.Name) return value;
	}
	return target;
}

/** Emits an assignment whose tokens run from startTok to here. */
export function assign(p: Parser, target: number, value: number, flags: number, startTok: number): void {
	p.effects++;
	if (p.dead) return;
	const place = lvalue(p, target);
	if (place !== NONE) emit(p, Op.Assign | (flags << 8), p.start[startTok], p.end[p.pos - 1], place, value, 0);
}

/** What an assignment to `target` writes: a place, or NONE. */
function lvalue(p: Parser, target: number): number {
	switch (exprKind(p, target)) {
		case ExprKind.Local:
		case ExprKind.Name:
		case ExprKind.Field:
		case ExprKind.Deref:
		case ExprKind.Index:
			return target;
		case ExprKind.Cast:
			return lvalue(p, exprField(p, target, 2));
		case ExprKind.CallResult:
			return p.builder.expr(ExprKind.Deref, target, 0, 0);
		default:
			return NONE;
	}
}

/** cond ? a : b and everything that binds tighter. */
export function conditional(p: Parser): number {
	const startTok = p.pos;
	const cond = binaryFrom(p, unary(p), 1, startTok);
	return p.kind[p.pos] === T.Question ? choose(p, cond, startTok) : cond;
}

/** `cond ? a : b` with the condition read and `?` next. */
export function choose(p: Parser, cond: number, startTok: number): number {
	p.pos++;
	const truth = truthOf(p, cond);
	if (truth >= 0) return chooseConstant(p, cond, truth !== 0);
	const count = opCount(p);
	const target = p.lastTarget;
	const effects = p.effects;
	const wasDead = p.dead;
	const elvis = p.kind[p.pos] === T.Colon;
	const branch = emitBranch(p, cond, startTok);
	const yes = elvis ? cond : expression(p);
	if (p.kind[p.pos] !== T.Colon) {
		bindHere(p, branch);
		fail(p);
		return yes;
	}
	p.pos++;
	const temp = wasDead ? NONE : addVar(p, NONE, p.builder.type(TypeKind.Unknown, NONE, 0, NONE), VarFlag.Temp, NONE);
	const result = wasDead ? p.builder.opaque() : p.builder.expr(ExprKind.Local, temp, 0, 0);
	emit(p, Op.Assign, p.start[startTok], p.end[p.pos - 1], result, yes, 0);
	const skip = emitJump(p, 0, p.start[startTok], p.end[p.pos - 1]);
	bindHere(p, branch);
	p.dead = wasDead;
	const no = p.kind[p.pos] === T.LBrace ? initializer(p, NONE) : assignmentOrConditional(p);
	if (p.effects === effects) {
		truncateOps(p, count, target);
		if (temp !== NONE) p.builder.vars.length -= 4;
		p.dead = wasDead;
		return p.builder.expr(ExprKind.Cond, cond, yes, no);
	}
	emit(p, Op.Assign, p.start[startTok], p.end[p.pos - 1], result, no, 0);
	bindHere(p, skip);
	return result;
}

/** The last arm of `?:`: bounded recursion for long chains. */
function assignmentOrConditional(p: Parser): number {
	if (++p.depth > MAX_DEPTH) fail(p);
	const value = conditional(p);
	p.depth--;
	return value;
}

/** Only the arm that a constant condition takes is emitted. */
function chooseConstant(p: Parser, cond: number, truth: boolean): number {
	const wasDead = p.dead;
	let yes = cond;
	if (p.kind[p.pos] !== T.Colon) {
		if (!truth) p.dead = true;
		yes = expression(p);
		p.dead = wasDead;
	}
	if (p.kind[p.pos] !== T.Colon) {
		fail(p);
		return yes;
	}
	p.pos++;
	if (truth) p.dead = true;
	const no = assignmentOrConditional(p);
	p.dead = wasDead;
	return truth ? yes : no;
}

/** Binary operators of at least this precedence. */
export function binaryFrom(p: Parser, first: number, minimum: number, startTok: number): number {
	let left = first;
	for (;;) {
		const kind = p.kind[p.pos];
		const precedence = BINARY_PRECEDENCE[kind];
		if (precedence === 0 || precedence < minimum) return left;
		if (kind === T.AndAnd || kind === T.OrOr) {
			left = logical(p, left, kind, precedence, startTok);
			continue;
		}
		p.pos++;
		const rightTok = p.pos;
		let right = unary(p);
		if (BINARY_PRECEDENCE[p.kind[p.pos]] > precedence) right = binaryFrom(p, right, precedence + 1, rightTok);
		left = binary(p, BINARY_OP[kind], left, right);
	}
}

/** left && right, left || right as a value, with the operator next. */
function logical(p: Parser, left: number, kind: T, precedence: number, startTok: number): number {
	p.pos++;
	const isAnd = kind === T.AndAnd;
	const wasDead = p.dead;
	const truth = truthOf(p, left);
	const rightTok = p.pos;
	if (truth >= 0) {
		const decided = isAnd ? truth === 0 : truth === 1;
		if (decided) p.dead = true;
		const right = binaryFrom(p, unary(p), precedence + 1, rightTok);
		p.dead = wasDead;
		return decided ? p.builder.intOf(truth) : right;
	}
	const count = opCount(p);
	const target = p.lastTarget;
	const effects = p.effects;
	const branch = emitBranch(p, isAnd ? left : negate(p, left), startTok);
	const right = binaryFrom(p, unary(p), precedence + 1, rightTok);
	if (p.effects === effects) {
		truncateOps(p, count, target);
		p.dead = wasDead;
		return p.builder.expr(ExprKind.Binary, isAnd ? BinaryOp.LogAnd : BinaryOp.LogOr, left, right);
	}
	if (wasDead) return p.builder.opaque();
	const temp = addVar(p, NONE, p.builder.type(TypeKind.Bool, NONE, 0, NONE), VarFlag.Temp, NONE);
	const result = p.builder.expr(ExprKind.Local, temp, 0, 0);
	const end = p.end[p.pos - 1];
	emit(p, Op.Assign, p.start[rightTok], end, result, right, 0);
	const skip = emitJump(p, 0, p.start[startTok], end);
	bindHere(p, branch);
	emit(p, Op.Assign, p.start[startTok], end, result, p.builder.intOf(isAnd ? 0 : 1), 0);
	bindHere(p, skip);
	return result;
}

/** A binary expression, folded when both sides are small integers. */
export function binary(p: Parser, op: BinaryOp, left: number, right: number): number {
	const folded = fold(p.builder, op, left, right);
	return folded !== NONE ? folded : p.builder.expr(ExprKind.Binary, op, left, right);
}

export function unary(p: Parser): number {
	const kind = p.kind[p.pos];
	if (kind === T.Ident) return postfix(p, primary(p), p.pos - 1);
	if (++p.depth > MAX_DEPTH) {
		fail(p);
		p.depth--;
		return p.builder.opaque();
	}
	const value = prefixed(p, kind);
	p.depth--;
	return value;
}

function prefixed(p: Parser, kind: T): number {
	const at = p.pos;
	switch (kind) {
		case T.Bang:
			p.pos++;
			return negate(p, unary(p));
		case T.Tilde:
		case T.Minus: {
			p.pos++;
			const operand = unary(p);
			const folded = fold(
				p.builder,
				kind === T.Minus ? BinaryOp.Sub : BinaryOp.Xor,
				p.builder.intOf(kind === T.Minus ? 0 : -1),
				operand,
			);
			if (folded !== NONE) return folded;
			return p.builder.expr(ExprKind.Unary, kind === T.Minus ? UnaryOp.Neg : UnaryOp.BitNot, operand, 0);
		}
		case T.Plus:
			p.pos++;
			return unary(p);
		case T.Star: {
			p.pos++;
			const operand = unary(p);
			if (exprKind(p, operand) === ExprKind.AddrOf) return exprField(p, operand, 1);
			return p.builder.expr(ExprKind.Deref, operand, 0, 0);
		}
		case T.Amp:
			p.pos++;
			return addressOf(p, unary(p));
		case T.AndAnd:
			// the address of a label
			p.pos++;
			if (p.kind[p.pos] === T.Ident) p.addressedLabels.push(p.val[p.pos++]);
			else fail(p);
			return p.builder.opaque();
		case T.Inc:
		case T.Dec: {
			p.pos++;
			const operand = unary(p);
			step(p, operand, kind, at);
			return operand;
		}
		case T.LParen:
			return parenthesised(p);
		case T.Keyword:
			return keyword(p);
		default:
			return postfix(p, primary(p), at);
	}
}

export function addressOf(p: Parser, operand: number): number {
	const kind = exprKind(p, operand);
	if (kind === ExprKind.Deref) return exprField(p, operand, 1);
	if (kind === ExprKind.Local) {
		const flags = (p.varBase + exprField(p, operand, 1)) * 4 + 2;
		p.builder.vars.data[flags] |= VarFlag.AddressTaken;
	}
	return p.builder.expr(ExprKind.AddrOf, operand, 0, 0);
}

/** ++x, x++ and so on. */
function step(p: Parser, operand: number, kind: T, startTok: number): void {
	const value = p.builder.expr(
		ExprKind.Binary,
		kind === T.Inc ? BinaryOp.Add : BinaryOp.Sub,
		operand,
		p.builder.intOf(1),
	);
	assign(p, operand, value, OpFlag.Update, startTok);
}

/** `(type) x`, `(type){…}`, `({ … })` or `(x)`. */
function parenthesised(p: Parser): number {
	const at = p.pos;
	const close = p.match[at];
	if (close < 0) {
		fail(p);
		return p.builder.opaque();
	}
	if (p.kind[at + 1] === T.LBrace) return postfix(p, p.hooks.statementExpression(p), at);
	if (isTypeAt(p, at + 1, close)) {
		p.pos = at + 1;
		const type = typeName(p, close);
		p.pos = close + 1;
		if (p.kind[p.pos] === T.LBrace) return postfix(p, initializer(p, type), at);
		const operand = unary(p);
		return exprKind(p, operand) === ExprKind.Int ? operand : p.builder.expr(ExprKind.Cast, type, operand, 0);
	}
	p.pos++;
	const value = expression(p);
	expect(p, T.RParen);
	return postfix(p, value, at);
}

/** An expression that begins with a keyword: sizeof, _Generic, a type as a macro's argument … */
function keyword(p: Parser): number {
	const at = p.pos;
	const word = p.val[at];
	switch (word) {
		case W.sizeof:
		case W._Alignof:
		case W.__alignof__:
		case W.__alignof:
			return sizeOf(p);
		case W.__extension__:
			p.pos++;
			return unary(p);
		case W._Generic:
			return generic(p);
		case W.__builtin_offsetof:
			p.pos = afterGroup(p, at + 1);
			return p.builder.expr(ExprKind.SizeOf, NONE, 0, 0);
		default:
			// `struct foo` and the like where a macro takes a type
			if (word > W.LastStatement && word <= W.LastTag) {
				const type = typeName(p, skipTo(p, at, T.Comma, T.Semi));
				return p.builder.expr(ExprKind.SizeOf, type, 0, 0);
			}
			fail(p);
			return p.builder.opaque();
	}
}

function sizeOf(p: Parser): number {
	p.pos++;
	const wasDead = p.dead;
	const effects = p.effects;
	const open = p.pos;
	let type = NONE;
	if (p.kind[open] === T.LParen && p.match[open] > 0) {
		const close = p.match[open];
		if (isTypeAt(p, open + 1, close)) {
			p.pos = open + 1;
			type = typeName(p, close);
		}
		p.pos = close + 1;
		if (p.kind[p.pos] === T.LBrace && type !== NONE) p.pos = afterGroup(p, p.pos);
		// sizeof(x)->y measures the field
		while (p.kind[p.pos] === T.Arrow || p.kind[p.pos] === T.Dot) p.pos += 2;
	} else {
		p.dead = true;
		unary(p);
		p.dead = wasDead;
		p.effects = effects;
	}
	return p.builder.expr(ExprKind.SizeOf, type, 0, 0);
}

/** _Generic(x, type: value, …): the default, else the first value; the others are read without effect. */
function generic(p: Parser): number {
	const open = p.pos + 1;
	const close = p.match[open];
	if (p.kind[open] !== T.LParen || close < 0) {
		fail(p);
		return p.builder.opaque();
	}
	let chosen = NONE;
	let at = skipTo(p, open + 1, T.Comma, T.Comma);
	while (at < close && p.kind[at] === T.Comma) {
		const colon = skipTo(p, at + 1, T.Colon, T.Colon);
		if (p.kind[colon] !== T.Colon) break;
		if (chosen === NONE || (p.kind[at + 1] === T.Keyword && p.val[at + 1] === W.default)) chosen = colon + 1;
		at = skipTo(p, colon + 1, T.Comma, T.Comma);
	}
	let value = p.builder.opaque();
	if (chosen !== NONE) {
		p.pos = chosen;
		value = assignment(p);
		if (p.error) return value;
	}
	p.pos = close + 1;
	return postfix(p, value, open);
}

/** Calls, subscripts, fields and ++/-- behind a primary that began at startTok. */
export function postfix(p: Parser, first: number, startTok: number): number {
	let value = first;
	let nameTok = startTok;
	for (;;) {
		const at = p.pos;
		switch (p.kind[at]) {
			case T.LParen:
				value = isPastedName(p, at, nameTok) ? pastedName(p, nameTok) : call(p, value, nameTok, 0);
				break;
			case T.LBracket: {
				p.pos++;
				const index = expression(p);
				if (p.kind[p.pos] !== T.RBracket) {
					fail(p);
					return value;
				}
				p.pos++;
				value = p.builder.expr(ExprKind.Index, value, index, 0);
				break;
			}
			case T.Dot:
			case T.Arrow: {
				const name = p.kind[at + 1];
				if (name !== T.Ident && name !== T.Keyword) {
					fail(p);
					return value;
				}
				nameTok = at + 1;
				p.pos = at + 2;
				value = field(p, value, nameOf(p, p.val[at + 1]), p.kind[at] === T.Arrow);
				while (p.kind[p.pos] === T.HashHash) p.pos += 2;
				break;
			}
			case T.Inc:
			case T.Dec:
				p.pos++;
				step(p, value, p.kind[at], startTok);
				value = p.builder.opaque();
				break;
			default:
				return value;
		}
		if (p.error) return value;
	}
}

/** `FNAME(walk)(args)`: the inner call makes the name of the function. */
function isPastedName(p: Parser, open: number, nameTok: number): boolean {
	const close = p.match[open];
	if (close !== open + 2 || p.kind[close + 1] !== T.LParen || nameTok !== open - 1) return false;
	if (p.kind[nameTok] !== T.Ident || p.kind[open + 1] !== T.Ident) return false;
	return (symbolFlags(p, p.val[nameTok]) & SymbolFlag.Lower) === 0;
}

function pastedName(p: Parser, nameTok: number): number {
	p.pos = nameTok + 4;
	return p.builder.expr(ExprKind.Name, joinedName(p, p.val[nameTok], p.val[nameTok + 2]), 0, 0);
}

/** `(&x)->f` is `x.f`. */
export function field(p: Parser, base: number, name: number, isArrow: boolean): number {
	if (p.guardLock !== NONE && base === p.guardSelf && name === p.guardField) return p.guardLock;
	if (isArrow && exprKind(p, base) === ExprKind.AddrOf)
		return p.builder.expr(ExprKind.Field, exprField(p, base, 1), name, 0);
	if (!isArrow && exprKind(p, base) === ExprKind.Deref)
		return p.builder.expr(ExprKind.Field, exprField(p, base, 1), name, 1);
	return p.builder.expr(ExprKind.Field, base, name, isArrow ? 1 : 0);
}

/** A call with `(` next; answers its CallResult. */
export function call(p: Parser, callee: number, nameTok: number, flags: number): number {
	const base = p.scratch.length;
	const count = callArguments(p, base);
	if (count < 0) return p.builder.opaque();
	return emitCall(p, callee, p.start[nameTok], p.end[p.pos - 1], base, count, flags);
}

/** Emits a call with `count` arguments (expr, start, end) on the scratch stack from `base` on; pops them. */
export function emitCall(
	p: Parser,
	callee: number,
	start: number,
	end: number,
	base: number,
	count: number,
	flags: number,
): number {
	p.effects++;
	p.scratch.length = base;
	if (p.dead) return p.builder.opaque();
	let target = callee;
	while (exprKind(p, target) === ExprKind.Deref || exprKind(p, target) === ExprKind.AddrOf)
		target = exprField(p, target, 1);
	const lists = p.builder.lists;
	const first = lists.length;
	if (first + count * 3 > lists.data.length) lists.grow(count * 3);
	const from = p.scratch.data;
	for (let i = 0; i < count; i++) {
		lists.data[first + i] = from[base + i * 3];
		lists.data[first + count + i] = from[base + i * 3 + 1];
		lists.data[first + 2 * count + i] = from[base + i * 3 + 2];
	}
	lists.length = first + count * 3;
	const op = emit(p, Op.Call | (flags << 8), start, end, target, first, count);
	return op === NONE ? p.builder.opaque() : p.builder.expr(ExprKind.CallResult, op, 0, 0);
}

/** Reads `( args )` onto the scratch stack; their number, or -1 when the parenthesis is never closed. */
export function callArguments(p: Parser, base: number): number {
	const close = p.match[p.pos];
	if (close < 0) {
		fail(p);
		return -1;
	}
	return listArguments(p, p.pos + 1, close, base);
}

/**
 * Reads arguments from token `from` to the closing parenthesis onto the scratch stack; their number. Those after
 * `__VA_ARGS__` are read only: how many stand before them is not known.
 */
export function listArguments(p: Parser, from: number, close: number, base: number): number {
	p.pos = from;
	let count = 0;
	let isOpen = false;
	while (p.pos < close) {
		if (p.kind[p.pos] === T.Comma) {
			// an empty argument
			p.scratch.push3(p.builder.opaque(), p.start[p.pos], p.start[p.pos]);
			p.pos++;
			count++;
			continue;
		}
		const first = p.pos;
		const value = argument(p, close);
		if (!isOpen) {
			p.scratch.push3(value, p.start[first], p.end[p.pos - 1]);
			count++;
			isOpen = p.inMacro && p.pos > first && p.val[p.pos - 1] === W.__VA_ARGS__;
		}
		if (p.pos >= close) break;
		p.pos++;
	}
	if (p.scratch.length !== base + count * 3) p.scratch.length = base + count * 3;
	p.pos = close + 1;
	return count;
}

/** One argument of a call: an expression, or what only a macro can take; ends at `,` or `close`. */
export function argument(p: Parser, close: number): number {
	const first = p.pos;
	const kind = p.kind[first];
	if (kind === T.Ident) {
		const next = p.kind[first + 1];
		if (next === T.Comma || next === T.RParen) {
			const sym = p.val[first];
			if ((symbolFlags(p, sym) & SymbolFlag.Type) !== 0 && p.symVar[sym] === 0) {
				const type = typeName(p, first + 1);
				return p.builder.expr(ExprKind.SizeOf, type, 0, 0);
			}
		} else if (next === T.Star) {
			let last = first + 2;
			while (p.kind[last] === T.Star) last++;
			if (p.kind[last] === T.Comma || last === close) return p.builder.expr(ExprKind.SizeOf, typeName(p, last), 0, 0);
		} else if (next === T.LParen && p.kind[p.match[first + 1] + 1] === T.LBrace && p.match[first + 1] > 0) {
			const end = Math.min(skipTo(p, first, T.Comma, T.Comma), close);
			p.hooks.statementArgument(p, end);
			return p.builder.opaque();
		}
	} else if (kind === T.LBrace) {
		p.hooks.statementArgument(p, p.match[first] + 1);
		if (p.pos <= close && (p.kind[p.pos] === T.Comma || p.pos === close)) return p.builder.opaque();
	} else if (kind === T.Keyword && p.val[first] <= W.LastStatement) {
		const end = skipTo(p, first, T.Comma, T.Comma);
		p.hooks.statementArgument(p, end);
		p.pos = Math.min(end, close);
		return p.builder.opaque();
	}
	while (p.kind[p.pos] === T.Dot && p.kind[p.pos + 1] === T.Ident) p.pos += 2;
	if (p.pos > first && p.kind[p.pos] === T.Assign) p.pos++;
	const value = p.pos > first && p.kind[p.pos] === T.LBrace ? initializer(p, NONE) : assignment(p);
	if (!p.error && (p.pos === close || p.kind[p.pos] === T.Comma)) return value;
	if (!p.error && p.kind[p.pos] === T.Semi && p.inFunction) {
		// statements as an argument
		p.pos++;
		p.hooks.statementArgument(p, Math.min(skipTo(p, p.pos, T.Comma, T.Comma), close));
		return p.builder.opaque();
	}
	return badArgument(p, first, close);
}

/** Skips an argument that is no expression (`==`, `%p`, a declaration): operators alone are not counted. */
function badArgument(p: Parser, first: number, close: number): number {
	const end = Math.min(skipTo(p, Math.max(first, p.error ? p.errorAt : p.pos), T.Comma, T.Comma), close);
	recover(p, end > first ? end : Math.min(first + 1, close));
	const opens = p.kind[first];
	if (p.inFunction && p.pos > first + 1 && opens < T.Hash && opens !== T.LBracket && !declares(p, first))
		addUnparsed(p, p.start[first], p.end[p.pos - 1]);
	if (p.kind[p.pos] !== T.Comma && p.pos !== close) p.pos = close;
	return p.builder.opaque();
}

/** `type name` as an argument of a definer. */
function declares(p: Parser, at: number): boolean {
	return p.kind[at] === T.Ident && (p.kind[at + 1] === T.Ident || p.kind[at + 1] === T.Star);
}

/** A name, a constant or a string. */
export function primary(p: Parser): number {
	const at = p.pos;
	const builder = p.builder;
	switch (p.kind[at]) {
		case T.Ident: {
			const sym = p.val[at];
			const next = p.kind[at + 1];
			if (sym <= W.LastSpecial && sym > W.LastAnnotation && next === T.LParen) return p.hooks.special(p);
			if (next === T.HashHash) return paste(p);
			if (next === T.LParen && p.kind[p.match[at + 1] + 1] === T.String) return strings(p);
			p.pos = at + 1;
			if (next === T.String) return strings(p);
			if (next === T.Char && sym === W.L) return primary(p);
			const variable = p.symVar[sym];
			if (variable !== 0) return builder.expr(ExprKind.Local, variable - 1, 0, 0);
			return builder.expr(ExprKind.Name, nameOf(p, sym), 0, 0);
		}
		case T.Number:
			p.pos = at + 1;
			if (p.kind[p.pos] === T.HashHash) return paste(p);
			// `4 KB`: a unit that is a macro
			if (p.kind[p.pos] === T.Ident && (symbolFlags(p, p.val[p.pos]) & SymbolFlag.Lower) === 0) p.pos++;
			return readInteger(p.bytes, p.start[at], p.end[at]) ? builder.int(intLow, intHigh) : builder.opaque();
		case T.Char:
			p.pos = at + 1;
			readChar(p.bytes, p.start[at], p.end[at]);
			return builder.int(intLow, intHigh);
		case T.String:
			return strings(p);
		case T.Hash:
			if (p.kind[at + 1] === T.Ident) {
				p.pos = at + 2;
				return p.kind[p.pos] === T.String ? strings(p) : builder.expr(ExprKind.Str, NONE, 0, 0);
			}
			break;
		case T.HashHash:
			p.pos = at + 1;
			return unary(p);
		default:
	}
	fail(p);
	return builder.opaque();
}

/** `a ## b`: nobody knows the name. */
function paste(p: Parser): number {
	let at = p.kind[p.pos] === T.HashHash ? p.pos : p.pos + 1;
	while (p.kind[at] === T.HashHash) at += 2;
	p.pos = Math.min(at, p.eof);
	return p.builder.opaque();
}

/** Adjacent strings, with the macros and #x between them: a short single one keeps its text. */
function strings(p: Parser): number {
	const first = p.pos;
	let at = first;
	for (;;) {
		if (p.kind[at] === T.String) at++;
		else if (p.kind[at] === T.Ident && (p.kind[at + 1] === T.String || (at > first && isStringMacro(p, at)))) at++;
		else if (p.kind[at] === T.Ident && p.kind[at + 1] === T.LParen) at = afterGroup(p, at + 1);
		else if (p.kind[at] === T.Hash && p.kind[at + 1] === T.Ident) at += 2;
		else break;
	}
	p.pos = at;
	const length = p.end[first] - p.start[first] - 2;
	const text =
		at === first + 1 && length <= 64 && length >= 0
			? p.builder.name(p.bytes, p.start[first] + 1, p.end[first] - 1)
			: NONE;
	return p.builder.expr(ExprKind.Str, text, 0, 0);
}

/** PRIu64 and the like: an upper-case name after a string. */
function isStringMacro(p: Parser, at: number): boolean {
	const next = p.kind[at + 1];
	return (
		(next >= T.RParen && next <= T.Question && next !== T.LBrace && next !== T.LBracket) ||
		next === T.Ident ||
		next === T.Eof
	);
}

/** `{ … }` as a value: its entries with the field they are for; nested braces are literals too. */
export function initializer(p: Parser, type: number): number {
	const close = p.match[p.pos];
	if (close < 0 || ++p.depth > MAX_DEPTH) {
		fail(p);
		return p.builder.opaque();
	}
	p.pos++;
	const base = p.scratch.length;
	while (p.pos < close) {
		const first = p.pos;
		let name = NONE;
		if (p.kind[p.pos] === T.Dot && p.kind[p.pos + 1] === T.Ident) {
			name = nameOf(p, p.val[p.pos + 1]);
			p.pos += 2;
			while (p.kind[p.pos] === T.Dot || p.kind[p.pos] === T.LBracket)
				p.pos = p.kind[p.pos] === T.Dot ? p.pos + 2 : afterGroup(p, p.pos);
		} else if (p.kind[p.pos] === T.LBracket) p.pos = afterGroup(p, p.pos);
		else if (p.kind[p.pos] === T.Ident && p.kind[p.pos + 1] === T.Colon) {
			name = nameOf(p, p.val[p.pos]);
			p.pos++;
		}
		if (p.pos > first && (p.kind[p.pos] === T.Assign || p.kind[p.pos] === T.Colon)) p.pos++;
		const value = p.kind[p.pos] === T.LBrace ? initializer(p, NONE) : argument(p, close);
		if (p.error) {
			const end = Math.min(skipTo(p, Math.max(first + 1, p.errorAt), T.Comma, T.Comma), close);
			recover(p, end);
		}
		p.scratch.push(name);
		p.scratch.push(value);
		if (p.pos < close && p.kind[p.pos] !== T.Comma) {
			// a macro without a comma after it
			if (p.pos <= first) p.pos = first + 1;
			continue;
		}
		p.pos++;
	}
	p.pos = close + 1;
	p.depth--;
	const count = (p.scratch.length - base) / 2;
	if (p.dead || count > 64) {
		p.scratch.length = base;
		return p.builder.opaque();
	}
	const list = p.builder.lists.length;
	for (let i = base; i < p.scratch.length; i++) p.builder.lists.push(p.scratch.data[i]);
	p.scratch.length = base;
	return p.builder.expr(ExprKind.Literal, type, list, count);
}
