// hot: the call sites of every function, and who they call where the name alone says so. Kept per file, so
// that an edited file is redone by itself.

import { IntVec } from "../base/vec.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { FN_SIZE, FnField } from "../ir/unit.js";
import { Callee, calleeNamed, isPrimitive, type World } from "./world.js";

export interface FileSites {
	/** by function of the file: first site; one more at the end */
	readonly starts: Int32Array;
	/** op of the call, relative to its function */
	readonly ops: Int32Array;
	/** FnId, packed primitive, Callee.Indirect or Callee.Unknown */
	readonly callees: Int32Array;
}

/** Calls by callee: those of fn are [starts[fn], starts[fn + 1]). */
interface Callers {
	readonly starts: Int32Array;
	readonly fns: Int32Array;
	readonly ops: Int32Array;
}

export class CallGraph {
	private readonly files: (FileSites | undefined)[] = [];
	private callers: Callers | null = null;

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
		this.callers = null;
	}

	forgetAll(): void {
		this.files.length = 0;
		this.callers = null;
	}

	/** Calls `visit(op, callee)` for each call site of a function, in order. */
	eachSite(fn: FnId, visit: (op: number, callee: number) => void): void {
		const { program } = this.world;
		const sites = this.sites(program.fnFile(fn));
		const local = program.fnLocal(fn);
		for (let i = sites.starts[local]!; i < sites.starts[local + 1]!; i++) visit(sites.ops[i]!, sites.callees[i]!);
	}

	/** The direct calls of a function, by file and place; those that a model row describes are among them. */
	callersOf(fn: FnId): readonly { readonly caller: FnId; readonly op: number }[] {
		if (this.callers === null) this.callers = this.collectCallers();
		const { starts, fns, ops } = this.callers;
		if (fn + 1 >= starts.length) return [];
		const found: { caller: FnId; op: number }[] = [];
		for (let i = starts[fn]!; i < starts[fn + 1]!; i++) {
			if (this.world.program.isLive(fns[i]!)) found.push({ caller: fns[i]!, op: ops[i]! });
		}
		return found;
	}

	private collectCallers(): Callers {
		const { program } = this.world;
		const limit = program.fnLimit;
		const starts = new Int32Array(limit + 2);
		const each = (visit: (caller: FnId, op: number, callee: FnId) => void) => {
			for (let fn = 0; fn < limit; fn++) {
				if (!program.isLive(fn)) continue;
				this.eachSite(fn, (op, callee) => {
					const target = isPrimitive(callee) ? this.definitionAt(fn, op) : callee;
					if (target >= 0) visit(fn, op, target);
				});
			}
		};
		each((_, __, callee) => {
			starts[callee + 2]!++;
		});
		for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
		const fns = new Int32Array(starts[limit + 1]!);
		const ops = new Int32Array(fns.length);
		each((caller, op, callee) => {
			const at = starts[callee + 1]!++;
			fns[at] = caller;
			ops[at] = op;
		});
		return { starts, fns, ops };
	}

	/** The definition behind a call that a model row describes, or NONE. */
	private definitionAt(fn: FnId, op: number): FnId {
		const { program } = this.world;
		const file = program.fnFile(fn);
		const unit = program.unit(file);
		const callee = unit.ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.A]!;
		return program.bindLocal(file, unit.exprs[callee * EXPR_SIZE + 1]!);
	}

	private collect(file: FileId): FileSites {
		const { world } = this;
		const unit = world.program.unit(file);
		const nFns = unit.fns.length / FN_SIZE;
		const starts = new Int32Array(nFns + 1);
		const ops = new IntVec(64);
		const callees = new IntVec(64);
		for (let local = 0; local < nFns; local++) {
			starts[local] = ops.length;
			const base = unit.fns[local * FN_SIZE + FnField.OpStart]!;
			const count = unit.fns[local * FN_SIZE + FnField.OpCount]!;
			for (let op = 0; op < count; op++) {
				const at = (base + op) * OP_SIZE;
				if ((unit.ops[at]! & 255) !== Op.Call) continue;
				ops.push(op);
				callees.push(this.staticCallee(file, unit.exprs, unit.ops[at + OpField.A]!));
			}
		}
		starts[nFns] = ops.length;
		return { starts, ops: ops.data.slice(0, ops.length), callees: callees.data.slice(0, callees.length) };
	}

	private staticCallee(file: FileId, exprs: Int32Array, expr: number): number {
		if (expr === NONE) return Callee.Unknown;
		if (exprs[expr * EXPR_SIZE] !== ExprKind.Name) return Callee.Indirect;
		const local = exprs[expr * EXPR_SIZE + 1]!;
		const known = calleeNamed(this.world, file, local);
		if (known !== Callee.Unknown) return known;
		const { program } = this.world;
		// A variable of that name is a function pointer.
		return program.globals.first(program.globalName(file, local)) === NONE ? Callee.Unknown : Callee.Indirect;
	}
}
