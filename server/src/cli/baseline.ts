// The baseline file: findings that are known. They are reported as hints and do not count; what is no
// longer found leaves the file, which so shrinks by itself and never grows. A file that is not there yet is
// written with all there is.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Finding } from "@might-sleep/analyzer";
import { UsageError } from "./command.js";

interface Known {
	readonly id: string;
	readonly rule: string;
	readonly file: string;
	readonly function: string;
}

interface Baseline {
	readonly tool: "might-sleep";
	readonly findings: readonly Known[];
}

/** `all` are the findings of the whole tree, whatever part of them was asked for. */
export function applyBaseline(
	path: string,
	wanted: readonly Finding[],
	all: readonly Finding[],
): { findings: readonly Finding[]; isNew: boolean } {
	const before = existsSync(path) ? read(path) : null;
	const present = new Set(all.map((finding) => finding.id));
	const known = before === null ? wanted.map(entryOf) : before.filter((entry) => present.has(entry.id));
	if (before === null || known.length < before.length) write(path, known);
	const ids = new Set(known.map((entry) => entry.id));
	const findings = wanted.map((finding) => (ids.has(finding.id) ? { ...finding, severity: "hint" as const } : finding));
	return { findings, isNew: wanted.some((finding) => !ids.has(finding.id)) };
}

function entryOf(finding: Finding): Known {
	return { id: finding.id, rule: finding.rule, file: finding.file, function: finding.function };
}

function read(path: string): readonly Known[] {
	let value: Partial<Baseline> | null;
	try {
		value = JSON.parse(readFileSync(path, "utf8")) as Partial<Baseline> | null;
	} catch (error) {
		throw new UsageError(`check: cannot read the baseline ${path}: ${(error as Error).message}`);
	}
	const entries = value?.findings;
	if (value?.tool !== "might-sleep" || !Array.isArray(entries) || !entries.every((e) => typeof e?.id === "string")) {
		throw new UsageError(`check: ${path} is not a baseline of might-sleep`);
	}
	return entries;
}

function write(path: string, findings: readonly Known[]): void {
	const baseline: Baseline = { tool: "might-sleep", findings };
	const temporary = `${path}.${process.pid}.tmp`;
	try {
		writeFileSync(temporary, `${JSON.stringify(baseline, null, "\t")}\n`);
		renameSync(temporary, path);
	} catch (error) {
		throw new UsageError(`check: cannot write the baseline ${path}: ${(error as Error).message}`);
	}
}
