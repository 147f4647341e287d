// One solved state of the program, as the façade shows it.

import type {
	ContextReport,
	Finding,
	FunctionInfo,
	Offer,
	OfferEdits,
	Place,
	Range,
	ReplayPlan,
	Step,
} from "../api.js";
import { lineRange } from "../base/lineIndex.js";
import type { ReadText } from "../fixes/source.js";
import { Intra } from "../flow/intra.js";
import type { Solved } from "../flow/solved.js";
import type { MaySleep } from "../flow/summary.js";
import { namePlace, placeAt } from "../flow/witness.js";
import { summaryOf } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { FN_SIZE, FnField, FnFlag } from "../ir/unit.js";
import { collectOracle } from "../oracle/report.js";
import type { OracleReport } from "../oracle/types.js";
import { calleesOf, callersOf, contextsOf, countCallers } from "./calls.js";
import { isFlag } from "./flag.js";
import { locate } from "./locate.js";
import { editsOf, offersAt, withFixes } from "./offers.js";
import { reportFor, reportForFlag, reportOutside } from "./report.js";
import type { Solution } from "./solver.js";
import { collectStats } from "./stats.js";
import type { AnalysisStats, CallEdge, Snapshot } from "./types.js";

const SLEEPS = ["no", "depends", "yes"] as const;

export class SolvedSnapshot implements Snapshot {
	readonly findings: readonly Finding[];
	private readonly solved: Solved;
	private readonly plans: ReadonlyMap<string, ReplayPlan>;
	private readonly phases: AnalysisStats["phases"];
	private intra: Intra | null = null;
	private counted: AnalysisStats | null = null;
	private compared: OracleReport | null = null;

	constructor(solution: Solution) {
		this.findings = solution.findings;
		this.solved = solution.solved;
		this.plans = solution.plans;
		this.phases = solution.phases;
	}

	get stats(): AnalysisStats {
		this.counted ??= collectStats(this.solved, this.phases);
		return this.counted;
	}

	get oracle(): OracleReport {
		this.compared ??= collectOracle(this.solved);
		return this.compared;
	}

	functionsIn(path: string): readonly FunctionInfo[] {
		const { world } = this.solved;
		const { program } = world;
		const file = program.fileOf(path);
		if (file === NONE) return [];
		const infos: FunctionInfo[] = [];
		for (let local = 0; local < program.unit(file).fns.length / FN_SIZE; local++) {
			const fn = program.fnId(file, local);
			if ((program.flagsOf(fn) & FnFlag.Macro) !== 0) continue;
			const start = namePlace(world, fn);
			const end = placeAt(world, file, program.fnField(fn, FnField.End));
			infos.push({
				...start,
				endLine: end.line,
				endColumn: end.column,
				name: program.fnName(fn),
				contexts: contextsOf(this.solved, fn),
				callers: countCallers(this.solved, fn),
				maySleep: SLEEPS[summaryOf(world, fn).maySleep satisfies MaySleep]!,
			});
		}
		return infos;
	}

	functionsNamed(name: string): readonly (Place & { readonly endLine: number })[] {
		return this.definitionsOf(name).map((fn) => this.definitionPlace(fn));
	}

	contextAt(path: string, line: number, column?: number, word?: string): ContextReport | null {
		const { world } = this.solved;
		const file = world.program.fileOf(path);
		if (file === NONE) return null;
		const target = locate(world.program, file, line, column);
		if (word === undefined || column === undefined || !isFlag(world, file, word))
			return target === null ? null : reportFor(this.solved, this.engine(), target);
		const offset = lineRange(world.program.unit(file).lineLengths, line).start + column - 1;
		const here = { file, offset, fn: target?.fn ?? NONE };
		if (target === null) return reportOutside(this.solved, here, word);
		return reportForFlag(this.solved, this.engine(), target, here, word);
	}

	contextOf(name: string, path?: string): ContextReport | null {
		const { program } = this.solved.world;
		const fns = this.definitionsOf(name);
		const fn = path === undefined ? fns[0] : fns.find((candidate) => program.fnPath(candidate) === path);
		return fn === undefined ? null : reportFor(this.solved, this.engine(), { fn, op: NONE, kind: "function" });
	}

	callersOf(path: string, line: number): readonly CallEdge[] {
		const fn = this.functionAtLine(path, line);
		return fn === NONE ? [] : callersOf(this.solved, fn);
	}

	calleesOf(path: string, line: number): readonly CallEdge[] {
		const fn = this.functionAtLine(path, line);
		return fn === NONE ? [] : calleesOf(this.solved, fn);
	}

	offersAt(range: Range, read: ReadText): readonly Offer[] {
		return offersAt(this.solved, this.findings, range, read);
	}

	editsOf(range: Range, key: string, read: ReadText): OfferEdits {
		return editsOf(this.solved, this.findings, range, key, read);
	}

	withFixes(findings: readonly Finding[], read: ReadText): Iterable<Finding> {
		return withFixes(this.solved, findings, read);
	}

	describe(step: Step): string {
		return `${step.note} (${step.file}:${step.line})`;
	}

	replayPlan(id: string): ReplayPlan | null {
		return this.plans.get(id) ?? null;
	}

	private engine(): Intra {
		this.intra ??= new Intra(this.solved.world);
		return this.intra;
	}

	private definitionPlace(fn: FnId): Place & { readonly endLine: number } {
		const { world } = this.solved;
		const end = placeAt(world, world.program.fnFile(fn), world.program.fnField(fn, FnField.End));
		return { ...namePlace(world, fn), endLine: end.line };
	}

	/** Functions of a name: not macros first, then the shortest path, then the path's order. */
	private definitionsOf(name: string): FnId[] {
		const { program } = this.solved.world;
		const fns = program.definitionsOf(program.names.lookupText(name));
		const rank = (fn: FnId) => program.flagsOf(fn) & (FnFlag.Macro | FnFlag.Alternative);
		return fns.sort((a, b) => {
			const paths = program.fnPath(a).length - program.fnPath(b).length;
			return rank(a) - rank(b) || paths || (program.fnPath(a) < program.fnPath(b) ? -1 : 1);
		});
	}

	private functionAtLine(path: string, line: number): FnId {
		const { program } = this.solved.world;
		const file: FileId = program.fileOf(path);
		return file === NONE ? NONE : (locate(program, file, line, undefined)?.fn ?? NONE);
	}
}
