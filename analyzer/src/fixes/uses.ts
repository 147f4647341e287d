// Every place of the source that names a function: definitions, prototypes, calls. A function whose name stands
// anywhere else (its address is taken, a macro uses it, code that is not compiled calls it) cannot change its
// parameters by editing these.

import { finish } from "../base/steps.js";
import type { Call } from "../flow/callGraph.js";
import type { Solved } from "../flow/solved.js";
import { EXPR_SIZE, ExprKind, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FileId, FnId } from "../ir/program.js";
import { FN_SIZE, FnField, FnFlag } from "../ir/unit.js";
import type { SourceText, Texts } from "./source.js";

/** A bracketed list of parameters or arguments. */
export interface Parens {
	readonly source: SourceText;
	readonly open: number;
	readonly close: number;
}

export interface CallUse extends Parens {
	readonly call: Call;
}

export interface Uses {
	readonly definitions: readonly (Parens & { readonly fn: FnId })[];
	readonly prototypes: readonly Parens[];
	readonly calls: readonly CallUse[];
	readonly isExported: boolean;
}

/** More files that name a function: whoever changes it should do so by hand. */
const MAX_FILES = 200;

/** The uses of a function, or a text that says why it cannot be changed by editing them. */
export function usesOf(solved: Solved, texts: Texts, fn: FnId): Uses | string {
	const files = filesOf(solved, fn);
	if (files.length > MAX_FILES) return `${solved.world.program.fnName(fn)}() is named in ${files.length} files`;
	return usesIn(solved, texts, fn, files);
}

/** The same in some files only. */
export function usesIn(solved: Solved, texts: Texts, fn: FnId, files: readonly FileId[]): Uses | string {
	const { program } = solved.world;
	const found = { definitions: [], prototypes: [], calls: [], isExported: false };
	for (const file of files) {
		const source = texts.of(file);
		if (source === null) return `${program.paths[file]} is not as it was read`;
		const problem = new FileUses(solved, source, file, fn, found).collect();
		if (problem !== null) return problem;
	}
	return found;
}

/** May a function be seen in its own file only? */
export function isOfOneFile({ world: { program } }: Solved, fn: FnId): boolean {
	return (program.flagsOf(fn) & FnFlag.Static) !== 0 && !program.pathInfo(program.fnFile(fn)).isHeader;
}

function filesOf(solved: Solved, fn: FnId): readonly FileId[] {
	const { program } = solved.world;
	if (isOfOneFile(solved, fn)) return [program.fnFile(fn)];
	return finish(program.filesNaming(new Set([program.fnGlobalName(fn)])));
}

interface Collected {
	definitions: (Parens & { readonly fn: FnId })[];
	prototypes: Parens[];
	calls: CallUse[];
	isExported: boolean;
}

/** The uses in one file. */
class FileUses {
	private readonly name: string;

	constructor(
		private readonly solved: Solved,
		private readonly source: SourceText,
		private readonly file: FileId,
		private readonly fn: FnId,
		private readonly into: Collected,
	) {
		this.name = solved.world.program.fnName(fn);
	}

	/** Adds what is there; null, or why it cannot be changed. */
	collect(): string | null {
		const definitions = this.definitions();
		// a static function of this file that has the name: what is named here is that one
		if ([...definitions.values()].some((other) => !this.isSame(other))) return null;
		const calls = this.calls();
		for (const at of this.source.occurrences(this.name)) {
			const fn = definitions.get(at);
			const call = calls.get(at);
			const problem =
				fn !== undefined ? this.add(at, { fn }) : call !== undefined ? this.add(at, { call }) : this.look(at);
			if (problem !== null) return problem;
		}
		return null;
	}

	/** Is another function of the name one that the linker, or an #if, takes for this one? */
	private isSame(other: FnId): boolean {
		const { program } = this.solved.world;
		if (other === this.fn) return true;
		const isStatic = (fn: FnId) => (program.flagsOf(fn) & FnFlag.Static) !== 0;
		if (program.fnFile(other) === program.fnFile(this.fn)) return true;
		return !isStatic(other) || program.pathInfo(program.fnFile(other)).isHeader;
	}

	/** By the place of the name: the functions of the name that are defined here. */
	private definitions(): Map<number, FnId> {
		const { program } = this.solved.world;
		const unit = program.unit(this.file);
		const found = new Map<number, FnId>();
		for (let local = 0; local < unit.fns.length / FN_SIZE; local++) {
			const fn = program.fnId(this.file, local);
			if (program.fnGlobalName(fn) !== program.fnGlobalName(this.fn)) continue;
			found.set(program.fnField(fn, FnField.NameStart), fn);
		}
		return found;
	}

	/** By the place of the name: the calls that name the function. */
	private calls(): Map<number, Call> {
		const { program } = this.solved.world;
		const { ops, exprs } = program.unit(this.file);
		const name = program.fnGlobalName(this.fn);
		const found = new Map<number, Call>();
		for (const caller of program.fnsOf(this.file)) {
			const first = program.fnField(caller, FnField.OpStart);
			for (let op = 0; op < program.fnField(caller, FnField.OpCount); op++) {
				const at = (first + op) * OP_SIZE;
				const callee = ops[at + OpField.A]!;
				if ((ops[at]! & 255) !== Op.Call || callee < 0 || exprs[callee * EXPR_SIZE] !== ExprKind.Name) continue;
				if (program.globalName(this.file, exprs[callee * EXPR_SIZE + 1]!) !== name) continue;
				found.set(ops[at + OpField.Start]!, { caller, op });
			}
		}
		return found;
	}

	private add(at: number, of: { readonly fn: FnId } | { readonly call: Call } | null): string | null {
		const { source, name, into } = this;
		const open = source.next(at + name.length);
		const close = source.code[open] === "(" ? source.closing(open) : -1;
		if (close === -1) return this.refusal(at, "is not written out");
		if (source.isDirective(at)) return this.refusal(at, "is used in a macro");
		if (source.hasDirective(open, close)) return this.refusal(at, "has a preprocessor line among its arguments");
		const parens = { source, open, close };
		if (of === null) into.prototypes.push(parens);
		else if ("fn" in of) into.definitions.push({ ...parens, fn: of.fn });
		else into.calls.push({ ...parens, call: of.call });
		return null;
	}

	/** Judges a place that is neither a definition nor a call that is known. */
	private look(at: number): string | null {
		const { source, name } = this;
		const before = source.previous(at);
		const isMember = source.code[before] === "." || source.code.slice(before - 1, before + 1) === "->";
		const word = source.wordBefore(at);
		if (isMember || word === "struct" || word === "union" || word === "enum" || word === "goto") return null;
		if (source.isDirective(at)) return this.refusal(at, "is used in a macro");
		const after = source.code[source.next(at + name.length)];
		if (!this.isInFunction(at)) {
			if (after === ")" && source.code[before] === "(" && source.wordBefore(before).startsWith("EXPORT_")) {
				this.into.isExported = true;
				return null;
			}
			const isDeclared = after === "(" && (word !== "" || source.code[before] === "*");
			return isDeclared ? this.add(at, null) : this.refusal(at, "has its address taken");
		}
		return this.refusal(at, after === "(" ? "is called where that is not followed" : "has its address taken");
	}

	private isInFunction(at: number): boolean {
		const { fns } = this.solved.world.program.unit(this.file);
		for (let fn = 0; fn < fns.length; fn += FN_SIZE) {
			const isMacro = (fns[fn + FnField.Flags]! & FnFlag.Macro) !== 0;
			if (!isMacro && at >= fns[fn + FnField.BodyStart]! && at < fns[fn + FnField.BodyEnd]!) return true;
		}
		return false;
	}

	private refusal(at: number, what: string): string {
		const { file, line } = this.source.place(at);
		return `${this.name}() ${what} (${file}:${line})`;
	}
}
