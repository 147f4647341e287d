// Macros at file scope that define something: SYSCALL_DEFINEn and other `MACRO(args) { body }`, guard classes,
// per-CPU variables, trace events (skipped), and every other `MACRO(args);` as an invocation.
import { ExprKind, NONE, Op } from "../ir/ops.js";
import { FnFlag, TypeKind, VarFlag } from "../ir/unit.js";
import { composedName } from "./cleanups.js";
import {
	addParameter,
	closeFunction,
	endOfUnclosed,
	type FunctionHead,
	finishBody,
	nameExpr,
	openFunction,
	parameters,
	unitArguments,
} from "./functions.js";
import { fieldList, staticInitializer } from "./initializers.js";
import { assignment, emitCall } from "./parseExpr.js";
import {
	addVar,
	afterGroup,
	bindHere,
	bindVar,
	emit,
	emitBranch,
	fail,
	nameOf,
	type Parser,
	recover,
	skipTo,
} from "./parser.js";
import { findSymbol, SymbolFlag, symbolText } from "./symbols.js";
import { T } from "./tokens.js";
import { declarator, pointerTo, specifiers, symbolFlags, typeName } from "./types.js";
import { W } from "./words.js";

/** `MACRO(args)` at p.pos, `(` next; what comes after it decides. `startTok`: first token of the item. */
export function fileScopeMacro(p: Parser, startTok: number, isStatic: boolean): void {
	const at = p.pos;
	const close = p.match[at + 1];
	if (close < 0) {
		fail(p);
		return;
	}
	const word = p.val[at];
	let next = close + 1;
	while (p.kind[next] === T.Ident && (symbolFlags(p, p.val[next]) & SymbolFlag.Attribute) !== 0)
		next = p.kind[next + 1] === T.LParen ? afterGroup(p, next + 1) : next + 1;
	p.builder.beginScope();
	if (word >= W.TRACE_EVENT && word <= W.FTRACE_ENTRY_REG) {
		p.pos = p.kind[next] === T.Semi ? next + 1 : next;
		return;
	}
	if (word >= W.DEFINE_GUARD && word <= W.EXTEND_CLASS && p.kind[at + 2] === T.Ident)
		guardClass(p, at, close, startTok);
	switch (p.kind[next]) {
		case T.LBrace:
			if (p.kind[next + 1] === T.Dot) macroVariable(p, at, close, next, isStatic);
			else macroFunction(p, at, close, next, startTok);
			return;
		case T.Dot:
			macroFields(p, at, close, next, isStatic);
			return;
		case T.Assign:
			macroVariable(p, at, close, next, isStatic);
			return;
		default:
			if (word >= W.DEFINE_PER_CPU && word <= W.DECLARE_PER_CPU_FIRST) macroVariable(p, at, close, next, isStatic);
			else invocation(p, at, close, startTok, isStatic);
			if (p.pos < next) p.pos = next;
			if (p.kind[p.pos] === T.Semi || p.kind[p.pos] === T.Comma) p.pos++;
	}
}

function invocation(p: Parser, at: number, close: number, startTok: number, isStatic: boolean): void {
	const count = unitArguments(p, at + 1);
	// compound literals among them add to lists first: the arguments are the last entries
	p.builder.invocations.push3(nameOf(p, p.val[at]), p.builder.lists.length - count, count);
	p.builder.invocations.push3(p.start[startTok], p.end[close], isStatic ? 1 : 0);
	p.pos = close + 1;
}

/** DEFINE_PER_CPU(type, name) [= value] and `MACRO(name) = value`. */
function macroVariable(p: Parser, at: number, close: number, next: number, isStatic: boolean): void {
	const perCpu = p.val[at] >= W.DEFINE_PER_CPU && p.val[at] <= W.DECLARE_PER_CPU_FIRST;
	let type = p.builder.type(TypeKind.Unknown, NONE, 0, NONE);
	let nameTok = -1;
	p.pos = at + 2;
	if (perCpu) {
		const comma = skipTo(p, p.pos, T.Comma, T.Comma);
		type = typeName(p, comma);
		if (p.kind[comma + 1] === T.Ident) {
			p.pos = comma + 1;
			declarator(p, type);
			type = p.declType;
			nameTok = comma + 1;
		}
	} else if (p.kind[p.pos] === T.Ident) nameTok = p.pos;
	if (nameTok >= 0) {
		const flags = (isStatic ? 1 : 0) | (perCpu ? 4 : 0);
		p.builder.globals.push4(nameOf(p, p.val[nameTok]), type, flags, p.start[nameTok]);
	}
	if (!perCpu) invocation(p, at, close, at, isStatic);
	p.pos = next;
	if (p.kind[next] === T.Assign) p.pos++;
	else if (p.kind[next] !== T.LBrace) return;
	staticInitializer(p, nameTok >= 0 ? nameOf(p, p.val[nameTok]) : nameOf(p, p.val[at]), type);
	if (p.kind[p.pos] === T.Semi) p.pos++;
}

/** `MACHINE_START(name, …) .field = value, … MACHINE_END`: an initialiser without braces. */
function macroFields(p: Parser, at: number, close: number, next: number, isStatic: boolean): void {
	invocation(p, at, close, at, isStatic);
	const owner = nameOf(p, p.kind[at + 2] === T.Ident ? p.val[at + 2] : p.val[at]);
	p.pos = next;
	fieldList(p, owner, p.builder.type(TypeKind.Unknown, NONE, 0, NONE));
	if (p.kind[p.pos] === T.Ident) p.pos++;
}

/** `MACRO(args) { body }`: a system call, or a function named by the first argument. */
function macroFunction(p: Parser, at: number, close: number, open: number, startTok: number): void {
	const word = p.val[at];
	const first = at + 2;
	const isCall = word >= W.SYSCALL_DEFINE0 && word <= W.COMPAT_SYSCALL_DEFINE6;
	const hasName = p.kind[first] === T.Ident || p.kind[first] === T.Keyword;
	const nameTok = hasName ? first : at;
	const head: FunctionHead = {
		name: NONE,
		nameStart: p.start[nameTok],
		nameEnd: p.end[nameTok],
		start: p.start[startTok],
		returnType: p.builder.type(isCall ? TypeKind.Int : TypeKind.Unknown, NONE, 0, NONE),
		flags: p.specFlags,
	};
	openFunction(p);
	let count = 0;
	if (isCall && hasName) {
		const prefix = word <= W.SYSCALL_DEFINE6 ? "__do_sys_" : "__do_compat_sys_";
		head.name = composedName(p, prefix, p.val[first], "");
		head.flags |= FnFlag.Syscall;
		count = pairedParameters(p, first + 1, close);
	} else if (!hasName) {
		head.name = nameOf(p, p.val[at]);
		if (close > first) head.flags |= FnFlag.FromMacro;
	} else {
		head.flags |= FnFlag.FromMacro;
		const text = symbolText(p.pp.lexer.symbols, p.bytes, p.val[first]);
		const flags = p.pp.lexer.symbols.flags;
		if ((flags[p.val[first]] & SymbolFlag.Function) === 0 && p.val[first] > W.LastKeyword)
			head.name = nameOf(p, p.val[first]);
		else head.name = composedName(p, "", p.val[at], `_${text}`);
		flags[p.val[first]] |= SymbolFlag.Function;
		if (symbolText(p.pp.lexer.symbols, p.bytes, word).startsWith("BPF_CALL_"))
			count = pairedParameters(p, first + 1, close);
		else if (p.kind[first + 1] === T.Comma) count = parameters(p, first + 1, close, head);
		else if (p.kind[first + 1] !== T.RParen) {
			// an old-style function without a type
			head.name = nameOf(p, p.val[at]);
			head.flags &= ~FnFlag.FromMacro;
			count = parameters(p, at + 1, close, head);
		}
	}
	p.annotationTokens.length = 0;
	const end = p.match[open] > 0 ? p.match[open] : endOfUnclosed(p, open);
	finishBody(p, head, open, end, count);
}

/** `, type, name, type, name …` as parameters. */
function pairedParameters(p: Parser, from: number, close: number): number {
	let count = 0;
	p.pos = from;
	while (p.pos < close && p.kind[p.pos] === T.Comma) {
		p.pos++;
		const base = specifiers(p, true);
		const comma = skipTo(p, p.pos, T.Comma, T.Comma);
		if (comma >= close) break;
		let type = base;
		if (p.pos < comma) {
			declarator(p, base);
			type = p.declType;
		}
		p.pos = comma + 1;
		if (p.kind[p.pos] !== T.Ident) break;
		addParameter(p, p.val[p.pos], type, p.start[p.pos]);
		count++;
		p.pos++;
	}
	p.error = false;
	return count;
}

/** Parts of a guard class definition: tokens of the class name, of what follows it, and of the code. */
interface GuardParts {
	nameTok: number;
	startTok: number;
	close: number;
	/** first tokens of the arguments, then the closing parenthesis */
	args: number[];
}

/** DEFINE_GUARD & co: pseudo functions for the constructor and the destructor. */
function guardClass(p: Parser, at: number, close: number, startTok: number): void {
	const parts: GuardParts = { nameTok: at + 2, startTok, close, args: [at + 2] };
	for (let i = at + 2; i < close; ) {
		i = skipTo(p, i, T.Comma, T.Comma);
		if (i < close && p.kind[i] === T.Comma) parts.args.push(++i);
	}
	parts.args.push(close + 1);
	const back = p.pos;
	const class_ = p.val[at + 2];
	const count = parts.args.length - 1;
	const ext =
		count > 1 && p.kind[parts.args[1]] === T.Ident ? symbolText(p.pp.lexer.symbols, p.bytes, p.val[parts.args[1]]) : "";
	switch (p.val[at]) {
		case W.DEFINE_GUARD:
			if (count < 4) break;
			pseudo(p, parts, "_constructor", ["_T"], 1, 2, Shape.LockReturnsSelf);
			pseudo(p, parts, "_destructor", ["guard", "_T"], 1, 3, Shape.Plain);
			break;
		case W.DEFINE_LOCK_GUARD_1:
			if (count < 4) break;
			pseudo(p, parts, "_constructor", ["l"], 1, 2, Shape.LockField);
			pseudo(p, parts, "_destructor", ["_T", "l"], 1, 3, Shape.LockField);
			break;
		case W.DEFINE_LOCK_GUARD_0:
			if (count < 3) break;
			pseudo(p, parts, "_constructor", [], -1, 1, Shape.Plain);
			pseudo(p, parts, "_destructor", ["_T"], -1, 2, Shape.Plain);
			break;
		case W.DEFINE_CLASS:
			if (count < 4) break;
			constructorWithParameters(p, parts, "", 3, 4);
			pseudo(p, parts, "_destructor", ["_T"], 1, 2, Shape.Plain);
			break;
		case W.EXTEND_CLASS:
			if (count < 3) break;
			constructorWithParameters(p, parts, ext, 2, 3);
			inherited(p, parts, class_, ext);
			break;
		case W.DEFINE_GUARD_COND:
			if (count < 3) break;
			pseudo(p, parts, `${ext}_constructor`, ["_T"], -1, 2, Shape.Value);
			inherited(p, parts, class_, ext);
			break;
		case W.DEFINE_LOCK_GUARD_1_COND:
			if (count < 3) break;
			pseudo(p, parts, `${ext}_constructor`, ["l"], -1, 2, Shape.LockFieldValue);
			inherited(p, parts, class_, ext);
			break;
		case W.DEFINE_FREE:
			if (count >= 3) pseudo(p, parts, "free", ["_T"], 1, 2, Shape.Plain);
			break;
		default:
	}
	p.pos = back;
}

/** How the code of a pseudo function reads. */
const enum Shape {
	Plain = 0,
	/** returns its parameter after the code */
	LockReturnsSelf = 1,
	/** `_T->lock` is the last parameter */
	LockField = 2,
	/** returns the code's value */
	Value = 3,
	LockFieldValue = 4,
}

function guardHead(p: Parser, parts: GuardParts, suffix: string): FunctionHead {
	const { nameTok } = parts;
	const sym = p.val[nameTok];
	const isFree = suffix === "free";
	return {
		name: isFree ? composedName(p, "__free_", sym, "") : composedName(p, "class_", sym, suffix),
		nameStart: p.start[nameTok],
		nameEnd: p.end[nameTok],
		start: p.start[parts.startTok],
		returnType: p.builder.type(TypeKind.Unknown, NONE, 0, NONE),
		flags: FnFlag.Static | FnFlag.Inline | (suffix.endsWith("_constructor") ? FnFlag.GuardEnter : FnFlag.GuardExit),
	};
}

/** One constructor or destructor with the code of argument `codeArg`, typed by argument `typeArg` (or -1). */
function pseudo(
	p: Parser,
	parts: GuardParts,
	suffix: string,
	params: readonly string[],
	typeArg: number,
	codeArg: number,
	shape: Shape,
): void {
	const head = guardHead(p, parts, suffix);
	openFunction(p);
	let type = p.builder.type(TypeKind.Unknown, NONE, 0, NONE);
	if (typeArg >= 0) {
		p.pos = parts.args[typeArg];
		type = typeName(p, parts.args[typeArg + 1] - 1);
		if (p.error) recover(p, parts.args[typeArg + 1] - 1);
	}
	const isField = shape === Shape.LockField || shape === Shape.LockFieldValue;
	const unknown = p.builder.type(TypeKind.Unknown, NONE, 0, NONE);
	for (const name of params) {
		if (isField && typeArg >= 0) addNamed(p, name, name === "l" ? pointerTo(p, type, 1) : unknown, VarFlag.Param);
		else addNamed(p, name, type, VarFlag.Param);
	}
	if (isField) {
		const self =
			params[0] === "_T" ? 0 : addNamed(p, "_T", p.builder.type(TypeKind.Unknown, NONE, 1, NONE), VarFlag.Temp);
		p.guardSelf = p.builder.expr(ExprKind.Local, self, 0, 0);
		p.guardField = p.builder.nameOf("lock");
		p.guardLock = p.builder.expr(ExprKind.Local, params.length - 1, 0, 0);
	}
	const from = parts.args[codeArg];
	const end = parts.args[codeArg + 1] - 1;
	p.pos = from;
	if (shape === Shape.Value || shape === Shape.LockFieldValue) {
		const value = assignment(p);
		if (p.error) recover(p, end);
		emit(p, Op.Return, p.start[from], p.end[end - 1], value, 0, 0);
		p.dead = true;
	} else if (from < end) {
		p.hooks.statementArgument(p, end);
		if (shape === Shape.LockReturnsSelf) {
			emit(p, Op.Return, p.start[from], p.end[end - 1], p.builder.expr(ExprKind.Local, 0, 0, 0), 0, 0);
			p.dead = true;
		}
	}
	p.guardLock = NONE;
	finishPseudo(p, head, params.length, from, end);
}

function addNamed(p: Parser, name: string, type: number, flags: VarFlag): number {
	const index = addVar(p, p.builder.nameOf(name), type, flags, NONE);
	const sym = findSymbol(p.pp.lexer.symbols, p.bytes, name);
	if (sym >= 0) bindVar(p, sym, index);
	return index;
}

function finishPseudo(p: Parser, head: FunctionHead, params: number, from: number, end: number): void {
	const annotations = p.builder.annotations.length / 3;
	const last = Math.max(end - 1, from);
	closeFunction(p, head, params, annotations, p.start[from], p.end[last], p.end[last]);
}

/** class_<name><ext>_constructor(declared parameters): returns the value of argument `codeArg`. */
function constructorWithParameters(
	p: Parser,
	parts: GuardParts,
	ext: string,
	codeArg: number,
	paramsArg: number,
): void {
	const head = guardHead(p, parts, `${ext}_constructor`);
	openFunction(p);
	let count = 0;
	if (paramsArg < parts.args.length - 1) count = parameters(p, parts.args[paramsArg] - 1, parts.close, head);
	const from = parts.args[codeArg];
	const end = parts.args[codeArg + 1] - 1;
	p.pos = from;
	const value = assignment(p);
	if (p.error) recover(p, end);
	emit(p, Op.Return, p.start[from], p.end[end - 1], value, 0, 0);
	p.dead = true;
	finishPseudo(p, head, count, from, end);
}

/** class_<name><ext>_destructor(_T, l): if (_T) class_<name>_destructor(_T, l). */
function inherited(p: Parser, parts: GuardParts, class_: number, ext: string): void {
	const head = guardHead(p, parts, `${ext}_destructor`);
	openFunction(p);
	const type = p.builder.type(TypeKind.Unknown, NONE, 0, NONE);
	addVar(p, p.builder.nameOf("_T"), type, VarFlag.Param, NONE);
	addVar(p, p.builder.nameOf("l"), type, VarFlag.Param, NONE);
	const self = p.builder.expr(ExprKind.Local, 0, 0, 0);
	const tok = parts.nameTok;
	p.pos = tok + 1;
	const branch = emitBranch(p, self, tok);
	const base = p.scratch.length;
	p.scratch.push3(self, p.start[tok], p.end[tok]);
	p.scratch.push3(p.builder.expr(ExprKind.Local, 1, 0, 0), p.start[tok], p.end[tok]);
	const callee = nameExpr(p, composedName(p, "class_", class_, "_destructor"));
	emitCall(p, callee, p.start[tok], p.end[tok], base, 2, 0);
	bindHere(p, branch);
	finishPseudo(p, head, 2, tok, tok + 1);
}
