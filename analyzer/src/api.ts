// What leaves the analyzer: plain readonly data in the editor's terms. No IR, no LSP. Files are paths
// relative to the root; lines and columns start at 1; columns count UTF-16 code units.
// The JSON that the command line prints has these shapes.

/** By doubt: none, some, much. */
export const CONFIDENCES = ["high", "medium", "low"] as const;
export type Confidence = (typeof CONFIDENCES)[number];
export type Severity = "error" | "warning" | "information" | "hint";
export type Profile = "default" | "rt";

export interface Place {
	readonly file: string;
	readonly line: number;
	readonly column: number;
}
export interface Range extends Place {
	readonly endLine: number;
	readonly endColumn: number;
}

/** One step of a witness chain. */
export interface Step extends Place {
	readonly function: string;
	readonly note: string;
}

/** What a finding names beside its chains. */
export interface RelatedStep extends Step {
	/** a call with a fault of its own, another way into the context, another call to a function of the chain; else a place to look at */
	readonly kind?: "call" | "context" | "way";
}

export interface Edit extends Range {
	readonly newText: string;
}
/** An edit of a fix that is worked out when it is asked for. */
export interface ReasonedEdit extends Edit {
	/** what is changed, for a preview; edits with the same text belong together */
	readonly why: string;
	/** false: a person should look at it, for not all contexts are known or agree */
	readonly certain: boolean;
}
export interface Fix {
	readonly title: string;
	readonly kind: "quickfix" | "refactor";
	/** right in every context that is known */
	readonly preferred: boolean;
	readonly edits: readonly Edit[];
}

/** A fix of a finding, or a refactoring of what is at a place, that needs the text of the files. */
export interface Offer {
	/** names it among the offers of its place */
	readonly key: string;
	readonly title: string;
	readonly kind: Fix["kind"];
	readonly preferred: boolean;
	/** id of the finding that it mends; null for a refactoring */
	readonly finding: string | null;
	/** null: they are in several files, and worked out by `editsOf`, or there are none */
	readonly edits: readonly ReasonedEdit[] | null;
	/** why it cannot be made here; left out: it can */
	readonly refused?: string;
}

/** The edits of an offer, or why there are none after all. */
export type OfferEdits = { readonly edits: readonly ReasonedEdit[] } | { readonly refused: string };

export interface HeldLock {
	readonly name: string;
	readonly kind: string;
	readonly file: string;
	readonly line: number;
}

/** One context that a function or a place runs in. */
export interface ContextInfo {
	readonly level: "process" | "softirq" | "hardirq" | "nmi";
	readonly atomic: boolean;
	/** before the system runs: what would sleep does not, and nothing complains */
	readonly booting?: boolean;
	/** preempt-off depth known to be added by locks and preempt_disable */
	readonly preempt: number;
	readonly irqsOff: boolean;
	readonly bhOff: boolean;
	/** RCU read-side depth */
	readonly rcu: number;
	readonly locks: readonly HeldLock[];
	readonly scopes: readonly string[];
	/** who brings it: entry point first, this place last */
	readonly enter: readonly Step[];
	readonly confidence: Confidence;
}

export interface Finding extends Range {
	/** fingerprint that survives line moves */
	readonly id: string;
	readonly rule: string;
	readonly severity: Severity;
	readonly confidence: Confidence;
	readonly function: string;
	readonly message: string;
	readonly context: ContextInfo | null;
	readonly enter: readonly Step[];
	readonly sleep: readonly Step[];
	readonly related: readonly RelatedStep[];
	readonly fixes: readonly Fix[];
}

export interface MaySleep {
	readonly value: "no" | "yes" | "depends";
	/** for "depends": on which argument or condition */
	readonly on?: string;
	readonly sleep: readonly Step[];
}
export interface GfpAdvice {
	readonly allowed: readonly string[];
	readonly recommended: string;
	readonly why: string;
}
export interface Caller extends Place {
	readonly function: string;
	readonly contexts: readonly string[];
}
/** A gfp flag at a place: what it is made of in this tree, what an allocation with it does, and whether it is right there. */
export interface FlagReport {
	readonly name: string;
	/** what it asks of an allocation, as a sentence without its subject; empty for names of the tree's own */
	readonly says: string;
	/** the flags of one bit that it stands for */
	readonly bits: readonly string[];
	/** where the tree defines it, and how; null without that header */
	readonly definition: (Place & { readonly text: string }) | null;
	/** the mask that it is a part of here: what follows is about that, as far as it is written out */
	readonly mask: string;
	/** "part" of that mask, "taken" away from it, or "asked" for: the latter two where the mask has more than flags in it */
	readonly role: "part" | "taken" | "asked";
	/** says nothing of how memory is to be reclaimed here: the mask that it is added to does, or what is left of one */
	readonly isModifier: boolean;
	readonly maySleep: boolean;
	readonly mayStartIo: boolean;
	readonly mayEnterFs: boolean;
	readonly wakesKswapd: boolean;
	readonly reserve: {
		/** the share of the min watermark that must be left, as a fraction */
		readonly keeps: readonly [number, number];
		/** may it take from the blocks set aside for requests of more than one page that may not wait? */
		readonly highatomic: boolean;
		readonly says: string;
	};
	/** "unneeded": right, but another would do; "perhaps-not": by contexts of low confidence; "open": what decides is elsewhere */
	readonly fits: "yes" | "no" | "perhaps-not" | "unneeded" | "open";
	readonly because: string;
	/** the chain that says so, where it is not that of a context */
	readonly enter: readonly Step[];
}

/** Answer of `might-sleep context` and of the hover. */
export interface ContextReport {
	readonly function: string;
	readonly file: string;
	readonly line: number;
	/** "atomic" · "process" · "mixed" · "unknown": the verdict of the hover's first line */
	readonly verdict: string;
	readonly contexts: readonly ContextInfo[];
	/** of the contexts that the verdict goes by, the most certain ones: how many, in how many one may not sleep; and in how many less certain ones */
	readonly counts: { readonly contexts: number; readonly atomic: number; readonly doubtful: number };
	/** does what is here sleep (the call, or the function's body) */
	readonly maySleep: MaySleep;
	readonly gfp: GfpAdvice;
	readonly callers: readonly Caller[];
	readonly confidence: Confidence;
	/** how it is known, and what was not resolved */
	readonly notes: readonly string[];
	/** a name under the cursor that has a meaning of its own: a flag, a lock, a primitive */
	readonly subject?: {
		readonly kind: "function" | "call" | "lock" | "flag" | "line";
		readonly name: string;
		readonly text: string;
	};
	/** the gfp flag under the cursor */
	readonly flag?: FlagReport;
	/** the answer rests on a part of the tree only */
	readonly partial: boolean;
}

export interface FunctionInfo extends Range {
	readonly name: string;
	/** short names of its contexts, e.g. ["hardirq", "process"] */
	readonly contexts: readonly string[];
	readonly callers: number;
	readonly maySleep: MaySleep["value"];
}

// ---- from a finding to a run of the simulated machine ----

/** A call of a chain, by what a fresh reading of its file finds again. */
export interface PinnedCall {
	readonly file: string;
	/** function that makes it */
	readonly function: string;
	/** byte offset of that function's name */
	readonly offset: number;
	/** op of the call, counted from the function's first; past the last one: the end of the body */
	readonly op: number;
}

/** What the analysis knows of a parameter: its bits, or only that it is not zero. */
export interface KnownParameter {
	readonly index: number;
	readonly set: number;
	readonly clear: number;
	readonly isNonZero: boolean;
}

/** Splats that findings predict; the simulator has more kinds. */
export type PredictedSplat = "sleep-in-atomic" | "scheduling-while-atomic" | "rcu-usage" | "leak" | "irq-state";

/** How a run gets from where a finding's chain begins to the splat that the finding predicts. */
export interface ReplayPlan {
	/** id of the run context that the first function is entered in */
	readonly entry: string;
	/** values the analysis assumed of the first function's parameters */
	readonly parameters: readonly KnownParameter[];
	/** ops of the first function that bring the context about, in this order, before the first call */
	readonly takes: readonly number[];
	/** the calls to be taken, each made in the function that the one before it calls; the splat is at the last one */
	readonly calls: readonly PinnedCall[];
	/** any of these is the predicted one: which it is depends on the configuration */
	readonly splats: readonly PredictedSplat[];
}
