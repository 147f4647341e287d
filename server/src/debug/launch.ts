// What a launch request of the debugger `might-sleep` says. The extension's manifest ("debuggers" in
// package.json) and the client's configuration provider follow these types.

import type { DebugProtocol } from "@vscode/debugprotocol";

/** Switches of the simulated kernel; what is left out is a debug kernel with full preemption. */
export interface LaunchConfig {
	/** preemption model; "full" when left out */
	readonly preemption?: "none" | "voluntary" | "full" | "lazy" | "rt";
	/** bit layout of preempt_count: "classic" (6.1) or "irq-disable" (with HARDIRQ_DISABLE_BITS) */
	readonly layout?: "classic" | "irq-disable";
	/** CONFIG_PREEMPT_COUNT; when left out, as the preemption model and DEBUG_ATOMIC_SLEEP select it */
	readonly preemptCount?: boolean;
	/** CONFIG_PREEMPT_RCU; when left out, on for the models full and rt */
	readonly preemptRcu?: boolean;
	/** CONFIG_DEBUG_ATOMIC_SLEEP; on when left out */
	readonly debugAtomicSleep?: boolean;
	/** CONFIG_PROVE_LOCKING; on when left out */
	readonly proveLocking?: boolean;
	/** the first splat ends the run; off when left out */
	readonly panicOnWarn?: boolean;
}

export interface LaunchArguments {
	/** name of the function to step through; empty when a finding or a scenario is */
	readonly function: string;
	/** id of a finding: the run follows its chain to the splat that it predicts, and begins where the chain does */
	readonly finding?: string;
	/** a scenario file instead of a function: tasks, interrupts, memory, schedule */
	readonly scenario?: string;
	/** file that defines it, absolute or relative to the root; needed when several files define one of its name */
	readonly file?: string;
	/** a line of it, from 1, when the file defines it twice */
	readonly line?: number;
	/** id of the context it is entered in: "process", "hardirq", "softirq", "timer", "ndo-xmit" …; when left out, the one its callers and registrations say, else "process" */
	readonly entry?: string;
	/** root of the tree; when left out, the kernel tree that the file is in, else its folder */
	readonly root?: string;
	/** name of a function to run to before the first stop, by a chain that is known to lead there */
	readonly until?: string;
	/** stop before the first line; true when left out */
	readonly stopOnEntry?: boolean;
	/** address that, with the number of a step behind it, goes to that step: what the console prints as links */
	readonly stepLink?: string;
	readonly config?: LaunchConfig;
}

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

/** Reads the arguments of a launch request, which come from a user's launch.json. */
export function readLaunch(args: DebugProtocol.LaunchRequestArguments): Checked<LaunchArguments> {
	const given = args as Record<string, unknown>;
	const isNamed = (name: string) => typeof given[name] === "string" && given[name] !== "";
	if (!isNamed("function") && !isNamed("finding") && !isNamed("scenario")) {
		return { ok: false, error: "the launch configuration names no function, finding or scenario" };
	}
	for (const [name, type] of Object.entries(FIELD_TYPES)) {
		if (given[name] !== undefined && typeof given[name] !== type) {
			return { ok: false, error: `'${name}' of the launch configuration is not a ${type}` };
		}
	}
	const config = (given.config ?? {}) as Record<string, unknown>;
	for (const [name, value] of Object.entries(config)) {
		const allowed = CONFIG_VALUES[name];
		if (allowed === undefined) return { ok: false, error: `unknown switch '${name}' in 'config'` };
		if (!allowed.includes(value)) return { ok: false, error: `'${name}' must be one of ${allowed.join(", ")}` };
	}
	return { ok: true, value: { ...given, function: isNamed("function") ? given.function : "" } as LaunchArguments };
}

const FIELD_TYPES: Readonly<Record<string, string>> = {
	finding: "string",
	scenario: "string",
	until: "string",
	file: "string",
	line: "number",
	entry: "string",
	root: "string",
	stopOnEntry: "boolean",
	stepLink: "string",
	config: "object",
};

const SWITCH: readonly unknown[] = [true, false];
const CONFIG_VALUES: Readonly<Record<string, readonly unknown[]>> = {
	preemption: ["none", "voluntary", "full", "lazy", "rt"],
	layout: ["classic", "irq-disable"],
	preemptCount: SWITCH,
	preemptRcu: SWITCH,
	debugAtomicSleep: SWITCH,
	proveLocking: SWITCH,
	panicOnWarn: SWITCH,
};
