// What two units of one file, before and after an edit, have in common but for places: a comment or a blank line moves
// everything and changes nothing. Names are compared by their texts, records without a name by their order.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "./ops.js";
import {
	ANNOTATION_SIZE,
	ANONYMOUS,
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
	TYPE_SIZE,
	TYPEDEF_SIZE,
	TypeField,
	TypeKind,
	type Unit,
	unitName,
	VAR_SIZE,
	VarField,
} from "./unit.js";

/** Not looked at yet, for what a type or an expression has become. */
const UNSEEN = -2;

/** Where what was at an offset before is now. */
export type Places = ReadonlyMap<number, number>;

export class Alike {
	/** by name before: the same name now, NONE when there is none */
	private readonly names: Int32Array;
	private readonly types: Int32Array;
	private readonly exprs: Int32Array;
	/** of the function that `enter` has opened: by variable before the same one now, by call before its op now; null: the same numbers */
	private locals: ReadonlyMap<number, number> | null = null;
	private calls: ReadonlyMap<number, number> | null = null;

	constructor(
		readonly before: Unit,
		readonly after: Unit,
	) {
		this.names = namesBetween(before, after);
		this.types = new Int32Array(before.types.length / TYPE_SIZE).fill(UNSEEN);
		this.exprs = new Int32Array(before.exprs.length / EXPR_SIZE).fill(UNSEEN);
	}

	/** Is all the same but places and the bodies of functions, and are the functions the same ones in the same order? */
	hasSameDeclarations(): boolean {
		const { before, after } = this;
		return (
			this.all(before.includes, after.includes, 1, (a, b) => this.isName(before.includes[a]!, after.includes[b]!)) &&
			this.all(before.fns, after.fns, FN_SIZE, (a, b) => this.isSameHead(a, b)) &&
			this.hasSameTypes() &&
			this.hasSameConstants() &&
			this.all(before.inits, after.inits, INIT_SIZE, (a, b) => this.isSameInit(a, b)) &&
			this.all(before.invocations, after.invocations, INVOCATION_SIZE, (a, b) => this.isSameInvocation(a, b))
		);
	}

	/** The same for some ops by themselves, in the function that `enter` has opened. */
	areOps(before: readonly number[], after: readonly number[]): boolean {
		return before.length === after.length && before.every((op, i) => this.isOp(op, after[i]!));
	}

	/** Has a function (by its index) the same variables and ops? */
	isSameBody(local: number): boolean {
		const { before, after } = this;
		const at = local * FN_SIZE;
		const [x, y] = [before.fns, after.fns];
		const count = x[at + FnField.OpCount]!;
		if (count !== y[at + FnField.OpCount] || !this.hasSameVariables(at)) return false;
		const [from, to] = [x[at + FnField.OpStart]!, y[at + FnField.OpStart]!];
		for (let op = 0; op < count; op++) if (!this.isOp(from + op, to + op)) return false;
		return true;
	}

	/**
	 * From now on expressions of a function whose body has changed are compared: variables by their names and types, the
	 * results of calls by `calls`, which has the op now by the one before.
	 */
	enter(local: number, calls: ReadonlyMap<number, number>): void {
		this.exprs.fill(UNSEEN);
		this.locals = this.localsBetween(local * FN_SIZE);
		this.calls = calls;
	}

	/** From now on functions that have not changed are compared. */
	leave(): void {
		this.exprs.fill(UNSEEN);
		this.locals = null;
		this.calls = null;
	}

	/** Are two ops (by their places among those of the units) the same, variables by their number? */
	isOp(before: number, after: number): boolean {
		const [x, y] = [this.before.ops, this.after.ops];
		const [at, to] = [before * OP_SIZE, after * OP_SIZE];
		if (x[at + OpField.Code] !== y[to + OpField.Code]) return false;
		const [a, b, c] = [x[at + OpField.A]!, x[at + OpField.B]!, x[at + OpField.C]!];
		const [d, e, f] = [y[to + OpField.A]!, y[to + OpField.B]!, y[to + OpField.C]!];
		switch ((x[at]! & 255) as Op) {
			case Op.Call:
				return c === f && this.isExpr(a, d) && this.areExprs(b, e, c);
			case Op.Assign:
				return c === f && this.isExpr(a, d) && this.isExpr(b, e);
			case Op.Branch:
				return b === e && c === f && this.isExpr(a, d);
			case Op.Switch:
				return c === f && this.isExpr(a, d) && this.areCases(b, e, c);
			case Op.Return:
				return b === e && c === f && this.isExpr(a, d);
			case Op.Choice:
				return b === e && c === f && this.areTargets(a, d, b);
			default:
				return a === d && b === e && c === f;
		}
	}

	/** Are two expressions the same, variables by their number? */
	isExpr(before: number, after: number): boolean {
		if (before < 0 || after < 0) return before === after;
		const known = this.exprs[before]!;
		if (known !== UNSEEN) return known === after;
		if (!this.isSameExpr(before * EXPR_SIZE, after * EXPR_SIZE)) return false;
		this.exprs[before] = after;
		return true;
	}

	/** Are two types the same? */
	isType(before: number, after: number): boolean {
		if (before < 0 || after < 0) return before === after;
		const known = this.types[before]!;
		if (known !== UNSEEN) return known === after;
		const [x, y] = [this.before.types, this.after.types];
		const [at, to] = [before * TYPE_SIZE, after * TYPE_SIZE];
		const kind = x[at + TypeField.Kind]!;
		if (kind !== y[to + TypeField.Kind] || x[at + TypeField.Pointers] !== y[to + TypeField.Pointers]) return false;
		if (!this.isName(x[at + TypeField.Name]!, y[to + TypeField.Name]!)) return false;
		const [extra, other] = [x[at + TypeField.Extra]!, y[to + TypeField.Extra]!];
		if (
			kind === TypeKind.FnPointer ? !this.isType(extra, other) : kind === TypeKind.TypeOf && !this.isExpr(extra, other)
		)
			return false;
		this.types[before] = after;
		return true;
	}

	/** The names of structs that are their places, and have changed with these: those before and those now. */
	movedStructs(): string[] {
		const { before, after } = this;
		const names: string[] = [];
		for (let at = 0; at < before.structs.length; at += STRUCT_SIZE) {
			const name = unitName(before, before.structs[at + StructField.Name]!);
			const now = unitName(after, after.structs[at + StructField.Name]!);
			if (name !== now) names.push(name, now);
		}
		return names;
	}

	/**
	 * Where things are now: functions, initialisers, what stands at file scope, and ops, which are paired by `opPairs` (places
	 * among those of the units). Null when they have changed their order.
	 */
	places(opPairs: Iterable<readonly [number, number]>): Places | null {
		const { before, after } = this;
		const found = new Map<number, number>();
		let isInOrder = true;
		const pair = (x: Int32Array, y: Int32Array, at: number, to: number) => {
			const known = found.get(x[at]!);
			if (known === undefined) found.set(x[at]!, y[to]!);
			else if (known !== y[to]) isInOrder = false;
		};
		const table = (x: Int32Array, y: Int32Array, size: number, ...fields: number[]) => {
			for (let at = 0; at < x.length; at += size) for (const field of fields) pair(x, y, at + field, at + field);
		};
		table(before.fns, after.fns, FN_SIZE, FnField.NameStart, FnField.Start, FnField.End);
		table(before.inits, after.inits, INIT_SIZE, InitField.Start, InitField.End);
		table(before.invocations, after.invocations, INVOCATION_SIZE, InvocationField.Start, InvocationField.End);
		table(before.annotations, after.annotations, ANNOTATION_SIZE, AnnotationField.Start);
		for (const [from, to] of opPairs) {
			for (const field of [OpField.Start, OpField.End])
				pair(before.ops, after.ops, from * OP_SIZE + field, to * OP_SIZE + field);
			if ((before.ops[from * OP_SIZE]! & 255) !== Op.Call) continue;
			const [list, other] = [before.ops[from * OP_SIZE + OpField.B]!, after.ops[to * OP_SIZE + OpField.B]!];
			const count = before.ops[from * OP_SIZE + OpField.C]!;
			if (count !== after.ops[to * OP_SIZE + OpField.C]) continue;
			for (let i = count; i < 3 * count; i++) pair(before.lists, after.lists, list + i, other + i);
		}
		const sorted = [...found].sort(([a], [b]) => a - b);
		isInOrder &&= sorted.every(([, now], i) => i === 0 || sorted[i - 1]![1] < now);
		return isInOrder ? found : null;
	}

	private isName(before: number, after: number): boolean {
		return before < 0 || after < 0 ? before === after : this.names[before] === after;
	}

	/** Parameters by their number; others by name and type, where there is one such only; those without a name where there are as many. */
	private localsBetween(at: number): Map<number, number> {
		const [x, y] = [this.before, this.after];
		const field = (unit: Unit, index: number, of: VarField) =>
			unit.vars[(unit.fns[at + FnField.VarStart]! + index) * VAR_SIZE + of]!;
		const found = new Map<number, number>();
		const nParams = x.fns[at + FnField.ParamCount]!;
		for (let i = 0; i < nParams; i++) found.set(i, i);
		const byName = new Map<number, number>();
		const nameless: number[] = [];
		for (let i = nParams; i < y.fns[at + FnField.VarCount]!; i++) {
			const name = field(y, i, VarField.Name);
			if (name < 0) nameless.push(i);
			else byName.set(name, byName.has(name) ? NONE : i);
		}
		const before = Array.from({ length: x.fns[at + FnField.VarCount]! - nParams }, (_, i) => i + nParams);
		const others = before.filter((i) => field(x, i, VarField.Name) < 0);
		for (const i of before) {
			const name = field(x, i, VarField.Name);
			const isTwice = name >= 0 && before.some((other) => other !== i && field(x, other, VarField.Name) === name);
			const one = name < 0 && others.length === nameless.length ? nameless[others.indexOf(i)] : undefined;
			const other = name < 0 ? one : isTwice ? undefined : byName.get(this.names[name]!);
			if (other === undefined || other === NONE) continue;
			if (this.isType(field(x, i, VarField.Type), field(y, other, VarField.Type))) found.set(i, other);
		}
		return found;
	}

	private all(x: Int32Array, y: Int32Array, size: number, isSame: (before: number, after: number) => boolean): boolean {
		if (x.length !== y.length) return false;
		for (let at = 0; at < x.length; at += size) if (!isSame(at, at)) return false;
		return true;
	}

	/** What others see of a function: its name, how it is defined and called, what it says of itself. */
	private isSameHead(at: number, to: number): boolean {
		const [x, y] = [this.before, this.after];
		for (const field of [FnField.Flags, FnField.ParamCount, FnField.AnnotationCount])
			if (x.fns[at + field] !== y.fns[to + field]) return false;
		if (!this.isName(x.fns[at + FnField.Name]!, y.fns[to + FnField.Name]!)) return false;
		if (!this.isType(x.fns[at + FnField.ReturnType]!, y.fns[to + FnField.ReturnType]!)) return false;
		for (let i = 0; i < x.fns[at + FnField.ParamCount]!; i++) if (!this.isVariable(at, i)) return false;
		for (let i = 0; i < x.fns[at + FnField.AnnotationCount]!; i++) {
			const one = (x.fns[at + FnField.AnnotationStart]! + i) * ANNOTATION_SIZE;
			const other = (y.fns[to + FnField.AnnotationStart]! + i) * ANNOTATION_SIZE;
			const isSame =
				this.isName(x.annotations[one + AnnotationField.Name]!, y.annotations[other + AnnotationField.Name]!) &&
				this.isExpr(x.annotations[one + AnnotationField.Arg]!, y.annotations[other + AnnotationField.Arg]!);
			if (!isSame) return false;
		}
		return true;
	}

	private hasSameVariables(at: number): boolean {
		const count = this.before.fns[at + FnField.VarCount]!;
		if (count !== this.after.fns[at + FnField.VarCount]) return false;
		for (let i = 0; i < count; i++) if (!this.isVariable(at, i)) return false;
		return true;
	}

	/** Is a variable of the function at `at` the same, by its number, but for its flags? Those of parameters hang on the body. */
	private isVariable(at: number, index: number): boolean {
		const [x, y] = [this.before, this.after];
		const one = (x.fns[at + FnField.VarStart]! + index) * VAR_SIZE;
		const other = (y.fns[at + FnField.VarStart]! + index) * VAR_SIZE;
		return (
			this.isName(x.vars[one + VarField.Name]!, y.vars[other + VarField.Name]!) &&
			this.isType(x.vars[one + VarField.Type]!, y.vars[other + VarField.Type]!) &&
			x.vars[one + VarField.Flags] === y.vars[other + VarField.Flags]
		);
	}

	private hasSameTypes(): boolean {
		const [x, y] = [this.before, this.after];
		const isMember = (at: number, to: number) =>
			this.isName(x.members[at + MemberField.Name]!, y.members[to + MemberField.Name]!) &&
			this.isType(x.members[at + MemberField.Type]!, y.members[to + MemberField.Type]!) &&
			x.members[at + MemberField.Flags] === y.members[to + MemberField.Flags];
		const isStruct = (at: number, to: number) =>
			this.isName(x.structs[at + StructField.Name]!, y.structs[to + StructField.Name]!) &&
			x.structs[at + StructField.MemberStart] === y.structs[to + StructField.MemberStart] &&
			x.structs[at + StructField.MemberCount] === y.structs[to + StructField.MemberCount] &&
			x.structs[at + StructField.IsUnion] === y.structs[to + StructField.IsUnion];
		const isTypedef = (at: number, to: number) =>
			this.isName(x.typedefs[at]!, y.typedefs[to]!) && this.isType(x.typedefs[at + 1]!, y.typedefs[to + 1]!);
		return (
			this.all(x.structs, y.structs, STRUCT_SIZE, isStruct) &&
			this.all(x.members, y.members, MEMBER_SIZE, isMember) &&
			this.all(x.typedefs, y.typedefs, TYPEDEF_SIZE, isTypedef)
		);
	}

	private hasSameConstants(): boolean {
		const [x, y] = [this.before, this.after];
		const isGlobal = (at: number, to: number) =>
			this.isName(x.globals[at + GlobalField.Name]!, y.globals[to + GlobalField.Name]!) &&
			this.isType(x.globals[at + GlobalField.Type]!, y.globals[to + GlobalField.Type]!) &&
			x.globals[at + GlobalField.Flags] === y.globals[to + GlobalField.Flags];
		const isProto = (at: number, to: number) =>
			this.isName(x.protos[at + ProtoField.Name]!, y.protos[to + ProtoField.Name]!) &&
			this.isType(x.protos[at + ProtoField.ReturnType]!, y.protos[to + ProtoField.ReturnType]!) &&
			x.protos[at + ProtoField.Flags] === y.protos[to + ProtoField.Flags] &&
			x.protos[at + ProtoField.Annotations] === y.protos[to + ProtoField.Annotations];
		const isConst = (at: number, to: number) =>
			this.isName(x.consts[at + ConstField.Name]!, y.consts[to + ConstField.Name]!) &&
			this.isExpr(x.consts[at + ConstField.Value]!, y.consts[to + ConstField.Value]!);
		return (
			this.all(x.globals, y.globals, GLOBAL_SIZE, isGlobal) &&
			this.all(x.protos, y.protos, PROTO_SIZE, isProto) &&
			this.all(x.consts, y.consts, CONST_SIZE, isConst) &&
			x.annotations.length === y.annotations.length
		);
	}

	private isSameInit(at: number, to: number): boolean {
		const [x, y] = [this.before, this.after];
		const count = x.inits[at + InitField.PathCount]!;
		if (count !== y.inits[to + InitField.PathCount]) return false;
		for (let i = 0; i < count; i++) {
			const one = x.lists[x.inits[at + InitField.PathStart]! + i]!;
			const other = y.lists[y.inits[to + InitField.PathStart]! + i]!;
			if (one < 0 || other < 0 ? one !== other : this.names[one] !== other) return false;
		}
		return (
			this.isName(x.inits[at + InitField.Owner]!, y.inits[to + InitField.Owner]!) &&
			this.isType(x.inits[at + InitField.Type]!, y.inits[to + InitField.Type]!) &&
			this.isValue(x.inits[at + InitField.Value]!, y.inits[to + InitField.Value]!)
		);
	}

	private isSameInvocation(at: number, to: number): boolean {
		const [x, y] = [this.before, this.after];
		const count = x.invocations[at + InvocationField.ArgCount]!;
		if (
			count !== y.invocations[to + InvocationField.ArgCount] ||
			x.invocations[at + InvocationField.Flags] !== y.invocations[to + InvocationField.Flags] ||
			!this.isName(x.invocations[at + InvocationField.Name]!, y.invocations[to + InvocationField.Name]!)
		)
			return false;
		const [from, other] = [
			x.invocations[at + InvocationField.ArgStart]!,
			y.invocations[to + InvocationField.ArgStart]!,
		];
		for (let i = 0; i < count; i++) if (!this.isValue(x.lists[from + i]!, y.lists[other + i]!)) return false;
		return true;
	}

	/** Outside of functions, nobody asks what a text says. */
	private isValue(before: number, after: number): boolean {
		const isText = (unit: Unit, expr: number) => expr >= 0 && unit.exprs[expr * EXPR_SIZE] === ExprKind.Str;
		return (isText(this.before, before) && isText(this.after, after)) || this.isExpr(before, after);
	}

	private areExprs(before: number, after: number, count: number): boolean {
		for (let i = 0; i < count; i++)
			if (!this.isExpr(this.before.lists[before + i]!, this.after.lists[after + i]!)) return false;
		return true;
	}

	private areTargets(before: number, after: number, count: number): boolean {
		for (let i = 0; i < count; i++) if (this.before.lists[before + i] !== this.after.lists[after + i]) return false;
		return true;
	}

	private areCases(before: number, after: number, count: number): boolean {
		for (let i = 0; i < count; i++) {
			if (!this.areExprs(before + 3 * i, after + 3 * i, 2)) return false;
			if (!this.areTargets(before + 3 * i + 2, after + 3 * i + 2, 1)) return false;
		}
		return true;
	}

	private isSameExpr(at: number, to: number): boolean {
		const [x, y] = [this.before.exprs, this.after.exprs];
		if (x[at] !== y[to]) return false;
		const [a, b, c] = [x[at + 1]!, x[at + 2]!, x[at + 3]!];
		const [d, e, f] = [y[to + 1]!, y[to + 2]!, y[to + 3]!];
		switch (x[at] as ExprKind) {
			case ExprKind.Name:
			case ExprKind.Str:
				return this.isName(a, d);
			case ExprKind.Local:
				return (this.locals === null ? a : this.locals.get(a)) === d;
			case ExprKind.CallResult:
				return (this.calls === null ? a : this.calls.get(a)) === d;
			case ExprKind.Field:
				return c === f && this.isName(b, e) && this.isExpr(a, d);
			case ExprKind.Deref:
			case ExprKind.AddrOf:
				return this.isExpr(a, d);
			case ExprKind.Index:
				return this.isExpr(a, d) && this.isExpr(b, e);
			case ExprKind.Unary:
				return a === d && this.isExpr(b, e);
			case ExprKind.Binary:
				return a === d && this.isExpr(b, e) && this.isExpr(c, f);
			case ExprKind.Cond:
				return this.isExpr(a, d) && this.isExpr(b, e) && this.isExpr(c, f);
			case ExprKind.Cast:
				return this.isType(a, d) && this.isExpr(b, e);
			case ExprKind.ContainerOf:
				return this.isExpr(a, d) && this.isType(b, e) && this.isName(c, f);
			case ExprKind.SizeOf:
				return this.isType(a, d);
			case ExprKind.Literal:
				return c === f && this.isType(a, d) && this.areEntries(b, e, c);
			default:
				return a === d && b === e && c === f;
		}
	}

	private areEntries(before: number, after: number, count: number): boolean {
		for (let i = 0; i < count; i++) {
			if (!this.isName(this.before.lists[before + 2 * i]!, this.after.lists[after + 2 * i]!)) return false;
			if (!this.areExprs(before + 2 * i + 1, after + 2 * i + 1, 1)) return false;
		}
		return true;
	}
}

function namesBetween(before: Unit, after: Unit): Int32Array {
	const byText = new Map<string, number>();
	const anonymous: number[] = [];
	for (let name = 0; name < after.nameEnds.length; name++) {
		const text = unitName(after, name);
		if (text.startsWith(ANONYMOUS)) anonymous.push(name);
		else byText.set(text, name);
	}
	const names = new Int32Array(before.nameEnds.length);
	let nAnonymous = 0;
	for (let name = 0; name < names.length; name++) {
		const text = unitName(before, name);
		// the place that is in it says nothing: they are told by their order
		names[name] = (text.startsWith(ANONYMOUS) ? anonymous[nAnonymous++] : byText.get(text)) ?? NONE;
	}
	return names;
}
