// What a function's attributes say that it does to its caller's locks, where its body cannot tell: the lock is released
// by a function that it calls through a pointer.

import { ExprKind, Op } from "../ir/ops.js";
import { FnField } from "../ir/unit.js";
import { annotationsOf, kindOfLock, lockKindsByType } from "./assertions.js";
import { type Item, NEUTRAL, withItems } from "./context.js";
import type { Scope } from "./evaluate.js";
import { exportPath, pathOf } from "./locate.js";
import type { Exit } from "./summary.js";
import { TOP } from "./values.js";

/** The exits with what the attributes add; the same when the body changes the context itself. */
export function withAnnotated(scope: Scope, exits: readonly Exit[]): readonly Exit[] {
	const { world, frame } = scope;
	if (world.program.fnField(frame.fn, FnField.AnnotationCount) === 0) return exits;
	if (exits.some((exit) => exit.ctx !== NEUTRAL) || !callsPointer(scope)) return exits;
	const gone = releasedItems(scope);
	if (gone.length === 0) return exits;
	const ctx = withItems(NEUTRAL, NEUTRAL.items, gone);
	const { value, guards, op } = exits.length === 1 ? exits[0]! : { value: TOP, guards: [], op: -1 };
	return [{ ctx, value, guards, op }];
}

/** The locks that the function is said to release, and not to take again. */
function releasedItems(scope: Scope): readonly Item[] {
	const { world, frame } = scope;
	const said = annotationsOf(world, frame.fn).filter(({ lock }) => lock >= 0);
	const taken = said.filter(({ row }) => row.asserts === "acquires").map(({ lock }) => lock);
	const kinds = lockKindsByType(world);
	const items: Item[] = [];
	for (const { row, lock } of said) {
		if (row.asserts !== "releases" || taken.includes(lock)) continue;
		const kind = kindOfLock(world, kinds, frame.fn, lock);
		if (kind === null) continue;
		const path = exportPath(world, pathOf(world, frame, lock));
		items.push({ kind: world.kinds.lock(kind), path, op: -1, irq: 0, asserted: false });
	}
	return items;
}

function callsPointer({ frame }: Scope): boolean {
	for (let op = 0; op < frame.nOps; op++) {
		if (frame.code(op) === Op.Call && frame.a(op) >= 0 && frame.kind(frame.a(op)) !== ExprKind.Name) return true;
	}
	return false;
}
