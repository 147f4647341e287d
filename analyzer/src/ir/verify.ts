// Checks a unit against the layout that ops.ts and unit.ts state: indices in range, jump targets inside
// the function, spans inside the file and ordered, results of earlier calls only. Returns what is wrong,
// one line each; an empty list means the unit is well formed. For tests and for developers, not for speed.

import { placeOf } from "../base/lineIndex.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, OpFlag, UnaryOp } from "./ops.js";
import {
	ANNOTATION_SIZE,
	AnnotationField,
	CONST_SIZE,
	ConstField,
	FN_SIZE,
	FnField,
	GLOBAL_SIZE,
	GlobalField,
	INIT_SIZE,
	INVOCATION_SIZE,
	InitField,
	InvocationField,
	MEMBER_SIZE,
	MemberField,
	PROTO_SIZE,
	ProtoField,
	STRUCT_SIZE,
	StructField,
	SUPPRESSION_SIZE,
	SuppressionField,
	TYPE_SIZE,
	TYPEDEF_SIZE,
	TypeField,
	TypeKind,
	UNPARSED_SIZE,
	type Unit,
	unitName,
	VAR_SIZE,
	VarField,
	VarFlag,
} from "./unit.js";

/** More problems than this are not listed: one broken table breaks everything that reads it. */
const MAX_PROBLEMS = 100;

/** What is wrong with the unit; empty when nothing is. */
export function verifyUnit(unit: Unit): readonly string[] {
	const problems: string[] = [];
	const report: Report = (where, what) => {
		if (problems.length < MAX_PROBLEMS) problems.push(`${where}: ${what}`);
	};
	verifySizes(unit, report);
	if (problems.length > 0) return problems;
	verifyNames(unit, report);
	verifyTypes(unit, report);
	verifyFileScope(unit, report);
	verifyExprs(unit, report);
	let nextOp = 0;
	for (let fn = 0; fn * FN_SIZE < unit.fns.length; fn++) {
		const opStart = unit.fns[fn * FN_SIZE + FnField.OpStart]!;
		if (opStart < nextOp) report(`function ${fn}`, `its ops begin at ${opStart}, inside those of the function before`);
		nextOp = opStart + unit.fns[fn * FN_SIZE + FnField.OpCount]!;
		verifyFunction(unit, fn, report);
	}
	return problems;
}

type Report = (where: string, what: string) => void;

/** What verifying an op needs to know of its function. */
interface FnFrame {
	readonly unit: Unit;
	readonly name: string;
	readonly opStart: number;
	readonly opCount: number;
	readonly varCount: number;
	readonly report: Report;
}

function verifySizes(unit: Unit, report: Report): void {
	const sizes: readonly (readonly [string, Int32Array, number])[] = [
		["fns", unit.fns, FN_SIZE],
		["vars", unit.vars, VAR_SIZE],
		["ops", unit.ops, OP_SIZE],
		["exprs", unit.exprs, EXPR_SIZE],
		["types", unit.types, TYPE_SIZE],
		["structs", unit.structs, STRUCT_SIZE],
		["members", unit.members, MEMBER_SIZE],
		["typedefs", unit.typedefs, TYPEDEF_SIZE],
		["globals", unit.globals, GLOBAL_SIZE],
		["protos", unit.protos, PROTO_SIZE],
		["consts", unit.consts, CONST_SIZE],
		["inits", unit.inits, INIT_SIZE],
		["invocations", unit.invocations, INVOCATION_SIZE],
		["annotations", unit.annotations, ANNOTATION_SIZE],
		["suppressions", unit.suppressions, SUPPRESSION_SIZE],
		["unparsed", unit.unparsed, UNPARSED_SIZE],
	];
	for (const [name, table, size] of sizes) {
		if (table.length % size !== 0) report(name, `${table.length} ints are no whole number of records of ${size}`);
	}
}

function verifyNames(unit: Unit, report: Report): void {
	let before = 0;
	for (let i = 0; i < unit.nameEnds.length; i++) {
		if (unit.nameEnds[i]! < before) report(`name ${i}`, "ends before it starts");
		before = unit.nameEnds[i]!;
	}
	if (before !== unit.nameBytes.length) report("names", `end at ${before} of ${unit.nameBytes.length} bytes`);
	let bytes = 0;
	for (const length of unit.lineLengths) bytes += length;
	if (bytes !== unit.byteLength) report("lines", `add up to ${bytes} of ${unit.byteLength} bytes`);
	for (const name of unit.includes) verifyName(unit, name, "include", report);
}

function verifyName(unit: Unit, name: number, where: string, report: Report): void {
	if (name < 0 || name >= unit.nameEnds.length) report(where, `name ${name} is not in the pool`);
}

function verifyOptionalName(unit: Unit, name: number, where: string, report: Report): void {
	if (name !== NONE) verifyName(unit, name, where, report);
}

function verifyType(unit: Unit, type: number, where: string, report: Report): void {
	if (type < 0 || type * TYPE_SIZE >= unit.types.length) report(where, `type ${type} is not in the table`);
}

function verifyExprRange(unit: Unit, expr: number, where: string, report: Report): boolean {
	const isIn = expr >= 0 && expr * EXPR_SIZE < unit.exprs.length;
	if (!isIn) report(where, `expression ${expr} is not in the table`);
	return isIn;
}

function verifyRange(table: string, start: number, count: number, length: number, where: string, report: Report): void {
	if (count < 0 || (count > 0 && (start < 0 || start + count > length))) {
		report(where, `${start}+${count} is outside ${table} (${length})`);
	}
}

function verifySpan(unit: Unit, start: number, end: number, where: string, report: Report): void {
	if (start < 0 || end < start || end > unit.byteLength)
		report(where, `span ${start}–${end} is outside the file or reversed`);
}

function verifyTypes(unit: Unit, report: Report): void {
	for (let i = 0; i < unit.types.length; i += TYPE_SIZE) {
		const where = `type ${i / TYPE_SIZE}`;
		const kind = unit.types[i + TypeField.Kind]! as TypeKind;
		const extra = unit.types[i + TypeField.Extra]!;
		if (kind < TypeKind.Unknown || kind > TypeKind.TypeOf) report(where, `kind ${kind} does not exist`);
		verifyOptionalName(unit, unit.types[i + TypeField.Name]!, where, report);
		if (unit.types[i + TypeField.Pointers]! < 0) report(where, "fewer than no pointer levels");
		if (kind === TypeKind.FnPointer) {
			if (extra !== NONE) verifyType(unit, extra, where, report);
		} else if (kind === TypeKind.TypeOf) {
			if (extra !== NONE) verifyExprRange(unit, extra, where, report);
		}
	}
	for (let i = 0; i < unit.structs.length; i += STRUCT_SIZE) {
		const where = `struct ${i / STRUCT_SIZE}`;
		verifyName(unit, unit.structs[i + StructField.Name]!, where, report);
		const start = unit.structs[i + StructField.MemberStart]!;
		verifyRange(
			"members",
			start,
			unit.structs[i + StructField.MemberCount]!,
			unit.members.length / MEMBER_SIZE,
			where,
			report,
		);
	}
	for (let i = 0; i < unit.members.length; i += MEMBER_SIZE) {
		const where = `member ${i / MEMBER_SIZE}`;
		verifyOptionalName(unit, unit.members[i + MemberField.Name]!, where, report);
		verifyType(unit, unit.members[i + MemberField.Type]!, where, report);
	}
	for (let i = 0; i < unit.typedefs.length; i += TYPEDEF_SIZE) {
		const where = `typedef ${i / TYPEDEF_SIZE}`;
		verifyName(unit, unit.typedefs[i]!, where, report);
		verifyType(unit, unit.typedefs[i + 1]!, where, report);
	}
}

function verifyFileScope(unit: Unit, report: Report): void {
	for (let i = 0; i < unit.globals.length; i += GLOBAL_SIZE) {
		const where = `global ${i / GLOBAL_SIZE}`;
		verifyName(unit, unit.globals[i + GlobalField.Name]!, where, report);
		verifyType(unit, unit.globals[i + GlobalField.Type]!, where, report);
	}
	for (let i = 0; i < unit.protos.length; i += PROTO_SIZE) {
		const where = `prototype ${i / PROTO_SIZE}`;
		verifyName(unit, unit.protos[i + ProtoField.Name]!, where, report);
		verifyType(unit, unit.protos[i + ProtoField.ReturnType]!, where, report);
		const annotations = unit.protos[i + ProtoField.Annotations]!;
		const count = annotations >>> 24;
		verifyRange("annotations", annotations & 0xffffff, count, unit.annotations.length / ANNOTATION_SIZE, where, report);
	}
	for (let i = 0; i < unit.consts.length; i += CONST_SIZE) {
		const where = `constant ${i / CONST_SIZE}`;
		verifyName(unit, unit.consts[i + ConstField.Name]!, where, report);
		const value = unit.consts[i + ConstField.Value]!;
		if (value !== NONE) verifyExprRange(unit, value, where, report);
	}
	verifyInits(unit, report);
	for (let i = 0; i < unit.invocations.length; i += INVOCATION_SIZE) {
		const where = `invocation ${i / INVOCATION_SIZE}`;
		verifyName(unit, unit.invocations[i + InvocationField.Name]!, where, report);
		verifyExprList(
			unit,
			unit.invocations[i + InvocationField.ArgStart]!,
			unit.invocations[i + InvocationField.ArgCount]!,
			where,
			report,
		);
		verifySpan(
			unit,
			unit.invocations[i + InvocationField.Start]!,
			unit.invocations[i + InvocationField.End]!,
			where,
			report,
		);
	}
	for (let i = 0; i < unit.suppressions.length; i += SUPPRESSION_SIZE) {
		const where = `suppression ${i / SUPPRESSION_SIZE}`;
		verifyName(unit, unit.suppressions[i + SuppressionField.Rule]!, where, report);
		verifySpan(
			unit,
			unit.suppressions[i + SuppressionField.Start]!,
			unit.suppressions[i + SuppressionField.End]!,
			where,
			report,
		);
	}
	for (let i = 0; i < unit.unparsed.length; i += UNPARSED_SIZE) {
		verifySpan(unit, unit.unparsed[i]!, unit.unparsed[i + 1]!, `unparsed ${i / UNPARSED_SIZE}`, report);
	}
}

function verifyInits(unit: Unit, report: Report): void {
	for (let i = 0; i < unit.inits.length; i += INIT_SIZE) {
		const where = `initialiser ${i / INIT_SIZE}`;
		verifyName(unit, unit.inits[i + InitField.Owner]!, where, report);
		verifyType(unit, unit.inits[i + InitField.Type]!, where, report);
		verifyExprRange(unit, unit.inits[i + InitField.Value]!, where, report);
		verifySpan(unit, unit.inits[i + InitField.Start]!, unit.inits[i + InitField.End]!, where, report);
		const start = unit.inits[i + InitField.PathStart]!;
		const count = unit.inits[i + InitField.PathCount]!;
		verifyRange("lists", start, count, unit.lists.length, where, report);
		for (let step = start; step < start + count; step++) {
			if (unit.lists[step]! >= 0) verifyName(unit, unit.lists[step]!, where, report);
		}
	}
}

function verifyExprList(unit: Unit, start: number, count: number, where: string, report: Report): void {
	verifyRange("lists", start, count, unit.lists.length, where, report);
	for (let i = start; i < start + count; i++) {
		const expr = unit.lists[i];
		if (expr !== undefined) verifyExprRange(unit, expr, where, report);
	}
}

/** The operands of an expression, in order; expressions only. */
function operandsOf(unit: Unit, expr: number): readonly number[] {
	const base = expr * EXPR_SIZE;
	const a = unit.exprs[base + 1]!;
	const b = unit.exprs[base + 2]!;
	const c = unit.exprs[base + 3]!;
	switch (unit.exprs[base]! as ExprKind) {
		case ExprKind.Field:
		case ExprKind.Deref:
		case ExprKind.AddrOf:
		case ExprKind.ContainerOf:
			return [a];
		case ExprKind.Index:
			return [a, b];
		case ExprKind.Unary:
		case ExprKind.Cast:
			return [b];
		case ExprKind.Binary:
			return [b, c];
		case ExprKind.Cond:
			return [a, b, c];
		case ExprKind.Literal: {
			const values: number[] = [];
			for (let i = 0; i < c; i++) values.push(unit.lists[b + i * 2 + 1] ?? NONE);
			return values;
		}
		default:
			return [];
	}
}

/** Every record on its own: kind, names, types, operands made before it (so that there is no cycle). */
function verifyExprs(unit: Unit, report: Report): void {
	for (let expr = 0; expr * EXPR_SIZE < unit.exprs.length; expr++) {
		const base = expr * EXPR_SIZE;
		const where = `expression ${expr}`;
		const kind = unit.exprs[base]! as ExprKind;
		const a = unit.exprs[base + 1]!;
		if (kind < ExprKind.Opaque || kind > ExprKind.Literal) report(where, `kind ${kind} does not exist`);
		for (const operand of operandsOf(unit, expr)) {
			if (verifyExprRange(unit, operand, where, report) && operand >= expr)
				report(where, `operand ${operand} comes later`);
		}
		if (kind === ExprKind.Name) verifyName(unit, a, where, report);
		else if (kind === ExprKind.Str) verifyOptionalName(unit, a, where, report);
		else if (kind === ExprKind.Field) verifyName(unit, unit.exprs[base + 2]!, where, report);
		else if (kind === ExprKind.Cast) verifyType(unit, a, where, report);
		else if (kind === ExprKind.Unary && (a < UnaryOp.Neg || a > UnaryOp.BitNot))
			report(where, `unary operator ${a} does not exist`);
		else if (kind === ExprKind.Binary && (a < BinaryOp.Add || a > BinaryOp.LogOr))
			report(where, `binary operator ${a} does not exist`);
		else if (kind === ExprKind.ContainerOf) {
			verifyType(unit, unit.exprs[base + 2]!, where, report);
			verifyName(unit, unit.exprs[base + 3]!, where, report);
		} else if (kind === ExprKind.SizeOf || kind === ExprKind.Literal) {
			if (a !== NONE) verifyType(unit, a, where, report);
		}
	}
}

function verifyFunction(unit: Unit, fn: number, report: Report): void {
	const field = (at: FnField): number => unit.fns[fn * FN_SIZE + at]!;
	const name = `function ${unitName(unit, field(FnField.Name))}`;
	verifyName(unit, field(FnField.Name), name, report);
	verifyType(unit, field(FnField.ReturnType), name, report);
	verifyFunctionSpans(unit, fn, name, report);
	const { opStart, opCount, varStart, varCount } = {
		opStart: field(FnField.OpStart),
		opCount: field(FnField.OpCount),
		varStart: field(FnField.VarStart),
		varCount: field(FnField.VarCount),
	};
	verifyRange("ops", opStart, opCount, unit.ops.length / OP_SIZE, name, report);
	verifyRange("vars", varStart, varCount, unit.vars.length / VAR_SIZE, name, report);
	const annotationStart = field(FnField.AnnotationStart);
	verifyRange(
		"annotations",
		annotationStart,
		field(FnField.AnnotationCount),
		unit.annotations.length / ANNOTATION_SIZE,
		name,
		report,
	);
	if (field(FnField.ParamCount) > varCount) report(name, "more parameters than variables");
	for (let i = 0; i < varCount && (varStart + i + 1) * VAR_SIZE <= unit.vars.length; i++) {
		verifyVariable(unit, varStart + i, i < field(FnField.ParamCount), `${name} variable ${i}`, report);
	}
	const frame: FnFrame = { unit, name, opStart, opCount, varCount, report };
	for (let i = 0; i < field(FnField.AnnotationCount); i++) {
		const base = (annotationStart + i) * ANNOTATION_SIZE;
		verifyName(unit, unit.annotations[base + AnnotationField.Name]!, name, report);
		const arg = unit.annotations[base + AnnotationField.Arg]!;
		if (arg !== NONE) verifyExprIn(frame, arg, 0, `${name} annotation ${i}`);
	}
	for (let op = 0; op < opCount && (opStart + op + 1) * OP_SIZE <= unit.ops.length; op++) verifyOp(frame, fn, op);
	if (opCount > 0 && mayFallThrough(frame, opCount - 1)) report(name, "control runs off the end");
}

function verifyFunctionSpans(unit: Unit, fn: number, name: string, report: Report): void {
	const field = (at: FnField): number => unit.fns[fn * FN_SIZE + at]!;
	const start = field(FnField.Start);
	const end = field(FnField.End);
	verifySpan(unit, start, end, name, report);
	if (field(FnField.NameStart) < start || field(FnField.NameEnd) > end) report(name, "its name is outside its span");
	if (field(FnField.NameEnd) < field(FnField.NameStart)) report(name, "the span of its name is reversed");
	if (field(FnField.BodyStart) < start || field(FnField.BodyEnd) > end) report(name, "its body is outside its span");
	if (field(FnField.BodyEnd) < field(FnField.BodyStart)) report(name, "the span of its body is reversed");
	const docStart = field(FnField.DocStart);
	if (docStart !== NONE) verifySpan(unit, docStart, field(FnField.DocEnd), `${name} comment`, report);
}

function verifyVariable(unit: Unit, variable: number, isParam: boolean, where: string, report: Report): void {
	const base = variable * VAR_SIZE;
	const flags = unit.vars[base + VarField.Flags]!;
	verifyOptionalName(unit, unit.vars[base + VarField.Name]!, where, report);
	verifyType(unit, unit.vars[base + VarField.Type]!, where, report);
	if (((flags & VarFlag.Param) !== 0) !== isParam)
		report(where, isParam ? "is no parameter" : "is a parameter after locals");
}

function verifyOp(frame: FnFrame, fn: number, op: number): void {
	const { unit, report } = frame;
	const base = (frame.opStart + op) * OP_SIZE;
	const code = (unit.ops[base + OpField.Code]! & 0xff) as Op;
	const start = unit.ops[base + OpField.Start]!;
	const end = unit.ops[base + OpField.End]!;
	const where = `${frame.name} op ${op} (line ${placeOf(unit.lineLengths, Math.max(0, start)).line})`;
	verifySpan(unit, start, end, where, report);
	if (start < unit.fns[fn * FN_SIZE + FnField.Start]! || end > unit.fns[fn * FN_SIZE + FnField.End]!) {
		report(where, "its span is outside the function");
	}
	const a = unit.ops[base + OpField.A]!;
	const b = unit.ops[base + OpField.B]!;
	const c = unit.ops[base + OpField.C]!;
	switch (code) {
		case Op.Call:
			verifyExprIn(frame, a, op, where);
			verifyCallArguments(frame, op, b, c, where);
			break;
		case Op.Assign:
			verifyTarget(frame, a, where);
			verifyExprIn(frame, a, op, where);
			verifyExprIn(frame, b, op, where);
			break;
		case Op.Branch:
			verifyExprIn(frame, a, op, where);
			verifyJump(frame, op, b, where);
			break;
		case Op.Jump:
			verifyJump(frame, op, a, where);
			break;
		case Op.Switch:
			verifyExprIn(frame, a, op, where);
			verifyCases(frame, op, b, c, where);
			break;
		case Op.Return:
			if (a !== NONE) verifyExprIn(frame, a, op, where);
			break;
		case Op.Choice:
			verifyRange("lists", a, b, unit.lists.length, where, report);
			for (let i = a; i < a + b && i < unit.lists.length; i++) verifyTargetOp(frame, unit.lists[i]!, where);
			break;
		case Op.Declare:
			if (a < 0 || a >= frame.varCount) report(where, `variable ${a} is not in the function`);
			break;
		case Op.Nop:
		case Op.Unreachable:
		case Op.Unknown:
			break;
		default:
			report(where, `opcode ${code as number} does not exist`);
	}
}

/** A call's list: the arguments, then their first bytes, then their ends. */
function verifyCallArguments(frame: FnFrame, op: number, first: number, count: number, where: string): void {
	const { unit, report } = frame;
	verifyRange("lists", first, count * 3, unit.lists.length, where, report);
	if (count < 0 || first + count * 3 > unit.lists.length) return;
	for (let i = 0; i < count; i++) {
		const argument = `${where} argument ${i}`;
		verifyExprIn(frame, unit.lists[first + i]!, op, argument);
		verifySpan(unit, unit.lists[first + count + i]!, unit.lists[first + 2 * count + i]!, argument, report);
	}
}

function verifyCases(frame: FnFrame, op: number, first: number, count: number, where: string): void {
	const { unit, report } = frame;
	verifyRange("lists", first, count * 3, unit.lists.length, where, report);
	if (count <= 0) report(where, "no cases");
	if (count <= 0 || first + count * 3 > unit.lists.length) return;
	for (let i = 0; i < count; i++) {
		const low = unit.lists[first + i * 3]!;
		const isLast = i === count - 1;
		if ((low === NONE) !== isLast)
			report(where, isLast ? "the last case is not the default" : `case ${i} is a default before the last`);
		if (low !== NONE) {
			verifyExprIn(frame, low, op, where);
			verifyExprIn(frame, unit.lists[first + i * 3 + 1]!, op, where);
		}
		verifyTargetOp(frame, unit.lists[first + i * 3 + 2]!, where);
	}
}

function verifyTargetOp(frame: FnFrame, target: number, where: string): void {
	if (target < 0 || target >= frame.opCount) frame.report(where, `jumps to ${target} of ${frame.opCount} ops`);
}

function verifyJump(frame: FnFrame, op: number, target: number, where: string): void {
	verifyTargetOp(frame, target, where);
	const flags = frame.unit.ops[(frame.opStart + op) * OP_SIZE + OpField.Code]! >> 8;
	if (flags & OpFlag.BackEdge && target > op) frame.report(where, `is a back edge but jumps forward to ${target}`);
}

/** The left side of an assignment is a place. */
function verifyTarget(frame: FnFrame, expr: number, where: string): void {
	const kind = frame.unit.exprs[expr * EXPR_SIZE] as ExprKind | undefined;
	const isPlace =
		kind === ExprKind.Local ||
		kind === ExprKind.Name ||
		kind === ExprKind.Field ||
		kind === ExprKind.Deref ||
		kind === ExprKind.Index;
	if (!isPlace) frame.report(where, `assigns to an expression of kind ${kind}`);
}

/** An expression used by op `op`: locals of this function, results of earlier calls only. */
function verifyExprIn(frame: FnFrame, expr: number, op: number, where: string): void {
	const { unit, report } = frame;
	const seen = new Set<number>();
	const calls = new Set<number>();
	const lazyCalls = new Set<number>();
	const pending: { expr: number; lazy: boolean }[] = [{ expr, lazy: false }];
	for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
		if (!verifyExprRange(unit, item.expr, where, report)) continue;
		const key = item.expr * 2 + (item.lazy ? 1 : 0);
		if (seen.has(key)) continue;
		seen.add(key);
		const base = item.expr * EXPR_SIZE;
		const kind = unit.exprs[base]! as ExprKind;
		const a = unit.exprs[base + 1]!;
		if (kind === ExprKind.Local && (a < 0 || a >= frame.varCount)) report(where, `local ${a} is not in the function`);
		if (kind === ExprKind.CallResult) {
			verifyCallResult(frame, a, op, where);
			(item.lazy ? lazyCalls : calls).add(a);
		}
		const isLazy =
			kind === ExprKind.Cond || (kind === ExprKind.Binary && (a === BinaryOp.LogAnd || a === BinaryOp.LogOr));
		operandsOf(unit, item.expr).forEach((operand, i) => {
			if (operand < item.expr) pending.push({ expr: operand, lazy: item.lazy || (isLazy && i > 0) });
		});
	}
	// `call() ?: other` uses the result that its condition has computed already.
	for (const call of lazyCalls) {
		if (calls.has(call)) continue;
		report(where, `has call ${call} in a part that is evaluated on a condition: that is a branch`);
	}
}

function verifyCallResult(frame: FnFrame, call: number, op: number, where: string): void {
	if (call < 0 || call >= op) frame.report(where, `uses the result of op ${call}, which does not come before it`);
	else {
		const code = frame.unit.ops[(frame.opStart + call) * OP_SIZE + OpField.Code]! & 0xff;
		if ((code as Op) !== Op.Call) frame.report(where, `uses the result of op ${call}, which is no call`);
	}
}

function mayFallThrough(frame: FnFrame, op: number): boolean {
	const base = (frame.opStart + op) * OP_SIZE;
	const code = frame.unit.ops[base + OpField.Code]! & 0xff;
	switch (code as Op) {
		case Op.Jump:
		case Op.Return:
		case Op.Unreachable:
		case Op.Switch:
			return false;
		case Op.Choice:
			return frame.unit.ops[base + OpField.C] === 1;
		default:
			return true;
	}
}
