// Sections that functions begin or end without anything in their bodies that shows it: by rows, added to what the
// body does, or to nothing where the body is not at hand.

import { ExprKind } from "../ir/ops.js";
import type { SpanRow } from "../model/schema.js";
import { acquire, type Ctx, type Item, release } from "./context.js";
import type { EnvId } from "./env.js";
import { factKey } from "./env.js";
import type { Scope } from "./evaluate.js";
import { contradicts } from "./guards.js";
import { type Exit, exitLike } from "./summary.js";
import { Base, TOP, type ValueId } from "./values.js";
import type { World } from "./world.js";

/** Set in negative numbers, and in error pointers. */
const SIGN = 1 << 31;

interface Span {
	/** what the function adds to a context */
	apply(ctx: Ctx): Ctx;
	/** what it returns when it has begun, and when it has not; null: it always does what it does */
	readonly outcomes: { readonly success: ValueId; readonly failure: ValueId } | null;
}

function spanOf({ kinds, paths, values }: World, row: SpanRow, op: number): Span {
	const item: Item = { kind: kinds.section(row.section), path: paths.unknown, op, irq: 0, asserted: false };
	const isOfKind = (one: Item) => one.kind === item.kind;
	if (row.does === "exit")
		return { apply: (ctx) => (ctx.gone.some(isOfKind) ? ctx : release(paths, ctx, item).ctx), outcomes: null };
	const apply = (ctx: Ctx) => (ctx.items.some(isOfKind) ? ctx : acquire(paths, ctx, item));
	if (row.succeeds === undefined) return { apply, outcomes: null };
	const isZero = row.succeeds === "zero";
	return {
		apply,
		outcomes: {
			success: isZero ? values.int(0) : values.make(Base.None, 0, SIGN, 1),
			failure: isZero ? values.nonZero(TOP) : values.make(Base.None, SIGN, 0, 1),
		},
	};
}

/** The returns of the function of `scope`, with the section that a row says it begins or ends. */
export function withSpan({ frame, world }: Scope, returns: readonly Exit[]): readonly Exit[] {
	const row = world.spans.get(world.program.fnGlobalName(frame.fn));
	if (row === undefined || world.program.isOwnStatic(frame.file, frame.fn)) return returns;
	const { apply, outcomes } = spanOf(world, row, 0);
	if (outcomes === null) return returns.map((exit) => exitLike(exit, apply(exit.ctx), exit.value));
	const { success, failure } = outcomes;
	return returns.flatMap((exit) => {
		const begun = exitLike(exit, apply(exit.ctx), success);
		const failed = exitLike(exit, exit.ctx, failure);
		if (contradicts(world.values, exit.value, failure)) return [begun];
		return contradicts(world.values, exit.value, success) ? [failed] : [begun, failed];
	});
}

/** The ways out of a call whose callee is not at hand, when a row says that it begins or ends a section; null for others. */
export function spanOutcomes(
	{ frame, world, envs }: Scope,
	ctx: Ctx,
	env: EnvId,
	op: number,
): readonly { readonly ctx: Ctx; readonly env: EnvId }[] | null {
	const callee = frame.a(op);
	if (callee < 0 || frame.kind(callee) !== ExprKind.Name) return null;
	const row = world.spans.get(world.program.globalName(frame.file, frame.x(callee)));
	if (row === undefined) return null;
	const { apply, outcomes } = spanOf(world, row, op);
	const result = frame.resultExpr(op);
	if (outcomes === null || result < 0) return [{ ctx: apply(ctx), env }];
	return [
		{ ctx: apply(ctx), env: envs.set(env, factKey(result), outcomes.success) },
		{ ctx, env: envs.set(env, factKey(result), outcomes.failure) },
	];
}
