// The lexer and the preprocessor's conditions by themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Lexer, lex } from "../src/c/lex.js";
import { intHigh, intLow, readChar, readInteger } from "../src/c/numbers.js";
import { createSymbols, symbolText } from "../src/c/symbols.js";
import { createTokens, T } from "../src/c/tokens.js";
import { W, WORDS } from "../src/c/words.js";
import { configDefined, configNumber, configState, defaultConfig, parseConfig } from "../src/source/kconfig.js";

function lexed(text: string): Lexer {
	const lexer: Lexer = {
		bytes: new TextEncoder().encode(text),
		tokens: createTokens(4),
		symbols: createSymbols(),
		docs: { data: new Int32Array(2), length: 0 },
		suppressions: { data: new Int32Array(2), length: 0 },
		at: 0,
	};
	lex(lexer);
	return lexer;
}

/** The spellings of the tokens. */
function spellings(text: string): string[] {
	const { tokens, bytes } = lexed(text);
	return Array.from({ length: tokens.count }, (_, i) =>
		Buffer.from(bytes.subarray(tokens.start[i], tokens.end[i])).toString(),
	);
}

test("tokens of C", () => {
	const cases: readonly [string, readonly string[]][] = [
		["a->b.c", ["a", "->", "b", ".", "c"]],
		["x<<=1>>=2...", ["x", "<<=", "1", ">>=", "2...".slice(0, 1), "..."]],
		["a+++b", ["a", "++", "+", "b"]],
		["0x1fUL+1.5e-3-0xe+1", ["0x1fUL", "+", "1.5e-3", "-", "0xe", "+", "1"]],
		['"a\\"b" \'\\\'\' L"w"', ['"a\\"b"', "'\\''", "L", '"w"']],
		["a/*x*/b//y\nc", ["a", "b", "c"]],
		["a\\\nb", ["a", "b"]],
		["case 1 ... 3:", ["case", "1", "...", "3", ":"]],
		["x##y #z", ["x", "##", "y", "#", "z"]],
		["é_1 @", ["é_1", "@"]],
		['"open\nx', ['"open', "x"]],
	];
	for (const [text, expected] of cases) assert.deepEqual(spellings(text), expected, text);
});

test("directives are tokens; a plain integer #define is one", () => {
	const { tokens } = lexed(
		"#include <a.h>\n  # if defined(X) \\\n && Y\n#define N 12 /* n */\n#define F(a) a\n#error it's\nx\n",
	);
	const kinds = Array.from(tokens.kind.subarray(0, tokens.count));
	assert.equal(kinds[0], T.Include);
	assert.equal(kinds[1], T.Directive);
	assert.equal(tokens.val[1], W.if);
	assert.equal(kinds.filter((kind) => kind === T.Eol).length, 3);
	assert.equal(kinds[kinds.length - 1], T.Ident);
	const plain = lexed("#define N 12\n#define M 0x3UL\n#define O (1)\n").tokens;
	assert.deepEqual(Array.from(plain.kind.subarray(0, plain.count)).filter((kind) => kind === T.DefineInt).length, 2);
});

test("names are interned; words have the numbers of W", () => {
	const { symbols, tokens, bytes } = lexed("alpha beta alpha if scoped_guard SYSCALL_DEFINE3");
	assert.equal(tokens.val[0], tokens.val[2]);
	assert.notEqual(tokens.val[0], tokens.val[1]);
	assert.equal(symbolText(symbols, bytes, tokens.val[1]), "beta");
	assert.deepEqual([tokens.val[3], tokens.val[4], tokens.val[5]], [
		W.if,
		W.scoped_guard,
		W.SYSCALL_DEFINE3,
	] as number[]);
	assert.equal(WORDS.length, W.Count as number);
	assert.equal(WORDS[W.LastKeyword], "__builtin_offsetof");
	assert.equal(WORDS[W.LastSpecial], "typecheck");
	assert.equal(new Set(WORDS).size, WORDS.length);
});

test("many names: the table grows and still finds them", () => {
	const names = Array.from({ length: 30000 }, (_, i) => `name_${i}`);
	const { tokens } = lexed(`${names.join(" ")} ${names.join(" ")}`);
	for (let i = 0; i < names.length; i++) assert.equal(tokens.val[i], tokens.val[i + names.length]);
});

test("doc comments and suppressions are noted", () => {
	const text = "/** doc */ /**/ /* plain */ // might-sleep: ignore[rule] why\n";
	const { docs, suppressions } = lexed(text);
	assert.deepEqual([...docs.data.subarray(0, docs.length)], [0, 10]);
	assert.equal(suppressions.length, 2);
	assert.ok(text.slice(suppressions.data[0], suppressions.data[1]).startsWith("might-sleep: ignore[rule] why"));
});

test("integers to 64 bits", () => {
	const read = (text: string): [boolean, number, number] => {
		const bytes = new TextEncoder().encode(text);
		return [readInteger(bytes, 0, bytes.length), intLow, intHigh];
	};
	assert.deepEqual(read("42u"), [true, 42, 0]);
	assert.deepEqual(read("0xffffffffffffffffULL"), [true, -1, -1]);
	assert.deepEqual(read("0x80000000"), [true, -2147483648, 0]);
	assert.deepEqual(read("0755"), [true, 493, 0]);
	assert.deepEqual(read("0b101"), [true, 5, 0]);
	assert.deepEqual(read("4294967296"), [true, 0, 1]);
	assert.equal(read("1.5")[0], false);
	readChar(new TextEncoder().encode("'\\n'"), 0, 4);
	assert.equal(intLow, 10);
});

test("a .config and an autoconf.h say the same", () => {
	const dot = parseConfig("# CONFIG_OFF is not set\nCONFIG_A=y\nCONFIG_M=m\nCONFIG_HZ=250\n");
	const header = parseConfig("#define CONFIG_A 1\n#define CONFIG_M_MODULE 1\n#define CONFIG_HZ 250\n");
	for (const view of [dot, header]) {
		assert.deepEqual(
			["CONFIG_A", "CONFIG_M", "CONFIG_OFF"].map((name) => configState(view, name)),
			[2, 1, 0],
		);
		assert.equal(configDefined(view, "CONFIG_M"), false);
		assert.equal(configDefined(view, "CONFIG_M_MODULE"), true);
		assert.equal(configNumber(view, "CONFIG_HZ"), 250);
	}
	assert.equal(configState(defaultConfig, "CONFIG_ANYTHING"), 2);
	assert.equal(configState(defaultConfig, "CONFIG_PREEMPT_RT"), 0);
	assert.equal(configDefined(defaultConfig, "CONFIG_A_MODULE"), false);
});
