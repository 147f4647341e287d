// Compares what the analyzer says with what a fixture marks, and words the difference so that it can be
// acted on: the place, what was expected, what came. Calls no part of the analyzer.

import type { Finding, Step } from "@might-sleep/analyzer/api";
import { type FindingMark, type Fixture, type MarkPlace, matchesParts, visualColumn } from "./fixture.js";

/** Every difference between the marks and the findings; empty when they agree. */
export function compareFindings(fixture: Fixture, findings: readonly Finding[]): readonly string[] {
	const problems = fixture.mistakes.map((mistake) => `${fixture.name}: ${mistake}`);
	const lines = new Map(fixture.files.map((file) => [file.path, file.text.split("\n")]));
	const open = new Set(findings);
	for (const mark of fixture.findings) {
		const { match, near } = findMatch(mark, open, lines);
		if (match !== null) {
			open.delete(match);
			problems.push(...compareDetails(mark, match));
		} else
			problems.push(`${placeText(mark)}: expected ${markText(mark)}; ${near ?? "nothing is reported on this line"}`);
	}
	for (const finding of open) {
		problems.push(`${finding.file}:${finding.line}:${finding.column}: not marked: ${findingText(finding)}`);
	}
	const steps = findings.flatMap((finding) => [...finding.enter, ...finding.sleep, ...finding.related]);
	for (const note of fixture.notes) {
		const here = steps.filter((step) => isAt(note, step.file, step.line));
		if (here.some((step) => matchesParts(step.note, note.parts))) continue;
		const got =
			here.length === 0 ? "no chain passes here" : `got ${here.map((step) => JSON.stringify(step.note)).join(", ")}`;
		problems.push(`${placeText(note)}: expected a step ${JSON.stringify(note.parts.join(" … "))}; ${got}`);
	}
	return problems;
}

/** What every finding must have, whatever the fixture: both chains, a place, an id, a message in our style. */
export function compareShape(findings: readonly Finding[]): readonly string[] {
	const problems: string[] = [];
	const ids = new Map<string, Finding>();
	for (const finding of findings) {
		const at = `${finding.file}:${finding.line} ${finding.rule}`;
		const twin = ids.get(finding.id);
		if (twin !== undefined) problems.push(`${at}: has the id of ${twin.file}:${twin.line} ${twin.rule}`);
		ids.set(finding.id, finding);
		if (/\.\s*$/.test(finding.message)) problems.push(`${at}: its message ends with a full stop`);
		// a type's name is no sentence
		if (/^[A-Z][a-z]+\b(?!::|[A-Z])/.test(finding.message)) problems.push(`${at}: its message begins with a capital`);
		if (needsChains(finding.rule)) {
			if (finding.enter.length === 0) problems.push(`${at}: does not say who made it atomic (enter is empty)`);
			if (finding.sleep.length === 0) problems.push(`${at}: does not say what sleeps (sleep is empty)`);
		}
		for (const step of [...finding.enter, ...finding.sleep, ...finding.related])
			problems.push(...stepProblems(at, step));
	}
	return problems;
}

/** The rule claims that a sleep happens in a context, so it must prove both. */
export function needsChains(rule: string): boolean {
	return rule === "sleep-in-atomic" || rule === "gfp-sleeps-in-atomic" || rule === "rcu-blocking";
}

function stepProblems(at: string, step: Step): readonly string[] {
	const isPlace = step.file !== "" && step.line >= 1 && step.column >= 1;
	return isPlace && step.note !== "" ? [] : [`${at}: a step has no place or no note: ${JSON.stringify(step)}`];
}

/** The finding a mark means: same line, columns, rule and text; else the nearest miss in words. */
function findMatch(
	mark: FindingMark,
	open: ReadonlySet<Finding>,
	lines: ReadonlyMap<string, readonly string[]>,
): { match: Finding | null; near: string | null } {
	let near: string | null = null;
	for (const finding of open) {
		if (!isAt(mark, finding.file, finding.line)) continue;
		near = near === null ? `got ${findingText(finding)}` : `${near}; ${findingText(finding)}`;
		if (finding.rule !== mark.rule || !matchesParts(finding.message, mark.parts)) continue;
		const text = lines.get(finding.file)?.[finding.line - 1] ?? "";
		const start = visualColumn(text, finding.column);
		const end = finding.endLine > finding.line ? -1 : visualColumn(text, finding.endColumn);
		if (mark.start >= 0 && (start !== mark.start || (end >= 0 && end !== mark.end))) {
			near = `it is at columns ${start}–${end}, marked ${mark.start}–${mark.end}`;
			continue;
		}
		return { match: finding, near: null };
	}
	return { match: null, near };
}

function compareDetails(mark: FindingMark, finding: Finding): readonly string[] {
	const problems: string[] = [];
	if (finding.confidence !== mark.confidence) {
		problems.push(`${placeText(mark)}: ${mark.rule} has confidence ${finding.confidence}, marked ${mark.confidence}`);
	}
	if (finding.severity !== mark.severity) {
		problems.push(`${placeText(mark)}: ${mark.rule} is a(n) ${finding.severity}, marked ${mark.severity}`);
	}
	return problems;
}

function isAt(place: MarkPlace, file: string, line: number): boolean {
	return place.file === file && place.line === line;
}

function placeText(place: MarkPlace): string {
	return `${place.file}:${place.line}`;
}

function markText(mark: FindingMark): string {
	return `${mark.severity}[${mark.rule}, ${mark.confidence}] ${mark.parts.join(" … ")}`;
}

function findingText(finding: Finding): string {
	const chain = (steps: readonly Step[]): string =>
		steps.map((step) => `${step.file}:${step.line} ${step.note}`).join(" → ");
	return `${finding.severity}[${finding.rule}, ${finding.confidence}] ${finding.message}  {enter: ${chain(finding.enter)}} {sleep: ${chain(finding.sleep)}}`;
}
