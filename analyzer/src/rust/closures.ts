// Closures. One that is given to somebody is a function of its own, lowered when the function around it is done; one
// that is called in place belongs to the function.
import { NONE, Op } from "../ir/ops.js";
import { VarFlag } from "../ir/unit.js";
import { Arms, breakableCode, endDrops, overwrite, own } from "./drops.js";
import { Binding, bindPattern } from "./patterns.js";
import {
	addVariable,
	bindJumps,
	emit,
	emitJump,
	type Lowering,
	localExpr,
	lookUp,
	nameExpr,
	type Owned,
	type Value,
} from "./state.js";
import { field, hasToken, kindOf, NO_NODE, parts, type Syntax, textOf } from "./syntax.js";
import { termOf } from "./terms.js";

/** The function that a closure is, by its name; its body waits. What is moved into it, is its own from here on. */
export function closureValue(r: Lowering, node: number): Value {
	const name = `${r.fnName}::{closure#${r.nClosures++}}`;
	r.pending.push({ syntax: r.syntax, node, name, captures: [...r.locals], scope: r.items });
	return closureOf(r, node, nameExpr(r, name), takenBy(r, node));
}

/** A closure as a value: what it has taken is dropped with it, at the end of the statement when nobody keeps it. */
export function closureOf(r: Lowering, node: number, expr: number, held: readonly Owned[]): Value {
	const { starts, ends } = r.syntax;
	const taken = held.flatMap((owned) => {
		owned.moved = true;
		return own(r, owned, starts[node]!, ends[node]!, false) ?? [];
	});
	return { expr, term: "fn()", ...(taken.length > 0 ? { taken } : {}) };
}

/** What a `move` closure names of the values around it, and has not been moved before. */
function takenBy(r: Lowering, node: number): Owned[] {
	if (!hasToken(r.syntax, node, "move")) return [];
	const names = new Set<string>();
	addNames(r.syntax, field(r.syntax, node, "body"), names);
	return [...names].flatMap((name) => {
		const owned = lookUp(r, name)?.owned ?? null;
		return owned === null || owned.moved ? [] : [owned];
	});
}

function addNames(s: Syntax, node: number, names: Set<string>): void {
	if (node === NO_NODE) return;
	if (kindOf(s, node) === "identifier") names.add(textOf(s, node));
	for (let at = s.firsts[node]!; at !== NO_NODE; at = s.nexts[at]!) addNames(s, at, names);
}

/** Calls a closure here; `isCertain`: it is called in any case. */
export function inlineClosure(r: Lowering, node: number, isCertain: boolean): Value {
	const s = r.syntax;
	const [start, end] = [s.starts[node]!, s.ends[node]!];
	const arms = new Arms(r);
	const skip = isCertain ? NONE : emitChoice(r, start, end);
	const result = addVariable(r, "", "", VarFlag.Temp, NONE);
	const [nLocals, nOwned] = [r.locals.length, r.owned.length];
	for (const part of parts(s, field(s, node, "parameters"))) closureParameter(r, part);
	const around = r.inlined;
	const target = breakableCode(r, "", result);
	r.inlined = target;
	const body = field(s, node, "body");
	const value = kindOf(s, body) === "block" ? r.hooks.block(r, body) : r.hooks.expression(r, body, true);
	emit(r, Op.Assign, start, end, localExpr(r, result), value.expr, 0);
	bindJumps(r, target.breaks);
	r.inlined = around;
	endDrops(r, nOwned);
	r.locals.length = nLocals;
	arms.end(start, end);
	if (!isCertain) {
		bindJumps(r, [skip]);
		arms.end(start, end);
	}
	arms.meet();
	// called or not, it is gone, and what it has taken with it
	for (const owned of takenBy(r, node)) {
		overwrite(r, owned);
		owned.moved = true;
	}
	return { expr: localExpr(r, result), term: value.term };
}

/** Goes on with what follows, or past it: nobody knows. Answers the jump that leads past it. */
export function emitChoice(r: Lowering, start: number, end: number): number {
	const choice = emit(r, Op.Choice, start, end, r.builder.lists.length, 1, 1);
	if (choice === NONE) return NONE;
	r.builder.lists.push(choice + 2);
	const into = emitJump(r, start, end);
	r.dead = false;
	const past = emitJump(r, start, end);
	bindJumps(r, [into]);
	return past;
}

function closureParameter(r: Lowering, node: number): void {
	const isTyped = kindOf(r.syntax, node) === "parameter";
	const pattern = isTyped ? field(r.syntax, node, "pattern") : node;
	const term = isTyped ? termOf(r, field(r.syntax, node, "type")) : "";
	bindPattern(r, pattern, { expr: r.builder.opaque(), term }, Binding.Refers);
}
