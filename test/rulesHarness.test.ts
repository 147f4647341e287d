// The harness itself: a fixture that is wrong must fail, in words that say where.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding, Step } from "@might-sleep/analyzer";
import { checkFix, checkNotOffered } from "./harness/check.js";
import { compareFindings, compareShape } from "./harness/expect.js";
import { matchesParts, parseFixture, patternParts, visualColumn } from "./harness/fixture.js";
import { isMended } from "./harness/mended.js";

const SOURCE = `// A comment on the case.
//- /a.c CONFIG_SMP=y
void f(void)
{
	msleep(10);
	// error[sleep-in-atomic]: msleep … lock
//      ^^^^^^^^^^ hint[other, low]: fewer
	// note: takes
}
//- /b/c.h
int $0x;
`;

const step = (file: string, line: number, note: string): Step => ({ file, line, column: 1, function: "f", note });

function finding(change: Partial<Finding> = {}): Finding {
	return {
		...{ id: "1", rule: "sleep-in-atomic", severity: "error", confidence: "high", function: "f" },
		...{ file: "a.c", line: 5, column: 2, endLine: 5, endColumn: 12 },
		...{ message: "msleep() may sleep, but `lock` is held", context: null, fixes: [], related: [] },
		...{ enter: [step("a.c", 5, "takes it")], sleep: [step("a.c", 5, "sleeps")] },
		...change,
	};
}
const second = (change: Partial<Finding> = {}): Finding =>
	finding({ id: "2", rule: "other", severity: "hint", confidence: "low", message: "fewer", ...change });

const problemsOf = (findings: readonly Finding[], source = SOURCE): string =>
	compareFindings(parseFixture("case", source, "case.c"), findings).join("\n");

test("of twins, one is mended when there are fewer of them", () => {
	const [first, twin] = [finding(), finding({ id: "2", line: 7 })];
	assert.ok(isMended(first, [first, twin], [finding({ line: 9 })]), "the other one has its id now");
	assert.ok(isMended(twin, [first, twin], [first]));
	assert.ok(!isMended(first, [first, twin], [first, twin]));
	assert.ok(!isMended(first, [first, second()], [first]), "another finding is gone, not this one or a twin");
	assert.ok(isMended(first, [first], []));
});

test("files keep the line numbers of the fixture", () => {
	const fixture = parseFixture("case", SOURCE, "case.c");
	assert.deepEqual(
		fixture.files.map((file) => file.path),
		["a.c", "b/c.h"],
	);
	assert.equal(fixture.files[0]!.text.split("\n")[4], "\tmsleep(10);");
	assert.equal(fixture.files[1]!.text.split("\n")[10], "int x;");
	assert.deepEqual([...fixture.files[0]!.config], [["CONFIG_SMP", "y"]]);
	assert.deepEqual(fixture.cursor, { file: "b/c.h", line: 11, column: 5 });
	assert.deepEqual(fixture.mistakes, []);
});

test("a text without a header is one file", () => {
	const fixture = parseFixture("case", "// what it is\nint x;\n", "case.c");
	assert.equal(fixture.files[0]!.path, "case.c");
	assert.equal(fixture.files[0]!.text, "// what it is\nint x;\n\n");
});

test("marks speak of the last line that is no mark, in visual columns", () => {
	const { findings, notes } = parseFixture("case", SOURCE, "case.c");
	assert.deepEqual(
		findings.map(({ line, start, end, rule, confidence }) => ({ line, start, end, rule, confidence })),
		[
			{ line: 5, start: -1, end: -1, rule: "sleep-in-atomic", confidence: "high" },
			{ line: 5, start: 8, end: 18, rule: "other", confidence: "low" },
		],
	);
	assert.deepEqual(findings[0]!.parts, ["msleep", "lock"]);
	assert.deepEqual(notes[0]!.parts, ["takes"]);
	assert.equal(visualColumn("\tmsleep(10);", 2), 8);
	assert.equal(visualColumn("ab\tc", 4), 8);
});

test("patterns ask for all their parts", () => {
	assert.deepEqual(patternParts(" a b …  c "), ["a b", "c"]);
	assert.ok(matchesParts("c then a b", ["a b", "c"]));
	assert.ok(!matchesParts("a then c", ["a b"]));
});

test("what agrees has no problems", () => {
	assert.equal(problemsOf([finding(), second()]), "");
});

const DIFFERENCES: readonly (readonly [string, RegExp, readonly Finding[]])[] = [
	["a finding that is not there", /a\.c:5: expected error\[sleep-in-atomic/, [second()]],
	["a finding that is not marked", /a\.c:9:2: not marked/, [finding(), second(), finding({ id: "3", line: 9 })]],
	["two where one is marked", /not marked/, [finding(), finding({ id: "3" }), second()]],
	[
		"another rule",
		/expected error\[sleep-in-atomic.*got error\[rcu-blocking/,
		[finding({ rule: "rcu-blocking" }), second()],
	],
	["another text", /expected .*got .*msleep\(\) may sleep /, [finding({ message: "msleep() may sleep" }), second()]],
	["another file", /expected error.*\n.*b\.c:5:2: not marked/, [finding({ file: "b.c" }), second()]],
	["another column", /it is at columns 9–18, marked 8–18/, [finding(), second({ column: 3 })]],
	["another end", /it is at columns 8–19, marked 8–18/, [finding(), second({ endColumn: 13 })]],
	["another confidence", /confidence medium, marked high/, [finding({ confidence: "medium" }), second()]],
	["another severity", /is a\(n\) warning, marked error/, [finding({ severity: "warning" }), second()]],
	[
		"a note that no chain has",
		/expected a step "takes"; got "other"/,
		[finding({ enter: [], sleep: [step("a.c", 5, "other")] }), second({ enter: [], sleep: [] })],
	],
];

for (const [what, message, findings] of DIFFERENCES) {
	test(`noticed: ${what}`, () => assert.match(problemsOf(findings), message));
}

test("lines that nearly are marks are mistakes, not comments", () => {
	for (const line of [
		"// error[sleep-in-atomic] no colon",
		"// ^^^ eror: x",
		"// error: no rule",
		"// note[rule]: x",
	]) {
		const { mistakes } = parseFixture("case", `int x;\n${line}\n`, "case.c");
		assert.equal(mistakes.length, 1, line);
	}
	assert.equal(parseFixture("case", "//- /a.c SMP=y\n", "case.c").mistakes.length, 1);
	assert.equal(parseFixture("case", "//- fixd\n", "case.c").mistakes.length, 1);
	assert.equal(parseFixture("case", "$0\n$0\n", "case.c").mistakes.length, 1);
});

test("findings have a shape, whatever they find", () => {
	assert.deepEqual(compareShape([finding()]), []);
	assert.match(compareShape([finding({ enter: [] })]).join(), /who made it atomic/);
	assert.match(compareShape([finding({ sleep: [] })]).join(), /what sleeps/);
	assert.match(compareShape([finding({ message: "It sleeps." })]).join(), /full stop.*capital/);
	assert.match(compareShape([finding(), finding({ line: 9 })]).join(), /has the id of/);
	assert.match(compareShape([finding({ sleep: [step("", 0, "x")] })]).join(), /no place/);
	assert.deepEqual(compareShape([finding({ rule: "lock-imbalance", sleep: [] })]), []);
});

const FIXABLE = `#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static void *buf;

void fill_bad(void)
{
	spin_lock(&lock);
	buf = kmalloc(8, GFP_KERNEL);$0
	spin_unlock(&lock);
}
`;
const after = (text: string) => parseFixture("case", `${FIXABLE}//- fixed GFP_ATOMIC\n${text}`, "case.c");

test("a fix is compared with its text, and what is offered with what must not be", () => {
	const fixed = FIXABLE.replace("$0", "").replace("GFP_KERNEL", "GFP_ATOMIC");
	checkFix(after(fixed));
	assert.throws(() => checkFix(after(fixed.replace("GFP_ATOMIC", "GFP_NOWAIT"))), /case\.c/);
	const wanted = parseFixture("case", `${FIXABLE}//- fixed GFP_NOFS\n`, "case.c");
	assert.throws(() => checkFix(wanted), /no fix "GFP_NOFS"; there is "use GFP_ATOMIC/);
	const refused = (title: string) => parseFixture("case", `${FIXABLE}//- not-offered ${title}\n`, "case.c");
	checkNotOffered(refused("GFP_NOFS"));
	assert.throws(() => checkNotOffered(refused("GFP_NOWAIT")), /offered at line 10/);
	const other = parseFixture("case", `${FIXABLE}//- fixed GFP_ATOMIC\n//- and /b.c\nint x;\n`, "case.c");
	assert.deepEqual(other.alsoFixed.get("b.c"), ["int x;", ""]);
	assert.throws(() => checkFix(other), /no such files/);
});
