// might-sleep simulate --finding: a finding's own chains on the simulated machine, to the splat that it predicts.

import {
	type Finding,
	type FollowedPlan,
	linesText,
	type ReplayPlan,
	type SimConfig,
	type Snapshot,
	type Trace,
} from "@might-sleep/analyzer";
import { UsageError } from "./command.js";
import { splatsToJson } from "./json.js";
import { fileInRoot } from "./place.js";
import { solveTree } from "./solve.js";

export interface FindingRequest {
	readonly root: string;
	/** its id, or FILE:LINE */
	readonly which: string;
	readonly config: Partial<SimConfig>;
	readonly format: "text" | "json";
}

export interface Answer {
	readonly text: string;
	/** exit status */
	readonly status: number;
}

export async function replayFinding(command: string, request: FindingRequest): Promise<Answer> {
	const { root, which, config, format } = request;
	const place = /^(.+):(\d+)$/.exec(which);
	const file = place === null ? null : fileInRoot(command, root, place[1]!);
	const { snapshot, indexed } = await solveTree({ root, profile: "default", jobs: 0, cache: true });
	const meant = snapshot.findings.filter((finding) => {
		return place === null ? finding.id === which : finding.file === file && finding.line === Number(place[2]);
	});
	const { finding, plan } = steppable(command, which, snapshot, meant);
	const followed = indexed.analysis.simulator(config).follow(plan);
	const text = format === "json" ? json(finding, followed) : readable(finding, followed);
	return { text, status: (followed.trace?.splats.length ?? 0) > 0 ? 1 : 0 };
}

interface Steppable {
	readonly finding: Finding;
	readonly plan: ReplayPlan;
}

/** The first of the findings that has a chain to follow. */
function steppable(command: string, which: string, snapshot: Snapshot, meant: readonly Finding[]): Steppable {
	const [first] = meant;
	if (first === undefined) throw new UsageError(`${command}: there is no finding ${which}`);
	const able = meant.flatMap((finding): Steppable[] => {
		const plan = snapshot.replayPlan(finding.id);
		return plan === null ? [] : [{ finding, plan }];
	});
	const [taken, ...others] = able;
	if (taken === undefined) {
		const { rule, file, line } = first;
		throw new UsageError(
			`${command}: ${rule} at ${file}:${line} cannot be replayed: it predicts no splat, or a pointer is on its way`,
		);
	}
	for (const { finding } of others) {
		process.stderr.write(`might-sleep: ${which} is also ${finding.rule}; --finding ${finding.id} replays that\n`);
	}
	return taken;
}

function readable(finding: Finding, { end, trace }: FollowedPlan): string {
	const { file, line, column, severity, rule, message, id } = finding;
	const head = `${file}:${line}:${column}: ${severity}[${rule}]: ${message}\n    id ${id}\n`;
	return `${head}${trace === null ? "" : linesText(trace)}${endText(end, trace)}\n`;
}

function endText(end: FollowedPlan["end"], trace: Trace | null): string {
	if (end.kind === "replayed") return `the splat that the finding predicts, after ${trace?.steps ?? 0} steps`;
	const where = end.at === null ? "" : `${end.at.path}:${end.at.line}: `;
	return `not replayed: ${where}${end.obstacle}: ${end.text}`;
}

function json(finding: Finding, { end, trace }: FollowedPlan): string {
	const { id, rule, severity, confidence, file, line, column, message } = finding;
	const why =
		end.kind === "stuck"
			? {
					obstacle: end.obstacle,
					why: end.text,
					at: end.at === null ? null : { file: end.at.path, line: end.at.line, function: end.at.function },
				}
			: {};
	const report = {
		of: id,
		finding: { id, rule, severity, confidence, file, line, column, function: finding.function, message },
		isReplayed: end.kind === "replayed",
		...why,
		steps: trace?.steps ?? 0,
		splats: splatsToJson(trace?.splats ?? []),
		trace: trace?.lines ?? [],
	};
	return `${JSON.stringify(report, null, "\t")}\n`;
}
