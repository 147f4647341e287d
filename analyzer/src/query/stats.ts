// Counts for `stats`: what was read, what was resolved, and how literal masks agree with the contexts found.

import { countLines } from "../base/lineIndex.js";
import { Ac, forbidsSleep } from "../flow/context.js";
import type { Solved } from "../flow/solved.js";
import { gfpArgument, isLiteralMask } from "../flow/violations.js";
import { Callee, isPrimitive, primitiveAt } from "../flow/world.js";
import { constantOf } from "../ir/consts.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FN_SIZE, FnField, FnFlag, UNPARSED_SIZE } from "../ir/unit.js";
import type { AnalysisStats } from "./types.js";

export function collectStats(solved: Solved, phases: AnalysisStats["phases"]): AnalysisStats {
	const { program } = solved.world;
	const counts = {
		files: 0,
		lines: 0,
		bytes: 0,
		functions: 0,
		macros: 0,
		unparsedSpans: 0,
		unparsedBodyBytes: 0,
		bodyBytes: 0,
	};
	for (const unit of program.units) {
		if (unit === undefined) continue;
		counts.files++;
		counts.lines += countLines(unit.lineLengths);
		counts.bytes += unit.byteLength;
		counts.unparsedSpans += unit.unparsed.length / UNPARSED_SIZE;
		counts.unparsedBodyBytes += unit.unparsedBodyBytes;
		for (let at = 0; at < unit.fns.length; at += FN_SIZE) {
			if ((unit.fns[at + FnField.Flags]! & FnFlag.Macro) !== 0) counts.macros++;
			else {
				counts.functions++;
				counts.bodyBytes += Math.max(0, unit.fns[at + FnField.BodyEnd]! - unit.fns[at + FnField.BodyStart]!);
			}
		}
	}
	const calls = { calls: 0, indirectCalls: 0, indirectResolved: 0 };
	const oracle = new Oracle(solved);
	for (let fn = 0; fn < program.fnLimit; fn++) {
		if (!program.isLive(fn)) continue;
		solved.graph.eachSite(fn, (op, callee) => {
			calls.calls++;
			if (callee === Callee.Indirect) {
				calls.indirectCalls++;
				if (solved.contexts.isResolved(fn, op)) calls.indirectResolved++;
			}
			oracle.count(fn, op, callee);
		});
	}
	return { ...counts, ...calls, longChains: solved.contexts.nTooLong, phases, oracle: oracle.counts };
}

/** Literal masks against contexts: does the analysis know why each is what it is? */
class Oracle {
	readonly counts = {
		atomicSites: 0,
		atomicExplained: 0,
		kernelSites: 0,
		kernelReported: 0,
		nofsSites: 0,
		nofsExplained: 0,
		noioSites: 0,
		noioExplained: 0,
	};
	private readonly reported: ReadonlySet<string>;

	constructor(private readonly solved: Solved) {
		this.reported = new Set(solved.violations.filter((v) => v.isAllocation).map((v) => `${v.fn}/${v.op}`));
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
		if ((bits & directReclaim) === 0) {
			this.counts.atomicSites++;
			if (this.isReached(fn, op, (ac) => forbidsSleep(ac))) this.counts.atomicExplained++;
		} else if ((bits & io) === 0) {
			this.counts.noioSites++;
			if (this.isReached(fn, op, (ac) => (ac & (Ac.NoIo | Ac.MemAlloc | Ac.Frozen)) !== 0)) this.counts.noioExplained++;
		} else if ((bits & fs) === 0) {
			this.counts.nofsSites++;
			if (this.isReached(fn, op, (ac) => (ac & (Ac.NoFs | Ac.MemAlloc)) !== 0)) this.counts.nofsExplained++;
		} else {
			this.counts.kernelSites++;
			if (this.reported.has(`${fn}/${op}`)) this.counts.kernelReported++;
		}
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
