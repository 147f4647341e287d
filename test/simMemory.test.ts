// The simulator's memory: the arithmetic of the watermarks against a transcription of its facts that is written
// here on its own, for random zones and all flags; free blocks; watermarks from sizes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AllocFlag, type WatermarkRules } from "@might-sleep/analyzer/model/allocator";
import { builtinRows, compileModel } from "@might-sleep/analyzer/model/compile";
import { allocatorBits, gfpMask } from "@might-sleep/analyzer/model/gfp";
import {
	type Allocating,
	fastFlags,
	highestZone,
	reserveFlags,
	retryFlags,
	slowFlags,
} from "@might-sleep/analyzer/sim/memory/allocFlags";
import {
	blocksFrom,
	blocksOf,
	giveBlock,
	pagesIn,
	takeBlock,
	takePages,
} from "@might-sleep/analyzer/sim/memory/blocks";
import { takeFreeBlock } from "@might-sleep/analyzer/sim/memory/freelist";
import { readMemory } from "@might-sleep/analyzer/sim/memory/memoryConfig";
import { startMemory } from "@might-sleep/analyzer/sim/memory/memoryState";
import { rulesFor } from "@might-sleep/analyzer/sim/memory/rules";
import { reach, watermarkOk } from "@might-sleep/analyzer/sim/memory/watermarks";
import { lowmemReserves, watermarksOf, withFree, type Zone } from "@might-sleep/analyzer/sim/memory/zone";
import { draw } from "@might-sleep/analyzer/sim/rng";

/** Draws numbers below bounds, one after another. */
function dice(seed: number): (bound: number) => number {
	let state = seed;
	return (bound) => {
		const drawn = draw(state, bound);
		state = drawn.seed;
		return drawn.value;
	};
}

const ORDERS = 11;

function randomBlocks(roll: (bound: number) => number, most: number) {
	const sparse = roll(3) === 0;
	return blocksFrom(Array.from({ length: ORDERS }, () => (sparse && roll(2) === 0 ? 0 : roll(most))));
}

function randomZone(seed: number): Zone {
	const roll = dice(seed);
	const ordinary = randomBlocks(roll, 1 + roll(6));
	const cma = roll(2) === 0 ? blocksOf(0) : randomBlocks(roll, 2);
	const highatomic = roll(2) === 0 ? blocksOf(0) : randomBlocks(roll, 2);
	const free = pagesIn(ordinary) + pagesIn(cma) + pagesIn(highatomic);
	// Around the free pages, so that both answers come up.
	const min = Math.max(0, free + roll(Math.max(free, 16)) - (free >> 1) - roll(64));
	const low = min + roll(500);
	return {
		name: "Normal",
		index: 2,
		managed: free * 4 + roll(10_000),
		min,
		low,
		high: low + roll(500),
		lowmemReserve: [0, 0, 0, roll(3) === 0 ? roll(300) : 0, roll(3) === 0 ? roll(300) : 0],
		ordinary,
		cma,
		highatomic,
		free,
		reservedHighatomic: pagesIn(highatomic) + roll(2) * 512,
		clean: 0,
		dirty: 0,
		anon: 0,
	};
}

/** What the arithmetic is said to be, fact by fact; `rules` is one of the three kernels there are. */
function transcribed(
	kernel: "6.1.192" | "6.12" | "6.1.0",
	zone: Zone,
	q: { order: number; mark: number; zoneIndex: number; flags: number },
): boolean {
	const OOM = 0x08;
	const NON_BLOCK_OR_HARDER = 0x10;
	const MIN_RESERVE_OR_HIGH = 0x20;
	const CMA = 0x80;
	const HIGHATOMIC = 0x200;
	const has = (bit: number) => (q.flags & bit) !== 0;
	const isOld = kernel === "6.1.0";
	const isHard = isOld
		? has(NON_BLOCK_OR_HARDER | OOM)
		: has(NON_BLOCK_OR_HARDER | MIN_RESERVE_OR_HIGH | HIGHATOMIC | OOM);
	let free = zone.free - ((1 << q.order) - 1);
	if (!isHard) free -= kernel === "6.12" ? pagesIn(zone.highatomic) : zone.reservedHighatomic;
	if (!has(CMA)) free -= pagesIn(zone.cma);
	let min = q.mark;
	if (isOld) {
		if (has(MIN_RESERVE_OR_HIGH)) min -= Math.floor(min / 2);
		if (has(OOM)) min -= Math.floor(min / 2);
		else if (has(NON_BLOCK_OR_HARDER)) min -= Math.floor(min / 4);
	} else {
		if (has(MIN_RESERVE_OR_HIGH)) {
			min -= Math.floor(min / 2);
			if (has(NON_BLOCK_OR_HARDER)) min -= Math.floor(min / 4);
		}
		if (has(OOM)) min -= Math.floor(min / 2);
	}
	if (free <= min + zone.lowmemReserve[q.zoneIndex]!) return false;
	if (q.order === 0) return true;
	const mayHighatomic = isOld ? has(NON_BLOCK_OR_HARDER | OOM) : has(HIGHATOMIC | OOM);
	for (let order = q.order; order < ORDERS; order++) {
		if (zone.ordinary.free[order]! > 0) return true;
		if (has(CMA) && zone.cma.free[order]! > 0) return true;
		if (mayHighatomic && zone.highatomic.free[order]! > 0) return true;
	}
	return false;
}

const KERNELS = [
	{ kernel: "6.1.192", rules: rulesFor([6, 1], null) },
	{ kernel: "6.12", rules: rulesFor([6, 12], null) },
	{ kernel: "6.1.0", rules: rulesFor([6, 1], "harder") },
] as const;

/** Every set of the flags that the arithmetic looks at. */
const FLAG_SETS = Array.from({ length: 32 }, (_, set) =>
	[AllocFlag.Oom, AllocFlag.NonBlock, AllocFlag.MinReserve, AllocFlag.Cma, AllocFlag.HighAtomic].reduce(
		(flags: number, flag, i) => ((set >> i) & 1 ? flags | flag : flags),
		0,
	),
);

test("watermarks decide as the facts say, for 1,000 random zones and all flags", () => {
	for (const { kernel, rules } of KERNELS) {
		let nYes = 0;
		let nNo = 0;
		for (let seed = 1; seed <= 1000; seed++) {
			const zone = randomZone(seed * 7919);
			const roll = dice(seed);
			for (const flags of FLAG_SETS) {
				const order = roll(2) === 0 ? 0 : roll(ORDERS);
				const mark = [zone.min, zone.low, zone.high][roll(3)]!;
				const zoneIndex = 2 + roll(3);
				const expected = transcribed(kernel, zone, { order, mark, zoneIndex, flags });
				const got = watermarkOk(zone, { order, flags, highestZone: zoneIndex }, mark, rules);
				assert.equal(got, expected, JSON.stringify({ kernel, seed, flags, order, mark, zoneIndex }));
				if (expected) nYes++;
				else nNo++;
			}
		}
		assert.ok(nYes > 5000 && nNo > 5000, `${kernel}: ${nYes} may, ${nNo} may not`);
	}
});

test("the minimum is cut in integers: 1000 → 500 → 375, for an OOM victim half of what is left", () => {
	const left = (rules: WatermarkRules, flags: number, min = 1000) => reach({ ...plainZone(), min }, flags, rules) - 1;
	const [now, , old] = KERNELS.map(({ rules }) => rules);
	assert.equal(left(now!, 0), 1000);
	assert.equal(left(now!, AllocFlag.NonBlock), 1000);
	assert.equal(left(now!, AllocFlag.MinReserve), 500);
	assert.equal(left(now!, AllocFlag.MinReserve | AllocFlag.NonBlock), 375);
	assert.equal(left(now!, AllocFlag.Oom), 500);
	assert.equal(left(now!, AllocFlag.MinReserve | AllocFlag.NonBlock | AllocFlag.Oom), 188);
	assert.equal(left(now!, AllocFlag.MinReserve | AllocFlag.NonBlock, 7), 3);
	assert.equal(left(now!, AllocFlag.NoWatermarks), 0);
	assert.equal(left(old!, AllocFlag.MinReserve | AllocFlag.NonBlock), 375);
	assert.equal(left(old!, AllocFlag.NonBlock), 750);
});

function plainZone(): Zone {
	const config = readMemory({ zones: [{ name: "Normal", managed: 262144, free: 20000, min: 1000 }] });
	assert.ok(config.ok);
	return startMemory(config.value).zones[0]!;
}

test("reach is the lowest number of free pages at which a page is still given", () => {
	for (const { kernel, rules } of KERNELS) {
		for (let seed = 1; seed <= 200; seed++) {
			const zone = randomZone(seed * 104729);
			for (const flags of FLAG_SETS) {
				const lowest = reach(zone, flags, rules);
				const at = (free: number) =>
					watermarkOk(zone, { order: 0, flags, highestZone: zone.index }, zone.min, rules, free);
				assert.ok(at(lowest), `${kernel} ${seed} ${flags}: not at ${lowest}`);
				assert.ok(!at(lowest - 1), `${kernel} ${seed} ${flags}: at ${lowest - 1} too`);
			}
		}
	}
});

function allocating(version: readonly [number, number], given: Partial<Allocating> = {}): Allocating {
	const model = compileModel(builtinRows, version);
	return {
		bits: allocatorBits((name) => model.gfp.get(name)?.is),
		rules: rulesFor(version, null),
		inTask: true,
		inInterrupt: false,
		servesSoftirq: false,
		memalloc: false,
		isOomVictim: false,
		isRealtime: false,
		...given,
	};
}

function maskOf(version: readonly [number, number], text: string): number {
	const model = compileModel(builtinRows, version);
	return gfpMask(text, (name) => model.gfp.get(name)?.is)!.bits;
}

test("masks become the kernel's alloc_flags", () => {
	const [NonBlock, MinReserve, HighAtomic] = [AllocFlag.NonBlock, AllocFlag.MinReserve, AllocFlag.HighAtomic];
	const [Cpuset, Kswapd, Cma] = [AllocFlag.Cpuset, AllocFlag.Kswapd, AllocFlag.Cma];
	const [NoWatermarks, Oom] = [AllocFlag.NoWatermarks, AllocFlag.Oom];
	for (const version of [
		[6, 1],
		[6, 12],
	] as const) {
		const by = allocating(version);
		const slow = (text: string, order = 0, given: Partial<Allocating> = {}) =>
			slowFlags(maskOf(version, text), order, { ...by, ...given });
		assert.equal(slow("GFP_KERNEL"), Cpuset | Kswapd);
		assert.equal(slow("GFP_NOWAIT"), NonBlock | Cpuset | Kswapd);
		assert.equal(slow("GFP_ATOMIC"), NonBlock | MinReserve | Kswapd);
		assert.equal(slow("GFP_ATOMIC", 2), NonBlock | MinReserve | HighAtomic | Kswapd);
		assert.equal(slow("GFP_NOWAIT", 2), NonBlock | Cpuset | Kswapd);
		assert.equal(slow("GFP_ATOMIC | __GFP_NOMEMALLOC", 2), MinReserve | Kswapd);
		assert.equal(slow("GFP_KERNEL | __GFP_HIGH"), MinReserve | Cpuset | Kswapd);
		assert.equal(slow("GFP_KERNEL", 0, { isRealtime: true }), MinReserve | Cpuset | Kswapd);
		assert.equal(slow("GFP_KERNEL", 0, { isRealtime: true, inTask: false }), Cpuset | Kswapd);
		assert.equal(slow("GFP_HIGHUSER_MOVABLE"), Cma | Cpuset | Kswapd);
		assert.equal(fastFlags(maskOf(version, "GFP_ATOMIC"), by), AllocFlag.WmarkLow | Kswapd);
		const reserve = (text: string, given: Partial<Allocating> = {}) =>
			reserveFlags(maskOf(version, text), { ...by, ...given });
		assert.equal(reserve("GFP_KERNEL"), 0);
		assert.equal(reserve("GFP_KERNEL | __GFP_MEMALLOC"), NoWatermarks);
		assert.equal(reserve("GFP_KERNEL | __GFP_MEMALLOC | __GFP_NOMEMALLOC"), 0);
		assert.equal(reserve("GFP_NOWAIT", { memalloc: true }), NoWatermarks);
		assert.equal(reserve("GFP_NOWAIT | __GFP_NOMEMALLOC", { memalloc: true }), 0);
		const inHardirq = { memalloc: true, inTask: false, inInterrupt: true };
		assert.equal(reserve("GFP_ATOMIC", inHardirq), 0);
		assert.equal(reserve("GFP_ATOMIC", { ...inHardirq, servesSoftirq: true }), NoWatermarks);
		assert.equal(reserve("GFP_KERNEL", { isOomVictim: true }), Oom);
		assert.equal(reserve("GFP_KERNEL", { isOomVictim: true, inInterrupt: true }), 0);
		assert.equal(retryFlags(maskOf(version, "GFP_KERNEL"), 0, { ...by, memalloc: true }), NoWatermarks | Kswapd);
	}
	const old = { ...allocating([6, 1]), rules: rulesFor([6, 1], "harder") };
	assert.equal(slowFlags(maskOf([6, 1], "GFP_ATOMIC"), 0, old), AllocFlag.NonBlock | MinReserve | Kswapd);
	assert.equal(slowFlags(maskOf([6, 1], "GFP_NOWAIT"), 0, old), Cpuset | Kswapd);
	assert.equal(
		slowFlags(maskOf([6, 1], "GFP_KERNEL"), 0, { ...old, isRealtime: true }),
		AllocFlag.NonBlock | Cpuset | Kswapd,
	);
});

test("masks choose the highest zone", () => {
	const { bits } = allocating([6, 1]);
	const zone = (text: string) => highestZone(maskOf([6, 1], text), bits);
	assert.deepEqual(
		["GFP_DMA", "GFP_DMA32", "GFP_KERNEL", "GFP_HIGHUSER", "GFP_HIGHUSER_MOVABLE"].map(zone),
		[0, 1, 2, 3, 4],
	);
	assert.equal(zone("GFP_KERNEL | __GFP_MOVABLE"), 2);
});

test("blocks are split and merge, and no page is lost", () => {
	for (let seed = 1; seed <= 50; seed++) {
		const roll = dice(seed * 31);
		let blocks = blocksOf(roll(5000) + 1024);
		const total = pagesIn(blocks);
		const whole = blocks.free;
		const held: number[] = [];
		for (let i = 0; i < 300; i++) {
			const order = roll(5);
			const taken = roll(3) === 0 ? null : takeBlock(blocks, order);
			if (taken !== null) {
				blocks = taken;
				held.push(order);
			} else if (held.length > 0) {
				blocks = giveBlock(blocks, held.splice(roll(held.length), 1)[0]!);
			}
			assert.equal(pagesIn(blocks) + held.reduce((sum, order) => sum + 2 ** order, 0), total);
		}
		for (const order of held) blocks = giveBlock(blocks, order);
		assert.deepEqual(blocks.free, whole, "all that was split has merged");
	}
	assert.equal(takePages(blocksOf(100), 250).taken, 100);
	assert.equal(takeBlock(blocksOf(7), 3), null);
});

test("watermarks and reserves follow from the sizes", () => {
	// 1024 MB of low memory: min_free_kbytes is the root of 16 times its kilobytes, 4096.
	const [one] = watermarksOf([{ name: "Normal", managed: 262144 }]);
	assert.deepEqual(one, { min: 1024, low: 1286, high: 1548 });
	const small = [
		{ name: "DMA", managed: 3840 },
		{ name: "DMA32", managed: 500_000 },
		{ name: "Normal", managed: 1_500_000 },
	] as const;
	assert.deepEqual(lowmemReserves(small), [
		[
			0,
			Math.floor(500_000 / 256),
			Math.floor(2_000_000 / 256),
			Math.floor(2_000_000 / 256),
			Math.floor(2_000_000 / 256),
		],
		[0, 0, Math.floor(1_500_000 / 256), Math.floor(1_500_000 / 256), Math.floor(1_500_000 / 256)],
		[0, 0, 0, 0, 0],
	]);
	const marks = watermarksOf(small);
	const total = marks.reduce((sum, { min }) => sum + min, 0);
	assert.ok(total <= 2830 && total > 2820, `${total}`);
});

test("a lower zone keeps pages from who could use a higher one", () => {
	const config = readMemory({
		zones: [
			{ name: "DMA32", managed: 200_000, free: 3000, min: 500 },
			{ name: "Normal", managed: 600_000, free: 400, min: 1000 },
		],
	});
	assert.ok(config.ok);
	const memory = startMemory(config.value);
	const rules = rulesFor([6, 1], null);
	const flags = AllocFlag.WmarkMin;
	assert.equal(memory.zones[0]!.lowmemReserve[2], 2343);
	const from = (zone: number, free: number) => {
		const zones = [withFree(memory.zones[0]!, free), memory.zones[1]!];
		return takeFreeBlock({ ...memory, zones }, { order: 0, flags, highestZone: zone }, rules)?.block.zone;
	};
	assert.equal(from(2, 2844), 0);
	assert.equal(from(2, 2843), undefined);
	assert.equal(from(1, 501), 0);
	assert.equal(from(1, 500), undefined);
});

test("high-order atomic allocations make a reserve of their own, and nobody else counts it", () => {
	const config = readMemory({ zones: [{ name: "Normal", managed: 262144, free: 3000, min: 1000 }] });
	assert.ok(config.ok);
	const rules = rulesFor([6, 1], null);
	const atomic = AllocFlag.NonBlock | AllocFlag.MinReserve | AllocFlag.HighAtomic;
	const taken = takeFreeBlock(startMemory(config.value), { order: 3, flags: atomic, highestZone: 2 }, rules);
	assert.ok(taken);
	const zone = taken.memory.zones[0]!;
	assert.equal(zone.reservedHighatomic, 512);
	assert.equal(pagesIn(zone.highatomic), 504);
	assert.equal(zone.free, 2992);
	assert.equal(reach(zone, 0, rules), 1000 + 512 + 1);
	assert.equal(reach(zone, 0, rulesFor([6, 12], null)), 1000 + 504 + 1);
	assert.equal(reach(zone, atomic, rules), 376);
});

test("the memory part of a scenario is read, and the first wrong place is named", () => {
	const error = (json: unknown) => {
		const read = readMemory(json);
		return read.ok ? "" : read.error;
	};
	assert.equal(error({}), "");
	assert.equal(error(undefined), "");
	assert.equal(error([]), "memory: must be an object");
	assert.match(error({ zone: [] }), /^memory\.zone: there is no such member; there are zones, /);
	assert.equal(error({ zones: [{ name: "Normal" }] }), "memory.zones[0].managed: is missing");
	assert.match(error({ zones: [{ name: "normal", managed: 1 }] }), /^memory\.zones\[0\]\.name: must be one of DMA, /);
	const tooMany = "memory.zones[0]: free and reclaimable pages exceed managed";
	assert.equal(error({ zones: [{ name: "Normal", managed: 10, free: 11 }] }), tooMany);
	assert.match(error({ failures: {} }), /^memory\.failures: /);
	assert.match(error({ failures: { nth: [0] } }), /^memory\.failures: /);
	assert.equal(error({ kswapd: { pages: -1 } }), "memory.kswapd.pages: must be an integer of at least 0");
	assert.match(error({ consumers: [{ as: "slab" }] }), /^memory\.consumers\[0\]\.as: must be one of anon, /);
	assert.equal(error({ pressure: 4, panicOnOom: true, kswapd: false, failures: { oneIn: 10, seed: 3 } }), "");
});
