// What functions say of their context, as facts that can be compared with what was found: assertions and
// annotations by their model rows, and the `Context:` section of kernel-doc comments.

import { type Asserted, eachAssertedBy, kindOfLock, lockKindsByType } from "../flow/assertions.js";
import type { Pointers } from "../flow/pointers.js";
import type { Solved } from "../flow/solved.js";
import { Touch } from "../flow/touches.js";
import { isDescribed, type World } from "../flow/world.js";
import { EXPR_SIZE, NONE } from "../ir/ops.js";
import { exprText } from "../ir/print.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import {
	ANNOTATION_SIZE,
	AnnotationField,
	FnField,
	GLOBAL_SIZE,
	GlobalField,
	MEMBER_SIZE,
	MemberField,
	TYPE_SIZE,
	TypeField,
	type Unit,
	unitName,
} from "../ir/unit.js";
import type { AssertionRow, LockKind } from "../model/schema.js";
import { type ContextLine, readContextLine } from "./contextLine.js";
import type { HeldByCallers, WantedLock } from "./heldByCallers.js";

/** What a context must be for a statement to hold. */
export type Wanted = Exclude<AssertionRow["asserts"], "held" | "not-held" | "may-sleep" | "acquires" | "releases">;

export type Fact =
	| { readonly kind: "held" | "not-held"; readonly lock: WantedLock; readonly name: string }
	/** never entered where it may not sleep */
	| { readonly kind: "may-sleep" }
	| { readonly kind: "never-sleeps" }
	/** every context it is entered in is one */
	| { readonly kind: "in"; readonly wanted: Wanted };

export interface Statement {
	/** the row's name, or "Context:" */
	readonly name: string;
	readonly fn: FnId;
	/** the call that asserts; NONE: it holds of the whole function */
	readonly op: number;
	/** every path from the function's start comes to it */
	readonly isAtEntry: boolean;
	readonly file: FileId;
	readonly offset: number;
	/** as written */
	readonly text: string;
	/** empty: not understood */
	readonly facts: readonly Fact[];
}

export const CONTEXT_LINE = "Context:";

/** Locks by name, and the names that have been looked for. */
interface KnownNames {
	readonly wanted: ReadonlySet<number>;
	readonly names: ReadonlyMap<number, number>;
}

const knownNames = new WeakMap<Pointers, KnownNames>();

/** Finds what functions say. */
export class Statements {
	private readonly kinds: ReadonlyMap<number, LockKind>;
	private names: ReadonlyMap<number, number> | null = null;
	/** the functions whose statements are asked for */
	private scope: Iterable<FnId>;

	constructor(
		private readonly solved: Solved,
		private readonly holders: HeldByCallers,
	) {
		this.kinds = lockKindsByType(solved.world);
		this.scope = solved.fns;
	}

	/** Every statement of the tree: assertions in the order of the tree, then the `Context:` sections. */
	all(): Statement[] {
		const { program } = this.solved.world;
		this.scope = program.inOrder;
		const statements: Statement[] = [];
		for (const fn of program.inOrder) statements.push(...this.assertionsOf(fn));
		for (let fn = 0; fn < program.fnLimit; fn++) if (program.isLive(fn)) statements.push(...this.contextLinesOf(fn));
		return statements;
	}

	/** The statements of one function. */
	of(fn: FnId): Statement[] {
		const { touches, world } = this.solved;
		if (!touches.has(fn, Touch.Asserts) && !isAnnotated(world.program, fn)) return [];
		return [...this.assertionsOf(fn), ...this.contextLinesOf(fn)];
	}

	private assertionsOf(fn: FnId): Statement[] {
		const { world, graph } = this.solved;
		const found: Statement[] = [];
		eachAssertedBy(world, graph, fn, (asserted) => {
			if (!isDescribed(world, asserted.fn) && !isChange(asserted.row))
				found.push(fromAssertion(world, this.kinds, this.holders, asserted));
		});
		return found;
	}

	/** The names (program-wide) of what the functions that are looked at say is held. */
	private heldNames(): Set<number> {
		const { world } = this.solved;
		const { program } = world;
		const found = new Set<number>();
		for (const fn of this.scope) {
			if (!program.isLive(fn) || !isAnnotated(program, fn)) continue;
			contextLines(world, fn, (text) => {
				for (const held of readContextLine(text).held) found.add(program.names.lookupText(held));
				return [];
			});
		}
		return found;
	}

	/** They hang on declarations only, as what pointers hold does: they are found once as long as those are known. */
	private findNames(): ReadonlyMap<number, number> {
		const wanted = this.heldNames();
		const known = knownNames.get(this.solved.pointers);
		if (known !== undefined && [...wanted].every((name) => known.wanted.has(name))) return known.names;
		const names = lockNames(this.solved.world, this.kinds, wanted);
		knownNames.set(this.solved.pointers, { wanted, names });
		return names;
	}

	private contextLinesOf(fn: FnId): Statement[] {
		const { world } = this.solved;
		return contextLines(world, fn, (text) => {
			const line = readContextLine(text);
			if (line.held.length > 0) this.names ??= this.findNames();
			return factsOf(world, this.names ?? new Map(), line);
		});
	}
}

/** Does a function have annotations? Most files have none. */
function isAnnotated(program: Program, fn: FnId): boolean {
	return program.unit(program.fnFile(fn)).annotations.length > 0 && program.fnField(fn, FnField.AnnotationCount) > 0;
}

/** Does a row tell what a function does to the context, not what the context is? */
function isChange({ asserts }: AssertionRow): boolean {
	return asserts === "acquires" || asserts === "releases";
}

function fromAssertion(
	world: World,
	kinds: ReadonlyMap<number, LockKind>,
	holders: HeldByCallers,
	asserted: Asserted,
): Statement {
	const { row, fn, op, isAtEntry, lock, file, offset } = asserted;
	const argument = lock < 0 ? "" : exprText(world.program.unit(file), world.program.fnLocal(fn), lock);
	const facts: Fact[] = [];
	if (row.asserts === "held" || row.asserts === "not-held") {
		const kind = kindOfLock(world, kinds, fn, lock);
		const wanted = kind === null ? null : holders.lockNamed(fn, lock, world.kinds.lock(kind));
		if (wanted !== null) facts.push({ kind: row.asserts, lock: wanted, name: argument });
	} else if (row.asserts === "may-sleep") facts.push({ kind: "may-sleep" });
	else if (row.asserts !== "acquires" && row.asserts !== "releases") facts.push({ kind: "in", wanted: row.asserts });
	return { name: row.name, fn, op, isAtEntry, file, offset, text: `${row.name}(${argument})`, facts };
}

function contextLines(world: World, fn: FnId, factsIn: (text: string) => Fact[]): Statement[] {
	const { program } = world;
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const { annotations } = unit;
	const statements: Statement[] = [];
	for (let i = 0; i < program.fnField(fn, FnField.AnnotationCount); i++) {
		const at = (program.fnField(fn, FnField.AnnotationStart) + i) * ANNOTATION_SIZE;
		if (unitName(unit, annotations[at + AnnotationField.Name]!) !== "Context") continue;
		const text = unitName(unit, unit.exprs[annotations[at + AnnotationField.Arg]! * EXPR_SIZE + 1]!);
		const offset = annotations[at + AnnotationField.Start]!;
		const place = { name: CONTEXT_LINE, fn, op: NONE, isAtEntry: true, file, offset };
		statements.push({ ...place, text: `${CONTEXT_LINE} ${text}`, facts: factsIn(text) });
	}
	return statements;
}

function factsOf(world: World, names: ReadonlyMap<number, number>, line: ContextLine): Fact[] {
	const facts: Fact[] = [];
	if (line.level === "process") facts.push({ kind: "in", wanted: "in-task" });
	if (line.sleeps !== null) facts.push({ kind: line.sleeps === "may" ? "may-sleep" : "never-sleeps" });
	if (line.areIrqsOff) facts.push({ kind: "in", wanted: "irqs-off" });
	for (const held of line.held) {
		const name = world.program.names.lookupText(held);
		const kind = names.get(name);
		if (kind !== undefined) facts.push({ kind: "held", lock: { kind, name, param: NONE }, name: held });
	}
	return facts;
}

/** Of some names: those of the tree's fields and variables that are locks, with the kind (index in KindTable) where all have one. */
function lockNames(
	world: World,
	kinds: ReadonlyMap<number, LockKind>,
	wanted: ReadonlySet<number>,
): ReadonlyMap<number, number> {
	const { program } = world;
	const names = new Map<number, number>();
	const isWanted = new Uint8Array(program.names.size);
	for (const name of wanted) if (name >= 0) isWanted[name] = 1;
	const scan = (file: FileId, unit: Unit, records: Int32Array, size: number, nameAt: number, typeAt: number) => {
		for (let at = 0; at < records.length; at += size) {
			const name = program.globalName(file, records[at + nameAt]!);
			const type = records[at + typeAt]!;
			if (name < 0 || type < 0 || isWanted[name] === 0) continue;
			const kind = kinds.get(program.globalName(file, unit.types[type * TYPE_SIZE + TypeField.Name]!));
			if (kind === undefined) continue;
			const index = world.kinds.lock(kind);
			names.set(name, names.has(name) && names.get(name) !== index ? NONE : index);
		}
	};
	program.eachUnit((unit, file) => {
		scan(file, unit, unit.members, MEMBER_SIZE, MemberField.Name, MemberField.Type);
		scan(file, unit, unit.globals, GLOBAL_SIZE, GlobalField.Name, GlobalField.Type);
	});
	return names;
}
