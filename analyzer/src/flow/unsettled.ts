// Variables that are settled once the system runs (`system_state`). Code that sets one to something else says that the
// system does not run from there on, until it is set back: the kernel checks no context in between.

import { ExprKind, OpFlag } from "../ir/ops.js";
import { acquire, type Ctx, holdsSame, type Item, release } from "./context.js";
import type { EnvId } from "./env.js";
import { evaluate, type Scope } from "./evaluate.js";

/** Is an assignment to such a variable? */
export function setsSettled({ frame, world }: Scope, op: number): boolean {
	const target = frame.a(op);
	if (target < 0 || frame.kind(target) !== ExprKind.Name || (frame.flags(op) & OpFlag.Update) !== 0) return false;
	return world.settled.has(world.program.globalName(frame.file, frame.x(target)));
}

/** The context after an assignment to one. */
export function settledBy(scope: Scope, ctx: Ctx, env: EnvId, op: number): Ctx {
	const { frame, world } = scope;
	const { paths, kinds, program, settled, values } = world;
	const value = evaluate(scope, env, frame.b(op));
	// What a caller has it set to is where it is going: nobody hands down that all is as it was.
	if (!values.isInt(value) && !isParameter(scope, frame.b(op))) return ctx;
	const name = program.globalName(frame.file, frame.x(frame.a(op)));
	const item: Item = { kind: kinds.section("unsettled"), path: paths.global(name), op, irq: 0, asserted: false };
	const isHeld = holdsSame(paths, ctx, item);
	if (values.isInt(value) && values.set(value) === settled.get(name))
		return isHeld ? release(paths, ctx, item).ctx : ctx;
	return isHeld ? ctx : acquire(paths, ctx, item);
}

function isParameter({ frame }: Scope, expr: number): boolean {
	return expr >= 0 && frame.kind(expr) === ExprKind.Local && frame.x(expr) < frame.nParams;
}
