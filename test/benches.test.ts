// The scripts that measure a tree and compare with the last run: `npm run oracle` and `npm run bench`, and the one that
// walks runs in the debugger, on a tree of a few files. What they compare is tested by itself; figures are not judged.

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { OracleReport } from "@might-sleep/analyzer";
import { BENCH_SHAPE, type BenchResult, benchLines, median } from "./harness/benchReport.js";
import { type FixTrial, fixLines, kindOfFix } from "./harness/fixReport.js";
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
		["bench", [tree.root, "--rounds", "none"], /^--rounds must be a number/],
		["latency", [], /^usage: npm run bench:latency/],
	];
	for (const [script, args, pattern] of cases) {
		const run = await runScript(script, tree, args);
		equal(run.status, 2, args.join(" "));
		match(run.stderr, pattern);
		equal(run.stdout, "");
	}
});

test("the bench measures, compares with the last result, and finds the same cold, warm and with other jobs", async (t) => {
	const tree = new TempTree(t, { "drivers/port.c": DRIVER });
	const out = tree.path("bench.json");
	const ctags = fakeCtags(tree, "#!/bin/sh\nexit 0\n");
	const args = [tree.root, "--out", out, "--rounds", "1", "--count", "2"];
	const first = await runScript("bench", tree, args, ctags);
	equal(first.status, 0, first.stderr);
	match(first.stdout, /^check, cold +\d+\.\d\d s$/m);
	match(first.stdout, /^check, cold, against ctags +\d+\.\d\d times$/m);
	match(first.stdout, /^hover, p95 +\d+\.\d ms$/m);
	match(first.stdout, /^findings: 1, byte for byte the same cold, warm, and with 1, 2, 4 jobs$/m);
	const result = JSON.parse(readFileSync(out, "utf8")) as BenchResult;
	ok(result.cold.peakBytes !== null && result.cold.peakBytes > 10e6);
	ok(result.cacheBytes > 0 && result.latency !== null && result.phases.length > 2);
	const second = await runScript("bench", tree, args, ctags);
	match(second.stdout, /^check, cold +\d+\.\d\d s +\(was \d+\.\d\d, [+-]\d+\.\d %\)$/m);
});

test("the bench says clearly that ctags is not there, or fails", async (t) => {
	const tree = new TempTree(t, { "drivers/port.c": DRIVER });
	const missing = await runScript("bench", tree, [tree.root], tree.path("nowhere"));
	equal(missing.status, 2);
	match(missing.stderr, /^ctags is not there/);
	const failing = fakeCtags(tree, '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho no room >&2\nexit 1\n');
	const failed = await runScript("bench", tree, [tree.root, "--rounds", "1"], failing);
	equal(failed.status, 2);
	match(failed.stderr, /^ctags failed: no room/);
});

/** A PATH on which ctags is this script. */
function fakeCtags(tree: TempTree, script: string): string {
	tree.write("bin/ctags", script);
	chmodSync(tree.path("bin/ctags"), 0o755);
	return `${tree.path("bin")}:${process.env.PATH}`;
}

test("findings that differ are named, a changed figure comes with its percentage", () => {
	const runs = { ms: [2000], medianMs: 2000, peakBytes: null };
	const result: BenchResult = {
		shape: BENCH_SHAPE,
		tree: "/t",
		machine: { processors: 2, model: "m", node: "20" },
		files: 1,
		lines: 1,
		bytes: 1,
		cold: runs,
		warm: runs,
		ctags: { ...runs, medianMs: 1000 },
		phases: [],
		jobs: [{ jobs: 1, ms: 1000 }],
		cacheBytes: 1e6,
		latency: null,
		latencyProblem: "no answer",
		differing: ["warm 1"],
		findings: 3,
	};
	const lines = benchLines(result, { ...result, cold: { ...runs, medianMs: 4000 } });
	ok(
		lines.some((line) => /^check, cold +2\.00 s +\(was 4\.00, -50\.0 %\)$/.test(line)),
		lines.join("\n"),
	);
	ok(lines.includes("findings DIFFER from those of the first run: warm 1"));
	ok(lines.includes("language server: not measured: no answer"));
	deepEqual([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
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

const HELD = `${WRONG}
void hold(struct port *port)
{
	spin_lock(&port->lock);
	wait_here(port);
	spin_unlock(&port->lock);
}
`;

test("functions and findings are stepped through in the debugger, to the end and back", async (t) => {
	const tree = new TempTree(t, { "a.c": HELD });
	const args = [tree.root, "--functions", "3", "--findings", "1", "--steps", "50"];
	const { status, stdout, stderr } = await runScript("debug", tree, args);
	equal(status, 0, stdout + stderr);
	match(stdout, /^3 functions: [1-9]\d* steps forwards, [1-9]\d* back$/m);
	match(stdout, /^1 findings: [1-9]\d* steps forwards, [1-9]\d* back$/m);
	equal(stdout.match(/^ +0 stumbles$/gm)?.length, 2);
});

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

const UNDER_LOCK = `#include <linux/slab.h>
#include <linux/spinlock.h>

struct port { spinlock_t lock; void *in, *out; };

void fill(struct port *port)
{
	spin_lock(&port->lock);
	port->in = kmalloc(64, GFP_KERNEL);
	port->out = kmalloc(64, GFP_KERNEL);
	spin_unlock(&port->lock);
}
`;

test("bench:fixes makes the fixes of a tree, and says which mend what they are for", async (t) => {
	const tree = new TempTree(t, { "a.c": UNDER_LOCK });
	const { status, stdout, stderr } = await runScript("fixes", tree, [tree.root, "--count", "9"]);
	equal(status, 0, stderr);
	match(
		stdout,
		/^gfp-sleeps-in-atomic: use FLAG instead of FLAG: 4 made, 4 mend it, 4 bring nothing new .*; 2 preferred$/m,
	);
	match(stdout, /^preferred: (\d+) made, \1 mend it, \1 bring nothing new/m);
	const nothing = await runScript("fixes", tree, [tree.root, "--rule", "rcu-blocking"]);
	match(nothing.stdout, /^all: 0 made/m);
});

test("a report of fixes lists those that leave the finding, or bring one that is shown", () => {
	const trial: FixTrial = {
		...{ kind: "r: use FLAG", title: "use GFP_ATOMIC", isPreferred: true, id: "1", rule: "r", confidence: "high" },
		...{ file: "a.c", line: 3, outcome: "gone", fresh: [], note: "", nOffered: 5 },
	};
	const fresh = { rule: "r", confidence: "low", line: 4, message: "other" };
	const lines = fixLines([
		trial,
		{ ...trial, line: 5, outcome: "still there" },
		{ ...trial, line: 7, fresh: [fresh] },
		{ ...trial, line: 9, fresh: [{ ...fresh, confidence: "medium" }], isPreferred: false },
		{ ...trial, outcome: "refused", note: "why" },
	]);
	deepEqual(lines, [
		"r: use FLAG: 4 made, 3 mend it, 2 bring nothing new (1 nothing of low confidence either); 3 preferred; 1 not made (refused)",
		"all: 4 made, 3 mend it, 2 bring nothing new (1 nothing of low confidence either); 3 preferred; 1 not made (refused)",
		"preferred: 3 made, 2 mend it, 2 bring nothing new (1 nothing of low confidence either)",
		"a.c:5 (high) r: use FLAG: still there;",
		"a.c:9 (high) r: use FLAG: r/medium 4 other",
	]);
	equal(kindOfFix({ rule: "r" }, "wrap it in memalloc_noio_save() in probe()"), "r: wrap it in f() in f()");
	equal(
		kindOfFix({ rule: "r" }, "add a gfp_t parameter to f() and pass it from its 12 callers"),
		kindOfFix({ rule: "r" }, "add a gfp_t parameter to g() and pass it from its caller"),
	);
});
