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
	/** lockdep; PROVE_RCU follows it, as in Kconfig */
	readonly proveLocking: boolean;
	/** the first splat ends the run */
	readonly panicOnWarn: boolean;
}

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
		panicOnWarn: given.panicOnWarn ?? false,
	};
}
