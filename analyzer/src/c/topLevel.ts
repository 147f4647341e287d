// File scope: functions, prototypes, variables, typedefs and macro invocations, one after another. What cannot
// be read is skipped up to the next plausible definition.
import { NONE } from "../ir/ops.js";
import { FnFlag, TypeKind } from "../ir/unit.js";
import { fileScopeMacro } from "./definers.js";
import { type FunctionHead, functionBody } from "./functions.js";
import { staticInitializer } from "./initializers.js";
import { argument } from "./parseExpr.js";
import { addUnparsed, afterGroup, fail, nameOf, type Parser, recover, skipTo } from "./parser.js";
import { SymbolFlag } from "./symbols.js";
import { T } from "./tokens.js";
import { declarator, isAttributeWord, specifiers, symbolFlags } from "./types.js";
import { W } from "./words.js";

/** Reads the whole stream. */
export function fileScope(p: Parser): void {
	while (p.pos < p.eof) {
		const first = p.pos;
		p.depth = 0;
		p.scratch.length = 0;
		p.memberStack.length = 0;
		p.dead = true;
		external(p);
		if (p.error) recoverFileScope(p, first);
		else if (p.pos <= first) p.pos = first + 1;
	}
}

function recoverFileScope(p: Parser, first: number): void {
	let at = Math.max(p.errorAt, first);
	while (at < p.eof) {
		const kind = p.kind[at];
		if (at > first && startsItem(p, at)) break;
		if (kind === T.Semi || kind === T.RBrace) {
			at++;
			break;
		}
		at = kind === T.LBrace || kind === T.LParen ? afterGroup(p, at) : at + 1;
	}
	if (at <= first) at = first + 1;
	recover(p, Math.min(at, p.eof));
	addUnparsed(p, p.start[first], p.end[Math.min(at, p.eof) - 1]);
}

/** A word in column 0 that can begin a definition. */
function startsItem(p: Parser, at: number): boolean {
	const start = p.start[at];
	if (start > 0 && p.bytes[start - 1] !== 10) return false;
	if (p.kind[at] === T.Ident) return true;
	return p.kind[at] === T.Keyword && p.val[at] > W.LastStatement && p.val[at] <= W.LastAttributeKeyword;
}

function external(p: Parser): void {
	const at = p.pos;
	const word = p.val[at];
	switch (p.kind[at]) {
		case T.Keyword:
			if (word === W.asm || word === W.__asm__ || word === W.__asm) {
				p.pos = skipTo(p, at, T.Semi, T.Semi);
				return;
			}
			if (word === W._Static_assert) {
				p.pos = afterGroup(p, at + 1);
				return;
			}
			if (word === W.extern && p.kind[at + 1] === T.String) {
				p.pos = p.kind[at + 2] === T.LBrace ? at + 3 : at + 2;
				return;
			}
			if (word <= W.LastStatement) fail(p);
			else declaration(p);
			return;
		case T.Ident:
			if (p.kind[at + 1] === T.LParen && isOldStyle(p, at)) {
				p.specFlags = 0;
				p.specStatic = false;
				p.annotationTokens.length = 0;
				p.builder.beginScope();
				declarators(p, at, p.builder.type(TypeKind.Int, NONE, 0, NONE));
			} else if (p.kind[at + 1] === T.LParen && isMacroUse(p, at)) {
				p.specFlags = 0;
				fileScopeMacro(p, at, false);
			} else declaration(p);
			return;
		default:
			p.pos++;
	}
}

/** `name(a, b) int a; char *b; {`: a function without a return type. */
function isOldStyle(p: Parser, at: number): boolean {
	const open = at + 1;
	const close = p.match[open];
	if (close <= open + 1 || (symbolFlags(p, p.val[at]) & SymbolFlag.Lower) === 0) return false;
	p.pos = close + 1;
	const found = oldStyleBody(p, open) >= 0;
	p.pos = at;
	return found;
}

/** Whether `name(args)` at file scope is used for itself, not as the type or attribute of a declaration. */
function isMacroUse(p: Parser, at: number): boolean {
	const close = p.match[at + 1];
	if (close < 0) return true;
	const next = p.kind[close + 1];
	if (next !== T.Ident && next !== T.Keyword && next !== T.Star) return true;
	if (isAttributeWord(p, at)) return p.val[close + 1] === p.val[at] && newLineBetween(p, close, close + 1);
	if (next === T.Star) return false;
	if (newLineBetween(p, close, close + 1)) return true;
	if (next === T.Keyword) return p.val[close + 1] <= W.LastStatement;
	const after = p.kind[close + 2];
	return isAttributeWord(p, close + 1) && after !== T.Ident && after !== T.Star;
}

function newLineBetween(p: Parser, first: number, second: number): boolean {
	for (let i = p.end[first]; i < p.start[second]; i++) if (p.bytes[i] === 10) return true;
	return false;
}

/** A declaration or a function definition. */
function declaration(p: Parser): void {
	const startTok = p.pos;
	p.builder.beginScope();
	p.annotationTokens.length = 0;
	p.specPerCpu = false;
	const type = specifiers(p, false);
	if (p.error) return;
	const isStatic = p.specStatic;
	if (!p.specHasType && p.kind[p.pos] === T.Ident && p.kind[p.pos + 1] === T.LParen) {
		untyped(p, startTok, type, isStatic);
		return;
	}
	if (p.kind[p.pos] === T.Semi) {
		p.pos++;
		return;
	}
	if (p.specTypedef) typedefs(p, type);
	else declarators(p, startTok, type);
}

/** `static NAME(args) …` without a type: a macro, unless parameters and a body make it an old function. */
function untyped(p: Parser, startTok: number, type: number, isStatic: boolean): void {
	const open = p.pos + 1;
	const after = afterGroup(p, open);
	const first = p.kind[open + 1];
	const typed =
		first === T.Keyword || (first === T.Ident && (p.kind[open + 2] === T.Ident || p.kind[open + 2] === T.Star));
	if (p.kind[after] === T.LBrace && typed && (symbolFlags(p, p.val[p.pos]) & SymbolFlag.Lower) !== 0)
		declarators(p, startTok, type);
	else fileScopeMacro(p, startTok, isStatic);
}

function typedefs(p: Parser, type: number): void {
	for (;;) {
		declarator(p, type);
		if (p.declSym < 0) {
			fail(p);
			return;
		}
		const target = p.declParams >= 0 ? p.builder.type(TypeKind.FnPointer, NONE, 0, p.declType) : p.declType;
		p.builder.typedefs.push(nameOf(p, p.declSym));
		p.builder.typedefs.push(target);
		p.pp.lexer.symbols.flags[p.declSym] |= SymbolFlag.Type;
		if (p.kind[p.pos] !== T.Comma) break;
		p.pos++;
	}
	endDeclaration(p);
}

function endDeclaration(p: Parser): void {
	if (p.kind[p.pos] === T.Semi) p.pos++;
	else if (p.kind[p.pos] === T.Eof) return;
	else if (!(p.pos > 0 && startsItem(p, p.pos))) fail(p);
}

function declarators(p: Parser, startTok: number, type: number): void {
	const isStatic = p.specStatic;
	const isExtern = p.specExtern;
	for (;;) {
		declarator(p, type);
		if (p.declSym < 0) {
			fail(p);
			return;
		}
		if (p.declParams >= 0) {
			if (functionOrPrototype(p, startTok)) return;
		} else {
			const flags = (isStatic ? 1 : 0) | (isExtern ? 2 : 0) | (p.specPerCpu ? 4 : 0);
			const owner = p.declName;
			const ownerType = p.declType;
			p.builder.globals.push4(owner, ownerType, flags, p.start[p.declTok]);
			if (p.kind[p.pos] === T.Assign) {
				p.pos++;
				staticInitializer(p, owner, ownerType);
			} else if (p.kind[p.pos] === T.Colon) p.pos = skipTo(p, p.pos, T.Comma, T.Semi);
		}
		if (p.error) return;
		if (p.kind[p.pos] !== T.Comma) break;
		p.pos++;
	}
	endDeclaration(p);
}

/** With the declarator of a function read: true when it was a definition, and its body too was read. */
function functionOrPrototype(p: Parser, startTok: number): boolean {
	const head: FunctionHead = {
		name: p.declName,
		nameStart: p.start[p.declTok],
		nameEnd: p.end[p.declTok],
		start: p.start[startTok],
		returnType: p.declType,
		flags: p.specFlags,
	};
	const sym = p.declSym;
	const params = p.declParams;
	let declarations = -1;
	if (p.kind[p.pos] !== T.LBrace) {
		declarations = oldStyleBody(p, params);
		if (declarations < 0) {
			prototype(p, head);
			return false;
		}
	}
	p.pp.lexer.symbols.flags[sym] |= SymbolFlag.Function;
	functionBody(p, head, params, declarations);
	return true;
}

/** `int a; char *b; {` behind the parameters: moves to the brace and answers the first token, else -1. */
function oldStyleBody(p: Parser, params: number): number {
	const first = p.pos;
	if (p.kind[first] !== T.Keyword && p.kind[first] !== T.Ident) return -1;
	for (let at = params + 1; at < p.match[params]; at++) if (p.kind[at] !== T.Ident && p.kind[at] !== T.Comma) return -1;
	let at = first;
	for (let semicolons = 0; semicolons < 32; semicolons++) {
		at = skipTo(p, at, T.Semi, T.LBrace);
		if (p.kind[at] !== T.Semi) return -1;
		at++;
		if (p.kind[at] === T.LBrace) {
			p.pos = at;
			return first;
		}
	}
	return -1;
}

function prototype(p: Parser, head: FunctionHead): void {
	const annotations = p.builder.annotations.length / 3;
	const tokens = p.annotationTokens;
	const back = p.pos;
	for (let i = 0; i < tokens.length; i++) {
		const at = tokens.data[i];
		let arg: number = NONE;
		if (p.kind[at + 1] === T.LParen && p.match[at + 1] > at + 2) {
			p.pos = at + 2;
			arg = argument(p, p.match[at + 1]);
			if (p.error) recover(p, back);
		}
		p.builder.annotations.push3(nameOf(p, p.val[at]), arg, p.start[at]);
	}
	p.pos = back;
	const count = tokens.length;
	tokens.length = 0;
	const flags = head.flags & (FnFlag.Static | FnFlag.NoReturn | FnFlag.Weak);
	p.builder.protos.push4(head.name, head.returnType, flags, head.nameStart);
	p.builder.protos.push(annotations | (Math.min(count, 127) << 24));
	if (p.kind[p.pos] === T.Assign) p.pos = skipTo(p, p.pos, T.Comma, T.Semi);
}
