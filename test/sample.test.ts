// The bundled sample: what its comments promise is what the command line finds and the hover says, and nothing else. It
// is also the case of a module that is read without any kernel header.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Finding } from "@might-sleep/analyzer";
import type { PanelState } from "@might-sleep/server/debug/messages";
import type { Hover } from "vscode-languageserver";
import { DapClient } from "./harness/dapClient.js";
import { LspClient } from "./harness/lspClient.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SAMPLE = join(ROOT, "samples/wisp");

/** Every finding: where, what, and how its first fix begins. */
const FINDINGS: readonly (readonly [string, string])[] = [
	["io.c wisp_mirror warning[gfp-reclaim-recursion]", "use GFP_NOIO instead of GFP_KERNEL"],
	["io.c wisp_submit_bio warning[gfp-reclaim-recursion]", "use GFP_NOIO instead of GFP_KERNEL"],
	["pool.c wisp_event_add error[gfp-sleeps-in-atomic]", "use GFP_ATOMIC instead of GFP_KERNEL"],
	["pool.c wisp_buffer_get warning[context-dependent-behaviour]", "use GFP_KERNEL instead of asking"],
	["pool.c wisp_event_drain warning[conditional-locking]", ""],
	["pool.c wisp_stats_alloc hint[gfp-atomic-unneeded]", "use GFP_KERNEL instead of GFP_ATOMIC"],
	["pool.c wisp_reset hint[context-undocumented]", "add a comment on the context"],
	["reserve.c wisp_entry_push hint[allocate-before-lock]", "allocate before spin_lock_irqsave()"],
	["route.c wisp_route_flush error[rcu-blocking]", ""],
	["vport.c wisp_vport_create error[gfp-sleeps-in-atomic]", "use GFP_ATOMIC instead of GFP_KERNEL"],
	["vport.c wisp_vport_clone hint[allocate-before-lock]", "allocate before spin_lock_irqsave()"],
	["vport.c wisp_vport_clone warning[irq-flavour-mismatch]", "release with spin_unlock_irqrestore()"],
	["vport.c wisp_vport_remove warning[lock-imbalance]", ""],
	["wisp_rust.rs Ports::add error[gfp-sleeps-in-atomic]", "use GFP_ATOMIC instead of GFP_KERNEL"],
	["wisp_rust.rs Ports::add_old error[gfp-missing]", "write push(…, GFP_ATOMIC)"],
	["wisp_rust.rs Ports::name_old error[gfp-missing]", "write push(…, GFP_KERNEL)"],
	["wisp_rust.rs Ports::flush error[rcu-blocking]", ""],
	["wisp_rust.rs wisp_rust::grow error[gfp-sleeps-in-atomic]", "use GFP_ATOMIC instead of GFP_KERNEL"],
	["wisp_rust.rs wisp_rust::boxed_atomic error[gfp-missing]", "write KBox::new(…, GFP_KERNEL)"],
	["wisp_rust.rs wisp_rust::boxed_old error[gfp-missing]", "write KBox::new(…, GFP_KERNEL)"],
	["wisp_rust.rs wisp_rust::boxed_old error[gfp-missing]", "write Arc::new(…, GFP_KERNEL)"],
];

/** Where the cursor is (`$0` in a piece of the file's text), how the hover begins, and what it says of a flag. */
const HOVERS: readonly { readonly at: string; readonly verdict: RegExp; readonly flag?: RegExp }[] = [
	{
		at: "vport.c kzalloc(sizeof(*vport), GFP_K$0ERNEL)",
		verdict: /^\*\*atomic\*\* · `&wisp->lock` held .* may not sleep · use GFP_ATOMIC or GFP_NOWAIT$/,
		flag: /`GFP_KERNEL` is \*\*not valid here\*\*: it may sleep, and the context may not/,
	},
	{
		at: "vport.c kzalloc(sizeof(*vport), GFP_A$0TOMIC)",
		verdict: /^\*\*atomic\*\* · `&wisp->lock` held/,
		flag: /valid here\*\*: it does not wait[\s\S]*leaves 3\/8 of the min watermark/,
	},
	{
		at: "pool.c event = kmalloc(sizeof(*event), GFP_KER$0NEL)",
		verdict: /^\*\*mixed\*\* .* atomic in 1 of 2 contexts · may not sleep · use GFP_ATOMIC/,
		flag: /not valid here\*\*: it may sleep, and 1 of 2 contexts may not/,
	},
	{
		at: "pool.c kcalloc(nr, sizeof(u32), GFP_AT$0OMIC)",
		verdict: /^\*\*process\*\* · may sleep · use GFP_KERNEL/,
		flag: /valid here, but not needed\*\*: every known context may sleep/,
	},
	{
		at: "io.c bio_alloc_bioset(wisp->bdev, 1, REQ_OP_WRITE, GFP_K$0ERNEL, &wisp->bios);\n\t\tif (!bio)\n\t\t\treturn -ENOMEM;\n\t\tbio->bi_end_io = wisp_end_io;\n\t\tbio->bi_iter",
		verdict: /^\*\*process\*\* .* use GFP_NOIO/,
		flag: /not valid here\*\*: reclaim must not start I\/O[\s\S]*wisp_submit_bio/,
	},
	{ at: "route.c list_del_rcu(&route->node);\n\t\tsynch$0ronize_rcu", verdict: /^\*\*atomic\*\*.*RCU read side/ },
	{ at: "reserve.c kmalloc(sizeof(*event), g$0fp)", verdict: /^\*\*mixed\*\*/ },
	{
		at: "reserve.c wisp_entry_new(code, GFP_NO$0WAIT)",
		verdict: /^\*\*atomic\*\* · `&wisp->lock` held/,
		flag: /valid here\*\*: it does not wait[\s\S]*leaves all of the min watermark/,
	},
	{
		at: "reserve.c kmalloc(WISP_BUFFER_SIZE, GFP_K$0ERNEL)",
		verdict: /^\*\*process\*\*/,
		flag: /valid here\*\*: it may sleep here; the scope makes it GFP_NOIO/,
	},
	{
		at: "wisp_rust.rs Port { id }, GFP_K$0ERNEL)?;\n        Ok",
		verdict: /^\*\*atomic\*\* · `self\.ports` held/,
		flag: /not valid here\*\*/,
	},
	{
		at: "wisp_rust.rs Port { id: 1 }, GFP_A$0TOMIC",
		verdict: /^\*\*atomic\*\* · `self\.ports` held/,
		flag: /valid here\*\*: it does not wait/,
	},
	{ at: "wisp_rust.rs ports.try_p$0ush", verdict: /^\*\*atomic\*\* · `self\.ports` held/ },
	{
		at: "wisp_rust.rs bindings::GFP_K$0ERNEL",
		verdict: /^\*\*atomic\*\* · `ports\.total` held/,
		flag: /not valid here\*\*/,
	},
	{
		at: "wisp_rust.rs GFP_KERNEL | GFP_DM$0A32",
		verdict: /^\*\*process\*\* · may sleep/,
		flag: /`GFP_DMA32` is \*\*valid here\*\*[\s\S]*in the mask `GFP_KERNEL \| GFP_DMA32`/,
	},
];

test("the sample has exactly the findings that its comments speak of", () => {
	const args = ["server/bin/might-sleep.js", "check", "--no-cache", "--format", "json", "--root", SAMPLE];
	const done = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
	assert.equal(done.status, 1, done.stderr);
	const { findings } = JSON.parse(done.stdout) as { findings: readonly Finding[] };
	const told = findings.map((one) => `${one.file} ${one.function} ${one.severity}[${one.rule}]`);
	assert.deepEqual(
		told,
		FINDINGS.map(([finding]) => finding),
	);
	findings.forEach(({ fixes }, i) => {
		const [finding, title] = FINDINGS[i]!;
		assert.equal(fixes.length > 0, title !== "", finding);
		assert.ok((fixes[0]?.title ?? "").startsWith(title), `${finding}: ${fixes[0]?.title}`);
	});
	for (const one of findings) assert.notEqual(one.confidence, "low", one.message);
	const added = findings.find((one) => one.function === "wisp_event_add");
	assert.match(added?.enter.map((step) => step.note).join("\n") ?? "", /request_irq/);
});

test("its hovers begin with the verdict, and explain the flags", async (t) => {
	const cache = mkdtempSync(join(tmpdir(), "might-sleep-sample-"));
	t.after(() => rmSync(cache, { recursive: true, force: true, maxRetries: 5 }));
	const client = await LspClient.start({ folder: SAMPLE, env: { XDG_CACHE_HOME: cache } });
	t.after(() => client.kill());
	await client.ready();
	const opened = new Map<string, string>();
	for (const { at, verdict, flag } of HOVERS) {
		const [file = ""] = at.split(" ", 1);
		const piece = at.slice(file.length + 1);
		if (!opened.has(file)) {
			opened.set(file, readFileSync(join(SAMPLE, file), "utf8"));
			client.open(file, opened.get(file)!);
		}
		const lines = placeBefore(opened.get(file)!, piece).split("\n");
		const position = { line: lines.length - 1, character: lines.at(-1)!.length };
		const hover = await client.request<Hover | null>("textDocument/hover", {
			textDocument: { uri: client.uri(file) },
			position,
		});
		assert.ok(hover !== null, at);
		// without the signs that keep Markdown from reading names as emphasis
		const value = (hover.contents as { value: string }).value.replaceAll(/\\(?=[_|])/g, "");
		assert.match(value.split("\n")[0]!, verdict, at);
		if (flag !== undefined) assert.match(value, flag, at);
	}
});

/** The text before the cursor of a piece of it. */
function placeBefore(text: string, piece: string): string {
	const [before = "", after = ""] = piece.split("$0");
	const start = text.indexOf(before + after);
	assert.ok(start >= 0, `the sample has no ${piece}`);
	return text.slice(0, start) + before;
}

test("a function may be interrupted by the handler of its driver", async (t) => {
	const cache = mkdtempSync(join(tmpdir(), "might-sleep-sample-"));
	const client = await LspClient.start({ folder: SAMPLE, env: { XDG_CACHE_HOME: cache } });
	t.after(() => {
		client.kill();
		rmSync(cache, { recursive: true, force: true });
	});
	await client.ready();
	const { pipe } = await client.request<{ readonly pipe: string }>("might-sleep/debugPipe", {});
	const socket = connect(pipe);
	t.after(() => socket.destroy());
	const dap = new DapClient(socket, socket);
	await dap.launch({ function: "wisp_vport_create", file: join(SAMPLE, "vport.c") });
	const { actions } = await dap.request<PanelState & object>("might-sleep/state");
	const interrupts = actions.filter(({ kind }) => kind === "interrupt").map(({ text }) => text);
	assert.deepEqual(interrupts, ["interrupt wisp_irq() on CPU 0", "interrupt of another device on CPU 0"]);
	await dap.request("might-sleep/act", { action: actions.findIndex(({ kind }) => kind === "interrupt") });
	await dap.event("stopped");
	const [top] = await dap.frames();
	assert.equal(top?.name, "wisp_irq");
});

test("functions of Rust are stepped through, and findings there come to their splats", async (t) => {
	const run = (...args: readonly string[]) =>
		spawnSync(process.execPath, ["server/bin/might-sleep.js", "simulate", ...args], { cwd: ROOT, encoding: "utf8" });
	const stepped = run("--root", SAMPLE, "Ports::add");
	assert.match(stepped.stdout, /sleeping function called from invalid context at wisp_rust\.rs:44/);
	assert.match(stepped.stdout, /#0: \(&self->ports\)/);
	const lines = readFileSync(join(SAMPLE, "wisp_rust.rs"), "utf8").split("\n");
	for (const piece of ["ports.push(Port { id }, GFP_KERNEL)?;", "synchronize_rcu()", "krealloc("]) {
		const line = 1 + lines.findIndex((text) => text.includes(piece));
		const { stdout, stderr } = run("--finding", `wisp_rust.rs:${line}`, SAMPLE);
		assert.match(stdout, /the splat that the finding predicts/, `${piece}: ${stderr}`);
	}

	const client = await LspClient.start({ folder: SAMPLE });
	t.after(() => client.kill());
	await client.ready();
	const { pipe } = await client.request<{ readonly pipe: string }>("might-sleep/debugPipe", {});
	const socket = connect(pipe);
	t.after(() => socket.destroy());
	const dap = new DapClient(socket, socket);
	await dap.launch({ function: "Ports::add", file: join(SAMPLE, "wisp_rust.rs") });
	const [top] = await dap.frames();
	assert.equal(top?.name, "Ports::add");
	assert.equal(top?.line, 43);
});
