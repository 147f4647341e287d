// The extension as a person meets it: installed from the .vsix into a VS Code in a real browser, on a copy of
// the sample. Pictures of every step stay in test/screenshots.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { openBrowser, type Session } from "./browser.js";
import {
	breakOnChange,
	drag,
	endSession,
	fits,
	highContrast,
	machine,
	move,
	panelPicture,
	reach,
	scrub,
	shownLine,
	stopsWith,
	toggleTheme,
	variableSays,
} from "./debugging.js";
import { installHost, ORPHANS_END, type Server, serve } from "./host.js";
import { ROOT, SAMPLE, SCREENSHOTS } from "./places.js";
import { until, Workbench, waitFor } from "./workbench.js";

const TAB = 4;
const VSIX = join(ROOT, "dist/might-sleep.vsix");

/** Places of the sample whose hovers are looked at: a piece of the line, the word in it, what the hover says. */
const EXAMPLES: readonly {
	readonly file: string;
	readonly line: string;
	readonly word: string;
	readonly says: RegExp;
}[] = [
	{ file: "wisp_rust.rs", line: "Port { id }, GFP_KERNEL", word: "GFP_KERNEL", says: /atomic.*not valid here/s },
	{ file: "wisp_rust.rs", line: "Box::try_new_atomic", word: "try_new_atomic", says: /GFP_ATOMIC.*built in/s },
	{ file: "io.c", line: "kmalloc(WISP_BUFFER_SIZE", word: "GFP_KERNEL", says: /not valid here.*must not start I\/O/s },
	{ file: "pool.c", line: "kcalloc(", word: "GFP_ATOMIC", says: /process.*not needed.*3\/8 of the min watermark/s },
	{
		file: "route.c",
		line: "\t\tsynchronize_rcu();",
		word: "synchronize_rcu",
		says: /atomic.*RCU read side.*waits for a grace period/s,
	},
	{ file: "reserve.c", line: "wisp_entry_new(code, GFP_NOWAIT)", word: "GFP_NOWAIT", says: /valid here/ },
];

/** GFP_KERNEL in wisp_vport_create(), found in the text so that the sample can be edited. */
const FLAG = placeOf("vport.c", "GFP_KERNEL");

let scratch: string;
let server: Server;
let session: Session;
let bench: Workbench;

before(
	async () => {
		assert.ok(existsSync(VSIX), "npm test packs the extension first");
		scratch = mkdtempSync(join(tmpdir(), "might-sleep-ui-"));
		const folder = join(scratch, "wisp");
		cpSync(SAMPLE, folder, { recursive: true });
		for (const name of ["duo.c", "duo.json"]) cpSync(join(ROOT, "test/fixtures/dap", name), join(folder, name));
		const host = installHost(console.log);
		server = await serve(host, {
			root: join(scratch, "root"),
			vsix: [VSIX],
			settings: {},
			extra: ORPHANS_END,
			port: 0,
		});
		session = await openBrowser();
		bench = new Workbench(session.page, SCREENSHOTS);
		await bench.open(server.origin, folder);
	},
	{ timeout: 180_000 },
);

after(async () => {
	await session?.close();
	await server?.group.stop();
	rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
});

/** One line on; a question that is on the screen gets its default. */
async function stepOver(): Promise<void> {
	if (await session.page.locator(".quick-input-widget").isVisible()) await session.page.keyboard.press("Escape");
	await session.page.keyboard.press("F10");
}

function statusItem(): Locator {
	return session.page.locator('.statusbar-item[id="might-sleep.might-sleep.might-sleep.status"]');
}

/** Where a word is on the first line, comments aside, that has the text. */
function placeOf(file: string, text: string, word = text): { line: number; column: number } {
	const lines = readFileSync(join(SAMPLE, file), "utf8").split("\n");
	const line = lines.findIndex((one) => one.includes(text) && !/^ ?[/*]/.test(one));
	const before = (lines[line] ?? "").split(word)[0] ?? "";
	// the editor counts a tab as what it shows
	return { line: line + 1, column: before.replaceAll("\t", " ".repeat(TAB)).length + 1 };
}

/** A step that fails leaves a picture of what was there instead. */
function step(name: string, act: () => Promise<void>): void {
	test(name, { timeout: 120_000 }, async () => {
		try {
			await act();
		} catch (error) {
			await bench.picture(`failed ${name.replaceAll(/[^a-zA-Z]+/g, "-")}`);
			throw error;
		}
	});
}

step("the status bar says that the tree is ready", async () => {
	await bench.openFile("vport.c");
	await waitFor("the index", 60_000, async () => /might-sleep$/.test((await statusItem().textContent())?.trim() ?? ""));
	await bench.picture("status");
});

step("code lenses name contexts and callers", async () => {
	// VS Code brings those up to date that are in view
	const lens = session.page.locator(".codelens-decoration a:visible", { hasText: "caller" });
	await until(
		"code lenses of the whole tree",
		30_000,
		() => bench.focusEditor(),
		async () => {
			const texts = await lens.allTextContents();
			return texts.length > 0 && texts.every((text) => !text.includes("partial"));
		},
	);
	assert.match((await lens.first().textContent()) ?? "", /process.*1 caller/);
});

step("a wrong flag is underlined, and Problems shows both chains", async () => {
	await waitFor("a squiggle", 60_000, async () => (await session.page.locator(".squiggly-error").count()) > 0);
	const rows = await bench.problems();
	const has = (...words: string[]) => rows.some((row) => words.every((word) => row.includes(word)));
	assert.ok(has("gfp-sleeps-in-atomic"), rows.join("\n"));
	assert.ok(has("irq-flavour-mismatch"), rows.join("\n"));
	assert.ok(has("atomic because", "wisp_vport_create"), rows.join("\n"));
	assert.ok(has("sleeps because"), rows.join("\n"));
	await bench.picture("diagnostics");
});

step("the hover on the flag begins with the verdict", async () => {
	await bench.goTo(FLAG.line, FLAG.column);
	await bench.hidePanel();
	const text = await bench.hover(/confidence high/);
	assert.match(text, /atomic/);
	assert.match(text, /wisp->lock/);
	assert.match(text, /GFP_ATOMIC/);
	await bench.picture("hover");
	await session.page.keyboard.press("Escape");
});

step("a helper's finding tells the way from the interrupt to it", async () => {
	await bench.openFile("pool.c");
	const flag = placeOf("pool.c", "GFP_KERNEL");
	await bench.goTo(flag.line, flag.column);
	const rows = async () => (await bench.problems()).join("\n");
	await waitFor("the chain", 30_000, async () => /wisp_irq\(\) calls wisp_event_add\(\)/.test(await rows()));
	assert.match(await rows(), /request_irq/);
	const lens = session.page.locator(".codelens-decoration a", { hasText: "2 callers" });
	await until(
		"the code lens",
		30_000,
		() => bench.focusEditor(),
		async () => (await lens.count()) > 0,
	);
	assert.match((await lens.first().textContent()) ?? "", /hardirq.*process/);
	await bench.picture("chains");
	await bench.openFile("vport.c");
});

step("each kind of example has its hover, in C and in Rust", async () => {
	for (const [i, { file, line, word, says }] of EXAMPLES.entries()) {
		await bench.openFile(file);
		const place = placeOf(file, line, word);
		await bench.goTo(place.line, place.column + 1);
		await bench.hidePanel();
		const text = await bench.hover(says);
		assert.match(text, /confidence/, `${file}:${place.line}`);
		await bench.picture(`example-${i + 1}-${file.replace(".", "-")}`);
		await session.page.keyboard.press("Escape");
	}
});

step("a fix in Rust writes the tree's own name and the flag", async () => {
	await bench.openFile("wisp_rust.rs");
	const place = placeOf("wisp_rust.rs", "ports.try_push", "try_push");
	await bench.goTo(place.line, place.column + 1);
	const titles = await bench.quickFixes();
	const title = titles.find((one) => one.includes("push(…, GFP_ATOMIC)"));
	assert.ok(title, titles.join("\n"));
	await bench.picture("rust-quick-fix");
	await bench.applyQuickFix(title);
	await waitFor("the new call", 10_000, async () =>
		(await bench.visibleText()).includes("push(Port { id }, GFP_ATOMIC)"),
	);
	await bench.picture("rust-fixed");
	await bench.openFile("vport.c");
});

step("stepping through the function ends at the kernel's splat", async () => {
	const { page } = session;
	await bench.goTo(FLAG.line, FLAG.column);
	await page.keyboard.press("Control+Shift+D");
	await bench.command("Step Through the Function at the Cursor");
	await page.locator(".debug-toolbar").waitFor({ timeout: 60_000 });
	await page.locator(".debug-top-stack-frame-line").first().waitFor({ timeout: 30_000 });
	await page.locator(".debug-variables .monaco-list-row", { hasText: "preempt_count" }).waitFor({ timeout: 30_000 });
	await bench.picture("debug-entry");
	const splat = page.locator(".exception-widget", { hasText: "sleeping function called from invalid context" });
	await until(
		"the splat",
		60_000,
		() => stepOver(),
		() => splat.isVisible(),
	);
	const variables = (await page.locator(".debug-variables .monaco-list-row").allInnerTexts()).join("\n");
	assert.match(variables, /preempt_count/);
	assert.match(variables, /irqs/);
	await bench.picture("debug-splat");
});

step("the debugger steps back, and the panel follows", async () => {
	const lanes = machine(bench).locator(".lanes");
	await lanes.waitFor({ timeout: 20_000 });
	assert.equal(await shownLine(bench), FLAG.line);
	const texts = (await lanes.locator("text").allTextContents()).join(" ");
	for (const word of ["CPU 0", "task/1000", "irqs off", "PREEMPT", "held"]) assert.ok(texts.includes(word), texts);
	assert.equal(await lanes.locator(".mark.splat").count(), 1);
	assert.equal(await move(bench, "F10"), FLAG.line + 1);
	assert.equal(await move(bench, "Alt+F10"), FLAG.line);
	assert.equal(await move(bench, "Alt+F10"), FLAG.line - 1);
	await machine(bench).locator(".verdict.sleeps").waitFor({ timeout: 10_000 });
	await bench.picture("debug-back");
});

step("a data breakpoint stops where interrupts change, in both directions", async () => {
	await breakOnChange(bench, "irqs");
	await session.page.keyboard.press("F5");
	await stopsWith(bench, "Changed: irqs");
	await machine(bench).locator(".verdict.atomic").waitFor({ timeout: 10_000 });
	await reach(bench, "F10", FLAG.line + 8);
	await variableSays(bench, "irqs", "enabled, was disabled");
	await bench.picture("debug-data");
	await reach(bench, "Alt+F5", FLAG.line - 1);
	await stopsWith(bench, "Changed: irqs");
});

step("the panel is scrubbed, and the debugger follows", async () => {
	await scrub(bench, "End", FLAG.line + 8);
	await scrub(bench, "Home", FLAG.line - 1);
	const shown = await drag(bench, 0.6);
	await waitFor("a step in the middle", 10_000, async () => (await shownLine(bench)) > FLAG.line);
	assert.ok(shown >= 0);
	const choice = machine(bench).locator(".choices .option").first();
	await choice.waitFor({ timeout: 10_000 });
	await fits(bench);
	await bench.picture("panel");
});

step("a line of the console leads to its step", async () => {
	const { page } = session;
	await scrub(bench, "Home", FLAG.line - 1);
	await page.keyboard.press("Control+Shift+Y");
	const link = page.locator(".repl a", { hasText: "/step/" }).first();
	await until(
		"the line of the splat",
		20_000,
		() => link.click({ modifiers: ["ControlOrMeta"], timeout: 3000 }),
		async () => (await shownLine(bench)) === FLAG.line,
	);
	await bench.picture("console-link");
	await bench.command("Show the Simulated Machine");
	await machine(bench).locator(".lanes").waitFor({ timeout: 10_000 });
});

step("the panel reads well in other themes and widths", async () => {
	const { page } = session;
	await bench.command("View: Toggle Maximized Panel");
	await page.keyboard.press("Control+B");
	for (const width of [1200, 400]) await panelPicture(bench, width, `panel-light-${width}`);
	await toggleTheme(bench);
	for (const width of [1200, 400]) await panelPicture(bench, width, `panel-dark-${width}`);
	for (const scheme of ["dark", "light"] as const) {
		await highContrast(bench, scheme);
		for (const width of [1200, 400]) await panelPicture(bench, width, `panel-contrast-${scheme}-${width}`);
	}
	await highContrast(bench, null);
	await page.setViewportSize({ width: 1280, height: 800 });
	await page.keyboard.press("Control+B");
	await bench.command("View: Toggle Maximized Panel");
	await toggleTheme(bench);
});

step("the session ends, and so does what the panel shows", async () => {
	await endSession(bench);
	await machine(bench).locator(".idle").waitFor({ timeout: 10_000 });
});

step("a scenario has a lane for each CPU, and an interrupt comes by a button", async () => {
	await session.page.keyboard.press("Control+Shift+E");
	await bench.openFile("duo.json");
	await session.page.keyboard.press("Control+Shift+D");
	await bench.command("Step Through This Scenario");
	const page = machine(bench);
	await page.locator(".lanes text", { hasText: "CPU 1" }).waitFor({ timeout: 30_000 });
	await page.locator(".action", { hasText: "interrupt duo" }).click({ timeout: 10_000 });
	await page.locator(".lanes .bar.hardirq").waitFor({ timeout: 10_000 });
	assert.equal(await shownLine(bench), 26);
	const stack = await session.page.locator(".debug-call-stack .monaco-list-row").allInnerTexts();
	assert.ok(
		stack.some((row) => row.includes("two/1001")),
		stack.join("\n"),
	);
	await variableSays(bench, "irqs", "disabled");
	await bench.picture("scenario");
	await endSession(bench);
	await session.page.keyboard.press("Control+Shift+E");
	await bench.openFile("vport.c");
	await bench.hidePanel();
});

step("a scenario of the extension opens with its page, and can be stepped through", async () => {
	const { page } = session;
	await bench.commandThatAsks("Open a Scenario", "A program for the simulated kernel");
	const row = page.locator(".quick-input-widget .monaco-list-row", { hasText: "rcu-sleep" }).first();
	await until(
		"the scenario in the list",
		20_000,
		() => page.locator('.quick-input-widget:visible input[type="text"]').fill("rcu-sleep"),
		() => row.isVisible(),
	);
	await bench.picture("scenario-list");
	await row.click();
	await page.locator('.tab[data-resource-name="rcu-sleep.json"]').waitFor({ timeout: 20_000 });
	const preview = 'iframe.webview.ready[src*="extensionId=vscode.markdown"]';
	const shown = page.frameLocator(preview).frameLocator("#active-frame");
	await shown.locator("h1", { hasText: "Sleeping in an RCU reader" }).waitFor({ timeout: 30_000 });
	await bench.picture("scenario-page");
	// A link of the page leads to the same copy, which is open.
	await shown.locator("a", { hasText: "rcu-sleep" }).first().click();
	await page.locator('.tab.active[data-resource-name="rcu-sleep.json"]').waitFor({ timeout: 20_000 });
	assert.equal(await page.locator('.tab[data-resource-name="rcu-sleep.json"]').count(), 1, "one file, not two");
	await page.locator('.tab[data-resource-name="rcu-sleep.json"]').click();
	await bench.command("Step Through This Scenario");
	await page.locator(".debug-toolbar").waitFor({ timeout: 60_000 });
	await page.locator(".tab.active", { hasText: "config.c" }).waitFor({ timeout: 30_000 });
	await machine(bench).locator(".lanes text", { hasText: "CPU 1" }).waitFor({ timeout: 30_000 });
	await bench.picture("scenario-stepping");
	await endSession(bench);
	await machine(bench).locator("button", { hasText: "Open a scenario" }).waitFor({ timeout: 10_000 });
	await bench.command("View: Close All Editors");
});

step("the walkthrough shows a page and steps through its scenario", async () => {
	const { page } = session;
	await bench.commandThatAsks("Welcome: Open Walkthrough", "Select a walkthrough");
	const pick = page.locator(".quick-input-widget .monaco-list-row", { hasText: "Step through a simulated kernel" });
	await pick.first().click({ timeout: 20_000 });
	const button = page.locator(".getting-started-step.expanded .monaco-button", { hasText: "alloc-kernel" });
	await button.waitFor({ timeout: 20_000 });
	await bench.picture("walkthrough");
	await button.click();
	await page.locator(".debug-toolbar").waitFor({ timeout: 60_000 });
	await page.locator(".tab.active", { hasText: "port.c" }).waitFor({ timeout: 30_000 });
	await bench.picture("walkthrough-stepping");
	await endSession(bench);
	await bench.command("View: Close All Editors");
	await page.keyboard.press("Control+Shift+E");
	await bench.openFile("vport.c");
	await bench.hidePanel();
});

step("the quick fix writes another flag, and the finding goes", async () => {
	await bench.goTo(FLAG.line, FLAG.column);
	const titles = await bench.quickFixes();
	const title = titles.find((one) => one.includes("GFP_ATOMIC"));
	assert.ok(title, titles.join("\n"));
	await bench.picture("quick-fix");
	await bench.applyQuickFix(title);
	await waitFor("the new flag", 10_000, async () => !(await bench.visibleText()).includes("GFP_KERNEL"));
	await waitFor("the finding to go", 20_000, async () => {
		const rows = await bench.problems();
		return !rows.some((row) => row.includes("kzalloc() with GFP_KERNEL"));
	});
	await bench.picture("fixed");
});

step("a bigger tree shows the progress of its index", async () => {
	const folder = join(scratch, "bigger");
	mkdirSync(folder);
	const body = readFileSync(join(SAMPLE, "pool.c"), "utf8").replaceAll(/^\/\*[\s\S]*?\*\/$/gm, "");
	for (let i = 0; i < 600; i++) {
		const copies = Array.from({ length: 25 }, (_, k) => body.replaceAll(/\bwisp_(\w+)\(/g, `wisp_$1_${i}_${k}(`));
		writeFileSync(join(folder, `file${i}.c`), copies.join("\n"));
	}
	await bench.open(server.origin, folder);
	await bench.openFile("file0.c");
	await waitFor("a percentage", 60_000, async () => / [1-9][0-9] %/.test((await statusItem().textContent()) ?? ""));
	await bench.picture("progress");
	await waitFor("the end of it", 60_000, async () =>
		/might-sleep$/.test((await statusItem().textContent())?.trim() ?? ""),
	);
});

step("nothing was asked of another host", async () => {
	assert.deepEqual(session.refused, []);
});
