// Masks as the kernel prints them (%pGg), and the masks that an allocation without a known one is taken to have.

import type { FileId } from "../../ir/program.js";
import { COMMON_NAMES } from "../../model/gfp.js";
import type { World } from "../world.js";

/** The widest common name that fits, and single flags for the rest, joined by `|`. */
export function maskText(world: World, file: FileId, mask: number): string {
	const names: string[] = [];
	let rest = mask;
	const take = (name: string) => {
		const bits = world.constant(file, name);
		if (bits === undefined || bits === 0 || (rest & bits) !== bits) return;
		names.push(name);
		rest &= ~bits;
	};
	const bitsOf = (name: string) => world.constant(file, name) ?? 0;
	for (const name of [...COMMON_NAMES].sort((a, b) => nBits(bitsOf(b)) - nBits(bitsOf(a)))) take(name);
	// Names of single bits are those that are made of no other name.
	for (const [name, { is }] of world.model.gfp) if (typeof is === "number") take(name);
	if (rest !== 0) names.push(hex(rest));
	return names.length === 0 ? "0" : names.join("|");
}

export function hex(mask: number): string {
	return `0x${(mask >>> 0).toString(16)}`;
}

function nBits(mask: number): number {
	let n = 0;
	for (let rest = mask >>> 0; rest !== 0; rest &= rest - 1) n++;
	return n;
}
