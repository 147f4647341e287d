// The `memory` part of a scenario: how much there is, who takes it, how reclaim gets on, what fails. One
// description is the check and the schema; every part may be left out.

import { about, either, integer, list, oneOf, record, text, yesNo } from "../../base/shape.js";
import { allocatorLimits, userMask, type WatermarkRuleId, type ZoneName, zoneKinds } from "../../model/allocator.js";

export interface ZoneSetup {
	readonly name: ZoneName;
	readonly managed: number;
	readonly free?: number;
	readonly min?: number;
	readonly low?: number;
	readonly high?: number;
	/** pages of pageblocks that are reserved for high-order atomic allocations, all free */
	readonly highatomic?: number;
	/** free pages kept for contiguous memory */
	readonly cma?: number;
	/** free blocks by order, of what is left; as large as can be when left out */
	readonly blocks?: readonly number[];
	readonly clean?: number;
	readonly dirty?: number;
	readonly anon?: number;
}

/** Somebody who is not part of the program and takes pages. */
export interface Consumer {
	readonly name: string;
	/** the mask it allocates with, as in the source */
	readonly gfp: string;
	/** blocks of this order */
	readonly order: number;
	/** blocks at a time */
	readonly blocks: number;
	/** steps between two times */
	readonly every: number;
	/** what becomes of the pages: the OOM killer may have anonymous ones back */
	readonly as: "anon" | "dirty" | "clean" | "kernel";
}

/** Which allocations fail although there is memory. */
export type Failures =
	/** the host is asked for each, and the answer by default is that it succeeds */
	| { readonly kind: "ask" }
	| { readonly kind: "never" }
	/** these, counted from 1, or every so many */
	| { readonly kind: "nth"; readonly nth: readonly number[] }
	| { readonly kind: "every"; readonly every: number }
	/** one in so many, by the seed */
	| { readonly kind: "chance"; readonly oneIn: number; readonly seed: number };

export interface MemoryConfig {
	readonly zones: readonly ZoneSetup[];
	readonly watermarks: WatermarkRuleId | null;
	readonly failures: Failures;
	readonly consumers: readonly Consumer[];
	/** pages that a pass of kswapd frees; 0: it is never woken */
	readonly kswapd: { readonly pages: number };
	/** free pages of swap space */
	readonly swap: number;
	/** vm.panic_on_oom: panics rather than kill a process */
	readonly panicsOnOom: boolean;
	/** bytes of an object whose size the source does not tell */
	readonly objectSize: number;
	/** whose task allocates: real-time, or chosen by the OOM killer */
	readonly isRealtime: boolean;
	readonly isOomVictim: boolean;
}

/** 1 GiB in one zone, most of it in use, and nobody who wants more. */
export const DEFAULT_MEMORY: MemoryConfig = {
	zones: [{ name: "Normal", managed: 262144, free: 65536, clean: 98304, dirty: 4096, anon: 65536 }],
	watermarks: null,
	failures: { kind: "ask" },
	consumers: [],
	kswapd: { pages: allocatorLimits.cluster },
	swap: 262144,
	panicsOnOom: false,
	objectSize: 256,
	isRealtime: false,
	isOomVictim: false,
};

// ---- as it stands in a scenario ----

export interface MemorySection {
	readonly zones?: readonly ZoneSetup[];
	readonly watermarks?: WatermarkRuleId;
	readonly failures?: FailureText;
	readonly pressure?: number;
	readonly consumers?: readonly Partial<Consumer>[];
	readonly kswapd?: false | { readonly pages?: number };
	readonly swap?: number;
	readonly panicOnOom?: boolean;
	readonly objectSize?: number;
	readonly realtime?: boolean;
	readonly oomVictim?: boolean;
}

type FailureText =
	| "ask"
	| "never"
	| { readonly nth: readonly number[] }
	| { readonly every: number }
	| { readonly oneIn: number; readonly seed?: number };

const RULE_IDS: readonly WatermarkRuleId[] = ["reserves", "harder"];
const pages = integer(0);

const zone = record(
	{ name: oneOf(...zoneKinds.map(({ zone: name }) => name)), managed: about("pages, in use or not", integer(1)) },
	{
		free: about("free pages; a quarter of all when left out", pages),
		min: about("watermarks; from the sizes of the zones when left out", pages),
		low: pages,
		high: pages,
		highatomic: about("free pages reserved for high-order atomic allocations", pages),
		cma: about("free pages kept for contiguous memory", pages),
		blocks: about("free blocks by order, in place of blocks as large as can be", list(pages)),
		clean: about("pages of the page cache that reclaim may take at once", pages),
		dirty: about("pages that have to be written first", pages),
		anon: about("pages that have to be swapped out first", pages),
	},
);

const consumer = record(
	{},
	{
		name: text,
		gfp: about("its mask, as in the source", text),
		order: integer(0, allocatorLimits.maxOrder),
		blocks: about("blocks that it takes at a time", integer(1)),
		every: about("steps between two times", integer(1)),
		as: about("what becomes of the pages", oneOf("anon", "dirty", "clean", "kernel")),
	},
);

/** Description of the `memory` part of a scenario. */
export const memoryShape = record(
	{},
	{
		zones: about("zones, by name", list(zone, 1)),
		watermarks: about("reserves: 6.1 as maintained and newer; harder: 6.1 as released", oneOf(...RULE_IDS)),
		failures: about(
			"which allocations fail although there is memory: ask, never, these (nth), every so many, or one in so many by a seed",
			either(
				record({ nth: list(integer(1), 1) }),
				record({ every: integer(1) }),
				record({ oneIn: integer(1) }, { seed: pages }),
				oneOf("ask", "never"),
			),
		),
		pressure: about("pages that a process takes again and again", pages),
		consumers: about("others who take pages", list(consumer)),
		kswapd: about(
			"how it gets on; false: not at all",
			either(oneFalse(), record({}, { pages: about("pages that a pass of it frees", pages) })),
		),
		swap: about("free pages of swap space", pages),
		panicOnOom: about("vm.panic_on_oom", yesNo),
		objectSize: about("bytes of an object whose size the source does not tell", integer(1)),
		realtime: about("tasks have a real-time policy", yesNo),
		oomVictim: about("tasks have been chosen by the OOM killer", yesNo),
	},
);

function oneFalse() {
	return {
		schema: { const: false },
		check: (value: unknown, path: string) => (value === false ? undefined : `${path}: must be false or an object`),
	};
}

export type MemoryRead =
	| { readonly ok: true; readonly value: MemoryConfig }
	| { readonly ok: false; readonly error: string };

/** Reads the `memory` part of a scenario; nothing at all is the default machine. */
export function readMemory(json: unknown): MemoryRead {
	if (json === undefined) return { ok: true, value: DEFAULT_MEMORY };
	const wrong = memoryShape.check(json, "memory");
	if (wrong !== undefined) return { ok: false, error: wrong };
	const section = json as MemorySection;
	for (const [i, setup] of (section.zones ?? []).entries()) {
		const problem = contradiction(setup, `memory.zones[${i}]`);
		if (problem !== null) return { ok: false, error: problem };
	}
	return { ok: true, value: configFrom(section) };
}

function contradiction(setup: ZoneSetup, path: string): string | null {
	const { free = 0, highatomic = 0, cma = 0, clean = 0, dirty = 0, anon = 0, blocks } = setup;
	if (free + clean + dirty + anon > setup.managed) return `${path}: free and reclaimable pages exceed managed`;
	if (setup.free !== undefined && highatomic + cma > free) return `${path}.free: less than highatomic and cma`;
	const { maxOrder } = allocatorLimits;
	return (blocks?.length ?? 0) > maxOrder + 1 ? `${path}.blocks: the largest order is ${maxOrder}` : null;
}

function configFrom(section: MemorySection): MemoryConfig {
	const usual = DEFAULT_MEMORY;
	const { kswapd } = section;
	return {
		zones: section.zones ?? usual.zones,
		watermarks: section.watermarks ?? null,
		failures: failuresFrom(section.failures ?? "ask"),
		consumers: consumersFrom(section),
		kswapd: kswapd === false ? { pages: 0 } : { ...usual.kswapd, ...kswapd },
		swap: section.swap ?? usual.swap,
		panicsOnOom: section.panicOnOom === true,
		objectSize: section.objectSize ?? usual.objectSize,
		isRealtime: section.realtime === true,
		isOomVictim: section.oomVictim === true,
	};
}

function failuresFrom(given: FailureText): Failures {
	if (typeof given === "string") return { kind: given };
	if ("nth" in given) return { kind: "nth", nth: given.nth };
	if ("every" in given) return { kind: "every", every: given.every };
	return { kind: "chance", oneIn: given.oneIn, seed: given.seed ?? 1 };
}

/** Steps between two helpings of the plain pressure dial. */
const PRESSURE_EVERY = 16;

/** The dial is a consumer too: a process that takes so many pages again and again. */
function consumersFrom({ consumers = [], pressure = 0 }: MemorySection): Consumer[] {
	const listed = consumers.map(
		(given, i): Consumer => ({
			name: given.name ?? `consumer ${i + 1}`,
			gfp: given.gfp ?? userMask,
			order: given.order ?? 0,
			blocks: given.blocks ?? 1,
			every: given.every ?? PRESSURE_EVERY,
			as: given.as ?? "anon",
		}),
	);
	return pressure === 0 ? listed : [pressureOf(pressure), ...listed];
}

/** A process that takes so many pages every few steps. */
export function pressureOf(blocks: number): Consumer {
	return { name: "memhog", gfp: userMask, order: 0, blocks, every: PRESSURE_EVERY, as: "anon" };
}
