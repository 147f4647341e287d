// Solves a program: summaries, pointers, contexts, violations, findings. Once over everything; after an edit at once
// over the edited files, with what is known of the rest, and then in steps over all that the edit changes.

import type { Finding, ReplayPlan } from "../api.js";
import { finish, type Steps } from "../base/steps.js";
import { type Crew, type Due, summariseAll, summariseDue, summariseSome } from "../flow/bottomUp.js";
import { CallGraph } from "../flow/callGraph.js";
import { Pointers } from "../flow/pointers.js";
import { ReclaimPaths } from "../flow/reclaimPaths.js";
import type { Solved } from "../flow/solved.js";
import { Contexts } from "../flow/topDown.js";
import { Touches } from "../flow/touches.js";
import { findViolations, findViolationsThrough, type Violation } from "../flow/violations.js";
import { createWorld, type World } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { compileModel } from "../model/compile.js";
import type { Model } from "../model/schema.js";
import { allRules } from "../rules/all.js";
import { compareFindings, runRules } from "../rules/rule.js";
import { filesUsing } from "./changes.js";
import { applySuppressions } from "./suppress.js";
import type { AnalysisOptions, AnalysisStats } from "./types.js";
import { ViolationIndex } from "./violationIndex.js";

export interface Solution {
	readonly solved: Solved;
	readonly findings: readonly Finding[];
	/** by id of the finding */
	readonly plans: ReadonlyMap<string, ReplayPlan>;
	readonly phases: AnalysisStats["phases"];
}

export class Solver {
	private readonly model: Model;
	private readonly world: World;
	private readonly graph: CallGraph;
	private pointers: Pointers;
	private contexts: Contexts;
	private reclaim: ReclaimPaths;
	private readonly phases: { name: string; ms: number }[] = [];
	private violations: readonly Violation[] = [];
	/** of the violations; null: not needed since they were found */
	private index: ViolationIndex | null = null;
	private findings: readonly Finding[] = [];
	private plans: ReadonlyMap<string, ReplayPlan> = new Map();
	/** what the next complete solution has to redo */
	private readonly due: Due = { fns: new Set(), changed: new Set() };

	constructor(
		readonly program: Program,
		private readonly options: AnalysisOptions,
	) {
		this.model = compileModel(options.rows, options.version);
		this.world = this.newWorld();
		this.graph = new CallGraph(this.world);
		this.pointers = new Pointers(this.world, this.graph);
		this.contexts = new Contexts(this.world, this.graph, this.pointers);
		this.reclaim = new ReclaimPaths(this.world, this.graph, this.contexts);
	}

	*solveAll(): Steps<Solution> {
		yield* this.phase("summaries", (progress) => summariseAll(this.world, this.graph, this.startCrew(), progress));
		return yield* this.solveContexts();
	}

	private startCrew(): Crew | null {
		const { startCrew, rows, version, profile } = this.options;
		return startCrew?.({ program: this.program.share(), rows, version, profile }) ?? null;
	}

	/**
	 * The same solution as `solveAll` of a new solver, after edits: redoes the functions of the edited files and of
	 * those that use a name which means something else now, then callers while summaries change. What is known of
	 * contexts stays as it is until all is done; when it is given up, what is left is redone the next time.
	 */
	*redo(paths: Iterable<string>, changed: ReadonlySet<string>): Steps<Solution> {
		const { program, graph, due } = this;
		const edited = [...paths].map((path) => program.fileOf(path)).filter((file) => file !== NONE);
		for (const file of new Set([...edited, ...(yield* filesUsing(program, changed))])) {
			graph.forget(file);
			for (const fn of program.fnsOf(file)) due.fns.add(fn);
			yield;
		}
		yield* this.phase("summaries", () => summariseDue(this.world, graph, due));
		return yield* this.solveContexts();
	}

	/** Does the model mean the same as before: the flags have their bits, the described functions their files? */
	isModelSame(): boolean {
		return modelText(this.newWorld()) === modelText(this.world);
	}

	/** Redoes some files at once: their functions keep the contexts that other files bring. */
	solveFiles(paths: readonly string[]): Solution {
		const { program, contexts, reclaim, due } = this;
		const files = paths.map((path) => program.fileOf(path)).filter((file) => file !== NONE);
		const fns = files.flatMap((file) => [...program.fnsOf(file)]);
		for (const file of files) this.graph.forget(file);
		for (const fn of summariseSome(this.world, fns)) due.changed.add(fn);
		for (const fn of fns) due.fns.add(fn);
		const dead = program.takeDead();
		if (dead.length > 0) {
			const isLive = (fn: FnId) => program.isLive(fn);
			contexts.records.dropDead(isLive);
			reclaim.records.dropDead(isLive);
		}
		const isOwn = (caller: FnId) => files.includes(program.fnFile(caller));
		for (const fn of fns) {
			contexts.records.renew(fn, isOwn);
			reclaim.records.renew(fn, isOwn);
		}
		contexts.spreadFrom(fns);
		finish(reclaim.spreadFrom(fns));
		const here = new Set(fns);
		const { own, atSameCalls } = this.violationsThrough(here, dead);
		// who is to blame depends on all that reach a call
		const partial = this.solved(fns, [...own, ...atSameCalls], reclaim.reachedThrough(here));
		const fresh = finish(runRules(allRules, partial));
		const edited = new Set(paths);
		const others = this.findings.filter((finding) => !edited.has(finding.file));
		const all = applySuppressions(program, [
			...others,
			...fresh.findings.filter((finding) => edited.has(finding.file)),
		]);
		this.findings = all.sort(compareFindings);
		const isGone = new Set(fresh.findings.map(({ id }) => id));
		this.plans = new Map([...[...this.plans].filter(([id]) => !isGone.has(id)), ...fresh.plans]);
		return {
			solved: this.solved(fns, this.violations),
			findings: this.findings,
			plans: this.plans,
			phases: this.phases,
		};
	}

	/** Redoes the violations that come through edited functions, or that came through such as are gone; with all others at their calls. */
	private violationsThrough(edited: ReadonlySet<FnId>, dead: readonly FnId[]) {
		this.index ??= new ViolationIndex(this.violations);
		const { world, graph, pointers, contexts, index } = this;
		const isGuilty = (fn: FnId) => index.isGuilty(fn);
		const found = finish(findViolationsThrough(world, graph, pointers, contexts, edited, isGuilty));
		// heads that do not come through an edit are known from before
		const own = found.map((violation) => {
			const known = index.at(violation).filter(({ doubt }) => violation.doubt > 0 || doubt === 0);
			return { ...violation, nHeads: Math.max(violation.nHeads, ...known.map(({ nHeads }) => nHeads)) };
		});
		const gone = index.through([...edited, ...dead]);
		for (const violation of gone) index.remove(violation);
		const atSameCalls = new Set(own.flatMap((violation) => index.at(violation)));
		for (const violation of own) index.add(violation);
		this.violations = [...this.violations.filter((violation) => !gone.has(violation)), ...own];
		return { own, atSameCalls };
	}

	/** What follows the summaries, all of it anew. */
	private *solveContexts(): Steps<Solution> {
		const { world, graph, program } = this;
		const pointers = new Pointers(world, graph);
		const contexts = new Contexts(world, graph, pointers);
		yield* this.phase("pointers", () => pointers.collect());
		// all have been looked at; contexts spread without them
		program.closeUnits();
		const reclaim = new ReclaimPaths(world, graph, contexts);
		yield* this.phase("contexts", (progress) => contexts.solve((done) => progress(done, done)));
		yield* this.phase("reclaim paths", () => reclaim.solve());
		const fns = program.inOrder;
		const violations = yield* this.phase("violations", () => findViolations(world, graph, pointers, contexts, fns));
		const touches = new Touches(world, graph);
		const solved: Solved = { world, graph, pointers, contexts, reclaim, touches, violations, fns, below: [] };
		const { findings, plans } = yield* this.phase("rules", () => runRules(allRules, solved));
		this.pointers = pointers;
		this.contexts = contexts;
		this.reclaim = reclaim;
		this.violations = violations;
		this.index = null;
		this.findings = applySuppressions(program, findings);
		this.plans = plans;
		program.closeUnits();
		return { solved, findings: this.findings, plans, phases: this.phases };
	}

	private newWorld(): World {
		const { profile, checkpoint } = this.options;
		return createWorld({ program: this.program, model: this.model, profile, checkpoint: checkpoint ?? (() => {}) });
	}

	private solved(fns: Iterable<FnId>, violations: readonly Violation[], below: readonly FnId[] = []): Solved {
		const { world, graph, pointers, contexts, reclaim } = this;
		return { world, graph, pointers, contexts, reclaim, touches: new Touches(world, graph), violations, fns, below };
	}

	private *phase<T>(name: string, run: (progress: (done: number, total: number) => void) => Steps<T>): Steps<T> {
		const now = this.options.now ?? (() => 0);
		const start = now();
		const result = yield* run((done, total) => this.options.progress?.(name, done, total));
		this.phases.push({ name, ms: Math.round(now() - start) });
		return result;
	}
}

function modelText({ flags, gfp, homes }: World): string {
	return JSON.stringify([[...flags], gfp, homes.map((files) => [...files])]);
}
