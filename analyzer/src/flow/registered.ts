// Under which conditions a callback is registered: one that is registered only where a setting of the driver is on is
// not entered where it is off. Settings are variables of the file, and fields, that one function of the file sets.

import { constantOf } from "../ir/consts.js";
import { BinaryOp, EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField, UnaryOp } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { CallGraph } from "./callGraph.js";
import type { Link } from "./link.js";
import type { Pointers } from "./pointers.js";
import type { Registration } from "./registrations.js";
import type { Origin } from "./roots.js";
import { decisionsOf } from "./ways.js";
import type { World } from "./world.js";

/** What must hold of a setting where some op is reached. */
interface Holding {
	/** name of the variable, ~name of the field */
	readonly setting: number;
	/** what it is compared with; null: whether it is zero */
	readonly value: number | null;
	readonly isSo: boolean;
}

/** Registrations and callers of one that are looked at. */
const MAX_PLACES = 8;

export class Registered {
	/** by function and op of the callback: which registration fits, null when none does */
	private readonly known = new Map<string, Registration | null>();
	/** by file and setting: the last op that sets it, null when no function does, or several do */
	private readonly setters = new Map<string, Link | null>();

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
		private readonly pointers: Pointers,
	) {}

	/** The registration by which an origin's function comes to the call at `op`; null when the settings of each exclude that. */
	fitting(origin: Origin, op: number): Registration | null {
		const { registration } = origin;
		if (registration === null || registration.fn === NONE) return registration;
		const key = `${origin.fn}/${op}/${origin.run.id}`;
		const known = this.known.get(key);
		if (known !== undefined) return known;
		const found = this.find(origin, registration, op);
		this.known.set(key, found);
		return found;
	}

	private find(origin: Origin, first: Registration, op: number): Registration | null {
		const wanted = this.holdingsAt(origin.fn, op);
		if (wanted.length === 0) return first;
		const others = this.pointers.registrations.of(origin.fn).filter((other) => other.row.runs === first.row.runs);
		if (others.length > MAX_PLACES) return first;
		const fits = (one: Registration) => one.fn === NONE || !this.isExcluded(one, wanted);
		return fits(first) ? first : (others.find(fits) ?? null);
	}

	/** Do the conditions of the registration, or those of all calls of the function that makes it, exclude what is wanted? */
	private isExcluded({ fn, offset, callback }: Registration, wanted: readonly Holding[]): boolean {
		const { program } = this.world;
		// the fields of another file may be those of other objects
		if (program.fnFile(fn) !== program.fnFile(callback)) return false;
		const excludes = (at: FnId, op: number) =>
			this.holdingsAt(at, op).some((one) => wanted.some((other) => isContrary(one, other)));
		if (excludes(fn, callAt(program, fn, offset))) return true;
		const calls = this.graph.callersOf(fn);
		return calls.length > 0 && calls.length <= MAX_PLACES && calls.every(({ caller, op }) => excludes(caller, op));
	}

	private holdingsAt(fn: FnId, op: number): Holding[] {
		const found: Holding[] = [];
		if (op === NONE) return found;
		for (const { condition, isSo } of decisionsOf(this.world.program, fn, op))
			this.addHolding(fn, condition, isSo, found);
		return found.filter(({ setting }) => this.isSetting(fn, op, setting));
	}

	/** What a condition says of settings when it holds, or does not. */
	private addHolding(fn: FnId, condition: number, isSo: boolean, found: Holding[]): void {
		const { program } = this.world;
		const file = program.fnFile(fn);
		const { exprs } = program.unit(file);
		const at = condition * EXPR_SIZE;
		switch (exprs[at]!) {
			case ExprKind.Unary:
				if (exprs[at + 1] === UnaryOp.Not) this.addHolding(fn, exprs[at + 2]!, !isSo, found);
				break;
			case ExprKind.Name:
			case ExprKind.Field:
				found.push({ setting: settingOf(program, file, condition), value: null, isSo });
				break;
			case ExprKind.Binary: {
				const operator = exprs[at + 1]!;
				if (operator !== BinaryOp.Eq && operator !== BinaryOp.Ne) break;
				const setting = settingOf(program, file, exprs[at + 2]!);
				const value = setting === NONE ? undefined : constantOf(program, file, exprs[at + 3]!);
				if (value !== undefined) found.push({ setting, value, isSo: isSo === (operator === BinaryOp.Eq) });
				break;
			}
			default:
				break;
		}
	}

	/** Is it a variable or field that only one function of the file sets, and not this one after `op`? */
	private isSetting(fn: FnId, op: number, setting: number): boolean {
		const file = this.world.program.fnFile(fn);
		const key = `${file}/${setting}`;
		let setter = this.setters.get(key);
		if (setter === undefined) {
			setter = this.findSetter(file, setting);
			this.setters.set(key, setter);
		}
		return setter !== null && (setter.fn !== fn || setter.op < op);
	}

	private findSetter(file: FileId, setting: number): Link | null {
		const { program } = this.world;
		const { ops } = program.unit(file);
		let found: Link | null = null;
		for (const fn of program.fnsOf(file)) {
			const first = program.fnField(fn, FnField.OpStart);
			for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
				const at = (first + op) * OP_SIZE;
				if ((ops[at]! & 255) !== Op.Assign || settingOf(program, file, ops[at + OpField.A]!) !== setting) continue;
				if (found !== null && found.fn !== fn) return null;
				found = { fn, op };
			}
		}
		return found;
	}
}

/** The variable of the program that an expression is, or ~ the field; NONE for others. */
function settingOf(program: Program, file: FileId, expr: number): number {
	if (expr < 0) return NONE;
	const { exprs } = program.unit(file);
	const at = expr * EXPR_SIZE;
	if (exprs[at] === ExprKind.Field) return ~program.globalName(file, exprs[at + 2]!) - 1;
	if (exprs[at] !== ExprKind.Name) return NONE;
	const name = program.globalName(file, exprs[at + 1]!);
	return program.bestGlobal(file, name) === NONE ? NONE : name;
}

/** The innermost call of a function around a place, or NONE. */
function callAt(program: Program, fn: FnId, offset: number): number {
	const { ops } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	let found = NONE;
	let width = Number.POSITIVE_INFINITY;
	for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
		const at = (first + op) * OP_SIZE;
		const [start, end] = [ops[at + OpField.Start]!, ops[at + OpField.End]!];
		if ((ops[at]! & 255) !== Op.Call || offset < start || offset >= end || end - start >= width) continue;
		found = op;
		width = end - start;
	}
	return found;
}

/** Can two statements on one setting not both be true? */
function isContrary(a: Holding, b: Holding): boolean {
	if (a.setting !== b.setting) return false;
	if (a.value === b.value) return a.isSo !== b.isSo;
	if (a.value !== null && b.value !== null) return a.isSo && b.isSo;
	const [zero, other] = a.value === null ? [a, b] : [b, a];
	return other.isSo && zero.isSo === (other.value === 0);
}
