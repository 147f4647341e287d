// What the three sleeping rules share: from a violation to a finding at the right culprit, with both chains.

import type { Place, Step } from "../api.js";
import { maskFixes, maskText } from "../fixes/mask.js";
import { forbidsSleep, isAtomic } from "../flow/context.js";
import type { Solved } from "../flow/solved.js";
import { argumentOf, gfpArgument, isLiteralMask, type Link, type Violation } from "../flow/violations.js";
import { calleeText, callSteps, contextInfo, opEnd, opPlace, type Reason, reasonFor } from "../flow/witness.js";
import { EXPR_SIZE, ExprKind } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { CONFIDENCES, type Draft } from "./rule.js";

/** A sleeping call that more heads than this reach is to blame itself. */
const MANY_HEADS = 12;
/** Other sleeping calls of the same culprit that are named. */
const MAX_RELATED = 12;

export type Kind = "rcu" | "allocation" | "sleep";

interface Chain {
	readonly violation: Violation;
	readonly links: readonly Link[];
	readonly reason: Reason;
	/** index in `links` of the call that is to blame */
	readonly culprit: number;
}

/** Reports the violations of one kind, one finding per culprit. */
export function reportSleeping(solved: Solved, kind: Kind, report: (draft: Draft) => void): void {
	const groups = new Map<string, Chain[]>();
	for (const violation of solved.violations) {
		if (kindOf(violation) !== kind) continue;
		const chain = chainOf(solved, violation);
		const { fn, op } = chain.links[chain.culprit]!;
		const key = `${fn}/${op}`;
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [chain]);
		else group.push(chain);
	}
	for (const group of groups.values()) {
		group.sort((a, b) => a.violation.doubt - b.violation.doubt || a.links.length - b.links.length);
		report(draftOf(solved, onePerCall(group)));
	}
}

/** The first chain to each sleeping call: several contexts may lead to the same one. */
function onePerCall(group: readonly Chain[]): readonly Chain[] {
	const seen = new Set<string>();
	return group.filter(({ violation: { fn, op } }) => {
		const key = `${fn}/${op}`;
		return !seen.has(key) && seen.add(key);
	});
}

function kindOf(violation: Violation): Kind {
	if (!isAtomic(violation.ac)) return "rcu";
	return violation.isAllocation ? "allocation" : "sleep";
}

function chainOf(solved: Solved, violation: Violation): Chain {
	const { world, contexts } = solved;
	const { links } = violation;
	const reason = reasonFor(world, contexts, violation.head, links, violation.state);
	return { violation, links, reason, culprit: findCulprit(solved, violation, links) };
}

/**
 * The culprit: in a callback's chain the last call that is still in the folder where the chain begins, for it is
 * that code which does not know its context; in a region the call made in the region. A literal mask in the
 * region's own folder is to blame itself.
 */
function findCulprit(solved: Solved, violation: Violation, links: readonly Link[]): number {
	const folder = folderOf(solved, links[0]!.fn);
	let last = 0;
	while (last + 1 < links.length && folderOf(solved, links[last + 1]!.fn) === folder) last++;
	const chooser = findChooser(solved, violation);
	if (chooser >= 0) return chooser;
	if (isAtomicAtEntry(solved, violation) || violation.nHeads > MANY_HEADS) return last;
	if (violation.isAllocation && last === links.length - 1) {
		const mask = gfpArgument(solved.world, violation.fn, violation.op, violation.primitive);
		if (mask >= 0 && isLiteralMask(solved.world, violation.fn, mask)) return last;
	}
	return 0;
}

/** Where the mask of an allocation was chosen, when it came down as a parameter: the call that passes it written out; -1. */
function findChooser(solved: Solved, violation: Violation): number {
	if (!violation.isAllocation) return -1;
	const { links } = violation;
	const { program } = solved.world;
	let at = links.length - 1;
	let expr = gfpArgument(solved.world, violation.fn, violation.op, violation.primitive);
	while (expr >= 0 && !isLiteralMask(solved.world, links[at]!.fn, expr)) {
		const param = paramIn(program.unit(program.fnFile(links[at]!.fn)).exprs, expr);
		if (param < 0 || param >= program.fnField(links[at]!.fn, FnField.ParamCount) || at === 0) return -1;
		at--;
		expr = argumentOf(solved.world, links[at]!, param);
	}
	return expr >= 0 && at < links.length - 1 ? at : -1;
}

/** The variable that a mask expression is built from, or -1. */
function paramIn(exprs: Int32Array, expr: number): number {
	switch (exprs[expr * EXPR_SIZE]!) {
		case ExprKind.Local:
			return exprs[expr * EXPR_SIZE + 1]!;
		case ExprKind.Cast:
			return paramIn(exprs, exprs[expr * EXPR_SIZE + 2]!);
		case ExprKind.Binary: {
			const left = paramIn(exprs, exprs[expr * EXPR_SIZE + 2]!);
			return left >= 0 ? left : paramIn(exprs, exprs[expr * EXPR_SIZE + 3]!);
		}
		default:
			return -1;
	}
}

/** Does the chain begin with a callback, not with a region of the function at its head? */
function isAtomicAtEntry(solved: Solved, violation: Violation): boolean {
	return forbidsSleep(solved.contexts.acs.data[violation.head]!);
}

function folderOf(solved: Solved, fn: FnId): string {
	return solved.world.program.pathInfo(solved.world.program.fnFile(fn)).folders.join("/");
}

function draftOf(solved: Solved, group: readonly Chain[]): Draft {
	const { world, contexts } = solved;
	const [best] = group;
	const { violation, links, reason, culprit } = best!;
	const at = links[culprit]!;
	const below = links.slice(culprit);
	const name = world.program.fnName(at.fn);
	const sleep = callSteps(world, below).map((step, i) =>
		i === below.length - 1 ? { ...step, note: sleepNote(solved, violation) } : step,
	);
	const enter = [...reason.steps, ...callSteps(world, links.slice(0, culprit))];
	const others = group.slice(1, MAX_RELATED + 1).map(({ violation: other }) => otherStep(solved, other));
	return {
		start: opPlace(world, at.fn, at.op),
		end: opEnd(world, at.fn, at.op),
		function: name,
		confidence: CONFIDENCES[violation.doubt]!,
		message: messageOf(solved, best!, group.length - 1),
		context: contextInfo(world, contexts, violation.record, { fn: violation.fn, op: violation.op }, violation.state),
		enter,
		sleep,
		related: others,
		fixes: culprit === links.length - 1 && violation.isAllocation ? maskFixes(solved, violation) : [],
		key: `${calleeText(world, at.fn, at.op)}|${violation.primitive.name}`,
	};
}

function messageOf(solved: Solved, chain: Chain, nOthers: number): string {
	const { world } = solved;
	const { violation, links, culprit, reason } = chain;
	const at = links[culprit]!;
	const what = calleeText(world, at.fn, at.op);
	const primitive = violation.primitive.name;
	const mask = violation.isAllocation ? maskText(solved, violation) : "";
	const where: Place = opPlace(world, violation.fn, violation.op);
	const isDirect = culprit === links.length - 1;
	let text: string;
	if (isDirect) text = mask === "" ? `${what}() may sleep` : `${what}() with ${mask} may sleep`;
	else {
		const inner = mask === "" ? `${primitive}()` : `${primitive}() with ${mask}`;
		text = `${what}() may sleep (${inner}, ${where.file}:${where.line})`;
	}
	const more = nOthers > 0 ? `; ${nOthers} more sleeping call${nOthers > 1 ? "s" : ""} on this way` : "";
	return `${text}, but ${reason.text}${more}`;
}

function sleepNote(solved: Solved, violation: Violation): string {
	const name = calleeText(solved.world, violation.fn, violation.op);
	const mask = violation.isAllocation ? maskText(solved, violation) : "";
	const why = violation.primitive.sleep?.note;
	if (mask !== "") return `${name}() with ${mask} may enter direct reclaim`;
	return why === undefined ? `${name}() may sleep` : `${name}() ${why}`;
}

function otherStep(solved: Solved, violation: Violation): Step {
	return {
		...opPlace(solved.world, violation.fn, violation.op),
		function: solved.world.program.fnName(violation.fn),
		note: `also on this way: ${sleepNote(solved, violation)}`,
	};
}
