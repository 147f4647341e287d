// The instruction set: opcodes, expression kinds and the layout of every record in a unit's flat tables.
// A function body is a run of fixed-size op records in `Unit.ops`; expressions are records in `Unit.exprs`.
// An op refers to an expression by its index (ExprId), to a name by its unit-local index, to another op
// by its index relative to the first op of the function. Offsets are bytes from the start of the file.

/** Ints per op record: [opcode | flags << 8, start, end, a, b, c]. */
export const OP_SIZE = 6;
/** Field offsets in an op record. */
export const enum OpField {
	/** opcode in bits 0-7, OpFlag bits from bit 8 */
	Code = 0,
	/** first byte of the source span */
	Start = 1,
	/** one past the last byte of the source span */
	End = 2,
	A = 3,
	B = 4,
	C = 5,
}

export const enum Op {
	/** Keeps a place for a span; has no effect. */
	Nop = 0,
	/**
	 * a: callee expr, b: first argument in Unit.lists, c: number of arguments. Result: ExprKind.CallResult of this op.
	 * The argument exprs are at [b, b+c) in lists, their first bytes at [b+c, b+2c), their ends at [b+2c, b+3c).
	 * The span runs from the callee's name (for `x->f()` that of the field, for `A::f()` the whole path) to the closing parenthesis.
	 */
	Call = 1,
	/** a: target expr (Local, Name, Field, Deref, Index), b: value expr */
	Assign = 2,
	/** a: condition expr, b: op index when the condition is false; falls through when it is true */
	Branch = 3,
	/** a: op index */
	Jump = 4,
	/** a: value expr, b: first case in Unit.lists, c: number of cases; a case is 3 ints: low expr, high expr (same when no range), target op. The last case has low = NONE: the default target. */
	Switch = 5,
	/** a: value expr or NONE */
	Return = 6,
	/** One of several targets is taken, nobody knows which (asm goto, computed goto, unknown loop macro). a: first target in Unit.lists, b: number of targets; falls through too when c = 1. */
	Choice = 7,
	/** Control does not get past this op (after BUG(), panic() is a Call first; __builtin_unreachable). */
	Unreachable = 8,
	/** A local comes into scope without a value. a: variable index */
	Declare = 9,
	/** Source that could not be modelled; counted. */
	Unknown = 10,
}

/** Does control go on to the next op, of what is understood? (A call is taken to return.) */
export function isStraight(code: Op): boolean {
	return code === Op.Nop || code === Op.Call || code === Op.Assign || code === Op.Declare;
}

/** Bits of an op's flags (stored from bit 8 of OpField.Code). */
export const enum OpFlag {
	/** Inserted by the lowering at a scope's end (destructor of guard(), __free()); the span is the declaration. */
	Cleanup = 1 << 0,
	/** Loop back edge (Jump or Branch). */
	BackEdge = 1 << 1,
	/** The call heads a loop macro: `name(args) { body }`. */
	LoopHead = 1 << 2,
	/** The condition is wrapped in unlikely(); with Likely: likely(). */
	Unlikely = 1 << 3,
	Likely = 1 << 4,
	/** An asm statement without goto lowered to Nop, and each local variable that it writes: an Assign of a value nobody knows. */
	Asm = 1 << 5,
	/** A constructor of guard()/CLASS()/scoped_guard(). */
	Guard = 1 << 6,
	/** The call is an argument of or inside sizeof/typeof-free debugging text only (never set by C today; reserved for printk arguments). */
	DebugOnly = 1 << 7,
	/** Compound assignment or ++/--: the value expr is Binary(target, operand). */
	Update = 1 << 8,
	/** A jump from the end of an if's first arm over the other one: the span is the word else. */
	Else = 1 << 9,
	/** A call in Rust by a type's name with types after it: `Type::<T>::f()`. */
	Typed = 1 << 10,
}

/** "No expression", "no list", "no name". */
export const NONE = -1;

/** Ints per expression record: [kind, a, b, c]. Structurally equal expressions of one function share an id. */
export const EXPR_SIZE = 4;
export const enum ExprKind {
	/** Not modelled (floating point, labels as values, statement without value). */
	Opaque = 0,
	/** a: low 32 bits, b: high 32 bits (two's complement) */
	Int = 1,
	/** a: name (function, global variable, enumerator, object-like macro) */
	Name = 2,
	/** a: variable index in the function (parameters first) */
	Local = 3,
	/** a string literal; a: name holding the text without quotes, or NONE when longer than 64 bytes */
	Str = 4,
	/** a: op index of the call, relative to the function */
	CallResult = 5,
	/** a: base expr, b: field name, c: 1 for `->`, 0 for `.` */
	Field = 6,
	/** a: pointer expr */
	Deref = 7,
	/** a: lvalue expr */
	AddrOf = 8,
	/** a: base expr, b: index expr */
	Index = 9,
	/** a: UnaryOp, b: operand */
	Unary = 10,
	/** a: BinaryOp, b: left, c: right */
	Binary = 11,
	/** a: condition, b: value when true, c: value when false. Arms have no calls (those become branches). */
	Cond = 12,
	/** a: type index, b: operand */
	Cast = 13,
	/** container_of: a: pointer expr, b: type index, c: member name */
	ContainerOf = 14,
	/** sizeof/offsetof/alignof: a non-zero integer, value unknown. a: type index or NONE */
	SizeOf = 15,
	/** a braced initialiser or compound literal: a: type index or NONE, b: first entry in Unit.lists, c: number of entries; an entry is 2 ints: field name or NONE, value expr */
	Literal = 16,
}

export const enum UnaryOp {
	Neg = 0,
	Not = 1,
	BitNot = 2,
}

export const enum BinaryOp {
	Add = 0,
	Sub = 1,
	Mul = 2,
	Div = 3,
	Mod = 4,
	Shl = 5,
	Shr = 6,
	And = 7,
	Or = 8,
	Xor = 9,
	Eq = 10,
	Ne = 11,
	Lt = 12,
	Le = 13,
	Gt = 14,
	Ge = 15,
	/** Only where neither side has a call; else branches. */
	LogAnd = 16,
	LogOr = 17,
}
