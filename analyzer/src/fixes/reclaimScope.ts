// A memalloc_*_save() scope for a path that reclaim may come back to, where the path begins: around the region that
// makes it one, else around the statement of the function that is entered.

import type { ReasonedEdit } from "../api.js";
import { RECLAIM_LEVELS } from "../flow/need.js";
import { type Recursion, recursionsOf, searchIn } from "../flow/recursions.js";
import type { Solved } from "../flow/solved.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, FnFlag } from "../ir/unit.js";
import { AVOIDING } from "../model/gfp.js";
import type { Primitive } from "../model/schema.js";
import { type Body, bodyOf, insertDeclarations } from "./body.js";
import { EditList } from "./edits.js";
import { addInclude } from "./includes.js";
import type { Plan, Request } from "./plan.js";
import { type Way, waysInto } from "./reclaimWays.js";
import { freeName } from "./signature.js";
import type { SourceText, Texts } from "./source.js";
import { opOffset } from "./span.js";
import {
	blocksAround,
	hasLabel,
	insertBefore,
	isBranch,
	leaving,
	type Statement,
	simpleAround,
	statementAt,
} from "./statements.js";

/** Macros have no scope of their own, and what is built by one has no text. */
const NOT_ASKED = FnFlag.Macro | FnFlag.FromMacro | FnFlag.Rust;

/** Ways that are wrapped in one edit at most. */
const MAX_WAYS = 4;

/** What an allocation that reclaim may come back from is offered. */
export function plansForScope(request: Request): Plan[] {
	const { solved, texts } = request;
	const recursion = recursionOf(request);
	if (recursion === null) return [];
	const { program } = solved.world;
	const [own, ...others] = waysInto(solved, recursion);
	const scope = scopeFor(solved, texts, own!);
	const edits = scope?.edits() ?? null;
	if (scope === null || edits === null) return [];
	const name = `${scope.save?.name}()`;
	const here = `wrap it in ${name} in ${program.fnName(own!.fn)}()`;
	const plan = { kind: "quickfix", preferred: false } as const;
	if (others.length === 0) return [{ ...plan, key: "scope", title: here, isLocal: true, edits: () => edits }];
	const names = [...new Set([own!, ...others].map(({ fn }) => program.fnName(fn)))];
	const title = `${here}, ${elsewhere(solved, own!, others)}`;
	const one: Plan = { ...plan, key: "scope", title, isLocal: true, mends: false, edits: () => edits };
	if (others.length >= MAX_WAYS) return [one];
	const scopes = [scope, ...others.map((way) => scopeFor(solved, texts, way))];
	const all = scopes.map((other) => other?.edits() ?? null);
	if (!all.every((some) => some !== null) || areNested(scopes)) return [one];
	const everywhere = `wrap it in ${name} on all ${all.length} ways: in ${names.join("(), ")}()`;
	const isLocal = [own!, ...others].every(({ fn }) => program.fnFile(fn) === program.fnFile(request.fn));
	return [{ ...plan, key: "scopes", title: everywhere, isLocal, edits: () => together(all) }, one];
}

/** What a scope on one way leaves as it is. */
function elsewhere({ world: { program } }: Solved, own: Way, others: readonly Way[]): string {
	const another = others.find(({ fn }) => fn !== own.fn);
	if (another === undefined) return others.length > 1 ? "not at its other calls" : "not at its other call";
	const more = others.length > 1 ? ` and ${others.length - 1} more` : "";
	return `not on the way by ${program.fnName(another.fn)}()${more}`;
}

/** Is one scope within another one, whose variable it would overwrite? */
function areNested(scopes: readonly (Scope | null)[]): boolean {
	return scopes.some((one, i) => one !== null && scopes.slice(i + 1).some((other) => other?.meets(one)));
}

function scopeFor(solved: Solved, texts: Texts, way: Way): Scope | null {
	const { program } = solved.world;
	const source = texts.of(program.fnFile(way.fn));
	return source === null || (program.flagsOf(way.fn) & NOT_ASKED) !== 0 ? null : new Scope(solved, source, way);
}

/** The edits of several scopes; what is added to a file for each of them (an include) is added once. */
function together(all: readonly (readonly ReasonedEdit[])[]): readonly ReasonedEdit[] {
	const byPlace = new Map<string, ReasonedEdit>();
	for (const edit of all.flat()) {
		const { file, line, column, endLine, endColumn, newText } = edit;
		byPlace.set(JSON.stringify([file, line, column, endLine, endColumn, newText]), edit);
	}
	return [...byPlace.values()];
}

/** The recursion that a finding tells of: the allocation that its chain ends with, by way of its call. */
function recursionOf({ solved, finding, fn, op }: Request): Recursion | null {
	const { program } = solved.world;
	const last = finding?.sleep.at(-1);
	const file = last === undefined ? NONE : program.fileOf(last.file);
	if (last === undefined || file === NONE) return null;
	for (const candidate of program.fnsOf(file)) {
		if (program.fnName(candidate) !== last.function) continue;
		const found = recursionsOf(searchIn(solved), candidate).find(({ links }) =>
			links.some((link) => link.fn === fn && link.op === op),
		);
		if (found !== undefined) return found;
	}
	return null;
}

class Scope {
	readonly save: Primitive | undefined;
	private readonly restore: Primitive | undefined;
	private readonly body: Body | null;
	private readonly why: string;
	private readonly name: string | null;
	/** the statements that are wrapped, once the edits are made */
	private wrapped: Statement | null = null;

	constructor(
		private readonly solved: Solved,
		private readonly source: SourceText,
		private readonly head: Way,
	) {
		const { world } = solved;
		const { scope, avoids } = AVOIDING[RECLAIM_LEVELS[head.need]!];
		const find = (does: string) =>
			world.primitives.find(({ section }) => section?.section === scope && section.does === does);
		this.save = find("save");
		this.restore = find("restore");
		this.body = bodyOf(world, this.head.fn, source);
		this.why = `reclaim does not ${avoids} in the scope`;
		this.name = freeName(solved, [this.head.fn], [`${scope}_flags`, `${scope}_saved`]);
	}

	/** The edits at the outermost place where they can be made; null when there is none. */
	edits(): readonly ReasonedEdit[] | null {
		const { body, save, restore, source, name } = this;
		if (body === null || save === undefined || restore === undefined || name === null) return null;
		const at = opOffset(this.solved.world, this.head.fn, this.head.op);
		if (at === -1 || source.isDirective(at) || this.head.need >= RECLAIM_LEVELS.indexOf("any")) return null;
		for (const span of this.places(body, at)) {
			const edits = new EditList();
			if (!this.wrap(edits, body, span)) continue;
			this.wrapped = span;
			return edits.finish();
		}
		return null;
	}

	/** Do two scopes have statements in common, without being one? */
	meets(other: Scope): boolean {
		const [a, b] = [this.wrapped, other.wrapped];
		if (a === null || b === null || this.head.fn !== other.head.fn) return false;
		return a.start < b.end && b.start < a.end && !(a.start === b.start && a.end === b.end);
	}

	/** Spans of statements to wrap, the best first. */
	private places(body: Body, at: number): Statement[] {
		const { source } = this;
		const found: Statement[] = [];
		const region = this.region(body, at);
		if (region !== null) found.push(region);
		const [outer] = blocksAround(source, body.open, at);
		const simple = simpleAround(source, body.open, at);
		if (outer !== undefined && region === null) found.push(outer.statements[outer.index]!);
		if (simple !== null) found.push(simple);
		return found;
	}

	/** From the statement that begins the region to the one that ends it, where they are in one block. */
	private region({ open }: Body, at: number): Statement | null {
		const { solved, source, head } = this;
		const { contexts, graph, reclaim } = solved;
		const held = contexts
			.statesOf(head.fn, head.op)
			.flatMap(({ ctx }) => ctx.items)
			.find((item) => reclaim.needOf(head.fn, item) >= head.need);
		if (held === undefined) return null;
		let last: number = NONE;
		graph.eachSite(head.fn, (op) => {
			const isHeld = contexts.statesOf(head.fn, op).some(({ ctx }) => ctx.items.some((item) => item.op === held.op));
			if (isHeld && op > held.op) last = op;
		});
		const [from, to] = [
			opOffset(this.solved.world, this.head.fn, held.op),
			last === NONE ? -1 : opOffset(this.solved.world, this.head.fn, last),
		];
		if (from === -1 || to === -1 || from > at || to < at) return null;
		for (const block of blocksAround(source, open, at)) {
			const first = block.statements.find((one) => one.start <= from && from < one.end);
			const end = block.statements.find((one) => one.start <= to && to < one.end);
			if (first === undefined || end === undefined || first === end) continue;
			const isOpen = simpleAround(source, open, from)?.start === first.start;
			const isClosed = simpleAround(source, open, to)?.start === end.start;
			return isOpen && isClosed ? { start: first.start, end: end.end } : null;
		}
		return null;
	}

	private wrap(edits: EditList, body: Body, span: Statement): boolean {
		const { source, save, restore, name, why, solved } = this;
		if (source.hasDirective(span.start, span.end) || span.start < body.declared) return false;
		const [open, close] = [`${name} = ${save!.name}();`, `${restore!.name}(${name});`];
		const declared = [`unsigned int ${name};`];
		if (source.wordAt(span.start) === "return") {
			const result = this.wrapReturn(edits, span, open, close);
			if (result === null) return false;
			declared.push(result);
		} else if (!this.leave(edits, body, span, close) || !this.around(edits, span, open, close)) return false;
		insertDeclarations(edits, source, body, declared, why);
		addInclude(
			edits,
			solved.world.program.unit(solved.world.program.fnFile(this.head.fn)),
			source,
			save!.section!.source,
			why,
		);
		return true;
	}

	/** The end of the scope before each return in a span; false where something else leaves it. */
	private leave(edits: EditList, body: Body, span: Statement, close: string): boolean {
		const { source, why } = this;
		if (hasLabel(source, span)) return false;
		return leaving(source, span).every(({ word, at }) => {
			const one = statementAt(source, at, body.close);
			if (word !== "return" || one === null || /\(/.test(source.code.slice(one.start, one.end))) return false;
			return insertBefore(edits, source, one, [close], why);
		});
	}

	/** Lines before and after a span; a branch without braces gets them. */
	private around(edits: EditList, span: Statement, open: string, close: string): boolean {
		const { source, why } = this;
		const indent = source.indentAt(span.start);
		if (source.text.slice(source.lineStart(span.start), span.start).trim() !== "") return false;
		if (source.text.slice(span.end, source.lineEnd(span.end)).trim() !== "") return false;
		if (!isBranch(source, span.start)) {
			edits.insert(source, source.lineStart(span.start), `${indent}${open}\n`, why);
			edits.insert(source, span.end, `\n${indent}${close}`, why);
			return true;
		}
		if (source.wordAt(source.next(span.end)) === "else" || source.wordBefore(span.start) === "else") return false;
		edits.insert(source, source.previous(span.start) + 1, " {", why);
		edits.insert(source, source.lineStart(span.start), `${indent}${open}\n`, why);
		edits.insert(source, span.end, `\n${indent}${close}\n${indent.slice(0, -1)}}`, why);
		return true;
	}

	/** `return f(x);` keeps the result over the end of the scope: its declaration, or null where it cannot. */
	private wrapReturn(edits: EditList, span: Statement, open: string, close: string): string | null {
		const { source, solved, head, why } = this;
		const result = freeName(solved, [head.fn], ["ret", "result"]);
		const type = returnType(solved, head.fn, source);
		if (isBranch(source, span.start) || result === null || type === null) return null;
		const indent = source.indentAt(span.start);
		const value = source.text.slice(source.next(span.start + "return".length), span.end);
		const lines = [open, `${result} = ${value}`, close, `return ${result};`];
		edits.replace(source, span.start, span.end, lines.join(`\n${indent}`), why);
		return `${type}${result};`;
	}
}

/** The type that a function returns, as a declaration begins with it; null for none, and where it is not plain. */
function returnType({ world: { program } }: Solved, fn: FnId, source: SourceText): string | null {
	const text = source.code.slice(program.fnField(fn, FnField.Start), program.fnField(fn, FnField.NameStart));
	const words = text
		.replace(/\b(?:static|inline|__always_inline|noinline|extern)\b/g, "")
		.trim()
		.replace(/\s+/g, " ");
	if (words === "" || words === "void" || !/^[\w ]+\**$/.test(words.replace(/\* /g, "*"))) return null;
	return words.endsWith("*") ? words : `${words} `;
}
