// The #include lines of a unit. They are kept from their opening sign on: `<linux/gfp.h`.

import { nameStart, type Unit, unitName } from "./unit.js";

/** Base names of the .c files that they name. */
export function includedSources(unit: Unit): readonly string[] {
	const sources: string[] = [];
	for (const name of unit.includes) {
		const end = unit.nameEnds[name]!;
		if (unit.nameBytes[end - 1] === 0x63 && unit.nameBytes[end - 2] === 0x2e) {
			sources.push(unitName(unit, name).replace(/^.*[/"<]/, ""));
		}
	}
	return sources;
}

/** Does one of them name a header of this base name? */
export function includesHeader(unit: Unit, base: string): boolean {
	const { includes } = unit;
	for (let i = 0; i < includes.length; i++) if (namesBase(unit, includes[i]!, base)) return true;
	return false;
}

function namesBase(unit: Unit, name: number, base: string): boolean {
	const { nameBytes } = unit;
	const from = unit.nameEnds[name]! - base.length;
	if (from <= nameStart(unit, name)) return false;
	for (let i = base.length - 1; i >= 0; i--) if (nameBytes[from + i] !== base.charCodeAt(i)) return false;
	return BEFORE_BASE.includes(nameBytes[from - 1]!);
}
/** `/`, `"` and `<` */
const BEFORE_BASE: readonly number[] = [0x2f, 0x22, 0x3c];
