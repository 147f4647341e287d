// How a program is solved as its files come, change and go: at once where an edit has moved places only, at once for the edited
// files and then in steps for the rest where it has not, from the beginning where that takes no longer.

import { finish, type Steps } from "../base/steps.js";
import { isSameUnit } from "../ir/flat.js";
import { type Program, sizeClass } from "../ir/program.js";
import type { Unit } from "../ir/unit.js";
import { changedNames, declaredNames, namesSeenThrough } from "./changes.js";
import { SolvedSnapshot } from "./snapshot.js";
import { type Solution, Solver } from "./solver.js";
import type { AnalysisOptions, EditCounts, Snapshot } from "./types.js";

/** Up to this many edited files are redone by themselves. */
const MAX_LOCAL_FILES = 4;
/** A program with fewer functions is solved anew each time: that takes no longer. */
const MIN_FUNCTIONS = 4000;

export class Course {
	readonly counts: Record<keyof EditCounts, number> = { moved: 0, bodies: 0, spread: 0, whole: 0 };
	/** files since the last snapshot, as it knows them */
	private readonly changed = new Map<string, Unit | undefined>();
	/** files since the last complete solution, as it knows them */
	private readonly edited = new Map<string, Unit | undefined>();
	/** names that meant something else at some time since then */
	private readonly renamed = new Set<string>();
	private solver: Solver | null = null;
	private last: Snapshot | null = null;
	private version = 0;
	/** what solves all, while it takes its steps */
	private running: Steps<Solution | null> | null = null;

	constructor(
		private readonly program: Program,
		private readonly options: AnalysisOptions,
	) {}

	/** Is it the unit of the file already? */
	knows(path: string, unit: Unit): boolean {
		const known = unitAt(this.program, path);
		return known !== undefined && isSameUnit(known, unit);
	}

	/** A file is about to change. */
	note(path: string): void {
		this.giveUp();
		this.version++;
		if (this.changed.has(path)) return;
		const before = this.solver === null ? undefined : unitAt(this.program, path);
		this.changed.set(path, before);
		if (this.solver !== null && !this.edited.has(path)) this.edited.set(path, before);
	}

	/** Does the last snapshot say all? */
	get isComplete(): boolean {
		return this.last !== null && this.changed.size + this.edited.size === 0 && this.solver?.isPending !== true;
	}

	/** All that can be said at once. */
	snapshot(): Snapshot {
		const { program, solver, changed, edited } = this;
		if (this.last !== null && changed.size === 0) return this.last;
		if (solver === null || changed.size > MAX_LOCAL_FILES || program.fnLimit <= MIN_FUNCTIONS)
			return finish(this.refresh());
		program.finishLink();
		// what has been done for many files is not taken back for one more
		const kept = edited.size <= MAX_LOCAL_FILES ? solver.keepAll(edited) : null;
		if (kept !== null) {
			this.counts.moved++;
			return this.complete(kept);
		}
		this.last = new SolvedSnapshot(solver.solveFiles(solver.isTakenBack ? edited : changed));
		changed.clear();
		return this.last;
	}

	/** Finds what the next edit would have to wait for. An edit ends it. */
	*prepare(): Steps<void> {
		const { version, solver } = this;
		if (solver === null) return;
		for (const steps = solver.prepare(); steps.next().done !== true; ) {
			yield;
			if (this.version !== version) return;
		}
	}

	/** All that there is to say. An edit ends it. */
	*refresh(): Steps<Snapshot> {
		if (this.last !== null && this.isComplete) return this.last;
		this.giveUp();
		const mine = ++this.version;
		this.program.finishLink();
		const known = this.solver?.isModelSame() === true ? this.solver : null;
		if (known !== null) this.noteNames();
		const used = known ?? new Solver(this.program, this.options);
		const steps = known === null ? this.solveAll(used) : this.redo(known);
		this.running = steps;
		for (;;) {
			const step = steps.next();
			if (step.done === true && step.value !== null) {
				this.running = null;
				this.solver = used;
				return this.complete(step.value);
			}
			yield;
			if (this.version !== mine && this.last !== null) return this.last;
		}
	}

	private noteNames(): void {
		for (const [path, before] of this.edited) {
			const after = unitAt(this.program, path);
			for (const name of changedNames(before, after)) this.renamed.add(name);
			for (const name of namesSeenThrough(this.program, path, before, after)) this.renamed.add(name);
			if (before === undefined || after === undefined) continue;
			// of definitions that are equally near, the file's place decides which one is meant
			if (sizeClass(before.byteLength) === sizeClass(after.byteLength)) continue;
			for (const unit of [before, after]) for (const name of declaredNames(unit)) this.renamed.add(name);
		}
	}

	private *solveAll(solver: Solver): Steps<Solution> {
		yield* this.program.linkLateConsts();
		this.counts.whole++;
		return yield* solver.solveAll();
	}

	private *redo(solver: Solver): Steps<Solution> {
		yield* this.program.linkLateConsts();
		if (this.edited.size === 0 && solver.isPending) return yield* solver.redoPending();
		const kept = yield* solver.keepContexts(this.edited);
		if (kept !== null) {
			this.counts.bodies++;
			return kept;
		}
		const solution = yield* solver.redo(this.edited, this.renamed);
		this.counts[solver.isSpread ? "spread" : "whole"]++;
		return solution;
	}

	/** Gives up what is running, before what it works on changes. The first solution goes on whatever comes. */
	private giveUp(): void {
		if (this.last === null) return;
		this.running?.return(null);
		this.running = null;
	}

	private complete(solution: Solution): Snapshot {
		this.changed.clear();
		this.edited.clear();
		this.renamed.clear();
		this.last = new SolvedSnapshot(solution);
		return this.last;
	}
}

function unitAt(program: Program, path: string): Unit | undefined {
	const file = program.fileOf(path);
	return file < 0 ? undefined : program.unit(file);
}
