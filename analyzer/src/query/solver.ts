// Solves a program: summaries, pointers, contexts, violations, findings. Once over everything; after an edit at once
// over the edited files, with what is known of the rest, and then in steps over all that the edit changes.

import type { Finding, ReplayPlan } from "../api.js";
import { noteGarbage } from "../base/ints.js";
import { finish, type Steps } from "../base/steps.js";
import { type Crew, type Due, summariseAll, summariseDue, summariseWithin } from "../flow/bottomUp.js";
import { CallGraph } from "../flow/callGraph.js";
import { Marks } from "../flow/climb.js";
import { lookersInto, registeredThrough } from "../flow/judgedBy.js";
import { backwards, type Moves } from "../flow/moves.js";
import { comparePointers, type PointerChanges } from "../flow/pointerChanges.js";
import { Pointers } from "../flow/pointers.js";
import { ReclaimPaths } from "../flow/reclaimPaths.js";
import { respread } from "../flow/respread.js";
import type { Solved } from "../flow/solved.js";
import { spreadChanges } from "../flow/spreadChanges.js";
import { Contexts } from "../flow/topDown.js";
import { Touch, Touches } from "../flow/touches.js";
import { findViolations, findViolationsThrough, type Violation } from "../flow/violations.js";
import { createWorld, type World } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import type { Unit } from "../ir/unit.js";
import { compileModel } from "../model/compile.js";
import type { Model } from "../model/schema.js";
import { allRules } from "../rules/all.js";
import { contextContradictsDoc } from "../rules/contextContradictsDoc.js";
import { contextDependentBehaviour } from "../rules/contextDependentBehaviour.js";
import { contextUndocumented } from "../rules/contextUndocumented.js";
import { gfpAtomicUnneeded } from "../rules/gfpAtomicUnneeded.js";
import { gfpInvalidCombination } from "../rules/gfpInvalidCombination.js";
import { gfpParamIgnored } from "../rules/gfpParamIgnored.js";
import { gfpReclaimRecursion } from "../rules/gfpReclaimRecursion.js";
import { gfpSleepsInAtomic } from "../rules/gfpSleepsInAtomic.js";
import { lockImbalance } from "../rules/lockImbalance.js";
import { rcuBlocking } from "../rules/rcuBlocking.js";
import { compareFindings, type Report, runRules } from "../rules/rule.js";
import { sleepInAtomic } from "../rules/sleepInAtomic.js";
import { filesUsing } from "./changes.js";
import { compareEdits, type Edit, type Known, movesOf, type Redone, redoBodies } from "./kept.js";
import { areEnteredAlike, keepPointers } from "./keptPointers.js";
import {
	filesNaming,
	prepareNames,
	type Redone as RedoneFindings,
	redoFindings,
	type Scope,
	without,
} from "./redoneFindings.js";
import { changedBodies, judgeBelow, type Rejudged, redoneFns, rejudge, type Spread } from "./rejudged.js";
import { applySuppressions } from "./suppress.js";
import type { AnalysisOptions, AnalysisStats } from "./types.js";
import { ViolationEdits } from "./violationEdits.js";
import { ViolationIndex } from "./violationIndex.js";

export interface Solution {
	readonly solved: Solved;
	readonly findings: readonly Finding[];
	/** by id of the finding */
	readonly plans: ReadonlyMap<string, ReplayPlan>;
	readonly phases: AnalysisStats["phases"];
}

/** What has been edited since the last complete solution. */
interface Edited {
	/** the units of the edited files then, by path */
	readonly edited: ReadonlyMap<string, Unit | undefined>;
	/** these files, and those that use a name which means something else now */
	readonly files: ReadonlySet<FileId>;
	/** have the pointers stayed as they were? */
	readonly isKept: boolean;
}

/** The violations; the index and what they were judged by are those of `Rejudged`, or there is none. */
type Judgement = Rejudged | { readonly violations: readonly Violation[]; readonly index: null };

/** What of a complete solution edits go on from. */
interface Complete {
	readonly violations: readonly Violation[];
	/** before suppressions */
	readonly report: Report;
	/** in which order functions were summarised */
	readonly order: World["order"];
}

export class Solver {
	private readonly model: Model;
	private readonly world: World;
	private readonly graph: CallGraph;
	private pointers: Pointers;
	private contexts: Contexts;
	private reclaim: ReclaimPaths;
	private readonly phases: { name: string; ms: number }[] = [];
	/** the last complete solution, which what has been done since then can be taken back to */
	private complete: Complete;
	private wasTakenBack = false;
	/** has the last solution gone on from the contexts and violations of the one before? */
	isSpread = false;
	/** files whose findings are to be redone: they name places that have moved */
	private readonly pending = new Set<string>();
	/** the same for all findings on paths of reclaim, which end in any file */
	private isReclaimPending = false;
	private violations: readonly Violation[] = [];
	private readonly marks = new Marks();
	/** what edits have done to them that are not solved completely */
	private readonly edits = new ViolationEdits();
	/** of the violations with these edits; null: not needed since they were found */
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
		this.complete = { violations: [], report: { findings: [], plans: new Map() }, order: this.world.order };
	}

	*solveAll(): Steps<Solution> {
		const { world, graph } = this;
		const pointers = new Pointers(world, graph);
		yield* this.phase("summaries", (progress) =>
			summariseAll(world, graph, this.startCrew(), pointers.collect(), progress),
		);
		noteGarbage();
		return yield* this.solveContexts(pointers, null);
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
	*redo(edited: ReadonlyMap<string, Unit | undefined>, changed: ReadonlySet<string>): Steps<Solution> {
		const { program, graph, due } = this;
		const own = [...edited.keys()].map((path) => program.fileOf(path)).filter((file) => file !== NONE);
		const files = new Set([...own, ...(yield* filesUsing(program, changed))]);
		for (const file of files) {
			graph.forget(file);
			for (const fn of program.fnsOf(file)) due.fns.add(fn);
			yield;
		}
		yield* this.phase("summaries", () => summariseDue(this.world, graph, due));
		const kept = keepPointers(this.known, edited, files);
		const pointers = kept ?? new Pointers(this.world, graph);
		if (kept === null) yield* this.phase("pointers", () => pointers.collect());
		return yield* this.solveContexts(pointers, { edited, files, isKept: kept !== null });
	}

	/** Finds what the first edit after a complete solution would have to wait for; no edit may come in between. */
	*prepare(): Steps<void> {
		this.index ??= yield* ViolationIndex.of(this.violations);
		yield* this.pointers.prepare();
		yield* prepareNames(this.complete.report);
	}

	/** Does the model mean the same as before: the flags have their bits, the described functions their files? */
	isModelSame(): boolean {
		return modelText(this.newWorld()) === modelText(this.world);
	}

	/**
	 * Redoes some files at once: the functions whose bodies have changed, and their callers in these files as far as they see
	 * that; they keep the contexts that others bring. `before`: the units of these files when they were solved last.
	 */
	solveFiles(before: ReadonlyMap<string, Unit | undefined>): Solution {
		const { world, graph, program, contexts, reclaim, due } = this;
		this.wasTakenBack = false;
		const paths = [...before.keys()];
		const files = paths.map((path) => program.fileOf(path)).filter((file) => file !== NONE);
		const fns = files.flatMap((file) => [...program.fnsOf(file)]);
		for (const file of files) graph.forget(file);
		const bodies = files.flatMap((file) => [...changedBodies(program, file, before.get(program.paths[file]!))]);
		const { redone, changed } = summariseWithin(world, graph, bodies, fns);
		for (const fn of changed) due.changed.add(fn);
		for (const fn of fns) due.fns.add(fn);
		const dead = program.takeDead();
		if (dead.length > 0) {
			const isLive = (fn: FnId) => program.isLive(fn);
			contexts.records.dropDead(isLive);
			reclaim.records.dropDead(isLive);
		}
		contexts.renew(redone);
		for (const fn of redone) reclaim.records.renew(fn, (caller) => redone.has(caller));
		const brought = contexts.spreadFrom(redone);
		for (const fn of fns) contexts.forgetPast(fn);
		finish(reclaim.spreadFrom([...redone]));
		const index = this.judgeThrough(redone, brought, dead);
		// who is to blame depends on all that reach a call
		const through = index.through(fns);
		const isKnown = (violation: Violation) => this.edits.isKnown(violation);
		const deciding = inOrder(program, index.atCallsOf(without(through, isKnown)));
		const partial: Solved = {
			...this.solved(fns, inOrder(program, through)),
			blame: { isKnown, deciding, decided: new Map() },
			files: new Set(files),
			below: reclaim.reachedThrough(new Set(fns)),
		};
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
		return { solved: this.solvedLater(fns), findings: this.findings, plans: this.plans, phases: this.phases };
	}

	/** Redoes the violations that come through edited functions, or that came through such as are gone. Gives all of them. */
	private judgeThrough(edited: ReadonlySet<FnId>, brought: ReadonlySet<FnId>, dead: readonly FnId[]): ViolationIndex {
		this.index ??= new ViolationIndex(this.violations);
		const { world, graph, pointers, contexts, index } = this;
		const isGuilty = (fn: FnId) => index.isGuilty(fn);
		const found = finish(
			findViolationsThrough(world, graph, pointers, contexts, edited, brought, isGuilty, this.marks),
		);
		// heads that do not come through an edit are known from before
		const own = found.map((violation) => withHeads(violation, index.at(violation)));
		this.edits.replace(index, index.through([...edited, ...dead]), own);
		return index;
	}

	/**
	 * Judges calls anew, where bodies that have changed may decide. Gives the files whose code may be to blame for what has
	 * changed by that, and the functions that look into such bodies.
	 */
	private *judgeAnew(edits: readonly Edit[], redone: Redone): Steps<{ changed: Set<string>; lookers: Set<FnId> }> {
		this.index ??= new ViolationIndex(this.violations);
		const isSelfContained = [...redone.bodies.values()].every((body) => body.isSameToOthers);
		const lookers = isSelfContained ? new Set(redone.fns) : lookersInto(this.known, redone.fns);
		const registered = edits.flatMap(({ file, changed }) =>
			changed.length > 0 ? registeredThrough(this.known, file) : [],
		);
		const roots = new Set([...lookers, ...registered]);
		const judged = yield* judgeBelow(this.known, this.index, this.violations, roots, redone.fns);
		this.violations = judged.violations;
		return { changed: judged.changed, lookers };
	}

	/** What follows the summaries and the pointers. `since`: what has changed since the last complete solution; null: nothing is known from before. */
	private *solveContexts(pointers: Pointers, since: Edited | null): Steps<Solution> {
		const { world, graph, program } = this;
		// all have been looked at; contexts spread without them
		program.closeUnits();
		const { contexts, spread } = yield* this.phase("contexts", (progress) =>
			this.spreadContexts(pointers, since, (done) => progress(done, done)),
		);
		const reclaim = new ReclaimPaths(world, graph, contexts);
		yield* this.phase("reclaim paths", () => reclaim.solve());
		const known: Known = { world, graph, pointers, contexts, reclaim };
		const fns = program.inOrder;
		const judged = yield* this.phase("violations", () => this.judge(known, spread));
		const touches = new Touches(world, graph);
		const solved: Solved = {
			...known,
			touches,
			violations: judged.violations,
			blame: null,
			fns,
			files: null,
			below: [],
		};
		const redone = yield* this.phase("rules", () =>
			judged.index === null ? this.reportAll(solved) : this.reportAnew(solved, judged),
		);
		this.pointers = pointers;
		this.contexts = contexts;
		this.reclaim = reclaim;
		this.index = judged.index;
		this.isSpread = judged.index !== null;
		this.pending.clear();
		this.isReclaimPending = false;
		const solution = this.settle(solved, redone);
		program.closeUnits();
		return solution;
	}

	/** From those before, where there are such; `spread`: what has become of these. */
	private *spreadContexts(
		pointers: Pointers,
		since: Edited | null,
		progress: (done: number) => void,
	): Steps<{ contexts: Contexts; spread: Spread | null }> {
		const { world, graph, program } = this;
		if (since !== null) {
			const before = this.contexts;
			const contexts = new Contexts(world, graph, pointers, before.bindingTable);
			const { files, edited, isKept } = since;
			const { haveSameTargets, areSame } = isKept
				? KEPT
				: comparePointers(this.pointers, pointers, (file) => edited.has(program.paths[file]!));
			const isEnteredAlike = isKept && areEnteredAlike(this.known, redoneFns(world, since));
			yield* contexts.findEntries(isEnteredAlike ? before.entered : null);
			const { isReal, entered } = spreadChanges(world, graph, before, contexts, { files, haveSameTargets });
			const found = yield* respread(world, graph, before, contexts, isReal);
			if (found !== null) return { contexts, spread: areSame ? { edited, files, respread: found, entered } : null };
		}
		const contexts = new Contexts(world, graph, pointers);
		yield* contexts.solve(progress);
		return { contexts, spread: null };
	}

	private *judge(known: Known, spread: Spread | null): Steps<Judgement> {
		const { world, graph, pointers, contexts } = known;
		const judged = spread === null ? null : yield* rejudge(known, this.complete.violations, spread);
		if (judged !== null) return judged;
		const violations = yield* findViolations(world, graph, pointers, contexts, world.program.inOrder);
		return { violations, index: null };
	}

	private *reportAll(solved: Solved): Steps<RedoneFindings> {
		return { report: yield* runRules(allRules, solved), decided: new Map() };
	}

	/** What calls that were judged anew may change, and all that reads more than violations. */
	private *reportAnew(solved: Solved, judged: Rejudged): Steps<RedoneFindings> {
		const { report } = this.complete;
		const { paths, changed, below, redone } = judged;
		const named = filesNaming(report.findings, report.plans, paths);
		const files = new Set([...paths, ...changed, ...named, ...this.pending]);
		for (const fns of [below, redone]) for (const fn of fns) files.add(this.program.fnPath(fn));
		const whole = new Set(allRules.map(({ id }) => id).filter((id) => !BY_VIOLATIONS.has(id)));
		return yield* redoFindings(solved, judged.index, report, { files, whole, kept: NO_RULES });
	}

	/** A complete solution: from now on, what edits do to it can be taken back. */
	private settle(solved: Solved, { report, decided }: RedoneFindings): Solution {
		const { world, graph, contexts, reclaim, program } = this;
		this.complete = { violations: solved.violations, report, order: { ...world.order } };
		this.wasTakenBack = false;
		this.violations = solved.violations;
		for (const [violation, culprit] of decided) violation.culprit = culprit;
		this.edits.clear();
		this.findings = applySuppressions(program, report.findings);
		this.plans = report.plans;
		world.replaced.summaries = new Map();
		graph.keep();
		contexts.keep();
		reclaim.keep();
		program.takeDead();
		return { solved, findings: this.findings, plans: this.plans, phases: this.phases };
	}

	/** Takes back what has been done since the last complete solution, for files that have been edited since. */
	private takeBack(edits: readonly Edit[]): void {
		const { world, graph, contexts, reclaim, due, complete } = this;
		const files = new Set(edits.map(({ file }) => file));
		for (const file of files) graph.forget(file);
		for (const [fn, summary] of world.replaced.summaries ?? []) world.summaries[fn] = summary;
		world.replaced.summaries = new Map();
		Object.assign(world.order, complete.order);
		graph.takeBack((file) => !files.has(file));
		contexts.takeBack();
		reclaim.takeBack();
		if (this.index !== null) {
			this.edits.takeBack(this.index);
			this.index.become(this.violations, complete.violations);
		}
		this.violations = complete.violations;
		due.fns.clear();
		due.changed.clear();
		this.wasTakenBack = true;
	}

	/**
	 * The solution after edits that have moved places and changed nothing else; null when that is not so. What other files say of
	 * the edited ones is left to `redoPending`. `edited`: the units of the edited files at the last complete solution.
	 */
	keepAll(edited: ReadonlyMap<string, Unit | undefined>): Solution | null {
		const edits = compareEdits(this.program, edited);
		if (edits === null || edits.some(({ changed }) => changed.length > 0)) return null;
		this.takeBack(edits);
		const moves = movesOf(this.known, edits, NO_BODIES);
		if (moves === null) return null;
		this.move(moves);
		const { pending } = this;
		const paths = [...edited.keys()];
		for (const file of filesNaming(this.complete.report.findings, this.complete.report.plans, paths)) pending.add(file);
		if (this.reportsOnReclaim(paths)) this.isReclaimPending = true;
		for (const path of paths) pending.delete(path);
		return finish(this.redoFindings({ files: new Set(paths), whole: NO_RULES, kept: new Set(ON_PATHS_OF_RECLAIM) }));
	}

	/** Is something left of it? */
	get isPending(): boolean {
		return this.pending.size > 0 || this.isReclaimPending;
	}

	/** Does what is left. */
	*redoPending(): Steps<Solution> {
		return yield* this.phase("rules", () => this.redoFindings(this.takePending(new Set(), [])));
	}

	/** What is to be redone, with what is left from before. */
	private takePending(files: ReadonlySet<string>, whole: readonly string[]): Scope {
		const isWhole = this.isReclaimPending || ON_PATHS_OF_RECLAIM.every((id) => whole.includes(id));
		return {
			files: new Set([...files, ...this.pending]),
			whole: new Set(isWhole ? [...whole, ...ON_PATHS_OF_RECLAIM] : whole),
			kept: new Set(isWhole ? [] : ON_PATHS_OF_RECLAIM),
		};
	}

	/** The same, when bodies have changed that call the same as before. */
	*keepContexts(edited: ReadonlyMap<string, Unit | undefined>): Steps<Solution | null> {
		const edits = compareEdits(this.program, edited);
		if (edits === null) return null;
		for (const { file } of edits) this.graph.forget(file);
		// with what is known now, so that nothing is taken back in vain
		if ((yield* redoBodies(this.known, edits)) === null) return null;
		this.takeBack(edits);
		const redone = yield* this.phase("summaries", () => redoBodies(this.known, edits));
		const moves = redone === null ? null : movesOf(this.known, edits, redone.bodies);
		if (redone === null || moves === null) {
			this.solveFiles(edited);
			return null;
		}
		this.move(moves);
		let solution: Solution | null = null;
		try {
			solution = yield* this.redoDecided([...edited.keys()], edits, redone);
		} finally {
			if (solution === null) this.move(backwards(moves));
		}
		return solution;
	}

	/** Has what was done since the last complete solution been taken back? Then all edited files are to be redone by themselves. */
	get isTakenBack(): boolean {
		return this.wasTakenBack;
	}

	private move(moves: Moves): void {
		this.contexts.move(moves, this.pointers.move(moves));
		this.reclaim.move(moves);
	}

	/** Redoes what the bodies of functions decide: violations, and findings. */
	private *redoDecided(paths: readonly string[], edits: readonly Edit[], redone: Redone): Steps<Solution> {
		const { changed, lookers } = yield* this.phase("violations", () => this.judgeAnew(edits, redone));
		const { findings, plans } = this.complete.report;
		const files = new Set([...paths, ...filesNaming(findings, plans, paths), ...changed]);
		const isOnPath = this.reclaim.comesThroughAny(lookers) || this.reportsOnReclaim(paths);
		const whole = whatReadsOthers(this.known, redone).concat(isOnPath ? ON_PATHS_OF_RECLAIM : []);
		return yield* this.phase("rules", () => this.redoFindings(this.takePending(files, whole)));
	}

	private reportsOnReclaim(paths: readonly string[]): boolean {
		const { findings, plans } = this.complete.report;
		return (
			filesNaming(
				findings.filter(({ rule }) => ON_PATHS_OF_RECLAIM.includes(rule)),
				plans,
				paths,
			).size > 0
		);
	}

	private *redoFindings(scope: Scope): Steps<Solution> {
		this.index ??= new ViolationIndex(this.violations);
		const { program } = this;
		// they are asked for hardly ever
		const fns = { [Symbol.iterator]: () => program.inOrder[Symbol.iterator]() };
		const solved = this.solved(fns, this.violations);
		const redone = yield* redoFindings(solved, this.index, this.complete.report, scope);
		for (const file of scope.files) this.pending.delete(file);
		if (scope.kept.size === 0) this.isReclaimPending = false;
		return this.settle(solved, redone);
	}

	private get known(): Known {
		const { world, graph, pointers, contexts, reclaim } = this;
		return { world, graph, pointers, contexts, reclaim };
	}

	private newWorld(): World {
		const { profile, checkpoint } = this.options;
		return createWorld({ program: this.program, model: this.model, profile, checkpoint: checkpoint ?? (() => {}) });
	}

	private solved(fns: Iterable<FnId>, violations: readonly Violation[]): Solved {
		const { world, graph, pointers, contexts, reclaim } = this;
		const touches = new Touches(world, graph);
		return { world, graph, pointers, contexts, reclaim, touches, violations, blame: null, fns, files: null, below: [] };
	}

	/** With the violations as they are now, which hardly anybody asks for. */
	private solvedLater(fns: Iterable<FnId>): Solved {
		const violations = this.edits.appliedTo(this.violations);
		return Object.defineProperty(this.solved(fns, []), "violations", { get: violations });
	}

	private *phase<T>(name: string, run: (progress: (done: number, total: number) => void) => Steps<T>): Steps<T> {
		const now = this.options.now ?? (() => 0);
		const start = now();
		const result = yield* run((done, total) => this.options.progress?.(name, done, total));
		this.phases.push({ name, ms: Math.round(now() - start) });
		return result;
	}
}

/** Of pointers that an edit has left as they are. */
const KEPT: PointerChanges = { haveSameTargets: true, areSame: true };
/** The rules that report violations and read little else. */
const BY_VIOLATIONS: ReadonlySet<string> = new Set([sleepInAtomic.id, gfpSleepsInAtomic.id, rcuBlocking.id]);
const NO_RULES: ReadonlySet<string> = new Set();
const NO_BODIES: Redone["bodies"] = new Map();
/** The rules that look at paths of reclaim. */
const ON_PATHS_OF_RECLAIM: readonly string[] = [gfpReclaimRecursion.id];

/** The rules by which findings in one function hang on the bodies of others, other than by chains: where these have changed. */
function whatReadsOthers({ world, graph }: Pick<Known, "world" | "graph">, { fns, bodies }: Redone): string[] {
	const found = [contextContradictsDoc.id, contextUndocumented.id];
	const touches = new Touches(world, graph);
	const changed = [...bodies.values()];
	const isOther = changed.some((body) => !body.hasSamePrimitives);
	if (isOther) found.push(lockImbalance.id, gfpAtomicUnneeded.id);
	if (isOther || [...fns].some((fn) => touches.has(fn, Touch.Asks))) found.push(contextDependentBehaviour.id);
	const areOthers = changed.some((body) => !body.hasSameArguments);
	if (areOthers) found.push(gfpParamIgnored.id);
	if (areOthers || changed.some((body) => !body.hasSameConditions)) found.push(gfpInvalidCombination.id);
	return found;
}

/** The same with as many heads as others at its call say. */
function withHeads(violation: Violation, others: readonly Violation[]): Violation {
	let { nHeads } = violation;
	for (const other of others) if (violation.doubt > 0 || other.doubt === 0) nHeads = Math.max(nHeads, other.nHeads);
	return { ...violation, nHeads };
}

/** By the functions that sleep, in the order of the program, and their calls. */
function inOrder(program: Program, violations: Iterable<Violation>): Violation[] {
	return [...violations].sort((a, b) => program.compareFns(a.fn, b.fn) || a.op - b.op);
}

function modelText({ flags, gfp, homes }: World): string {
	return JSON.stringify([[...flags], gfp, homes.map((files) => [...files])]);
}
