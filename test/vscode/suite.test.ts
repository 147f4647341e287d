// Runs the suite in the extension host through @vscode/test-electron. The executable is the browser build
// unless VSCODE_TEST=desktop asks for a desktop VS Code, which test-electron then downloads.

import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runTests } from "@vscode/test-electron";
import { ROOT, SAMPLE, SCREENSHOTS } from "./places.js";
import type { Result } from "./suite/index.js";

test("the extension in the extension host", { timeout: 300_000 }, async (t) => {
	mkdirSync(SCREENSHOTS, { recursive: true });
	const scratch = mkdtempSync(join(tmpdir(), "might-sleep-suite-"));
	t.after(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
	// one unexplained death of the host in a hundred runs has been seen: what counts is a report
	const results = (await runSuite(scratch, "1")) ?? (await runSuite(scratch, "2"));
	assert.ok(results && results.length > 0, "the suite ran and wrote its report");
	for (const result of results) {
		await t.test(`${result.name} (${result.ms} ms in the host)`, () => {
			if (result.error !== "") throw new Error(result.error);
		});
	}
});

/** Null when the host ended without a report. */
async function runSuite(scratch: string, attempt: string): Promise<readonly Result[] | null> {
	const workspace = join(scratch, attempt);
	const report = join(scratch, `${attempt}.json`);
	cpSync(SAMPLE, workspace, { recursive: true });
	try {
		await runTests({
			...(process.env.VSCODE_TEST === "desktop" ? {} : { vscodeExecutablePath: writeShim(scratch) }),
			extensionDevelopmentPath: ROOT,
			extensionTestsPath: join(ROOT, "test/out/suite.cjs"),
			launchArgs: [workspace],
			extensionTestsEnv: {
				MIGHT_SLEEP_TEST_REPORT: report,
				MIGHT_SLEEP_TEST_LOG: join(SCREENSHOTS, "extension-host.log"),
			},
		});
	} catch (error) {
		console.log(`the host ended with: ${error}`);
	}
	try {
		return JSON.parse(readFileSync(report, "utf8")) as Result[];
	} catch {
		return null;
	}
}

function writeShim(folder: string): string {
	const path = join(folder, "code");
	writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, "test/out/vscode/shim.js")}" "$@"\n`);
	chmodSync(path, 0o755);
	return path;
}
