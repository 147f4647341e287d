// What crosses between the language server's connection thread and its analysis thread.

import type {
	CallEdge,
	ContextReport,
	Finding,
	FunctionInfo,
	Offer,
	OfferEdits,
	Place,
	Range,
	ReplayPlan,
} from "@might-sleep/analyzer";
import type { TreeSettings } from "./treeIndex.js";
import type { Problem } from "./walk.js";

/** Questions to a snapshot: what is asked with, and the answer. Columns count bytes on this side. */
export interface Queries {
	readonly findingsIn: { readonly params: { path: string }; readonly result: readonly Finding[] };
	readonly allFindings: { readonly params: object; readonly result: readonly Finding[] };
	readonly functionsIn: { readonly params: { path: string }; readonly result: readonly FunctionInfo[] };
	readonly contextAt: {
		readonly params: { path: string; line: number; column: number; word?: string };
		readonly result: ContextReport | null;
	};
	readonly functionsNamed: { readonly params: { name: string }; readonly result: readonly FunctionPlace[] };
	readonly callersOf: { readonly params: { path: string; line: number }; readonly result: readonly CallEdge[] };
	readonly calleesOf: { readonly params: { path: string; line: number }; readonly result: readonly CallEdge[] };
	readonly offersAt: { readonly params: Range; readonly result: readonly Offer[] };
	readonly editsOf: { readonly params: { range: Range; key: string }; readonly result: OfferEdits };
	readonly replayPlan: { readonly params: { id: string }; readonly result: ReplayPlan | null };
	readonly search: { readonly params: { query: string; limit: number }; readonly result: readonly NamedPlace[] };
}

export type FunctionPlace = Place & { readonly endLine: number };

export interface NamedPlace extends Place {
	readonly name: string;
}

/** A file whose text changed: as it is in the editor, or null: as it is on disk now, or gone. */
export interface FileChange {
	readonly path: string;
	readonly text: Uint8Array | null;
}

export type ToAnalysis =
	/** reads and solves the whole tree */
	| { readonly kind: "open"; readonly settings: TreeSettings; readonly changes: readonly FileChange[] }
	/** keeps an analysis of the changed files and the headers they name only */
	| { readonly kind: "preview"; readonly settings: TreeSettings }
	| { readonly kind: "change"; readonly id: number; readonly changes: readonly FileChange[] }
	| { readonly kind: "query"; readonly id: number; readonly name: keyof Queries; readonly params: object };

export interface IndexSummary {
	readonly root: string;
	readonly files: number;
	readonly functions: number;
	readonly findings: number;
	readonly version: string;
	readonly cacheHits: number;
	readonly ms: number;
	readonly peakBytes: number;
	readonly problems: readonly Problem[];
	/** why what was read is not in the cache for the next time, or null */
	readonly cacheProblem: string | null;
}

export type FromAnalysis =
	| { readonly kind: "progress"; readonly phase: string; readonly done: number; readonly total: number }
	| { readonly kind: "opened"; readonly summary: IndexSummary }
	| { readonly kind: "failed"; readonly message: string }
	| { readonly kind: "cancelled" }
	/** answers may have changed: a preview has read the headers that a file names, or what edits mean to other files is known */
	| { readonly kind: "grown" }
	/** answer to a change (value: null) or a query */
	| { readonly kind: "answer"; readonly id: number; readonly value: unknown }
	| { readonly kind: "refused"; readonly id: number; readonly message: string };

/** What the analysis thread is started with: non-zero in `cancel` stops what it is doing. */
export interface AnalysisThreadData {
	readonly cancel: Int32Array;
}
