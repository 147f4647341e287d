// Static initialisers: the entries of Unit.inits. Kept are functions, addresses and designated small integers
// or flags; tables of plain numbers and strings are passed over. Nothing is emitted as an op.
import { ExprKind, NONE } from "../ir/ops.js";
import { argument, assignment } from "./parseExpr.js";
import { afterGroup, exprField, exprKind, fail, MAX_DEPTH, nameOf, type Parser, recover, skipTo } from "./parser.js";
import { SymbolFlag } from "./symbols.js";
import { T } from "./tokens.js";
import { symbolFlags } from "./types.js";
import { W } from "./words.js";

/** Arrays longer than this keep only entries that name something. */
const MAX_PLAIN_ENTRIES = 64;

/** Reads the initialiser at p.pos for a static variable; ends in front of `,` or `;`. */
export function staticInitializer(p: Parser, owner: number, type: number): void {
	const wasDead = p.dead;
	const effects = p.effects;
	p.dead = true;
	const base = p.scratch.length;
	value(p, owner, type, base, false);
	p.scratch.length = base;
	p.dead = wasDead;
	p.effects = effects;
}

/** `.field = value, …` without braces, up to what is no designator. */
export function fieldList(p: Parser, owner: number, type: number): void {
	const wasDead = p.dead;
	p.dead = true;
	const base = p.scratch.length;
	while (p.kind[p.pos] === T.Dot && p.kind[p.pos + 1] === T.Ident) {
		designators(p, p.eof);
		value(p, owner, type, base, true);
		p.scratch.length = base;
		if (p.error) break;
		if (p.kind[p.pos] === T.Comma) p.pos++;
	}
	p.dead = wasDead;
}

/** A braced list or one value, for the path on the scratch stack from `base` on. */
function value(p: Parser, owner: number, type: number, base: number, designated: boolean): void {
	const at = p.pos;
	if (p.kind[at] === T.LBrace) {
		list(p, owner, type, base);
		return;
	}
	if (p.kind[at] === T.LParen && p.match[at] > 0) {
		// a compound literal
		const after = p.match[at] + 1;
		if (p.kind[after] === T.LBrace) {
			p.pos = after;
			list(p, owner, type, base);
			return;
		}
	}
	const expr = single(p);
	if (p.error || expr === NONE) return;
	if (keeps(p, expr, designated)) addInit(p, owner, type, base, expr, p.start[at], p.end[p.pos - 1]);
}

/** One value; for a macro around one name (`pm_ptr(&ops)`) what is inside. Other macros become invocations. */
function single(p: Parser): number {
	const at = p.pos;
	if (p.kind[at] === T.Ident && p.kind[at + 1] === T.LParen && p.match[at + 1] > 0) {
		const close = p.match[at + 1];
		const next = p.kind[close + 1];
		if (next === T.Comma || next === T.RBrace || next === T.Semi) {
			const word = p.val[at];
			if (word > W.LastSpecial || word <= W.LastAnnotation) return macroValue(p, at, close);
		}
	}
	return assignment(p);
}

function macroValue(p: Parser, at: number, close: number): number {
	const first = p.scratch.length;
	const names = macroArguments(p, at, close);
	const count = p.scratch.length - first;
	const inner = count === 1 && names === 1 ? p.scratch.data[first] : NONE;
	if (inner === NONE && names > 0) addInvocation(p, at, close, first);
	p.scratch.length = first;
	return inner;
}

/** Pushes the arguments of a macro and returns how many of them are references; none when they cannot be read. */
function macroArguments(p: Parser, at: number, close: number): number {
	let names = 0;
	p.pos = at + 2;
	while (p.pos < close) {
		const expr = argument(p, close);
		if (p.error) return 0;
		p.scratch.push(expr);
		if (isReference(p, expr)) names++;
		if (p.pos < close) p.pos++;
	}
	p.pos = close + 1;
	return names;
}

function addInvocation(p: Parser, at: number, close: number, first: number): void {
	const start = p.builder.lists.length;
	const count = p.scratch.length - first;
	for (let i = 0; i < count; i++) p.builder.lists.push(p.scratch.data[first + i]);
	p.builder.invocations.push3(nameOf(p, p.val[at]), start, count);
	p.builder.invocations.push3(p.start[at], p.end[close], 0);
}

/** A lower-case name or an address: what may be a callback or an object. */
function isReference(p: Parser, expr: number): boolean {
	const kind = exprKind(p, expr);
	if (kind === ExprKind.AddrOf) return true;
	if (kind === ExprKind.Cast) return isReference(p, exprField(p, expr, 2));
	return kind === ExprKind.Name && isLowerName(p, exprField(p, expr, 1));
}

/** Whether a name of the unit has a lower-case first letter (functions and variables, not constants). */
function isLowerName(p: Parser, name: number): boolean {
	const first = p.builder.firstByte(name);
	return (first >= 97 && first <= 122) || first === 95;
}

/** Whether an entry is worth keeping. */
function keeps(p: Parser, expr: number, designated: boolean): boolean {
	if (isReference(p, expr)) return true;
	if (!designated) return false;
	switch (exprKind(p, expr)) {
		case ExprKind.Name:
		case ExprKind.Int:
		case ExprKind.Binary:
		case ExprKind.Cond:
			return true;
		default:
			return false;
	}
}

function addInit(p: Parser, owner: number, type: number, base: number, expr: number, start: number, end: number): void {
	const { lists, inits } = p.builder;
	const path = lists.length;
	for (let i = base; i < p.scratch.length; i++) lists.push(p.scratch.data[i]);
	inits.push4(owner, type, path, p.scratch.length - base);
	inits.push3(expr, start, end);
}

/** `{ entries }` at the brace. */
function list(p: Parser, owner: number, type: number, base: number): void {
	const close = p.match[p.pos];
	if (close < 0 || ++p.depth > MAX_DEPTH) {
		fail(p);
		return;
	}
	p.pos++;
	let index = 0;
	let wasDesignated = false;
	while (p.pos < close) {
		const first = p.pos;
		const depth = p.scratch.length;
		let designated = false;
		if (index > MAX_PLAIN_ENTRIES && isPlain(p)) p.pos++;
		else if (wasDesignated && isMacroEntry(p)) {
			// `OPS(fn),` between designated entries stands for some of those: which member, only the macro knows.
			macroEntry(p);
		} else {
			designated = designators(p, close);
			wasDesignated ||= designated;
			if (!designated) p.scratch.push(-2 - index);
			value(p, owner, type, base, designated && p.scratch.data[p.scratch.length - 1] !== NONE);
		}
		p.scratch.length = depth;
		if (p.error) {
			const end = Math.min(skipTo(p, Math.max(first + 1, p.errorAt), T.Comma, T.Comma), close);
			p.depth = Math.min(p.depth, MAX_DEPTH);
			recover(p, end);
		}
		if (p.pos < close && p.kind[p.pos] === T.Comma) p.pos++;
		else if (p.pos <= first) p.pos = first + 1;
		index++;
	}
	p.pos = close + 1;
	p.depth--;
}

/** `NAME(…)` as a whole entry; the macro may bring the comma. */
function isMacroEntry(p: Parser): boolean {
	if (p.kind[p.pos] !== T.Ident || p.kind[p.pos + 1] !== T.LParen) return false;
	const close = p.match[p.pos + 1];
	const next = p.kind[close + 1];
	return close > 0 && (next === T.Comma || next === T.RBrace || next === T.Dot);
}

/** Keeps a macro entry as an invocation. */
function macroEntry(p: Parser): void {
	const at = p.pos;
	const close = p.match[at + 1];
	const first = p.scratch.length;
	const names = macroArguments(p, at, close);
	if (names > 0) addInvocation(p, at, close, first);
	p.scratch.length = first;
}

/** A number, a string or an upper-case name with a comma behind it. */
function isPlain(p: Parser): boolean {
	const next = p.kind[p.pos + 1];
	if (next !== T.Comma && next !== T.RBrace) return false;
	const kind = p.kind[p.pos];
	if (kind === T.Number || kind === T.String || kind === T.Char) return true;
	return kind === T.Ident && (symbolFlags(p, p.val[p.pos]) & SymbolFlag.Lower) === 0;
}

/** `.a.b[0] =` or `a:`: pushes the path; false when there is none. */
function designators(p: Parser, close: number): boolean {
	const first = p.pos;
	if (p.kind[first] === T.Ident && p.kind[first + 1] === T.Colon) {
		p.scratch.push(nameOf(p, p.val[first]));
		p.pos += 2;
		return true;
	}
	for (;;) {
		if (p.kind[p.pos] === T.Dot && (p.kind[p.pos + 1] === T.Ident || p.kind[p.pos + 1] === T.Keyword)) {
			p.scratch.push(nameOf(p, p.val[p.pos + 1]));
			p.pos += 2;
		} else if (p.kind[p.pos] === T.LBracket) {
			p.scratch.push(NONE);
			p.pos = Math.min(afterGroup(p, p.pos), close);
		} else break;
	}
	if (p.pos === first) return false;
	if (p.kind[p.pos] === T.Assign) p.pos++;
	return true;
}
