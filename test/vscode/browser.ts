// Headless Chromium for the tests: found on the machine, installed with apt-get where that is allowed.
// Whatever it asks of another host than this one is refused and recorded.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { run } from "./process.js";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const ARGS = [
	...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
	...["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
];

/** The browser's path; installs Debian's package when there is none and this runs as root. */
export function findChromium(log: (line: string) => void): string {
	const found = process.env.CHROMIUM ?? onPath();
	if (found) return found;
	if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
		log("installing chromium with apt-get");
		const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
		run("apt-get", ["update", "-q"], "/", env);
		run("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], "/", env);
		const installed = onPath();
		if (installed) return installed;
	}
	throw new Error("the tests in VS Code need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM");
}

function onPath(): string | undefined {
	for (const folder of (process.env.PATH ?? "").split(delimiter)) {
		for (const name of NAMES) if (existsSync(join(folder, name))) return join(folder, name);
	}
	return undefined;
}

export interface Session {
	readonly browser: Browser;
	readonly page: Page;
	/** addresses on other hosts that something asked for */
	readonly refused: readonly string[];
	readonly close: () => Promise<void>;
}

export async function openBrowser(): Promise<Session> {
	const browser = await chromium.launch({ executablePath: findChromium(() => {}), headless: true, args: ARGS });
	const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 800 } });
	const refused: string[] = [];
	await context.route("**/*", (route) => {
		const { protocol, hostname, href } = new URL(route.request().url());
		if (!/^(http|https|ws|wss):$/.test(protocol) || isLoopback(hostname)) return route.continue();
		refused.push(href);
		return route.abort();
	});
	const page = await context.newPage();
	return { browser, page, refused, close: () => browser.close() };
}

function isLoopback(host: string): boolean {
	return host === "127.0.0.1" || host === "localhost" || host === "[::1]" || host.endsWith(".localhost");
}
