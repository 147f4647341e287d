// Declarations inside functions: which statements are declarations, variables with their initialisers as
// assignments, __free() cleanups, static locals as static initialisers.
import { ExprKind, NONE, Op } from "../ir/ops.js";
import { TypeKind, VarFlag } from "../ir/unit.js";
import { addCleanup, composedName } from "./cleanups.js";
import { staticInitializer } from "./initializers.js";
import { addressOf, argument, assignment, initializer } from "./parseExpr.js";
import { addVar, afterGroup, bindVar, emit, fail, MAX_DEPTH, nameOf, type Parser, recover, skipTo } from "./parser.js";
import { SymbolFlag } from "./symbols.js";
import { T } from "./tokens.js";
import { declarator, specifiers, symbolFlags } from "./types.js";
import { W } from "./words.js";

/** Whether the statement at p.pos is a declaration; decided by its shape. */
export function startsDeclaration(p: Parser): boolean {
	const at = p.pos;
	const kind = p.kind[at];
	const word = p.val[at];
	if (kind === T.Keyword) {
		if (word === W.__extension__) return p.kind[at + 1] !== T.LParen;
		return (word > W.LastStatement && word <= W.LastAttributeKeyword) || word === W._Static_assert;
	}
	if (kind !== T.Ident || p.symVar[word] !== 0) return false;
	const next = p.kind[at + 1];
	switch (next) {
		case T.Ident:
			return true;
		case T.Keyword: {
			const nextWord = p.val[at + 1];
			return nextWord > W.LastStatement && nextWord <= W.LastAttributeKeyword;
		}
		case T.Star:
			return starDeclaration(p, at + 1, (symbolFlags(p, word) & SymbolFlag.Type) !== 0);
		case T.LParen: {
			if ((symbolFlags(p, word) & SymbolFlag.Type) !== 0 && p.kind[at + 2] === T.Star) return true;
			// `MACRO(type) *name;`
			const after = afterGroup(p, at + 1);
			return p.kind[after] === T.Star && starDeclaration(p, after, false);
		}
		default:
			return false;
	}
}

/** `a * b` in front of `;`, `=`, `,`, `[`: a declaration of b. */
function starDeclaration(p: Parser, from: number, isType: boolean): boolean {
	let at = from;
	for (;;) {
		const kind = p.kind[at];
		if (kind === T.Star) at++;
		else if (kind === T.Keyword && p.val[at] > W.LastStorage && p.val[at] <= W.LastQualifier) at++;
		else if (kind === T.Ident && p.kind[at + 1] === T.Ident) return true;
		else break;
	}
	if (p.kind[at] === T.LParen) return isType && p.kind[at + 1] === T.Star;
	if (p.kind[at] !== T.Ident) return false;
	const next = p.kind[at + 1];
	if (next === T.Semi || next === T.Assign || next === T.Comma || next === T.LBracket || next === T.Eof) return true;
	return next === T.Keyword ? p.val[at + 1] > W.LastTag && p.val[at + 1] <= W.LastAttributeKeyword : isType;
}

/** A declaration with its `;` (a macro's body and a for header may leave that out). */
export function localDeclaration(p: Parser): void {
	if (p.val[p.pos] === W._Static_assert && p.kind[p.pos] === T.Keyword) {
		p.pos = afterGroup(p, p.pos + 1);
		if (p.kind[p.pos] === T.Semi) p.pos++;
		return;
	}
	const startTok = p.pos;
	const base = specifiers(p, false);
	const isStatic = p.specStatic;
	const isTypedef = p.specTypedef;
	const isExtern = p.specExtern;
	while (p.kind[p.pos] !== T.Semi) {
		const before = p.pos;
		declarator(p, base);
		if (p.declSym < 0) {
			fail(p);
			return;
		}
		if (isTypedef) p.pp.lexer.symbols.flags[p.declSym] |= SymbolFlag.Type;
		else if (p.declParams < 0 && !isExtern) variable(p, isStatic, before === startTok ? startTok : before);
		else if (p.kind[p.pos] === T.Assign) p.pos = skipTo(p, p.pos, T.Comma, T.Semi);
		if (p.error) return;
		if (p.kind[p.pos] !== T.Comma) break;
		p.pos++;
	}
	if (p.kind[p.pos] === T.Semi) p.pos++;
	else if (p.kind[p.pos] === T.Eof && p.endsOpen) return;
	else if (p.kind[p.pos] !== T.RBrace && p.kind[p.pos] !== T.Colon) fail(p);
}

/** The variable that was declared, with its initialiser at p.pos. */
function variable(p: Parser, isStatic: boolean, startTok: number): void {
	const sym = p.declSym;
	const nameTok = p.declTok;
	const cleanup = p.cleanupSym;
	p.cleanupSym = -1;
	const type = p.declType;
	const start = p.start[nameTok];
	p.effects++;
	let flags = isStatic ? VarFlag.Static : 0;
	if (cleanup !== -1) flags |= VarFlag.Cleanup;
	const index = addVar(p, nameOf(p, sym), type, flags, start);
	bindVar(p, sym, index);
	const local = p.builder.expr(ExprKind.Local, index, 0, 0);
	if (p.kind[p.pos] !== T.Assign) {
		if (!isStatic) emit(p, Op.Declare, start, p.end[nameTok], index, 0, 0);
	} else {
		p.pos++;
		if (isStatic) staticInitializer(p, nameOf(p, sym), type);
		else if (p.kind[p.pos] === T.LBrace) {
			emit(
				p,
				Op.Assign,
				start,
				p.end[p.pos],
				local,
				p.builder.expr(ExprKind.Literal, type, p.builder.lists.length, 0),
				0,
			);
			fields(p, local, nameTok);
		} else {
			const value = assignment(p);
			emit(p, Op.Assign, start, p.end[p.pos - 1], local, value, 0);
		}
	}
	if (cleanup === -1 || p.error) return;
	const isFree = cleanup >= 0;
	const fn = isFree ? composedName(p, "__free_", cleanup, "") : nameOf(p, ~cleanup);
	const guard = isFree ? local : addressOf(p, local);
	addCleanup(p, fn, guard, p.scratch.length, 0, p.start[startTok], p.end[nameTok]);
}

/** `{ .a = x, .b.c = y }` at the brace: an assignment per designated field of `target`. */
export function fields(p: Parser, target: number, nameTok: number): void {
	const close = p.match[p.pos];
	if (close < 0 || ++p.depth > MAX_DEPTH) {
		fail(p);
		return;
	}
	p.pos++;
	while (p.pos < close) {
		const first = p.pos;
		const place = designatedPlace(p, target, close);
		const designated = p.pos > first;
		if (designated && p.kind[p.pos] === T.Assign) p.pos++;
		if (p.kind[p.pos] === T.LBrace) {
			if (designated) fields(p, place, nameTok);
			else initializer(p, NONE);
		} else {
			const value = argument(p, close);
			if (designated && !p.error) emit(p, Op.Assign, p.start[first], p.end[p.pos - 1], place, value, 0);
		}
		if (p.error) recover(p, Math.min(skipTo(p, Math.max(first + 1, p.errorAt), T.Comma, T.Comma), close));
		if (p.pos < close && p.kind[p.pos] === T.Comma) p.pos++;
		else if (p.pos <= first) p.pos = first + 1;
	}
	p.pos = close + 1;
	p.depth--;
}

function designatedPlace(p: Parser, target: number, close: number): number {
	let place = target;
	if (p.kind[p.pos] === T.Ident && p.kind[p.pos + 1] === T.Colon) {
		place = p.builder.expr(ExprKind.Field, place, nameOf(p, p.val[p.pos]), 0);
		p.pos += 2;
		return place;
	}
	for (;;) {
		if (p.kind[p.pos] === T.Dot && (p.kind[p.pos + 1] === T.Ident || p.kind[p.pos + 1] === T.Keyword)) {
			place = p.builder.expr(ExprKind.Field, place, nameOf(p, p.val[p.pos + 1]), 0);
			p.pos += 2;
		} else if (p.kind[p.pos] === T.LBracket) {
			place = p.builder.expr(ExprKind.Index, place, p.builder.opaque(), 0);
			p.pos = Math.min(afterGroup(p, p.pos), close);
		} else return place;
	}
}

/** DEFINE_WAIT(x), LIST_HEAD(x) and the like in a body: their first argument becomes a local. */
export function declareMacroVariable(p: Parser, at: number): void {
	const name = at + 2;
	if (p.kind[name] !== T.Ident || p.symVar[p.val[name]] !== 0) return;
	const next = p.kind[name + 1];
	if (next !== T.Comma && next !== T.RParen) return;
	const symbols = p.pp.lexer.symbols;
	const start = symbols.start[p.val[at]];
	const bytes = p.bytes;
	const word = p.val[at];
	const isDefiner =
		word === W.LIST_HEAD ||
		word === W.HLIST_HEAD ||
		(word > W.LastWord &&
			bytes[start] === 68 &&
			bytes[start + 1] === 69 &&
			(bytes[start + 2] === 70 || bytes[start + 2] === 67));
	if (!isDefiner) return;
	const type = p.builder.type(TypeKind.Unknown, NONE, 0, NONE);
	bindVar(p, p.val[name], addVar(p, nameOf(p, p.val[name]), type, VarFlag.AddressTaken, p.start[name]));
}
