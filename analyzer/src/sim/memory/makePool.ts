// Making a pool: it keeps as many elements as it is told, and they are there from the start. Their memory is not
// taken from the zones.

import type { PoolRow } from "../../model/allocator.js";
import { argTarget, argValue, type Call } from "../call.js";
import { mightSleep } from "../sleep.js";
import { int, type Place, type Value } from "../value.js";
import { withPool } from "./heap.js";

export function makePool(call: Call, row: PoolRow): Value {
	const { machine } = call;
	mightSleep(call);
	const place = row.pool === undefined ? newPlace(call, row) : argTarget(call, row.pool);
	const min = argValue(call, row.min);
	if (place !== undefined) {
		const elements = min?.kind === "int" ? min.value : 1;
		const pool = { name: place.pointer ?? place.text, min: elements, left: elements };
		machine.updateMemory(withPool(machine.state.mem, place.key, pool));
	}
	return row.pool === undefined && place !== undefined ? { kind: "pointer", place } : int(0);
}

function newPlace({ machine, at }: Call, row: PoolRow): Place {
	const id = machine.newId();
	const name = `${row.name}#${id}`;
	return { key: `H${id}`, text: `*${name} (line ${at.line})`, pointer: name };
}
