// References that a function takes and gives back itself. Of a plain count: what it has taken is not the last. Of a
// device's use, which one reference keeps awake: a further "get" has nothing to do, and a "put" only when none is left.

import { NONE, Op } from "../ir/ops.js";
import type { ReferenceRow } from "../model/schema.js";
import { type EnvId, factKey, referenceKey } from "./env.js";
import type { Scope } from "./evaluate.js";
import type { Frame } from "./frame.js";
import { referenceAt } from "./world.js";

/** References of one object that are counted. */
const MAX_COUNT = 3;

/** The environment after a call by which nothing comes or goes but a count; -1 when it is no such call. */
export function keepsAlive(scope: Scope, env: EnvId, op: number, row: ReferenceRow | undefined): EnvId {
	const counter = row === undefined ? NONE : scope.frame.arg(op, row.arg);
	if (counter === NONE) return -1;
	const held = heldIn(scope, env, counter);
	if (row!.does === "get") return row!.use === "awake" && held > 0 ? hold(scope, env, counter, held + 1) : -1;
	if (row!.use === undefined) return held === 0 ? -1 : withoutLast(scope, hold(scope, env, counter, 0), op);
	if (held < 2 && !isGivenBackLater(scope, op, counter)) return -1;
	return hold(scope, env, counter, Math.max(0, held - 1));
}

/** Notes what a call does to the references that the function is known to hold. */
export function noteReference(scope: Scope, env: EnvId, op: number, row: ReferenceRow | undefined): EnvId {
	const counter = row === undefined ? NONE : scope.frame.arg(op, row.arg);
	if (counter === NONE) return env;
	const held = heldIn(scope, env, counter);
	if (row!.use === undefined) return row!.does === "get" ? hold(scope, env, counter, 1) : env;
	if (row!.does === "put") return hold(scope, env, counter, Math.max(0, held - 1));
	// Counting alone wakes nothing: only on top of a reference that does is it worth as much.
	return row!.use === "awake" || held > 0 ? hold(scope, env, counter, held + 1) : env;
}

function heldIn({ envs, world }: Scope, env: EnvId, counter: number): number {
	const value = envs.get(env, referenceKey(counter));
	return value < 0 ? 0 : world.values.set(value);
}

function hold({ envs, world }: Scope, env: EnvId, counter: number, count: number): EnvId {
	if (count === 0) return envs.remove(env, referenceKey(counter));
	return envs.set(env, referenceKey(counter), world.values.int(Math.min(count, MAX_COUNT)));
}

/** The call says that this was not the last one. */
function withoutLast({ frame, envs, world }: Scope, env: EnvId, op: number): EnvId {
	const result = frame.resultExpr(op);
	return result === NONE ? env : envs.set(env, factKey(result), world.values.int(0));
}

/**
 * Does every way on from `op` give back one more reference of the object than it takes? There is one left then, which
 * somebody else has taken.
 */
function isGivenBackLater(scope: Scope, op: number, counter: number): boolean {
	const { frame } = scope;
	const width = MAX_COUNT + 1;
	const seen = new Uint8Array((frame.nOps + 1) * width);
	const work = [(op + 1) * width];
	for (let next = work.pop(); next !== undefined; next = work.pop()) {
		const at = Math.floor(next / width);
		if (at >= frame.nOps) return false;
		if (seen[next] === 1) continue;
		seen[next] = 1;
		const left = (next % width) + changeAt(scope, at, counter);
		if (left < 0) continue;
		if (frame.code(at) === Op.Return) return false;
		for (const to of waysFrom(frame, at)) work.push(to * width + Math.min(left, MAX_COUNT));
	}
	return true;
}

/** 1 where a reference of the object is taken, -1 where one is given back. */
function changeAt({ world, frame }: Scope, op: number, counter: number): number {
	if (frame.code(op) !== Op.Call) return 0;
	const row = referenceAt(world, frame, op);
	if (row === undefined || frame.arg(op, row.arg) !== counter) return 0;
	return row.does === "get" ? 1 : -1;
}

/** Where control may go from an op. */
function waysFrom(frame: Frame, op: number): number[] {
	switch (frame.code(op)) {
		case Op.Jump:
			return [frame.a(op)];
		case Op.Branch:
			return [op + 1, frame.b(op)];
		case Op.Switch: {
			const targets: number[] = [];
			for (let i = 0; i < frame.c(op); i++) targets.push(frame.lists[frame.b(op) + i * 3 + 2]!);
			return targets;
		}
		case Op.Choice: {
			const targets = frame.c(op) === 0 ? [] : [op + 1];
			for (let i = 0; i < frame.b(op); i++) targets.push(frame.lists[frame.a(op) + i]!);
			return targets;
		}
		case Op.Unreachable:
			return [];
		default:
			return [op + 1];
	}
}
