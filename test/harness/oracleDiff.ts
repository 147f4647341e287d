// What changed between two oracle reports: shares, and contradictions that are the same wherever their line is.

import type { Contradiction, OracleReport } from "@might-sleep/analyzer";

export interface ContradictionDiff {
	/** of the later report, in its order */
	readonly all: readonly Contradiction[];
	readonly added: readonly Contradiction[];
	readonly gone: readonly Contradiction[];
}

/** New and gone contradictions; with nothing before, none is new. */
export function compareContradictions(before: OracleReport | null, after: OracleReport): ContradictionDiff {
	const all = contradictionsOf(after);
	if (before === null) return { all, added: [], gone: [] };
	const earlier = contradictionsOf(before);
	return { all, added: without(all, earlier), gone: without(earlier, all) };
}

/** One line for each share or count that is not the same: `name: before → after (+change)`. */
export function changedShares(before: OracleReport, after: OracleReport): string[] {
	const old = shares(before);
	return [...shares(after)].flatMap(([name, share]) => {
		const was = old.get(name);
		if (was === undefined) return [`${name}: ${share.text} (new)`];
		if (was.text === share.text) return [];
		const change = share.value - was.value;
		const sign = change < 0 ? "-" : "+";
		return [`${name}: ${was.text} → ${share.text} (${sign}${Math.abs(change).toFixed(1)})`];
	});
}

interface Share {
	readonly value: number;
	readonly text: string;
}

function shares(report: OracleReport): Map<string, Share> {
	const found = new Map<string, Share>();
	const add = (name: string, part: number, whole: number) => {
		const value = whole === 0 ? 0 : (100 * part) / whole;
		found.set(name, { value, text: `${part} of ${whole}, ${value.toFixed(1)} %` });
	};
	add("GFP_ATOMIC explained", report.atomicExplained, report.atomicSites);
	add("GFP_NOFS explained", report.nofsExplained, report.nofsSites);
	add("GFP_NOIO explained", report.noioExplained, report.noioSites);
	const { kernelReportedPer10000 } = report;
	found.set("GFP_KERNEL reported", { value: kernelReportedPer10000, text: `${kernelReportedPer10000} per 10,000` });
	for (const { name, agree, contradict, checked } of report.statements) {
		add(`${name} agree`, agree, checked);
		add(`${name} contradict`, contradict, checked);
	}
	return found;
}

function contradictionsOf(report: OracleReport): Contradiction[] {
	return report.statements.flatMap((statement) => statement.contradictions);
}

/** Those of `all` that `others` does not have; the same words said twice in a function count twice. */
function without(all: readonly Contradiction[], others: readonly Contradiction[]): Contradiction[] {
	const left = new Map<string, number>();
	for (const other of others) left.set(keyOf(other), (left.get(keyOf(other)) ?? 0) + 1);
	return all.filter((contradiction) => {
		const count = left.get(keyOf(contradiction)) ?? 0;
		left.set(keyOf(contradiction), count - 1);
		return count <= 0;
	});
}

function keyOf({ file, function: name, statement }: Contradiction): string {
	return `${file}\0${name}\0${statement}`;
}
