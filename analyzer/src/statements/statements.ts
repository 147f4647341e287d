// What functions say of their context, as facts that can be compared with what was found: assertions and
// annotations by their model rows, and the `Context:` section of kernel-doc comments.

import { type Asserted, eachAssertedBy, kindOfLock, lockKindsByType } from "../flow/assertions.js";
import type { Solved } from "../flow/solved.js";
import { isDescribed, isPrimitive, primitiveAt, type World } from "../flow/world.js";
import { EXPR_SIZE, NONE } from "../ir/ops.js";
import { exprText } from "../ir/print.js";
import type { FileId, FnId } from "../ir/program.js";
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
export type Wanted = Exclude<AssertionRow["asserts"], "held" | "not-held" | "may-sleep">;

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

/** Finds what functions say. */
export class Statements {
	private readonly kinds: ReadonlyMap<number, LockKind>;
	private names: ReadonlyMap<number, number> | null = null;

	constructor(
		private readonly solved: Solved,
		private readonly holders: HeldByCallers,
	) {
		this.kinds = lockKindsByType(solved.world);
	}

	/** Every statement of the tree: assertions in the order of the tree, then the `Context:` sections. */
	all(): Statement[] {
		const { program } = this.solved.world;
		const statements: Statement[] = [];
		for (const fn of program.inOrder) statements.push(...this.assertionsOf(fn));
		for (let fn = 0; fn < program.fnLimit; fn++) if (program.isLive(fn)) statements.push(...this.contextLinesOf(fn));
		return statements;
	}

	/** The statements of one function. */
	of(fn: FnId): Statement[] {
		const { graph, world } = this.solved;
		const isAnnotated = world.program.fnField(fn, FnField.AnnotationCount) > 0;
		if (!isAnnotated && !graph.hasSite(fn, this.isAssertion)) return [];
		return [...this.assertionsOf(fn), ...this.contextLinesOf(fn)];
	}

	private readonly isAssertion = (callee: number): boolean =>
		isPrimitive(callee) && primitiveAt(this.solved.world, callee).assertion !== undefined;

	private assertionsOf(fn: FnId): Statement[] {
		const { world, graph } = this.solved;
		const found: Statement[] = [];
		eachAssertedBy(world, graph, fn, (asserted) => {
			if (!isDescribed(world, asserted.fn)) found.push(fromAssertion(world, this.kinds, this.holders, asserted));
		});
		return found;
	}

	private contextLinesOf(fn: FnId): Statement[] {
		const { world } = this.solved;
		return contextLines(world, fn, (text) => {
			const line = readContextLine(text);
			if (line.held.length > 0) this.names ??= lockNames(world, this.kinds);
			return factsOf(world, this.names ?? new Map(), line);
		});
	}
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
	else facts.push({ kind: "in", wanted: row.asserts });
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

/** Names of the tree's fields and variables that are locks, with the kind (index in KindTable) where they all have one. */
function lockNames(world: World, kinds: ReadonlyMap<number, LockKind>): ReadonlyMap<number, number> {
	const { program } = world;
	const names = new Map<number, number>();
	let kindOfType: Int32Array = new Int32Array(0);
	const scan = (file: FileId, records: Int32Array, size: number, nameAt: number, typeAt: number) => {
		for (let at = 0; at < records.length; at += size) {
			const type = records[at + typeAt]!;
			const kind = type < 0 ? NONE : kindOfType[type]!;
			if (kind === NONE || records[at + nameAt]! < 0) continue;
			const name = program.globalName(file, records[at + nameAt]!);
			names.set(name, names.has(name) && names.get(name) !== kind ? NONE : kind);
		}
	};
	program.units.forEach((unit, file) => {
		if (unit === undefined) return;
		kindOfType = lockTypes(world, kinds, file, unit);
		if (kindOfType.length === 0) return;
		scan(file, unit.members, MEMBER_SIZE, MemberField.Name, MemberField.Type);
		scan(file, unit.globals, GLOBAL_SIZE, GlobalField.Name, GlobalField.Type);
	});
	return names;
}

/** By type of a unit: the kind (index in KindTable) of lock that it is, NONE for most; empty when none is a lock. */
function lockTypes(world: World, kinds: ReadonlyMap<number, LockKind>, file: FileId, unit: Unit): Int32Array {
	const found = new Int32Array(unit.types.length / TYPE_SIZE).fill(NONE);
	let isAny = false;
	for (let type = 0; type < found.length; type++) {
		const name = unit.types[type * TYPE_SIZE + TypeField.Name]!;
		const kind = name < 0 ? undefined : kinds.get(world.program.globalName(file, name));
		if (kind === undefined) continue;
		found[type] = world.kinds.lock(kind);
		isAny = true;
	}
	return isAny ? found : new Int32Array(0);
}
