// npm run oracle -- TREE [--store FILE]: the oracle report of a tree, with what has changed since the last stored
// run: shares with + and -, new and gone contradictions. The report is stored for the next run.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { OracleReport } from "@might-sleep/analyzer";
import { contradictionLines, oracleLines } from "@might-sleep/server/cli/oracleText";
import { COMMAND } from "../harness/lspClient.js";
import { changedShares, compareContradictions } from "../harness/oracleDiff.js";
import { readScriptArguments, readStored, runScript, ScriptError, storeFile, writeStored } from "../harness/script.js";

const USAGE = "npm run oracle -- TREE [--store FILE]";
/** version of the stored shape */
const SHAPE = 1;
const MAX_OUTPUT = 1 << 29;

interface Stored {
	readonly shape: number;
	readonly root: string;
	readonly oracle: OracleReport;
}

await runScript(async () => {
	const { tree, options } = readScriptArguments(USAGE, process.argv.slice(2), ["store"]);
	const file = storeFile("oracle", tree, options.get("store"));
	const before = readStored<Stored>(file, SHAPE);
	const oracle = await oracleOf(tree);
	print(oracleLines(oracle));
	const contradictions = compareContradictions(before?.oracle ?? null, oracle);
	print([`\nwhat contradicts the source: ${contradictions.all.length}`]);
	for (const contradiction of contradictions.all) print(contradictionLines(contradiction));
	print(before === null ? ["\nno earlier run is stored"] : changes(before.oracle, oracle));
	writeStored<Stored>(file, { shape: SHAPE, root: tree, oracle });
	print([`stored in ${file}`]);
});

function changes(before: OracleReport, after: OracleReport): string[] {
	const { added, gone } = compareContradictions(before, after);
	const shares = changedShares(before, after);
	return [
		"\nsince the last run:",
		...(shares.length > 0 ? shares.map((line) => `  ${line}`) : ["  the same shares"]),
		`  contradictions: ${added.length} new, ${gone.length} gone`,
		...added.flatMap((contradiction) => contradictionLines(contradiction).map((line) => `  + ${line}`)),
		...gone.flatMap((contradiction) => contradictionLines(contradiction).map((line) => `  - ${line}`)),
	];
}

async function oracleOf(tree: string): Promise<OracleReport> {
	const args = [COMMAND, "stats", "--root", tree, "--format", "json"];
	try {
		const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { maxBuffer: MAX_OUTPUT });
		process.stderr.write(stderr);
		return (JSON.parse(stdout) as { oracle: OracleReport }).oracle;
	} catch (error) {
		throw new ScriptError(`might-sleep stats failed: ${(error as Error).message.trim()}`);
	}
}

function print(lines: readonly string[]): void {
	process.stdout.write(`${lines.join("\n")}\n`);
}
