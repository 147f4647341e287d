// Findings as SARIF 2.1.0: the two chains are code flows, the fixes are replacements.

import { pathToFileURL } from "node:url";
import type { Edit, Finding, Range, Step } from "@might-sleep/analyzer";
import { ruleHref } from "../lsp/ruleHref.js";

const LEVELS = { error: "error", warning: "warning", information: "note", hint: "note" } as const;

export function toSarif(head: { version: string; root: string }, findings: readonly Finding[]): object {
	const rules = [...new Set(findings.map((finding) => finding.rule))].sort();
	return {
		$schema: "https://json.schemastore.org/sarif-2.1.0.json",
		version: "2.1.0",
		runs: [
			{
				tool: {
					driver: {
						name: "might-sleep",
						semanticVersion: head.version,
						rules: rules.map((id) => ({ id, helpUri: ruleHref(id) })),
					},
				},
				columnKind: "utf16CodeUnits",
				originalUriBaseIds: { ROOT: { uri: `${pathToFileURL(head.root).href}/` } },
				results: findings.map((finding) => resultOf(finding, rules)),
			},
		],
	};
}

function resultOf(finding: Finding, rules: readonly string[]): object {
	const flows = [finding.enter, finding.sleep].filter((chain) => chain.length > 0);
	return {
		ruleId: finding.rule,
		ruleIndex: rules.indexOf(finding.rule),
		level: LEVELS[finding.severity],
		message: { text: finding.message },
		locations: [
			{ ...location(finding.file, region(finding)), logicalLocations: [{ name: finding.function, kind: "function" }] },
		],
		partialFingerprints: { "mightSleep/v1": finding.id },
		properties: { confidence: finding.confidence },
		codeFlows: flows.map((chain) => ({
			threadFlows: [{ locations: chain.map((step) => ({ location: stepLocation(step) })) }],
		})),
		relatedLocations: finding.related.map(stepLocation),
		fixes: finding.fixes.map((fix) => ({
			description: { text: fix.title },
			artifactChanges: changesOf(fix.edits),
		})),
	};
}

function changesOf(edits: readonly Edit[]): object[] {
	const files = [...new Set(edits.map((edit) => edit.file))];
	return files.map((file) => ({
		artifactLocation: artifact(file),
		replacements: edits
			.filter((edit) => edit.file === file)
			.map((edit) => ({ deletedRegion: region(edit), insertedContent: { text: edit.newText } })),
	}));
}

function stepLocation(step: Step): object {
	const at = { startLine: step.line, startColumn: step.column };
	return { ...location(step.file, at), message: { text: `${step.function}: ${step.note}` } };
}

function location(file: string, at: object): object {
	return { physicalLocation: { artifactLocation: artifact(file), region: at } };
}

function artifact(file: string): object {
	return file.startsWith("/") ? { uri: pathToFileURL(file).href } : { uri: encodeURI(file), uriBaseId: "ROOT" };
}

function region(range: Range): object {
	return {
		startLine: range.line,
		startColumn: range.column,
		endLine: range.endLine,
		endColumn: range.endColumn,
	};
}
