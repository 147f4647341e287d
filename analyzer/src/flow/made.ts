// By whom what a pointer leads to has been made, where a chain hands it down: an iterator of the kernel's own memory, say.

import { NONE } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { SleepRow } from "../model/schema.js";
import { argumentHanded, argumentOf } from "./callGraph.js";
import type { Link } from "./link.js";
import { nameCalled, type World } from "./world.js";
import { isSame, type Place, pointedBy, pointee, WHOLE } from "./writes.js";

/**
 * Has what the last call of a chain is given as an argument been made as the row says, and in no other way, by the
 * function that hands it down, by itself or as a part of a structure?
 */
export function isMade(world: World, links: readonly Link[], row: NonNullable<SleepRow["unlessMade"]>): boolean {
	const { program } = world;
	const idsOf = (makers: string) => new Set(makers.split(" ").map((name) => program.names.lookupText(name)));
	const others = idsOf(row.others);
	const by = idsOf(row.by);
	const last = links[links.length - 1]!;
	let expr = argumentOf(program, last.fn, last.op, row.arg);
	let part = WHOLE;
	for (let i = links.length - 1; expr >= 0; i--) {
		const { fn } = links[i]!;
		const made = { expr: part.path.length === 0 ? expr : NONE, place: pointee(program, fn, expr, part) };
		if (isMadeIn(program, fn, made, others)) return false;
		if (isMadeIn(program, fn, made, by)) return true;
		const { place } = made;
		const caller = links[i - 1];
		if (caller === undefined || place === null || !place.isPointed) return false;
		if (place.local >= program.fnField(fn, FnField.ParamCount)) return false;
		expr = argumentHanded(world, caller, fn, place.local);
		part = pointedBy(NONE, place);
	}
	return false;
}

/** What is made: an expression that points to it, NONE to a structure around it; and the place, where that is a variable's. */
interface Made {
	readonly expr: number;
	readonly place: Place | null;
}

/** Does the function call one of these with argument 0 pointing to it? */
function isMadeIn(program: Program, fn: FnId, made: Made, names: ReadonlySet<number>): boolean {
	const count = program.fnField(fn, FnField.OpCount);
	for (let op = 0; op < count; op++) {
		if (names.has(nameCalled(program, fn, op)) && isThe(program, fn, argumentOf(program, fn, op, 0), made)) return true;
	}
	return false;
}

function isThe(program: Program, fn: FnId, expr: number, made: Made): boolean {
	if (expr < 0) return false;
	if (expr === made.expr) return true;
	const place = pointee(program, fn, expr, WHOLE);
	return place !== null && made.place !== null && isSame(place, made.place);
}
