// The code that reclaim may come back to: functions in fields whose run context says so, of the folders whose
// code is on the stack of the task that reclaims. A pass of reclaim calls shrinkers, and where its mask allows it
// and there is something to write, what writes pages to files and what submits I/O.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../../ir/ops.js";
import type { FileId, FnId } from "../../ir/program.js";
import { FN_SIZE, FnField, INIT_SIZE, InitField, TYPE_SIZE, TypeField, VAR_SIZE, VarField } from "../../ir/unit.js";
import { type ReclaimArgs, reclaimArgs, reclaimAvoids } from "../../model/allocator.js";
import type { CallbackRow, RunContext } from "../../model/schema.js";
import { functionOf } from "../lookup.js";
import type { World } from "../world.js";

/** When a pass comes to it. */
export type ReclaimStage = "swap" | "write" | "slab";

export interface ReclaimFunction {
	readonly fn: FnId;
	/** struct and field that hold it */
	readonly struct: string;
	readonly field: string;
	readonly stage: ReclaimStage;
	readonly context: RunContext;
	/** variable that holds the struct, or "" */
	readonly owner: string;
	/** the object that it is a member of, where it was set by way of a pointer to that */
	readonly container: Container | null;
	/** for a pair of functions: what is asked first, in the same variable */
	readonly count: FnId;
	readonly args: ReclaimArgs | null;
}

/** Per world: the functions of the folders that were asked about, by folder. */
export interface Container {
	/** name of its type */
	readonly type: string;
	readonly member: string;
}

const known = new WeakMap<World, Map<string, readonly ReclaimFunction[]>>();

/** Such functions of the folders of these files, nearest first as the files are given. */
export function reclaimFunctions(world: World, paths: readonly string[]): readonly ReclaimFunction[] {
	const folders = known.get(world) ?? new Map<string, readonly ReclaimFunction[]>();
	known.set(world, folders);
	const wanted = new Set(paths.map(folderOf));
	const missing = [...wanted].filter((folder) => !folders.has(folder));
	if (missing.length > 0) {
		const files = world.program.filesInOrder().filter((file) => missing.includes(folderOf(world.program.paths[file]!)));
		const found = findIn(world, files);
		for (const folder of missing) {
			const own = found.filter(({ fn }) => folderOf(world.program.fnPath(fn)) === folder);
			folders.set(folder, own);
		}
	}
	return [...wanted].flatMap((folder) => folders.get(folder)!);
}

function folderOf(path: string): string {
	return path.slice(0, path.lastIndexOf("/") + 1);
}

/** A function in a field. */
interface Held {
	readonly fn: FnId;
	readonly file: FileId;
	readonly struct: string;
	readonly field: string;
	readonly owner: string;
	readonly container: Container | null;
}

function findIn(world: World, files: readonly FileId[]): readonly ReclaimFunction[] {
	const wanted = wantedFields(world);
	const held: Held[] = [];
	for (const file of files) {
		collectInits(world, file, wanted, held);
		collectAssigns(world, file, wanted, held);
	}
	return held.flatMap((each) => {
		const { context, unless } = wanted.get(each.field)!.get(each.struct)!;
		const isOwn = (other: Held) => other.file === each.file && other.owner === each.owner;
		if (held.some((other) => isOwn(other) && other.field === unless)) return [];
		const args = reclaimArgs.find(({ struct, field }) => struct === each.struct && field === each.field) ?? null;
		if (args === null && reclaimArgs.some(({ struct, count }) => struct === each.struct && count === each.field))
			return [];
		const counts = held.find((other) => isOwn(other) && other.field === args?.count);
		const { fn, struct, field, owner, container } = each;
		return [{ fn, struct, field, owner, container, context, args, stage: stageOf(context), count: counts?.fn ?? NONE }];
	});
}

interface WantedIn {
	readonly context: RunContext;
	/** a field of the same struct: reclaim calls what it holds instead */
	readonly unless: string | null;
}

/** By field: the structs that it is one of. */
type Wanted = ReadonlyMap<string, ReadonlyMap<string, WantedIn>>;

function wantedFields(world: World): Wanted {
	const wanted = new Map<string, Map<string, WantedIn>>();
	const contextOf = (row: CallbackRow) => world.model.runContexts.get(row.runs);
	for (const rows of world.model.fieldCallbacks.values()) {
		const row = rows.findLast((one) => contextOf(one)?.reclaim !== undefined);
		if (row?.via !== "field") continue;
		const context = contextOf(row)!;
		if (reclaimAvoids.has(context.id)) continue;
		const structs = wanted.get(row.field) ?? new Map<string, WantedIn>();
		// Other conditions are not known here.
		structs.set(row.struct, { context, unless: row.whenField?.is === "zero" ? row.whenField.field : null });
		wanted.set(row.field, structs);
	}
	return wanted;
}

function stageOf(context: RunContext): ReclaimStage {
	if (context.isReclaim === true && context.reclaim !== "any") return "slab";
	return context.reclaim === "fs" ? "write" : "swap";
}

/** Designated entries of initialisers: `.scan_objects = f`. */
function collectInits(world: World, file: FileId, wanted: Wanted, into: Held[]): void {
	const { program } = world;
	const unit = program.unit(file);
	for (let at = 0; at < unit.inits.length; at += INIT_SIZE) {
		const count = unit.inits[at + InitField.PathCount]!;
		const step = count === 0 ? NONE : unit.lists[unit.inits[at + InitField.PathStart]! + count - 1]!;
		if (step < 0) continue;
		const structs = wanted.get(nameIn(world, file, step));
		if (structs === undefined) continue;
		const fn = functionOf(world, file, unit.inits[at + InitField.Value]!);
		if (fn === NONE) continue;
		const type = unit.inits[at + InitField.Type]!;
		const tag = type < 0 ? "" : nameIn(world, file, unit.types[type * TYPE_SIZE + TypeField.Name]!);
		const struct = structAmong(structs, count === 1 ? tag : "");
		if (struct === null) continue;
		const owner = unit.inits[at + InitField.Owner]!;
		const name = owner < 0 || count > 1 ? "" : nameIn(world, file, unit.vars[owner * VAR_SIZE + VarField.Name]!);
		into.push({ fn, file, struct, field: nameIn(world, file, step), owner: name, container: null });
	}
}

/** Assignments: `shrinker->scan_objects = f`. The struct is the only one that has such a field of reclaim. */
function collectAssigns(world: World, file: FileId, wanted: Wanted, into: Held[]): void {
	const { program } = world;
	const unit = program.unit(file);
	for (let local = 0; local < unit.fns.length / FN_SIZE; local++) {
		const start = unit.fns[local * FN_SIZE + FnField.OpStart]!;
		for (let op = start; op < start + unit.fns[local * FN_SIZE + FnField.OpCount]!; op++) {
			if ((unit.ops[op * OP_SIZE]! & 0xff) !== Op.Assign) continue;
			const target = unit.ops[op * OP_SIZE + OpField.A]!;
			if (target < 0 || unit.exprs[target * EXPR_SIZE] !== ExprKind.Field) continue;
			const field = nameIn(world, file, unit.exprs[target * EXPR_SIZE + 2]!);
			const structs = wanted.get(field);
			const fn = structs === undefined ? NONE : functionOf(world, file, unit.ops[op * OP_SIZE + OpField.B]!);
			const struct = fn === NONE ? null : structAmong(structs!, "");
			const container = containerOf(world, program.fnId(file, local), unit.exprs[target * EXPR_SIZE + 1]!);
			if (struct !== null) into.push({ fn, file, struct, field, owner: "", container });
		}
	}
}

/** `cache->shrinker`: a member of what a variable points to. */
function containerOf(world: World, fn: FnId, expr: number): Container | null {
	const file = world.program.fnFile(fn);
	const { exprs } = world.program.unit(file);
	const at = expr * EXPR_SIZE;
	if (expr < 0 || exprs[at] !== ExprKind.Field || exprs[at + 3] !== 1) return null;
	const pointer = exprs[at + 1]! * EXPR_SIZE;
	if (exprs[pointer] !== ExprKind.Local) return null;
	const { name, pointers } = world.varType(fn, exprs[pointer + 1]!);
	return name === "" || pointers !== 1 ? null : { type: name, member: nameIn(world, file, exprs[at + 2]!) };
}

function structAmong(structs: ReadonlyMap<string, WantedIn>, tag: string): string | null {
	if (structs.has(tag)) return tag;
	return tag === "" && structs.size === 1 ? [...structs.keys()][0]! : null;
}

function nameIn(world: World, file: FileId, local: number): string {
	return local < 0 ? "" : world.program.names.text(world.program.globalName(file, local));
}
