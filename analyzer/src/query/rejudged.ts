// Violations after edits: judged anew where the edits may decide, and otherwise those from before.

import type { Steps } from "../base/steps.js";
import { fnsBelow, lookersInto, registeredNear, registeredThrough } from "../flow/judgedBy.js";
import type { Respread } from "../flow/respread.js";
import { isSameSummary } from "../flow/sameSummary.js";
import { summaryKey } from "../flow/summarise.js";
import type { Summary } from "../flow/summary.js";
import { findViolations, type Violation } from "../flow/violations.js";
import { summaryOf, type World } from "../flow/world.js";
import { Alike } from "../ir/alike.js";
import { NONE } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FN_SIZE, type Unit } from "../ir/unit.js";
import type { Known } from "./kept.js";
import { filesOf } from "./redoneFindings.js";
import { compareViolations, mergeViolations } from "./violationChanges.js";
import { ViolationIndex } from "./violationIndex.js";

/** With more files that use what has changed, or more functions that may have, all is judged anew. */
const MAX_FILES = 64;
const MAX_REDONE = 2000;

/** Violations as they are now. */
export interface Judged {
	readonly violations: readonly Violation[];
	readonly index: ViolationIndex;
	/** files whose code may be to blame for what has changed */
	readonly changed: Set<string>;
	/** the functions whose calls were judged anew */
	readonly below: ReadonlySet<FnId>;
}

/** Judges anew the calls that atomic chains come to through some functions; those of `redone` have other ops or states now. */
export function* judgeBelow(
	known: Known,
	index: ViolationIndex,
	violations: readonly Violation[],
	roots: ReadonlySet<FnId>,
	redone: ReadonlySet<FnId>,
): Steps<Judged> {
	const { world, graph, pointers, contexts } = known;
	const { program } = world;
	const below = yield* fnsBelow(known, roots);
	const fns = [...below].filter((fn) => program.isLive(fn)).sort((a, b) => program.compareFns(a, b));
	const found = yield* findViolations(world, graph, pointers, contexts, fns);
	const before = violations.filter(({ fn }) => below.has(fn));
	const { now, gone, fresh } = compareViolations(before, found, redone);
	const blamed = index.besides(gone);
	index.remove(new Set(gone));
	for (const violation of fresh) index.add(violation);
	for (const violation of index.besides(fresh)) blamed.add(violation);
	for (const violation of blamed) violation.culprit = NONE;
	const others = violations.filter(({ fn }) => !below.has(fn));
	return { violations: mergeViolations(program, others, now), index, changed: filesOf(program, blamed), below };
}

/** The same after edits whose contexts have been spread. */
export interface Rejudged extends Judged {
	/** of the edited files */
	readonly paths: readonly string[];
	/** functions whose bodies or summaries are others now */
	readonly redone: ReadonlySet<FnId>;
}

/** What is known of edits whose contexts have been spread. */
export interface Spread {
	/** of the edited files before, by path */
	readonly edited: ReadonlyMap<string, Unit | undefined>;
	/** files that were looked at anew */
	readonly files: ReadonlySet<FileId>;
	readonly respread: Respread;
	/** functions of which it is known otherwise how they are entered */
	readonly entered: ReadonlySet<FnId>;
}

/** The violations after such edits; null when too much has changed for that to be of use. */
export function* rejudge(known: Known, before: readonly Violation[], spread: Spread): Steps<Rejudged | null> {
	const { world } = known;
	const { program } = world;
	if (spread.files.size > MAX_FILES) return null;
	const redone = redoneFns(world, spread);
	const roots = new Set([...lookersInto(known, redone), ...spread.respread.touched, ...spread.entered]);
	if (redone.size > MAX_REDONE) return null;
	for (const path of spread.edited.keys()) {
		const file = program.fileOf(path);
		for (const fn of registeredNear(known, path)) roots.add(fn);
		if (file !== NONE) for (const fn of registeredThrough(known, file)) roots.add(fn);
	}
	const violations = renumbered(before, spread.respread.nowOf);
	const judged = yield* judgeBelow(known, new ViolationIndex(violations), violations, roots, redone);
	return { ...judged, paths: [...spread.edited.keys()], redone };
}

/** The functions whose bodies or summaries are others now. */
export function redoneFns(world: World, { edited, files }: Pick<Spread, "edited" | "files">): Set<FnId> {
	const { program } = world;
	const found = new Set<FnId>();
	const own = new Set<FileId>();
	for (const [path, before] of edited) {
		const file = program.fileOf(path);
		own.add(file);
		if (file !== NONE) for (const fn of changedBodies(program, file, before)) found.add(fn);
	}
	for (const file of files) if (!own.has(file)) for (const fn of program.fnsOf(file)) found.add(fn);
	for (const [fn, before] of world.replaced.summaries ?? [])
		if (!isAsBefore(world, before, summaryOf(world, fn))) found.add(fn);
	return found;
}

/** The functions of a file whose bodies have changed; all, where more than bodies has. */
export function changedBodies(program: Program, file: FileId, before: Unit | undefined): Iterable<FnId> {
	const after = program.unit(file);
	const alike = before === undefined ? null : new Alike(before, after);
	if (alike?.hasSameDeclarations() !== true) return program.fnsOf(file);
	const found: FnId[] = [];
	for (let local = 0; local < after.fns.length / FN_SIZE; local++)
		if (!alike.isSameBody(local)) found.push(program.fnId(file, local));
	return found;
}

function isAsBefore({ paths }: World, before: Summary, after: Summary): boolean {
	return (
		before === after ||
		(before.sleepOp === after.sleepOp &&
			summaryKey(before) === summaryKey(after) &&
			isSameSummary(paths, before, after, (op) => op))
	);
}

/** The same with the numbers that their records have now; of those whose record is gone, NONE. */
function renumbered(violations: readonly Violation[], nowOf: Int32Array): readonly Violation[] {
	return violations.map((violation) => {
		const [record, head] = [nowOf[violation.record]!, nowOf[violation.head]!];
		return record === violation.record && head === violation.head ? violation : movedTo(violation, record, head);
	});
}

/** Written out: what is spread takes ten times the room. */
function movedTo(violation: Violation, record: number, head: number): Violation {
	const { fn, op, primitive, state, ac, isAllocation, mask, doubt, links, nHeads, culprit } = violation;
	return { fn, op, primitive, record, state, ac, isAllocation, mask, doubt, links, head, nHeads, culprit };
}
