// Opens a whole kernel tree in a real VS Code and walks through what a developer does there: node
// test/out/vscode/tree.js TREE FILE:LINE, where the line has a finding. Prints how long each step took; pictures
// of all steps go to test/screenshots/tree. Not part of the tests, which need no kernel tree.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { openBrowser } from "./browser.js";
import { installHost, serve } from "./host.js";
import { ROOT, SCREENSHOTS } from "./places.js";
import { until, Workbench, waitFor } from "./workbench.js";

const VSIX = join(ROOT, "dist/might-sleep.vsix");
const INDEX_MS = 600_000;

const [treeArgument, place] = process.argv.slice(2);
const [, file = "", lineText = ""] = /^(.+):(\d+)$/.exec(place ?? "") ?? [];
if (treeArgument === undefined || file === "") fail("usage: npm run e2e:tree -- TREE FILE:LINE");
const tree = resolve(treeArgument);
if (!statSync(join(tree, file), { throwIfNoEntry: false })?.isFile()) fail(`${join(tree, file)} is no file`);
if (!existsSync(VSIX)) fail(`${VSIX} is missing: npm run package -- ${VSIX}`);
const line = Number(lineText);

const scratch = mkdtempSync(join(tmpdir(), "might-sleep-tree-"));
const times: Record<string, number> = {};
const host = installHost(console.error);
const server = await serve(host, { root: join(scratch, "root"), vsix: [VSIX], settings: {}, extra: [], port: 0 });
const session = await openBrowser();
const bench = new Workbench(session.page, join(SCREENSHOTS, "tree"));
const { page } = session;
try {
	await walkThrough();
} catch (error) {
	await bench.picture("failed");
	console.error(error);
	process.exitCode = 1;
} finally {
	console.log(JSON.stringify(times, null, "\t"));
	await session.close();
	await server.group.stop();
	rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}

async function walkThrough(): Promise<void> {
	const opened = Date.now();
	await timed("workbench", () => bench.open(server.origin, tree, join(tree, file)));
	const tab = page.locator(`.tab.active[data-resource-name="${basename(file)}"]`);
	await timed("open the file", () => tab.waitFor({ timeout: 60_000 }));
	await bench.goTo(line);
	await timed("first hover, while the tree is read", () => bench.hover(/\S/));
	await bench.picture("hover-while-reading");
	await page.keyboard.press("Escape");
	await bench.picture("progress");
	await waitFor("the index", INDEX_MS, isReady);
	times["whole tree known, since the folder was opened"] = Date.now() - opened;
	await bench.picture("ready");
	await timed("diagnostics after the index", () =>
		waitFor("a squiggle", 60_000, async () => (await page.locator(".squiggly-error").count()) > 0),
	);
	await bench.problems();
	await bench.picture("problems");
	await bench.hidePanel();
	await bench.goTo(line, columnOfCall());
	await timed("hover", () => bench.hover(/confidence/));
	await bench.picture("hover");
	await page.keyboard.press("Escape");
	await timed("quick fixes", () => bench.quickFixes());
	await bench.picture("quick-fixes");
	await page.keyboard.press("Escape");
	await callHierarchy();
	await stepThrough();
}

async function callHierarchy(): Promise<void> {
	const rows = page.locator('.call-hierarchy[data-state="data"] .monaco-list-row');
	await timed("call hierarchy", async () => {
		await bench.command("Peek Call Hierarchy");
		await waitFor("callers", 30_000, async () => (await rows.count()) > 0);
	});
	await bench.picture("call-hierarchy");
	await page.keyboard.press("Escape");
}

async function stepThrough(): Promise<void> {
	await page.keyboard.press("Control+Shift+D");
	await timed("step through: to the entry", async () => {
		await bench.command("Step Through the Function at the Cursor");
		await page.locator(".debug-top-stack-frame-line").first().waitFor({ timeout: 60_000 });
	});
	await bench.picture("debug-entry");
	const splat = page.locator(".exception-widget", { hasText: "invalid context" });
	await timed("step through: to the splat", () =>
		until(
			"the splat",
			120_000,
			async () => {
				if (await page.locator(".quick-input-widget").isVisible()) await page.keyboard.press("Escape");
				await page.keyboard.press("F10");
			},
			() => splat.isVisible(),
		),
	);
	await bench.picture("debug-splat");
}

/** A column in the first call of the line, as the editor counts: a tab is what it shows. */
function columnOfCall(): number {
	const text = readFileSync(join(tree, file), "utf8").split("\n")[line - 1] ?? "";
	const call = Math.max(0, text.search(/\w\w*\(/));
	return text.slice(0, call).replaceAll("\t", " ".repeat(4)).length + 2;
}

async function isReady(): Promise<boolean> {
	const item = page.locator('.statusbar-item[id="might-sleep.might-sleep.might-sleep.status"]');
	return /might-sleep$/.test((await item.textContent())?.trim() ?? "");
}

async function timed(name: string, act: () => Promise<unknown>): Promise<void> {
	const start = Date.now();
	await act();
	times[name] = Date.now() - start;
	console.error(`${basename(tree)}: ${name} ${times[name]} ms`);
}

function fail(message: string): never {
	console.error(message);
	process.exit(2);
}
