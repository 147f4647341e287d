// The other arm of a branch: code that sleeps in one arm and spins in the other, or drops its caller's lock in one arm,
// chooses by what it knows of its context, whatever field it asks.

import { NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import type { CallGraph } from "./callGraph.js";
import { CallMap } from "./callMap.js";
import { MaySleep } from "./summary.js";
import { Callee, isPrimitive, primitiveAt, summaryOf, type World } from "./world.js";

const MAX_OPS = 1 << 20;

export class Arms {
	private readonly known = new CallMap<boolean>();
	private readonly releasing = new CallMap<boolean>();

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
	) {}

	/**
	 * Does a branch around the op have another arm that spins where this one sleeps: waits busily, or, when the op takes
	 * a sleeping lock, takes a spinning one?
	 */
	hasSpinningArm(fn: FnId, op: number): boolean {
		return this.known.get(fn, op) ?? this.known.add(fn, op, this.findSpinningArm(fn, op));
	}

	/**
	 * Does a branch around the op have another arm in which the same function is called with a lock of the caller's
	 * released? Then who holds that lock is meant to come by there.
	 */
	hasReleasingArm(fn: FnId, op: number): boolean {
		return this.releasing.get(fn, op) ?? this.releasing.add(fn, op, this.findReleasingArm(fn, op));
	}

	private findReleasingArm(fn: FnId, op: number): boolean {
		const { kinds } = this.world;
		const { ops, states } = summaryOf(this.world, fn).calls;
		const isReleased = (at: number) =>
			states[at]!.length > 0 &&
			states[at]!.every(({ ctx }) => ctx.gone.some(({ kind }) => kinds.isLock[kind])) &&
			ops[at] !== op;
		const released = ops.filter((_, at) => isReleased(at));
		if (released.length === 0) return false;
		const called = this.calleeAt(fn, op);
		const same = called < 0 ? [] : released.filter((at) => this.calleeAt(fn, at) === called);
		return same.length > 0 && this.hasArm(fn, op, (from, to) => same.some((at) => at >= from && at < to));
	}

	private findSpinningArm(fn: FnId, op: number): boolean {
		const takesLock = this.isAcquisition(this.calleeAt(fn, op), false);
		return this.hasArm(
			fn,
			op,
			(from, to) =>
				(takesLock && this.some(fn, from, to, (callee) => this.isAcquisition(callee, true))) ||
				this.some(fn, from, to, (callee) => this.waitsBusily(callee)),
		);
	}

	/** Does a branch around the op have another arm, from op to op, that is such a one? */
	private hasArm(fn: FnId, op: number, test: (from: number, to: number) => boolean): boolean {
		const { program } = this.world;
		const { ops } = program.unit(program.fnFile(fn));
		const base = program.fnField(fn, FnField.OpStart);
		const code = (at: number): Op => ops[(base + at) * OP_SIZE]! & 255;
		const field = (at: number, which: OpField): number => ops[(base + at) * OP_SIZE + which]!;
		for (let branch = 0; branch < op; branch++) {
			if (code(branch) !== Op.Branch) continue;
			const middle = field(branch, OpField.B);
			if (middle <= branch + 1) continue;
			const ending = code(middle - 1);
			const leaves = ending === Op.Return || ending === Op.Unreachable;
			const end = ending === Op.Jump ? field(middle - 1, OpField.A) : leaves ? MAX_OPS : NONE;
			if (end <= middle) continue;
			if (op < middle && !leaves && test(middle, end)) return true;
			if (op >= middle && op < end && test(branch, middle)) return true;
		}
		return false;
	}

	private calleeAt(fn: FnId, op: number): number {
		let found: number = Callee.Unknown;
		this.graph.eachSite(fn, (at, callee) => {
			if (at === op) found = callee;
		});
		return found;
	}

	/** Is any call in [from, to) such a one? */
	private some(fn: FnId, from: number, to: number, test: (callee: number) => boolean): boolean {
		let found = false;
		this.graph.eachSite(fn, (op, callee) => {
			if (!found && op >= from && op < to) found = test(callee);
		});
		return found;
	}

	/** Does the primitive take a lock that spins, or that does not? */
	private isAcquisition(callee: number, spins: boolean): boolean {
		const lock = isPrimitive(callee) ? primitiveAt(this.world, callee).lock : undefined;
		return (
			lock !== undefined &&
			lock.does !== "release" &&
			this.world.kinds.spins[this.world.kinds.lock(lock.lock)] === spins
		);
	}

	/** Does a call wait without sleeping: a primitive, or a function that calls one and does not sleep? */
	private waitsBusily(callee: number): boolean {
		if (isPrimitive(callee)) return primitiveAt(this.world, callee).neutral?.busy === true;
		if (callee < 0 || summaryOf(this.world, callee).maySleep !== MaySleep.No) return false;
		return this.some(callee, 0, MAX_OPS, (inner) => isPrimitive(inner) && this.waitsBusily(inner));
	}
}
