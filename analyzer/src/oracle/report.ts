// The oracle report of a solved program: literal masks with the reasons for what no context explains, and the
// agreement with what functions say of their own context.

import type { Solved } from "../flow/solved.js";
import { opPlace, placeAt } from "../flow/witness.js";
import { HeldByCallers } from "../statements/heldByCallers.js";
import { Judge, UNKNOWN_TEXTS, type Unknown } from "../statements/judge.js";
import { CONTEXT_LINE, type Statement, Statements } from "../statements/statements.js";
import { WaysIn } from "../statements/waysIn.js";
import { CALLS_FOR, MaskCounter, type MaskKind } from "./masks.js";
import { ReasonTally } from "./reasons.js";
import type { Agreement, Contradiction, OracleReport } from "./types.js";
import { UNEXPLAINED_TEXTS, type Unexplained, whyUnexplained } from "./unexplained.js";

export function collectOracle(solved: Solved): OracleReport {
	const ways = new WaysIn(solved);
	return { ...countMasks(solved, ways), statements: compareStatements(solved, ways) };
}

function countMasks(solved: Solved, ways: WaysIn): Omit<OracleReport, "statements"> {
	const { world, graph } = solved;
	const { program } = world;
	const tally = () => new ReasonTally<Unexplained>(UNEXPLAINED_TEXTS);
	const tallies: Readonly<Record<MaskKind, ReasonTally<Unexplained>>> = {
		atomic: tally(),
		nofs: tally(),
		noio: tally(),
	};
	const masks = new MaskCounter(solved, (kind, fn, op) => {
		const why = whyUnexplained(solved, ways, fn, op, CALLS_FOR[kind]);
		tallies[kind].add(why, () => opPlace(world, fn, op), program.fnName(fn));
	});
	for (let fn = 0; fn < program.fnLimit; fn++) {
		if (program.isLive(fn)) graph.eachSite(fn, (op, callee) => masks.count(fn, op, callee));
		if (fn % 8192 === 0) world.checkpoint();
	}
	const { counts } = masks;
	const per10000 = counts.kernelSites === 0 ? 0 : (10_000 * counts.kernelReported) / counts.kernelSites;
	return {
		...counts,
		kernelReportedPer10000: Math.round(10 * per10000) / 10,
		atomicUnexplained: tallies.atomic.counts(),
		nofsUnexplained: tallies.nofs.counts(),
		noioUnexplained: tallies.noio.counts(),
	};
}

/** One kind of statement while it is counted. */
interface Counting {
	stated: number;
	agree: number;
	contradict: number;
	unknown: number;
	readonly reasons: ReasonTally<Unknown>;
	readonly contradictions: Contradiction[];
}

function compareStatements(solved: Solved, ways: WaysIn): Agreement[] {
	const holders = new HeldByCallers(solved, ways);
	const judge = new Judge(solved, holders);
	const byName = new Map<string, Counting>();
	for (const statement of new Statements(solved, holders).all()) {
		const known = byName.get(statement.name) ?? newCounting();
		byName.set(statement.name, known);
		count(solved, judge, statement, known);
		solved.world.checkpoint();
	}
	const names = [...byName.keys()].sort((a, b) => {
		return Number(b === CONTEXT_LINE) - Number(a === CONTEXT_LINE) || (a < b ? -1 : 1);
	});
	return names.map((name) => toAgreement(name, byName.get(name)!));
}

function newCounting(): Counting {
	const reasons = new ReasonTally<Unknown>(UNKNOWN_TEXTS);
	return { stated: 0, agree: 0, contradict: 0, unknown: 0, reasons, contradictions: [] };
}

function count(solved: Solved, judge: Judge, statement: Statement, counting: Counting): void {
	counting.stated++;
	if (statement.facts.length === 0) return;
	const verdict = judge.judge(statement);
	counting[verdict.is]++;
	const name = solved.world.program.fnName(statement.fn);
	const place = () => placeAt(solved.world, statement.file, statement.offset);
	if (verdict.is === "unknown") counting.reasons.add(verdict.why, place, name);
	else if (verdict.is === "contradict") {
		const { inferred, chain, confidence } = verdict;
		counting.contradictions.push({
			...place(),
			function: name,
			statement: statement.text,
			inferred,
			chain,
			confidence,
		});
	}
}

function toAgreement(name: string, counting: Counting): Agreement {
	const { stated, agree, contradict, unknown, reasons } = counting;
	const contradictions = counting.contradictions.sort((a, b) => {
		return a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;
	});
	const checked = agree + contradict + unknown;
	return { name, stated, checked, agree, contradict, unknown, unknownReasons: reasons.counts(), contradictions };
}
