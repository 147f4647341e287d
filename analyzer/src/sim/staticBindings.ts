// Objects that a macro at file scope defines together with the function they call: `DECLARE_WORK(work, fn)`.

import { EXPR_SIZE, ExprKind, NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { INVOCATION_SIZE, InvocationField, unitName } from "../ir/unit.js";
import { globalKey } from "./value.js";
import type { World } from "./world.js";

export interface StaticBinding {
	readonly fn: FnId;
	readonly runs: string;
}

const bindings = new WeakMap<World, ReadonlyMap<string, StaticBinding>>();

/** What the variable with this key calls, or null. */
export function staticBinding(world: World, key: string): StaticBinding | null {
	let known = bindings.get(world);
	if (known === undefined) {
		known = collect(world);
		bindings.set(world, known);
	}
	return known.get(key) ?? null;
}

function collect(world: World): Map<string, StaticBinding> {
	const found = new Map<string, StaticBinding>();
	for (let file = 0; file < world.program.paths.length; file++) {
		const unit = world.program.unit(file);
		for (let at = 0; at < unit.invocations.length; at += INVOCATION_SIZE) {
			const name = unitName(unit, unit.invocations[at + InvocationField.Name]!);
			for (const row of world.model.definers.get(name) ?? []) {
				const arg = row.via === "definer" ? /^\{(\d)\}$/.exec(row.fn) : null;
				const names = namesOf(world, file, at);
				const fn = arg === null ? undefined : names[Number(arg[1])];
				if (fn === undefined || names[0] === undefined) continue;
				const id = world.program.bindLocal(file, fn);
				if (id !== NONE) found.set(globalKey(unitName(unit, names[0])), { fn: id, runs: row.runs });
			}
		}
	}
	return found;
}

/** Arguments of an invocation that are names, by position. */
function namesOf(world: World, file: number, at: number): (number | undefined)[] {
	const { invocations, lists, exprs } = world.program.unit(file);
	const start = invocations[at + InvocationField.ArgStart]!;
	const count = invocations[at + InvocationField.ArgCount]!;
	return Array.from({ length: count }, (_, i) => {
		const expr = lists[start + i]!;
		return expr >= 0 && exprs[expr * EXPR_SIZE] === ExprKind.Name ? exprs[expr * EXPR_SIZE + 1]! : undefined;
	});
}
