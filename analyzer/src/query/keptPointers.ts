// Pointers and ways of entering that an edit leaves as they are, though bodies call something else than before: the same functions are
// handed on in the same ways, and nobody is entered otherwise than before.

import { applyCtx, forbidsSleep } from "../flow/context.js";
import {
	firstOp,
	handedBy,
	hasSameHanded,
	hasSameHeld,
	type SameCalls,
	type Site,
	sitesOf,
} from "../flow/movedCalls.js";
import type { Moves } from "../flow/moves.js";
import type { Pointers } from "../flow/pointers.js";
import type { Summary } from "../flow/summary.js";
import { statesAt } from "../flow/summary.js";
import { type FileSurvey, SurveyPart } from "../flow/survey.js";
import { summaryOf } from "../flow/world.js";
import type { FileId, FnId } from "../ir/program.js";
import type { Unit } from "../ir/unit.js";
import { compareEdits, type Edit, type Known, movesOf } from "./kept.js";

/** The pointers after edits that have changed nothing of them but places; null when that cannot be told. */
export function keepPointers(
	known: Known,
	edited: ReadonlyMap<string, Unit | undefined>,
	files: ReadonlySet<FileId>,
): Pointers | null {
	if (files.size !== edited.size) return null;
	const edits = compareEdits(known.world.program, edited);
	const moves = edits === null ? null : movesKept(known, edits);
	return moves === null ? null : known.pointers.moved(moves);
}

function movesKept(known: Known, edits: readonly Edit[]): Moves | null {
	const bodies = new Map<FnId, SameCalls>();
	for (const edit of edits) if (!addHandedOn(known, edit, bodies)) return null;
	return movesOf(known, edits, bodies);
}

/** Adds where the changed bodies of a file have now what hands on functions; false when they hand on others. */
function addHandedOn({ world, graph, pointers }: Known, edit: Edit, bodies: Map<FnId, SameCalls>): boolean {
	const { file, alike, changed } = edit;
	const before = graph.before(file);
	if (before === undefined) return false;
	const after = graph.survey(file);
	if (!isHandedOnAlike(before, after)) return false;
	for (const fn of changed) {
		const local = world.program.fnLocal(fn);
		const [old, now] = [sitesOf(before, local), sitesOf(after, local)];
		if ([...old, ...now].some(({ callee }) => callee >= 0 && pointers.isSetter(callee))) return false;
		const calls = pairedByEnds(old, now);
		alike.enter(local, calls);
		const compared = { alike, before, after };
		if (!hasSameHanded(compared, local) || !hasSameHeld(compared, local)) return false;
		const [first, second] = [firstOp(alike.before, local), firstOp(alike.after, local)];
		const handed = handedBy(after, local);
		const ops = new Map(handedBy(before, local).map(({ op }, i) => [op - first, handed[i]!.op - second]));
		bodies.set(fn, { ...NOTHING_SAME, calls, ops });
	}
	alike.leave();
	return true;
}

/** Of a body that has changed, only where things are is of interest here. */
const NOTHING_SAME = {
	hasSameArguments: false,
	hasSameConditions: false,
	hasSamePrimitives: false,
	isSameToOthers: false,
};

/** Are functions handed on, kept and set by as many ops and initialisers, of the same functions, to the same callees? */
function isHandedOnAlike(before: FileSurvey, after: FileSurvey): boolean {
	const part = (survey: FileSurvey, from: SurveyPart, to: SurveyPart) => survey.subarray(survey[from]!, survey[to]!);
	const [held, inits] = [
		[part(before, SurveyPart.Held, SurveyPart.Handed), part(after, SurveyPart.Held, SurveyPart.Handed)] as const,
		[part(before, SurveyPart.Inits, SurveyPart.End), part(after, SurveyPart.Inits, SurveyPart.End)] as const,
	];
	const old = part(before, SurveyPart.Handed, SurveyPart.Inits);
	const now = part(after, SurveyPart.Handed, SurveyPart.Inits);
	return (
		areInts(...held) &&
		areInts(...inits) &&
		old.length === now.length &&
		old.every((one, i) => i % 3 === 1 || one === now[i])
	);
}

function areInts(a: Int32Array, b: Int32Array): boolean {
	return a.length === b.length && a.every((one, i) => one === b[i]);
}

/** The calls of a body before with those that they are now: the first ones and the last ones that call the same. */
function pairedByEnds(before: readonly Site[], now: readonly Site[]): Map<number, number> {
	const most = Math.min(before.length, now.length);
	const pairs = new Map<number, number>();
	let nFirst = 0;
	for (; nFirst < most && before[nFirst]!.callee === now[nFirst]!.callee; nFirst++)
		pairs.set(before[nFirst]!.op, now[nFirst]!.op);
	for (let nLast = 1; nLast <= most - nFirst; nLast++) {
		if (before.at(-nLast)!.callee !== now.at(-nLast)!.callee) break;
		pairs.set(before.at(-nLast)!.op, now.at(-nLast)!.op);
	}
	return pairs;
}

/** Is nobody entered otherwise after edits that have kept the pointers, as far as calls decide that? `redone`: where they may be others. */
export function areEnteredAlike(known: Known, redone: ReadonlySet<FnId>): boolean {
	for (const fn of redone) if (!callsAlike(known, fn, redone)) return false;
	return true;
}

function callsAlike(known: Known, fn: FnId, redone: ReadonlySet<FnId>): boolean {
	const { world, graph, contexts } = known;
	const { program } = world;
	const survey = graph.before(program.fnFile(fn)) ?? graph.survey(program.fnFile(fn));
	const summary = world.replaced.summaries?.get(fn) ?? summaryOf(world, fn);
	const before = entriesBy(known, sitesOf(survey, program.fnLocal(fn)), summary);
	const now = entriesBy(known, sitesOf(graph.survey(program.fnFile(fn)), program.fnLocal(fn)), summaryOf(world, fn));
	const { entered } = contexts;
	for (const [callee, maySleep] of before) {
		const other = callee === fn ? maySleep : now.get(callee);
		if (other === undefined || (maySleep && !other && entered.maySleep(fn))) return false;
	}
	for (const [callee, maySleep] of now) {
		if (callee === fn) continue;
		if (maySleep && entered.maySleep(fn) && !entered.maySleep(callee)) return false;
		if (before.has(callee)) continue;
		if (!entered.isKnown(fn) && entered.isKnown(callee)) return false;
		if (entered.isStandIn(callee) || (entered.isScheduled(fn) && !entered.isScheduled(callee))) return false;
		if (!hasOtherCaller(known, callee, redone)) return false;
	}
	return true;
}

/** The functions that some calls come to, and whether one that may sleep does. */
function entriesBy({ world }: Known, sites: readonly Site[], summary: Summary): Map<FnId, boolean> {
	const found = new Map<FnId, boolean>();
	for (const { op, callee } of sites) {
		if (callee < 0) continue;
		const states = statesAt(summary.calls, op);
		const maySleep = states?.some(({ ctx }) => !forbidsSleep(applyCtx(world.kinds, 0, ctx))) ?? true;
		found.set(callee, maySleep || found.get(callee) === true);
	}
	return found;
}

/** Did another function call it before, and does it still? */
function hasOtherCaller({ graph }: Known, fn: FnId, redone: ReadonlySet<FnId>): boolean {
	let isFound = false;
	graph.eachCaller(fn, (caller) => {
		isFound ||= caller !== fn && !redone.has(caller);
	});
	return isFound;
}
