// The printer and the verifier on a unit built by hand: every broken invariant is noticed, a whole unit is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Builder } from "../src/ir/builder.js";
import { flattenUnit, unitOf } from "../src/ir/flat.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, OpFlag, UnaryOp } from "../src/ir/ops.js";
import { exprText, printUnit } from "../src/ir/print.js";
import {
	FN_SIZE,
	FnField,
	FnFlag,
	TypeKind,
	UNIT_TABLES,
	type Unit,
	VAR_SIZE,
	VarField,
	VarFlag,
} from "../src/ir/unit.js";
import { verifyUnit } from "../src/ir/verify.js";

const SOURCE = `static int f(struct dev *dev, int n)
{
	int ret = g(dev, n + 1);
	while (ret & 4)
		ret = -ret;
	switch (n) {
	case 1 ... 3: return ret;
	}
	return dev->state;
}
`;

interface Sample {
	readonly unit: Unit;
	readonly exprs: Readonly<Record<"sum" | "callResult" | "ret" | "masked", number>>;
}

/** The unit of SOURCE, as a front end would fill it. */
function sample(): Sample {
	const bytes = new TextEncoder().encode(SOURCE);
	const builder = new Builder();
	builder.reset();
	builder.beginScope();
	const at = (text: string): number => SOURCE.indexOf(text);
	const int = builder.type(TypeKind.Int, NONE, 0, NONE);
	const dev = builder.type(TypeKind.Struct, builder.nameOf("dev"), 1, NONE);
	const local = (index: number): number => builder.expr(ExprKind.Local, index, 0, 0);
	const sum = builder.expr(ExprKind.Binary, BinaryOp.Add, local(1), builder.intOf(1));
	const ret = local(2);
	const addVar = (name: string, type: number, flags: number): void => {
		for (const value of [builder.nameOf(name), type, flags, at(name)]) builder.vars.push(value);
	};
	addVar("dev", dev, VarFlag.Param);
	addVar("n", int, VarFlag.Param);
	addVar("ret", int, 0);
	const call = at("g(dev");
	const list = builder.lists.length;
	for (const value of [local(0), sum, call + 2, call + 7, call + 5, call + 12]) builder.lists.push(value);
	builder.op(Op.Call, call, call + 13, builder.expr(ExprKind.Name, builder.nameOf("g"), 0, 0), list, 2);
	const callResult = builder.expr(ExprKind.CallResult, 0, 0, 0);
	builder.op(Op.Assign, call - 6, call + 13, ret, callResult, 0);
	const loop = at("while");
	const masked = builder.expr(ExprKind.Binary, BinaryOp.And, ret, builder.intOf(4));
	builder.op(Op.Branch, loop, loop + 15, masked, 5, 0);
	const negated = builder.expr(ExprKind.Unary, UnaryOp.Neg, ret, 0);
	builder.op(Op.Assign, at("ret = -"), at("ret = -") + 10, ret, negated, 0);
	builder.op(Op.Jump | (OpFlag.BackEdge << 8), loop, loop + 15, 2, 0, 0);
	const cases = builder.lists.length;
	for (const value of [builder.intOf(1), builder.intOf(3), 6, NONE, NONE, 7]) builder.lists.push(value);
	builder.op(Op.Switch, at("switch"), at("switch") + 10, local(1), cases, 2);
	builder.op(Op.Return, at("return ret"), at("return ret") + 11, ret, 0, 0);
	const state = builder.expr(ExprKind.Field, local(0), builder.nameOf("state"), 1);
	builder.op(Op.Return, at("return dev"), at("return dev") + 18, state, 0, 0);
	const name = SOURCE.indexOf("f(struct");
	const body = SOURCE.indexOf("{");
	const end = SOURCE.length - 1;
	const record = [
		...[builder.nameOf("f"), name, name + 1, 0, end, 0, 8, 0, 3, 2, int, FnFlag.Static],
		...[0, 0, NONE, NONE, body + 1, end - 1],
	];
	for (const value of record) builder.fns.push(value);
	return { unit: builder.finish(bytes), exprs: { sum, callResult, ret, masked } };
}

/** A copy whose tables may be written to. */
function copyOf(unit: Unit): Unit {
	return unitOf(flattenUnit(unit).slice());
}

/** The same tables, of which any may be replaced. */
function partsOf(unit: Unit): Unit {
	const { byteLength, unparsedBodyBytes, nameBytes, lineLengths } = unit;
	const tables = Object.fromEntries(UNIT_TABLES.map((table) => [table, unit[table]]));
	return { ...tables, byteLength, unparsedBodyBytes, nameBytes, lineLengths } as unknown as Unit;
}

function problemsAfter(change: (unit: Unit, exprs: Sample["exprs"]) => void): readonly string[] {
	const { unit, exprs } = sample();
	const broken = copyOf(unit);
	change(broken, exprs);
	return verifyUnit(broken);
}

const setOp = (unit: Unit, op: number, field: OpField, value: number): void => {
	unit.ops[op * OP_SIZE + field] = value;
};
const setFn = (unit: Unit, field: FnField, value: number): void => {
	unit.fns[field] = value;
};

test("a whole unit has no problems", () => {
	assert.equal(sample().unit.fns.length, FN_SIZE);
	assert.deepEqual(verifyUnit(sample().unit), []);
});

test("an empty unit has no problems", () => {
	const builder = new Builder();
	builder.reset();
	assert.deepEqual(verifyUnit(builder.finish(new Uint8Array())), []);
});

test("a function prints with one op per line", () => {
	assert.equal(
		printUnit(sample().unit),
		[
			"static int f(struct dev *dev, int n)  [line 1]",
			"     3    0  %0 = g(dev, n + 1)",
			"     3    1  ret = %0",
			"     4 >  2  unless (ret & 4) goto 5",
			"     5    3  ret = -ret",
			"     4    4  goto 2  [back]",
			"     6 >  5  switch (n) { 1 ... 3: 6; default: 7 }",
			"     7 >  6  return ret",
			"     9 >  7  return dev->state",
			"",
		].join("\n"),
	);
});

test("expressions print with the parentheses they need, and no others", () => {
	const builder = new Builder();
	builder.reset();
	const name = (text: string): number => builder.expr(ExprKind.Name, builder.nameOf(text), 0, 0);
	const binary = (op: BinaryOp, left: number, right: number): number => builder.expr(ExprKind.Binary, op, left, right);
	const [a, b, c] = [name("a"), name("b"), name("c")];
	const or = binary(BinaryOp.Or, a, b);
	const type = builder.type(TypeKind.Struct, builder.nameOf("dev"), 1, NONE);
	const texts: (readonly [number, string])[] = [
		[binary(BinaryOp.And, or, c), "(a | b) & c"],
		[binary(BinaryOp.Or, binary(BinaryOp.And, a, b), c), "a & b | c"],
		[binary(BinaryOp.Sub, a, binary(BinaryOp.Sub, b, c)), "a - (b - c)"],
		[binary(BinaryOp.Sub, binary(BinaryOp.Sub, a, b), c), "a - b - c"],
		[builder.expr(ExprKind.Unary, UnaryOp.BitNot, or, 0), "~(a | b)"],
		[builder.expr(ExprKind.Cond, a, b, builder.expr(ExprKind.Cond, b, a, c)), "a ? b : b ? a : c"],
		[builder.expr(ExprKind.Field, builder.expr(ExprKind.Deref, a, 0, 0), builder.nameOf("x"), 0), "(*a).x"],
		[builder.expr(ExprKind.AddrOf, builder.expr(ExprKind.Field, a, builder.nameOf("x"), 1), 0, 0), "&a->x"],
		[builder.expr(ExprKind.Cast, type, or, 0), "(struct dev *)(a | b)"],
		[builder.intOf(-12), "-12"],
		[builder.intOf(0x80000000), "0x80000000"],
		[builder.expr(ExprKind.Str, builder.nameOf('say "x"'), 0, 0), '"say \\"x\\""'],
		[builder.expr(ExprKind.SizeOf, type, 0, 0), "sizeof(struct dev *)"],
	];
	const unit = builder.finish(new Uint8Array());
	for (const [expr, text] of texts) assert.equal(exprText(unit, NONE, expr), text);
});

const BREAKAGES: readonly (readonly [string, RegExp, (unit: Unit, exprs: Sample["exprs"]) => void])[] = [
	["jump out of the function", /jumps to 99/, (unit) => setOp(unit, 4, OpField.A, 99)],
	["branch before the function", /jumps to -2/, (unit) => setOp(unit, 2, OpField.B, -2)],
	["switch target", /jumps to 70/, (unit) => unit.lists.set([70], 8)],
	["forward back edge", /back edge/, (unit) => setOp(unit, 4, OpField.A, 5)],
	["default case", /not the default/, (unit) => unit.lists.set([0], 9)],
	["reversed span", /reversed/, (unit) => setOp(unit, 1, OpField.End, 3)],
	["span past the file", /outside the file/, (unit) => setOp(unit, 1, OpField.End, 100_000)],
	["span outside the function", /outside the function/, (unit) => setFn(unit, FnField.End, 100)],
	["opcode", /opcode 77/, (unit) => setOp(unit, 1, OpField.Code, 77)],
	["expression index", /expression 999/, (unit) => setOp(unit, 6, OpField.A, 999)],
	["argument list", /outside lists/, (unit) => setOp(unit, 0, OpField.C, 9)],
	["argument", /expression -5/, (unit) => unit.lists.set([-5], 1)],
	["argument span", /argument 0.*reversed/, (unit) => unit.lists.set([0], 4)],
	["local index", /local 7/, (unit, { ret }) => unit.exprs.set([7], ret * EXPR_SIZE + 1)],
	[
		"result of a later call",
		/does not come before/,
		(unit, { callResult }) => unit.exprs.set([6], callResult * EXPR_SIZE + 1),
	],
	[
		"result of no call",
		/no call/,
		(unit, { callResult }) => {
			setOp(unit, 1, OpField.A, 0);
			unit.exprs.set([0], callResult * EXPR_SIZE + 1);
			setOp(unit, 0, OpField.Code, Op.Nop);
		},
	],
	["expression cycle", /comes later/, (unit, { sum }) => unit.exprs.set([sum], sum * EXPR_SIZE + 2)],
	["expression kind", /kind 44/, (unit, { sum }) => unit.exprs.set([44], sum * EXPR_SIZE)],
	["operator", /operator 30/, (unit, { sum }) => unit.exprs.set([30], sum * EXPR_SIZE + 1)],
	["assignment to a value", /assigns to/, (unit, { sum }) => setOp(unit, 1, OpField.A, sum)],
	["parameters first", /parameter after/, (unit) => unit.vars.set([VarFlag.Param], 2 * VAR_SIZE + VarField.Flags)],
	["parameter flag", /is no parameter/, (unit) => unit.vars.set([0], VarField.Flags)],
	["parameter count", /more parameters/, (unit) => setFn(unit, FnField.ParamCount, 4)],
	["variables", /outside vars/, (unit) => setFn(unit, FnField.VarCount, 40)],
	["ops", /outside ops/, (unit) => setFn(unit, FnField.OpCount, 40)],
	["end of control", /runs off the end/, (unit) => setOp(unit, 7, OpField.Code, Op.Nop)],
	["type", /type 50/, (unit) => setFn(unit, FnField.ReturnType, 50)],
	["name", /name 500/, (unit) => setFn(unit, FnField.Name, 500)],
	["name outside its function", /its name is outside/, (unit) => setFn(unit, FnField.NameEnd, 5000)],
	["body outside its function", /its body is outside/, (unit) => setFn(unit, FnField.BodyEnd, 5000)],
	["name ends", /ends before it starts/, (unit) => unit.nameEnds.set([-1], 1)],
	["lines", /add up to/, (unit) => unit.lineLengths.set([1], 0)],
];

for (const [what, message, change] of BREAKAGES) {
	test(`the verifier notices: ${what}`, () => {
		assert.match(problemsAfter(change).join("\n"), message);
	});
}

test("tables that are no whole number of records are reported, and read no further", () => {
	const unit = partsOf(sample().unit);
	assert.match(verifyUnit({ ...unit, ops: unit.ops.subarray(1) }).join("\n"), /ops: .*records of 6/);
	assert.equal(verifyUnit({ ...unit, fns: unit.fns.subarray(1) }).length, 1);
});

test("a call in a part that is evaluated on a condition is a branch", () => {
	const problems = problemsAfter((unit, { ret, callResult, masked }) => {
		unit.exprs.set([ExprKind.Binary, BinaryOp.LogAnd, ret, callResult], masked * EXPR_SIZE);
	});
	assert.match(problems.join("\n"), /that is a branch/);
});

test("printing ends on a broken unit too", () => {
	const { unit, exprs } = sample();
	const broken = copyOf(unit);
	broken.exprs.set([exprs.sum], exprs.sum * EXPR_SIZE + 2);
	setOp(broken, 6, OpField.A, 12345);
	assert.match(printUnit(broken), /…/);
	assert.match(printUnit(broken), /<expr 12345>/);
});
