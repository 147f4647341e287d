// Allocation: checks the mask against the context (might_alloc()), then gives memory or fails, as chosen.

import type { AllocRow } from "../model/schema.js";
import { argValue, askWhether, type Call, gfpBlocks } from "./call.js";
import { mightSleep } from "./sleep.js";
import { int, type Value } from "./value.js";

const ENOMEM = 12;
const NO_ARG = -1;

export function applyAllocation(call: Call, row: AllocRow): Value {
	const { machine, at } = call;
	if (allocationBlocks(call, row)) mightSleep(call);
	if (row.fails !== "never") {
		const text = `${row.name}() fails`;
		if (askWhether(call, { kind: "allocation", text, isOptional: true }, false)) {
			return row.fails === "null" ? int(0) : int(-ENOMEM);
		}
	}
	if (row.fails === "errno") return int(0);
	const id = machine.newId();
	const name = `${row.name}#${id}`;
	return { kind: "pointer", place: { key: `H${id}`, text: `*${name} (line ${at.line})`, pointer: name } };
}

function allocationBlocks(call: Call, row: AllocRow): boolean {
	if (row.alwaysSleeps) return true;
	if (row.gfp === NO_ARG) {
		if (row.implicit === undefined) return false;
		const bits = call.machine.world.constant(call.at.file, row.implicit);
		return bits === undefined || gfpBlocks(call, int(bits));
	}
	const mask = argValue(call, row.gfp);
	if (mask !== undefined) return gfpBlocks(call, mask);
	// A mask that is left out is the implicit one of the row, which blocks unless the row says otherwise.
	const bits = row.implicit === undefined ? undefined : call.machine.world.constant(call.at.file, row.implicit);
	return bits === undefined || gfpBlocks(call, int(bits));
}
