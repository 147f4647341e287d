// Scenario files: what runs on which CPU, what interrupts it where, on which kernel, in which order. The type,
// its check and its JSON schema, which are one description; running one is in `scenarioRun.ts`.

import {
	about,
	either,
	integer,
	list,
	mapping,
	matching,
	oneMember,
	oneOf,
	record,
	text,
	yesNo,
} from "../base/shape.js";
import type { Preemption, Schedule, SimConfig } from "./config.js";
import { type MemorySection, memoryShape } from "./memory/memoryConfig.js";

/** A number, `NULL`, `&variable`, or the name of something that nobody knows: the same for all that name it. */
export type ArgText = number | string;

export interface ScenarioTask {
	readonly name?: string;
	readonly function: string;
	readonly cpu?: number;
	/** id of a run context; "process" when left out */
	readonly entry?: string;
	readonly args?: readonly ArgText[];
}

export interface ScenarioInterrupt {
	readonly name?: string;
	readonly function: string;
	/** function of its thread */
	readonly thread?: string;
	/** id of a run context; "hardirq" when left out */
	readonly entry?: string;
	readonly cpu?: number;
	readonly times?: number;
	/** where it comes; left out: when all wait, or where a search wants it */
	readonly at?: PointText;
	readonly args?: readonly ArgText[];
}

export type PointText =
	| { readonly after: number }
	| { readonly line: string }
	| { readonly in: string }
	| { readonly holds: string };

/** Something that happens at a step in place of what the schedule has in mind. */
export interface ScenarioEvent {
	readonly step: number;
	readonly do: { readonly run: number } | { readonly interrupt: string } | { readonly tick: number };
}

export interface Scenario {
	readonly $schema?: string;
	readonly name: string;
	readonly about?: string;
	/** C and Rust files, relative to the scenario */
	readonly sources: readonly string[];
	/** version, e.g. "6.1" */
	readonly kernel?: string;
	readonly cpus?: number;
	readonly config?: Partial<SimConfig>;
	/** runs to its end before the tasks begin */
	readonly init?: string;
	readonly tasks: readonly ScenarioTask[];
	readonly interrupts?: readonly ScenarioInterrupt[];
	readonly schedule?: Partial<Schedule> & { readonly events?: readonly ScenarioEvent[] };
	/** answers by question */
	readonly choices?: Readonly<Record<string, string>>;
	readonly memory?: MemorySection;
	/** bounds of a search */
	readonly explore?: { readonly steps?: number; readonly schedules?: number; readonly deviations?: number };
}

export const PREEMPTION_MODELS: readonly Preemption[] = ["none", "voluntary", "full", "lazy", "rt"];
export const MAX_CPUS = 4;

const cpu = integer(0, MAX_CPUS - 1);
const args = about(
	"arguments in order: a number, NULL, &variable, or a name for something unknown that is the same wherever it is named",
	list(either(integer(Number.MIN_SAFE_INTEGER), text)),
);

const config = record(
	{},
	{
		preemption: about("preemption model", oneOf(...PREEMPTION_MODELS)),
		layout: about("bit layout of preempt_count", oneOf("classic", "irq-disable")),
		preemptCount: about("CONFIG_PREEMPT_COUNT", yesNo),
		preemptRcu: about("CONFIG_PREEMPT_RCU", yesNo),
		debugAtomicSleep: about("CONFIG_DEBUG_ATOMIC_SLEEP", yesNo),
		proveLocking: about("CONFIG_PROVE_LOCKING", yesNo),
		proveRcu: about("CONFIG_PROVE_RCU", yesNo),
		panicOnWarn: about("panic_on_warn: the first splat ends the run", yesNo),
		spinLockSetsGfp: about("what if spin_lock() turned current->gfp_flags into GFP_ATOMIC", yesNo),
		allocatorAsksContext: about("what if the allocator chose by in_atomic()", yesNo),
	},
);

const task = record(
	{ function: about("function that it runs", text) },
	{
		name: about("what it is called in messages; the function's name when left out", text),
		cpu: about("CPU that it runs on; the tasks take turns when left out", cpu),
		entry: about("context that it is entered in: process, kthread, rcu-reader, softirq …", text),
		args,
	},
);

const point = oneMember({
	after: about("when this many steps have been made", integer(0)),
	line: about("when its CPU comes to FILE:LINE", matching(/^.+:\d+$/, "FILE:LINE")),
	in: about("when its CPU is in this function", text),
	holds: about("when the task on its CPU holds this lock, as the source names it", text),
});

const interrupt = record(
	{ function: about("its handler", text) },
	{
		name: about("what it is called in messages; the handler's name when left out", text),
		thread: about("function of its thread, for handlers that return IRQ_WAKE_THREAD", text),
		entry: about("context of the handler: hardirq, hardirq-always, nmi, softirq, timer …", text),
		cpu,
		times: about("how often it comes at most; once when left out", integer(1)),
		at: about("where it comes; when left out: when all tasks wait, or where a search wants it", point),
		args,
	},
);

const event = record({
	step: about("after this many steps", integer(0)),
	do: oneMember({
		run: about("this CPU goes on", cpu),
		interrupt: about("the interrupt of this name comes", text),
		tick: about("the scheduling clock ticks on this CPU", cpu),
	}),
});

const schedule = record(
	{},
	{
		policy: about(
			"sequential: a CPU runs until it waits; round-robin: CPUs take turns; random: as the seed says",
			oneOf("sequential", "round-robin", "random"),
		),
		turn: about("steps of a turn", integer(1)),
		seed: integer(0),
		events: about("what happens at certain steps instead", list(event)),
	},
);

/** Description of a scenario file. */
export const scenarioShape = record(
	{
		name: text,
		sources: about("C and Rust files that it runs, relative to the scenario", list(text, 1)),
		tasks: list(task, 1),
	},
	{
		$schema: text,
		about: about("what it shows, in a sentence", text),
		kernel: about("version of the kernel, e.g. 6.1", matching(/^\d+\.\d+$/, "a version such as 6.1")),
		cpus: integer(1, MAX_CPUS),
		config,
		init: about("function that runs to its end before the tasks begin", text),
		interrupts: list(interrupt),
		schedule,
		choices: about("answers to the machine's questions: question to option", mapping(text)),
		memory: about("zones, free pages, pressure and failures of the machine's memory", memoryShape),
		explore: about(
			"bounds of a search over schedules",
			record({}, { steps: integer(1), schedules: integer(1), deviations: integer(0) }),
		),
	},
);

/** The JSON schema of scenario files. */
export function scenarioSchema(): object {
	return {
		$schema: "http://json-schema.org/draft-07/schema#",
		title: "might-sleep scenario",
		...scenarioShape.schema,
	};
}

export type Parsed = { readonly ok: true; readonly value: Scenario } | { readonly ok: false; readonly error: string };

/** Reads the text of a scenario file. */
export function parseScenario(source: string): Parsed {
	let value: unknown;
	try {
		value = JSON.parse(source);
	} catch (error) {
		return { ok: false, error: `is no JSON: ${error instanceof Error ? error.message : String(error)}` };
	}
	const wrong = scenarioShape.check(value, "scenario");
	if (wrong !== undefined) return { ok: false, error: wrong };
	const scenario = value as Scenario;
	const problem = contradiction(scenario);
	return problem === null ? { ok: true, value: scenario } : { ok: false, error: problem };
}

/** What each member alone does not say. */
function contradiction(scenario: Scenario): string | null {
	const nCpus = scenario.cpus ?? 1;
	for (const [where, list] of [
		["tasks", scenario.tasks],
		["interrupts", scenario.interrupts ?? []],
	] as const) {
		for (const [i, one] of list.entries()) {
			if ((one.cpu ?? 0) >= nCpus) return `scenario.${where}[${i}].cpu: there are ${nCpus} CPUs, from 0 on`;
		}
	}
	const names = new Set((scenario.interrupts ?? []).map((one) => one.name ?? one.function));
	for (const [i, event] of (scenario.schedule?.events ?? []).entries()) {
		if ("interrupt" in event.do && !names.has(event.do.interrupt)) {
			return `scenario.schedule.events[${i}].do.interrupt: there is no interrupt '${event.do.interrupt}'`;
		}
	}
	return null;
}
