// The command line as scripts use it: exit statuses, shapes of the output, bad trees and bad usage. Every
// case runs the real process.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeJson } from "@might-sleep/server/cli/json";
import { COMMAND } from "./harness/lspClient.js";
import { DRIVER, DRIVER_BAD_LINE, type Run, TempTree } from "./harness/tempTree.js";

interface FindingJson {
	readonly id: string;
	readonly rule: string;
	readonly severity: string;
	readonly file: string;
	readonly line: number;
	readonly enter: readonly { readonly line: number }[];
	readonly sleep: readonly { readonly line: number }[];
	readonly fixes: readonly {
		readonly title: string;
		readonly edits: readonly { readonly file: string; readonly line: number; readonly newText: string }[];
	}[];
}
interface CheckJson {
	readonly tool: string;
	readonly version: string;
	readonly root: string;
	readonly profile: string;
	readonly stats: Record<string, unknown>;
	readonly findings: readonly FindingJson[];
}

/** Wrong usage and unreadable input: status 2, one line on stderr, nothing on stdout. */
function assertRefused(run: Run, pattern: RegExp): void {
	assert.match(run.stderr, pattern);
	assert.equal(run.stderr.trim().split("\n").length, 1, run.stderr);
	assert.equal(run.stdout, "");
	assert.equal(run.status, 2);
}

function assertNoTrace(run: Run): void {
	assert.doesNotMatch(run.stderr + run.stdout, /\n\s+at .*:\d+:\d+|node:internal/);
}

async function checkJson(tree: TempTree, args: readonly string[]): Promise<CheckJson> {
	const run = await tree.run(["check", "--format", "json", ...args]);
	assertNoTrace(run);
	return JSON.parse(run.stdout) as CheckJson;
}

test("a sleep under a spinlock is found, with both chains, and the exit status is 1", async (t) => {
	const tree = new TempTree(t, { "drivers/port.c": DRIVER });
	const text = await tree.run(["check"]);
	assert.equal(text.status, 1, text.stderr);
	assert.match(text.stdout, new RegExp(`^drivers/port\\.c:${DRIVER_BAD_LINE}:\\d+: error\\[sleep-in-atomic\\]: `, "m"));
	assert.match(text.stdout, /^ {6}drivers\/port\.c:13:\d+: bad_send: /m);
	assert.match(text.stdout, /^ {6}drivers\/port\.c:5:\d+: wait_a_bit: /m);
	const report = await checkJson(tree, []);
	assert.deepEqual(Object.keys(report).sort(), ["findings", "profile", "root", "stats", "tool", "version"]);
	assert.equal(report.tool, "might-sleep");
	assert.equal(report.profile, "default");
	const [finding] = report.findings;
	assert.equal(finding?.rule, "sleep-in-atomic");
	assert.equal(finding.file, "drivers/port.c");
	assert.equal(finding.line, DRIVER_BAD_LINE);
	assert.ok(finding.enter.length > 0 && finding.sleep.length > 0);
});

test("fixes that need the text of the file are in the report, for scripts", async (t) => {
	const text = `static spinlock_t lock;

static void fill(struct port *port)
{
	port->buf = kmalloc(8, in_atomic() ? GFP_ATOMIC : GFP_KERNEL);
}

void send(struct port *port)
{
	spin_lock(&lock);
	fill(port);
	spin_unlock(&lock);
}
`;
	const tree = new TempTree(t, { "port.c": text });
	const { findings } = await checkJson(tree, ["--rule", "context-dependent-behaviour"]);
	const fix = findings[0]?.fixes.find(({ title }) => title.startsWith("add a gfp_t parameter to fill()"));
	assert.deepEqual(
		fix?.edits.map(({ file, line, newText }) => ({ file, line, newText })),
		[
			{ file: "port.c", line: 3, newText: ", gfp_t gfp" },
			{ file: "port.c", line: 5, newText: "gfp" },
			{ file: "port.c", line: 11, newText: ", GFP_ATOMIC" },
		],
	);
});

test("a clean tree is status 0 and says nothing", async (t) => {
	const tree = new TempTree(t, { "a.c": "int f(void)\n{\n\tmsleep(1);\n\treturn 0;\n}\n" });
	assert.deepEqual(await tree.run(["check"]), { status: 0, stdout: "", stderr: "" });
});

test("the output is the same for any number of workers, with and without a cache", async (t) => {
	const files = Object.fromEntries(
		Array.from({ length: 150 }, (_, i) => [
			`d${i % 7}/port${i}.c`,
			DRIVER.replaceAll("_send", `_send${i}`) + "\n".repeat(i * 30),
		]),
	);
	const tree = new TempTree(t, files);
	const cold = await tree.run(["check", "--jobs", "1"]);
	const warm = await tree.run(["check", "--jobs", "3"]);
	const uncached = await tree.run(["check", "--jobs", "2", "--no-cache"]);
	assert.equal(cold.stdout.match(/^d\d/gm)?.length, 150);
	assert.equal(warm.stdout, cold.stdout);
	assert.equal(uncached.stdout, cold.stdout);
	const stats = JSON.parse((await tree.run(["stats", "--format", "json"])).stdout);
	assert.equal(stats.cache.hits, 150);
	assert.equal(stats.cache.misses, 0);
});

test("a damaged cache changes nothing", async (t) => {
	const tree = new TempTree(t, { "port.c": DRIVER });
	const before = await tree.run(["check"]);
	const folder = join(tree.cache, "might-sleep", readdirSync(join(tree.cache, "might-sleep"))[0]!);
	const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".pack"));
	assert.equal(names.length, 2, "of the unit, and of what was found");
	for (const pack of names) {
		const bytes = readFileSync(join(folder, pack));
		for (let i = 8; i < bytes.length - 64; i += 17) bytes[i]! ^= 0x55;
		writeFileSync(join(folder, pack), bytes);
	}
	assert.deepEqual(await tree.run(["check"]), before);
});

test("--rule, --confidence and PATHs limit what is reported, not what is read", async (t) => {
	const tree = new TempTree(t, { "a/port.c": DRIVER, "b/port.c": DRIVER.replaceAll("_send", "_post") });
	const all = await checkJson(tree, []);
	assert.deepEqual([...new Set(all.findings.map((finding) => finding.file))], ["a/port.c", "b/port.c"]);
	const some = await checkJson(tree, ["b"]);
	assert.deepEqual([...new Set(some.findings.map((finding) => finding.file))], ["b/port.c"]);
	assert.equal(some.stats.files, 2);
	const none = await checkJson(tree, ["--rule", "rcu-blocking"]);
	assert.deepEqual(none.findings, []);
	const inside = await tree.run(["check", "port.c"], { cwd: tree.path("a") });
	assertRefused(await tree.run(["check", "--root", "a", "../b/port.c"], { cwd: tree.path("a") }), /no such folder/);
	assert.equal(inside.status, 1);
});

test("a baseline makes known findings hints, reports new ones, and shrinks", async (t) => {
	const tree = new TempTree(t, { "a.c": DRIVER, "b.c": DRIVER.replaceAll("_send", "_post") });
	const args = ["check", "--baseline", "known.json"];
	const first = await tree.run(args);
	assert.equal(first.status, 0, first.stderr);
	const size = () => JSON.parse(readFileSync(tree.path("known.json"), "utf8")).findings.length as number;
	assert.equal(size(), 2);
	assert.match(first.stdout, /^a\.c:\d+:\d+: hint\[/m);
	tree.write("a.c", `/* moved */\n\n${DRIVER}`);
	assert.equal((await tree.run(args)).status, 0);
	tree.write("c.c", DRIVER.replaceAll("_send", "_push"));
	const grown = await tree.run(args);
	assert.equal(grown.status, 1);
	assert.match(grown.stdout, /^c\.c:\d+:\d+: error\[/m);
	assert.equal(size(), 2);
	tree.write("a.c", "int nothing;\n");
	await tree.run(args);
	assert.equal(size(), 1);
	tree.write("known.json", "{}");
	assertRefused(await tree.run(args), /known\.json is not a baseline/);
});

test("SARIF has the chains as code flows", async (t) => {
	const tree = new TempTree(t, { "port.c": DRIVER });
	const run = await tree.run(["check", "--format", "sarif"]);
	const sarif = JSON.parse(run.stdout);
	assert.equal(sarif.version, "2.1.0");
	const [result] = sarif.runs[0].results;
	assert.equal(result.ruleId, "sleep-in-atomic");
	assert.equal(result.codeFlows.length, 2);
	assert.equal(result.locations[0].physicalLocation.region.startLine, DRIVER_BAD_LINE);
});

test("context answers for a place and for a function", async (t) => {
	const tree = new TempTree(t, { "port.c": DRIVER });
	for (const what of [`port.c:${DRIVER_BAD_LINE}`, `port.c:${DRIVER_BAD_LINE}:3`]) {
		const run = await tree.run(["context", "--format", "json", what]);
		assert.equal(run.status, 0, run.stderr);
		const report = JSON.parse(run.stdout);
		assert.equal(report.function, "bad_send");
		assert.equal(report.file, "port.c");
		assert.ok(report.contexts.some((context: { atomic: boolean }) => context.atomic));
		assert.equal(report.maySleep.value, "yes");
		assert.ok(!report.gfp.allowed.includes("GFP_KERNEL"));
		assert.equal(report.contexts.find((context: { atomic: boolean }) => context.atomic).locks[0].line, 13);
	}
	const named = await tree.run(["context", "wait_a_bit"]);
	assert.match(named.stdout, /^port\.c:3: wait_a_bit: /);
	assert.match(named.stdout, /called by good_send at port\.c:21/);
});

test("context explains the flag at a place", async (t) => {
	const text = DRIVER.replace("wait_a_bit(port);", "kmalloc(8, GFP_KERNEL);");
	const tree = new TempTree(t, { "port.c": `gfp_t mask = GFP_NOIO;\n${text}` });
	const inside = await tree.run(["context", "port.c:15:16"]);
	assert.match(inside.stdout, /bad_send: atomic\n {2}flag GFP_KERNEL: not valid here: it may sleep/);
	const outside = await tree.run(["context", "--format", "json", "port.c:1:16"]);
	assert.equal(outside.status, 0, outside.stderr);
	const { flag } = JSON.parse(outside.stdout);
	assert.deepEqual([flag.name, flag.maySleep, flag.mayStartIo, flag.fits], ["GFP_NOIO", true, false, "open"]);
	const commented = new TempTree(t, { "port.c": text.replace("GFP_KERNEL);", "0); /* GFP_KERNEL */") });
	const aside = await commented.run(["context", "port.c:14:22"]);
	assert.match(aside.stdout, /bad_send: atomic/);
	assert.doesNotMatch(aside.stdout, /flag GFP_KERNEL/);
});

test("context says what is wrong with what it is asked", async (t) => {
	const tree = new TempTree(t, { "port.c": DRIVER });
	assertRefused(await tree.run(["context", "bad_sned"]), /no function 'bad_sned'.*did you mean 'bad_send'/);
	assertRefused(await tree.run(["context", "port.c:2"]), /port\.c:2 is outside any function/);
	assertRefused(await tree.run(["context", "nowhere.c:2"]), /no such file: nowhere\.c/);
	assertRefused(await tree.run(["context"]), /say which FILE:LINE/);
	assertRefused(await tree.run(["context", "a/b"]), /neither FILE:LINE/);
});

test("stats hold the figures that scripts read", async (t) => {
	const tree = new TempTree(t, { "port.c": DRIVER });
	const stats = JSON.parse((await tree.run(["stats", "--format", "json"])).stdout);
	assert.equal(stats.files, 1);
	assert.equal(stats.functions, 3);
	assert.equal(stats.bytes, DRIVER.length);
	for (const name of [
		"lines",
		"macros",
		"calls",
		"indirectCalls",
		"indirectResolved",
		"longChains",
		"unparsedSpans",
		"peakBytes",
	]) {
		assert.equal(typeof stats[name], "number", name);
	}
	assert.ok(stats.phases.length >= 2);
	for (const phase of stats.phases) assert.ok(phase.ms >= 0 && phase.peakBytes > 0, phase.name);
	assert.deepEqual(Object.keys(stats.cache).sort(), ["bytes", "hits", "misses"]);
	assert.equal(typeof stats.oracle.atomicExplained, "number");
	assert.equal(typeof stats.oracle.kernelReportedPer10000, "number");
	for (const name of ["atomicUnexplained", "nofsUnexplained", "noioUnexplained", "statements"]) {
		assert.ok(Array.isArray(stats.oracle[name]), name);
	}
	assert.match((await tree.run(["stats"])).stdout, /^files +1 /m);
});

test("explain prints the page of a rule", async (t) => {
	const tree = new TempTree(t, {});
	const page = await tree.run(["explain", "sleep-in-atomic"]);
	assert.equal(page.status, 0);
	assert.match(page.stdout, /^# /);
	assertRefused(await tree.run(["explain", "sleep-in-atomc"]), /did you mean 'sleep-in-atomic'/);
	assertRefused(await tree.run(["explain"]), /no rule given/);
	assertRefused(await tree.run(["explain", "../README"]), /unknown rule/);
});

test("wrong usage is one line and status 2", async (t) => {
	const tree = new TempTree(t, { "a.c": "" });
	const cases: readonly [readonly string[], RegExp][] = [
		[[], /no command given/],
		[["chek"], /unknown command 'chek'; did you mean 'check'/],
		[["--bogus"], /unknown option '--bogus'/],
		[["check", "--fromat", "json"], /unknown option '--fromat'; did you mean '--format'/],
		[["check", "-x"], /unknown option '-x'/],
		[["check", "--format", "xml"], /--format must be one of text, json, sarif/],
		[["check", "--format"], /'--format' needs a value/],
		[["check", "--no-cache=1"], /takes no value/],
		[["check", "--jobs", "many"], /--jobs must be a number/],
		[["check", "--rule", "sleep-in-atomc"], /unknown rule 'sleep-in-atomc'; did you mean 'sleep-in-atomic'/],
		[["check", "--profile", "odd"], /--profile must be one of default, rt/],
		[["check", "--root", "missing"], /no such folder: missing/],
		[["check", "--root", "a.c"], /no such folder: a\.c/],
		[["check", "missing.c"], /no such file or folder: missing\.c/],
		[["check", "/"], /\/ is not in the tree/],
		[["stats", "x"], /unexpected argument 'x'/],
		[["simulate"], /say which SCENARIO\.json or FUNCTION/],
		[["simulate", "no_such_function"], /no file below .* defines 'no_such_function'/],
		[["simulate", "missing.json"], /missing\.json: cannot be read: ENOENT/],
		[["simulate", "--set", "speed=on", "f"], /--set takes SWITCH=on or SWITCH=off/],
		[["simulate", "--finding", "0123456789abcdef"], /there is no finding 0123456789abcdef/],
		[["simulate", "--finding", "a.c:1"], /there is no finding a\.c:1/],
		[["simulate", "--finding", "b.c:1"], /no such file: b\.c/],
		[["simulate", "--finding", "a.c:1", "missing"], /no such folder: missing/],
		[["simulate", "--finding", "a.c:1", "--explore"], /--explore does not go with --finding/],
		[["lsp"], /say --stdio/],
		[["dap"], /say --stdio/],
	];
	for (const [args, pattern] of cases) assertRefused(await tree.run(args), pattern);
});

test("--help and --version", async (t) => {
	const tree = new TempTree(t, {});
	assert.match((await tree.run(["--version"])).stdout, /^might-sleep \d+\.\d+\.\d+\n$/);
	const help = await tree.run(["--help"]);
	assert.equal(help.status, 0);
	for (const name of ["check", "context", "stats", "explain", "simulate", "index", "lsp", "dap"]) {
		assert.match(help.stdout, new RegExp(`might-sleep ${name}\\b`));
	}
	assert.match((await tree.run(["check", "--help"])).stdout, /^usage: might-sleep check/);
});

test("a folder without C is said, and is no failure", async (t) => {
	const tree = new TempTree(t, { "README.md": "nothing here" });
	const run = await tree.run(["check", "--format", "json"]);
	assert.match(run.stderr, /no C files in /);
	assert.deepEqual((JSON.parse(run.stdout) as CheckJson).findings, []);
	assert.equal(run.status, 0);
});

test("what cannot be read is said once and the rest is checked", async (t) => {
	const tree = new TempTree(t, {
		"port.c": DRIVER,
		"binary.c": new Uint8Array([127, 69, 76, 70, 0, 0, 1, 0]),
		"unbalanced.c": "int f(void)\n{\n\tif (x) {{{ ((\n\tmsleep(1;\n",
		"closed.c": "}}}}}} ) ] } int g(void) { return 0; }\n",
		"empty.c": "",
		"text.c": 'this is no C at all, "quote\n',
	});
	symlinkSync(".", tree.path("loop"));
	symlinkSync("knot", tree.path("knot"));
	const run = await tree.run(["check"]);
	assertNoTrace(run);
	assert.equal(run.status, 1);
	assert.match(run.stdout, /^port\.c:14:/m);
	assert.equal(run.stderr.match(/binary\.c: binary/g)?.length, 1);
	assert.equal(run.stderr.match(/skipped loop: the link loops/g)?.length, 1);
	assert.equal(run.stderr.match(/skipped knot: the link loops/g)?.length, 1);
	assert.equal(run.stderr.trim().split("\n").length, 3, run.stderr);
});

test("a folder without permission is said and skipped", async (t) => {
	const tree = new TempTree(t, { "open/port.c": DRIVER, "closed/port.c": DRIVER });
	chmodSync(tree.path("closed"), 0);
	// root reads everything: become somebody else where that is possible
	const isRoot = process.getuid?.() === 0;
	for (const folder of [join(tree.root, ".."), tree.root, tree.path("open")]) chmodSync(folder, 0o755);
	const env = { XDG_CACHE_HOME: "/nonexistent" };
	const run = await tree.run(["check"], isRoot ? { uid: 65534, env } : { env });
	chmodSync(tree.path("closed"), 0o755);
	assertNoTrace(run);
	assert.equal(run.status, 1, run.stderr);
	assert.match(run.stderr, /skipped closed: cannot read the folder: EACCES/);
	assert.match(run.stdout, /^open\/port\.c:14:/m);
});

test("a single line of 50 MB is read in time", async (t) => {
	const chunk = "int x = 1 + (2 * 3); f(x); ";
	const tree = new TempTree(t, { "port.c": DRIVER, "long.c": chunk.repeat(Math.ceil(50e6 / chunk.length)) });
	const run = await tree.run(["check", "--no-cache"]);
	assertNoTrace(run);
	assert.equal(run.status, 1, run.stderr);
	assert.match(run.stdout, /^port\.c:14:/m);
});

test("project rows that are wrong are said, and the check goes on", async (t) => {
	const tree = new TempTree(t, { "port.c": DRIVER, ".might-sleep.json": "{ broken" });
	const broken = await tree.run(["check"]);
	assert.match(broken.stderr, /\.might-sleep\.json: not valid JSON/);
	assert.equal(broken.status, 1);
	tree.write(".might-sleep.json", '{ "sleepers": [{ "nmae": "x" }] }');
	const wrong = await tree.run(["check"]);
	assert.match(wrong.stderr, /\.might-sleep\.json: /);
	assertNoTrace(wrong);
	assert.equal(wrong.status, 1);
});

test("project rows add primitives", async (t) => {
	const source = DRIVER.replace("msleep(10)", "vendor_wait(10)");
	const tree = new TempTree(t, { "port.c": source });
	assert.equal((await tree.run(["check"])).status, 0);
	const row = { name: "vendor_wait", how: "waits", source: "vendor/wait.h" };
	tree.write(".might-sleep.json", JSON.stringify({ sleepers: [row] }));
	const run = await tree.run(["check"]);
	assert.equal(run.stderr, "");
	assert.match(run.stdout, /^port\.c:14:\d+: error\[sleep-in-atomic\]/m);
});

test("the kernel tree above is the root, and its userland code is left out", async (t) => {
	const tree = new TempTree(t, {
		Kbuild: "",
		Kconfig: "",
		MAINTAINERS: "",
		Makefile: "VERSION = 6\nPATCHLEVEL = 1\n",
		"drivers/port.c": DRIVER,
		"tools/port.c": DRIVER.replaceAll("_send", "_tool"),
	});
	const run = await tree.run(["check", "--format", "json"], { cwd: tree.path("drivers") });
	const report = JSON.parse(run.stdout) as CheckJson;
	assert.equal(report.root, tree.root);
	assert.deepEqual(
		report.findings.map((finding) => finding.file),
		["drivers/port.c"],
	);
	assert.equal(report.stats.kernelVersion, "6.1");
	assert.deepEqual(report.stats.excluded, { tools: 1 });
	const tools = await tree.run(["check", "tools"]);
	assert.match(tools.stderr, /tools\/ holds programs/);
	assert.equal(tools.status, 0);
});

const RAW_ALLOCATION = `static raw_spinlock_t lock;

void fill_NAME(void)
{
	raw_spin_lock(&lock);
	kmalloc(8, GFP_ATOMIC);
	raw_spin_unlock(&lock);
}
`;

test("under PREEMPT_RT what only architectures without it build is left out", async (t) => {
	const files: Record<string, string> = {
		Kbuild: "",
		MAINTAINERS: "",
		Makefile: "VERSION = 6\nPATCHLEVEL = 12\n",
		Kconfig: `source "arch/$(SRCARCH)/Kconfig"\nsource "drivers/Kconfig"\n`,
		"arch/alpha/Kconfig": "config ALPHA\n\tbool\n\tdefault y\n\tselect HAS_CORE\n",
		"arch/x86/Kconfig": `config X86
	def_bool y
	select ARCH_SUPPORTS_RT
	select X86_CORE if !ALPHA
config ARCH_SUPPORTS_RT
	bool
`,
		"drivers/Kconfig": `menu "Drivers"
	depends on ALPHA || X86
config BOTH
	tristate "both"
	help
	  Nothing else than this text
	    depends on ALPHA
if ALPHA
config GATED
	bool "gated"
endif
config HAS_CORE
	bool
config X86_CORE
	bool
endmenu
`,
		"drivers/Makefile": `obj-$(CONFIG_BOTH) += both.o
obj-$(CONFIG_GATED) += gated/
obj-$(CONFIG_HAS_CORE) += core.o
obj-$(CONFIG_X86_CORE) += made.o
made-y := one.o \\
	two.o
core-objs := three.o
`,
	};
	for (const name of ["both", "gated/gated", "core", "one", "two", "three", "unnamed"])
		files[`drivers/${name}.c`] = RAW_ALLOCATION.replace("NAME", name.replace("/", "_"));
	for (const name of ["alpha", "x86"]) files[`arch/${name}/code.c`] = RAW_ALLOCATION.replace("NAME", name);
	const tree = new TempTree(t, files);
	const found = async () =>
		(await checkJson(tree, ["--profile", "rt"])).findings.map(({ rule, file }) => `${file} ${rule}`);
	const rt = (names: readonly string[]) => names.map((name) => `${name}.c rt-alloc-in-raw-atomic`);
	assert.deepEqual(
		await found(),
		rt(["arch/x86/code", "drivers/both", "drivers/one", "drivers/two", "drivers/unnamed"]),
	);
	const gated = await tree.run(["check", "--profile", "rt", "drivers/gated"]);
	assert.match(gated.stderr, /drivers\/gated: no kernel with PREEMPT_RT is built from it/);
	tree.write("arch/x86/Kconfig", "config X86\n\tdef_bool y\n\tselect X86_CORE\n");
	assert.equal((await found())[0], "arch/x86/code.c rt-alloc-in-raw-atomic", "by the model where no Kconfig says it");
	const plain = await checkJson(tree, []);
	assert.deepEqual(plain.findings, [], "nothing of it holds without PREEMPT_RT");
});

test("a reader that goes away early ends the run quietly", async (t) => {
	const files = Object.fromEntries(
		Array.from({ length: 400 }, (_, i) => [`p${i}.c`, DRIVER.replaceAll("_send", `_s${i}`)]),
	);
	const tree = new TempTree(t, files);
	const line = `"${process.execPath}" "${COMMAND}" check --no-cache | head -n 1`;
	const run = spawnSync("sh", ["-c", line], { cwd: tree.root, encoding: "utf8", timeout: 60_000 });
	assert.equal(run.stderr, "");
	assert.match(run.stdout, /^p0\.c:14:/);
});

test("a cache folder that cannot be made costs the cache only", async (t) => {
	const tree = new TempTree(t, { "port.c": DRIVER });
	const run = await tree.run(["check"], { env: { XDG_CACHE_HOME: "/dev/null/x" } });
	assert.equal(run.status, 1);
	assert.match(run.stderr, /^might-sleep: what was read is not cached: \/dev\/null\/x\/.*: ENOTDIR\n$/);
	mkdirSync(tree.cache, { recursive: true });
	const index = await tree.run(["index"]);
	assert.match(index.stdout, /^1 files in /);
	assert.ok(existsSync(join(tree.cache, "might-sleep")));
});

const COUNTER = `static DEFINE_SPINLOCK(a);
static DEFINE_SPINLOCK(b);
void forth(void)
{
	spin_lock(&a);
	spin_lock(&b);
	spin_unlock(&b);
	spin_unlock(&a);
}
void back(int deep)
{
	if (deep) {
		spin_lock(&b);
		spin_lock(&a);
		msleep(1);
		spin_unlock(&a);
		spin_unlock(&b);
	}
}
`;

test("simulate prints the trace of a scenario or a function, and a search what it finds", async (t) => {
	const quiet = { debugAtomicSleep: false, proveLocking: false };
	const tasks = [{ function: "forth" }, { function: "back", args: [1] }];
	const scenario = { name: "two", sources: ["counter.c"], cpus: 2, config: quiet, tasks };
	const tree = new TempTree(t, { "counter.c": COUNTER, "two.json": JSON.stringify(scenario), "bad.json": "{}" });
	const silent = await tree.run(["simulate", "--preemption", "none", "two.json"]);
	assert.equal(silent.status, 0, silent.stderr + silent.stdout);
	assert.match(silent.stdout, /^CPU 1 back\/1001 +counter\.c:15 +back +00000000 {2}irqs on {2}holds &b, &a$/m);
	assert.match(silent.stdout, /finished\n$/);
	const loud = await tree.run(["simulate", "--set", "debugAtomicSleep=on", "--format", "json", "two.json"]);
	assert.equal(loud.status, 1);
	const report = JSON.parse(loud.stdout) as { splats: { kind: string; line: number }[]; outcome: { kind: string } };
	assert.deepEqual([report.splats[0]?.kind, report.splats[0]?.line], ["sleep-in-atomic", 15]);
	const found = await tree.run(["simulate", "--explore", "--preemption", "none", "two.json"]);
	assert.equal(found.status, 1);
	assert.match(found.stdout, /^== deadlock after \d+ steps: forth\/1000 spins in spin_lock\(\)/m);
	assert.match(found.stdout, /searched completely: \d+ schedules/);
	// Of a function it tries the answers to its questions.
	const plain = await tree.run(["simulate", "--set", "proveLocking=off", "back"]);
	const searched = await tree.run(["simulate", "--set", "proveLocking=off", "--explore", "back"]);
	assert.match(searched.stdout, /^== sleep-in-atomic after \d+ steps/m);
	assert.equal(searched.status, 1);
	assert.ok(plain.status === 0 || plain.status === 1);
	assertRefused(await tree.run(["simulate", "bad.json"]), /bad\.json: scenario\.name: is missing/);
});

test("JSON that is written piece by piece is that of JSON.stringify", () => {
	const lists = [[], [{ text: "two\nlines", deep: { empty: [], more: [1, { a: null }] } }, { text: "" }], ["plain"]];
	for (const list of lists) {
		let written = "";
		writeJson((text) => (written += text), { tool: "x", stats: { phases: [1, 2] } }, "findings", list);
		const whole = JSON.stringify({ tool: "x", stats: { phases: [1, 2] }, findings: list }, null, "\t");
		assert.equal(written, `${whole}\n`);
	}
});

test("simulate replays a finding to its splat, by its id or its place", async (t) => {
	const tree = new TempTree(t, { "drivers/port.c": DRIVER });
	const [finding] = (await checkJson(tree, [])).findings;
	const byPlace = await tree.run(["simulate", "--finding", `drivers/port.c:${DRIVER_BAD_LINE}`]);
	assert.equal(byPlace.status, 1, byPlace.stderr);
	assert.match(byPlace.stdout, new RegExp(`^drivers/port\\.c:${DRIVER_BAD_LINE}:\\d+: error\\[sleep-in-atomic\\]: `));
	assert.match(byPlace.stdout, /^ {6}\| BUG: sleeping function called from invalid context at drivers\/port\.c:5$/m);
	assert.match(byPlace.stdout, /\nthe splat that the finding predicts, after \d+ steps\n$/);
	const byId = await tree.run(["simulate", "--format", "json", "--finding", finding!.id, "."]);
	assert.equal(byId.status, 1, byId.stderr);
	const report = JSON.parse(byId.stdout) as {
		readonly isReplayed: boolean;
		readonly finding: FindingJson;
		readonly splats: readonly { readonly kind: string; readonly line: number }[];
		readonly trace: readonly { readonly line: number; readonly function: string }[];
	};
	assert.equal(report.isReplayed, true);
	assert.equal(report.finding.id, finding!.id);
	assert.deepEqual(
		report.splats.map(({ kind, line }) => [kind, line]),
		[["sleep-in-atomic", 5]],
	);
	assert.deepEqual([report.trace.at(-1)?.function, report.trace.at(-1)?.line], ["wait_a_bit", 5]);
	const unchecked = await tree.run(["simulate", "--set", "debugAtomicSleep=off", "--finding", finding!.id]);
	assert.match(unchecked.stdout, /\nnot replayed: drivers\/port\.c:5: silent: the last call gives no splat\n$/);
	assert.equal(unchecked.status, 0);
});

const HOOKED = `
static DEFINE_SPINLOCK(lock);
struct hooks { void (*drain)(int n); };
static void slow_drain(int n) { msleep(n); }
static struct hooks hooks = { .drain = slow_drain };
void flush(void)
{
	spin_lock(&lock);
	hooks.drain(1);
	spin_unlock(&lock);
}
`;

test("a finding behind a pointer is said to have no chain to replay", async (t) => {
	const tree = new TempTree(t, { "hooked.c": HOOKED });
	const { findings } = await checkJson(tree, ["--confidence", "low"]);
	const hooked = findings.find(({ rule }) => rule === "sleep-in-atomic");
	assert.ok(hooked);
	const run = await tree.run(["simulate", "--finding", hooked.id]);
	assertRefused(run, /sleep-in-atomic at hooked\.c:9 cannot be replayed: .* a pointer is on its way/);
});
