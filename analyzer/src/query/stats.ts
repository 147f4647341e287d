// Counts for `stats`: what was read, what was resolved, and how literal masks agree with the contexts found.

import { countLines } from "../base/lineIndex.js";
import type { Solved } from "../flow/solved.js";
import { Callee } from "../flow/world.js";
import { FN_SIZE, FnField, FnFlag, UNPARSED_SIZE } from "../ir/unit.js";
import { MaskCounter } from "../oracle/masks.js";
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
	program.eachUnit((unit) => {
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
	});
	const calls = { calls: 0, indirectCalls: 0, indirectResolved: 0 };
	const masks = new MaskCounter(solved, () => {});
	for (let fn = 0; fn < program.fnLimit; fn++) {
		if (!program.isLive(fn)) continue;
		solved.graph.eachSite(fn, (op, callee) => {
			calls.calls++;
			if (callee === Callee.Indirect) {
				calls.indirectCalls++;
				if (solved.contexts.isResolved(fn, op)) calls.indirectResolved++;
			}
			masks.count(fn, op, callee);
		});
	}
	return { ...counts, ...calls, longChains: solved.contexts.nTooLong, phases, oracle: masks.counts };
}
