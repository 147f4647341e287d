// The `Context:` section of a kernel-doc comment, from what is found: written where there is none, and put right where
// it says otherwise.

import { Ac, forbidsSleep, Level } from "../flow/context.js";
import { MaskParams } from "../flow/maskParams.js";
import type { Solved } from "../flow/solved.js";
import { MaySleep } from "../flow/summary.js";
import { TOP } from "../flow/values.js";
import { contextInfo } from "../flow/witness.js";
import { summaryOf } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import { paramText } from "./callerMask.js";
import { EditList } from "./edits.js";
import type { Plan, Request } from "./plan.js";
import type { SourceText } from "./source.js";

const NOT_ASKED = FnFlag.Macro | FnFlag.FromMacro | FnFlag.Rust;
/** Records whose held locks are compared. */
const MAX_RECORDS = 24;

/** The section of a comment: from its first line's star to the end of its last line. */
interface Section {
	readonly start: number;
	readonly end: number;
	readonly indent: string;
}

/** A section where the comment has none, or one that says what is found where it says something else. */
export function plansForSection({ solved, texts, fn, finding }: Request): Plan[] {
	const { program } = solved.world;
	if ((program.flagsOf(fn) & NOT_ASKED) !== 0) return [];
	const source = texts.of(program.fnFile(fn));
	const text = source === null ? null : contextText(solved, fn);
	const doc = source === null ? null : docOf(solved, fn);
	if (source === null || text === null || doc === null) return [];
	const edits = new EditList();
	const why = `${program.fnName(fn)}() says its context`;
	const section = sectionIn(source, doc);
	if (section !== null && source.text.slice(section.start, section.end).includes(text)) return [];
	if (section !== null) edits.replace(source, section.start, section.end, `${section.indent}* Context: ${text}`, why);
	else insertSection(edits, source, doc, text, why);
	const plan = {
		key: "context section",
		title: section === null ? "add a Context: section from what is found" : `say "Context: ${text}"`,
		isLocal: true,
		edits: () => edits.finish() ?? "its edits would overlap",
	};
	const isMended = finding !== null && section !== null;
	return [{ ...plan, kind: isMended ? "quickfix" : "refactor", preferred: false, mends: isMended }];
}

/** What is found of a function's contexts, in the words of kernel-doc; null when nothing is, or when it sleeps where it may not. */
export function contextText(solved: Solved, fn: FnId): string | null {
	const found = entered(solved, fn);
	if (found === null) return null;
	const { maySleep } = summaryOf(solved.world, fn);
	if (found.isAtomic && maySleep === MaySleep.Yes) return null;
	const parts = [found.levels, ...(maySleep === MaySleep.No ? [] : [sleepText(solved, fn)])];
	if (found.locks.length > 0) parts.push(`Expects ${found.locks.join(" and ")} to be held.`);
	return parts.join(" ");
}

function sleepText(solved: Solved, fn: FnId): string {
	const { maySleep, sleepParam, sleepWhen } = summaryOf(solved.world, fn);
	if (maySleep === MaySleep.Yes) return "May sleep.";
	const name = sleepParam < 0 ? "" : paramText(solved, fn, sleepParam);
	if (name === "") return "May sleep depending on its arguments.";
	if (new MaskParams(solved.world.program).isMask(fn, sleepParam)) return `May sleep if @${name} flags permit.`;
	const truth = sleepWhen === TOP ? -1 : solved.world.values.truth(sleepWhen);
	if (truth === 0) return `May sleep unless @${name}.`;
	return truth === 1 ? `May sleep if @${name}.` : `May sleep depending on @${name}.`;
}

interface Entered {
	readonly levels: string;
	readonly isAtomic: boolean;
	readonly locks: readonly string[];
}

/** How a function is entered, by the records that are certain; null when there are none. */
function entered(solved: Solved, fn: FnId): Entered | null {
	const { contexts, world } = solved;
	const levels = new Set<number>();
	let isAtomic = false;
	let isOther = false;
	let locks: string[] | null = null;
	let seen = 0;
	for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
		if (contexts.isSeed(record) || contexts.records.doubt(record) > 1) continue;
		const ac = contexts.records.context(record);
		const level = ac & Ac.LevelMask;
		levels.add(level === Level.Any ? Level.Process : level);
		if (forbidsSleep(ac)) isAtomic = true;
		else isOther = true;
		if (++seen > MAX_RECORDS) locks = [];
		else {
			const [state] = contexts.statesOf(fn, NONE);
			const held = contextInfo(world, contexts, record, { fn, op: 0 }, state!).locks.map((lock) => lock.name);
			locks = locks === null ? held : locks.filter((name) => held.includes(name));
		}
	}
	if (levels.size === 0) return null;
	// who calls it from elsewhere may not hold what those hold that are known
	const held = contexts.entered.isKnown(fn) ? (locks ?? []).filter(isPlain) : [];
	return { levels: levelText(levels, isAtomic && isOther), isAtomic, locks: held };
}

/** Is a lock's name one that a reader of the comment knows: a variable, or a field of one? */
function isPlain(name: string): boolean {
	return /^&?\w+(?:(?:->|\.)\w+)*$/.test(name);
}

function levelText(levels: ReadonlySet<number>, isMixed: boolean): string {
	const isProcess = levels.has(Level.Process);
	const isSoft = levels.has(Level.Softirq);
	if (levels.has(Level.Hardirq)) return isProcess || isSoft ? "Any context." : "Interrupt context.";
	if (isSoft) return isProcess ? "Process or softirq context." : "Softirq context.";
	return isMixed ? "Any context." : "Process context.";
}

function docOf({ world: { program } }: Solved, fn: FnId): readonly [number, number] | null {
	const start = program.fnField(fn, FnField.DocStart);
	return start === NONE ? null : [start, program.fnField(fn, FnField.DocEnd)];
}

/** The lines of the section in a comment, or null. */
function sectionIn(source: SourceText, [start, end]: readonly [number, number]): Section | null {
	const lines = source.text.slice(start, end).split("\n");
	const first = lines.findIndex((line) => /^\s*\*\s*Context:/.test(line));
	if (first === -1) return null;
	let last = first;
	while (last + 1 < lines.length && /^\s*\*\s+(?!@|\w+:)[^\s/]/.test(lines[last + 1]!)) last++;
	const offset = (line: number) => start + lines.slice(0, line).join("\n").length + (line > 0 ? 1 : 0);
	return {
		start: offset(first),
		end: offset(last) + lines[last]!.length,
		indent: /^\s*/.exec(lines[first]!)![0],
	};
}

/** Before what is returned, or at the end of the comment. */
function insertSection(
	edits: EditList,
	source: SourceText,
	[start, end]: readonly [number, number],
	text: string,
	why: string,
): void {
	const doc = source.text.slice(start, end);
	const returns = /^([ \t]*)\*\s*Returns?:/m.exec(doc);
	if (returns !== null) {
		edits.insert(source, start + returns.index, `${returns[1]}* Context: ${text}\n`, why);
		return;
	}
	const last = source.lineStart(end - 1);
	const indent = /^[ \t]*/.exec(source.text.slice(last, end))![0];
	edits.insert(source, last, `${indent}*\n${indent}* Context: ${text}\n`, why);
}
