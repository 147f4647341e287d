// Solves a program: summaries, pointers, contexts, violations, findings. Once over everything, later over the
// files that were edited, with what is known of the rest.

import type { Finding } from "../api.js";
import { summariseAll, summariseSome } from "../flow/bottomUp.js";
import { CallGraph } from "../flow/callGraph.js";
import { Pointers } from "../flow/pointers.js";
import type { Solved } from "../flow/solved.js";
import { Contexts } from "../flow/topDown.js";
import { findViolations, type Violation } from "../flow/violations.js";
import { createWorld, type World } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { compileModel } from "../model/compile.js";
import { allRules } from "../rules/all.js";
import { compareFindings, runRules } from "../rules/rule.js";
import { applySuppressions } from "./suppress.js";
import type { AnalysisOptions, AnalysisStats } from "./types.js";

export interface Solution {
	readonly solved: Solved;
	readonly findings: readonly Finding[];
	readonly phases: AnalysisStats["phases"];
}

export class Solver {
	private readonly world: World;
	private readonly graph: CallGraph;
	private readonly pointers: Pointers;
	private readonly contexts: Contexts;
	private readonly phases: { name: string; ms: number }[] = [];
	private violations: readonly Violation[] = [];
	private findings: readonly Finding[] = [];

	constructor(
		readonly program: Program,
		private readonly options: AnalysisOptions,
	) {
		const model = compileModel(options.rows, options.version);
		this.world = createWorld({
			program,
			model,
			profile: options.profile,
			checkpoint: options.checkpoint ?? (() => {}),
		});
		this.graph = new CallGraph(this.world);
		this.pointers = new Pointers(this.world, this.graph);
		this.contexts = new Contexts(this.world, this.graph, this.pointers);
	}

	solveAll(): Solution {
		const { world, graph, pointers, contexts } = this;
		this.phase("summaries", (progress) => summariseAll(world, graph, progress));
		this.phase("pointers", () => pointers.collect());
		this.phase("contexts", (progress) => contexts.solve((done) => progress(done, done)));
		const fns = this.program.inOrder;
		this.phase("violations", () => {
			this.violations = findViolations(world, graph, pointers, contexts, fns);
		});
		const solved = this.solved(fns, this.violations);
		this.phase("rules", () => {
			this.findings = applySuppressions(this.program, runRules(allRules, solved));
		});
		return { solved, findings: this.findings, phases: this.phases };
	}

	/** Redoes some files: their functions keep the contexts that other files bring. */
	solveFiles(paths: readonly string[]): Solution {
		const { program, contexts } = this;
		const files = paths.map((path) => program.fileOf(path)).filter((file) => file !== NONE);
		const fns = files.flatMap((file) => [...program.fnsOf(file)]);
		for (const file of files) this.graph.forget(file);
		summariseSome(this.world, fns);
		for (const fn of fns) contexts.renew(fn, (caller) => files.includes(program.fnFile(caller)));
		contexts.spreadFrom(fns);
		const own = findViolations(this.world, this.graph, this.pointers, contexts, fns);
		const partial = this.solved(fns, own);
		const fresh = runRules(allRules, partial);
		const edited = new Set(paths);
		const others = this.findings.filter((finding) => !edited.has(finding.file));
		const all = applySuppressions(program, [...others, ...fresh.filter((finding) => edited.has(finding.file))]);
		this.findings = all.sort(compareFindings);
		const isElsewhere = (v: Violation) => program.isLive(v.fn) && !files.includes(program.fnFile(v.fn));
		this.violations = [...this.violations.filter(isElsewhere), ...own];
		return { solved: this.solved(fns, this.violations), findings: this.findings, phases: this.phases };
	}

	private solved(fns: Iterable<FnId>, violations: readonly Violation[]): Solved {
		const { world, graph, pointers, contexts } = this;
		return { world, graph, pointers, contexts, violations, fns };
	}

	private phase(name: string, run: (progress: (done: number, total: number) => void) => void): void {
		const now = this.options.now ?? (() => 0);
		const start = now();
		run((done, total) => this.options.progress?.(name, done, total));
		this.phases.push({ name, ms: Math.round(now() - start) });
	}
}
