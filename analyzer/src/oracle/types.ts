// The shapes of the oracle report: how the contexts found agree with what the kernel's source says of itself,
// by its literal GFP masks and by its own statements. `stats` prints it; its fields only grow in number.

import type { Confidence, Place, Step } from "../api.js";

/** Literal masks against contexts, as totals. */
export interface MaskCounts {
	/** GFP_ATOMIC, GFP_NOWAIT: masks without direct reclaim */
	readonly atomicSites: number;
	/** of these: atomic on some path */
	readonly atomicExplained: number;
	/** masks with which the allocation may sleep and do I/O */
	readonly kernelSites: number;
	/** of these: reported as sleeping where that is forbidden */
	readonly kernelReported: number;
	/** the same by the best confidence */
	readonly kernelReportedBy: Readonly<Record<Confidence, number>>;
	readonly nofsSites: number;
	/** of these: in a context that may not enter the file system */
	readonly nofsExplained: number;
	readonly noioSites: number;
	readonly noioExplained: number;
}

/** A call or function that stands for others of its kind. */
export interface Example extends Place {
	readonly function: string;
}

/** One of several exclusive reasons, with how many have it. */
export interface ReasonCount {
	/** a word that stays the same from version to version */
	readonly reason: string;
	/** what a person reads */
	readonly text: string;
	readonly count: number;
	/** a few, in the order of the tree */
	readonly examples: readonly Example[];
}

/** Something a function says of its context that the contexts found deny. */
export interface Contradiction extends Place {
	readonly function: string;
	/** as it is written */
	readonly statement: string;
	/** what follows from the source instead */
	readonly inferred: string;
	readonly chain: readonly Step[];
	/** of the chain; one that is doubtful contradicts nothing */
	readonly confidence: Confidence;
}

/** How one kind of statement fares. stated ≥ checked = agree + contradict + unknown. */
export interface Agreement {
	/** the assertion's name, or "Context:" */
	readonly name: string;
	/** in the source */
	readonly stated: number;
	/** of these: understood, so that they can be compared */
	readonly checked: number;
	readonly agree: number;
	readonly contradict: number;
	/** neither can be shown */
	readonly unknown: number;
	readonly unknownReasons: readonly ReasonCount[];
	/** by file and line */
	readonly contradictions: readonly Contradiction[];
}

export interface OracleReport extends MaskCounts {
	readonly kernelReportedPer10000: number;
	/** why the others are not explained, most frequent first */
	readonly atomicUnexplained: readonly ReasonCount[];
	readonly nofsUnexplained: readonly ReasonCount[];
	readonly noioUnexplained: readonly ReasonCount[];
	/** "Context:" first, then by name */
	readonly statements: readonly Agreement[];
}
