// Control flow: blocks, statements, conditions, match, loops, and the ways out of them.
import { NONE, Op, OpFlag } from "../ir/ops.js";
import { VarFlag } from "../ir/unit.js";
import { isTaken } from "./attributes.js";
import { emitChoice } from "./closures.js";
import { Arms, breakableCode, emitDrops, endDrops, flagMoves, leave, movedNow, restoreMoves } from "./drops.js";
import { ALWAYS, Binding, bindPattern, declareName, not, patternTest } from "./patterns.js";
import {
	addVariable,
	type Breakable,
	bindJumps,
	cutOff,
	derefExpr,
	emit,
	emitBranch,
	emitJump,
	type Lowering,
	localExpr,
	stop,
	targetHere,
	type Value,
} from "./state.js";
import { field, hasToken, isComment, kindOf, NO_NODE, parts, textOf, unreadBetween } from "./syntax.js";
import { step, termOf } from "./terms.js";
import { readUse } from "./uses.js";

const UNIT = "()";

// ---- blocks and statements ----

/** A block's statements in a scope of its own; its value is that of its last expression. */
export function block(r: Lowering, node: number): Value {
	const s = r.syntax;
	const [nLocals, nOwned] = [r.locals.length, r.owned.length];
	let value: Value = { expr: r.builder.opaque(), term: UNIT };
	let isTakenHere = true;
	for (let at = s.firsts[node]!; at !== NO_NODE; at = s.nexts[at]!) {
		if (s.named[at] === 0 || isComment(s, at)) continue;
		const kind = s.kinds[at]!;
		if (kind === "attribute_item") isTakenHere &&= isTaken(r, at);
		else {
			if (isTakenHere) value = statement(r, at, kind);
			isTakenHere = true;
		}
	}
	endDrops(r, nOwned);
	r.locals.length = nLocals;
	return value;
}

function statement(r: Lowering, node: number, kind: string): Value {
	const nothing: Value = { expr: r.builder.opaque(), term: UNIT };
	const [start, end] = [r.syntax.starts[node]!, r.syntax.ends[node]!];
	if (unreadBetween(r.syntax, start, end) !== null) emit(r, Op.Unknown, start, end, 0, 0, 0);
	if (kind === "let_declaration") letStatement(r, node);
	else if (kind === "expression_statement") {
		const inner = parts(r.syntax, node)[0] ?? NO_NODE;
		return expressionStatement(r, inner, !hasToken(r.syntax, node, ";"));
	} else if (kind === "use_declaration") readUse(r, node);
	else if (kind.endsWith("_item")) r.pending.push({ syntax: r.syntax, node, name: "", captures: [], scope: r.items });
	else if (kind !== "empty_statement" && kind !== "label" && kind !== "macro_definition")
		return expressionStatement(r, node, true);
	return nothing;
}

/** An expression up to its `;`, or the value of its block. Temporaries go at its end. */
function expressionStatement(r: Lowering, node: number, isValue: boolean): Value {
	if (node === NO_NODE) return { expr: r.builder.opaque(), term: UNIT };
	const nOwned = r.owned.length;
	const value = r.hooks.expression(r, node, isValue);
	if (!isValue || nOwned === r.owned.length) {
		endDrops(r, nOwned);
		return isValue ? value : { expr: r.builder.opaque(), term: UNIT };
	}
	const kept = keep(r, value, node);
	endDrops(r, nOwned);
	return kept;
}

/** Puts a value into a temporary, so that it is that of now. */
function keep(r: Lowering, value: Value, node: number): Value {
	const { starts, ends } = r.syntax;
	const expr = localExpr(r, addVariable(r, "", value.term, VarFlag.Temp, NONE));
	emit(r, Op.Assign, starts[node]!, ends[node]!, expr, value.expr, 0);
	for (const taken of value.taken ?? []) taken.moved = true;
	return { ...value, expr };
}

function letStatement(r: Lowering, node: number): void {
	const s = r.syntax;
	const pattern = field(s, node, "pattern");
	const typeNode = field(s, node, "type");
	const declared = typeNode < 0 ? "" : termOf(r, typeNode);
	const valueNode = field(s, node, "value");
	if (valueNode < 0) {
		if (kindOf(s, pattern) === "identifier") {
			const [start, end] = [s.starts[pattern]!, s.ends[pattern]!];
			declareName(r, textOf(s, pattern), { expr: NONE, term: declared }, start, end);
		}
		return;
	}
	const nOwned = r.owned.length;
	const isRefuted = field(s, node, "alternative") >= 0;
	// `let _ = x` leaves x where it is; what a call gives goes at once
	const isIgnored = kindOf(s, pattern) === "_";
	const made = r.hooks.expression(r, valueNode, !isIgnored);
	const term = declared === "" || declared.includes("_") ? made.term : declared;
	let value: Value = { ...made, term };
	// what a reference in `let` refers to lives as long as the name; other temporaries go before `else` does
	if (kindOf(s, valueNode) !== "reference_expression" && r.owned.length > nOwned) {
		if (!isIgnored) value = keep(r, value, valueNode);
		endDrops(r, nOwned);
	}
	if (isRefuted) letElse(r, node, pattern, value);
	if (isIgnored) return;
	r.letStart = s.starts[node]!;
	bindPattern(r, pattern, value, Binding.Moves);
	r.letStart = NONE;
}

function letElse(r: Lowering, node: number, pattern: number, value: Value): void {
	const s = r.syntax;
	const test = patternTest(r, pattern, value);
	if (test === ALWAYS) return;
	const [start, end] = [s.starts[node]!, s.ends[node]!];
	const before = movedNow(r);
	const isThere = branchUnless(r, test, start, end);
	block(r, field(s, node, "alternative"));
	cutOff(r, end);
	restoreMoves(r, before);
	bindJumps(r, isThere);
}

/** Falls through when the test fails; answers the jumps of when it holds. */
function branchUnless(r: Lowering, test: number, start: number, end: number): number[] {
	return [test === NONE ? emitChoice(r, start, end) : emitBranch(r, not(r, test), start, end)];
}

// ---- conditions ----

/** Evaluates a condition: falls through when it holds; answers the jumps of when it does not. Patterns in it bind. */
function condition(r: Lowering, node: number): number[] {
	const s = r.syntax;
	switch (kindOf(s, node)) {
		case "let_chain":
			return parts(s, node).flatMap((part) => condition(r, part));
		case "let_condition": {
			const value = scrutinee(r, field(s, node, "value"));
			return testAndBind(r, field(s, node, "pattern"), value.value, value.how, node);
		}
		case "parenthesized_expression":
			return condition(r, parts(s, node)[0] ?? NO_NODE);
		case "binary_expression":
			if (textOf(s, field(s, node, "operator")) === "&&")
				return [...condition(r, field(s, node, "left")), ...condition(r, field(s, node, "right"))];
			break;
		default:
			break;
	}
	const nOwned = r.owned.length;
	let value = r.hooks.expression(r, node, true);
	if (r.owned.length > nOwned) {
		value = keep(r, value, node);
		endDrops(r, nOwned);
	}
	return [emitBranch(r, value.expr, s.starts[node]!, s.ends[node]!)];
}

function testAndBind(r: Lowering, pattern: number, value: Value, how: Binding, node: number): number[] {
	const [start, end] = [r.syntax.starts[node]!, r.syntax.ends[node]!];
	const test = patternTest(r, pattern, value);
	const failed = test === ALWAYS ? [] : [test === NONE ? emitChoice(r, start, end) : emitBranch(r, test, start, end)];
	bindPattern(r, pattern, value, how);
	return failed;
}

/** What is matched: names that a pattern binds own their parts of a fresh value, and refer to those of a place. */
function scrutinee(r: Lowering, node: number): { value: Value; how: Binding } {
	const kind = kindOf(r.syntax, node);
	const isFresh = kind === "call_expression" || kind === "try_expression" || kind === "macro_invocation";
	const value = r.hooks.expression(r, node, isFresh);
	return { value, how: isFresh ? Binding.Moves : Binding.Refers };
}

// ---- if, match ----

export function ifExpression(r: Lowering, node: number): Value {
	const s = r.syntax;
	const result = new Result(r);
	const arms = new Arms(r);
	const [nLocals, nOwned] = [r.locals.length, r.owned.length];
	const failed = condition(r, field(s, node, "condition"));
	const bound = r.owned.length;
	result.take(block(r, field(s, node, "consequence")), node);
	emitDrops(r, nOwned);
	r.locals.length = nLocals;
	arms.end(s.starts[node]!, s.ends[node]!);
	// what the pattern binds is there only where it matches; temporaries of the condition are there on both ways
	bindJumps(r, failed);
	const temporaries = r.owned.slice(nOwned, bound).filter((owned) => owned.slot === NONE);
	r.owned.length = nOwned;
	r.owned.push(...temporaries);
	const alternative = field(s, node, "alternative");
	if (alternative >= 0) {
		const inner = parts(s, alternative)[0] ?? NO_NODE;
		const isBlock = kindOf(s, inner) === "block";
		result.take(isBlock ? block(r, inner) : r.hooks.expression(r, inner, true), node);
	}
	endDrops(r, nOwned);
	arms.end(s.starts[node]!, s.ends[node]!);
	arms.meet();
	return result.value();
}

/** A temporary that every arm writes its value to. */
class Result {
	private index = NONE;
	private term = "";

	constructor(private readonly r: Lowering) {}

	take(value: Value, node: number): void {
		if (value.term !== "" && value.term !== UNIT && value.term !== "!" && !this.r.dead) this.term ||= value.term;
		if (value.term === UNIT || this.r.dead) return;
		if (this.index === NONE) this.index = addVariable(this.r, "", value.term, VarFlag.Temp, NONE);
		const { starts, ends } = this.r.syntax;
		emit(this.r, Op.Assign, starts[node]!, ends[node]!, localExpr(this.r, this.index), value.expr, 0);
	}

	value(): Value {
		if (this.index === NONE) return { expr: this.r.builder.opaque(), term: UNIT };
		return { expr: localExpr(this.r, this.index), term: this.term };
	}
}

export function matchExpression(r: Lowering, node: number): Value {
	const s = r.syntax;
	const matched = scrutinee(r, field(s, node, "value"));
	const subject =
		kindOf(s, field(s, node, "value")) === "tuple_expression"
			? matched.value
			: keep(r, matched.value, field(s, node, "value"));
	const result = new Result(r);
	const arms = new Arms(r);
	let isTakenHere = true;
	const list = parts(s, field(s, node, "body"));
	list.forEach((arm, i) => {
		if (kindOf(s, arm) !== "match_arm") return;
		for (const part of parts(s, arm)) if (kindOf(s, part) === "attribute_item") isTakenHere &&= isTaken(r, part);
		if (isTakenHere) matchArm(r, arm, subject, matched.how, { result, arms, isLast: i === list.length - 1 });
		isTakenHere = true;
	});
	// no arm is left for a value that none has matched
	cutOff(r, s.ends[node]!);
	arms.meet();
	return result.value();
}

interface Matching {
	readonly result: Result;
	readonly arms: Arms;
	readonly isLast: boolean;
}

function matchArm(r: Lowering, arm: number, subject: Value, how: Binding, { result, arms, isLast }: Matching): void {
	const s = r.syntax;
	const pattern = field(s, arm, "pattern");
	const [nLocals, nOwned] = [r.locals.length, r.owned.length];
	const [start, end] = [s.starts[arm]!, s.ends[arm]!];
	const guard = field(s, pattern, "condition");
	const test = patternTest(r, pattern, subject);
	const failed: number[] = [];
	// patterns cover everything: what gets to the last arm is what it matches
	if (test !== ALWAYS && !(isLast && guard < 0))
		failed.push(test === NONE ? emitChoice(r, start, end) : emitBranch(r, test, start, end));
	bindPattern(r, pattern, subject, how);
	if (guard >= 0) failed.push(...condition(r, guard));
	result.take(r.hooks.expression(r, field(s, arm, "value"), true), arm);
	endDrops(r, nOwned);
	r.locals.length = nLocals;
	arms.end(start, end);
	bindJumps(r, failed);
}

// ---- loops ----

export function loopExpression(r: Lowering, node: number): Value {
	const kind = kindOf(r.syntax, node);
	const s = r.syntax;
	const [start, end] = [s.starts[node]!, s.ends[node]!];
	if (kind === "for_expression") return forLoop(r, node);
	const isEndless = kind === "loop_expression";
	const target = openLoop(r, node, isEndless);
	const [nLocals, nOwned] = [r.locals.length, r.owned.length];
	const failed = isEndless ? [] : condition(r, field(s, node, "condition"));
	const temporaries = r.owned.slice(nOwned).filter((owned) => owned.slot === NONE);
	block(r, field(s, node, "body"));
	endDrops(r, nOwned);
	r.locals.length = nLocals;
	closeLoop(r, target, start, end);
	bindJumps(r, failed);
	r.owned.push(...temporaries);
	endDrops(r, nOwned);
	return endLoop(r, target);
}

function forLoop(r: Lowering, node: number): Value {
	const s = r.syntax;
	const [start, end] = [s.starts[node]!, s.ends[node]!];
	const over = r.hooks.expression(r, field(s, node, "value"), true);
	const [nLocals, nOwned] = [r.locals.length, r.owned.length];
	const target = openLoop(r, node, false);
	const isDone = emitChoice(r, start, end);
	bindPattern(r, field(s, node, "pattern"), { expr: r.builder.opaque(), term: step(over.term, "[]") }, Binding.Moves);
	block(r, field(s, node, "body"));
	endDrops(r, nOwned);
	r.locals.length = nLocals;
	closeLoop(r, target, start, end);
	bindJumps(r, [isDone]);
	return endLoop(r, target);
}

function openLoop(r: Lowering, node: number, hasResult: boolean): Breakable {
	const label = labelOf(r, node);
	const result = hasResult ? addVariable(r, "", "", VarFlag.Temp, NONE) : NONE;
	const isDead = r.dead;
	const again = targetHere(r);
	r.dead = isDead;
	const target: Breakable = { label, breaks: [], again, continues: [], before: movedNow(r), result, isLoop: true };
	r.breakables.push(target);
	return target;
}

/** The end of a turn: back to the first op. */
function closeLoop(r: Lowering, target: Breakable, start: number, end: number): void {
	flagMoves(r, target.before);
	emit(r, Op.Jump | (OpFlag.BackEdge << 8), start, end, target.again, 0, 0);
	stop(r);
	restoreMoves(r, target.before);
	r.breakables.pop();
}

function endLoop(r: Lowering, target: Breakable): Value {
	bindJumps(r, target.breaks);
	if (target.result === NONE) return { expr: r.builder.opaque(), term: UNIT };
	return { expr: localExpr(r, target.result), term: "" };
}

function labelOf(r: Lowering, node: number): string {
	for (const part of parts(r.syntax, node)) if (kindOf(r.syntax, part) === "label") return textOf(r.syntax, part);
	return "";
}

/** A block with a label, which `break` may leave. */
export function labelledBlock(r: Lowering, node: number): Value {
	const label = labelOf(r, node);
	if (label === "") return block(r, node);
	const result = new Result(r);
	const target = breakableCode(r, label, addVariable(r, "", "", VarFlag.Temp, NONE));
	r.breakables.push(target);
	result.take(block(r, node), node);
	r.breakables.pop();
	bindJumps(r, target.breaks);
	return result.value();
}

// ---- ways out ----

export function breakExpression(r: Lowering, node: number): Value {
	const s = r.syntax;
	const [start, end] = [s.starts[node]!, s.ends[node]!];
	const label = labelOf(r, node);
	const target = r.breakables.findLast((b) => (label === "" ? b.isLoop : b.label === label));
	const valueNode = parts(s, node).find((part) => kindOf(s, part) !== "label");
	const value = valueNode === undefined ? null : r.hooks.expression(r, valueNode, true);
	if (target === undefined) {
		cutOff(r, end);
		return never(r);
	}
	if (value !== null && target.result !== NONE)
		emit(r, Op.Assign, start, end, localExpr(r, target.result), value.expr, 0);
	const isContinue = kindOf(s, node) === "continue_expression";
	leave(r, target);
	if (isContinue) {
		emit(r, Op.Jump | (OpFlag.BackEdge << 8), start, end, target.again, 0, 0);
		stop(r);
	} else target.breaks.push(emitJump(r, start, end));
	return never(r);
}

export function returnExpression(r: Lowering, node: number): Value {
	const s = r.syntax;
	const valueNode = parts(s, node)[0];
	const value = valueNode === undefined ? null : r.hooks.expression(r, valueNode, true);
	emitReturn(r, value === null ? NONE : value.expr, s.starts[node]!, s.ends[node]!);
	return never(r);
}

/** Leaves the function, or the closure whose body is part of it. */
export function emitReturn(r: Lowering, value: number, start: number, end: number): void {
	const { inlined } = r;
	if (inlined === null) {
		emitDrops(r, 0);
		emit(r, Op.Return, start, end, value, 0, 0);
		stop(r);
		return;
	}
	if (value !== NONE) emit(r, Op.Assign, start, end, localExpr(r, inlined.result), value, 0);
	leave(r, inlined);
	inlined.breaks.push(emitJump(r, start, end));
}

export function never(r: Lowering): Value {
	return { expr: r.builder.opaque(), term: "!" };
}

/** `x?`: leaves the function when x failed or is not there; else what is in it. */
export function tryExpression(r: Lowering, node: number): Value {
	const s = r.syntax;
	const inner = parts(s, node)[0] ?? NO_NODE;
	const value = r.hooks.expression(r, inner, true);
	const [start, end] = [s.ends[node]! - 1, s.ends[node]!];
	const before = movedNow(r);
	const isThere = emitBranch(r, not(r, value.expr), start, end);
	emitReturn(r, r.builder.intOf(0), start, end);
	restoreMoves(r, before);
	bindJumps(r, [isThere]);
	return { expr: derefExpr(r, value.expr), term: step(value.term, "?") };
}
