// For an allocation that sleeps where it may not, because a function below the atomic code has written its mask out:
// the function's own mask instead, or a parameter for one.

import { CONFIDENCES } from "../api.js";
import { findChooser } from "../flow/chooser.js";
import { MaskParams } from "../flow/maskParams.js";
import { gfpArgument, isLiteralMask, type Violation } from "../flow/violations.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { isOwnAtomic, paramText } from "./callerMask.js";
import { chainsThrough } from "./chains.js";
import { EditList } from "./edits.js";
import { argumentOffsets, flagIn, maskArgument } from "./ownMasks.js";
import type { Plan, Request } from "./plan.js";
import { sleepsBeside, threadWritten } from "./threadMask.js";

/** The mask of an allocation, where it is written. */
interface Written {
	readonly fn: FnId;
	readonly op: number;
	readonly argument: number;
}

/** What a sleeping allocation on the way from the call of a finding is offered. */
export function plansForAllocation(request: Request): Plan[] {
	const { solved, fn, op } = request;
	const chains = request.chains ?? chainsThrough(solved.violations, new Set([fn]));
	const best = chains.allocations.get(fn)?.get(op);
	const written = best === undefined ? null : whereWritten(request, best);
	return written === null ? [] : plansFor(request, written);
}

/** What a call with a mask of its own is offered without a finding. */
export function plansForMask(request: Request): Plan[] {
	const { solved, fn, op } = request;
	let argument = NONE;
	solved.graph.eachSite(fn, (at, callee) => {
		if (at === op) argument = maskArgument(solved, new MaskParams(solved.world.program), callee);
	});
	if (argument === NONE) return [];
	const own = new MaskParams(solved.world.program).of(fn);
	return own === NONE ? plansFor(request, { fn, op, argument }) : [];
}

function whereWritten({ solved }: Request, violation: Violation): Written | null {
	const { fn, op, primitive } = violation;
	const mask = gfpArgument(solved.world, fn, op, primitive);
	if (mask === NONE) return null;
	if (isLiteralMask(solved.world, fn, mask)) return { fn, op, argument: primitive.alloc!.gfp };
	const chooser = findChooser(solved, violation);
	return chooser === null ? null : { ...violation.links[chooser.link]!, argument: chooser.argument };
}

function plansFor(request: Request, written: Written): Plan[] {
	const { solved, texts, finding } = request;
	const { fn, op } = written;
	const { program } = solved.world;
	const source = texts.of(program.fnFile(fn));
	if (source === null || isOwnAtomic(solved, fn, op)) return [];
	const [start, end] = argumentOffsets(solved, fn, op, written.argument);
	const flag = flagIn(source.text.slice(start, end));
	if (flag === null || source.isDirective(start)) return [];
	const own = new MaskParams(program).of(fn);
	if (own === NONE)
		return threadWritten(request, fn, flag, finding === null ? 0 : CONFIDENCES.indexOf(finding.confidence));
	// at the allocation itself the finding has that fix
	if ((fn === request.fn && op === request.op) || sleepsBeside(solved, finding, fn) > 0) return [];
	const name = paramText(solved, fn, own);
	const edits = new EditList();
	const newText = source.text.slice(start, end).replace(new RegExp(`\\b${flag}\\b`), name);
	edits.replace(source, start, end, newText, `pass \`${name}\` on`);
	const preferred = finding?.fixes.some((fix) => fix.preferred) !== true;
	const title = `pass ${name} on instead of ${flag} in ${program.fnName(fn)}()`;
	return [
		{ key: "pass mask", title, kind: "quickfix", preferred, isLocal: true, edits: () => edits.finish() ?? "overlap" },
	];
}
