// Interrupts for the run of a single function: they come when a person makes them come, and never by themselves.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { functionNamed, functionOf, type Wanted, withoutCasts } from "./lookup.js";
import type { Source } from "./machine.js";
import type { World } from "./world.js";

/** A handler that may be made to interrupt the run. */
export interface HandlerRequest extends Wanted {
	/** what it is called where one picks it */
	readonly name: string;
	/** id of the run context that it is entered in */
	readonly entry: string;
}

export interface RegisteredHandler extends HandlerRequest {
	readonly path: string;
}

/** As often as anybody may press a button. */
const TIMES = 1_000_000;

/** Those that the program has. */
export function sourcesOf(world: World, handlers: readonly HandlerRequest[]): Source[] {
	return handlers.flatMap((handler): Source[] => {
		const fn = functionNamed(world, handler);
		if (fn === NONE || !world.model.runContexts.has(handler.entry)) return [];
		const { name, entry: runs } = handler;
		return [{ name, fn, args: [], threadFn: NONE, runs, cpu: 0, left: TIMES, at: { kind: "asked" } }];
	});
}

/** Handlers, timers and the like that the functions of a file register: by name, or by a variable that is set to them. */
export function handlersRegistered(world: World, path: string): RegisteredHandler[] {
	const { program, model } = world;
	const file = program.fileOf(path);
	if (file === NONE) return [];
	const found = new Map<FnId, RegisteredHandler>();
	for (const fn of program.fnsOf(file)) {
		const first = program.fnField(fn, FnField.OpStart);
		for (let op = first; op < first + program.fnField(fn, FnField.OpCount); op++) {
			for (const [handler, arg, name] of handlersAt(world, fn, op)) {
				const runs = model.argCallbacks.get(`${name}/${arg}`)?.[0]?.runs ?? model.runtime.get(name)!.runs ?? "";
				const level = model.runContexts.get(runs)?.level ?? "process";
				if (level === "process" || found.has(handler)) continue;
				const called = program.fnName(handler);
				found.set(handler, { name: `${called}()`, function: called, path: program.fnPath(handler), entry: runs });
			}
		}
	}
	return [...found.values()];
}

/** Functions that a call is given to be called later, with the argument and the name of what is called. */
function handlersAt(world: World, fn: FnId, op: number): [handler: FnId, arg: number, name: string][] {
	const { program, model } = world;
	const file = program.fnFile(fn);
	const unit = program.unit(file);
	const at = op * OP_SIZE;
	if ((unit.ops[at + OpField.Code]! & 0xff) !== Op.Call) return [];
	const callee = unit.ops[at + OpField.A]! * EXPR_SIZE;
	if (unit.exprs[callee] !== ExprKind.Name) return [];
	const name = program.names.text(program.globalName(file, unit.exprs[callee + 1]!));
	const row = model.runtime.get(name);
	if (row?.fn === undefined || (row.does !== "register" && row.does !== "bind")) return [];
	const arg = row.fn;
	if (arg >= unit.ops[at + OpField.C]!) return [];
	const given = unit.lists[unit.ops[at + OpField.B]! + arg]!;
	return functionsIn(world, fn, given).map((handler) => [handler, arg, name]);
}

/** The functions with a body that an expression is, or that a variable of the function is set to. */
function functionsIn(world: World, fn: FnId, expr: number): FnId[] {
	const { program } = world;
	const file = program.fnFile(fn);
	const named = functionOf(world, file, expr);
	if (named !== NONE) return [named];
	const { exprs, ops } = program.unit(file);
	const variable = withoutCasts(exprs, expr);
	if (variable < 0 || exprs[variable * EXPR_SIZE] !== ExprKind.Local) return [];
	const first = program.fnField(fn, FnField.OpStart);
	const found: FnId[] = [];
	for (let op = first; op < first + program.fnField(fn, FnField.OpCount); op++) {
		const at = op * OP_SIZE;
		const value = ops[at + OpField.B]!;
		if ((ops[at + OpField.Code]! & 0xff) !== Op.Assign || ops[at + OpField.A] !== variable || value === variable)
			continue;
		if (exprs[value * EXPR_SIZE] !== ExprKind.Local) found.push(...functionsIn(world, fn, value));
	}
	return found;
}
