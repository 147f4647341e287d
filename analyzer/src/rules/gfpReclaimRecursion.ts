// Allocations that let reclaim come back to the code that allocates: the finding at the call that chose the mask, with
// the chain that leads there from where the path begins and the one down to the allocator.

import { CONFIDENCES, type Fix, type RelatedStep, type Step } from "../api.js";
import { addTo } from "../base/lists.js";
import { paramText } from "../fixes/callerMask.js";
import { maskText, ownMask, replaceFlag } from "../fixes/mask.js";
import { type Chooser, findChooser } from "../flow/chooser.js";
import { keyOf, type Link } from "../flow/link.js";
import { RECLAIM_LEVELS } from "../flow/need.js";
import { type Recursion, recursionsOf, searchIn } from "../flow/recursions.js";
import type { Solved } from "../flow/solved.js";
import type { CallState } from "../flow/summary.js";
import {
	acquisitionText,
	calleeText,
	callSteps,
	entrySteps,
	lockText,
	opEnd,
	opPlace,
	sectionText,
	sleepableInfo,
} from "../flow/witness.js";
import { NONE } from "../ir/ops.js";
import { AVOIDING } from "../model/gfp.js";
import { lastInFolder } from "./culprit.js";
import { type Draft, type Rule, STEP } from "./rule.js";

/** More culprits than this below one call where the path begins: that call is to blame. */
const MANY_CULPRITS = 3;
/** Calls in other folders than the path's after which the way is that of other code. */
const FAR = 2;
/** Other allocations of the same culprit that are named. */
const MAX_RELATED = 24;

export const gfpReclaimRecursion: Rule = {
	id: "gfp-reclaim-recursion",
	severity: "warning",
	title: "an allocation through which reclaim may come back to the code that waits for it",
	*check(solved, report) {
		const found: Blamed[] = [];
		const searched = searchIn(solved);
		let seen = 0;
		for (const fns of [solved.fns, solved.below]) {
			for (const fn of fns) {
				if (++seen % STEP === 0) yield;
				for (const recursion of recursionsOf(searched, fn)) found.push(blame(solved, recursion));
			}
		}
		const culprits = grouped(foldMany(found), ({ recursion, culprit }) => keyOf(recursion.links[culprit]!));
		for (const group of culprits.values()) report(draftOf(solved, group.sort(byStrength)));
	},
};

interface Blamed {
	readonly recursion: Recursion;
	/** index in `links` of the call that is to blame */
	readonly culprit: number;
	readonly chooser: Chooser | null;
}

/** Who wrote the mask is to blame; where that is other code than the path's, the path's last call into it. */
function blame(solved: Solved, recursion: Recursion): Blamed {
	const chooser = findChooser(solved, recursion);
	const { links, doubt } = recursion;
	const last = lastInFolder(solved, links);
	const isFar = chooser === null && links.length - 1 - last > FAR;
	return {
		recursion: isFar ? { ...recursion, doubt: Math.min(doubt + 1, 2) } : recursion,
		culprit: Math.min(chooser?.link ?? last, last),
		chooser,
	};
}

/** Where one call leads to many culprits, the path is to have a scope: that call is to blame. */
function foldMany(found: readonly Blamed[]): Blamed[] {
	const calls = grouped(found, ({ recursion }) => keyOf(recursion.links[0]!));
	return [...calls.values()].flatMap((below) => {
		const nCulprits = new Set(below.map(({ recursion, culprit }) => keyOf(recursion.links[culprit]!))).size;
		return nCulprits > MANY_CULPRITS ? below.map((blamed) => ({ ...blamed, culprit: 0 })) : below;
	});
}

function grouped(found: readonly Blamed[], keyOfOne: (blamed: Blamed) => number): Map<number, Blamed[]> {
	const groups = new Map<number, Blamed[]>();
	for (const blamed of found) addTo(groups, keyOfOne(blamed), blamed);
	return groups;
}

function byStrength(a: Blamed, b: Blamed): number {
	const [x, y] = [a.recursion, b.recursion];
	return x.doubt - y.doubt || y.need - x.need || x.links.length - y.links.length;
}

function draftOf(solved: Solved, group: readonly Blamed[]): Draft {
	const { world } = solved;
	const [best, ...others] = group;
	const { recursion, culprit } = best!;
	const { links, doubt } = recursion;
	const at = links[culprit]!;
	const states = links.map((link, i) => stateOf(solved, recursion, link, i));
	const reason = reasonOf(solved, recursion, states[0]!);
	const below = links.slice(culprit);
	const enter = [...reason.steps, ...callSteps(world, links.slice(0, culprit))];
	const sleep = callSteps(world, below).map((step, i) =>
		i === below.length - 1 ? { ...step, note: allocationNote(solved, recursion) } : step,
	);
	return {
		start: opPlace(world, at.fn, at.op),
		end: opEnd(world, at.fn, at.op),
		function: world.program.fnName(at.fn),
		confidence: CONFIDENCES[doubt]!,
		message: messageOf(solved, best!, reason.text, others.length),
		context: sleepableInfo(world, links, states, enter, doubt),
		enter,
		sleep,
		related: others.slice(0, MAX_RELATED).flatMap((other) => otherSteps(solved, other)),
		fixes: fixesFor(solved, best!),
		key: `${calleeText(world, at.fn, at.op)}|${recursion.primitive.name}`,
	};
}

/** Another allocation of the same culprit, and where its mask is written when that is elsewhere. */
function otherSteps(solved: Solved, { recursion, chooser }: Blamed): RelatedStep[] {
	const { world } = solved;
	const stepAt = ({ fn, op }: Link, note: string): Step => ({
		...opPlace(world, fn, op),
		function: world.program.fnName(fn),
		note,
	});
	const note = `also on this way: ${allocationNote(solved, recursion)}`;
	const writer = chooser === null ? [] : [stepAt(recursion.links[chooser.link]!, "its mask is chosen here")];
	return [{ ...stepAt(recursion, note), kind: "call" }, ...writer];
}

/** The state in which a call of the chain is made: where the path begins one that needs it, else the first. */
function stateOf({ contexts, reclaim }: Solved, { state, links, need }: Recursion, { fn, op }: Link, i: number) {
	if (i === links.length - 1) return state;
	const states = contexts.statesOf(fn, op);
	return states.find(({ ctx }) => i === 0 && reclaim.needIn(fn, ctx) >= need) ?? states[0]!;
}

/** How the path begins. */
function reasonOf(solved: Solved, recursion: Recursion, first: CallState): { steps: Step[]; text: string } {
	const { world, contexts, reclaim } = solved;
	const origin = contexts.origins[reclaim.records.op(recursion.head)];
	if (origin !== undefined) {
		const text = `${world.program.fnName(origin.fn)}() is on a path that reclaim may wait for: ${origin.run.label}`;
		return { steps: entrySteps(world, origin), text };
	}
	const { fn } = recursion.links[0]!;
	const held = first.ctx.items.find((item) => reclaim.needOf(fn, item) >= recursion.need);
	if (held === undefined) return { steps: [], text: "reclaim may wait for this path" };
	const place = opPlace(world, fn, held.op);
	const step = { ...place, function: world.program.fnName(fn), note: acquisitionText(world, fn, held) };
	const by = `${calleeText(world, fn, held.op)}, line ${place.line}`;
	const taken = reclaim.lockTaken(fn, held);
	if (taken === undefined) return { steps: [step], text: `${sectionText(world, held)} (${by})` };
	const wait = { ...taken.place, function: taken.by, note: `${taken.by}() takes it in reclaim` };
	const text = `\`${lockText(world, fn, held)}\` is held (${by}), which ${taken.by}() takes in reclaim`;
	return { steps: [wait, step], text };
}

function messageOf(solved: Solved, { recursion, culprit }: Blamed, reason: string, nOthers: number): string {
	const { world } = solved;
	const { links } = recursion;
	const at = links[culprit]!;
	const { avoids } = AVOIDING[RECLAIM_LEVELS[recursion.need]!];
	const name = calleeText(world, at.fn, at.op);
	const mask = maskText(solved, recursion);
	const withMask = mask === "" ? "" : ` with ${mask}`;
	const place = opPlace(world, recursion.fn, recursion.op);
	const what =
		culprit === links.length - 1
			? `${name}()${withMask} lets reclaim ${avoids}`
			: `${name}() lets reclaim ${avoids} (${recursion.primitive.name}()${withMask}, ${place.file}:${place.line})`;
	const more = nOthers > 0 ? `; ${nOthers} more allocation${nOthers > 1 ? "s" : ""} on this way` : "";
	return `${what}, but ${reason}: ${adviceFor(solved, recursion)}${more}`;
}

/** The scope for the whole path, before the flag for the one allocation. */
function adviceFor({ world }: Solved, { need, links, primitive }: Recursion): string {
	const { flag, scope } = AVOIDING[RECLAIM_LEVELS[need]!];
	const save = world.primitives.find(({ section }) => section?.section === scope && section.does === "save")?.name;
	const where = `${save}() where the path begins, in ${world.program.fnName(links[0]!.fn)}()`;
	return (primitive.alloc?.gfp ?? -1) < 0 ? `use ${where}` : `use ${flag}, or better ${where}`;
}

function allocationNote(solved: Solved, recursion: Recursion): string {
	const name = calleeText(solved.world, recursion.fn, recursion.op);
	const mask = maskText(solved, recursion);
	const { avoids } = AVOIDING[RECLAIM_LEVELS[recursion.need]!];
	return `${name}()${mask === "" ? "" : ` with ${mask}`} lets reclaim ${avoids}`;
}

/** The flag where it is written: at the allocator, or at the call that hands it down. */
function fixesFor(solved: Solved, { recursion, culprit, chooser }: Blamed): Fix[] {
	const { flag } = AVOIDING[RECLAIM_LEVELS[recursion.need]!];
	const at = recursion.links[culprit]!;
	if (chooser !== null)
		return chooser.link === culprit ? replaceFlag(solved, at.fn, at.op, chooser.argument, flag, true) : [];
	if (culprit < recursion.links.length - 1) return [];
	const argument = recursion.primitive.alloc?.gfp ?? -1;
	const own = ownMask(solved, at.fn, at.op);
	const told = own === NONE ? [] : replaceFlag(solved, at.fn, at.op, argument, paramText(solved, at.fn, own), false);
	return [...replaceFlag(solved, at.fn, at.op, argument, flag, true), ...told];
}
