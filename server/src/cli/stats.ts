// might-sleep stats: what was read, how much of it was understood, what it cost, and the GFP oracle.

import type { OracleReport } from "@might-sleep/analyzer";
import { hostStats } from "../host/treeIndex.js";
import { type Command, choice, noPositionals, readArgs, rootOption } from "./command.js";
import { oracleLines } from "./oracleText.js";
import { packageVersion } from "./package.js";
import { solveTree } from "./solve.js";
import { type RunStats, statsOf } from "./statsData.js";

const NAME = "stats";

export const command: Command = {
	usage: "might-sleep stats [--root TREE] [--format text|json]",
	run: stats,
};

async function stats(argv: readonly string[]): Promise<number> {
	const args = readArgs(NAME, argv, { root: { type: "string" }, format: { type: "string" } });
	noPositionals(NAME, args);
	const format = choice(NAME, args, "format", ["text", "json"], "text");
	const root = rootOption(NAME, args);
	const { indexed, snapshot, stored } = await solveTree({ root, profile: "default", jobs: 0, cache: true });
	const { tree } = indexed;
	const host = hostStats(indexed, stored);
	const data = { ...statsOf({ tree, stats: snapshot.stats, host, problems: tree.problems }), oracle: snapshot.oracle };
	if (format === "json") {
		const head = { tool: "might-sleep", version: packageVersion(), root: tree.root, profile: "default" };
		process.stdout.write(`${JSON.stringify({ ...head, ...data }, null, "\t")}\n`);
	} else {
		process.stdout.write(statsText(tree.root, data));
	}
	return 0;
}

function statsText(root: string, data: RunStats & { readonly oracle: OracleReport }): string {
	const number = (value: number) => value.toLocaleString("en");
	const share = (part: number, whole: number) => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);
	const mega = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
	const excluded = Object.entries(data.excluded).map(([folder, count]) => `${folder}/ ${number(count)}`);
	const lines = [
		`${root}: Linux ${data.kernelVersion}, ${data.configured ? "configured" : "no configuration"}`,
		`files            ${number(data.files)} (${number(data.lines)} lines, ${mega(data.bytes)})`,
		`not analysed     ${excluded.join(", ") || "-"}; skipped ${number(data.skipped)}`,
		`functions        ${number(data.functions)}, function-like macros ${number(data.macros)}`,
		`calls            ${number(data.calls)}`,
		`indirect calls   ${number(data.indirectCalls)}, resolved ${share(data.indirectResolved, data.indirectCalls)}`,
		`long chains      ${number(data.longChains)} contexts not followed any farther`,
		`unparsed         ${number(data.unparsedSpans)} spans, ${share(data.unparsedBodyBytes, data.bodyBytes)} of the bodies' bytes`,
		`cache            ${number(data.cache.hits)} hits, ${number(data.cache.misses)} misses, ${mega(data.cache.bytes)}`,
		...oracleLines(data.oracle),
		`time             ${(data.ms / 1000).toFixed(1)} s, peak memory ${mega(data.peakBytes)}`,
	];
	for (const phase of data.phases) {
		lines.push(`  ${phase.name.padEnd(15)}${(phase.ms / 1000).toFixed(2).padStart(8)} s  ${mega(phase.peakBytes)}`);
	}
	return `${lines.join("\n")}\n`;
}
