// The scripts that measure a tree and compare with the last run: `npm run oracle` and `npm run bench`, on a tree of
// a few files. What they compare is tested by itself; figures are not judged.

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { OracleReport } from "@might-sleep/analyzer";
import { changedShares, compareContradictions } from "./harness/oracleDiff.js";
import { repositoryRoot } from "./harness/sourceFiles.js";
import { DRIVER, type Run, TempTree } from "./harness/tempTree.js";

function runScript(name: string, tree: TempTree, args: readonly string[], path = process.env.PATH): Promise<Run> {
	const script = join(repositoryRoot, "test/out/bench", `${name}.js`);
	return new Promise((resolve) => {
		const env = { ...process.env, XDG_CACHE_HOME: tree.cache, PATH: path };
		const child = spawn(process.execPath, [script, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
		const out = { stdout: "", stderr: "" };
		child.stdout.on("data", (chunk: Buffer) => {
			out.stdout += chunk.toString();
		});
		child.stderr.on("data", (chunk: Buffer) => {
			out.stderr += chunk.toString();
		});
		child.on("close", (status) => resolve({ status, ...out }));
	});
}

const WRONG = `struct port { spinlock_t lock; };

/**
 * wait_here - waits
 * Context: Any context.
 */
void wait_here(struct port *port)
{
	msleep(1);
}
`;
const RIGHT = WRONG.replace("Any context.", "Process context.");

test("the oracle lists what contradicts the source, and what is new and gone since the last run", async (t) => {
	const tree = new TempTree(t, { "a.c": WRONG, "b.c": RIGHT });
	const first = await runScript("oracle", tree, [tree.root]);
	equal(first.status, 0, first.stderr);
	match(first.stdout, /^GFP_ATOMIC {7}0 sites/m);
	match(first.stdout, /^what contradicts the source: 1$/m);
	match(first.stdout, /^a\.c:5: wait_here: Context: Any context\.$/m);
	match(first.stdout, /^no earlier run is stored$/m);
	tree.write("a.c", RIGHT);
	tree.write("b.c", WRONG);
	const second = await runScript("oracle", tree, [tree.root]);
	match(second.stdout, /contradictions: 1 new, 1 gone/);
	match(second.stdout, /^ {2}\+ b\.c:5: wait_here/m);
	match(second.stdout, /^ {2}- a\.c:5: wait_here/m);
	tree.write("a.c", WRONG);
	const third = await runScript("oracle", tree, [tree.root]);
	match(third.stdout, /^ {2}Context: contradict: 1 of 2, 50\.0 % → 2 of 2, 100\.0 % \(\+50\.0\)$/m);
});

test("the oracle's store is a file of one's own when it is named", async (t) => {
	const tree = new TempTree(t, { "a.c": WRONG });
	const store = tree.path("store.json");
	equal((await runScript("oracle", tree, [tree.root, "--store", store])).status, 0);
	ok(JSON.parse(readFileSync(store, "utf8")).oracle.statements.length > 0);
	ok(!existsSync(join(tree.cache, "might-sleep/reports")));
	tree.write("store.json", "{ half");
	match((await runScript("oracle", tree, [tree.root, "--store", store])).stdout, /no earlier run is stored/);
});

test("wrong usage is one message and status 2", async (t) => {
	const tree = new TempTree(t, { "a.c": DRIVER });
	const cases: readonly [string, readonly string[], RegExp][] = [
		["oracle", [], /^usage: npm run oracle -- TREE/],
		["oracle", [tree.path("nowhere")], /^no such folder/],
		["oracle", [tree.root, "--shop", "x"], /^unknown option '--shop'/],
		["oracle", [tree.root, "--store"], /^option '--store' needs a value/],
	];
	for (const [script, args, pattern] of cases) {
		const run = await runScript(script, tree, args);
		equal(run.status, 2, args.join(" "));
		match(run.stderr, pattern);
		equal(run.stdout, "");
	}
});

const EMPTY: OracleReport = {
	atomicSites: 0,
	atomicExplained: 0,
	kernelSites: 0,
	kernelReported: 0,
	kernelReportedBy: { high: 0, medium: 0, low: 0 },
	kernelReportedPer10000: 0,
	nofsSites: 0,
	nofsExplained: 0,
	noioSites: 0,
	noioExplained: 0,
	atomicUnexplained: [],
	nofsUnexplained: [],
	noioUnexplained: [],
	statements: [],
};

test("shares are compared in percentage points, contradictions without their lines", () => {
	const before = { ...EMPTY, atomicSites: 10, atomicExplained: 5 };
	deepEqual(changedShares(before, { ...before, atomicExplained: 4 }), [
		"GFP_ATOMIC explained: 5 of 10, 50.0 % → 4 of 10, 40.0 % (-10.0)",
	]);
	deepEqual(changedShares(before, before), []);
	const contradiction = {
		file: "a.c",
		line: 1,
		column: 1,
		function: "f",
		statement: "might_sleep()",
		inferred: "",
		chain: [],
		confidence: "high",
	} as const;
	const counts = {
		name: "might_sleep",
		stated: 1,
		checked: 1,
		agree: 0,
		contradict: 1,
		unknown: 0,
		unknownReasons: [],
	};
	const at = (...lines: readonly number[]): OracleReport => ({
		...EMPTY,
		statements: [{ ...counts, contradictions: lines.map((line) => ({ ...contradiction, line })) }],
	});
	const moved = compareContradictions(at(1), at(7));
	deepEqual([moved.added.length, moved.gone.length], [0, 0]);
	const again = compareContradictions(at(1), at(1, 2));
	deepEqual([again.added.map((one) => one.line), again.gone], [[2], []]);
});
