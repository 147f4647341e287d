// Stands in for the desktop executable that @vscode/test-electron starts: same arguments, same exit status,
// but the workbench runs in the browser build. Chromium plays the window.

import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBrowser } from "./browser.js";
import { installHost, ORPHANS_END, serve } from "./host.js";

const TIMEOUT = 180_000;

interface Arguments {
	readonly development: string;
	readonly tests: string;
	readonly folder: string;
}

function parse(args: readonly string[]): Arguments {
	const value = (name: string): string => {
		const found = args.find((arg) => arg.startsWith(`--${name}=`));
		if (found === undefined) throw new Error(`--${name}= is missing`);
		return found.slice(name.length + 3);
	};
	const folder = args.find((arg) => !arg.startsWith("-"));
	if (folder === undefined) throw new Error("no folder is named");
	return { development: value("extensionDevelopmentPath"), tests: value("extensionTestsPath"), folder };
}

async function main(): Promise<number> {
	const { development, tests, folder } = parse(process.argv.slice(2));
	const root = mkdtempSync(join(tmpdir(), "might-sleep-shim-"));
	const host = installHost(console.error);
	const extra = ["--vscode-option", "enable-smoke-test-driver", ...ORPHANS_END];
	const server = await serve(host, { root, vsix: [], settings: {}, extra, port: 0 });
	const session = await openBrowser();
	try {
		const { page } = session;
		const exit = new Promise<number>((resolve) => void page.exposeFunction("codeAutomationExit", resolve));
		await page.exposeFunction("codeAutomationLog", (level: string, lines: unknown[]) =>
			log(`${level}: ${lines.join(" ")}`),
		);
		const remote = `vscode-remote://${new URL(server.origin).host}`;
		const payload = [
			["extensionDevelopmentPath", remote + development],
			["extensionTestsPath", remote + tests],
			["skipWelcome", "true"],
			["skipReleaseNotes", "true"],
		];
		const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
		await page.goto(`${server.origin}/?${query}`);
		const late = new Promise<number>((resolve) => setTimeout(resolve, TIMEOUT, 124).unref());
		const status = await Promise.race([exit, late]);
		log(`exit status ${status}; the server said:\n${server.group.output()}`);
		if (session.refused.length === 0) return status;
		console.error(`asked of other hosts: ${session.refused.join(" ")}`);
		return 1;
	} finally {
		await session.close();
		await server.group.stop();
		rmSync(root, { recursive: true, force: true, maxRetries: 5 });
	}
}

/** The workbench and the extension host say a lot; it is kept for whom a failure sends looking. */
function log(text: string): void {
	const file = process.env.MIGHT_SLEEP_TEST_LOG;
	if (file !== undefined) appendFileSync(file, `${text}\n`);
}

process.exit(await main());
