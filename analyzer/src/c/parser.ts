// hot: The parser's state, and what all its parts share: moving over tokens, failing and recovering, names,
// emitting ops, and jump lists. A jump list links ops whose target is not known yet through their target field.
import type { Builder, IntTable } from "../ir/builder.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, type OpFlag, UnaryOp } from "../ir/ops.js";
import type { Preprocessor } from "./preprocess.js";
import { symbolText, wordBytes } from "./symbols.js";
import { T, type Tokens } from "./tokens.js";
import { W } from "./words.js";

/** How deep brackets and statements may nest before a span counts as unparsed. */
export const MAX_DEPTH = 200;

/** Parts that lower layers call although they import those: set once in index.ts. */
export interface Hooks {
	/** `({ … })` at the opening parenthesis */
	statementExpression(p: Parser): number;
	statement(p: Parser): void;
	/** a statement that stands as a macro's argument, up to token `end` */
	statementArgument(p: Parser, end: number): void;
	/** a call of one of the words up to W.LastSpecial, at its name */
	special(p: Parser): number;
	/** the value of an enumerator, up to `,` or `}` */
	constant(p: Parser): number;
}

export interface Parser {
	hooks: Hooks;
	pp: Preprocessor;
	builder: Builder;
	bytes: Uint8Array;
	/** the stream that is parsed */
	kind: Uint8Array;
	start: Int32Array;
	end: Int32Array;
	val: Int32Array;
	match: Int32Array;
	pos: number;
	/** the T.Eof at the stream's end */
	eof: number;
	/** parsing failed at token errorAt and stands on T.Eof until somebody recovers */
	error: boolean;
	errorAt: number;
	depth: number;
	/** symbol → name of the unit + 1 */
	symName: Int32Array;
	/** symbol → variable in scope + 1 */
	symVar: Int32Array;
	/** symbol, former value: to leave scopes */
	scopeUndo: IntTable;
	/** symbol → label + 1 */
	symLabel: Int32Array;
	/** LABEL_SIZE ints each */
	labels: IntTable;
	/** next, place in lists or op, 1 when in lists */
	labelUses: IntTable;
	/** cleanups of open scopes, CLEANUP_SIZE ints each, and their arguments */
	cleanups: IntTable;
	cleanupArgs: IntTable;
	/** stack for lists being built */
	scratch: IntTable;
	/** cases of open switches: low, high, target */
	cases: IntTable;
	inFunction: boolean;
	/** first op, first variable of the function */
	opBase: number;
	varBase: number;
	/** control does not get here: nothing is emitted */
	dead: boolean;
	/** largest op index something jumps to */
	lastTarget: number;
	/** calls, assignments and labels met, emitted or not */
	effects: number;
	/** jump lists: to the function's end, out of the loop or switch, to the loop's next turn */
	endList: number;
	breakList: number;
	contList: number;
	/** open cleanups outside the loop or switch */
	breakCleanups: number;
	contCleanups: number;
	inBreakable: boolean;
	inLoop: boolean;
	inSwitch: boolean;
	/** the function has an Op.Unknown */
	partial: boolean;
	/** likely/unlikely seen in the condition being read: OpFlag bits */
	hint: number;
	/** reading a macro's body */
	inMacro: boolean;
	/** the stream's end may stand for a `;` or a statement */
	endsOpen: boolean;
	/** the macro's body ended where a statement was needed: the user completes it */
	openEnd: boolean;
	/** results of specifiers() and declarator() */
	specFlags: number;
	specStatic: boolean;
	specExtern: boolean;
	specTypedef: boolean;
	specRecord: boolean;
	specPerCpu: boolean;
	specHasType: boolean;
	/** symbol in __free(x), or -1 */
	cleanupSym: number;
	/** tokens of __acquires & co */
	annotationTokens: IntTable;
	declSym: number;
	/** the unit's name for it */
	declName: number;
	declTok: number;
	declType: number;
	/** token of the `(` of the parameters, or -1 */
	declParams: number;
	memberStack: IntTable;
	/** inside a guard class: the variable `_T`, the field "lock", and what `_T->lock` stands for (or NONE) */
	guardSelf: number;
	guardField: number;
	guardLock: number;
	/** in an alternative branch */
	alternative: boolean;
	/** scope exits looked ahead for in this function */
	lookaheads: number;
	/** cleanups open where each open block began */
	blockCleanups: IntTable;
	/** labels whose address is taken, and the Choice ops of computed gotos */
	addressedLabels: IntTable;
	computedGotos: IntTable;
}

/** A label: symbol, target op or NONE, first use in labelUses, cleanups open at it. */
export const LABEL_SIZE = 4;
/** A cleanup: name of the function, expr of the guard, first argument, count, start, end. */
export const CLEANUP_SIZE = 6;

export function useTokens(p: Parser, tokens: Tokens): void {
	p.kind = tokens.kind;
	p.start = tokens.start;
	p.end = tokens.end;
	p.val = tokens.val;
	p.match = tokens.match;
	p.pos = 0;
	p.eof = tokens.count;
	p.error = false;
	p.depth = 0;
}

/** Gives up on what is being read: every loop of the parser ends on T.Eof. */
export function fail(p: Parser): void {
	if (!p.error) {
		p.error = true;
		p.errorAt = p.pos;
	}
	p.pos = p.eof;
}

/** Goes on at `pos` after a failure. */
export function recover(p: Parser, pos: number): void {
	p.error = false;
	p.pos = pos;
}

export function expect(p: Parser, kind: T): void {
	if (p.kind[p.pos] === kind) p.pos++;
	else fail(p);
}

/** The token after the bracket group at `at`, or one past `at` when nothing matches it. */
export function afterGroup(p: Parser, at: number): number {
	const match = p.match[at];
	return match > at ? match + 1 : at + 1;
}

/** The first token from `at` on, outside brackets, that is `a`, `b`, a closing bracket or the end. */
export function skipTo(p: Parser, at: number, a: T, b: T): number {
	for (;;) {
		const kind = p.kind[at];
		if (kind === a || kind === b || kind === T.Eof) return at;
		if (kind >= T.LParen && kind <= T.RBracket) {
			if ((kind & 1) === 1) return at;
			at = afterGroup(p, at);
		} else at++;
	}
}

/** Records a span that could not be read. */
export function addUnparsed(p: Parser, start: number, end: number): void {
	if (end <= start) return;
	p.builder.unparsed.push(start);
	p.builder.unparsed.push(end);
	if (p.inFunction && !p.inMacro) p.builder.unparsedBodyBytes += end - start;
	p.partial = true;
}

/** The unit's name for a symbol. */
export function nameOf(p: Parser, sym: number): number {
	const known = p.symName[sym];
	if (known !== 0) return known - 1;
	const symbols = p.pp.lexer.symbols;
	const name = p.builder.name(sym < W.Count ? wordBytes : p.bytes, symbols.start[sym], symbols.end[sym]);
	p.symName[sym] = name + 1;
	return name;
}

/** The name given to what `MACRO(arg)` names: MACRO_arg. */
export function joinedName(p: Parser, macro: number, arg: number): number {
	const symbols = p.pp.lexer.symbols;
	return p.builder.nameOf(`${symbolText(symbols, p.bytes, macro)}_${symbolText(symbols, p.bytes, arg)}`);
}

export function opCount(p: Parser): number {
	return p.builder.ops.length / OP_SIZE - p.opBase;
}

/** Appends an op unless control cannot get here; answers its index in the function or NONE. */
export function emit(p: Parser, code: number, start: number, end: number, a: number, b: number, c: number): number {
	if (p.dead || p.error) return NONE;
	return p.builder.op(code, start, end, a, b, c) - p.opBase;
}

export function opField(p: Parser, op: number, field: OpField): number {
	return p.builder.ops.data[(p.opBase + op) * OP_SIZE + field];
}

export function setOpField(p: Parser, op: number, field: OpField, value: number): void {
	p.builder.ops.data[(p.opBase + op) * OP_SIZE + field] = value;
}

function linkField(p: Parser, op: number): number {
	const at = (p.opBase + op) * OP_SIZE;
	return (p.builder.ops.data[at] & 0xff) === Op.Branch ? at + OpField.B : at + OpField.A;
}

/** `list` with `op` (or NONE) in front. */
export function addJump(p: Parser, list: number, op: number): number {
	if (op === NONE) return list;
	p.builder.ops.data[linkField(p, op)] = list;
	return op;
}

/** Both lists as one; walks the second. */
export function joinLists(p: Parser, first: number, second: number): number {
	if (second === NONE) return first;
	if (first === NONE) return second;
	let op = second;
	for (;;) {
		const at = linkField(p, op);
		const next = p.builder.ops.data[at];
		if (next === NONE) {
			p.builder.ops.data[at] = first;
			return second;
		}
		op = next;
	}
}

/** Makes every op of the list jump to `target`. */
export function patch(p: Parser, list: number, target: number): void {
	const data = p.builder.ops.data;
	for (let op = list; op !== NONE; ) {
		const at = linkField(p, op);
		const next = data[at];
		data[at] = target;
		op = next;
	}
	if (list !== NONE && target > p.lastTarget) p.lastTarget = target;
}

/** Makes the list arrive here. */
export function bindHere(p: Parser, list: number): void {
	if (list === NONE) return;
	const here = opCount(p);
	if (list === here - 1 && p.lastTarget < here && (opField(p, list, OpField.Code) & 0xff) === Op.Jump) {
		// a jump to the next op
		const rest = opField(p, list, OpField.A);
		p.builder.ops.length -= OP_SIZE;
		p.dead = false;
		if (rest !== NONE) bindHere(p, rest);
		return;
	}
	patch(p, list, here);
	p.dead = false;
}

/** Marks this place as the target of jumps backwards. */
export function targetHere(p: Parser): number {
	const here = opCount(p);
	p.lastTarget = here;
	return here;
}

/** Forgets the ops from `count` on (nothing jumps among them). */
export function truncateOps(p: Parser, count: number, lastTarget: number): void {
	p.builder.ops.length = (p.opBase + count) * OP_SIZE;
	p.lastTarget = lastTarget;
}

/** A new variable; answers its index in the function. */
export function addVar(p: Parser, name: number, type: number, flags: number, start: number): number {
	const vars = p.builder.vars;
	vars.push4(name, type, flags, start);
	return vars.length / 4 - 1 - p.varBase;
}

/** Lets `sym` mean the variable until the scope ends. */
export function bindVar(p: Parser, sym: number, variable: number): void {
	p.scopeUndo.push(sym);
	p.scopeUndo.push(p.symVar[sym]);
	p.symVar[sym] = variable + 1;
}

export function leaveScope(p: Parser, undoLength: number): void {
	const undo = p.scopeUndo;
	while (undo.length > undoLength) {
		undo.length -= 2;
		p.symVar[undo.data[undo.length]] = undo.data[undo.length + 1];
	}
}

export function exprKind(p: Parser, expr: number): ExprKind {
	return p.builder.exprs.data[expr * EXPR_SIZE];
}

export function exprField(p: Parser, expr: number, field: number): number {
	return p.builder.exprs.data[expr * EXPR_SIZE + field];
}

/** The value of an Int expression within 53 bits, else NaN. */
export function intOf(p: Parser, expr: number): number {
	const at = expr * EXPR_SIZE;
	const data = p.builder.exprs.data;
	if (data[at] !== ExprKind.Int) return Number.NaN;
	const value = data[at + 2] * 4294967296 + (data[at + 1] >>> 0);
	return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** Whether an expression is a constant: 1 not zero, 0 zero, -1 not known. */
export function truthOf(p: Parser, expr: number): number {
	const at = expr * EXPR_SIZE;
	const data = p.builder.exprs.data;
	if (data[at] !== ExprKind.Int) return -1;
	return data[at + 1] !== 0 || data[at + 2] !== 0 ? 1 : 0;
}

/** The logical negation of a condition, without a double `!`. */
export function negate(p: Parser, expr: number): number {
	const truth = truthOf(p, expr);
	if (truth >= 0) return p.builder.intOf(1 - truth);
	if (exprKind(p, expr) === ExprKind.Unary && exprField(p, expr, 1) === UnaryOp.Not) return exprField(p, expr, 2);
	if (exprKind(p, expr) === ExprKind.Binary) {
		const op = exprField(p, expr, 1);
		if (op >= BinaryOp.Eq && op <= BinaryOp.Ge)
			return p.builder.expr(ExprKind.Binary, NEGATED[op - BinaryOp.Eq], exprField(p, expr, 2), exprField(p, expr, 3));
	}
	return p.builder.expr(ExprKind.Unary, UnaryOp.Not, expr, 0);
}

const NEGATED = [BinaryOp.Ne, BinaryOp.Eq, BinaryOp.Ge, BinaryOp.Gt, BinaryOp.Le, BinaryOp.Lt];

/** Control does not get past the op that was just emitted. */
export function stop(p: Parser): void {
	if (!p.error) p.dead = true;
}

/** A Branch on `cond` that falls through when it is true; a one-op jump list for the other case. */
export function emitBranch(p: Parser, cond: number, startTok: number): number {
	const end = p.end[p.pos > startTok ? p.pos - 1 : startTok];
	return emit(p, Op.Branch | (p.hint << 8), p.start[startTok], end, cond, NONE, 0);
}

export function emitJump(p: Parser, flags: OpFlag | 0, start: number, end: number): number {
	const op = emit(p, Op.Jump | (flags << 8), start, end, NONE, 0, 0);
	stop(p);
	return op;
}
