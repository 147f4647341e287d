// Findings and contexts as text for people: a compiler's first line, then the chains, indented.

import type { ContextInfo, ContextReport, Finding, FlagReport, Step } from "@might-sleep/analyzer";
import { chainTitles } from "../chainTitles.js";
import { doesText, fitText, maskText, reserveText } from "../flagLines.js";

export function findingText(finding: Finding): string {
	const { file, line, column, severity, rule, message } = finding;
	const lines = [`${file}:${line}:${column}: ${severity}[${rule}]: ${message}`];
	const titles = chainTitles(finding);
	chain(lines, titles.enter, finding.enter, "    ");
	chain(lines, titles.sleep, finding.sleep, "    ");
	chain(lines, "see also", finding.related, "    ");
	for (const fix of finding.fixes) lines.push(`    fix: ${fix.title}`);
	return `${lines.join("\n")}\n`;
}

export function summaryText(findings: readonly Finding[]): string {
	const byRule = new Map<string, number>();
	for (const { rule } of findings) byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
	const parts = [...byRule].sort((a, b) => b[1] - a[1]).map(([rule, count]) => `${count} ${rule}`);
	return `${findings.length} ${findings.length === 1 ? "finding" : "findings"}: ${parts.join(", ")}`;
}

export function reportText(report: ContextReport): string {
	const where = report.function === "" ? "" : `${report.function}: `;
	const lines = [`${report.file}:${report.line}: ${where}${report.verdict}`];
	if (report.flag) flagLines(lines, report.flag);
	if (report.function === "") return `${lines.join("\n")}\n`;
	if (report.subject && !report.flag)
		lines.push(`  ${report.subject.kind} ${report.subject.name}: ${report.subject.text}`);
	for (const context of report.contexts) {
		lines.push(`  ${contextText(context)}`);
		steps(lines, context.enter, "    ");
	}
	if (report.contexts.length === 0) lines.push("  no context is known: no path leads here");
	const { value, on } = report.maySleep;
	lines.push(`  may sleep: ${value}${on === undefined ? "" : ` on ${on}`}`);
	steps(lines, report.maySleep.sleep, "    ");
	lines.push(`  gfp: ${report.gfp.recommended} (${report.gfp.why}); allowed: ${report.gfp.allowed.join(", ")}`);
	for (const caller of report.callers) {
		lines.push(`  called by ${caller.function} at ${caller.file}:${caller.line} (${caller.contexts.join(", ")})`);
	}
	for (const note of report.notes) lines.push(`  note: ${note}`);
	return `${lines.join("\n")}\n`;
}

function flagLines(lines: string[], flag: FlagReport): void {
	const { fits, because } = fitText(flag);
	lines.push(`  flag ${flag.name}: ${fits}: ${because}`);
	steps(lines, flag.enter, "    ");
	if (flag.says !== "") lines.push(`    ${flag.says}`);
	const { definition, bits } = flag;
	const at = definition === null ? "" : ` (${definition.file}:${definition.line}: ${definition.text})`;
	lines.push(`    made of ${bits.join(" ")}${at}`);
	const where = maskText(flag, "");
	if (where !== "") lines.push(`    ${where}`);
	if (flag.role === "part") lines.push(`    ${doesText(flag)}`);
	if (!flag.isModifier) lines.push(`    ${reserveText(flag)}`);
}

/** "hardirq, atomic, irqs off, holds &dev->lock (spinlock, drivers/x.c:10) [high]" */
export function contextText(context: ContextInfo): string {
	const parts: string[] = [context.level, context.atomic ? "atomic" : context.rcu > 0 ? "may not block" : "may sleep"];
	if (context.preempt > 0) parts.push(`preemption off (${context.preempt})`);
	if (context.irqsOff) parts.push("irqs off");
	if (context.bhOff) parts.push("BH off");
	if (context.rcu > 0) parts.push("RCU reader");
	for (const lock of context.locks) parts.push(`holds ${lock.name} (${lock.kind}, ${lock.file}:${lock.line})`);
	parts.push(...context.scopes);
	return `${parts.join(", ")} [${context.confidence}]`;
}

function chain(lines: string[], title: string, list: readonly Step[], indent: string): void {
	if (list.length === 0) return;
	lines.push(`${indent}${title}:`);
	steps(lines, list, `${indent}  `);
}

function steps(lines: string[], list: readonly Step[], indent: string): void {
	for (const step of list) {
		lines.push(`${indent}${step.file}:${step.line}:${step.column}: ${step.function}: ${step.note}`);
	}
}
