// The extension as a person meets it: installed from the .vsix into a VS Code in a real browser, on a copy of
// the sample. Pictures of every step stay in test/screenshots.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser, type Session } from "./browser.js";
import { installHost, ORPHANS_END, type Server, serve } from "./host.js";
import { ROOT, SAMPLE, SCREENSHOTS } from "./places.js";
import { Workbench, waitFor } from "./workbench.js";

const VSIX = join(ROOT, "dist/might-sleep.vsix");

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

/** A step that fails leaves a picture of what was there instead. */
function step(name: string, act: () => Promise<void>): void {
	test(name, { timeout: 120_000 }, async () => {
		try {
			await act();
		} catch (error) {
			await bench.picture(`failed ${name.replaceAll(/[^a-z]+/g, "-")}`);
			throw error;
		}
	});
}

step("the status bar says that the tree is ready", async () => {
	await bench.openFile("vport.c");
	const item = session.page.locator('.statusbar-item[id="might-sleep.might-sleep.might-sleep.status"]');
	await waitFor("the status item", 60_000, async () => /might-sleep$/.test((await item.textContent())?.trim() ?? ""));
	await bench.picture("status");
});

step("nothing was asked of another host", async () => {
	assert.deepEqual(session.refused, []);
});
