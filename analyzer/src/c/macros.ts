// #defines: function-like macros become pseudo functions whose parameters are locals, object-like ones with a
// value become constants. A macro whose body is no expression and no statement is left out.
import { ExprKind, NONE, Op } from "../ir/ops.js";
import { FnFlag, TypeKind, VarFlag } from "../ir/unit.js";
import { closeFunction, type FunctionHead, openFunction, resetBody } from "./functions.js";
import { intHigh, intLow, readInteger } from "./numbers.js";
import { startsDeclaration } from "./parseDecl.js";
import { assignment, expression } from "./parseExpr.js";
import {
	addVar,
	bindVar,
	emit,
	exprField,
	exprKind,
	leaveScope,
	nameOf,
	opCount,
	type Parser,
	useTokens,
} from "./parser.js";
import { DEFINE_SIZE, DefineField, finishTokens, matchBrackets } from "./preprocess.js";
import { SymbolFlag } from "./symbols.js";
import { growTokens, T, type Tokens } from "./tokens.js";
import { W } from "./words.js";

/** A file with more plain integer #defines than this is a list of registers: its integers are left out. */
const MAX_PLAIN_DEFINES = 1500;

/** `#define NAME 123` lines. */
export function plainDefines(p: Parser): void {
	const plain = p.pp.plainDefines;
	if (plain.length > MAX_PLAIN_DEFINES) return;
	const raw = p.pp.lexer.tokens;
	p.builder.beginScope();
	for (let i = 0; i < plain.length; i++) {
		const tok = plain.data[i];
		let at = raw.end[tok];
		while (p.bytes[at] === 32 || p.bytes[at] === 9) at++;
		let end = at;
		while (end < p.bytes.length && p.bytes[end] > 32) end++;
		if (!readInteger(p.bytes, at, end)) continue;
		p.builder.consts.push3(nameOf(p, raw.val[tok]), p.builder.int(intLow, intHigh), raw.start[tok]);
	}
}

/** The #defines from entry `from` on; `tokens` is scratch space for their bodies. */
export function defines(p: Parser, from: number, tokens: Tokens): void {
	const { data, length } = p.pp.defines;
	const raw = p.pp.lexer.tokens;
	const many = length > MAX_PLAIN_DEFINES * DEFINE_SIZE;
	for (let i = from * DEFINE_SIZE; i < length; i += DEFINE_SIZE) {
		const name = data[i + DefineField.Name];
		const end = data[i + DefineField.End];
		p.alternative = data[i + DefineField.Alternative] !== 0;
		const isFunction = raw.kind[name + 1] === T.LParen && raw.val[name + 1] === 1;
		if (isFunction) functionLike(p, name, end, tokens);
		else if (end > name + 1 && !p.alternative && !many) objectLike(p, name, end, tokens);
	}
	p.alternative = false;
}

function load(p: Parser, from: number, end: number, tokens: Tokens): void {
	const raw = p.pp.lexer.tokens;
	tokens.count = 0;
	for (let i = from; i < end; i++) {
		const n = tokens.count;
		if (n + 1 >= tokens.kind.length) growTokens(tokens);
		tokens.kind[n] = raw.kind[i];
		tokens.start[n] = raw.start[i];
		tokens.end[n] = raw.end[i];
		tokens.val[n] = raw.val[i];
		tokens.count = n + 1;
	}
	finishTokens(tokens, raw.start[end]);
	matchBrackets(tokens, p.bytes);
	useTokens(p, tokens);
}

function headOf(p: Parser, name: number): FunctionHead {
	const raw = p.pp.lexer.tokens;
	return {
		name: NONE,
		nameStart: raw.start[name],
		nameEnd: raw.end[name],
		start: raw.start[name - 1],
		returnType: p.builder.type(TypeKind.Unknown, NONE, 0, NONE),
		flags: FnFlag.Macro,
	};
}

function functionLike(p: Parser, name: number, end: number, tokens: Tokens): void {
	const raw = p.pp.lexer.tokens;
	let close = name + 2;
	while (close < end && raw.kind[close] !== T.RParen) close++;
	if (close >= end) return;
	const symbols = p.pp.lexer.symbols;
	const sym = raw.val[name];
	const mark = takeMark(p);
	openFunction(p);
	const head = headOf(p, name);
	let params = 0;
	const type = p.builder.type(TypeKind.Unknown, NONE, 0, NONE);
	for (let i = name + 2; i < close; i++) {
		let paramSym = raw.val[i];
		if (raw.kind[i] === T.Ellipsis) {
			head.flags |= FnFlag.Variadic;
			if (raw.kind[i - 1] === T.Ident) continue;
			paramSym = W.__VA_ARGS__;
		} else if (raw.kind[i] !== T.Ident && raw.kind[i] !== T.Keyword) continue;
		bindVar(p, paramSym, addVar(p, nameOf(p, paramSym), type, VarFlag.Param, raw.start[i]));
		params++;
	}
	load(p, close + 1, end, tokens);
	p.inMacro = true;
	p.endsOpen = true;
	const isIterator = (symbols.flags[sym] & SymbolFlag.Iterator) !== 0;
	const flags = body(p, isIterator, mark);
	p.inMacro = false;
	p.endsOpen = false;
	if (flags < 0) {
		abandon(p, mark);
		return;
	}
	head.name = nameOf(p, sym);
	head.flags |= flags;
	symbols.flags[sym] |= (flags & FnFlag.MacroHead) !== 0 ? SymbolFlag.Macro | SymbolFlag.MacroHead : SymbolFlag.Macro;
	finish(p, head, params, close + 1, end);
}

function finish(p: Parser, head: FunctionHead, params: number, from: number, end: number): void {
	const raw = p.pp.lexer.tokens;
	const start = from < end ? raw.start[from] : raw.start[end];
	const annotations = p.builder.annotations.length / 3;
	closeFunction(p, head, params, annotations, start, raw.start[end], raw.start[end]);
}

/** Reads a macro's body; answers its FnFlag bits, or -1 when it cannot be read. */
function body(p: Parser, isIterator: boolean, mark: Mark): number {
	if (p.eof === 0) return 0;
	const kind = p.kind[0];
	const statementWord = kind === T.Keyword && p.val[0] <= W.LastStatement;
	if (!statementWord && !isIterator && kind !== T.LBrace && !startsDeclaration(p)) {
		const vars = p.builder.vars.length;
		const value = expression(p);
		if (!p.error && p.pos === p.eof && !p.partial) {
			emit(p, Op.Return, p.start[0], p.end[p.eof - 1], value, 0, 0);
			p.dead = true;
			return FnFlag.MacroExpr;
		}
		restart(p, mark, vars);
	}
	while (p.pos < p.eof) {
		p.hooks.statement(p);
		if (p.partial) return -1;
	}
	return p.openEnd ? FnFlag.MacroHead : 0;
}

/** Lengths of the builder's tables, to take back what a macro added. */
interface Mark {
	ops: number;
	vars: number;
	exprs: number;
	types: number;
	lists: number;
	unparsed: number;
	inits: number;
	invocations: number;
	undo: number;
}

function takeMark(p: Parser): Mark {
	const b = p.builder;
	return {
		ops: b.ops.length,
		vars: b.vars.length,
		exprs: b.exprs.length,
		types: b.types.length,
		lists: b.lists.length,
		unparsed: b.unparsed.length,
		inits: b.inits.length,
		invocations: b.invocations.length,
		undo: p.scopeUndo.length,
	};
}

/** Forgets the attempt to read the body as an expression; parameters stay. */
function restart(p: Parser, mark: Mark, vars: number): void {
	const b = p.builder;
	b.ops.length = mark.ops;
	b.vars.length = vars;
	b.unparsed.length = mark.unparsed;
	b.inits.length = mark.inits;
	b.invocations.length = mark.invocations;
	p.error = false;
	p.pos = 0;
	p.depth = 0;
	resetBody(p);
	dropLabels(p);
}

function dropLabels(p: Parser): void {
	for (let i = 0; i < p.labels.length; i += 4) p.symLabel[p.labels.data[i]] = 0;
	p.labels.length = 0;
	p.labelUses.length = 0;
	p.addressedLabels.length = 0;
	p.computedGotos.length = 0;
}

function abandon(p: Parser, mark: Mark): void {
	const b = p.builder;
	b.ops.length = mark.ops;
	b.vars.length = mark.vars;
	// types stay, and one may name an expression (typeof)
	if (b.types.length === mark.types) {
		b.exprs.length = mark.exprs;
		b.lists.length = mark.lists;
	}
	b.unparsed.length = mark.unparsed;
	b.inits.length = mark.inits;
	b.invocations.length = mark.invocations;
	dropLabels(p);
	leaveScope(p, mark.undo);
	p.inFunction = false;
	p.error = false;
	p.partial = false;
	p.scratch.length = 0;
	p.builder.beginScope();
}

/** `#define NAME body`: a constant, or a pseudo function without parameters. */
function objectLike(p: Parser, name: number, end: number, tokens: Tokens): void {
	const raw = p.pp.lexer.tokens;
	load(p, name + 1, end, tokens);
	const first = p.kind[0];
	if (first === T.String || first === T.Keyword || first === T.LBrace) {
		if ((first === T.Keyword && p.val[0] <= W.LastStatement) || first === T.LBrace)
			statementMacro(p, name, end, tokens);
		return;
	}
	const mark = takeMark(p);
	p.builder.beginScope();
	p.dead = true;
	p.inMacro = true;
	p.endsOpen = true;
	p.effects = 0;
	const value = assignment(p);
	p.inMacro = false;
	p.endsOpen = false;
	if (p.error || p.pos !== p.eof || p.builder.unparsed.length !== mark.unparsed) {
		abandon(p, mark);
		return;
	}
	if (p.effects > 0) {
		abandon(p, mark);
		if (callsFunction(p)) statementMacro(p, name, end, tokens);
		return;
	}
	const kind = exprKind(p, value);
	if (kind === ExprKind.Str || kind === ExprKind.Opaque || kind === ExprKind.SizeOf) {
		abandon(p, mark);
		return;
	}
	if (kind === ExprKind.Name && exprField(p, value, 1) === nameOf(p, raw.val[name])) {
		// #define foo foo
		abandon(p, mark);
		return;
	}
	p.builder.consts.push3(nameOf(p, raw.val[name]), value, raw.start[name]);
}

/** Whether the loaded body calls something spelt in lower case. */
function callsFunction(p: Parser): boolean {
	for (let i = 0; i < p.eof; i++) {
		if (p.kind[i] !== T.Ident || p.kind[i + 1] !== T.LParen) continue;
		if ((p.pp.lexer.symbols.flags[p.val[i]] & SymbolFlag.Lower) !== 0) return true;
	}
	return false;
}

function statementMacro(p: Parser, name: number, end: number, tokens: Tokens): void {
	const raw = p.pp.lexer.tokens;
	const mark = takeMark(p);
	openFunction(p);
	load(p, name + 1, end, tokens);
	p.inMacro = true;
	p.endsOpen = true;
	const flags = body(p, false, mark);
	p.inMacro = false;
	p.endsOpen = false;
	if (flags < 0 || opCount(p) === 0) {
		abandon(p, mark);
		return;
	}
	const head = headOf(p, name);
	head.name = nameOf(p, raw.val[name]);
	head.flags |= flags;
	finish(p, head, 0, name + 1, end);
}
