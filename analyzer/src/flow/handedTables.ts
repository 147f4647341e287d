// Tables of functions that a chain hands down: as an argument, or in a structure that a function fills itself (the ops
// of a walk). A call through such a pointer goes to that table's function; a chain that goes elsewhere is none.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId, Program } from "../ir/program.js";
import { FnField, GLOBAL_SIZE, GlobalField, INIT_SIZE, InitField } from "../ir/unit.js";
import { argumentOf, calledExpr } from "./callGraph.js";
import { CallMap } from "./callMap.js";
import { bitsSetIn } from "./fieldWrites.js";
import { functionsNamed } from "./functionValues.js";
import type { Link } from "./link.js";
import { lastStepName } from "./survey.js";
import { calleeNamed, type World } from "./world.js";

/** By variable and the fields that lead from it, as text: the symbol of a table's variable; "" for the pointer itself. */
type Tables = ReadonlyMap<number, ReadonlyMap<string, number>>;
const NOTHING: Tables = new Map();
const NO_TABLES: ReadonlyMap<string, number> = new Map();

/** Fields that lead to a place from a variable. */
interface Path {
	readonly local: number;
	readonly fields: string;
}

export class HandedTables {
	/** by table and field: the functions that its initialiser puts there; null when it is not known */
	private readonly held = new Map<string, ReadonlySet<FnId> | null>();
	/** by call: what it hands over where its function has been handed nothing */
	private readonly begun = new CallMap<Tables>();

	constructor(private readonly world: World) {}

	/** Does a chain go to another function than the table holds which its callers hand down? */
	excludes(links: readonly Link[]): boolean {
		const last = this.lastIndirect(links);
		let tables = NOTHING;
		for (let i = 0; i < last; i++) {
			tables = tables === NOTHING ? this.begunAt(links[i]!) : handedOn(this.world, links[i]!, tables);
			if (tables !== NOTHING && this.isElsewhere(links[i + 1]!, links[i + 2]?.fn, tables)) return true;
		}
		return false;
	}

	private begunAt(link: Link): Tables {
		const { fn, op } = link;
		return this.begun.get(fn, op) ?? this.begun.add(fn, op, handedOn(this.world, link, NOTHING));
	}

	/** The index of the last call of a chain that goes through a field, 0 when there is none beyond the first. */
	private lastIndirect(links: readonly Link[]): number {
		for (let i = links.length - 2; i > 0; i--) {
			const { fn, op } = links[i]!;
			const callee = calledExpr(this.world, fn, op);
			if (callee !== NONE && this.exprsOf(fn)[callee * EXPR_SIZE] === ExprKind.Field) return i;
		}
		return 0;
	}

	private exprsOf(fn: FnId): Int32Array {
		const { program } = this.world;
		return program.unit(program.fnFile(fn)).exprs;
	}

	private isElsewhere({ fn, op }: Link, target: FnId | undefined, tables: Tables): boolean {
		const { program } = this.world;
		const callee = calledExpr(this.world, fn, op);
		const exprs = this.exprsOf(fn);
		if (target === undefined || callee === NONE || exprs[callee * EXPR_SIZE] !== ExprKind.Field) return false;
		const table = tableAt(program, fn, exprs[callee * EXPR_SIZE + 1]!, tables);
		const held = table === NONE ? null : this.heldBy(fn, table, exprs[callee * EXPR_SIZE + 2]!);
		return held !== null && !held.has(target);
	}

	private heldBy(fn: FnId, table: number, field: number): ReadonlySet<FnId> | null {
		const { program } = this.world;
		const name = program.globalName(program.fnFile(fn), field);
		const key = `${table} ${name}`;
		let known = this.held.get(key);
		if (known === undefined) {
			known = this.find(table, name);
			this.held.set(key, known);
		}
		return known;
	}

	/** Null for what is no table with an initialiser. */
	private find(table: number, field: number): ReadonlySet<FnId> | null {
		const { program } = this.world;
		const file = program.globals.file(table);
		const unit = program.unit(file);
		const owner = unit.globals[program.globals.index(table) * GLOBAL_SIZE + GlobalField.Name]!;
		const found = new Set<FnId>();
		let isTable = false;
		for (let at = 0; at < unit.inits.length; at += INIT_SIZE) {
			if (unit.inits[at + InitField.Owner] !== owner) continue;
			isTable = true;
			const name = lastStepName(program, file, unit, at);
			// which field an entry without a designator is, or of which element of an array, is not asked here
			if (name === NONE || unit.inits[at + InitField.PathCount]! > 1) return null;
			if (name !== field) continue;
			const functions = functionsNamed(program, file, unit, unit.inits[at + InitField.Value]!);
			if (functions.length === 0) return null;
			for (const one of functions) found.add(one);
		}
		return isTable ? found : null;
	}
}

/** The table that an expression points to, NONE when it is not known. */
function tableAt(program: Program, fn: FnId, expr: number, tables: Tables): number {
	const path = pathOf(program, fn, expr);
	if (path === null) return NONE;
	const known = tables.get(path.local)?.get(path.fields);
	return known ?? (path.fields === "" ? tableAt(program, fn, copiedBy(program, fn, expr), tables) : NONE);
}

/** What the one assignment to a variable of the function's own gives it; NONE for parameters and where there are more. */
function copiedBy(program: Program, fn: FnId, local: number): number {
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	let value = NONE;
	if (exprs[local * EXPR_SIZE + 1]! < program.fnField(fn, FnField.ParamCount)) return NONE;
	for (let at = first; at < first + program.fnField(fn, FnField.OpCount); at++) {
		if ((ops[at * OP_SIZE]! & 255) !== Op.Assign || ops[at * OP_SIZE + OpField.A] !== local) continue;
		if (value !== NONE) return NONE;
		value = ops[at * OP_SIZE + OpField.B]!;
	}
	const isPlace = value >= 0 && exprs[value * EXPR_SIZE] === ExprKind.Field;
	return isPlace ? value : NONE;
}

/** `a->b.c` as a variable and the fields that lead on; null for anything else. */
function pathOf(program: Program, fn: FnId, expr: number): Path | null {
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	let fields = "";
	for (let at = expr; at >= 0; at = exprs[at * EXPR_SIZE + 1]!) {
		if (exprs[at * EXPR_SIZE] === ExprKind.Local) return { local: exprs[at * EXPR_SIZE + 1]!, fields };
		if (exprs[at * EXPR_SIZE] !== ExprKind.Field) return null;
		fields = `.${program.globalName(file, exprs[at * EXPR_SIZE + 2]!)}${fields}`;
	}
	return null;
}

/** What the callee's parameters lead to. */
function handedOn(world: World, { fn, op }: Link, tables: Tables): Tables {
	const { program } = world;
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const count = ops[(program.fnField(fn, FnField.OpStart) + op) * OP_SIZE + OpField.C]!;
	let handed: Map<number, ReadonlyMap<string, number>> | null = null;
	for (let i = 0; i < count; i++) {
		const argument = argumentOf(program, fn, op, i);
		if (argument < 0) continue;
		const isAddress = exprs[argument * EXPR_SIZE] === ExprKind.AddrOf;
		const found = isAddress
			? behindAddress(world, { fn, op }, exprs[argument * EXPR_SIZE + 1]!, tables)
			: behindPointer(program, fn, argument, tables);
		if (found.size === 0) continue;
		handed ??= new Map();
		handed.set(i, found);
	}
	return handed ?? NOTHING;
}

function behindPointer(program: Program, fn: FnId, argument: number, tables: Tables): ReadonlyMap<string, number> {
	const path = tables.size === 0 ? null : pathOf(program, fn, argument);
	const known = path === null ? undefined : tables.get(path.local);
	if (known === undefined) return NO_TABLES;
	const found = new Map<string, number>();
	for (const [fields, table] of known) {
		const rest = restOf(fields, path!.fields);
		if (rest !== null) found.set(rest, table);
	}
	return found;
}

/** `&table`, or the address of a structure of the function's own, with the tables that it has put there. */
function behindAddress(world: World, { fn, op }: Link, of: number, tables: Tables): ReadonlyMap<string, number> {
	const { program } = world;
	const file = program.fnFile(fn);
	const { ops, exprs } = program.unit(file);
	if (of >= 0 && exprs[of * EXPR_SIZE] === ExprKind.Name) {
		const table = program.bestGlobal(file, program.globalName(file, exprs[of * EXPR_SIZE + 1]!));
		return table === NONE ? NO_TABLES : new Map([["", table]]);
	}
	const base = pathOf(program, fn, of);
	if (base === null) return NO_TABLES;
	const found = new Map<string, number>();
	const first = program.fnField(fn, FnField.OpStart);
	for (let at = first * OP_SIZE; at < (first + op) * OP_SIZE; at += OP_SIZE) {
		if ((ops[at]! & 255) !== Op.Assign) continue;
		const target = pathOf(program, fn, ops[at + OpField.A]!);
		if (target === null || target.local !== base.local) continue;
		const rest = restOf(target.fields, base.fields);
		if (rest === null || rest === "") continue;
		const table = tableNamed(program, fn, ops[at + OpField.B]!, tables);
		if (table === NONE || found.has(rest)) found.set(rest, NONE);
		else found.set(rest, table);
	}
	for (const [rest, table] of found)
		if (table === NONE || isSetByOthers(world, { fn, op }, base.local, rest)) found.delete(rest);
	return found;
}

/** Is a variable of the function's own given to a function, before a call, that sets fields of a path's last name? */
function isSetByOthers(world: World, { fn, op }: Link, local: number, path: string): boolean {
	const { program } = world;
	const { ops, exprs } = program.unit(program.fnFile(fn));
	const first = program.fnField(fn, FnField.OpStart);
	const name = Number(path.slice(path.lastIndexOf(".") + 1));
	for (let before = 0; before < op; before++) {
		if ((ops[(first + before) * OP_SIZE]! & 255) !== Op.Call) continue;
		const count = ops[(first + before) * OP_SIZE + OpField.C]!;
		const isGiven = Array.from({ length: count }, (_, i) => argumentOf(program, fn, before, i)).some(
			(argument) =>
				argument >= 0 &&
				exprs[argument * EXPR_SIZE] === ExprKind.AddrOf &&
				pathOf(program, fn, exprs[argument * EXPR_SIZE + 1]!)?.local === local,
		);
		const called = isGiven ? calledExpr(world, fn, before) : NONE;
		if (called === NONE || exprs[called * EXPR_SIZE] !== ExprKind.Name) continue;
		const callee = calleeNamed(world, fn, exprs[called * EXPR_SIZE + 1]!);
		if (callee >= 0 && bitsSetIn(program, callee, name) !== 0) return true;
	}
	return false;
}

function tableNamed(program: Program, fn: FnId, value: number, tables: Tables): number {
	const file = program.fnFile(fn);
	const { exprs } = program.unit(file);
	const of = value >= 0 && exprs[value * EXPR_SIZE] === ExprKind.AddrOf ? exprs[value * EXPR_SIZE + 1]! : NONE;
	if (of >= 0 && exprs[of * EXPR_SIZE] === ExprKind.Name)
		return program.bestGlobal(file, program.globalName(file, exprs[of * EXPR_SIZE + 1]!));
	return tableAt(program, fn, value, tables);
}

/** What leads on from a place to one beyond it; null for others. */
function restOf(fields: string, base: string): string | null {
	return fields === base || fields.startsWith(`${base}.`) ? fields.slice(base.length) : null;
}
