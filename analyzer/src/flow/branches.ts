// How far a condition reaches: to where the two ways of its branch meet again. A way that just fails does not count:
// that a function works only under some condition is nothing that a caller in atomic context relies on.

import { IntVec } from "../base/vec.js";
import { constantOf } from "../ir/consts.js";
import { ExprKind, NONE, Op } from "../ir/ops.js";
import type { Scope } from "./evaluate.js";
import type { Frame } from "./frame.js";
import { calleeAt, isPrimitive, primitiveAt } from "./world.js";

const MAX_STEPS = 24;
/** Ops between a branch and its end that are looked at. */
const MAX_REGION = 400;

const UNKNOWN = -2;

export class Branches {
	/** by branch op: where its ways meet, NONE when they do not, UNKNOWN when that has not been asked */
	private readonly ends = new IntVec();

	constructor(private readonly scope: Scope) {}

	/** Begins a function. */
	reset(): void {
		this.ends.clear();
		this.ends.extend(this.scope.frame.nOps, UNKNOWN);
	}

	/** The op where the ways of the branch at `op` have met; NONE when one of them leaves. */
	endOf(op: number): number {
		const known = this.ends.data[op]!;
		if (known !== UNKNOWN) return known;
		const end = this.findEnd(op);
		this.ends.data[op] = end;
		return end;
	}

	/** Code is laid out as it is written: `if` skips to the end or to `else`, which a jump before it skips. */
	private findEnd(op: number): number {
		const { frame } = this.scope;
		if (frame.code(op) !== Op.Branch) return NONE;
		const middle = frame.b(op);
		if (middle <= op) return NONE;
		const isElse = frame.code(middle - 1) === Op.Jump && frame.a(middle - 1) > middle;
		const end = isElse ? frame.a(middle - 1) : middle;
		if (end - op > MAX_REGION) return NONE;
		const mayFail = isOwn(frame, frame.a(op));
		for (let at = op + 1; at < end; at++) if (this.leaves(at, end, mayFail)) return NONE;
		return end;
	}

	/** Does the op leave the region before `end`, other than to fail where it may? */
	private leaves(op: number, end: number, mayFail: boolean): boolean {
		const { frame } = this.scope;
		switch (frame.code(op)) {
			case Op.Jump:
				return frame.a(op) > end && !(mayFail && this.fails(frame.a(op)));
			case Op.Branch:
				return frame.b(op) > end && !(mayFail && this.fails(frame.b(op)));
			case Op.Switch: {
				for (let i = 0; i < frame.c(op); i++) if (frame.lists[frame.b(op) + i * 3 + 2]! > end) return true;
				return false;
			}
			case Op.Choice:
				for (let i = 0; i < frame.b(op); i++) if (frame.lists[frame.a(op) + i]! > end) return true;
				return false;
			case Op.Return:
				return !(mayFail && this.isFailure(frame.a(op), this.lastAssigned(op)));
			default:
				return false;
		}
	}

	/** What the variables had last that straight code before `op` assigns. */
	private lastAssigned(op: number): ReadonlyMap<number, number> {
		const { frame } = this.scope;
		const assigned = new Map<number, number>();
		for (let at = op - 1; at >= 0 && frame.leader.data[at + 1] !== 1; at--) {
			const target = frame.code(at) === Op.Assign ? frame.a(at) : NONE;
			if (target < 0 || frame.kind(target) !== ExprKind.Local || assigned.has(frame.x(target))) continue;
			assigned.set(frame.x(target), frame.b(at));
		}
		return assigned;
	}

	/**
	 * Does the branch at `op` just fail in the way that begins at `way`? It may ask more on that way (`if (a && b) fail`),
	 * when all other answers lead to where its other way goes.
	 */
	justFails(op: number, way: number): boolean {
		const { frame } = this.scope;
		const isStaying = way === op + 1;
		return (
			isOwn(frame, frame.a(op)) && this.fails(way, isStaying ? frame.b(op) : NONE, isStaying && this.complains(op))
		);
	}

	/** Is it a condition of a warning that the branch at `op` asks? */
	private complains(op: number): boolean {
		const { frame } = this.scope;
		const condition = frame.a(op);
		return condition >= 0 && frame.kind(condition) === ExprKind.CallResult && this.isWarning(frame.x(condition));
	}

	private isWarning(call: number): boolean {
		const { frame, world } = this.scope;
		const target = calleeAt(world, frame, call);
		return isPrimitive(target) && primitiveAt(world, target).predicate?.asks === "warn";
	}

	/** Is it a warning whatever the case, `WARN(1, …)`? */
	private warns(call: number): boolean {
		const { frame, world } = this.scope;
		return this.isWarning(call) && (constantOf(world.program, frame.file, frame.arg(call, 0)) ?? 0) !== 0;
	}

	/** Does code lead straight to a return of an error, or to one after a warning? Branches that else go `around` it are part of the condition. */
	private fails(from: number, around = NONE, isWarned = false): boolean {
		const { frame } = this.scope;
		const assigned = new Map<number, number>();
		let hasWarned = isWarned;
		let op = from;
		for (let step = 0; step < MAX_STEPS && op < frame.nOps; step++) {
			switch (frame.code(op)) {
				case Op.Jump:
					op = frame.a(op);
					continue;
				case Op.Return:
					return hasWarned || this.isFailure(frame.a(op), assigned);
				case Op.Call:
					hasWarned ||= this.warns(op);
					break;
				case Op.Assign: {
					const target = frame.a(op);
					if (target >= 0 && frame.kind(target) === ExprKind.Local) assigned.set(frame.x(target), frame.b(op));
					break;
				}
				case Op.Branch:
					if (frame.b(op) !== around || !isOwn(frame, frame.a(op))) return false;
					break;
				case Op.Switch:
				case Op.Choice:
				case Op.Unreachable:
					return false;
				default:
					break;
			}
			op++;
		}
		return false;
	}

	/** Is what is returned a negative errno or an error pointer? */
	private isFailure(returned: number, assigned: ReadonlyMap<number, number>): boolean {
		const { frame, world } = this.scope;
		let expr = returned;
		if (expr >= 0 && frame.kind(expr) === ExprKind.Local) expr = assigned.get(frame.x(expr)) ?? NONE;
		if (expr < 0) return false;
		if (frame.kind(expr) === ExprKind.CallResult) {
			const target = calleeAt(world, frame, frame.x(expr));
			return isPrimitive(target) && primitiveAt(world, target).value?.gives === "err-ptr";
		}
		return (constantOf(world.program, frame.file, expr) ?? 0) < 0;
	}
}

/** Does a condition follow no pointer by `*`? What one leads to may be the caller's own variable: it knows it. */
function isOwn(frame: Frame, expr: number): boolean {
	switch (frame.kind(expr)) {
		case ExprKind.Deref:
			return false;
		case ExprKind.Unary:
		case ExprKind.Cast:
			return isOwn(frame, frame.y(expr));
		case ExprKind.Binary:
			return isOwn(frame, frame.y(expr)) && isOwn(frame, frame.z(expr));
		default:
			return true;
	}
}
