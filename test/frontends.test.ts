// The C front end on good and on broken input: what constructs become in the unit's tables, that mutated,
// truncated and hostile bytes give a well-formed unit, and that time grows with the size only.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lowerC, type Unit } from "@might-sleep/analyzer";
import { lowerFailures } from "@might-sleep/analyzer/c/index";
import { OP_SIZE, Op, OpField } from "@might-sleep/analyzer/ir/ops";
import { printUnit } from "@might-sleep/analyzer/ir/print";
import {
	ANNOTATION_SIZE,
	CONST_SIZE,
	ConstField,
	FN_SIZE,
	FnField,
	FnFlag,
	INIT_SIZE,
	INVOCATION_SIZE,
	InitField,
	MEMBER_SIZE,
	MemberField,
	STRUCT_SIZE,
	StructField,
	SUPPRESSION_SIZE,
	unitName,
} from "@might-sleep/analyzer/ir/unit";
import { verifyUnit } from "@might-sleep/analyzer/ir/verify";
import { type ConfigView, defaultConfig, parseConfig } from "@might-sleep/analyzer/source/kconfig";
import { fixturePaths, loadFixture, loadMinikernel } from "./harness/load.js";
import { generator, mutate } from "./harness/random.js";

function unitOf(text: string, config: ConfigView = defaultConfig): Unit {
	const unit = lowerC("t.c", new TextEncoder().encode(text), config);
	assert.deepEqual(verifyUnit(unit), []);
	assert.deepEqual(lowerFailures, []);
	return unit;
}

/** The printed IR without line numbers and op numbers of lines that carry none. */
function irOf(text: string, config: ConfigView = defaultConfig): string {
	return printUnit(unitOf(text, config)).replace(/^ *\d+ (.) +\d+ {2}/gm, "\t");
}

function records(table: Int32Array, size: number): number[][] {
	return Array.from({ length: table.length / size }, (_, i) => [...table.subarray(i * size, (i + 1) * size)]);
}

function functions(unit: Unit): { name: string; flags: number }[] {
	return records(unit.fns, FN_SIZE).map((fn) => ({ name: unitName(unit, fn[FnField.Name]), flags: fn[FnField.Flags] }));
}

function functionNames(text: string, config: ConfigView = defaultConfig): string[] {
	return functions(unitOf(text, config)).map((fn) => fn.name);
}

/** The IR of each text holds each line. */
const LOWERED: readonly { readonly what: string; readonly text: string; readonly lines: readonly string[] }[] = [
	{
		what: "system calls are functions with typed parameters",
		text: "SYSCALL_DEFINE2(thing, int, fd, char __user *, buf)\n{\n\treturn go(fd, buf);\n}\n",
		lines: ["syscall int __do_sys_thing(int fd, int *buf)", "%0 = go(fd, buf)"],
	},
	{
		what: "a function through an unknown macro takes its first argument's name",
		text: "DEFINE_HANDLER(page_fault, int code)\n{\n\tgo(code);\n}\n",
		lines: ["page_fault(", "%0 = go(code)"],
	},
	{
		what: "old-style parameters have their types",
		text: "int old(a, b)\nint a;\nchar *b;\n{\n\treturn go(a, b);\n}\n",
		lines: ["int old(int a, int *b)"],
	},
	{
		what: "asm goto may go to its labels",
		text: 'int f(void)\n{\n\tasm goto("jmp %l0" : : : : out);\n\treturn 0;\nout:\n\treturn 1;\n}\n',
		lines: ["choose 2 | next"],
	},
	{
		what: "a computed goto reaches every label whose address is taken",
		text: "int f(int i)\n{\n\tstatic void *t[] = { &&a, &&b };\n\tgoto *t[i];\na:\n\treturn 1;\nb:\n\treturn 2;\n}\n",
		lines: ["choose 1 | 2"],
	},
	{
		what: "a constant condition leaves only what runs; its labels stay reachable",
		text: "void f(void)\n{\n\tif (0) {\n\t\tgone();\nlab:\n\t\there();\n\t}\n\tif (x())\n\t\tgoto lab;\n}\n",
		lines: ["%1 = here()"],
	},
	{
		what: "IS_ENABLED is decided by the configuration",
		text: "void f(void)\n{\n\tif (IS_ENABLED(CONFIG_A))\n\t\ton();\n\telse\n\t\toff();\n}\n",
		lines: ["%0 = on()"],
	},
	{
		what: "an assignment in a condition branches on the call's result",
		text: "int f(void)\n{\n\tint e;\n\tif ((e = go()) < 0 || !g())\n\t\treturn e;\n\treturn 0;\n}\n",
		lines: ["unless (%1 >= 0) goto", "unless (!%4)"],
	},
	{
		what: "an arm with a call becomes a branch over a temporary",
		text: "int f(int c)\n{\n\tint v = c ? go() : 3;\n\treturn v;\n}\n",
		lines: ["unless (c) goto 4", "v = $2"],
	},
	{
		what: "a macro loop is a call that heads each turn",
		text: "void f(struct l *h)\n{\n\tstruct e *p;\n\tfor_each_e(p, h)\n\t\tgo(p);\n}\n",
		lines: ["for_each_e(p, h)  [loop]", "choose 5 | next"],
	},
	{
		what: "a designated initialiser of a local assigns its fields",
		text: "void f(void)\n{\n\tstruct ops o = { .run = go, .in.b = 3 };\n\tuse(&o);\n}\n",
		lines: ["o.run = go", "o.in.b = 3"],
	},
	{
		what: "sizeof and typeof evaluate nothing",
		text: "int f(void)\n{\n\ttypeof(gone()) x = sizeof(gone2());\n\treturn x;\n}\n",
		lines: ["x = sizeof("],
	},
	{
		what: "names that macros make are joined, at the definition and at the call",
		text: "static int FNAME(walk)(int a)\n{\n\treturn a;\n}\nint f(void)\n{\n\treturn FNAME(walk)(3);\n}\n",
		lines: ["static int FNAME_walk(int a)", "%0 = FNAME_walk(3)"],
	},
];

test("constructs of C and of the kernel", async (t) => {
	for (const { what, text, lines } of LOWERED) {
		await t.test(what, () => {
			const ir = irOf(text);
			for (const line of lines) assert.ok(ir.includes(line), `no ${JSON.stringify(line)} in\n${ir}`);
			assert.ok(!ir.includes("gone"), ir);
			assert.ok(!ir.includes("unknown"), ir);
		});
	}
});

test("#if: the configuration chooses, the other branch of a top-level group is an alternative", () => {
	const text =
		"#ifdef CONFIG_A\nint a(void) { return 1; }\n#else\nint b(void) { return 2; }\n#endif\n" +
		"#if 0\nint never(void) { return 3; }\n#endif\n" +
		"int body(void)\n{\n#ifdef CONFIG_A\n\tif (x()) {\n#else\n\tif (y()) {\n#endif\n\t\tz();\n\t}\n\treturn 0;\n}\n";
	const on = functions(unitOf(text));
	assert.deepEqual(
		on.map((fn) => `${fn.name}${fn.flags & FnFlag.Alternative ? "?" : ""}`),
		["a", "body", "b?"],
	);
	const off = functions(unitOf(text, parseConfig("CONFIG_B=y\n")));
	assert.deepEqual(
		off.map((fn) => `${fn.name}${fn.flags & FnFlag.Alternative ? "?" : ""}`),
		["b", "body", "a?"],
	);
	assert.ok(irOf(text).includes("= x()") && !irOf(text).includes("= y()"));
});

test("#if sees macros of the file and fixed words of the kernel build", () => {
	const cases: readonly [string, boolean][] = [
		["defined(__KERNEL__)", true],
		["defined(__ASSEMBLY__)", false],
		["IS_ENABLED(CONFIG_A) && !defined(MODULE)", true],
		["LOCAL > 3", true],
		["LOCAL == 3 || GONE", false],
		["defined GONE", false],
		["(1 ? 0 : 1)", false],
		["BITS_PER_LONG == 64", true],
	];
	for (const [condition, taken] of cases) {
		const names = functionNames(
			`#define LOCAL 4\n#define GONE 1\n#undef GONE\n#if ${condition}\nint yes(void) { return 0; }\n#else\nint no(void) { return 0; }\n#endif\n`,
		);
		assert.equal(names[0], taken ? "yes" : "no", condition);
	}
});

test("function-like macros are pseudo functions of three shapes", () => {
	const unit = unitOf(
		"#define LOCK(x) do { spin_lock(&(x)->lock); } while (0)\n#define MAX(a, b) ((a) > (b) ? (a) : (b))\n" +
			"#define each(p, h) for (p = first(h); p; p = next(p))\n#define NOT_CODE(x) static int x##_show(\n",
	);
	const shapes = functions(unit).map(({ name, flags }) => [name, flags & (FnFlag.MacroExpr | FnFlag.MacroHead)]);
	assert.deepEqual(shapes, [
		["LOCK", 0],
		["MAX", FnFlag.MacroExpr],
		["each", FnFlag.MacroHead],
	]);
	assert.equal(unit.unparsed.length, 0);
});

test("tables at file scope: constants, structs, initialisers, invocations, annotations, suppressions", () => {
	const unit = unitOf(
		"#include <linux/a.h>\nenum e { A, B = 5, C };\n#define FLAGS (GFP_X | 1)\n" +
			"struct s { int a; struct { int in; }; int (*cb)(int); unsigned f:3; };\n" +
			"static const struct ops o = { .open = do_open, .sub = { .x = &y }, .n = 3 };\nmodule_init(start);\n" +
			"/**\n * f - it\n * Context: any context.\n */\nint f(struct s *s) __must_hold(&s->l)\n{\n" +
			"\treturn 0; /* might-sleep: ignore[sleep-in-atomic] known */\n}\n",
	);
	const name = (id: number): string => unitName(unit, id);
	assert.deepEqual([...unit.includes].map(name), ["<linux/a.h"]);
	assert.deepEqual(
		records(unit.consts, CONST_SIZE).map((row) => name(row[ConstField.Name])),
		["FLAGS", "A", "B", "C"],
	);
	const structs = records(unit.structs, STRUCT_SIZE);
	const s = structs.find((row) => name(row[StructField.Name]) === "s");
	assert.ok(s !== undefined);
	const members = records(unit.members, MEMBER_SIZE)
		.slice(s[StructField.MemberStart])
		.slice(0, s[StructField.MemberCount]);
	assert.deepEqual(
		members.map((row) => name(row[MemberField.Name])),
		["a", "", "cb", "f"],
	);
	const inits = records(unit.inits, INIT_SIZE).map((row) =>
		[...unit.lists.subarray(row[InitField.PathStart], row[InitField.PathStart] + row[InitField.PathCount])].map(name),
	);
	assert.deepEqual(inits, [["open"], ["sub", "x"], ["n"]]);
	assert.deepEqual(
		records(unit.invocations, INVOCATION_SIZE).map((row) => name(row[0])),
		["module_init"],
	);
	assert.deepEqual(
		records(unit.annotations, ANNOTATION_SIZE).map((row) => name(row[0])),
		["__must_hold", "Context"],
	);
	assert.deepEqual(
		records(unit.suppressions, SUPPRESSION_SIZE).map((row) => name(row[0])),
		["sleep-in-atomic"],
	);
});

test("a call's arguments carry their spans", () => {
	const text = "int f(void)\n{\n\treturn alloc(16, GFP_A | GFP_B);\n}\n";
	const unit = unitOf(text);
	const call = records(unit.ops, OP_SIZE).find((op) => (op[OpField.Code] & 0xff) === Op.Call);
	assert.ok(call !== undefined);
	const [first, count] = [call[OpField.B], call[OpField.C]];
	assert.equal(count, 2);
	const spans = [0, 1].map((i) => text.slice(unit.lists[first + count + i], unit.lists[first + 2 * count + i]));
	assert.deepEqual(spans, ["16", "GFP_A | GFP_B"]);
	assert.equal(text.slice(call[OpField.Start], call[OpField.End]), "alloc(16, GFP_A | GFP_B)");
});

test("what cannot be read costs its statement only, and is counted", () => {
	const unit = unitOf(
		"int f(void)\n{\n\tbefore();\n\tint = = @ 3;\n\tafter();\n\treturn 0;\n}\nint g(void) { return 1; }\n",
	);
	const ir = printUnit(unit);
	assert.ok(ir.includes("before()") && ir.includes("after()") && ir.includes("unknown"), ir);
	assert.equal(unit.unparsed.length, 2);
	assert.ok(unit.unparsedBodyBytes > 0 && unit.unparsedBodyBytes < 20);
	assert.deepEqual(
		functions(unit).map((fn) => [fn.name, (fn.flags & FnFlag.Partial) !== 0]),
		[
			["f", true],
			["g", false],
		],
	);
});

const SNIPPETS =
	"( ) { } [ ] ; , ? : && || ! ... = -> . # ## \\\n \" ' /* */ // ({ }) \n#if\u00201\n \n#else\n \n#endif\n \n#define\u0020X(a)\u0020 if( for( while( do else switch( case goto return sizeof( typeof( struct enum guard(x)(y); __free(kfree) static int asm \0 \u00ff".split(
		" ",
	);

/** Kernel-style files of our own: the fixtures. */
function corpus(): string[] {
	const ir = fixturePaths("ir", ".c").flatMap((path) => loadFixture("ir", path).files);
	return [...ir, ...loadMinikernel().files].map((file) => file.text).filter((text) => text.length > 200);
}

test("mutated and truncated files give well-formed units", () => {
	const texts = corpus();
	const random = generator(20240229);
	for (let run = 0; run < 1500; run++) {
		const text = mutate(texts[Math.floor(random() * texts.length)], SNIPPETS, random);
		const unit = lowerC("fuzz.c", Buffer.from(text, "latin1"), defaultConfig);
		assert.deepEqual(lowerFailures, [], text);
		assert.deepEqual(verifyUnit(unit), [], text);
		assert.equal(unit.byteLength, text.length);
	}
});

test("noise is a valid input", () => {
	const random = generator(7);
	for (let run = 0; run < 60; run++) {
		const bytes = Uint8Array.from({ length: 4000 }, () => Math.floor(random() * 256));
		assert.deepEqual(verifyUnit(lowerC("noise.c", bytes, defaultConfig)), []);
	}
	assert.deepEqual(lowerFailures, []);
	assert.equal(lowerC("empty.c", new Uint8Array(0), defaultConfig).fns.length, 0);
});

/** Each repeated to a large file would take minutes if anything were quadratic, or end in a stack overflow. */
const REPEATED = [
	"a(",
	"(",
	")",
	"{",
	"}",
	"[",
	"({",
	"a(({",
	"if(x){",
	"if(x)",
	"else ",
	"do ",
	"while(a)",
	"for(;;)",
	"switch(a)",
	"!",
	"-",
	"*",
	"a?b:",
	"a,",
	"a=",
	"a||",
	"a&&(",
	"!(",
	"goto a;",
	"case 1:",
	"a:",
	"if(a)goto b;",
	"guard(a)(b);",
	"x={",
	"struct a{",
	"enum{a,",
	"{.a=",
	"typeof(",
	"sizeof(",
	"int f(){",
	"int f(){}",
	"f(){a(;",
	"x(a){",
	"x(a) ",
	"a b(c) ",
	"__a(b) ",
	"__free(a) ",
	"static x(a) ",
	"#if X\n",
	"#if X\n#else\n",
	"#endif\n",
	"#define a(b) ",
	"#define a a\n",
	"a##",
	"\\\n",
	'"',
	"'",
	"/*",
	"//",
	"a.b",
	"a->",
	"1 ",
	"0x",
	"asm(",
	"EXPORT(a)",
	"typedef int a;",
	"int(*",
]; // prettier-ignore
const PREFIXES = ["", "int f(void)\n{\n", "int f(void)\n{\n\tint x = ", "struct a b = {", "#define m(a) "];

test("a macro that is first taken for an expression, with jumps in it, is read once more from the start", () => {
	const entries = ["continue", "break", "fix"].map((name) => `x(${name}, 0)`);
	assert.deepEqual(functionNames(`#define ENTRIES() ${entries.join(" ")}\nint f(void) { return 0; }\n`), [
		"ENTRIES",
		"f",
	]);
});

test("an enormous file is read in part, and the rest counts as unparsed", () => {
	const text = Buffer.from(`int f(void) {${"g(x);".repeat(1_000_000)}}`);
	const unit = lowerC("enormous.c", text, defaultConfig);
	assert.deepEqual(lowerFailures, []);
	assert.equal(unit.fns.length, FN_SIZE);
	assert.ok(unit.unparsed.some((offset, i) => i % 2 === 1 && offset === text.length));
});

test("time grows with the size only", () => {
	const bytes = 120_000;
	for (const prefix of PREFIXES) {
		for (const pattern of REPEATED) {
			const text = Buffer.from(prefix + pattern.repeat(bytes / pattern.length));
			const start = performance.now();
			const unit = lowerC("long.c", text, defaultConfig);
			const seconds = (performance.now() - start) / 1000;
			assert.ok(seconds < 4, `${JSON.stringify(prefix + pattern)} takes ${seconds} s`);
			assert.equal(unit.byteLength, text.length);
			assert.deepEqual(lowerFailures, [], prefix + pattern);
		}
	}
});
