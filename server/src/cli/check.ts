// might-sleep check: the findings of a tree, as text, JSON or SARIF.

import { realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { type Confidence, type Finding, ruleIds } from "@might-sleep/analyzer";
import { columnsOf } from "../host/columns.js";
import { isBelow, isFolder, kernelTreeAbove } from "../host/roots.js";
import type { Tree } from "../host/treeIndex.js";
import { applyBaseline } from "./baseline.js";
import {
	CONFIDENCES,
	type Command,
	choice,
	jobsOption,
	type ParsedArgs,
	PROFILES,
	readArgs,
	rootOption,
	UsageError,
} from "./command.js";
import { writeJson } from "./json.js";
import { nearest } from "./near.js";
import { packageVersion } from "./package.js";
import { resultOf } from "./result.js";
import { toSarif } from "./sarif.js";
import { statsOf } from "./statsData.js";
import { findingText, summaryText } from "./text.js";

const NAME = "check";

export const command: Command = {
	usage:
		"might-sleep check [--root TREE] [--format text|json|sarif] [--rule ID]... [--confidence high|medium|low] [--profile default|rt] [--baseline FILE] [--jobs N] [--no-cache] [PATH...]",
	run: check,
};

async function check(argv: readonly string[]): Promise<number> {
	const args = readArgs(NAME, argv, {
		root: { type: "string" },
		format: { type: "string" },
		rule: { type: "string", multiple: true },
		confidence: { type: "string" },
		profile: { type: "string" },
		baseline: { type: "string" },
		jobs: { type: "string" },
		"no-cache": { type: "boolean" },
	});
	const format = choice(NAME, args, "format", ["text", "json", "sarif"], "text");
	const profile = choice(NAME, args, "profile", PROFILES, "default");
	const confidence = choice(NAME, args, "confidence", CONFIDENCES, "medium");
	const rules = knownRules(args.list("rule"));
	const root = rootFor(args);
	const scopes = args.positionals.map((path) => pathInRoot(root, path));
	const jobs = jobsOption(NAME, args);
	const isForPeople = format === "text";
	const result = await resultOf({ root, profile, jobs, cache: !args.flag("no-cache") }, !isForPeople);
	const { tree } = result;
	sayExcluded(scopes, tree);
	const wanted = result.findings.filter((finding) => isWanted(finding, { rules, confidence, scopes }));
	const baseline = args.text("baseline");
	const judged = baseline === undefined ? judgeAll(wanted) : applyBaseline(baseline, wanted, result.findings);
	const findings = columnsOf(root, judged.findings);
	const write = (text: string) => process.stdout.write(text);
	const head = { tool: "might-sleep", version: packageVersion(), root: tree.root, profile };
	if (isForPeople) {
		for (const finding of findings) write(findingText(finding));
		if (judged.findings.length > 0) write(`${summaryText(judged.findings)}\n`);
	} else if (format === "json") {
		writeJson(write, { ...head, stats: statsOf(result) }, "findings", findings);
	} else {
		write(`${JSON.stringify(toSarif(head, [...findings]), null, "\t")}\n`);
	}
	return judged.isNew ? 1 : 0;
}

function judgeAll(findings: readonly Finding[]): { findings: readonly Finding[]; isNew: boolean } {
	return { findings, isNew: findings.length > 0 };
}

interface Wanted {
	readonly rules: ReadonlySet<string>;
	readonly confidence: Confidence;
	readonly scopes: readonly string[];
}

function isWanted(finding: Finding, wanted: Wanted): boolean {
	if (wanted.rules.size > 0 && !wanted.rules.has(finding.rule)) return false;
	if (CONFIDENCES.indexOf(finding.confidence) > CONFIDENCES.indexOf(wanted.confidence)) return false;
	if (finding.file.startsWith("/")) return false;
	return wanted.scopes.length === 0 || wanted.scopes.some((scope) => isInScope(finding.file, scope));
}

function isInScope(file: string, scope: string): boolean {
	return scope === "" || file === scope || file.startsWith(`${scope}/`);
}

function knownRules(ids: readonly string[]): ReadonlySet<string> {
	for (const id of ids) {
		if (ruleIds.includes(id)) continue;
		const near = nearest(id, ruleIds);
		throw new UsageError(`${NAME}: unknown rule '${id}'${near ? `; did you mean '${near}'?` : ""}`);
	}
	return new Set(ids);
}

/** Without --root, a PATH outside the working directory's tree brings its own tree. */
function rootFor(args: ParsedArgs): string {
	const root = rootOption(NAME, args);
	const first = args.positionals[0];
	if (args.text("root") !== undefined || first === undefined) return root;
	const path = existing(first);
	const realRoot = realpathSync(root);
	if (isBelow(path, realRoot) || isBelow(realRoot, path)) return root;
	const folder = isFolder(path) ? path : dirname(path);
	return kernelTreeAbove(folder) ?? folder;
}

function pathInRoot(root: string, path: string): string {
	const realRoot = realpathSync(root);
	const full = existing(path, root);
	if (!isBelow(full, realRoot)) throw new UsageError(`${NAME}: ${path} is not in the tree ${root}`);
	return relative(realRoot, full).split(sep).join("/");
}

/** A path as given from the working directory, or from the root when it is not there. */
function existing(path: string, root?: string): string {
	for (const base of root === undefined ? [process.cwd()] : [process.cwd(), root]) {
		try {
			return realpathSync(resolve(base, path));
		} catch {
			// the next base
		}
	}
	throw new UsageError(`${NAME}: no such file or folder: ${path}`);
}

function sayExcluded(scopes: readonly string[], { root, excluded, isBuilt }: Tree): void {
	for (const scope of scopes) {
		const top = scope.split("/")[0]!;
		const isAbsent = !isBuilt(isFolder(join(root, scope)) ? `${scope}/` : scope);
		if (!excluded.has(top) && !isAbsent) continue;
		const reason = isAbsent
			? `${scope}: no kernel with PREEMPT_RT is built from it`
			: `${top}/ holds programs, not kernel code: it is not analysed`;
		process.stderr.write(`might-sleep: ${reason}\n`);
	}
}
