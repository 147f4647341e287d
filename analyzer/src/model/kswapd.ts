// kswapd for the simulator: its thread, and its code as a unit of its own, so that a machine runs it and a debugger
// shows it like any other. The text says in C what mm/vmscan.c does as far as it is simulated; a test compares the
// unit with what the front end makes of the text.

import { Builder } from "../ir/builder.js";
import { ExprKind, NONE, Op, OpFlag, UnaryOp } from "../ir/ops.js";
import { FN_SIZE, FnField, FnFlag, TypeKind, type Unit, VarFlag } from "../ir/unit.js";
import type { Source } from "./schema.js";

/** Path of the text; no file is called so. */
export const kswapdPath = "<kswapd>";

export const kswapdText = `/* What kswapd does on the simulated machine: the simulator's own text, not a file of the tree. */
static int kswapd(struct pglist_data *node)
{
	/* PF_MEMALLOC | PF_KSWAPD: what it calls may take the last page, and does not reclaim in turn */
	while (!pgdat_balanced(node) && kswapd_shrink_node(node))
		cond_resched();
	return 0;
}
`;

export const kswapdThread: { readonly comm: string; readonly runs: string; readonly source: Source } = {
	comm: "kswapd0",
	runs: "kswapd",
	source: "mm/vmscan.c:kswapd_run",
};

/** What its code calls, by name. A static function of that name in a file of the tree is itself. */
export const kswapdCalls: ReadonlyMap<string, "balanced" | "shrink"> = new Map([
	["pgdat_balanced", "balanced"],
	["kswapd_shrink_node", "shrink"],
]);

/** Of pages reclaimed for a high order, this often its size is enough (mm/vmscan.c:kswapd_shrink_node, compact_gap()). */
export const compactGap = 2;

let made: Unit | null = null;

/** The text as the front end reads it. */
export function kswapdUnit(): Unit {
	made ??= build();
	return made;
}

interface Span {
	readonly start: number;
	readonly end: number;
}

function spanOf(words: string): Span {
	const start = kswapdText.indexOf(words);
	return { start, end: start + words.length };
}

function build(): Unit {
	const builder = new Builder();
	const name = spanOf("kswapd(struct");
	const whole = { start: spanOf("static int").start, end: kswapdText.lastIndexOf("}") + 1 };
	const param = spanOf("node)");
	builder.beginScope();
	const fn = new Array<number>(FN_SIZE).fill(0);
	fn[FnField.Name] = builder.nameOf("kswapd");
	fn[FnField.NameStart] = name.start;
	fn[FnField.NameEnd] = name.start + "kswapd".length;
	fn[FnField.Start] = whole.start;
	fn[FnField.End] = whole.end;
	fn[FnField.VarCount] = 1;
	fn[FnField.ParamCount] = 1;
	fn[FnField.ReturnType] = builder.type(TypeKind.Int, NONE, 0, NONE);
	fn[FnField.Flags] = FnFlag.Static;
	fn[FnField.DocStart] = NONE;
	fn[FnField.DocEnd] = NONE;
	fn[FnField.BodyStart] = kswapdText.indexOf("{") + 1;
	fn[FnField.BodyEnd] = whole.end - 1;
	const node = builder.type(TypeKind.Struct, builder.nameOf("pglist_data"), 1, NONE);
	builder.vars.push4(builder.nameOf("node"), node, VarFlag.Param, param.start);
	fn[FnField.OpCount] = body(builder);
	for (const value of fn) builder.fns.push(value);
	return builder.finish(Uint8Array.from(kswapdText, (char) => char.charCodeAt(0)));
}

/** The ops of the loop and the return. Gives how many they are. */
function body(builder: Builder): number {
	const head = spanOf("while");
	const end = 6;
	const balanced = call(builder, "pgdat_balanced", "node");
	const test = spanOf("!pgdat_balanced(node)");
	const isLow = builder.expr(ExprKind.Unary, UnaryOp.Not, balanced, 0);
	builder.op(Op.Branch, test.start, test.end, isLow, end, 0);
	const shrunk = call(builder, "kswapd_shrink_node", "node");
	const more = spanOf("kswapd_shrink_node(node)");
	builder.op(Op.Branch, more.start, more.end, shrunk, end, 0);
	call(builder, "cond_resched", "");
	builder.op(Op.Jump | (OpFlag.BackEdge << 8), head.start, head.end, 0, 0, 0);
	const leave = spanOf("return 0");
	return builder.op(Op.Return, leave.start, leave.end, builder.intOf(0), 0, 0) + 1;
}

/** Gives the call's result. */
function call(builder: Builder, name: string, arg: string): number {
	const span = spanOf(`${name}(${arg})`);
	const callee = builder.expr(ExprKind.Name, builder.nameOf(name), 0, 0);
	const args = builder.lists.length;
	if (arg !== "") {
		builder.lists.push3(builder.expr(ExprKind.Local, 0, 0, 0), span.end - 1 - arg.length, span.end - 1);
	}
	const op = builder.op(Op.Call, span.start, span.end, callee, args, arg === "" ? 0 : 1);
	return builder.expr(ExprKind.CallResult, op, 0, 0);
}
