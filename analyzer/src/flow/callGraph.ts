// hot: the call sites of every function, and who they call where the name alone says so. Kept per file, so
// that an edited file is redone by itself.

import { IntVec } from "../base/vec.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
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

export class CallGraph {
	private readonly files: (FileSites | undefined)[] = [];

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
	}

	forgetAll(): void {
		this.files.length = 0;
	}

	/** Calls `visit(op, callee)` for each call site of a function, in order. */
	eachSite(fn: FnId, visit: (op: number, callee: number) => void): void {
		const { program } = this.world;
		const sites = this.sites(program.fnFile(fn));
		const local = program.fnLocal(fn);
		for (let i = sites.starts[local]!; i < sites.starts[local + 1]!; i++) visit(sites.ops[i]!, sites.callees[i]!);
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
