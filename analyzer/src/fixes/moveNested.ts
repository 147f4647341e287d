// An allocation in a branch of a locked section (`if (!found) found = alloc()`), moved before the lock: it is made on every
// way, into a variable of its own, handed over where it was made, and freed after the lock where nobody took it.

import { freeLines } from "../model/alloc.js";
import { EditList } from "./edits.js";
import { assignmentOf, declareBeside, firstArgument, isPlain, isRelease, offsetsOf, type Site } from "./moveSite.js";
import {
	blocksAround,
	hasLabel,
	insertBefore,
	isBranch,
	labelAt,
	leaving,
	type Statement,
	simpleAround,
	statementAt,
} from "./statements.js";

/** The edits; why it cannot be moved where it cannot. */
export function moveNested(site: Site): EditList | string {
	const { source, body } = site;
	const [from, to] = offsetsOf(site);
	const blocks = blocksAround(source, body.open, to);
	const outer = blocks.find(({ statements }) =>
		statements.some((one) => one.start <= from && from < one.end && one.end <= to),
	);
	const lock = outer?.statements.find((one) => one.start <= from && from < one.end);
	const allocation = simpleAround(source, body.open, to);
	if (outer === undefined || lock === undefined || allocation === null) return "the lock is not taken on its way";
	if (!isPlain(site, lock, from) || !isPlain(site, allocation, to)) return "it shares its statement, or the lock's";
	const around = outer.statements[outer.index]!;
	const rest = outer.statements.slice(outer.index + 1);
	const release = rest.find((one) => isReleaseOf(site, lock, one));
	if (release === undefined) return "the lock is not released in the block that takes it";
	return new Nested(site, lock, allocation, around, release).edits();
}

/** Is a statement just a call that releases what another one has taken? */
function isReleaseOf(site: Site, lock: Statement, one: Statement): boolean {
	const { code } = site.source;
	const lockOf = (text: string) => /^\w+\(\s*([^,()]*(?:\([^()]*\)[^,()]*)*)/.exec(text)?.[1]?.trim();
	const text = code.slice(one.start, one.end);
	const name = /^(\w+)\(/.exec(text)?.[1];
	return name !== undefined && isRelease(site, name) && lockOf(text) === lockOf(code.slice(lock.start, lock.end));
}

class Nested {
	private readonly list = new EditList();

	constructor(
		private readonly site: Site,
		private readonly lock: Statement,
		private readonly allocation: Statement,
		/** the statement of the lock's block that the allocation is in */
		private readonly around: Statement,
		private readonly release: Statement,
	) {}

	edits(): EditList | string {
		const { site, lock, allocation, release } = this;
		const { source, why } = site;
		const assigned = assignmentOf(site, allocation);
		if (assigned === null) return "what it gives is not put into a local variable by a statement of its own";
		if (source.hasDirective(lock.start, release.end)) return "there are preprocessor lines in between";
		if (hasLabel(source, { start: lock.end, end: allocation.start }))
			return "other code jumps in between the lock and the allocation";
		const { variable, value } = assigned;
		const name = declareBeside(site, this.list, variable);
		if (name === null) return `there is no other variable for ${variable}`;
		const free = freeLines(site.alloc, name, firstArgument(site));
		if (free === null) return "what frees it takes more than the pointer, or may not be called under the lock";
		const left = this.freeOnOtherWays(free);
		if (left !== null) return left;
		const indent = source.indentAt(lock.start);
		this.list.insert(source, source.lineStart(lock.start), `${indent}${name} = ${value};\n`, why);
		if (!this.handOver(variable, name)) return "it is the branch of an if that goes on with else";
		const after = source.indentAt(release.start);
		const lines = free.map((line) => `${after}${line}\n`).join("");
		this.list.insert(source, source.lineEnd(release.end) + 1, lines, why);
		return this.list;
	}

	/** `variable = name; name = NULL;` where it was made; braces where it was the only statement of a branch. */
	private handOver(variable: string, name: string): boolean {
		const { site, allocation } = this;
		const { source, why } = site;
		const indent = source.indentAt(allocation.start);
		const lines = `${variable} = ${name};\n${indent}${name} = NULL;`;
		if (!isBranch(source, allocation.start)) {
			this.list.replace(source, allocation.start, allocation.end, lines, why);
			return true;
		}
		if (source.wordAt(source.next(allocation.end)) === "else" || source.wordBefore(allocation.start) === "else")
			return false;
		this.list.insert(source, source.previous(allocation.start) + 1, " {", why);
		this.list.replace(source, allocation.start, allocation.end, `${lines}\n${indent.slice(0, -1)}}`, why);
		return true;
	}

	/** Frees it where a statement leaves the section by another way than its end; why it cannot, or null. */
	private freeOnOtherWays(free: readonly string[]): string | null {
		const { site, lock, release } = this;
		const { source, body } = site;
		for (const { word, at } of leaving(source, { start: lock.end, end: release.start })) {
			if (word === "goto" && this.isToTheEnd(at)) continue;
			if (this.isTaken(at)) continue;
			const one = statementAt(source, at, body.close);
			const isForward = word === "return" || (word === "goto" && this.labelOf(at) > release.end);
			if (one === null || !isForward || !insertBefore(this.list, source, one, free, site.why))
				return `where \`${word}\` leaves the section, it cannot be freed`;
		}
		return null;
	}

	/** Has what was allocated been handed over wherever the way comes to this place: later in the same block? */
	private isTaken(at: number): boolean {
		const { site, allocation } = this;
		if (at < allocation.end || isBranch(site.source, allocation.start)) return false;
		const block = blocksAround(site.source, site.body.open, allocation.start).at(-1)!;
		return at < site.source.closing(block.open);
	}

	/** Does a goto come to the release that ends the section? */
	private isToTheEnd(at: number): boolean {
		const label = this.labelOf(at);
		return label >= this.around.end && label <= this.release.start;
	}

	/** Where the label of a goto stands; -1 when it is not found. */
	private labelOf(at: number): number {
		const { source, body } = this.site;
		const label = source.wordAt(source.next(at + "goto".length));
		return labelAt(source, label, body.open, body.close);
	}
}
