// Completions of what a person types at a stop: variables, members that were written, the kernel's
// predicates, gfp masks.

import { FnField } from "../ir/unit.js";
import { machineQuestions } from "../model/machineQuestions.js";
import { COUNT_NAME, placeNamed } from "./ask.js";
import { read } from "./evaluate.js";
import { Machine, type State } from "./machine.js";
import { target } from "./value.js";
import { taskOf } from "./view.js";
import type { World } from "./world.js";

/** Words that continue the text, best first: they replace its last word. */
export function wordsAt(world: World, state: State, depth: number, text: string): string[] {
	const path = /([A-Za-z_]\w*(?:\s*(?:->|\.)\s*\w+)*)\s*(->|\.)\s*(\w*)$/.exec(text);
	if (path !== null)
		return membersNamed(world, state, depth, path[1]!, path[2]!).filter((name) => name.startsWith(path[3]!));
	const start = /\w*$/.exec(text)![0];
	const words = new Set<string>();
	for (const word of [...variables(world, state, depth), ...predicates(world), ...world.model.gfp.keys()]) {
		if (word.startsWith(start)) words.add(word);
	}
	return [...words];
}

function variables(world: World, state: State, depth: number): string[] {
	const frame = taskOf(state).frames[depth];
	if (frame === undefined) return [];
	const names: string[] = [];
	const count = world.program.fnField(frame.fn, FnField.VarCount);
	for (let index = 0; index < count; index++) names.push(world.varName(frame.fn, index));
	return names.filter((name) => name !== "");
}

/** Questions that are answered here; those without an argument are complete. */
function predicates(world: World): string[] {
	const names = [`${COUNT_NAME}()`];
	for (const [name, { predicate }] of world.model.primitives) {
		if (predicate === undefined) continue;
		const takesArgument = predicate.asks === "lock_held" || predicate.asks === "gfp-blocks";
		const isAsked = !NOT_ASKED.has(predicate.asks);
		if (isAsked) names.push(takesArgument ? `${name}(` : `${name}()`);
	}
	for (const [name, { asks }] of machineQuestions) {
		if (asks !== "device") names.push(asks === "locked" ? `${name}(` : `${name}()`);
	}
	return [...new Set(names)].sort();
}

const NOT_ASKED: ReadonlySet<string> = new Set(["is-err", "is-err-or-null", "identity", "warn"]);

/** Members of an object that were written so far. */
function membersNamed(world: World, state: State, depth: number, path: string, sign: string): string[] {
	const place = placeNamed(world, state, depth, path);
	if (place === null) return [];
	const machine = new Machine(world, state, []);
	const prefix = `${sign === "->" ? target(read(machine, place)).key : place.key}.`;
	const names = new Set<string>();
	for (const [key] of state.memory.entries()) {
		if (key.startsWith(prefix)) names.add(/^\w*/.exec(key.slice(prefix.length))![0]);
	}
	return [...names].filter((name) => name !== "").sort();
}
