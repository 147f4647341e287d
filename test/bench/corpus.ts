// npm run corpus -- TREE: what has become of the judged findings of test/corpus in this build: those that hold should
// still be reported, wrong ones not, or believed less.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { holds, type Judged, readCorpus } from "../harness/corpus.js";
import { COMMAND } from "../harness/lspClient.js";
import { readScriptArguments, runScript, ScriptError } from "../harness/script.js";

const USAGE = "npm run corpus -- TREE";
const CORPUS = join(fileURLToPath(new URL("../../corpus", import.meta.url)), "6.1.192.json");
const MAX_OUTPUT = 1 << 29;

await runScript(async () => {
	const { tree } = readScriptArguments(USAGE, process.argv.slice(2), []);
	const corpus = readCorpus(CORPUS);
	const confidences = await confidencesIn(tree);
	const now = (judged: Judged) => confidences.get(judged.id) ?? "not reported";
	for (const { about, judged } of corpus.samples) {
		const good = judged.filter(holds);
		const bad = judged.filter((one) => !holds(one));
		console.log(`${about}\n  held ${good.length} of ${judged.length} (${percent(good.length, judged.length)})`);
		console.log(`  of those that hold, now: ${tally(good.map(now))}`);
		console.log(`  of the others, now: ${tally(bad.map(now))}`);
		for (const one of good.filter((other) => now(other) !== "high")) print("lost", one, now(one));
		for (const one of bad.filter((other) => now(other) === "high")) print("still there", one, now(one));
	}
});

function print(what: string, { file, line, rule, reason }: Judged, now: string): void {
	console.log(`    ${what}: ${file}:${line} ${rule} (${now}): ${reason}`);
}

function percent(part: number, of: number): string {
	return `${((part / of) * 100).toFixed(1)} %`;
}

function tally(values: readonly string[]): string {
	const counts = new Map<string, number>();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return [...counts].map(([value, count]) => `${count} ${value}`).join(", ") || "none";
}

/** Confidence by finding, in the tree as it is checked now. */
async function confidencesIn(tree: string): Promise<Map<string, string>> {
	const args = [COMMAND, "check", "--root", tree, "--format", "json", "--confidence", "low"];
	const run = promisify(execFile)(process.execPath, args, { maxBuffer: MAX_OUTPUT });
	// Findings make the command exit with 1.
	const { stdout, code } = await run
		.catch((error: { stdout: string; code: number }) => error)
		.then((done) => ({
			stdout: done.stdout,
			code: "code" in done ? done.code : 0,
		}));
	if (code > 1) throw new ScriptError("might-sleep check failed");
	const { findings } = JSON.parse(stdout) as { findings: { id: string; confidence: string }[] };
	return new Map(findings.map(({ id, confidence }) => [id, confidence]));
}
