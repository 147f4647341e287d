// hot: one function as the dataflow reads it: its records, where its blocks begin, what is read where.
// A Frame is reused from function to function; everything in it is valid until the next `open`.

import { IntVec } from "../base/vec.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, OpFlag } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FN_SIZE, FnField, type Unit, VAR_SIZE, VarField } from "../ir/unit.js";

/** No callee of Frame.callees, nor a packed primitive. */
export const NOT_ASKED = 1 << 31;

export class Frame {
	fn: FnId = NONE;
	file: FileId = NONE;
	unit!: Unit;
	ops!: Int32Array;
	exprs!: Int32Array;
	lists!: Int32Array;
	/** first op of the function, in ints */
	opBase = 0;
	nOps = 0;
	nVars = 0;
	nParams = 0;
	/** first variable record */
	varStart = 0;
	/** by variable: how often it is assigned, and the value when that is always the same expression */
	readonly assigns = new IntVec();
	readonly soleValue = new IntVec();
	/** variables whose address something keeps: a call may write them by it */
	readonly stored = new IntVec();
	/** by variable: how often it is assigned a mask or a constant */
	private readonly maskAssigns = new IntVec();
	/** by op: 1 when a block begins there */
	readonly leader = new IntVec();
	/** by op: 1 when it uses an expression that chooses between two values */
	private readonly choosing = new IntVec();
	private lastUse = new Int32Array(1024);
	/** by expression: the last op that tests it, or hands it to a call */
	private lastTest = new Int32Array(1024);
	private stamp = new Int32Array(1024);
	/** by expression: which variables it reads, and which fields: the union of their marks */
	private localBits = new Int32Array(1024);
	private fieldBits = new Int32Array(1024);
	/** by expression that is a call's result: the variable that the next op puts it into, or NONE */
	private takers = new Int32Array(1024);
	private resultOf = new IntVec();
	/** by op: who it calls, as `calleeAt` has found it; NOT_ASKED before that */
	readonly callees = new IntVec();
	/** by op of a call: the first one that tells the same, itself where later ones do, NONE for others */
	private readonly twins = new IntVec();
	/** by variable: the expression that reads it, NONE when nothing does */
	private readonly localExpr = new IntVec();
	/** first and last op of each loop */
	private readonly loops = new IntVec();
	private run = 0;

	open(program: Program, fn: FnId): void {
		this.fn = fn;
		this.file = program.fnFile(fn);
		this.unit = program.unit(this.file);
		this.ops = this.unit.ops;
		this.exprs = this.unit.exprs;
		this.lists = this.unit.lists;
		const at = program.fnLocal(fn) * FN_SIZE;
		this.opBase = this.unit.fns[at + FnField.OpStart]! * OP_SIZE;
		this.nOps = this.unit.fns[at + FnField.OpCount]!;
		this.varStart = this.unit.fns[at + FnField.VarStart]!;
		this.nVars = this.unit.fns[at + FnField.VarCount]!;
		this.nParams = this.unit.fns[at + FnField.ParamCount]!;
		this.callees.clear();
		this.callees.extend(this.nOps, NOT_ASKED);
	}

	/** Finds blocks, assignments and last uses. */
	prepare(): void {
		this.run++;
		const nExprs = this.exprs.length / EXPR_SIZE;
		if (this.stamp.length < nExprs) {
			this.stamp = new Int32Array(nExprs * 2);
			this.lastUse = new Int32Array(nExprs * 2);
			this.lastTest = new Int32Array(nExprs * 2);
			this.localBits = new Int32Array(nExprs * 2);
			this.fieldBits = new Int32Array(nExprs * 2);
			this.takers = new Int32Array(nExprs * 2);
			this.run = 1;
		}
		this.stored.clear();
		this.assigns.clear();
		this.assigns.extend(this.nVars, 0);
		this.soleValue.clear();
		this.soleValue.extend(this.nVars, NONE);
		this.maskAssigns.clear();
		this.maskAssigns.extend(this.nVars, 0);
		this.localExpr.clear();
		this.localExpr.extend(this.nVars, NONE);
		this.leader.clear();
		this.leader.extend(this.nOps + 1, 0);
		this.choosing.clear();
		this.choosing.extend(this.nOps, 0);
		this.resultOf.clear();
		this.resultOf.extend(this.nOps, NONE);
		this.twins.clear();
		this.twins.extend(this.nOps, NONE);
		if (this.nOps > 0) this.leader.data[0] = 1;
		for (let op = 0; op < this.nOps; op++) this.scan(op);
		this.extendOverLoops();
	}

	/** A call tells the same as an earlier one with the same arguments: what is known of that is asked for again. */
	join(call: number, earlier: number): void {
		const first = this.twins.data[earlier] === NONE ? earlier : this.twins.data[earlier]!;
		const [expr, result] = [this.resultOf.data[first]!, this.resultOf.data[call]!];
		this.twins.data[first] = first;
		this.twins.data[call] = first;
		this.lastUse[expr] = Math.max(this.lastUse[expr]!, this.lastUse[result]!);
		this.lastTest[expr] = Math.max(this.lastTest[expr]!, this.lastTest[result]!);
		for (let i = 0; i < this.c(first); i++) {
			const argument = this.arg(first, i);
			if (argument < 0) continue;
			this.localBits[expr]! |= this.localBits[argument]!;
			this.fieldBits[expr]! |= this.fieldBits[argument]!;
		}
	}

	/** The earlier call that a call tells the same as, NONE for none. */
	twinOf(op: number): number {
		const first = this.twins.data[op]!;
		return first === op ? NONE : first;
	}

	code(op: number): Op {
		return this.ops[this.opBase + op * OP_SIZE]! & 255;
	}
	flags(op: number): number {
		return this.ops[this.opBase + op * OP_SIZE]! >>> 8;
	}
	a(op: number): number {
		return this.ops[this.opBase + op * OP_SIZE + OpField.A]!;
	}
	b(op: number): number {
		return this.ops[this.opBase + op * OP_SIZE + OpField.B]!;
	}
	c(op: number): number {
		return this.ops[this.opBase + op * OP_SIZE + OpField.C]!;
	}
	start(op: number): number {
		return this.ops[this.opBase + op * OP_SIZE + OpField.Start]!;
	}
	end(op: number): number {
		return this.ops[this.opBase + op * OP_SIZE + OpField.End]!;
	}

	/** Expression of argument `index` of a call, or NONE. */
	arg(op: number, index: number): number {
		return index >= 0 && index < this.c(op) ? this.lists[this.b(op) + index]! : NONE;
	}

	kind(expr: number): ExprKind {
		return this.exprs[expr * EXPR_SIZE]!;
	}
	x(expr: number): number {
		return this.exprs[expr * EXPR_SIZE + 1]!;
	}
	y(expr: number): number {
		return this.exprs[expr * EXPR_SIZE + 2]!;
	}
	z(expr: number): number {
		return this.exprs[expr * EXPR_SIZE + 3]!;
	}

	/** Is the op in a loop that ends before `outside`? */
	isInLoopBefore(op: number, outside: number): boolean {
		const { data, length } = this.loops;
		for (let i = 0; i < length; i += 2) if (data[i]! <= op && op <= data[i + 1]! && data[i + 1]! < outside) return true;
		return false;
	}

	/** Is the op in a loop that begins after `outside`? */
	isInLoopAfter(op: number, outside: number): boolean {
		const { data, length } = this.loops;
		for (let i = 0; i < length; i += 2) if (outside < data[i]! && data[i]! <= op && op <= data[i + 1]!) return true;
		return false;
	}

	isInLoop(op: number): boolean {
		const { data, length } = this.loops;
		for (let i = 0; i < length; i += 2) if (data[i]! <= op && op <= data[i + 1]!) return true;
		return false;
	}

	/** Has the turn of the innermost loop about `op` counted variable `index` on before it comes there? */
	isCountedInTurn(index: number, op: number): boolean {
		const { data, length } = this.loops;
		let start = NONE;
		for (let i = 0; i < length; i += 2) if (data[i]! <= op && op <= data[i + 1]!) start = Math.max(start, data[i]!);
		for (let at = start; at !== NONE && at < op; at++) {
			const target = this.code(at) === Op.Assign && (this.flags(at) & OpFlag.Update) !== 0 ? this.a(at) : NONE;
			if (target >= 0 && this.kind(target) === ExprKind.Local && this.x(target) === index) return true;
		}
		return false;
	}

	/** Does the op use an expression `a ? b : c`? */
	isChoosing(op: number): boolean {
		return this.choosing.data[op] === 1;
	}

	/** The expression that stands for a call's result, or NONE when nobody reads it. */
	resultExpr(op: number): number {
		return this.resultOf.data[op]!;
	}

	/** Is the expression read after `op`? */
	isLive(expr: number, op: number): boolean {
		return this.stamp[expr] === this.run && this.lastUse[expr]! > op;
	}

	/** Is the expression tested, or handed to a call by itself, after `op`? */
	isTested(expr: number, op: number): boolean {
		return this.stamp[expr] === this.run && this.lastTest[expr]! > op;
	}

	/** The last op that tests the expression, or hands it to a call; NONE for none. */
	lastTestOf(expr: number): number {
		return this.stamp[expr] === this.run ? this.lastTest[expr]! : NONE;
	}

	/** A call's result that has been put into a variable may still be asked there: is that read at or after `op`? */
	isResultPending(expr: number, op: number): boolean {
		const taker = this.takers[expr]!;
		return taker !== NONE && this.stamp[expr] === this.run && this.isLocalLive(taker, op - 1);
	}

	/** Is variable `index` read after `op`? */
	isLocalLive(index: number, op: number): boolean {
		const expr = this.localExpr.data[index]!;
		return expr !== NONE && this.isLive(expr, op);
	}

	varFlags(index: number): number {
		return this.unit.vars[(this.varStart + index) * VAR_SIZE + VarField.Flags]!;
	}

	/** A parameter that is never written and whose address is not taken: its value is the caller's throughout. */
	isStableParam(index: number): boolean {
		return index < this.nParams && this.assigns.data[index] === 0;
	}

	/** A parameter that is only changed as masks and switches are: bits set and cleared, constants. */
	isChangedMask(index: number): boolean {
		const count = this.assigns.data[index]!;
		return count > 0 && this.maskAssigns.data[index] === count;
	}

	/** Is local `index` mentioned in the expression? */
	mentionsLocal(expr: number, index: number): boolean {
		const mark = markOf(index);
		if (this.stamp[expr] === this.run && (this.localBits[expr]! & mark) !== mark) return false;
		switch (this.kind(expr)) {
			case ExprKind.Local:
				return this.x(expr) === index;
			case ExprKind.Field:
			case ExprKind.Deref:
			case ExprKind.AddrOf:
			case ExprKind.ContainerOf:
				return this.mentionsLocal(this.x(expr), index);
			case ExprKind.Unary:
			case ExprKind.Cast:
				return this.mentionsLocal(this.y(expr), index);
			case ExprKind.Index:
				return this.mentionsLocal(this.x(expr), index) || this.mentionsLocal(this.y(expr), index);
			case ExprKind.Binary:
				return this.mentionsLocal(this.y(expr), index) || this.mentionsLocal(this.z(expr), index);
			case ExprKind.Cond:
				return (
					this.mentionsLocal(this.x(expr), index) ||
					this.mentionsLocal(this.y(expr), index) ||
					this.mentionsLocal(this.z(expr), index)
				);
			case ExprKind.CallResult:
				return this.isJoinedWith(expr, (argument) => this.mentionsLocal(argument, index));
			default:
				return false;
		}
	}

	/** Is a field of this name (unit-local) read in the expression? */
	mentionsField(expr: number, name: number): boolean {
		const mark = markOf(name);
		if (this.stamp[expr] === this.run && (this.fieldBits[expr]! & mark) !== mark) return false;
		switch (this.kind(expr)) {
			case ExprKind.Field:
				return this.y(expr) === name || this.mentionsField(this.x(expr), name);
			case ExprKind.Deref:
			case ExprKind.AddrOf:
			case ExprKind.ContainerOf:
				return this.mentionsField(this.x(expr), name);
			case ExprKind.Unary:
			case ExprKind.Cast:
				return this.mentionsField(this.y(expr), name);
			case ExprKind.Index:
				return this.mentionsField(this.x(expr), name) || this.mentionsField(this.y(expr), name);
			case ExprKind.Binary:
				return this.mentionsField(this.y(expr), name) || this.mentionsField(this.z(expr), name);
			case ExprKind.CallResult:
				return this.isJoinedWith(expr, (argument) => this.mentionsField(argument, name));
			default:
				return false;
		}
	}

	/** Calls `visit` with the (unit-local) name of each field that an expression reads. */
	eachField(expr: number, visit: (name: number) => void): void {
		if (expr < 0) return;
		switch (this.kind(expr)) {
			case ExprKind.Field:
				visit(this.y(expr));
				this.eachField(this.x(expr), visit);
				break;
			case ExprKind.Deref:
			case ExprKind.AddrOf:
			case ExprKind.ContainerOf:
				this.eachField(this.x(expr), visit);
				break;
			case ExprKind.Unary:
			case ExprKind.Cast:
				this.eachField(this.y(expr), visit);
				break;
			case ExprKind.Index:
				this.eachField(this.x(expr), visit);
				this.eachField(this.y(expr), visit);
				break;
			case ExprKind.Binary:
				this.eachField(this.y(expr), visit);
				this.eachField(this.z(expr), visit);
				break;
			case ExprKind.Cond:
				this.eachField(this.x(expr), visit);
				this.eachField(this.y(expr), visit);
				this.eachField(this.z(expr), visit);
				break;
			default:
				break;
		}
	}

	/** Is it the result of a call that a later one tells the same as, with such an argument? */
	private isJoinedWith(result: number, test: (argument: number) => boolean): boolean {
		const call = this.x(result);
		if (this.twins.data[call] !== call) return false;
		for (let i = 0; i < this.c(call); i++) if (this.arg(call, i) >= 0 && test(this.arg(call, i))) return true;
		return false;
	}

	/** Does the expression, which some op uses, read a field? */
	mentionsAnyField(expr: number): boolean {
		return expr >= 0 && this.stamp[expr] === this.run && this.fieldBits[expr] !== 0;
	}

	private scan(op: number): void {
		const a = this.a(op);
		switch (this.code(op)) {
			case Op.Call: {
				this.use(a, op);
				for (let i = 0; i < this.c(op); i++) {
					const argument = this.lists[this.b(op) + i]!;
					this.use(argument, op);
					if (argument >= 0) this.test(argument, op);
				}
				break;
			}
			case Op.Assign:
				this.use(this.b(op), op);
				this.write(a, this.b(op), op);
				this.noteStored(this.b(op));
				break;
			case Op.Branch:
				this.use(a, op);
				this.test(a, op);
				this.lead(this.b(op));
				this.lead(op + 1);
				break;
			case Op.Jump:
				this.lead(a);
				this.lead(op + 1);
				break;
			case Op.Switch: {
				this.use(a, op);
				this.test(a, op);
				for (let i = 0; i < this.c(op); i++) this.lead(this.lists[this.b(op) + i * 3 + 2]!);
				this.lead(op + 1);
				break;
			}
			case Op.Choice:
				for (let i = 0; i < this.b(op); i++) this.lead(this.lists[a + i]!);
				this.lead(op + 1);
				break;
			case Op.Return:
				this.use(a, op);
				this.lead(op + 1);
				break;
			case Op.Unreachable:
				this.lead(op + 1);
				break;
			default:
				break;
		}
	}

	private write(target: number, value: number, op: number): void {
		if (target < 0) return;
		if (this.kind(target) !== ExprKind.Local) {
			this.use(target, op);
			return;
		}
		const index = this.x(target);
		const isFirst = this.assigns.data[index]!++ === 0;
		if (value >= 0 && this.isMask(value)) this.maskAssigns.data[index]!++;
		const isPlain = (this.flags(op) & OpFlag.Update) === 0;
		const isSame = isFirst || this.soleValue.data[index] === value;
		this.soleValue.data[index] = isSame && isPlain ? value : NONE;
	}

	/** Notes the locals whose address a value keeps. */
	private noteStored(value: number): void {
		if (value < 0) return;
		const kind = this.kind(value);
		if (kind === ExprKind.AddrOf) {
			const inner = this.x(value);
			if (this.kind(inner) === ExprKind.Local) this.stored.push(this.x(inner));
		} else if (kind === ExprKind.Cast) this.noteStored(this.y(value));
		else if (kind === ExprKind.Literal)
			for (let i = 0; i < this.z(value); i++) this.noteStored(this.lists[this.y(value) + 2 * i + 1]!);
	}

	private isMask(value: number): boolean {
		switch (this.kind(value)) {
			case ExprKind.Int:
			case ExprKind.Name:
				return true;
			case ExprKind.Cast:
				return this.isMask(this.y(value));
			case ExprKind.Binary:
				return this.x(value) === BinaryOp.Or || this.x(value) === BinaryOp.And;
			default:
				return false;
		}
	}

	private lead(op: number): void {
		if (op >= 0 && op <= this.nOps) this.leader.data[op] = 1;
	}

	private use(expr: number, op: number): void {
		if (expr < 0 || (this.stamp[expr] === this.run && this.lastUse[expr] === op)) return;
		if (this.stamp[expr] !== this.run) {
			this.lastTest[expr] = -1;
			this.localBits[expr] = 0;
			this.fieldBits[expr] = 0;
			this.takers[expr] = NONE;
		}
		this.stamp[expr] = this.run;
		this.lastUse[expr] = op;
		switch (this.kind(expr)) {
			case ExprKind.Local:
				this.localExpr.data[this.x(expr)] = expr;
				this.localBits[expr] = markOf(this.x(expr));
				break;
			case ExprKind.CallResult:
				this.resultOf.data[this.x(expr)] = expr;
				this.takers[expr] = this.takerOf(this.x(expr));
				break;
			case ExprKind.AddrOf: {
				const inner = this.x(expr);
				// &local handed out: it may be written behind our back
				if (this.kind(inner) === ExprKind.Local) this.write(inner, NONE, op);
				this.usePart(inner, expr, op);
				break;
			}
			case ExprKind.Field:
				this.fieldBits[expr] = markOf(this.y(expr));
				this.usePart(this.x(expr), expr, op);
				break;
			case ExprKind.Deref:
			case ExprKind.ContainerOf:
				this.usePart(this.x(expr), expr, op);
				break;
			case ExprKind.Unary:
			case ExprKind.Cast:
				this.usePart(this.y(expr), expr, op);
				break;
			case ExprKind.Index:
				this.usePart(this.x(expr), expr, op);
				this.usePart(this.y(expr), expr, op);
				break;
			case ExprKind.Binary:
				this.usePart(this.y(expr), expr, op);
				this.usePart(this.z(expr), expr, op);
				break;
			case ExprKind.Cond:
				this.choosing.data[op] = 1;
				this.usePart(this.x(expr), expr, op);
				this.usePart(this.y(expr), expr, op);
				this.usePart(this.z(expr), expr, op);
				break;
			case ExprKind.Literal:
				for (let i = 0; i < this.z(expr); i++) this.use(this.lists[this.y(expr) + 2 * i + 1]!, op);
				break;
			default:
				break;
		}
	}

	/** The variable that the op after a call assigns to, or NONE. */
	private takerOf(call: number): number {
		const next = call + 1;
		if (next >= this.nOps || this.code(next) !== Op.Assign) return NONE;
		const target = this.a(next);
		return target >= 0 && this.kind(target) === ExprKind.Local ? this.x(target) : NONE;
	}

	/** Uses a part of `whole`, which mentions what its parts do. */
	private usePart(part: number, whole: number, op: number): void {
		if (part < 0) return;
		this.use(part, op);
		this.localBits[whole]! |= this.localBits[part]!;
		this.fieldBits[whole]! |= this.fieldBits[part]!;
	}

	/** Notes a condition: what it is made of is tested too. */
	private test(expr: number, op: number): void {
		if (expr < 0) return;
		this.lastTest[expr] = op;
		switch (this.kind(expr)) {
			case ExprKind.Unary:
			case ExprKind.Cast:
				this.test(this.y(expr), op);
				break;
			case ExprKind.Binary:
				this.test(this.y(expr), op);
				this.test(this.z(expr), op);
				break;
			case ExprKind.Cond:
				this.test(this.x(expr), op);
				break;
			default:
				break;
		}
	}

	/** What is read anywhere in a loop is read again in its next turn: live to the loop's end. */
	private extendOverLoops(): void {
		this.loops.clear();
		for (let op = 0; op < this.nOps; op++) {
			const code = this.code(op);
			const target = code === Op.Jump ? this.a(op) : code === Op.Branch ? this.b(op) : op + 1;
			if (target > op) continue;
			this.loops.push(target);
			this.loops.push(op);
			for (let inner = target; inner <= op; inner++) {
				const innerCode = this.code(inner);
				if (innerCode === Op.Branch || innerCode === Op.Switch) this.keepLive(this.a(inner), op);
				else if (innerCode === Op.Call) {
					for (let i = 0; i < this.c(inner); i++) this.keepLive(this.lists[this.b(inner) + i]!, op);
				} else if (innerCode === Op.Assign) this.keepLive(this.b(inner), op);
			}
		}
	}

	private keepLive(expr: number, op: number): void {
		if (expr < 0 || this.stamp[expr] !== this.run || this.lastUse[expr]! >= op) return;
		this.lastUse[expr] = op;
		if (this.lastTest[expr]! >= 0) this.lastTest[expr] = op;
		switch (this.kind(expr)) {
			case ExprKind.Unary:
			case ExprKind.Cast:
				this.keepLive(this.y(expr), op);
				break;
			case ExprKind.Binary:
				this.keepLive(this.y(expr), op);
				this.keepLive(this.z(expr), op);
				break;
			case ExprKind.Field:
			case ExprKind.Deref:
				this.keepLive(this.x(expr), op);
				break;
			default:
				break;
		}
	}
}

/** Two bits that stand for a number in a set of few: what lacks either is not in it. */
function markOf(id: number): number {
	return (1 << (id & 15)) | (0x10000 << (Math.imul(id, 0x9e3779b1) >>> 28));
}
