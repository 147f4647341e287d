// A context report as the markdown of a hover: the verdict in one line, then the contexts with the chains
// that prove them, then what sleeps, then how it is known. Every step is a link.

import type { ContextInfo, ContextReport, FlagReport, Step } from "@might-sleep/analyzer";
import { doesText, fitText, maskText, reserveText } from "../flagLines.js";
import { contextLabel, saysWho, type UriOf } from "./toLsp.js";

/** A hover is read at a glance; the call hierarchy holds the rest. */
const MAX_CONTEXTS = 5;
const MAX_STEPS = 8;

export function hoverText(report: ContextReport, partial: boolean, uriOf: UriOf): string {
	const parts = [verdictLine(report)];
	if (report.flag) parts.push(flagPart(report.flag, uriOf));
	else if (report.subject && report.subject.text !== "") parts.push(subjectLine(report.subject));
	// two lists in a row would be one
	if (report.flag && saysMore(report)) parts.push("**Contexts**");
	if (saysMore(report)) parts.push(contextList(report.contexts, uriOf));
	const { value, on, sleep } = report.maySleep;
	if (value !== "no" && !report.flag) {
		const title = value === "depends" ? `May sleep, depending on ${on ?? "its arguments"}` : "May sleep";
		parts.push([`**${title}**`, "", ...stepList(sleep, "", uriOf)].join("\n"));
	}
	parts.push(["---", ...knowledge(report, partial).map((line) => `*${line}*  `)].join("\n"));
	return parts.join("\n\n");
}

/** **atomic** · `&vport->lock` held (irqsave, line 214) · may not sleep · use GFP_ATOMIC or GFP_NOWAIT */
export function verdictLine(report: ContextReport): string {
	if (report.flag && report.function === "") return `**${report.flag.name}** · ${doesText(report.flag)}`;
	const { counts } = report;
	const parts = [`**${report.verdict}**`];
	const first = counts.atomic > 0 ? report.contexts.find(forbidsSleep) : undefined;
	const locks = first?.locks ?? heldInAll(report.contexts);
	const lock = locks.find((one) => one.kind !== "mutex") ?? locks[0];
	if (lock) parts.push(`\`${lock.name}\` held (${lock.kind}, ${place(lock, report.file)})`);
	if (first) {
		if (first.level !== "process") parts.push(first.level);
		if (first.irqsOff) parts.push("irqs off");
		if (first.bhOff && !first.irqsOff) parts.push("BH off");
		if (first.rcu > 0) parts.push("RCU read side");
		if (counts.atomic < counts.contexts) parts.push(`atomic in ${counts.atomic} of ${counts.contexts} contexts`);
		parts.push("may not sleep");
	} else if (report.verdict === "unknown") {
		parts.push(escapeMarkdown(report.gfp.why));
	} else if (report.contexts.length > 0) {
		parts.push("may sleep");
	}
	const flags = report.gfp.allowed.slice(0, 3);
	// a flag that is right is not to be changed
	const isRight = !first && report.flag?.fits === "yes";
	if (report.gfp.recommended !== "" && !isRight) {
		const others = first ? flags.filter((flag) => flag !== report.gfp.recommended) : [];
		parts.push(`use ${[report.gfp.recommended, ...others].join(" or ")}`);
	}
	if (report.verdict !== "unknown" && report.confidence !== "high") parts.push(`${report.confidence} confidence`);
	if (!first && counts.doubtful > 0) parts.push(`less certain: atomic in ${counts.doubtful} more`);
	return parts.join(" · ");
}

/** Of contexts that may sleep: what is held in one of them says little of the place. */
function heldInAll([first, ...others]: readonly ContextInfo[]): ContextInfo["locks"] {
	const isHeldIn = ({ locks }: ContextInfo, name: string) => locks.some((lock) => lock.name === name);
	return first?.locks.filter(({ name }) => others.every((other) => isHeldIn(other, name))) ?? [];
}

/** A reader of RCU may not sleep either, although it is not atomic where it can be preempted. */
function forbidsSleep(context: ContextInfo): boolean {
	return !context.booting && (context.atomic || context.rcu > 0);
}

/** Of a place that nobody is known to come to, only what it holds itself is worth a list. */
function saysMore({ verdict, contexts }: ContextReport): boolean {
	return verdict === "unknown" ? contexts.some(({ locks }) => locks.length > 0) : contexts.length > 0;
}

function wordFor(context: ContextInfo): string {
	if (context.booting) return "while the system boots, where nothing checks";
	if (context.atomic) return "**atomic**";
	return forbidsSleep(context) ? "**may not block**" : "may sleep";
}

function place(lock: { file: string; line: number }, here: string): string {
	return lock.file === here ? `line ${lock.line}` : `${lock.file}:${lock.line}`;
}

function subjectLine(subject: NonNullable<ContextReport["subject"]>): string {
	return `${subject.kind} \`${subject.name}\`: ${escapeMarkdown(subject.text)}`;
}

/** Whether the flag is right here, what it is made of, and what an allocation with it does. */
function flagPart(flag: FlagReport, uriOf: UriOf): string {
	const { fits, because } = fitText(flag);
	const lines = [`\`${flag.name}\` is **${fits}**: ${escapeMarkdown(because)}`, ""];
	if (flag.enter.length > 0) lines.push("- how that comes about:", ...stepList(flag.enter, "  ", uriOf));
	if (flag.says !== "") lines.push(`- ${escapeMarkdown(flag.says)}`);
	const made = flag.bits.map((bit) => `\`${bit}\``).join(" ");
	const { definition } = flag;
	if (definition === null)
		lines.push(`- made of ${made}, by what is known of this version: the tree's header is not there`);
	else {
		const link = `[${escapeMarkdown(definition.file)}:${definition.line}](${uriOf(definition.file)}#L${definition.line})`;
		lines.push(`- made of ${made} (\`${definition.text}\`, ${link})`);
	}
	const where = maskText(flag, "`");
	if (where !== "") lines.push(`- ${where}`);
	if (flag.role === "part" && (!flag.isModifier || where !== "")) lines.push(`- ${doesText(flag)}`);
	if (!flag.isModifier) lines.push(`- ${reserveText(flag)}`);
	return lines.join("\n");
}

function contextList(contexts: readonly ContextInfo[], uriOf: UriOf): string {
	const lines: string[] = [];
	for (const context of contexts.slice(0, MAX_CONTEXTS)) {
		const sure = context.confidence === "high" ? "" : ` (${context.confidence} confidence)`;
		lines.push(`- ${wordFor(context)}: ${contextLabel(context)}${sure}`);
		lines.push(...stepList(context.enter, "  ", uriOf));
	}
	if (contexts.length > MAX_CONTEXTS) lines.push(`- and ${contexts.length - MAX_CONTEXTS} more`);
	return lines.join("\n");
}

function stepList(steps: readonly Step[], indent: string, uriOf: UriOf): string[] {
	const lines: string[] = [];
	const shown = steps.length <= MAX_STEPS ? steps : [...steps.slice(0, 3), ...steps.slice(3 - MAX_STEPS)];
	shown.forEach((step, i) => {
		if (i === 3 && shown.length < steps.length) lines.push(`${indent}- …`);
		const link = `[${escapeMarkdown(step.file)}:${step.line}](${uriOf(step.file)}#L${step.line})`;
		const who = saysWho(step) ? "" : `\`${step.function}\`: `;
		lines.push(`${indent}- ${link} ${who}${escapeMarkdown(step.note)}`);
	});
	return lines;
}

function knowledge(report: ContextReport, partial: boolean): string[] {
	const lines = [`confidence ${report.confidence}`];
	if (report.gfp.why !== "" && report.verdict !== "unknown") lines[0] += ` · ${escapeMarkdown(report.gfp.why)}`;
	for (const note of report.notes) lines.push(escapeMarkdown(note));
	if (partial) lines.push("partial: from the open files and the headers they name, until the tree is indexed");
	return lines;
}

function escapeMarkdown(text: string): string {
	return text.replaceAll(/[\\`*_{}[\]<>#|]/g, "\\$&");
}
