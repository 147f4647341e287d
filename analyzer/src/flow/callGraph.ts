// hot: the call sites of every function, and who they call where the name alone says so; who calls a function. Kept
// per file (survey.ts), so that an edited file is redone by itself.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FN_SIZE, FnField } from "../ir/unit.js";
import { type FileSurvey, Surveyor, SurveyPart } from "./survey.js";
import { Callee, type World } from "./world.js";

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

export class CallGraph {
	private readonly surveys: (FileSurvey | undefined)[] = [];
	private callers: Callers | null = null;
	/** files that have changed since `callers` was collected */
	private readonly fresh = new Set<FileId>();
	private readonly surveyor: Surveyor;

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

	forget(file: FileId): void {
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

	/** Is any call of a function to a callee for which `test` holds? */
	hasSite(fn: FnId, test: (callee: number) => boolean): boolean {
		const { program } = this.world;
		const survey = this.survey(program.fnFile(fn));
		const at = SurveyPart.Starts + program.fnLocal(fn);
		const nSites = survey[SurveyPart.Sites]!;
		const end = survey[at + 1]!;
		for (let i = survey[at]!; i < end; i++) if (test(survey[i + nSites]!)) return true;
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
		const survey = this.survey(file);
		const nSites = survey[SurveyPart.Sites]!;
		for (let local = 0; local < unit.fns.length / FN_SIZE; local++) {
			const base = unit.fns[local * FN_SIZE + FnField.OpStart]!;
			const end = survey[SurveyPart.Starts + local + 1]!;
			for (let i = survey[SurveyPart.Starts + local]!; i < end; i++) {
				const callee = survey[i + nSites]!;
				if (callee === Callee.Indirect || callee === Callee.Unknown) continue;
				const called = unit.ops[(base + survey[i]!) * OP_SIZE + OpField.A]!;
				visit(program.fnId(file, local), survey[i]!, program.modelName(file, unit.exprs[called * EXPR_SIZE + 1]!));
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
}
