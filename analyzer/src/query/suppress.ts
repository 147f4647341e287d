// Suppression comments: `might-sleep: ignore[rule-id] reason` on the line of a finding or the line above.

import type { Finding } from "../api.js";
import { fingerprint } from "../base/hash.js";
import { placeOf } from "../base/lineIndex.js";
import type { Program } from "../ir/program.js";
import { SUPPRESSION_SIZE, SuppressionField, unitName } from "../ir/unit.js";
import { compareFindings } from "../rules/rule.js";

const RULE_UNUSED = "unused-suppression";

/** Findings that are not suppressed, and one for every suppression that suppresses nothing. */
export function applySuppressions(program: Program, findings: readonly Finding[]): Finding[] {
	const byPlace = new Map<string, { used: boolean; finding: Finding }>();
	for (const file of program.filesSuppressing()) {
		const unit = program.unit(file);
		for (let at = 0; at < unit.suppressions.length; at += SUPPRESSION_SIZE) {
			const rule = unitName(unit, unit.suppressions[at + SuppressionField.Rule]!);
			const start = placeOf(unit.lineLengths, unit.suppressions[at + SuppressionField.Start]!);
			const end = placeOf(unit.lineLengths, unit.suppressions[at + SuppressionField.End]!);
			const finding = unusedFinding(program.paths[file]!, rule, at / SUPPRESSION_SIZE, start, end);
			const entry = { used: false, finding };
			// It holds for its own last line and the line below.
			byPlace.set(`${program.paths[file]}:${end.line}:${rule}`, entry);
		}
	}
	if (byPlace.size === 0) return [...findings];
	const kept = findings.filter((finding) => {
		const entry =
			byPlace.get(`${finding.file}:${finding.line}:${finding.rule}`) ??
			byPlace.get(`${finding.file}:${finding.line - 1}:${finding.rule}`);
		if (entry !== undefined) entry.used = true;
		return entry === undefined;
	});
	for (const { used, finding } of byPlace.values()) if (!used) kept.push(finding);
	return kept.sort(compareFindings);
}

type LinePlace = { readonly line: number; readonly column: number };

function unusedFinding(file: string, rule: string, ordinal: number, start: LinePlace, end: LinePlace): Finding {
	return {
		id: fingerprint(`${RULE_UNUSED}|${file}|${rule}|${ordinal}`),
		rule: RULE_UNUSED,
		severity: "information",
		confidence: "high",
		file,
		...start,
		endLine: end.line,
		endColumn: end.column,
		function: "",
		message: `nothing is suppressed here: no ${rule} on this line or the next`,
		context: null,
		enter: [],
		sleep: [],
		related: [],
		fixes: [],
	};
}
