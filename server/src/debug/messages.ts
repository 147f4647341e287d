// What goes between a client and the adapter besides the standard protocol: movements that it has no request
// for, the timeline, choices. The client imports these types only.

/** Movements backwards without a request of their own in the protocol. Arguments: none. */
export const REVERSE_STEP_IN = "might-sleep/reverseStepIn";
export const REVERSE_STEP_OUT = "might-sleep/reverseStepOut";

/** Goes to a point of the timeline: SeekArguments. */
export const SEEK_REQUEST = "might-sleep/seek";

export interface SeekArguments {
	/** any number: it is brought into the timeline */
	readonly index: number;
}

/**
 * Takes the option with this index of a question. Without `index` it is one that the current line asks; the
 * answer's body is ChooseResult. With it, it is one that was answered on the way: the run goes back there,
 * and what came after is void.
 */
export const CHOOSE_REQUEST = "might-sleep/choose";

export interface ChooseArguments {
	readonly option: number;
	/** of the questions that the line asks, by number; the first that is not optional when left out */
	readonly which?: number;
	/** the step that asked, and which of its questions it was */
	readonly index?: number;
	readonly ordinal?: number;
}
export interface ChooseResult {
	readonly taken: string;
}

/** Body of a `stopped` event with the reason "choice": the question, beside the usual fields. */
export interface ChoiceStop {
	readonly text: string;
	readonly options: readonly string[];
	/** index of the option that is taken when nobody chooses */
	readonly default: number;
}

/** Sent with every stop, and when the timeline changed while the machine stands still: MovedEvent. */
export const MOVED_EVENT = "might-sleep/moved";

export interface MovedEvent {
	readonly index: number;
	/** index of the newest step */
	readonly last: number;
}

/** A part of the timeline, drawn `room` pixels wide: TimelineArguments → Timeline. */
export const TIMELINE_REQUEST = "might-sleep/timeline";

export interface TimelineArguments {
	/** the first step, and the first one after the window; the whole run when left out */
	readonly from?: number;
	readonly to?: number;
	readonly room: number;
}

export interface TimelineSpan {
	readonly from: number;
	/** the first step after it */
	readonly to: number;
	readonly value: number;
	/** more changes than there is room for; `value` is the greatest */
	readonly many?: true;
}

export interface TimelineLane {
	readonly key: string;
	readonly kind: string;
	/** -1: of no CPU */
	readonly cpu: number;
	readonly label: string;
	readonly spans: readonly TimelineSpan[];
}

export interface TimelineMark {
	readonly index: number;
	readonly kind: "splat" | "choice" | "note";
	readonly text: string;
	/** marks of this kind that are put together here */
	readonly count: number;
}

export interface Timeline {
	readonly index: number;
	readonly last: number;
	readonly from: number;
	readonly to: number;
	readonly lanes: readonly TimelineLane[];
	/** names of the tasks; values of lanes of the kind "task" are indices into it, -1 where nothing runs */
	readonly tasks: readonly string[];
	/** the function that runs; values are indices into `names` */
	readonly functions: readonly TimelineSpan[];
	readonly names: readonly string[];
	readonly marks: readonly TimelineMark[];
	/** the fields of preempt_count */
	readonly fields: readonly { readonly name: string; readonly shift: number; readonly bits: number }[];
}

/** The machine at the current step, for a panel. No arguments; answers with PanelState. */
export const STATE_REQUEST = "might-sleep/state";

export interface PanelChoice {
	readonly text: string;
	readonly options: readonly string[];
	readonly default: number;
	/** the option that was taken, or that is going to be; null: nobody said */
	readonly answer: number | null;
	/** what to send back with `might-sleep/choose` */
	readonly ask: Pick<ChooseArguments, "which" | "index" | "ordinal">;
	readonly line: number;
	readonly isAhead: boolean;
}

export interface PanelAction {
	readonly kind: "run" | "interrupt" | "item" | "wake" | "tick";
	readonly text: string;
}

/** Makes one of the actions of PanelState happen, by its number: ActArguments. What came after is void. */
export const ACT_REQUEST = "might-sleep/act";

export interface ActArguments {
	readonly action: number;
}

export interface PanelZone {
	readonly name: string;
	readonly managed: number;
	readonly free: number;
	readonly min: number;
	readonly low: number;
	readonly high: number;
	readonly lowest: number;
	/** how many free pages must be left for each flag to get one more */
	readonly reaches: readonly { readonly flag: string; readonly lowest: number; readonly isAllowed: boolean }[];
}

/** Turns the dials of the memory from this step on: MemoryArguments. What came after is void. */
export const MEMORY_REQUEST = "might-sleep/memory";

export interface MemoryArguments {
	/** pages that a process takes every few steps; 0: none */
	readonly pressure?: number;
	/** free pages of a zone */
	readonly zone?: string;
	readonly free?: number;
}

export interface PanelState {
	readonly index: number;
	readonly last: number;
	readonly place: { readonly function: string; readonly path: string; readonly line: number } | null;
	/** what may be done here, in one line */
	readonly verdict: string;
	readonly maySleep: boolean;
	readonly level: string;
	readonly task: string;
	readonly irqsOn: boolean;
	readonly needResched: boolean;
	readonly count: {
		readonly hex: string;
		readonly fields: readonly { readonly name: string; readonly value: number }[];
	};
	readonly locks: readonly { readonly name: string; readonly value: string; readonly type: string }[];
	readonly rcu: readonly { readonly name: string; readonly value: string }[];
	/** questions of this line first, then those answered on the way, newest first */
	readonly choices: readonly PanelChoice[];
	/** what may happen next in place of what the schedule has in mind, for `might-sleep/act` */
	readonly actions: readonly PanelAction[];
	/** interrupts that cannot come now: they are disabled, or one is being handled */
	readonly heldOff: readonly string[];
	readonly zones: readonly PanelZone[];
	readonly kswapd: string;
	/** what the allocation of the running task waits for, or null */
	readonly waiting: string | null;
}

/** Values beside the code: InlineArguments → InlineText[] as `values`. */
export const INLINE_REQUEST = "might-sleep/inlineValues";

export interface InlineArguments {
	readonly frameId: number;
}
export interface InlineText {
	readonly line: number;
	readonly text: string;
}
