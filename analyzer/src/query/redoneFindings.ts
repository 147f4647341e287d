// Findings of some files and rules anew, beside those that stay: what an edit changes when little has changed.

import type { Finding, ReplayPlan } from "../api.js";
import type { Steps } from "../base/steps.js";
import type { Blame, Solved } from "../flow/solved.js";
import type { Violation } from "../flow/violations.js";
import { NONE } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { allRules } from "../rules/all.js";
import { compareFindings, type Report, runRules } from "../rules/rule.js";
import type { ViolationIndex } from "./violationIndex.js";

/** What is to be redone. */
export interface Scope {
	/** paths: of every rule but those that are kept */
	readonly files: ReadonlySet<string>;
	/** ids of the rules that are redone everywhere, and of those that are not redone at all */
	readonly whole: ReadonlySet<string>;
	readonly kept: ReadonlySet<string>;
}

/** What a run over everything would give, and who has been found to blame for violations. */
export interface Redone {
	/** before suppressions */
	readonly report: Report;
	readonly decided: ReadonlyMap<Violation, number>;
}

export function* redoFindings(solved: Solved, index: ViolationIndex, before: Report, scope: Scope): Steps<Redone> {
	const { files, whole, kept } = scope;
	const isWhole = ({ id }: { readonly id: string }) => whole.has(id);
	const everywhere = yield* runRules(allRules.filter(isWhole), solved);
	const others = allRules.filter((rule) => !isWhole(rule) && !kept.has(rule.id));
	const inside = within(solved, index, files);
	const here = yield* runRules(others, inside);
	const isRedone = ({ rule, file }: Finding) => whole.has(rule) || (files.has(file) && !kept.has(rule));
	const fresh = [...everywhere.findings, ...here.findings.filter(isRedone)];
	const findings = [...before.findings.filter((finding) => !isRedone(finding)), ...fresh].sort(compareFindings);
	const report = { findings, plans: plansOf(before, fresh, [everywhere, here], isRedone) };
	return { report, decided: inside.blame.decided };
}

function plansOf(
	before: Report,
	fresh: readonly Finding[],
	reports: readonly Report[],
	isRedone: (finding: Finding) => boolean,
): Map<string, ReplayPlan> {
	const plans = new Map(before.plans);
	for (const finding of before.findings) if (isRedone(finding)) plans.delete(finding.id);
	const known = new Map(reports.flatMap((report) => [...report.plans]));
	for (const { id } of fresh) {
		const plan = known.get(id);
		if (plan !== undefined) plans.set(id, plan);
	}
	return plans;
}

/** What rules need to know for the findings of some files. */
function within(solved: Solved, index: ViolationIndex, files: ReadonlySet<string>): Solved & { readonly blame: Blame } {
	const { program } = solved.world;
	const ids = new Set([...files].map((path) => program.fileOf(path)).filter((file) => file !== NONE));
	const fns: FnId[] = [];
	for (const file of ids) for (const fn of program.fnsOf(file)) fns.push(fn);
	const through = index.through(fns);
	const isKnown = ({ culprit }: Violation) => culprit !== NONE;
	const around = index.around(without(through, isKnown));
	const [violations, deciding] = [through, around].map((set) =>
		set.size === 0 ? [] : solved.violations.filter((violation) => set.has(violation)),
	) as [Violation[], Violation[]];
	const blame: Blame = { isKnown, deciding, decided: new Map() };
	return { ...solved, violations, blame, files: ids, fns: fns.sort((a, b) => program.compareFns(a, b)) };
}

/** Those for which it is not known who is to blame. */
export function without(
	violations: Iterable<Violation>,
	isKnown: (violation: Violation) => boolean,
): ReadonlySet<Violation> {
	const found = new Set<Violation>();
	for (const violation of violations) if (!isKnown(violation)) found.add(violation);
	return found;
}

/** The files of findings that name one of some files, in whatever they say. */
export function filesNaming(
	findings: readonly Finding[],
	plans: ReadonlyMap<string, ReplayPlan>,
	paths: readonly string[],
): Set<string> {
	const found = new Set<string>();
	for (const finding of findings) {
		if (found.has(finding.file)) continue;
		const named = namedBy(finding, plans.get(finding.id));
		if (paths.some((path) => named.has(path) || !PLAIN.test(path))) found.add(finding.file);
	}
	return found;
}

/** Looks at all findings so that `filesNaming` is fast. */
export function* prepareNames({ findings, plans }: Report): Steps<void> {
	for (const finding of findings) {
		namedBy(finding, plans.get(finding.id));
		yield;
	}
}

/** What may be in a path that is found in a text. */
const PLAIN = /^[\w./+~@=-]+$/;
const WORDS = /[\w./+~@=-]+/g;

const known = new WeakMap<Finding, ReadonlySet<string>>();

/** All words of a finding and its plan, files among them. */
function namedBy(finding: Finding, plan: ReplayPlan | undefined): ReadonlySet<string> {
	let names = known.get(finding);
	if (names === undefined) {
		const found = new Set<string>();
		for (const part of [finding, plan]) addNames(part, found);
		names = found;
		known.set(finding, names);
	}
	return names;
}

function addNames(value: unknown, found: Set<string>): void {
	if (typeof value === "string") {
		for (const [word] of value.matchAll(WORDS)) found.add(word.replace(/\.+$/, ""));
	} else if (typeof value === "object" && value !== null) {
		for (const part of Object.values(value)) addNames(part, found);
	}
}

/** The files that the calls of chains are in. */
export function filesOf(program: Program, violations: Iterable<Violation>): Set<string> {
	const found = new Set<string>();
	for (const { links } of violations) for (const { fn } of links) found.add(program.fnPath(fn));
	return found;
}
