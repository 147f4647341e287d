// Rust in the language server and on the command line: diagnostics, hover and fixes over stdio, before and after
// edits, and the command line's findings with and without the cache.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { CodeAction, Diagnostic, DocumentDiagnosticReport, Hover } from "vscode-languageserver";
import { LspClient } from "./harness/lspClient.js";
import { TempTree } from "./harness/tempTree.js";

const DEMO = `use kernel::prelude::*;
use kernel::sync::SpinLock;

struct Demo {
    // \u00e4\u20ac
    pending: SpinLock<KVec<u32>>,
}

impl Demo {
    fn remember(&self, id: u32) -> Result {
        let mut pending = self.pending.lock();
        pending.push(id, GFP_KERNEL)?;
        Ok(())
    }
}
`;
const LINE = 1 + DEMO.split("\n").findIndex((line) => line.includes("push"));

async function opened(t: TestContext): Promise<LspClient> {
	const tree = new TempTree(t, { "demo.rs": DEMO });
	const capabilities = { textDocument: { diagnostic: {} } };
	const client = await LspClient.start({ folder: tree.root, env: { XDG_CACHE_HOME: tree.cache }, capabilities });
	t.after(() => client.kill());
	await client.ready();
	client.open("demo.rs", DEMO);
	return client;
}

async function diagnostics(client: LspClient): Promise<Diagnostic[]> {
	const textDocument = { uri: client.uri("demo.rs") };
	const report: DocumentDiagnosticReport = await client.request("textDocument/diagnostic", { textDocument });
	return report.kind === "full" ? report.items : [];
}

test("a file of Rust has diagnostics with both chains, hovers, and fixes that mend it", async (t) => {
	const client = await opened(t);
	const [found, ...others] = await diagnostics(client);
	assert.deepEqual(others, []);
	assert.equal(found?.code, "gfp-sleeps-in-atomic");
	assert.match(String(found.message), /KVec::push\(\) with GFP_KERNEL may sleep, but `self\.pending` is held/);
	assert.deepEqual(found.range.start, { line: LINE - 1, character: 16 });
	assert.equal(found.range.end.character, 36);

	const textDocument = { uri: client.uri("demo.rs") };
	const position = { line: LINE - 1, character: 18 };
	const hover: Hover | null = await client.request("textDocument/hover", { textDocument, position });
	const text = hover === null ? "" : (hover.contents as { value: string }).value;
	assert.match(text, /atomic/);
	assert.match(text, /self\.pending/);
	assert.match(text, /GFP_ATOMIC/);

	const context = { diagnostics: [found] };
	const actions: CodeAction[] = await client.request("textDocument/codeAction", {
		textDocument,
		range: found.range,
		context,
	});
	const fix = actions.find((action) => action.title === "use GFP_ATOMIC instead of GFP_KERNEL");
	assert.ok(fix !== undefined, actions.map((action) => action.title).join());

	client.change("demo.rs", 2, DEMO.replace("GFP_KERNEL", "GFP_ATOMIC"));
	assert.deepEqual(await diagnostics(client), []);
	client.change("demo.rs", 3, DEMO.replace("SpinLock<", "Mutex<"));
	assert.deepEqual(await diagnostics(client), []);
	client.change("demo.rs", 4, DEMO);
	assert.equal((await diagnostics(client)).length, 1);
});

test("the command line finds the same, cold, from the cache, and with any number of jobs", async (t) => {
	const tree = new TempTree(t, {
		"demo.rs": DEMO,
		"lib/other.rs": DEMO,
		"noise.rs": "fn ((( \u00ff",
		"a.c": "int a;\n",
	});
	const runs: string[] = [];
	for (const args of [["--no-cache"], [], [], ["--jobs", "1"], ["--jobs", "3", "--no-cache"]]) {
		const run = await tree.run(["check", "--format", "json", ...args]);
		assert.equal(run.status, 1, run.stderr);
		runs.push(JSON.stringify(JSON.parse(run.stdout).findings));
	}
	assert.equal(JSON.parse(runs[0]!).length, 2);
	assert.deepEqual([...new Set(runs)].length, 1);
});

test("context takes a function of Rust by its type's and its own name", async (t) => {
	const tree = new TempTree(t, { "demo.rs": DEMO });
	const run = await tree.run(["context", "--format", "json", "Demo::remember"]);
	assert.equal(run.status, 0, run.stderr);
	assert.equal(JSON.parse(run.stdout).function, "Demo::remember");
	const none = await tree.run(["context", "Demo::forget"]);
	assert.equal(none.status, 2);
	assert.match(none.stderr, /no function 'Demo::forget'/);
});

const MACROS = `#[macro_export]
macro_rules! bank_module {
    ($($bank:ident),*) => {
        $(impl $bank {
            fn fill(&self) {
                let mut config = self.config.lock();
                *config = 1;
            }
        })*
    };
}
`;
const USER = `use kernel::prelude::*;
use kernel::sync::{Mutex, SpinLock};

struct Bank {
    state: SpinLock<u32>,
    config: Mutex<u32>,
}

kernel::bank_module!(Bank);

fn both(bank: &Bank) {
    let guard = bank.state.lock();
    bank.fill();
}
`;
const BANKS = { "rust/kernel/bank.rs": MACROS, "drivers/user.rs": USER, "drivers/demo.rs": DEMO };

test("an edit of a macro is one of the files that use it", async (t) => {
	const tree = new TempTree(t, BANKS);
	const capabilities = { textDocument: { diagnostic: {} } };
	const client = await LspClient.start({ folder: tree.root, env: { XDG_CACHE_HOME: tree.cache }, capabilities });
	t.after(() => client.kill());
	await client.ready();
	client.open("rust/kernel/bank.rs", MACROS);
	client.open("drivers/user.rs", USER);
	const codes = async () => {
		const textDocument = { uri: client.uri("drivers/user.rs") };
		const report: DocumentDiagnosticReport = await client.request("textDocument/diagnostic", { textDocument });
		return report.kind === "full" ? report.items.map(({ code }) => code) : [];
	};
	assert.deepEqual(await codes(), ["sleep-in-atomic"]);
	client.change("rust/kernel/bank.rs", 2, MACROS.replace("self.config.lock()", "GFP_KERNEL"));
	assert.deepEqual(await codes(), []);
	client.change("rust/kernel/bank.rs", 3, MACROS);
	assert.deepEqual(await codes(), ["sleep-in-atomic"]);
	client.change("rust/kernel/bank.rs", 4, MACROS.replace("#[macro_export]", ""));
	assert.deepEqual(await codes(), []);
	client.change("drivers/user.rs", 2, USER.replace("bank_module!(Bank)", "other_module!(Bank)"));
	client.change("rust/kernel/bank.rs", 5, MACROS.replace("bank_module", "other_module"));
	assert.deepEqual(await codes(), ["sleep-in-atomic"]);
});

test("what is cached of a file holds for the macros that it uses", async (t) => {
	const tree = new TempTree(t, BANKS);
	const findings = async (args: readonly string[]) =>
		JSON.stringify(JSON.parse((await tree.run(["check", "--format", "json", ...args])).stdout).findings);
	const hits = async () => JSON.parse((await tree.run(["stats", "--format", "json"])).stdout).cache;
	const first = await findings([]);
	assert.match(first, /drivers\/user\.rs/);
	assert.equal((await hits()).misses, 0);
	tree.write("rust/kernel/bank.rs", MACROS.replace("self.config.lock()", "GFP_KERNEL"));
	const { misses } = await hits();
	assert.equal(misses, 2, "the macro's file and the one that uses it");
	const second = await findings([]);
	assert.doesNotMatch(second, /drivers\/user\.rs/);
	assert.equal(second, await findings(["--no-cache", "--jobs", "1"]));
	tree.write("rust/kernel/bank.rs", MACROS);
	assert.equal(await findings(["--jobs", "2"]), first);
});
