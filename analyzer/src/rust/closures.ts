// Closures. One that is given to somebody is a function of its own, lowered when the function around it is done; one
// that is called in place belongs to the function.
import { NONE, Op } from "../ir/ops.js";
import { VarFlag } from "../ir/unit.js";
import { Arms, breakableCode, endDrops } from "./drops.js";
import { Binding, bindPattern } from "./patterns.js";
import { addVariable, bindJumps, emit, emitJump, type Lowering, localExpr, nameExpr, type Value } from "./state.js";
import { field, kindOf, parts } from "./syntax.js";
import { termOf } from "./terms.js";

/** The function that a closure is, by its name; its body waits. */
export function closureExpr(r: Lowering, node: number): number {
	const name = `${r.fnName}::{closure#${r.nClosures++}}`;
	r.pending.push({ syntax: r.syntax, node, name, captures: [...r.locals], scope: r.items });
	return nameExpr(r, name);
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
