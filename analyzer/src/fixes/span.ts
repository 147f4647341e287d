// Where something is written, looked up when it is needed: finding a line costs more than what most rules ask.

import type { Place } from "../api.js";
import { opEnd, opPlace, placeAt } from "../flow/witness.js";
import type { World } from "../flow/world.js";
import { OP_SIZE, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";

export interface Span {
	readonly start: Place;
	readonly end: Place;
}

/** The source of an op. */
export function opSpan(world: World, fn: FnId, op: number): () => Span {
	return () => ({ start: opPlace(world, fn, op), end: opEnd(world, fn, op) });
}

/** Where an op begins in its file. */
export function opOffset({ program }: World, fn: FnId, op: number): number {
	return program.unit(program.fnFile(fn)).ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.Start]!;
}

/** The source of one argument of a call. */
export function argumentSpan(world: World, fn: FnId, op: number, index: number): () => Span {
	return () => {
		const { program } = world;
		const file = program.fnFile(fn);
		const { ops, lists } = program.unit(file);
		const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
		const list = ops[at + OpField.B]!;
		const count = ops[at + OpField.C]!;
		return {
			start: placeAt(world, file, lists[list + count + index]!),
			end: placeAt(world, file, lists[list + 2 * count + index]!),
		};
	};
}
