// Does a call sleep? Decided from a model row or a summary and the values of the arguments.

import type { ArgTest, Primitive } from "../model/schema.js";
import { MaySleep } from "./summary.js";
import { Base, TOP, type ValueId } from "./values.js";
import type { World } from "./world.js";

export interface SleepVerdict {
	readonly value: MaySleep;
	/** parameter of the calling function that decides, or -1 */
	readonly param: number;
	/** what its value must be within for the call to sleep; TOP when not known */
	readonly when: ValueId;
}

const NEVER: SleepVerdict = { value: MaySleep.No, param: -1, when: TOP };
const ALWAYS: SleepVerdict = { value: MaySleep.Yes, param: -1, when: TOP };

/** `arg` gives an argument's value in terms of the caller's parameters. */
export function primitiveSleeps(world: World, primitive: Primitive, arg: (index: number) => ValueId): SleepVerdict {
	const { sleep, alloc, lock } = primitive;
	if (lock?.sleeps === true) return ALWAYS;
	let verdict = NEVER;
	if (sleep !== undefined) verdict = testAll(world, sleep.when ?? [], arg);
	if (verdict.value === MaySleep.Yes || alloc === undefined) return verdict;
	const own = allocationSleeps(world, primitive, arg);
	return own.value > verdict.value ? own : verdict;
}

/** Does the allocation enter direct reclaim? */
export function allocationSleeps(world: World, primitive: Primitive, arg: (index: number) => ValueId): SleepVerdict {
	const { alloc } = primitive;
	if (alloc === undefined) return NEVER;
	if (alloc.alwaysSleeps === true) return ALWAYS;
	if (alloc.gfp < 0) {
		if (alloc.implicit === undefined) return NEVER;
		return testBits(world, world.values.int(world.namedBits(alloc.implicit)), world.gfp.directReclaim, true);
	}
	return testBits(world, arg(alloc.gfp), world.gfp.directReclaim, true);
}

function testAll(world: World, tests: readonly ArgTest[], arg: (index: number) => ValueId): SleepVerdict {
	let verdict = ALWAYS;
	for (const test of tests) {
		const one = testOne(world, test, arg(test.arg));
		if (one.value === MaySleep.No) return NEVER;
		if (one.value === MaySleep.Depends) verdict = one;
	}
	return verdict;
}

function testOne(world: World, test: ArgTest, value: ValueId): SleepVerdict {
	const { values } = world;
	switch (test.is) {
		case "nonzero":
		case "zero": {
			const truth = values.truth(value);
			if (truth < 0) return depends(world, value, test.is === "zero" ? values.int(0) : values.nonZero(TOP));
			return (truth === 1) === (test.is === "nonzero") ? ALWAYS : NEVER;
		}
		case "gfp-blocks":
			return testBits(world, value, world.gfp.directReclaim, true);
		case "has-bits":
		case "lacks-bits":
			return testBits(world, value, bitsNamed(world, test.bits ?? ""), test.is === "has-bits");
		case "equals": {
			const wanted = typeof test.value === "number" ? test.value : bitsNamed(world, test.value ?? "");
			if (!values.isInt(value)) return depends(world, value, values.int(wanted));
			return values.set(value) === wanted ? ALWAYS : NEVER;
		}
	}
}

function testBits(world: World, value: ValueId, bits: number, wanted: boolean): SleepVerdict {
	const has = world.values.anyBit(value, bits);
	if (has < 0)
		return depends(
			world,
			value,
			wanted ? world.values.make(Base.None, bits, 0, 1) : world.values.make(Base.None, 0, bits, 0),
		);
	return (has === 1) === wanted ? ALWAYS : NEVER;
}

function depends(world: World, value: ValueId, when: ValueId): SleepVerdict {
	const base = world.values.base(value);
	const isPlain = world.values.set(value) === 0 && world.values.clear(value) === 0;
	const param = base <= Base.Parameter ? Base.Parameter - base : -1;
	return { value: MaySleep.Depends, param, when: isPlain || param < 0 ? when : TOP };
}

/** Value of constants of the tree joined by `|`; 0 for names it does not have. */
export function bitsNamed(world: World, names: string): number {
	let bits = 0;
	for (const name of names.split("|")) bits |= world.namedBits(name.trim());
	return bits;
}
