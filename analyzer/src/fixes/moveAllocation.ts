// An allocation moved before the lock under which it is made, with a mask that lets it wait: with its check where
// nothing leaves in between, else freed on the ways that do.

import { argumentOf } from "../flow/callGraph.js";
import { firstTaken } from "../flow/movable.js";
import type { Solved } from "../flow/solved.js";
import { calleeText, staticCallee } from "../flow/witness.js";
import { isPrimitive, primitiveAt } from "../flow/world.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { freeCall } from "../model/alloc.js";
import { commonNamesThat } from "../model/gfp.js";
import type { AllocRow } from "../model/schema.js";
import { type Body, bodyOf, insertDeclarations } from "./body.js";
import { EditList } from "./edits.js";
import { argumentOffsets, flagIn } from "./ownMasks.js";
import type { Plan, Request } from "./plan.js";
import { freeName } from "./signature.js";
import type { SourceText } from "./source.js";
import { opOffset } from "./span.js";
import {
	blocksAround,
	hasLabel,
	insertBefore,
	leaving,
	type Statement,
	simpleAround,
	statementAt,
} from "./statements.js";

/** What an allocation under a lock of the function itself is offered. */
export function plansForMove(request: Request): Plan[] {
	const { solved, texts, fn, op } = request;
	const callee = op === NONE ? NONE : staticCallee(solved.world, fn, op);
	const alloc = isPrimitive(callee) ? primitiveAt(solved.world, callee).alloc : undefined;
	const [state] = solved.contexts.statesOf(fn, op);
	const taken = state === undefined ? NONE : firstTaken(solved.world, state);
	const source = texts.of(solved.world.program.fnFile(fn));
	const body = source === null ? null : bodyOf(solved.world, fn, source);
	if (alloc === undefined || taken === NONE || source === null || body === null) return [];
	const move = new Move(solved, source, body, fn, op, taken, alloc);
	const edits = move.edits();
	if (edits === null) return [];
	const title = `allocate before ${calleeText(solved.world, fn, taken)}() with ${move.flag}`;
	const finish = () => edits.finish() ?? "its edits would overlap";
	return [{ key: "move", title, kind: "quickfix", preferred: !move.isEarly, isLocal: true, edits: finish }];
}

class Move {
	readonly flag = commonNamesThat("can-sleep")[0]!;
	/** it is made on ways that did not come to it before */
	isEarly = false;
	private readonly why: string;

	constructor(
		private readonly solved: Solved,
		private readonly source: SourceText,
		private readonly body: Body,
		private readonly fn: FnId,
		private readonly op: number,
		private readonly taken: number,
		private readonly alloc: AllocRow,
	) {
		this.why = `allocates before ${calleeText(solved.world, fn, taken)}()`;
	}

	/** Null where the statements are not of a shape that can be moved. */
	edits(): EditList | null {
		const { source, body } = this;
		const [lock, allocation] = this.inOneBlock() ?? [];
		const assigned = allocation === undefined ? null : this.assignment(allocation);
		if (lock === undefined || allocation === undefined || assigned === null) return null;
		if (source.hasDirective(lock.start, allocation.end)) return null;
		const between = { start: lock.end, end: allocation.start };
		const ends = leaving(source, between);
		if (hasLabel(source, between)) return null;
		const { variable, value } = assigned;
		const isUsed = new RegExp(`\\b${variable}\\b`).test(source.code.slice(lock.start, allocation.start));
		const edits = new EditList();
		const name = isUsed ? this.declare(edits, variable) : variable;
		if (name === null) return null;
		const indent = source.indentAt(lock.start);
		let moved = `${indent}${name} = ${value};\n`;
		if (ends.length === 0 && !isUsed) moved += this.moveCheck(edits, allocation, variable, indent);
		this.isEarly = ends.length > 0;
		if (!ends.every(({ word, at }) => this.freeBefore(edits, word, at, allocation, name))) return null;
		edits.insert(source, source.lineStart(lock.start), moved, this.why);
		if (isUsed) edits.replace(source, allocation.start, allocation.end, `${variable} = ${name};`, this.why);
		else edits.dropLines(source, allocation.start, allocation.end, this.why);
		return body.close > allocation.end ? edits : null;
	}

	/** The statements that take the lock and allocate, where the one follows the other in one block. */
	private inOneBlock(): [Statement, Statement] | null {
		const { source, body } = this;
		const [from, to] = [
			opOffset(this.solved.world, this.fn, this.taken),
			opOffset(this.solved.world, this.fn, this.op),
		];
		const blocks = blocksAround(source, body.open, to);
		const last = blocks.at(-1);
		const allocation = last?.statements[last.index];
		const lock = last?.statements.find((one) => one.start <= from && from < one.end);
		if (lock === undefined || allocation === undefined || lock.end > allocation.start) return null;
		const isSimple = (one: Statement, at: number) => simpleAround(source, body.open, at)?.start === one.start;
		const isOwnLine = (one: Statement) =>
			source.text.slice(source.lineStart(one.start), one.start).trim() === "" &&
			source.text.slice(one.end, source.lineEnd(one.end)).trim() === "";
		if (!isSimple(lock, from) || !isSimple(allocation, to)) return null;
		return isOwnLine(lock) && isOwnLine(allocation) ? [lock, allocation] : null;
	}

	/** `variable = alloc(…);` of a local variable, with the mask that it is to have. */
	private assignment(one: Statement): { variable: string; value: string } | null {
		const { source, solved, fn, op } = this;
		const match = /^(\w+)\s*=\s*/.exec(source.code.slice(one.start, one.end));
		const start = one.start + (match?.[0].length ?? 0);
		if (match === null || start !== opOffset(this.solved.world, this.fn, op)) return null;
		if (freeName(solved, [fn], [match[1]!]) !== null) return null;
		if (argumentOf(solved.world.program, fn, op, this.alloc.gfp) === NONE) return null;
		const [from, to] = argumentOffsets(solved, fn, op, this.alloc.gfp);
		const flag = flagIn(source.text.slice(from, to));
		if (flag === null) return null;
		const mask = source.text.slice(from, to).replace(new RegExp(`\\b${flag}\\b`), this.flag);
		const end = source.code.lastIndexOf(";", one.end - 1);
		return { variable: match[1]!, value: source.text.slice(start, from) + mask + source.text.slice(to, end) };
	}

	/** A variable of the same type for what is allocated; its name, or null. */
	private declare(edits: EditList, variable: string): string | null {
		const { source, body, solved, fn } = this;
		const name = freeName(solved, [fn], ["new", `new_${variable}`]);
		const declared = source.code.slice(body.open + 1, body.declared);
		const match = new RegExp(
			`(?:^|[;\\n])\\s*((?:const\\s+)?(?:struct\\s+|union\\s+)?\\w+)\\s+(?:[^;]*,\\s*)?(\\**)${variable}\\b`,
		).exec(declared);
		if (name === null || match === null) return null;
		insertDeclarations(edits, source, body, [`${match[1]} ${match[2]}${name};`], this.why);
		return name;
	}

	/**
	 * Moves `if (!variable) { unlock; return …; }` along, without the unlock: its text, or nothing where what follows is
	 * something else.
	 */
	private moveCheck(edits: EditList, allocation: Statement, variable: string, indent: string): string {
		const { source, body } = this;
		const check = statementAt(source, source.next(allocation.end), body.close);
		const text = check === null ? "" : source.code.slice(check.start, check.end);
		const match = new RegExp(
			`^if \\((?:!${variable}|${variable} == NULL)\\) \\{\\s*(\\w+)\\(([^;]*)\\);\\s*(return\\b[^;{}]*;)\\s*\\}$`,
		).exec(text);
		if (check === null || match === null || !this.isRelease(match[1]!)) return "";
		const head = /^if \([^)]*\)/.exec(text)![0];
		edits.dropLines(source, check.start, check.end, this.why);
		return `${indent}${head}\n${indent}\t${match[3]}\n`;
	}

	private isRelease(name: string): boolean {
		const { program, primitiveOf, primitives } = this.solved.world;
		const id = program.names.lookupText(name);
		const primitive = id >= 0 && id < primitiveOf.length ? primitiveOf[id]! : NONE;
		return primitive !== NONE && primitives[primitive]!.lock?.does === "release";
	}

	/** Frees what is not needed where a statement leaves between the lock and the allocation's old place. */
	private freeBefore(edits: EditList, word: string, at: number, allocation: Statement, name: string): boolean {
		const { source, body } = this;
		const one = statementAt(source, at, body.close);
		const free = freeCall(this.alloc, name, this.firstArgument());
		if (one === null || word === "break" || word === "continue" || free === null) return false;
		if (word === "goto") {
			const label = source.wordAt(source.next(at + word.length));
			const target = new RegExp(`(?:^|[;{}])\\s*${label}\\s*:(?!:)`, "m").exec(
				source.code.slice(allocation.end, body.close),
			);
			const rest = target === null ? "" : source.code.slice(allocation.end + target.index, body.close);
			if (target === null || new RegExp(`\\b${name}\\b`).test(rest)) return false;
		}
		return insertBefore(edits, source, one, [`${free};`], this.why);
	}

	private firstArgument(): string {
		const [from, to] = argumentOffsets(this.solved, this.fn, this.op, 0);
		return this.source.text.slice(from, to);
	}
}
