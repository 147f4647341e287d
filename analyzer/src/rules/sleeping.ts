// What the three sleeping rules share: from a violation to a finding at the right culprit, with both chains.

import { CONFIDENCES, type Fix, type Place, type RelatedStep } from "../api.js";
import { addTo } from "../base/lists.js";
import type { Steps } from "../base/steps.js";
import { maskFixes, maskText } from "../fixes/mask.js";
import { findChooser } from "../flow/chooser.js";
import { forbidsSleep, isAtomic } from "../flow/context.js";
import { contradicts } from "../flow/guards.js";
import { keyOf, type Link } from "../flow/link.js";
import { firstTaken } from "../flow/movable.js";
import { sleepPlan } from "../flow/replayPlan.js";
import type { Solved } from "../flow/solved.js";
import { callSleeps } from "../flow/summarise.js";
import { type CallState, type Guard, MaySleep, PREDICATE } from "../flow/summary.js";
import { gfpArgument, isLiteralMask, type Violation } from "../flow/violations.js";
import { calleeText, callSteps, contextInfo, opEnd, opPlace, type Reason, reasonFor } from "../flow/witness.js";
import { staticCallee, type World } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { lastInFolder } from "./culprit.js";
import { namesNoFlags } from "./gfpMissing.js";
import { aheadFixes } from "./room.js";
import type { Draft } from "./rule.js";

/** A sleeping call that more heads than this reach: what they have in common is to blame. */
const MANY_HEADS = 12;
/** Calls beyond the folder of the head after which the way is that of other code. */
const FAR = 3;
/** More culprits than this below one call: that call is to blame. */
const MANY_CULPRITS = 3;
/** Other sleeping calls of the same culprit that are named, and other ways to be atomic there. */
const MAX_RELATED = 12;
const MAX_OTHER_HEADS = 6;
/** Further calls on the chain's way that are named. */
const MAX_SAME_CALLS = 3;

export type Kind = "rcu" | "allocation" | "sleep";

interface Chain {
	readonly violation: Violation;
	readonly links: readonly Link[];
	/** index in `links` of the call that is to blame */
	readonly culprit: number;
}

/** Reports the violations of one kind, one finding per culprit. */
export function* reportSleeping(solved: Solved, kind: Kind, report: (draft: Draft) => void): Steps<void> {
	const isOfKind = (one: Violation) => kindOf(one) === kind && !namesNoFlags(solved, one.fn, one.op, one.primitive);
	const violations = solved.violations.filter(isOfKind);
	const culprits = culpritsOf(solved, violations, isOfKind);
	const groups = new Map<number, Chain[]>();
	violations.forEach((violation, i) => {
		const chain: Chain = { violation, links: violation.links, culprit: culprits[i]! };
		addTo(groups, keyOf(chain.links[chain.culprit]!), chain);
	});
	for (const group of groups.values()) {
		if (!isAskedFor(solved, group[0]!)) continue;
		group.sort(byStrength);
		report(draftOf(solved, group));
		yield;
	}
}

function isAskedFor({ files, world }: Solved, { links, culprit }: Chain): boolean {
	return files === null || files.has(world.program.fnFile(links[culprit]!.fn));
}

/** The most certain first, then what always sleeps before what an active device does not, then the shortest. */
function byStrength(a: Chain, b: Chain): number {
	const isWeak = ({ violation }: Chain) => (violation.primitive.sleep?.unlessFlagged === undefined ? 0 : 1);
	return a.violation.doubt - b.violation.doubt || isWeak(a) - isWeak(b) || a.links.length - b.links.length;
}

/** The first chain to each sleeping call: several contexts may lead to the same one. */
function onePerCall(group: readonly Chain[]): readonly Chain[] {
	const seen = new Set<number>();
	return group.filter(({ violation }) => {
		const key = keyOf(violation);
		return !seen.has(key) && seen.add(key);
	});
}

/** The first chain from each other head than the best one's. */
function otherHeads(group: readonly Chain[]): readonly Chain[] {
	const headOf = ({ links: [first] }: Chain) => first!.fn;
	const seen = new Set<number>([headOf(group[0]!)]);
	return group.filter((chain) => !seen.has(headOf(chain)) && seen.add(headOf(chain)));
}

function kindOf(violation: Violation): Kind {
	if (!isAtomic(violation.ac)) return "rcu";
	return violation.isAllocation ? "allocation" : "sleep";
}

/** How a chain comes to be atomic: texts and places, made for the chains that are shown. */
function reasonOf(solved: Solved, { violation, links }: Chain): Reason {
	return reasonFor(solved.world, solved.contexts, violation.head, links, violation.state);
}

/** By violation: index of the link that is to blame, as it is known or is found now. */
function culpritsOf(
	solved: Solved,
	violations: readonly Violation[],
	isOfKind: (one: Violation) => boolean,
): readonly number[] {
	const { blame } = solved;
	if (blame === null) {
		const culprits = findCulprits(solved, violations);
		violations.forEach((violation, i) => {
			violation.culprit = culprits[i]!;
		});
		return culprits;
	}
	const deciding = blame.deciding.filter(isOfKind);
	const found = new Map(findCulprits(solved, deciding).map((culprit, i) => [deciding[i]!, culprit]));
	return violations.map((violation) => {
		if (blame.isKnown(violation)) return violation.culprit;
		const culprit = found.get(violation)!;
		blame.decided.set(violation, culprit);
		return culprit;
	});
}

/**
 * By violation: index of the link that is to blame. Many culprits below one call are that call's; of doubtful chains,
 * they are the fault of the call where very many such ways meet before they part.
 */
function findCulprits(solved: Solved, violations: readonly Violation[]): number[] {
	const waists = findWaists(violations);
	const culprits = violations.map((violation, i) => findCulprit(solved, violation, waists[i]!));
	const below = new Map<number, Below>();
	violations.forEach(({ links, doubt }, i) => {
		const key = keyOf(links[0]!);
		const one = below.get(key) ?? { links, nShared: links.length, isCertain: false, culprits: new Set() };
		one.nShared = sharedLength(one, links);
		one.isCertain ||= doubt === 0;
		one.culprits.add(keyOf(links[culprits[i]!]!));
		below.set(key, one);
	});
	const meetings = countMeetings([...below.values()].filter(hasMany));
	const isMeeting = (link: Link) => (meetings.get(keyOf(link)) ?? 0) > MANY_HEADS;
	return culprits.map((culprit, i) => {
		const one = below.get(keyOf(violations[i]!.links[0]!))!;
		if (!hasMany(one)) return culprit;
		return one.isCertain ? 0 : Math.max(0, one.links.slice(0, one.nShared).findIndex(isMeeting));
	});
}

/** What lies below the call at the head of chains. */
interface Below {
	readonly links: readonly Link[];
	/** links from the head on that all its chains have in common */
	nShared: number;
	isCertain: boolean;
	readonly culprits: Set<number>;
}

function hasMany({ culprits }: Below): boolean {
	return culprits.size > MANY_CULPRITS;
}

function sharedLength({ links, nShared }: Below, others: readonly Link[]): number {
	let n = 0;
	while (n < nShared && n < others.length && keyOf(links[n]!) === keyOf(others[n]!)) n++;
	return n;
}

/** By call, as keyOf(): below how many heads it is a link that all chains have. */
function countMeetings(heads: readonly Below[]): Map<number, number> {
	const counts = new Map<number, number>();
	for (const { links, nShared } of heads) {
		for (const link of links.slice(0, nShared)) counts.set(keyOf(link), (counts.get(keyOf(link)) ?? 0) + 1);
	}
	return counts;
}

/** By violation: the first link in a function that is on the way from every head to the sleeping call; from every certain one, where it is certain. */
function findWaists(violations: readonly Violation[]): number[] {
	const common = new Map<number, ReadonlySet<FnId>>();
	const certain = new Map<number, ReadonlySet<FnId>>();
	const note = (into: Map<number, ReadonlySet<FnId>>, { links }: Violation, key: number) => {
		const fns = links.map(({ fn }) => fn);
		const known = into.get(key);
		into.set(key, new Set(known === undefined ? fns : fns.filter((fn) => known.has(fn))));
	};
	for (const violation of violations) {
		note(common, violation, keyOf(violation));
		if (violation.doubt === 0) note(certain, violation, keyOf(violation));
	}
	return violations.map((violation) => {
		const fns = (violation.doubt === 0 ? certain : common).get(keyOf(violation))!;
		return violation.links.findIndex((link) => fns.has(link.fn));
	});
}

/**
 * The culprit: in a callback's chain the last call that is still in the folder where the chain begins, for it is
 * that code which does not know its context; in a region the call made in the region. A literal mask in the
 * region's own folder is to blame itself. What very many reach is to blame where their ways meet.
 */
function findCulprit(solved: Solved, violation: Violation, waist: number): number {
	const { links } = violation;
	const end = links.length - 1;
	const last = lastInFolder(solved, links);
	const chooser = violation.isAllocation ? findChooser(solved, violation) : null;
	if (chooser !== null) return chooser.link;
	if (violation.nHeads > MANY_HEADS) return end - last >= FAR ? waist : Math.min(last, waist);
	if (isAtomicAtEntry(solved, violation)) return last;
	if (violation.isAllocation && last === end) {
		const mask = gfpArgument(solved.world, violation.fn, violation.op, violation.primitive);
		if (mask >= 0 && isLiteralMask(solved.world, violation.fn, mask)) return last;
	}
	return 0;
}

/** Does the chain begin with a callback, not with a region of the function at its head? */
function isAtomicAtEntry(solved: Solved, violation: Violation): boolean {
	return forbidsSleep(solved.contexts.records.context(violation.head));
}

function draftOf(solved: Solved, all: readonly Chain[]): Draft {
	const { world, contexts } = solved;
	const group = onePerCall(all);
	const heads = otherHeads(all);
	const [best] = group;
	const { violation, links, culprit } = best!;
	const reason = reasonOf(solved, best!);
	const at = links[culprit]!;
	const below = links.slice(culprit);
	const name = world.program.fnName(at.fn);
	const sleep = callSteps(world, below).map((step, i) =>
		i === below.length - 1 ? { ...step, note: sleepNote(solved, violation) } : step,
	);
	const enter = [...reason.steps, ...callSteps(world, links.slice(0, culprit))];
	const others: readonly RelatedStep[] = [
		...group.slice(1, MAX_RELATED + 1).map(({ violation: other }) => otherStep(solved, other)),
		...sameCalls(solved, below),
		...heads.slice(0, MAX_OTHER_HEADS).flatMap((chain) => otherHeadStep(solved, chain)),
	];
	return {
		start: opPlace(world, at.fn, at.op),
		end: opEnd(world, at.fn, at.op),
		function: name,
		confidence: CONFIDENCES[violation.doubt]!,
		message: messageOf(solved, best!, reason, group.length - 1, heads.length),
		context: contextInfo(world, contexts, violation.record, violation, violation.state, {
			links,
			head: violation.head,
		}),
		enter,
		sleep,
		related: others,
		fixes: culprit === links.length - 1 && violation.isAllocation ? allocationFixes(solved, violation) : [],
		key: `${calleeText(world, at.fn, at.op)}|${violation.primitive.name}`,
		replay: sleepPlan(solved, violation),
	};
}

/** Another flag, and better than that, where it can be done: room that is asked for before the lock is taken. */
function allocationFixes(solved: Solved, violation: Violation): Fix[] {
	const { fn, op, primitive, state } = violation;
	const taken = primitive.alloc?.ahead === undefined ? NONE : firstTaken(solved.world, state);
	const ahead = taken === NONE ? [] : aheadFixes(solved, { fn, op, name: primitive.name }, taken, primitive);
	return [...maskFixes(solved, violation), ...ahead];
}

function messageOf(solved: Solved, chain: Chain, reason: Reason, nOthers: number, nHeads: number): string {
	const { world } = solved;
	const { violation, links, culprit } = chain;
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
	const from = nHeads > 0 ? `; ${nHeads} more way${nHeads > 1 ? "s" : ""} to be atomic here` : "";
	return `${text}, but ${reason.text}${more}${from}`;
}

function sleepNote(solved: Solved, violation: Violation): string {
	const name = calleeText(solved.world, violation.fn, violation.op);
	const mask = violation.isAllocation ? maskText(solved, violation) : "";
	const why = violation.primitive.sleep?.note;
	if (mask !== "") return `${name}() with ${mask} may enter direct reclaim`;
	return why === undefined ? `${name}() may sleep` : `${name}() ${why}`;
}

/** Where another way to the culprit becomes atomic. */
function otherHeadStep(solved: Solved, chain: Chain): RelatedStep[] {
	const reason = reasonOf(solved, chain);
	const { program } = solved.world;
	const head = chain.links[0]!.fn;
	const file = program.paths[program.fnFile(head)];
	const step = reason.steps.find((one) => one.file === file) ?? reason.steps[0];
	const name = program.fnName(head);
	if (step === undefined) return [];
	return [{ ...step, note: `also atomic, by way of ${name}(): ${reason.text}`, kind: "context" }];
}

function otherStep(solved: Solved, violation: Violation): RelatedStep {
	return {
		...opPlace(solved.world, violation.fn, violation.op),
		function: solved.world.program.fnName(violation.fn),
		note: `also on this way: ${sleepNote(solved, violation)}`,
		kind: "call",
	};
}

/**
 * Where functions below the culprit call the next one of the chain again: a finding has one chain, and shows the first of
 * such calls only. Calls that sleep themselves have been judged, and are no part of this.
 */
function sameCalls({ world, graph, contexts }: Solved, below: readonly Link[]): RelatedStep[] {
	const again: Link[] = [];
	for (const { fn, op } of below.slice(1, -1)) {
		const target = staticCallee(world, fn, op);
		if (target < 0) continue;
		const known = contexts.statesOf(fn, op);
		const isLike = (state: CallState) =>
			state.ctx.gone.length === 0 &&
			known.some((one) => mayGoWith(world, state.guards, one.guards)) &&
			callSleeps(world, target, state).value !== MaySleep.No;
		graph.eachSite(fn, (other, callee) => {
			if (callee === target && other !== op && contexts.statesOf(fn, other).some(isLike)) again.push({ fn, op: other });
		});
	}
	const steps = callSteps(world, again.slice(0, MAX_SAME_CALLS));
	return steps.map((step) => ({ ...step, note: `${step.note} here, too`, kind: "way" }));
}

/** May conditions hold where others do, as far as they are known? What a function asks of its context must be the same. */
function mayGoWith({ values }: World, guards: readonly Guard[], others: readonly Guard[]): boolean {
	return guards.every(({ param, value }) => {
		const same = others.filter((other) => other.param === param);
		if (param >= PREDICATE) return same.some((other) => other.value === value);
		return !same.some((other) => contradicts(values, other.value, value));
	});
}
