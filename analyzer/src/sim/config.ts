// The kernel configuration of the simulated machine and the bit layouts of preempt_count, as data.
// Switches are independent of each other on purpose (PREEMPT_RCU does not follow from the preemption model);
// `resolveConfig` fills what was not said the way Kconfig would.

/** One field of preempt_count. */
export interface CountField {
	readonly shift: number;
	readonly bits: number;
}

export interface CountLayout {
	readonly id: "classic" | "irq-disable";
	readonly preempt: CountField;
	readonly softirq: CountField;
	/** nesting of interrupt-disabled sections; only in the newer layout */
	readonly hardirqDisable: CountField | null;
	readonly hardirq: CountField;
	readonly nmi: CountField;
	readonly needResched: CountField;
	readonly source: string;
}

export const LAYOUTS: Readonly<Record<CountLayout["id"], CountLayout>> = {
	classic: {
		id: "classic",
		preempt: { shift: 0, bits: 8 },
		softirq: { shift: 8, bits: 8 },
		hardirqDisable: null,
		hardirq: { shift: 16, bits: 4 },
		nmi: { shift: 20, bits: 4 },
		needResched: { shift: 31, bits: 1 },
		source: "include/linux/preempt.h (6.1)",
	},
	"irq-disable": {
		id: "irq-disable",
		preempt: { shift: 0, bits: 8 },
		softirq: { shift: 8, bits: 8 },
		hardirqDisable: { shift: 16, bits: 8 },
		hardirq: { shift: 24, bits: 4 },
		nmi: { shift: 28, bits: 1 },
		needResched: { shift: 31, bits: 1 },
		source: "include/linux/preempt.h with HARDIRQ_DISABLE_BITS (tip 9634d860ac15)",
	},
};

/** The value 1 in a field. */
export function unitOf(field: CountField): number {
	return 2 ** field.shift;
}

/** What a field of a count holds. */
export function readField(count: number, field: CountField): number {
	return Math.floor(count / 2 ** field.shift) % 2 ** field.bits;
}

export type Preemption = "none" | "voluntary" | "full" | "lazy" | "rt";

export interface SimConfig {
	readonly layout: CountLayout["id"];
	readonly preemption: Preemption;
	/** preempt_disable() counts */
	readonly preemptCount: boolean;
	/** RCU readers have a nesting depth of their own and may be preempted */
	readonly preemptRcu: boolean;
	/** might_sleep() checks */
	readonly debugAtomicSleep: boolean;
	/** lockdep */
	readonly proveLocking: boolean;
	/** RCU's own checks of its readers and updaters; selected by proveLocking */
	readonly proveRcu: boolean;
	/** the first splat ends the run */
	readonly panicOnWarn: boolean;
	/** what if: spin_lock() turned current->gfp_flags into GFP_ATOMIC */
	readonly spinLockSetsGfp: boolean;
	/** what if: the allocator chose by in_atomic() */
	readonly allocatorAsksContext: boolean;
}

/** Who runs next, where a scenario or a person does not say. */
export interface Schedule {
	/**
	 * sequential: a CPU runs until it waits or is done; round-robin: the CPUs take turns; random: the seed says, also
	 * when interrupts come.
	 */
	readonly policy: "sequential" | "round-robin" | "random";
	/** steps of a turn */
	readonly turn: number;
	readonly seed: number;
}

export const DEFAULT_SCHEDULE: Schedule = { policy: "sequential", turn: 1, seed: 1 };

/** Fills a configuration: a debug kernel with full preemption where nothing is said. */
export function resolveConfig(given: Partial<SimConfig>): SimConfig {
	const preemption = given.preemption ?? "full";
	const debugAtomicSleep = given.debugAtomicSleep ?? true;
	const isPreemptible = preemption === "full" || preemption === "lazy" || preemption === "rt";
	return {
		layout: given.layout ?? "classic",
		preemption,
		// DEBUG_ATOMIC_SLEEP selects PREEMPT_COUNT, and so does every preemptible kernel.
		preemptCount: given.preemptCount ?? (isPreemptible || debugAtomicSleep),
		preemptRcu: given.preemptRcu ?? (preemption === "full" || preemption === "rt"),
		debugAtomicSleep,
		proveLocking: given.proveLocking ?? true,
		proveRcu: given.proveRcu ?? given.proveLocking ?? true,
		panicOnWarn: given.panicOnWarn ?? false,
		spinLockSetsGfp: given.spinLockSetsGfp ?? false,
		allocatorAsksContext: given.allocatorAsksContext ?? false,
	};
}
