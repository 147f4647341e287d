// The steps that start and test share: install, build, package. Only node's own modules are imported, for on
// a clean clone there is nothing else yet.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
export const VSIX = join(ROOT, "dist/might-sleep.vsix");

/** Runs a program with our streams; returns its exit status. */
export function status(file, args) {
	const done = spawnSync(file, args, { cwd: ROOT, stdio: "inherit", shell: process.platform === "win32" });
	if (done.error) console.error(`${file}: ${done.error.message}`);
	return done.status ?? 1;
}

/** Runs a program; ends this process with its status when it fails. */
export function must(file, args) {
	const code = status(file, args);
	if (code !== 0) process.exit(code);
}

/** Installs the dependencies that the lock file names, unless they are there. */
export function install() {
	const [major = 0] = process.versions.node.split(".").map(Number);
	if (major < 20) {
		console.error(`might-sleep needs Node.js 20 or newer; this is ${process.versions.node}`);
		process.exit(2);
	}
	// not `npm ci`: it fails where a registry lacks the optional packages of other platforms
	const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
	if (!isInstalled()) must("npm", ["install", "--no-save", ...quiet]);
}

function isInstalled() {
	const there = join(ROOT, "node_modules/.package-lock.json");
	if (!existsSync(there)) return false;
	const installed = JSON.parse(readFileSync(there, "utf8")).packages;
	const wanted = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
	return Object.entries(wanted).every(
		([path, { version, optional, link }]) =>
			!path.includes("node_modules/") || optional || link || installed[path]?.version === version,
	);
}

export function build() {
	must("npm", ["run", "--silent", "build"]);
}

export function packExtension() {
	const done = spawnSync(process.execPath, [join(ROOT, "scripts/package.mjs"), VSIX], { cwd: ROOT, encoding: "utf8" });
	if (done.status === 0) return;
	console.error(`${done.stdout}${done.stderr}`);
	process.exit(1);
}

/** A module of the compiled tests: the host of the browser build lives there. */
export function compiled(path) {
	return import(pathToFileURL(join(ROOT, "test/out", path)).href);
}
