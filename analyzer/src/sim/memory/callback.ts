// A callback of reclaim on top of the task that reclaims: entered with the arguments that reclaim gives, in the
// context of its row, and what it returns kept for the pass that called it.

import type { FnId } from "../../ir/program.js";
import { FnField } from "../../ir/unit.js";
import { GFP_TYPE } from "../../model/gfp.js";
import { contextRow, enter } from "../activation.js";
import { write } from "../evaluate.js";
import { isKswapd, type Machine, type Section, type Wait } from "../machine.js";
import { ownUnknown, sameObject } from "../objects.js";
import { fieldOf, globalKey, int, type Place, target, type Value } from "../value.js";
import type { SourcePlace } from "../world.js";
import type { PlannedCall } from "./memoryState.js";
import type { ReclaimFunction } from "./reclaimCalls.js";

/** What reclaim says to a callback, and where it is called from. */
export interface CallbackCall {
	readonly machine: Machine;
	readonly at: SourcePlace;
	/** who reclaims */
	readonly by: string;
	readonly mask: number;
	/** objects that a shrinker is to look at */
	readonly number: number;
}

/** Name of the scope that a task is in which reclaims for its own allocation. */
export const RECLAIM = "direct reclaim";

/** PF_MEMALLOC, for the time of the pass. */
export function enterScope(machine: Machine, at: SourcePlace): void {
	const section: Section = { kind: "memalloc", by: RECLAIM, at, on: "", since: machine.state.nSteps };
	machine.updateTask({ sections: [...machine.task.sections, section] });
}

export function leaveScope(machine: Machine): void {
	const { sections } = machine.task;
	const last = sections.findLastIndex(({ by }) => by === RECLAIM);
	machine.updateTask({ sections: sections.filter((_, i) => i !== last) });
}

/** Puts the function on top. The op below runs again when it has come back. */
export function runCallback(call: CallbackCall, { of, role }: PlannedCall): void {
	const { machine, at, by } = call;
	const { world } = machine;
	const fn = role === "count" ? of.count : of.fn;
	const field = role === "count" ? (of.args?.count ?? of.field) : of.field;
	const name = world.program.fnName(fn);
	machine.note(`${by} calls ${name}(), ${of.struct}.${field}`, at);
	const args = argumentsFor(call, of, fn);
	waitForTurn(machine, at, "reclaim");
	const context = contextRow(world, of.context.id) ?? of.context;
	enter(machine, { fn, args, context, kind: "reclaim", label: `${of.struct}.${field} ${name}()` });
}

/** The op runs again, and keeps its CPU until then. */
export function waitForTurn(machine: Machine, at: SourcePlace, by: string): void {
	const wait: Wait = {
		kind: "turn",
		isSpinning: true,
		key: "",
		text: "memory",
		by,
		at,
		mode: "exclusive",
		until: machine.state.nSteps,
		isWoken: true,
		hasTimeout: false,
	};
	machine.updateFrame(machine.depth, { wait });
}

/** A callback has returned to the frame that reclaims. */
export function callbackReturned(machine: Machine, value: Value | null): void {
	const { mem } = machine.state;
	const { pass } = mem.kswapd;
	if (pass !== null && isKswapd(machine.task)) {
		machine.updateMemory({ ...mem, kswapd: { ...mem.kswapd, pass: { ...pass, returned: value } } });
		return;
	}
	const { id } = machine.frame;
	const waiting = mem.waits.get(id);
	const pages = waiting?.pages;
	if (!waiting || !pages?.pass) return;
	const next = { ...waiting, pages: { ...pages, pass: { ...pages.pass, returned: value } } };
	machine.updateMemory({ ...mem, waits: mem.waits.set(id, next) });
}

function argumentsFor(call: CallbackCall, of: ReclaimFunction, fn: FnId): Value[] {
	const { machine } = call;
	const { world } = machine;
	const n = world.program.fnField(fn, FnField.ParamCount);
	return Array.from({ length: n }, (_, i): Value => {
		if (of.args?.control === i) return { kind: "pointer", place: controlFor(call, of) };
		const { name, pointers } = world.varType(fn, i);
		if (name === GFP_TYPE && pointers === 0) return int(call.mask);
		if (name === of.struct && pointers === 1 && of.owner !== "") {
			return { kind: "pointer", place: { key: globalKey(of.owner), text: of.owner } };
		}
		if (name === of.struct && pointers === 1 && of.container !== null) {
			const object = sameObject(machine, of.container.type, 1);
			if (object !== null) return { kind: "pointer", place: fieldOf(target(object), of.container.member) };
		}
		return sameObject(machine, name, pointers) ?? ownUnknown(machine, fn, i);
	});
}

/** The request that a shrinker gets. */
function controlFor({ machine, mask, number }: CallbackCall, of: ReclaimFunction): Place {
	const id = machine.newId();
	const place: Place = { key: `control${id}`, text: "*control", pointer: "control" };
	write(machine, fieldOf(place, of.args!.mask), int(mask));
	write(machine, fieldOf(place, of.args!.number), int(number));
	return place;
}
