// References that a function of a chain takes by a helper and gives back by another: such a one is not the last, unless
// everybody else has given theirs back meanwhile. (`references.ts` knows those that a function takes itself.)

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { argumentOf } from "./callGraph.js";
import type { Link } from "./link.js";
import { decisionsOf, eachNext, reachedFrom } from "./ways.js";
import { referenceOf, staticCallee, type World } from "./world.js";

/** Calls from the function that takes a reference down to the counter. */
const MAX_DEPTH = 3;

export class OwnReferences {
	/** by function: does what it returns come with a reference? */
	private readonly givers = new Map<FnId, boolean>();

	constructor(private readonly world: World) {}

	/** Does a chain go on where the last reference has gone, and is that one which a function of the chain has taken? */
	areGivenBack(links: readonly Link[]): boolean {
		return links.some((link, at) => {
			const counter = this.counterAt(link);
			return counter !== NONE && this.isTakenAbove(links, at, this.variableOf(link.fn, counter));
		});
	}

	/** The counter that the call of a link takes down, or has to be zero for it; NONE where there is none. */
	private counterAt({ fn, op }: Link): number {
		const own = referenceOf(this.world, fn, op);
		if (own !== null) return own.row.does === "put" && own.row.use === undefined ? own.of : NONE;
		const { program } = this.world;
		const { exprs } = program.unit(program.fnFile(fn));
		for (const { condition, isSo } of decisionsOf(program, fn, op)) {
			if (!isSo || condition < 0 || exprs[condition * EXPR_SIZE] !== ExprKind.CallResult) continue;
			const asked = referenceOf(this.world, fn, exprs[condition * EXPR_SIZE + 1]!);
			if (asked?.row.does === "put" && asked.row.use === undefined) return asked.of;
		}
		return NONE;
	}

	/** Has the function at a place of the chain, or one above that hands it down, taken a reference of a variable's object? */
	private isTakenAbove(links: readonly Link[], at: number, variable: number): boolean {
		const { program } = this.world;
		let local = variable;
		for (let i = at; local !== NONE; i--) {
			const { fn, op } = links[i]!;
			if (i < at && (this.isTakenBefore(fn, op, local) || this.isGivenBackLater(fn, op, local))) return true;
			if (i === 0 || local >= program.fnField(fn, FnField.ParamCount)) return false;
			const caller = links[i - 1]!;
			if (staticCallee(this.world, caller.fn, caller.op) !== fn) return false;
			local = this.variableOf(caller.fn, argumentOf(program, caller.fn, caller.op, local));
		}
		return false;
	}

	/** Was a reference taken after what the variable was last set to, and not given back since? */
	private isTakenBefore(fn: FnId, op: number, local: number): boolean {
		const { program } = this.world;
		const putter = staticCallee(this.world, fn, op);
		for (let at = op - 1; at >= 0; at--) {
			const code = this.codeAt(fn, at);
			if (code === Op.Assign && this.isLocal(fn, this.field(fn, at, OpField.A), local))
				return this.isGiven(fn, this.field(fn, at, OpField.B), MAX_DEPTH);
			if (code !== Op.Call) continue;
			if (this.takes(fn, at, local, MAX_DEPTH)) return true;
			const isPut =
				staticCallee(this.world, fn, at) === putter && this.variableOf(fn, argumentOf(program, fn, at, 0)) === local;
			if (isPut && reachedFrom(program, fn, at + 1)[op] === 1) return false;
		}
		return false;
	}

	/** Does the function give back one more reference of the same object after `op`, whatever way it goes? Then it has two. */
	private isGivenBackLater(fn: FnId, op: number, local: number): boolean {
		const { program } = this.world;
		const putter = staticCallee(this.world, fn, op);
		const isPut = (at: number) =>
			this.codeAt(fn, at) === Op.Call &&
			staticCallee(this.world, fn, at) === putter &&
			this.variableOf(fn, argumentOf(program, fn, at, 0)) === local;
		const count = program.fnField(fn, FnField.OpCount);
		const unit = program.unit(program.fnFile(fn));
		const first = program.fnField(fn, FnField.OpStart);
		const isReached = new Uint8Array(count + 1);
		isReached[op] = 1;
		// a way that goes back comes by here again
		const mark = (from: number, to: number) => {
			if (to > from) isReached[Math.min(to, count)] = 1;
		};
		let isPutOnce = false;
		for (let at = op; at < count; at++) {
			if (isReached[at] === 0) continue;
			if (at > op && isPut(at)) {
				isPutOnce = true;
				continue;
			}
			const code = this.codeAt(fn, at);
			if (code === Op.Return) return false;
			if (code === Op.Assign && this.isLocal(fn, this.field(fn, at, OpField.A), local)) return false;
			eachNext(unit, first, at, mark);
		}
		return isPutOnce && isReached[count] === 0;
	}

	/** Is a value what a call gives with a reference? */
	private isGiven(fn: FnId, expr: number, depth: number): boolean {
		const { program } = this.world;
		const { exprs } = program.unit(program.fnFile(fn));
		let value = expr;
		while (value >= 0 && exprs[value * EXPR_SIZE] === ExprKind.Cast) value = exprs[value * EXPR_SIZE + 2]!;
		if (value < 0 || exprs[value * EXPR_SIZE] !== ExprKind.CallResult) return false;
		const callee = staticCallee(this.world, fn, exprs[value * EXPR_SIZE + 1]!);
		return callee >= 0 && this.gives(callee, depth - 1);
	}

	private gives(fn: FnId, depth: number): boolean {
		if (depth < 0) return false;
		const known = this.givers.get(fn);
		if (known !== undefined) return known;
		const found = this.returnsReference(fn, depth);
		if (found || depth === MAX_DEPTH - 1) this.givers.set(fn, found);
		return found;
	}

	/** Does a function return a variable of whose object it takes a reference, or what another one gives with one? */
	private returnsReference(fn: FnId, depth: number): boolean {
		const count = this.world.program.fnField(fn, FnField.OpCount);
		const returned = new Set<number>();
		for (let op = 0; op < count; op++) {
			if (this.codeAt(fn, op) !== Op.Return) continue;
			const value = this.field(fn, op, OpField.A);
			if (this.isGiven(fn, value, depth)) return true;
			const local = this.variableOf(fn, value);
			if (local !== NONE) returned.add(local);
		}
		for (let op = 0; op < count && returned.size > 0; op++) {
			const code = this.codeAt(fn, op);
			if (code === Op.Call && [...returned].some((local) => this.takes(fn, op, local, depth))) return true;
			if (code !== Op.Assign || !this.isGiven(fn, this.field(fn, op, OpField.B), depth)) continue;
			if ([...returned].some((local) => this.isLocal(fn, this.field(fn, op, OpField.A), local))) return true;
		}
		return false;
	}

	/** Does a call take a reference of a variable's object? */
	private takes(fn: FnId, op: number, local: number, depth: number): boolean {
		const own = referenceOf(this.world, fn, op);
		if (own !== null)
			return own.row.does === "get" && own.row.use === undefined && this.variableOf(fn, own.of) === local;
		const callee = depth > 0 ? staticCallee(this.world, fn, op) : NONE;
		if (callee < 0) return false;
		const { program } = this.world;
		for (let param = 0; param < program.fnField(callee, FnField.ParamCount); param++) {
			if (this.variableOf(fn, argumentOf(program, fn, op, param)) !== local) continue;
			for (let at = 0; at < program.fnField(callee, FnField.OpCount); at++)
				if (this.codeAt(callee, at) === Op.Call && this.takes(callee, at, param, depth - 1)) return true;
		}
		return false;
	}

	/** The variable that an expression is, or in whose object it is the address of a place; NONE for others. */
	private variableOf(fn: FnId, expr: number): number {
		const { exprs } = this.world.program.unit(this.world.program.fnFile(fn));
		let at = expr;
		while (at >= 0 && exprs[at * EXPR_SIZE] === ExprKind.Cast) at = exprs[at * EXPR_SIZE + 2]!;
		let isPlace = at >= 0 && exprs[at * EXPR_SIZE] === ExprKind.AddrOf;
		if (isPlace) at = exprs[at * EXPR_SIZE + 1]!;
		while (at >= 0 && isPlace && exprs[at * EXPR_SIZE] === ExprKind.Field) {
			// what a field points to is another object
			isPlace = exprs[at * EXPR_SIZE + 3] !== 1;
			at = exprs[at * EXPR_SIZE + 1]!;
		}
		return at >= 0 && exprs[at * EXPR_SIZE] === ExprKind.Local ? exprs[at * EXPR_SIZE + 1]! : NONE;
	}

	private isLocal(fn: FnId, expr: number, local: number): boolean {
		const { exprs } = this.world.program.unit(this.world.program.fnFile(fn));
		return expr >= 0 && exprs[expr * EXPR_SIZE] === ExprKind.Local && exprs[expr * EXPR_SIZE + 1] === local;
	}

	private codeAt(fn: FnId, op: number): Op {
		return this.field(fn, op, OpField.Code) & 255;
	}

	private field(fn: FnId, op: number, which: OpField): number {
		const { program } = this.world;
		return program.unit(program.fnFile(fn)).ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + which]!;
	}
}
