// hot: what one look at a file's code finds, for all passes that ask for the same of every file: the call sites and whom
// they call where the name alone says so, the functions that variables are set to, and where functions may be handed on.

import { IntVec } from "../base/vec.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FN_SIZE, FnField, INIT_SIZE, InitField, type Unit } from "../ir/unit.js";
import { functionParam, functionsHeld, functionsNamed, MAX_PARAMS } from "./functionValues.js";
import { Callee, calleeNamed, type World } from "./world.js";

/**
 * One array: the places of `SurveyPart`, the first site of each function (one more at the end), the sites' ops
 * (relative to their function), the sites' callees (FnId, packed primitive, Callee.Indirect or Callee.Unknown), then the
 * parts. A site is the place of its op in the array; its callee lies as many places further as there are sites.
 */
export type FileSurvey = Int32Array;

export const enum SurveyPart {
	/** how many there are */
	Sites = 0,
	/** place of pairs: function of the file, function that it sets a local variable to */
	Held = 1,
	/** place of triples: function of the file, op of the unit (an assignment or a call), callee (none: ASSIGNED, COPIED) */
	Handed = 2,
	/** place of initialisers of the unit */
	Inits = 3,
	/** length of the array */
	End = 4,
	/** first of the functions' first sites */
	Starts = 5,
}

/** Instead of the callee of an assignment. */
export const ASSIGNED = -0x40000000;
/** The same for one that gives a field what another field has. */
export const COPIED = ASSIGNED - 1;

/** Of the headers that hold no code: half of all files. */
const NO_SURVEY: FileSurvey = Int32Array.of(0, 6, 6, 6, 6, 6);

/** What makes an assignment, a call or an initialiser worth a look though it hands on no function, by program-wide names. */
export interface Signs {
	/** fields that conditional callback rows look at */
	readonly watched: ReadonlySet<number>;
	/** functions whose call says something of a driver */
	readonly markers: ReadonlySet<number>;
	/** fields that only drivers set */
	readonly driverFields: ReadonlySet<number>;
	/** functions that a row says to register an argument */
	readonly registrars: ReadonlySet<number>;
}

/** The signs of a model. */
export function signsOf({ program, model, primitives }: World): Signs {
	const intern = (name: string) => program.names.internText(name);
	const rows = [...model.fieldCallbacks.values()].flat();
	return {
		watched: new Set(rows.flatMap(({ whenField }) => (whenField ? [intern(whenField.field)] : []))),
		markers: new Set(
			primitives.flatMap(({ sleep }) => (sleep?.unlessFlagged === undefined ? [] : [intern(sleep.unlessFlagged)])),
		),
		driverFields: new Set(["probe", "of_match_table"].map(intern)),
		registrars: new Set([...model.argCallbacks.keys()].map((key) => intern(key.slice(0, key.lastIndexOf("/"))))),
	};
}

/** Name of the field that an initialiser's path ends in, or NONE. */
export function lastStepName(program: Program, file: FileId, unit: Unit, at: number): number {
	const count = unit.inits[at + InitField.PathCount]!;
	if (count === 0) return NONE;
	const step = unit.lists[unit.inits[at + InitField.PathStart]! + count - 1]!;
	return step >= 0 ? program.globalName(file, step) : NONE;
}

/** Has a file anything that a survey looks at? */
export function hasCode(unit: Unit): boolean {
	return unit.fns.length > 0 || unit.inits.length > 0;
}

export class Surveyor {
	private readonly out = new IntVec(1 << 12);
	private readonly callees = new IntVec(1 << 10);
	private readonly held = new IntVec(1 << 8);
	private readonly handed = new IntVec(1 << 8);
	private readonly calls = new IntVec(1 << 8);
	private readonly signs: Signs;

	constructor(private readonly world: World) {
		this.signs = signsOf(world);
	}

	/** A view of memory that the next look uses again; that of a file without code lasts. */
	look(file: FileId): FileSurvey {
		const unit = this.world.program.unit(file);
		if (!hasCode(unit)) return NO_SURVEY;
		const { out, callees, held, handed } = this;
		const nFns = unit.fns.length / FN_SIZE;
		out.clear();
		out.extend(SurveyPart.Starts + nFns + 1, 0);
		for (const vec of [callees, held, handed]) vec.clear();
		for (let local = 0; local < nFns; local++) {
			out.data[SurveyPart.Starts + local] = out.length;
			this.lookAt(file, unit, local);
		}
		out.data[SurveyPart.Starts + nFns] = out.length;
		out.data[SurveyPart.Sites] = callees.length;
		append(out, callees);
		out.data[SurveyPart.Held] = out.length;
		append(out, held);
		out.data[SurveyPart.Handed] = out.length;
		append(out, handed);
		out.data[SurveyPart.Inits] = out.length;
		for (let at = 0; at < unit.inits.length; at += INIT_SIZE) if (this.isInitOfInterest(file, unit, at)) out.push(at);
		out.data[SurveyPart.End] = out.length;
		return out.data.subarray(0, out.length);
	}

	private lookAt(file: FileId, unit: Unit, local: number): void {
		const { out, calls, callees, handed } = this;
		const fn = this.world.program.fnId(file, local);
		const start = unit.fns[local * FN_SIZE + FnField.OpStart]!;
		const end = start + unit.fns[local * FN_SIZE + FnField.OpCount]!;
		calls.clear();
		for (let op = start; op < end; op++) {
			switch (unit.ops[op * OP_SIZE]! & 255) {
				case Op.Call: {
					const callee = this.staticCallee(fn, unit, unit.ops[op * OP_SIZE + OpField.A]!);
					out.push(op - start);
					callees.push(callee);
					if (this.isCallOfInterest(file, fn, unit, op)) pushTriple(calls, local, op, callee);
					break;
				}
				case Op.Assign:
					this.lookAtAssign(file, fn, unit, local, op);
					break;
				default:
					break;
			}
		}
		append(handed, calls);
	}

	private lookAtAssign(file: FileId, fn: FnId, unit: Unit, local: number, op: number): void {
		const target = unit.ops[op * OP_SIZE + OpField.A]!;
		const value = unit.ops[op * OP_SIZE + OpField.B]!;
		if (target < 0) return;
		const kind = unit.exprs[target * EXPR_SIZE]!;
		if (kind === ExprKind.Local) this.noteHeld(fn, unit, local, value);
		if (value < 0) return;
		const { program } = this.world;
		if (
			(kind === ExprKind.Field &&
				(this.signs.watched.has(program.globalName(file, unit.exprs[target * EXPR_SIZE + 2]!)) ||
					functionParam(program, fn, unit, value) !== NONE)) ||
			functionsNamed(program, file, unit, value).length > 0
		)
			pushTriple(this.handed, local, op, ASSIGNED);
		else if (kind === ExprKind.Field && unit.exprs[value * EXPR_SIZE] === ExprKind.Field)
			pushTriple(this.handed, local, op, COPIED);
	}

	/** Notes the functions that a value names. */
	private noteHeld(fn: FnId, unit: Unit, local: number, expr: number): void {
		if (expr < 0) return;
		const at = expr * EXPR_SIZE;
		switch (unit.exprs[at]) {
			case ExprKind.Name: {
				const held = this.world.program.bindIn(fn, unit.exprs[at + 1]!);
				if (held === NONE) break;
				this.held.push(local);
				this.held.push(held);
				break;
			}
			case ExprKind.AddrOf:
				this.noteHeld(fn, unit, local, unit.exprs[at + 1]!);
				break;
			case ExprKind.Cast:
				this.noteHeld(fn, unit, local, unit.exprs[at + 2]!);
				break;
			case ExprKind.Cond:
				this.noteHeld(fn, unit, local, unit.exprs[at + 2]!);
				this.noteHeld(fn, unit, local, unit.exprs[at + 3]!);
				break;
			default:
				break;
		}
	}

	/** Does a call hand on a function, or a parameter that may hold one, or register what a field holds, or is it a marker? */
	private isCallOfInterest(file: FileId, fn: FnId, unit: Unit, op: number): boolean {
		const { program } = this.world;
		const callee = unit.ops[op * OP_SIZE + OpField.A]!;
		let isRegistrar = false;
		if (callee >= 0 && unit.exprs[callee * EXPR_SIZE] === ExprKind.Name) {
			const name = program.modelName(file, unit.exprs[callee * EXPR_SIZE + 1]!);
			if (this.signs.markers.has(name)) return true;
			isRegistrar = this.signs.registrars.has(name);
		}
		const first = unit.ops[op * OP_SIZE + OpField.B]!;
		const count = Math.min(unit.ops[op * OP_SIZE + OpField.C]!, MAX_PARAMS);
		for (let i = 0; i < count; i++) {
			const value = unit.lists[first + i]!;
			if (isRegistrar && value >= 0 && unit.exprs[value * EXPR_SIZE] === ExprKind.Field) return true;
			if (functionsNamed(program, file, unit, value).length > 0) return true;
			if (functionParam(program, fn, unit, value) !== NONE) return true;
			if (functionsHeld(program, fn, unit, value).length > 0) return true;
		}
		return false;
	}

	private isInitOfInterest(file: FileId, unit: Unit, at: number): boolean {
		const { program } = this.world;
		if (functionsNamed(program, file, unit, unit.inits[at + InitField.Value]!).length > 0) return true;
		const name = lastStepName(program, file, unit, at);
		return name >= 0 && (this.signs.watched.has(name) || this.signs.driverFields.has(name));
	}

	private staticCallee(caller: FnId, { exprs }: Unit, expr: number): number {
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

function append(out: IntVec, more: IntVec): void {
	const at = out.length;
	out.extend(at + more.length, 0);
	out.data.set(more.data.subarray(0, more.length), at);
}

function pushTriple(out: IntVec, local: number, op: number, callee: number): void {
	out.push(local);
	out.push(op);
	out.push(callee);
}
