// hot: the call sites of every function, and who they call where the name alone says so. Kept per file, so
// that an edited file is redone by itself.

import { IntVec } from "../base/vec.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FN_SIZE, FnField } from "../ir/unit.js";
import { Callee, calleeNamed, type World } from "./world.js";

export interface FileSites {
	/** by function of the file: first site; one more at the end */
	readonly starts: Int32Array;
	/** op of the call, relative to its function */
	readonly ops: Int32Array;
	/** FnId, packed primitive, Callee.Indirect or Callee.Unknown */
	readonly callees: Int32Array;
}

/** Calls by the callee's program-wide name: those of a name are [starts[name], starts[name + 1]). */
interface Callers {
	readonly starts: Int32Array;
	readonly fns: Int32Array;
	readonly ops: Int32Array;
}

export interface Call {
	readonly caller: FnId;
	readonly op: number;
}

/** By file and place. */
export function compareCalls(program: Program, x: Call, y: Call): number {
	return program.compareFns(x.caller, y.caller) || x.op - y.op;
}

/** The expression of argument `index` of a call, or NONE. */
export function argumentOf(program: Program, fn: FnId, op: number, index: number): number {
	const unit = program.unit(program.fnFile(fn));
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	return index >= 0 && index < unit.ops[at + OpField.C]! ? unit.lists[unit.ops[at + OpField.B]! + index]! : NONE;
}

/** What a call calls: a name, a variable, a field; what it points to where that is written out. NONE when it is nothing. */
export function calledExpr({ program }: World, fn: FnId, op: number): number {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	let expr = ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.A]!;
	while (expr >= 0 && exprs[expr * EXPR_SIZE] === ExprKind.Deref) expr = exprs[expr * EXPR_SIZE + 1]!;
	return expr < 0 ? NONE : expr;
}

/** The local variable that a call calls, or NONE. */
export function calledLocal(world: World, fn: FnId, op: number): number {
	const { exprs } = world.program.unit(world.program.fnFile(fn));
	const expr = calledExpr(world, fn, op);
	return expr !== NONE && exprs[expr * EXPR_SIZE] === ExprKind.Local ? exprs[expr * EXPR_SIZE + 1]! : NONE;
}

/** Changed files whose calls are looked through one by one; with more, the calls are collected anew. */
const MAX_FRESH = 512;

const NO_INTS = new Int32Array(0);
/** Of the headers that hold no function: half of all files. */
const NO_SITES: FileSites = { starts: new Int32Array(1), ops: NO_INTS, callees: NO_INTS };

export class CallGraph {
	private readonly files: (FileSites | undefined)[] = [];
	private callers: Callers | null = null;
	/** files that have changed since `callers` was collected */
	private readonly fresh = new Set<FileId>();
	/** what `collect` writes into before it knows how much there is */
	private readonly ops = new IntVec(1 << 10);
	private readonly callees = new IntVec(1 << 10);

	constructor(private readonly world: World) {}

	/** The sites of a file, found on first use. */
	sites(file: FileId): FileSites {
		const known = this.files[file];
		if (known !== undefined) return known;
		const made = this.collect(file);
		this.files[file] = made;
		return made;
	}

	forget(file: FileId): void {
		this.files[file] = undefined;
		this.fresh.add(file);
		if (this.fresh.size <= MAX_FRESH) return;
		this.callers = null;
		this.fresh.clear();
	}

	/** Calls `visit(op, callee)` for each call site of a function, in order. */
	eachSite(fn: FnId, visit: (op: number, callee: number) => void): void {
		const { program } = this.world;
		const sites = this.sites(program.fnFile(fn));
		const local = program.fnLocal(fn);
		for (let i = sites.starts[local]!; i < sites.starts[local + 1]!; i++) visit(sites.ops[i]!, sites.callees[i]!);
	}

	/** Is any call of a function to a callee for which `test` holds? */
	hasSite(fn: FnId, test: (callee: number) => boolean): boolean {
		const { program } = this.world;
		const { starts, callees } = this.sites(program.fnFile(fn));
		const local = program.fnLocal(fn);
		const end = starts[local + 1]!;
		for (let i = starts[local]!; i < end; i++) if (test(callees[i]!)) return true;
		return false;
	}

	/** The direct calls of a function, by file and place; those that a model row describes are among them. */
	callersOf(fn: FnId): readonly Call[] {
		const { program } = this.world;
		const name = program.fnGlobalName(fn);
		this.callers ??= this.collectCallers();
		const { starts, fns, ops } = this.callers;
		const found: Call[] = [];
		const add = (caller: FnId, op: number) => {
			if (this.definitionAt(caller, op) === fn) found.push({ caller, op });
		};
		for (let i = starts[name] ?? 0; i < (starts[name + 1] ?? 0); i++) {
			const caller = fns[i]!;
			if (program.isLive(caller) && !this.fresh.has(program.fnFile(caller))) add(caller, ops[i]!);
		}
		for (const file of this.fresh) {
			this.eachNamedCall(file, (caller, op, called) => {
				if (called === name) add(caller, op);
			});
		}
		return found.sort((x, y) => compareCalls(program, x, y));
	}

	private collectCallers(): Callers {
		const { program } = this.world;
		const starts = new Int32Array(program.names.size + 2);
		const each = (visit: (caller: FnId, op: number, name: number) => void) => {
			for (let file = 0; file < program.paths.length; file++) this.eachNamedCall(file, visit);
		};
		this.fresh.clear();
		each((_, __, name) => {
			starts[name + 2]!++;
		});
		for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
		const fns = new Int32Array(starts.at(-1)!);
		const ops = new Int32Array(fns.length);
		each((caller, op, name) => {
			const at = starts[name + 1]!++;
			fns[at] = caller;
			ops[at] = op;
		});
		return { starts, fns, ops };
	}

	/** Visits the calls of a file that name their callee. */
	private eachNamedCall(file: FileId, visit: (caller: FnId, op: number, name: number) => void): void {
		const { program } = this.world;
		const unit = program.units[file];
		if (unit === undefined) return;
		const sites = this.sites(file);
		for (let local = 0; local + 1 < sites.starts.length; local++) {
			const base = unit.fns[local * FN_SIZE + FnField.OpStart]!;
			for (let i = sites.starts[local]!; i < sites.starts[local + 1]!; i++) {
				if (sites.callees[i] === Callee.Indirect || sites.callees[i] === Callee.Unknown) continue;
				const callee = unit.ops[(base + sites.ops[i]!) * OP_SIZE + OpField.A]!;
				visit(program.fnId(file, local), sites.ops[i]!, program.modelName(file, unit.exprs[callee * EXPR_SIZE + 1]!));
			}
		}
	}

	/** The definition that a call names, also where a model row describes it; NONE when there is none. */
	private definitionAt(fn: FnId, op: number): FnId {
		const { program } = this.world;
		const file = program.fnFile(fn);
		const unit = program.unit(file);
		const callee = unit.ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.A]!;
		return program.bindIn(fn, unit.exprs[callee * EXPR_SIZE + 1]!);
	}

	private collect(file: FileId): FileSites {
		const { world, ops, callees } = this;
		const unit = world.program.unit(file);
		const nFns = unit.fns.length / FN_SIZE;
		if (nFns === 0) return NO_SITES;
		const starts = new Int32Array(nFns + 1);
		ops.clear();
		callees.clear();
		for (let local = 0; local < nFns; local++) {
			starts[local] = ops.length;
			const base = unit.fns[local * FN_SIZE + FnField.OpStart]!;
			const count = unit.fns[local * FN_SIZE + FnField.OpCount]!;
			for (let op = 0; op < count; op++) {
				const at = (base + op) * OP_SIZE;
				if ((unit.ops[at]! & 255) !== Op.Call) continue;
				ops.push(op);
				callees.push(this.staticCallee(world.program.fnId(file, local), unit.exprs, unit.ops[at + OpField.A]!));
			}
		}
		starts[nFns] = ops.length;
		return { starts, ops: ops.data.slice(0, ops.length), callees: callees.data.slice(0, callees.length) };
	}

	private staticCallee(caller: FnId, exprs: Int32Array, expr: number): number {
		if (expr === NONE) return Callee.Unknown;
		if (exprs[expr * EXPR_SIZE] !== ExprKind.Name) return Callee.Indirect;
		const local = exprs[expr * EXPR_SIZE + 1]!;
		const known = calleeNamed(this.world, caller, local);
		if (known !== Callee.Unknown) return known;
		const { program } = this.world;
		// A variable of that name is a function pointer.
		return program.globals.first(program.globalName(program.fnFile(caller), local)) === NONE
			? Callee.Unknown
			: Callee.Indirect;
	}
}
