// What a place is offered: the fixes of the findings there that need the files' texts, and refactorings. Those within
// the file have their edits at once, others are worked out when they are asked for.

import type { Finding, Fix, Offer, OfferEdits, Range } from "../api.js";
import { type Chains, chainsThrough } from "../fixes/chains.js";
import { plainEdits } from "../fixes/edits.js";
import { hasPlans, plansOf } from "../fixes/offers.js";
import type { Plan, Request } from "../fixes/plan.js";
import { type ReadText, Texts } from "../fixes/source.js";
import type { Solved } from "../flow/solved.js";
import { NONE } from "../ir/ops.js";
import type { FileId, Program } from "../ir/program.js";
import { locate, type Target } from "./locate.js";

/** Texts kept while many findings are looked at. */
const MAX_TEXTS = 4;

interface Planned {
	readonly plan: Plan;
	readonly finding: Finding | null;
}

/** The offers for a range of a file. */
export function offersAt(solved: Solved, findings: readonly Finding[], range: Range, read: ReadText): Offer[] {
	return planned(solved, findings, range, read).flatMap((one) => offerOf(one));
}

/** The edits of one of them. */
export function editsOf(
	solved: Solved,
	findings: readonly Finding[],
	range: Range,
	key: string,
	read: ReadText,
): OfferEdits {
	const found = planned(solved, findings, range, read).find(({ plan, finding }) => keyOf(plan, finding) === key);
	const edits = found?.plan.edits() ?? "the code has changed";
	return typeof edits === "string" ? { refused: edits } : { edits };
}

/** Findings with all their fixes that lie within one file, one after another: also those that need its text. */
export function* withFixes(solved: Solved, findings: readonly Finding[], read: ReadText): Generator<Finding> {
	const { program } = solved.world;
	let texts = new Texts(program, read);
	const able = findings.filter(({ rule }) => hasPlans(rule));
	const functions = able.map((finding) => targetOf(program, finding, finding)?.fn ?? NONE);
	const chains = chainsThrough(solved.violations, new Set(functions));
	for (const finding of findings) {
		if (!hasPlans(finding.rule)) {
			yield finding;
			continue;
		}
		if (texts.size > MAX_TEXTS) texts = new Texts(program, read);
		const offers = plansAt(solved, texts, finding, finding, chains).flatMap((one) => offerOf(one));
		yield { ...finding, fixes: [...finding.fixes, ...offers.flatMap(fixOf)] };
	}
}

function fixOf({ title, kind, preferred, edits }: Offer): Fix[] {
	return edits === null ? [] : [{ title, kind, preferred, edits: plainEdits(edits) }];
}

function planned(solved: Solved, findings: readonly Finding[], range: Range, read: ReadText): Planned[] {
	const texts = new Texts(solved.world.program, read);
	const here = findings.filter((finding) => doTouch(finding, range) && hasPlans(finding.rule));
	const found = here.flatMap((finding) => plansAt(solved, texts, finding, finding));
	const keys = new Set(found.map(({ plan }) => plan.key));
	for (const one of plansAt(solved, texts, range, null)) if (!keys.has(one.plan.key)) found.push(one);
	return found;
}

function plansAt(
	solved: Solved,
	texts: Texts,
	range: Range,
	finding: Finding | null,
	chains: Chains | null = null,
): Planned[] {
	const { program } = solved.world;
	const target = targetOf(program, range, finding);
	if (target === null || program.isRust(program.fnFile(target.fn))) return [];
	const op = target.kind === "call" ? target.op : NONE;
	if (op === NONE && finding === null && target.kind !== "function") return [];
	const request: Request = { solved, texts, fn: target.fn, op, finding, chains };
	return plansOf(request).map((plan) => ({ plan, finding }));
}

function targetOf(program: Program, range: Range, finding: Finding | null): Target | null {
	const file = program.fileOf(range.file);
	return file === NONE ? null : (locate(program, file, range.line, range.column) ?? named(program, file, finding));
}

/** The function of a finding in the comment above it. */
function named(program: Program, file: FileId, finding: Finding | null): Target | null {
	const fn = [...program.fnsOf(file)].find((one) => finding !== null && program.fnName(one) === finding.function);
	return fn === undefined ? null : { fn, op: NONE, kind: "function" };
}

function offerOf({ plan, finding }: Planned): Offer[] {
	const { title, kind, preferred, isLocal, mends } = plan;
	const edits = isLocal ? plan.edits() : null;
	const offer = { key: keyOf(plan, finding), title, kind, finding: mends === false ? null : (finding?.id ?? null) };
	if (typeof edits === "string") return [{ ...offer, preferred: false, edits: null, refused: edits }];
	return [{ ...offer, preferred, edits }];
}

function keyOf(plan: Plan, finding: Finding | null): string {
	return `${plan.key}|${finding?.id ?? ""}`;
}

/** Do two ranges of a file have a place in common? */
function doTouch(a: Range, b: Range): boolean {
	return (
		a.file === b.file &&
		!isBefore(a.endLine, a.endColumn, b.line, b.column) &&
		!isBefore(b.endLine, b.endColumn, a.line, a.column)
	);
}

function isBefore(line: number, column: number, thanLine: number, thanColumn: number): boolean {
	return line < thanLine || (line === thanLine && column < thanColumn);
}
