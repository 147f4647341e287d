// What a front end returns for one file: flat tables over one name pool. Front ends fill them through
// `builder.ts`; nobody writes to a unit afterwards. All tables are typed arrays so that a unit crosses
// threads and reaches the cache without conversion. Names are indices into the unit's own pool.

/** Record layouts: every `…Field` enum gives the offsets in a record of `…_SIZE` ints. */
export const FN_SIZE = 18;
export const enum FnField {
	/** name in the pool; for SYSCALL_DEFINE3(foo, …) the name is `__do_sys_foo` */
	Name = 0,
	/** span of the name in the source */
	NameStart = 1,
	NameEnd = 2,
	/** span of the whole definition, return type to closing brace */
	Start = 3,
	End = 4,
	/** first op, in records (multiply by OP_SIZE) */
	OpStart = 5,
	OpCount = 6,
	/** first variable, in records; parameters come first */
	VarStart = 7,
	VarCount = 8,
	ParamCount = 9,
	/** type index of the return type */
	ReturnType = 10,
	/** FnFlag bits */
	Flags = 11,
	/** first annotation, in records */
	AnnotationStart = 12,
	AnnotationCount = 13,
	/** span of the kernel-doc comment above, or NONE */
	DocStart = 14,
	DocEnd = 15,
	/** byte span of the body between the braces */
	BodyStart = 16,
	BodyEnd = 17,
}

export const enum FnFlag {
	Static = 1 << 0,
	Inline = 1 << 1,
	/** a function-like macro; its parameters have no types and stand for expressions of the caller */
	Macro = 1 << 2,
	/** the macro's body is an expression: one Return op at the end carries it */
	MacroExpr = 1 << 3,
	/** the macro's body opens a loop or another statement that the use site completes (`for (…)`, `if (…)`) */
	MacroHead = 1 << 4,
	Variadic = 1 << 5,
	/** in the branch of a top-level #if that the configuration does not take: an alternative definition */
	Alternative = 1 << 6,
	/** __init, __exit, __ref … */
	Init = 1 << 7,
	NoReturn = 1 << 8,
	Weak = 1 << 9,
	/** SYSCALL_DEFINEn, COMPAT_SYSCALL_DEFINEn */
	Syscall = 1 << 10,
	/** constructor of a guard class (DEFINE_GUARD, DEFINE_LOCK_GUARD_n, DEFINE_CLASS): named class_<name>_constructor */
	GuardEnter = 1 << 11,
	/** destructor of a guard class or DEFINE_FREE: named class_<name>_destructor or __free_<name> */
	GuardExit = 1 << 12,
	/** defined through some macro `NAME(args) { body }` the front end does not know; the name is the macro's first argument or the macro's name */
	FromMacro = 1 << 13,
	/** the body holds Op.Unknown */
	Partial = 1 << 14,
	/** written in Rust */
	Rust = 1 << 15,
	/** the comment right above it speaks of sleeping, interrupts or what is held; not looked for above static ones */
	SaysContext = 1 << 16,
}

export const VAR_SIZE = 4;
export const enum VarField {
	/** NONE for a temporary of the lowering */
	Name = 0,
	Type = 1,
	/** VarFlag bits */
	Flags = 2,
	/** start of the name in the source, or NONE */
	Start = 3,
}
export const enum VarFlag {
	Param = 1 << 0,
	Static = 1 << 1,
	Temp = 1 << 2,
	/** its address is taken (&x) somewhere in the function */
	AddressTaken = 1 << 3,
	/** __free(fn): the cleanup's name is the variable's annotation */
	Cleanup = 1 << 4,
}

/** A type, as far as field lookup needs it. Structurally equal types share an index. */
export const TYPE_SIZE = 4;
export const enum TypeField {
	Kind = 0,
	/** tag or typedef name, or NONE. Anonymous records are named `<file-unique>`: "anon@<offset>" */
	Name = 1,
	/** number of pointer levels and array dimensions around it */
	Pointers = 2,
	/** for FnPointer: type index of what it returns, else NONE */
	Extra = 3,
}
export const enum TypeKind {
	Unknown = 0,
	Void = 1,
	Int = 2,
	Bool = 3,
	Float = 4,
	Struct = 5,
	Union = 6,
	Enum = 7,
	Typedef = 8,
	FnPointer = 9,
	/** typeof(expr): Extra holds the ExprId */
	TypeOf = 10,
}

export const STRUCT_SIZE = 5;
export const enum StructField {
	Name = 0,
	/** first member, in records */
	MemberStart = 1,
	MemberCount = 2,
	/** 1 for a union */
	IsUnion = 3,
	Start = 4,
}
export const MEMBER_SIZE = 3;
export const enum MemberField {
	/** NONE for an anonymous struct/union member: its fields are reached through it */
	Name = 0,
	Type = 1,
	/** bit 0: bit-field */
	Flags = 2,
}

/** A typedef: name, type. */
export const TYPEDEF_SIZE = 2;

/** A file-scope variable (definition or extern declaration). */
export const GLOBAL_SIZE = 4;
export const enum GlobalField {
	Name = 0,
	Type = 1,
	/** bit 0 static, bit 1 extern declaration, bit 2 per-CPU */
	Flags = 2,
	Start = 3,
}

/** A function prototype. */
export const PROTO_SIZE = 5;
export const enum ProtoField {
	Name = 0,
	ReturnType = 1,
	/** FnFlag bits that apply (Static, NoReturn, Weak) */
	Flags = 2,
	Start = 3,
	/** first annotation; count in the high 8 bits: start | count << 24 */
	Annotations = 4,
}

/** An enumerator or an object-like macro with a value. */
export const CONST_SIZE = 3;
export const enum ConstField {
	Name = 0,
	/** ExprId in unit scope (Int, Name, Binary …), or NONE for a macro without an expression */
	Value = 1,
	Start = 2,
}

/** One designated entry of a static initialiser that holds a function, an address, or a designated integer. */
export const INIT_SIZE = 7;
export const enum InitField {
	/** variable that is initialised */
	Owner = 0,
	/** its type index */
	Type = 1,
	/** first path step in Unit.lists; a step is a field name (>= 0) or NONE for an array element; ~(i + 1) i.e. -2 - i for the i-th positional member */
	PathStart = 2,
	PathCount = 3,
	/** ExprId in unit scope */
	Value = 4,
	Start = 5,
	End = 6,
}

/** A macro used at file scope: `module_init(foo);`, `EXPORT_SYMBOL(foo);`, `DEVICE_ATTR_RW(foo);`. */
export const INVOCATION_SIZE = 6;
export const enum InvocationField {
	Name = 0,
	/** first argument (ExprId) in Unit.lists */
	ArgStart = 1,
	ArgCount = 2,
	Start = 3,
	End = 4,
	/** bit 0: `static` before it */
	Flags = 5,
}

/** Sparse and other attributes with a meaning for context: __acquires(x), __releases(x), __must_hold(x). */
export const ANNOTATION_SIZE = 3;
export const enum AnnotationField {
	/** name of the attribute: "__acquires", "__must_hold", "Context" (kernel-doc line; arg is its text as Str) … */
	Name = 0,
	/** ExprId (in the scope of the function: parameters are Locals), or NONE */
	Arg = 1,
	Start = 2,
}

/** A comment `might-sleep: ignore[rule-id] reason`. */
export const SUPPRESSION_SIZE = 3;
export const enum SuppressionField {
	/** the rule's id in the pool */
	Rule = 0,
	Start = 1,
	End = 2,
}

/** Spans the front end could not read: start, end; bit 31 of end is never set. */
export const UNPARSED_SIZE = 2;

export interface Unit {
	/** UTF-8 bytes of all names, one after another */
	readonly nameBytes: Uint8Array;
	/** nameEnds[i] is where name i ends; it starts where i - 1 ends */
	readonly nameEnds: Int32Array;
	readonly fns: Int32Array;
	readonly vars: Int32Array;
	readonly ops: Int32Array;
	readonly exprs: Int32Array;
	readonly lists: Int32Array;
	readonly types: Int32Array;
	readonly structs: Int32Array;
	readonly members: Int32Array;
	readonly typedefs: Int32Array;
	readonly globals: Int32Array;
	readonly protos: Int32Array;
	readonly consts: Int32Array;
	readonly inits: Int32Array;
	readonly invocations: Int32Array;
	readonly annotations: Int32Array;
	readonly suppressions: Int32Array;
	readonly unparsed: Int32Array;
	/** names of the files in #include lines, as written, `"` or `<` first */
	readonly includes: Int32Array;
	/** bit set of the names that something other than a constant's own name refers to (names.ts) */
	readonly usedNames: Int32Array;
	/** byte length of each line, newline included; 255 means: 255 and go on in the next byte */
	readonly lineLengths: Uint8Array;
	/** bytes of the file */
	readonly byteLength: number;
	/** function bodies' bytes that are in unparsed spans */
	readonly unparsedBodyBytes: number;
}

/** The tables of a unit in a fixed order, for transfer and cache. */
export const UNIT_TABLES = [
	"fns",
	"vars",
	"ops",
	"exprs",
	"lists",
	"types",
	"structs",
	"members",
	"typedefs",
	"globals",
	"protos",
	"consts",
	"inits",
	"invocations",
	"annotations",
	"suppressions",
	"unparsed",
	"includes",
	"nameEnds",
	"usedNames",
] as const satisfies readonly (keyof Unit)[];

/**
 * A front end lays a unit out in one buffer: room for a header of so many ints, which whoever moves the unit to
 * another thread fills in, then the tables in the order of UNIT_TABLES, nameBytes and lineLengths.
 */
export const UNIT_HEADER_INTS = 4 + UNIT_TABLES.length;

/** How the names of anonymous records begin; their place follows. */
export const ANONYMOUS = "anon@";

/** Where the bytes of name `id` of the unit begin. */
export function nameStart({ nameEnds }: Unit, id: number): number {
	return id === 0 ? 0 : nameEnds[id - 1]!;
}

/** The text of name `id` of the unit (decodes; not for hot code). */
export function unitName(unit: Unit, id: number): string {
	if (id < 0) return "";
	const end = unit.nameEnds[id]!;
	let text = "";
	for (let i = nameStart(unit, id); i < end; i++) text += String.fromCharCode(unit.nameBytes[i]!);
	return text;
}
