// The masks that a function has written out itself, in the arguments of its calls.

import { argumentOf } from "../flow/callGraph.js";
import { MaskParams } from "../flow/maskParams.js";
import type { Solved } from "../flow/solved.js";
import { isLiteralMask } from "../flow/violations.js";
import { Callee, isPrimitive, primitiveAt, summaryOf } from "../flow/world.js";
import { NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { COMMON_NAMES } from "../model/gfp.js";
import { isOwnAtomic } from "./callerMask.js";
import type { SourceText } from "./source.js";

/** A mask that is an argument of a call, where it is written. */
export interface WrittenMask {
	readonly op: number;
	readonly argument: number;
	/** span in the file */
	readonly start: number;
	readonly end: number;
	/** the flag in it that says how it allocates */
	readonly flag: string;
}

/** The literal masks of a function, in order. Those of calls that the function itself makes atomic are left out. */
export function writtenMasks(solved: Solved, source: SourceText, fn: FnId): WrittenMask[] {
	const { world, graph } = solved;
	const params = new MaskParams(world.program);
	const found: WrittenMask[] = [];
	graph.eachSite(fn, (op, callee) => {
		const argument = maskArgument(solved, params, callee);
		const mask = argument === NONE ? NONE : argumentOf(world.program, fn, op, argument);
		if (mask === NONE || !isLiteralMask(world, fn, mask)) return;
		const [start, end] = argumentOffsets(solved, fn, op, argument);
		const flag = flagIn(source.text.slice(start, end));
		const isLeft = flag === null || isOwnAtomic(solved, fn, op) || source.isDirective(start);
		if (!isLeft) found.push({ op, argument, start, end, flag });
	});
	return found;
}

/** Which argument of a call is the mask that it allocates with; NONE for none. */
export function maskArgument({ world }: Solved, params: MaskParams, callee: number): number {
	if (isPrimitive(callee)) return primitiveAt(world, callee).alloc?.gfp ?? NONE;
	if (callee === Callee.Indirect || callee === Callee.Unknown) return NONE;
	const { sleepParam } = summaryOf(world, callee);
	return sleepParam >= 0 && params.isMask(callee, sleepParam) ? sleepParam : NONE;
}

/** Where an argument of a call is written. */
export function argumentOffsets({ world: { program } }: Solved, fn: FnId, op: number, index: number): [number, number] {
	const { ops, lists } = program.unit(program.fnFile(fn));
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const list = ops[at + OpField.B]!;
	const count = ops[at + OpField.C]!;
	return [lists[list + count + index]!, lists[list + 2 * count + index]!];
}

/** The flag of a mask's text that says how it allocates: a common one, or a name that is all of it. */
export function flagIn(text: string): string | null {
	const common = COMMON_NAMES.find((name) => new RegExp(`\\b${name}\\b`).test(text));
	return common ?? (/^[A-Za-z_]\w*$/.test(text) ? text : null);
}
