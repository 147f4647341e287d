// hot: the call sites of every function, and who they call where the name alone says so; who calls a function. Kept
// per file (survey.ts), so that an edited file is redone by itself.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { Link } from "./link.js";
import { type FileSurvey, Surveyor, SurveyPart } from "./survey.js";
import { Callee, primitiveNamed, staticCallee, type World } from "./world.js";

/**
 * Calls by callee: those of a definition are [starts[fn], starts[fn + 1]), then those of what rows describe: of primitive
 * i [starts[fnLimit + i], …).
 */
interface Callers {
	readonly fnLimit: number;
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

/** What a call hands over for a parameter of a function; NONE when it is no call of that one. */
export function argumentHanded(world: World, { fn, op }: Link, callee: FnId, param: number): number {
	// A call by a pointer hands its arguments over as one by name does; a function that is given as one gets others.
	const called = staticCallee(world, fn, op);
	return called === callee || called === NONE ? argumentOf(world.program, fn, op, param) : NONE;
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
/** The same where the callers of many functions are asked for. */
const MANY_FRESH = 4;

export class CallGraph {
	private readonly surveys: (FileSurvey | undefined)[] = [];
	private callers: Callers | null = null;
	/** files that have changed since `callers` was collected */
	private readonly fresh = new Set<FileId>();
	private readonly surveyor: Surveyor;
	/** by file that was forgotten since `keep`: what was found in it before */
	private readonly forgotten = new Map<FileId, FileSurvey>();

	constructor(private readonly world: World) {
		this.surveyor = new Surveyor(world);
	}

	/** What a look at a file finds, looked at on first use. */
	survey(file: FileId): FileSurvey {
		const known = this.surveys[file];
		if (known !== undefined) return known;
		const made = this.surveyor.look(file).slice();
		this.surveys[file] = made;
		return made;
	}

	/** Takes over what another thread has found, where nobody has looked yet. */
	adopt(file: FileId, survey: FileSurvey): void {
		this.surveys[file] ??= survey;
	}

	/** From now on what is forgotten can be asked for. */
	keep(): void {
		this.forgotten.clear();
	}

	/** What was found in a file at `keep`, if it has been forgotten since then. */
	before(file: FileId): FileSurvey | undefined {
		return this.forgotten.get(file);
	}

	/** Takes back what was forgotten since `keep`, where a file is as it was; others are looked at anew. */
	takeBack(isAsItWas: (file: FileId) => boolean): void {
		for (const [file, survey] of this.forgotten) {
			this.surveys[file] = isAsItWas(file) ? survey : undefined;
			this.fresh.add(file);
		}
	}

	forget(file: FileId): void {
		const known = this.surveys[file];
		if (known !== undefined && !this.forgotten.has(file)) this.forgotten.set(file, known);
		this.surveys[file] = undefined;
		this.fresh.add(file);
		if (this.fresh.size <= MAX_FRESH) return;
		this.callers = null;
		this.fresh.clear();
	}

	/** Calls `visit(op, callee)` for each call site of a function, in order. */
	eachSite(fn: FnId, visit: (op: number, callee: number) => void): void {
		const { program } = this.world;
		const survey = this.survey(program.fnFile(fn));
		const at = SurveyPart.Starts + program.fnLocal(fn);
		const nSites = survey[SurveyPart.Sites]!;
		const end = survey[at + 1]!;
		for (let i = survey[at]!; i < end; i++) visit(survey[i]!, survey[i + nSites]!);
	}

	/** Does `test` hold for a call of a function? */
	hasSite(fn: FnId, test: (callee: number, op: number) => boolean): boolean {
		const { program } = this.world;
		const survey = this.survey(program.fnFile(fn));
		const at = SurveyPart.Starts + program.fnLocal(fn);
		const nSites = survey[SurveyPart.Sites]!;
		const end = survey[at + 1]!;
		for (let i = survey[at]!; i < end; i++) if (test(survey[i + nSites]!, survey[i]!)) return true;
		return false;
	}

	/** The direct calls of a function, by file and place; those that a model row describes are among them. */
	callersOf(fn: FnId): readonly Call[] {
		const { program } = this.world;
		this.callers ??= this.collectCallers();
		const { starts, fns, ops, fnLimit } = this.callers;
		const primitive = primitiveNamed(this.world, program.fnGlobalName(fn));
		const found: Call[] = [];
		const add = (caller: FnId, op: number) => found.push({ caller, op });
		const addAll = (key: number, test: (caller: FnId, op: number) => boolean) => {
			for (let i = starts[key] ?? 0; i < (starts[key + 1] ?? 0); i++) {
				const caller = fns[i]!;
				if (program.isLive(caller) && !this.fresh.has(program.fnFile(caller)) && test(caller, ops[i]!))
					add(caller, ops[i]!);
			}
		};
		if (fn < fnLimit) addAll(fn, () => true);
		const isMeant = (caller: FnId, op: number) => this.definitionAt(caller, op) === fn;
		if (primitive !== NONE) addAll(fnLimit + primitive, isMeant);
		for (const file of this.fresh) {
			this.eachKnownCall(file, (caller, op, callee) => {
				if (
					callee === fn ||
					(primitive !== NONE && callee === Callee.FirstPrimitive - primitive && isMeant(caller, op))
				)
					add(caller, op);
			});
		}
		return found.sort((x, y) => compareCalls(program, x, y));
	}

	/** Visits the functions that call a definition by its name, some more than once, in no order. */
	eachCaller(fn: FnId, visit: (caller: FnId) => void): void {
		const { program } = this.world;
		if (this.fresh.size > MANY_FRESH) this.callers = null;
		this.callers ??= this.collectCallers();
		const { starts, fns, fnLimit } = this.callers;
		if (fn < fnLimit) for (let i = starts[fn]!; i < starts[fn + 1]!; i++) if (program.isLive(fns[i]!)) visit(fns[i]!);
		for (const file of this.fresh) {
			this.eachKnownCall(file, (caller, _, callee) => {
				if (callee === fn) visit(caller);
			});
		}
	}

	private collectCallers(): Callers {
		const { program, primitives } = this.world;
		const { fnLimit } = program;
		const starts = new Int32Array(fnLimit + primitives.length + 2);
		const keyOf = (callee: number) => (callee >= 0 ? callee : fnLimit + Callee.FirstPrimitive - callee);
		const each = (visit: (caller: FnId, op: number, callee: number) => void) => {
			for (let file = 0; file < program.paths.length; file++) this.eachKnownCall(file, visit);
		};
		this.fresh.clear();
		each((_, __, callee) => {
			starts[keyOf(callee) + 2]!++;
		});
		for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
		const fns = new Int32Array(starts.at(-1)!);
		const ops = new Int32Array(fns.length);
		each((caller, op, callee) => {
			const at = starts[keyOf(callee) + 1]!++;
			fns[at] = caller;
			ops[at] = op;
		});
		return { fnLimit, starts, fns, ops };
	}

	/** Visits the calls of a file to definitions and to what rows describe. */
	private eachKnownCall(file: FileId, visit: (caller: FnId, op: number, callee: number) => void): void {
		const { program } = this.world;
		if (!program.hasUnit(file)) return;
		for (const caller of program.fnsOf(file)) {
			this.eachSite(caller, (op, callee) => {
				if (callee !== Callee.Indirect && callee !== Callee.Unknown) visit(caller, op, callee);
			});
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
}
