// How a run ends, and what a splat is. The kernel's words for each are in `splats.ts`.

import type { SourcePlace } from "./world.js";

export type Outcome =
	| { readonly kind: "finished"; readonly value: string | null }
	/** the machine does not go on after this: panic_on_warn, BUG() */
	| { readonly kind: "bug"; readonly text: string }
	| { readonly kind: "halted"; readonly by: string }
	| { readonly kind: "deadlock"; readonly text: string }
	| { readonly kind: "unsupported"; readonly text: string }
	| { readonly kind: "step-limit"; readonly steps: number };

export type SplatKind =
	| "sleep-in-atomic"
	| "scheduling-while-atomic"
	| "rcu-usage"
	| "recursive-lock"
	| "unlock-balance"
	| "lock-state"
	| "irq-state"
	| "assertion"
	| "leak"
	| "use-after-free"
	| "circular-lock"
	| "irq-inversion"
	| "allocation-failure"
	| "out-of-memory"
	| "warning";

/** The kinds, with what a person calls them; a host offers them as filters. */
export const SPLAT_KINDS: readonly { readonly kind: SplatKind; readonly label: string }[] = [
	{ kind: "sleep-in-atomic", label: "sleeping function called from invalid context" },
	{ kind: "scheduling-while-atomic", label: "scheduling while atomic" },
	{ kind: "rcu-usage", label: "suspicious RCU usage" },
	{ kind: "recursive-lock", label: "possible recursive locking" },
	{ kind: "unlock-balance", label: "bad unlock balance" },
	{ kind: "lock-state", label: "inconsistent lock state" },
	{ kind: "irq-state", label: "interrupts restored or enabled wrongly" },
	{ kind: "assertion", label: "assertions on the context" },
	{ kind: "leak", label: "locks, counts or interrupts leaked at the end" },
	{ kind: "use-after-free", label: "use of freed memory" },
	{ kind: "circular-lock", label: "possible circular locking dependency" },
	{ kind: "irq-inversion", label: "possible irq lock inversion dependency" },
	{ kind: "allocation-failure", label: "page allocation failures" },
	{ kind: "out-of-memory", label: "the OOM killer" },
	{ kind: "warning", label: "WARN_ON and its like" },
];

export interface Splat {
	readonly kind: SplatKind;
	/** the line that says what is wrong */
	readonly title: string;
	readonly text: string;
	readonly at: SourcePlace;
}
