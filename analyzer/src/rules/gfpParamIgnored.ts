// A function that is given a mask and allocates with another one, which lets it sleep whatever it was given.

import type { Fix } from "../api.js";
import { replaceFlag } from "../fixes/mask.js";
import { argumentSpan, opSpan } from "../fixes/span.js";
import { argumentOf } from "../flow/callGraph.js";
import { MaskParams, mayForbidSleep } from "../flow/maskParams.js";
import { literalBits } from "../flow/masks.js";
import type { Solved } from "../flow/solved.js";
import { isLiteralMask } from "../flow/violations.js";
import { calleeText } from "../flow/witness.js";
import { isDescribed, isPrimitive, primitiveAt, summaryOf } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import { exprText } from "../ir/print.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag, unitName, VAR_SIZE, VarField } from "../ir/unit.js";
import type { Draft, Rule } from "./rule.js";

export const gfpParamIgnored: Rule = {
	id: "gfp-param-ignored",
	severity: "information",
	title: "an allocation with a mask of its own where the function is given one",
	fixesAll: true,
	eachFunction(solved, report) {
		const { world } = solved;
		const { program } = world;
		const masks = new MaskParams(program);
		return (fn) => {
			if ((program.flagsOf(fn) & (FnFlag.Macro | FnFlag.Init)) !== 0) return;
			const param = masks.of(fn);
			if (param === NONE) return;
			const found = ownMasks(solved, masks, fn, param);
			if (found.length === 0 || isDescribed(world, fn) || !mayForbidSleep(solved, fn, param)) return;
			for (const own of found) report(draftOf(solved, fn, param, own));
		};
	},
};

/** A call of a function that allocates with a mask of its own. */
interface OwnMask {
	readonly op: number;
	/** which argument it is, and its expression */
	readonly argument: number;
	readonly mask: number;
}

/** The calls of a function with a literal mask that may sleep, where the function has not been told that it may. */
function ownMasks(solved: Solved, masks: MaskParams, fn: FnId, param: number): OwnMask[] {
	const { world, graph, contexts } = solved;
	const { directReclaim } = world.gfp;
	const found: OwnMask[] = [];
	graph.eachSite(fn, (op, callee) => {
		const argument = maskArgument(solved, masks, callee);
		const mask = argument === NONE ? NONE : argumentOf(world.program, fn, op, argument);
		if (mask === NONE || !isLiteralMask(world, fn, mask)) return;
		if (((literalBits(world, fn, mask) ?? 0) & directReclaim) === 0) return;
		// Where the function has asked its mask and been told that it may sleep, it may.
		const isTold = contexts.statesOf(fn, op).every((state) => {
			return state.guards.some(
				(guard) => guard.param === param && (world.values.set(guard.value) & directReclaim) !== 0,
			);
		});
		if (!isTold) found.push({ op, argument, mask });
	});
	return found;
}

/** Which argument of a call is the mask that it allocates with; NONE for none. */
function maskArgument({ world }: Solved, masks: MaskParams, callee: number): number {
	if (isPrimitive(callee)) return primitiveAt(world, callee).alloc?.gfp ?? NONE;
	if (callee < 0) return NONE;
	const { sleepParam } = summaryOf(world, callee);
	return sleepParam >= 0 && masks.isMask(callee, sleepParam) ? sleepParam : NONE;
}

function draftOf(solved: Solved, fn: FnId, param: number, { op, argument, mask }: OwnMask): Draft {
	const { world } = solved;
	const { program } = world;
	const unit = program.unit(program.fnFile(fn));
	const name = unitName(unit, unit.vars[(program.fnField(fn, FnField.VarStart) + param) * VAR_SIZE + VarField.Name]!);
	const text = exprText(unit, program.fnLocal(fn), mask);
	const call = calleeText(world, fn, op);
	return {
		...opSpan(world, fn, op)(),
		function: program.fnName(fn),
		confidence: "high",
		message: `${call}() allocates with ${text}, which may sleep, but ${program.fnName(fn)}() is given \`${name}\`, which may say that it must not`,
		context: null,
		enter: [],
		sleep: [],
		related: [],
		fixes: passFix(solved, fn, op, argument, name, text),
		key: `${call}|${text}`,
	};
}

/** The parameter in the place of the flag; in that of the whole mask where no flag in it says how it allocates. */
function passFix(solved: Solved, fn: FnId, op: number, argument: number, name: string, text: string): Fix[] {
	const fixes = replaceFlag(solved, fn, op, argument, name, true);
	if (fixes.length > 0) return fixes;
	const { start, end } = argumentSpan(solved.world, fn, op, argument)();
	const edit = { ...start, endLine: end.line, endColumn: end.column, newText: name };
	return [{ title: `use ${name} instead of ${text}`, kind: "quickfix", preferred: true, edits: [edit] }];
}
