// What runs have found, kept for the next ones: a tree that is as it was is not solved again, any other is; what is kept is
// what a run without a cache says; until the server has solved the tree, files that did not change have what was found of them.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Finding } from "@might-sleep/analyzer";
import type { DocumentDiagnosticReport } from "vscode-languageserver";
import { LspClient } from "./harness/lspClient.js";
import { DRIVER, TempTree } from "./harness/tempTree.js";

/** Files that changed more recently are not taken to be as they were by their stamps. */
const SETTLED_MS = 2100;
/** A pack that only says what other keys a run has is smaller. */
const LARGE_BYTES = 500;
const LOCKED = `extern int far_send(struct port *port);
int locked_send(struct port *port)
{
	spin_lock(&port->lock);
	far_send(port);
	spin_unlock(&port->lock);
	return 0;
}
`;

/** A row for a function that the tree calls and does not define. */
const ROW = { name: "vendor_send", how: "waits", source: "vendor/send.h" };

interface Output {
	readonly findings: readonly Finding[];
	readonly stats: { readonly phases: readonly { readonly name: string }[]; readonly files: number };
}

class RecallTree extends TempTree {
	constructor(t: TestContext, files: Readonly<Record<string, string>> = { "port.c": DRIVER, "other.c": LOCKED }) {
		super(t, files);
	}

	async check(args: readonly string[] = []): Promise<Output> {
		const { stdout, stderr } = await this.run(["check", "--format", "json", "--confidence", "low", ...args]);
		assert.equal(stderr, "");
		return JSON.parse(stdout);
	}

	/** What was done to come to the findings, which have to be those of a run without a cache. */
	async phases(args: readonly string[] = []): Promise<"recalled" | "read" | "solved"> {
		const found = await this.check(args);
		const { findings } = await this.check(["--no-cache", ...args]);
		assert.deepEqual(found.findings, findings);
		const names = found.stats.phases.map(({ name }) => name);
		if (names.includes("summaries")) return "solved";
		return names.includes("read files") ? "read" : "recalled";
	}

	answers(): string[] {
		const home = join(this.cache, "might-sleep");
		const names = readdirSync(home, { recursive: true, encoding: "utf8" });
		return names.filter((name) => /answers\/.*\.pack$/.test(name)).map((name) => join(home, name));
	}
}

test("a tree that did not change is not read again, one with the same bytes not solved again", async (t) => {
	const tree = new RecallTree(t);
	assert.equal(await tree.phases(), "solved");
	await sleep(SETTLED_MS);
	assert.notEqual(await tree.phases(), "solved");
	assert.equal(await tree.phases(), "recalled");
	const later = new Date(Date.now() + 3600_000);
	utimesSync(tree.path("port.c"), later, later);
	assert.equal(await tree.phases(), "read");
	assert.equal(await tree.phases(), "read", "a file that is so young may change without its stamp showing it");
	tree.write("port.c", DRIVER.replace("msleep(10)", "udelay(10)"));
	assert.equal(await tree.phases(), "solved");
	tree.write("port.c", DRIVER);
	assert.equal(await tree.phases(), "read", "an edit and its undo");
	tree.write("new.c", DRIVER.replaceAll("_send", "_post"));
	assert.equal(await tree.phases(), "solved");
});

test("other settings and rows have findings of their own", async (t) => {
	const tree = new RecallTree(t, { "other.c": LOCKED.replaceAll("far_send", "vendor_send") });
	assert.equal(await tree.phases(), "solved");
	assert.equal(await tree.phases(["--profile", "rt"]), "solved");
	assert.notEqual(await tree.phases(["--profile", "rt"]), "solved");
	assert.notEqual(await tree.phases(), "solved");
	tree.write(".might-sleep.json", JSON.stringify({ sleepers: [ROW] }));
	assert.equal(await tree.phases(), "solved");
	const { findings } = await tree.check();
	assert.ok(findings.some((finding) => finding.function === "locked_send"));
});

test("what is filtered out of a run is there in the next", async (t) => {
	const tree = new RecallTree(t);
	assert.deepEqual((await tree.check(["--rule", "rcu-blocking"])).findings, []);
	assert.notEqual(await tree.phases(), "solved");
});

test("findings without fixes are not taken where fixes are wanted", async (t) => {
	const source = DRIVER.replace("wait_a_bit(port);", "port->buf = kmalloc(8, GFP_KERNEL);");
	const tree = new RecallTree(t, { "port.c": source });
	const text = await tree.run(["check"]);
	assert.equal(await tree.phases(), "solved");
	assert.notEqual(await tree.phases(), "solved");
	assert.equal((await tree.run(["check"])).stdout, text.stdout);
});

test("damaged answers change nothing", async (t) => {
	const tree = new RecallTree(t);
	await sleep(SETTLED_MS);
	await tree.phases();
	assert.equal(await tree.phases(), "recalled");
	const damages = [
		(sound: Buffer) => sound.subarray(0, sound.length >> 1),
		(sound: Buffer) => sound.map((byte, i) => (i === 40 ? byte ^ 8 : byte)),
	];
	for (const damage of damages) {
		for (const path of tree.answers()) writeFileSync(path, damage(readFileSync(path)));
		assert.equal(await tree.phases(), "solved");
		assert.equal(await tree.phases(), "recalled");
	}
});

test("few runs are kept", async (t) => {
	const tree = new RecallTree(t);
	for (let i = 0; i < 10; i++) {
		tree.write("new.c", `int number = ${i};\n`);
		await tree.check();
	}
	assert.equal(tree.answers().length, 8);
});

test("until the server has solved the tree, an unchanged file has what the last run found in it", async (t) => {
	const many = Object.fromEntries(
		Array.from({ length: 1500 }, (_, i) => [`d${i}/x.c`, DRIVER.replaceAll("_send", `_send${i}`)]),
	);
	const far = DRIVER.replace("bad_send", "worse_send").replace("good_send", "far_send");
	const tree = new RecallTree(t, { ...many, "port.c": far, "other.c": LOCKED });
	await tree.check();
	const client = await LspClient.start({
		folder: tree.root,
		env: { XDG_CACHE_HOME: tree.cache },
		settings: { jobs: 1 },
		capabilities: { textDocument: { diagnostic: {} } },
	});
	t.after(() => client.kill());
	const messages = async () => {
		const textDocument = { uri: client.uri("other.c") };
		const report = await client.request<DocumentDiagnosticReport>("textDocument/diagnostic", { textDocument });
		return report.kind === "full" ? report.items.map((item) => item.message) : [];
	};
	client.open("other.c", LOCKED);
	const before = await messages();
	const isReady = client.received.some((message) => (message.params as { phase?: string })?.phase === "ready");
	assert.equal(isReady, false, "the index was up before the first answer: make the tree larger");
	assert.equal(before.length, 1, "the sleeping callee is in another file");
	client.change("other.c", 2, LOCKED.replace("far_send(port);", "port->state = 1;"));
	assert.deepEqual(await messages(), [], "it is not the file that was checked");
	client.change("other.c", 3, LOCKED);
	await client.ready();
	assert.deepEqual(await messages(), before);
});

test("what the server has found, the command finds again", async (t) => {
	const tree = new RecallTree(t);
	const client = await LspClient.start({ folder: tree.root, env: { XDG_CACHE_HOME: tree.cache } });
	t.after(() => client.kill());
	await client.ready();
	const large = () => tree.answers().filter((path) => statSync(path).size > LARGE_BYTES);
	for (let i = 0; i < 200 && large().length === 0; i++) await sleep(20);
	const [kept] = large();
	const { stdout } = await tree.run(["check"]);
	assert.equal(stdout, (await tree.run(["check", "--no-cache"])).stdout);
	assert.deepEqual(large(), [kept], "it had nothing to add but stamps");
});
