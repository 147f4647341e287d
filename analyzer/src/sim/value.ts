// Values of the simulated program. What the machine does not know is an `Unknown`: it has a canonical key, so
// that the same unknown asked about twice is one unknown, and a text in the words of the source.

import { fingerprint } from "../base/hash.js";
import { compare } from "../ir/consts.js";
import { BinaryOp, UnaryOp } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";

/** A place in memory. Two places are the same place when their keys are equal. */
export interface Place {
	readonly key: string;
	/** as a person would write it: `vport->lock` */
	readonly text: string;
	/** the pointer's text, for what a pointer points to: members are shown with `->` */
	readonly pointer?: string;
	/** set for a whole local variable */
	readonly local?: { readonly frame: number; readonly index: number };
}

export type Value =
	| { readonly kind: "int"; readonly value: number }
	/** the address of a place */
	| { readonly kind: "pointer"; readonly place: Place }
	| { readonly kind: "function"; readonly name: string; readonly fn: FnId }
	| Unknown
	| { readonly kind: "record"; readonly fields: readonly (readonly [string, Value])[] };

export interface Unknown {
	readonly kind: "unknown";
	readonly key: string;
	readonly text: string;
	/** the truth value asked for is the opposite of the key's */
	readonly negated: boolean;
	/** it was read from memory: others may change what is known about it */
	readonly shared: boolean;
}

export const ZERO: Value = { kind: "int", value: 0 };
export const ONE: Value = { kind: "int", value: 1 };

export function int(value: number): Value {
	return value === 0 ? ZERO : value === 1 ? ONE : { kind: "int", value };
}

export function unknown(key: string, text: string, shared = false): Unknown {
	return { kind: "unknown", key, text, negated: false, shared };
}

/** Key of a variable of the file. */
export function globalKey(name: string): string {
	return `G:${name}`;
}

export function fieldOf(place: Place, name: string): Place {
	const text = place.pointer === undefined ? `${place.text}.${name}` : `${place.pointer}->${name}`;
	return { key: `${place.key}.${name}`, text };
}

export function elementOf(place: Place, index: Value): Place {
	const text = place.pointer ?? place.text;
	return { key: `${place.key}[${keyOf(index)}]`, text: `${text}[${textOf(index)}]` };
}

/** What a pointer value points to. */
export function target(value: Value): Place {
	if (value.kind === "pointer") return value.place;
	const text = grouped(textOf(value));
	return { key: `*${keyOf(value)}`, text: `*${text}`, pointer: text };
}

export function keyOf(value: Value): string {
	switch (value.kind) {
		case "int":
			return String(value.value);
		case "pointer":
			return `&${value.place.key}`;
		case "function":
			return `fn:${value.name}`;
		case "unknown":
			return value.negated ? `!${value.key}` : value.key;
		case "record":
			return `{${value.fields.map(([name, field]) => `${name}=${keyOf(field)}`).join(",")}}`;
	}
}

export function textOf(value: Value): string {
	switch (value.kind) {
		case "int":
			return String(value.value);
		case "pointer":
			return addressText(value.place);
		case "function":
			return value.name;
		case "unknown":
			return value.negated ? `!${grouped(value.text)}` : value.text;
		case "record":
			return `{ ${value.fields.map(([name, field]) => `.${name} = ${textOf(field)}`).join(", ")} }`;
	}
}

/** In parentheses where an operator would hold too little of it. */
function grouped(text: string): string {
	return / [-+*/%&|^<>=?]+ | \? /.test(text) ? `(${text})` : text;
}

export function addressText(place: Place): string {
	return place.pointer ?? `&${place.text}`;
}

/** True or false where the value alone decides it. */
export function plainTruth(value: Value): boolean | undefined {
	switch (value.kind) {
		case "int":
			return value.value !== 0;
		case "pointer":
		case "function":
		case "record":
			return true;
		case "unknown":
			return undefined;
	}
}

export function applyUnary(op: UnaryOp, value: Value): Value {
	if (value.kind === "int") {
		if (op === UnaryOp.Not) return int(value.value === 0 ? 1 : 0);
		return int(op === UnaryOp.Neg ? -value.value : -value.value - 1);
	}
	if (op === UnaryOp.Not) {
		if (value.kind !== "unknown") return ZERO;
		return { ...value, negated: !value.negated };
	}
	const sign = op === UnaryOp.Neg ? "-" : "~";
	return compound(`${sign}${keyOf(value)}`, `${sign}${textOf(value)}`, isShared(value));
}

export function applyBinary(op: BinaryOp, left: Value, right: Value): Value {
	if (left.kind === "int" && right.kind === "int") {
		const result = arithmetic(op, left.value, right.value);
		if (result !== undefined) return int(result);
	}
	const decided = decideByIdentity(op, left, right) ?? simplify(op, left, right);
	if (decided !== undefined) return decided;
	switch (op) {
		case BinaryOp.Ne:
			return applyUnary(UnaryOp.Not, applyBinary(BinaryOp.Eq, left, right));
		case BinaryOp.Ge:
			return applyUnary(UnaryOp.Not, less(left, right, ">="));
		case BinaryOp.Gt:
			return less(right, left, ">");
		case BinaryOp.Le:
			return applyUnary(UnaryOp.Not, less(right, left, "<="));
		case BinaryOp.Lt:
			return less(left, right, "<");
		default: {
			const sign = SIGNS[op]!;
			const shared = isShared(left) || isShared(right);
			return compound(`(${keyOf(left)}${sign}${keyOf(right)})`, `${textOf(left)} ${sign} ${textOf(right)}`, shared);
		}
	}
}

const SIGNS: Readonly<Record<BinaryOp, string>> = {
	[BinaryOp.Add]: "+",
	[BinaryOp.Sub]: "-",
	[BinaryOp.Mul]: "*",
	[BinaryOp.Div]: "/",
	[BinaryOp.Mod]: "%",
	[BinaryOp.Shl]: "<<",
	[BinaryOp.Shr]: ">>",
	[BinaryOp.And]: "&",
	[BinaryOp.Or]: "|",
	[BinaryOp.Xor]: "^",
	[BinaryOp.Eq]: "==",
	[BinaryOp.Ne]: "!=",
	[BinaryOp.Lt]: "<",
	[BinaryOp.Le]: "<=",
	[BinaryOp.Gt]: ">",
	[BinaryOp.Ge]: ">=",
	[BinaryOp.LogAnd]: "&&",
	[BinaryOp.LogOr]: "||",
};

/** `left < right`, shown the way the source put it when that was another comparison. */
function less(left: Value, right: Value, sign: "<" | ">" | "<=" | ">="): Value {
	const isSwapped = sign === ">" || sign === "<=";
	const text = isSwapped ? `${textOf(right)} > ${textOf(left)}` : `${textOf(left)} < ${textOf(right)}`;
	return compound(`(${keyOf(left)}<${keyOf(right)})`, text, isShared(left) || isShared(right));
}

/** Terms that grow in a loop stay of a size: a long one is known by its digest. */
const MAX_TERM = 400;

function compound(key: string, text: string, shared: boolean): Unknown {
	if (key.length <= MAX_TERM) return unknown(key, text, shared);
	return unknown(`#${fingerprint(key)}`, `${text.slice(0, MAX_TERM / 4)}…`, shared);
}

export function isShared(value: Value): boolean {
	return value.kind === "unknown" && value.shared;
}

/** Equality of values that are one and the same, or that cannot be equal. */
function decideByIdentity(op: BinaryOp, left: Value, right: Value): Value | undefined {
	if (op !== BinaryOp.Eq && op !== BinaryOp.Ne) return undefined;
	const equal = op === BinaryOp.Eq ? ONE : ZERO;
	const unequal = op === BinaryOp.Eq ? ZERO : ONE;
	if (keyOf(left) === keyOf(right)) return equal;
	if (isAddress(left) && isAddress(right)) return unequal;
	const other = isZero(left) ? right : isZero(right) ? left : undefined;
	if (other === undefined) return undefined;
	if (isAddress(other)) return unequal;
	if (other.kind !== "unknown") return undefined;
	return op === BinaryOp.Eq ? { ...other, negated: !other.negated } : other;
}

/** Operations that zero, or a bit mask of all zeroes, decides. */
function simplify(op: BinaryOp, left: Value, right: Value): Value | undefined {
	switch (op) {
		case BinaryOp.And:
		case BinaryOp.Mul:
			return isZero(left) || isZero(right) ? ZERO : undefined;
		case BinaryOp.Add:
		case BinaryOp.Or:
			return isZero(left) ? right : isZero(right) ? left : undefined;
		case BinaryOp.LogAnd: {
			const l = plainTruth(left);
			const r = plainTruth(right);
			if (l === false || r === false) return ZERO;
			return l === true ? right : r === true ? left : undefined;
		}
		case BinaryOp.LogOr: {
			const l = plainTruth(left);
			const r = plainTruth(right);
			if (l === true || r === true) return ONE;
			return l === false ? right : r === false ? left : undefined;
		}
		default:
			return undefined;
	}
}

function isZero(value: Value): boolean {
	return value.kind === "int" && value.value === 0;
}

function isAddress(value: Value): boolean {
	return value.kind === "pointer" || value.kind === "function";
}

/** C arithmetic on 64-bit signed integers, where the result is an exact number. */
function arithmetic(op: BinaryOp, a: number, b: number): number | undefined {
	switch (op) {
		case BinaryOp.Add:
			return exact(a + b);
		case BinaryOp.Sub:
			return exact(a - b);
		case BinaryOp.Mul:
			return exact(a * b);
		case BinaryOp.Div:
			return b === 0 ? undefined : Math.trunc(a / b);
		case BinaryOp.Mod:
			return b === 0 ? undefined : a % b;
		case BinaryOp.Shl:
		case BinaryOp.Shr:
		case BinaryOp.And:
		case BinaryOp.Or:
		case BinaryOp.Xor:
			return bitwise(op, a, b);
		case BinaryOp.Eq:
		case BinaryOp.Ne:
		case BinaryOp.Lt:
		case BinaryOp.Le:
		case BinaryOp.Gt:
		case BinaryOp.Ge:
			return compare(op, a, b);
		case BinaryOp.LogAnd:
			return a !== 0 && b !== 0 ? 1 : 0;
		case BinaryOp.LogOr:
			return a !== 0 || b !== 0 ? 1 : 0;
	}
}

function bitwise(op: BinaryOp, a: number, b: number): number | undefined {
	if (a >= 0 && b >= 0 && a <= 0x7fffffff && b <= 0x7fffffff) {
		if (op === BinaryOp.And) return a & b;
		if (op === BinaryOp.Or) return a | b;
		if (op === BinaryOp.Xor) return a ^ b;
		if (op === BinaryOp.Shr) return b > 31 ? 0 : a >> b;
	}
	if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return undefined;
	const x = BigInt(a);
	const y = BigInt(b);
	if ((op === BinaryOp.Shl || op === BinaryOp.Shr) && (b < 0 || b > 63)) return undefined;
	const wide =
		op === BinaryOp.And
			? x & y
			: op === BinaryOp.Or
				? x | y
				: op === BinaryOp.Xor
					? x ^ y
					: op === BinaryOp.Shl
						? x << y
						: x >> y;
	return exact(Number(BigInt.asIntN(64, wide)));
}

function exact(value: number): number | undefined {
	return Number.isSafeInteger(value) ? value : undefined;
}
