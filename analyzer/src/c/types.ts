// Types as far as field lookup needs them: declaration specifiers, declarators, attributes, struct, union and
// enum bodies. Attributes may stand anywhere; words in front of a name that nobody knows are decoration.
import { ExprKind, NONE } from "../ir/ops.js";
import { FnFlag, TypeKind } from "../ir/unit.js";
import { afterGroup, fail, joinedName, MAX_DEPTH, nameOf, type Parser, skipTo } from "./parser.js";
import { SymbolFlag } from "./symbols.js";
import { T } from "./tokens.js";
import { W } from "./words.js";

/** Flags of a symbol. */
export function symbolFlags(p: Parser, sym: number): number {
	return p.pp.lexer.symbols.flags[sym];
}

/** Whether the identifier at `at`, after the type and with another behind it, is decoration and not the name. */
function isDecoration(p: Parser, at: number): boolean {
	let next = at + 1;
	if (!isAttributeWord(p, next)) return true;
	// `DECORATION __name(`: no attribute anybody knows
	if ((symbolFlags(p, p.val[next]) & SymbolFlag.Attribute) === 0 && p.kind[next + 1] === T.LParen) return true;
	if ((symbolFlags(p, p.val[at]) & SymbolFlag.Dunder) === 0) return false;
	while (p.kind[next] === T.Ident && isAttributeWord(p, next)) next++;
	return p.kind[next] === T.Ident;
}

/** Whether the identifier at token `at` is a word that can decorate a declaration. */
export function isAttributeWord(p: Parser, at: number): boolean {
	return (symbolFlags(p, p.val[at]) & (SymbolFlag.Attribute | SymbolFlag.Dunder)) !== 0;
}

/** Reads specifiers; answers the base type. `abstract`: a lone identifier is a type, not a declarator's name. */
export function specifiers(p: Parser, abstract: boolean): number {
	p.specFlags = 0;
	p.specStatic = false;
	p.specExtern = false;
	p.specTypedef = false;
	p.specRecord = false;
	p.cleanupSym = -1;
	let type = NONE;
	let guessed = false;
	for (;;) {
		const kind = p.kind[p.pos];
		const word = p.val[p.pos];
		if (kind === T.Keyword) {
			if (word <= W.LastStatement) break;
			if (word <= W.LastStorage) storage(p, word);
			else if (word <= W.LastQualifier) {
				p.pos++;
				if (word === W._Atomic && p.kind[p.pos] === T.LParen) p.pos = afterGroup(p, p.pos);
			} else if (word <= W.LastTypeWord) {
				if (guessed || type === NONE || word !== W.int) type = mergeTypeWord(p, guessed ? NONE : type, word);
				guessed = false;
				p.pos++;
			} else if (word <= W.LastTag) {
				type = word <= W.enum ? tag(p, word) : typeofType(p);
				guessed = false;
			} else if (word <= W.LastAttributeKeyword) attribute(p);
			else break;
			continue;
		}
		if (kind !== T.Ident) break;
		const flags = symbolFlags(p, word);
		if ((flags & SymbolFlag.Attribute) !== 0) {
			attribute(p);
			continue;
		}
		const next = p.kind[p.pos + 1];
		if (type !== NONE) {
			// a decoration between the type and the name, unless this is the name
			if (next === T.Ident && isDecoration(p, p.pos)) {
				if (guessed && (flags & SymbolFlag.Dunder) === 0) type = typedefType(p, word);
				p.pos++;
				continue;
			}
			if ((flags & SymbolFlag.Dunder) !== 0 && next === T.Star) {
				p.pos++;
				continue;
			}
			break;
		}
		const step = identSpecifier(p, flags, next, abstract);
		if (step === Step.Name) break;
		if (step === Step.Type) {
			type = typedefType(p, word);
			guessed = (flags & SymbolFlag.Type) === 0;
			p.pos++;
		} else if (step === Step.MacroType) {
			type = p.builder.type(TypeKind.Unknown, NONE, 0, NONE);
			p.pos = afterGroup(p, p.pos + 1);
		} else if (step === Step.Attribute) attribute(p);
		else p.pos++;
	}
	p.specHasType = type !== NONE;
	return type === NONE ? p.builder.type(TypeKind.Unknown, NONE, 0, NONE) : type;
}

/** What an identifier among the specifiers is when no type was seen yet. */
const enum Step {
	/** the declarator's name: specifiers end in front of it */
	Name = 0,
	Type = 1,
	/** `MACRO(args)` that stands for a type */
	MacroType = 2,
	Attribute = 3,
	Decoration = 4,
}

function identSpecifier(p: Parser, flags: number, next: T, abstract: boolean): Step {
	const dunder = (flags & SymbolFlag.Dunder) !== 0;
	switch (next) {
		case T.Ident:
			return dunder ? Step.Attribute : Step.Type;
		case T.Star:
			return Step.Type;
		case T.Keyword: {
			const word = p.val[p.pos + 1];
			if (word > W.LastStorage && word <= W.LastQualifier) return dunder ? Step.Decoration : Step.Type;
			if (word > W.LastStatement && word <= W.LastTag) return Step.Decoration;
			return word > W.LastTag && word <= W.LastAttributeKeyword ? Step.Type : Step.Name;
		}
		case T.LParen: {
			if (dunder) return Step.Attribute;
			if (p.kind[p.pos + 2] === T.Star) return Step.Type;
			if ((flags & SymbolFlag.Type) !== 0 && p.match[p.pos + 1] === p.pos + 3 && p.kind[p.pos + 4] === T.LParen)
				return Step.Type;
			const after = afterGroup(p, p.pos + 1);
			const kind = p.kind[after];
			const word = p.val[after];
			if (kind === T.Star || (kind === T.Ident && !isAttributeWord(p, after))) return Step.MacroType;
			if (kind === T.Keyword && word > W.LastStatement && word <= W.LastTag) return Step.MacroType;
			return (flags & SymbolFlag.Type) !== 0 && abstract ? Step.Type : Step.Name;
		}
		default:
			return abstract ? Step.Type : Step.Name;
	}
}

function storage(p: Parser, word: number): void {
	p.pos++;
	if (word === W.static) {
		p.specStatic = true;
		p.specFlags |= FnFlag.Static;
	} else if (word === W.extern) p.specExtern = true;
	else if (word === W.typedef) p.specTypedef = true;
	else if (word === W._Noreturn) p.specFlags |= FnFlag.NoReturn;
	else if (word >= W.inline && word <= W.__always_inline) p.specFlags |= FnFlag.Inline;
}

function mergeTypeWord(p: Parser, type: number, word: number): number {
	let kind = TypeKind.Int;
	if (word === W.void) kind = TypeKind.Void;
	else if (word === W._Bool) kind = TypeKind.Bool;
	else if (word === W.float || word === W.double || word === W._Complex) kind = TypeKind.Float;
	else if (word === W.__auto_type) kind = TypeKind.Unknown;
	if (kind === TypeKind.Int && type !== NONE) return type;
	return p.builder.type(kind, NONE, 0, NONE);
}

export function typedefType(p: Parser, sym: number): number {
	if (sym === W.bool) return p.builder.type(TypeKind.Bool, NONE, 0, NONE);
	return p.builder.type(TypeKind.Typedef, nameOf(p, sym), 0, NONE);
}

/** `base` with more pointer levels. */
export function pointerTo(p: Parser, base: number, levels: number): number {
	if (levels === 0) return base;
	const data = p.builder.types.data;
	const at = base * 4;
	return p.builder.type(data[at], data[at + 1], data[at + 2] + levels, data[at + 3]);
}

/** An attribute keyword or attribute-like word with its arguments; keeps what has an effect. */
export function attribute(p: Parser): void {
	const at = p.pos++;
	const word = p.val[at];
	const hasArgs = p.kind[p.pos] === T.LParen && p.kind[p.pos + 1] !== T.Star;
	const end = hasArgs ? afterGroup(p, p.pos) : p.pos;
	if (word <= W.LastAttributeKeyword && p.kind[at] === T.Keyword) {
		for (let i = p.pos; i < end; i++) if (p.kind[i] === T.Ident) effect(p, i);
	} else effect(p, at);
	p.pos = end;
}

function effect(p: Parser, at: number): void {
	const word = p.val[at];
	if (word > W.LastPlainAttribute && word <= W.LastInitAttribute) p.specFlags |= FnFlag.Init;
	else if (word > W.LastAttribute && word <= W.LastAnnotation) p.annotationTokens.push(at);
	else if (word === W.__noreturn || word === W.noreturn || word === W.__noreturn__) p.specFlags |= FnFlag.NoReturn;
	else if (word === W.__weak || word === W.weak || word === W.__weak__) p.specFlags |= FnFlag.Weak;
	else if (word === W.__percpu) p.specPerCpu = true;
	else if (word === W.__free || word === W.__cleanup || word === W.cleanup || word === W.__cleanup__)
		if (p.kind[at + 1] === T.LParen && p.kind[at + 2] === T.Ident)
			p.cleanupSym = word === W.__free ? p.val[at + 2] : ~p.val[at + 2];
}

/** Attributes and decorations behind a declarator. */
export function trailingAttributes(p: Parser): void {
	for (;;) {
		const kind = p.kind[p.pos];
		const word = p.val[p.pos];
		if (kind === T.Keyword) {
			if (word > W.LastTag && word <= W.LastAttributeKeyword) attribute(p);
			else if (word === W.asm || word === W.__asm__ || word === W.__asm) {
				p.pos++;
				if (p.kind[p.pos] === T.LParen) p.pos = afterGroup(p, p.pos);
			} else return;
		} else if (kind === T.Ident) {
			if (isAttributeWord(p, p.pos)) attribute(p);
			else {
				// an unknown macro such as ALIGNED(8) between the declarator and what ends it
				const after = p.kind[p.pos + 1] === T.LParen ? afterGroup(p, p.pos + 1) : p.pos + 1;
				const end = p.kind[after];
				if (end !== T.Semi && end !== T.Assign && end !== T.Comma && end !== T.LBrace && end !== T.Ident) return;
				p.pos = after;
			}
		} else return;
	}
}

/** Reads one declarator over the base type into declSym, declTok, declType, declParams. */
export function declarator(p: Parser, base: number): void {
	p.declSym = -1;
	p.declTok = p.pos;
	p.declParams = -1;
	let pointers = declaratorPrefix(p);
	const kind = p.kind[p.pos];
	if (kind === T.Ident) {
		p.declSym = p.val[p.pos];
		p.declTok = p.pos++;
		p.declName = nameOf(p, p.declSym);
		const open = p.pos;
		if (p.kind[open] === T.LParen && p.match[open] === open + 2 && p.kind[open + 1] === T.Ident) {
			const after = p.kind[open + 3];
			if (after === T.LParen || after === T.LBracket) {
				// MACRO(arg)(parameters): the macro makes the name
				p.declName = joinedName(p, p.declSym, p.val[open + 1]);
				p.pos = open + 3;
			}
		}
		while (p.kind[p.pos] === T.HashHash) p.pos += 2;
	} else if (kind === T.LParen && isNestedDeclarator(p)) {
		nestedDeclarator(p, pointerTo(p, base, pointers));
		trailingAttributes(p);
		return;
	}
	while (p.kind[p.pos] === T.LBracket) {
		pointers++;
		p.pos = afterGroup(p, p.pos);
	}
	if (p.kind[p.pos] === T.LParen) {
		p.declParams = p.pos;
		if (p.match[p.pos] < 0) fail(p);
		else p.pos = afterGroup(p, p.pos);
	}
	p.declType = pointerTo(p, base, pointers);
	trailingAttributes(p);
}

/** Stars, qualifiers and attributes; answers the number of stars. */
function declaratorPrefix(p: Parser): number {
	let pointers = 0;
	for (;;) {
		const kind = p.kind[p.pos];
		const word = p.val[p.pos];
		if (kind === T.Star) {
			pointers++;
			p.pos++;
		} else if (kind === T.Keyword && word > W.LastStorage && word <= W.LastQualifier) p.pos++;
		else if (kind === T.Keyword && word > W.LastTag && word <= W.LastAttributeKeyword) attribute(p);
		else if (kind === T.Ident && isDecorationBeforeName(p)) attribute(p);
		else return pointers;
	}
}

/** An attribute word in front of `name`, `*` or `(`; a dunder name right before `(` is the name itself. */
function isDecorationBeforeName(p: Parser): boolean {
	const flags = symbolFlags(p, p.val[p.pos]);
	let next = p.kind[p.pos + 1];
	if ((flags & SymbolFlag.Attribute) !== 0) return true;
	if (next === T.Star) return true;
	if (next === T.Ident) return (flags & SymbolFlag.Type) === 0 && !isAttributeWord(p, p.pos + 1);
	if ((flags & SymbolFlag.Dunder) === 0 || next !== T.LParen) return false;
	next = p.kind[afterGroup(p, p.pos + 1)];
	const after = afterGroup(p, p.pos + 1);
	return next === T.Ident && !isAttributeWord(p, after) && p.kind[after + 1] === T.LParen;
}

/** `(*name)`, `(name)`, `(attr *name)`; not the parameters of an abstract function. */
function isNestedDeclarator(p: Parser): boolean {
	const close = p.match[p.pos];
	if (close < 0) return false;
	const first = p.kind[p.pos + 1];
	if (first === T.Star || first === T.Caret || first === T.LParen) return true;
	if (first === T.Ident) {
		if (p.pos + 2 === close) return p.kind[close + 1] === T.LParen || p.kind[close + 1] === T.LBracket;
		return p.kind[close + 1] === T.LParen && p.kind[p.pos + 2] === T.Star;
	}
	return first === T.Keyword && p.val[p.pos + 1] > W.LastTag && p.val[p.pos + 1] <= W.LastAttributeKeyword;
}

function nestedDeclarator(p: Parser, base: number): void {
	const open = p.pos;
	const close = p.match[open];
	let stars = 0;
	let arrays = 0;
	let innerParams = -1;
	for (let i = open + 1; i < close; i++) {
		const kind = p.kind[i];
		if (kind === T.Star && p.declSym < 0) stars++;
		else if (
			kind === T.Ident &&
			p.declSym < 0 &&
			!(isAttributeWord(p, i) && p.kind[i + 1] !== T.RParen && p.kind[i + 1] !== T.LParen)
		) {
			p.declSym = p.val[i];
			p.declTok = i;
		} else if (kind === T.LBracket) {
			arrays++;
			i = afterGroup(p, i) - 1;
		} else if (kind === T.LParen && p.declSym >= 0) {
			if (innerParams < 0) innerParams = i;
			i = afterGroup(p, i) - 1;
		}
	}
	p.declName = p.declSym >= 0 ? nameOf(p, p.declSym) : NONE;
	p.pos = close + 1;
	if (stars === 0 && p.kind[p.pos] === T.LParen) {
		p.declParams = p.pos;
		p.pos = afterGroup(p, p.pos);
		p.declType = base;
		return;
	}
	let isFunction = false;
	while (p.kind[p.pos] === T.LParen || p.kind[p.pos] === T.LBracket) {
		if (p.kind[p.pos] === T.LParen) isFunction = true;
		else arrays++;
		p.pos = afterGroup(p, p.pos);
	}
	if (innerParams >= 0) {
		// a function that returns a pointer to a function
		p.declParams = innerParams;
		p.declType = p.builder.type(TypeKind.FnPointer, NONE, 0, base);
	} else if (isFunction) p.declType = p.builder.type(TypeKind.FnPointer, NONE, stars - 1 + arrays, base);
	else p.declType = pointerTo(p, base, stars + arrays);
}

/** A type name up to token `end` (a cast, sizeof, a macro's argument). */
export function typeName(p: Parser, end: number): number {
	const base = specifiers(p, true);
	if (p.pos < end) declarator(p, base);
	else p.declType = base;
	p.pos = end;
	return p.declType;
}

/** Whether the tokens [at, end) name a type; `end` is the closing parenthesis of a cast or a sizeof. */
export function isTypeAt(p: Parser, at: number, end: number): boolean {
	const kind = p.kind[at];
	if (kind === T.Keyword) return p.val[at] > W.LastStatement && p.val[at] <= W.LastAttributeKeyword;
	if (kind !== T.Ident) return false;
	const next = p.kind[at + 1];
	if (next === T.Star) {
		let last = at + 2;
		while (
			p.kind[last] === T.Star ||
			(p.kind[last] === T.Keyword && p.val[last] > W.LastStorage && p.val[last] <= W.LastQualifier)
		)
			last++;
		return last === end;
	}
	const sym = p.val[at];
	const flags = symbolFlags(p, sym);
	const isLocal = p.symVar[sym] !== 0;
	if (at + 1 === end) {
		if ((flags & SymbolFlag.Type) !== 0 && !isLocal) return true;
		const after = p.kind[end + 1];
		if (after === T.Ident || after === T.Number || after === T.String || after === T.Char) return true;
		if (after === T.Tilde || after === T.Bang || after === T.LBrace) return true;
		if (after === T.Keyword) return p.val[end + 1] > W.LastAttributeKeyword;
		if (after === T.LParen && p.kind[end + 2] === T.Keyword && !isLocal) {
			const word = p.val[end + 2];
			return word > W.LastStorage && word <= W.LastTag;
		}
		// `(name)(…)`: a cast when it is spelt like a type nobody declared here, else a call
		return after === T.LParen && !isLocal && (flags & SymbolFlag.Lower) === 0;
	}
	if (isLocal) return false;
	if (next === T.LParen && p.match[at + 1] > 0) {
		// `MACRO(type) *`
		let last = p.match[at + 1] + 1;
		if (p.kind[last] === T.Star && last < end) {
			while (p.kind[last] === T.Star) last++;
			if (last === end) return true;
		}
	}
	if (next === T.Ident) return true;
	if (next === T.Keyword) return p.val[at + 1] > W.LastStorage && p.val[at + 1] <= W.LastAttributeKeyword;
	if ((flags & SymbolFlag.Type) === 0) return false;
	return next === T.LParen ? p.kind[at + 2] === T.Star : next === T.LBracket;
}

/** typeof(…): the operand as an expression when it is a simple path, else unknown. */
function typeofType(p: Parser): number {
	p.pos++;
	if (p.kind[p.pos] !== T.LParen || p.match[p.pos] < 0) return p.builder.type(TypeKind.Unknown, NONE, 0, NONE);
	const open = p.pos;
	const end = afterGroup(p, open);
	let type = NONE;
	const first = p.kind[open + 1];
	if (first === T.Keyword && p.depth < MAX_DEPTH) {
		p.depth++;
		p.pos = open + 1;
		type = typeName(p, end - 1);
		p.depth--;
	} else if (p.inFunction || first === T.Ident) {
		const expr = path(p, open + 1, end - 1);
		if (expr !== NONE) type = p.builder.type(TypeKind.TypeOf, NONE, 0, expr);
	}
	p.pos = end;
	return type === NONE ? p.builder.type(TypeKind.Unknown, NONE, 0, NONE) : type;
}

/** `*a->b.c`, `&x`, `(x)`: without calls or operators; NONE for anything else. */
function path(p: Parser, from: number, end: number): number {
	let at = from;
	let stars = 0;
	while (p.kind[at] === T.Star) {
		stars++;
		at++;
	}
	while (p.kind[at] === T.LParen && p.match[at] === end - 1) {
		at++;
		end--;
	}
	if (p.kind[at] === T.Star && stars === 0) {
		stars++;
		at++;
	}
	if (p.kind[at] !== T.Ident) return NONE;
	const variable = p.symVar[p.val[at]];
	let expr =
		variable !== 0
			? p.builder.expr(ExprKind.Local, variable - 1, 0, 0)
			: p.builder.expr(ExprKind.Name, nameOf(p, p.val[at]), 0, 0);
	at++;
	while (at + 1 < end && (p.kind[at] === T.Dot || p.kind[at] === T.Arrow) && p.kind[at + 1] === T.Ident) {
		expr = p.builder.expr(ExprKind.Field, expr, nameOf(p, p.val[at + 1]), p.kind[at] === T.Arrow ? 1 : 0);
		at += 2;
	}
	if (at !== end) return NONE;
	for (; stars > 0; stars--) expr = p.builder.expr(ExprKind.Deref, expr, 0, 0);
	return expr;
}

/** struct, union or enum at its keyword, with its body if it has one. */
function tag(p: Parser, word: number): number {
	const start = p.start[p.pos];
	p.pos++;
	while (
		(p.kind[p.pos] === T.Keyword && p.val[p.pos] > W.LastTag && p.val[p.pos] <= W.LastAttributeKeyword) ||
		(p.kind[p.pos] === T.Ident &&
			(symbolFlags(p, p.val[p.pos]) & SymbolFlag.Attribute) !== 0 &&
			p.kind[p.pos + 1] !== T.LBrace) ||
		(p.kind[p.pos] === T.Ident &&
			p.kind[p.pos + 1] === T.Ident &&
			p.kind[p.pos + 2] === T.LBrace &&
			isAttributeWord(p, p.pos))
	)
		attribute(p);
	let name = NONE;
	if (p.kind[p.pos] === T.Ident || (p.kind[p.pos] === T.Keyword && p.kind[p.pos + 1] === T.LBrace)) {
		name = nameOf(p, p.val[p.pos]);
		p.pos++;
		while (p.kind[p.pos] === T.HashHash) p.pos += 2;
		if (p.kind[p.pos] === T.LParen && p.kind[afterGroup(p, p.pos)] === T.LBrace) p.pos = afterGroup(p, p.pos);
		else if (p.kind[p.pos] === T.Ident && p.kind[p.pos + 1] === T.LBrace && isAttributeWord(p, p.pos)) p.pos++;
	}
	const kind = word === W.struct ? TypeKind.Struct : word === W.union ? TypeKind.Union : TypeKind.Enum;
	if (p.kind[p.pos] === T.LBrace && p.match[p.pos] > 0) {
		const { specFlags, specStatic, specExtern, specTypedef, specPerCpu } = p;
		if (word === W.enum) enumBody(p);
		else {
			if (name === NONE) name = p.builder.nameOf(`anon@${start}`);
			recordBody(p, name, word === W.union, start);
		}
		p.specFlags = specFlags;
		p.specStatic = specStatic;
		p.specExtern = specExtern;
		p.specTypedef = specTypedef;
		p.specPerCpu = specPerCpu;
		p.specRecord = true;
		p.cleanupSym = -1;
	}
	return p.builder.type(kind, name, 0, NONE);
}

function enumBody(p: Parser): void {
	const close = p.match[p.pos];
	p.pos++;
	let base = NONE;
	let offset = 0;
	while (p.pos < close) {
		if (p.kind[p.pos] !== T.Ident) {
			p.pos = Math.max(p.pos + 1, skipTo(p, p.pos, T.Comma, T.Comma) + 1);
			continue;
		}
		const at = p.pos++;
		if (p.kind[p.pos] === T.LParen) {
			// a macro that makes enumerators
			p.pos = skipTo(p, p.pos, T.Comma, T.RBrace) + 1;
			base = NONE;
			continue;
		}
		while (p.kind[p.pos] === T.Ident || (p.kind[p.pos] === T.Keyword && p.val[p.pos] !== W.sizeof)) attribute(p);
		let value: number;
		if (p.kind[p.pos] === T.Assign) {
			p.pos++;
			value = p.hooks.constant(p);
			base = value;
			offset = 1;
		} else {
			value = enumerator(p, base, offset);
			offset++;
		}
		p.builder.consts.push3(nameOf(p, p.val[at]), value, p.start[at]);
		p.pos = skipTo(p, Math.min(p.pos, close), T.Comma, T.RBrace);
		if (p.pos < close) p.pos++;
	}
	p.pos = close + 1;
}

/** `base + offset`, folded when the base is a number. */
function enumerator(p: Parser, base: number, offset: number): number {
	const builder = p.builder;
	if (base === NONE) return builder.intOf(offset);
	const data = builder.exprs.data;
	if (data[base * 4] === ExprKind.Int)
		return builder.intOf(data[base * 4 + 2] * 4294967296 + (data[base * 4 + 1] >>> 0) + offset);
	return builder.expr(ExprKind.Binary, 0, base, builder.intOf(offset));
}

/** `{ members }` at the brace: the struct's record with its members. */
function recordBody(p: Parser, name: number, isUnion: boolean, start: number): void {
	const close = p.match[p.pos];
	if (p.depth >= MAX_DEPTH) {
		p.pos = close + 1;
		return;
	}
	p.depth++;
	p.pos++;
	const base = p.memberStack.length;
	while (p.pos < close) {
		const before = p.pos;
		members(p, close);
		if (p.error) return;
		if (p.pos <= before) p.pos = before + 1;
	}
	const builder = p.builder;
	const first = builder.members.length / 3;
	const count = (p.memberStack.length - base) / 3;
	for (let i = base; i < p.memberStack.length; i++) builder.members.push(p.memberStack.data[i]);
	p.memberStack.length = base;
	builder.structs.push4(name, first, count, isUnion ? 1 : 0);
	builder.structs.push(start);
	p.depth--;
	p.pos = close + 1;
}

/** One declaration of members, or a macro among them. */
function members(p: Parser, close: number): void {
	const kind = p.kind[p.pos];
	if (kind === T.Semi || kind === T.RParen) {
		p.pos++;
		return;
	}
	if (kind === T.Ident && p.kind[p.pos + 1] === T.LParen && memberMacro(p, close)) return;
	const type = specifiers(p, false);
	if (p.kind[p.pos] === T.Semi && p.specRecord) {
		p.memberStack.push3(NONE, type, 0);
		p.pos++;
		return;
	}
	while (p.pos < close) {
		declarator(p, type);
		let flags = 0;
		if (p.kind[p.pos] === T.Colon) {
			flags = 1;
			p.pos = skipTo(p, p.pos, T.Comma, T.Semi);
		}
		const memberType = p.declParams >= 0 ? p.builder.type(TypeKind.FnPointer, NONE, 0, p.declType) : p.declType;
		if (p.declSym >= 0) p.memberStack.push3(nameOf(p, p.declSym), memberType, flags);
		if (p.kind[p.pos] !== T.Comma) break;
		p.pos++;
	}
	p.pos = skipTo(p, p.pos, T.Semi, T.Semi);
	if (p.kind[p.pos] === T.Semi) p.pos++;
}

/** struct_group(…), DECLARE_BITMAP(…) and unknown `MACRO(…)` lines inside a struct. */
function memberMacro(p: Parser, close: number): boolean {
	const word = p.val[p.pos];
	const open = p.pos + 1;
	const after = afterGroup(p, open);
	if (word >= W.struct_group && word <= W.__struct_group) {
		let commas = word === W.struct_group ? 1 : word === W.__struct_group ? 3 : 2;
		p.pos = open + 1;
		while (commas-- > 0 && p.pos < close) p.pos = skipTo(p, p.pos, T.Comma, T.Semi) + 1;
		return true;
	}
	if (word === W.DECLARE_BITMAP && p.kind[open + 1] === T.Ident) {
		p.memberStack.push3(nameOf(p, p.val[open + 1]), p.builder.type(TypeKind.Int, NONE, 1, NONE), 0);
	} else if (word === W.DECLARE_FLEX_ARRAY || word === W.__DECLARE_FLEX_ARRAY) {
		p.pos = open + 1;
		const type = specifiers(p, false);
		if (p.kind[p.pos] === T.Comma) p.pos++;
		declarator(p, type);
		if (p.declSym >= 0) p.memberStack.push3(nameOf(p, p.declSym), pointerTo(p, p.declType, 1), 0);
	} else {
		const next = p.kind[after];
		if (next !== T.Semi && p.kind[open + 1] === T.Star) return false;
		if (next === T.Ident || next === T.Star || next === T.LParen) return false;
	}
	p.pos = after;
	return true;
}
