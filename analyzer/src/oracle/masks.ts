// Literal GFP masks against the contexts found: does the analysis know why each is what it is?

import { CONFIDENCES } from "../api.js";
import { Ac, forbidsSleep } from "../flow/context.js";
import { Need } from "../flow/need.js";
import type { Solved } from "../flow/solved.js";
import { gfpArgument, isLiteralMask } from "../flow/violations.js";
import { isPrimitive, primitiveAt } from "../flow/world.js";
import { constantOf } from "../ir/consts.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import type { MaskCounts } from "./types.js";

export type MaskKind = "atomic" | "noio" | "nofs";

/** Is a context a reason for such a mask? */
export const CALLS_FOR: Readonly<Record<MaskKind, (ac: number) => boolean>> = {
	atomic: forbidsSleep,
	noio: (ac) => (ac & (Ac.NoIo | Ac.MemAlloc)) !== 0,
	nofs: (ac) => (ac & (Ac.NoFs | Ac.MemAlloc)) !== 0,
};

/** What a path that reclaim may wait for must need to be a reason for such a mask. */
const ANSWERS: Readonly<Record<MaskKind, Need>> = { atomic: Need.NoReclaim, noio: Need.NoIo, nofs: Need.NoFs };

/** Counts call sites as they come, and hands on those whose mask no context explains. */
export class MaskCounter {
	readonly counts = {
		atomicSites: 0,
		atomicExplained: 0,
		kernelSites: 0,
		kernelReported: 0,
		kernelReportedBy: { high: 0, medium: 0, low: 0 },
		nofsSites: 0,
		nofsExplained: 0,
		noioSites: 0,
		noioExplained: 0,
	} satisfies MaskCounts;
	/** the best doubt of a violation of the allocation, by function and op */
	private readonly reported = new Map<string, number>();

	constructor(
		private readonly solved: Solved,
		private readonly onUnexplained: (kind: MaskKind, fn: FnId, op: number) => void,
	) {
		for (const { isAllocation, fn, op, doubt } of solved.violations) {
			const key = `${fn}/${op}`;
			if (isAllocation) this.reported.set(key, Math.min(doubt, this.reported.get(key) ?? doubt));
		}
	}

	count(fn: FnId, op: number, callee: number): void {
		if (!isPrimitive(callee)) return;
		const { world } = this.solved;
		const primitive = primitiveAt(world, callee);
		if (primitive.alloc === undefined || primitive.alloc.gfp < 0) return;
		const mask = gfpArgument(world, fn, op, primitive);
		if (mask === NONE || !isLiteralMask(world, fn, mask)) return;
		const bits = constantOf(world.program, world.program.fnFile(fn), mask);
		if (bits === undefined) return;
		const { directReclaim, io, fs } = world.gfp;
		if ((bits & directReclaim) === 0) this.countKind("atomic", fn, op);
		else if ((bits & io) === 0) this.countKind("noio", fn, op);
		else if ((bits & fs) === 0) this.countKind("nofs", fn, op);
		else this.countKernel(this.reported.get(`${fn}/${op}`));
	}

	private countKernel(doubt: number | undefined): void {
		this.counts.kernelSites++;
		if (doubt === undefined) return;
		this.counts.kernelReported++;
		this.counts.kernelReportedBy[CONFIDENCES[doubt]!]++;
	}

	private countKind(kind: MaskKind, fn: FnId, op: number): void {
		this.counts[`${kind}Sites`]++;
		if (this.isReached(fn, op, CALLS_FOR[kind]) || this.isOnPath(fn, op, ANSWERS[kind]))
			this.counts[`${kind}Explained`]++;
		else this.onUnexplained(kind, fn, op);
	}

	/** Does a path lead to the call on which reclaim must do as little? */
	private isOnPath(fn: FnId, op: number, need: Need): boolean {
		const { contexts, reclaim } = this.solved;
		for (let path = reclaim.first(fn); path !== NONE; path = reclaim.next(path)) {
			if (contexts.statesOf(fn, op).some((state) => reclaim.needAt(path, state) >= need)) return true;
		}
		return false;
	}

	private isReached(fn: FnId, op: number, holds: (ac: number) => boolean): boolean {
		const { contexts } = this.solved;
		for (let record = contexts.first(fn); record !== NONE; record = contexts.next(record)) {
			for (const state of contexts.statesOf(fn, op)) {
				const ac = contexts.contextAt(record, state);
				if (ac !== NONE && holds(ac)) return true;
			}
		}
		return false;
	}
}
