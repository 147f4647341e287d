// Variables of a file that are set once and never cleared: what is done only before that is done once, by whoever comes
// first, as a driver is probed or a file system mounted; hardly by one of the many that come by later.

import { constantOf } from "../ir/consts.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, OpFlag, UnaryOp } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { CallGraph } from "./callGraph.js";
import { CallMap } from "./callMap.js";
import { decisionsOf } from "./ways.js";
import type { World } from "./world.js";

/** What a file writes to one of its variables. */
interface Written {
	/** the functions that set it */
	readonly by: Set<FnId>;
	/** it is also cleared, or counted, or its address is taken */
	isOther: boolean;
}

export class Latches {
	private readonly once = new CallMap<boolean>();
	/** by file: what is written to the variables that it alone knows, by program-wide name */
	private readonly written = new Map<FileId, ReadonlyMap<number, Written>>();

	private readonly program: Program;

	constructor(
		{ program }: World,
		private readonly graph: CallGraph,
	) {
		this.program = program;
	}

	/** Does control come to an op only where such a variable has not been set yet, which the function sees to itself, or one that it calls? */
	isOnce(fn: FnId, op: number): boolean {
		return this.once.get(fn, op) ?? this.once.add(fn, op, this.findOnce(fn, op));
	}

	private findOnce(fn: FnId, op: number): boolean {
		return decisionsOf(this.program, fn, op).some(({ condition, isSo }) => this.isUnset(fn, condition, isSo));
	}

	/** Says a condition, as it comes out, that a latch is not set? */
	private isUnset(fn: FnId, condition: number, isSo: boolean): boolean {
		const file = this.program.fnFile(fn);
		const { exprs } = this.program.unit(file);
		if (condition < 0) return false;
		const at = condition * EXPR_SIZE;
		const [a, b, c] = [exprs[at + 1]!, exprs[at + 2]!, exprs[at + 3]!];
		switch (exprs[at] as ExprKind) {
			case ExprKind.Name:
				return !isSo && this.isLatch(fn, this.program.globalName(file, a));
			case ExprKind.Unary:
				return a === UnaryOp.Not && this.isUnset(fn, b, !isSo);
			case ExprKind.Binary:
				if (a === BinaryOp.LogAnd || a === BinaryOp.LogOr)
					return isSo === (a === BinaryOp.LogAnd) && (this.isUnset(fn, b, isSo) || this.isUnset(fn, c, isSo));
				if (a !== BinaryOp.Eq && a !== BinaryOp.Ne) return false;
				return constantOf(this.program, file, c) === 0 && this.isUnset(fn, b, isSo === (a === BinaryOp.Ne));
			default:
				return false;
		}
	}

	private isLatch(fn: FnId, name: number): boolean {
		const file = this.program.fnFile(fn);
		let written = this.written.get(file);
		if (written === undefined) {
			written = this.writtenIn(file);
			this.written.set(file, written);
		}
		const its = written.get(name);
		if (its === undefined || its.isOther || !this.isStatic(file, name)) return false;
		return its.by.has(fn) || this.graph.hasSite(fn, (callee) => its.by.has(callee));
	}

	private isStatic(file: FileId, name: number): boolean {
		const symbol = this.program.bestGlobal(file, name);
		return symbol !== NONE && this.program.globals.file(symbol) === file && this.program.isStaticGlobal(symbol);
	}

	/** By name of a variable that is no function's own. */
	private writtenIn(file: FileId): Map<number, Written> {
		const { program } = this;
		const { ops, exprs } = program.unit(file);
		const found = new Map<number, Written>();
		const writtenTo = (expr: number): Written | undefined => {
			if (expr < 0 || exprs[expr * EXPR_SIZE] !== ExprKind.Name) return undefined;
			const name = program.globalName(file, exprs[expr * EXPR_SIZE + 1]!);
			const written = found.get(name) ?? { by: new Set(), isOther: false };
			found.set(name, written);
			return written;
		};
		for (const fn of program.fnsOf(file)) {
			const first = program.fnField(fn, FnField.OpStart);
			for (let op = first; op < first + program.fnField(fn, FnField.OpCount); op++) {
				const at = op * OP_SIZE;
				if ((ops[at]! & 255) !== Op.Assign) continue;
				const written = writtenTo(ops[at + OpField.A]!);
				if (written === undefined) continue;
				const isCounted = ((ops[at]! >>> 8) & OpFlag.Update) !== 0;
				if (isCounted || constantOf(program, file, ops[at + OpField.B]!) === 0) written.isOther = true;
				else written.by.add(fn);
			}
		}
		for (let at = 0; at < exprs.length; at += EXPR_SIZE) {
			const pointed = exprs[at] === ExprKind.AddrOf ? writtenTo(exprs[at + 1]!) : undefined;
			if (pointed !== undefined) pointed.isOther = true;
		}
		return found;
	}
}
