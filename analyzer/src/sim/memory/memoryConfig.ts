// The `memory` part of a scenario: how much there is, who takes it, how reclaim gets on, what fails. Checked
// here, with one message for the first wrong place; every part may be left out.

import { allocatorLimits, type WatermarkRuleId, type ZoneName, zoneKinds } from "../../model/allocator.js";

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
	/** pages that kswapd frees at a time, and the steps between two times; 0 pages: it never gets anywhere */
	readonly kswapd: { readonly pages: number; readonly every: number };
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
	kswapd: { pages: allocatorLimits.cluster, every: 32 },
	swap: 262144,
	panicsOnOom: false,
	objectSize: 256,
	isRealtime: false,
	isOomVictim: false,
};

export type MemoryRead =
	| { readonly ok: true; readonly value: MemoryConfig }
	| { readonly ok: false; readonly error: string };

/** Reads the `memory` part of a scenario; nothing at all is the default machine. */
export function readMemory(json: unknown): MemoryRead {
	if (json === undefined) return { ok: true, value: DEFAULT_MEMORY };
	const reader = new Reader();
	const value = readConfig(reader, reader.object(json, "memory", CONFIG_KEYS));
	return reader.error === null ? { ok: true, value } : { ok: false, error: reader.error };
}

const RULE_IDS: readonly WatermarkRuleId[] = ["reserves", "harder"];

const CONFIG_KEYS = [
	...["zones", "watermarks", "failures", "pressure", "consumers", "kswapd", "swap", "panicOnOom", "objectSize"],
	...["realtime", "oomVictim"],
];

function readConfig(reader: Reader, json: Json): MemoryConfig {
	const { zones, kswapd, swap, objectSize } = DEFAULT_MEMORY;
	const list = reader.list(json.zones, "memory.zones") ?? zones;
	const worker = json.kswapd === false ? { pages: 0, every: 1 } : json.kswapd;
	const actor = reader.object(worker ?? {}, "memory.kswapd", ["pages", "every"]);
	return {
		zones: list.map((zone, i) => readZone(reader, zone, `memory.zones[${i}]`)),
		watermarks: reader.word(json.watermarks, "memory.watermarks", RULE_IDS) ?? null,
		failures: readFailures(reader, json.failures),
		consumers: readConsumers(reader, json),
		kswapd: {
			pages: reader.count(actor.pages, "memory.kswapd.pages") ?? kswapd.pages,
			every: reader.positive(actor.every, "memory.kswapd.every") ?? kswapd.every,
		},
		swap: reader.count(json.swap, "memory.swap") ?? swap,
		panicsOnOom: reader.truth(json.panicOnOom, "memory.panicOnOom"),
		objectSize: reader.positive(json.objectSize, "memory.objectSize") ?? objectSize,
		isRealtime: reader.truth(json.realtime, "memory.realtime"),
		isOomVictim: reader.truth(json.oomVictim, "memory.oomVictim"),
	};
}

const ZONE_NAMES = zoneKinds.map(({ zone }) => zone);
const ZONE_COUNTS = ["free", "min", "low", "high", "highatomic", "cma", "clean", "dirty", "anon"] as const;

function readZone(reader: Reader, json: unknown, path: string): ZoneSetup {
	const zone = reader.object(json, path, ["name", "managed", "blocks", ...ZONE_COUNTS]);
	const counts: Partial<Record<(typeof ZONE_COUNTS)[number], number>> = {};
	for (const name of ZONE_COUNTS) {
		const value = reader.count(zone[name], `${path}.${name}`);
		if (value !== undefined) counts[name] = value;
	}
	const blocks = reader.list(zone.blocks, `${path}.blocks`);
	const setup = {
		name: reader.word(zone.name, `${path}.name`, ZONE_NAMES) ?? "Normal",
		managed: reader.positive(zone.managed, `${path}.managed`) ?? reader.fail(`${path}.managed: is missing`, 1),
		...counts,
		...(blocks && { blocks: blocks.map((count, order) => reader.count(count, `${path}.blocks[${order}]`) ?? 0) }),
	};
	checkZone(reader, setup, path);
	return setup;
}

function checkZone(reader: Reader, zone: ZoneSetup, path: string): void {
	const { free = 0, highatomic = 0, cma = 0, clean = 0, dirty = 0, anon = 0, blocks } = zone;
	if (free + clean + dirty + anon > zone.managed) reader.fail(`${path}: free and reclaimable pages exceed managed`, 0);
	if (highatomic + cma > free && zone.free !== undefined) reader.fail(`${path}.free: less than highatomic and cma`, 0);
	if ((blocks?.length ?? 0) > allocatorLimits.maxOrder + 1) {
		reader.fail(`${path}.blocks: the largest order is ${allocatorLimits.maxOrder}`, 0);
	}
}

function readFailures(reader: Reader, json: unknown): Failures {
	if (json === undefined || json === "ask") return { kind: "ask" };
	if (json === "never") return { kind: "never" };
	const path = "memory.failures";
	const given = reader.object(json, path, ["nth", "every", "oneIn", "seed"]);
	if (given.nth !== undefined) {
		const nth = Array.isArray(given.nth) ? given.nth : [given.nth];
		return { kind: "nth", nth: nth.map((n) => reader.positive(n, `${path}.nth`) ?? 1) };
	}
	const every = reader.positive(given.every, `${path}.every`);
	if (every !== undefined) return { kind: "every", every };
	const oneIn = reader.positive(given.oneIn, `${path}.oneIn`);
	if (oneIn === undefined) return reader.fail(`${path}: says neither nth, every nor oneIn`, { kind: "never" });
	return { kind: "chance", oneIn, seed: reader.count(given.seed, `${path}.seed`) ?? 1 };
}

const CONSUMER_KEYS = ["name", "gfp", "order", "blocks", "every", "as"];
/** Steps between two helpings of the plain pressure dial. */
const PRESSURE_EVERY = 16;

/** The dial is a consumer too: a process that takes so many pages again and again. */
function readConsumers(reader: Reader, json: Json): Consumer[] {
	const listed = (reader.list(json.consumers, "memory.consumers") ?? []).map((entry, i): Consumer => {
		const path = `memory.consumers[${i}]`;
		const given = reader.object(entry, path, CONSUMER_KEYS);
		return {
			name: reader.text(given.name, `${path}.name`) ?? `consumer ${i + 1}`,
			gfp: reader.text(given.gfp, `${path}.gfp`) ?? USER_MASK,
			order: reader.count(given.order, `${path}.order`) ?? 0,
			blocks: reader.positive(given.blocks, `${path}.blocks`) ?? 1,
			every: reader.positive(given.every, `${path}.every`) ?? PRESSURE_EVERY,
			as: reader.word(given.as, `${path}.as`, ["anon", "dirty", "clean", "kernel"]) ?? "anon",
		};
	});
	const pressure = reader.count(json.pressure, "memory.pressure") ?? 0;
	return pressure === 0 ? listed : [pressureOf(pressure), ...listed];
}

/** What user space allocates its pages with. */
const USER_MASK =
	"__GFP_DIRECT_RECLAIM|__GFP_KSWAPD_RECLAIM|__GFP_IO|__GFP_FS|__GFP_HARDWALL|__GFP_HIGHMEM|__GFP_MOVABLE";

/** A process that takes so many pages every few steps. */
export function pressureOf(pages: number): Consumer {
	return { name: "memhog", gfp: USER_MASK, order: 0, blocks: pages, every: PRESSURE_EVERY, as: "anon" };
}

type Json = Readonly<Record<string, unknown>>;

/** Takes values of the wanted kind out of JSON, and keeps the first thing that is wrong. */
class Reader {
	error: string | null = null;

	fail<T>(text: string, fallback: T): T {
		this.error ??= text;
		return fallback;
	}

	object(value: unknown, path: string, keys: readonly string[]): Json {
		if (typeof value !== "object" || value === null || Array.isArray(value)) {
			return this.fail(`${path}: must be an object`, {});
		}
		for (const key of Object.keys(value))
			if (!keys.includes(key)) this.fail(`${path}.${key}: there is no such entry`, 0);
		return value as Json;
	}

	list(value: unknown, path: string): readonly unknown[] | undefined {
		if (value === undefined || Array.isArray(value)) return value;
		return this.fail(`${path}: must be a list`, undefined);
	}

	/** an integer from 0 */
	count(value: unknown, path: string): number | undefined {
		if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)) return value as number;
		return this.fail(`${path}: must be an integer from 0`, undefined);
	}

	positive(value: unknown, path: string): number | undefined {
		if (value !== undefined && this.count(value, path) === 0)
			return this.fail(`${path}: must be more than 0`, undefined);
		return this.count(value, path);
	}

	text(value: unknown, path: string): string | undefined {
		if (value === undefined || (typeof value === "string" && value !== "")) return value as string | undefined;
		return this.fail(`${path}: must be a text`, undefined);
	}

	truth(value: unknown, path: string): boolean {
		if (value === undefined || typeof value === "boolean") return value === true;
		return this.fail(`${path}: must be true or false`, false);
	}

	word<W extends string>(value: unknown, path: string, words: readonly W[]): W | undefined {
		if (value === undefined || words.includes(value as W)) return value as W | undefined;
		return this.fail(`${path}: must be one of ${words.join(", ")}`, undefined);
	}
}
