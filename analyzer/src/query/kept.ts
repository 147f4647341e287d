// What an edit leaves of a solution. Where all calls are made as before, in the same states, what is known of contexts
// stays: only places and the numbers of ops move. Whether that is so is decided here, exactly or with "no".

import type { Steps } from "../base/steps.js";
import { summariseBodies } from "../flow/bottomUp.js";
import type { CallGraph } from "../flow/callGraph.js";
import { type SameCalls, sameCalls } from "../flow/movedCalls.js";
import type { CallMoves, Moves } from "../flow/moves.js";
import type { Pointers } from "../flow/pointers.js";
import type { ReclaimPaths } from "../flow/reclaimPaths.js";
import { isSameSummary } from "../flow/sameSummary.js";
import type { Contexts } from "../flow/topDown.js";
import { summaryOf, type World } from "../flow/world.js";
import { Alike, type Places } from "../ir/alike.js";
import { NONE } from "../ir/ops.js";
import { type FileId, type FnId, type Program, sizeClass } from "../ir/program.js";
import { FN_SIZE, FnField, type Unit } from "../ir/unit.js";

/** No op, and not NONE. */
const GONE = -2;

/** An edited file that declares the same as before. */
export interface Edit {
	readonly file: FileId;
	readonly alike: Alike;
	/** the functions whose bodies have changed, by more than their place */
	readonly changed: readonly FnId[];
}

/** What is kept through an edit. */
export interface Known {
	readonly world: World;
	readonly graph: CallGraph;
	readonly pointers: Pointers;
	readonly contexts: Contexts;
	readonly reclaim: ReclaimPaths;
}

/** What has changed for the functions that were redone. */
export interface Redone {
	/** those of changed bodies, and those that call each other with them */
	readonly fns: ReadonlySet<FnId>;
	readonly bodies: ReadonlyMap<FnId, SameCalls>;
}

/** The edited files; null when one of them declares something else, is new, or has gone. */
export function compareEdits(program: Program, edited: ReadonlyMap<string, Unit | undefined>): Edit[] | null {
	const edits: Edit[] = [];
	for (const [path, before] of edited) {
		const file = program.fileOf(path);
		if (file === NONE || before === undefined) return null;
		const after = program.unit(file);
		if (sizeClass(before.byteLength) !== sizeClass(after.byteLength)) return null;
		const alike = new Alike(before, after);
		if (!alike.hasSameDeclarations()) return null;
		const changed: FnId[] = [];
		for (let local = 0; local < after.fns.length / FN_SIZE; local++)
			if (!alike.isSameBody(local)) changed.push(program.fnId(file, local));
		edits.push({ file, alike, changed });
	}
	return edits;
}

/**
 * Redoes the bodies that have changed; null when that is not enough, for something has changed in how functions are entered, or
 * cannot be told.
 */
export function* redoBodies(known: Known, edits: readonly Edit[]): Steps<Redone | null> {
	const bodies = new Map<FnId, SameCalls>();
	for (const edit of edits) if (!addBodies(known, edit, bodies)) return null;
	const { world } = known;
	const fns = yield* summariseBodies(world, [...bodies.keys()]);
	if (fns === null) return null;
	for (const fn of fns) {
		const before = world.replaced.summaries?.get(fn);
		const calls = bodies.get(fn)?.calls;
		const now = (op: number) => (calls === undefined || op < 0 ? op : (calls.get(op) ?? GONE));
		if (before === undefined || !isSameSummary(world.paths, before, summaryOf(world, fn), now)) return null;
		yield;
	}
	return { fns: new Set(fns), bodies };
}

/** Adds what has changed in the bodies of a file; false when that changes how functions are entered. */
function addBodies(known: Known, { file, alike, changed }: Edit, bodies: Map<FnId, SameCalls>): boolean {
	const { world, graph, pointers, reclaim } = known;
	const before = graph.before(file);
	if (before === undefined) return changed.length === 0;
	const compared = { alike, before, after: graph.survey(file) };
	for (const fn of changed) {
		const same = reclaim.asksFor(fn) ? null : sameCalls(world, pointers, compared, fn);
		if (same === null) return false;
		bodies.set(fn, same);
	}
	alike.leave();
	return true;
}

/** Where all is now; null when things have changed their order, or when the name of a struct is its place, and more is known by it. */
export function movesOf(known: Known, edits: readonly Edit[], bodies: ReadonlyMap<FnId, SameCalls>): Moves | null {
	const { program } = known.world;
	const places = new Map<FileId, Places>();
	for (const { file, alike } of edits) {
		const names = new Set(alike.movedStructs().map((name) => program.names.lookupText(name)));
		if (names.size > 0 && (known.pointers.knowsStruct(names) || known.reclaim.knowsStruct(names))) return null;
		const found = alike.places(opPairs(program, file, alike, bodies));
		if (found === null) return null;
		places.set(file, found);
	}
	const calls = new Map<FnId, CallMoves>();
	for (const [fn, body] of bodies) if ([...body.calls].some(([op, now]) => op !== now)) calls.set(fn, body.calls);
	return { calls, places };
}

/** The ops that are the same before and after: all of a body that has not changed, the calls of one that has. */
function* opPairs(
	program: Program,
	file: FileId,
	{ before, after }: Alike,
	bodies: ReadonlyMap<FnId, SameCalls>,
): Generator<readonly [number, number]> {
	for (let local = 0; local < after.fns.length / FN_SIZE; local++) {
		const from = before.fns[local * FN_SIZE + FnField.OpStart]!;
		const to = after.fns[local * FN_SIZE + FnField.OpStart]!;
		const body = bodies.get(program.fnId(file, local));
		if (body !== undefined) for (const [op, now] of body.ops) yield [from + op, to + now];
		else for (let op = 0; op < after.fns[local * FN_SIZE + FnField.OpCount]!; op++) yield [from + op, to + op];
	}
}
