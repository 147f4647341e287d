// Does what is known exclude a condition? For parameters by their values, for questions about the context
// (in_atomic() and its like) by the context itself.

import type { FnId } from "../ir/program.js";
import { FnField, TYPE_SIZE, TypeField, TypeKind, VAR_SIZE, VarField } from "../ir/unit.js";
import { Ac, isAtomic, Level } from "./context.js";
import { CONTEXT_QUESTIONS, type Guard } from "./summary.js";
import type { ValueId, ValueTable } from "./values.js";
import type { World } from "./world.js";

/** Can a value that is `known` not be within `wanted`? */
export function contradicts(values: ValueTable, known: ValueId, wanted: ValueId): boolean {
	if ((values.set(known) & values.clear(wanted)) !== 0 || (values.clear(known) & values.set(wanted)) !== 0) return true;
	const a = values.truth(known);
	const b = values.truth(wanted);
	return a >= 0 && b >= 0 && a !== b;
}

/** Is one of some conditions on parameters not met by the values of arguments? */
export function excludes(values: ValueTable, guards: readonly Guard[], arg: (param: number) => ValueId): boolean {
	return guards.some(({ param, value }) => contradicts(values, arg(param), value));
}

/** Is a value that is `known` surely within `wanted`? */
export function implies(values: ValueTable, known: ValueId, wanted: ValueId): boolean {
	const hasBits =
		(values.set(wanted) & ~values.set(known)) === 0 && (values.clear(wanted) & ~values.clear(known)) === 0;
	return hasBits && (values.truth(wanted) !== 1 || values.truth(known) === 1);
}

/** Is a function's parameter a number or a pointer? That it is not 0 is no condition that steers, as a bool or a flag would. */
export function isAmount({ program }: World, fn: FnId, param: number): boolean {
	const { vars, types } = program.unit(program.fnFile(fn));
	const type = vars[(program.fnField(fn, FnField.VarStart) + param) * VAR_SIZE + VarField.Type]!;
	return type >= 0 && types[type * TYPE_SIZE] !== TypeKind.Bool;
}

/** Is a function's parameter a pointer? That one is not NULL is no condition that a caller could fail. */
export function isPointerParam({ program }: World, fn: FnId, param: number): boolean {
	const { vars, types } = program.unit(program.fnFile(fn));
	const type = vars[(program.fnField(fn, FnField.VarStart) + param) * VAR_SIZE + VarField.Type]!;
	return type >= 0 && types[type * TYPE_SIZE + TypeField.Pointers]! > 0;
}

/**
 * What a question about the context answers in `ac`: 1, 0 or -1 (not known). Code that asks is believed to ask
 * the right question: in any atomic context it is taken to learn that.
 */
export function predicateAnswer(question: number, ac: number): number {
	const asks = CONTEXT_QUESTIONS[question];
	const level = ac & Ac.LevelMask;
	const atomic = isAtomic(ac);
	switch (asks) {
		case "in_task":
		case "preemptible":
			return atomic ? 0 : level === Level.Process ? 1 : -1;
		case "irqs_disabled":
			return atomic ? 1 : 0;
		case "in_hardirq":
		case "in_nmi":
			return level === Level.Hardirq ? -1 : level === Level.Any && atomic ? -1 : 0;
		default:
			return atomic ? 1 : level === Level.Process ? 0 : -1;
	}
}
