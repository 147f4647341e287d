// What is wrong with a literal mask by itself, or for the allocator that is given it: the rows of the model whose bits it has.

import { eachJoinedName } from "../flow/masks.js";
import type { World } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { AllocRow, MaskFaultRow } from "../model/schema.js";

/** A row with the bits of its names. */
interface Fault {
	readonly row: MaskFaultRow;
	readonly written: number;
	readonly has: number;
	readonly lacks: number;
}

/** The rows that a tree has bits for. */
export class MaskFaults {
	private readonly rows: readonly Fault[];

	constructor(private readonly world: World) {
		const bits = (names: string | undefined) => (names === undefined ? 0 : world.namedBits(names));
		this.rows = world.model.maskFaults
			.map((row) => ({
				row,
				written: row.written === undefined ? NONE : world.program.names.lookupText(row.written),
				has: bits(row.has),
				lacks: bits(row.lacks),
			}))
			// A flag that this kernel does not have says nothing.
			.filter(
				({ row, has, lacks }) => (row.has === undefined || has !== 0) && (row.lacks === undefined || lacks !== 0),
			);
	}

	/** What is wrong with a literal mask; `alloc` is the allocator that is given it. */
	find(fn: FnId, mask: number, bits: number, alloc: AllocRow | undefined): MaskFaultRow | undefined {
		const { directReclaim, kswapd, high } = this.world.gfp;
		const isOf = ({ row }: Fault) => row.family === undefined || row.family === alloc?.family;
		// Modifiers alone are to be added to a mask: what they lack is elsewhere.
		const isWhole = alloc !== undefined || (bits & (directReclaim | kswapd | high)) !== 0;
		const hasBits = ({ has, lacks }: Fault) => (bits & has) === has && (bits & lacks) === 0 && (isWhole || lacks === 0);
		return this.rows.find((fault) => isOf(fault) && hasBits(fault) && this.isWritten(fn, mask, fault.written))?.row;
	}

	private isWritten(fn: FnId, mask: number, name: number): boolean {
		let isThere = name === NONE;
		if (!isThere) {
			eachJoinedName(this.world, fn, mask, (joined) => {
				isThere ||= joined === name;
			});
		}
		return isThere;
	}
}
