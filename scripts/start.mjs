// Opens the extension on a tree, or on the bundled sample: in desktop VS Code where there is one, else in
// the browser build at a printed address, until Ctrl+C.

import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { build, compiled, install, must, packExtension, ROOT, VSIX } from "./steps.mjs";

const tree = resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2] ?? join(ROOT, "samples/wisp"));
if (!statSync(tree, { throwIfNoEntry: false })?.isDirectory()) {
	console.error(`npm start: ${tree} is not a folder`);
	process.exit(2);
}
install();
build();
if (hasDesktop()) openDesktop();
else await openBrowserBuild();

function hasDesktop() {
	const screen = process.platform !== "linux" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
	if (!screen) return false;
	return spawnSync("code", ["--version"], { stdio: "ignore", shell: process.platform === "win32" }).status === 0;
}

function openDesktop() {
	// as root, VS Code wants a profile folder of its own
	const asRoot =
		process.getuid?.() === 0 ? ["--no-sandbox", `--user-data-dir=${homedir()}/.cache/might-sleep/desktop`] : [];
	must("code", ["--new-window", `--extensionDevelopmentPath=${ROOT}`, ...asRoot, tree]);
	console.log(`opened ${tree} in desktop VS Code`);
}

async function openBrowserBuild() {
	const { cacheFolder, installHost, serve } = await compiled("vscode/host.js");
	try {
		const host = installHost(console.log);
		packExtension();
		const root = join(cacheFolder(), "start");
		const settings = { "git.enabled": true, "editor.hover.delay": 300 };
		const { origin, group } = await serve(host, { root, vsix: [VSIX], settings, extra: [], port: 0 });
		console.log(`\nmight-sleep is open on ${tree}\n  ${origin}/?folder=${encodeURI(tree)}\nCtrl+C ends it`);
		process.exitCode = Math.max(0, await group.ended);
	} catch (error) {
		console.error(`npm start: ${error.message}`);
		process.exit(2);
	}
}
