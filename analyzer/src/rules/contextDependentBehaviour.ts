// Code that asks for its context and does one thing or another by the answer, instead of being told.

import { opSpan } from "../fixes/span.js";
import { askedOf, type Decision } from "../flow/asked.js";
import type { Solved } from "../flow/solved.js";
import { calleeText, opPlace } from "../flow/witness.js";
import { isDescribed } from "../flow/world.js";
import { OP_SIZE, Op } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { Draft, Rule } from "./rule.js";

export const contextDependentBehaviour: Rule = {
	id: "context-dependent-behaviour",
	severity: "warning",
	title: "code that behaves differently by asking for its context",
	eachFunction(solved, report) {
		const { world } = solved;
		const { program } = world;
		const asked = askedOf(solved);
		const cores = new Map<FileId, boolean>();
		return (fn) => {
			const decisions = asked.decisionsOf(fn);
			if (decisions.length === 0 || isDescribed(world, fn)) return;
			const file = program.fnFile(fn);
			const isCore = cores.get(file) ?? world.model.cores.some(({ path }) => program.paths[file]!.startsWith(path));
			cores.set(file, isCore);
			if (!isCore) for (const decision of onePerQuestion(decisions)) report(draftOf(solved, fn, decision));
		};
	},
};

/** The first decision of each line of questions: `in_atomic() || irqs_disabled()` is one. */
function onePerQuestion(decisions: readonly Decision[]): readonly Decision[] {
	const places = new Set<number>();
	return decisions.filter(({ at }) => !places.has(at) && places.add(at));
}

function draftOf(solved: Solved, fn: FnId, decision: Decision): Draft {
	const { world } = solved;
	const name = world.program.fnName(fn);
	const question = calleeText(world, fn, decision.op);
	const place = opPlace(world, fn, decision.at);
	const what = whatText(solved, fn, decision);
	return {
		...opSpan(world, fn, decision.op)(),
		function: name,
		confidence: "high",
		message: `${name}() asks ${question}() ${what} (line ${place.line}): let the caller say, by an argument or a function of its own`,
		context: null,
		enter: [],
		sleep: [],
		related: [{ ...place, function: name, note: `decided by ${question}()` }],
		fixes: [],
		key: `${question}|${decision.decides}`,
	};
}

function whatText(solved: Solved, fn: FnId, { decides, at }: Decision): string {
	const { world } = solved;
	const { program } = world;
	const code = program.unit(program.fnFile(fn)).ops[(program.fnField(fn, FnField.OpStart) + at) * OP_SIZE]! & 255;
	const call = code === Op.Call ? `${calleeText(world, fn, at)}()` : "";
	switch (decides) {
		case "mask":
			return call === "" ? "to choose a gfp mask" : `to choose the gfp mask of ${call}`;
		case "sleeps":
			return `to decide whether it sleeps in ${call}`;
		case "defers":
			return `to decide whether it puts work off with ${call}`;
		case "locks":
			return `to decide whether it takes a lock with ${call}`;
		case "argument":
			return `to decide whether ${call} may sleep`;
	}
}
