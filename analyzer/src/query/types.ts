// The shapes of the façade: what goes into an analysis, and what a snapshot answers.

import type {
	ContextReport,
	Finding,
	FunctionInfo,
	Offer,
	OfferEdits,
	Place,
	Profile,
	Range,
	ReplayPlan,
	Step,
} from "../api.js";
import type { Steps } from "../base/steps.js";
import type { ReadText } from "../fixes/source.js";
import type { CrewStart } from "../flow/assistant.js";
import type { Crew } from "../flow/bottomUp.js";
import type { Unit } from "../ir/unit.js";
import type { Rows } from "../model/schema.js";
import type { MaskCounts, OracleReport } from "../oracle/types.js";

export interface AnalysisOptions {
	/** rows of the built-in model, plus the project's own */
	readonly rows: Rows;
	readonly profile: Profile;
	/** kernel version of the tree, for rows that depend on it */
	readonly version: readonly [number, number];
	/** called every few thousand steps; throws Cancelled to stop */
	readonly checkpoint?: () => void;
	/** phase name, done, total */
	readonly progress?: (phase: string, done: number, total: number) => void;
	/** starts threads that help: worth it for a large program; without it one thread does everything */
	readonly startCrew?: (start: CrewStart) => Crew;
	/** monotonic milliseconds, for the phase times in stats */
	readonly now?: () => number;
}

export interface CallEdge extends Place {
	/** the function at the other end; `path` and `line` of its definition */
	readonly function: string;
	readonly definition: Place | null;
	/** short names of the contexts of the caller at this call */
	readonly contexts: readonly string[];
	/** how the callee was found: direct, field, argument, variable */
	readonly via: string;
}

export interface AnalysisStats {
	readonly files: number;
	readonly lines: number;
	readonly bytes: number;
	readonly functions: number;
	readonly macros: number;
	readonly calls: number;
	readonly indirectCalls: number;
	readonly indirectResolved: number;
	/** atomic contexts that were not handed on because their chain of calls was too long */
	readonly longChains: number;
	readonly unparsedSpans: number;
	readonly unparsedBodyBytes: number;
	readonly bodyBytes: number;
	readonly phases: readonly { readonly name: string; readonly ms: number }[];
	/** literal masks against contexts; Snapshot.oracle says more */
	readonly oracle: MaskCounts;
}

export interface Snapshot {
	/** all findings of all confidences, sorted by file, line, column, rule */
	readonly findings: readonly Finding[];
	readonly stats: AnalysisStats;
	/** how the contexts agree with what the source says of itself; worked out when it is asked for */
	readonly oracle: OracleReport;
	/** the functions defined in a file, in order */
	functionsIn(path: string): readonly FunctionInfo[];
	/** where functions of this name are defined, best first */
	functionsNamed(name: string): readonly (Place & { readonly endLine: number })[];
	/**
	 * The answer for a place: the call, flag, lock or line there; null outside functions. `word` is the name under the
	 * cursor: that of a gfp flag is explained, outside functions too.
	 */
	contextAt(path: string, line: number, column?: number, word?: string): ContextReport | null;
	contextOf(name: string, path?: string): ContextReport | null;
	callersOf(path: string, line: number): readonly CallEdge[];
	calleesOf(path: string, line: number): readonly CallEdge[];
	/** fixes that need the texts of the files, and refactorings, for a range of a file; columns count bytes */
	offersAt(range: Range, read: ReadText): readonly Offer[];
	/** the edits of an offer for a range, by its key */
	editsOf(range: Range, key: string, read: ReadText): OfferEdits;
	/** findings with those of their offers that lie within one file among their fixes */
	withFixes(findings: readonly Finding[], read: ReadText): Iterable<Finding>;
	/** one line that says what a step of a chain does, for links */
	describe(step: Step): string;
	/** how the simulator gets to the splat that a finding predicts; null when it predicts none, or a pointer is on the way */
	replayPlan(id: string): ReplayPlan | null;
}

/** How often edits were taken in, by what they changed. */
export interface EditCounts {
	/** places only */
	readonly moved: number;
	/** bodies that call the same as before: contexts stay */
	readonly bodies: number;
	/** calls or summaries: contexts are spread from those before, what they decide is judged anew */
	readonly spread: number;
	/** more than that, or the first time: all that follows the summaries is solved */
	readonly whole: number;
}

export interface Analysis {
	/** adds or replaces the unit of a file; path is relative to the root, with `/` */
	setUnit(path: string, unit: Unit): void;
	removeUnit(path: string): void;
	/**
	 * Solves what changed since the last snapshot. Where edits have moved places only, what is known moves along; else a few
	 * edited files are redone by themselves, with what is known of the rest of the tree. `refresh` redoes what else they change.
	 */
	snapshot(): Snapshot;
	/** Does the last snapshot say what one of the whole tree as it is now would say? */
	readonly isComplete: boolean;
	/** Makes it so. */
	refresh(): Snapshot;
	/**
	 * The same in steps of a few milliseconds, so that snapshots and edits may come in between. An edit ends it with
	 * the last snapshot; what it has found out until then counts for the next time.
	 */
	refreshSteps(): Steps<Snapshot>;
	/** What the next edit would have to wait for, in such steps; an edit ends it. */
	prepareSteps(): Steps<void>;
	readonly editCounts: EditCounts;
}
