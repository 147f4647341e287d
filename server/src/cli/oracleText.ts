// The oracle report as text: shares, the reasons for what is not explained, the agreement with what functions say.

import type { Agreement, Contradiction, OracleReport, ReasonCount } from "@might-sleep/analyzer";

const MAX_REASONS = 8;
const NAME_WIDTH = 38;

/** The lines of the report, without its contradictions. */
export function oracleLines(oracle: OracleReport): string[] {
	const { high, medium, low } = oracle.kernelReportedBy;
	const kernel = `${number(oracle.kernelReported)} (${oracle.kernelReportedPer10000} per 10,000; high ${number(high)}, medium ${number(medium)}, low ${number(low)})`;
	return [
		maskLine("GFP_ATOMIC", "atomic on some path", oracle.atomicExplained, oracle.atomicSites),
		...reasonLines(oracle.atomicUnexplained),
		`${"GFP_KERNEL".padEnd(17)}${number(oracle.kernelSites)} sites, reported ${kernel}`,
		maskLine("GFP_NOFS", "explained", oracle.nofsExplained, oracle.nofsSites),
		...reasonLines(oracle.nofsUnexplained),
		maskLine("GFP_NOIO", "explained", oracle.noioExplained, oracle.noioSites),
		...reasonLines(oracle.noioUnexplained),
		...statementLines(oracle.statements),
	];
}

/** A contradiction with its chain. */
export function contradictionLines(contradiction: Contradiction): string[] {
	const { file, line, statement, inferred, chain, confidence } = contradiction;
	return [
		`${file}:${line}: ${contradiction.function}: ${statement}`,
		`    ${inferred} (${confidence})`,
		...chain.map((step) => `      ${step.file}:${step.line}: ${step.function}: ${step.note}`),
	];
}

function maskLine(name: string, what: string, part: number, whole: number): string {
	return `${name.padEnd(17)}${number(whole)} sites, ${what} ${share(part, whole)}`;
}

function reasonLines(reasons: readonly ReasonCount[]): string[] {
	const shown = reasons.slice(0, MAX_REASONS).map(({ count, text, examples }) => {
		const [first] = examples;
		const example = first === undefined ? "" : ` (${first.file}:${first.line})`;
		return `  ${number(count).padStart(6)} ${text}${example}`;
	});
	const rest = reasons.slice(MAX_REASONS).reduce((sum, reason) => sum + reason.count, 0);
	return rest === 0 ? shown : [...shown, `  ${number(rest).padStart(6)} for other reasons`];
}

function statementLines(statements: readonly Agreement[]): string[] {
	const columns = ["stated", "checked", "agree", "contradict", "unknown"] as const;
	const cell = (text: string) => text.padStart(11);
	const head = `${"what functions say".padEnd(NAME_WIDTH)}${columns.map((column) => cell(column)).join("")}`;
	const rows = statements.map((agreement) => {
		return agreement.name.padEnd(NAME_WIDTH) + columns.map((column) => cell(number(agreement[column]))).join("");
	});
	return statements.length === 0
		? []
		: [head, ...rows.map((row) => `  ${row.slice(0, NAME_WIDTH - 2)}${row.slice(NAME_WIDTH)}`)];
}

function number(value: number): string {
	return value.toLocaleString("en");
}

function share(part: number, whole: number): string {
	return whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;
}
