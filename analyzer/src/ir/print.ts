// A readable text of a unit's functions, for snapshots and for people. One op per line: source line,
// op index, text. `%n` is the result of the call at op n; `>` marks an op that something jumps to.
// Nothing reads this text back.

import { placeOf } from "../base/lineIndex.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, OpFlag, UnaryOp } from "./ops.js";
import {
	ANNOTATION_SIZE,
	AnnotationField,
	FN_SIZE,
	FnField,
	FnFlag,
	TYPE_SIZE,
	TypeField,
	TypeKind,
	type Unit,
	unitName,
	VAR_SIZE,
	VarField,
} from "./unit.js";

/** All functions and macros of the unit, in source order of the table. */
export function printUnit(unit: Unit): string {
	const texts: string[] = [];
	for (let fn = 0; fn * FN_SIZE < unit.fns.length; fn++) texts.push(printFunction(unit, fn));
	return texts.join("\n");
}

/** One function: its head, its annotations, its ops. */
export function printFunction(unit: Unit, fn: number): string {
	const field = (at: FnField): number => unit.fns[fn * FN_SIZE + at]!;
	const opCount = field(FnField.OpCount);
	const targets = jumpTargets(unit, fn);
	const lines = [`${headText(unit, fn)}  [line ${placeOf(unit.lineLengths, field(FnField.NameStart)).line}]`];
	for (let i = 0; i < field(FnField.AnnotationCount); i++) {
		lines.push(`\t${annotationText(unit, fn, field(FnField.AnnotationStart) + i)}`);
	}
	for (let op = 0; op < opCount; op++) {
		const base = (field(FnField.OpStart) + op) * OP_SIZE;
		const { line } = placeOf(unit.lineLengths, unit.ops[base + OpField.Start]!);
		lines.push(
			`${String(line).padStart(6)} ${targets.has(op) ? ">" : " "}${String(op).padStart(3)}  ${opText(unit, fn, op)}`,
		);
	}
	return `${lines.join("\n")}\n`;
}

/** One op, without line and index. */
export function opText(unit: Unit, fn: number, op: number): string {
	const base = (unit.fns[fn * FN_SIZE + FnField.OpStart]! + op) * OP_SIZE;
	const code = unit.ops[base + OpField.Code]!;
	const flags = code >> 8;
	const text = plainOpText(unit, fn, code & 0xff, base, op);
	const names: string[] = [];
	for (const [bit, name] of OP_FLAG_NAMES) if (flags & bit) names.push(name);
	return names.length === 0 ? text : `${text}  [${names.join(" ")}]`;
}

/** An expression in C-like syntax. `fn` is NONE for expressions in unit scope (constants, initialisers). */
export function exprText(unit: Unit, fn: number, expr: number): string {
	return precedenceText(unit, fn, expr, 0, 0);
}

/** A type as a declaration would begin with it: `struct foo **`. */
export function typeText(unit: Unit, type: number): string {
	if (type < 0) return "?";
	const base = type * TYPE_SIZE;
	const name = unitName(unit, unit.types[base + TypeField.Name]!);
	const pointers = unit.types[base + TypeField.Pointers]!;
	const word = TYPE_WORDS[unit.types[base + TypeField.Kind]!] ?? "?";
	const plain = name === "" ? word || "?" : TAGGED.has(word) ? `${word} ${name}` : name;
	return pointers > 0 ? `${plain} ${"*".repeat(pointers)}` : plain;
}

const OP_FLAG_NAMES: readonly (readonly [OpFlag, string])[] = [
	[OpFlag.Cleanup, "cleanup"],
	[OpFlag.BackEdge, "back"],
	[OpFlag.LoopHead, "loop"],
	[OpFlag.Unlikely, "unlikely"],
	[OpFlag.Likely, "likely"],
	[OpFlag.Asm, "asm"],
	[OpFlag.Guard, "guard"],
	[OpFlag.DebugOnly, "debug"],
	[OpFlag.Update, "update"],
	[OpFlag.Else, "else"],
	[OpFlag.Typed, "typed"],
];

const FN_FLAG_NAMES: readonly (readonly [FnFlag, string])[] = [
	[FnFlag.Static, "static"],
	[FnFlag.Inline, "inline"],
	[FnFlag.Macro, "macro"],
	[FnFlag.MacroExpr, "expr"],
	[FnFlag.MacroHead, "head"],
	[FnFlag.Alternative, "alternative"],
	[FnFlag.Init, "init"],
	[FnFlag.NoReturn, "noreturn"],
	[FnFlag.Weak, "weak"],
	[FnFlag.Syscall, "syscall"],
	[FnFlag.GuardEnter, "guard-enter"],
	[FnFlag.GuardExit, "guard-exit"],
	[FnFlag.FromMacro, "from-macro"],
	[FnFlag.Partial, "partial"],
	[FnFlag.Rust, "rust"],
	[FnFlag.SaysContext, "says-context"],
];

const TYPE_WORDS: Readonly<Record<number, string>> = {
	[TypeKind.Unknown]: "?",
	[TypeKind.Void]: "void",
	[TypeKind.Int]: "int",
	[TypeKind.Bool]: "bool",
	[TypeKind.Float]: "float",
	[TypeKind.Struct]: "struct",
	[TypeKind.Union]: "union",
	[TypeKind.Enum]: "enum",
	[TypeKind.Typedef]: "typedef",
	[TypeKind.FnPointer]: "function *",
	[TypeKind.TypeOf]: "typeof",
};
const TAGGED = new Set(["struct", "union", "enum"]);

const UNARY_SIGNS: Readonly<Record<number, string>> = {
	[UnaryOp.Neg]: "-",
	[UnaryOp.Not]: "!",
	[UnaryOp.BitNot]: "~",
};

/** Sign and binding strength of a binary operator; larger binds tighter. */
const BINARY_SIGNS: Readonly<Record<number, readonly [string, number]>> = {
	[BinaryOp.LogOr]: ["||", 2],
	[BinaryOp.LogAnd]: ["&&", 3],
	[BinaryOp.Or]: ["|", 4],
	[BinaryOp.Xor]: ["^", 5],
	[BinaryOp.And]: ["&", 6],
	[BinaryOp.Eq]: ["==", 7],
	[BinaryOp.Ne]: ["!=", 7],
	[BinaryOp.Lt]: ["<", 8],
	[BinaryOp.Le]: ["<=", 8],
	[BinaryOp.Gt]: [">", 8],
	[BinaryOp.Ge]: [">=", 8],
	[BinaryOp.Shl]: ["<<", 9],
	[BinaryOp.Shr]: [">>", 9],
	[BinaryOp.Add]: ["+", 10],
	[BinaryOp.Sub]: ["-", 10],
	[BinaryOp.Mul]: ["*", 11],
	[BinaryOp.Div]: ["/", 11],
	[BinaryOp.Mod]: ["%", 11],
};
const COND_STRENGTH = 1;
const PREFIX_STRENGTH = 12;
const POSTFIX_STRENGTH = 13;
/** Deeper expressions print as `…`: printing must end on a broken unit too. */
const MAX_DEPTH = 64;

function headText(unit: Unit, fn: number): string {
	const field = (at: FnField): number => unit.fns[fn * FN_SIZE + at]!;
	const flags = field(FnField.Flags);
	const isMacro = (flags & FnFlag.Macro) !== 0;
	const params: string[] = [];
	for (let i = 0; i < field(FnField.ParamCount); i++) {
		const name = varName(unit, fn, i);
		const type = unit.vars[(field(FnField.VarStart) + i) * VAR_SIZE + VarField.Type]!;
		params.push(isMacro ? name : joinType(typeText(unit, type), name));
	}
	if (flags & FnFlag.Variadic) params.push("...");
	const words: string[] = [];
	for (const [bit, word] of FN_FLAG_NAMES) if (flags & bit) words.push(word);
	const name = unitName(unit, field(FnField.Name));
	const result = isMacro ? name : joinType(typeText(unit, field(FnField.ReturnType)), name);
	return [...words, `${result}(${params.join(", ")})`].join(" ");
}

function joinType(type: string, name: string): string {
	return type.endsWith("*") ? type + name : `${type} ${name}`;
}

function annotationText(unit: Unit, fn: number, annotation: number): string {
	const base = annotation * ANNOTATION_SIZE;
	const arg = unit.annotations[base + AnnotationField.Arg]!;
	const name = unitName(unit, unit.annotations[base + AnnotationField.Name]!);
	return arg === NONE ? name : `${name}(${exprText(unit, fn, arg)})`;
}

function plainOpText(unit: Unit, fn: number, op: number, base: number, index: number): string {
	const a = unit.ops[base + OpField.A]!;
	const b = unit.ops[base + OpField.B]!;
	const c = unit.ops[base + OpField.C]!;
	const expr = (id: number): string => exprText(unit, fn, id);
	switch (op as Op) {
		case Op.Nop:
			return "nop";
		case Op.Call:
			return `%${index} = ${calleeText(unit, fn, a)}(${exprListText(unit, fn, b, c)})`;
		case Op.Assign:
			return `${expr(a)} = ${expr(b)}`;
		case Op.Branch:
			return `unless (${expr(a)}) goto ${b}`;
		case Op.Jump:
			return `goto ${a}`;
		case Op.Switch:
			return switchText(unit, fn, a, b, c);
		case Op.Return:
			return a === NONE ? "return" : `return ${expr(a)}`;
		case Op.Choice:
			return `choose ${[...unit.lists.subarray(a, a + b)].join(" | ")}${c === 1 ? " | next" : ""}`;
		case Op.Unreachable:
			return "unreachable";
		case Op.Declare:
			return `declare ${declarationText(unit, fn, a)}`;
		case Op.Unknown:
			return "unknown";
		default:
			return `op#${op} ${a} ${b} ${c}`;
	}
}

function calleeText(unit: Unit, fn: number, callee: number): string {
	return precedenceText(unit, fn, callee, POSTFIX_STRENGTH, 0);
}

function switchText(unit: Unit, fn: number, value: number, first: number, count: number): string {
	const cases: string[] = [];
	for (let i = 0; i < count; i++) {
		const low = unit.lists[first + i * 3]!;
		const high = unit.lists[first + i * 3 + 1]!;
		const target = unit.lists[first + i * 3 + 2]!;
		const range = low === high ? exprText(unit, fn, low) : `${exprText(unit, fn, low)} ... ${exprText(unit, fn, high)}`;
		cases.push(low === NONE ? `default: ${target}` : `${range}: ${target}`);
	}
	return `switch (${exprText(unit, fn, value)}) { ${cases.join("; ")} }`;
}

function declarationText(unit: Unit, fn: number, variable: number): string {
	const record = unit.fns[fn * FN_SIZE + FnField.VarStart]! + variable;
	const type = unit.vars[record * VAR_SIZE + VarField.Type];
	return joinType(type === undefined ? "?" : typeText(unit, type), varName(unit, fn, variable));
}

function varName(unit: Unit, fn: number, variable: number): string {
	if (fn < 0) return `$${variable}`;
	const record = unit.fns[fn * FN_SIZE + FnField.VarStart]! + variable;
	const name = unit.vars[record * VAR_SIZE + VarField.Name];
	return name === undefined || name === NONE ? `$${variable}` : unitName(unit, name);
}

function exprListText(unit: Unit, fn: number, first: number, count: number): string {
	const texts: string[] = [];
	for (let i = 0; i < count; i++) texts.push(exprText(unit, fn, unit.lists[first + i]!));
	return texts.join(", ");
}

/** The text of `expr`, in parentheses when it binds less than `strength` asks. */
function precedenceText(unit: Unit, fn: number, expr: number, strength: number, depth: number): string {
	if (expr < 0 || (expr + 1) * EXPR_SIZE > unit.exprs.length) return `<expr ${expr}>`;
	if (depth > MAX_DEPTH) return "…";
	const base = expr * EXPR_SIZE;
	const kind = unit.exprs[base]! as ExprKind;
	const a = unit.exprs[base + 1]!;
	const b = unit.exprs[base + 2]!;
	const c = unit.exprs[base + 3]!;
	const sub = (id: number, atLeast: number): string => precedenceText(unit, fn, id, atLeast, depth + 1);
	const wrap = (text: string, own: number): string => (own < strength ? `(${text})` : text);
	switch (kind) {
		case ExprKind.Opaque:
			return "<opaque>";
		case ExprKind.Int:
			return wrap(intText(a, b), b < 0 ? PREFIX_STRENGTH : POSTFIX_STRENGTH);
		case ExprKind.Name:
			return unitName(unit, a);
		case ExprKind.Local:
			return varName(unit, fn, a);
		case ExprKind.Str:
			return a === NONE ? '"…"' : JSON.stringify(unitName(unit, a));
		case ExprKind.CallResult:
			return `%${a}`;
		case ExprKind.Field:
			return `${sub(a, POSTFIX_STRENGTH)}${c === 1 ? "->" : "."}${unitName(unit, b)}`;
		case ExprKind.Deref:
			return wrap(`*${sub(a, PREFIX_STRENGTH)}`, PREFIX_STRENGTH);
		case ExprKind.AddrOf:
			return wrap(`&${sub(a, PREFIX_STRENGTH)}`, PREFIX_STRENGTH);
		case ExprKind.Index:
			return `${sub(a, POSTFIX_STRENGTH)}[${sub(b, 0)}]`;
		case ExprKind.Unary:
			return wrap(`${UNARY_SIGNS[a] ?? "?"}${sub(b, PREFIX_STRENGTH)}`, PREFIX_STRENGTH);
		case ExprKind.Binary: {
			const [sign, own] = BINARY_SIGNS[a] ?? ["?", 0];
			return wrap(`${sub(b, own)} ${sign} ${sub(c, own + 1)}`, own);
		}
		case ExprKind.Cond:
			return wrap(`${sub(a, COND_STRENGTH + 1)} ? ${sub(b, 0)} : ${sub(c, COND_STRENGTH)}`, COND_STRENGTH);
		case ExprKind.Cast:
			return wrap(`(${typeText(unit, a)})${sub(b, PREFIX_STRENGTH)}`, PREFIX_STRENGTH);
		case ExprKind.ContainerOf:
			return `container_of(${sub(a, 0)}, ${typeText(unit, b)}, ${unitName(unit, c)})`;
		case ExprKind.SizeOf:
			return a === NONE ? "sizeof(…)" : `sizeof(${typeText(unit, a)})`;
		case ExprKind.Literal:
			return `${a === NONE ? "" : `(${typeText(unit, a)})`}{ ${entriesText(unit, fn, b, c, depth)} }`;
		default:
			return `<kind ${kind as number}>`;
	}
}

function entriesText(unit: Unit, fn: number, first: number, count: number, depth: number): string {
	const texts: string[] = [];
	for (let i = 0; i < count; i++) {
		const field = unit.lists[first + i * 2]!;
		const value = precedenceText(unit, fn, unit.lists[first + i * 2 + 1]!, 0, depth + 1);
		texts.push(field === NONE ? value : `.${unitName(unit, field)} = ${value}`);
	}
	return texts.join(", ");
}

/** A 64-bit integer from its halves; large ones in hexadecimal. */
function intText(low: number, high: number): string {
	const value = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
	return value >= 0x10000n ? `0x${value.toString(16)}` : value.toString();
}

/** Op indices that some op of the function jumps to. */
function jumpTargets(unit: Unit, fn: number): Set<number> {
	const targets = new Set<number>();
	const first = unit.fns[fn * FN_SIZE + FnField.OpStart]!;
	const count = unit.fns[fn * FN_SIZE + FnField.OpCount]!;
	for (let op = 0; op < count; op++) {
		const base = (first + op) * OP_SIZE;
		const a = unit.ops[base + OpField.A]!;
		const b = unit.ops[base + OpField.B]!;
		const c = unit.ops[base + OpField.C]!;
		switch ((unit.ops[base + OpField.Code]! & 0xff) as Op) {
			case Op.Jump:
				targets.add(a);
				break;
			case Op.Branch:
				targets.add(b);
				break;
			case Op.Switch:
				for (let i = 0; i < c; i++) targets.add(unit.lists[b + i * 3 + 2]!);
				break;
			case Op.Choice:
				for (let i = 0; i < b; i++) targets.add(unit.lists[a + i]!);
				break;
			default:
				break;
		}
	}
	return targets;
}
