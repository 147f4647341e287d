// The front end for Rust on good and on broken input: what constructs become in the unit's tables, that mutated,
// truncated and hostile bytes give a well-formed unit, and that time grows with the size only.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadRust, lowerRust, type Unit } from "@might-sleep/analyzer";
import { printUnit } from "@might-sleep/analyzer/ir/print";
import {
	FN_SIZE,
	FnField,
	FnFlag,
	INIT_SIZE,
	InitField,
	SUPPRESSION_SIZE,
	unitName,
} from "@might-sleep/analyzer/ir/unit";
import { verifyUnit } from "@might-sleep/analyzer/ir/verify";
import { rustFailures } from "@might-sleep/analyzer/rust/index";
import { type ConfigView, defaultConfig, parseConfig } from "@might-sleep/analyzer/source/kconfig";
import { fixturePaths, loadFixture, readRustWasm } from "./harness/load.js";
import { generator, mutate } from "./harness/random.js";

await loadRust(readRustWasm());

function unitOf(text: string, config: ConfigView = defaultConfig, path = "drivers/demo.rs"): Unit {
	const unit = lowerRust(path, new TextEncoder().encode(text), config);
	assert.deepEqual(verifyUnit(unit), []);
	assert.deepEqual(rustFailures, []);
	return unit;
}

/** The printed IR without line numbers and op numbers of lines that carry none. */
function irOf(text: string): string {
	return printUnit(unitOf(text)).replace(/^ *\d+ (.) +\d+ {2}/gm, "\t");
}

function functionNames(text: string, config: ConfigView = defaultConfig, path = "drivers/demo.rs"): string[] {
	const unit = unitOf(text, config, path);
	return Array.from({ length: unit.fns.length / FN_SIZE }, (_, i) => unitName(unit, unit.fns[i * FN_SIZE]!));
}

/** The IR of each text holds each line, and none of what must not be there. */
const LOWERED: readonly {
	readonly what: string;
	readonly text: string;
	readonly lines: readonly string[];
	readonly not?: readonly string[];
}[] = [
	{
		what: "a method call names the way to its receiver's type",
		text: "struct S { a: A }\nimpl S { fn f(&self) { self.a.go(1); } }",
		lines: ["%0 = S.a#go(&self->a, 1)"],
	},
	{
		what: "types come from let, casts, constructors and results",
		text: "fn f(x: &T9) { let a: Foo = x.y(); a.go(); Bar::new(a).go(); (x as &Foo).go(); x.y()?.go(); }",
		lines: ["Foo#go(a)", "Bar::new(Foo)#go(%", "&Foo#go(x)".slice(1), "T9#y()?#go(*%"],
	},
	{
		what: "a guard is dropped at the end of its block, last first",
		text: "fn f(x: &A, y: &A) { let a = x.lock(); let b = y.lock(); go(); }",
		lines: ["%6 = crate::go()\n", "%8 = A#lock()#drop(b)  [cleanup]\n\t%9 = A#lock()#drop(a)"],
	},
	{
		what: "drop() ends it, and what is moved is not dropped",
		text: "fn f(x: &A) { let a = x.lock(); drop(a); let b = x.lock(); keep(b); }",
		lines: ["A#lock()#drop(a)  [cleanup]", "crate::keep(b)"],
		not: ["#drop(b)"],
	},
	{
		what: "what one arm moves is dropped by a flag",
		text: "fn f(x: &A, c: bool) { let a = x.lock(); if c { keep(a); } go(); }",
		lines: ["$3 = 1", "$3 = 0", "unless ($3) goto"],
	},
	{
		what: "a temporary lives to the end of its statement",
		text: "fn f(x: &A) { let n = x.lock().n; go(n); }",
		lines: ["%2 = A#lock()#drop(%0)  [cleanup]"],
	},
	{
		what: "? leaves the function with what is owned dropped",
		text: "fn f(x: &A) -> Result<u32> { let a = x.lock(); let n = x.read()?; Ok(n) }",
		lines: ["unless (!%3) goto", "A#lock()#drop(a)  [cleanup]\n\treturn 0", "n = *%3"],
	},
	{
		what: "match tests its arms in order; the last needs no test",
		text: "fn f(x: Option<u32>) { match x { Some(n) => a(n), None => b() } }",
		lines: ["unless ($1) goto", "n = *$1", "crate::b()"],
	},
	{
		what: "if let and while let bind what they match",
		text: "fn f(mut i: I) { if let Ok(v) = i.try_it() { a(v); } while let Some(x) = i.next() { b(x); } }",
		lines: ["v = *%", "x = *%", "[back]"],
	},
	{
		what: "break leaves the labelled loop, with its value",
		text: "fn f() -> u32 { 'out: loop { loop { break 'out 3; } } }",
		lines: ["= 3\n\tgoto"],
	},
	{
		what: "closures of Option and iterators run in place",
		text: "fn f(x: Option<u32>) { x.map(|v| go(v)); }",
		lines: ["crate::go(v)", "choose"],
		not: ["closure"],
	},
	{
		what: "other closures are functions of their own",
		text: "fn f(x: &Q) { x.run(|v: u32| go(v)); }",
		lines: ["Q#run(x, demo::f::{closure#0})", "static rust ? demo::f::{closure#0}(u32 v)", "crate::go(v)"],
	},
	{
		what: "messages have no code, what allocates has",
		text: 'fn f() -> Result { pr_info!("{}\\n", gone()); let v = kvec![one()]?; Ok(()) }',
		lines: ["crate::one()", "kvec!(%"],
	},
	{
		what: "initialisers evaluate their fields",
		text: "fn f() -> Result { let x = Arc::pin_init(try_pin_init!(S { a <- new_mutex!(one()), b: two()?, }? Error), GFP_KERNEL)?; Ok(()) }",
		lines: ["crate::one()", "crate::two()", "Arc::pin_init(<opaque>, GFP_KERNEL)"],
	},
	{
		what: "calls into C go by its names",
		text: "use kernel::bindings;\nfn f() { unsafe { bindings::kfree(core::ptr::null()) }; }",
		lines: ["bindings::kfree(%"],
	},
	{
		what: "functions of a parameter's trait are called through its table",
		text: "trait T { fn go(&self); }\nfn f<B: T>(b: &B) { b.go(); B::go(b); }",
		lines: ["((struct T)b)->go(b)", "((struct T)<opaque>)->go(b)"],
	},
	{
		what: "flags are what C calls them",
		text: "fn f(v: &mut KVec<u8>) { v.push(1, kernel::alloc::flags::GFP_KERNEL | __GFP_ZERO); }",
		lines: ["KVec<u8>#push(v, 1, GFP_KERNEL | __GFP_ZERO)"],
	},
];

test("constructs of Rust and of the kernel crate", async (t) => {
	for (const { what, text, lines, not = [] } of LOWERED) {
		await t.test(what, () => {
			const ir = irOf(text);
			for (const line of lines) assert.ok(ir.includes(line), `no ${JSON.stringify(line)} in\n${ir}`);
			for (const line of ["gone", "unknown", ...not]) assert.ok(!ir.includes(line), `${line} in\n${ir}`);
		});
	}
});

test("functions are named by their type, their module, or as C knows them", () => {
	const text =
		"fn a() {}\nmod m { fn b() {} }\nimpl<T> Foo<T> { fn c(&self) {} }\nimpl Drop for Foo<u8> { fn drop(&mut self) {} }\n" +
		'trait Q { fn d(&self) {} fn e(&self); }\n#[no_mangle]\nextern "C" fn f() {}\nfn g() { fn h() {} struct S; impl S { fn i() {} } }\n';
	assert.deepEqual(functionNames(text), [
		"demo::a",
		"m::b",
		"Foo::c",
		"Foo::drop",
		"Q::d",
		"f",
		"demo::g",
		"demo::h",
		"S::i",
	]);
	assert.deepEqual(functionNames("fn a() {}", defaultConfig, "rust/kernel/sync/mod.rs"), ["sync::a"]);
});

test("an impl of a trait is a table of its functions, and a table of C's holds what is put into it", () => {
	const unit = unitOf(
		"impl irq::Handler for Foo { fn handle(&self) {} }\n" +
			"impl Foo { const T: bindings::ops = bindings::ops { run: Some(Self::go), ..bindings::ops::default() };\n" +
			'unsafe extern "C" fn go() {} }',
	);
	const inits = Array.from({ length: unit.inits.length / INIT_SIZE }, (_, i) => {
		const at = i * INIT_SIZE;
		const type = unit.types[unit.inits[at + InitField.Type]! * 4 + 1]!;
		const field = unit.lists[unit.inits[at + InitField.PathStart]!]!;
		const value = unit.exprs[unit.inits[at + InitField.Value]! * 4 + 1]!;
		return [type, field, value].map((name) => unitName(unit, name)).join(" ");
	});
	assert.deepEqual(inits, ["Handler handle Foo::handle", "irq::Handler handle Foo::handle", "ops run Foo::go"]);
});

test("cfg: the configuration chooses, what it leaves out is an alternative", () => {
	const text =
		"#[cfg(CONFIG_A)]\nfn a() {}\n#[cfg(not(CONFIG_A))]\nfn b() {}\n#[cfg(all(CONFIG_A, not(CONFIG_B)))]\nfn c() {}\n" +
		"fn d() { #[cfg(CONFIG_B)]\nbad(); #[cfg(CONFIG_A)]\ngood(); }\n";
	const unit = unitOf(text, parseConfig("CONFIG_A=y\n"));
	const taken = Array.from({ length: unit.fns.length / FN_SIZE }, (_, i) => i * FN_SIZE)
		.filter((at) => (unit.fns[at + FnField.Flags]! & FnFlag.Alternative) === 0)
		.map((at) => unitName(unit, unit.fns[at]!));
	assert.deepEqual(taken, ["demo::a", "demo::c", "demo::d"]);
	const ir = printUnit(unit);
	assert.ok(ir.includes("good") && !ir.includes("bad"), ir);
});

test("suppressions in comments are noted with their rules", () => {
	const unit = unitOf(
		"fn f() {\n    // might-sleep: ignore[sleep-in-atomic, rcu-blocking] the caller knows\n    go();\n}\n",
	);
	const rules = Array.from({ length: unit.suppressions.length / SUPPRESSION_SIZE }, (_, i) =>
		unitName(unit, unit.suppressions[i * SUPPRESSION_SIZE]!),
	);
	assert.deepEqual(rules, ["sleep-in-atomic", "rcu-blocking"]);
});

test("bytes that are no text of UTF-8 keep the places of what follows", () => {
	const text = "// \u00e4\u00f6\u20ac \ud83d\ude00\nfn f() {}\n";
	const bytes = new TextEncoder().encode(text);
	const unit = lowerRust("a.rs", bytes, defaultConfig);
	assert.equal(new TextDecoder().decode(bytes.subarray(unit.fns[FnField.Start], unit.fns[FnField.End])), "fn f() {}");
});

test("what cannot be read is counted, and the rest is there", () => {
	const unit = unitOf("fn a() { one(); }\nfn b() { let = = 3; two(); }\nfn c() { three(); }\n");
	assert.ok(unit.unparsed.length > 0);
	const names = functionNames("fn a() { one(); }\nfn b() { let = = 3; two(); }\nfn c() { three(); }\n");
	assert.ok(names.includes("demo::a") && names.includes("demo::c"), names.join());
});

const SNIPPETS =
	"( ) { } [ ] ; , ? : :: && || ! ... = -> => . .. # #[a] \" ' /* */ // r#\" b' 'a |x| match~x{ if~let~ loop{ unsafe{ fn~ impl~ <T:~ > ? break return a!( a!{ drop( Some( move~ async~ \0 \u00ff"
		.split(" ")
		.map((word) => word.replaceAll("~", " "));

function corpus(): string[] {
	const texts = fixturePaths("rules", ".rs").flatMap((path) => loadFixture("rules", path).files);
	return texts.filter((file) => file.path.endsWith(".rs")).map((file) => file.text);
}

test("mutated and truncated files give well-formed units", () => {
	const texts = corpus();
	assert.ok(texts.length > 3);
	const random = generator(20260228);
	for (let run = 0; run < 1500; run++) {
		const text = mutate(texts[Math.floor(random() * texts.length)]!, SNIPPETS, random);
		const unit = lowerRust("fuzz.rs", Buffer.from(text, "latin1"), defaultConfig);
		assert.deepEqual(rustFailures, [], text);
		assert.deepEqual(verifyUnit(unit), [], text);
		assert.equal(unit.byteLength, text.length);
	}
});

test("noise is a valid input", () => {
	const random = generator(7);
	for (let run = 0; run < 20; run++) {
		const bytes = Uint8Array.from({ length: 4000 }, () => Math.floor(random() * 256));
		assert.deepEqual(verifyUnit(lowerRust("noise.rs", bytes, defaultConfig)), []);
	}
	assert.deepEqual(rustFailures, []);
	assert.equal(lowerRust("empty.rs", new Uint8Array(0), defaultConfig).fns.length, 0);
});

const REPEATED =
	'( ) { } [ ] a( a. a.b() a? a?; !a & *a -a a+ a&& a|| if~a{ if~let~Some(x)=a{ match~a{ match~a{b=>c, loop{ while~a{ |x| ||{ a!( a!{ kvec![ a::b:: <A <A> &\'a~ fn~f(){ fn~f(){} mod~m{ impl~A{ impl~A{} struct~A{a:B} use~a::{ a; let~x=a; let~x=a();drop(x); #[a] #[cfg(A)] " \' // /* r#" b" 1 0x _ => => , ; a=a; return~ break~ unsafe{ a~as~A~as~'
		.split(" ")
		.map((word) => word.replaceAll("~", " "));

test("time grows with the size only", () => {
	const bytes = 40_000;
	for (const prefix of ["", "fn f() {\n", "fn f() { let x = "]) {
		for (const pattern of REPEATED) {
			const text = Buffer.from(prefix + pattern.repeat(bytes / pattern.length));
			const start = performance.now();
			const unit = lowerRust("long.rs", text, defaultConfig);
			const seconds = (performance.now() - start) / 1000;
			assert.ok(seconds < 6, `${JSON.stringify(prefix + pattern)} takes ${seconds} s`);
			assert.equal(unit.byteLength, text.length);
			assert.deepEqual(rustFailures, [], prefix + pattern);
		}
	}
});
