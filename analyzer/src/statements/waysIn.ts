// Who may enter a function: the direct calls, and where its address goes. Found once for the whole program, for
// the questions of the oracle that go up the call graph instead of down.

import type { Call } from "../flow/callGraph.js";
import { type FieldTarget, variableOf } from "../flow/fieldKeys.js";
import type { Origin } from "../flow/roots.js";
import type { Solved } from "../flow/solved.js";
import { MAX_TARGETS } from "../flow/topDown.js";
import { Callee } from "../flow/world.js";
import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField, INVOCATION_SIZE, InvocationField, type Unit } from "../ir/unit.js";

/** What is known of the ways into a function that are no direct calls. */
export interface PointerWays {
	/** calls through a pointer that may hold it */
	readonly calls: readonly Call[];
	/** it is kept in a field that no row describes and no call goes through */
	readonly isNeverCalled: boolean;
	/** its address goes where it is not followed, or is one of very many that a call may mean */
	readonly isLost: boolean;
}

const NO_WAYS: PointerWays = { calls: [], isNeverCalled: false, isLost: false };

export class WaysIn {
	private readonly fieldsOf = new Map<FnId, number[]>();
	private readonly variablesOf = new Map<FnId, number[]>();
	private readonly fieldCalls = new Map<number, Call[]>();
	private readonly variableCalls = new Map<number, Call[]>();
	private readonly given = new Set<FnId>();
	private readonly originsOf = new Map<FnId, Origin[]>();
	private readonly exported = new Set<number>();

	constructor(private readonly solved: Solved) {
		const { pointers, contexts } = solved;
		invert(pointers.fields, this.fieldsOf);
		invert(pointers.variables, this.variablesOf);
		for (const origin of contexts.origins) {
			if (origin.assertion === null) listIn(this.originsOf, origin.fn).push(origin);
		}
		this.scanCalls();
		this.scanExports();
	}

	/** The entry points that the function is, by rows and by its kind. */
	originsAt(fn: FnId): readonly Origin[] {
		return this.originsOf.get(fn) ?? [];
	}

	/** Does a macro of the file scope name it (EXPORT_SYMBOL and its like)? */
	isExported(fn: FnId): boolean {
		return this.exported.has(this.solved.world.program.fnGlobalName(fn));
	}

	pointersTo(fn: FnId): PointerWays {
		const fields = this.fieldsOf.get(fn) ?? [];
		const variables = this.variablesOf.get(fn) ?? [];
		const { pointers } = this.solved;
		let isLost = pointers.escaped.has(fn) || this.given.has(fn);
		if (fields.length + variables.length === 0 && !isLost) return NO_WAYS;
		let isNeverCalled = false;
		const calls: Call[] = [];
		for (const key of fields) {
			const rows = pointers.rowsOf(key);
			if (rows?.every((row) => row.runs !== "caller") === true) continue;
			if ((pointers.targetsOf(key)?.length ?? 0) > MAX_TARGETS) isLost = true;
			const known = this.fieldCalls.get(key);
			if (known === undefined) isNeverCalled = true;
			else calls.push(...known);
		}
		for (const variable of variables) {
			const known = this.variableCalls.get(variable);
			if (known === undefined) isLost = true;
			else calls.push(...known);
		}
		return { calls, isNeverCalled, isLost };
	}

	/** Finds the calls through fields and variables, and the functions given as arguments that become no callback. */
	private scanCalls(): void {
		const { world, graph, pointers } = this.solved;
		const { program } = world;
		const registered = new Set(pointers.registrations.all.map((registration) => registration.callback));
		for (let fn = 0; fn < program.fnLimit; fn++) {
			if (!program.isLive(fn)) continue;
			const file = program.fnFile(fn);
			const unit = program.unit(file);
			const base = program.fnField(fn, FnField.OpStart);
			graph.eachSite(fn, (op, callee) => {
				const at = (base + op) * OP_SIZE;
				if (callee === Callee.Indirect) this.addPointerCall(fn, op, unit, unit.ops[at + OpField.A]!);
				for (let i = 0; i < unit.ops[at + OpField.C]!; i++) {
					const given = functionNamed(this.solved, file, unit, unit.lists[unit.ops[at + OpField.B]! + i]!);
					if (given !== NONE && !registered.has(given)) this.given.add(given);
				}
			});
		}
	}

	private addPointerCall(fn: FnId, op: number, unit: Unit, expr: number): void {
		const key = this.solved.contexts.fieldCalled(fn, op);
		if (key !== NONE) {
			listIn(this.fieldCalls, key).push({ caller: fn, op });
			return;
		}
		const { program } = this.solved.world;
		const called = withoutDerefs(unit, expr);
		const variable = called < 0 ? NONE : variableOf(program, fn, called);
		if (variable !== NONE) listIn(this.variableCalls, variable).push({ caller: fn, op });
	}

	private scanExports(): void {
		const { program } = this.solved.world;
		program.eachUnit((unit, file) => {
			for (let at = 0; at < unit.invocations.length; at += INVOCATION_SIZE) {
				if (unit.invocations[at + InvocationField.ArgCount]! === 0) continue;
				const name = program.names.text(program.globalName(file, unit.invocations[at + InvocationField.Name]!));
				if (!name.startsWith("EXPORT_")) continue;
				const expr = unit.lists[unit.invocations[at + InvocationField.ArgStart]!]!;
				const isName = expr >= 0 && unit.exprs[expr * EXPR_SIZE] === ExprKind.Name;
				if (isName) this.exported.add(program.globalName(file, unit.exprs[expr * EXPR_SIZE + 1]!));
			}
		});
	}
}

function invert(targets: ReadonlyMap<number, readonly FieldTarget[]>, into: Map<FnId, number[]>): void {
	for (const [key, taken] of targets) for (const { target } of taken) listIn(into, target).push(key);
}

function listIn<Key, Value>(map: Map<Key, Value[]>, key: Key): Value[] {
	let list = map.get(key);
	if (list === undefined) {
		list = [];
		map.set(key, list);
	}
	return list;
}

/** The function that an argument names, or NONE. */
function functionNamed({ world }: Solved, file: number, unit: Unit, expr: number): FnId {
	if (expr < 0) return NONE;
	const inner = unit.exprs[expr * EXPR_SIZE] === ExprKind.AddrOf ? unit.exprs[expr * EXPR_SIZE + 1]! : expr;
	if (inner < 0 || unit.exprs[inner * EXPR_SIZE] !== ExprKind.Name) return NONE;
	return world.program.bindLocal(file, unit.exprs[inner * EXPR_SIZE + 1]!);
}

function withoutDerefs(unit: Unit, expr: number): number {
	let at = expr;
	while (at >= 0 && unit.exprs[at * EXPR_SIZE] === ExprKind.Deref) at = unit.exprs[at * EXPR_SIZE + 1]!;
	return at;
}
