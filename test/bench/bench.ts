// npm run bench -- TREE [--out FILE] [--rounds N] [--count N]: what a whole tree costs. In each of N (3) rounds a check
// with an empty cache, ctags on the same tree, and a check with the filled cache; then checks with 1, 2 and 4 jobs,
// and a language server with N (500) hovers and edits. The result is compared with the last one and kept. A slow
// figure is no failure; findings that depend on the cache or the jobs are.

import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { BENCH_SHAPE, type BenchResult, benchLines, median, type Runs } from "../harness/benchReport.js";
import { type Latency, measureLatency } from "../harness/latency.js";
import { type Cost, measureCommand } from "../harness/processTree.js";
import {
	countOption,
	readScriptArguments,
	readStored,
	runScript,
	ScriptError,
	storeFile,
	writeStored,
} from "../harness/script.js";
import { checkTree } from "../harness/wholeTree.js";

const USAGE = "npm run bench -- TREE [--out FILE] [--rounds N] [--count N]";
const JOBS = [1, 2, 4];

interface Check {
	readonly cost: Cost;
	/** the findings as they are printed */
	readonly findings: string;
	readonly nFindings: number;
	readonly stats: {
		readonly files: number;
		readonly lines: number;
		readonly bytes: number;
		readonly phases: readonly { readonly name: string; readonly ms: number }[];
	};
}

await runScript(async () => {
	const { tree, options } = readScriptArguments(USAGE, process.argv.slice(2), ["out", "rounds", "count"]);
	const rounds = countOption(USAGE, options, "rounds", 3);
	const count = countOption(USAGE, options, "count", 500);
	await requireCtags();
	const file = storeFile("bench", tree, options.get("out"));
	const before = readStored<BenchResult>(file, BENCH_SHAPE);
	const scratch = mkdtempSync(join(tmpdir(), "might-sleep-bench-"));
	try {
		const result = await measure(tree, scratch, rounds, count);
		process.stdout.write(`${benchLines(result, before).join("\n")}\n`);
		writeStored(file, result);
		process.stdout.write(`stored in ${file}\n`);
		if (result.differing.length > 0) process.exitCode = 1;
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
});

async function measure(tree: string, scratch: string, rounds: number, count: number): Promise<BenchResult> {
	const cold: Check[] = [];
	const warm: Check[] = [];
	const ctags: Cost[] = [];
	const cache = join(scratch, "cache");
	for (let round = 0; round < rounds; round++) {
		say(`round ${round + 1} of ${rounds}`);
		rmSync(cache, { recursive: true, force: true });
		cold.push(await check(tree, cache, []));
		ctags.push(await runCtags(tree, join(scratch, "tags")));
		warm.push(await check(tree, cache, []));
	}
	const cacheBytes = sizeOf(cache);
	const jobs: { jobs: number; run: Check }[] = [];
	for (const n of JOBS) {
		say(`${n} jobs`);
		jobs.push({ jobs: n, run: await check(tree, cache, ["--no-cache", "--jobs", String(n)]) });
	}
	say(`${count} hovers and edits`);
	const { latency, problem } = await tryLatency(tree, cache, count);
	const coldRuns = runsOf(cold.map((run) => run.cost));
	const middle = cold.find((run) => run.cost.ms >= coldRuns.medianMs) ?? cold[0]!;
	const { files, lines, bytes, phases } = middle.stats;
	return {
		shape: BENCH_SHAPE,
		tree,
		machine: { processors: availableParallelism(), model: cpus()[0]?.model ?? "unknown", node: process.versions.node },
		files,
		lines,
		bytes,
		cold: coldRuns,
		warm: runsOf(warm.map((run) => run.cost)),
		ctags: runsOf(ctags),
		phases: phases.map(({ name, ms }) => ({ name, ms })),
		jobs: jobs.map(({ jobs: n, run }) => ({ jobs: n, ms: Math.round(run.cost.ms) })),
		cacheBytes,
		latency,
		latencyProblem: problem,
		differing: differing(cold, warm, jobs),
		findings: middle.nFindings,
	};
}

async function check(tree: string, cache: string, options: readonly string[]): Promise<Check> {
	const cost = await checkTree(tree, options, { XDG_CACHE_HOME: cache });
	const { findings, stats } = JSON.parse(cost.stdout) as { findings: unknown[]; stats: Check["stats"] };
	const text = cost.stdout.slice(cost.stdout.lastIndexOf('\n\t"findings": ['));
	return { cost: { ...cost, stdout: "" }, findings: text, nFindings: findings.length, stats };
}

async function runCtags(tree: string, tags: string): Promise<Cost> {
	const cost = await measureCommand("ctags", ["-R", "--languages=C", "-f", tags, "."], { cwd: tree });
	if (cost.status !== 0) throw new ScriptError(`ctags failed: ${cost.stderr.trim().split("\n").at(-1)}`);
	return cost;
}

async function requireCtags(): Promise<void> {
	const version = await measureCommand("ctags", ["--version"]).catch(() => null);
	if (version?.status !== 0) throw new ScriptError("ctags is not there: install universal-ctags to compare with");
}

/** A server that does not answer in time costs its figures, not the others. */
async function tryLatency(
	tree: string,
	cache: string,
	count: number,
): Promise<{ latency: Latency | null; problem: string | null }> {
	try {
		const latency = await measureLatency(tree, count, { XDG_CACHE_HOME: cache });
		return { latency, problem: latency === null ? "the tree has no call to hover" : null };
	} catch (error) {
		return { latency: null, problem: (error as Error).message.split("\n")[0]! };
	}
}

function differing(cold: readonly Check[], warm: readonly Check[], jobs: readonly { jobs: number; run: Check }[]) {
	const named = [
		...cold.map((run, i) => ({ name: `cold ${i + 1}`, run })),
		...warm.map((run, i) => ({ name: `warm ${i + 1}`, run })),
		...jobs.map(({ jobs: n, run }) => ({ name: `${n} jobs`, run })),
	];
	return named.filter(({ run }) => run.findings !== cold[0]!.findings).map(({ name }) => name);
}

function runsOf(costs: readonly Cost[]): Runs {
	const ms = costs.map((cost) => Math.round(cost.ms));
	const peaks = costs.flatMap(({ peakBytes }) => (peakBytes === null ? [] : [peakBytes]));
	return { ms, medianMs: median(ms), peakBytes: peaks.length === 0 ? null : Math.max(...peaks) };
}

function sizeOf(folder: string): number {
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile());
	return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

function say(text: string): void {
	if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}
