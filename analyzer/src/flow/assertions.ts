// What functions say of the context they are called in: lockdep_assert_held() at their start, __must_hold() on
// them. Each is an entry point of the contexts, for where no caller is known that proves it.

import type { Steps } from "../base/steps.js";
import { isStraight, NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { sourceText } from "../ir/sourceText.js";
import { typeNames, typeOf } from "../ir/typing.js";
import { ANNOTATION_SIZE, AnnotationField, FnField, unitName } from "../ir/unit.js";
import type { AssertionRow, LockKind, RunContext } from "../model/schema.js";
import { argumentOf, type CallGraph } from "./callGraph.js";
import { forbidsSleep, Level, SPIN_SHIFT } from "./context.js";
import { acOfRun, type Origin } from "./roots.js";
import { isPrimitive, primitiveAt, type World } from "./world.js";

/** An assertion where it stands, with the expression of the lock it names. */
export interface Asserted {
	readonly row: AssertionRow;
	readonly fn: FnId;
	/** the call that asserts, NONE for an annotation of the function */
	readonly op: number;
	/** every path from the function's start comes to it */
	readonly isAtEntry: boolean;
	readonly lock: number;
	readonly file: FileId;
	readonly offset: number;
}

/** The atomic contexts that functions assert. */
export function* findAsserted(world: World, graph: CallGraph): Steps<Origin[]> {
	const kinds = lockKindsByType(world);
	const origins: Origin[] = [];
	const { inOrder } = world.program;
	const add = (asserted: Asserted) => {
		const origin = asserted.isAtEntry ? originOf(world, kinds, asserted) : null;
		if (origin !== null) origins.push(origin);
	};
	for (let i = 0; i < inOrder.length; i++) {
		if (i % 1024 === 0) yield;
		eachAssertedBy(world, graph, inOrder[i]!, add);
	}
	return origins;
}

/** Visits every assertion of a function, in their order. */
export function eachAssertedBy(world: World, graph: CallGraph, fn: FnId, visit: (asserted: Asserted) => void): void {
	graph.eachSite(fn, (op, callee) => {
		const row = isPrimitive(callee) ? primitiveAt(world, callee).assertion : undefined;
		if (row !== undefined) visit(atCall(world.program, row, fn, op));
	});
	for (const annotation of annotationsOf(world, fn)) visit(annotation);
}

/** Does every path from the function's start come to the op? As far as no branch comes before. */
function isAtEntry(program: Program, fn: FnId, op: number): boolean {
	const { ops } = program.unit(program.fnFile(fn));
	const base = program.fnField(fn, FnField.OpStart);
	for (let at = 0; at < op; at++) if (!isStraight(ops[(base + at) * OP_SIZE]! & 255)) return false;
	return true;
}

function atCall(program: Program, row: AssertionRow, fn: FnId, op: number): Asserted {
	const file = program.fnFile(fn);
	const { ops } = program.unit(file);
	const at = (program.fnField(fn, FnField.OpStart) + op) * OP_SIZE;
	const lock = argumentOf(program, fn, op, row.arg ?? NONE);
	return { row, fn, op, isAtEntry: isAtEntry(program, fn, op), lock, file, offset: ops[at + OpField.Start]! };
}

/** What the attributes of a function say. */
export function annotationsOf(world: World, fn: FnId): Asserted[] {
	const { program, model } = world;
	const count = program.fnField(fn, FnField.AnnotationCount);
	if (count === 0) return [];
	const file = program.fnFile(fn);
	const { annotations } = program.unit(file);
	const found: Asserted[] = [];
	for (let i = 0; i < count; i++) {
		const at = (program.fnField(fn, FnField.AnnotationStart) + i) * ANNOTATION_SIZE;
		const name = unitName(program.unit(file), annotations[at + AnnotationField.Name]!);
		const row = model.primitives.get(name)?.assertion;
		if (row?.annotates !== true) continue;
		const lock = annotations[at + AnnotationField.Arg]!;
		const offset = annotations[at + AnnotationField.Start]!;
		found.push({ row, fn, op: NONE, isAtEntry: true, lock, file, offset });
	}
	return found;
}

function originOf(world: World, kinds: ReadonlyMap<number, LockKind>, asserted: Asserted): Origin | null {
	const { row, fn, file, offset } = asserted;
	const place = { file, offset };
	if (row.asserts === "held") {
		const kind = kindOfLock(world, kinds, fn, asserted.lock);
		if (kind === null || !world.kinds.spins[world.kinds.lock(kind)]) return null;
		const lock = sourceText(world.program.unit(file), world.program.fnLocal(fn), asserted.lock);
		const label = `\`${lock}\` is held, as ${row.name}() says`;
		const run: RunContext = { id: "asserted", label, level: "process", source: row.source };
		return { fn, ac: Level.Any | (1 << SPIN_SHIFT), doubt: 0, run, registration: null, assertion: place };
	}
	const base = row.runs === undefined ? undefined : world.model.runContexts.get(row.runs);
	if (base === undefined) return null;
	const run: RunContext = { ...base, label: `${base.label}, as ${row.name}() says` };
	const ac = acOfRun(run);
	return forbidsSleep(ac) ? { fn, ac, doubt: 0, run, registration: null, assertion: place } : null;
}

/** Lock kinds by the program-wide name of a typedef or tag. */
export function lockKindsByType(world: World): ReadonlyMap<number, LockKind> {
	const kinds = new Map<number, LockKind>();
	for (const { kind, types } of world.model.lockKinds.values()) {
		for (const type of types) {
			const name = world.program.names.lookupText(type);
			if (name >= 0) kinds.set(name, kind);
		}
	}
	return kinds;
}

/** The kind of the lock that an expression is, or points to; null when its type does not say. */
export function kindOfLock(
	world: World,
	kinds: ReadonlyMap<number, LockKind>,
	fn: FnId,
	expr: number,
): LockKind | null {
	if (expr < 0) return null;
	const type = typeOf(world.program, fn, expr);
	if (type === null) return null;
	for (const name of typeNames(world.program, type)) {
		const kind = kinds.get(name);
		if (kind !== undefined) return kind;
	}
	return null;
}
