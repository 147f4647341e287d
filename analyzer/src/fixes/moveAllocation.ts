// An allocation moved before the lock under which it is made, with a mask that lets it wait: with its check where
// nothing leaves in between, else freed on the ways that do. Of one in a branch of the section moveNested.ts takes care.

import { calleeText } from "../flow/witness.js";
import { freeLines } from "../model/alloc.js";
import { EditList } from "./edits.js";
import { moveNested } from "./moveNested.js";
import {
	assignmentOf,
	declareBeside,
	firstArgument,
	isPlain,
	isRelease,
	offsetsOf,
	type Site,
	siteOf,
} from "./moveSite.js";
import type { Plan, Request } from "./plan.js";
import { blocksAround, hasLabel, insertBefore, labelAt, leaving, type Statement, statementAt } from "./statements.js";

/** What an allocation under a lock of the function itself is offered. */
export function plansForMove(request: Request): Plan[] {
	const site = siteOf(request);
	if (site === null) return [];
	const { solved, fn, taken, flag } = site;
	const title = `allocate before ${calleeText(solved.world, fn, taken)}() with ${flag}`;
	const found = inOneBlock(site);
	const move = found === null ? null : new Move(site, found[0], found[1]);
	const edits = move === null ? moveNested(site) : move.edits();
	const preferred = move !== null && !move.isEarly && typeof edits !== "string";
	const finish = () => (typeof edits === "string" ? edits : (edits.finish() ?? "its edits would overlap"));
	return [{ key: "move", title, kind: "quickfix", preferred, isLocal: true, edits: finish }];
}

/** The statements that take the lock and allocate, where the one follows the other in one block. */
function inOneBlock(site: Site): [Statement, Statement] | null {
	const [from, to] = offsetsOf(site);
	const last = blocksAround(site.source, site.body.open, to).at(-1);
	const allocation = last?.statements[last.index];
	const lock = last?.statements.find((one) => one.start <= from && from < one.end);
	if (lock === undefined || allocation === undefined || lock.end > allocation.start) return null;
	return isPlain(site, lock, from) && isPlain(site, allocation, to) ? [lock, allocation] : null;
}

class Move {
	/** it is made on ways that did not come to it before */
	isEarly = false;

	constructor(
		private readonly site: Site,
		private readonly lock: Statement,
		private readonly allocation: Statement,
	) {}

	/** Why it cannot be moved where it cannot. */
	edits(): EditList | string {
		const { site, lock, allocation } = this;
		const { source, why, body } = site;
		const assigned = assignmentOf(site, allocation);
		if (assigned === null) return "what it gives is not put into a local variable by a statement of its own";
		if (source.hasDirective(lock.start, allocation.end)) return "there are preprocessor lines in between";
		const between = { start: lock.end, end: allocation.start };
		const ends = leaving(source, between);
		if (hasLabel(source, between)) return "other code jumps in between the lock and the allocation";
		const { variable, value } = assigned;
		const isUsed = new RegExp(`\\b${variable}\\b`).test(source.code.slice(lock.start, allocation.start));
		const edits = new EditList();
		const name = isUsed ? declareBeside(site, edits, variable) : variable;
		if (name === null) return `there is no other variable for ${variable}`;
		const indent = source.indentAt(lock.start);
		let moved = `${indent}${name} = ${value};\n`;
		if (ends.length === 0 && !isUsed) moved += this.moveCheck(edits, variable, indent);
		this.isEarly = ends.length > 0;
		for (const { word, at } of ends)
			if (!this.freeBefore(edits, word, at, name)) return `where \`${word}\` leaves in between, it cannot be freed`;
		edits.insert(source, source.lineStart(lock.start), moved, why);
		if (isUsed) edits.replace(source, allocation.start, allocation.end, `${variable} = ${name};`, why);
		else edits.dropLines(source, allocation.start, allocation.end, why);
		return body.close > allocation.end ? edits : "its statement does not end";
	}

	/**
	 * Moves `if (!variable) { unlock; return …; }` along, without the unlock: its text, or nothing where what follows is
	 * something else.
	 */
	private moveCheck(edits: EditList, variable: string, indent: string): string {
		const { site, allocation } = this;
		const { source, body } = site;
		const check = statementAt(source, source.next(allocation.end), body.close);
		const text = check === null ? "" : source.code.slice(check.start, check.end);
		const match = new RegExp(
			`^if \\((?:!${variable}|${variable} == NULL)\\) \\{\\s*(\\w+)\\(([^;]*)\\);\\s*(return\\b[^;{}]*;)\\s*\\}$`,
		).exec(text);
		if (check === null || match === null || !isRelease(site, match[1]!)) return "";
		const head = /^if \([^)]*\)/.exec(text)![0];
		edits.dropLines(source, check.start, check.end, site.why);
		return `${indent}${head}\n${indent}\t${match[3]}\n`;
	}

	/** Frees what is not needed where a statement leaves between the lock and the allocation's old place. */
	private freeBefore(edits: EditList, word: string, at: number, name: string): boolean {
		const { site, allocation } = this;
		const { source, body } = site;
		const one = statementAt(source, at, body.close);
		const free = freeLines(site.alloc, name, firstArgument(site));
		if (one === null || word === "break" || word === "continue" || free === null) return false;
		if (word === "goto") {
			const label = source.wordAt(source.next(at + word.length));
			const target = labelAt(source, label, allocation.end, body.close);
			if (target < 0 || new RegExp(`\\b${name}\\b`).test(source.code.slice(target, body.close))) return false;
		}
		return insertBefore(edits, source, one, free, site.why);
	}
}
