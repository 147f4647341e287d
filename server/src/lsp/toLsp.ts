// Analyzer data as protocol data. Lines and columns start at 1 there and at 0 here.

import type { ContextInfo, Edit, Finding, Place, Severity, Range as SourceRange, Step } from "@might-sleep/analyzer";
import {
	type Diagnostic,
	type DiagnosticRelatedInformation,
	DiagnosticSeverity,
	type Position,
	type Range,
	type TextEdit,
} from "vscode-languageserver";
import { chainTitles } from "../chainTitles.js";
import type { DiagnosticData, Settings } from "./protocol.js";
import { ruleHref } from "./ruleHref.js";

export type UriOf = (path: string) => string;

export function toPosition(place: { line: number; column: number }): Position {
	return { line: Math.max(0, place.line - 1), character: Math.max(0, place.column - 1) };
}

export function toRange(range: SourceRange): Range {
	return { start: toPosition(range), end: toPosition({ line: range.endLine, column: range.endColumn }) };
}

/** The range of a name that begins at a place. */
export function nameRange(place: Place, name: string): Range {
	const start = toPosition(place);
	return { start, end: { line: start.line, character: start.character + name.length } };
}

const SEVERITIES: Record<Severity, DiagnosticSeverity> = {
	error: DiagnosticSeverity.Error,
	warning: DiagnosticSeverity.Warning,
	information: DiagnosticSeverity.Information,
	hint: DiagnosticSeverity.Hint,
};

const CONFIDENCES = ["high", "medium", "low"];

/** Null: the settings hide it. What is less than sure is shown as information, what is least sure as a hint. */
export function shownSeverity(finding: Finding, settings: Settings): DiagnosticSeverity | null {
	if (CONFIDENCES.indexOf(finding.confidence) > CONFIDENCES.indexOf(settings.confidence)) return null;
	const level = settings.rules[finding.rule] ?? finding.severity;
	if (level === "off") return null;
	const least = { high: 0, medium: DiagnosticSeverity.Information, low: DiagnosticSeverity.Hint }[finding.confidence];
	return Math.max(SEVERITIES[level], least) as DiagnosticSeverity;
}

/** `finding`'s columns count UTF-16 code units. */
export function toDiagnostic(finding: Finding, severity: DiagnosticSeverity, uriOf: UriOf): Diagnostic {
	const titles = chainTitles(finding);
	const data: DiagnosticData = { id: finding.id, fixes: finding.fixes.map((fix) => fix.title) };
	return {
		range: toRange(finding),
		severity,
		code: finding.rule,
		codeDescription: { href: ruleHref(finding.rule) },
		source: "might-sleep",
		message: finding.message,
		relatedInformation: [
			...finding.enter.map((step) => toRelated(step, titles.enter, uriOf)),
			...finding.sleep.map((step) => toRelated(step, titles.sleep, uriOf)),
			...finding.related.map((step) => toRelated(step, "see also", uriOf)),
		],
		data,
	};
}

function toRelated(step: Step, why: string, uriOf: UriOf): DiagnosticRelatedInformation {
	const start = toPosition(step);
	return {
		location: { uri: uriOf(step.file), range: { start, end: start } },
		message: `${why}: ${saysWho(step) ? "" : `${step.function}: `}${step.note}`,
	};
}

/** Whether the note names its function itself. */
export function saysWho(step: Step): boolean {
	return step.note.startsWith(`${step.function}()`);
}

export function toTextEdit(edit: Edit): TextEdit {
	return { range: toRange(edit), newText: edit.newText };
}

/** "hardirq, irqs off, holds &dev->lock" */
export function contextLabel(context: ContextInfo): string {
	const parts: string[] = [context.level];
	if (context.irqsOff) parts.push("irqs off");
	if (context.bhOff) parts.push("BH off");
	if (context.rcu > 0) parts.push("RCU reader");
	if (context.atomic && parts.length === 1 && context.preempt > 0) parts.push("preemption off");
	for (const lock of context.locks) parts.push(`holds \`${lock.name}\``);
	parts.push(...context.scopes);
	return parts.join(", ");
}
